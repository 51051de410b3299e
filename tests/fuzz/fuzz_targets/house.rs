//! Files of the data folder that another program has written, or a hand: rules that the office has sent, the list of staff, what is asked of
//! one person's data. Refused with a line of the file, or taken; and what is taken is written and read again as the same.
#![no_main]

use common::{folder, now};
use libfuzzer_sys::fuzz_target;
use lobbyd::config::sent_rules::Sent;
use lobbyd::config::staff::{self, STAFF_FILE};
use lobbyd::config::{ConfigError, requests};
use lobbyd::service::house::House;
use lobbyd::service::person::Request;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn lines_are_of(text: &str, error: &ConfigError) {
    let lines = text.lines().count().max(1);
    assert!(!error.faults.is_empty());
    assert!(error.faults.iter().all(|fault| fault.line.is_none_or(|line| (1..=lines + 1).contains(&line))), "{error}");
}

fn rules(text: &str) {
    let house = House::bare(chrono_tz::Asia::Shanghai);
    match Sent::read(text, &house) {
        Ok(sent) => {
            let written = toml::to_string(&sent).expect("rules are plain data");
            assert_eq!(Sent::read(&written, &house), Ok(sent), "the way back leads to what was in force");
        }
        Err(faults) => lines_are_of(text, &ConfigError { file: "rules.toml".into(), faults }),
    }
}

fn list_of_staff(data_dir: &Path, text: &str) {
    let file = data_dir.join(STAFF_FILE);
    fs::write(&file, text).expect("there is room");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("it is ours");
    match staff::load(data_dir) {
        Ok(roster) => {
            staff::edit(data_dir, |_| Ok(())).expect("what was read can be written");
            assert_eq!(staff::load(data_dir).expect("and read again").staff, roster.staff);
        }
        Err(error) => lines_are_of(text, &error),
    }
}

fn request(data_dir: &Path, text: &str) {
    let requests = data_dir.join("requests");
    fs::create_dir_all(&requests).expect("there is room");
    fs::write(requests.join("one.request"), text).expect("there is room");
    for waiting in requests::waiting(data_dir).expect("the folder can be read") {
        let Some(request) = waiting.request else { continue };
        if let Request::Hold(hold) = &request {
            let _ = hold.check(now());
        }
        let written = serde_json::to_string(&request).expect("a request is plain data");
        assert_eq!(serde_json::from_str::<Request>(&written).ok(), Some(request));
    }
}

fuzz_target!(|text: &str| {
    let dir = folder();
    rules(text);
    list_of_staff(dir.path(), text);
    request(dir.path(), text);
});
