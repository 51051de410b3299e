//! `lobbyd restore` puts a backup into the data folder, and `lobbyd journal restore` the copy from before an upgrade. Only while
//! no daemon runs; what was there is set aside, and what it knew beyond the copy is written out first. Never restores what is not
//! whole, or what is another site's.

use super::backup::{ABOUT_FILE, About, FILES, FORM, SUMS_FILE, copy_file};
use crate::config::Config;
use crate::event::{Now, Source};
use crate::health::clock;
use crate::journal::{self, Carried, JOURNAL_FILE, Reader, Renewed, Restore, Since, VERSION};
use crate::service::number::local_day;
use anyhow::{Context, bail};
use std::fs::{self, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Args {
    /// The folder that `lobbyd backup` has made.
    folder: PathBuf,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Set aside the journal that is there.
    #[arg(long)]
    force: bool,
}

/// Puts a backup in place.
pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let backup = &args.folder;
    let about = about(backup)?;
    if (about.site.as_str(), about.gateway.as_str()) != (config.site.id.as_str(), config.site.gateway.as_str()) {
        bail!(
            "{} is a backup of {}/{}, and this machine is {}/{}: two machines must not speak as one",
            backup.display(),
            about.site,
            about.gateway,
            config.site.id,
            config.site.gateway
        );
    }
    let (restore, was_cut_off) = begin(&config)?;
    if config.data_dir.join(JOURNAL_FILE).exists() && !args.force {
        if was_cut_off {
            println!("Nothing else was done: --force restores once more.");
            return Ok(ExitCode::SUCCESS);
        }
        bail!("there is a journal in {} already; --force sets it aside", config.data_dir.display());
    }
    stage(backup, &restore.staging())?;
    println!("{}: taken {}, events up to {}", backup.display(), about.taken, about.newest);
    exchange(&config, restore, &FILES)
}

/// Puts a copy from before an upgrade in place: `copy`, or the newest that this version reads.
pub fn way_back(config: &Config, copy: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let kept = journal::kept(&config.data_dir);
    let newest = || kept.iter().find(|(version, _)| *version <= VERSION).map(|(_, copy)| copy.clone());
    let Some(copy) = copy.or_else(newest) else {
        bail!(
            "{} holds no copy from before an upgrade that this lobbyd can read (it reads journals up to version {VERSION}); \
             a backup is put back with \"lobbyd restore\"",
            config.data_dir.display()
        );
    };
    let (restore, was_cut_off) = begin(config)?;
    if was_cut_off {
        println!("Nothing else was done: say it again to restore once more.");
        return Ok(ExitCode::SUCCESS);
    }
    copy_file(&copy, &restore.staging().join(JOURNAL_FILE))?
        .with_context(|| format!("there is no {}", copy.display()))?;
    println!("{}: the copy from before an upgrade", copy.display());
    exchange(config, restore, &[])
}

/// The lock, and the right to write. Whether a restore that was cut off has been ended on the way.
fn begin(config: &Config) -> anyhow::Result<(Restore, bool)> {
    let folder = &config.data_dir;
    let owner = fs::metadata(folder).with_context(|| format!("there is no folder {}", folder.display()))?.uid();
    // SAFETY: geteuid has no preconditions and cannot fail.
    let own = unsafe { libc::geteuid() };
    if own != 0 && own != owner {
        bail!("{} belongs to another user: run this as that user, or as root", folder.display());
    }
    let was_cut_off = journal::is_unfinished(folder);
    let restore = Restore::begin(folder)?;
    if was_cut_off {
        println!("A restore had been cut off. It has now been ended: what it restored is in place.");
    }
    Ok((restore, was_cut_off))
}

fn about(backup: &Path) -> anyhow::Result<About> {
    let file = backup.join(ABOUT_FILE);
    let text =
        fs::read(&file).with_context(|| format!("{} is no backup: {ABOUT_FILE} cannot be read", backup.display()))?;
    let about: About = serde_json::from_slice(&text).with_context(|| format!("{} is damaged", file.display()))?;
    if about.form > FORM {
        bail!("{} was made by a newer lobbyd ({}): install that version", backup.display(), about.lobbyd);
    }
    Ok(about)
}

/// Copies what the backup lists, and compares each checksum.
fn stage(backup: &Path, staging: &Path) -> anyhow::Result<()> {
    let sums = backup.join(SUMS_FILE);
    let text = fs::read_to_string(&sums).with_context(|| format!("{} cannot be read", sums.display()))?;
    let mut has_journal = false;
    for line in text.lines() {
        let listed = line.split_once("  ").filter(|(_, name)| *name == ABOUT_FILE || is_ours(name));
        let (sum, name) = listed.with_context(|| format!("{} has a line that is none of ours", sums.display()))?;
        let copied = copy_file(&backup.join(name), &staging.join(name))?;
        if copied.as_deref() != Some(sum) {
            bail!(
                "{} is missing or not what was backed up: its checksum differs. Take another backup",
                backup.join(name).display()
            );
        }
        has_journal |= name == JOURNAL_FILE;
    }
    if !has_journal {
        bail!("{} holds no journal", backup.display());
    }
    fs::remove_file(staging.join(ABOUT_FILE)).with_context(|| format!("{} does not list {ABOUT_FILE}", sums.display()))
}

fn is_ours(name: &str) -> bool {
    name == JOURNAL_FILE || FILES.contains(&name)
}

/// Looks through the staged journal, writes out what the one in place knows beyond it, and exchanges them.
fn exchange(config: &Config, restore: Restore, replaced: &[&str]) -> anyhow::Result<ExitCode> {
    let staged = restore.staging().join(JOURNAL_FILE);
    let audit = Reader::open_file(&staged).and_then(|reader| reader.audit()).context("the copy cannot be read")?;
    if let Some(fault) = audit.broken() {
        bail!("the copy is not sound, and nothing was changed: {fault}");
    }
    // It may be the only one that there is.
    audit.altered.iter().for_each(|fault| println!("warning: {fault}"));
    let now = clock::now();
    let stamp = now.utc.format("%Y%m%dT%H%M%SZ").to_string();
    // To the millisecond: a restore that was cut off may be done again within the second, and overwrites nothing.
    let name = now.utc.format("%Y%m%dT%H%M%S%3fZ").to_string();
    if !now.synced {
        println!("The clock is not set by the network: numbers of today may be given a second time.");
    }
    let since = write_since(config, &restore.staging(), &name)?;
    let renewed = restore
        .begin_anew(since.as_ref(), &stamp, now, day(config, now))
        .context("the copy cannot be made this machine's journal, and nothing was changed")?;
    let aside = restore.put_in_place(replaced, &name)?;
    tell(&renewed, &aside);
    Ok(ExitCode::SUCCESS)
}

fn day(config: &Config, now: Now) -> u32 {
    local_day(now.utc, config.site.time_zone)
}

/// What the journal in place knows and the copy does not, as lines of JSON: staged, so that it is there when the copy is.
fn write_since(config: &Config, staging: &Path, stamp: &str) -> anyhow::Result<Option<Since>> {
    let present = config.data_dir.join(JOURNAL_FILE);
    if !present.exists() {
        println!(
            "There is no journal in place: what happened after the copy is not known here. The office may have it. Holds, \
             watch-list and invitations are those of the copy, and who was erased since is there again."
        );
        return Ok(None);
    }
    let name = format!("journal-since-{stamp}.jsonl");
    let file = staging.join(&name);
    let mut out = BufWriter::new(
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&file)
            .with_context(|| format!("{} cannot be written", file.display()))?,
    );
    let epoch = Reader::open_file(&present).and_then(|reader| reader.epoch()).unwrap_or_default();
    let source = Source { site: config.site.id.clone(), gateway: config.site.gateway.clone(), epoch };
    let written = Since::write(&present, &staging.join(JOURNAL_FILE), &source, &mut out);
    let since = match written {
        Ok(since) if since.events > 0 => since,
        // What it knows beside events still counts.
        Ok(since) => {
            drop(fs::remove_file(&file));
            println!("The journal in place has no event beyond the copy.");
            return Ok(Some(since));
        }
        Err(error) => {
            drop(fs::remove_file(&file));
            println!(
                "The journal in place cannot be read ({error}): what happened after the copy is not known here. Holds, \
                 watch-list and invitations are those of the copy, and who was erased since is there again."
            );
            return Ok(None);
        }
    };
    out.flush()
        .and_then(|()| out.get_ref().sync_all())
        .with_context(|| format!("{} cannot be written", file.display()))?;
    println!(
        "{} events of the journal in place are not in the copy. They are written to {}; {} of them the office has not acknowledged.",
        since.events,
        config.data_dir.join(name).display(),
        since.unsent
    );
    Ok(Some(since))
}

fn tell(renewed: &Renewed, aside: &Path) {
    println!("The journal goes on after event {} under a new epoch, {}.", renewed.through, renewed.epoch);
    tell_carried(&renewed.carried);
    println!("What was there is in {}: delete it when all is well, for it holds names.", aside.display());
    println!("Now: sudo systemctl start lobbyd, and look through the open cases with the guards.");
}

fn tell_carried(carried: &Carried) {
    let Carried { held, lifted, watched, unwatched, invitations, events, cases, missing } = carried;
    let came = [
        (held, "legal holds were placed again"),
        (lifted, "legal holds were lifted"),
        (watched, "entries of the watch-list were set"),
        (unwatched, "entries of the watch-list were removed"),
        (invitations, "invitations came over"),
        (events, "events have lost again who was erased"),
        (cases, "tickets have lost again who was erased, or has withdrawn"),
    ];
    for (count, what) in came.into_iter().filter(|(count, _)| **count > 0) {
        println!("From the journal that was in place: {count} {what}.");
    }
    for what in missing {
        println!("warning: not carried over from the journal that was in place: {what}");
    }
}
