//! Reads questions aloud through espeak-ng, where it is installed. One process at a time, killed when the page changes. It is
//! given sentences of the house only, on its standard input, and never a word that somebody has typed.

use crate::kiosk::{Language, Speech};
use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = "espeak-ng";

/// espeak-ng's own scale of loudness at 100 per cent; it goes on to 200, where it distorts.
const FULL: u32 = 100;

/// Words a minute: slower than its 175, for whoever does not hear well.
const SPEED: &str = "140";

pub struct Espeak {
    program: PathBuf,
    speaking: Option<Child>,
}

impl Espeak {
    /// Where it is installed.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let program = std::env::split_paths(&path).map(|folder| folder.join(PROGRAM)).find(|file| file.is_file())?;
        Some(Espeak { program, speaking: None })
    }
}

impl Speech for Espeak {
    fn say(&mut self, language: Language, loudness: u8, words: &str) {
        self.hush();
        let loudness = (u32::from(loudness) * FULL / 100).to_string();
        let mut command = Command::new(&self.program);
        command.args(["-v", voice(language), "-a", &loudness, "-s", SPEED, "--stdin"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        match child {
            Ok(mut child) => {
                // A few hundred bytes never fill a pipe; one that ended at once has nobody to read them.
                if let Some(mut input) = child.stdin.take() {
                    let _ = input.write_all(words.as_bytes());
                }
                self.speaking = Some(child);
            }
            Err(error) => tracing::warn!("{} cannot be started: {error}", self.program.display()),
        }
    }

    fn hush(&mut self) {
        if let Some(mut child) = self.speaking.take() {
            // It may have ended by itself; either way it is buried here.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Espeak {
    fn drop(&mut self) {
        self.hush();
    }
}

/// Its name of the voice. Written Chinese of either kind is read in Putonghua.
const fn voice(language: Language) -> &'static str {
    match language {
        Language::Chinese | Language::Traditional => "cmn",
        language => language.tag(),
    }
}
