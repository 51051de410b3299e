//! `cargo bench --bench directory`: how long the office's directory takes to come in, part by part as the office sends it, and how long a
//! search takes in it, cold and warm: by unit, by name, by sound, by initials; beside a walk through all rows, which a directory without
//! an index would need. With 100,000 people and with a million.
//!
//! `DIRECTORY_PEOPLE` is one other number of people.

use lobbyd::directory::{DIRECTORY_FILE, Directory, Keeper, Outcome};
use lobbyd::service::contact::Unit;
use lobbyd::service::directory::search::Query;
use lobbyd::service::directory::update::Part;
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// The goal: docs/performance.md.
const SEARCH_MS: f64 = 20.0;
/// Households of one part: what fits into a command.
const PART: usize = 1_000;
const SEARCHES: usize = 2_000;

/// Invented people: surnames as they are shared out in China, more or less.
const SURNAMES: [&str; 16] =
    ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "单", "曾", "欧阳"];
const GIVEN: [&str; 24] = [
    "小", "明", "芳", "伟", "娜", "秀", "英", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛",
    "超", "霞", "平", "刚", "桂",
];

fn name(n: usize) -> String {
    let n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7;
    format!("{}{}{}", SURNAMES[n % 16], GIVEN[n / 16 % 24], GIVEN[n / 384 % 24])
}

/// Three live in each.
fn household(n: usize) -> Value {
    let hosts = (0..3).map(|k| json!({"name": name(3 * n + k), "phone": format!("138{:08}", 3 * n + k)}));
    json!({"unit": unit(n), "hosts": hosts.collect::<Vec<_>>()})
}

fn unit(n: usize) -> String {
    format!("{}-{:04}", n / 2_000 + 1, n % 2_000 + 101)
}

fn part(version: &str, base: Option<&str>, nth: usize, parts: usize, units: std::ops::Range<usize>) -> Part {
    let set: Vec<Value> = units.map(household).collect();
    let part = json!({"version": version, "base": base, "part": nth + 1, "parts": parts, "set": set});
    serde_json::from_value(part).expect("a part")
}

/// Sends it all; how long the keeper took, in all and for the longest part but the last, and for the last.
fn send(keeper: &mut Keeper, households: usize) -> (Duration, Duration, Duration) {
    let parts = households.div_ceil(PART);
    let (mut all, mut longest, mut last) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for nth in 0..parts {
        let part = part("v1", None, nth, parts, nth * PART..((nth + 1) * PART).min(households));
        let begun = Instant::now();
        let outcome = keeper.take(&part).outcome.expect("it is taken");
        last = begun.elapsed();
        all += last;
        if matches!(outcome, Outcome::Waits { .. }) {
            longest = longest.max(last);
        }
    }
    (all, longest, last)
}

fn search(directory: &Directory, what: &str, text: impl Fn(usize) -> String) {
    let mut times: Vec<f64> = (0..SEARCHES)
        .map(|n| {
            let query = Query::of(&text(n)).expect("a search");
            let begun = Instant::now();
            let found = directory.search(&query, 21).expect("it is read");
            assert!(!found.is_empty(), "{what}: nobody");
            begun.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("  {what:<34}{:>8.2} ms, p99 {:.2}, at most {:.2} (goal {SEARCH_MS})", at(50), at(99), at(100));
}

fn people(count: usize) {
    let households = count.div_ceil(3);
    let folder = tempfile::tempdir().expect("a folder");
    let mut keeper = Keeper::new(folder.path().to_owned());
    let (all, longest, last) = send(&mut keeper, households);
    let size = std::fs::metadata(folder.path().join(DIRECTORY_FILE)).map_or(0, |file| file.len());
    println!("{count} people in {households} units, {:.0} MiB on disk", size as f64 / f64::from(1 << 20));
    println!(
        "  {:<34}{:>8.1} s; a part at most {longest:.0?}, the last {last:.1?}",
        "the whole of it",
        all.as_secs_f64()
    );
    let change = part("v2", Some("v1"), 0, 1, 0..100);
    let begun = Instant::now();
    keeper.take(&change).outcome.expect("it is taken");
    println!("  {:<34}{:>8.1} s", "a difference of 100 units", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let directory = open(folder.path());
    let units = directory.units().expect("they are read").0;
    println!(
        "  {:<34}{:>8.0} ms, {} units",
        "the daemon's look at all units",
        begun.elapsed().as_secs_f64() * 1000.0,
        units.len()
    );
    let cold = Query::of("wxm").expect("a search");
    let directory = open(folder.path());
    let begun = Instant::now();
    directory.search(&cold, 21).expect("it is read");
    println!("  {:<34}{:>8.2} ms", "the first search after opening", begun.elapsed().as_secs_f64() * 1000.0);
    search(&directory, "by unit", |n| unit(n * 97 % households));
    search(&directory, "by initials of two", |n| Query::of(&name(n)).map_or_else(String::new, |_| initials(&name(n))));
    search(&directory, "by name", name);
    search(&directory, "by a surname alone", |n| SURNAMES[n % 16].to_owned());
    let begun = Instant::now();
    for n in (0..households).step_by(households / 1000 + 1) {
        let found = directory.household(&Unit::parse(&unit(n)).expect("a unit")).expect("it is read");
        assert!(found.is_some());
    }
    println!("  {:<34}{:>8.3} ms", "one household", begun.elapsed().as_secs_f64());
}

fn initials(name: &str) -> String {
    let said = lobbyd::pinyin::spellings(name);
    said.first().map_or_else(|| name.to_owned(), |said| said.initials.chars().take(2).collect())
}

fn open(folder: &Path) -> Directory {
    Directory::open(folder).expect("it is read").expect("it is there")
}

fn main() {
    match std::env::var("DIRECTORY_PEOPLE").ok().and_then(|people| people.parse().ok()) {
        Some(count) => people(count),
        None => [100_000, 1_000_000].into_iter().for_each(people),
    }
}
