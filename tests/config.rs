//! lobby.toml and boards/*.toml: the example holds every key, and a fault names file, line, key and remedy.

use lobbyd::config::board::{BUILT_IN, Backend};
use lobbyd::config::{
    Board, Broker, Config, ConfigError, Console, Device, Handbook, Health, InvitationKey, Kiosk, Post, Retention,
    Shift, Site, Storage,
};
use lobbyd::service::figures::{self, Figures};
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
    assert!(config.shifts[0].notifier.is_some() && !config.posts[0].shifts.is_empty());
}

#[test]
fn the_values_shown_as_defaults_are_the_defaults() {
    let (shown, left_out) = (parse(&every_key()).unwrap(), parse(EXAMPLE).unwrap());
    assert_eq!(shown.site.time_zone, left_out.site.time_zone);
    assert_eq!(shown.health.metrics, left_out.health.metrics);
    let (mut a, b) = (shown.kiosk, left_out.kiosk);
    (a.service_phone, a.company, a.wechat, a.listen) = (None, None, None, None);
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
    assert_eq!(format!("{:?}", shown.retention), format!("{:?}", left_out.retention));
    assert_eq!(format!("{:?}", shown.storage), format!("{:?}", left_out.storage));
    let (mut a, b) = (shown.console, left_out.console);
    assert_eq!(a.address(), b.address());
    (a.listen, a.cert, a.key, a.names) = (None, None, None, Vec::new());
    assert_eq!(a, b);
    assert_eq!((&shown.service, &left_out.service), (&Figures::default(), &Figures::default()));
}

#[test]
fn nothing_listens_beyond_this_machine_unless_somebody_says_so() {
    let config = parse(EXAMPLE).unwrap();
    assert!(!config.console.enabled, "nobody has said that guards use it");
    assert!(config.console.address().ip().is_loopback());
    assert!(config.health.metrics.is_some_and(|listen| listen.ip().is_loopback()));
    assert_eq!(config.kiosk.listen, None);
}

#[test]
fn the_example_shows_every_key() {
    let example: toml::Table = toml::from_str(&every_key()).unwrap();
    let table = |name: &str| match &example[name] {
        toml::Value::Array(list) => list[0].as_table().unwrap().clone(),
        table => table.as_table().unwrap().clone(),
    };
    let of_service = |name: &str| table("service")[name].as_table().unwrap().clone();
    let mut brokers = table("building");
    brokers.extend(table("office"));
    let shown = [
        (keys_of::<Config>(), example.clone()),
        (keys_of::<Site>(), table("site")),
        (keys_of::<Broker>(), brokers),
        (keys_of::<InvitationKey>(), table("invitation_key")),
        (keys_of::<Device>(), table("device")),
        (keys_of::<Post>(), table("post")),
        (keys_of::<Shift>(), table("shift")),
        (keys_of::<Figures>(), table("service")),
        (keys_of::<figures::Call>(), of_service("call")),
        (keys_of::<figures::Dispatch>(), of_service("dispatch")),
        (keys_of::<figures::Alarm>(), of_service("alarm")),
        (keys_of::<figures::Promises>(), of_service("promise")),
        (keys_of::<figures::Visits>(), of_service("visit")),
        (keys_of::<figures::Patrols>(), of_service("patrol")),
        (keys_of::<figures::Round>(), of_service("patrol")["rounds"][0].as_table().unwrap().clone()),
        (keys_of::<figures::Checks>(), of_service("check")),
        (keys_of::<figures::Surveys>(), of_service("survey")),
        (keys_of::<Kiosk>(), table("kiosk")),
        (keys_of::<Console>(), table("console")),
        (keys_of::<Retention>(), table("retention")),
        (keys_of::<Storage>(), table("storage")),
    ];
    for (keys, table) in shown {
        let missing: Vec<_> = keys.iter().filter(|key| !table.contains_key(*key)).collect();
        assert!(!keys.is_empty() && missing.is_empty(), "docs/lobby.toml does not show {missing:?}");
    }
    let handbook = toml::from_str::<Handbook>("no-such-key = 1").unwrap_err().to_string();
    assert!(handbook.contains("expected `folder`"), "a new key of [handbook] must be shown: {handbook}");
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
fn a_key_of_invitations_that_is_none_is_refused_with_its_remedy() {
    let line = EXAMPLE.lines().find(|line| line.starts_with("# invitation_key = ")).unwrap();
    let said = complaint(line, "invitation_key = [{ name = \"office\", public = \"QwD1\" }]");
    assert!(said.contains("invitation_key") && said.contains("lobbyd invite key"), "{said}");
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
    let text = text.replace("[health]", "[[post]]\nid = \"gate-a\"\nsuperior = \"office\"\n[health]");
    let error = parse(&text).unwrap_err();
    let keys: Vec<&str> = error.faults.iter().map(|fault| fault.key.as_str()).collect();
    assert_eq!(keys, ["building.url", "office.cert", "post[7].id"]);
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
fn a_guards_page_without_half_of_its_certificate_or_with_a_name_that_is_none_is_told() {
    let said = complaint("# cert = \"console.pem\"", "cert = \"console.pem\"");
    assert!(said.contains("console.cert") && said.contains("add key"), "{said}");
    let said = complaint("# key = \"console.key\"", "key = \"console.key\"");
    assert!(said.contains("console.key") && said.contains("add cert"), "{said}");
    let said = complaint("# max_connections = 256", "max_connections = 5000");
    assert!(said.contains("console.max_connections") && said.contains("8 to 900"), "{said}");
    let said = complaint("# max_connections_per_address = 64", "max_connections_per_address = 1");
    assert!(said.contains("console.max_connections_per_address") && said.contains("8 to 900"), "{said}");
    let names = "# names = [\"lobby-1.example\", \"10.0.0.5\"]";
    let said = complaint(names, "names = [\"lobby-1.example\", \"https://x\"]");
    assert!(said.contains("console.names") && said.contains("entry 2"), "{said}");
    assert!(parse(&example_with(names, "names = [\"lobby-1.example\", \"fd00::5\"]")).is_ok());
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
    let error = Config::load_with_files(&file).unwrap_err().to_string();
    assert!(error.contains("office.ca") && error.contains("line "), "{error}");
    assert!(Config::load(&file).is_ok(), "whoever does not open them needs none of them");
    fs::write(folder.path().join("office-ca.pem"), "x").unwrap();
    let config = Config::load_with_files(&file).unwrap();
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

/// The glasses whose every page fits in every language (`GLASSES` in src/kiosk/tests.rs), and those that are a second-best.
#[test]
fn every_board_has_room_for_the_pages_or_says_that_it_has_not() {
    let cramped = |name: &&str| Board::load(name, Path::new("/nowhere")).unwrap().display.is_cramped();
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).filter(cramped).collect();
    assert_eq!(names, ["spi-kernel", "spi-bare"]);
    for name in names {
        let text = fs::read_to_string(format!("boards/{name}.toml")).unwrap();
        assert!(text.contains("long sentences end in"), "{name} does not say it");
    }
}

/// The matrix turns the finger as the board turns the picture: libinput's matrices, in the form of the board files.
#[test]
fn a_board_that_turns_the_picture_turns_the_finger() {
    for (name, _) in BUILT_IN {
        let board = Board::load(name, Path::new("/nowhere")).unwrap();
        let Some(touch) = board.touch else { continue };
        let turned = match board.display.rotate {
            90 => [0.0, -1.0, 1.0, 1.0, 0.0, 0.0],
            180 => [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0],
            270 => [0.0, 1.0, 0.0, -1.0, 0.0, 1.0],
            _ => [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        };
        assert_eq!(touch.matrix, turned, "{name}");
    }
}

#[test]
fn a_bare_panel_that_its_controller_cannot_hold_is_told() {
    let spi = "name = \"X\"\n[display]\nbackend = \"spi\"\nsize = [480, 320]\nrotate = 90\ndpi = 165\n[display.spi]\n\
               device = \"/dev/spidev0.0\"\nhz = 16000000\nmodel = \"st7796\"\ndc = \"GPIO24\"\n";
    let said = |from: &str, to: &str| {
        let board = Board::parse(&spi.replace(from, to), Path::new("x.toml"));
        board.map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(said("", ""), "");
    let error = said("rotate = 90", "rotate = 0");
    assert!(error.contains("display.spi.model") && error.contains("320×480"), "{error}");
    assert!(said("\"GPIO24\"\n", "\"GPIO24\"\noffset = [1, 0]\n").contains("offset"));
    assert!(said("st7796", "st7795").contains("st7796"));
    assert!(said("16000000", "16").contains("display.spi.hz"));
    assert!(said("\"GPIO24\"", "\"\"").contains("display.spi.dc"));
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

#[test]
fn a_board_never_goes_dark_and_never_roars() {
    let text = "name = \"X\"\n[display]\nbackend = \"headless\"\nsize = [800, 480]\ndpi = 133\n";
    let said = |more: &str| {
        let board = Board::parse(&format!("{text}{more}"), Path::new("x.toml"));
        board.map_or_else(|error| error.to_string(), |_| String::new())
    };
    let light = "[backlight]\ndevice = \"*\"\nbright = 90\nidle = 30\n";
    assert_eq!(said(light), "");
    assert_eq!(said(&format!("{light}night = 50\n[sound]\npercent = 40\n")), "");
    assert!(said(&format!("{light}night = 0\n")).contains("backlight.night"));
    assert!(said(&format!("{light}night = 91\n")).contains("1 <= night <= bright"));
    assert!(said(&light.replace("30", "0")).contains("never 0"));
    assert!(said("[sound]\npercent = 81\n").contains("1 to 80"));
}

#[test]
fn a_printer_and_a_scanner_that_cannot_be_are_told_with_what_can() {
    let board = |more: &str| {
        let text = format!("name = \"X\"\n[display]\nbackend = \"headless\"\nsize = [800, 480]\ndpi = 133\n{more}");
        Board::parse(&text, Path::new("x.toml")).map_err(|error| error.to_string())
    };
    let printer = |language: &str, device: &str, paper: u8| {
        board(&format!("[printer]\nlanguage = \"{language}\"\ndevice = \"{device}\"\npaper = {paper}\n"))
    };
    assert!(printer("escpos", "192.0.2.40:9100", 80).is_ok());
    assert!(printer("brother-ql", "/dev/usb/lp0", 62).is_ok());
    let error = printer("escpos", "printer.local:9100", 62).unwrap_err();
    assert!(error.contains("x.toml: line 8: printer.device") && error.contains("192.0.2.40:9100"), "{error}");
    assert!(error.contains("no such printer takes 62 mm") && error.contains("58, 80"), "{error}");
    let error = printer("zpl", "/dev/usb/lp0", 62).unwrap_err();
    assert!(error.contains("escpos") && error.contains("brother-ql"), "{error}");
    let error = board("[scanner]\nname = \"\"\n").unwrap_err();
    assert!(error.contains("scanner.name") && error.contains("lobbyd board probe"), "{error}");
}

proptest! {
    #[test]
    fn no_text_makes_the_loader_panic(text in "\\PC{0,200}", at in 0usize..12_000) {
        let _ = parse(&text);
        let at = (0..=at.min(EXAMPLE.len())).rev().find(|at| EXAMPLE.is_char_boundary(*at)).unwrap_or(0);
        let _ = parse(&format!("{}{text}{}", &EXAMPLE[..at], &EXAMPLE[at..]));
    }
}

/// One fault of the example with one line replaced: its key and what is said.
fn one_fault(line: &str, replacement: &str) -> (String, String) {
    let error = parse(&example_with(line, replacement)).expect_err(replacement);
    assert_eq!(error.faults.len(), 1, "{error}");
    assert!(error.faults[0].line.is_some(), "{error}");
    (error.faults[0].key.clone(), error.to_string())
}

#[test]
fn a_superior_that_does_not_exist_is_named_with_the_nearest_that_does() {
    let (key, said) = one_fault("superior = \"patrol\"", "superior = \"patrl\"");
    assert!(key == "post[1].superior" && said.contains("did you mean \"patrol\"?"), "{said}");
}

#[test]
fn a_circle_of_superiors_is_named_once_and_whole() {
    let text = example_with("takes = [\"manage\"]", "takes = [\"manage\"]\nsuperior = \"patrol\"");
    let error = parse(&text).unwrap_err();
    assert_eq!(error.faults.len(), 1, "{error}");
    assert_eq!(error.faults[0].key, "post[2].superior");
    assert!(error.to_string().contains("patrol → office → manager → patrol"), "{error}");
    let said = complaint("takes = [\"manage\"]", "takes = [\"manage\"]\nsuperior = \"manager\"");
    assert!(said.contains("post[6].superior") && said.contains("manager → manager"), "{said}");
}

#[test]
fn a_ladder_must_end_with_the_manager() {
    let (key, said) = one_fault("takes = [\"repair\"]\nsuperior = \"office\"", "takes = [\"repair\"]");
    assert!(key == "post[4]" && said.contains("ends at \"workshop\""), "{said}");
}

#[test]
fn a_duty_that_nobody_takes_would_be_a_ladder_that_names_nobody() {
    let (key, said) = one_fault("takes = [\"errand\", \"call\", \"alarm\"]", "takes = [\"call\"]");
    assert!(key == "post" && said.contains("nobody takes \"errand\""), "{said}");
}

#[test]
fn a_door_belongs_to_one_post() {
    let (key, said) = one_fault("takes = [\"repair\"]", "takes = [\"repair\"]\ndoors = [\"garage\"]");
    assert!(key == "post[4].doors" && said.contains("\"garage\" belongs to the post \"gate-a\""), "{said}");
}

#[test]
fn a_fixed_post_is_not_sent_on_errands() {
    let (key, said) = one_fault("takes = [\"call\", \"alarm\"]", "takes = [\"call\", \"alarm\", \"errand\"]");
    assert!(key == "post[1].takes" && said.contains("R015"), "{said}");
}

#[test]
fn shifts_and_notifiers_that_do_not_exist_are_named() {
    let (key, said) = one_fault("# shifts = [\"day\", \"night\"]", "shifts = [\"day\", \"nigth\"]");
    assert!(key == "post[1].shifts" && said.contains("did you mean \"night\"?"), "{said}");
    let (key, said) = one_fault("notifier = \"patrol\"", "notifier = \"patrols\"");
    assert!(key == "shift[2].notifier" && said.contains("did you mean \"patrol\"?"), "{said}");
    let (key, said) = one_fault("notifier = \"patrol\"", "notifier = \"front-desk\"");
    assert!(key == "shift[2].notifier" && said.contains("nobody is at the post"), "{said}");
    let (key, _) = one_fault("name = \"夜班\"", "name = \"夜班\"\nfrm = \"20:00\"");
    assert_eq!(key, "shift[2].frm");
}

#[test]
fn a_shift_table_with_a_gap_or_an_overlap_names_the_minutes() {
    let (key, said) = one_fault("to = \"08:00\"", "to = \"07:15\"");
    assert!(key == "shift" && said.contains("no shift covers 07:15 to 08:00"), "{said}");
    let (key, said) = one_fault("to = \"08:00\"", "to = \"08:30\"");
    assert!(key == "shift[2]" && said.contains("overlaps \"day\" from 08:00 to 08:30"), "{said}");
    let (_, said) = one_fault("from = \"20:00\"\nto = \"08:00\"", "from = \"00:30\"\nto = \"08:00\"");
    assert!(said.contains("no shift covers 20:00 to 00:30"), "a gap over midnight is one gap: {said}");
    let said = complaint("id = \"night\"", "id = \"day\"");
    assert!(said.contains("shift[2].id"), "{said}");
}

#[test]
fn figures_out_of_range_or_out_of_order_are_named() {
    let (key, said) = one_fault("# shelve_hours = 8", "shelve_hours = 9");
    assert!(key == "service.alarm.shelve_hours" && said.contains("write 1 to 8"), "{said}");
    let (key, said) = one_fault("# remind_seconds = 600", "remind_seconds = 0");
    assert!(key == "service.dispatch.remind_seconds" && said.contains("write 30 to 86400"), "{said}");
    let (key, said) = one_fault("# next_post_seconds = 20", "next_post_seconds = 40");
    assert!(
        key == "service.call.next_post_seconds" && said.contains("40 is not before all_posts_seconds (40)"),
        "{said}"
    );
    let (key, _) = one_fault("# missed_seconds = 60", "missed_seconds = 30");
    assert_eq!(key, "service.call.all_posts_seconds");
    let (key, _) = one_fault("# monthly_by_day = 5", "monthly_by_day = 31");
    assert_eq!(key, "service.check.monthly_by_day");
    let (key, _) = one_fault("# yearly_months = [11]", "yearly_months = [13]");
    assert_eq!(key, "service.survey.yearly_months");
    for (wrong, says) in [
        ("29 = { from = 0, to = 2000 }", "write fen, from 1"),
        ("29 = { from = 300, to = 200 }", "the lower one first"),
        ("99 = { from = 100, to = 200 }", "such as \"14\""),
        ("08 = { from = 100, to = 200 }", "a third party sets its own price"),
    ] {
        let (key, said) = one_fault("# 29 = { from = 100, to = 2000 }", wrong);
        assert!(key.starts_with("service.price.") && said.contains(says), "{said}");
    }
    let said = complaint("# day_end = \"22:30\"", "day_end = \"25:30\"");
    assert!(said.contains("service.visit.day_end") && said.contains("\"07:30\""), "{said}");
}

#[test]
fn rounds_of_a_day_have_names_of_their_own_and_a_window() {
    let twice = "rounds = [{ name = \"a\", from = \"08:00\", to = \"12:00\" }, { name = \"a\", from = \"14:00\", to = \"15:00\" }]";
    let rounds = EXAMPLE.lines().find(|line| line.starts_with("# rounds = ")).unwrap();
    let (key, _) = one_fault(rounds, twice);
    assert_eq!(key, "service.patrol.rounds[2].name");
    let (key, _) = one_fault(rounds, "rounds = [{ name = \"a\", from = \"08:00\", to = \"08:00\" }]");
    assert_eq!(key, "service.patrol.rounds[1].to");
}

#[test]
fn changed_figures_need_the_approval_of_cs_manager_and_management_in_this_order() {
    let version =
        |approved: &str| example_with("# version = 1\n# approved_by = []", &format!("version = 2\n{approved}"));
    for approved in [
        "",
        "approved_by = [\"cs-manager 2026-11-20\"]",
        "approved_by = [\"management 2026-11-21\"]",
        "approved_by = [\"cs-manager\", \"management\"]",
        "approved_by = [\"cs-manager 2026-11-22\", \"management 2026-11-21\"]",
    ] {
        let error = parse(&version(approved)).expect_err(approved);
        assert_eq!(error.faults[0].key, "service.approved_by");
        assert!(error.faults[0].line.is_some() && error.to_string().contains("cs-manager 2026-11-20"), "{error}");
    }
    parse(&version("approved_by = [\"cs-manager 2026-11-20\", \"engineering 2026-11-20\", \"management 2026-11-21\"]"))
        .unwrap();
}

#[test]
fn a_quota_that_leaves_nothing_for_devices_or_for_people_is_refused() {
    let said = complaint("# quota = 2048", "quota = 32");
    assert!(said.contains("storage.quota") && said.contains("write 64 to 1048576"), "{said}");
    let said = complaint("# reserve = 64", "reserve = 8");
    assert!(said.contains("storage.reserve") && said.contains("write 16 to"), "{said}");
    let said = complaint("# reserve = 64", "reserve = 1500");
    assert!(said.contains("held back before the journal is half full"), "{said}");
    let said = complaint("# chatter = 90", "chatter = 181");
    assert!(said.contains("retention.chatter") && said.contains("at most retention.events"), "{said}");
    for key in ["visits = 90", "persons = 30"] {
        let said = complaint(&format!("# {key}"), &format!("{} = 181", key.split(' ').next().unwrap()));
        assert!(said.contains("names would be kept longer than the events"), "{said}");
    }
}
