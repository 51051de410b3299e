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
