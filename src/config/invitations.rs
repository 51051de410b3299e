//! Invitations on disk: the folder `invitations` in the data folder, in which `lobbyd invite` puts a token for the running daemon.
//! Decides nothing; a token is never printed.

use super::inbox;
use crate::service::invitation::{MAX_TEXT, Token};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// In the data folder.
pub const FOLDER: &str = "invitations";
/// How a file ends that waits to be taken up.
const WAITING: &str = "token";
/// How a file ends that was not taken up, for whoever looks why.
const REFUSED: &str = "refused";
/// Files taken up at one look: a flood of them must not keep the desk busy.
const MAX_FILES: usize = 64;

/// A file that waits. What cannot be a token is `None`.
#[derive(Debug)]
pub struct Waiting {
    pub file: PathBuf,
    pub token: Option<Token>,
}

/// What waits in the folder now; nothing where there is no folder.
///
/// # Errors
/// When the folder is there and cannot be read.
pub fn waiting(data_dir: &Path) -> io::Result<Vec<Waiting>> {
    let files = inbox::waiting(&data_dir.join(FOLDER), WAITING, MAX_FILES)?;
    // One more for the line's end, and one more to see that it is longer.
    let token = |file: &Path| Token::parse(&inbox::read(file, MAX_TEXT as u64 + 2)?);
    Ok(files.into_iter().map(|file| Waiting { token: token(&file), file }).collect())
}

/// The journal has it: the file, which names people, goes.
///
/// # Errors
/// When it cannot be deleted.
pub fn taken(file: &Path) -> io::Result<()> {
    fs::remove_file(file)
}

/// It is not looked at again.
///
/// # Errors
/// When it cannot be renamed.
pub fn refused(file: &Path) -> io::Result<()> {
    fs::rename(file, file.with_extension(REFUSED))
}

/// Puts a token where the daemon takes it up: whole or not at all.
///
/// # Errors
/// When the folder cannot be written.
pub fn hand_over(data_dir: &Path, name: &str, token: &Token) -> io::Result<()> {
    inbox::put(&data_dir.join(FOLDER).join(format!("{name}.{WAITING}")), token.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_token_that_is_handed_over_waits_until_it_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        assert!(waiting(dir.path()).unwrap().is_empty(), "no folder is no error");
        hand_over(dir.path(), "one", &Token::parse("LB1.x").unwrap()).unwrap();
        let [one] = &waiting(dir.path()).unwrap()[..] else { panic!("one waits") };
        assert_eq!(one.token, Token::parse("LB1.x"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&one.file), mode(&dir.path().join(FOLDER))), (0o600, 0o700));
        taken(&one.file).unwrap();
        assert!(waiting(dir.path()).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_token_is_put_aside_and_no_link_is_followed() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join(FOLDER);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.token"), "LB1.".to_owned() + &"x".repeat(MAX_TEXT)).unwrap();
        fs::write(folder.join("b.token"), [0xff, 0xfe]).unwrap();
        fs::write(folder.join("c.new"), "LB1.x").unwrap();
        fs::write(dir.path().join("elsewhere"), "LB1.x").unwrap();
        symlink(dir.path().join("elsewhere"), folder.join("d.token")).unwrap();
        let found = waiting(dir.path()).unwrap();
        assert_eq!((found.len(), found.iter().filter(|file| file.token.is_some()).count()), (3, 0));
        found.iter().for_each(|waiting| refused(&waiting.file).unwrap());
        assert!(waiting(dir.path()).unwrap().is_empty());
    }
}
