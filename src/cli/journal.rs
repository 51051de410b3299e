//! `lobbyd journal`: look into the journal, take its events out, see whether it is sound, go back to the copy from before an
//! upgrade. All but the last only read, and work while the daemon runs. Names and phone numbers leave it only through `export`,
//! which is journaled before.

use super::person::text;
use super::taken::{self, Copy};
use super::{journal_status, restore};
use crate::config::Config;
use crate::daemon::desk_settings;
use crate::event::{Envelope, Source};
use crate::health::clock;
use crate::journal::{Ages, Audit, Head, JOURNAL_FILE, Noted, Reader, Row};
use crate::service::contact::Text;
use crate::service::person::What;
use anyhow::Context;
use serde_json::json;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Rows read at once.
const BATCH: usize = 1000;
/// How often `tail --follow` looks for new rows.
const LOOK: Duration = Duration::from_millis(300);

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show the newest events, without names and phone numbers
    Tail {
        #[command(flatten)]
        of: Of,
        /// How many.
        #[arg(short = 'n', long, default_value_t = 20)]
        lines: u64,
        /// Go on with what comes.
        #[arg(short, long)]
        follow: bool,
        /// One CloudEvent a line.
        #[arg(long)]
        json: bool,
    },
    /// Write all events as JSON lines, one CloudEvent each, with names and phone numbers
    Export {
        #[command(flatten)]
        of: Of,
        /// The first number to write.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// Who takes it; it is journaled, and stands in each line.
        #[arg(long, value_parser = text)]
        author: Text,
        /// Accepted for likeness with the others: the export is JSON in any case.
        #[arg(long)]
        json: bool,
    },
    /// Say what waits for the office, how fast it goes, and what the journal takes of what it may
    Status {
        #[command(flatten)]
        of: Of,
        /// Seconds over which the rates are counted.
        #[arg(long, default_value_t = journal_status::SECONDS, value_parser = clap::value_parser!(u64).range(1..=journal_status::MOST_SECONDS))]
        seconds: u64,
        /// Print it as JSON.
        #[arg(long)]
        json: bool,
    },
    /// See whether the journal is sound and nobody has changed it: exit code 1 otherwise
    Verify {
        #[command(flatten)]
        of: Of,
        /// A head that was noted earlier, from the status or `journal status`: is it still one of its events?
        #[arg(long, value_name = "SEQ:HASH")]
        head: Option<Head>,
        /// Print the verdict as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Go back to the copy from before an upgrade, when the version before has been installed again. Stop lobbyd first
    Restore {
        /// The configuration file.
        #[arg(long)]
        config: PathBuf,
        /// A copy in place of the newest one that this version reads.
        #[arg(long)]
        copy: Option<PathBuf>,
    },
}

#[derive(clap::Args)]
pub(super) struct Of {
    /// The configuration file.
    #[arg(long)]
    pub(super) config: PathBuf,
    /// A journal file in place of the daemon's own, such as one that was damaged and put aside.
    #[arg(long)]
    file: Option<PathBuf>,
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let done = match args.command {
        Command::Tail { of, lines, follow, json } => tail(&of, lines, follow, json),
        Command::Export { of, from, author, json: _ } => export(&of, from, &author),
        Command::Status { of, seconds, json } => journal_status::run(&of, seconds, json),
        Command::Verify { of, head, json } => verify(&of, head, json),
        Command::Restore { config, copy } => restore::way_back(&Config::load(&config)?, copy),
    };
    match done {
        // Nobody reads any more: `lobbyd journal export | head` is no error.
        Err(error) if broken_pipe(&error) => Ok(ExitCode::SUCCESS),
        done => done,
    }
}

fn broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn tail(of: &Of, lines: u64, follow: bool, json: bool) -> anyhow::Result<ExitCode> {
    let (reader, source) = open(of)?;
    let newest = reader.span()?.map_or(0, |(_, newest)| newest);
    let mut last = newest.saturating_sub(lines);
    let mut out = io::stdout().lock();
    loop {
        for row in reader.all_after(last, BATCH)? {
            last = row.seq;
            let line = if json { envelope(&source, &nameless(row)) } else { in_words(&row).into_bytes() };
            write_line(&mut out, &line)?;
        }
        out.flush()?;
        let more = reader.span()?.is_some_and(|(_, newest)| newest > last);
        match (more, follow) {
            (true, _) => {}
            (false, true) => std::thread::sleep(LOOK),
            (false, false) => return Ok(ExitCode::SUCCESS),
        }
    }
}

/// What is there at this moment, and told before a byte of it leaves.
fn export(of: &Of, from: u64, author: &Text) -> anyhow::Result<ExitCode> {
    let (reader, source) = open(of)?;
    let at = clock::now().utc;
    let newest = reader.span()?.map_or(0, |(_, newest)| newest);
    let (events, first) = reader.count_from(from)?;
    let file = of.file.as_ref().and_then(|file| Some(file.file_name()?.to_string_lossy().into_owned()));
    let copy = Copy { what: What::Export, at, events, span: first.map(|first| (first, newest)), file };
    taken::tell(&Config::load(&of.config)?, copy, Some(author))?;
    let mark = taken::mark(author, at);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut last = from.saturating_sub(1);
    loop {
        let rows = reader.all_after(last, BATCH)?;
        let Some(row) = rows.last() else { break };
        last = row.seq;
        for row in rows.iter().filter(|row| row.seq <= newest) {
            let mut line = envelope(&source, row);
            // Behind its last member.
            line.pop();
            line.push(b',');
            line.extend_from_slice(&mark);
            write_line(&mut out, &line)?;
        }
        if last >= newest {
            break;
        }
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

fn verify(of: &Of, noted: Option<Head>, json: bool) -> anyhow::Result<ExitCode> {
    let (reader, source) = open(of)?;
    let ages = Ages { days: desk_settings(&Config::load(&of.config)?).keep.days, now: clock::now() };
    let audit = reader.audit_against(noted, Some(ages))?;
    let (oldest, newest) = audit.span.unwrap_or_default();
    if json {
        println!(
            "{}",
            json!({
                "ok": audit.faults.is_empty(), "epoch": source.epoch, "events": audit.events,
                "oldest": oldest, "newest": newest, "thinned_through": audit.thinned,
                "not_chained": audit.unchained, "head": audit.head.map(|head| head.to_string()),
                "noted_head": audit.noted.map(Noted::name), "clock_set": clock::now().synced,
                "ages_doubtful_through": audit.doubtful, "faults": audit.faults,
            })
        );
    } else {
        println!("epoch {}: {} events, {oldest} to {newest}", source.epoch, audit.events);
        verdict(&audit, noted);
    }
    Ok(if audit.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verdict(audit: &Audit, noted: Option<Head>) {
    if audit.thinned > 0 && audit.altered.is_empty() && audit.span.is_some_and(|(oldest, _)| audit.thinned >= oldest) {
        println!("up to {} without what devices say day in, day out: retention has been there", audit.thinned);
    }
    if audit.unchained > 0 {
        println!("{} events are from before the chain, which says nothing of them", audit.unchained);
    }
    if let Some(head) = audit.head {
        println!("head: {head}");
    }
    match (audit.noted, noted) {
        (Some(Noted::Same), Some(noted)) => println!("event {} is the one that was noted", noted.seq),
        (Some(Noted::Retired), Some(noted)) => {
            println!("event {} is gone, its days are over: take a newer head, which can still be compared", noted.seq);
        }
        _ => {}
    }
    if !clock::now().synced {
        println!("the clock is not set: how old events are is reckoned by the newest one, to a day");
    }
    if audit.doubtful > 0 && (audit.thinned > 0 || audit.span.is_some_and(|(oldest, _)| oldest > 1)) {
        println!(
            "up to event {} a clock was ahead: whether what is gone there was old enough to go is not known",
            audit.doubtful
        );
    }
    audit.faults.iter().for_each(|fault| println!("fault: {fault}"));
    println!("{}", if audit.faults.is_empty() { "the journal is sound" } else { "the journal is NOT sound" });
}

pub(super) fn open(of: &Of) -> anyhow::Result<(Reader, Source)> {
    let config = Config::load(&of.config)?;
    let file = of.file.clone().unwrap_or_else(|| config.data_dir.join(JOURNAL_FILE));
    let reader = open_file(&file)?;
    let epoch = reader.epoch()?;
    Ok((reader, Source { site: config.site.id, gateway: config.site.gateway, epoch }))
}

fn open_file(file: &Path) -> anyhow::Result<Reader> {
    // SQLite's own words for a missing file are "unable to open database file".
    std::fs::metadata(file)
        .with_context(|| format!("there is no journal {}: has lobbyd run with this data_dir?", file.display()))?;
    Reader::open_file(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn envelope(source: &Source, row: &Row) -> Vec<u8> {
    let Row { seq, id, kind, subject, stamp, recorded, data } = row;
    let (seq, id, kind, stamp, recorded) = (*seq, *id, *kind, *stamp, *recorded);
    Envelope { source, id, seq, kind, subject, stamp, recorded, data }.to_json()
}

/// Without the person.
fn nameless(row: Row) -> Row {
    let mut data: serde_json::Value = serde_json::from_str(row.data.get()).unwrap_or_default();
    data.as_object_mut().and_then(|data| data.remove("person"));
    // What was read as JSON is written as JSON.
    let data = serde_json::value::to_raw_value(&data).unwrap_or_default();
    Row { data, ..row }
}

/// Number, time, kind, subject and data, without the person.
fn in_words(row: &Row) -> String {
    let mut data: serde_json::Value = serde_json::from_str(row.data.get()).unwrap_or_default();
    let person = data.as_object_mut().and_then(|data| data.remove("person"));
    let hidden = if person.is_some() { " (+ person)" } else { "" };
    let time = row.stamp.time.format("%Y-%m-%d %H:%M:%SZ");
    format!(
        "{:>8}  {time} {:<9} {:<20} {:<16} {data}{hidden}",
        row.seq,
        row.stamp.quality.name(),
        row.kind.name(),
        row.subject
    )
}

fn write_line(out: &mut impl Write, line: &[u8]) -> anyhow::Result<()> {
    out.write_all(line)?;
    Ok(out.write_all(b"\n")?)
}
