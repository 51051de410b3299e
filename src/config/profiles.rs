//! The site's own device profiles: the files of one folder, read as text. What they mean is for `device` to say.

use std::io;
use std::path::Path;

/// Largest profile file, bytes. The longest built-in one is a tenth of it; a picture dropped into the folder is not read.
const MAX_BYTES: u64 = 256 * 1024;

/// Name (the file's, without `.toml`) and text of every profile in the folder, by name.
///
/// # Errors
/// When the folder or one of its `.toml` files cannot be read; the error names the file.
pub fn profile_files(folder: &Path) -> io::Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    let named = |path: &Path, error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    for entry in std::fs::read_dir(folder).map_err(|error| named(folder, error))? {
        let path = entry?.path();
        let (Some(name), Some("toml")) = (path.file_stem(), path.extension().and_then(|ending| ending.to_str())) else {
            continue;
        };
        if std::fs::metadata(&path).map_err(|error| named(&path, error))?.len() > MAX_BYTES {
            return Err(io::Error::other(format!("{}: larger than {MAX_BYTES} bytes", path.display())));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| named(&path, error))?;
        found.push((name.to_string_lossy().into_owned(), text));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_toml_files_are_profiles_and_they_come_in_order() {
        let dir = tempfile::tempdir().unwrap();
        for (file, text) in [("b.toml", "2"), ("a.toml", "1"), ("notes.txt", "3"), ("c.toml.bak", "4")] {
            std::fs::write(dir.path().join(file), text).unwrap();
        }
        let found = profile_files(dir.path()).unwrap();
        assert_eq!(found, [("a".into(), "1".into()), ("b".into(), "2".into())]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.toml"), [0xFF]).unwrap();
        assert!(profile_files(dir.path()).unwrap_err().to_string().contains("bad.toml"));
    }
}
