//! Help and emergency: the first touch calls, and nothing that is typed or times out undoes it.

use super::*;

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

/// Whoever comes next must see the emergency, not what somebody has opened over it and left.
#[test]
fn what_lies_over_an_unfinished_emergency_goes_when_nobody_touches_it() {
    let mut person = Person::new();
    let effects = person.touch(Press::Emergency);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Emergency), reply_by: None }));
    person.touch(Press::Language);
    assert_eq!(person.page(), "languages");
    person.wait(Duration::from_secs(500));
    assert_eq!(person.page(), "emergency.place");
    let effects = person.touch(Press::Help);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Help), reply_by: None }));
    assert_eq!(person.page(), "help.told");
    person.wait(WATCHED);
    assert_eq!(person.page(), "emergency.place");
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

#[test]
fn who_asked_for_help_sees_who_comes() {
    let mut person = Person::new();
    let effects = person.touch(Press::Help);
    person.answer(effects, Ok(Answer::Opened { number: number(Series::Help), reply_by: None }));
    person.hear(Series::Help, "coming");
    assert!(person.picture().contains("陈师傅马上过来"));
    assert!(!format!("{:?}", person.app.model).contains("陈师傅"));
}
