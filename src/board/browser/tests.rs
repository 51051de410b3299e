//! The browser board as a page meets it: over its WebSocket.

use super::*;
use crate::board::{Color, Part, Role};
use embedded_graphics::prelude::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longer than any wait of a test that goes well; a condition ends it.
const DEADLINE: Duration = Duration::from_secs(20);
const GLASS: Size = Size::new(80, 48);

struct Kiosk {
    runtime: tokio::runtime::Runtime,
    display: Browser,
    inputs: Inputs,
    at: SocketAddr,
}

fn kiosk() -> Kiosk {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let (display, inputs, at) = Browser::start(([127, 0, 0, 1], 0).into(), GLASS, runtime.handle().clone()).unwrap();
    Kiosk { runtime, display, inputs, at }
}

impl Kiosk {
    fn viewers(&self) -> usize {
        self.display.shared.screen().viewers()
    }
}

/// A page, as far as the socket goes: RFC 6455 by hand.
struct Page {
    stream: TcpStream,
}

fn request(at: SocketAddr, lines: &[&str]) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(DEADLINE)).unwrap();
    write!(stream, "{}\r\n\r\n", lines.join("\r\n")).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).unwrap() == 0 {
            break;
        }
        head.push(byte[0]);
    }
    (stream, String::from_utf8(head).unwrap())
}

impl Page {
    fn open(at: SocketAddr, origin: &str) -> Result<Page, String> {
        let (host, origin) = (format!("Host: {at}"), format!("Origin: {origin}"));
        let fixed = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
        let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
        let lines = ["GET /screen HTTP/1.1", &host, &origin, fixed[0], fixed[1], fixed[2], key];
        let (stream, head) = request(at, &lines);
        if head.starts_with("HTTP/1.1 101") { Ok(Page { stream }) } else { Err(head) }
    }

    fn of(kiosk: &Kiosk) -> Page {
        Page::open(kiosk.at, &format!("http://{}", kiosk.at)).unwrap()
    }

    /// The next text or binary message.
    fn next(&mut self) -> (bool, Vec<u8>) {
        loop {
            let mut head = [0; 2];
            self.stream.read_exact(&mut head).unwrap();
            let length = match head[1] {
                126 => {
                    let mut long = [0; 2];
                    self.stream.read_exact(&mut long).unwrap();
                    usize::from(u16::from_be_bytes(long))
                }
                short => usize::from(short),
            };
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).unwrap();
            match head[0] & 0x0F {
                1 => return (true, body),
                2 => return (false, body),
                _ => {}
            }
        }
    }

    fn next_outline(&mut self) -> serde_json::Value {
        loop {
            if let (true, text) = self.next() {
                return serde_json::from_slice(&text).unwrap();
            }
        }
    }

    /// Place and the colour of the first pixel.
    fn next_piece(&mut self) -> ([u16; 4], [u8; 3]) {
        loop {
            if let (false, bytes) = self.next() {
                let number = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
                let mut reader = png::Decoder::new(std::io::Cursor::new(&bytes[8..])).read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                reader.next_frame(&mut pixels).unwrap();
                return ([number(0), number(2), number(4), number(6)], [pixels[0], pixels[1], pixels[2]]);
            }
        }
    }

    fn say(&mut self, text: &str) {
        let mut frame = vec![0x81];
        match text.len() {
            short @ ..126 => frame.push(0x80 | short as u8),
            long => {
                frame.push(0x80 | 126);
                frame.extend((long as u16).to_be_bytes());
            }
        }
        frame.extend([0; 4]); // a mask of zeros changes nothing
        frame.extend(text.as_bytes());
        self.stream.write_all(&frame).unwrap();
    }
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let since = Instant::now();
    while !condition() {
        assert!(since.elapsed() < DEADLINE, "not within {DEADLINE:?}: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn outline(screen: &str) -> Outline {
    let part = Part {
        role: Role::Button,
        id: "home.visit".into(),
        label: "访客登记".into(),
        place: Rectangle::new(Point::new(1, 2), Size::new(30, 20)),
    };
    Outline { screen: screen.into(), language: "zh-Hans".into(), parts: vec![part] }
}

#[test]
fn a_page_gets_the_whole_picture_then_the_damage_then_the_words() {
    let mut kiosk = kiosk();
    let mut page = Page::of(&kiosk);
    assert_eq!(page.next_piece().0, [0, 0, 80, 48]);
    page.next_outline();
    let mut frame = Frame::new(GLASS);
    let damage = Rectangle::new(Point::new(4, 5), Size::new(6, 7));
    frame.fill_solid(&damage, Color::new(11, 110, 105)).unwrap();
    kiosk.display.present(&frame, &[damage], &outline("home")).unwrap();
    assert_eq!(page.next_piece(), ([4, 5, 6, 7], [11, 110, 105]));
    let words = page.next_outline();
    assert_eq!(words.pointer("/screen").unwrap(), "home");
    assert_eq!(words.pointer("/parts/0/label").unwrap(), "访客登记");
    assert_eq!(words.pointer("/parts/0/place/2").unwrap().as_i64(), Some(30));
}

#[test]
fn a_page_opened_later_sees_what_is_on_the_screen_now() {
    let mut kiosk = kiosk();
    let mut frame = Frame::new(GLASS);
    frame.fill_solid(&frame.bounds(), Color::new(1, 2, 3)).unwrap();
    kiosk.display.present(&frame, &[frame.bounds()], &outline("home")).unwrap();
    let mut page = Page::of(&kiosk);
    assert_eq!(page.next_piece(), ([0, 0, 80, 48], [1, 2, 3]));
    assert_eq!(page.next_outline().pointer("/screen").unwrap(), "home");
}

#[test]
fn the_mouse_is_the_finger_and_nonsense_is_ignored() {
    let kiosk = kiosk();
    let mut page = Page::of(&kiosk);
    page.say("{\"touch\":");
    page.say(r#"{"touch":"down","x":12,"y":34}"#);
    page.say(r#"{"touch":"up","x":900,"y":-1}"#);
    assert_eq!(kiosk.inputs.touches.recv_timeout(DEADLINE).unwrap(), Touch::Down(Point::new(12, 34)));
    assert_eq!(kiosk.inputs.touches.recv_timeout(DEADLINE).unwrap(), Touch::Up(Point::new(79, 0)));
}

#[test]
fn a_reading_of_the_scanner_comes_in_as_it_is_and_one_that_is_too_long_does_not() {
    let kiosk = kiosk();
    let mut page = Page::of(&kiosk);
    for reading in ["", &"A".repeat(513), "V-1121-07", "\\u0000<script>"] {
        page.say(&format!(r#"{{"scan":"{reading}"}}"#));
    }
    let next = || kiosk.inputs.readings.recv_timeout(DEADLINE).unwrap();
    assert_eq!((next().as_str(), next().as_str()), ("V-1121-07", "\u{0}<script>"));
}

#[test]
fn a_page_that_sends_too_much_is_shut_out_and_its_finger_lifted() {
    let kiosk = kiosk();
    let mut page = Page::of(&kiosk);
    page.say(r#"{"touch":"down","x":12,"y":34}"#);
    page.say(&"x".repeat(MESSAGE + 1));
    assert_eq!(kiosk.inputs.touches.recv_timeout(DEADLINE).unwrap(), Touch::Down(Point::new(12, 34)));
    assert_eq!(kiosk.inputs.touches.recv_timeout(DEADLINE).unwrap(), Touch::Cancel);
    wait_until("its seat is free", || kiosk.viewers() == 0);
}

#[test]
fn the_page_of_another_site_may_not_touch_the_screen() {
    let kiosk = kiosk();
    let refused = Page::open(kiosk.at, "http://elsewhere.example").err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    let (_, head) = request(kiosk.at, &["GET / HTTP/1.1", "Host: elsewhere.example"]);
    assert!(head.starts_with("HTTP/1.1 421"), "a name pointed at this machine: {head}");
}

#[test]
fn one_viewer_too_many_is_told_so() {
    let kiosk = kiosk();
    let pages: Vec<Page> = (0..VIEWERS).map(|_| Page::of(&kiosk)).collect();
    let refused = Page::open(kiosk.at, &format!("http://{}", kiosk.at)).err().unwrap();
    assert!(refused.starts_with("HTTP/1.1 503"), "{refused}");
    drop(pages);
    wait_until("the seats are free again", || kiosk.viewers() == 0);
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let kiosk = kiosk();
    let host = format!("Host: {}", kiosk.at);
    for path in ["/", "/page.css", "/page.js"] {
        let (_, head) = request(kiosk.at, &[&format!("GET {path} HTTP/1.1"), &host]);
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    }
    let all = concat!(include_str!("page.html"), include_str!("page.css"), include_str!("page.js"));
    assert!(!all.contains("https://") && !all.contains("http://"));
}

#[test]
fn when_the_screen_ends_its_pages_are_told_and_its_port_is_free() {
    let Kiosk { runtime, display, inputs, at } = kiosk();
    let mut page = Page::open(at, &format!("http://{at}")).unwrap();
    drop(display);
    let mut rest = Vec::new();
    page.stream.read_to_end(&mut rest).expect("the connection is closed, not broken off");
    wait_until("the port is free", || TcpListener::bind(at).is_ok());
    drop((runtime, inputs));
}
