//! A real browser for tests: Chromium, headless, driven through chromedriver by the W3C WebDriver protocol, which is JSON
//! over HTTP. Just what the tests need. It never leaves a process behind: dropping the session ends both.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine of two cores; a condition ends every wait.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// Nothing that asks the network, writes to the home folder or needs a graphics card.
const ARGUMENTS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1440,900",
];

pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Browser {
    pub fn open() -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed: run ./tests/run");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let told = lines.find_map(|line| port_in(&line.ok()?)).expect("chromedriver says its port");
        let profile = tempfile::tempdir().unwrap();
        let mut browser = Browser { driver, port: told, session: String::new(), _profile: profile };
        let mut arguments: Vec<String> = ARGUMENTS.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={}", browser._profile.path().display()));
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": {"args": arguments}});
        let session = browser.call("POST", "/session", &json!({"capabilities": {"alwaysMatch": wanted}}));
        browser.session = format!("/session/{}", session["sessionId"].as_str().unwrap());
        browser
    }

    pub fn go(&self, address: &str) {
        self.command("/url", json!({"url": address}));
    }

    /// The value of a script, in the frame that is chosen.
    pub fn run(&self, script: &str) -> Value {
        self.command("/execute/sync", json!({"script": script, "args": []}))
    }

    /// Chooses the frame that the script returns, or the page itself.
    pub fn enter_frame(&self, selector: &str) {
        let element = self.run(&format!("return document.querySelector('{selector}')"));
        self.command("/frame", json!({"id": element}));
    }

    pub fn leave_frame(&self) {
        self.command("/frame", json!({"id": null}));
    }

    /// A real click of the mouse on an element, so many pixels from its middle. (Counted from the viewport, chromedriver
    /// means the page's and not the frame's.)
    pub fn click(&self, selector: &str, x: i64, y: i64) {
        let element = self.run(&format!("return document.querySelector('{selector}')"));
        let steps = json!([
            {"type": "pointerMove", "duration": 0, "x": x, "y": y, "origin": element},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
            // A finger's own rhythm: what comes again at once on the same key, the glass takes for a panel that bounces.
            {"type": "pause", "duration": 120},
        ]);
        let mouse = json!({"type": "pointer", "id": "mouse", "actions": steps});
        self.command("/actions", json!({"actions": [mouse]}));
    }

    /// Holds the mouse down in the middle of an element until the script's value is true.
    pub fn hold(&self, selector: &str, until: &str) {
        let element = self.run(&format!("return document.querySelector('{selector}')"));
        let mouse = |steps: Value| json!({"actions": [{"type": "pointer", "id": "mouse", "actions": steps}]});
        let down = json!([{"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": element}, {"type": "pointerDown", "button": 0}]);
        self.command("/actions", mouse(down));
        self.wait_for("what holding does", until);
        self.command("/actions", mouse(json!([{"type": "pointerUp", "button": 0}])));
    }

    /// Shows the page as it is on this medium: `print`, or `screen`.
    pub fn media(&self, medium: &str) {
        self.command("/goog/cdp/execute", json!({"cmd": "Emulation.setEmulatedMedia", "params": {"media": medium}}));
    }

    /// Puts the browser into this zone, as if its owner had travelled.
    pub fn travel_to(&self, zone: &str) {
        let params = json!({"cmd": "Emulation.setTimezoneOverride", "params": {"timezoneId": zone}});
        self.command("/goog/cdp/execute", params);
    }

    /// A key of the keyboard, as WebDriver writes it: a character, or a code point such as `\u{E007}` for Enter.
    pub fn key(&self, key: char) {
        let steps = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.command("/actions", json!({"actions": [{"type": "key", "id": "keyboard", "actions": steps}]}));
    }

    /// Waits until the script's value is true, and says what it waited for when it never is.
    pub fn wait_for(&self, what: &str, script: &str) {
        let since = Instant::now();
        while self.run(script) != Value::Bool(true) {
            assert!(since.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The page as a PNG, in base64 as the protocol gives it.
    pub fn screenshot(&self) -> String {
        let path = format!("{}/screenshot", self.session);
        self.call("GET", &path, &Value::Null).as_str().unwrap().to_owned()
    }

    fn command(&self, path: &str, body: Value) -> Value {
        self.call("POST", &format!("{}{path}", self.session), &body)
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let answer = self.exchange(method, path, body).expect("chromedriver answers");
        if let Some(error) = answer.pointer("/value/error") {
            panic!("{method} {path}: {error}: {}", answer["value"]["message"]);
        }
        answer["value"].clone()
    }

    fn exchange(&self, method: &str, path: &str, body: &Value) -> std::io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(DEADLINE))?;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let port = self.port;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        Ok(serde_json::from_slice(&answer)?)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium; then its driver.
        if !self.session.is_empty() {
            drop(self.exchange("DELETE", &self.session, &Value::Null));
        }
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}

/// "ChromeDriver was started successfully on port 12345."
fn port_in(line: &str) -> Option<u16> {
    line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok()
}
