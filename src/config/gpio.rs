//! The GPIO lines of a board file: what each is for, by names that do not change. There is no name for a door's lock here and
//! none may be added: the intercom and the reader open doors, lobbyd hears of it.

use super::error::{Fault, suggest};
use super::source::Source;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Every use of a line that lobbyd knows, and whether lobbyd drives it.
pub const USES: &[(&str, Way)] =
    &[("door", Way::In), ("presence", Way::In), ("lamp", Way::Out), ("buzzer", Way::Out), ("chime", Way::Out)];

/// Words of what lets somebody through a door.
const LOCKS: &[&str] =
    &["lock", "unlock", "strike", "release", "latch", "bolt", "opener", "relay", "gate", "barrier", "turnstile"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    In,
    Out,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The line's name, such as `GPIO17`: chip numbers changed in kernel 6.6.45.
    pub line: String,
    /// Active (door open, somebody there, lamp on) is the low level.
    #[serde(default)]
    pub active_low: bool,
    /// The resistor of an input, where none is wired. As the machine has it, if it is not given.
    pub pull: Option<Pull>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    Up,
    Down,
    Off,
}

/// Everything that is wrong with the lines.
pub(super) fn faults(lines: &BTreeMap<String, Line>, source: &Source<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, line) in lines {
        let mut broken = |key: &str, problem: String, hint: String| {
            faults.push(source.fault(&format!("gpio.{name}{key}"), problem, Some(hint)));
        };
        let way = USES.iter().find(|(known, _)| known == name).map(|(_, way)| *way);
        match way {
            None if is_lock(name) => broken("", "lobbyd opens no door".into(), NO_LOCKS.into()),
            None => {
                let known: Vec<&str> = USES.iter().map(|(name, _)| *name).collect();
                broken("", "no line is for this".into(), suggest(name, &known).unwrap_or_default());
            }
            Some(Way::Out) if line.pull.is_some() => {
                broken(".pull", "lobbyd drives this line".into(), "take the line out: only inputs are pulled".into());
            }
            Some(_) => {}
        }
        if line.line.is_empty() {
            broken(".line", "a line has no name".into(), "gpioinfo shows the names, such as GPIO17".into());
        } else if is_lock(&line.line) {
            broken(".line", "a line of this name lets somebody through a door".into(), NO_LOCKS.into());
        }
        let same = |(other, its): (&String, &Line)| other < name && its.line == line.line;
        if lines.iter().any(same) {
            broken(".line", format!("\"{}\" has another use already", line.line), "one line, one use".into());
        }
    }
    faults
}

const NO_LOCKS: &str =
    "doors are opened by the intercom and the reader, which know who stands there; lobbyd only hears of it";

fn is_lock(name: &str) -> bool {
    let words = name.split(|c: char| !c.is_ascii_alphabetic());
    words.map(str::to_ascii_lowercase).any(|word| LOCKS.contains(&word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::Board;
    use std::path::Path;

    fn said(lines: &str) -> String {
        let display = "[display]\nbackend = \"headless\"\nsize = [800, 480]\ndpi = 133";
        let text = format!("name = \"test\"\n{display}\n[gpio]\n{lines}\n");
        Board::parse(&text, Path::new("test.toml")).map_or_else(|error| error.to_string(), |_| String::new())
    }

    #[test]
    fn a_line_that_would_open_a_door_is_refused_with_the_reason() {
        for lines in [
            "door_relay = { line = \"GPIO5\" }",
            "strike = { line = \"GPIO5\" }",
            "unlock = { line = \"GPIO5\" }",
            "lamp = { line = \"DOOR_LOCK\" }",
        ] {
            let said = said(lines);
            assert!(said.contains("opened by the intercom"), "{lines}: {said}");
        }
        assert_eq!(said("lamp = { line = \"PCLOCK3\" }"), "", "a clock is no lock");
    }

    #[test]
    fn an_unknown_use_is_refused_with_the_known_ones() {
        let unknown = said("flashlight = { line = \"GPIO5\" }");
        assert!(unknown.contains("known here: door, presence, lamp, buzzer, chime"), "{unknown}");
        assert!(said("lmap = { line = \"GPIO5\" }").contains("did you mean \"lamp\"?"));
    }

    #[test]
    fn one_line_has_one_use_and_only_inputs_are_pulled() {
        assert!(said("lamp = { line = \"GPIO5\" }\nbuzzer = { line = \"GPIO5\" }").contains("another use"));
        assert!(said("lamp = { line = \"GPIO5\", pull = \"up\" }").contains("drives this line"));
        assert!(said("lamp = { line = \"\" }").contains("no name"));
        assert_eq!(
            said("door = { line = \"GPIO17\", pull = \"up\" }\nlamp = { line = \"GPIO27\", active_low = true }"),
            ""
        );
    }
}
