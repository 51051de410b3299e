//! MQTT topics: filters as a site configures them (`+`, `#`), and patterns as rules write them
//! (`zigbee2mqtt/{device}`), whose named segments a rule can use. Matching never fails, it only says no.

use super::doc::Doc;
use std::rc::Rc;

/// Most levels of a topic that is looked at. The longest of the products' own topics has eight.
pub const MAX_LEVELS: usize = 32;

/// Most `{name...}` segments in one pattern. Each tries every length, so their number is the exponent of the cost.
const MAX_TAILS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    #[error("\"{0}\" is not an MQTT topic filter: `+` and `#` fill a whole level, `#` only the last one")]
    Filter(String),
    #[error(
        "\"{0}\" is not a topic pattern: write levels as text, {{name}} or {{name...}} (at most {MAX_TAILS} of these)"
    )]
    Pattern(String),
}

/// Whether a site may subscribe to this.
pub fn check_filter(filter: &str) -> Result<(), TopicError> {
    let levels: Vec<&str> = filter.split('/').collect();
    let last = levels.len() - 1;
    let fits = !filter.is_empty()
        && !filter.contains('\0')
        && levels.iter().enumerate().all(|(i, level)| match *level {
            "+" => true,
            "#" => i == last,
            text => !text.contains(['+', '#']),
        });
    if fits { Ok(()) } else { Err(TopicError::Filter(filter.to_owned())) }
}

/// Whether a message on `topic` reaches a subscriber of `filter` (MQTT 3.1.1 and 5, section 4.7). A wildcard in the first
/// level does not match topics that begin with `$`: those are the broker's own.
pub fn filter_matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (text, Some(level)) if text == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// A rule's topic: literal levels, `{name}` for one level, `{name...}` for one or more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    levels: Vec<Level>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Level {
    Text(String),
    One(String),
    Many(String),
}

/// The named segments of one topic. Shared, because most rules of a profile cut it the same way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segments<'a>(Rc<[(&'a str, &'a str)]>);

/// One topic as rule after rule looks at it.
pub struct Cuts<'a> {
    levels: Levels<'a>,
    /// The patterns that came last, and how they cut it.
    last: Option<(&'a [Pattern], Option<Segments<'a>>)>,
}

impl<'a> Cuts<'a> {
    pub fn of(topic: &'a str) -> Self {
        Cuts { levels: Levels::of(topic), last: None }
    }

    /// The segments by the first of these patterns that has the topic's form.
    pub fn by(&mut self, patterns: &'a [Pattern]) -> Option<Segments<'a>> {
        match &self.last {
            // The rules of a profile share what is the same.
            Some((last, segments)) if std::ptr::eq(*last, patterns) => segments.clone(),
            _ => {
                let segments = patterns.iter().find_map(|pattern| pattern.capture(&self.levels));
                self.last = Some((patterns, segments.clone()));
                segments
            }
        }
    }
}

impl Pattern {
    pub fn parse(text: &str) -> Result<Self, TopicError> {
        let wrong = || TopicError::Pattern(text.to_owned());
        let levels: Option<Vec<Level>> = text.split('/').map(Level::parse).collect();
        let levels = levels.ok_or_else(wrong)?;
        let tails = levels.iter().filter(|level| matches!(level, Level::Many(_))).count();
        let mut names: Vec<&str> = levels.iter().filter_map(Level::name).collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        if text.is_empty() || tails > MAX_TAILS || twice || levels.len() > MAX_LEVELS {
            return Err(wrong());
        }
        Ok(Pattern { text: text.to_owned(), levels })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn has(&self, name: &str) -> bool {
        self.levels.iter().any(|level| level.name() == Some(name))
    }

    /// The topic's segments, if it has this form. Of several ways to cut it, the one with the shortest first tail.
    pub fn capture<'a>(&'a self, topic: &Levels<'a>) -> Option<Segments<'a>> {
        let mut found = Vec::new();
        let fits = topic.levels.len() <= MAX_LEVELS && cut(&self.levels, topic, 0, &mut found);
        fits.then(|| Segments(found.into()))
    }
}

/// A topic taken apart once for all patterns.
pub struct Levels<'a> {
    topic: &'a str,
    levels: Vec<&'a str>,
}

impl<'a> Levels<'a> {
    pub fn of(topic: &'a str) -> Self {
        Levels { topic, levels: topic.split('/').take(MAX_LEVELS + 1).collect() }
    }

    /// The levels from one up to another, as they stand in the topic.
    fn part(&self, from: usize, to: usize) -> &'a str {
        let length = |levels: &[&str]| levels.iter().map(|level| level.len() + 1).sum::<usize>();
        let begin = length(&self.levels[..from]);
        &self.topic[begin..begin + length(&self.levels[from..to]) - 1]
    }
}

impl Level {
    fn parse(text: &str) -> Option<Level> {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => {
                let (name, many) = name.strip_suffix("...").map_or((name, false), |name| (name, true));
                let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                fits.then(|| if many { Level::Many(name.to_owned()) } else { Level::One(name.to_owned()) })
            }
            None => (!text.contains(['{', '}', '+', '#'])).then(|| Level::Text(text.to_owned())),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Level::Text(_) => None,
            Level::One(name) | Level::Many(name) => Some(name),
        }
    }
}

/// Whether the pattern fits from level `at` on. It finds the named levels only when all of them fit, the last one first.
fn cut<'a>(pattern: &'a [Level], topic: &Levels<'a>, at: usize, found: &mut Vec<(&'a str, &'a str)>) -> bool {
    let Some((first, rest)) = pattern.split_first() else { return at == topic.levels.len() };
    let longest = (topic.levels.len() - at).saturating_sub(rest.len());
    let (name, longest) = match first {
        Level::Text(text) => return topic.levels.get(at) == Some(&text.as_str()) && cut(rest, topic, at + 1, found),
        Level::One(name) => (name, longest.min(1)),
        Level::Many(name) => (name, longest),
    };
    let end = (at + 1..=at + longest).find(|end| cut(rest, topic, *end, found));
    end.is_some_and(|end| {
        found.push((name, topic.part(at, end)));
        true
    })
}

impl Segments<'_> {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// As an object, for jq's `$topic`.
    pub fn to_json(&self) -> Doc<'_> {
        Doc::object(self.0.iter().map(|&(name, part)| (name.into(), Doc::Text(part.into()))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_match_as_the_mqtt_standard_says() {
        for (filter, topic, matches) in [
            ("/rfid/send", "/rfid/send", true),
            ("/rfid/send", "rfid/send", false),
            ("zigbee2mqtt/+", "zigbee2mqtt/Door Lock", true),
            ("zigbee2mqtt/+", "zigbee2mqtt/Door Lock/action", false),
            ("zigbee2mqtt/#", "zigbee2mqtt", true),
            ("zigbee2mqtt/#", "zigbee2mqtt/a/b/c", true),
            ("+/+", "/finance", true),
            ("+", "/finance", false),
            ("#", "a/b", true),
            ("#", "$SYS/uptime", false),
            ("+/uptime", "$SYS/uptime", false),
            ("a/+/c", "a//c", true),
            ("a/b", "a/b/", false),
        ] {
            assert_eq!(filter_matches(filter, topic), matches, "{filter} on {topic}");
        }
        for bad in ["", "a/#/b", "a+/b", "a/b#"] {
            assert!(check_filter(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn patterns_name_the_parts_of_a_topic() {
        let get = |pattern: &str, topic: &str, name: &str| {
            Pattern::parse(pattern)
                .unwrap()
                .capture(&Levels::of(topic))
                .and_then(|found| found.get(name).map(str::to_owned))
        };
        assert_eq!(get("zigbee2mqtt/{device}", "zigbee2mqtt/Door Lock", "device").as_deref(), Some("Door Lock"));
        assert_eq!(get("zigbee2mqtt/{device...}/action", "zigbee2mqtt/a/b/action", "device").as_deref(), Some("a/b"));
        assert_eq!(get("{base...}/send", "/rfid/send", "base").as_deref(), Some("/rfid"));
        assert_eq!(get("{p...}/onvif-ej/Door/{s...}", "x/y/onvif-ej/Door/&1/2", "s").as_deref(), Some("&1/2"));
        assert_eq!(get("a/{b}", "a", "b"), None);
        assert_eq!(get("a/{b...}", "a/b/c/d", "b").as_deref(), Some("b/c/d"));
    }

    #[test]
    fn a_pattern_that_cannot_mean_anything_is_refused() {
        for bad in ["", "a/{b", "a/{B}", "a/{}", "a/+/b", "a/{x}/{x}", "{a...}/b/{c...}/d/{e...}"] {
            assert!(Pattern::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_topic_of_very_many_levels_is_no_match_and_no_work() {
        let topic = "a/".repeat(30_000);
        assert_eq!(Pattern::parse("{a...}/b/{c...}").unwrap().capture(&Levels::of(&topic)), None);
    }
}
