//! The light behind the panel: a file in /sys, in per cent of the brightest. It never goes out, because some panels lose their
//! touch when they are blanked (raspberrypi/linux#6456), and a dark kiosk looks broken.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where the kernel keeps the lights.
pub const FOLDER: &str = "/sys/class/backlight";

/// What is wrong with a light.
#[derive(Debug, thiserror::Error)]
pub enum BacklightError {
    #[error("no backlight {0} in {1}: ls there shows what there is")]
    Missing(String, PathBuf),
    #[error("the backlight {0} cannot be set: {1}")]
    Refused(PathBuf, io::Error),
}

/// One light, looked for by its name at every turn: a panel may come later than the daemon, or again.
pub struct Backlight {
    folder: PathBuf,
    name: String,
    /// Per cent that it is left at.
    rest: u8,
    failed: bool,
}

impl Backlight {
    /// `name` is the board file's, where `*` stands for anything. It is left at `rest` per cent.
    pub fn new(folder: &Path, name: &str, rest: u8) -> Self {
        Backlight { folder: folder.to_owned(), name: name.to_owned(), rest, failed: false }
    }

    /// Brings the light to so many per cent, where it is not there yet. Says once what is in the way, until it works again.
    pub fn show(&mut self, percent: u8) {
        match self.set(percent) {
            Ok(()) if self.failed => {
                self.failed = false;
                tracing::info!(name = self.name, "the backlight is here");
            }
            Ok(()) => {}
            Err(_) if self.failed => {}
            Err(error) => {
                self.failed = true;
                super::count_fault("backlight");
                tracing::warn!("{error}");
            }
        }
    }

    fn set(&self, percent: u8) -> Result<(), BacklightError> {
        let device = find(&self.folder, &self.name)?;
        let write = || -> io::Result<()> {
            let raw = raw(percent, number(&device.join("max_brightness"))?);
            // The kernel blanks it by itself when the console sleeps. Not every light has this file.
            if number(&device.join("bl_power")).is_ok_and(|power| power != 0) {
                fs::write(device.join("bl_power"), "0")?;
            }
            if number(&device.join("brightness"))? != raw {
                fs::write(device.join("brightness"), raw.to_string())?;
            }
            Ok(())
        };
        write().map_err(|error| BacklightError::Refused(device.clone(), error))
    }
}

impl Drop for Backlight {
    fn drop(&mut self) {
        self.show(self.rest);
    }
}

/// Whether the light is there and may be set.
pub fn probe(folder: &Path, name: &str) -> Result<PathBuf, BacklightError> {
    let device = find(folder, name)?;
    match fs::File::options().write(true).open(device.join("brightness")) {
        Ok(_) => Ok(device),
        Err(error) => Err(BacklightError::Refused(device, error)),
    }
}

/// The first of that name, in the order of the names.
fn find(folder: &Path, name: &str) -> Result<PathBuf, BacklightError> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let fitting = entries.filter(|entry| fits(name, &entry.file_name().to_string_lossy()));
    let first = fitting.map(|entry| entry.path()).min();
    first.ok_or_else(|| BacklightError::Missing(name.to_owned(), folder.to_owned()))
}

/// Whether `name` fits `wanted`, in which `*` stands for anything.
fn fits(wanted: &str, name: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == name,
        Some((before, after)) => name
            .strip_prefix(before)
            .is_some_and(|rest| rest.char_indices().any(|(n, _)| fits(after, &rest[n..])) || fits(after, "")),
    }
}

fn number(file: &Path) -> io::Result<u32> {
    let text = fs::read_to_string(file)?;
    text.trim().parse().map_err(|_| io::Error::other(format!("{} holds no number", file.display())))
}

/// Never nothing: the darkest step is 1.
fn raw(percent: u8, most: u32) -> u32 {
    let raw = u64::from(most) * u64::from(percent.min(100)) / 100;
    (raw as u32).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A folder like /sys/class/backlight with one light of 31 steps.
    fn light(name: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let device = folder.path().join(name);
        fs::create_dir(&device).unwrap();
        for (file, text) in [("brightness", "31\n"), ("max_brightness", "31\n"), ("bl_power", "0\n")] {
            fs::write(device.join(file), text).unwrap();
        }
        (folder, device)
    }

    fn brightness(device: &Path) -> u32 {
        number(&device.join("brightness")).unwrap()
    }

    #[test]
    fn it_is_found_by_name_set_in_per_cent_and_left_bright() {
        let (folder, device) = light("10-0045");
        let mut backlight = Backlight::new(folder.path(), "*-0045", 100);
        backlight.show(30);
        assert_eq!(brightness(&device), 9);
        drop(backlight);
        assert_eq!(brightness(&device), 31);
    }

    #[test]
    fn one_that_the_console_blanked_is_lit_again() {
        let (folder, device) = light("rpi_backlight");
        fs::write(device.join("bl_power"), "4\n").unwrap();
        Backlight::new(folder.path(), "rpi_backlight", 100).show(100);
        assert_eq!(number(&device.join("bl_power")).unwrap(), 0);
    }

    #[test]
    fn one_that_comes_later_is_taken_up() {
        let folder = tempfile::tempdir().unwrap();
        let mut backlight = Backlight::new(folder.path(), "*-0045", 100);
        backlight.show(30);
        assert!(backlight.failed);
        let (made, _) = light("4-0045");
        fs::rename(made.path().join("4-0045"), folder.path().join("4-0045")).unwrap();
        backlight.show(30);
        assert_eq!(brightness(&folder.path().join("4-0045")), 9);
        assert!(!backlight.failed);
    }

    #[test]
    fn a_star_stands_for_anything() {
        assert!(
            fits("*-0045", "10-0045") && fits("*", "x") && fits("rpi*", "rpi_backlight") && fits("1*-*5", "11-0045")
        );
        assert!(!fits("*-0045", "10-0046") && !fits("rpi", "rpi_backlight") && !fits("*-0045", ""));
    }

    proptest! {
        #[test]
        fn it_never_goes_out_and_never_beyond_the_brightest(percent in any::<u8>(), most in 1..=u32::MAX) {
            prop_assert!((1..=most).contains(&raw(percent, most)));
        }
    }
}
