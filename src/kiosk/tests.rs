//! What a person would miss: that the glass answers once, wipes, keeps what was typed when the disk fails, and that no
//! tapping child gets anywhere. Played through the whole kiosk without a board.

use super::aloud::Speech;
use super::app::{App, Kit, view};
use super::ask::Title;
use super::input::{Finger, SETTLE};
use super::language::Language;
use super::model::{ANSWER_WITHIN, Effect, Input, Moment, WATCHED};
use super::news::News;
use super::press::{Key, Press};
use super::samples::{names, reached, settings};
use super::scan::Scan;
use super::scene::{Item, Scene};
use super::screens::Door;
use super::screens::emergency::{FAILED_FOR, RETRY};
use super::theme::{Metrics, Sight};
use crate::board::{Role, Touch};
use crate::desk::{Answer, Command, Refusal};
use crate::event::Now;
use crate::service::contact::Name;
use crate::service::matter::Opening;
use crate::service::number::{Number, Series};
use crate::service::repair::Window;
use crate::service::visit::SignedOut;
use chrono::DateTime;
use embedded_graphics::prelude::{Point, Size};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const GLASSES: [(u32, u32, u32); 4] = [(800, 480, 133), (720, 1280, 208), (1280, 720, 208), (1920, 1080, 141)];

fn metrics((width, height, dpi): (u32, u32, u32)) -> Metrics {
    Metrics::new(Size::new(width, height), dpi)
}

/// A person before the kiosk.
struct Person {
    app: App,
    moment: Moment,
}

impl Person {
    fn new() -> Self {
        let now = Now { utc: DateTime::from_timestamp(1_795_242_360, 0).unwrap(), synced: true };
        let moment = Moment { now, at: Duration::ZERO };
        let mut app = App::new(settings(Language::Chinese), metrics(GLASSES[0]), moment);
        app.draw();
        Person { app, moment }
    }

    fn wait(&mut self, time: Duration) {
        self.moment.at += time;
        self.moment.now.utc += chrono::TimeDelta::from_std(time).unwrap();
        self.app.update(Input::Tick, self.moment);
        self.app.draw();
    }

    /// Touches the middle of what does this, as the finger would, on the picture that is on the glass.
    fn touch(&mut self, press: Press) -> Vec<Effect> {
        self.wait(SETTLE);
        self.tap(press)
    }

    fn tap(&mut self, press: Press) -> Vec<Effect> {
        let target = self.app.scene().targets.iter().rev().find(|target| target.press == press);
        let area = target.unwrap_or_else(|| panic!("{press:?} is not on {}", self.app.scene().screen)).area;
        self.tap_at(Point::new(area.x + area.w / 2, area.y + area.h / 2))
    }

    fn tap_at(&mut self, at: Point) -> Vec<Effect> {
        let mut effects = self.app.touch(Touch::Down(at), self.moment);
        self.app.draw();
        effects.extend(self.app.touch(Touch::Up(at), self.moment));
        self.app.draw();
        effects
    }

    fn hear(&mut self, series: Series, state: &'static str) {
        let news = News { number: number(series), state, who: Some("陈师傅".into()) };
        self.app.update(Input::News(news), self.moment);
        self.app.draw();
    }

    fn keys(&mut self, text: &str) {
        for c in text.chars() {
            self.touch(Press::Key(Key::Char(c)));
        }
    }

    fn page(&self) -> &str {
        &self.app.scene().screen
    }

    fn answer(&mut self, effects: Vec<Effect>, answer: Result<Answer, Refusal>) {
        let [Effect::Submit { ticket, .. }] = &effects[..] else { panic!("{} commands", effects.len()) };
        self.app.update(Input::Answered { ticket: *ticket, answer }, self.moment);
        self.app.draw();
    }

    /// Everything that the picture says, and everything that the model would print.
    fn everything(&self) -> String {
        format!("{} {:?} {:?}", self.picture(), self.app.model, self.app.scene().outline())
    }

    fn picture(&self) -> String {
        let texts = self.app.scene().items.iter().map(|item| match item {
            Item::Text { text, .. } => text.as_str(),
            _ => "",
        });
        texts.collect()
    }

    fn reach_purpose(&mut self) {
        self.touch(Press::Open(Door::Visit));
        self.keys("3-1203");
        self.touch(Press::Next);
        self.keys("wang");
        self.touch(Press::Key(Key::Candidate(0)));
        self.touch(Press::Next);
        self.keys("13800138000");
        self.touch(Press::Next);
    }
}

fn number(series: Series) -> Number {
    Number { series, day: 20_261_121, nth: 7 }
}

fn signed_in() -> Result<Answer, Refusal> {
    Ok(Answer::Opened { number: number(Series::Visit), reply_by: None })
}

#[test]
fn a_visitor_signs_in_and_is_told_a_number() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(0));
    let Effect::Submit { command, .. } = &effects[0];
    let Command::Open { opening: Opening::Visit(sign_in), .. } = &**command else { panic!("another command") };
    assert_eq!((sign_in.unit.as_str(), sign_in.name.as_ref().map(Name::as_str)), ("3-1203", Some("王")));
    assert_eq!(sign_in.language, "zh-Hans");
    assert_eq!(person.page(), "visit.sending");
    person.answer(effects, signed_in());
    assert_eq!(person.page(), "visit.received");
    assert!(person.everything().contains("V-1121-07"));
}

/// R170: with one touch, or with words on one page more.
#[test]
fn who_is_not_met_asks_to_be_called_back_with_one_touch_or_leaves_words() {
    for words in [false, true] {
        let mut person = Person::new();
        person.reach_purpose();
        let effects = person.touch(Press::Choose(0));
        person.answer(effects, signed_in());
        person.hear(Series::Visit, "not-here");
        assert_eq!(person.page(), "visit.not-here");
        let effects = if words {
            person.touch(Press::Choose(1));
            assert_eq!(person.page(), "visit.message");
            assert!(person.touch(Press::Next).is_empty(), "nothing was said");
            person.keys("wang");
            person.touch(Press::Key(Key::Candidate(0)));
            person.touch(Press::Next)
        } else {
            person.touch(Press::Choose(0))
        };
        let Effect::Submit { command, .. } = &effects[0];
        let step = serde_json::to_value(match &**command {
            Command::Move { step, .. } => step,
            _ => panic!("another command"),
        });
        assert_eq!(step.unwrap()["matter"]["visit"].is_object(), words);
        person.answer(effects, Ok(Answer::Moved { number: number(Series::Visit), state: "message-left", version: 4 }));
        assert_eq!(person.page(), "visit.message-left");
        assert!(person.picture().contains("V-1121-07") && !person.everything().contains('王'));
    }
}

#[test]
fn a_host_who_comes_after_all_ends_the_message() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(0));
    person.answer(effects, signed_in());
    person.hear(Series::Visit, "not-here");
    person.touch(Press::Choose(1));
    person.hear(Series::Visit, "coming");
    assert_eq!(person.page(), "visit.received");
    assert!(person.picture().contains("马上来"));
}

/// The desk counts wrong codes by person, and the glass says where one ends.
#[test]
fn the_desk_hears_of_the_next_person_once_and_only_after_a_code() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(0));
    person.answer(effects, signed_in());
    assert!(person.touch(Press::Finish).is_empty(), "no code was typed");
    person.touch(Press::Open(Door::SignOut));
    person.keys("8000");
    let effects = person.touch(Press::Next);
    person.answer(effects, Ok(Answer::SignedOut(SignedOut::Unknown)));
    let mut told = 0;
    for _ in 0..6 {
        person.moment.at += Duration::from_secs(30);
        for Effect::Submit { command, .. } in person.app.update(Input::Tick, person.moment) {
            assert!(*command == Command::NextPerson);
            told += 1;
        }
    }
    assert_eq!((told, person.app.model.page().to_string().as_str()), (1, "home"));
}

#[test]
fn a_slip_before_the_scanner_opens_what_it_is_for_with_its_number_filled_in() {
    let show = |person: &mut Person, text: &str| {
        person.wait(Duration::from_secs(1));
        person.app.update(Input::Scanned(Scan::new(text).unwrap()), person.moment);
        person.app.draw();
    };
    let mut person = Person::new();
    show(&mut person, "R-1121-07");
    assert_eq!(person.page(), "progress.phone");
    person.keys("8000");
    let effects = person.touch(Press::Next);
    let Effect::Submit { command, .. } = &effects[0];
    let Command::Inquire { receipt, .. } = &**command else { panic!("another command") };
    assert!((receipt.month_day, receipt.nth) == (1121, 7) && receipt.phone_tail == "8000");
    let mut person = Person::new();
    show(&mut person, "V-1121-07");
    assert_eq!(person.page(), "sign-out.tail");
    for other in ["H-1121-07", "r-1121-07", "R-1121-0", "R-1121-07-1", "https://example.com/R-1121-07"] {
        let mut person = Person::new();
        show(&mut person, other);
        assert_eq!(person.page(), "home", "{other}");
    }
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3");
    show(&mut person, "R-1121-07");
    assert_eq!(person.page(), "visit.unit", "what somebody types is not swept away");
}

#[test]
fn a_double_tap_submits_once() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects: usize = {
        let target = person.app.scene().targets.iter().find(|t| t.press == Press::Choose(0)).unwrap().area;
        let at = Point::new(target.x + 5, target.y + 5);
        person.wait(SETTLE);
        (0..4).map(|_| person.tap_at(at).len()).sum()
    };
    assert_eq!(effects, 1);
}

#[test]
fn the_second_tap_of_a_double_tap_does_not_reach_the_next_page() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    person.wait(SETTLE);
    let next = person.app.scene().targets.iter().find(|target| target.press == Press::Next).unwrap().area;
    // Both pages have their button here.
    let at = Point::new(next.right() - 20, next.bottom() - 20);
    person.tap_at(at);
    assert_eq!(person.page(), "visit.name");
    person.tap_at(at);
    assert!(!person.everything().contains("麻烦您再输入一次姓名"));
    person.wait(SETTLE);
    person.tap_at(at);
    assert!(person.everything().contains("麻烦您再输入一次姓名"));
}

#[test]
fn a_press_shows_at_once_and_damages_little() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    let target = person.app.scene().targets.iter().find(|t| t.press == Press::Key(Key::Char('5'))).unwrap().area;
    let at = Point::new(target.x + target.w / 2, target.y + target.h / 2);
    person.app.touch(Touch::Down(at), person.moment);
    let damage = person.app.draw();
    assert_eq!(damage.len(), 1);
    assert!(damage[0].pixels() <= target.pixels());
}

/// R020.
#[test]
fn the_result_of_a_matter_leads_to_the_centre_on_wechat_where_it_has_an_account() {
    let ids = |app: &App| app.preview().parts.iter().map(|part| part.id.clone()).collect::<Vec<_>>();
    let with = reached("repair.received.wechat", Language::Chinese, metrics(GLASSES[0])).unwrap();
    assert!(ids(&with).iter().any(|id| id == "wechat"));
    let page = reached("wechat", Language::Chinese, metrics(GLASSES[0])).unwrap();
    assert!(ids(&page).iter().any(|id| id == "code"), "its code");
    let without = reached("repair.received", Language::Chinese, metrics(GLASSES[0])).unwrap();
    assert!(!ids(&without).iter().any(|id| id == "wechat"));
}

#[test]
fn whoever_visits_is_offered_the_way_where_the_company_has_written_it_down() {
    let mut app = reached("visit.received", Language::English, metrics(GLASSES[0])).unwrap();
    let offered = |app: &App| app.preview().targets.iter().any(|target| target.press == Press::Open(Door::Way));
    assert!(offered(&app));
    let repair = reached("repair.received", Language::English, metrics(GLASSES[0])).unwrap();
    assert!(!offered(&repair), "a resident knows it");
    let moment = Moment { at: Duration::from_secs(45), ..Person::new().moment };
    app.update(Input::Click { press: Press::Open(Door::Way), same_place: false }, moment);
    assert!(app.preview().parts.iter().any(|part| part.label.contains("Lifts")), "one page, and no list before it");
}

#[test]
fn an_idle_kiosk_draws_nothing() {
    let mut person = Person::new();
    person.app.update(Input::Tick, person.moment);
    assert!(person.app.draw().is_empty());
}

#[test]
fn what_was_typed_is_gone_after_the_idle_question() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("5-0808");
    person.touch(Press::Next);
    person.keys("wang");
    person.touch(Press::Key(Key::Candidate(0)));
    assert!(person.everything().contains('王'));
    person.wait(Duration::from_secs(61));
    assert_eq!(person.page(), "idle");
    assert!(!person.everything().contains('王'), "hidden while it asks");
    person.touch(Press::MoreTime);
    assert!(person.everything().contains('王'), "kept for who is still here");
    person.wait(Duration::from_secs(61));
    person.wait(Duration::from_secs(20));
    assert_eq!(person.page(), "home");
    assert!(!person.everything().contains('王') && !person.everything().contains("0808"));
}

#[test]
fn going_home_and_coming_back_finds_empty_fields() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("5-0808");
    assert!(person.everything().contains("0808"));
    person.touch(Press::Back);
    assert_eq!(person.page(), "home");
    person.touch(Press::Open(Door::Visit));
    assert!(!person.everything().contains("0808"));
}

#[test]
fn what_was_typed_is_never_in_the_outline() {
    let mut person = Person::new();
    person.reach_purpose();
    person.touch(Press::Back);
    let outline = format!("{:?}", person.app.scene().outline());
    assert!(!outline.contains("0013") && !outline.contains('王'));
    assert!(!format!("{:?}", person.app.model).contains("0013"));
}

#[test]
fn a_refused_sign_in_keeps_what_was_typed_and_can_be_tried_again() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(1));
    person.answer(effects, Err(Refusal::Storage("disk full".into())));
    assert_eq!(person.page(), "visit.trouble");
    assert!(person.everything().contains("400 000 0000"), "another way is named");
    let effects = person.touch(Press::Retry);
    person.answer(effects, signed_in());
    assert_eq!(person.page(), "visit.received");
}

#[test]
fn an_answer_that_never_comes_is_said_and_a_late_one_is_taken() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(1));
    person.wait(ANSWER_WITHIN);
    assert_eq!(person.page(), "visit.trouble");
    person.answer(effects, signed_in());
    assert_eq!(person.page(), "visit.received");
}

#[test]
fn an_answer_for_somebody_who_has_left_shows_nobody_anything() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(1));
    person.wait(ANSWER_WITHIN);
    person.wait(Duration::from_secs(61));
    person.wait(Duration::from_secs(21));
    assert_eq!(person.page(), "home");
    person.answer(effects, signed_in());
    assert_eq!(person.page(), "home");
}

#[test]
fn a_unit_that_the_directory_lacks_is_asked_again_and_none_is_named() {
    let mut person = Person::new();
    let units: BTreeSet<_> = [crate::service::contact::Unit::parse("3-1204").unwrap()].into();
    person.app.update(Input::Units(units), person.moment);
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.unit");
    assert!(!person.picture().contains("1204"));
}

#[test]
fn signing_out_asks_for_the_unit_only_where_it_must() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::SignOut));
    person.keys("8000");
    let effects = person.touch(Press::Next);
    person.answer(effects, Ok(Answer::SignedOut(SignedOut::Ambiguous)));
    assert_eq!(person.page(), "sign-out.unit");
    person.keys("3-1203");
    let effects = person.touch(Press::Next);
    let Effect::Submit { command, .. } = &effects[0];
    assert!(matches!(&**command, Command::SignOut(leave) if leave.unit.is_some()));
    person.answer(effects, Ok(Answer::SignedOut(SignedOut::Ended { numbers: vec![number(Series::Visit)] })));
    assert_eq!(person.page(), "sign-out.over");
    person.wait(Duration::from_secs(61));
    assert_eq!(person.page(), "home", "nothing is left to ask about");
}

#[test]
fn help_keeps_what_was_typed_and_a_child_at_the_button_is_one_call() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-12");
    let effects = person.touch(Press::Help);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Help), reply_by: None }));
    assert_eq!(person.page(), "help.told");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.unit");
    assert!(person.everything().contains("3-12"));
    assert!(person.touch(Press::Help).is_empty(), "the same call");
    assert_eq!(person.page(), "help.told");
}

/// Whatever has been typed, or not: nobody waits for it.
#[test]
fn the_first_touch_of_the_red_button_already_calls_and_two_are_one_case() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    let effects = person.touch(Press::Emergency);
    let Effect::Submit { command, .. } = &effects[0];
    assert!(matches!(&**command, Command::Open { opening: Opening::Emergency(_), .. }));
    assert_eq!(person.page(), "emergency.place");
    assert!(person.touch(Press::Emergency).is_empty(), "the same case");
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    assert!(person.picture().contains("E-1121-07"));
    // A child's tap: said once, and pressed again it is still that case.
    let effects = person.touch(Press::Back);
    assert!(matches!(&effects[..], [Effect::Submit { .. }]), "who comes is told");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.unit");
    assert!(person.everything().contains("3-1203"), "and what lay below is still there");
    assert!(person.touch(Press::Emergency).is_empty());
    assert_eq!(person.page(), "emergency.place");
}

#[test]
fn an_unfinished_emergency_never_times_out_and_what_lay_below_it_does() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    let effects = person.touch(Press::Emergency);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    person.keys("5-0808");
    person.wait(Duration::from_secs(500));
    person.wait(Duration::from_secs(500));
    assert_eq!(person.page(), "emergency.place");
    assert!(person.everything().contains("5-0808"));
    assert!(person.app.model.flow.is_none(), "what lay below it is gone");
    // Help over it comes back to it, and the end that the house tells ends it here, too.
    person.touch(Press::Help);
    person.hear(Series::Emergency, "placed");
    person.touch(Press::Emergency);
    assert_eq!(person.page(), "emergency.place");
    person.hear(Series::Emergency, "closed");
    assert_eq!(person.page(), "emergency.ended");
    person.wait(Duration::from_secs(500));
    person.wait(Duration::from_secs(500));
    assert_eq!(person.page(), "home");
}

/// R148, R149: what was typed before the case had its number is sent as soon as it has.
#[test]
fn address_and_phone_typed_before_the_desk_answers_are_sent_when_it_does() {
    let mut person = Person::new();
    let alarm = person.touch(Press::Emergency);
    person.touch(Press::Choose(0));
    person.keys("13800138000");
    assert!(person.touch(Press::Next).is_empty(), "there is no number yet");
    let [Effect::Submit { ticket, .. }] = &alarm[..] else { panic!("no alarm") };
    let answer = Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None });
    let effects = person.app.update(Input::Answered { ticket: *ticket, answer }, person.moment);
    let Effect::Submit { command, .. } = &effects[0];
    assert!(matches!(&**command, Command::Move { number, .. } if number.series == Series::Emergency));
    let moved = Answer::Moved { number: number(Series::Emergency), state: "placed", version: 2 };
    person.answer(effects, Ok(moved.clone()));
    assert_eq!(person.page(), "emergency.choose");
    // Not written: said, and asked again on the same page.
    let effects = person.touch(Press::Choose(1));
    person.answer(effects, Err(Refusal::Storage("disk full".into())));
    assert_eq!(person.page(), "emergency.choose");
    assert!(person.picture().contains("麻烦您再点一次"));
    let effects = person.touch(Press::Choose(1));
    person.answer(effects, Ok(moved));
    assert_eq!(person.page(), "emergency.told");
    person.hear(Series::Emergency, "helping");
    assert!(person.picture().contains("陈师傅马上过来"));
    person.touch(Press::Next);
    assert!(!person.everything().contains("0013"), "gone when it is left");
}

#[test]
fn an_alarm_that_cannot_be_written_says_whom_to_call() {
    let mut person = Person::new();
    let effects = person.touch(Press::Emergency);
    person.keys("3-1203");
    person.answer(effects, Err(Refusal::Storage("disk full".into())));
    assert_eq!(person.page(), "emergency.failed");
    assert!(person.picture().contains("120"));
    let effects = person.touch(Press::Retry);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    assert_eq!(person.page(), "emergency.place");
    assert!(person.everything().contains("3-1203"), "and what was typed is still there");
}

/// Nobody knows of it: the glass says what to do, tries again by itself, and gives way in the end.
#[test]
fn a_failed_alarm_is_raised_again_by_itself_and_does_not_hold_the_glass_for_ever() {
    let refused = || Err(Refusal::Storage("disk full".into()));
    let mut person = Person::new();
    let effects = person.touch(Press::Emergency);
    person.answer(effects, refused());
    assert!(person.picture().contains("119") && person.picture().contains("到前台"), "{}", person.picture());
    for _ in 0..3 {
        person.moment.at += RETRY;
        let effects = person.app.update(Input::Tick, person.moment);
        assert!(person.app.update(Input::Tick, person.moment).is_empty(), "one at a time");
        person.answer(effects, refused());
        assert_eq!(person.page(), "emergency.failed", "what to do stays on the glass meanwhile");
    }
    // Written at last: from then on it is an emergency like any other, and never times out.
    person.moment.at += RETRY;
    let effects = person.app.update(Input::Tick, person.moment);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    person.wait(FAILED_FOR * 3);
    assert_eq!(person.page(), "emergency.place");

    let mut person = Person::new();
    let effects = person.touch(Press::Emergency);
    person.answer(effects, refused());
    let mut waited = Duration::ZERO;
    while person.page() == "emergency.failed" {
        assert!(waited <= FAILED_FOR + RETRY, "it holds the glass");
        let pause = person.app.wake().saturating_sub(person.moment.at);
        assert!(pause > Duration::ZERO, "it never spins");
        person.moment.at += pause;
        waited += pause;
        let effects = person.app.update(Input::Tick, person.moment);
        person.app.draw();
        for Effect::Submit { ticket, .. } in effects {
            person.app.update(Input::Answered { ticket, answer: refused() }, person.moment);
        }
    }
    assert_eq!(person.page(), "home");
    assert!(person.app.model.is_blank());
    person.moment.at += RETRY;
    assert!(person.app.update(Input::Tick, person.moment).is_empty(), "and nothing is raised behind anybody's back");
}

/// A desk that says nothing may still take the alarm: a second one behind it would be a second case.
#[test]
fn an_alarm_that_the_desk_may_still_take_is_not_raised_twice() {
    let mut person = Person::new();
    let effects = person.touch(Press::Emergency);
    person.wait(ANSWER_WITHIN);
    assert_eq!(person.page(), "emergency.failed");
    for _ in 0..4 {
        person.moment.at += RETRY;
        assert!(person.app.update(Input::Tick, person.moment).is_empty());
    }
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    assert_eq!(person.page(), "emergency.place");
}

/// Remembers what it was to say.
#[derive(Default)]
struct Heard(Vec<(Language, u8, String)>);

impl Speech for Heard {
    fn say(&mut self, language: Language, loudness: u8, words: &str) {
        self.0.push((language, loudness, words.to_owned()));
    }

    fn hush(&mut self) {
        self.0.push((Language::English, 0, String::new()));
    }
}

/// R224.
#[test]
fn each_question_is_read_once_to_whoever_asks_and_nothing_that_was_typed() {
    let mut heard = Heard::default();
    let mut app = reached("home.aloud", Language::Chinese, metrics(GLASSES[0])).unwrap();
    app.update(Input::Click { press: Press::Aloud, same_place: false }, app.model.moment);
    app.draw();
    app.speak(&mut heard);
    assert!(heard.0.is_empty(), "nobody has asked");
    for press in [Press::Aloud, Press::Open(Door::Visit), Press::Key(Key::Char('3')), Press::Finish] {
        app.update(Input::Click { press, same_place: false }, app.model.moment);
        app.draw();
        app.speak(&mut heard);
    }
    let said: Vec<_> = heard.0.iter().map(|(_, loudness, words)| (*loudness, words.as_str())).collect();
    assert_eq!(
        said,
        [(60, "下午好，欢迎光临"), (60, "您好，请问您找哪一户？"), (0, "")],
        "the next visitor hears nothing"
    );
}

/// R163, R164, R169.
#[test]
fn the_hosts_answer_appears_on_the_glass_and_stays_for_who_waits() {
    let mut person = Person::new();
    person.reach_purpose();
    let effects = person.touch(Press::Choose(0));
    person.answer(effects, signed_in());
    assert_eq!(person.app.watches(), Some(number(Series::Visit)));
    person.wait(Duration::from_secs(100));
    assert_eq!(person.page(), "visit.received", "somebody sits and waits");
    person.hear(Series::Visit, "coming");
    assert!(person.picture().contains("马上来"));
    person.hear(Series::Help, "not-here");
    assert!(person.picture().contains("马上来"), "news of another case are another's");
    person.wait(WATCHED);
    assert_eq!(person.page(), "home");
    assert_eq!(person.app.watches(), None);
    person.hear(Series::Visit, "coming");
    assert_eq!(person.page(), "home", "for nobody");
}

#[test]
fn who_asked_for_help_sees_who_comes() {
    let mut person = Person::new();
    let effects = person.touch(Press::Help);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Help), reply_by: None }));
    person.hear(Series::Help, "coming");
    assert!(person.picture().contains("陈师傅马上过来"));
    assert!(!format!("{:?}", person.app.model).contains("陈师傅"));
}

#[test]
fn a_change_on_the_read_back_page_comes_back_to_it() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Report));
    person.touch(Press::Open(Door::RepairPublic));
    person.touch(Press::Choose(0));
    person.touch(Press::Choose(0));
    person.keys("wang");
    person.touch(Press::Key(Key::Candidate(0)));
    person.touch(Press::Next);
    person.keys("13800138000");
    person.touch(Press::Next);
    assert_eq!(person.page(), "repair.check");
    person.touch(Press::Edit(1));
    person.touch(Press::Choose(2));
    assert_eq!(person.page(), "repair.check");
    assert!(person.picture().contains("照明"));
    // And whoever does not want to send it gets out.
    for page in ["repair.phone", "repair.what", "repair.spot", "report", "home"] {
        person.touch(Press::Back);
        assert_eq!(person.page(), page);
    }
}

#[test]
fn two_times_are_offered_in_the_order_of_preference_and_can_be_taken_back() {
    let mut person = Person::new();
    for press in [Press::Open(Door::Report), Press::Open(Door::RepairHome)] {
        person.touch(press);
    }
    person.keys("3-1203");
    for press in [Press::Next, Press::Choose(0), Press::Way(1)] {
        person.touch(press);
    }
    assert_eq!(person.page(), "repair.when", "nothing chosen leads nowhere");
    assert!(person.picture().contains("麻烦您先点选一项"), "and says why");
    for tile in [0, 1, 1, 2, 3] {
        person.touch(Press::Choose(tile));
    }
    person.touch(Press::Way(0));
    person.keys("wang");
    person.touch(Press::Key(Key::Candidate(0)));
    person.touch(Press::Next);
    person.keys("13800138000");
    person.touch(Press::Next);
    assert!(person.picture().contains("家里不一定有人"), "read back");
    let effects = person.touch(Press::Next);
    let Effect::Submit { command, .. } = &effects[0];
    let Command::Open { opening: Opening::Repair(repair), .. } = &**command else { panic!("another command") };
    assert_eq!(repair.windows, [Window::SoonAsPossible, Window::TomorrowMorning]);
    assert_eq!(repair.at_home, Some(false), "R245: the way on was the answer");
}

/// Name and phone are one screen: each is a touch away while the other is typed, and both are looked at before it goes on.
#[test]
fn name_and_phone_stand_on_one_screen_and_neither_is_left_out() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.name");
    person.touch(Press::Edit(2));
    assert_eq!(person.page(), "visit.phone");
    person.keys("13800138000");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.name", "the name is still missing");
    assert!(person.picture().contains("麻烦您再输入一次姓名"));
    assert!(person.picture().contains("138 0013 8000"), "and the number stands beside it");
    person.keys("wang");
    person.touch(Press::Key(Key::Candidate(0)));
    for page in ["visit.phone", "visit.purpose"] {
        person.touch(Press::Next);
        assert_eq!(person.page(), page);
    }
    person.touch(Press::Back);
    person.touch(Press::Back);
    assert_eq!(person.page(), "visit.unit", "one screen, one way back");
}

/// R188, R189, R192: by surname as soon as it is known and wished; 您 before, and to who says nothing.
#[test]
fn who_chooses_a_title_is_addressed_by_surname_until_the_session_ends() {
    for titled in [false, true] {
        let mut person = Person::new();
        person.touch(Press::Open(Door::Visit));
        person.keys("3-1203");
        person.touch(Press::Next);
        person.keys("wang");
        person.touch(Press::Key(Key::Candidate(0)));
        for _ in 0..if titled { 3 } else { 2 } {
            // Chosen, taken back, chosen.
            person.touch(Press::Title(Title::Ms));
        }
        person.touch(Press::Next);
        assert_eq!(person.picture().contains("王女士，请留一个手机号码"), titled);
        person.keys("13800138000");
        person.touch(Press::Next);
        assert_eq!(person.picture().contains("王女士，请问您这次来是"), titled);
        let effects = person.touch(Press::Choose(0));
        assert!(!format!("{effects:?}").contains("女士"), "nothing of it is stored");
        person.answer(effects, signed_in());
        assert_eq!(person.picture().contains("王女士，登记好了"), titled);
        assert!(!format!("{:?} {:?}", person.app.scene().outline(), person.app.model).contains('王'));
        person.touch(Press::Finish);
        assert!(!person.everything().contains("女士") && person.app.model.is_blank());
    }
}

/// kiosk-look: words, what it is about, who; then the number.
#[test]
fn a_complaint_is_three_screens() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Report));
    person.touch(Press::Open(Door::Complaint));
    let mut steps = BTreeSet::new();
    let mut step = |person: &Person| {
        let outline = person.app.scene().outline();
        steps.insert(outline.parts.into_iter().find(|part| part.id == "step").map(|part| part.label));
    };
    step(&person);
    person.touch(Press::Key(Key::Letters));
    person.keys("bins");
    person.touch(Press::Next);
    step(&person);
    person.touch(Press::Choose(3));
    step(&person);
    person.keys("wang");
    person.touch(Press::Key(Key::Candidate(0)));
    person.touch(Press::Next);
    step(&person);
    person.keys("13800138000");
    assert_eq!(person.touch(Press::Next).len(), 1, "sent");
    assert_eq!(steps.len(), 3, "{steps:?}");
}

/// Whatever somebody was in the middle of: after the wipe the glass is that of a kiosk that nobody has touched.
#[test]
fn nothing_of_the_person_before_is_left_after_a_wipe() {
    let fresh = reached("home", Language::Chinese, metrics(GLASSES[0])).unwrap().preview();
    for name in names().filter(|name| !name.starts_with("home")) {
        let mut app = reached(name, Language::Chinese, metrics(GLASSES[0])).unwrap();
        let mut moment = app.model.moment;
        // An unfinished emergency waits for ever.
        for _ in 0..3 {
            if ["place", "choose"].contains(&app.model.page().1) && name.starts_with("emergency") {
                moment.at += SETTLE;
                app.update(Input::Click { press: Press::Back, same_place: false }, moment);
            }
        }
        for _ in 0..10 {
            moment.at += Duration::from_secs(30);
            app.update(Input::Tick, moment);
        }
        let scene = app.preview();
        // By night, and with a voice, a fresh kiosk looks otherwise.
        let other = ["night", "aloud"].iter().any(|word| name.contains(word));
        assert!(other || scene.items == fresh.items, "{name}");
        assert_eq!(scene.screen, "home", "{name}");
        assert!(app.model.is_blank(), "{name} has left something");
    }
}

/// 100,000 touches as children, palms and broken panels make them. `LOBBYD_SEED` plays one again.
#[test]
fn no_touching_whatever_leads_anywhere_but_home() {
    let seed = std::env::var("LOBBYD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
    println!("LOBBYD_SEED={seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut person = Person::new();
    let mut targets = person.app.preview().targets;
    let mut at = Point::zero();
    for n in 0..100_000 {
        person.moment.at += Duration::from_millis(dice.u64(0..60));
        // Half of the contacts hit what answers, the others the empty glass or its edge.
        let hit = dice.bool().then(|| dice.choice(&targets).map(|target| target.area)).flatten();
        let place = hit.map_or(Point::new(dice.i32(-20..820), dice.i32(-20..500)), |area| {
            Point::new(area.x + dice.i32(0..area.w), area.y + dice.i32(0..area.h))
        });
        let touch = match dice.u8(0..10) {
            0..=3 => Touch::Down(place),
            4 => Touch::Move(place),
            5..=8 => Touch::Up(at),
            _ => Touch::Cancel,
        };
        if let Touch::Down(place) = touch {
            at = place;
        }
        let effects = person.app.touch(touch, person.moment);
        for Effect::Submit { ticket, command } in effects {
            let answer = match &*command {
                Command::Open { opening, .. } if dice.bool() => {
                    Ok(Answer::Opened { number: number(opening.series()), reply_by: None })
                }
                Command::SignOut(_) => Ok(Answer::SignedOut(SignedOut::Ambiguous)),
                _ => Err(Refusal::Busy),
            };
            person.app.update(Input::Answered { ticket, answer }, person.moment);
        }
        if n % 5_000 == 0 {
            person.app.update(Input::Tick, person.moment);
        }
        if let Touch::Up(_) = touch {
            targets = person.app.look();
            assert!(!targets.is_empty(), "a dead end at {n}, seed {seed}");
        }
    }
    person.app.update(Input::Click { press: Press::Back, same_place: false }, person.moment);
    for _ in 0..20 {
        person.moment.at += Duration::from_secs(30);
        person.app.update(Input::Tick, person.moment);
        if person.app.model.page().0 == "emergency" {
            person.app.update(Input::Click { press: Press::Back, same_place: false }, person.moment);
        }
    }
    assert_eq!(person.app.model.page().to_string(), "home", "seed {seed}");
}

#[test]
fn help_and_emergency_stand_in_the_same_place_on_every_page() {
    for glass in GLASSES {
        let mut places = BTreeSet::new();
        for name in names() {
            let app = reached(name, Language::Chinese, metrics(glass)).unwrap();
            for press in [Press::Help, Press::Emergency] {
                let scene = app.preview();
                let target = scene.targets.iter().find(|target| target.press == press);
                let area = target.unwrap_or_else(|| panic!("{name} has no {press:?}")).area;
                places.insert((format!("{press:?}"), area.x, area.y, area.w, area.h));
            }
        }
        assert_eq!(places.len(), 2, "{glass:?}");
    }
}

/// Every sample in every language, on every glass, in every look.
fn every_picture(mut look: impl FnMut(&str, (u32, u32, u32), &Scene)) {
    let kits = GLASSES.map(|glass| (glass, Kit::new(metrics(glass))));
    for language in Language::ALL {
        for name in names() {
            let mut app = reached(name, language, metrics(GLASSES[0])).unwrap();
            let sight = app.model.sight;
            for (glass, kit) in &kits {
                for seen in [sight, Sight::Large] {
                    app.model.sight = seen;
                    look(name, *glass, &view(&app.model, &Finger::default(), kit));
                }
            }
        }
    }
}

#[test]
fn every_text_fits_its_box() {
    // One place of each: a word in the frame is on every page.
    let mut over = BTreeMap::new();
    every_picture(|name, glass, scene| {
        for text in &scene.overflow {
            over.entry(format!("{} {text}", scene.language)).or_insert_with(|| format!("{name} {glass:?}"));
        }
    });
    assert!(over.is_empty(), "{over:#?}");
}

#[test]
fn everything_that_answers_a_finger_is_large_enough_and_lies_on_the_glass() {
    every_picture(|name, glass, scene| {
        for target in &scene.targets {
            // Letters, and the ten pills along the edge of a narrow glass, are as wide as there is room.
            let small = matches!(target.press, Press::Key(_));
            let least = metrics(glass).px(if small { 40 } else { 60 });
            assert!(target.area.w >= least && target.area.h >= least, "{name} {glass:?}: {target:?}");
            assert_eq!(target.area.intersection(scene.bounds), target.area, "{name} {glass:?} {target:?}");
        }
    });
}

/// A finger is 12 mm. Ten letters side by side are as wide as the glass lets them be: 8 mm on a standing 7″ glass, which
/// is 88 mm across; their rows are always high enough, and nothing between two keys is dead.
#[test]
fn a_key_answers_twelve_millimetres_high_wherever_it_is_touched() {
    for (width, height, dpi) in GLASSES {
        let millimetres = |pixels: i32| pixels as f32 / dpi as f32 * 25.4;
        let across = if width > height { 12.0 } else { 8.0 };
        for name in names().filter(|name| {
            ["name", "words", "detail", "wish", "letters", "symbols", "spelling"]
                .iter()
                .any(|word| name.ends_with(word))
        }) {
            let scene = reached(name, Language::Chinese, metrics((width, height, dpi))).unwrap().preview();
            let keys = scene.targets.iter().filter(|target| matches!(target.press, Press::Key(_)));
            let rows: BTreeMap<i32, Vec<_>> = keys.fold(BTreeMap::new(), |mut rows, key| {
                rows.entry(key.area.y).or_insert_with(Vec::new).push(key.area);
                rows
            });
            for area in rows.values().flatten() {
                let (w, h) = (millimetres(area.w), millimetres(area.h));
                assert!(w >= across && h >= 12.0, "{name} {width}x{height}: {w:.1} x {h:.1} mm");
            }
            for row in rows.values().filter(|row| row.len() > 6) {
                let dead = row.windows(2).find(|pair| pair[1].x != pair[0].right() && pair[0].y > scene.bounds.h / 2);
                assert!(dead.is_none(), "{name}: {dead:?}");
            }
        }
    }
}

#[test]
fn every_button_has_a_name_for_those_who_cannot_see_it() {
    for name in names() {
        let outline = reached(name, Language::English, metrics(GLASSES[0])).unwrap().preview().outline();
        assert!(!outline.screen.is_empty() && outline.language == "en");
        let mut ids = BTreeSet::new();
        for part in outline.parts.iter().filter(|part| part.role == Role::Button) {
            assert!(!part.label.is_empty() && !part.id.ends_with('.'), "{name}: {part:?}");
            assert!(ids.insert(part.id.clone()), "{name} has two {}", part.id);
        }
    }
}

#[test]
fn the_picture_in_pieces_is_the_picture_at_once() {
    let mut person = Person::new();
    person.reach_purpose();
    person.touch(Press::Language);
    person.touch(Press::Speak(Language::English));
    person.touch(Press::Large);
    person.touch(Press::Back);
    let pieces = person.app.frame().clone();
    person.app.redraw();
    assert!(pieces == *person.app.frame());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    /// A child at the glass: taps anywhere, at any pace. Nothing breaks, and nothing incomplete is ever submitted (the
    /// types of the commands see to what is complete; here it is that they are only made from whole forms).
    #[test]
    fn a_tapping_child_breaks_nothing(taps in prop::collection::vec((0..800i32, 0..480i32, 0..2500u64, 0..9u8), 300)) {
        let mut person = Person::new();
        for (x, y, pause, luck) in taps {
            person.wait(Duration::from_millis(pause));
            for Effect::Submit { ticket, command } in person.tap_at(Point::new(x, y)) {
                let known = matches!(&*command, Command::Open { .. } | Command::Move { .. } | Command::SignOut(_) | Command::Inquire { .. } | Command::Collect { .. } | Command::Arrive { .. } | Command::NextPerson);
                prop_assert!(known);
                let answer = match (&*command, luck) {
                    (_, 0) => continue,
                    (_, 1) => Err(Refusal::Busy),
                    (Command::SignOut(_), 2) => Ok(Answer::SignedOut(SignedOut::Ambiguous)),
                    (Command::Inquire { .. }, _) => Ok(Answer::Progress(None)),
                    (Command::SignOut(_), 3) => Ok(Answer::SignedOut(SignedOut::Unknown)),
                    (Command::Open { opening, .. }, _) => Ok(Answer::Opened { number: number(opening.series()), reply_by: None }),
                    _ => Ok(Answer::Done),
                };
                person.app.update(Input::Answered { ticket, answer }, person.moment);
                person.app.draw();
            }
            prop_assert!(person.app.scene().overflow.is_empty(), "{:?}", person.app.scene().overflow);
            prop_assert!(person.app.wake() >= person.moment.at);
        }
    }

    /// Presses in any order, also those that are not on the page: none leads out of the flows.
    #[test]
    fn presses_in_any_order_never_submit_an_empty_form(presses in prop::collection::vec(any_press(), 0..200)) {
        let mut person = Person::new();
        for press in presses {
            person.moment.at += SETTLE;
            let effects = person.app.update(Input::Click { press, same_place: false }, person.moment);
            let help = |Effect::Submit { command, .. }: &Effect| matches!(&**command, Command::Move { .. } | Command::Open { opening: Opening::Help(_) | Opening::Emergency(_), .. });
            prop_assert!(effects.iter().all(help));
        }
    }
}

fn any_press() -> impl Strategy<Value = Press> {
    let fixed = vec![
        Press::Back,
        Press::Next,
        Press::Help,
        Press::Emergency,
        Press::Language,
        Press::Large,
        Press::Retry,
        Press::More,
        Press::Finish,
        Press::MoreTime,
        Press::Open(Door::Visit),
        Press::Page,
        Press::Speak(Language::French),
        Press::Open(Door::Report),
        Press::Open(Door::RepairHome),
        Press::Open(Door::Complaint),
        Press::Open(Door::SignOut),
        Press::Open(Door::Services),
    ];
    prop_oneof![prop::sample::select(fixed), (0..9u8).prop_map(Press::Choose), (0..9u8).prop_map(Press::Edit)]
}
