//! Complaints, enquiries and suggestions: what each kind says. Decides nothing.

use super::words::{Above, Cause, Channel, Class, Language, Level, Source, Topic, Unclear};
use super::{Declaration, Nothing, Of, Stars, declare};
use crate::event::Kind;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;

/// The states of such a case.
const COMPLAINT: &[&str] = &[
    "received",
    "classified",
    "acknowledged",
    "investigating",
    "measures-set",
    "result-told",
    "called-back",
    "closed",
    "became",
    "withdrawn",
];

/// The states of such a case.
const ENQUIRY: &[&str] = &["received", "transferred", "reply-time-told", "answered", "closed", "withdrawn"];

/// The states of such a case.
const SUGGESTION: &[&str] = &["received", "forwarded", "replied", "closed", "withdrawn"];

declare! {
    /// A complaint was made.
    ComplaintReceived: Of::Case(COMPLAINT), ComplaintReceived, ComplaintReceivedPerson;
    /// What kind of complaint it is, and how heavy.
    ComplaintClassified: Of::Case(COMPLAINT), ComplaintClassified, ComplaintClassifiedPerson;
    /// The complainant knows that it was received and until when he hears more.
    ComplaintAcknowledged: Of::Case(COMPLAINT), ComplaintAcknowledged, ComplaintAcknowledgedPerson;
    /// The investigation is organised.
    ComplaintInvestigated: Of::Case(COMPLAINT), ComplaintInvestigated;
    /// Departments met over it, or were asked to.
    ComplaintConsulted: Of::Case(COMPLAINT), ComplaintConsulted;
    /// What will be done about it.
    ComplaintMeasuresSet: Of::Case(COMPLAINT), ComplaintMeasuresSet, ComplaintMeasuresSetPerson;
    /// How it goes, as the complainant may read it.
    ComplaintProgress: Of::Case(COMPLAINT), Nothing, ComplaintProgressPerson;
    /// It was taken to somebody above.
    ComplaintEscalated: Of::Case(COMPLAINT), ComplaintEscalated;
    /// The complainant was told the result.
    ComplaintResultTold: Of::Case(COMPLAINT), ComplaintResultTold, ComplaintAcknowledgedPerson;
    /// The complainant was asked afterwards whether he is satisfied.
    ComplaintCalledBack: Of::Case(COMPLAINT), ComplaintCalledBack;
    /// He is not: it goes on.
    ComplaintReopened: Of::Case(COMPLAINT), ComplaintReopened;
    /// Something was given for the damage.
    ComplaintCompensated: Of::Case(COMPLAINT), ComplaintCompensated, ComplaintCompensatedPerson;
    /// What the staff learn from it.
    ComplaintNotice: Of::Case(COMPLAINT), ComplaintNotice, ComplaintNoticePerson;
    /// Stars from the complainant.
    ComplaintRated: Of::Case(COMPLAINT), ComplaintRated;
    /// The complaint is over, or lives on as another matter.
    ComplaintClosed: Of::Case(COMPLAINT), ComplaintClosed;
    /// Somebody asks something.
    EnquiryReceived: Of::Case(ENQUIRY), EnquiryReceived, EnquiryReceivedPerson;
    /// The answer.
    EnquiryAnswered: Of::Case(ENQUIRY), EnquiryAnswered, ComplaintAcknowledgedPerson;
    /// A department will answer.
    EnquiryTransferred: Of::Case(ENQUIRY), EnquiryTransferred;
    /// The asker knows until when he hears.
    EnquiryTimeTold: Of::Case(ENQUIRY);
    /// How it goes, as the asker may read it.
    EnquiryProgress: Of::Case(ENQUIRY), Nothing, ComplaintProgressPerson;
    /// It was taken to somebody above.
    EnquiryEscalated: Of::Case(ENQUIRY), EnquiryEscalated, EnquiryEscalatedPerson;
    /// It is not ours to do; the asker was told who can.
    EnquiryOutOfScope: Of::Case(ENQUIRY), EnquiryOutOfScope, EnquiryOutOfScopePerson;
    /// The enquiry is over.
    EnquiryClosed: Of::Case(ENQUIRY);
    /// Somebody suggests something.
    SuggestionReceived: Of::Case(SUGGESTION), SuggestionReceived, SuggestionReceivedPerson;
    /// A department thinks about it.
    SuggestionForwarded: Of::Case(SUGGESTION), EnquiryTransferred;
    /// What came of it.
    SuggestionReplied: Of::Case(SUGGESTION), Nothing, ComplaintAcknowledgedPerson;
    /// The suggestion is over.
    SuggestionClosed: Of::Case(SUGGESTION);
}

/// `complaint.received`
#[derive(JsonSchema)]
struct ComplaintReceived {
    /// What kind the front desk took it for when it was written down.
    said_class: Option<Class>,
    /// What it is about.
    category: Topic,
    /// How it came in.
    channel: Source,
    /// The language at the glass.
    language: Language,
    /// Until when measures are set.
    measures_by: DateTime<Utc>,
    /// The flat or office.
    unit: Option<String>,
}

/// `person` of `complaint.received`
#[derive(JsonSchema)]
struct ComplaintReceivedPerson {
    /// What it is, in words.
    detail: String,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
    /// What would satisfy.
    wanted: Option<String>,
}

/// `complaint.classified`
#[derive(JsonSchema)]
struct ComplaintClassified {
    /// What kind of complaint.
    class: Class,
    /// How heavy.
    level: Level,
    /// Whether it is a heavy one.
    major: bool,
}

/// `person` of `complaint.classified`
#[derive(JsonSchema)]
struct ComplaintClassifiedPerson {
    /// The authority that registered it.
    authority: Option<String>,
}

/// `complaint.acknowledged`
#[derive(JsonSchema)]
struct ComplaintAcknowledged {
    /// Until when the result is told.
    result_by: DateTime<Utc>,
}

/// `person` of `complaint.acknowledged`
#[derive(JsonSchema)]
struct ComplaintAcknowledgedPerson {
    /// What was answered.
    reply: String,
}

/// `complaint.investigated`
#[derive(JsonSchema)]
struct ComplaintInvestigated {
    /// Seconds since the complaint was received.
    after_seconds: u64,
    /// How many investigate.
    team: u64,
}

/// `complaint.consulted`
#[derive(JsonSchema)]
struct ComplaintConsulted {
    /// The departments that met.
    departments: Vec<String>,
    /// Whether the departments have met.
    met: bool,
}

/// `complaint.measures-set`
#[derive(JsonSchema)]
struct ComplaintMeasuresSet {
    /// Why it came to this.
    cause: Cause,
    /// Whether it was our fault.
    own_fault: bool,
}

/// `person` of `complaint.measures-set`
#[derive(JsonSchema)]
struct ComplaintMeasuresSetPerson {
    /// What will be done.
    measures: String,
}

/// `person` of `complaint.progress`
#[derive(JsonSchema)]
struct ComplaintProgressPerson {
    /// How it goes.
    progress: String,
}

/// `complaint.escalated`
#[derive(JsonSchema)]
struct ComplaintEscalated {
    /// Whether it is a heavy one.
    major: bool,
    /// To whom.
    to: Above,
}

/// `complaint.result-told`
#[derive(JsonSchema)]
struct ComplaintResultTold {
    /// By which way it came, or was told.
    channel: Channel,
}

/// `complaint.called-back`
#[derive(JsonSchema)]
struct ComplaintCalledBack {
    /// By which way it came, or was told.
    channel: Channel,
    /// Whether he is satisfied.
    satisfied: bool,
}

/// `complaint.reopened`
#[derive(JsonSchema)]
struct ComplaintReopened {
    /// How often.
    times: u64,
}

/// `complaint.compensated`
#[derive(JsonSchema)]
struct ComplaintCompensated {
    /// Money, in hundredths of a yuan.
    fen: u64,
}

/// `person` of `complaint.compensated`
#[derive(JsonSchema)]
struct ComplaintCompensatedPerson {
    /// What was given.
    compensation: String,
}

/// `complaint.notice`
#[derive(JsonSchema)]
struct ComplaintNotice {
    /// What it is about.
    category: Topic,
    /// Why it came to this.
    cause: Cause,
    /// What kind of complaint.
    class: Class,
}

/// `person` of `complaint.notice`
#[derive(JsonSchema)]
struct ComplaintNoticePerson {
    /// How it does not come again.
    prevention: String,
}

/// `complaint.rated`
#[derive(JsonSchema)]
struct ComplaintRated {
    /// Stars from 1 to 5, by what was rated.
    rating: Stars,
}

/// `complaint.closed`
#[derive(JsonSchema)]
struct ComplaintClosed {
    /// The number of the case as which it lives on.
    becomes: Option<String>,
    /// How often it was opened again.
    reopened: Option<u64>,
}

/// `enquiry.received`
#[derive(JsonSchema)]
struct EnquiryReceived {
    /// How it came in.
    channel: Source,
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: Option<String>,
    /// Whether it is to be in writing.
    written: bool,
}

/// `person` of `enquiry.received`
#[derive(JsonSchema)]
struct EnquiryReceivedPerson {
    /// What it is, in words.
    detail: String,
    /// The name.
    name: String,
    /// The phone number.
    phone: String,
}

/// `enquiry.answered`
#[derive(JsonSchema)]
struct EnquiryAnswered {
    /// Whether the asker has been told already.
    told: bool,
    /// Whether it is to be in writing.
    written: bool,
}

/// `enquiry.transferred`
#[derive(JsonSchema)]
struct EnquiryTransferred {
    /// The department.
    department: String,
}

/// `enquiry.escalated`
#[derive(JsonSchema)]
struct EnquiryEscalated {
    /// Until when, or to whom.
    to: Option<Vec<String>>,
    /// Why.
    why: Option<Unclear>,
}

/// `person` of `enquiry.escalated`
#[derive(JsonSchema)]
struct EnquiryEscalatedPerson {
    /// Whom it was taken to.
    leader: Option<String>,
}

/// `enquiry.out-of-scope`
#[derive(JsonSchema)]
struct EnquiryOutOfScope {
    /// Whether the asker has been told already.
    told: bool,
}

/// `person` of `enquiry.out-of-scope`
#[derive(JsonSchema)]
struct EnquiryOutOfScopePerson {
    /// Who can help, or what can be done.
    alternative: String,
    /// What was answered.
    reply: String,
}

/// `suggestion.received`
#[derive(JsonSchema)]
struct SuggestionReceived {
    /// How it came in.
    channel: Source,
    /// The language at the glass.
    language: Language,
    /// The flat or office.
    unit: Option<String>,
}

/// `person` of `suggestion.received`
#[derive(JsonSchema)]
struct SuggestionReceivedPerson {
    /// What it is, in words.
    detail: String,
    /// The name.
    name: Option<String>,
    /// The phone number.
    phone: Option<String>,
}
