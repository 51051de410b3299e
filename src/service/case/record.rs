//! What a step writes down while it is taken: events with who, when and why. And why a step may be refused.

use super::promise::Promise;
use crate::event::{Data, Event, Kind, Now, Slug};
use crate::service::house::House;
use crate::service::number::Number;
use crate::service::staff::{Actor, Role, Via};
use chrono::{DateTime, Utc};
use serde_json::json;

/// The events of one step. They are appended only if the whole step succeeds.
pub struct Record<'a> {
    pub now: Now,
    pub house: &'a House,
    pub by: &'a Actor,
    number: Number,
    pub(super) events: Vec<Event>,
}

impl<'a> Record<'a> {
    pub(super) fn new(number: Number, by: &'a Actor, house: &'a House, now: Now) -> Self {
        Record { now, house, by, number, events: Vec::new() }
    }

    /// Something happened to this case. Who did it and the case's number are added here, its state when the step is done.
    pub fn tell(&mut self, kind: Kind, facts: Data) {
        self.tell_about(kind, facts, Data::new());
    }

    /// The same, with names, phone numbers or free text that must stand apart from the event.
    pub fn tell_about(&mut self, kind: Kind, facts: Data, mut person: Data) {
        // The number last: a fact of that name must not make it another case's event.
        let mut all = facts;
        all.extend(self.number.facts());
        all.extend(self.by.facts());
        if let Some(who) = &self.by.who {
            person.insert("by_name".into(), json!(who.name));
        }
        let event = Event::here(kind, subject(self.number), self.now, all);
        self.events.push(if person.is_empty() { event } else { event.about(person) });
    }

    /// # Errors
    /// When whoever asks has none of these roles. The daemon itself and people at the glass have none.
    pub fn needs_role(&self, roles: &[Role]) -> Result<(), Objection> {
        if self.by.is(roles) { Ok(()) } else { Err(Objection::Right) }
    }

    /// Somebody at the glass, or any member of staff but the auditor: what a visitor may do himself.
    pub fn needs_person(&self) -> Result<(), Objection> {
        if self.by.role.is_none() && self.by.via == Via::Kiosk { Ok(()) } else { self.needs_staff() }
    }

    /// A device, a deadline, the calendar: never a person.
    ///
    /// # Errors
    /// When a person asks.
    pub fn needs_daemon(&self) -> Result<(), Objection> {
        if self.by.via == Via::Daemon { Ok(()) } else { Err(Objection::Right) }
    }

    /// Any member of staff but the auditor, who changes nothing (R012).
    pub fn needs_staff(&self) -> Result<(), Objection> {
        match self.by.role {
            Some(role) if role != Role::Auditor => Ok(()),
            _ => Err(Objection::Right),
        }
    }
}

/// A case's subject in topics: its number.
pub fn subject(number: Number) -> Slug {
    Slug::from_text(&number.to_string())
}

/// Why a step was not taken. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("there is no such case or task")]
    Unknown,
    /// It stands in the journal as another version of lobbyd wrote it.
    #[error("it was written by another version and cannot be read")]
    Unreadable,
    #[error("it has ended")]
    Ended,
    /// First claim wins. By whom, for the screen; never logged.
    #[error("somebody else has taken it")]
    Claimed(String),
    #[error("it was not offered to this post")]
    OtherPost,
    /// R015.
    #[error("this post may not be left without a relief")]
    FixedPost,
    #[error("your role may not do this")]
    Right,
    /// It has moved since it was looked at: what it is now.
    #[error("it has changed meanwhile and is now \"{0}\"")]
    Stale(&'static str),
    /// The step does not follow from this state.
    #[error("this cannot follow \"{0}\"")]
    Order(&'static str),
    /// The regulations ask for something first.
    #[error("first: {}", .0.name())]
    Needs(Need),
    /// R082, R060 and the like: this promise is not running.
    #[error("no clock runs for \"{}\"", .0.name())]
    NoClock(Promise),
    /// R082 names the one that may.
    #[error("the clock for \"{}\" never pauses", .0.name())]
    NoPause(Promise),
    #[error("too soon: it was asked a moment ago")]
    TooSoon,
    /// Too many wrong codes from here.
    #[error("too many wrong codes: the next one is looked at after {until}")]
    Guessing { until: DateTime<Utc> },
    #[error("this does not belong to such a case")]
    WrongMatter,
    /// R064, R025: the centre has not confirmed what was handed to it.
    #[error("the centre has not yet confirmed {0}")]
    NotReceived(Number),
    /// A shift is not closed with this in hand.
    #[error("{0} is still in hand: finish it or give it back")]
    InHand(Number),
    #[error("this case is too full")]
    Full,
    /// R194-R197: what was written may not be said to a resident; the replacement stands beside it.
    #[error("the wording must change")]
    Wording,
    /// R169: why somebody does not want to see a visitor is written down nowhere.
    #[error("this is not written down")]
    NotKept,
    /// R316: whoever has this phone number has signed up for this gathering already.
    #[error("this phone number has signed up already")]
    SignedUp,
    /// R279: a release pass lets things out once. When, and who saw them go; for the screen, never logged.
    #[error("it was used at {at}")]
    Used { at: DateTime<Utc>, by: Option<String> },
}

impl Objection {
    /// As it stands in events and answers.
    pub const fn code(&self) -> &'static str {
        match self {
            Objection::Unknown => "unknown",
            Objection::Unreadable => "unreadable",
            Objection::Ended => "ended",
            Objection::Claimed(_) => "claimed",
            Objection::OtherPost => "other-post",
            Objection::FixedPost => "fixed-post",
            Objection::Right => "right",
            Objection::Stale(_) => "stale",
            Objection::Order(_) => "order",
            Objection::Needs(need) => need.name(),
            Objection::NoClock(_) => "no-clock",
            Objection::NoPause(_) => "no-pause",
            Objection::TooSoon => "too-soon",
            Objection::Guessing { .. } => "guessing",
            Objection::WrongMatter => "wrong-matter",
            Objection::NotReceived(_) => "not-received",
            Objection::InHand(_) => "in-hand",
            Objection::Full => "full",
            Objection::Wording => "wording",
            Objection::NotKept => "not-kept",
            Objection::SignedUp => "signed-up",
            Objection::Used { .. } => "used",
        }
    }
}

macro_rules! needs {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What must be there before a step (R…).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Need { $($(#[$doc])* $variant),+ }

        impl Need {
            pub const ALL: &'static [Need] = &[$(Need::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Need::$variant => $name),+ }
            }
        }
    };
}

needs! {
    /// R054.
    ArrivalTime = "needs-arrival-time",
    /// R058.
    Reason = "needs-reason",
    /// R053.
    Name = "needs-name",
    /// R032.
    Identity = "needs-identity",
    /// R249: knock twice before you go.
    SecondKnock = "needs-second-knock",
    /// R005.
    FaultConfirmed = "needs-fault-confirmed",
    /// R244.
    Appointment = "needs-appointment",
    /// R252.
    EntryConsent = "needs-entry-consent",
    /// R259, R260.
    FeeReview = "needs-fee-review",
    /// R034.
    PlanAccepted = "needs-plan-accepted",
    /// R070.
    Signature = "needs-signature",
    /// R068, R069.
    SupervisorCheck = "needs-supervisor-check",
    /// R262.
    Settlement = "needs-settlement",
    /// R119, R129, R282.
    CallBack = "needs-call-back",
    /// R060.
    ManagerConsent = "needs-manager-consent",
    /// R082.
    Note = "needs-note",
    /// R255.
    SiteRestored = "needs-site-restored",
    /// R110.
    Class = "needs-class",
    /// R084.
    Measures = "needs-measures",
    /// R129.
    ResultTold = "needs-result-told",
    /// R086, R116: until when somebody hears.
    ReplyTime = "needs-reply-time",
    /// R272.
    PhoneCall = "needs-phone-call",
    /// R085.
    WrittenReply = "needs-written-reply",
    /// R144.
    Apology = "needs-apology",
    /// R111.
    Authority = "needs-authority",
    /// R131.
    Approver = "needs-approver",
    /// R136.
    AnswerOrTransfer = "needs-answer-or-transfer",
    /// R144.
    Alternative = "needs-alternative",
    /// R148.
    AddressAndPhone = "needs-address-and-phone",
    /// R149.
    Choice = "needs-choice",
    /// R150.
    TwoPersons = "needs-two-persons",
    /// R158.
    Relative = "needs-relative",
    /// R160.
    MoreHelpAsked = "needs-more-help-asked",
    /// R273.
    Disclaimer = "needs-disclaimer",
    /// R276.
    Slot = "needs-slot",
    /// R277.
    IdentityCheck = "needs-identity-check",
    /// R277.
    NamedCollector = "needs-named-collector",
    /// R279.
    Approval = "needs-approval",
    /// ISA-18.2.
    ShelfEnd = "needs-shelf-end",
    /// R270.
    Price = "needs-price",
    /// What came of it, as one of the words that the matter knows.
    Outcome = "needs-outcome",
    /// R149, R154.
    AmbulanceCall = "needs-ambulance-call",
    /// R155.
    AmbulanceArrival = "needs-ambulance-arrival",
    /// R113, R114: the ticket that a complaint lives on as is registered first.
    OtherCase = "needs-other-case",
    /// R292: the day must lie ahead; an effect is looked for on a later day than the deed.
    LaterDay = "needs-later-day",
    /// R289, R290: begun or called off.
    SurveyBegun = "needs-survey-begun",
    /// R289: a first and a last day that can be.
    Days = "needs-days",
    /// R107 and others: something must be said in words.
    Text = "needs-text",
}
