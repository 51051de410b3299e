//! Fingers of every kind: one press is one action, and no tapping leads anywhere but home.

use super::*;

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

/// A panel stood still for a second. What was pressed meanwhile and did nothing was pressed once more.
#[test]
fn a_second_press_that_waited_with_the_first_does_not_reach_the_next_page() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    person.keys("3-1203");
    person.wait(SETTLE);
    let next = person.app.scene().targets.iter().find(|target| target.press == Press::Next).unwrap().area;
    let at = Point::new(next.right() - 20, next.bottom() - 20);
    let begun = person.moment.at;
    person.moment.at += Duration::from_secs(1);
    for felt in [100, 600].map(Duration::from_millis) {
        for touch in [Touch::Down(at), Touch::Up(at)] {
            person.app.touch(touch, begun + felt, person.moment);
            person.app.draw();
        }
    }
    assert_eq!(person.page(), "visit.name");
    assert!(!person.everything().contains("麻烦您再输入一次姓名"));
}

#[test]
fn a_press_shows_at_once_and_damages_little() {
    let mut person = Person::new();
    person.touch(Press::Open(Door::Visit));
    let target = person.app.scene().targets.iter().find(|t| t.press == Press::Key(Key::Char('5'))).unwrap().area;
    let at = Point::new(target.x + target.w / 2, target.y + target.h / 2);
    person.app.touch(Touch::Down(at), person.moment.at, person.moment);
    let damage = person.app.draw();
    assert_eq!(damage.len(), 1);
    assert!(damage[0].pixels() <= target.pixels());
}

#[test]
fn an_idle_kiosk_draws_nothing() {
    let mut person = Person::new();
    person.app.update(Input::Tick, person.moment);
    assert!(person.app.draw().is_empty());
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
        let effects = person.app.touch(touch, person.moment.at, person.moment);
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
    person.app.update(Input::Click(Press::Back), person.moment);
    for _ in 0..20 {
        person.moment.at += Duration::from_secs(30);
        person.app.update(Input::Tick, person.moment);
        if person.app.model.page().0 == "emergency" {
            person.app.update(Input::Click(Press::Back), person.moment);
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
            let effects = person.app.update(Input::Click(press), person.moment);
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
