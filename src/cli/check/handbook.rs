//! Notices and handbook: files that cannot be used, and entries whose last day is over.

use super::explain;
use super::finding::{Area, Finding, Level};
use crate::config::{Config, handbook};
use crate::health::clock;
use crate::service::staff::Role;

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let Some(folder) = &config.handbook.folder else {
        return vec![Finding::ok(Area::Handbook, "no folder: the screen offers no notices and no handbook")];
    };
    let loaded = match handbook::load(folder) {
        Ok(loaded) => loaded,
        Err(error) => return explain(Area::Handbook, &error),
    };
    let what = format!("{}: {} entries can be used", folder.display(), loaded.handbook.len());
    let mut findings = vec![Finding::ok(Area::Handbook, what)];
    // The rest of the lobby works without them.
    let bad = loaded.bad.iter().flat_map(|error| explain(Area::Handbook, error));
    findings.extend(bad.map(|finding| Finding { level: Level::Warning, ..finding }));
    let today = clock::now().utc.with_timezone(&config.site.time_zone).date_naive();
    let over = loaded.handbook.readable_by(Role::Supervisor).filter(|entry| entry.valid_until < today);
    findings.extend(over.map(|entry| {
        let what = format!("{}.md: its last day was {}, nobody is told any more", entry.id, entry.valid_until);
        Finding::warning(Area::Handbook, what, "look whether it is still true: give it a new last day, or take it out")
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::fs;
    use std::path::Path;

    #[test]
    fn what_is_over_and_what_cannot_be_read_are_warnings_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let (_, good) = handbook::EXAMPLE[0];
        fs::write(folder.path().join("good.md"), good).unwrap();
        fs::write(folder.path().join("over.md"), good.replace("2035-12-31", "2020-12-31")).unwrap();
        fs::write(folder.path().join("bad.md"), good.replace("+++ en", "+++ english")).unwrap();
        let text = include_str!("../../../docs/lobby.toml").to_owned();
        let mut config = Config::parse(&text, Path::new("lobby.toml")).unwrap();
        config.handbook.folder = Some(folder.path().to_owned());
        let findings = examine(&config);
        let told = |name: &str| findings.iter().find(|finding| finding.what.contains(name)).unwrap();
        assert!(told("over.md").level == Level::Warning && told("over.md").what.contains("2020-12-31"));
        assert!(told("bad.md").level == Level::Warning && told("bad.md").what.contains("line "), "{findings:?}");
        assert!(findings[0].what.contains("2 entries"), "{findings:?}");
    }
}
