//! docs/service-rules.md says of each of the company's 322 rules what the program does and what shows it. This test holds
//! it to the truth: every rule stands there once, every test that it names exists and runs, every sentence is there, and
//! where the program does nothing, the reason is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Rules of the regulations, R001 to R322.
const RULES: u32 = 322;
/// How many of each kind the regulations have: enforced, spoken, recorded, checklists, other trades'.
const KINDS: [(&str, usize); 5] = [("H", 181), ("S", 87), ("R", 31), ("G", 12), ("X", 11)];

struct Rule {
    number: u32,
    kind: String,
    does: String,
    shown: String,
}

fn table() -> Vec<Rule> {
    let text = fs::read_to_string("docs/service-rules.md").unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| R"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_end_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "R{row}");
        Rule {
            number: cells[0].parse().unwrap_or_else(|_| panic!("R{row}")),
            kind: cells[1].into(),
            does: cells[2].into(),
            shown: cells[3].trim_end_matches('|').trim().into(),
        }
    })
    .collect()
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path);
        }
    }
}

fn all_text(folders: &[&str], ending: &str) -> String {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| files(Path::new(folder), ending, &mut paths));
    paths.iter().map(|path| fs::read_to_string(path).unwrap()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_rule_stands_in_the_table_once() {
    let rules = table();
    let numbers: Vec<u32> = rules.iter().map(|rule| rule.number).collect();
    assert_eq!(numbers, (1..=RULES).collect::<Vec<_>>());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    rules.iter().for_each(|rule| *kinds.entry(&rule.kind).or_default() += 1);
    assert_eq!(kinds, BTreeMap::from(KINDS));
    assert!(rules.iter().all(|rule| !rule.does.is_empty()));
}

#[test]
fn what_the_table_names_exists() {
    let code = all_text(&["src", "tests"], "rs");
    let sentences = all_text(&["assets"], "ftl") + &all_text(&["assets/console"], "js");
    for rule in table() {
        let mut shown = false;
        for proof in rule.shown.split("; ") {
            match proof.split_once(": ") {
                Some(("test", name)) => {
                    let name = name.trim_matches('`').rsplit("::").next().unwrap_or_default();
                    assert!(code.contains(&format!("fn {name}(")), "R{:03}: no test {name}", rule.number);
                    shown = true;
                }
                Some(("string", key)) => {
                    assert!(sentences.contains(key.trim_matches('`')), "R{:03}: no sentence {key}", rule.number);
                    shown = true;
                }
                Some(("cannot" | "open", why)) => assert!(why.len() > 10, "R{:03}: why?", rule.number),
                _ => panic!("R{:03}: \"{proof}\" is no proof", rule.number),
            }
        }
        let excused = rule.shown.contains("cannot: ") || rule.shown.contains("open: ");
        assert!(shown || excused, "R{:03}", rule.number);
    }
}

#[test]
fn the_table_counts_what_is_open() {
    let open = table().iter().filter(|rule| rule.shown.contains("open: ")).count();
    let text = fs::read_to_string("docs/service-rules.md").unwrap();
    assert!(text.contains(&format!("{open} are open")), "{open} are open");
}
