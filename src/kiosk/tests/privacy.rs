//! What was typed is on no outline, is heard from no voice, and is gone for the next person.

use super::*;

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
