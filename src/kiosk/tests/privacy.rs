//! What was typed is on no outline, is heard from no voice, and is gone for the next person.

use super::*;
use crate::service::identity::{Consent, Declared, NOTICE};
use crate::service::matter::Opening;
use sha2::{Digest, Sha256};

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
                app.update(Input::Click(Press::Back), moment);
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
    app.update(Input::Click(Press::Aloud), app.model.moment);
    app.draw();
    app.speak(&mut heard);
    assert!(heard.0.is_empty(), "nobody has asked");
    for press in [Press::Aloud, Press::Open(Door::Visit), Press::Key(Key::Char('3')), Press::Finish] {
        app.update(Input::Click(press), app.model.moment);
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

/// Before a site that asks for identity numbers, at the notice.
fn at_the_notice() -> Person {
    let key = crate::device::SiteKey::new([7; 32]);
    let identity = Some(crate::kiosk::AskIdentity { key, company: "示例物业管理有限公司".into() });
    let mut person = Person::at(crate::kiosk::Settings { identity, visit_days: 45, ..settings(Language::Chinese) });
    person.reach_purpose();
    assert_eq!(person.page(), "visit.notice");
    person
}

fn signs_in(effects: &[Effect]) -> crate::service::visit::SignIn {
    let [Effect::Submit { command, .. }] = effects else { panic!("{} commands", effects.len()) };
    let Command::Open { opening: Opening::Visit(sign_in), .. } = &**command else { panic!("nobody signs in") };
    sign_in.clone()
}

#[test]
fn the_notice_says_what_for_how_long_and_that_no_is_an_answer_which_leads_on_without_a_number() {
    let mut person = at_the_notice();
    let read = person.picture();
    assert!(
        read.contains("45") && read.contains("后四位") && read.contains("可以不提供") && read.contains("不拍照"),
        "{read}"
    );
    assert!(read.contains("示例物业") && read.contains("400 000 0000"), "who keeps it, and where he is asked: {read}");
    person.touch(Press::Way(0));
    assert_eq!(person.page(), "visit.purpose");
    let sign_in = signs_in(&person.touch(Press::Choose(0)));
    assert_eq!(sign_in.identity, Some(Consent { days: 45, declared: Declared::Declined }));
}

#[test]
fn of_an_identity_number_only_the_tail_and_a_keyed_hash_leave_the_glass() {
    let mut person = at_the_notice();
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.identity");
    person.keys("110105194912310021");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.identity", "its check character is wrong: it is asked again");
    person.touch(Press::Key(Key::Backspace));
    person.touch(Press::Key(Key::Backspace));
    person.keys("2X");
    person.touch(Press::Next);
    assert_eq!(person.page(), "visit.purpose");
    let effects = person.touch(Press::Choose(0));
    let sign_in = signs_in(&effects);
    let Some(Consent { days: 45, declared: Declared::Given { tail, reference } }) = &sign_in.identity else {
        panic!("{:?}", sign_in.identity)
    };
    assert_eq!((tail.as_str(), reference.len()), ("002X", 32));
    assert!(!serde_json::to_string(&sign_in).unwrap().contains("19491231"));
    person.answer(effects, signed_in());
    assert!(!person.everything().contains("19491231") && !person.everything().contains("002X"));
}

#[test]
fn a_site_that_does_not_ask_shows_no_notice() {
    let mut person = Person::new();
    person.reach_purpose();
    assert_eq!(person.page(), "visit.purpose");
}

/// A consent is stored with the version of what was read. Whoever changes a word of it, in any language, raises `NOTICE`, and then this.
#[test]
fn the_notice_says_what_its_version_says() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/strings");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let of_notice = |line: &&str| {
            [
                "identity-notice-question =",
                "identity-notice =",
                "identity-notice-who =",
                "identity-yes =",
                "identity-no =",
            ]
            .iter()
            .any(|key| line.starts_with(key))
        };
        let lines: Vec<&str> = text.lines().filter(of_notice).collect();
        assert_eq!(lines.len(), 5, "a line each");
        lines.iter().for_each(|line| digest.update(line.trim()));
    }
    let said: String = digest.finalize()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((NOTICE, said.as_str()), ("identity-2", "dbe90b1cd4d0e40e"));
}
