//! The demo as a person meets it: a real browser, real clicks on the glass, and the event at the office beside it.

#![cfg(feature = "demo")]

#[path = "common/webdriver.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod webdriver;

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;
use webdriver::{Browser, DEADLINE};

struct Demo {
    process: Child,
    address: String,
    /// The system's temporary folder as the demo sees it: ours, so that what it leaves is seen.
    temporary: tempfile::TempDir,
}

impl Demo {
    fn start() -> Demo {
        let temporary = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_lobbyd"))
            .args(["demo", "--port", "0"])
            .env("TMPDIR", temporary.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("http://127.0.0.1:"), "the first line is the address, not {address:?}");
        Demo { process, address: address.trim().to_owned(), temporary }
    }

    fn folders(&self) -> Vec<PathBuf> {
        std::fs::read_dir(self.temporary.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Processes that run from our folder: the daemon does.
    fn children(&self) -> Vec<PathBuf> {
        let cwd = |entry: std::io::Result<std::fs::DirEntry>| std::fs::read_link(entry.ok()?.path().join("cwd")).ok();
        let all = std::fs::read_dir("/proc").unwrap().filter_map(cwd);
        all.filter(|folder| folder.starts_with(self.temporary.path())).collect()
    }

    fn interrupt(&mut self) -> std::process::ExitStatus {
        let id = i32::try_from(self.process.id()).unwrap();
        // SAFETY: kill has no preconditions, and the process is our child, not yet waited for.
        unsafe { libc::kill(id, libc::SIGINT) };
        let since = Instant::now();
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < DEADLINE, "SIGINT does not end the demo");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The glass in the frame of the demo's page.
struct Glass<'a>(&'a Browser);

impl Glass<'_> {
    fn wait_for_screen(&self, name: &str) {
        self.0.wait_for(&format!("the screen {name}"), &format!("return window.lobby?.outline?.screen === '{name}'"));
    }

    /// Clicks into the middle of the part of that id, or of the first whose id begins with it where it ends with a dot.
    fn press(&self, id: &str) {
        let find = format!(
            "const wanted = (part) => '{id}'.endsWith('.') ? part.id.startsWith('{id}') : part.id === '{id}';
             const part = window.lobby?.outline?.parts.find(wanted);
             if (!part) return null;
             const [width, height] = window.lobby.outline.size;
             const scale = document.getElementById('picture').getBoundingClientRect().width / width;
             const [x, y, w, h] = part.place;
             return [(x + w / 2 - width / 2) * scale, (y + h / 2 - height / 2) * scale].map(Math.round);"
        );
        self.0.wait_for(&format!("the part {id}"), &format!("return (() => {{ {find} }})() !== null"));
        let place = self.0.run(&find);
        self.0.click("#picture", place[0].as_i64().unwrap(), place[1].as_i64().unwrap());
    }

    fn type_in(&self, text: &str) {
        text.chars().for_each(|character| self.press(&format!("key.{character}")));
    }
}

fn sign_in(browser: &Browser) {
    browser.wait_for("the touchscreen in its frame", "return document.getElementById('screen') !== null");
    browser.enter_frame("#screen");
    let glass = Glass(browser);
    glass.wait_for_screen("home");
    glass.press("home.visit");
    glass.wait_for_screen("visit.unit");
    glass.type_in("1203");
    glass.press("next");
    glass.wait_for_screen("visit.name");
    for syllable in ["wang", "xiao"] {
        glass.type_in(syllable);
        glass.press("candidate.1");
    }
    glass.press("next");
    glass.wait_for_screen("visit.phone");
    glass.type_in("13800138000");
    glass.press("next");
    glass.wait_for_screen("visit.purpose");
    glass.press("purpose.");
    glass.wait_for_screen("visit.received");
    browser.leave_frame();
}

fn event_at_the_office(browser: &Browser, kind: &str) -> Value {
    let find = format!("window.office.events.find((event) => event.type === 'lobbyd.{kind}')");
    browser.wait_for(&format!("{kind} at the office"), &format!("return {find} !== undefined"));
    browser.run(&format!("return {find}"))
}

/// Keeps what a person would have seen, for whoever looks at the test's outcome.
fn keep(browser: &Browser, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(folder.join(name), decode(&browser.screenshot())).unwrap();
}

/// Base64 (RFC 4648) of a page's picture.
fn decode(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        bits = bits << 6 | ALPHABET.iter().position(|known| *known == letter).unwrap() as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[test]
#[ignore = "needs chromium and chromedriver: run ./tests/run"]
fn a_sign_in_on_the_glass_is_an_event_in_the_office_pane() {
    let mut demo = Demo::start();
    let browser = Browser::open();
    browser.go(&demo.address);
    sign_in(&browser);
    let event = event_at_the_office(&browser, "visit.arrived");
    assert_eq!(event["specversion"], "1.0");
    assert_eq!(event["source"], "/lobby/riverside/lobby-1");
    assert!(event.to_string().contains('王'), "the name that was typed travels with it");
    browser.wait_for("a door's event", "return window.office.events.some((event) => event.data?.device)");
    keep(&browser, "demo.png");
    assert_eq!(demo.folders().len(), 1);
    assert!(!demo.children().is_empty(), "the daemon runs in the demo's folder");

    let status = demo.interrupt();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(demo.folders().is_empty(), "the demo leaves nothing behind");
    assert!(demo.children().is_empty(), "no process outlives the demo");
    let lost = "return document.getElementById('lost').textContent.startsWith('Connection lost since')";
    browser.wait_for("the page says that it has lost the demo", lost);
}

/// A newcomer: does what the demo's page says, and is counted.
struct Newcomer {
    browser: Browser,
    actions: usize,
}

impl Newcomer {
    /// Clicks on what stands there. It must be in sight, or a newcomer would not find it.
    fn click(&mut self, what: &str, selector: &str) {
        let element = format!("document.querySelector('{selector}')");
        self.browser.wait_for(what, &format!("return {element}?.checkVisibility() === true"));
        self.browser.run(&format!("{element}.scrollIntoView({{ block: 'center' }})"));
        self.browser.click(selector, 0, 0);
        self.actions += 1;
    }

    fn type_into(&mut self, selector: &str, text: &str) {
        self.browser.run(&format!("document.querySelector('{selector}').focus()"));
        text.chars().for_each(|key| self.browser.key(key));
        self.actions += 1;
    }
}

#[test]
#[ignore = "needs chromium and chromedriver: run ./tests/run"]
fn a_newcomer_signs_in_rings_the_bell_and_takes_the_call() {
    let demo = Demo::start();
    let mut newcomer = Newcomer { browser: Browser::open(), actions: 0 };
    newcomer.browser.go(&demo.address);
    let said = newcomer.browser.run("return [...document.querySelectorAll('.try b')].map((one) => one.textContent)");
    let [who, pin, take] = [0, 1, 2].map(|at| said[at].as_str().expect("the page says how to begin").to_owned());

    newcomer.browser.enter_frame("#page");
    newcomer.browser.wait_for("the sign-in", "return document.getElementById('who') !== null");
    newcomer.type_into("#who", &who);
    newcomer.type_into("#secret", &pin);
    newcomer.click("the button that signs in", "form.login button[type=submit]");
    newcomer.browser.wait_for("the board", "return window.guards?.store.connected === true");
    newcomer.browser.leave_frame();

    newcomer.click("the bell", "#ring");
    newcomer.browser.enter_frame("#page");
    let card = ".card[data-errand=\"answer-call\"]";
    // Another door may ring by itself: this is the one whose bell the page has.
    let bell = format!("[...document.querySelectorAll('{card}')].find((card) => card.innerText.includes('货运入口'))");
    newcomer.browser.wait_for("the call", &format!("return {bell} !== undefined"));
    newcomer.browser.run(&format!("{bell}.querySelector('[data-act=claim]').id = 'take'"));
    assert_eq!(newcomer.browser.run("return document.getElementById('take').textContent"), take.as_str());
    newcomer.click("the button that takes the call", "#take");
    newcomer.browser.wait_for("my call", &format!("return {bell}?.classList.contains('mine') === true"));
    assert!(newcomer.actions <= 6, "a newcomer needs {} actions", newcomer.actions);
    newcomer.browser.leave_frame();
    event_at_the_office(&newcomer.browser, "task.claimed");
    keep(&newcomer.browser, "newcomer.png");
}

#[test]
#[ignore = "needs chromium and chromedriver: run ./tests/run"]
fn the_glass_can_be_used_with_a_keyboard_and_read_aloud() {
    const TAB: char = '\u{E004}';
    const ENTER: char = '\u{E007}';
    let demo = Demo::start();
    let browser = Browser::open();
    browser.go(&demo.address);
    browser.enter_frame("#screen");
    let glass = Glass(&browser);
    glass.wait_for_screen("home");
    let name = "return [...document.querySelectorAll('#words h1')].every((heading) => heading.textContent !== '')";
    assert_eq!(browser.run(name), true, "a screen reader finds the heading");
    browser.run("document.getElementById('words').querySelector('button').focus()");
    let there = "return document.activeElement.dataset.id === 'home.visit'";
    let mut steps = 0;
    while browser.run(there) != Value::Bool(true) {
        steps += 1;
        assert!(steps < 20, "the tab key does not reach the button for visitors");
        browser.key(TAB);
    }
    browser.key(ENTER);
    glass.wait_for_screen("visit.unit");
}

#[test]
fn a_demo_that_is_killed_takes_its_daemon_along() {
    let mut demo = Demo::start();
    assert!(!demo.children().is_empty());
    demo.process.kill().unwrap();
    demo.process.wait().unwrap();
    let since = Instant::now();
    while !demo.children().is_empty() {
        assert!(since.elapsed() < DEADLINE, "the daemon outlives the demo");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
