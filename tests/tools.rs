//! The command-line tools as a technician runs them: `check`, `journal`, `directory`. They need nothing but the binary.

#[path = "common/tool.rs"]
mod tool;

use lobbyd::directory::{DIRECTORY_FILE, Directory};
use lobbyd::event::{Data, Event, Kind, Now, Slug, data};
use lobbyd::journal::{JOURNAL_FILE, Journal, Lane};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tool::lobbyd;

/// A site in a folder of its own.
fn site() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let config = tool::site(folder.path(), "lobby-1");
    (folder, config)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A visitor with a name, and thirty cards.
fn write_events(data_dir: &Path) -> Journal {
    let now = Now { utc: chrono::DateTime::from_timestamp(1_795_000_000, 0).unwrap(), synced: true };
    let mut journal = Journal::open(data_dir, "20261121T000000Z").unwrap().journal;
    journal.begin().unwrap();
    let visit = Slug::new("v-1121-01").unwrap();
    let person: Data = data([("name", json!("Nobody Known"))]);
    let arrived = Event::here(Kind::VisitArrived, visit, now, data([("unit", json!("1203"))])).about(person);
    journal.append(&arrived, now).unwrap();
    journal.commit().unwrap();
    tool::append(&mut journal, 30);
    journal
}

#[test]
fn check_reports_a_missing_broker_as_data_and_exits_with_1() {
    let (_folder, config) = site();
    let output = lobbyd(&["check", "--json"], &config);
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let findings = report["findings"].as_array().unwrap();
    let office = findings.iter().find(|f| f["area"] == "office" && f["level"] == "fault").unwrap();
    assert!(office["what"].as_str().unwrap().contains("nothing listens on that port"), "{office}");
    assert!(office["remedy"].as_str().unwrap().contains("is the broker running"), "{office}");
}

#[test]
fn a_reader_who_leaves_makes_nobody_panic() {
    let (_folder, config) = site();
    let key = config.with_file_name("invitation.key");
    let (key, config) = (key.to_str().unwrap(), config.to_str().unwrap());
    let calls: [&[&str]; 4] = [
        &["board", "probe"],
        &["check", "--config", config],
        &["profile", "list", "--config", config],
        &["invite", "key", "--key", key],
    ];
    for words in calls {
        // Nobody will ever read this pipe.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lobbyd"));
        let output = command.args(words).stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.signal(), text(&output.stderr)), (Some(libc::SIGPIPE), String::new()), "{words:?}");
    }
}

#[test]
fn check_explains_a_typing_error_with_its_line() {
    let (_folder, config) = site();
    fs::write(&config, fs::read_to_string(&config).unwrap().replace("gateway", "gatway")).unwrap();
    let output = lobbyd(&["check"], &config);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("line 5") && said.contains("did you mean \"gateway\"?"), "{said}");
}

#[test]
fn the_journal_can_be_looked_into_and_exported_while_the_daemon_holds_it() {
    let (folder, config) = site();
    let held_by_the_daemon = write_events(&folder.path().join("data"));
    let tail = text(&lobbyd(&["journal", "tail", "-n", "31"], &config).stdout);
    assert_eq!(tail.lines().count(), 31);
    assert!(tail.contains("visit.arrived") && !tail.contains("Nobody"), "names stay out of the tail: {tail}");
    let tail = text(&lobbyd(&["journal", "tail", "--json", "-n", "31"], &config).stdout);
    assert!(tail.contains("lobbyd.visit.arrived") && !tail.contains("Nobody"), "{tail}");
    assert_eq!(lobbyd(&["journal", "export"], &config).status.code(), Some(2), "nobody takes names unnamed");
    let export = text(&lobbyd(&["journal", "export", "--from", "1", "--author", "李经理"], &config).stdout);
    let events: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 31);
    assert_eq!(events[0]["type"], "lobbyd.visit.arrived");
    assert_eq!(events[0]["data"]["person"]["name"], "Nobody Known");
    assert_eq!(events[30]["source"], "/lobby/riverside/lobby-1");
    assert!(events.iter().all(|event| event["exportedby"] == "李经理" && event["exportedat"].is_string()));
    let verdict = lobbyd(&["journal", "verify", "--json"], &config);
    assert_eq!(verdict.status.code(), Some(0));
    let verdict: Value = serde_json::from_slice(&verdict.stdout).unwrap();
    assert_eq!((&verdict["ok"], &verdict["events"], &verdict["newest"]), (&json!(true), &json!(31), &json!(31)));
    drop(held_by_the_daemon);
}

#[test]
fn verify_says_so_when_events_are_missing() {
    let (folder, config) = site();
    let mut journal = write_events(&folder.path().join("data"));
    journal.begin().unwrap();
    journal.set_cursor(Lane::Normal.cursor(), 1_000).unwrap();
    journal.commit().unwrap();
    let output = lobbyd(&["journal", "verify"], &config);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("past the newest event 31"), "{output:?}");
}

#[test]
fn a_head_that_was_noted_is_compared_with_the_journal() {
    let (folder, config) = site();
    let data = folder.path().join("data");
    let journal = write_events(&data);
    let status = lobbyd(&["journal", "status", "--seconds", "1", "--json"], &config);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    let head = status["head"].as_str().unwrap();
    let verify = |head: &str| {
        let output = lobbyd(&["journal", "verify", "--head", head], &config);
        (output.status.code(), tool::said(&output))
    };
    let (code, said) = verify(head);
    assert!(code == Some(0) && said.contains("event 31 is the one that was noted"), "{said}");
    let (code, said) = verify(&head.replace("31:", "30:"));
    assert!(code == Some(1) && said.contains("event 30 has another hash than the head that was noted"), "{said}");
    let (code, said) = verify("31");
    assert!(code == Some(2) && said.contains("a head is a number, a colon and 64 hex digits"), "{said}");
    // A door that somebody would rather have used.
    let file = rusqlite::Connection::open(data.join(JOURNAL_FILE)).unwrap();
    file.execute("UPDATE event SET subject = 'garage' WHERE seq = 7", []).unwrap();
    let (code, said) = verify(head);
    assert!(code == Some(1) && said.contains("fault: event 7 is not what was stored"), "{said}");
    drop(journal);
}

#[test]
fn status_says_what_waits_while_the_daemon_holds_the_journal() {
    let (_folder, config) = site();
    let mut journal = write_events(&config.with_file_name("data"));
    journal.begin().unwrap();
    journal.set_cursor(Lane::Normal.cursor(), 11).unwrap();
    journal.commit().unwrap();
    let output = lobbyd(&["journal", "status", "--seconds", "1", "--json"], &config);
    assert_eq!(output.status.code(), Some(0), "{}", tool::said(&output));
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&status["newest"], &status["relay"]["normal"], &status["relay"]["urgent"]),
        (&json!(31), &json!(20), &json!(0))
    );
    assert_eq!(
        (&status["storage"]["level"], &status["storage"]["quota_bytes"]),
        (&json!("free"), &json!(2_147_483_648u64))
    );
    let said = text(&lobbyd(&["journal", "status", "--seconds", "1"], &config).stdout);
    for line in
        ["to send: 0 urgent, 20 other, the oldest for", "no end in sight", "devices are heard", "dead letters: 0"]
    {
        assert!(said.contains(line), "{line} is not in:\n{said}");
    }
    assert!(!said.contains("Nobody Known"));
}

#[test]
fn a_journal_that_is_not_there_is_told_plainly() {
    let (_folder, config) = site();
    let output = lobbyd(&["journal", "verify"], &config);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("has lobbyd run with this data_dir?"), "{output:?}");
}

#[test]
fn a_directory_is_imported_whole_or_not_at_all() {
    let (folder, config) = site();
    let (table, data) = (folder.path().join("units.csv"), folder.path().join("data"));
    let import = |more: &[&str]| lobbyd(&[&["directory", "import", table.to_str().unwrap()], more].concat(), &config);
    let facts = || Directory::open(&data).unwrap().unwrap().facts().clone();
    fs::write(&table, "building,unit,name,phone\n3,1203,Nobody Known,13800000000\n3,1204,,\n").unwrap();
    assert_eq!(import(&[]).status.code(), Some(0));
    assert_eq!((facts().units, facts().hosts), (2, 0), "names are kept only where they are wanted");
    let file = fs::read(data.join(DIRECTORY_FILE)).unwrap();
    assert!(!file.windows(6).any(|part| part == b"Nobody"));
    let said = import(&["--with-hosts"]);
    assert!(text(&said.stdout).starts_with("2 units and 1 people"), "{said:?}");
    assert_eq!(facts().hosts, 1);
    let written = fs::read(data.join(DIRECTORY_FILE)).unwrap();
    fs::write(&table, "unit,name\n1,Nobody Known\nNobody Known,2\n").unwrap();
    let refused = import(&[]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("units.csv: line 3") && !said.contains("Nobody"), "{said}");
    assert_eq!(fs::read(data.join(DIRECTORY_FILE)).unwrap(), written);
    // The whole town instead of the estate.
    let town: String = (0..1_000_000).map(|n| format!("{}-{:04},Nobody {n}\n", n / 5_000 + 1, n % 5_000)).collect();
    fs::write(&table, format!("unit,name\n{town}")).unwrap();
    let refused = import(&[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(!text(&refused.stderr).contains("Nobody"), "{refused:?}");
    assert_eq!(fs::read(data.join(DIRECTORY_FILE)).unwrap(), written);
}

#[test]
fn half_a_directory_is_imported_only_where_it_is_meant() {
    let (folder, config) = site();
    let table = folder.path().join("units.csv");
    let import = |units: usize, more: &[&str]| {
        fs::write(&table, (0..units).fold("unit\n".to_owned(), |text, n| text + &format!("1-{n:04}\n"))).unwrap();
        lobbyd(&[&["directory", "import", table.to_str().unwrap()], more].concat(), &config)
    };
    assert_eq!(import(100, &[]).status.code(), Some(0));
    let refused = import(49, &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("of 100 units only 49 would stay"), "{refused:?}");
    assert_eq!(import(49, &["--shrinks"]).status.code(), Some(0));
}

#[test]
fn a_secret_may_be_a_credential_of_systemd() {
    let (folder, config) = site();
    let text = fs::read_to_string(&config).unwrap();
    let line = "[office]\nuser = \"lobby-1\"\npassword_file = \"credential:office\"\n";
    fs::write(&config, text.replace("[office]\n", line)).unwrap();
    let credentials = folder.path().join("credentials");
    let check = || tool::command(&["check"], &config).env("CREDENTIALS_DIRECTORY", &credentials).output().unwrap();
    let said = tool::said(&check());
    assert!(said.contains("office.password_file") && said.contains("credentials/office"), "{said}");
    fs::create_dir(&credentials).unwrap();
    fs::write(credentials.join("office"), "secret\n").unwrap();
    let said = tool::said(&check());
    assert!(!said.contains("office.password_file") && !said.contains("secret"), "{said}");
}

/// systemd takes the folder away with the service, and on a new card there was never one: just then these commands are needed.
#[test]
fn commands_need_no_secret_of_a_service_that_is_stopped() {
    let (folder, config) = site();
    drop(write_events(&folder.path().join("data")));
    let text = fs::read_to_string(&config).unwrap();
    let secrets = "[office]\nuser = \"lobby-1\"\npassword_file = \"credential:office\"\n";
    fs::write(
        &config,
        text.replace("[office]\n", secrets) + "[console]\ncert = \"credential:page\"\nkey = \"page.key\"\n",
    )
    .unwrap();
    let backup = folder.path().join("backup");
    let run = |words: &[&str]| {
        let mut command = tool::command(words, &config);
        let output = command.env("CREDENTIALS_DIRECTORY", folder.path().join("nowhere")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", tool::said(&output));
    };
    let backup = backup.to_str().unwrap();
    run(&["backup", backup]);
    run(&["staff", "add", "jia", "--name", "测试甲", "--role", "guard"]);
    run(&["journal", "verify"]);
    run(&["restore", "--force", backup]);
}

/// The subcommands that a help text lists; none where there are none.
fn subcommands(words: &[&str]) -> Vec<String> {
    let help = Command::new(env!("CARGO_BIN_EXE_lobbyd")).args(words).arg("--help").output().unwrap();
    let help = text(&help.stdout);
    let listed = help.split_once("Commands:\n").map_or("", |(_, listed)| listed);
    let names = listed.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    // "help" is clap's own, and the package is built without the demo.
    names.filter(|name| !["help", "demo"].contains(name)).map(str::to_owned).collect()
}

#[test]
fn every_subcommand_stands_in_the_manual_page() {
    let page = fs::read_to_string("systemd/lobbyd.8").unwrap();
    let commands = page.split_once(".SH COMMANDS").unwrap().1.split_once(".SH EXIT STATUS").unwrap().0;
    // The line after .TP names one, or several with commas between them.
    let heads: Vec<&str> = commands.split(".TP\n").filter_map(|part| part.lines().next()).collect();
    let heads: Vec<&str> = heads.iter().filter_map(|head| head.split_once(' ')).map(|(_, named)| named).collect();
    let named: Vec<&str> = heads.iter().flat_map(|head| head.split(", ")).map(|name| name.trim_matches('"')).collect();
    let is_named = |wanted: &str| named.iter().any(|name| *name == wanted || name.starts_with(&format!("{wanted} ")));
    let all = subcommands(&[]);
    assert!(all.len() > 8, "{all:?}");
    for command in &all {
        assert!(is_named(command), "systemd/lobbyd.8 does not name `lobbyd {command}`: {named:?}");
        for inner in subcommands(&[command]) {
            assert!(
                is_named(&format!("{command} {inner}")),
                "systemd/lobbyd.8 does not name `lobbyd {command} {inner}`"
            );
        }
    }
    let synopsis = page.split_once("{ ").unwrap().1.split_once(" }").unwrap().0;
    let listed: Vec<&str> = synopsis.split(" | ").collect();
    let others: Vec<&String> = all.iter().filter(|command| *command != "run").collect();
    assert_eq!(listed, others, "the synopsis");
}
