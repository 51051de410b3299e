//! What the glass must show: the same kiosk, drawn by the test itself. A person at the machine's glass presses what it names,
//! and both must show the same, pixel by pixel, clock and all. The only thing that it takes over from the machine is its time.

use crate::machine::Machine;
use crate::picture::Picture;
use chrono::{DateTime, TimeDelta, Utc};
use embedded_graphics::prelude::{Point, Size};
use lobbyd::board::Touch;
use lobbyd::desk::Answer;
use lobbyd::event::Now;
use lobbyd::kiosk::{App, Effect, Input, Language, Metrics, Moment, Settings, samples};
use lobbyd::service::number::Number;
use std::path::Path;
use std::time::{Duration, Instant};

/// Longest wait for a picture. The machine draws some twenty times slower than the one it runs on.
const PATIENCE: Duration = Duration::from_secs(60);
/// A person needs so long to see that the page has changed; the kiosk drops presses that come sooner, as meant for the old one.
const REACTION: Duration = Duration::from_millis(450);
/// The machine was off for a while and nobody has told it the time, so its service time is late: by so many minutes at most.
const LATE: i64 = 15;

/// How the panel hangs, which the daemon makes up for and the test too.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Hang {
    Upright,
    /// A quarter turn clockwise.
    Lying,
    /// Upright, but its touch panel is wired with its axes exchanged.
    Crossed,
}

pub struct Kiosk {
    app: App,
    hang: Hang,
    size: Size,
    /// The machine's time, as far as it is known.
    now: DateTime<Utc>,
    at: Duration,
    submitted: Option<u64>,
}

impl Kiosk {
    /// At its home page. `now` is the machine's time, not earlier.
    pub fn new([width, height]: [u32; 2], dpi: u32, hang: Hang, now: DateTime<Utc>) -> Self {
        let size = Size::new(width, height);
        let moment = Moment { now: Now { utc: now, synced: true }, at: Duration::ZERO };
        let mut app = App::new(settings(), Metrics::new(size, dpi), moment);
        app.draw();
        Kiosk { app, hang, size, now, at: Duration::ZERO, submitted: None }
    }

    fn moment(&self) -> Moment {
        Moment { now: Now { utc: self.now, synced: true }, at: self.at }
    }

    fn at(&mut self, now: DateTime<Utc>) -> Picture {
        self.now = now;
        self.app.update(Input::Tick, self.moment());
        self.app.draw();
        Picture::drawn(self.app.frame())
    }

    /// Waits until the machine's glass shows the same.
    pub fn compare(&mut self, machine: &mut Machine) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let shown = self.look(machine);
            // As before in nearly every case, or a minute later.
            let minutes = [0, 1, 2].into_iter().chain((1..LATE).map(|late| -late));
            let known = self.now;
            if minutes.map(|minute| known + TimeDelta::minutes(minute)).any(|now| self.at(now) == shown) {
                return;
            }
            self.now = known;
            if Instant::now() > deadline {
                self.complain(&shown);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn complain(&mut self, shown: &Picture) -> ! {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let wanted = self.at(self.now);
        shown.write(&folder.join("shown.ppm"));
        wanted.write(&folder.join("wanted.ppm"));
        let (page, pixels) = (self.app.scene().outline().screen, wanted.differs(shown));
        panic!(
            "{page} is not on the glass: {pixels} pixels differ, see shown.ppm and wanted.ppm in {}",
            folder.display()
        );
    }

    fn look(&self, machine: &mut Machine) -> Picture {
        let shown = machine.look();
        match self.hang {
            Hang::Upright | Hang::Crossed => shown,
            Hang::Lying => shown.seen_lying(),
        }
    }

    /// Touches what this names, here and there.
    pub fn press(&mut self, machine: &mut Machine, id: &str) {
        let outline = self.app.scene().outline();
        let part = outline.parts.iter().find(|part| part.id == id);
        let at = part.unwrap_or_else(|| panic!("no {id} on {}", outline.screen)).place.center();
        std::thread::sleep(REACTION);
        let on_panel = self.on_panel(at);
        machine.finger(&format!("tap {} {}", on_panel.x, on_panel.y));
        self.touched(at);
    }

    /// The same without a machine, for one whose glass cannot be looked at.
    pub fn goes(&mut self, id: &str) {
        let outline = self.app.scene().outline();
        let part = outline.parts.iter().find(|part| part.id == id);
        self.touched(part.unwrap_or_else(|| panic!("no {id} on {}", outline.screen)).place.center());
    }

    fn touched(&mut self, at: Point) {
        self.at += REACTION;
        for touch in [Touch::Down(at), Touch::Up(at)] {
            self.at += Duration::from_millis(80);
            for Effect::Submit { ticket, .. } in self.app.touch(touch, self.at, self.moment()) {
                self.submitted = Some(ticket);
            }
            self.app.draw();
        }
    }

    /// The same, and sees that the glass does what it should.
    pub fn press_through(&mut self, machine: &mut Machine, id: &str) {
        self.press(machine, id);
        self.compare(machine);
    }

    pub fn type_in(&mut self, machine: &mut Machine, text: &str) {
        text.chars().for_each(|c| self.press_through(machine, &format!("key.{c}")));
    }

    /// The desk has answered: this number.
    pub fn is_told(&mut self, number: Number) {
        let ticket = self.submitted.take().expect("something was submitted");
        let answer = Ok(Answer::Opened { number, reply_by: None });
        self.app.update(Input::Answered { ticket, answer }, self.moment());
        self.app.draw();
    }

    /// Where on the panel a pixel of the picture is, in the panel's own coordinates: see the board file's matrix.
    pub fn on_panel(&self, at: Point) -> Point {
        match self.hang {
            Hang::Upright => at,
            Hang::Lying => Point::new(at.y, self.size.width as i32 - 1 - at.x),
            Hang::Crossed => Point::new(at.y, at.x),
        }
    }

    /// The middle of what this names, on the panel.
    pub fn place(&self, id: &str) -> Point {
        let outline = self.app.scene().outline();
        let part = outline.parts.into_iter().find(|part| part.id == id).unwrap_or_else(|| panic!("no {id}"));
        self.on_panel(part.place.center())
    }
}

/// As in lobby.toml: the house of the golden pictures, without invitations and with more patience.
fn settings() -> Settings {
    // As the package brings it: visitors are told 90 days, the pictures of the other tests say 30.
    Settings {
        invitations: false,
        visit_days: 90,
        idle: Duration::from_secs(600),
        ..samples::settings(Language::Chinese)
    }
}
