//! Reading `lobby.toml`: text, then types, then rules, then for the daemon the files that it names. Collects every fault of a
//! stage before it gives up, so that one visit to the machine mends them all.

use super::error::{ConfigError, Fault};
use super::rules::Broken;
use super::source::{Source, typed};
use super::{Broker, Config, rules, sent_rules};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Longest file in bytes: fifty thousand units with their other columns. A site with a thousand devices needs 100 KB.
const MAX_FILE: u64 = 8 << 20;

impl Config {
    /// Reads and checks `lobby.toml`. Relative paths count from the file's folder. The files that it names are not looked for: systemd takes
    /// a credential away with the service, and a restore on a new card comes before all of them.
    ///
    /// # Errors
    /// With everything that was found wrong in the first stage that failed: text, types, or rules.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, |_| Vec::new())
    }

    /// As [`Config::load`], for whoever opens the files that it names: each must be there.
    ///
    /// # Errors
    /// As [`Config::load`]; the last stage is rules and files.
    pub fn load_with_files(path: &Path) -> Result<Self, ConfigError> {
        Self::load_with(path, rules::missing_files)
    }

    fn load_with(path: &Path, more: impl FnOnce(&Self) -> Vec<Broken>) -> Result<Self, ConfigError> {
        let text = read(path).map_err(|fault| failed(path, vec![fault]))?;
        let (mut config, source) = typed::<Config>(&text).map_err(|fault| failed(path, vec![fault]))?;
        config.resolve(path.parent().unwrap_or(Path::new("")));
        let mut found = rules::broken(&config);
        found.extend(more(&config));
        let mut config = verdict(config, found, &source, path)?;
        sent_rules::put_over(&mut config)?;
        Ok(config)
    }

    /// Reads and checks a text; touches no file. `name` stands in the errors.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn parse(text: &str, name: &Path) -> Result<Self, ConfigError> {
        let (config, source) = typed::<Config>(text).map_err(|fault| failed(name, vec![fault]))?;
        let found = rules::broken(&config);
        verdict(config, found, &source, name)
    }

    fn resolve(&mut self, folder: &Path) {
        self.data_dir = folder.join(&self.data_dir);
        let more = [&mut self.building, &mut self.office].into_iter().flat_map(paths).chain([&mut self.profiles]);
        let page = [&mut self.console.cert, &mut self.console.key, &mut self.handbook.folder];
        for path in more.chain(page).flatten() {
            *path = credential(path).unwrap_or_else(|| folder.join(&*path));
        }
    }
}

/// What a path begins with that names a credential of systemd (`LoadCredential=`, `LoadCredentialEncrypted=`): it is then in a folder that only
/// this service can read, and need not lie on the disk in the clear.
const CREDENTIAL: &str = "credential:";
/// Where systemd puts them for the service, for whoever runs `lobbyd check` beside it.
const CREDENTIALS: &str = "/run/credentials/lobbyd.service";

fn credential(path: &Path) -> Option<PathBuf> {
    let name = path.to_str()?.strip_prefix(CREDENTIAL)?;
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map_or_else(|| PathBuf::from(CREDENTIALS), PathBuf::from);
    Some(folder.join(name))
}

fn failed(file: &Path, faults: Vec<Fault>) -> ConfigError {
    ConfigError { file: file.to_owned(), faults }
}

fn verdict(config: Config, found: Vec<Broken>, source: &Source<'_>, file: &Path) -> Result<Config, ConfigError> {
    let faults: Vec<Fault> = found.into_iter().map(|(key, problem, hint)| source.fault(&key, problem, hint)).collect();
    if faults.is_empty() { Ok(config) } else { Err(failed(file, faults)) }
}

fn paths(broker: &mut Broker) -> [&mut Option<PathBuf>; 4] {
    [&mut broker.password_file, &mut broker.ca, &mut broker.cert, &mut broker.key]
}

/// The text of a file of configuration.
pub(super) fn read(path: &Path) -> Result<String, Fault> {
    bytes(path, MAX_FILE).and_then(|bytes| text(bytes, MAX_FILE))
}

/// What stands in a file; of one that is too long a little more than [`text`] takes. `most`: bytes.
pub(super) fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    let unreadable = |error: std::io::Error| Fault::of_file(format!("cannot be read: {error}"), remedy(&error));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    Ok(bytes)
}

pub(super) fn text(bytes: Vec<u8>, most: u64) -> Result<String, Fault> {
    if bytes.len() as u64 > most {
        return Err(Fault::of_file(format!("is longer than {most} bytes"), "is this the right file?"));
    }
    String::from_utf8(bytes).map_err(|_| Fault::of_file("is not UTF-8 text", "save it as UTF-8 (in Excel: CSV UTF-8)"))
}

fn remedy(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "is the path right? docs/lobby.toml is an example to copy",
        std::io::ErrorKind::PermissionDenied => "let the user that runs lobbyd read it",
        _ => "is the path right, and a file?",
    }
}
