//! What leaves the house is journaled, and what comes back with a restore brings nobody back: with the real program.

use super::clockwork::{self, Machine, Open, open, open_house, repair};
use super::common;
use super::common::daemon::Daemon;
use super::common::tool::{self, NOBODY, lobbyd, said};
use super::{NAME, OTHER, PHONE, asked, called, erase, invited_from, noted, text, until_gone, visit, wanted};
use chrono::{TimeDelta, Utc};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Kind, Slug};
use lobbyd::journal::{JOURNAL_FILE, Journal, Reader};
use lobbyd::service::house::House;
use lobbyd::service::invitation::{Issuers, site_mark};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::person::{Hold, Of, Outcome, Request, Thing, Wanted};
use lobbyd::service::signature::PrivateKey;
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn command(words: &[&str], folder: &Path, config: &Path) -> String {
    let done = tool::command(words, config).arg(folder).output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    said(&done)
}

/// A gateway that is backed up and put back.
struct Gateway {
    _dir: TempDir,
    config: PathBuf,
    data: PathBuf,
    backup: PathBuf,
    machine: Machine,
}

impl Gateway {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (config, data) = (tool::site(dir.path(), "lobby-1"), dir.path().join("data"));
        let (backup, machine) = (dir.path().join("backup"), Machine::at(Utc::now(), true));
        Gateway { config, data, backup, machine, _dir: dir }
    }
}

fn watch(open: &Open, change: Value) {
    open.ask(Command::WatchList(serde_json::from_value(change).unwrap())).unwrap();
}

fn watched_for(id: &str, phone: &str) -> Value {
    let until = Utc::now() + TimeDelta::days(30);
    json!({"id": id, "names": [], "phone": phone, "reason": "请先联系", "author": "总部", "until": until})
}

fn held(id: &str, case: Number) -> Request {
    let (reason, author, until) = (text("诉讼"), text("法务"), Utc::now() + TimeDelta::days(90));
    Request::Hold(Hold { id: id.into(), of: Of::Case(case), reason, author, until })
}

/// A backup is put back over a journal that has gone on since: who was erased stays erased, and what the law holds is held.
#[test]
fn a_restore_brings_nobody_back_and_forgets_no_hold() {
    let Gateway { config, data, backup, machine, .. } = &Gateway::new();
    let house = open(data, machine);
    let (his, others) = (visit(&house, NAME, PHONE), visit(&house, "测试乙", OTHER));
    let mut mine = serde_json::to_value(repair()).unwrap();
    mine["repair"]["phone"] = json!(PHONE);
    let open_one = house.open_case(serde_json::from_value(mine).unwrap());
    noted(&house, &format!("请回电 {PHONE}"));
    watch(
        &house,
        json!({"set": [watched_for("w-1", PHONE), watched_for("w-2", "13700000002"), watched_for("w-4", "13700000004")]}),
    );
    asked(&house, held("h-1", others));
    house.close();
    command(&["backup"], backup, config);
    let house = open(data, machine);
    assert_eq!(erase(&house).watched, 1);
    watch(&house, json!({"set": [watched_for("w-3", "13700000003")], "remove": ["w-2"]}));
    asked(&house, held("h-2", others));
    asked(&house, Request::Lift { id: "h-1".into(), author: text("法务") });
    house.close();
    // The second time what was in place is a journal that was restored itself.
    for _ in 0..2 {
        let said = command(&["restore", "--force"], backup, config);
        for what in [
            "1 legal holds were placed again",
            "1 legal holds were lifted",
            "1 tickets have lost again",
            "2 entries of the watch-list were removed",
        ] {
            assert!(said.contains(what) && !said.contains("warning"), "{what}: {said}");
        }
        let reader = Reader::open(data).unwrap();
        let holds: Vec<String> = reader.holds().unwrap().into_iter().map(|hold| hold.id).collect();
        assert_eq!(holds, ["h-2"]);
        assert!(reader.case(his).unwrap().unwrap().person.is_empty());
        assert!(reader.case(others).unwrap().unwrap().person.contains_key("phone"));
        let known = reader.known_of(&wanted()).unwrap();
        let left: Vec<Number> = known.cases.iter().map(|row| row.case.docket.number).collect();
        assert!(left == [open_one] && known.watched.is_empty(), "{known:?}");
        assert!(known.cases[0].case.docket.erase.is_some(), "it goes with its end, as he has asked");
        drop(reader);
        let journal = Journal::open(data, "x").unwrap().journal;
        let list: Vec<String> = journal.watch_list().unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(list, ["w-3", "w-4"]);
        drop(journal);
        assert_eq!(tool::lobbyd(&["journal", "verify"], config).status.code(), Some(0));
    }
    // The daemon overwrites what is left of him in the file, as after an erasure.
    let house = open(data, machine);
    let by = Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page);
    let step = serde_json::from_value(json!({"withdraw": {}})).unwrap();
    let answer = house.ask(Command::Move { number: open_one, step, seen: None, by }).unwrap();
    assert!(matches!(answer, Answer::Moved { .. }), "{answer:?}");
    until_gone(data, PHONE);
    house.close();
}

/// The journal in place was begun anew after the copy was made, as after damage: it has no event of the copy, and what it knows counts.
#[test]
fn a_journal_that_was_begun_anew_loses_nothing_of_what_it_knows() {
    let Gateway { config, data, backup, machine, .. } = &Gateway::new();
    let house = open(data, machine);
    let (his, _) = (visit(&house, NAME, PHONE), visit(&house, "测试乙", OTHER));
    watch(&house, json!({"set": [watched_for("w-1", "13700000001")]}));
    house.close();
    command(&["backup"], backup, config);
    fs::remove_dir_all(data).unwrap();
    fs::create_dir(data).unwrap();
    let house = open(data, machine);
    noted(&house, "一切正常");
    watch(&house, json!({"set": [watched_for("w-2", "13700000002")]}));
    asked(&house, held("h-1", his));
    erase(&house);
    house.close();
    let said = command(&["restore", "--force"], backup, config);
    for what in
        ["1 legal holds were placed again", "1 entries of the watch-list were set", "does not go on from this copy"]
    {
        assert!(said.contains(what), "{what}: {said}");
    }
    let since = fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    let since: Vec<_> = since.filter(|path| path.extension().is_some_and(|end| end == "jsonl")).collect();
    assert!(fs::read_to_string(&since[0]).unwrap().contains("一切正常"), "the office has not got it");
    let reader = Reader::open(data).unwrap();
    assert_eq!(reader.holds().unwrap()[0].id, "h-1");
    assert!(reader.all_after(0, 1_000).unwrap().iter().any(|row| row.kind == Kind::PersonErased), "told anew");
    let mut journal = Journal::open(data, "x").unwrap().journal;
    let list: Vec<String> = journal.watch_list().unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(list, ["w-1", "w-2"]);
    // Nor is a number given again that may stand on a slip of the time between.
    journal.begin().unwrap();
    let number = journal.next_number(Series::Visit, his.day).unwrap();
    assert!(number.nth > 500, "{number}");
}

/// The same where it was lobbyd itself that began anew, and brought over what could be read, under the same ids: of what could not, the copy
/// is all that there is.
#[test]
fn a_list_that_was_lost_with_a_bad_page_comes_back_with_the_copy() {
    let Gateway { config, data, backup, machine, .. } = &Gateway::new();
    let house = open(data, machine);
    let his = visit(&house, NAME, PHONE);
    watch(&house, json!({"set": [watched_for("w-1", "13700000001")]}));
    asked(&house, held("h-1", his));
    noted(&house, "一切正常");
    house.close();
    command(&["backup"], backup, config);
    let path = data.join(JOURNAL_FILE);
    for table in ["hold", "watch"] {
        let query = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
        let root: usize =
            rusqlite::Connection::open(&path).unwrap().query_row(query, [table], |row| row.get(0)).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        bytes[(root - 1) * 4_096..][..4_096].fill(0xA5);
        fs::write(&path, bytes).unwrap();
    }
    Journal::mark_suspect(data);
    open(data, machine).close();
    let reader = Reader::open(data).unwrap();
    assert!(reader.holds().unwrap().is_empty(), "it is gone");
    drop(reader);
    let said = command(&["restore", "--force"], backup, config);
    assert!(said.contains("does not go on from this copy"), "{said}");
    assert!(!said.contains("were lifted") && !said.contains("were removed"), "{said}");
    let reader = Reader::open(data).unwrap();
    assert_eq!(reader.holds().unwrap()[0].id, "h-1");
    drop(reader);
    assert_eq!(Journal::open(data, "x").unwrap().journal.watch_list().unwrap()[0].id, "w-1");
}

/// A new card without a restore has counted from 1 again: the first visit of the day is another's, and nothing that was asked of it is done
/// to the one in the copy.
#[test]
fn what_was_asked_of_a_case_is_not_done_to_another_of_the_same_number() {
    let Gateway { config, data, backup, machine, .. } = &Gateway::new();
    let house = open(data, machine);
    let others = visit(&house, "测试乙", OTHER);
    house.close();
    command(&["backup"], backup, config);
    fs::remove_dir_all(data).unwrap();
    fs::create_dir(data).unwrap();
    let house = open(data, machine);
    assert_eq!(visit(&house, NAME, PHONE), others, "as on the slip of the other");
    asked(&house, held("h-1", others));
    asked(&house, Request::Lift { id: "h-1".into(), author: text("法务") });
    erase(&house);
    asked(&house, held("h-2", others));
    house.close();
    let said = command(&["restore", "--force"], backup, config);
    assert!(said.contains("the copy has another case of this number"), "{said}");
    let reader = Reader::open(data).unwrap();
    assert!(reader.holds().unwrap().is_empty());
    assert!(reader.case(others).unwrap().unwrap().person.contains_key("phone"), "nobody has asked for that");
}

/// A newer copy is put over a journal of before, such as after an older backup: what was erased between is nowhere again.
#[test]
fn a_newer_copy_over_an_older_journal_brings_no_entry_and_no_invitation_back() {
    let dir = tempfile::tempdir().unwrap();
    let (config, data) = (tool::site(dir.path(), "lobby-1"), dir.path().join("data"));
    let (older, newer) = (dir.path().join("older"), dir.path().join("newer"));
    let machine = Machine::at(Utc::now(), true);
    let key = PrivateKey::from_seed(&[1; 32]).unwrap().public();
    let issuers = Issuers { site: site_mark(&Slug::new("riverside").unwrap()), keys: vec![key] };
    let open = || open_house(&data, &machine, House { issuers: issuers.clone(), ..clockwork::house() }).unwrap();
    let house = open();
    visit(&house, NAME, PHONE);
    watch(&house, json!({"set": [watched_for("w-1", PHONE)]}));
    let token = invited_from(&house, Utc::now(), NAME, 7);
    house.close();
    command(&["backup"], &older, &config);
    let house = open();
    let wanted = Wanted { also: vec![Thing::Invitation([7; 12])], ..called(NAME, PHONE) };
    let erased = asked(&house, Request::Erase { wanted: wanted.clone(), author: text("隐私专员") });
    assert!(matches!(erased, Outcome::Erased(erasure) if erasure.watched == 1 && erasure.invitations == 1));
    until_gone(&data, token.as_str());
    house.close();
    command(&["backup"], &newer, &config);
    // The journal of then is in place again.
    for end in ["", "-wal", "-shm", "-mark"] {
        drop(fs::remove_file(data.join(format!("{JOURNAL_FILE}{end}"))));
    }
    fs::copy(older.join(JOURNAL_FILE), data.join(JOURNAL_FILE)).unwrap();
    let said = command(&["restore", "--force"], &newer, &config);
    assert!(said.contains("the entry w-1 of the watch-list: the copy has it not"), "{said}");
    let known = Reader::open(&data).unwrap().known_of(&wanted).unwrap();
    assert!(known.watched.is_empty() && known.invited.is_empty() && known.cases.is_empty(), "{known:?}");
}

#[test]
fn what_cannot_be_carried_over_is_said() {
    let Gateway { config, data, backup, machine, .. } = &Gateway::new();
    let house = open(data, machine);
    let his = visit(&house, NAME, PHONE);
    house.close();
    command(&["backup"], backup, config);
    let house = open(data, machine);
    asked(&house, held("h-1", his));
    house.close();
    let file = rusqlite::Connection::open(data.join(JOURNAL_FILE)).unwrap();
    file.execute_batch("DROP TABLE watch; UPDATE hold SET data = '{'").unwrap();
    drop(file);
    let restored = command(&["restore", "--force"], backup, config);
    for what in ["legal holds", "the watch-list"] {
        assert!(restored.contains(&format!("journal that was in place: {what}: ")), "{restored}");
    }
    fs::write(data.join(JOURNAL_FILE), [0xaa; 8192]).unwrap();
    let restored = command(&["restore", "--force"], backup, config);
    assert!(restored.contains("who was erased since is there again"), "{restored}");
}

/// What `journal.exported` says of each copy, with who took it.
fn taken(data: &Path) -> Vec<Value> {
    let rows = Reader::open(data).unwrap().all_after(0, 1_000).unwrap();
    let taken = rows.iter().filter(|row| row.kind == Kind::JournalExported);
    taken.map(|row| serde_json::from_str(row.data.get()).unwrap()).collect()
}

/// R308: whoever takes names out of the house is in the journal, also where it is a timer, or lobbyd does not run.
#[test]
fn every_copy_of_the_journal_is_journaled_with_who_took_it() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let mut daemon = Daemon::start(dir.path(), NOBODY, NOBODY);
    let config = dir.path().join("lobby.toml");
    common::blocking_until("the lobby is open", || daemon.log().contains("the lobby is open"));
    let exported = lobbyd(&["journal", "export", "--author", "李经理"], &config);
    assert_eq!(exported.status.code(), Some(0), "{}", said(&exported));
    let lines = String::from_utf8(exported.stdout).unwrap();
    let all = |line: &str| line.contains("\"exportedby\":\"李经理\"");
    assert!(lines.lines().count() > 0 && lines.lines().all(all), "{lines}");
    common::blocking_until("the export is journaled", || taken(&data).len() == 1);
    let export = &taken(&data)[0];
    assert_eq!((&export["what"], &export["by"]), (&json!("export"), &json!("author")));
    assert_eq!(export["person"]["author"], "李经理");
    assert_eq!(export["events"], lines.lines().count());
    command(&["backup"], &dir.path().join("one"), &config);
    common::blocking_until("the backup is journaled", || taken(&data).len() == 2);
    assert!(daemon.stop().success(), "{}", daemon.log());
    let exported = lobbyd(&["journal", "export", "--author", "李经理"], &config);
    assert!(exported.status.success() && said(&exported).contains("when it next runs"), "{}", said(&exported));
    command(&["backup", "--author", "王工"], &dir.path().join("two"), &config);
    daemon.up();
    let waiting = || {
        let files = fs::read_dir(data.join("requests")).unwrap().map(|file| file.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|end| end == "request")).count()
    };
    common::blocking_until("what was taken meanwhile is journaled", || taken(&data).len() == 4 && waiting() == 0);
    assert!(daemon.stop().success(), "{}", daemon.log());
    let taken = taken(&data);
    assert_eq!((&taken[1]["what"], &taken[1]["by"]), (&json!("backup"), &json!("user")));
    assert!(taken[1]["person"]["author"].as_str().is_some_and(|user| !user.is_empty()));
    assert!(taken[2..].iter().any(|taken| taken["person"]["author"] == "王工"), "{taken:?}");
    let long = "长".repeat(41);
    assert_eq!(lobbyd(&["journal", "export", "--author", &long], &config).status.code(), Some(1));
}
