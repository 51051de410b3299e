//! `lobbyd backup`: journal, keys and lists of the data folder into a folder of their own, of one moment, with checksums, while
//! the daemon runs. It holds names, phone numbers and keys, so nobody but its owner may read it. Never waits for the desk, and
//! the desk never for it.

use super::check::note_backup;
use super::person::text;
use super::taken::{self, Copy};
use crate::config::sent_rules::{BEFORE_FILE, RULES_FILE};
use crate::config::{Config, staff};
use crate::console::tls;
use crate::daemon::SITE_KEY_FILE;
use crate::directory::{DIRECTORY_FILE, OLD_FILE};
use crate::health::clock;
use crate::journal::{JOURNAL_FILE, Reader};
use crate::service::contact::Text;
use crate::service::person::What;
use anyhow::{Context, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// What is in the data folder beside the journal and cannot be made again: the key of the card numbers, who may sign in, the
/// rules that the office has sent (older ones than the journal knows would not be started with), the directory, the page's certificate. Sessions are not among it: people sign in again. The directory's old name is for copies of a release before.
pub(super) const FILES: [&str; 8] = [
    SITE_KEY_FILE,
    staff::STAFF_FILE,
    RULES_FILE,
    BEFORE_FILE,
    DIRECTORY_FILE,
    OLD_FILE,
    tls::CERT_FILE,
    tls::KEY_FILE,
];
/// What the backup says of itself.
pub(super) const ABOUT_FILE: &str = "backup.json";
/// In the form that `sha256sum --check` reads.
pub(super) const SUMS_FILE: &str = "SHA256SUMS";
/// This form of a backup.
pub(super) const FORM: u32 = 1;

/// Longest time for the journal: a gigabyte on a slow stick. The write-ahead log grows meanwhile.
const PATIENCE: Duration = Duration::from_secs(30 * 60);
/// The desk's commits go before the backup's reading (setpriority(2): 19 is the kindest).
const KIND: libc::c_int = 19;

#[derive(clap::Args)]
pub struct Args {
    /// The folder to make, such as one on a USB stick. It must not be there yet.
    folder: PathBuf,
    /// The configuration file.
    #[arg(long)]
    config: PathBuf,
    /// Who takes it; it is journaled. Without one, as by a timer, the user of the system is.
    #[arg(long, value_parser = text)]
    author: Option<Text>,
}

/// What a backup says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    pub form: u32,
    pub lobbyd: String,
    pub site: String,
    pub gateway: String,
    pub epoch: String,
    pub newest: u64,
    pub taken: String,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let folder = &args.folder;
    if folder.exists() {
        bail!("{} is there already: name a new folder, for a backup never overwrites another", folder.display());
    }
    let at = clock::now().utc;
    let counted = Reader::open(&config.data_dir).and_then(|reader| Ok((reader.count_from(0)?.0, reader.span()?)));
    let (events, span) =
        counted.with_context(|| format!("the journal in {} cannot be read", config.data_dir.display()))?;
    let copy = Copy { what: What::Backup, at, events, span, file: None };
    taken::tell(&config, copy, args.author.as_ref())?;
    // SAFETY: the call takes three numbers and changes only this process.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, KIND) };
    let fresh = PathBuf::from(format!("{}.new", folder.display()));
    // One that was cut off.
    match fs::remove_dir_all(&fresh) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("{} is in the way and cannot be removed", fresh.display()));
        }
        _ => {}
    }
    let done = fill(&config, &fresh, at).and_then(|about| {
        fs::rename(&fresh, folder).with_context(|| format!("{} cannot be made", folder.display()))?;
        sync(folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?;
        Ok(about)
    });
    let about = done.inspect_err(|_| drop(fs::remove_dir_all(&fresh)))?;
    note_backup(&config.data_dir, folder);
    println!("{}: events up to {} of {}, and the keys and lists", folder.display(), about.newest, about.epoch);
    println!("It holds names, phone numbers and keys: lock it away. /etc/lobbyd is not in it.");
    Ok(ExitCode::SUCCESS)
}

fn fill(config: &Config, fresh: &Path, now: DateTime<Utc>) -> anyhow::Result<About> {
    DirBuilder::new().mode(0o700).create(fresh).with_context(|| format!("{} cannot be made", fresh.display()))?;
    let copy = fresh.join(JOURNAL_FILE);
    let reader = Reader::open(&config.data_dir)
        .with_context(|| format!("the journal in {} cannot be read", config.data_dir.display()))?;
    reader.copy_to(&copy, PATIENCE).context("the journal cannot be copied")?;
    let copied = Reader::open_file(&copy)?;
    let about = About {
        form: FORM,
        lobbyd: env!("CARGO_PKG_VERSION").to_owned(),
        site: config.site.id.to_string(),
        gateway: config.site.gateway.to_string(),
        epoch: copied.epoch()?,
        newest: copied.span()?.map_or(0, |(_, newest)| newest),
        taken: now.to_rfc3339_opts(SecondsFormat::Secs, true),
    };
    drop(copied);
    let mut sums = String::new();
    let mut sum = |name: &str, digest: String| sums += &format!("{digest}  {name}\n");
    sum(JOURNAL_FILE, digest_of(&copy)?);
    for name in FILES {
        if let Some(digest) = copy_file(&config.data_dir.join(name), &fresh.join(name))? {
            sum(name, digest);
        }
    }
    write_new(&fresh.join(ABOUT_FILE), &serde_json::to_vec_pretty(&about)?)?;
    sum(ABOUT_FILE, digest_of(&fresh.join(ABOUT_FILE))?);
    write_new(&fresh.join(SUMS_FILE), sums.as_bytes())?;
    sync(fresh)?;
    Ok(about)
}

/// Copies a file, for its owner alone, and says its SHA-256; `None` where there is none. Each of them is only ever replaced
/// whole, so what is read is whole.
pub(super) fn copy_file(from: &Path, to: &Path) -> anyhow::Result<Option<String>> {
    let mut from_file = match File::open(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.with_context(|| format!("{} cannot be read", from.display()))?,
    };
    let mut copy = || -> io::Result<String> {
        let mut to_file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
        let (mut sha, mut buffer) = (Sha256::new(), vec![0; 1 << 16]);
        loop {
            let read = from_file.read(&mut buffer)?;
            if read == 0 {
                to_file.sync_all()?;
                return Ok(hex(&sha.finalize()));
            }
            sha.update(&buffer[..read]);
            to_file.write_all(&buffer[..read])?;
        }
    };
    copy().map(Some).with_context(|| format!("{} cannot be copied to {}", from.display(), to.display()))
}

fn digest_of(file: &Path) -> anyhow::Result<String> {
    let mut sha = Sha256::new();
    let hashed = File::open(file).and_then(|mut file| io::copy(&mut file, &mut sha));
    hashed.with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(hex(&sha.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn write_new(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        opened.write_all(bytes)?;
        opened.sync_all()
    };
    write().with_context(|| format!("{} cannot be written", file.display()))
}

fn sync(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("{} cannot be written", folder.display()))
}
