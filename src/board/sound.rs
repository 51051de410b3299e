//! Short prompts of a few soft notes, made in code and played by `aplay` of alsa-utils: one at a time, never longer than a
//! second, never louder than the board file says. A card that is missing or hangs harms nobody.

use std::f32::consts::TAU;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PROGRAM: &str = "aplay";

/// Samples a second. Enough for notes below 1 kHz, and a whole prompt fits into a pipe: writing it never waits.
const RATE: u32 = 22_050;

/// No prompt is longer.
pub const LONGEST: Duration = Duration::from_secs(1);

/// A card that has not played a prompt after this hangs: its player is ended.
const PATIENCE: Duration = Duration::from_secs(5);

/// A note fades in and out within this, so that it does not click.
const EDGE: f32 = 0.01;

/// One note: its pitch in Hz, when it begins and how long it rings, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Note {
    pub hz: f32,
    pub from: u16,
    pub rings: u16,
}

const fn note(hz: f32, from: u16, rings: u16) -> Note {
    Note { hz, from, rings }
}

/// Upwards, E and A: done.
pub const RISING: &[Note] = &[note(659.3, 0, 350), note(880.0, 180, 600)];
/// One A, low and soft: a question.
pub const SINGLE: &[Note] = &[note(440.0, 0, 600)];

pub struct Speaker {
    /// Always [`PROGRAM`], but in tests.
    program: &'static str,
    device: String,
    playing: Option<(Child, Duration)>,
    failed: bool,
}

impl Speaker {
    /// `device` as `aplay -L` names it.
    pub fn new(device: &str) -> Self {
        Speaker { program: PROGRAM, device: device.to_owned(), playing: None, failed: false }
    }

    /// Plays it, unless something plays: two at once are noise. `at` is a time since some start.
    pub fn play(&mut self, notes: &[Note], percent: u8, at: Duration) {
        self.look(at);
        if self.playing.is_some() || percent == 0 {
            return;
        }
        match self.start(&pcm(notes, percent)) {
            Ok(child) => self.playing = Some((child, at)),
            Err(error) => self.fail(format!("{} of alsa-utils cannot be started: {error}", self.program)),
        }
    }

    /// Buries the player when it has ended, ends it when it hangs.
    pub fn look(&mut self, at: Duration) {
        let Some((mut child, since)) = self.playing.take() else { return };
        match child.try_wait() {
            Ok(Some(status)) if status.success() => self.failed = false,
            Ok(Some(_)) => {
                self.fail(format!("the sound card \"{}\" plays nothing: aplay -L names the cards", self.device))
            }
            Ok(None) if at.saturating_sub(since) < PATIENCE => self.playing = Some((child, since)),
            Ok(None) | Err(_) => {
                let _ = child.kill();
                let _ = child.wait();
                self.fail(format!("the sound card \"{}\" hangs", self.device));
            }
        }
    }

    /// When to look again.
    pub fn due(&self) -> Option<Duration> {
        self.playing.as_ref().map(|(_, since)| *since + PATIENCE)
    }

    fn start(&self, pcm: &[u8]) -> std::io::Result<Child> {
        let rate = RATE.to_string();
        let form = ["-q", "-D", &self.device, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", &rate];
        let mut child = Command::new(self.program)
            .args(form)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            // One that ended at once has nobody to read it; its exit code says so.
            let _ = input.write_all(pcm);
        }
        Ok(child)
    }

    fn fail(&mut self, what: String) {
        if !std::mem::replace(&mut self.failed, true) {
            super::count_fault("sound");
            tracing::warn!("{what}");
        }
    }
}

impl Drop for Speaker {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.playing.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Where `aplay` is installed.
pub fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|file| file.is_file())
}

/// The notes as signed 16-bit samples, little-endian: together at most `percent` of what the card can.
fn pcm(notes: &[Note], percent: u8) -> Vec<u8> {
    let end = notes.iter().map(|note| u32::from(note.from) + u32::from(note.rings)).max().unwrap_or(0);
    let samples = end.min(LONGEST.as_millis() as u32) * RATE / 1000;
    let share = f32::from(i16::MAX) * f32::from(percent.min(100)) / 100.0 / notes.len().max(1) as f32;
    let sample = |n: u32| {
        let at = n as f32 / RATE as f32;
        let sum: f32 = notes.iter().map(|note| note.level(at)).sum();
        ((sum * share) as i16).to_le_bytes()
    };
    (0..samples).flat_map(sample).collect()
}

impl Note {
    /// Between -1 and 1, at a time in seconds: struck, and dying away like a bell.
    fn level(self, at: f32) -> f32 {
        let (at, rings) = (at - f32::from(self.from) / 1000.0, f32::from(self.rings) / 1000.0);
        if at < 0.0 || at > rings {
            return 0.0;
        }
        let edge = (at / EDGE).min((rings - at) / EDGE).min(1.0);
        (TAU * self.hz * at).sin() * (-4.0 * at / rings).exp() * edge
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn levels(notes: &[Note], percent: u8) -> Vec<i16> {
        pcm(notes, percent).chunks(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
    }

    #[test]
    fn the_prompts_are_heard_short_and_without_a_click() {
        /// What a pipe holds: more would wait for the card.
        const PIPE: usize = 65_536;
        for notes in [RISING, SINGLE] {
            let levels = levels(notes, 80);
            assert!(levels.len() * 2 <= PIPE && levels.iter().any(|level| level.abs() > 5_000));
            assert!(levels.first().unwrap().abs() < 500 && levels.last().unwrap().abs() < 500);
        }
    }

    proptest! {
        #[test]
        fn nothing_is_louder_or_longer_than_allowed(
            notes in prop::collection::vec((50f32..2_000.0, any::<u16>(), any::<u16>()), 0..5),
            percent in any::<u8>(),
        ) {
            let notes: Vec<Note> = notes.into_iter().map(|(hz, from, rings)| note(hz, from, rings)).collect();
            let most = i32::from(i16::MAX) * i32::from(percent.min(100)) / 100 + 1;
            let levels = levels(&notes, percent);
            prop_assert!(levels.len() <= RATE as usize);
            prop_assert!(levels.iter().all(|level| i32::from(*level).abs() <= most));
        }
    }

    /// Plays one prompt to its end on a card that this program stands for.
    fn played(speaker: &mut Speaker, program: &'static str) {
        speaker.program = program;
        speaker.play(RISING, 40, Duration::ZERO);
        let deadline = std::time::Instant::now() + Duration::from_secs(60);
        while speaker.playing.is_some() {
            assert!(std::time::Instant::now() < deadline, "{program} does not end");
            speaker.look(Duration::ZERO);
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_card_that_plays_nothing_is_told_and_the_next_prompt_is_tried_all_the_same() {
        let mut speaker = Speaker::new("default");
        for (program, failed) in [("true", false), ("no-such-player", true), ("true", false), ("false", true)] {
            played(&mut speaker, program);
            assert_eq!(speaker.failed, failed, "{program}");
        }
    }

    #[test]
    fn two_prompts_never_sound_at_once_and_a_card_that_hangs_is_given_up() {
        let hanging = Command::new("sleep").arg("600").spawn().unwrap();
        let id = hanging.id();
        let mut speaker = Speaker::new("default");
        (speaker.program, speaker.playing) = ("true", Some((hanging, Duration::ZERO)));
        speaker.play(SINGLE, 40, PATIENCE - Duration::from_millis(1));
        assert_eq!(speaker.playing.as_ref().map(|(child, _)| child.id()), Some(id));
        speaker.look(PATIENCE);
        assert!(speaker.playing.is_none() && speaker.failed);
    }
}
