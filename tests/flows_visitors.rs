//! Visitors at the glass with a real desk behind it: who is not met leaves a message, who comes again is not told so, and a slip
//! before the scanner leads where it belongs.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::TimeDelta;
use clockwork::{Machine, Open, noon, open};
use embedded_graphics::prelude::Size;
use embedded_graphics::primitives::Rectangle;
use kiosk::Glass;
use lobbyd::board::{BoardError, Display, Frame, Outline, Touch};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Now, Slug};
use lobbyd::kiosk::{Beside, Kiosk, Language, Left, Wake, samples};
use lobbyd::service::case::Errand;
use lobbyd::service::number::{Number, Series};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// 王 at 3-1203, with a phone.
fn sign_in(glass: &mut Glass) {
    glass.press("home.visit");
    glass.keys("3-1203");
    glass.press("next");
    glass.keys("wang");
    glass.press("candidate.1");
    glass.press("next");
    glass.keys("13800000042");
    glass.press("next");
    glass.press("purpose.friends");
}

/// A guard takes the task of this errand and says what came of it.
fn answer(open: &Open, nth: u32, errand: Errand, outcome: &str) {
    let number = Number { series: Series::Visit, day: 20_261_121, nth };
    let task = open.case(number).case.docket.errands(errand).next().expect("somebody is asked").id;
    let by = || Actor::staff(slug("li"), "测试乙".into(), Role::Guard, Some(slug("gate-a")), Via::Page);
    for step in [json!({ "claim": {} }), json!({ "done": { "outcome": outcome } })] {
        let step: Value = json!({ "task": { "task": task, "step": step } });
        let step = serde_json::from_value(step).unwrap();
        let taken = open.ask(Command::Move { number, step, seen: None, by: by() });
        assert!(matches!(taken, Ok(Answer::Moved { .. })), "{taken:?}");
    }
}

/// R170: the message goes to the host through the front desk; in the events stands that there is one.
#[test]
fn who_is_not_met_leaves_a_message_that_the_desk_passes_on() {
    for words in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let open = open(dir.path(), &Machine::at(noon(), true));
        let mut glass = Glass::before(&open);
        sign_in(&mut glass);
        answer(&open, 1, Errand::CallHost, "not-here");
        glass.hear();
        assert_eq!(glass.page(), "visit.not-here");
        // R169: the same words for a host who is not in and one who does not want to come.
        assert!(glass.words().contains("现在不在，您能留下名片或口讯吗"), "{}", glass.words());
        if words {
            glass.press("message.leave");
            glass.keys("wang");
            glass.press("candidate.1");
            glass.press("next");
        } else {
            glass.press("message.call-back");
        }
        assert_eq!((glass.page().as_str(), glass.says("number").as_str()), ("visit.message-left", "V-1121-01"));
        let [left] = &open.told(Kind::VisitMessageLeft)[..] else { panic!("{:?}", open.kinds()) };
        assert_eq!(left["what"], if words { "visitor-message" } else { "visitor-call-back" });
        assert_eq!(left["person"]["message"], if words { json!("王") } else { Value::Null });
        let [promised] = &open.told(Kind::PromiseGiven)[..] else { panic!("{:?}", open.kinds()) };
        assert_eq!(promised["promise"], "pass-on");
        answer(&open, 1, Errand::TellResult, "told");
        assert_eq!(open.told(Kind::VisitMessageTold).len(), 1);
        open.close();
    }
}

/// R180, R309: anybody may type anybody's name and phone. The guard's card knows him, the glass does not say so.
#[test]
fn who_types_a_name_and_a_phone_does_not_learn_that_somebody_was_here_before() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let said = ["V-1121-01", "V-1121-02"].map(|number| {
        let mut glass = Glass::before(&open);
        sign_in(&mut glass);
        assert_eq!(glass.page(), "visit.received");
        glass.words().replace(number, "")
    });
    assert_eq!(said[0], said[1]);
    let arrived = open.told(Kind::VisitArrived);
    assert_eq!((&arrived[0]["earlier_visits"], &arrived[1]["earlier_visits"]), (&Value::Null, &json!(1)));
    open.close();
}

#[test]
fn the_slip_of_a_visit_before_the_scanner_leads_to_signing_out() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    sign_in(&mut glass);
    let number = glass.says("number");
    glass.press("finish");
    glass.wait(TimeDelta::seconds(1));
    glass.show(&number);
    assert_eq!(glass.page(), "sign-out.tail");
    assert!(open.told(Kind::VisitSignedOut).is_empty(), "a slip may have been found: the phone is asked for");
    glass.keys("0042");
    glass.press("next");
    assert_eq!(glass.page(), "sign-out.over");
    assert_eq!(open.told(Kind::VisitSignedOut).len(), 1);
    open.close();
}

/// A prankster costs the next person nothing, and a whole place a minute at most.
#[test]
fn the_wipe_ends_the_wait_of_the_person_before() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    let try_out = |glass: &mut Glass| {
        glass.keys("9999");
        glass.press("next");
    };
    glass.press("home.sign-out");
    for _ in 0..5 {
        try_out(&mut glass);
        assert_eq!(glass.page(), "sign-out.tail");
    }
    try_out(&mut glass);
    assert_eq!(glass.page(), "sign-out.later");
    glass.press("next");
    glass.press("home.sign-out");
    try_out(&mut glass);
    assert_eq!(glass.page(), "sign-out.tail", "the next one is looked at");
    open.close();
}

/// Keeps the last words of a display.
struct Words(Arc<Mutex<Outline>>);

impl Display for Words {
    fn size(&self) -> Size {
        Size::new(800, 480)
    }

    fn present(&mut self, _: &Frame, _: &[Rectangle], outline: &Outline) -> Result<(), BoardError> {
        outline.clone_into(&mut self.0.lock().unwrap());
        Ok(())
    }
}

/// Two taps on one key, felt so far apart, that the kiosk comes to look at one right after the other, as when its panel was slow; what
/// the key shows then.
fn after_two_taps(open: &Open, apart: Duration) -> String {
    let at = Glass::before(open).place("large").center();
    let words = Arc::new(Mutex::new(Outline::default()));
    let kiosk = Kiosk::new(samples::settings(Language::Chinese));
    let felt = Instant::now() + Duration::from_secs(1);
    for felt in [felt, felt + apart] {
        for touch in [Touch::Down(at), Touch::Up(at)] {
            kiosk.sender().send(Wake::Touch(touch, felt)).unwrap();
        }
    }
    kiosk.sender().send(Wake::Stop).unwrap();
    let display = Box::new(Words(Arc::clone(&words)));
    let machine = open.machine.clone();
    let left = kiosk.run(
        display,
        133,
        &open.desk,
        move || Now { utc: machine.wall(), synced: true },
        |_| (),
        Beside::default(),
    );
    assert!(matches!(left, Ok(Left::Stopped)));
    let parts = &words.lock().unwrap().parts;
    parts.iter().find(|part| part.id == "large").unwrap().label.clone()
}

#[test]
fn two_taps_that_wait_for_a_slow_panel_are_two_and_a_contact_that_bounces_is_one() {
    let dir = tempfile::tempdir().unwrap();
    let open = open(dir.path(), &Machine::at(noon(), true));
    let mut glass = Glass::before(&open);
    glass.press("large");
    assert_eq!(after_two_taps(&open, Duration::from_millis(10)), glass.says("large"), "a bounce");
    glass.press("large");
    assert_eq!(after_two_taps(&open, Duration::from_millis(120)), glass.says("large"), "two taps");
}
