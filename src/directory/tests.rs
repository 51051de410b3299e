use super::*;
use crate::service::contact::{Name, Phone};
use crate::service::directory::update::{Objection, Part};
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

fn part(part: Value) -> Part {
    let part: Part = serde_json::from_value(part).unwrap();
    part.check().unwrap();
    part
}

fn home(unit: &str, hosts: &[&str]) -> Value {
    let hosts: Vec<Value> = hosts.iter().map(|name| json!({"name": name, "phone": "13800000000"})).collect();
    json!({"unit": unit, "hosts": hosts})
}

/// So many homes, one host in each.
fn homes(units: std::ops::Range<usize>) -> Vec<Value> {
    units.map(|n| home(&format!("{}-{:04}", n / 5_000 + 1, n % 5_000), &["测试甲"])).collect()
}

struct Site {
    folder: TempDir,
    keeper: Keeper,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::new(folder.path().to_owned());
        Site { folder, keeper }
    }

    fn with(version: &str, set: &[Value]) -> Self {
        let mut site = Site::new();
        site.in_force(json!({"version": version, "set": set}));
        site
    }

    fn take(&mut self, json: Value) -> Result<Outcome, Objection> {
        self.keeper.take(&part(json)).outcome
    }

    /// What is in the data folder.
    fn files(&self) -> usize {
        fs::read_dir(self.folder.path()).unwrap().count()
    }

    fn in_force(&mut self, json: Value) -> Facts {
        match self.take(json) {
            Ok(Outcome::InForce(facts)) => facts,
            other => panic!("{other:?}"),
        }
    }

    fn open(&self) -> Directory {
        Directory::open(self.folder.path()).unwrap().unwrap()
    }

    fn finds(&self, text: &str) -> Vec<String> {
        let found = self.open().search(&Query::of(text).unwrap(), 20).unwrap();
        let line = |found: Found| {
            let host = found.host.map(|host| format!(" {}", host.name.as_str())).unwrap_or_default();
            format!("{}{host}", found.unit.as_str())
        };
        found.into_iter().map(line).collect()
    }

    fn knows(&self, unit: &str) -> bool {
        self.open().units().unwrap().0.contains(&Unit::parse(unit).unwrap())
    }
}

#[test]
fn a_version_holds_when_all_its_parts_are_here_in_any_order_and_not_before() {
    let mut site = Site::with("v1", &homes(0..10));
    let of = |nth: u32, units| json!({"version": "v2", "part": nth, "parts": 3, "set": homes(units)});
    assert_eq!(site.take(of(3, 20..30)), Ok(Outcome::Waits { missing: 2, first: vec![1, 2] }));
    assert_eq!(site.take(of(1, 0..10)), Ok(Outcome::Waits { missing: 1, first: vec![2] }));
    assert_eq!(site.take(of(1, 0..10)), Ok(Outcome::Waits { missing: 1, first: vec![2] }), "sent again");
    assert_eq!(site.open().facts().version, "v1");
    assert!(!site.knows("1-0025"));
    let facts = Facts { version: "v2".into(), units: 30, vacant: 0, hosts: 30 };
    assert_eq!(site.in_force(of(2, 10..20)), facts);
    assert_eq!(site.open().facts(), &facts);
    assert!(site.knows("1-0025"));
    assert_eq!(site.in_force(of(2, 10..20)), facts, "it is in force already");
}

#[test]
fn a_difference_is_to_the_version_in_force_and_nothing_else() {
    let mut site =
        Site::with("v1", &[home("3-1203", &["王小明", "李雷"]), home("3-1204", &["韩梅梅"]), home("5-0101", &[])]);
    let change = json!({"version": "v2", "base": "v1", "remove": ["5-0101", "9-9999"],
                        "set": [home("3-1203", &["王小明"]), {"unit": "7-0101", "vacant": true}]});
    assert_eq!(site.in_force(change), Facts { version: "v2".into(), units: 3, vacant: 1, hosts: 2 });
    assert_eq!(
        (site.finds("wxm"), site.finds("李雷"), site.finds("hmm")),
        (vec!["3-1203 王小明".into()], vec![], vec!["3-1204 韩梅梅".into()])
    );
    assert!(site.knows("7-0101") && !site.knows("5-0101"));
    assert!(site.open().units().unwrap().1.contains(&Unit::parse("7-0101").unwrap()));
    let late = json!({"version": "v3", "base": "v1", "set": [home("8-0101", &[])]});
    assert_eq!(site.take(late), Err(Objection::OtherBase("v2".into())));
}

/// Whether somebody's name stands anywhere in the data folder.
fn is_readable(folder: &std::path::Path, name: &str) -> bool {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.any(|bytes| bytes.windows(name.len()).any(|window| window == name.as_bytes()))
}

#[test]
fn who_is_taken_out_by_a_difference_stands_nowhere_in_the_raw_file() {
    let named: Vec<Value> = (0..500).map(|n| home(&format!("1-{n:04}"), &[&format!("测试姓名{n:04}")])).collect();
    let mut site = Site::with("v1", &named);
    assert!(is_readable(site.folder.path(), "测试姓名0123"));
    let gone: Vec<String> = (0..500).filter(|n| n % 5 != 0).map(|n| format!("1-{n:04}")).collect();
    let change =
        json!({"version": "v2", "base": "v1", "remove": gone, "set": [home("1-0005", &["测试另名"])], "shrinks": true});
    assert_eq!(site.in_force(change).units, 100);
    let left = (0..500).filter(|n| is_readable(site.folder.path(), &format!("测试姓名{n:04}"))).count();
    assert_eq!(left, 99, "and of those who stay only the one who has another name now is gone");
    assert_eq!(site.finds("测试姓名0010"), ["1-0010 测试姓名0010"]);
}

#[test]
fn a_part_that_comes_again_is_one_and_one_that_says_something_else_is_told() {
    let mut site = Site::with("v1", &homes(0..10));
    assert!(matches!(site.take(json!({"version": "v1", "set": homes(0..10)})), Ok(Outcome::InForce(_))));
    assert_eq!(site.take(json!({"version": "v1", "set": homes(0..11)})), Err(Objection::Contradicts(1)));
    let second = json!({"version": "v1", "part": 2, "parts": 2, "set": homes(20..21)});
    assert_eq!(site.take(second), Err(Objection::Contradicts(2)), "of another export that has the same name");
    let of = |nth: u32, units| json!({"version": "v2", "part": nth, "parts": 2, "set": homes(units)});
    assert!(site.take(of(1, 0..5)).is_ok() && site.take(of(1, 0..5)).is_ok());
    assert_eq!(site.take(of(1, 0..6)), Err(Objection::Contradicts(1)));
    assert_eq!(site.open().facts().version, "v1");
    assert_eq!(site.take(of(2, 5..10)), Ok(Outcome::Waits { missing: 1, first: vec![1] }), "all of it is thrown away");
}

#[test]
fn a_table_and_the_office_do_not_get_into_each_others_way() {
    let mut site = Site::with("v1", &homes(0..10));
    let folder = site.folder.path().to_owned();
    let of = |nth: u32| json!({"version": "v2", "base": "v1", "part": nth, "parts": 2, "set": homes(20..22)});
    let mut table = Draft::begin(&folder, From::Nothing).unwrap();
    table.take(&part(json!({"version": "t", "set": homes(0..30)})).set, []).unwrap();
    assert!(site.take(of(1)).is_ok());
    assert_eq!(table.finish("table-1", false).unwrap().units, 30);
    assert_eq!(site.open().facts().units, 30);
    // The difference was one to what is in force no more.
    let last = json!({"version": "v2", "base": "v1", "part": 2, "parts": 2, "set": homes(23..24)});
    assert_eq!(site.take(last), Err(Objection::OtherBase("table-1".into())));
    let left: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [DIRECTORY_FILE]);
}

#[test]
fn half_a_directory_and_one_that_says_a_thing_twice_leave_the_old_one() {
    let mut site = Site::with("v1", &homes(0..100));
    let half = json!({"version": "v2", "set": homes(0..40)});
    assert_eq!(site.take(half), Err(Objection::Shrinks { before: 100, after: 40 }));
    let nth = |nth: u32, units| json!({"version": "v2", "part": nth, "parts": 2, "set": homes(units)});
    assert!(site.take(nth(1, 0..60)).is_ok());
    assert_eq!(site.take(nth(2, 59..100)), Err(Objection::Twice("set[0]".into())));
    assert_eq!(site.open().facts().version, "v1");
    // What was collected is thrown away: the same version begins anew.
    assert_eq!(site.take(nth(2, 60..100)), Ok(Outcome::Waits { missing: 1, first: vec![1] }));
    let other = json!({"version": "v2", "part": 1, "parts": 3, "set": homes(0..1)});
    assert_eq!(site.take(other), Err(Objection::OtherParts(2)));
    assert_eq!(site.in_force(nth(1, 0..60)).units, 100);
    let meant = json!({"version": "v3", "set": homes(0..40), "shrinks": true});
    assert_eq!(site.in_force(meant).units, 40);
}

#[test]
fn another_version_takes_the_place_of_one_that_is_half_here_and_a_restart_forgets_it() {
    let mut site = Site::with("v1", &homes(0..10));
    let of = |version: &str, nth: u32| json!({"version": version, "part": nth, "parts": 2, "set": homes(0..5)});
    assert!(site.take(of("v2", 1)).is_ok());
    let taken = site.keeper.take(&part(of("v3", 2)));
    assert_eq!(taken.outcome, Ok(Outcome::Waits { missing: 1, first: vec![1] }));
    assert_eq!(taken.given_up, Some(GivenUp { version: "v2".into(), why: Objection::Superseded(1) }));
    assert_eq!(site.files(), 2, "of v2 nothing is left");
    assert_eq!(
        site.take(of("v2", 2)),
        Ok(Outcome::Waits { missing: 1, first: vec![1] }),
        "of v2 nothing is here any more"
    );
    site.keeper = Keeper::new(site.folder.path().to_owned());
    assert_eq!(site.take(of("v2", 1)), Ok(Outcome::Waits { missing: 1, first: vec![2] }));
    site.keeper = Keeper::new(site.folder.path().to_owned());
    let left: Vec<_> = fs::read_dir(site.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [DIRECTORY_FILE], "a draft does not stay");
    assert_eq!(site.open().facts().version, "v1");
}

#[test]
fn a_part_to_another_base_leaves_what_is_collected_of_another_version() {
    let mut site = Site::with("v1", &homes(0..10));
    let of = |nth: u32| json!({"version": "v3", "part": nth, "parts": 2, "set": homes(0..20)});
    assert!(site.take(of(1)).is_ok());
    let late = part(json!({"version": "v2", "base": "v0", "remove": ["1-0001"]}));
    let taken = site.keeper.take(&late);
    assert_eq!(taken, Taken { outcome: Err(Objection::OtherBase("v1".into())), given_up: None });
    let last = json!({"version": "v3", "part": 2, "parts": 2, "set": homes(20..30)});
    assert_eq!(site.in_force(last).units, 30, "all parts are here");
}

#[test]
fn half_a_version_whose_rest_does_not_come_is_given_up_after_a_day_and_leaves_nothing() {
    let mut site = Site::with("v1", &homes(0..10));
    let now = Instant::now();
    assert_eq!(site.keeper.give_up(now + 2 * PATIENCE, PATIENCE), None, "nothing is half here");
    let part = |nth: u32| json!({"version": "v2", "part": nth, "parts": 3, "set": homes(0..5)});
    assert!(site.take(part(1)).is_ok());
    assert_eq!(site.keeper.give_up(now + PATIENCE / 2, PATIENCE), None);
    let late = Instant::now() + PATIENCE + Duration::from_secs(1);
    assert_eq!(
        site.keeper.give_up(late, PATIENCE),
        Some(GivenUp { version: "v2".into(), why: Objection::Incomplete(2) })
    );
    let left: Vec<_> = fs::read_dir(site.folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, [DIRECTORY_FILE]);
    assert_eq!(site.keeper.give_up(late, PATIENCE), None, "once");
    assert_eq!(site.take(part(2)), Ok(Outcome::Waits { missing: 2, first: vec![1, 3] }), "it begins anew");
    assert_eq!(site.open().facts().version, "v1");
}

#[test]
fn somebody_is_found_and_told_with_whom_he_shares_nothing() {
    let site =
        Site::with("v1", &[home("3-1203", &["王小明", "王晓梅"]), home("5-1203", &["单田芳"]), home("7-0101", &[])]);
    assert_eq!(site.finds("wx"), ["3-1203 王小明", "3-1203 王晓梅"]);
    assert_eq!(
        (site.finds("stf"), site.finds("dtf")),
        (vec!["5-1203 单田芳".to_owned()], vec!["5-1203 单田芳".to_owned()])
    );
    assert_eq!(site.finds("1203"), ["3-1203 王小明", "3-1203 王晓梅", "5-1203 单田芳"]);
    assert_eq!(site.finds("7-01"), ["7-0101"]);
    assert!(site.finds("nobody").is_empty());
    let household = site.open().household(&Unit::parse("3-1203").unwrap()).unwrap().unwrap();
    assert_eq!(household.hosts[0].name, Name::parse("王小明").unwrap());
    assert_eq!(household.hosts[0].phone, Some(Phone::parse("13800000000").unwrap()));
}

#[test]
fn somebody_is_found_however_lü_is_written_and_whatever_cannot_be_said() {
    let site = Site::with("v1", &[home("3-1203", &["吕小明", "王小頔"]), home("5-1203", &["王Lily", "Müller Anna"])]);
    for text in ["lüxiao", "Lǚ Xiǎomíng", "lvxiao", "luxiao", "lyuxiao", "lxm"] {
        assert_eq!(site.finds(text), ["3-1203 吕小明"], "{text}");
    }
    assert_eq!(site.finds("wangxiao"), ["3-1203 王小頔"]);
    assert_eq!(site.finds("wl"), ["5-1203 王Lily"]);
    for text in ["müller", "muller", "annam"] {
        assert_eq!(site.finds(text), ["5-1203 Müller Anna"], "{text}");
    }
}

#[test]
fn whoever_asks_for_a_unit_is_told_all_who_live_there_and_no_more_than_he_can_read() {
    let names: Vec<String> = (0..9).map(|n| format!("测试{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut site = Site::with("v1", &[home("3-1203", &names), home("3-1204", &names), home("3-1205", &[])]);
    assert_eq!(site.finds("3-1203").len(), 9);
    assert_eq!(site.finds("3-1203")[8], "3-1203 测试8");
    assert_eq!(site.finds("3-1205"), ["3-1205"], "of a unit without anybody one learns that it is there");
    let found = site.open().search(&Query::of("3-12").unwrap(), 12).unwrap();
    let of_last = found.iter().filter(|found| found.unit.as_str() == "3-1204").count();
    assert_eq!((found.len(), of_last), (12, 3));
    let vacant = json!({"unit": "3-1206", "vacant": true});
    site.in_force(json!({"version": "v2", "base": "v1", "set": [vacant]}));
    let found = site.open().search(&Query::of("3-1206").unwrap(), 12).unwrap();
    assert!(matches!(&found[..], [Found { vacant: true, host: None, .. }]), "{found:?}");
}

#[test]
fn a_file_of_another_form_or_rubbish_is_said_and_a_whole_directory_takes_its_place() {
    let mut site = Site::with("v1", &homes(0..10));
    let file = site.folder.path().join(DIRECTORY_FILE);
    rusqlite::Connection::open(&file).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Directory::open(site.folder.path()), Err(DirectoryError::OtherForm { found: 99, .. })));
    fs::write(&file, "nonsense").unwrap();
    assert!(Directory::open(site.folder.path()).is_err());
    let mut watch = Watch::new(site.folder.path());
    assert!(watch.look().unwrap().is_err() && watch.look().is_none(), "said once");
    assert_eq!(site.in_force(json!({"version": "v2", "set": homes(0..5)})).units, 5);
    assert_eq!(watch.look().unwrap().unwrap().facts().version, "v2");
}

#[test]
fn the_table_of_a_release_before_is_taken_over_once() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(OLD_FILE),
        "unit,vacant,contact hours,shoe covers,note for visits\n1203,,09:00-12:00,yes,\n1204,yes,,,\n",
    )
    .unwrap();
    adopt(folder.path());
    adopt(folder.path());
    let directory = Directory::open(folder.path()).unwrap().unwrap();
    assert_eq!((directory.facts().units, directory.facts().vacant), (2, 1));
    assert!(directory.household(&Unit::parse("1203").unwrap()).unwrap().unwrap().wishes.shoe_covers);
    assert!(!folder.path().join(OLD_FILE).exists());
}

#[test]
fn whoever_asks_what_is_known_of_him_is_found_by_his_number() {
    let site = Site::with("v1", &[home("3-1203", &["王小明"]), json!({"unit": "5-0101", "hosts": [{"name": "李雷"}]})]);
    let units: Vec<_> = site.open().with_phone("13800000000").unwrap().into_iter().map(|found| found.unit).collect();
    assert_eq!(units, [Unit::parse("3-1203").unwrap()]);
    assert!(site.open().with_phone("13900000000").unwrap().is_empty());
}

#[test]
fn only_its_owner_may_read_it() {
    let site = Site::with("v1", &homes(0..1));
    let mode = fs::metadata(site.folder.path().join(DIRECTORY_FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_draft_that_is_begun_while_another_process_clears_is_whole() {
    let site = Site::with("v1", &homes(0..1));
    let folder = site.folder.path().to_owned();
    let stop = Arc::new(AtomicBool::new(false));
    let clears = std::thread::spawn({
        let (folder, stop) = (folder.clone(), stop.clone());
        move || {
            while !stop.load(Ordering::Relaxed) {
                draft::clear(&folder).unwrap();
            }
        }
    });
    for nth in 0..200 {
        let mut draft = Draft::begin(&folder, From::Nothing).unwrap();
        draft.take(&part(json!({"version": "v", "set": homes(0..2)})).set, []).unwrap();
        assert_eq!(draft.finish(&format!("v2-{nth}"), false).unwrap().units, 2);
    }
    stop.store(true, Ordering::Relaxed);
    clears.join().unwrap();
}

#[test]
fn what_an_import_as_root_has_left_is_in_nobodys_way() {
    let site = Site::with("v1", &homes(0..1));
    let folder = site.folder.path().to_owned();
    let left = |name: &str| folder.join(format!("{DIRECTORY_FILE}.new-{name}"));
    fs::write(left("of-root"), "half a town").unwrap();
    fs::set_permissions(left("of-root"), Permissions::from_mode(0o000)).unwrap();
    // This one cannot be removed by anybody who removes files.
    fs::create_dir(left("folder")).unwrap();
    let nobody = 65_534;
    std::os::unix::fs::chown(&folder, Some(nobody), None).unwrap_or_else(|error| eprintln!("not root: {error}"));
    let begun = std::thread::spawn({
        let folder = folder.clone();
        move || {
            // SAFETY: it takes a number and changes as whom this thread, and no other, opens files. Nothing where we are not root.
            unsafe { libc::setfsuid(nobody) };
            Draft::begin(&folder, From::Nothing).map(drop)
        }
    });
    begun.join().unwrap().unwrap();
    assert!(!left("of-root").exists() && left("folder").exists());
}

/// What keeps a search among a million people below 20 ms (`cargo bench --bench directory`): it goes to its place, and sorts nothing.
#[test]
fn a_search_goes_to_its_place_and_reads_no_more() {
    let site = Site::with("v1", &homes(0..3));
    let directory = Directory::open(site.folder.path()).unwrap().unwrap();
    let connection = directory.connection();
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {SEARCH}")).unwrap();
    let steps = plan.query_map(params!["a", "b", 1], |row| row.get::<_, String>(3)).unwrap();
    let steps: Vec<String> = steps.map(Result::unwrap).collect();
    let expected =
        ["SEARCH search USING PRIMARY KEY (key>? AND key<?)", "SEARCH home USING INTEGER PRIMARY KEY (rowid=?)"];
    assert_eq!(steps, expected);
}
