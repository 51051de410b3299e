use super::*;
use crate::service::case::walk::{Plan, Seen, name, phone, slug, staff, text, walk};
use crate::service::matter::trial::{Trial, noon};
use crate::service::matter::{MatterStep, Opening};
use proptest::prelude::*;

fn asked(written: bool) -> Opening {
    let request =
        Request { text: text(), written, unit: None, name: name(), phone: phone(), language: "zh-Hans".into() };
    Opening::Enquiry(request)
}

fn take(trial: &mut Trial, step: Step) -> Result<(), Objection> {
    trial.step(MatterStep::Enquiry(step), &staff(Role::FrontDesk))
}

fn words(text: &str) -> Text {
    Text::parse(text).unwrap()
}

#[test]
fn what_is_written_is_answered_in_writing_and_by_nobody_with_a_bare_no() {
    let mut trial = Trial::open(&asked(true), noon());
    let spoken = Step::Answer { words: text(), written: false, told: true };
    assert_eq!(take(&mut trial, spoken), Err(Objection::Needs(Need::WrittenReply)));
    let bare = Step::OutOfScope { words: words("很抱歉"), alternative: None, told: true };
    assert_eq!(take(&mut trial, bare), Err(Objection::Needs(Need::Alternative)));
    let cold = Step::OutOfScope { words: words("请到隔壁"), alternative: Some(text()), told: true };
    assert_eq!(take(&mut trial, cold), Err(Objection::Needs(Need::Apology)));
    let blunt = Step::Answer { words: words("這不是我的事"), written: true, told: true };
    assert_eq!(take(&mut trial, blunt), Err(Objection::Wording));
    let developer = Step::Answer { words: words("请您去找开发公司"), written: true, told: true };
    assert_eq!(take(&mut trial, developer), Err(Objection::Wording));
    take(&mut trial, Step::OutOfScope { words: words("很抱歉"), alternative: Some(text()), told: true }).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn an_answer_that_waits_has_a_time_that_was_told_and_a_superior_when_it_passes() {
    let mut trial = Trial::open(&asked(false), noon());
    let yesterday = Step::TellTime { by: noon() - TimeDelta::days(1) };
    assert_eq!(take(&mut trial, yesterday), Err(Objection::Needs(Need::ReplyTime)));
    take(&mut trial, Step::TellTime { by: noon() + TimeDelta::hours(3) }).unwrap();
    assert_eq!(trial.case.state(), "reply-time-told");
    trial.wait(TimeDelta::hours(3));
    assert!(trial.is_asked(Errand::TakeOver) && trial.is_asked(Errand::Apologise));
    take(&mut trial, Step::Answer { words: text(), written: false, told: false }).unwrap();
    assert!(trial.is_asked(Errand::TellResult));
    take(&mut trial, Step::Told { understood: true }).unwrap();
    assert_eq!(trial.case.state(), "closed");
}

#[test]
fn who_does_not_believe_the_explanation_is_heard_by_a_superior() {
    let mut trial = Trial::open(&asked(false), noon());
    take(&mut trial, Step::Answer { words: text(), written: false, told: false }).unwrap();
    take(&mut trial, Step::Told { understood: false }).unwrap();
    assert!(trial.is_asked(Errand::TakeOver));
    let nobody = Step::Escalate { to: Named { id: None, name: " ".into() } };
    assert_eq!(take(&mut trial, nobody), Err(Objection::Needs(Need::Name)));
    take(&mut trial, Step::Escalate { to: Named { id: None, name: "经理".into() } }).unwrap();
    assert_eq!(trial.person(Kind::EnquiryEscalated)["leader"], json!("经理"));
}

#[test]
fn taking_it_up_is_an_answer_a_department_or_a_time() {
    let mut trial = Trial::open(&asked(false), noon());
    let task = trial.task(Errand::TakeUp);
    let done = trial.done(task, None, None, &staff(Role::FrontDesk));
    assert_eq!(done, Err(Objection::Needs(Need::AnswerOrTransfer)));
    take(&mut trial, Step::Transfer { department: slug("security") }).unwrap();
    assert_eq!(trial.case.docket.errands(Errand::TakeUp).next().unwrap().facts["department"], json!("security"));
}

#[test]
fn the_asker_hears_how_it_stands_within_a_day_and_again_within_the_next() {
    let mut trial = Trial::open(&asked(true), noon());
    trial.wait(TimeDelta::hours(20));
    take(&mut trial, Step::Progress { words: text() }).unwrap();
    trial.wait(TimeDelta::hours(20));
    assert!(trial.events.iter().all(|event| event.kind != Kind::PromiseBreached));
    trial.wait(TimeDelta::hours(5));
    assert_eq!(trial.facts(Kind::PromiseBreached)["promise"], json!("progress"));
}

#[test]
fn the_stricter_profile_answers_in_two_hours() {
    let mut trial = Trial::open(&asked(false), noon());
    assert!(trial.case.docket.clock(Promise::Reply).is_none());
    trial.house.figures.promise.strict = true;
    let now = crate::event::Now { utc: noon(), synced: true };
    let number = crate::service::number::Number { series: Series::Enquiry, day: 20_261_121, nth: 2 };
    let by = staff(Role::FrontDesk);
    let opened = crate::service::case::Case::open(
        &asked(false),
        crate::service::case::Source::Phone,
        number,
        &by,
        &trial.house,
        now,
    );
    let due = opened.case.docket.clock(Promise::Reply).unwrap().due.time();
    assert_eq!(due, noon() + TimeDelta::hours(2));
}

fn check(seen: &Seen<'_>) {
    if seen.after.state() == "closed" {
        let answered = seen.count(Kind::EnquiryAnswered) + seen.count(Kind::EnquiryOutOfScope);
        assert!(answered > 0, "no enquiry ends without an answer");
    }
    if seen.after.state() == "reply-time-told" {
        assert!(seen.after.docket.clock(Promise::Reply).is_some(), "the time that was told is held");
    }
}

#[test]
fn no_walk_through_an_enquiry_ends_without_an_answer() {
    let say = || prop::sample::select(vec![text(), words("对不起"), words("我不清楚")]);
    let steps = prop_oneof![
        (say(), any::<bool>(), any::<bool>()).prop_map(|(words, written, told)| Step::Answer { words, written, told }),
        Just(Step::Transfer { department: slug("security") }),
        (0..60i64).prop_map(|hours| Step::TellTime { by: noon() + TimeDelta::hours(hours) }),
        say().prop_map(|words| Step::Progress { words }),
        Just(Step::Escalate { to: Named { id: None, name: "经理".into() } }),
        (say(), prop::option::of(Just(text())), any::<bool>())
            .prop_map(|(words, alternative, told)| Step::OutOfScope { words, alternative, told }),
        any::<bool>().prop_map(|understood| Step::Told { understood }),
    ];
    walk(&Plan {
        openings: any::<bool>().prop_map(asked).boxed(),
        steps: steps.prop_map(MatterStep::Enquiry).boxed(),
        allowed: &[
            ("", &["received"]),
            ("received", &["transferred", "reply-time-told", "answered", "closed", "withdrawn"]),
            ("transferred", &["reply-time-told", "answered", "closed", "withdrawn"]),
            ("reply-time-told", &["transferred", "answered", "closed", "withdrawn"]),
            ("answered", &["transferred", "closed", "withdrawn"]),
        ],
        waits: &[],
        outcomes: &["told"],
        check: &check,
        walks: 48,
        attempts: 60,
    });
}
