//! A person asks for a person; a patient; a guard needs others: what each kind says. Decides nothing.

use super::words::{
    Ambulance, CallOff, Choice, EmergencyOver, HelpOver, KnownBy, Language, NothingToDo, PatientIs, SituationOver,
    Source, ToDo,
};
use super::{Declaration, MayText, Of, declare};
use crate::event::Kind;
use schemars::JsonSchema;

/// The states of such a case.
const HELP: &[&str] = &["asked", "coming", "attended", "closed"];

/// The states of such a case.
const EMERGENCY: &[&str] = &["requested", "placed", "helping", "settled", "ended", "closed"];

/// The states of such a case.
const SITUATION: &[&str] = &["alerted", "coming", "attended", "closed"];

declare! {
    /// Somebody at the glass wants a person. Urgent.
    HelpRequested: Of::Case(HELP), HelpRequested;
    /// Somebody came, or is not wanted any more.
    HelpClosed: Of::Case(HELP), HelpClosed, HelpClosedPerson;
    /// Somebody is ill or hurt. Urgent.
    EmergencyRequested: Of::Case(EMERGENCY), EmergencyRequested;
    /// Where, and whom to ring. Urgent.
    EmergencyPlaced: Of::Case(EMERGENCY), EmergencyPlaced, EmergencyPlacedPerson;
    /// What was chosen for the patient. Urgent.
    EmergencyChosen: Of::Case(EMERGENCY), EmergencyChosen;
    /// Who goes, by name. Urgent.
    EmergencyGuardNamed: Of::Case(EMERGENCY), EmergencyGuardNamed, EmergencyGuardNamedPerson;
    /// How the patient is. Urgent.
    EmergencyCondition: Of::Case(EMERGENCY), EmergencyCondition, EmergencyConditionPerson;
    /// Whether a relative is with the patient. Urgent.
    EmergencyRelative: Of::Case(EMERGENCY), EmergencyRelative;
    /// The ambulance was called, or is there. Urgent.
    EmergencyAmbulance: Of::Case(EMERGENCY), EmergencyAmbulance;
    /// The patient is in good hands. Urgent.
    EmergencySettled: Of::Case(EMERGENCY);
    /// Whether more help is needed. Urgent.
    EmergencyMoreHelp: Of::Case(EMERGENCY), EmergencyMoreHelp;
    /// Nothing more is to be done now. Urgent.
    EmergencyEnded: Of::Case(EMERGENCY), EmergencyEnded;
    /// Somebody asked afterwards how the patient is.
    EmergencyCalledBack: Of::Case(EMERGENCY), EmergencyCalledBack;
    /// It was not needed after all. Urgent.
    EmergencyCalledOff: Of::Case(EMERGENCY), EmergencyCalledOff, MayText;
    /// The emergency is over.
    EmergencyClosed: Of::Case(EMERGENCY), EmergencyClosed;
    /// A guard needs others, silently; or somebody on the watch-list is there. Urgent.
    SituationAlerted: Of::Case(SITUATION), SituationAlerted, SituationAlertedPerson;
    /// It is over.
    SituationClosed: Of::Case(SITUATION), SituationClosed;
}

/// `help.requested`
#[derive(JsonSchema)]
struct HelpRequested {
    /// The language at the glass.
    language: Language,
}

/// `help.closed`
#[derive(JsonSchema)]
struct HelpClosed {
    /// Why.
    why: HelpOver,
}

/// `person` of `help.closed`
#[derive(JsonSchema)]
struct HelpClosedPerson {
    /// Who came.
    helped_by: Option<String>,
}

/// `emergency.requested`
#[derive(JsonSchema)]
struct EmergencyRequested {
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: Option<String>,
    /// How it came in.
    channel: Source,
}

/// `emergency.placed`
#[derive(JsonSchema)]
struct EmergencyPlaced {
    /// The flat or office.
    unit: Option<String>,
}

/// `person` of `emergency.placed`
#[derive(JsonSchema)]
struct EmergencyPlacedPerson {
    /// Where the patient is.
    address: Option<String>,
    /// The phone number.
    phone: String,
}

/// `emergency.chosen`
#[derive(JsonSchema)]
struct EmergencyChosen {
    /// What was chosen for the patient.
    choice: Choice,
}

/// `emergency.guard-named`
#[derive(JsonSchema)]
struct EmergencyGuardNamed {
    /// What they do.
    errand: ToDo,
    /// The task's number within its case.
    task: u64,
}

/// `person` of `emergency.guard-named`
#[derive(JsonSchema)]
struct EmergencyGuardNamedPerson {
    /// Who cares.
    carer: Option<String>,
    /// Who goes.
    guard_1: Option<String>,
    /// Who else goes.
    guard_2: Option<String>,
}

/// `emergency.condition`
#[derive(JsonSchema)]
struct EmergencyCondition {
    /// Whether nobody is needed any more.
    not_needed: Option<bool>,
}

/// `person` of `emergency.condition`
#[derive(JsonSchema)]
struct EmergencyConditionPerson {
    /// How the patient is.
    condition: Option<String>,
}

/// `emergency.relative`
#[derive(JsonSchema)]
struct EmergencyRelative {
    /// Whether a relative is with the patient.
    with_patient: bool,
}

/// `emergency.ambulance`
#[derive(JsonSchema)]
struct EmergencyAmbulance {
    /// How far the ambulance is.
    ambulance: Ambulance,
}

/// `emergency.more-help`
#[derive(JsonSchema)]
struct EmergencyMoreHelp {
    /// Whether more help is needed.
    needed: bool,
}

/// `emergency.ended`
#[derive(JsonSchema)]
struct EmergencyEnded {
    /// Why.
    why: NothingToDo,
}

/// `emergency.called-back`
#[derive(JsonSchema)]
struct EmergencyCalledBack {
    /// How the patient is.
    answer: PatientIs,
}

/// `emergency.called-off`
#[derive(JsonSchema)]
struct EmergencyCalledOff {
    /// Why it was not needed.
    reason: CallOff,
}

/// `emergency.closed`
#[derive(JsonSchema)]
struct EmergencyClosed {
    /// Why.
    why: EmergencyOver,
}

/// `situation.alerted`
#[derive(JsonSchema)]
struct SituationAlerted {
    /// Whether nothing may be heard of it.
    silent: bool,
    /// The post that it is about.
    at_post: Option<String>,
    /// `watch-list` where somebody on it is there.
    what: Option<String>,
    /// The id of the entry.
    entry: Option<String>,
    /// How somebody was known.
    known_by: Option<KnownBy>,
    /// The visit's number.
    visit: Option<String>,
    /// The local day of that visit's number.
    visit_day: Option<u64>,
}

/// `person` of `situation.alerted`
#[derive(JsonSchema)]
struct SituationAlertedPerson {
    /// Who has put him on the list.
    watch_author: Option<String>,
    /// What the guard reads.
    watch_reason: Option<String>,
}

/// `situation.closed`
#[derive(JsonSchema)]
struct SituationClosed {
    /// Why.
    why: SituationOver,
}
