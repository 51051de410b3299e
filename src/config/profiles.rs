//! A site's own device profiles: a folder of `NAME.toml`. Only read here; what a profile means, the device room knows.

use super::load::read;
use super::{ConfigError, Fault};
use std::path::{Path, PathBuf};

/// Most profiles in one folder. There are eight built in; a house has devices of a handful of makers.
const MAX_PROFILES: usize = 100;

/// Path, name and text of every profile, in the order of their names.
pub fn read_folder(folder: &Path) -> Result<Vec<(PathBuf, String, String)>, ConfigError> {
    let failed = |file: &Path, fault| ConfigError { file: file.to_owned(), faults: vec![fault] };
    let entries = std::fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    let mut paths: Vec<PathBuf> = entries.map_err(|error: std::io::Error| {
        failed(folder, Fault::of_file(format!("cannot be read: {error}"), "name the folder of your device profiles"))
    })?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    if paths.len() > MAX_PROFILES {
        let problem = format!("holds {} profiles, more than {MAX_PROFILES}", paths.len());
        return Err(failed(folder, Fault::of_file(problem, "is this the right folder?")));
    }
    let named = |path: PathBuf| {
        let text = read(&path).map_err(|fault| failed(&path, fault))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok((path, name, text))
    };
    paths.into_iter().map(named).collect()
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
        let names: Vec<String> = read_folder(dir.path()).unwrap().into_iter().map(|(_, name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("bad.toml"), [0xFF]).unwrap();
        assert!(read_folder(dir.path()).unwrap_err().to_string().contains("bad.toml"));
    }
}
