//! Rules that the office has sent (R306): `rules.toml` in the data folder, with the tables `[service]`, `[[post]]` and `[[shift]]` of
//! `lobby.toml`. They take the place of those there while their version is the higher one. What was in force before them stays beside
//! them, for the way back. Read at each start; nobody changes figures while cases run on them.

use super::error::{ConfigError, Fault};
use super::load::read;
use super::rules::{Broken, one_of_each};
use super::source::typed_of_people;
use super::{Config, house};
use crate::event::Slug;
use crate::service::figures::Figures;
use crate::service::house::{House, Post, Shift};
use crate::service::rules::Rules;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// In the data folder.
pub const RULES_FILE: &str = "rules.toml";
/// What was in force before that.
pub const BEFORE_FILE: &str = "rules-before.toml";
/// The same while new ones are being put in place: it counts from the moment when those stand there.
const STAGED_FILE: &str = "rules-before.toml.next";

/// Rules of a house, without what they do not say: its zone, who lives there, whose invitations count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub service: Figures,
    #[serde(default, rename = "post")]
    pub posts: Vec<Post>,
    #[serde(default, rename = "shift")]
    pub shifts: Vec<Shift>,
}

impl Sent {
    pub fn of(house: &House) -> Self {
        Sent { service: house.figures.clone(), posts: house.posts.clone(), shifts: house.shifts.clone() }
    }

    /// What is in force in this house and is not named in these rules; empty where they are whole, or no TOML.
    pub fn unnamed(text: &str, house: &House) -> Vec<String> {
        let named = toml::from_str::<serde_json::Value>(text).unwrap_or_default();
        Rules::of(house).unnamed(&named)
    }

    /// Reads and checks them for this house, as those in `lobby.toml` are checked.
    ///
    /// # Errors
    /// With everything that is wrong, by line where it has one.
    pub fn read(text: &str, house: &House) -> Result<Self, Vec<Fault>> {
        let (sent, source) = typed_of_people::<Sent>(text).map_err(|fault| vec![fault])?;
        let mut found: Vec<Broken> = Vec::new();
        let Sent { service, posts, shifts } = sent.clone();
        one_of_each(&posts, &mut found);
        house::broken(&House { figures: service, posts, shifts, ..house.clone() }, &mut found);
        let faults: Vec<_> = found.into_iter().map(|(key, problem, hint)| source.fault(&key, problem, hint)).collect();
        if faults.is_empty() { Ok(sent) } else { Err(faults) }
    }
}

/// Puts them over those of `lobby.toml`, if there are any and they are newer.
///
/// # Errors
/// When they are there and cannot be used.
pub(super) fn put_over(config: &mut Config) -> Result<(), ConfigError> {
    let file = config.data_dir.join(RULES_FILE);
    if !file.exists() {
        return Ok(());
    }
    let sent = load(&file, &config.house())?;
    if sent.service.version > config.service.version {
        (config.service, config.posts, config.shifts) = (sent.service, sent.posts, sent.shifts);
    }
    Ok(())
}

fn load(file: &Path, house: &House) -> Result<Sent, ConfigError> {
    let failed = |faults| ConfigError { file: file.to_owned(), faults };
    let text = read(file).map_err(|fault| failed(vec![fault]))?;
    Sent::read(&text, house).map_err(failed)
}

/// What was in force before the rules that were sent last; `None` where none were.
///
/// # Errors
/// When they cannot be read, or do not fit this house any more.
pub fn before(data_dir: &Path, house: &House) -> Result<Option<Sent>, ConfigError> {
    let (staged, file) = (data_dir.join(STAGED_FILE), data_dir.join(BEFORE_FILE));
    let sent = sent(data_dir, house).map(|sent| sent.service.version);
    match load(&staged, house) {
        // Cut off behind the new ones, before it had its name.
        Ok(staged) if sent > Some(staged.service.version) => return Ok(Some(staged)),
        _ => {}
    }
    if file.exists() { load(&file, house).map(Some) } else { Ok(None) }
}

/// Keeps what is in force, then puts the new ones in place: on disk when this returns, in force with the next start.
///
/// # Errors
/// When the data folder cannot be written; then what was in force still is.
pub fn store(data_dir: &Path, new: &Sent, in_force: &Sent) -> io::Result<()> {
    write(data_dir, STAGED_FILE, in_force)?;
    write(data_dir, RULES_FILE, new)?;
    fs::rename(data_dir.join(STAGED_FILE), data_dir.join(BEFORE_FILE))?;
    File::open(data_dir)?.sync_all()
}

/// What was sent last, in force or waiting for the next start.
pub fn sent(data_dir: &Path, house: &House) -> Option<Sent> {
    load(&data_dir.join(RULES_FILE), house).ok()
}

/// The posts of a house, with those that were sent and hold with the next start.
pub fn posts(data_dir: &Path, house: &House) -> Vec<Slug> {
    let sent = sent(data_dir, house).filter(|sent| sent.service.version > house.figures.version).map(|sent| sent.posts);
    let mut posts: Vec<Slug> = house.posts.iter().map(|post| post.id.clone()).collect();
    let new = sent.unwrap_or_default().into_iter().map(|post| post.id).filter(|id| house.post(id).is_none());
    posts.extend(new);
    posts
}

fn write(data_dir: &Path, name: &str, rules: &Sent) -> io::Result<()> {
    let (next, place): (PathBuf, PathBuf) = (data_dir.join(format!("{name}.new")), data_dir.join(name));
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    file.write_all(toml::to_string(rules).map_err(io::Error::other)?.as_bytes())?;
    file.sync_all()?;
    fs::rename(next, place)?;
    File::open(data_dir)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOBBY: &str = "board = \"headless\"\ndata_dir = \"data\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
                         [building]\nurl = \"mqtt://127.0.0.1\"\n[office]\nurl = \"mqtt://127.0.0.1:1884\"\n";
    const APPROVED: &str = "approved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]\n";

    fn site() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let file = folder.path().join("lobby.toml");
        fs::write(&file, LOBBY).unwrap();
        (folder, file)
    }

    #[test]
    fn sent_rules_hold_while_they_are_newer_and_the_way_back_is_kept() {
        let (folder, file) = site();
        let data = folder.path().join("data");
        let house = Config::load(&file).unwrap().house();
        let text = format!("[service]\nversion = 2\n{APPROVED}[service.call]\nmissed_seconds = 90\n");
        let sent = Sent::read(&text, &house).unwrap();
        store(&data, &sent, &Sent::of(&house)).unwrap();
        let now = Config::load(&file).unwrap();
        assert_eq!((now.service.version, now.service.call.missed_seconds), (2, 90));
        assert_eq!(before(&data, &now.house()).unwrap(), Some(Sent::of(&house)));
        // Somebody at the machine goes on from there.
        fs::write(&file, format!("{LOBBY}[service]\nversion = 3\n{APPROVED}[service.call]\nmissed_seconds = 70\n"))
            .unwrap();
        assert_eq!(Config::load(&file).unwrap().service.call.missed_seconds, 70);
    }

    #[test]
    fn a_store_that_is_cut_off_anywhere_leaves_the_way_back_to_what_was_in_force() {
        let (folder, file) = site();
        let data = folder.path().join("data");
        let house = Config::load(&file).unwrap().house();
        let version = |version: u32| {
            let text =
                format!("[service]\nversion = {version}\n{APPROVED}[service.call]\nmissed_seconds = 7{version}\n");
            Sent::read(&text, &house).unwrap()
        };
        let back = || before(&data, &house).unwrap().map(|before| before.service.version);
        store(&data, &version(2), &version(1)).unwrap();
        assert_eq!(back(), Some(1));
        // Cut off before the new ones stand there, and after it.
        write(&data, STAGED_FILE, &version(2)).unwrap();
        assert_eq!(back(), Some(1));
        write(&data, RULES_FILE, &version(3)).unwrap();
        assert_eq!(back(), Some(2));
        store(&data, &version(4), &version(3)).unwrap();
        assert_eq!(back(), Some(3));
        fs::remove_file(data.join(BEFORE_FILE)).unwrap();
        assert_eq!(back(), None);
    }

    #[test]
    fn rules_that_cannot_stand_are_named_by_line() {
        let (folder, file) = site();
        let house = Config::load(&file).unwrap().house();
        for (text, says) in [
            ("[service]\nversion = 2\n".to_owned(), "approved"),
            (
                format!(
                    "[service]\nversion = 2\n{APPROVED}[[post]]\nid = \"a\"\ntakes = [\"call\"]\nsuperior = \"b\"\n"
                ),
                "there is no post",
            ),
            (
                format!("[service]\nversion = 2\n{APPROVED}[[post]]\nid = \"a\"\n[[post]]\nid = \"a\"\n"),
                "stands in an entry above",
            ),
            ("[service]\nversion = 2\n[kiosk]\nname = \"x\"\n".to_owned(), "kiosk"),
            ("board = 1".to_owned(), "board"),
            ("[service]\nversion = 2\napproved_by = [\"王小明\"]\n".to_owned(), "who approved"),
            ("[service]\nversion = 2\napproved_by = \"王小明\"\n".to_owned(), "cannot stand here"),
            (format!("[service]\nversion = 2\n{APPROVED}[[post]]\nid = \"王小明\"\n"), "is not a slug"),
            (format!("[service]\nversion = 2\n{APPROVED}[[post]]\nid = \"a\"\ntakes = [\"王小明\"]\n"), "takes"),
        ] {
            let faults = Sent::read(&text, &house).unwrap_err();
            let said = faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            assert!(said.contains(says), "{text}: {said}");
            assert!(!said.contains("王小明"), "{said}");
        }
        fs::write(folder.path().join("data").join(RULES_FILE), "rubbish").unwrap();
        assert!(Config::load(&file).unwrap_err().to_string().contains(RULES_FILE), "it is said where it is wrong");
    }
}
