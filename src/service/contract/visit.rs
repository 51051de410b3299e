//! Visitors and their invitations: what each kind says. Decides nothing.

use super::words::{ButlerSays, HostSays, Language, Look, NoInvitation, Purpose, Refusal, SaidToHaveLeft, Source, Via};
use super::{Declaration, Of, declare};
use crate::event::Kind;
use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const VISIT: &[&str] = &[
    "arrived",
    "guard-check",
    "butler-called",
    "host-called",
    "waiting",
    "coming",
    "not-here",
    "message-left",
    "admitted",
    "card-ok",
    "turned-away",
    "signed-out",
];

declare! {
    /// A visitor is there and has said whom he wants.
    VisitArrived: Of::Case(VISIT), VisitArrived, VisitArrivedPerson;
    /// Somebody calls the host.
    VisitHostCalled: Of::Case(VISIT);
    /// The host has answered, or nobody did.
    VisitHostAnswered: Of::Case(VISIT), VisitHostAnswered;
    /// The visitor leaves a message, or asks to be called back.
    VisitMessageLeft: Of::Case(VISIT), VisitMessageLeft, VisitMessageLeftPerson;
    /// The visitor was let in.
    VisitAdmitted: Of::Case(VISIT);
    /// The visitor was sent away.
    VisitTurnedAway: Of::Case(VISIT), VisitTurnedAway;
    /// A resident without a card was let in: it was seen that he has one.
    VisitCardAccepted: Of::Case(VISIT);
    /// A resident has forgotten his card; the butler is asked whether he lives here.
    VisitCardForgotten: Of::Case(VISIT);
    /// The butler has answered about whoever stands there.
    VisitButlerAnswered: Of::Case(VISIT), VisitButlerAnswered;
    /// A guard looks before anybody is let in.
    VisitGuardAlerted: Of::Case(VISIT), VisitGuardAlerted;
    /// The visitor's message has reached the host.
    VisitMessageTold: Of::Case(VISIT);
    /// A guard has looked, and all is well.
    VisitSeen: Of::Case(VISIT);
    /// The visitor has left, or is presumed to have.
    VisitSignedOut: Of::Case(VISIT), VisitSignedOut;
    /// An invitation was handed over; its guest may type its six digits. The subject is its id.
    InvitationStored: Of::Gateway, InvitationStored;
    /// An invitation was taken back: nobody comes in with it any more. The subject is its id.
    InvitationTakenBack: Of::Gateway, InvitationTakenBack;
    /// An invitation was no good: at the door, or when it was handed over.
    InvitationRefused: Of::Gateway, InvitationRefused;
}

/// `visit.arrived`
#[derive(JsonSchema)]
struct VisitArrived {
    /// How it came in.
    channel: Source,
    /// Earlier visits of the same name and phone number.
    earlier_visits: Option<u64>,
    /// What was answered to the notice before the identity number, where this site asks for it.
    identity: Option<Identity>,
    /// People, with those who came along.
    heads: u64,
    /// The id of the invitation.
    invitation: Option<String>,
    /// The language at the glass.
    language: Language,
    /// The day of the last visit.
    last_visit: Option<NaiveDate>,
    /// Why the visitor comes.
    purpose: Purpose,
    /// The flat or office.
    unit: String,
    /// Which use.
    r#use: Option<u64>,
    /// How many uses it has.
    uses: Option<u64>,
}

/// Notice and consent before an identity number.
#[derive(JsonSchema)]
struct Identity {
    /// The version of the notice that was shown.
    notice: String,
    /// The days that it promised: a site may change them.
    days: Option<u32>,
    /// Whether it was agreed to.
    consent: bool,
}

/// `person` of `visit.arrived`
#[derive(JsonSchema)]
struct VisitArrivedPerson {
    /// The last four characters of the identity number.
    identity_tail: Option<String>,
    /// The whole of it, as a keyed hash.
    identity_ref: Option<String>,
    /// Whom the visitor wants.
    host: Option<String>,
    /// The name.
    name: Option<String>,
    /// A note.
    note: Option<String>,
    /// The phone number.
    phone: Option<String>,
}

/// `visit.host-answered`
#[derive(JsonSchema)]
struct VisitHostAnswered {
    /// What was answered.
    answer: HostSays,
}

/// `visit.message-left`
#[derive(JsonSchema)]
struct VisitMessageLeft {
    /// Whether the visitor has left a card.
    card: bool,
    /// A message, or a wish to be called back.
    what: String,
}

/// `person` of `visit.message-left`
#[derive(JsonSchema)]
struct VisitMessageLeftPerson {
    /// The message.
    message: Option<String>,
}

/// `visit.turned-away`
#[derive(JsonSchema)]
struct VisitTurnedAway {
    /// Why.
    reason: Refusal,
}

/// `visit.butler-answered`
#[derive(JsonSchema)]
struct VisitButlerAnswered {
    /// What was answered.
    answer: ButlerSays,
}

/// `visit.guard-alerted`
#[derive(JsonSchema)]
struct VisitGuardAlerted {
    /// Why.
    why: Look,
}

/// `visit.signed-out`
#[derive(JsonSchema)]
struct VisitSignedOut {
    /// Who says so.
    signed_out_by: SaidToHaveLeft,
}

/// `invitation.stored`
#[derive(JsonSchema)]
struct InvitationStored {
    /// Good from.
    from: DateTime<Utc>,
    /// The flat or office.
    unit: String,
    /// Good until.
    until: DateTime<Utc>,
    /// How many uses it has.
    uses: u64,
}

/// `invitation.taken-back`
#[derive(JsonSchema)]
struct InvitationTakenBack {
    /// It was good until then.
    until: DateTime<Utc>,
    /// How often it had been used.
    used: u64,
}

/// `invitation.refused`
#[derive(JsonSchema)]
struct InvitationRefused {
    /// By which way, where somebody did it himself.
    via: Option<Via>,
    /// Who, by id.
    by: Option<String>,
    /// The post at which he stands.
    post: Option<String>,
    /// Why.
    reason: NoInvitation,
    /// At an arrival, or when it was handed over.
    what: String,
}
