//! The real program: `lobbyd staff` lets somebody in, the daemon serves him, a kill loses no card, and SIGTERM is quick
//! although pages are open. No broker answers meanwhile.

use crate::common::blocking_until;
use crate::common::daemon::Daemon;
use crate::common::page::{Board, Browser};
use lobbyd::journal::Reader;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// Port 9 (discard) is nobody's.
pub const NOBODY: &str = "mqtt://127.0.0.1:9";

pub fn free() -> SocketAddr {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
}

fn start(dir: &Path, listen: SocketAddr) -> Daemon {
    let more = format!(
        "[[post]]\nid = \"gate-a\"\ntakes = [\"call\", \"alarm\", \"errand\", \"desk\", \"repair\", \"supervise\", \"manage\"]\n\
         [console]\nenabled = true\nlisten = \"{listen}\"\n"
    );
    Daemon::with_more(dir, NOBODY, NOBODY, &more)
}

/// `lobbyd staff …`, answering in JSON.
fn staff(dir: &Path, words: &[&str]) -> Result<Value, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
    let out =
        command.arg("staff").args(words).arg("--json").arg("--config").arg(dir.join("lobby.toml")).output().unwrap();
    let (said, complaint) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.success() { Ok(serde_json::from_str(&said).unwrap()) } else { Err(complaint.into_owned()) }
}

pub fn browser(address: SocketAddr) -> Browser {
    Browser { address, cookie: None, csrf: None, tls: None }
}

/// Waits until the page answers.
pub fn served(browser: &Browser) {
    blocking_until("the page is served", || {
        std::net::TcpStream::connect(browser.address).is_ok() && browser.try_get("/api/hello") == Some(200)
    });
}

/// Signs in with a PIN that was printed once, and chooses his own.
fn first_sign_in(dir: &Path, browser: &mut Browser, id: &str, pin: &str) {
    // Trying until it works would lock him out.
    blocking_until("the list of staff was taken up", || {
        let rows = Reader::open(&dir.join("data")).unwrap().all_after(0, 1000).unwrap();
        rows.iter().any(|row| row.kind.name() == "staff.changed" && row.subject == id)
    });
    assert_eq!(browser.sign_in(id, pin, "gate-a").status, 200);
    assert_eq!(browser.get("/api/me").json()["must_change"], true);
    let changed = browser.post("/api/secret", &json!({ "old": pin, "new": "a stone lion" }));
    assert_eq!(changed.status, 200, "{}", changed.body);
}

#[test]
fn somebody_who_was_added_signs_in_works_and_is_disabled() {
    let dir = tempfile::tempdir().unwrap();
    let mut daemon = start(dir.path(), free());
    let config = std::fs::read_to_string(dir.path().join("lobby.toml")).unwrap();
    let listen = config.split("listen = \"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
    let mut browser = browser(listen);
    served(&browser);
    let added = staff(dir.path(), &["add", "wang", "--name", "测试甲", "--role", "guard", "--badge", "0017"]).unwrap();
    let pin = added["pin"].as_str().unwrap().to_owned();
    first_sign_in(dir.path(), &mut browser, "wang", &pin);
    assert!(staff(dir.path(), &["add", "wang", "--name", "x", "--role", "guard"]).unwrap_err().contains("wang"));
    assert!(staff(dir.path(), &["add", "li", "--name", "x", "--role", "king"]).unwrap_err().contains("shift-leader"));
    assert!(
        staff(dir.path(), &["add", "li", "--name", "x", "--role", "guard", "--post", "moon"])
            .unwrap_err()
            .contains("moon")
    );
    assert!(staff(dir.path(), &["reset", "nobody"]).unwrap_err().contains("nobody"));
    let list = staff(dir.path(), &["list"]).unwrap();
    assert_eq!((&list["staff"][0]["id"], &list["staff"][0]["badge"]), (&json!("wang"), &json!("0017")));
    assert!(!list.to_string().contains("argon2"));
    let mut live = browser.live(None);
    live.until("board");
    staff(dir.path(), &["disable", "wang"]).unwrap();
    assert_eq!(live.until("bye").data["reason"], "withdrawn");
    // Nobody's secret and nobody's name stands in the log.
    let log = daemon.log();
    assert!(!log.contains(&pin) && !log.contains("stone lion") && !log.contains("测试甲"), "{log}");
    assert!(daemon.stop().success());
}

#[test]
fn a_killed_daemon_comes_back_with_the_session_and_every_card_once() {
    let dir = tempfile::tempdir().unwrap();
    let listen = free();
    let mut daemon = start(dir.path(), listen);
    let mut browser = browser(listen);
    served(&browser);
    let pin = staff(dir.path(), &["add", "wang", "--name", "测试甲", "--role", "guard"]).unwrap()["pin"].clone();
    first_sign_in(dir.path(), &mut browser, "wang", pin.as_str().unwrap());
    let mut live = browser.live(None);
    let mut board = Board::default();
    board.take(&live.until("board"));
    let help = || browser.post("/api/open", &json!({ "opening": { "help": { "language": "en" } } }));
    let first = help().json()["number"].as_str().unwrap().to_owned();
    while board.cards.is_empty() {
        board.take(&live.until("change"));
    }
    daemon.kill();
    assert!(live.next().is_none(), "the line breaks");
    daemon.up();
    served(&browser);
    let second = help().json()["number"].as_str().unwrap().to_owned();
    let mut live = browser.live(live.last.as_deref());
    board.take(&live.until("board"));
    assert_eq!(board.cards.keys().collect::<Vec<_>>(), [&format!("{first}/1"), &format!("{second}/1")]);
    // An open page does not hold up the end.
    let begun = Instant::now();
    assert!(daemon.stop().success());
    println!("from SIGTERM to the end with a page open: {:?}", begun.elapsed());
    assert_eq!(live.until("bye").data["reason"], "restart");
}
