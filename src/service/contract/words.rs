//! The words that stand in events: closed lists, which may grow. Whoever reads them takes one that he does not know for "something
//! else". Beside what the rules name already, each list stands here once more on purpose: a word that is renamed there breaks a test here.

use crate::service::case::{Errand, Promise};
use crate::service::staff::Role;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// A type for each list: its schema is a string that is one of them.
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:expr),+ $(,)?) => {$(
        $(#[doc = $doc])+
        pub(super) struct $name;

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<&str> = $words.into_iter().collect();
                json_schema!({ "type": "string", "enum": words })
            }
        }
    )+};
}

words! {
    /// What is promised: one clock each.
    Promised = Promise::ALL.map(Promise::name),
    /// What a task asks for.
    ToDo = Errand::ALL.iter().map(|errand| errand.name()),
    /// What a member of staff may do.
    StaffRole = Role::ALL.map(Role::name),
    /// By which way somebody acted: at the kiosk, on the guards' page, over MQTT, the daemon by itself, the office.
    Via = ["kiosk", "page", "mqtt", "daemon", "office"],
    /// The language that was chosen at the glass.
    Language = ["zh-Hans", "zh-Hant", "en", "ja", "ko", "fr", "de"],
    /// How a matter came in.
    Source = ["kiosk", "staff-contact", "phone", "intercom", "walk-in", "letter", "email", "online", "suggestion-box", "dispatch-centre", "internal", "daemon", "other"],
    /// How somebody was reached.
    Channel = ["phone", "intercom", "radio", "in-person", "message", "page"],
    /// How it is known that somebody is there.
    Seen = ["phone", "intercom", "radio", "in-person", "message", "page", "device"],
    /// The only reasons for which a clock may stand still.
    Obstacle = ["traffic", "other", "no-working-conditions"],
    /// Why a task was declined.
    NoReason = ["on-another-task", "may-not-leave-post", "not-my-trade", "no-tool", "unwell", "off-duty", "other"],
    /// What is wrong at a door or device.
    Alarm = ["forced", "held", "tamper", "duress", "offline"],
    /// What is to be signed or seen.
    Check = ["day", "month", "visitors", "meeting", "birthdays"],
    /// What a complaint is about.
    Topic = ["service", "repair", "security", "cleaning", "noise", "parking", "charges", "favours", "other"],
    /// What kind of complaint it is: two are valid, the others want help, advice or an ear.
    Class = ["valid-duty", "valid-conduct", "seeks-help", "seeks-advice", "vents"],
    /// Whether a complaint is valid, or asks for communication.
    Level = ["valid", "communicative"],
    /// Why it came to this.
    Cause = ["process", "conduct", "skill", "equipment", "supplier", "communication", "outside-our-reach"],
    /// How far up.
    Above = ["supervisor", "manager", "leader"],
    /// What was chosen for a patient.
    Choice = ["hospital", "ambulance-120", "care"],
    /// How far the ambulance is.
    Ambulance = ["called", "arrived"],
    /// Why help was not needed.
    CallOff = ["mistake", "nobody-there", "helped", "other-matter", "other"],
    /// A meeting with the residents, or an activity.
    Gathering = ["meeting", "activity"],
    /// A survey of some questions, or the year's.
    Extent = ["pulse", "yearly"],
    /// What is broken.
    Fault = ["water", "power", "light", "air-conditioning", "door", "lift", "intercom", "other"],
    /// What is dangerous about it.
    Danger = ["fire", "gas", "flooding", "people-in-lift", "injury", "power-loss"],
    /// A common part of the house.
    Place = ["lobby", "lift", "corridor", "garage", "garden", "other"],
    /// When it would suit.
    Window = ["soon", "today-afternoon", "today-evening", "tomorrow-morning", "tomorrow-afternoon"],
    /// In a home, or in a common part.
    Scope = ["private", "public"],
    /// How a repair was dispatched.
    Mode = ["oral-dispatch", "system-dispatch", "direct-talk", "on-the-spot", "coordination-sheet", "special-talk"],
    /// How it was signed for.
    Signature = ["screen", "paper", "none"],
    /// How it is known that somebody is who he says.
    Identity = ["unit-and-phone", "code", "in-person"],
    /// Why a visitor comes.
    Purpose = ["friends", "delivery", "work", "viewing", "business", "other"],
    /// Why a visitor was sent away.
    Refusal = ["no-identity", "not-expected", "vacant-unit", "card-not-confirmed", "soliciting", "disturbance", "other"],
    /// Why a guard looks first.
    Look = ["vacant-unit", "identity", "quiet-hours", "long-wait"],
    /// How somebody on the watch-list was known.
    KnownBy = ["phone", "name", "sound"],
    /// Which codes were guessed at.
    Lock = ["pass-code", "parcel-code", "invitation-code", "slip", "sign-out"],
    /// Why an invitation was no good.
    NoInvitation = ["forged", "unknown-key", "other-site", "no-clock", "not-yet", "expired", "used-up", "taken-back", "unsure", "full"],
    /// Why a session is over.
    EndOfSession = ["signed-out", "idle", "expired", "replaced", "withdrawn"],
    /// What is wrong with the printer.
    Trouble = ["absent", "gone", "out-of-paper", "cover-open", "wrong-paper", "fault", "slow", "foreign"],
    /// Why the clock was set: it became known, or somebody set it.
    Step = ["first-sync", "wall-stepped"],
    /// Why a command was refused; docs/brokers.md says what to do about each.
    NoCommand = ["unsigned", "unknown-key", "forged", "retained", "no-clock", "other-gateway", "other-boot", "not-yet", "expired", "newer", "malformed", "unknown", "not-allowed", "repeated", "not-kept", "list-full", "not-taken", "not-usable", "half-done", "other-base", "other-parts", "twice", "contradicts", "incomplete", "too-large", "shrinks", "too-many", "storage"],
    /// What has changed.
    StaffChange = ["listed", "removed", "disabled", "enabled", "edited", "reset", "secret"],
    /// Which way somebody went.
    Direction = ["in", "out"],
    /// What identifies people: ONVIF's RecognitionType.
    Recognition = ["Card", "PIN", "Fingerprint", "Face", "Iris", "Vein", "Palm", "Retina", "LicensePlate", "REX"],
    /// Why a door said no: ONVIF Access Control's list.
    NoAccess = ["CredentialNotEnabled", "CredentialNotActive", "CredentialExpired", "CredentialNotFound", "InvalidPIN", "InvalidIdentifierValue", "NotPermittedAtThisTime", "Unauthorized", "Other"],
    /// Which form of a thing: paper or code.
    Key = ["paper", "qr"],
    /// How it was signed.
    Signed = ["paper", "screen"],
    /// What the host has answered.
    HostSays = ["come-up", "coming", "not-here", "wait"],
    /// What the butler has answered about whoever stands there.
    ButlerSays = ["call-host", "let-in", "refused"],
    /// Who says that a visitor has left.
    SaidToHaveLeft = ["presumed", "staff", "visitor"],
    /// What the reporter has answered.
    HasHeCome = ["came", "no-answer", "not-come"],
    /// Why an enquiry went to somebody above.
    Unclear = ["not-understood"],
    /// Why nobody has to come any more.
    HelpOver = ["called-off", "helped"],
    /// Why nothing more is to be done for a patient now.
    NothingToDo = ["called-off", "settled"],
    /// How a patient is afterwards.
    PatientIs = ["more-help", "well"],
    /// Why an emergency is over.
    EmergencyOver = ["called-back", "called-off"],
    /// Why a guard needs nobody any more.
    SituationOver = ["attended", "called-off"],
    /// Why keys were not given out.
    NoKeys = ["no-identity", "not-named"],
    /// Why keys are not kept any more.
    KeepingOver = ["collected", "kept-by-collector", "withdrawn"],
    /// How the addressee showed that the parcel is his.
    Proof = ["code", "identity"],
    /// Why a call is over.
    CallOver = ["acknowledged", "answered-elsewhere", "attended", "cancelled", "door-opened", "rejected"],
    /// Why a shelved alarm is back.
    BackFromShelf = ["by-hand", "time"],
    /// Why an alarm is over.
    AlarmOver = ["by-hand", "looked-after", "returned"],
    /// Why nobody has walked a round.
    NotWalked = ["daemon-was-off", "nobody-went"],
}
