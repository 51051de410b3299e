//! The people who may sign in on the guards' page: `staff.toml` in the data folder, written by `lobbyd staff` and by a
//! person who changes his secret, read by the daemon when it has changed. It holds hashes, never a secret, and nobody but
//! its owner may read it.

use super::load::read;
use super::source::typed_of_people;
use super::{ConfigError, Fault};
use crate::event::Slug;
use crate::health::seen::Seen;
use crate::service::assign::{MAX_TRADES, Skill};
use crate::service::staff::Role;
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file's name in the data folder.
pub const STAFF_FILE: &str = "staff.toml";
/// Staff of one lobby. More is a slip.
pub const MAX_STAFF: usize = 1000;
/// Longest name or badge in characters.
const MAX_NAME: usize = 40;

/// One member of staff.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// What is typed at sign-in, and what events name him by.
    pub id: Slug,
    pub name: String,
    /// On the work card, so that a resident can compare (R016).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub badge: Option<String>,
    pub role: Role,
    /// Where he may stand; everywhere where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Slug>,
    /// R074: what he can do, `electric` or `electric:expert`: whom a repair's card proposes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trades: Vec<Skill>,
    /// Argon2id, as a PHC string.
    pub hash: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
    /// The secret is one that somebody else has seen.
    #[serde(default, skip_serializing_if = "is_false")]
    pub must_change: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Never prints name or hash: they would end in a log.
impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Member({}, {})", self.id, self.role.name())
    }
}

impl Member {
    pub fn may_stand_at(&self, post: &Slug) -> bool {
        self.posts.is_empty() || self.posts.contains(post)
    }
}

/// Everybody who may sign in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    #[serde(default)]
    pub staff: Vec<Member>,
}

impl Roster {
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.staff.iter().find(|member| member.id.as_str() == id)
    }

    pub fn member_mut(&mut self, id: &Slug) -> Option<&mut Member> {
        self.staff.iter_mut().find(|member| member.id == *id)
    }

    /// What is wrong with it; empty when it can be used.
    fn broken(&self) -> Vec<String> {
        let mut found = Vec::new();
        if self.staff.len() > MAX_STAFF {
            found.push(format!("{} people; {MAX_STAFF} are the most", self.staff.len()));
        }
        for (index, member) in self.staff.iter().enumerate() {
            if self.staff[..index].iter().any(|above| above.id == member.id) {
                found.push(format!("\"{}\" stands in an entry above", member.id));
            }
            let twice =
                |(nth, skill): (usize, &Skill)| member.trades[..nth].iter().any(|above| above.trade == skill.trade);
            if member.trades.len() > MAX_TRADES || member.trades.iter().enumerate().any(twice) {
                found.push(format!("\"{}\" has a trade twice, or more than {MAX_TRADES}", member.id));
            }
            let fits = |text: &str| !text.trim().is_empty() && text.chars().count() <= MAX_NAME;
            if !fits(&member.name) || !member.badge.as_deref().is_none_or(fits) {
                found.push(format!("name or badge of \"{}\" is empty or longer than {MAX_NAME} characters", member.id));
            }
        }
        found
    }
}

/// Reads the list of this data folder; nobody where there is none yet.
///
/// # Errors
/// When it cannot be read, is not whole, or may be read or written by anybody but its owner.
pub fn load(data_dir: &Path) -> Result<Roster, ConfigError> {
    let file = data_dir.join(STAFF_FILE);
    let failed = |fault| ConfigError { file: file.clone(), faults: vec![fault] };
    let metadata = match fs::metadata(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Roster::default()),
        Err(error) => return Err(failed(Fault::of_file(error.to_string(), "run this as the user that runs lobbyd"))),
        Ok(metadata) => metadata,
    };
    guarded(&metadata).map_err(failed)?;
    let text = read(&file).map_err(failed)?;
    let (roster, _) = typed_of_people::<Roster>(&text).map_err(failed)?;
    let broken = roster.broken();
    if broken.is_empty() {
        return Ok(roster);
    }
    let faults = broken.into_iter().map(|why| Fault::of_file(why, "lobbyd staff list shows everybody")).collect();
    Err(ConfigError { file, faults })
}

/// A list that others can write is a list of others' people.
fn guarded(metadata: &fs::Metadata) -> Result<(), Fault> {
    // SAFETY: geteuid has no arguments, cannot fail and touches no memory.
    let own = unsafe { libc::geteuid() };
    if metadata.uid() != own && metadata.uid() != 0 {
        return Err(Fault::of_file("belongs to another user", "chown it to the user that runs lobbyd"));
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(Fault::of_file("can be read or written by others", "chmod 600"));
    }
    Ok(())
}

/// Changes the list: reads it, lets `change` work on it, writes it whole or not at all. One at a time: `lobbyd staff`
/// and the daemon wait for each other.
///
/// # Errors
/// When the list cannot be read or written, or with what `change` says; then nothing has changed.
pub fn edit<T>(data_dir: &Path, change: impl FnOnce(&mut Roster) -> Result<T, String>) -> Result<T, StaffFault> {
    let _lock = lock(data_dir)?;
    let mut roster = load(data_dir)?;
    let done = change(&mut roster).map_err(StaffFault::Refused)?;
    match roster.broken().into_iter().next() {
        Some(why) => Err(StaffFault::Refused(why)),
        None => Ok(store(data_dir, &roster).map(|()| done)?),
    }
}

/// Why the list was not changed.
#[derive(Debug, thiserror::Error)]
pub enum StaffFault {
    #[error(transparent)]
    Unreadable(#[from] ConfigError),
    #[error("the list of staff cannot be written: {0}; run this as the user that runs lobbyd")]
    File(#[from] io::Error),
    #[error("{0}")]
    Refused(String),
}

fn lock(data_dir: &Path) -> io::Result<File> {
    let file =
        OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(data_dir.join("staff.lock"))?;
    // SAFETY: the descriptor belongs to `file`, which lives until the call has returned.
    if unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(file)
}

fn store(data_dir: &Path, roster: &Roster) -> io::Result<()> {
    let text = toml::to_string(roster).map_err(io::Error::other)?;
    let next = data_dir.join(format!("{STAFF_FILE}.new"));
    // One that a crash left behind may have other rights.
    match fs::remove_file(&next) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&next)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&next, data_dir.join(STAFF_FILE))?;
    File::open(data_dir)?.sync_all()
}

/// Looks whether the list has changed.
#[derive(Debug)]
pub struct Watch {
    data_dir: PathBuf,
    seen: Seen,
}

impl Watch {
    pub fn new(data_dir: &Path) -> Self {
        Watch { data_dir: data_dir.to_owned(), seen: Seen::default() }
    }

    /// The list, if there is one and it has changed since the last look.
    pub fn look(&mut self) -> Option<Result<Roster, ConfigError>> {
        self.seen.look(&self.data_dir.join(STAFF_FILE), || load(&self.data_dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn member(id: &str) -> Member {
        Member {
            id: Slug::new(id).unwrap(),
            name: "测试甲".into(),
            badge: Some("0017".into()),
            role: Role::Guard,
            posts: vec![],
            trades: vec![Skill::parse("electric:expert").unwrap()],
            hash: "$argon2id$x".into(),
            disabled: false,
            must_change: true,
        }
    }

    #[test]
    fn the_list_is_written_for_its_owner_alone_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(load(folder.path()).unwrap(), Roster::default());
        edit(folder.path(), |roster| {
            roster.staff.push(member("a"));
            Ok(())
        })
        .unwrap();
        assert_eq!(load(folder.path()).unwrap().staff, [member("a")]);
        let file = folder.path().join(STAFF_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(load(folder.path()).unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let twice = edit(folder.path(), |roster| {
            roster.staff.extend([member("a"), member("a")]);
            Ok(())
        });
        assert!(twice.unwrap_err().to_string().contains("stands in an entry above"));
        assert_eq!(load(folder.path()).unwrap(), Roster::default());
    }

    #[test]
    fn nobody_finds_a_hash_or_a_name_in_a_log() {
        assert_eq!(format!("{:?}", member("a")), "Member(a, guard)");
    }
}
