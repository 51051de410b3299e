//! What a parser says of text that it cannot read, without the text: what stands at the wrong place may be somebody's name or number, and
//! an answer, a log or an event goes further than what it is about. Names of members and the values that may stand there are ours, and stay.

/// Longest word that is taken for the name of a member.
const MAX_WORD: usize = 32;

/// How serde goes on behind a name or a variant that it does not know.
const EXPECTED: [&str; 2] = ["`, expected ", "`, there are no "];

/// What serde says of JSON: its kind of fault, what was expected, and members that nobody knows, never a value.
pub fn serde(said: &str) -> String {
    for fault in ["invalid type: ", "invalid value: "] {
        if let Some((found, expected)) = said.strip_prefix(fault).and_then(|rest| rest.rsplit_once(", expected ")) {
            // `string "…"`, ``integer `7` ``: what kind it is stands before it.
            let kind = found.split(['"', '`']).next().unwrap_or_default().trim_end();
            return format!("{fault}{kind}, expected {expected}");
        }
    }
    for (fault, may_be_told) in [("unknown variant", false), ("unknown field", true)] {
        if let Some(rest) = said.strip_prefix(fault) {
            let (found, rest) =
                EXPECTED.iter().find_map(|end| rest.rsplit_once(end).map(|(word, rest)| (word, (end, rest)))).unzip();
            let word = found.unwrap_or_default().trim_matches([' ', '`']);
            let told = if may_be_told && is_plain(word) { format!(" `{word}`") } else { String::new() };
            let expected = rest.map(|(end, rest)| format!("{}{rest}", end.trim_start_matches('`'))).unwrap_or_default();
            return format!("{fault}{told}{expected}");
        }
    }
    // In words of our own, which put a value in these.
    between(said, '"', |_| false)
}

/// What is said of a text, without what is quoted there and is no plain word: such a word is the name of a key, or a value that may stand there.
pub fn quoted(said: &str) -> String {
    between(&between(said, '"', is_plain), '`', is_plain)
}

/// Cuts from the first of these quotes to the last: a value may have some of its own.
fn between(said: &str, quote: char, may_stay: impl FnOnce(&str) -> bool) -> String {
    match (said.find(quote), said.rfind(quote)) {
        (Some(from), Some(to)) if from < to && !may_stay(&said[from + 1..to]) => {
            format!("{}…{}", &said[..from], &said[to + 1..])
        }
        _ => said.to_owned(),
    }
}

/// The path of a key up to the first name that is none of ours.
pub fn path(key: &str) -> String {
    let ours = |name: &&str| is_plain(name.split('[').next().unwrap_or_default());
    key.split('.').take_while(ours).collect::<Vec<_>>().join(".")
}

/// No name of a person in Chinese, no number, no sentence.
fn is_plain(word: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'-');
    (1..=MAX_WORD).contains(&word.len()) && word.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Slug;
    use crate::service::assign::Skill;
    use crate::service::office_command::people::Member;
    use serde::Deserialize;
    use serde_json::{Value, json};

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    #[allow(dead_code, reason = "only read")]
    struct Row {
        name: Option<String>,
        count: Option<u8>,
        kind: Option<Kind>,
        id: Option<Slug>,
        trades: Option<Vec<Skill>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Kind {
        FrontDesk,
    }

    fn told(row: &Value) -> String {
        serde(&serde_json::from_value::<Row>(row.clone()).unwrap_err().to_string())
    }

    #[test]
    fn the_kind_of_fault_and_what_may_stand_there_is_told_and_no_value() {
        for (row, says) in [
            (json!({"name": 13_900_007_341_u64}), "expected a string"),
            (json!({"name": -13_900_007_341_i64}), "expected a string"),
            (json!({"name": true}), "invalid type: boolean"),
            (json!({"name": ["13900007341"]}), "invalid type: sequence, expected a string"),
            (json!({"count": "王小明 13900007341"}), "invalid type: string, expected u8"),
            (json!({"count": "\", expected 王小明`13900007341"}), "invalid type: string, expected u8"),
            (json!({"count": 13_900_007_341_u64}), "number"),
            (json!({"kind": "王小明"}), "unknown variant, expected `front-desk`"),
            (json!({"kind": "`, expected 王小明"}), "unknown variant, expected `front-desk`"),
            (json!({"王小明": 1}), "unknown field, expected one of `name`"),
            (json!({"13900007341": 1}), "unknown field, expected one of `name`"),
            (json!({"loud": 1}), "unknown field `loud`, expected one of `name`"),
            (json!({"id": "王\"小明"}), "is not a slug"),
            (json!({"trades": ["13900007341"]}), "is no trade"),
        ] {
            let told = told(&row);
            assert!(told.contains(says), "{row}: {told}");
            assert!(!told.contains("小明") && !told.contains("139"), "{row}: {told}");
        }
        let missing = serde_json::from_value::<Member>(json!({})).unwrap_err().to_string();
        assert_eq!(serde(&missing), "missing field `id`");
    }

    #[test]
    fn a_key_and_a_plain_word_are_named_and_nothing_else_that_is_quoted() {
        assert_eq!(quoted("the key \"approved_by\" is missing"), "the key \"approved_by\" is missing");
        assert_eq!(quoted("\"王小明\" is not a value of role"), "… is not a value of role");
        assert_eq!(quoted("\"a\" b \"王小明\" is no trade"), "… is no trade");
        assert_eq!(path("staff[2].王小明"), "staff[2]");
        assert_eq!(quoted("duplicate key `13900007341` here"), "duplicate key … here");
    }
}
