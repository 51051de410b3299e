//! What shines and sounds around the glass, on a thread of its own: backlight, call lamp, buzzer, chime, prompts. Everybody says
//! what he wants and goes on; a light that takes its time holds nobody up. The last word counts, and nothing queues.

use crate::board::backlight::{self, Backlight};
use crate::board::gpio::{Output, Pulse, Switch, Wire};
use crate::board::sound::{self, Speaker};
use crate::config::board::{self, Board};
use crate::kiosk::{Light, Surroundings as Wants, Tone};
use anyhow::Context;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often hardware that has gone is looked for, and what somebody else has changed is put right.
const LOOK: Duration = Duration::from_secs(5);
/// The buzzer at an emergency: heard in the next room, and over before it hurts.
const BUZZ: Duration = Duration::from_secs(1);
/// A stroke of the chime.
const STROKE: Duration = Duration::from_millis(200);

/// What is wanted now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Wanted {
    light: Light,
    lamp: bool,
    /// To be heard, and how loud; of two at once the weightier.
    tone: Option<(Tone, u8)>,
    stop: bool,
}

#[derive(Debug)]
struct Shared {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

impl Shared {
    /// Somebody who has panicked has left a whole value: it is plain data.
    fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Wanted)) {
        change(&mut self.wanted());
        self.changed.notify_one();
    }

    /// Waits until something else is wanted than `now`, at most so long. What is to be heard is taken.
    fn next(&self, now: Option<Wanted>, pause: Duration) -> Wanted {
        let same = |wanted: &mut Wanted| now == Some(*wanted);
        let waited = self.changed.wait_timeout_while(self.wanted(), pause, same);
        let (mut wanted, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let next = *wanted;
        wanted.tone = None;
        next
    }
}

/// Tells the thread what is wanted. Cheap to clone.
#[derive(Clone)]
pub struct Teller(Arc<Shared>);

impl Teller {
    pub fn lamp(&self, on: bool) {
        self.0.change(|wanted| wanted.lamp = on);
    }
}

impl Wants for Teller {
    fn light(&mut self, light: Light) {
        self.0.change(|wanted| wanted.light = light);
    }

    fn tone(&mut self, tone: Tone, share: u8) {
        self.0.change(|wanted| wanted.tone = wanted.tone.max(Some((tone, share))));
    }
}

/// The running thread. Dropped, it leaves the light bright and every line off.
pub struct Surroundings {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Switches everything off that the last run may have left on, before anything else is done.
pub fn open(board: &Board) -> anyhow::Result<Surroundings> {
    let hardware = Hardware::of(board);
    let light = Light { alone: false, night: false };
    let wanted = Mutex::new(Wanted { light, lamp: false, tone: None, stop: false });
    let shared = Arc::new(Shared { wanted, changed: Condvar::new() });
    let told = shared.clone();
    let thread = thread::Builder::new().name("surroundings".into()).spawn(move || hardware.follow(&told));
    let thread = thread.context("the thread of lights and sounds cannot be started")?;
    Ok(Surroundings { shared, thread: Some(thread) })
}

impl Surroundings {
    pub fn teller(&self) -> Teller {
        Teller(self.shared.clone())
    }
}

impl Drop for Surroundings {
    fn drop(&mut self) {
        self.shared.change(|wanted| wanted.stop = true);
        if let Some(thread) = self.thread.take() {
            // A panic in it has been reported; its lines are off all the same.
            let _ = thread.join();
        }
    }
}

/// What this board has.
#[derive(Default)]
struct Hardware {
    backlight: Option<(Backlight, board::Backlight)>,
    lamp: Option<Box<dyn Switch>>,
    buzzer: Option<(Box<dyn Switch>, Pulse)>,
    chime: Option<(Box<dyn Switch>, Pulse)>,
    speaker: Option<(Speaker, u8)>,
}

impl Hardware {
    fn of(board: &Board) -> Self {
        let output = |name: &str| {
            let line = board.gpio.get(name)?;
            Some(Box::new(Output::open(wire(line))) as Box<dyn Switch>)
        };
        let backlight = board.backlight.as_ref().map(|levels| {
            (Backlight::new(Path::new(backlight::FOLDER), &levels.device, levels.bright), levels.clone())
        });
        Hardware {
            backlight,
            lamp: output("lamp"),
            buzzer: output("buzzer").map(|line| (line, Pulse::default())),
            chime: output("chime").map(|line| (line, Pulse::default())),
            speaker: board.sound.as_ref().map(|sound| (Speaker::new(&sound.device), sound.percent)),
        }
    }

    fn follow(mut self, shared: &Shared) {
        let began = Instant::now();
        let (mut now, mut pause) = (None, Duration::ZERO);
        loop {
            let next = shared.next(now, pause);
            if next.stop {
                return;
            }
            self.show(next, began.elapsed());
            now = Some(Wanted { tone: None, ..next });
            let due = self.due().map_or(LOOK, |due| due.saturating_sub(began.elapsed()));
            pause = due.min(LOOK);
        }
    }

    /// Brings everything to what is wanted. What failed is tried again each time.
    fn show(&mut self, wanted: Wanted, at: Duration) {
        if let Some((light, levels)) = &mut self.backlight {
            light.show(percent(levels, wanted.light));
        }
        if let Some(lamp) = &mut self.lamp {
            lamp.set(wanted.lamp);
        }
        if let Some((tone, share)) = wanted.tone {
            self.sound(tone, share, at);
        }
        for (line, pulse) in self.buzzer.iter_mut().chain(&mut self.chime) {
            line.set(pulse.is_on(at));
        }
        if let Some((speaker, _)) = &mut self.speaker {
            speaker.look(at);
        }
    }

    /// An emergency is for the staff: the buzzer. What is for whoever stands there comes from the card, or from a chime.
    fn sound(&mut self, tone: Tone, share: u8, at: Duration) {
        let notes = match tone {
            Tone::Emergency => {
                if let Some((_, pulse)) = &mut self.buzzer {
                    pulse.begin(BUZZ, at);
                }
                return;
            }
            Tone::Received => sound::RISING,
            Tone::MoreTime => sound::SINGLE,
        };
        if let Some((_, pulse)) = &mut self.chime
            && share > 0
        {
            pulse.begin(STROKE, at);
        }
        if let Some((speaker, percent)) = &mut self.speaker {
            speaker.play(notes, (u16::from(*percent) * u16::from(share) / 100) as u8, at);
        }
    }

    /// When something ends.
    fn due(&self) -> Option<Duration> {
        let pulses = self.buzzer.iter().chain(&self.chime).filter_map(|(_, pulse)| pulse.due());
        let speaker = self.speaker.as_ref().and_then(|(speaker, _)| speaker.due());
        pulses.chain(speaker).min()
    }
}

/// A line of the board file, as the hardware knows it.
pub(super) fn wire(line: &board::Line) -> Wire {
    Wire { name: line.line.clone(), active_low: line.active_low, pull: line.pull }
}

/// The board's level for this light.
fn percent(levels: &board::Backlight, light: Light) -> u8 {
    let night = levels.night.unwrap_or(levels.bright);
    match (light.alone, light.night) {
        (false, false) => levels.bright,
        (false, true) => night,
        (true, false) => levels.idle,
        (true, true) => levels.idle.min(night),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[derive(Clone, Default)]
    struct Fake(Arc<AtomicBool>);

    impl Fake {
        fn is_on(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    impl Switch for Fake {
        fn set(&mut self, on: bool) {
            self.0.store(on, Ordering::Relaxed);
        }
    }

    const HERE: Light = Light { alone: false, night: false };

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn wanted(tone: Option<(Tone, u8)>) -> Wanted {
        Wanted { light: HERE, lamp: false, tone, stop: false }
    }

    #[test]
    fn the_buzzer_sounds_at_an_emergency_and_stops_by_itself() {
        let (buzzer, chime) = (Fake::default(), Fake::default());
        let pulsed = |fake: &Fake| Some((Box::new(fake.clone()) as Box<dyn Switch>, Pulse::default()));
        let mut hardware = Hardware { buzzer: pulsed(&buzzer), chime: pulsed(&chime), ..Hardware::default() };
        hardware.show(wanted(Some((Tone::Emergency, 0))), ms(0));
        assert!(buzzer.is_on() && !chime.is_on());
        assert_eq!(hardware.due(), Some(BUZZ));
        hardware.show(wanted(None), BUZZ);
        assert!(!buzzer.is_on());
        hardware.show(wanted(Some((Tone::Received, 100))), ms(5_000));
        assert!(chime.is_on() && !buzzer.is_on());
        hardware.show(wanted(Some((Tone::Received, 0))), ms(9_000));
        assert!(!chime.is_on(), "nothing sounds into what is read aloud");
    }

    #[test]
    fn the_lamp_is_as_it_was_last_wanted_and_nothing_queues() {
        let shared = Arc::new(Shared { wanted: Mutex::new(wanted(None)), changed: Condvar::new() });
        let mut teller = Teller(shared.clone());
        for on in [true, false, true] {
            teller.lamp(on);
        }
        teller.tone(Tone::Emergency, 100);
        teller.tone(Tone::Received, 100);
        let next = shared.next(None, Duration::ZERO);
        assert!(next.lamp);
        assert_eq!(next.tone, Some((Tone::Emergency, 100)), "the weightier is heard");
        assert_eq!(shared.next(None, Duration::ZERO).tone, None, "and once");
    }

    #[test]
    fn it_is_dim_where_nobody_is_and_left_bright() {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join("10-0045");
        fs::create_dir(&device).unwrap();
        fs::write(device.join("brightness"), "100").unwrap();
        fs::write(device.join("max_brightness"), "100").unwrap();
        let levels = board::Backlight { device: "*-0045".into(), bright: 90, night: Some(40), idle: 30 };
        let light = Backlight::new(folder.path(), &levels.device, levels.bright);
        let mut hardware = Hardware { backlight: Some((light, levels)), ..Hardware::default() };
        for (alone, night, percent) in
            [(true, false, "30"), (true, true, "30"), (false, true, "40"), (false, false, "90")]
        {
            hardware.show(Wanted { light: Light { alone, night }, ..wanted(None) }, ms(0));
            assert_eq!(fs::read_to_string(device.join("brightness")).unwrap(), percent);
        }
        hardware.show(Wanted { light: Light { alone: true, night: false }, ..wanted(None) }, ms(0));
        drop(hardware);
        assert_eq!(fs::read_to_string(device.join("brightness")).unwrap(), "90");
    }
}
