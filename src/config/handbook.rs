//! The entries of notices and handbook on disk: one file each, written by the company, read when they have changed. A file
//! counts whole or not at all; one that cannot be used is named and left out, and never stops the others or the daemon.

use super::error::Fault;
use super::source::typed_of_people;
use super::{ConfigError, load as text};
use crate::event::Slug;
use crate::service::knowledge::{At, Entry, Handbook, Head, Wrong, split};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Ending of an entry's file. Everything else in the folder is left alone.
const ENDING: &str = "md";
/// Entries of one lobby: nobody pages through more, and the glass numbers what can be touched with a byte.
pub const MAX_ENTRIES: usize = 200;
/// Longest file in bytes: six languages of a long text, with three bytes a Chinese character.
pub const MAX_FILE: u64 = 64 << 10;

macro_rules! example {
    ($($name:literal),+ $(,)?) => {
        /// Entries of a house that does not exist, by name: what the demo and the pictures show, and an example to copy.
        pub const EXAMPLE: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../assets/handbook/", $name, ".md")))),+];
    };
}

example! {
    "air-conditioning",
    "assembly",
    "committee-day",
    "decoration",
    "fee-questions",
    "large-parcels",
    "lift-contract",
    "lifts",
    "lobby-floor",
    "moving-in",
    "moving-out",
    "reading-corner",
    "transport",
    "water-and-power",
    "way",
    "winter-pipes",
}

/// What a folder holds.
#[derive(Debug, Default)]
pub struct Loaded {
    pub handbook: Handbook,
    /// The files that are left out, and why.
    pub bad: Vec<ConfigError>,
}

/// One entry from its file's name, without the ending, and its text.
///
/// # Errors
/// With everything that is wrong in the first stage that failed: the head's keys, or what they say and the texts.
pub fn entry(name: &str, text: &str) -> Result<Entry, Vec<Fault>> {
    // What some editors put before a text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let id = Slug::new(name).map_err(|_| {
        let hint = "name the file with a-z, 0-9 and - only, such as lift-inspection.md";
        vec![Fault::of_file("the file's name cannot be an entry's name", hint)]
    })?;
    let (head, texts, first_line) = split(text);
    let (head, source) = typed_of_people::<Head>(head).map_err(|fault| vec![fault])?;
    Entry::new(id, head, texts, first_line).map_err(|wrong| {
        let fault = |wrong: Wrong| {
            let hint = Some(wrong.remedy.to_owned());
            match wrong.at {
                At::Key(key) => source.fault(key, wrong.what, hint),
                At::Line(line) => Fault { hint, ..Fault::of_line(line, wrong.what) },
            }
        };
        wrong.into_iter().map(fault).collect()
    })
}

/// Reads all entries of a folder.
///
/// # Errors
/// When the folder itself cannot be read.
pub fn load(folder: &Path) -> Result<Loaded, ConfigError> {
    Ok(of_files(folder, &files(folder)?))
}

/// How many files there are after such a change; more than [`MAX_ENTRIES`] are not all read.
///
/// # Errors
/// When the folder cannot be read.
pub fn count_after<'a>(
    folder: &Path,
    set: impl Iterator<Item = &'a str>,
    remove: impl Iterator<Item = &'a str>,
) -> io::Result<usize> {
    let found = files(folder).map_err(io::Error::other)?;
    let stem = |found: &Found| found.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let mut names: BTreeSet<String> = found.iter().filter_map(stem).collect();
    names.extend(set.map(str::to_owned));
    remove.for_each(|name| _ = names.remove(name));
    Ok(names.len())
}

/// Writes and removes entries that were read before; how many files there are then. Each of them is changed whole, and none before
/// all the new ones are on the disk.
///
/// # Errors
/// When the folder cannot be written. What was exchanged before that stays exchanged: the same change again ends it.
pub fn change<'a>(
    folder: &Path,
    set: impl Iterator<Item = (&'a str, &'a str)>,
    remove: impl Iterator<Item = &'a str>,
) -> Result<usize, ChangeError> {
    let place = |id: &str| folder.join(format!("{id}.{ENDING}"));
    let written = set.map(|(id, text)| {
        // Hidden: nobody reads it before it has its name.
        let next = folder.join(format!(".{id}.{ENDING}.new"));
        fs::write(&next, text).and_then(|()| File::open(&next)?.sync_all()).map(|()| (next, place(id)))
    });
    let written = written.collect::<io::Result<Vec<_>>>().map_err(ChangeError::Unchanged)?;
    exchange(written, remove.map(place)).map_err(ChangeError::Half)?;
    let count = || files(folder).map(|files| files.len()).map_err(io::Error::other);
    File::open(folder).and_then(|folder| folder.sync_all()).and_then(|()| count()).map_err(ChangeError::Half)
}

fn exchange(written: Vec<(PathBuf, PathBuf)>, mut gone: impl Iterator<Item = PathBuf>) -> io::Result<()> {
    written.into_iter().try_for_each(|(next, place)| fs::rename(next, place))?;
    gone.try_for_each(|place| match fs::remove_file(place) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// How far a change has come.
#[derive(Debug)]
pub enum ChangeError {
    /// Nothing is different.
    Unchanged(io::Error),
    /// Some of it may be.
    Half(io::Error),
}

/// An entry's file as it was found: inode, length and time tell whether it has changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Found {
    path: PathBuf,
    seen: (u64, u64, SystemTime),
}

/// The entries' files, by name.
fn files(folder: &Path) -> Result<Vec<Found>, ConfigError> {
    let failed = |error: io::Error| {
        let fault = Fault::of_file(format!("cannot be read: {error}"), "let the user that runs lobbyd read the folder");
        ConfigError { file: folder.to_owned(), faults: vec![fault] }
    };
    let mut found = Vec::new();
    for file in fs::read_dir(folder).map_err(failed)? {
        let path = file.map_err(failed)?.path();
        let hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        // What has gone meanwhile is not there; a pipe would never end.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if !hidden && metadata.is_file() && path.extension().is_some_and(|ending| ending == ENDING) {
            let seen = (metadata.ino(), metadata.len(), metadata.modified().map_err(failed)?);
            found.push(Found { path, seen });
        }
    }
    found.sort();
    Ok(found)
}

fn of_files(folder: &Path, found: &[Found]) -> Loaded {
    let (mut entries, mut bad) = (Vec::new(), Vec::new());
    for Found { path, seen } in found.iter().take(MAX_ENTRIES) {
        match of_file(path, seen.1) {
            Ok(entry) => entries.push(entry),
            Err(faults) => bad.push(ConfigError { file: path.clone(), faults }),
        }
    }
    if found.len() > MAX_ENTRIES {
        let problem = format!("holds {} entries; the first {MAX_ENTRIES} by name are used", found.len());
        let faults = vec![Fault::of_file(problem, "take out what is not valid any more")];
        bad.push(ConfigError { file: folder.to_owned(), faults });
    }
    Loaded { handbook: Handbook::new(entries), bad }
}

fn of_file(path: &Path, length: u64) -> Result<Entry, Vec<Fault>> {
    if length > MAX_FILE {
        let problem = format!("is longer than {MAX_FILE} bytes");
        return Err(vec![Fault::of_file(problem, "make several entries of it; pictures cannot stand in one")]);
    }
    let text = text::read(path).map_err(|fault| vec![fault])?;
    entry(&path.file_stem().unwrap_or_default().to_string_lossy(), &text)
}

/// Looks whether anything in the folder has changed.
#[derive(Debug)]
pub struct Watch {
    folder: PathBuf,
    seen: Option<Vec<Found>>,
}

impl Watch {
    pub fn new(folder: &Path) -> Self {
        Watch { folder: folder.to_owned(), seen: None }
    }

    /// All entries, if anything has changed since the last look. It reads the disk: not for a thread that must not wait.
    ///
    /// # Errors
    /// When the folder cannot be read, each time.
    pub fn look(&mut self) -> Result<Option<Loaded>, ConfigError> {
        let found = files(&self.folder)?;
        if self.seen.as_ref() == Some(&found) {
            return Ok(None);
        }
        let loaded = of_files(&self.folder, &found);
        self.seen = Some(found);
        Ok(Some(loaded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::knowledge::Section;
    use crate::service::staff::Role;
    use crate::service::wording;

    const HEAD: &str = "section = \"notice\"\nlevel = \"public\"\ncontact = { en = \"Front desk\" }\n";
    const GOOD: &str = "section = \"notice\"\nlevel = \"public\"\ncontact = { en = \"Front desk\" }\n\
                        valid_until = 2026-12-31\n+++ en\n# Water\nNo water at noon.\n";

    fn ids(loaded: &Loaded) -> Vec<String> {
        loaded.handbook.readable_by(Role::Supervisor).map(|entry| entry.id.to_string()).collect()
    }

    #[test]
    fn a_bad_file_is_named_with_its_line_and_the_others_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("good.md", GOOD);
        write("level.md", &GOOD.replace("public", "pubic"));
        write("date.md", &GOOD.replace("2026-12-31", "\"2026-12-31\""));
        write("title.md", &GOOD.replace("# Water", "Water"));
        write("late.md", &GOOD.replace("2026-12-31", "2026-12-31\nvalid_from = 2027-01-01"));
        write("Upper Case.md", GOOD);
        write("long.md", &format!("{GOOD}{}", "x".repeat(MAX_FILE as usize)));
        write("note.txt", "not an entry");
        write(".hidden.md", "nor this");
        let loaded = load(folder.path()).unwrap();
        assert_eq!(ids(&loaded), ["good"]);
        let said = loaded.bad.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        for wanted in [
            "level.md: line 2: level: \"pubic\" is not a value of level; did you mean \"public\"?",
            "date.md: line 4: valid_until: write a day without quotes: 2027-12-31",
            "title.md: line 6: is no title",
            "late.md: line 4: valid_until: is before valid_from",
            "Upper Case.md: the file's name cannot be an entry's name",
            "long.md: is longer than",
        ] {
            assert!(said.contains(wanted), "{wanted}\n{said}");
        }
        assert_eq!(loaded.bad.len(), 6, "{said}");
    }

    #[test]
    fn the_example_entries_can_be_read_and_stand_in_every_section() {
        let read =
            |(name, text): &(&str, &str)| entry(name, text).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
        let entries: Vec<_> = EXAMPLE.iter().map(read).collect();
        let today = entries[0].valid_until;
        assert!(entries.iter().all(|entry| entry.texts.all().count() >= 2 && entry.is_valid_on(today)));
        assert_eq!(Handbook::new(entries).public().sections(today), Section::ALL);
        let shipped = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/handbook")).unwrap().count();
        assert_eq!(shipped, EXAMPLE.len());
    }

    /// R193-R197: what the glass says to everybody is looked at like what the staff write to one.
    #[test]
    fn no_example_holds_a_phrase_that_the_company_forbids() {
        for (name, text) in EXAMPLE {
            let hits = wording::lint(text);
            assert!(hits.is_empty(), "{name}: {hits:?}");
        }
    }

    #[test]
    fn a_change_is_seen_once_whatever_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut watch = Watch::new(folder.path());
        assert!(watch.look().unwrap().unwrap().handbook.is_empty());
        assert!(watch.look().unwrap().is_none());
        fs::write(folder.path().join("a.md"), GOOD).unwrap();
        assert_eq!(ids(&watch.look().unwrap().unwrap()), ["a"]);
        assert!(watch.look().unwrap().is_none());
        // Half of a file that is being copied is no entry; the whole of it is.
        fs::write(folder.path().join("b.md"), HEAD).unwrap();
        assert_eq!(watch.look().unwrap().unwrap().bad.len(), 1);
        fs::write(folder.path().join("b.md"), GOOD).unwrap();
        assert_eq!(ids(&watch.look().unwrap().unwrap()), ["a", "b"]);
        fs::remove_file(folder.path().join("a.md")).unwrap();
        assert_eq!(ids(&watch.look().unwrap().unwrap()), ["b"]);
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(watch.look().is_err());
    }

    #[test]
    fn a_change_says_whether_some_of_it_may_hold() {
        let folder = tempfile::tempdir().unwrap();
        let entry = "section = \"notice\"\ntitle = \"停水\"\ntext = \"周三\"\n";
        // A folder stands where the second entry is to be: the first has its name by then.
        fs::create_dir_all(folder.path().join(format!("b.{ENDING}/in-the-way"))).unwrap();
        let half = change(folder.path(), [("a", entry), ("b", entry)].into_iter(), std::iter::empty());
        assert!(
            matches!(half, Err(ChangeError::Half(_))) && folder.path().join(format!("a.{ENDING}")).is_file(),
            "{half:?}"
        );
        let missing = folder.path().join("missing");
        let nothing = change(&missing, [("a", entry)].into_iter(), std::iter::empty());
        assert!(matches!(nothing, Err(ChangeError::Unchanged(_))), "{nothing:?}");
    }

    #[test]
    fn more_entries_than_anybody_reads_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for n in 0..=MAX_ENTRIES {
            fs::write(folder.path().join(format!("e{n:03}.md")), GOOD).unwrap();
        }
        let loaded = load(folder.path()).unwrap();
        assert_eq!((loaded.handbook.len(), loaded.bad.len()), (MAX_ENTRIES, 1));
    }
}
