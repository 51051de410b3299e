//! Matters that are written down: sent once, answered, refused, read back.

use super::*;

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
