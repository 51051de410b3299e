//! Notices and handbook on the guards' page: who reads what, and that a look at what is confidential leaves a trace.

use crate::common::lobby::{Lobby, STAFF};
use lobbyd::config::handbook::{EXAMPLE, entry};
use lobbyd::service::knowledge::Handbook;
use lobbyd::service::staff::Role;
use std::sync::Arc;

/// With the entries of the house that does not exist.
fn lobby(dir: &std::path::Path) -> Lobby {
    let lobby = Lobby::open(dir);
    let entries = EXAMPLE.iter().map(|(name, text)| entry(name, text).unwrap()).collect();
    lobby.handbook.send_replace(Arc::new(Handbook::new(entries)));
    lobby
}

/// R140.
#[test]
fn what_is_confidential_does_not_exist_for_others_than_supervisor_and_manager() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = lobby(dir.path());
    for (id, role) in STAFF {
        let browser = lobby.signed_in(id, "office");
        let list = browser.get("/api/handbook").body;
        let may = matches!(role, Role::Supervisor | Role::ProjectManager);
        assert_eq!(list.contains("lift-contract"), may, "{id}");
        assert!(list.contains("fee-questions") && list.contains("water-and-power"), "{id}");
        let answer = browser.get("/api/handbook/lift-contract");
        assert_eq!(answer.status, if may { 200 } else { 404 }, "{id}");
        assert_eq!(answer.body.contains("维保"), may, "{id}");
    }
    lobby.close();
}

/// R308.
#[test]
fn a_look_at_a_confidential_entry_is_in_the_journal_when_the_answer_comes() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = lobby(dir.path());
    let browser = lobby.signed_in("supervisor", "office");
    let looks =
        || lobby.told("record.viewed").into_iter().filter(|told| told["what"] == "handbook").collect::<Vec<_>>();
    browser.get("/api/handbook");
    assert_eq!(browser.get("/api/handbook/lifts").status, 200);
    assert!(looks().is_empty(), "what everybody at the desk reads is nobody's secret");
    assert_eq!(browser.get("/api/handbook/lift-contract").status, 200);
    let looks = looks();
    assert_eq!(looks.len(), 1);
    assert_eq!((&looks[0]["entry"], &looks[0]["by"]), (&"lift-contract".into(), &"supervisor".into()));
    lobby.close();
}

/// R139, R146: the full answer, who can be asked, how long it holds; and what is over is seen by who must renew it.
#[test]
fn an_entry_comes_whole_with_contact_and_last_day() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = lobby(dir.path());
    let (name, text) = EXAMPLE.iter().find(|(name, _)| *name == "lifts").unwrap();
    let over = entry(name, &text.replace("2035-12-31", "2020-12-31")).unwrap();
    let browser = lobby.signed_in("desk", "front");
    let lifts = browser.get("/api/handbook/lifts").json();
    assert_eq!((&lifts["valid"], &lifts["phone"]), (&true.into(), &"010-5555 0100".into()));
    assert_eq!(lifts["contact"]["en"], "Service centre");
    assert!(lifts["text"]["zh-Hans"].as_str().unwrap().starts_with("北楼有三部客梯"));
    lobby.handbook.send_replace(Arc::new(Handbook::new(vec![over])));
    let list = browser.get("/api/handbook").json();
    assert_eq!(
        (&list["entries"][0]["valid"], &list["entries"][0]["valid_until"]),
        (&false.into(), &"2020-12-31".into())
    );
    lobby.close();
}
