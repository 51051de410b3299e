//! lobby.toml and boards/*.toml: the example holds every key, and a fault names file, line, key and remedy.

use lobbyd::config::board::{BUILT_IN, Backend};
use lobbyd::config::{Board, Broker, Config, ConfigError, Console, Device, Health, Kiosk, Post, Retention, Site};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::Path;

const EXAMPLE: &str = include_str!("../docs/lobby.toml");

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(text, Path::new("lobby.toml"))
}

/// The example with one line replaced.
fn example_with(line: &str, replacement: &str) -> String {
    assert!(EXAMPLE.contains(line), "the example has no line {line}");
    EXAMPLE.replacen(line, replacement, 1)
}

/// What the loader says about the example with one line replaced.
fn complaint(line: &str, replacement: &str) -> String {
    parse(&example_with(line, replacement)).expect_err(replacement).to_string()
}

/// The example with every `# key = value` switched on.
fn every_key() -> String {
    let switch_on = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if rest.split(' ').nth(1) == Some("=") => rest.to_owned(),
        _ => line.to_owned(),
    };
    EXAMPLE.lines().map(switch_on).collect::<Vec<_>>().join("\n")
}

/// The keys that a table takes, as its reader names them when it meets an unknown one.
fn keys_of<T: DeserializeOwned>() -> Vec<String> {
    let error = toml::from_str::<T>("no-such-key = 1").err().expect("unknown keys are refused");
    error.message().split('`').skip(3).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_example_loads_from_its_file() {
    let config = Config::load(Path::new("docs/lobby.toml")).unwrap();
    assert_eq!(config.site.id.as_str(), "riverside");
    assert_eq!(config.devices.len(), 1);
}

#[test]
fn every_key_that_is_shown_switched_off_can_be_switched_on() {
    let text = every_key();
    let config = parse(&text).unwrap();
    assert!(config.office.key.is_some() && config.kiosk.listen.is_some() && config.posts[0].name.is_some());
}

#[test]
fn the_values_shown_as_defaults_are_the_defaults() {
    let (shown, left_out) = (parse(&every_key()).unwrap(), parse(EXAMPLE).unwrap());
    assert_eq!(shown.site.time_zone, left_out.site.time_zone);
    assert_eq!(shown.health.metrics, left_out.health.metrics);
    let (mut a, b) = (shown.kiosk, left_out.kiosk);
    (a.service_phone, a.listen) = (None, None);
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
    assert_eq!(format!("{:?}", shown.retention), format!("{:?}", left_out.retention));
    let (mut a, b) = (shown.console, left_out.console);
    (a.cert, a.key, a.names) = (None, None, Vec::new());
    assert_eq!(a, b);
}

#[test]
fn the_example_shows_every_key() {
    let example: toml::Table = toml::from_str(&every_key()).unwrap();
    let table = |name: &str| match &example[name] {
        toml::Value::Array(list) => list[0].as_table().unwrap().clone(),
        table => table.as_table().unwrap().clone(),
    };
    let mut brokers = table("building");
    brokers.extend(table("office"));
    let shown = [
        (keys_of::<Config>(), example.clone()),
        (keys_of::<Site>(), table("site")),
        (keys_of::<Broker>(), brokers),
        (keys_of::<Device>(), table("device")),
        (keys_of::<Post>(), table("post")),
        (keys_of::<Kiosk>(), table("kiosk")),
        (keys_of::<Console>(), table("console")),
        (keys_of::<Retention>(), table("retention")),
    ];
    for (keys, table) in shown {
        let missing: Vec<_> = keys.iter().filter(|key| !table.contains_key(*key)).collect();
        assert!(!keys.is_empty() && missing.is_empty(), "docs/lobby.toml does not show {missing:?}");
    }
    let health = toml::from_str::<Health>("no-such-key = 1").unwrap_err().to_string();
    assert!(health.contains("expected `metrics`"), "a new key of [health] must be shown: {health}");
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_right_one() {
    let said = complaint("board = \"browser\"", "bord = \"browser\"");
    assert!(said.contains("lobby.toml: line 10:") && said.contains("did you mean \"board\"?"), "{said}");
    let said = complaint("# name = \"东门岗\"", "nmae = \"东门岗\"");
    assert!(said.contains("post[1].nmae") && said.contains("did you mean \"name\"?"), "{said}");
}

#[test]
fn a_missing_key_and_a_wrong_type_are_told_plainly() {
    let said = complaint("gateway = \"lobby-1\"", "");
    assert!(said.contains("line") && said.contains("\"gateway\" is missing"), "{said}");
    let said = complaint("# idle_seconds = 60", "idle_seconds = \"60\"");
    assert!(said.contains("kiosk.idle_seconds") && said.contains("whole number without quotes"), "{said}");
    let said = complaint("# idle_seconds = 60", "idle_seconds = -1");
    assert!(said.contains("kiosk.idle_seconds") && said.contains("0 or more"), "{said}");
    let said = complaint("[health]", "[health\nx");
    assert!(said.contains("line") && said.contains("not TOML"), "{said}");
}

#[test]
fn wrong_values_come_with_the_nearest_right_one() {
    let said = complaint("# time_zone = \"Asia/Shanghai\"", "time_zone = \"Asia/Beijing\"");
    assert!(said.contains("site.time_zone") && said.contains("\"Asia/Shanghai\""), "{said}");
    let said = complaint("id = \"riverside\"", "id = \"River Side\"");
    assert!(said.contains("site.id") && said.contains("for example \"river-side\""), "{said}");
    let said = complaint("# language = \"zh-Hans\"", "language = \"zh-hans\"");
    assert!(said.contains("kiosk.language") && said.contains("did you mean \"zh-Hans\"?"), "{said}");
    let said = complaint("# topic = \"/rfid/send\"", "topic = \"rfid/#/send\"");
    assert!(said.contains("device[1].topic") && said.contains("# stands alone"), "{said}");
    let said = complaint("# metrics = \"127.0.0.1:9600\"", "metrics = \"9600\"");
    assert!(said.contains("health.metrics") && said.contains("127.0.0.1:9600"), "{said}");
}

#[test]
fn all_broken_rules_are_told_at_once() {
    let text = example_with("mqtt://127.0.0.1:1883", "tcp://127.0.0.1:1883");
    let text = text.replace("# cert = \"lobby-1.pem\"", "cert = \"lobby-1.pem\"");
    let text = text.replace("[health]", "[[post]]\nid = \"gate-a\"\n[health]");
    let error = parse(&text).unwrap_err();
    let keys: Vec<&str> = error.faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["building.url", "office.cert", "post[2].id"]);
    assert!(error.faults.iter().all(|fault| fault.line.is_some()), "{error}");
}

#[test]
fn lines_are_right_in_every_way_of_writing_a_table() {
    let head = "board = \"headless\"\ndata_dir = \".\"\nsite = { id = \"a\", gateway = \"b\" }\n";
    let brokers = "building.url = \"mqtt://host\"\noffice.url = \"tcp://host\"\n";
    let devices = "device = [\n  { profile = \"\" },\n  { profile = \"x\", topic = \"a#\" },\n]\n";
    let error = parse(&format!("{head}{brokers}{devices}")).unwrap_err();
    let found: Vec<_> = error.faults.iter().map(|fault| (fault.line.unwrap(), fault.key.as_str())).collect();
    assert_eq!(found, [(5, "office.url"), (7, "device[1].profile"), (8, "device[2].topic")]);
}

#[test]
fn a_password_is_never_repeated() {
    let cases = [
        ("url = \"mqtt://127.0.0.1:1883\"", "url = \"mqtt://lobbyd:hunter2@127.0.0.1\""),
        ("# user = \"lobbyd\"", "password = \"hunter2\""),
        ("# user = \"lobbyd\"", "password_file = [\"hunter2\"]"),
        ("# user = \"lobbyd\"", "user = { password = \"hunter2\" }"),
        ("# user = \"lobbyd\"", "password = \"hunter2"),
        ("# user = \"lobbyd\"", "password = hunter2"),
    ];
    for (line, replacement) in cases {
        let error = parse(&example_with(line, replacement)).expect_err(replacement);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        assert!(error.to_string().contains("line "), "{error}");
    }
}

#[test]
fn files_that_are_named_must_be_there_and_count_from_the_files_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lobby.toml");
    fs::write(&file, example_with("# ca = \"office-ca.pem\"", "ca = \"office-ca.pem\"")).unwrap();
    let error = Config::load(&file).unwrap_err().to_string();
    assert!(error.contains("office.ca") && error.contains("line "), "{error}");
    fs::write(folder.path().join("office-ca.pem"), "x").unwrap();
    let config = Config::load(&file).unwrap();
    assert_eq!(config.office.ca, Some(folder.path().join("office-ca.pem")));
    assert_eq!(config.data_dir, Path::new("/var/lib/lobbyd"));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_name() {
    let error = Config::load(Path::new("no/such/lobby.toml")).unwrap_err().to_string();
    assert!(error.contains("no/such/lobby.toml"), "{error}");
}

#[test]
fn every_board_file_is_built_in_and_loads() {
    let mut files: Vec<String> = fs::read_dir("boards")
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let mut built_in: Vec<String> = BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect();
    built_in.sort();
    assert_eq!(files, built_in);
    for name in built_in {
        Board::load(&name, Path::new("/nowhere")).unwrap_or_else(|error| panic!("{error}"));
    }
    let touch7 = Board::load("rpi-touch7", Path::new("/nowhere")).unwrap();
    assert_eq!((touch7.display.backend, touch7.display.size, touch7.display.dpi), (Backend::Drm, [800, 480], 133));
}

#[test]
fn a_board_beside_the_configuration_wins_over_a_built_in_one() {
    let folder = tempfile::tempdir().unwrap();
    let own = "name = \"Own\"\n[display]\nbackend = \"headless\"\nsize = [720, 1280]\ndpi = 200\n";
    fs::create_dir(folder.path().join("boards")).unwrap();
    fs::write(folder.path().join("boards/browser.toml"), own).unwrap();
    assert_eq!(Board::load("browser", folder.path()).unwrap().name, "Own");
    assert_eq!(Board::load("boards/browser.toml", folder.path()).unwrap().name, "Own");
}

#[test]
fn a_wrong_board_is_told_with_the_nearest_right_one() {
    let error = Board::load("rpi-touch-7", Path::new("/nowhere")).unwrap_err().to_string();
    assert!(error.contains("did you mean \"rpi-touch7\"?"), "{error}");
    let text = "name = \"X\"\n[display]\nbackend = \"brower\"\nsize = [800, 480]\ndpi = 133\n";
    let error = Board::parse(text, Path::new("x.toml")).unwrap_err().to_string();
    assert!(error.contains("x.toml: line 3: display.backend") && error.contains("\"browser\""), "{error}");
    let text = text.replace("brower", "drm").replace("dpi = 133", "dpi = 5");
    let error = Board::parse(&text, Path::new("x.toml")).unwrap_err().to_string();
    assert!(error.contains("display.dpi") && error.contains("\"connector\""), "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC{0,200}", at in 0usize..4000) {
        let _ = parse(&text);
        let at = (0..=at.min(EXAMPLE.len())).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or(0);
        let _ = parse(&format!("{}{text}{}", &EXAMPLE[..at], &EXAMPLE[at..]));
    }
}
