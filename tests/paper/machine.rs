//! Printers of software, at a port of their own: they answer as the real ones do, turn what they are sent back into pictures of
//! dots, and misbehave as they are told to.

use lobbyd::board::printer::{Language, Paper, Place, Raster};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// As it should.
    Well,
    /// It prints and says nothing: many network ports are one way.
    Mute,
    OutOfPaper,
    CoverOpen,
    /// The paper ends while it prints: it says so, and prints nothing more.
    EndsMeanwhile,
    /// It says that it is well, takes the slip, and is never heard of again.
    Hangs,
    /// It hangs up in the middle of the slip.
    Closes,
    /// It answers everything with something.
    Garbage,
}

use Behaviour::{Closes, CoverOpen, EndsMeanwhile, Garbage, Hangs, Mute, OutOfPaper};

/// What has become of one printer.
#[derive(Default)]
struct Seen {
    pictures: Vec<Raster>,
    /// Bytes that are no command of its language.
    odd: usize,
}

pub struct Machine {
    pub place: Place,
    behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Seen>>,
}

impl Machine {
    pub fn start(paper: Paper, behaviour: Behaviour) -> Machine {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let place = Place::Net(listener.local_addr().unwrap());
        let behaviour = Arc::new(Mutex::new(behaviour));
        let seen = Arc::<Mutex<Seen>>::default();
        let machine = Machine { place, behaviour: behaviour.clone(), seen: seen.clone() };
        thread::spawn(move || {
            for stream in listener.incoming() {
                Job { paper, behaviour: behaviour.clone(), seen: seen.clone(), rows: Vec::new() }
                    .serve(stream.unwrap());
            }
        });
        machine
    }

    pub fn behave(&self, behaviour: Behaviour) {
        *self.behaviour.lock().unwrap() = behaviour;
    }

    /// The slips that have come out; every byte of them was a command.
    pub fn pictures(&self) -> Vec<Raster> {
        let seen = self.seen.lock().unwrap();
        assert_eq!(seen.odd, 0, "bytes that are no command");
        seen.pictures.clone()
    }
}

/// One connection.
struct Job {
    paper: Paper,
    behaviour: Arc<Mutex<Behaviour>>,
    seen: Arc<Mutex<Seen>>,
    rows: Vec<Vec<bool>>,
}

/// What one command leads to: how many bytes it had, and what is answered.
enum Step {
    /// It is not whole yet.
    More,
    Done(usize, Vec<u8>),
    Odd,
}

impl Job {
    fn serve(mut self, mut stream: TcpStream) {
        let (mut waiting, mut buffer) = (Vec::new(), [0; 4096]);
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            waiting.extend_from_slice(&buffer[..read]);
            if self.is(Closes) && !self.rows.is_empty() {
                return;
            }
            loop {
                let step = match self.paper.language {
                    Language::EscPos => self.escpos(&waiting),
                    Language::BrotherQl => self.brother(&waiting),
                };
                let (used, answer) = match step {
                    Step::More => break,
                    Step::Done(used, answer) => (used, answer),
                    Step::Odd => {
                        self.seen.lock().unwrap().odd += 1;
                        (1, Vec::new())
                    }
                };
                waiting.drain(..used);
                let answer = if self.is(Garbage) { b"\xffHTTP".to_vec() } else { answer };
                if !self.is(Mute) && stream.write_all(&answer).is_err() {
                    return;
                }
            }
        }
    }

    fn is(&self, behaviour: Behaviour) -> bool {
        *self.behaviour.lock().unwrap() == behaviour
    }

    /// It does nothing more: the paper has ended, or whatever has happened to it.
    fn is_dead(&self) -> bool {
        !self.rows.is_empty() && (self.is(Hangs) || self.is(EndsMeanwhile))
    }

    fn has_no_paper(&self) -> bool {
        self.is(OutOfPaper) || self.is(EndsMeanwhile) && !self.rows.is_empty()
    }

    fn cut(&mut self) {
        let mut picture = Raster::new(self.paper.dots, self.rows.len() as u32);
        for (y, row) in (0..).zip(self.rows.drain(..)) {
            row.iter().zip(0..).filter(|(black, _)| **black).for_each(|(_, x)| picture.blacken(x, y));
        }
        self.seen.lock().unwrap().pictures.push(picture);
    }

    fn escpos(&mut self, bytes: &[u8]) -> Step {
        let done = |used| Step::Done(used, Vec::new());
        match bytes {
            [0x10, 0x04, _, ..] if self.is(Hangs) && self.is_dead() => done(3),
            [0x10, 0x04, 2, ..] => {
                let cover = if self.is(CoverOpen) { 0x04 } else { 0 };
                Step::Done(3, vec![0x12 | cover | if self.has_no_paper() { 0x20 } else { 0 }])
            }
            [0x10, 0x04, 4, ..] => Step::Done(3, vec![0x12 | if self.has_no_paper() { 0x60 } else { 0 }]),
            [0x1b, b'@', ..] => done(2),
            [0x1d, b'v', b'0', 0, a, b, c, d, dots @ ..] => {
                let (wide, high) = (usize::from(*a) + 256 * usize::from(*b), usize::from(*c) + 256 * usize::from(*d));
                let Some(dots) = dots.get(..wide * high) else { return Step::More };
                self.rows.extend(dots.chunks_exact(wide).map(unpacked));
                done(8 + wide * high)
            }
            [0x1d, b'V', b'B', 0, ..] if self.is_dead() => done(4),
            [0x1d, b'V', b'B', 0, ..] => {
                self.cut();
                done(4)
            }
            [0x1d, b'r', 1, ..] if self.is_dead() => done(3),
            [0x1d, b'r', 1, ..] => Step::Done(3, vec![0]),
            _ if bytes.len() < 8 && (bytes.is_empty() || [0x10, 0x1b, 0x1d].contains(&bytes[0])) => Step::More,
            _ => Step::Odd,
        }
    }

    fn status(&self, kind: u8) -> Vec<u8> {
        let mut status = vec![0; 32];
        status[..5].copy_from_slice(b"\x80\x20B48");
        status[8] = if self.has_no_paper() { 0x02 } else { 0 };
        status[9] = if self.is(CoverOpen) { 0x10 } else { 0 };
        status[10] = if self.is(OutOfPaper) { 0 } else { self.paper.mm };
        status[11] = 0x0a;
        status[18] = kind;
        status
    }

    fn brother(&mut self, bytes: &[u8]) -> Step {
        let done = |used| Step::Done(used, Vec::new());
        let long = |used| if bytes.len() < used { Step::More } else { done(used) };
        match bytes {
            [0, ..] => done(1),
            [0x1b, b'@', ..] => done(2),
            [0x1b, b'i', b'S', ..] => Step::Done(3, self.status(0)),
            [0x1b, b'i', b'z', ..] => long(13),
            [0x1b, b'i', b'a' | b'M' | b'A' | b'K', ..] => long(4),
            [0x1b, b'i', b'd', ..] => long(5),
            [b'g', 0, wide, ..] => {
                let Some(dots) = bytes.get(3..3 + usize::from(*wide)) else { return Step::More };
                self.rows.push(self.on_paper(&unpacked(dots)));
                done(3 + usize::from(*wide))
            }
            [0x1a, ..] if self.is(EndsMeanwhile) => Step::Done(1, self.status(2)),
            [0x1a, ..] if self.is_dead() => done(1),
            [0x1a, ..] => {
                self.cut();
                Step::Done(1, [self.status(6), self.status(1)].concat())
            }
            [] | [0x1b, ..] | [b'g', ..] if bytes.len() < 3 => Step::More,
            _ => Step::Odd,
        }
    }

    /// The dots of the head that lie above the roll, from left to right; nothing may be burnt beside it.
    fn on_paper(&self, head: &[bool]) -> Vec<bool> {
        let margin = if self.paper.mm == 54 { 0 } else { 12 };
        let roll = margin..margin + self.paper.dots as usize;
        assert!(head.iter().enumerate().all(|(dot, black)| !black || roll.contains(&dot)), "beside the roll");
        head[roll].iter().rev().copied().collect()
    }
}

fn unpacked(bytes: &[u8]) -> Vec<bool> {
    bytes.iter().flat_map(|byte| (0..8).map(move |bit| byte & (0x80 >> bit) != 0)).collect()
}
