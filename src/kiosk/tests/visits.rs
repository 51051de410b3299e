//! Visitors at the glass: who signs in, waits for a host, leaves words, signs out.

use super::*;

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
fn whoever_visits_is_offered_the_way_where_the_company_has_written_it_down() {
    let mut app = reached("visit.received", Language::English, metrics(GLASSES[0])).unwrap();
    let offered = |app: &App| app.preview().targets.iter().any(|target| target.press == Press::Open(Door::Way));
    assert!(offered(&app));
    let repair = reached("repair.received", Language::English, metrics(GLASSES[0])).unwrap();
    assert!(!offered(&repair), "a resident knows it");
    let moment = Moment { at: Duration::from_secs(45), ..Person::new().moment };
    app.update(Input::Click(Press::Open(Door::Way)), moment);
    assert!(app.preview().parts.iter().any(|part| part.label.contains("Lifts")), "one page, and no list before it");
}

#[test]
fn a_unit_that_the_directory_lacks_is_asked_again_and_none_is_named() {
    let mut person = Person::new();
    let units = ["3-1204"].into_iter().collect();
    person.app.update(Input::Units(std::sync::Arc::new(units)), person.moment);
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
