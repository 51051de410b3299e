//! The live line: every change once, over a connection that breaks, over a restart, and for a page that does not read.

use crate::common::lobby::{How, Lobby};
use crate::common::page::{Board, Live};
use lobbyd::board::printer::Trouble;
use lobbyd::health::queue::{Pace, Queue};
use lobbyd::link::LinkState;
use serde_json::json;
use std::time::Duration;

#[test]
fn a_change_is_on_the_page_and_goes_when_it_has_ended() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut live = guard.live(None);
    let mut board = Board::default();
    board.take(&live.until("board"));
    let number = lobby.help();
    while board.cards.is_empty() {
        board.take(&live.until("change"));
    }
    let card = &board.cards[&format!("{number}/1")];
    assert_eq!(
        (&card["errand"], &card["for_me"], &card["urgency"]),
        (&json!("see-help"), &json!(true), &json!("help"))
    );
    // The card's first button is a step as it stands.
    assert_eq!(guard.step(&number, &card["buttons"][0]["step"]).status, 200);
    while board.cards[&format!("{number}/1")]["taken"]["mine"] != true {
        board.take(&live.until("change"));
    }
    assert_eq!(guard.step(&number, &json!({ "matter": { "help": "call-off" } })).status, 200);
    while !board.cards.is_empty() {
        board.take(&live.until("change"));
    }
    assert!(board.tickets.is_empty());
    lobby.close();
}

#[test]
fn a_line_that_breaks_goes_on_where_it_was_without_a_lost_or_a_doubled_card() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut live = guard.live(None);
    let mut board = Board::default();
    board.take(&live.until("board"));
    let first = lobby.help();
    while board.cards.is_empty() {
        board.take(&live.until("change"));
    }
    let last = live.last.clone();
    drop(live);
    let second = lobby.help();
    assert_eq!(guard.step(&first, &json!({ "matter": { "help": "call-off" } })).status, 200);
    let mut live = guard.live(last.as_deref());
    let resumed = live.next().unwrap();
    assert_eq!(resumed.name, "change", "what it missed, and nothing else");
    board.take(&resumed);
    assert_eq!(board.cards.keys().collect::<Vec<_>>(), [&format!("{second}/1")]);
    // Nothing of it comes again. A change may be of the doors alone: the first one after a time in which nobody listened is.
    let third = lobby.help();
    let next = loop {
        let next = live.until("change");
        if next.data["numbers"] != json!([]) {
            break next;
        }
    };
    assert_eq!(next.data["numbers"], json!([third]));
    board.take(&next);
    assert_eq!(board.cards.len(), 2);
    lobby.close();
}

#[test]
fn after_a_restart_the_page_gets_a_board_and_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut live = guard.live(None);
    let mut board = Board::default();
    board.take(&live.until("board"));
    let first = lobby.help();
    while board.cards.is_empty() {
        board.take(&live.until("change"));
    }
    let (last, listen) = (live.last.clone(), Some(lobby.address));
    lobby.close();
    assert_eq!(live.until("bye").data["reason"], "restart");
    let lobby = Lobby::with(dir.path(), How { listen, ..Default::default() });
    let second = lobby.help();
    let mut live = guard.live(last.as_deref());
    board.take(&live.until("board"));
    let keys: Vec<_> = board.cards.keys().cloned().collect();
    assert_eq!(keys, [format!("{first}/1"), format!("{second}/1")]);
    lobby.close();
}

#[test]
fn a_page_that_does_not_read_is_not_waited_for_and_begins_anew() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let (sleeper, reader) = (lobby.signed_in("guard-a", "gate-a"), lobby.signed_in("guard-b", "gate-a"));
    let mut asleep = sleeper.live(None);
    let mut awake = reader.live(None);
    let mut board = Board::default();
    board.take(&awake.until("board"));
    asleep.until("board");
    // More than the kernel's buffers and ours together hold.
    let note = |number: &str, n: usize| json!({ "note": { "text": format!("{n} {number} {}", "长".repeat(400)) } });
    let numbers: Vec<String> = (0..60).map(|_| lobby.help()).collect();
    for n in 0..40 {
        for number in &numbers {
            let step = serde_json::from_value(note(number, n)).unwrap();
            let number = lobbyd::service::number::Number::try_from(number.clone()).unwrap();
            let by = lobbyd::service::staff::Actor::staff(
                crate::common::lobby::slug("desk"),
                "测试".into(),
                lobbyd::service::staff::Role::FrontDesk,
                None,
                lobbyd::service::staff::Via::Page,
            );
            lobby.ask(lobbyd::desk::Command::Move { number, step, seen: None, by });
        }
    }
    let last = lobby.help();
    while !board.cards.contains_key(&format!("{last}/1")) {
        board.take(&awake.next().unwrap());
    }
    let mut slow = Board::default();
    while !slow.cards.contains_key(&format!("{last}/1")) {
        slow.take(&asleep.next().unwrap());
    }
    assert_eq!(slow.cards.keys().collect::<Vec<_>>(), board.cards.keys().collect::<Vec<_>>());
    lobby.close();
}

/// Waits for the change that says so. One of before may still be on its way: that somebody has signed in is an event, too.
fn hears(live: &mut Live, what: &str, state: &str) {
    while live.until("change").data["connections"][what] != state {}
}

#[test]
fn another_post_means_another_board_and_a_lost_office_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    lobby.help();
    let guard = lobby.signed_in("guard-b", "gate-b");
    let mut live = guard.live(None);
    let board = live.until("board").data;
    assert_eq!((&board["cards"][0]["for_me"], &board["connections"]["office"]), (&json!(false), &json!("up")));
    assert_eq!(guard.post("/api/post", &json!({ "post": "gate-a" })).status, 200);
    assert_eq!(live.until("board").data["cards"][0]["for_me"], true);
    lobby.link(LinkState::Connecting);
    hears(&mut live, "office", "connecting");
    lobby.close();
}

#[test]
fn what_waits_for_the_office_is_told_while_it_waits() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut live = lobby.signed_in("guard-a", "gate-a").live(None);
    assert_eq!(live.until("board").data["connections"].get("queue"), None, "a relay at work is nobody's business");
    let pace = Pace { drain: 12.5, drained_in: Some(Duration::from_secs(240)), ..Pace::default() };
    lobby.queue(Some(Queue { urgent: 1, normal: 2_999, pace, ..Queue::default() }));
    let queue = loop {
        let told = live.until("change").data["connections"]["queue"].clone();
        if !told.is_null() {
            break told;
        }
    };
    assert_eq!((&queue["urgent"], &queue["normal"]), (&json!(1), &json!(2_999)));
    assert_eq!((&queue["out_per_second"], &queue["drained_in_seconds"]), (&json!(12.5), &json!(240)));
    lobby.queue(None);
    while live.until("change").data["connections"].get("queue").is_some() {}
    lobby.close();
}

#[test]
fn a_printer_without_paper_is_told_until_it_prints_again() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let mut live = lobby.signed_in("guard-a", "gate-a").live(None);
    // A lobby without a printer never speaks of one.
    assert_eq!(live.until("board").data["connections"].get("printer"), None);
    lobby.printer(Err(Trouble::OutOfPaper));
    hears(&mut live, "printer", "out-of-paper");
    // Whoever comes now sees it too.
    let mut later = lobby.signed_in("guard-b", "gate-b").live(None);
    assert_eq!(later.until("board").data["connections"]["printer"], "out-of-paper");
    lobby.printer(Ok(()));
    hears(&mut live, "printer", "ok");
    lobby.close();
}

#[test]
fn one_session_has_six_lines_and_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut lines: Vec<_> = (0..6).map(|_| guard.live(None)).collect();
    assert_eq!(guard.get("/api/live").code(), "streams");
    lines.pop();
    crate::common::blocking_until("its place is free again", || guard.clone().try_live());
    lobby.close();
}

#[test]
fn signing_out_ends_the_line() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let mut live = guard.live(None);
    live.until("board");
    guard.post("/api/logout", &json!({}));
    assert_eq!(live.until("bye").data["reason"], "signed-out");
    assert!(live.next().is_none());
    lobby.close();
}
