//! Repairs: what each kind says. Decides nothing.

use super::words::{
    Channel, Danger, Fault, HasHeCome, Identity, Language, Mode, Place, Scope, Signature, Source, Window,
};
use super::{Declaration, Nothing, Of, Stars, declare};
use crate::event::Kind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const REPAIR: &[&str] = &[
    "received",
    "identified",
    "reappointed",
    "accepted",
    "arrived",
    "fault-confirmed",
    "fee-review",
    "plan-made",
    "plan-accepted",
    "in-work",
    "no-access",
    "done",
    "checked",
    "settled",
    "called-back",
    "closed",
    "withdrawn",
];

declare! {
    /// Something is broken: a repair was reported.
    RepairReceived: Of::Case(REPAIR), RepairReceived, RepairReceivedPerson;
    /// It is known that the reporter is who he says.
    RepairIdentified: Of::Case(REPAIR), RepairIdentified;
    /// A time was agreed.
    RepairAppointed: Of::Case(REPAIR), RepairAppointed;
    /// An engineer has taken it and said when he comes.
    RepairAccepted: Of::Case(REPAIR), RepairAccepted;
    /// The resident was asked whether his home may be entered, or whether somebody will be there.
    RepairConsented: Of::Case(REPAIR), RepairConsented;
    /// Another time was agreed.
    RepairReappointed: Of::Case(REPAIR), RepairReappointed;
    /// It was handed to the next shift; the centre must confirm that.
    RepairHandedOver: Of::Case(REPAIR), RepairAppointed;
    /// The engineer is there.
    RepairArrived: Of::Case(REPAIR), RepairArrived;
    /// The reporter was asked whether the engineer has come.
    RepairArrivalAsked: Of::Case(REPAIR), RepairArrivalAsked;
    /// The engineer has found what is broken.
    RepairFaultConfirmed: Of::Case(REPAIR), RepairFaultConfirmed, RepairFaultConfirmedPerson;
    /// A fee that is on no list is to be reviewed.
    RepairFeeAsked: Of::Case(REPAIR), Nothing, RepairFeeAskedPerson;
    /// The fee was reviewed.
    RepairFeeReviewed: Of::Case(REPAIR), RepairFeeReviewed;
    /// What will be done and what it costs.
    RepairPlanMade: Of::Case(REPAIR), RepairPlanMade, RepairPlanMadePerson;
    /// The resident was asked whether he agrees.
    RepairPlanAccepted: Of::Case(REPAIR), RepairPlanAccepted;
    /// The work has begun.
    RepairWorkStarted: Of::Case(REPAIR), RepairWorkStarted;
    /// How it goes, as the reporter may read it.
    RepairProgress: Of::Case(REPAIR), Nothing, RepairProgressPerson;
    /// The reporter is not content with how it goes.
    RepairComplained: Of::Case(REPAIR), Nothing, RepairComplainedPerson;
    /// The work is done and signed for.
    RepairDone: Of::Case(REPAIR), RepairDone, RepairDonePerson;
    /// Nobody opened.
    RepairNoAccess: Of::Case(REPAIR), RepairNoAccess;
    /// A supervisor has looked at the work.
    RepairChecked: Of::Case(REPAIR), RepairChecked;
    /// It was paid.
    RepairSettled: Of::Case(REPAIR), RepairSettled;
    /// The reporter was asked afterwards whether all is well.
    RepairCalledBack: Of::Case(REPAIR), RepairCalledBack, RepairCalledBackPerson;
    /// It goes on: it was not accepted, or the reporter is not satisfied.
    RepairReopened: Of::Case(REPAIR), RepairReopened;
    /// Stars from the reporter.
    RepairRated: Of::Case(REPAIR), RepairRated;
    /// The repair is over.
    RepairClosed: Of::Case(REPAIR), RepairClosed;
}

/// `repair.received`
#[derive(JsonSchema)]
struct RepairReceived {
    /// Whether somebody is at home.
    at_home: Option<bool>,
    /// What it is about.
    category: Fault,
    /// How it came in.
    channel: Source,
    /// What is dangerous about it.
    danger: Option<Danger>,
    /// The language at the glass.
    language: Language,
    /// Where.
    place: Option<Place>,
    /// In a home or in a common part.
    scope: Scope,
    /// Until when it shall be solved.
    solve_by: DateTime<Utc>,
    /// The flat or office.
    unit: Option<String>,
    /// The times that would suit; or whether the windows are shut.
    windows: Vec<Window>,
}

/// `person` of `repair.received`
#[derive(JsonSchema)]
struct RepairReceivedPerson {
    /// What it is, in words.
    detail: Option<String>,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
}

/// `repair.identified`
#[derive(JsonSchema)]
struct RepairIdentified {
    /// How it is known.
    how: Identity,
}

/// `repair.appointed`
#[derive(JsonSchema)]
struct RepairAppointed {
    /// From when.
    from: DateTime<Utc>,
    /// Until when.
    to: DateTime<Utc>,
}

/// `repair.accepted`
#[derive(JsonSchema)]
struct RepairAccepted {
    /// When whoever took it will be there.
    eta: DateTime<Utc>,
}

/// `repair.consented`
#[derive(JsonSchema)]
struct RepairConsented {
    /// Whether he agreed.
    given: bool,
    /// Whether nobody can be there.
    nobody_available: bool,
}

/// `repair.reappointed`
#[derive(JsonSchema)]
struct RepairReappointed {
    /// From when.
    from: DateTime<Utc>,
    /// Whether it lies after the end of this shift.
    past_shift: bool,
    /// Whether it is the same day.
    same_day: bool,
    /// Until when.
    to: DateTime<Utc>,
}

/// `repair.arrived`
#[derive(JsonSchema)]
struct RepairArrived {
    /// Whether somebody was found at home.
    confirmed_home: bool,
}

/// `repair.arrival-asked`
#[derive(JsonSchema)]
struct RepairArrivalAsked {
    /// What was answered.
    answer: HasHeCome,
    /// By which way it came, or was told.
    channel: Option<Channel>,
}

/// `repair.fault-confirmed`
#[derive(JsonSchema)]
struct RepairFaultConfirmed {
    /// Whether the fault is what was reported.
    as_reported: bool,
    /// What it is about.
    category: Fault,
}

/// `person` of `repair.fault-confirmed`
#[derive(JsonSchema)]
struct RepairFaultConfirmedPerson {
    /// What is broken.
    fault: String,
}

/// `person` of `repair.fee-asked`
#[derive(JsonSchema)]
struct RepairFeeAskedPerson {
    /// What the fee is for.
    fee_for: String,
}

/// `repair.fee-reviewed`
#[derive(JsonSchema)]
struct RepairFeeReviewed {
    /// Whether it was approved.
    approved: bool,
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
}

/// `repair.plan-made`
#[derive(JsonSchema)]
struct RepairPlanMade {
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Whether the price is on the list.
    listed: bool,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
}

/// `person` of `repair.plan-made`
#[derive(JsonSchema)]
struct RepairPlanMadePerson {
    /// What will be done.
    plan: String,
}

/// `repair.plan-accepted`
#[derive(JsonSchema)]
struct RepairPlanAccepted {
    /// `true`: agreed.
    accepted: bool,
}

/// `repair.work-started`
#[derive(JsonSchema)]
struct RepairWorkStarted {
    /// Whether the resident agreed that the home is entered.
    entry_consent: bool,
}

/// `person` of `repair.progress`
#[derive(JsonSchema)]
struct RepairProgressPerson {
    /// How it goes.
    progress: String,
}

/// `person` of `repair.complained`
#[derive(JsonSchema)]
struct RepairComplainedPerson {
    /// The words of the notice.
    words: Option<String>,
}

/// `repair.done`
#[derive(JsonSchema)]
struct RepairDone {
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
    /// How the repair was dispatched.
    mode: Mode,
    /// How it was signed for.
    signature: Signature,
    /// Whether the place was left clean.
    site_restored: bool,
}

/// `person` of `repair.done`
#[derive(JsonSchema)]
struct RepairDonePerson {
    /// What was used, in words.
    materials: Option<String>,
    /// Why it was signed on paper.
    paper_reason: Option<String>,
    /// What was done.
    result: String,
}

/// `repair.no-access`
#[derive(JsonSchema)]
struct RepairNoAccess {
    /// How often somebody knocked.
    knocks: u64,
}

/// `repair.checked`
#[derive(JsonSchema)]
struct RepairChecked {
    /// Whether it is good.
    passed: bool,
}

/// `repair.settled`
#[derive(JsonSchema)]
struct RepairSettled {
    /// Money for work, in hundredths of a yuan.
    labour_fen: u64,
    /// Money for material, in hundredths of a yuan.
    material_fen: u64,
    /// The number of the receipt.
    receipt: String,
}

/// `repair.called-back`
#[derive(JsonSchema)]
struct RepairCalledBack {
    /// By which way it came, or was told.
    channel: Channel,
    /// Whether he is satisfied.
    satisfied: bool,
}

/// `person` of `repair.called-back`
#[derive(JsonSchema)]
struct RepairCalledBackPerson {
    /// What was remarked.
    remark: Option<String>,
}

/// `repair.reopened`
#[derive(JsonSchema)]
struct RepairReopened {
    /// How often so far.
    times: Option<u64>,
    /// Why.
    why: String,
}

/// `repair.rated`
#[derive(JsonSchema)]
struct RepairRated {
    /// Stars from 1 to 5, by what was rated.
    rating: Stars,
}

/// `repair.closed`
#[derive(JsonSchema)]
struct RepairClosed {
    /// How often it was opened again.
    reopened: u64,
}
