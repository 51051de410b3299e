//! `lobbyd check`: what is wrong with a configuration and its surroundings, and how to mend it. It changes nothing, and
//! may run beside the daemon: it never uses the daemon's client ids, for the broker would throw the daemon out.

mod around;
mod backups;
mod brokers;
mod certificate;
mod console;
mod encryption;
mod finding;
mod handbook;
mod machine;
mod mount;
mod quota;
mod screen;
mod slips;
mod storage;

pub(super) use backups::note_backup;

use crate::config::{Board, Config, ConfigError, Fault};
use crate::daemon;
use crate::device::SiteKey;
use anyhow::Context;
use finding::{Area, Finding, Level};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Print the findings as JSON.
    #[arg(long)]
    json: bool,
}

/// Exit code 0 where nothing or only warnings were found, 1 for a fault.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
    let findings = runtime.block_on(examine(&args.config));
    drop(runtime);
    super::ends_with_its_reader();
    if args.json {
        println!("{}", finding::to_json(&findings));
    } else {
        print!("{}", finding::to_text(&findings));
    }
    let faulty = findings.iter().any(|finding| finding.level == Level::Fault);
    Ok(if faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Everything that can be found out about this configuration on this machine.
async fn examine(path: &Path) -> Vec<Finding> {
    let config = match Config::load_with_files(path) {
        Ok(config) => config,
        Err(error) => return explain(Area::Configuration, &error),
    };
    let mut findings = vec![Finding::ok(Area::Configuration, format!("{} is complete", path.display()))];
    match Board::load(&config.board, path.parent().unwrap_or(Path::new(""))) {
        Ok(board) => {
            findings.extend(screen::examine(&config, &board));
            findings.extend(around::examine(&config, &board));
            findings.extend(slips::examine(&board));
        }
        Err(error) => findings.extend(explain(Area::Board, &error)),
    }
    findings.push(devices(&config));
    findings.extend(storage::examine(&config.data_dir));
    findings.extend(backups::examine(&config.data_dir, config.retention.visits.min(config.retention.persons)));
    findings.extend(quota::examine(&config.data_dir, daemon::desk_settings(&config).keep.quota));
    findings.extend(mount::examine(&config.data_dir));
    findings.push(encryption::examine(&config.data_dir));
    findings.extend(machine::examine(&config));
    findings.extend(certificate::examine(&config));
    findings.extend(handbook::examine(&config));
    findings.extend(console::examine(&config));
    findings.extend(brokers::examine(&config).await);
    findings
}

fn explain(area: Area, error: &ConfigError) -> Vec<Finding> {
    let in_file = |fault: &Fault| {
        let Fault { line, key, problem, hint } = fault;
        let place = line.map_or_else(String::new, |line| format!(", line {line}"));
        let key = if key.is_empty() { String::new() } else { format!("{key}: ") };
        let remedy = hint.clone().unwrap_or_else(|| "mend this line".into());
        Finding::fault(area, format!("{}{place}: {key}{problem}", error.file.display()), remedy)
    };
    error.faults.iter().map(in_file).collect()
}

/// The site's profiles, and a profile for every device.
fn devices(config: &Config) -> Finding {
    // The daemon's own key stays where it is: nothing is read here that would be hashed with it.
    let no_key = SiteKey::new([0; 32]);
    let read = daemon::devices_with(config, no_key);
    match read {
        Ok(_) if config.devices.is_empty() => Finding::warning(
            Area::Devices,
            "no [[device]] is configured: doors and intercoms are not heard",
            "add one for each product; lobbyd profile list names them",
        ),
        Ok(devices) => Finding::ok(Area::Devices, format!("listening to {}", devices.filters().join(", "))),
        Err(error) => Finding::fault(
            Area::Devices,
            format!("{error:#}"),
            "correct the profile's file or the name in [[device]]; lobbyd profile list names what there is",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A configuration in a folder of its own. Nothing listens on port 9 (discard) of any machine that builds this.
    fn site(extra: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lobby.toml");
        let text = format!(
            "board = \"headless\"\ndata_dir = \".\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
             [building]\nurl = \"mqtt://127.0.0.1:9\"\n[office]\nurl = \"mqtt://127.0.0.1:9\"\n{extra}"
        );
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn of(area: Area, findings: &[Finding]) -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.area == area).collect()
    }

    #[tokio::test]
    async fn a_broker_that_is_not_there_is_a_fault_and_the_rest_is_still_examined() {
        let (_folder, path) = site("");
        let findings = examine(&path).await;
        for area in [Area::Building, Area::Office] {
            let said = of(area, &findings);
            assert!(said.iter().any(|f| f.level == Level::Fault && f.what.contains("127.0.0.1:9")), "{said:?}");
        }
        for area in [Area::Configuration, Area::Board, Area::DataDir] {
            assert!(of(area, &findings).iter().any(|f| f.level == Level::Ok), "{area:?}: {findings:?}");
        }
        assert!(findings.iter().all(|f| f.level == Level::Ok || f.remedy.is_some()), "{findings:?}");
    }

    #[tokio::test]
    async fn a_configuration_that_cannot_be_read_is_explained_line_by_line() {
        let (_folder, path) = site("[kiosk]\nidle_second = 5\n");
        let findings = examine(&path).await;
        assert_eq!(findings.len(), 1);
        assert!(findings[0].what.contains("line 11") && findings[0].what.contains("idle_second"), "{findings:?}");
        assert_eq!(findings[0].remedy.as_deref(), Some("did you mean \"idle_seconds\"?"));
    }

    #[test]
    fn a_device_whose_profile_nobody_has_is_a_fault() {
        let (_folder, path) = site("[[device]]\nprofile = \"esp-rfdi\"\n");
        let finding = devices(&Config::load(&path).unwrap());
        assert!(finding.level == Level::Fault && finding.what.contains("did you mean \"esp-rfid\"?"), "{finding:?}");
        let (_folder, path) = site("[[device]]\nprofile = \"esp-rfid\"\ntopic = \"/rfid/send\"\n");
        let finding = devices(&Config::load(&path).unwrap());
        assert!(finding.level == Level::Ok && finding.what.contains("/rfid/send"), "{finding:?}");
    }

    #[test]
    fn a_profile_of_the_site_that_cannot_be_read_is_a_fault_and_named() {
        let (folder, path) = site("profiles = \"own\"\n");
        let text = fs::read_to_string(&path).unwrap().replace("profiles = \"own\"\n", "");
        fs::write(&path, format!("profiles = \"own\"\n{text}")).unwrap();
        fs::create_dir(folder.path().join("own")).unwrap();
        fs::write(folder.path().join("own/gate.toml"), "prodcut = 1").unwrap();
        let finding = devices(&Config::load(&path).unwrap());
        assert!(finding.level == Level::Fault && finding.what.contains("gate"), "{finding:?}");
    }
}
