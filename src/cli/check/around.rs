//! What the board file names beside the glass and whether it is here: backlight, GPIO lines, sound. It drives nothing. Each of
//! them may be missing and the lobby works on, so nothing here is a fault.

use super::finding::{Area, Finding};
use crate::board::{backlight, gpio, sound};
use crate::config::{Board, CONTACT, Config};
use std::path::Path;

pub(super) fn examine(config: &Config, board: &Board) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(light) = &board.backlight {
        findings.push(match backlight::probe(Path::new(backlight::FOLDER), &light.device) {
            Ok(device) => Finding::ok(Area::Board, format!("backlight {}", device.display())),
            Err(error) => Finding::warning(
                Area::Board,
                error.to_string(),
                "take [backlight] out where there is none; else the udev rule of the package gives it to the group video",
            ),
        });
    }
    for (name, line) in &board.gpio {
        findings.push(match gpio::probe(&line.line, gpio::CONSUMER) {
            Ok(()) => Finding::ok(Area::Board, format!("GPIO {name} is {}", line.line)),
            Err(error) => Finding::warning(
                Area::Board,
                format!("GPIO {name}: {error}"),
                "look at the wiring and at dtoverlay lines in config.txt; lobbyd must be in the group gpio",
            ),
        });
    }
    findings.extend(contact(config, board));
    if board.sound.is_some() && sound::program().is_none() {
        findings.push(Finding::warning(Area::Board, "no aplay: prompts are not heard", "apt install alsa-utils"));
    }
    findings
}

/// The contact needs both a line and a door.
fn contact(config: &Config, board: &Board) -> Option<Finding> {
    let line = board.gpio.contains_key("door");
    match config.contact() {
        Some(door) if !line => Some(Finding::warning(
            Area::Devices,
            format!("the contact of \"{door}\" is not heard: the board file has no line \"door\""),
            "add door = { line = \"GPIO…\" } to [gpio] of the board file",
        )),
        None if line => Some(Finding::warning(
            Area::Devices,
            "the contact on the line \"door\" is not heard: no [[device]] says which door it is",
            format!("add a [[device]] with profile = \"{CONTACT}\" and door = \"…\" to lobby.toml"),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    const LINES: &str = "[backlight]\ndevice = \"no-such-light\"\nbright = 100\nidle = 30\n\
        [gpio]\ndoor = { line = \"NO-SUCH-LINE\" }\nlamp = { line = \"NO-SUCH-LAMP\" }\n";

    fn said(devices: &str, lines: &str) -> Vec<String> {
        let config = format!(
            "board = \"test\"\ndata_dir = \".\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
             [building]\nurl = \"mqtt://127.0.0.1:9\"\n[office]\nurl = \"mqtt://127.0.0.1:9\"\n{devices}"
        );
        let config = Config::parse(&config, Path::new("lobby.toml")).unwrap();
        let display = "[display]\nbackend = \"headless\"\nsize = [800, 480]\ndpi = 133";
        let board = Board::parse(&format!("name = \"test\"\n{display}\n{lines}"), Path::new("test.toml")).unwrap();
        let findings = examine(&config, &board);
        assert!(findings.iter().all(|finding| finding.level != Level::Fault), "the lobby opens without them");
        findings.into_iter().filter(|finding| finding.level == Level::Warning).map(|finding| finding.what).collect()
    }

    #[test]
    fn what_is_missing_beside_the_glass_is_named_and_nothing_else() {
        let device = "[[device]]\nprofile = \"gpio\"\ndoor = \"lobby\"\n";
        let said_all = said(device, LINES);
        assert_eq!(said_all.len(), 3, "{said_all:?}");
        for name in ["no-such-light", "NO-SUCH-LINE", "NO-SUCH-LAMP"] {
            assert!(said_all.iter().any(|what| what.contains(name)), "{name}: {said_all:?}");
        }
        assert!(said("", "").is_empty());
    }

    #[test]
    fn a_contact_without_a_door_and_a_door_without_a_contact_are_told() {
        let without_door = said("", LINES);
        assert!(without_door.iter().any(|what| what.contains("no [[device]] says which door")), "{without_door:?}");
        let without_line = said("[[device]]\nprofile = \"gpio\"\ndoor = \"lobby\"\n", "");
        assert!(without_line.iter().any(|what| what.contains("no line \"door\"")), "{without_line:?}");
    }
}
