//! The house stands: rooms import downward only, pure rooms do no I/O, every file says what it is for, every metric stands
//! in the table. Reads the sources as text; src/lib.rs is the plan that it holds them to.

use lobbyd::health::metrics::METRICS;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a pure room must not touch: files, network, clock, threads, async.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "std::thread",
    "tokio",
    "rusqlite",
    "rumqttc",
    "SystemTime",
    "Instant",
    "Utc::now",
    "Local::now",
    "async ",
    ".await",
];

/// The one place where a pure room may start a thread, and why.
const EXCEPTIONS: &[(&str, &str)] =
    &[("src/device/jq.rs", "a thread for its deep stack: jaq recurses, and an overflow ends the process")];

struct File {
    path: PathBuf,
    room: String,
    /// Modules between the room and this file: 0 for `src/desk.rs` and `src/desk/mod.rs`.
    depth: usize,
    /// Without comments, and without what follows `#[cfg(test)]`.
    code: String,
    text: String,
}

fn sources() -> Vec<File> {
    let mut paths = Vec::new();
    rust_files(Path::new("src"), &mut paths);
    paths.into_iter().map(read).collect()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn read(path: PathBuf) -> File {
    let text = fs::read_to_string(&path).unwrap();
    let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code = shipped.lines().filter(is_code).collect::<Vec<_>>().join("\n");
    let mut modules: Vec<String> =
        path.strip_prefix("src").unwrap().with_extension("").iter().map(|part| part.to_str().unwrap().into()).collect();
    if modules.last().is_some_and(|last| last == "mod") {
        modules.pop();
    }
    File { room: modules[0].clone(), depth: modules.len() - 1, code, text, path }
}

/// The layer of each room, counted from the top: blank lines in src/lib.rs part the layers.
fn layers() -> BTreeMap<String, usize> {
    let plan = fs::read_to_string("src/lib.rs").unwrap();
    let rooms = |layer: &str| {
        let names = layer.lines().filter_map(|line| line.strip_prefix("pub mod ")?.split(';').next());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    plan.split("\n\n")
        .map(rooms)
        .filter(|rooms| !rooms.is_empty())
        .enumerate()
        .flat_map(|(layer, rooms)| rooms.into_iter().map(move |room| (room, layer)))
        .collect()
}

/// The rooms that `code` names: after `crate::`, also in `crate::{a, b::c}`.
fn imports(code: &str) -> Vec<String> {
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        match after.strip_prefix('{') {
            Some(list) => rooms.extend(first_words(list)),
            None => rooms.push(word(after)),
        }
    }
    rooms
}

/// The first name of each entry of a `{…}` list, which may hold lists of its own.
fn first_words(list: &str) -> Vec<String> {
    let (mut words, mut open, mut entry) = (Vec::new(), 1, String::new());
    for c in list.chars() {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 || (open == 1 && c == ',') {
            words.push(word(entry.trim_start()));
            entry.clear();
        } else {
            entry.push(c);
        }
        if open == 0 {
            break;
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

#[test]
fn rooms_import_downward_only() {
    let layers = layers();
    assert!(layers["cli"] < layers["desk"] && layers["desk"] < layers["event"], "{layers:?}");
    let mut upward = Vec::new();
    for file in sources().iter().filter(|file| layers.contains_key(&file.room)) {
        for import in imports(&file.code).into_iter().filter(|import| *import != file.room) {
            match layers.get(&import) {
                Some(layer) if *layer > layers[&file.room] => {}
                _ => upward.push(format!("{}: `{}` may not use `{import}`", file.path.display(), file.room)),
            }
        }
    }
    assert!(upward.is_empty(), "{}", upward.join("\n"));
}

#[test]
fn no_file_leaves_its_room_through_super() {
    let leaves = |file: &File| file.code.contains(&"super::".repeat(file.depth + 1));
    let found: Vec<_> = sources().into_iter().filter(leaves).map(|file| file.path).collect();
    assert!(found.is_empty(), "write crate::room in {found:?}");
}

#[test]
fn every_room_stands_in_the_plan() {
    let layers = layers();
    let missing: Vec<_> = sources()
        .into_iter()
        .filter(|file| !["lib", "main"].contains(&file.room.as_str()) && !layers.contains_key(&file.room))
        .map(|file| file.path)
        .collect();
    assert!(missing.is_empty(), "src/lib.rs does not name the room of {missing:?}");
}

#[test]
fn pure_rooms_touch_no_file_no_network_no_clock_and_no_thread() {
    let mut found = Vec::new();
    for file in sources().iter().filter(|file| ["event", "service", "device"].contains(&file.room.as_str())) {
        let excused = EXCEPTIONS.iter().any(|(path, _)| Path::new(path) == file.path);
        for word in IMPURE.iter().filter(|word| !excused && file.code.contains(**word)) {
            found.push(format!("{}: {word}", file.path.display()));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(EXCEPTIONS.iter().all(|(path, why)| Path::new(path).exists() && !why.is_empty()));
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut paths: Vec<PathBuf> = sources().into_iter().map(|file| file.path).collect();
    rust_files(Path::new("tests"), &mut paths);
    // The tests of a module in a file beside it: the module has said what it is for.
    paths.retain(|path| !path.ends_with("tests.rs"));
    let silent: Vec<_> =
        paths.into_iter().filter(|path| !fs::read_to_string(path).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "no //! at the top of {silent:?}");
}

#[test]
fn every_metric_stands_in_the_table() {
    let known: Vec<&str> = METRICS.iter().map(|(name, ..)| *name).collect();
    let mut unknown = Vec::new();
    for file in sources().iter().filter(|file| !file.path.ends_with("health/metrics.rs")) {
        let names = file.text.split("\"lobbyd_").skip(1).map(|after| format!("lobbyd_{}", word(after)));
        unknown.extend(names.filter(|name| !known.contains(&name.as_str())).map(|name| (file.path.clone(), name)));
    }
    assert!(unknown.is_empty(), "src/health/metrics.rs does not name {unknown:?}");
}

/// Nobody is ever watched for because of what a machine has seen: entries are the office's (`lookout`), or were, in a journal that a restore sets
/// aside.
#[test]
fn nothing_but_a_command_of_the_office_puts_anybody_on_the_watch_list() {
    let having = |words: &str| {
        let files = sources().into_iter().filter(|file| file.code.contains(words) && !file.path.ends_with("tests.rs"));
        let mut files: Vec<String> = files.map(|file| file.path.display().to_string()).collect();
        files.sort();
        files
    };
    assert_eq!(having(".watch_for("), ["src/desk/lookout.rs", "src/journal/carry.rs"]);
    assert_eq!(having("INSERT INTO watch"), ["src/journal/watch.rs"]);
}

#[test]
fn the_reader_of_imports_sees_lists_and_nested_lists() {
    let code = "use crate::{desk, event::{Id, Kind}, link as l};\nlet x = crate::health::clock::now();";
    assert_eq!(imports(code), ["desk", "event", "link", "health"]);
}
