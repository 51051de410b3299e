//! The glass: the display and the touch panel that the board file names, whether this user may use them, and whether the pages
//! have room. Only looks: a running daemon keeps its screen.

use super::finding::{Area, Finding};
use crate::board::{drm, gpio, spi, touch};
use crate::config::board::{self, Backend, Spi};
use crate::config::{Board, Config};
use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub(super) fn examine(config: &Config, board: &Board) -> Vec<Finding> {
    let mut findings = backend(config, board);
    findings.extend(cramped(board));
    if matches!(board.display.backend, Backend::Drm | Backend::Spi) {
        findings.extend(board.touch.as_ref().map(|panel| finger(panel, &touch::probe())));
        findings.extend(closed(Path::new("/dev/input"), "event", "input"));
    }
    findings
}

/// How the pixels reach the glass.
fn backend(config: &Config, board: &Board) -> Vec<Finding> {
    let listen = config.kiosk.listen.or(board.display.listen);
    match board.display.backend {
        Backend::Browser if listen.is_some_and(|address| !address.ip().is_loopback()) => vec![Finding::warning(
            Area::Board,
            "the screen's page has no password, and this address is open to the network",
            "listen on 127.0.0.1, or on a network that only the kiosk's own browser is in",
        )],
        Backend::Browser | Backend::Headless => {
            vec![Finding::ok(Area::Board, format!("\"{}\" is known", board.name))]
        }
        Backend::Drm => {
            let mut findings = vec![display(board, &drm::probe())];
            findings.extend(closed(Path::new("/dev/dri"), "card", "video"));
            findings
        }
        Backend::Spi => board.display.spi.iter().flat_map(wiring).collect(),
    }
}

/// The pages have less room than they were made for. Nobody is kept from using them.
fn cramped(board: &Board) -> Option<Finding> {
    let [width, height] = board.display.size;
    (board.display.is_cramped() && board.display.backend != Backend::Headless).then(|| {
        Finding::warning(
            Area::Board,
            format!(
                "the pages are cramped on {width}x{height} with {} dpi: long sentences end in \"…\"",
                board.display.dpi
            ),
            "try a smaller dpi in the board file, and look at each page; else take a larger panel (docs/boards.md)",
        )
    })
}

/// The bus and the lines of a bare panel.
fn wiring(wired: &Spi) -> Vec<Finding> {
    let lines = [("D/C", Some(&wired.dc)), ("reset", wired.reset.as_ref())];
    let line = |(what, name): (&str, Option<&String>)| Some(display_line(what, name?));
    std::iter::once(bus(&wired.device)).chain(lines.into_iter().filter_map(line)).collect()
}

fn display_line(what: &str, name: &str) -> Finding {
    match gpio::probe(name, spi::CONSUMER) {
        Ok(()) => Finding::ok(Area::Board, format!("the panel's {what} line is {name}")),
        Err(error) => Finding::fault(
            Area::Board,
            format!("the panel stays dark, its {what} line cannot be used: {error}"),
            "set display.spi to lines that lobbyd board probe lists and that no overlay of config.txt has; lobbyd must be in \
             the group gpio",
        ),
    }
}

/// What is plugged in, with the sizes of its pictures.
type Plugged = [(String, Vec<(u32, u32)>)];

fn display(board: &Board, plugged: &Plugged) -> Finding {
    let (Some(wanted), [width, height]) = (board.display.connector.as_deref(), board.display.size) else {
        return Finding::fault(Area::Board, "display.connector is missing", "lobbyd board probe proposes one");
    };
    let Some((_, sizes)) = plugged.iter().find(|(name, _)| name == wanted) else {
        let names: Vec<&str> = plugged.iter().map(|(name, _)| name.as_str()).collect();
        let found = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let what = format!("no display at {wanted}; connected: {found}. Doors, guards and office work without it");
        let remedy = "look at its cable and at config_txt in the board file; lobbyd board probe lists what is there";
        return Finding::fault(Area::Board, what, remedy);
    };
    let turned = matches!(board.display.rotate, 90 | 270);
    let size = if turned { (height, width) } else { (width, height) };
    if sizes.contains(&size) {
        return Finding::ok(Area::Board, format!("\"{}\": a display of {}x{} at {wanted}", board.name, size.0, size.1));
    }
    let what = format!("the display at {wanted} has no picture of {}x{}", size.0, size.1);
    Finding::fault(Area::Board, what, "set display.size to one that lobbyd board probe lists")
}

fn finger(panel: &board::Touch, found: &[String]) -> Finding {
    match found.iter().find(|name| name.contains(&panel.name)) {
        Some(name) => Finding::ok(Area::Board, format!("the touch panel \"{name}\" is here")),
        None => {
            let what = format!("no touch panel \"{}\"; found: {}", panel.name, listed(found));
            Finding::fault(Area::Board, what, "look at its cable; set touch.name to one that lobbyd board probe lists")
        }
    }
}

fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    if quoted.is_empty() { "none".into() } else { quoted.join(", ") }
}

fn bus(device: &Path) -> Finding {
    let shown = device.display();
    if !device.exists() {
        let what = format!("there is no {shown}: the display cannot be reached");
        return Finding::fault(Area::Board, what, "put dtparam=spi=on into config.txt and start the machine again");
    }
    if !may_use(device) {
        return Finding::fault(Area::Permissions, format!("this user may not use {shown}"), group_remedy("spi"));
    }
    Finding::ok(Area::Board, format!("a bare panel at {shown}"))
}

/// Devices that are there and closed to this user.
fn closed(folder: &Path, prefix: &str, group: &str) -> Option<Finding> {
    let entries = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    let ours = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    let nodes: Vec<PathBuf> = entries.filter(ours).collect();
    if nodes.is_empty() || nodes.iter().any(|node| may_use(node)) {
        return None;
    }
    let what = format!("this user may not use {}/{prefix}*", folder.display());
    Some(Finding::fault(Area::Permissions, what, group_remedy(group)))
}

fn group_remedy(group: &str) -> String {
    format!("sudo usermod -aG {group} lobbyd; sudo systemctl restart lobbyd; and run check as the user lobbyd")
}

fn may_use(node: &Path) -> bool {
    let Ok(path) = CString::new(node.as_os_str().as_bytes()) else { return false };
    // SAFETY: the path ends with NUL and lives through the call, which only looks.
    unsafe { libc::access(path.as_ptr(), libc::R_OK | libc::W_OK) == 0 }
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn board(name: &str) -> Board {
        Board::load(name, Path::new("")).unwrap()
    }

    #[test]
    fn a_display_is_looked_for_at_its_connector_and_in_the_size_of_the_panel() {
        let board = board("rpi-touch2-landscape");
        let wanted = board.display.connector.clone().unwrap();
        let [width, height] = board.display.size;
        let level = |name: &str, size| display(&board, &[(name.to_owned(), vec![size])]).level;
        // Its picture is turned: the panel itself stands upright.
        assert_eq!(level(&wanted, (height, width)), Level::Ok);
        assert_eq!(level(&wanted, (width, height)), Level::Fault);
        let other = display(&board, &[("HDMI-A-1".into(), vec![(height, width)])]);
        assert!(other.level == Level::Fault && other.what.contains("connected: HDMI-A-1"), "{other:?}");
        assert!(display(&board, &[]).what.contains("connected: none"));
    }

    #[test]
    fn a_touch_panel_is_known_by_a_part_of_its_name() {
        let panel = board("rpi-touch7").touch.unwrap();
        assert_eq!(finger(&panel, &[format!("10-0038 {} (1)", panel.name)]).level, Level::Ok);
        let missing = finger(&panel, &["gamepad".to_owned()]);
        assert!(missing.level == Level::Fault && missing.what.contains("found: \"gamepad\""), "{missing:?}");
    }

    /// Each built-in board, and those on which every page has its room.
    #[test]
    fn a_glass_without_room_for_the_pages_is_a_warning_and_no_fault() {
        let said = |name: &str| cramped(&board(name)).map(|finding| (finding.level, finding.what));
        for name in ["rpi-touch7", "rpi-touch2-portrait", "hdmi-touch", "headless"] {
            assert_eq!(said(name), None, "{name}");
        }
        for name in ["spi-kernel", "spi-bare"] {
            let (level, what) = said(name).unwrap();
            assert!(level == Level::Warning && what.contains("320x480 with 165 dpi"), "{name}: {what}");
        }
    }

    #[test]
    fn a_bare_panel_is_looked_at_bus_line_by_line_and_finger() {
        let mut board = board("spi-bare");
        let spi = board.display.spi.as_mut().unwrap();
        (spi.device, spi.dc, spi.reset) =
            ("/dev/spidev-not-there".into(), "NO-SUCH-DC".into(), Some("NO-SUCH-RESET".into()));
        board.touch.as_mut().unwrap().name = "no such panel".into();
        let text = "board = \"test\"\ndata_dir = \".\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
                    [building]\nurl = \"mqtt://127.0.0.1:9\"\n[office]\nurl = \"mqtt://127.0.0.1:9\"\n";
        let findings = examine(&Config::parse(text, Path::new("lobby.toml")).unwrap(), &board);
        for missing in ["/dev/spidev-not-there", "NO-SUCH-DC", "NO-SUCH-RESET", "no such panel"] {
            let told = |finding: &&Finding| finding.level == Level::Fault && finding.what.contains(missing);
            assert!(findings.iter().any(|finding| told(&finding)), "{missing}: {findings:?}");
        }
    }

    #[test]
    fn a_bus_that_is_not_there_is_told_with_the_line_that_makes_it() {
        assert!(bus(Path::new("/dev/spidev-not-there")).remedy.unwrap().contains("dtparam=spi=on"));
        assert_eq!(bus(Path::new("/dev/null")).level, Level::Ok);
        assert_eq!(closed(Path::new("/dev"), "null", "video"), None);
    }
}
