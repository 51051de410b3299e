//! The words of the guards' page: every line in both languages, none of them forbidden, every one that the scripts ask for
//! there, a word for whatever the daemon can say; and colours that can be read at night.

use lobbyd::board::printer::Trouble;
use lobbyd::event::Kind;
use lobbyd::service::assign::{Level, Trade};
use lobbyd::service::case::{Channel, Errand, Promise, Reason};
use lobbyd::service::staff::Role;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

const TABLES: [&str; 6] = ["strings.js", "words.js", "records.js", "questions.js", "events.js", "scripts.js"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/console")
}

fn file(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

/// Key -> Chinese, English, of every line `"key": ["中文", "English"],`.
fn words() -> BTreeMap<String, (String, String)> {
    let mut words = BTreeMap::new();
    for table in TABLES {
        for line in file(table).lines() {
            let line =
                line.trim().split("], //").next().unwrap_or_default().trim_end_matches(',').trim_end_matches(']');
            let Some((key, pair)) = line.strip_prefix('"').and_then(|line| line.split_once("\": [")) else { continue };
            // The lists of a phrase book have no dot.
            if !key.contains('.') {
                continue;
            }
            let pair: (String, String) =
                serde_json::from_str(&format!("[{pair}]")).unwrap_or_else(|error| panic!("{table}: {key}: {error}"));
            assert!(words.insert(key.to_owned(), pair).is_none(), "{table}: {key} stands there twice");
        }
    }
    assert!(words.len() > 500, "the tables are read");
    words
}

/// The gaps of a text: `{who}`.
fn gaps(text: &str) -> Vec<&str> {
    let mut gaps: Vec<&str> =
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(gap, _)| gap).collect();
    gaps.sort_unstable();
    gaps
}

#[test]
fn every_word_stands_in_both_languages_with_the_same_gaps() {
    for (key, (zh, en)) in words() {
        assert!(!zh.trim().is_empty() && !en.trim().is_empty(), "{key}");
        assert!(gaps(&zh) == gaps(&en), "{key}: {zh} / {en}");
    }
}

/// R193, R194, R197: nobody at a post may read these as what to say. R190: nobody who is sought is 他 or 她.
#[test]
fn no_script_or_button_holds_a_forbidden_phrase() {
    const FORBIDDEN: [&str; 9] =
        ["不知道", "不清楚", "这不是我的事", "这与我无关", "喂", "他现在", "她现在", "开发商", "填错"];
    for (key, (zh, _)) in words() {
        let found = FORBIDDEN.iter().find(|phrase| zh.contains(**phrase));
        assert!(found.is_none(), "{key}: {zh}");
        assert!(!key.starts_with("say.") || !zh.replace("其他", "").contains(['他', '她']), "{key}: {zh}");
    }
}

/// Every `t("key")` of the scripts, and `say.`/`check.` for the keys of the phrase book.
#[test]
fn every_word_that_the_page_asks_for_is_there() {
    let words = words();
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "js") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for key in text.split(" t(\"").chain(text.split("(t(\"")).skip(1).filter_map(|part| part.split('"').next()) {
            let literal = key.contains('.') && key.len() < 40 && !key.contains(char::is_whitespace);
            assert!(!literal || words.contains_key(key), "{}: {key}", path.display());
        }
    }
    let scripts = file("scripts.js");
    let book = scripts.split("export const PHRASES").nth(1).unwrap();
    let (says, checks) = book.split_once("export const CHECKS").unwrap();
    for (list, prefix) in [(says, "say"), (checks, "check")] {
        for line in list.lines().filter(|line| line.contains(": [")) {
            for key in line.split_once(": [").unwrap().1.split('"').skip(1).step_by(2) {
                assert!(words.contains_key(&format!("{prefix}.{key}")), "{prefix}.{key}");
            }
        }
    }
}

/// R200, R165: a card puts the apology for the wait before what is said next; that one begins without its own.
#[test]
fn nobody_apologises_twice_in_one_breath() {
    let (words, scripts) = (words(), file("scripts.js"));
    let says = scripts.split("export const SAYS").nth(1).unwrap().split("};").next().unwrap();
    let sorry = |key: &str| ["对不起", "抱歉"].iter().any(|word| words[key].0.starts_with(word));
    assert!(sorry("say.back"));
    // The errands of people who wait: only their cards begin with it.
    for errand in ["answer-call", "see-help", "see-unit", "call-host", "ask-butler", "see-person"] {
        let line = says.lines().find(|line| line.trim().starts_with(&format!("\"{errand}\"")));
        let Some(first) = line.and_then(|line| line.split_once(": [")?.1.split('"').nth(1)) else { continue };
        let on = format!("say.{first}-on");
        let next = if words.contains_key(&on) { on } else { format!("say.{first}") };
        assert!(!sorry(&next), "{errand}: {}{}", words["say.back"].0, words[&next].0);
    }
    assert_eq!(words["say.safety"].0, format!("对不起，{}", words["say.safety-on"].0), "the same but for the apology");
}

#[test]
fn there_is_a_word_for_whatever_the_daemon_can_say() {
    let words = words();
    let mut wanted: Vec<String> = Errand::ALL.iter().map(|errand| format!("errand.{}", errand.name())).collect();
    wanted.extend(Promise::ALL.iter().filter(|one| !one.is_timer()).map(|one| format!("promise.{}", one.name())));
    wanted.extend(Trade::ALL.iter().map(|trade| format!("trade.{}", trade.name())));
    wanted.extend(Level::ALL.iter().map(|level| format!("skill.{}", level.name())));
    wanted.extend(Role::ALL.iter().map(|role| format!("role.{}", role.name())));
    wanted.extend(
        [Channel::Phone, Channel::Intercom, Channel::Radio, Channel::InPerson]
            .map(|one| format!("channel.{}", one.name())),
    );
    wanted.extend(
        [
            Reason::OnAnotherTask,
            Reason::MayNotLeavePost,
            Reason::NotMyTrade,
            Reason::NoTool,
            Reason::Unwell,
            Reason::OffDuty,
        ]
        .map(|one| format!("reason.{}", one.name())),
    );
    wanted.extend(
        [
            Trouble::Absent(String::new()),
            Trouble::Gone(String::new()),
            Trouble::OutOfPaper,
            Trouble::CoverOpen,
            Trouble::WrongPaper { found: 62, wanted: 50 },
            Trouble::Fault,
            Trouble::Slow,
            Trouble::Foreign("ESC/POS"),
        ]
        .map(|one| format!("printer.{}", one.name())),
    );
    // What stands in a record's history; doors, devices, staff and the gateway have lists of their own.
    const OF_CASES: [&str; 27] = [
        "call.opened",
        "call.repeated",
        "call.closed",
        "help.",
        "emergency.",
        "repair.",
        "complaint.",
        "enquiry.",
        "suggestion.",
        "survey.",
        "visit.",
        "key.",
        "pass.",
        "service.",
        "delivery.",
        "alarm.",
        "patrol.",
        "check.",
        "improvement.",
        "situation.",
        "gathering.",
        "birthday.",
        "task.",
        "promise.",
        "case.",
        "contact.",
        "request.",
    ];
    let told = Kind::ALL.iter().map(|kind| kind.name());
    wanted
        .extend(told.filter(|name| OF_CASES.iter().any(|of| name.starts_with(of))).map(|name| format!("event.{name}")));
    let missing: Vec<String> = wanted.into_iter().filter(|key| !words.contains_key(key)).collect();
    assert!(missing.is_empty(), "the page has no word for {missing:?}");
}

/// R115, R123, R128: what the page offers as the reply to a complaint, in the order of the lines of `replies.js`.
#[test]
fn a_reply_to_a_complaint_thanks_explains_apologises_acts_and_thanks_again() {
    const PARTS: [(&str, [&str; 3]); 5] = [
        ("thanks", ["谢谢", "謝謝", "Thank you"]),
        ("why", ["您的意见", "您的意見", "shows us"]),
        ("apology", ["抱歉", "抱歉", "sorry"]),
        ("action", ["{at}前{what}", "{at}前{what}", "By {at} we will {what}"]),
        ("closing", ["支持与理解", "支持與理解", "support and understanding"]),
    ];
    let script = file("replies.js");
    let lines: Vec<[String; 4]> = script
        .lines()
        .filter(|line| line.starts_with("  [\""))
        .map(|line| serde_json::from_str(line.trim().trim_end_matches(',')).unwrap())
        .collect();
    assert_eq!(lines.len(), PARTS.len());
    for ([name, texts @ ..], (part, words)) in lines.iter().zip(PARTS) {
        assert_eq!(name, part, "the order is the regulations'");
        for (text, word) in texts.iter().zip(words) {
            assert!(text.contains(word), "{part}: {text}");
            assert!(lobbyd::service::wording::lint(text).is_empty(), "{part}: {text}");
        }
    }
    // Both answers that the complainant gets are built of them, and of nothing else.
    let steps = file("inquiries.js");
    for step in ["acknowledge", "tell-result"] {
        let line = steps.lines().find(|line| line.contains(&format!("{{ id: \"{step}\""))).unwrap();
        assert!(line.contains("reply(\"words\"") && !line.contains("told("), "{line}");
    }
}

/// WCAG 2.2's relative luminance.
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_can_be_read_on_every_ground_by_day_and_by_night() {
    let css = file("console.css");
    for theme in [":root, [data-theme=\"light\"] {", "\n[data-theme=\"dark\"] {"] {
        let block = css.split(theme).nth(1).unwrap().split('}').next().unwrap();
        let colours: BTreeMap<&str, &str> =
            block.split(';').filter_map(|line| line.trim().strip_prefix("--")?.split_once(": ")).collect();
        let texts = ["ink", "muted", "danger", "ok", "accent"];
        let grounds = ["paper", "card", "wash", "blush"];
        let pairs = texts.iter().flat_map(|text| grounds.map(|ground| (*text, ground)));
        for (text, ground) in pairs.chain([("on-accent", "accent"), ("on-danger", "danger"), ("paper", "ink")]) {
            let ratio = contrast(colours[text], colours[ground]);
            assert!(ratio >= 4.5, "{text} on {ground} in {theme}: {ratio:.2}");
        }
    }
}
