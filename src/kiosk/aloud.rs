//! The question of each page, read aloud for whoever asks for it. It reads what the house says and never what somebody has
//! typed, because the lobby listens.

use super::language::Language;
use super::scene::Scene;
use crate::board::Role;

/// Most characters that are read of one page: about half a minute.
const MOST: usize = 200;

/// By night it is read at this part of the loudness, in per cent: the lobby is silent then.
pub(super) const NIGHT: u16 = 50;

/// Whatever speaks. It must return at once: the glass does not wait for a voice.
pub trait Speech {
    /// Says this instead of what is being said. `loudness` in per cent, at most 100.
    fn say(&mut self, language: Language, loudness: u8, words: &str);
    fn hush(&mut self);
}

/// What was read last.
#[derive(Default)]
pub struct Aloud {
    said: Option<(Language, String)>,
}

impl Aloud {
    /// Follows the picture. `loudness` is `None` while nobody wants to hear it.
    pub fn follow(
        &mut self,
        scene: &Scene,
        language: Language,
        loudness: Option<u8>,
        night: bool,
        speech: &mut dyn Speech,
    ) {
        let heading = scene.parts.iter().find(|part| part.role == Role::Heading);
        let Some((loudness, heading)) = loudness.zip(heading) else {
            if self.said.take().is_some() {
                speech.hush();
            }
            return;
        };
        let words: String = heading.label.chars().take(MOST).collect();
        let now = Some((language, words));
        if now != self.said
            && let Some((language, words)) = &now
        {
            let loudness = if night { (u16::from(loudness.min(100)) * NIGHT / 100) as u8 } else { loudness.min(100) };
            speech.say(*language, loudness, words);
            self.said = now;
        }
    }
}
