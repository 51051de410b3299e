//! The demo's folder: its configuration and its journal, in the system's temporary folder, gone when the demo ends.

use crate::config::handbook;
use anyhow::Context;
use chrono_tz::Tz;
use std::fs::{DirBuilder, remove_dir_all, write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// Who listens where.
pub struct Addresses {
    pub building: SocketAddr,
    pub office: SocketAddr,
    pub screen: SocketAddr,
    pub guards: SocketAddr,
    /// The demo's own page.
    pub page: SocketAddr,
}

pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Only this user may look in: visitors' names stand in the journal.
    pub fn new() -> anyhow::Result<Folder> {
        let path = std::env::temp_dir().join(format!("lobbyd-demo-{}", std::process::id()));
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.with_context(|| format!("cannot make the folder {}", path.display()))?;
        let folder = Folder { path };
        DirBuilder::new().mode(0o700).create(folder.path.join("data")).context("cannot make the data folder")?;
        folder.write_handbook()?;
        Ok(folder)
    }

    /// Notices and handbook of the demo's house, to be read on the screen, and changed while it runs.
    fn write_handbook(&self) -> anyhow::Result<()> {
        let folder = self.path.join("handbook");
        DirBuilder::new().mode(0o700).create(&folder).context("cannot make the handbook's folder")?;
        for (name, text) in handbook::EXAMPLE {
            write(folder.join(format!("{name}.md")), text).context("cannot write the handbook")?;
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the daemon's configuration and says where.
    pub fn write_config(&self, at: &Addresses, zone: Tz) -> anyhow::Result<PathBuf> {
        let file = self.path.join("lobby.toml");
        let text = include_str!("lobby.toml")
            .replace("{building}", &at.building.to_string())
            .replace("{office}", &at.office.to_string())
            .replace("{screen}", &at.screen.to_string())
            .replace("{guards}", &at.guards.to_string())
            .replace("{page}", &at.page.to_string())
            .replace("{zone}", zone.name());
        write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        Ok(file)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = remove_dir_all(&self.path) {
            eprintln!("lobbyd: the folder {} could not be removed: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_daemon_can_read_the_demo_configuration() {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let folder = Folder::new().unwrap();
        let addresses = Addresses { building: at(1), office: at(2), screen: at(3), guards: at(4), page: at(5) };
        let file = folder.write_config(&addresses, Tz::Asia__Shanghai).unwrap();
        let config = crate::config::Config::load(&file).unwrap();
        assert_eq!(config.building.url, "mqtt://127.0.0.1:1");
        assert_eq!((config.kiosk.listen, config.console.listen), (Some(at(3)), Some(at(4))));
    }

    /// At every hour: it was red after 22:00, when no host is called, and after midnight.
    #[test]
    fn the_rules_allow_everything_that_happened_on_the_demos_day_whenever_it_ends() {
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        for hour in 0..24 {
            let name = format!("lobbyd-demo-day-{}-{hour}", std::process::id());
            let folder = Folder { path: std::env::temp_dir().join(name) };
            for name in ["data", "handbook"] {
                std::fs::create_dir_all(folder.path().join(name)).unwrap();
            }
            let addresses = Addresses { building: at(1), office: at(2), screen: at(3), guards: at(4), page: at(5) };
            let file = folder.write_config(&addresses, Tz::Asia__Shanghai).unwrap();
            let config = crate::config::Config::load(&file).unwrap();
            let now = chrono::DateTime::from_timestamp(1_795_305_600 + hour * 3600 + 2_760, 0).unwrap();
            crate::demo::day::live_through(&config, now).unwrap_or_else(|error| panic!("{now}: {error:#}"));
            let open = crate::journal::Reader::open(&config.data_dir).unwrap().open_cases().unwrap();
            assert!(open.len() >= 6, "a newcomer finds work at {now}: {}", open.len());
        }
    }

    #[test]
    fn the_folder_is_gone_when_the_demo_ends() {
        let folder = Folder { path: std::env::temp_dir().join(format!("lobbyd-demo-test-{}", std::process::id())) };
        std::fs::create_dir(folder.path()).unwrap();
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists());
    }
}
