//! A finger on the browser board: presses what the outline names and reads what the screen says, over the same
//! WebSocket as the page.

use super::PATIENCE;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Message, WebSocket};

/// A person needs so long to see that the page has changed. The kiosk counts on it: it drops clicks that come within
/// 350 ms after a page change, as meant for the page before.
const REACTION: Duration = Duration::from_millis(400);
/// A second press on the same place comes a moment after the first was seen: what comes within 35 ms the kiosk takes for a panel that
/// bounces.
const AGAIN: Duration = Duration::from_millis(400);

pub struct Glass {
    socket: WebSocket<TcpStream>,
    /// The last outline: `screen`, `language`, `size`, `parts`.
    pub outline: Value,
    /// Where the last press was.
    pressed: Option<(i64, i64)>,
}

/// Whether a piece of a picture (x, y, width and height as `u16`, then a PNG) has this place in it.
fn shows(piece: &[u8], (x, y): (i64, i64)) -> bool {
    let number = |at: usize| i64::from(u16::from_be_bytes([piece[at], piece[at + 1]]));
    let within = |at: i64, from: i64, length: i64| (from..from + length).contains(&at);
    piece.len() > 8 && within(x, number(0), number(4)) && within(y, number(2), number(6))
}

/// The daemon has gone.
#[derive(Debug)]
pub struct Gone;

impl Glass {
    /// Connects, trying again while the daemon starts.
    pub fn connect(address: SocketAddr) -> Self {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match Self::try_connect(address) {
                Some(glass) => return glass,
                None => assert!(Instant::now() < deadline, "no screen at {address}"),
            }
            // Short: a bench counts from the start of the process to the first picture.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Pieces of a picture that come within `time`.
    pub fn pictures_within(&mut self, time: Duration) -> usize {
        self.drain(time).expect("the screen is there")
    }

    fn drain(&mut self, time: Duration) -> Result<usize, Gone> {
        let deadline = Instant::now() + time;
        let mut pictures = 0;
        while let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            self.socket.get_ref().set_read_timeout(Some(left)).expect("a time above zero");
            match self.socket.read() {
                Ok(Message::Binary(_)) => pictures += 1,
                Ok(Message::Text(text)) => self.outline = serde_json::from_str(&text).map_err(|_| Gone)?,
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => break,
                Err(_) => return Err(Gone),
            }
        }
        self.socket.get_ref().set_read_timeout(Some(PATIENCE)).expect("a time above zero");
        Ok(pictures)
    }

    fn try_connect(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.set_nodelay(true).ok()?;
        let mut request = format!("ws://{address}/screen").into_client_request().ok()?;
        request.headers_mut().insert("origin", format!("http://{address}").parse().ok()?);
        let (socket, _) = tungstenite::client(request, stream).ok()?;
        let mut glass = Glass { socket, outline: Value::Null, pressed: None };
        glass.next().ok()?;
        Some(glass)
    }

    /// Waits for the next outline; pictures are passed over.
    fn next(&mut self) -> Result<(), Gone> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "the screen does not change; it shows {}", self.outline);
            match self.socket.read() {
                Ok(Message::Text(text)) => {
                    self.outline = serde_json::from_str(&text).map_err(|_| Gone)?;
                    return Ok(());
                }
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("the screen has been silent; it shows {}", self.outline)
                }
                Err(_) => return Err(Gone),
            }
        }
    }

    pub fn screen(&self) -> &str {
        self.outline["screen"].as_str().unwrap_or_default()
    }

    pub fn part(&self, id: &str) -> Option<&Value> {
        self.outline["parts"].as_array()?.iter().find(|part| part["id"] == id)
    }

    /// Everything that the screen says, for looking a word up in.
    pub fn words(&self) -> String {
        let parts = self.outline["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
        parts.iter().filter_map(|part| part["label"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// Waits until the outline satisfies `holds`.
    pub fn wait(&mut self, what: &str, holds: impl Fn(&Glass) -> bool) -> Result<(), Gone> {
        let deadline = Instant::now() + PATIENCE;
        let before = self.screen().to_owned();
        while !holds(self) {
            assert!(Instant::now() < deadline, "waited in vain for {what}; the screen is {}", self.outline);
            self.next()?;
        }
        if self.screen() != before {
            std::thread::sleep(REACTION);
        }
        Ok(())
    }

    /// Waits for a piece of a picture with this place in it; words that come before it are taken up.
    fn see(&mut self, what: &str, at: (i64, i64)) -> Result<(), Gone> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "{what} is not seen; the screen is {}", self.outline);
            match self.socket.read() {
                Ok(Message::Binary(piece)) if shows(&piece, at) => return Ok(()),
                Ok(Message::Text(text)) => self.outline = serde_json::from_str(&text).map_err(|_| Gone)?,
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    panic!("{what} is not seen; the screen is {}", self.outline)
                }
                Err(_) => return Err(Gone),
            }
        }
    }

    /// Presses the button with this id in its middle, once it is there, as a person does who looks: the finger is lifted when the button
    /// shows that it is pressed, and the next press comes when that was seen, too. On a machine that stands still for a while
    /// two presses would otherwise arrive together, and be a bounce (a digit was lost in CI).
    pub fn press(&mut self, id: &str) -> Result<(), Gone> {
        // What was drawn before is not this press's answer.
        let before = self.screen().to_owned();
        while self.drain(Duration::from_millis(1))? > 0 {}
        if self.screen() != before {
            std::thread::sleep(REACTION);
        }
        self.wait(id, |glass| glass.part(id).is_some())?;
        let place = &self.part(id).ok_or(Gone)?["place"];
        let number = |index: usize| place[index].as_i64().unwrap_or_default();
        let (x, y) = (number(0) + number(2) / 2, number(1) + number(3) / 2);
        if self.pressed.replace((x, y)) == Some((x, y)) {
            std::thread::sleep(AGAIN);
        }
        for touch in ["down", "up"] {
            let message = json!({"touch": touch, "x": x, "y": y}).to_string();
            self.socket.send(Message::Text(message)).map_err(|_| Gone)?;
            self.see(&format!("{id}, {touch},"), (x, y))?;
        }
        Ok(())
    }

    /// Puts a finger on this key and says how long it was until a picture came; then takes it off.
    pub fn time_press(&mut self, id: &str) -> Duration {
        self.wait(id, |glass| glass.part(id).is_some()).expect("the screen is there");
        // What was drawn before is not this key's answer.
        self.pictures_within(AGAIN);
        let place = self.part(id).expect("it was there")["place"].clone();
        let number = |index: usize| place[index].as_i64().unwrap_or_default();
        let (x, y) = (number(0) + number(2) / 2, number(1) + number(3) / 2);
        let touch = |glass: &mut Glass, what: &str| {
            let message = json!({"touch": what, "x": x, "y": y}).to_string();
            glass.socket.send(Message::Text(message)).expect("the screen is there");
        };
        let begun = Instant::now();
        touch(self, "down");
        while !matches!(self.socket.read().expect("the screen answers"), Message::Binary(_)) {}
        let took = begun.elapsed();
        touch(self, "up");
        took
    }

    /// Presses a button that leads away from the screen it is on, and waits until another is there.
    pub fn press_through(&mut self, id: &str) -> Result<(), Gone> {
        self.wait(id, |glass| glass.part(id).is_some())?;
        let before = self.screen().to_owned();
        self.press(id)?;
        self.wait(&format!("a screen after {before}"), |glass| glass.screen() != before)
    }
}
