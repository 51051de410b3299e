//! Somebody at the glass, or a thousand of them: any presses, any readings of the scanner, any answers of the desk, any waiting.
//! It never ends on a page that does not exist, fits every text, and shows nobody anything once the person has gone.
#![no_main]

use common::now;
use embedded_graphics::prelude::Size;
use libfuzzer_sys::fuzz_target;
use lobbyd::desk::{Answer, Refusal};
use lobbyd::kiosk::{App, Effect, Input, Language, Metrics, Moment, Scan, samples};
use lobbyd::service::case::Objection;
use lobbyd::service::invitation::Refused;
use lobbyd::service::number::{Number, Series};
use std::time::Duration;

/// As many as fit a minute of a quick finger.
const MAX_STEPS: usize = 96;
/// Longer than the idle question and the wait for its answer.
const GONE: Duration = Duration::from_secs(100);
/// Longer than the kiosk drops second taps for.
const REACTION: Duration = Duration::from_millis(400);

struct Visitor<'a> {
    app: &'a mut App,
    at: Duration,
    /// What was handed to the desk last.
    ticket: u64,
}

impl Visitor<'_> {
    fn moment(&self) -> Moment {
        Moment { now: now(), at: self.at }
    }

    fn hear(&mut self, input: Input) {
        for Effect::Submit { ticket, .. } in self.app.update(input, self.moment()) {
            self.ticket = ticket;
        }
    }

    fn press(&mut self, nth: u8) {
        self.at += REACTION;
        let scene = self.app.preview();
        assert!(scene.overflow.is_empty(), "{}: {:?}", scene.screen, scene.overflow.len());
        let Some(last) = scene.targets.len().checked_sub(1) else { return };
        let press = scene.targets[usize::from(nth).min(last)].press;
        self.hear(Input::Click(press));
    }

    fn show(&mut self, code: &[u8]) {
        self.at += REACTION * 2;
        if let Some(scan) = std::str::from_utf8(code).ok().and_then(Scan::new) {
            self.hear(Input::Scanned(scan));
        }
    }

    fn wait(&mut self, time: Duration) {
        self.at += time;
        self.hear(Input::Tick);
    }

    fn is_answered(&mut self, how: u8) {
        self.at += REACTION;
        let number = Number { series: Series::Visit, day: 20_261_121, nth: u32::from(how) + 1 };
        let answer = match how % 9 {
            0 => Ok(Answer::Opened { number, reply_by: None }),
            1 => Err(Refusal::Busy),
            2 => Ok(Answer::Objected(Objection::Unknown)),
            3 => Ok(Answer::NotInvited(Refused::Forged)),
            4 => Ok(Answer::Progress(None)),
            5 => Ok(Answer::Found { number: Some(number) }),
            6 => Ok(Answer::SignedUp { number, waiting: how > 127 }),
            7 => Ok(Answer::Moved { number, state: "ended", version: 2 }),
            _ => Ok(Answer::Done),
        };
        self.hear(Input::Answered { ticket: self.ticket, answer });
    }
}

fn live(app: &mut App, bytes: &[u8]) {
    let mut visitor = Visitor { app, at: Duration::ZERO, ticket: 0 };
    let mut bytes = bytes.iter().copied();
    for _ in 0..MAX_STEPS {
        let Some(step) = bytes.next() else { break };
        match step {
            // Mostly fingers.
            0..=199 => visitor.press(step),
            200..=219 => {
                let length = usize::from(bytes.next().unwrap_or_default());
                let code: Vec<u8> = bytes.by_ref().take(length).collect();
                visitor.show(&code);
            }
            220..=239 => visitor.is_answered(bytes.next().unwrap_or_default()),
            240..=254 => visitor.wait(Duration::from_secs(u64::from(step) - 239)),
            255 => visitor.hear(Input::Near(true)),
        }
    }
    (0..4).for_each(|_| visitor.wait(GONE));
}

fuzz_target!(|bytes: &[u8]| {
    let metrics = Metrics::new(Size::new(800, 480), 133);
    let moment = Moment { now: now(), at: Duration::ZERO };
    let mut app = App::new(samples::settings(Language::English), metrics, moment);
    let home = app.preview().outline();
    live(&mut app, bytes);
    let left = app.preview();
    // An alarm goes on although whoever raised it has gone: its page says so, without a word that he typed.
    if !left.screen.starts_with("emergency") && !left.screen.starts_with("help") {
        assert_eq!((left.screen.as_str(), left.language), ("home", "en"));
        assert_eq!(left.outline().parts, home.parts, "nothing is left of the person");
    }
});
