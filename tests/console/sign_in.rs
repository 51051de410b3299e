//! Signing in and out: wrong secrets, lock-out, sessions that end, people who are disabled or reset.

use crate::common::lobby::{Lobby, PIN, slug};
use crate::common::{blocking_until, lobby};
use lobbyd::config::staff;
use lobbyd::console::secret;
use serde_json::json;

#[test]
fn somebody_signs_in_sees_himself_and_signs_out() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut browser = lobby.browser();
    assert_eq!(browser.get("/api/hello").json()["signed_in"], false);
    let answer = browser.sign_in("guard-a", PIN, "gate-a");
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"), "{cookie}");
    assert_eq!(browser.get("/api/hello").json()["signed_in"], true);
    let me = browser.get("/api/me").json();
    assert_eq!((&me["id"], &me["role"], &me["post"]), (&json!("guard-a"), &json!("guard"), &json!("gate-a")));
    assert_eq!(lobby.told("staff.signed-in")[0]["staff"], "guard-a");
    assert_eq!(browser.post("/api/logout", &json!({})).status, 200);
    assert_eq!(browser.get("/api/me").status, 401);
    assert_eq!(lobby.told("staff.signed-out")[0]["why"], "signed-out");
    lobby.close();
}

#[test]
fn five_wrong_secrets_lock_somebody_out_with_notice_and_only_him() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut browser = lobby.browser();
    for _ in 0..4 {
        assert_eq!(browser.sign_in("guard-a", "00000000", "gate-a").code(), "wrong");
    }
    let fifth = browser.sign_in("guard-a", "00000000", "gate-a");
    assert_eq!((fifth.status, fifth.code().as_str()), (429, "locked"));
    assert!(fifth.json()["detail"]["until"].is_string(), "{}", fifth.body);
    let right = browser.sign_in("guard-a", PIN, "gate-a");
    assert_eq!(right.code(), "locked", "the right one does not help either");
    let journaled = || (lobby.told("staff.refused").len(), lobby.told("staff.locked-out").len());
    blocking_until("all of it is journaled", || journaled() == (4, 1));
    assert_eq!(browser.sign_in("guard-b", PIN, "gate-b").status, 200);
    lobby.later(16 * 60);
    assert_eq!(browser.sign_in("guard-a", PIN, "gate-a").status, 200);
    lobby.close();
}

#[test]
fn an_id_that_nobody_has_reads_like_a_wrong_secret_and_is_not_journaled() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut browser = lobby.browser();
    let known = browser.sign_in("guard-a", "00000000", "gate-a");
    blocking_until("it is journaled", || lobby.told("staff.refused").len() == 1);
    for _ in 0..4 {
        let unknown = browser.sign_in("58203741", "guard-a", "gate-a");
        assert_eq!((unknown.status, &unknown.body), (known.status, &known.body));
    }
    assert_eq!(browser.sign_in("58203741", "guard-a", "gate-a").code(), "locked");
    assert_eq!(
        lobby.told("staff.refused").len() + lobby.told("staff.locked-out").len(),
        1,
        "it may be a PIN in the wrong field"
    );
    lobby.close();
}

#[test]
fn one_address_that_tries_one_id_after_the_other_is_slowed_down() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut browser = lobby.browser();
    let codes: Vec<String> = (0..22).map(|n| browser.sign_in(&format!("id-{n}"), "x", "gate-a").code()).collect();
    assert!(codes[..20].iter().all(|code| code == "wrong") && codes[20] == "slow", "{codes:?}");
    lobby.close();
}

#[test]
fn a_session_ends_when_nobody_touches_it_and_at_the_end_of_a_shift() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let phone = lobby.signed_in("guard-a", "gate-a");
    lobby.later(29 * 60);
    assert_eq!(phone.post("/api/here", &json!({})).status, 200);
    lobby.later(31 * 60);
    let answer = phone.get("/api/me");
    assert_eq!((answer.status, &answer.json()["detail"]["reason"]), (401, &json!("idle")));
    let desk = lobby.signed_in("guard-b", "gate-b");
    for _ in 0..35 {
        lobby.later(20 * 60);
        assert_eq!(desk.get("/api/me").status, 200);
    }
    lobby.later(21 * 60);
    assert_eq!(desk.get("/api/me").json()["detail"]["reason"], "expired");
    lobby.close();
}

#[test]
fn whoever_is_disabled_is_out_at_once_and_hears_it_on_the_live_line() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut browser = lobby.signed_in("guard-a", "gate-a");
    let mut live = browser.live(None);
    live.until("board");
    staff::edit(dir.path(), |roster| {
        roster.member_mut(&slug("guard-a")).unwrap().disabled = true;
        Ok(())
    })
    .unwrap();
    assert_eq!(live.until("bye").data["reason"], "withdrawn");
    assert_eq!(browser.get("/api/me").status, 401);
    assert_eq!(browser.sign_in("guard-a", PIN, "gate-a").code(), "wrong");
    let changes = lobby.told("staff.changed");
    assert!(changes.iter().any(|change| change["staff"] == "guard-a" && change["what"] == "disabled"), "{changes:?}");
    lobby.close();
}

#[test]
fn a_secret_that_somebody_else_has_seen_must_be_changed_before_anything_else() {
    let dir = tempfile::tempdir().unwrap();
    lobby::enlist(dir.path());
    staff::edit(dir.path(), |roster| {
        roster.member_mut(&slug("guard-a")).unwrap().must_change = true;
        Ok(())
    })
    .unwrap();
    let lobby = Lobby::with(dir.path(), lobby::How::default());
    let mut browser = lobby.signed_in("guard-a", "gate-a");
    assert_eq!(browser.get("/api/visitors").code(), "must-change");
    let change = |old: &str, new: &str| browser.post("/api/secret", &json!({ "old": old, "new": new }));
    assert_eq!(change(PIN, "123456").code(), "weak");
    assert_eq!(change("00000000", "70412985").code(), "wrong");
    assert_eq!(change(PIN, "70412985").status, 200);
    assert_eq!(browser.get("/api/visitors").status, 200);
    let written = staff::load(dir.path()).unwrap();
    assert!(secret::verify("70412985", Some(&written.member("guard-a").unwrap().hash)));
    assert_eq!(browser.sign_in("guard-a", PIN, "gate-a").code(), "wrong");
    blocking_until("the change is journaled", || {
        lobby.told("staff.changed").iter().any(|told| told["what"] == "secret")
    });
    let journal = format!("{:?}", lobby.rows());
    assert!(!journal.contains("70412985") && !journal.contains(PIN));
    lobby.close();
}

#[test]
fn a_post_that_is_not_his_cannot_be_chosen() {
    let dir = tempfile::tempdir().unwrap();
    lobby::enlist(dir.path());
    staff::edit(dir.path(), |roster| {
        roster.member_mut(&slug("guard-a")).unwrap().posts = vec![slug("gate-a")];
        Ok(())
    })
    .unwrap();
    let lobby = Lobby::with(dir.path(), lobby::How::default());
    let mut browser = lobby.browser();
    assert_eq!(browser.sign_in("guard-a", PIN, "office").code(), "post");
    assert_eq!(browser.sign_in("guard-a", PIN, "nowhere").code(), "post");
    let browser = lobby.signed_in("guard-a", "gate-a");
    assert_eq!(browser.post("/api/post", &json!({ "post": "front" })).code(), "post");
    let other = lobby.signed_in("guard-b", "gate-a");
    assert_eq!(other.post("/api/post", &json!({ "post": "gate-b" })).json()["me"]["post"], "gate-b");
    lobby.close();
}

#[test]
fn a_restart_signs_nobody_out() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let browser = lobby.signed_in("guard-a", "gate-a");
    let listen = Some(lobby.address);
    lobby.close();
    let lobby = Lobby::with(dir.path(), lobby::How { listen, ..Default::default() });
    assert_eq!(browser.get("/api/me").json()["id"], "guard-a");
    lobby.close();
}

#[test]
fn the_open_page_of_a_fixed_post_keeps_its_session_and_a_phone_in_the_park_does_not() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let (desk, phone) = (lobby.signed_in("guard-b", "gate-b"), lobby.signed_in("guard-a", "gate-a"));
    let (mut at_desk, mut in_park) = (desk.live(None), phone.live(None));
    at_desk.until("board");
    in_park.until("board");
    // Each new line beats once at its beginning.
    for _ in 0..2 {
        lobby.later(20 * 60);
        at_desk = desk.live(None);
        at_desk.until("board");
        at_desk.until_beat();
    }
    assert_eq!(desk.get("/api/me").status, 200);
    assert_eq!(phone.get("/api/me").json()["detail"]["reason"], "idle");
    assert_eq!(in_park.until("bye").data["reason"], "idle");
    lobby.close();
}

#[test]
fn after_a_restart_only_what_has_changed_is_told_and_who_was_reset_meanwhile_is_out() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let (reset, other) = (lobby.signed_in("guard-a", "gate-a"), lobby.signed_in("guard-b", "gate-b"));
    assert_eq!(lobby.told("staff.changed").len(), lobby::STAFF.len(), "at the first start everybody is new");
    let listen = Some(lobby.address);
    lobby.close();
    staff::edit(dir.path(), |roster| {
        roster.member_mut(&slug("guard-a")).unwrap().hash = secret::hash("70412985");
        Ok(())
    })
    .unwrap();
    let lobby = Lobby::with(dir.path(), lobby::How { listen, ..Default::default() });
    assert_eq!((reset.get("/api/me").status, other.get("/api/me").status), (401, 200));
    let told = lobby.told("staff.changed");
    let new = &told[lobby::STAFF.len()..];
    assert_eq!(new.len(), 1, "{new:?}");
    assert_eq!((&new[0]["staff"], &new[0]["what"]), (&json!("guard-a"), &json!("reset")));
    lobby.close();
}
