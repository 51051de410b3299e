//! Slips on paper: what they look like, and how they come out of printers that behave and printers that do not. The printers
//! are software: they parse what they are sent back into a picture.

#[path = "../common/mod.rs"]
mod common;
mod machine;

use common::daemon::Daemon;
use common::glass::Glass;
use common::mosquitto::free_port;
use common::{PATIENCE, blocking_until as until};
use embedded_graphics::prelude::Size;
use lobbyd::board::Frame;
use lobbyd::board::printer::{
    JOB, LOOK, Language as Speaks, Paper, Patience, Place, Printer, QUEUE, Raster, Spool, Trouble,
};
use lobbyd::kiosk::{Language, Metrics, samples, to_png};
use machine::{Behaviour, Machine};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// For a slip on a printer that never answers.
const BRIEF: Duration = Duration::from_millis(1_200);

/// The pages of the glass that lead to a slip, and the languages and papers worth a picture.
const SLIPS: [(&str, Language, Speaks, u8); 7] = [
    ("visit.received", Language::Chinese, Speaks::EscPos, 80),
    ("visit.received", Language::English, Speaks::EscPos, 58),
    ("visit.received", Language::Korean, Speaks::BrotherQl, 62),
    ("invitation.received", Language::Traditional, Speaks::EscPos, 80),
    ("repair.received", Language::Chinese, Speaks::BrotherQl, 62),
    ("pass.received", Language::Chinese, Speaks::EscPos, 80),
    ("pass.received", Language::English, Speaks::EscPos, 58),
];

fn slip(name: &str, language: Language, paper: Paper) -> Option<Raster> {
    let metrics = Metrics::new(Size::new(800, 480), 133);
    samples::sample(name, language, metrics).expect("there is this page").slip(paper)
}

fn visitor_slip(paper: Paper) -> Raster {
    slip("visit.received", Language::Chinese, paper).expect("a visitor gets a slip")
}

/// Black on white, as a file.
fn png(picture: &Raster) -> Vec<u8> {
    let size = Size::new(picture.width(), picture.height());
    let mut frame = Frame::new(size);
    for y in 0..size.height {
        for (x, pixel) in (0..).zip(frame.row_mut(0, y, size.width)) {
            *pixel = if picture.is_black(x, y) { 0 } else { 0xFF_FFFF };
        }
    }
    to_png(&frame).unwrap()
}

#[test]
fn every_slip_looks_as_it_was_approved() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden-paper");
    let mut differ = Vec::new();
    for (name, language, speaks, mm) in SLIPS {
        let picture = slip(name, language, Paper::of(speaks, mm).unwrap()).expect("it is printed");
        let file = format!("{name}-{}-{mm}mm.png", language.tag());
        let (made, approved) = (png(&picture), std::fs::read(folder.join(&file)).unwrap_or_default());
        if made == approved {
            continue;
        }
        if std::env::var_os("LOBBYD_BLESS").is_some() {
            std::fs::write(folder.join(&file), made).unwrap();
        } else {
            let seen = std::env::temp_dir().join(&file);
            std::fs::write(&seen, made).unwrap();
            differ.push(seen.display().to_string());
        }
    }
    assert!(differ.is_empty(), "differ from tests/golden-paper; look at:\n{}", differ.join("\n"));
}

#[test]
fn what_needs_no_paper_prints_none_and_a_slip_is_printed_once() {
    let paper = Paper::of(Speaks::EscPos, 80).unwrap();
    for name in ["complaint.received", "visit.sending", "emergency.place", "home", "sign-out.over"] {
        assert!(slip(name, Language::Chinese, paper).is_none(), "{name}");
    }
    let mut app = samples::sample("visit.received", Language::Chinese, Metrics::new(Size::new(800, 480), 133)).unwrap();
    assert!(app.slip(paper).is_some());
    assert!(app.slip(paper).is_none());
}

/// A paper of each language.
fn papers() -> [Paper; 2] {
    [Paper::of(Speaks::EscPos, 80).unwrap(), Paper::of(Speaks::BrotherQl, 62).unwrap()]
}

fn printed(paper: Paper, behaviour: Behaviour, limit: Duration) -> (Machine, Result<(), Trouble>) {
    let machine = Machine::start(paper, behaviour);
    let printer = Printer { place: machine.place.clone(), paper };
    let done = printer.print(&visitor_slip(paper), limit);
    (machine, done)
}

#[test]
fn a_slip_comes_out_dot_for_dot_whether_the_printer_answers_or_not() {
    for speaks in [Speaks::EscPos, Speaks::BrotherQl] {
        for (mm, _) in speaks.papers() {
            let paper = Paper::of(speaks, *mm).unwrap();
            for behaviour in [Behaviour::Well, Behaviour::Mute] {
                let (machine, done) = printed(paper, behaviour, JOB);
                assert_eq!(done, Ok(()), "{paper:?} {behaviour:?}");
                until("it is out", || !machine.pictures().is_empty());
                assert!(machine.pictures() == [visitor_slip(paper)], "{paper:?} {behaviour:?}");
            }
        }
    }
}

#[test]
fn what_is_wrong_with_a_printer_is_said_plainly_and_prints_nothing() {
    for paper in papers() {
        for (behaviour, word) in [
            (Behaviour::OutOfPaper, "out-of-paper"),
            (Behaviour::CoverOpen, "cover-open"),
            (Behaviour::Garbage, "foreign"),
            (Behaviour::EndsMeanwhile, "out-of-paper"),
        ] {
            let (machine, done) = printed(paper, behaviour, JOB);
            assert_eq!(done.unwrap_err().name(), word, "{paper:?}");
            assert!(machine.pictures().is_empty());
        }
    }
    let label = Paper::of(Speaks::BrotherQl, 62).unwrap();
    let machine = Machine::start(Paper::of(Speaks::BrotherQl, 50).unwrap(), Behaviour::Well);
    let printer = Printer { place: machine.place.clone(), paper: label };
    assert_eq!(printer.look(LOOK), Err(Trouble::WrongPaper { found: 50, wanted: 62 }));
}

#[test]
fn a_printer_that_hangs_is_given_up_after_its_time() {
    for paper in papers() {
        let (_machine, done) = printed(paper, Behaviour::Hangs, BRIEF);
        assert_eq!(done, Err(Trouble::Slow), "{paper:?}");
    }
}

#[test]
fn a_printer_that_hangs_up_or_is_not_there_is_no_surprise() {
    for paper in papers() {
        let (_machine, done) = printed(paper, Behaviour::Closes, JOB);
        assert_eq!(done.unwrap_err().name(), "gone", "{paper:?}");
        let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        for place in [Place::Net(nobody), Place::File("/nowhere/lp0".into())] {
            let printer = Printer { place, paper };
            assert_eq!(printer.look(LOOK).unwrap_err().name(), "absent");
        }
    }
}

/// Everything a hundred times faster.
fn hurried() -> Patience {
    let milliseconds = Duration::from_millis;
    Patience { age: PATIENCE, retry: milliseconds(50), idle: milliseconds(200), job: BRIEF }
}

fn spool(machine: &Machine, paper: Paper, patience: Patience) -> (Spool, Receiver<Result<(), Trouble>>) {
    let (tell, told) = channel();
    let printer = Printer { place: machine.place.clone(), paper };
    let spool = Spool::start(printer, patience, move |state| drop(tell.send(state))).unwrap();
    (spool, told)
}

fn hear(told: &Receiver<Result<(), Trouble>>, wanted: Result<(), Trouble>) {
    let deadline = Instant::now() + PATIENCE;
    while told.recv_timeout(deadline.saturating_duration_since(Instant::now())).expect("it is told") != wanted {}
}

#[test]
fn a_slip_waits_for_the_new_roll_and_an_empty_one_is_known_before_anybody_prints() {
    let paper = papers()[0];
    let machine = Machine::start(paper, Behaviour::OutOfPaper);
    let (spool, told) = spool(&machine, paper, hurried());
    hear(&told, Err(Trouble::OutOfPaper));
    spool.print(visitor_slip(paper));
    hear(&told, Err(Trouble::OutOfPaper));
    assert!(machine.pictures().is_empty());
    machine.behave(Behaviour::Well);
    until("it is out", || !machine.pictures().is_empty());
    hear(&told, Ok(()));
    assert!(machine.pictures() == [visitor_slip(paper)], "once");
}

#[test]
fn a_slip_for_which_nobody_waits_any_more_is_not_printed() {
    let paper = papers()[0];
    let machine = Machine::start(paper, Behaviour::OutOfPaper);
    let (spool, told) = spool(&machine, paper, Patience { age: Duration::from_millis(100), ..hurried() });
    spool.print(visitor_slip(paper));
    // The look at the start, the tries, and looks again: the slip has been thrown away.
    for _ in 0..8 {
        hear(&told, Err(Trouble::OutOfPaper));
    }
    machine.behave(Behaviour::Well);
    hear(&told, Ok(()));
    assert!(machine.pictures().is_empty());
    let second = visitor_slip(paper);
    spool.print(second.clone());
    until("the next one is out", || !machine.pictures().is_empty());
    assert!(machine.pictures() == [second]);
}

/// The glass hands in a slip and goes on: whoever signs in next waits for no printer, and memory does not grow.
#[test]
fn a_hundred_slips_for_a_dead_printer_hold_nobody_up() {
    let paper = papers()[0];
    let machine = Machine::start(paper, Behaviour::OutOfPaper);
    let (spool, told) = spool(&machine, paper, hurried());
    let picture = visitor_slip(paper);
    (0..100).for_each(|_| spool.print(picture.clone()));
    machine.behave(Behaviour::Well);
    hear(&told, Ok(()));
    until("those that had room are out", || machine.pictures().len() >= QUEUE);
    drop(spool);
    // All that waited are printed before the thread ends; then nobody tells any more.
    while told.recv_timeout(PATIENCE).is_ok() {}
    assert!(machine.pictures().len() <= QUEUE + 2, "{}", machine.pictures().len());
}

/// A walk-in visitor, up to the number on the glass.
fn sign_in(glass: &mut Glass) -> String {
    glass.press_through("home.visit").unwrap();
    for key in "1203".chars() {
        glass.press(&format!("key.{key}")).unwrap();
    }
    glass.press_through("next").unwrap();
    for key in "key.w key.a key.n key.g candidate.1".split(' ') {
        glass.press(key).unwrap();
    }
    glass.wait("the candidates to be gone", |glass| glass.part("candidate.1").is_none()).unwrap();
    glass.press_through("next").unwrap();
    for digit in "13800138000".chars() {
        glass.press(&format!("key.{digit}")).unwrap();
    }
    glass.press_through("next").unwrap();
    glass.press("purpose.friends").unwrap();
    glass.wait("the number", |glass| glass.screen() == "visit.received").unwrap();
    glass.words()
}

/// The whole daemon: the glass goes on without paper, the staff hears of it, and the roll is changed while somebody stands there.
#[test]
fn a_visitor_signs_in_though_the_roll_is_empty_and_has_the_slip_when_it_is_changed() {
    let paper = papers()[0];
    let machine = Machine::start(paper, Behaviour::OutOfPaper);
    let Place::Net(address) = machine.place else { unreachable!("it is at a port") };
    let dir = tempfile::tempdir().unwrap();
    let screen: std::net::SocketAddr = ([127, 0, 0, 1], free_port()).into();
    let board = format!(
        "name = \"With a printer\"\n[display]\nbackend = \"browser\"\nsize = [800, 480]\ndpi = 133\n\
         listen = \"{screen}\"\n[printer]\nlanguage = \"escpos\"\ndevice = \"{address}\"\npaper = 80\n"
    );
    std::fs::create_dir(dir.path().join("boards")).unwrap();
    std::fs::write(dir.path().join("boards/browser.toml"), board).unwrap();
    let nobody = "mqtt://127.0.0.1:9";
    let mut daemon = Daemon::with_screen(dir.path(), nobody, nobody, screen);

    let words = sign_in(&mut Glass::connect(screen));
    assert!(words.contains("V-"), "{words}");
    assert!(machine.pictures().is_empty());
    until("the log says why", || daemon.log().contains("out of paper"));
    machine.behave(Behaviour::Well);
    until("the slip is out", || machine.pictures().len() == 1);
    assert!(daemon.stop().success(), "{}", daemon.log());

    let export = std::process::Command::new(env!("CARGO_BIN_EXE_lobbyd"))
        .args(["journal", "export", "--author", "测试", "--config"])
        .arg(dir.path().join("lobby.toml"))
        .output()
        .unwrap();
    let journal = String::from_utf8_lossy(&export.stdout).into_owned();
    assert!(journal.contains("printer.trouble") && journal.contains("out-of-paper"), "{journal}");
    let log = daemon.log();
    assert!(!log.contains("王") && !log.contains("13800138000"), "{log}");
}
