//! A full disk, on a small tmpfs: what was answered stays, what cannot be stored is refused, and emptying the disk is
//! enough to go on. What somebody needs to help at once is shown all the same.

mod common;

use chrono::Utc;
use common::lobby::Lobby;
use common::small_disk::SmallDisk;
use lobbyd::desk::{self, Answer, Command, Desk, Refusal, Settings, Storage};
use lobbyd::event::{Kind, Now};
use lobbyd::journal::{Keep, Reader};
use lobbyd::service::contact::Text;
use lobbyd::service::help;
use lobbyd::service::house::House;
use lobbyd::service::matter::Opening;
use lobbyd::service::number::{Number, Series};
use lobbyd::service::person::{Hold, Of, Request};
use std::sync::mpsc;
use std::time::{Duration, Instant};

fn ask(desk: &Desk) -> Result<Answer, Refusal> {
    let (tx, rx) = mpsc::channel();
    let command = Command::at_the_glass(Opening::Help(help::Request { language: "en".into() }));
    desk.submit(command, move |answer| tx.send(answer).unwrap());
    rx.recv_timeout(common::PATIENCE).expect("the desk answers, full disk or not")
}

#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn a_full_disk_refuses_politely_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&dir.path().join("disk"));
    let settings =
        Settings { data_dir: disk.0.clone(), house: House::bare(chrono_tz::Asia::Shanghai), keep: Keep::default() };
    let opened = desk::open(settings, || Now { utc: Utc::now(), synced: true }).unwrap();
    let mut answered = 0;
    while ask(&opened.desk).is_ok() {
        answered += 1;
        if answered == 20 {
            disk.fill();
        }
        assert!(answered < 20_000, "the disk never got full");
    }
    assert!(matches!(ask(&opened.desk), Err(Refusal::Storage(_))));
    assert!(matches!(*opened.desk.storage().borrow(), Storage::Failing(_)));

    // The watchdog's question writes nothing, so it must not call off the alarm.
    let (tx, rx) = mpsc::channel();
    opened.desk.submit(Command::Probe, move |answer| tx.send(answer).unwrap());
    assert_eq!(rx.recv_timeout(common::PATIENCE).unwrap(), Ok(Answer::Done));
    assert!(matches!(*opened.desk.storage().borrow(), Storage::Failing(_)));

    disk.empty();
    let deadline = Instant::now() + common::PATIENCE;
    while *opened.desk.storage().borrow() != Storage::Sound {
        assert!(Instant::now() < deadline, "room again, and the alarm stays");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(ask(&opened.desk).is_ok(), "room again, and no restart");
    let rows = Reader::open(&disk.0).unwrap().all_after(0, 100_000).unwrap();
    assert!(rows.iter().map(|row| row.seq).eq(1..=rows.len() as u64), "no gap");
    let requests = rows.iter().filter(|row| row.kind == Kind::HelpRequested).count();
    assert_eq!(requests, answered + 1, "every answered request and no other");
    opened.desk.close();
    opened.thread.join().unwrap().unwrap();
}

#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn on_a_full_disk_an_emergency_is_shown_and_the_look_is_journaled_when_there_is_room() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&dir.path().join("disk"));
    let lobby = Lobby::open(&disk.0);
    let (visit, help) = (lobby.visit("测试客"), lobby.help());
    let guard = lobby.signed_in("guard-a", "gate-a");
    let record = |number: &str| guard.get(&format!("/api/case/{number}"));
    assert_eq!((record(&visit).status, lobby.told("record.viewed").len()), (200, 1));
    disk.fill();
    while ask(&lobby.desk).is_ok() {}
    // Who visits whom can wait; who asked for help, and who must be called out of a burning house, cannot.
    let refused = record(&visit);
    assert_eq!((refused.status, refused.code().as_str()), (503, "storage"));
    assert_eq!((record(&help).status, guard.get("/api/muster").status), (200, 200));
    disk.empty();
    common::blocking_until("both looks are journaled", || lobby.told("record.viewed").len() == 3);
    let told = lobby.told("record.viewed");
    assert_eq!((&told[1]["what"], &told[1]["by"]), (&"record".into(), &"guard-a".into()));
    assert_eq!((&told[2]["what"], &told[2]["by"]), (&"muster".into(), &"guard-a".into()));
    lobby.close();
}

#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn a_disk_that_is_nearly_full_is_told_on_the_guards_page_and_old_copies_make_room() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&dir.path().join("disk"));
    Lobby::open(&disk.0).close();
    // The second opening enlists the same people.
    std::fs::remove_file(disk.0.join("staff.toml")).unwrap();
    let copy = disk.0.join("journal.db.version-1");
    std::fs::write(&copy, [0; 4096]).unwrap();
    // Nearly full is less than a tenth; the lobby needs some of it to open at all.
    let room = lobbyd::health::disk::space(&disk.0).unwrap();
    let filler = usize::try_from(room.free - room.total / 12).unwrap();
    std::fs::write(disk.0.join("filler"), vec![0; filler]).unwrap();
    let lobby = Lobby::open(&disk.0);
    common::blocking_until("it is told", || *lobby.desk.nearly_full().borrow());
    common::blocking_until("the old copy is gone", || !copy.exists());
    let board = lobby.signed_in("guard-a", "gate-a").live(None).until("board").data;
    assert_eq!(board["connections"]["storage"], "low");
    lobby.help();
    assert_eq!(*lobby.desk.storage().borrow(), Storage::Sound, "everything is stored all the same");
    lobby.close();
}

#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn old_copies_stay_on_a_disk_that_is_nearly_full_while_something_is_held_by_law() {
    let dir = tempfile::tempdir().unwrap();
    let disk = SmallDisk::mount(&dir.path().join("disk"));
    let settings =
        Settings { data_dir: disk.0.clone(), house: House::bare(chrono_tz::Asia::Shanghai), keep: Keep::default() };
    let opened = desk::open(settings, || Now { utc: Utc::now(), synced: true }).unwrap();
    let person = |request: Request| {
        let (tx, rx) = mpsc::channel();
        let command = Command::Person { request: Box::new(request), reference: Some("ref".into()) };
        opened.desk.submit(command, move |answer| tx.send(answer).unwrap());
        rx.recv_timeout(common::PATIENCE).unwrap().unwrap()
    };
    let text = |text| Text::parse(text).unwrap();
    let (id, author, reason) = ("h-1".to_owned(), text("李经理"), text("诉讼"));
    let number = Number { series: Series::Repair, day: 20_261_122, nth: 1 };
    let (of, until) = (Of::Case(number), Utc::now() + chrono::TimeDelta::days(40));
    person(Request::Hold(Hold { id: id.clone(), of, reason, until, author: author.clone() }));
    let copy = disk.0.join("journal.db.version-1");
    std::fs::write(&copy, [0; 4096]).unwrap();
    let room = lobbyd::health::disk::space(&disk.0).unwrap();
    std::fs::write(disk.0.join("filler"), vec![0; usize::try_from(room.free - room.total / 12).unwrap()]).unwrap();
    common::blocking_until("it is told", || *opened.desk.nearly_full().borrow());
    // Told before the copies are looked at; the next answer comes behind both.
    assert!(ask(&opened.desk).is_ok() && copy.exists());
    person(Request::Lift { id, author });
    common::blocking_until("with the hold it goes", || {
        assert!(ask(&opened.desk).is_ok());
        !copy.exists()
    });
    opened.desk.close();
    opened.thread.join().unwrap().unwrap();
}

/// When a card is full, or dies, a copy is needed most: that nobody can note who takes it does not stand in its way (R308).
#[test]
#[ignore = "needs root for a small tmpfs: run ./tests/run"]
fn of_a_full_disk_a_backup_can_be_taken_and_says_that_it_was_noted_nowhere() {
    let dir = tempfile::tempdir().unwrap();
    let config = common::tool::site(dir.path(), "lobby-1");
    let disk = SmallDisk::mount(&dir.path().join("data"));
    let lobby = Lobby::open(&disk.0);
    lobby.help();
    disk.fill();
    let backup = dir.path().join("backup");
    let done = common::tool::lobbyd(&["backup", backup.to_str().unwrap()], &config);
    let said = common::tool::said(&done);
    assert!(done.status.success() && said.contains("cannot be noted"), "{said}");
    let requests = Reader::open(&backup).unwrap().all_after(0, 1_000).unwrap();
    assert!(requests.iter().any(|row| row.kind == Kind::HelpRequested));
    disk.empty();
    lobby.close();
}
