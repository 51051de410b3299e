//! Every page in a state that people meet, with invented data: for `lobbyd screenshot`, the golden pictures and the bench.
//! A sample is reached as a visitor reaches it, press by press, so it can show nothing that the flows cannot.

use super::app::App;
use super::ask::Title;
use super::input::SETTLE;
use super::language::Language;
use super::model::{Effect, Input, Moment};
use super::press::{Key, Press};
use super::screens::Door;
use super::theme::Metrics;
use super::{Alarm, AskIdentity, News, Settings, Survey};
use crate::board::Touch;
use crate::config::handbook::{EXAMPLE, entry};
use crate::desk::{Answer, Command, Refusal};
use crate::device::SiteKey;
use crate::event::Now;
use crate::service::campaign::{self, Extent};
use crate::service::case::{Objection, Promise};
use crate::service::contact::Name;
use crate::service::delivery::Handing;
use crate::service::gathering::{Announced, Kind};
use crate::service::invitation;
use crate::service::knowledge::{Handbook, PublicHandbook};
use crate::service::number::{Number, Series};
use crate::service::price::Prices;
use crate::service::progress::{Milestone, Progress, Stage};
use crate::service::visit::SignedOut;
use chrono::{DateTime, TimeDelta, Utc};
use std::num::NonZeroU8;
use std::time::Duration;

/// One thing that a person, the desk or time does.
#[derive(Debug, Clone, Copy)]
enum Step {
    Press(Press),
    /// Letters and digits, on whatever keys there are.
    Keys(&'static str),
    /// The desk answers what was submitted last.
    Stored,
    Refused,
    Ambiguous,
    Unknown,
    /// The desk answers this.
    Tell(fn() -> Answer),
    /// The case has come to this state; somebody of the staff has taken it.
    Heard(&'static str),
    NotInvited(invitation::Refused),
    /// No invitation has this code.
    Mistyped,
    /// Too many codes.
    Guessing,
    Wait(u64),
    /// The wall clock says 23:10.
    Night,
    Alarm(Alarm),
    /// A survey runs: a short one, a full one, or one that has been answered often enough for this hour.
    Survey(Extent, bool),
    /// The house has announced a meeting and an activity.
    Announced,
    /// A finger rests on this.
    Hold(Press),
}

use Step::{Heard, Hold, Keys, Night, NotInvited, Refused, Stored, Tell, Wait};

const NEXT: Step = Step::Press(Press::Next);
const fn open(door: Door) -> Step {
    Step::Press(Press::Open(door))
}
const fn choose(n: u8) -> Step {
    Step::Press(Press::Choose(n))
}
const fn key(key: Key) -> Step {
    Step::Press(Press::Key(key))
}

/// Chinese names are picked from the strip, English ones typed.
const NAME: &[Step] =
    &[Keys("wang"), key(Key::Candidate(0)), Keys("xiao"), key(Key::Candidate(0)), Keys("ming"), key(Key::Candidate(0))];
const MS: Step = Step::Press(Press::Title(Title::Ms));
const NAME_EN: &[Step] = &[Keys("Anna Lee")];
const TO_NAME: &[Step] = &[open(Door::Visit), Keys("3-1203"), NEXT];
const RECEIVED: &[Step] = &[NEXT, choose(0), Stored];
const TO_INVITATION: &[Step] = &[open(Door::Visit), open(Door::Invitation)];
const CODE: &[Step] = &[Keys("471108"), NEXT];
/// 18:00 of the samples' day.
const EVENING: DateTime<Utc> = DateTime::from_timestamp(1_795_255_200, 0).expect("a time of this century");
const TO_PHONE: &[Step] = &[NEXT, Keys("13800138000")];
const TO_WHAT: &[Step] = &[open(Door::Report), open(Door::RepairHome), Keys("3-1203"), NEXT];
const TO_SPOT: &[Step] = &[open(Door::Report), open(Door::RepairPublic)];
const TO_WHEN: &[Step] = &[choose(0)];
const AT_HOME: Step = Step::Press(Press::Way(1));
const TO_REPAIR_NAME: &[Step] = &[choose(2), choose(0), AT_HOME];
const TO_CHECK: &[Step] = &[NEXT];

const TO_COMPLAINT: &[Step] = &[open(Door::Report), open(Door::Complaint)];
const TO_SUGGESTION: &[Step] = &[open(Door::Report), open(Door::Suggestion)];
const TO_ENQUIRY: &[Step] = &[open(Door::Services), open(Door::Enquiry)];
const TO_SLIP: &[Step] = &[open(Door::Services), open(Door::Progress), choose(0)];
const TO_TICKET: &[Step] = &[Keys("112107"), NEXT, Keys("8000"), NEXT];
const DONE: &[Step] = &[Tell(|| progress(6, true))];
const TO_HANDBOOK: &[Step] = &[open(Door::Services), open(Door::Handbook)];
const TO_ORDER: &[Step] = &[open(Door::Services), open(Door::Catalogue)];
/// A lamp, this afternoon; the flat.
const LAMP: &[Step] = &[choose(0), choose(5), choose(1), NEXT, Keys("3-1203"), NEXT];
/// The papers of a decoration.
const PAPERS: &[Step] = &[choose(7), choose(0), choose(1), NEXT, Keys("3-1203"), NEXT];
const TO_DELIVER: &[Step] = &[open(Door::Parcel), open(Door::Deliver), Keys("3-1203"), NEXT];
const DELIVERED: &[Step] = &[choose(0), choose(1), Keys("13800138000")];
const TO_COLLECT: &[Step] = &[open(Door::Parcel), open(Door::Collect), Keys("3-1203"), NEXT];
const TO_KEYS: &[Step] = &[open(Door::Services), open(Door::Keys)];
const TO_UNTIL: &[Step] = &[NEXT, choose(1), choose(0), choose(0)];
const TO_GATHERINGS: &[Step] = &[Step::Announced, open(Door::Services), open(Door::Gatherings)];
/// The unit; then the name.
const TO_GUEST: &[Step] = &[NEXT, Keys("3-1203"), NEXT];
const TO_PASS: &[Step] = &[open(Door::Services), open(Door::Pass)];
const TO_LEAVE: &[Step] = &[choose(0), NEXT, choose(2), NEXT];
const PULSE: &[Step] = &[Step::Survey(Extent::Pulse, false)];
const TO_SURVEY: &[Step] = &[Step::Survey(Extent::Pulse, false), open(Door::Services), open(Door::Survey)];
const TO_YEARLY: &[Step] = &[Step::Survey(Extent::Yearly, false), open(Door::Services), open(Door::Survey)];
const SATISFIED: &[Step] = &[choose(0), choose(1), choose(0)];
const ALARM: &[Step] = &[Step::Press(Press::Emergency), Stored];
const TO_HELP: &[Step] = &[Keys("3-1203"), NEXT, Keys("13800138000"), NEXT, Stored];
/// A word, in characters or letters.
const WORDS: &[Step] = &[key(Key::Letters), Keys("bins by the north door are full")];

/// Name of the sample, and how it is reached. `NAME` stands for the name in the language of the sample.
const SAMPLES: &[(&str, &[&[Step]])] = &[
    ("home", &[]),
    ("home.night", &[&[Night]]),
    ("home.large", &[&[Step::Press(Press::Large)]]),
    ("home.contrast", &[&[Step::Press(Press::Large), Step::Press(Press::Large)]]),
    ("home.contrast.night", &[&[Night, Step::Press(Press::Large), Step::Press(Press::Large)]]),
    ("home.aloud", &[&[Step::Press(Press::Aloud)]]),
    ("visit.unit.aloud", &[&[open(Door::Visit), Step::Press(Press::Aloud)]]),
    ("repair.check.aloud", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK]),
    ("home.alarm", &[&[Step::Alarm(Alarm::CannotStore)]]),
    ("home.recovered", &[&[Step::Alarm(Alarm::Recovered)]]),
    ("home.pressed", &[&[Hold(Press::Open(Door::Report))]]),
    ("languages", &[&[Step::Press(Press::Language)]]),
    ("report", &[&[open(Door::Report)]]),
    ("visit.unit", &[&[open(Door::Visit)]]),
    ("visit.unit.typed", &[&[open(Door::Visit), Keys("3-1203")]]),
    ("visit.unit.again", &[&[open(Door::Visit), Keys("-"), NEXT]]),
    ("visit.unit.letters", &[&[open(Door::Visit), key(Key::Letters), Keys("b")]]),
    ("visit.name", &[TO_NAME]),
    ("visit.name.spelling", &[TO_NAME, &[Keys("wang"), key(Key::Candidate(0)), Keys("xiao")]]),
    ("visit.name.pick", &[TO_NAME, &[Keys("wang"), NEXT]]),
    ("visit.name.again", &[TO_NAME, &[NEXT]]),
    ("visit.name.symbols", &[TO_NAME, &[key(Key::Symbols)]]),
    ("visit.name.large", &[&[Step::Press(Press::Large)], TO_NAME, &[Keys("ou")]]),
    ("visit.phone", &[TO_NAME, NAME, TO_PHONE]),
    ("visit.name.title", &[TO_NAME, NAME, &[MS]]),
    ("visit.phone.title", &[TO_NAME, NAME, &[MS], TO_PHONE]),
    ("visit.purpose.title", &[TO_NAME, NAME, &[MS], TO_PHONE, &[NEXT]]),
    ("visit.received.title", &[TO_NAME, NAME, &[MS], TO_PHONE, RECEIVED]),
    ("complaint.received.title", &[TO_COMPLAINT, WORDS, &[NEXT, choose(3)], NAME, &[MS], TO_PHONE, &[NEXT, Stored]]),
    ("visit.phone.again", &[TO_NAME, NAME, &[NEXT, Keys("138001"), NEXT]]),
    ("visit.notice", &[TO_NAME, NAME, TO_PHONE, &[NEXT]]),
    ("visit.identity", &[TO_NAME, NAME, TO_PHONE, &[NEXT, NEXT]]),
    ("visit.identity.typed", &[TO_NAME, NAME, TO_PHONE, &[NEXT, NEXT, Keys("11010519491231002X")]]),
    ("visit.identity.again", &[TO_NAME, NAME, TO_PHONE, &[NEXT, NEXT, Keys("110105194912310021"), NEXT]]),
    ("visit.purpose.declined", &[TO_NAME, NAME, TO_PHONE, &[NEXT, Step::Press(Press::Way(0))]]),
    ("visit.purpose", &[TO_NAME, NAME, TO_PHONE, &[NEXT]]),
    ("visit.purpose.night", &[&[Night], TO_NAME, NAME, TO_PHONE, &[NEXT]]),
    ("visit.sending", &[TO_NAME, NAME, TO_PHONE, &[NEXT, choose(0)]]),
    ("visit.sending.slow", &[TO_NAME, NAME, TO_PHONE, &[NEXT, choose(0), Wait(3)]]),
    ("visit.trouble", &[TO_NAME, NAME, TO_PHONE, &[NEXT, choose(0), Refused]]),
    ("visit.received", &[TO_NAME, NAME, TO_PHONE, &[NEXT, choose(0), Stored]]),
    ("visit.received.large", &[&[Step::Press(Press::Large)], TO_NAME, NAME, TO_PHONE, &[NEXT, choose(0), Stored]]),
    ("visit.received.calling", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("host-called")]]),
    ("visit.received.coming", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("coming")]]),
    ("visit.received.waiting", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("waiting")]]),
    ("visit.received.not-here", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("not-here")]]),
    ("visit.message", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("not-here"), choose(1)]]),
    ("visit.message-left", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("not-here"), choose(0), Stored]]),
    ("visit.received.guard", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("guard-check")]]),
    ("visit.received.welcome", &[TO_NAME, NAME, TO_PHONE, RECEIVED, &[Heard("admitted")]]),
    ("invitation.code", &[TO_INVITATION, &[Keys("4711")]]),
    ("invitation.code.again", &[TO_INVITATION, &[NEXT]]),
    ("invitation.code.unknown", &[TO_INVITATION, CODE, &[Step::Mistyped]]),
    ("invitation.received", &[TO_INVITATION, CODE, &[Stored]]),
    ("invitation.received.large", &[&[Step::Press(Press::Large)], TO_INVITATION, CODE, &[Stored]]),
    ("invitation.received.not-here", &[TO_INVITATION, CODE, &[Stored, Heard("not-here")]]),
    ("invitation.received.welcome", &[TO_INVITATION, CODE, &[Stored, Heard("admitted")]]),
    ("invitation.refused", &[TO_INVITATION, CODE, &[NotInvited(invitation::Refused::Expired)]]),
    ("invitation.refused.early", &[TO_INVITATION, CODE, &[NotInvited(invitation::Refused::NotYet { from: EVENING })]]),
    ("invitation.refused.check", &[TO_INVITATION, CODE, &[NotInvited(invitation::Refused::Forged)]]),
    ("invitation.refused.several", &[TO_INVITATION, CODE, &[NotInvited(invitation::Refused::Unsure)]]),
    ("invitation.refused.wait", &[TO_INVITATION, CODE, &[Step::Guessing]]),
    ("invitation.trouble", &[TO_INVITATION, CODE, &[Refused]]),
    ("sign-out.tail", &[&[open(Door::SignOut), Keys("80")]]),
    ("sign-out.unknown", &[&[open(Door::SignOut), Keys("8000"), NEXT, Step::Unknown]]),
    ("sign-out.unit", &[&[open(Door::SignOut), Keys("8000"), NEXT, Step::Ambiguous]]),
    ("sign-out.over", &[&[open(Door::SignOut), Keys("8000"), NEXT, Stored]]),
    ("repair.unit", &[&[open(Door::Report), open(Door::RepairHome)]]),
    ("repair.spot", &[TO_SPOT]),
    ("repair.what", &[TO_WHAT]),
    ("repair.what.large", &[&[Step::Press(Press::Large)], TO_WHAT]),
    ("repair.when", &[TO_WHAT, TO_WHEN]),
    ("repair.when.chosen", &[TO_WHAT, TO_WHEN, &[choose(2), choose(0)]]),
    ("repair.when.again", &[TO_WHAT, TO_WHEN, &[AT_HOME]]),
    ("repair.name", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME]),
    ("repair.phone", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE]),
    ("repair.check", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK]),
    ("repair.check.public", &[TO_SPOT, &[choose(3), choose(2)], NAME, TO_PHONE, TO_CHECK]),
    ("repair.check.large", &[&[Step::Press(Press::Large)], TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK]),
    ("repair.detail", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK, &[Step::Press(Press::Edit(6))]]),
    ("repair.received", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK, &[NEXT, Stored]]),
    ("complaint.words", &[TO_COMPLAINT]),
    ("complaint.words.typed", &[TO_COMPLAINT, WORDS]),
    ("complaint.topic", &[TO_COMPLAINT, WORDS, &[NEXT]]),
    ("complaint.name", &[TO_COMPLAINT, WORDS, &[NEXT, choose(3)]]),
    ("complaint.phone", &[TO_COMPLAINT, WORDS, &[NEXT, choose(3)], NAME, TO_PHONE]),
    ("complaint.received", &[TO_COMPLAINT, WORDS, &[NEXT, choose(3)], NAME, TO_PHONE, &[NEXT, Stored]]),
    ("suggestion.words", &[TO_SUGGESTION]),
    ("suggestion.reply", &[TO_SUGGESTION, WORDS, &[NEXT]]),
    ("suggestion.phone", &[TO_SUGGESTION, WORDS, &[NEXT, choose(0), Keys("13800138000")]]),
    ("suggestion.received", &[TO_SUGGESTION, WORDS, &[NEXT, choose(0), Keys("13800138000"), NEXT, Stored]]),
    ("suggestion.received.unasked", &[TO_SUGGESTION, WORDS, &[NEXT, choose(1), Stored]]),
    ("enquiry.words", &[TO_ENQUIRY]),
    ("enquiry.name", &[TO_ENQUIRY, WORDS, &[NEXT]]),
    ("enquiry.phone", &[TO_ENQUIRY, WORDS, &[NEXT], NAME, TO_PHONE]),
    ("enquiry.received", &[TO_ENQUIRY, WORDS, &[NEXT], NAME, TO_PHONE, &[NEXT, Stored]]),
    ("progress.kind", &[&[open(Door::Services), open(Door::Progress)]]),
    ("progress.number", &[TO_SLIP, &[Keys("112107")]]),
    ("progress.number.again", &[TO_SLIP, &[Keys("11"), NEXT]]),
    ("progress.number.unknown", &[TO_SLIP, TO_TICKET, &[Tell(|| Answer::Progress(None))]]),
    ("progress.phone", &[TO_SLIP, &[Keys("112107"), NEXT]]),
    ("progress.sending", &[TO_SLIP, TO_TICKET]),
    ("progress.later", &[TO_SLIP, TO_TICKET, &[Tell(|| Answer::Objected(Objection::Guessing { until: later(90) }))]]),
    ("progress.ticket", &[TO_SLIP, TO_TICKET, &[Stored]]),
    ("progress.ticket.chased", &[TO_SLIP, TO_TICKET, &[Stored, choose(0), Stored]]),
    ("progress.ticket.long", &[TO_SLIP, TO_TICKET, &[Tell(|| progress(12, true)), Step::Press(Press::Page)]]),
    ("progress.ticket.done", &[TO_SLIP, TO_TICKET, DONE]),
    ("progress.ticket.large", &[&[Step::Press(Press::Large)], TO_SLIP, TO_TICKET, &[Tell(|| progress(12, false))]]),
    ("progress.changed", &[TO_SLIP, TO_TICKET, &[Stored, choose(0), Tell(|| Answer::Objected(Objection::TooSoon))]]),
    ("progress.withdraw", &[TO_SLIP, TO_TICKET, &[Stored, choose(1)]]),
    ("rate.service", &[TO_SLIP, TO_TICKET, DONE, &[choose(2)]]),
    ("rate.quality", &[TO_SLIP, TO_TICKET, DONE, &[choose(2), choose(0)]]),
    ("rate.time", &[TO_SLIP, TO_TICKET, DONE, &[choose(2), choose(0), choose(1)]]),
    ("rate.over", &[TO_SLIP, TO_TICKET, DONE, &[choose(2), choose(0), choose(1), choose(2), Stored]]),
    ("services", &[&[open(Door::Services)]]),
    ("handbook.sections", &[TO_HANDBOOK]),
    ("handbook.list", &[TO_HANDBOOK, &[choose(1)]]),
    ("handbook.entry", &[TO_HANDBOOK, &[choose(1), choose(0)]]),
    ("handbook.entry.long", &[TO_HANDBOOK, &[choose(3), NEXT]]),
    ("way.entry", &[&[open(Door::Services), open(Door::Way)]]),
    ("handbook.entry.last", &[TO_HANDBOOK, &[choose(8)]]),
    ("order.group", &[TO_ORDER]),
    ("order.item", &[TO_ORDER, &[choose(0)]]),
    ("order.item.procedures", &[TO_ORDER, &[choose(7)]]),
    ("order.when", &[TO_ORDER, &[choose(0), choose(5)]]),
    ("order.unit", &[TO_ORDER, &[choose(0), choose(5), choose(1), NEXT]]),
    ("order.name", &[TO_ORDER, LAMP]),
    ("order.phone", &[TO_ORDER, LAMP, NAME, TO_PHONE]),
    ("order.check", &[TO_ORDER, LAMP, NAME, TO_PHONE, TO_CHECK]),
    ("order.check.papers", &[TO_ORDER, PAPERS, NAME, TO_PHONE, TO_CHECK]),
    ("order.wish", &[TO_ORDER, LAMP, NAME, TO_PHONE, TO_CHECK, &[Step::Press(Press::Edit(7))]]),
    ("order.received", &[TO_ORDER, LAMP, NAME, TO_PHONE, TO_CHECK, &[NEXT, Stored]]),
    ("order.received.papers", &[TO_ORDER, PAPERS, NAME, TO_PHONE, TO_CHECK, &[NEXT, Stored]]),
    ("parcel", &[&[open(Door::Parcel)]]),
    ("deliver.unit", &[&[open(Door::Parcel), open(Door::Deliver)]]),
    ("deliver.carrier", &[TO_DELIVER]),
    ("deliver.count", &[TO_DELIVER, &[choose(0)]]),
    ("deliver.phone", &[TO_DELIVER, DELIVERED]),
    ("deliver.received", &[TO_DELIVER, DELIVERED, &[NEXT, Stored]]),
    ("collect.unit", &[&[open(Door::Parcel), open(Door::Collect)]]),
    ("collect.code", &[TO_COLLECT, &[Keys("k7fm")]]),
    ("collect.code.again", &[TO_COLLECT, &[Keys("k7fm"), NEXT]]),
    ("collect.unknown", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Tell(|| Answer::Objected(Objection::Unknown))]]),
    ("collect.later", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Tell(guessing)]]),
    ("collect.over", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Tell(|| Answer::Found { number: None })]]),
    ("collect.received", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Stored]]),
    ("collect.received.given", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Stored, Heard("collected")]]),
    ("collect.received.ask", &[TO_COLLECT, &[Keys("k7fm2x"), NEXT, Stored, Heard("notified")]]),
    ("keys.agree", &[TO_KEYS]),
    ("keys.count", &[TO_KEYS, &[NEXT]]),
    ("keys.why", &[TO_KEYS, &[NEXT, choose(1)]]),
    ("keys.who", &[TO_KEYS, &[NEXT, choose(1), choose(0)]]),
    ("keys.collector", &[TO_KEYS, &[NEXT, choose(1), choose(0), choose(1)]]),
    ("keys.until", &[TO_KEYS, TO_UNTIL]),
    ("keys.phone", &[TO_KEYS, TO_UNTIL, &[choose(2), Keys("3-1203"), NEXT], NAME, TO_PHONE]),
    ("keys.received", &[TO_KEYS, TO_UNTIL, &[choose(2), Keys("3-1203"), NEXT], NAME, TO_PHONE, &[NEXT, Stored]]),
    ("pass.things", &[TO_PASS, &[choose(0), choose(1)]]),
    ("pass.count", &[TO_PASS, &[choose(0), NEXT]]),
    ("pass.detail", &[TO_PASS, &[choose(0), NEXT, choose(2)]]),
    ("pass.when", &[TO_PASS, TO_LEAVE]),
    ("pass.how", &[TO_PASS, TO_LEAVE, &[choose(0)]]),
    ("pass.phone", &[TO_PASS, TO_LEAVE, &[choose(0), choose(2), Keys("3-1203"), NEXT], NAME, TO_PHONE]),
    (
        "pass.received",
        &[TO_PASS, TO_LEAVE, &[choose(0), choose(2), Keys("3-1203"), NEXT], NAME, TO_PHONE, &[NEXT, Stored]],
    ),
    ("services.wechat", &[&[open(Door::Services)]]),
    ("wechat", &[&[open(Door::Services), open(Door::Wechat)]]),
    ("repair.received.wechat", &[TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK, &[NEXT, Stored]]),
    ("services.survey", &[PULSE, &[open(Door::Services)]]),
    ("survey.1", &[TO_SURVEY]),
    ("survey.3", &[TO_SURVEY, &[choose(0), choose(1)]]),
    ("survey.6", &[TO_YEARLY, SATISFIED, &[choose(2), choose(0)]]),
    ("survey.wish", &[TO_SURVEY, SATISFIED]),
    ("survey.wish.typed", &[TO_SURVEY, SATISFIED, WORDS]),
    ("survey.sending", &[TO_SURVEY, SATISFIED, &[NEXT]]),
    ("survey.trouble", &[TO_SURVEY, SATISFIED, &[NEXT, Refused]]),
    ("survey.thanks", &[TO_SURVEY, SATISFIED, &[NEXT, Stored]]),
    ("survey.later", &[&[Step::Survey(Extent::Pulse, true), open(Door::Services), open(Door::Survey)]]),
    ("survey.over", &[TO_SURVEY, SATISFIED, &[NEXT, Tell(|| Answer::Objected(Objection::Order("ended")))]]),
    ("sign-out.over.survey", &[PULSE, &[open(Door::SignOut), Keys("8000"), NEXT, Stored]]),
    (
        "suggestion.received.survey",
        &[PULSE, TO_SUGGESTION, WORDS, &[NEXT, choose(0), Keys("13800138000"), NEXT, Stored]],
    ),
    ("repair.received.survey", &[PULSE, TO_WHAT, TO_WHEN, TO_REPAIR_NAME, NAME, TO_PHONE, TO_CHECK, &[NEXT, Stored]]),
    ("services.gatherings", &[&[Step::Announced, open(Door::Services)]]),
    ("handbook.list.gatherings", &[&[Step::Announced], TO_HANDBOOK, &[choose(4)]]),
    ("gathering.list", &[TO_GATHERINGS]),
    ("gathering.one", &[TO_GATHERINGS, &[choose(0)]]),
    ("gathering.one.full", &[TO_GATHERINGS, &[choose(1)]]),
    ("gathering.one.large", &[&[Step::Press(Press::Large)], TO_GATHERINGS, &[choose(1)]]),
    ("gathering.unit", &[TO_GATHERINGS, &[choose(0), NEXT]]),
    ("gathering.phone", &[TO_GATHERINGS, &[choose(0)], TO_GUEST, NAME, TO_PHONE]),
    ("gathering.received", &[TO_GATHERINGS, &[choose(0)], TO_GUEST, NAME, TO_PHONE, &[NEXT, Stored]]),
    ("gathering.over", &[TO_GATHERINGS, &[choose(1)], TO_GUEST, NAME, TO_PHONE, &[NEXT, Stored]]),
    ("gathering-off.phone", &[TO_GATHERINGS, &[choose(0), choose(0)]]),
    ("gathering-off.over", &[TO_GATHERINGS, &[choose(0), choose(0), Keys("13800138000"), NEXT, Tell(|| Answer::Done)]]),
    ("help.told", &[&[Step::Press(Press::Help), Stored]]),
    ("help.told.coming", &[&[Step::Press(Press::Help), Stored, Heard("coming")]]),
    ("help.failed", &[&[Step::Press(Press::Help), Refused]]),
    ("emergency.place", &[ALARM]),
    ("emergency.place.calling", &[&[Step::Press(Press::Emergency)]]),
    ("emergency.place.night", &[&[Night], ALARM]),
    ("emergency.place.typed", &[ALARM, &[Keys("3-1203"), NEXT, Keys("138001"), NEXT]]),
    ("emergency.place.here", &[ALARM, &[choose(0)]]),
    ("emergency.place.letters", &[ALARM, &[key(Key::Letters), Keys("b")]]),
    ("emergency.choose", &[ALARM, TO_HELP]),
    ("emergency.choose.coming", &[ALARM, TO_HELP, &[Heard("placed")]]),
    ("emergency.told", &[ALARM, TO_HELP, &[choose(0), Stored, Heard("helping")]]),
    ("emergency.told.ambulance", &[ALARM, TO_HELP, &[choose(1), Stored]]),
    ("emergency.told.care", &[ALARM, TO_HELP, &[choose(2), Stored]]),
    ("emergency.not-needed", &[ALARM, &[Step::Press(Press::Back)]]),
    ("emergency.ended", &[ALARM, &[Heard("ended")]]),
    ("emergency.failed", &[&[Step::Press(Press::Emergency), Refused]]),
    ("idle", &[TO_NAME, &[Wait(60), Wait(5)]]),
];

/// The names that [`sample`] knows.
pub fn names() -> impl Iterator<Item = &'static str> {
    SAMPLES.iter().map(|(name, _)| *name)
}

/// A site that does not exist.
pub fn settings(language: Language) -> Settings {
    Settings {
        name: "滨江花园 · 北大堂".into(),
        name_en: "Riverside · North Lobby".into(),
        language,
        service_phone: Some("400 000 0000".into()),
        wechat: None,
        idle: Duration::from_secs(60),
        warn: Duration::from_secs(20),
        zone: chrono_tz::Asia::Shanghai,
        voice: None,
        person_days: 30,
        visit_days: 90,
        identity: None,
        invitations: true,
        prices: Prices::default(),
        dice: || *b"an invented code",
    }
}

/// Its notices and handbook.
fn handbook() -> PublicHandbook {
    let entries = EXAMPLE.iter().filter_map(|(name, text)| entry(name, text).ok());
    Handbook::new(entries.collect()).public()
}

/// The kiosk in this state, drawn; `None` for a name that is not in the list.
pub fn sample(name: &str, language: Language, metrics: Metrics) -> Option<App> {
    let mut app = reached(name, language, metrics)?;
    app.draw();
    Some(app)
}

/// [`sample`], not drawn yet.
pub fn reached(name: &str, language: Language, metrics: Metrics) -> Option<App> {
    let (_, parts) = SAMPLES.iter().find(|(sample, _)| *sample == name)?;
    // Only these have a voice.
    let voice = name.ends_with("aloud").then_some(60);
    // Only these sites have an account.
    let wechat = name.ends_with("wechat").then(|| "https://work.weixin.qq.com/kfid/kfcexample".to_owned());
    // Only these sites ask for identity numbers.
    let asks =
        ["visit.notice", "visit.identity"].iter().any(|page| name.starts_with(page)) || name.ends_with("declined");
    let identity =
        asks.then(|| AskIdentity { key: SiteKey::new([7; 32]), company: "滨江物业管理有限公司".into() });
    let mut walk = Walk::new(Settings { voice, wechat, identity, ..settings(language) }, metrics);
    for part in *parts {
        let part = if *part == NAME && language == Language::English { NAME_EN } else { part };
        part.iter().for_each(|step| walk.step(*step));
    }
    Some(walk.app)
}

impl PartialEq for Step {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Step::Press(a), Step::Press(b)) => a == b,
            (Keys(a), Keys(b)) => a == b,
            _ => false,
        }
    }
}

/// A walk through the kiosk, with a clock of its own.
struct Walk {
    app: App,
    moment: Moment,
    last: Option<(u64, Command)>,
}

/// 14:26 on a Saturday in November, Shanghai.
const AFTERNOON: i64 = 1_795_242_360;
const NINE_HOURS_LATER: i64 = 8 * 3600 + 44 * 60;

impl Walk {
    fn new(settings: Settings, metrics: Metrics) -> Self {
        let moment = Moment { now: at(AFTERNOON), at: Duration::ZERO };
        let mut app = App::new(settings, metrics, moment);
        app.update(Input::Handbook(handbook()), moment);
        Walk { app, moment, last: None }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Press(press) => self.press(press),
            Keys(text) => {
                for c in text.chars() {
                    let press = if c == ' ' { Key::Space } else { Key::Char(c.to_ascii_lowercase()) };
                    self.press(Press::Key(press));
                }
            }
            Stored => self.answer(None),
            Refused => self.answer(Some(Err(Refusal::Storage("disk full".into())))),
            Step::Ambiguous => self.answer(Some(Ok(Answer::SignedOut(SignedOut::Ambiguous)))),
            NotInvited(refused) => self.answer(Some(Ok(Answer::NotInvited(refused)))),
            Step::Mistyped => self.answer(Some(Ok(Answer::Objected(Objection::Unknown)))),
            Step::Guessing => self.answer(Some(Ok(Answer::Objected(Objection::Guessing { until: EVENING })))),
            Step::Unknown => self.answer(Some(Ok(Answer::SignedOut(SignedOut::Unknown)))),
            Tell(answer) => self.answer(Some(Ok(answer()))),
            Heard(state) => {
                if let Some(number) = self.app.watches() {
                    let news = News { number, state, who: Some("陈师傅".into()) };
                    self.app.update(Input::News(news), self.moment);
                }
            }
            Wait(seconds) => {
                self.moment.at += Duration::from_secs(seconds);
                self.app.update(Input::Tick, self.moment);
            }
            Night => {
                self.moment.now = at(AFTERNOON + NINE_HOURS_LATER);
                self.app.update(Input::Tick, self.moment);
            }
            Step::Survey(kind, full) => {
                let survey = survey(kind, full.then(|| self.moment.now.utc + TimeDelta::minutes(20)));
                self.app.update(Input::Survey(Some(Box::new(survey))), self.moment);
            }
            Step::Announced => drop(self.app.update(Input::Gatherings(gatherings()), self.moment)),
            Step::Alarm(alarm) => drop(self.app.update(Input::Alarm(Some(alarm)), self.moment)),
            Hold(press) => {
                self.app.draw();
                let target = self.app.scene().targets.iter().find(|target| target.press == press);
                if let Some(area) = target.map(|target| target.area) {
                    let middle = embedded_graphics::prelude::Point::new(area.x + area.w / 2, area.y + area.h / 2);
                    self.app.touch(Touch::Down(middle), self.moment.at, self.moment);
                }
            }
        }
    }

    fn press(&mut self, press: Press) {
        self.moment.at += SETTLE;
        let effects = self.app.update(Input::Click(press), self.moment);
        if let Some(Effect::Submit { ticket, command }) = effects.into_iter().next() {
            self.last = Some((ticket, *command));
        }
    }

    fn answer(&mut self, answer: Option<Result<Answer, Refusal>>) {
        let Some((ticket, command)) = self.last.take() else { return };
        let answer = answer.unwrap_or_else(|| Ok(stored(&command)));
        self.app.update(Input::Answered { ticket, answer }, self.moment);
    }
}

fn at(seconds: i64) -> Now {
    Now { utc: DateTime::from_timestamp(seconds, 0).unwrap_or_default(), synced: true }
}

fn survey(kind: Extent, full_until: Option<DateTime<Utc>>) -> Survey {
    Survey {
        number: Number { series: Series::Survey, day: 20_261_121, nth: 1 },
        questions: campaign::usual(kind),
        full_until,
    }
}

fn guessing() -> Answer {
    Answer::Objected(Objection::Guessing { until: at(AFTERNOON).utc + TimeDelta::minutes(5) })
}

fn stored(command: &Command) -> Answer {
    let number = |series| Number { series, day: 20_261_121, nth: 7 };
    match command {
        Command::Open { opening, .. } => {
            let reply_by = Some(at(AFTERNOON).utc + TimeDelta::days(2));
            Answer::Opened { number: number(opening.series()), reply_by }
        }
        Command::Collect { .. } => {
            let handing = Handing { count: NonZeroU8::new(2).expect("two"), at_desk: true };
            Answer::Shown { number: number(Series::Delivery), handing }
        }
        Command::Arrive { .. } => {
            Answer::Arrived { number: number(Series::Visit), host: Name::parse("王女士").expect("it is a name") }
        }
        Command::SignOut(_) => Answer::SignedOut(SignedOut::Ended { numbers: vec![number(Series::Visit)] }),
        Command::SignUp { number, .. } => Answer::SignedUp { number: *number, waiting: number.nth == 2 },
        Command::Inquire { wish, .. } => progress(if wish.is_some() { 5 } else { 4 }, false),
        Command::Move { number, .. } => Answer::Moved { number: *number, state: "moved", version: 2 },
        _ => Answer::Done,
    }
}

/// A meeting with the residents with places left, and an activity without any.
fn gatherings() -> Vec<Announced> {
    let about = |nth, kind, days: i64, place: &str, title: &str, words: &str, english: (&str, &str)| Announced {
        number: Number { series: Series::Gathering, day: 20_261_121, nth },
        kind,
        at: later(days * 86_400 + 34 * 60),
        place: place.into(),
        title: title.into(),
        words: words.into(),
        english: Some((english.0.into(), english.1.into())),
        full: nth == 2,
    };
    vec![
        about(
            1,
            Kind::Meeting,
            7,
            "一层会客厅",
            "下半年业户恳谈会",
            "物业经理和各部门主管到场，听您对安全、保洁、维修和停车的意见，当场能答复的当场答复，其余的一周内书面答复。备有茶点，欢迎家人同来。",
            (
                "Residents' meeting",
                "The manager and the heads of all departments listen to what you think of security, cleaning, repairs and parking. Tea is served.",
            ),
        ),
        about(
            2,
            Kind::Activity,
            12,
            "中庭",
            "亲子手工：包饺子",
            "面和馅儿我们备好，请带上围裙。小朋友请由大人陪同。",
            (
                "Making dumplings together",
                "Dough and filling are ready; please bring an apron. Children come with a grown-up.",
            ),
        ),
    ]
}

/// What happened to a ticket: minutes before now, by whom, and what was written.
const HISTORY: [(Stage, i64, &str, &str); 12] = [
    (Stage::Received, 24, "", ""),
    (Stage::Accepted, 22, "陈师傅", ""),
    (Stage::Appointed, 20, "", ""),
    (Stage::Told, 12, "陈师傅", "配件下午三点送到，到了马上给您换。"),
    (Stage::Chased, 8, "", ""),
    (Stage::Done, 2, "", ""),
    (Stage::NoAccess, 2, "", ""),
    (Stage::Late, 2, "", ""),
    (Stage::Quoted, 1, "", ""),
    (Stage::Working, 1, "", ""),
    (Stage::Answered, 1, "服务中心 赵女士", "水管已经换好，请您放心使用。如果还有渗水，请随时打电话给我们。"),
    (Stage::CalledBack, 0, "服务中心 赵女士", ""),
];

/// A ticket after so many lines of [`HISTORY`]; one that has ended can be rated. The longest begins the day before.
fn progress(lines: usize, ended: bool) -> Answer {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let days = if lines > 6 { 1440 * 3 } else { 0 };
    let milestones = HISTORY[..lines].iter().map(|(stage, minutes, who, words)| Milestone {
        stage: *stage,
        at: later(-60 * (minutes + if *minutes > 2 { days } else { 0 })),
        who: some(who),
        words: some(words),
    });
    Answer::Progress(Some(Box::new(Progress {
        number: Number { series: Series::Repair, day: 20_261_121, nth: 7 },
        state: "accepted",
        milestones: milestones.collect(),
        promise: (!ended).then(|| (Promise::Solve, later(23 * 3600))),
        can_chase: lines == 4,
        can_withdraw: !ended,
        can_rate: ended,
    })))
}

/// So many seconds after the wall clock of the samples.
fn later(seconds: i64) -> DateTime<Utc> {
    at(AFTERNOON + seconds).utc
}
