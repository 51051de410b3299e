//! What `lobbyd person` asks of the running daemon, on disk: the folder `requests` in the data folder. A request names a person, so it is
//! deleted as soon as it is carried out; an answer names nobody. Decides nothing.

use super::inbox;
use crate::service::person::{Outcome, Request};
use serde::de::DeserializeOwned;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// In the data folder.
pub const FOLDER: &str = "requests";
/// How a file ends that waits to be carried out.
const WAITING: &str = "request";
/// How it ends while it is carried out: whoever asked cannot take it back any more.
const TAKEN: &str = "taken";
/// How the answer to it ends.
const ANSWER: &str = "answer";
/// Longest of both, bytes: an erasure names the cases that stay.
const MAX: u64 = 1 << 20;
/// Carried out at one look.
const MAX_FILES: usize = 16;

/// A file that waits. What is no request is `None`.
pub struct Waiting {
    file: PathBuf,
    pub request: Option<Request>,
}

/// What waits in the folder now, and first what was taken up and not ended, as by a cut; nothing where there is no folder.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn waiting(data_dir: &Path) -> io::Result<Vec<Waiting>> {
    let folder = data_dir.join(FOLDER);
    let mut files = inbox::waiting(&folder, TAKEN, MAX_FILES)?;
    files.extend(inbox::waiting(&folder, WAITING, MAX_FILES)?);
    Ok(files.into_iter().map(|file| Waiting { request: read(&file), file }).collect())
}

fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    serde_json::from_str(&inbox::read(file, MAX)?).ok()
}

impl Waiting {
    /// From here on it is carried out. `false`: whoever asked has taken it back.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn take(&mut self) -> io::Result<bool> {
        self.rename(TAKEN).map(|()| true).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(false),
            _ => Err(error),
        })
    }

    /// Nothing was done: it waits again, and may be taken back.
    ///
    /// # Errors
    /// When the folder cannot be written. Then it is taken up again all the same.
    pub fn put_back(&mut self) -> io::Result<()> {
        self.rename(WAITING)
    }

    fn rename(&mut self, end: &str) -> io::Result<()> {
        let to = self.file.with_extension(end);
        fs::rename(&self.file, &to)?;
        self.file = to;
        Ok(())
    }

    /// It is carried out, or never will be: the answer first, then the request goes. Asked again after a cut in between, it finds
    /// nothing more to do.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn answer(&self, outcome: &Outcome) -> io::Result<()> {
        inbox::put(&self.file.with_extension(ANSWER), &serde_json::to_string(outcome)?)?;
        fs::remove_file(&self.file)
    }
}

impl Waiting {
    /// It is carried out, and nobody waits for the answer.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn forget(&self) -> io::Result<()> {
        fs::remove_file(&self.file)
    }
}

/// A request that was handed over.
pub struct Asked(PathBuf);

/// Puts a request where the daemon takes it up.
///
/// # Errors
/// When the folder cannot be written.
pub fn ask(data_dir: &Path, name: &str, request: &Request) -> io::Result<Asked> {
    let file = data_dir.join(FOLDER).join(format!("{name}.{WAITING}"));
    inbox::put(&file, &serde_json::to_string(request)?)?;
    Ok(Asked(file))
}

impl Asked {
    /// The answer, once it is there.
    pub fn answer(&self) -> Option<Outcome> {
        let file = self.0.with_extension(ANSWER);
        let outcome = read(&file)?;
        drop(fs::remove_file(file));
        Some(outcome)
    }

    /// Nobody has taken it up, and nobody shall.
    ///
    /// # Errors
    /// When it was taken up: it is being carried out, or it has been.
    pub fn take_back(self) -> io::Result<()> {
        fs::remove_file(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::contact::{Phone, Text};
    use crate::service::person::Wanted;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_request_waits_for_its_owner_alone_and_goes_with_its_answer() {
        let dir = tempfile::tempdir().unwrap();
        assert!(waiting(dir.path()).unwrap().is_empty());
        let wanted = Wanted { phone: Phone::parse("13800001234").unwrap(), name: None, also: Vec::new() };
        let request = Request::Export { wanted, author: Text::parse("测试").unwrap() };
        let asked = ask(dir.path(), "one", &request).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&asked.0), mode(&dir.path().join(FOLDER))), (0o600, 0o700));
        assert_eq!(asked.answer(), None);
        let [one] = &waiting(dir.path()).unwrap()[..] else { panic!("one waits") };
        assert_eq!(one.request, Some(request));
        one.answer(&Outcome::Lifted(true)).unwrap();
        assert_eq!((asked.answer(), asked.answer()), (Some(Outcome::Lifted(true)), None));
        assert_eq!(fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 0);
    }

    #[test]
    fn what_was_taken_up_is_not_taken_back_and_is_ended_after_a_cut() {
        let dir = tempfile::tempdir().unwrap();
        let request = Request::Lift { id: "h-1".into(), author: Text::parse("测试").unwrap() };
        let asked = |name| ask(dir.path(), name, &request).unwrap();
        let next = || waiting(dir.path()).unwrap().pop();
        let one = asked("one");
        assert!(next().unwrap().take().unwrap());
        assert!(one.take_back().is_err(), "the desk has it");
        // The daemon was killed here.
        let mut again = next().expect("it is taken up again");
        assert!(again.request.as_ref() == Some(&request) && again.take().unwrap());
        again.answer(&Outcome::Lifted(true)).unwrap();
        assert!(next().is_none());
        let (two, mut found) = (asked("two"), next().unwrap());
        assert!(found.take().unwrap());
        found.put_back().unwrap();
        two.take_back().expect("the disk has refused it: nothing was done");
        assert!(!found.take().unwrap(), "and nothing will be");
    }
}
