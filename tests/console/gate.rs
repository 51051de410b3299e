//! Every route of the table: closed without a sign-in, to another site, to the wrong role, and to nonsense.

use crate::common::blocking_until;
use crate::common::lobby::{How, Lobby, STAFF, enlist};
use lobbyd::console::{Access, MAX_BODY, ROUTES};
use serde_json::json;
use std::io::Read;
use std::time::Duration;

/// A path that fits the route.
fn example(path: &str) -> String {
    path.replace(":number", "R-20261121-1")
        .replace(":file", "console.js")
        .replace(":code", "ABCD2345")
        .replace(":id", "lifts")
}

#[test]
fn nothing_is_told_and_nothing_is_done_before_somebody_has_signed_in() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    lobby.visit("测试访客");
    // Beside the list of staff, which is taken up meanwhile.
    let journaled = || lobby.rows().iter().filter(|row| row.kind.name() != "staff.changed").count();
    let before = journaled();
    let browser = lobby.browser();
    for route in ROUTES.iter().filter(|route| route.access != Access::Anybody) {
        let path = example(route.path);
        for cookie in [None, Some("lobbyd=".to_owned()), Some(format!("lobbyd={}", "0".repeat(64)))] {
            let stranger = crate::common::page::Browser { cookie, csrf: Some("0".repeat(64)), ..browser.clone() };
            let answer = match route.method.as_str() {
                "GET" => stranger.get(&path),
                _ => stranger.post(&path, &json!({})),
            };
            assert_eq!((answer.status, answer.code().as_str()), (401, "signed-out"), "{} {path}", route.method);
            assert!(!answer.body.contains("测试访客") && !answer.body.contains("1203"), "{path}: {}", answer.body);
        }
    }
    let hello = browser.get("/api/hello").body;
    assert!(!hello.contains("guard") && !hello.contains("1203"), "{hello}");
    assert_eq!(journaled(), before, "nothing was journaled, for nothing was done");
    lobby.close();
}

#[test]
fn every_answer_forbids_frames_foreign_scripts_and_copies() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let browser = lobby.browser();
    for path in ["/", "/api/hello", "/api/me", "/api/nothing", "/nothing"] {
        let answer = browser.get(path);
        let policy = answer.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "{path}");
        if path.starts_with("/api/") {
            assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        }
    }
    lobby.close();
}

#[test]
fn a_post_needs_the_token_our_origin_and_json() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let before = lobby.told("log.noted").len();
    let body = json!({ "lines": [{ "text": "问物业费" }] }).to_string();
    for (name, value, status, code) in [
        ("x-csrf", None, 403, "csrf"),
        ("x-csrf", Some("0123"), 403, "csrf"),
        ("origin", None, 403, "origin"),
        ("origin", Some("http://evil.example"), 403, "origin"),
        ("origin", Some("null"), 403, "origin"),
        ("content-type", Some("text/plain"), 415, "unreadable"),
        ("content-type", Some("application/x-www-form-urlencoded"), 415, "unreadable"),
        ("content-type", None, 415, "unreadable"),
    ] {
        let answer = guard.post_with("/api/log", &body, name, value);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{name} {value:?}");
    }
    assert_eq!(lobby.told("log.noted").len(), before);
    assert_eq!(guard.post_with("/api/log", &body, "x-other", Some("y")).status, 200);
    assert_eq!(lobby.told("log.noted").len(), before + 1);
    // Signing in itself cannot be done from another site's page either.
    let login = lobby.browser().post_with("/api/login", "{}", "origin", Some("http://evil.example"));
    assert_eq!(login.status, 403);
    lobby.close();
}

#[test]
fn what_is_too_long_or_makes_no_sense_is_refused_in_words_and_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("desk", "front");
    let long = json!({ "lines": [{ "text": "好".repeat(MAX_BODY) }] });
    let answer = guard.post("/api/log", &long);
    assert_eq!((answer.status, answer.code().as_str()), (413, "too-large"));
    let posts = ROUTES.iter().filter(|route| route.method == "POST" && !route.path.ends_with("logout"));
    for route in posts.filter(|route| !matches!(route.path, "/api/here" | "/api/support")) {
        for body in ["", "{", "[]", "null", "{\"geheim-4711\":1}", "\u{0}\u{1}", "{\"step\":{\"task\":{\"task\":-1}}}"]
        {
            let answer = guard.post_with(&example(route.path), body, "x-other", None);
            assert!((400..500).contains(&answer.status), "{} {body:?}: {}", route.path, answer.status);
            assert!(!answer.body.contains("4711"), "{}", answer.body);
            assert!(!answer.json()["text_zh"].as_str().unwrap_or_default().is_empty(), "{}", route.path);
        }
    }
    assert!(guard.get("/api/me").status == 200, "it goes on");
    lobby.close();
}

/// The time that a body has is so long in the first lobby that it never ends, and in the second it has ended at once.
#[test]
fn whoever_never_ends_a_body_holds_nobody_up_and_is_told_so_and_loses_the_place() {
    const PLACES: usize = 8;
    let dir = tempfile::tempdir().unwrap();
    enlist(dir.path());
    let how = |body_within| How { max_connections: Some(PLACES), body_within: Some(body_within), ..How::default() };
    let lobby = Lobby::with(dir.path(), how(Duration::from_secs(3_600)));
    let guard = lobby.signed_in("guard-a", "gate-a");
    let held: Vec<_> = (0..PLACES - 1).map(|nth| guard.half(["/api/log", "/api/login"][nth % 2])).collect();
    assert_eq!(guard.get("/api/me").status, 200, "the page is there for others");
    assert_eq!(guard.post("/api/log", &json!({ "lines": [{ "text": "问物业费" }] })).status, 200);
    drop(held);
    lobby.close();

    let lobby = Lobby::with(dir.path(), how(Duration::from_millis(1)));
    let stranger = lobby.browser();
    // More than there are places, one after the other: each is answered, and its place is free again, though nobody has hung up.
    let mut held = Vec::new();
    for nth in 0..2 * PLACES {
        blocking_until("there is a place", || stranger.try_get("/api/hello") == Some(200));
        let mut stream = stranger.half("/api/login");
        let mut said = String::new();
        // An end, or a reset where bytes were left unread.
        let _ = stream.read_to_string(&mut said);
        assert!(said.starts_with("HTTP/1.1 408") && said.contains("unreadable"), "{nth}: {said:?}");
        held.push(stream);
    }
    drop(held);
    lobby.close();
}

#[test]
fn each_role_has_its_routes_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    for (id, role) in STAFF {
        let browser = lobby.signed_in(id, "gate-a");
        for route in ROUTES.iter().filter(|route| !matches!(route.path, "/api/live" | "/api/logout" | "/api/support")) {
            let Access::Signed(right) = route.access else { continue };
            let answer = match route.method.as_str() {
                "GET" => browser.get(&example(route.path)),
                _ => browser.post(&example(route.path), &json!({ "no": "sense" })),
            };
            let refused = (answer.status, answer.code().as_str()) == (403, "right");
            assert_eq!(refused, !right.is_of(role), "{id} {} {}", route.path, answer.body);
        }
    }
    lobby.close();
}

#[test]
fn a_script_is_kept_for_ever_under_its_version_and_asked_for_again_without() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let browser = lobby.browser();
    let shell = browser.get("/").body;
    let asked =
        shell.split('"').find(|part| part.starts_with("/a/console.js?v=")).expect("the shell asks for its script");
    let versioned = browser.get(asked);
    assert_eq!(versioned.status, 200);
    assert!(versioned.header("cache-control").unwrap().contains("immutable"));
    for other in ["/a/console.js", "/a/console.js?v=0"] {
        assert_eq!(browser.get(other).header("cache-control"), Some("no-cache"), "{other}");
    }
    assert_eq!(browser.get("/a/../Cargo.toml").status, 404);
    assert_eq!(browser.get("/a/%2e%2e%2fCargo.toml").status, 404);
    lobby.close();
}
