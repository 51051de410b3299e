//! `lobbyd person`: one person's data, for him or for the law: a copy of it, its erasure, a hold on it. The running daemon carries it out and
//! journals who asked; nothing is asked of a daemon that does not run. A name or a number leaves only in the file of an export.

use crate::config::{Config, requests};
use crate::directory::Directory;
use crate::event::Id;
use crate::journal::{Known, Reader, Row};
use crate::service::contact::{Name, Phone, Text};
use crate::service::invitation::Invitation;
use crate::service::number::{Number, Slip};
use crate::service::person::{Erasure, Hold, Of, Outcome, Request, Stays, Wanted};
use anyhow::{Context, bail};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the daemon may take: it looks once a second, and a slow card commits within another.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);
/// What an event says of the staff who acted: theirs, not his to read.
const OF_STAFF: [&str; 4] = ["by_name", "accepted_by", "relief", "who"];

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
    /// The configuration file.
    #[arg(long, global = true, default_value = "/etc/lobbyd/lobby.toml")]
    config: PathBuf,
    /// Print the outcome as JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Write everything that is known of somebody into a file, for him
    Export {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        by: By,
        /// The file; it must not exist.
        #[arg(long)]
        out: PathBuf,
    },
    /// Erase somebody; not what is open or held, which it names
    Erase {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        by: By,
    },
    /// Keep a ticket, or everything of somebody, from being erased, until a day
    Hold {
        /// The ticket, as on its slip: R-1121-07.
        #[arg(long, value_parser = slip, conflicts_with = "phone", required_unless_present = "phone")]
        case: Option<Slip>,
        /// The phone number of somebody.
        #[arg(long, value_parser = phone)]
        phone: Option<Phone>,
        /// Why: the number of the proceedings, who has ordered it.
        #[arg(long, value_parser = text)]
        reason: Text,
        /// The last day of it: 2027-06-30.
        #[arg(long)]
        until: NaiveDate,
        #[command(flatten)]
        by: By,
    },
    /// End a hold before its day
    Lift {
        /// As "holds" shows it.
        id: String,
        #[command(flatten)]
        by: By,
    },
    /// What is held
    Holds,
}

#[derive(clap::Args)]
struct Who {
    /// His phone number, by which he is known.
    #[arg(long, value_parser = phone)]
    phone: Phone,
    /// His name: where several have that phone, and for invitations, which have none.
    #[arg(long, value_parser = name)]
    name: Option<Name>,
    /// A ticket that has his name and no phone, and is his: somebody has looked. As on its slip; may be given several times.
    #[arg(long, value_parser = slip, requires = "name")]
    also: Vec<Slip>,
}

#[derive(clap::Args)]
struct By {
    /// Who does this; it is journaled.
    #[arg(long, value_parser = text)]
    author: Text,
}

fn phone(text: &str) -> Result<Phone, String> {
    Phone::parse(text).map_err(|why| why.to_string())
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|why| why.to_string())
}

pub(super) fn text(text: &str) -> Result<Text, String> {
    Text::parse(text).map_err(|why| why.to_string())
}

fn slip(text: &str) -> Result<Slip, String> {
    Slip::parse(text).ok_or_else(|| "write it as on the slip: R-1121-07".into())
}

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    let config = Config::load(&args.config)?;
    let request = match args.command {
        Command::Holds => return holds(&config, args.json),
        Command::Export { who, by, out } => return export(&config, who.wanted(&config)?, by.author, &out),
        Command::Erase { who, by } => {
            say_where_he_stands(&config, &who.phone)?;
            Request::Erase { wanted: who.wanted(&config)?, author: by.author }
        }
        Command::Lift { id, by } => Request::Lift { id, author: by.author },
        Command::Hold { case, phone, reason, until, by } => {
            let of = match (case, phone) {
                (Some(slip), _) => Of::Case(case_of(&config, slip)?),
                (None, Some(phone)) => Of::Person(Wanted { phone, name: None, cases: Vec::new() }),
                (None, None) => bail!("say what is held: --case or --phone"),
            };
            let id = Id::random().to_string()[..8].to_owned();
            let until = end_of(&config, until)?;
            Request::Hold(Hold { id, of, reason, author: by.author, until })
        }
    };
    let id = if let Request::Hold(hold) = &request { Some(hold.id.clone()) } else { None };
    let outcome = ask(&config, &request)?;
    if matches!(outcome, Outcome::Erased(_)) {
        say_what_is_left(&config);
    }
    if args.json {
        println!("{}", json!({ "id": id, "outcome": outcome }));
    } else {
        println!("{}", in_words(&outcome, id.as_deref()));
    }
    Ok(if matches!(outcome, Outcome::Refused(_) | Outcome::Lifted(false)) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The directory is the office's, and comes again: it is for the office to take somebody out.
fn say_where_he_stands(config: &Config, phone: &Phone) -> anyhow::Result<()> {
    for entry in in_directory(config, phone)? {
        let unit = entry["unit"].as_str().unwrap_or_default();
        eprintln!("the directory has this number in unit {unit}: have the office, or your table, take it out");
    }
    Ok(())
}

fn in_directory(config: &Config, phone: &Phone) -> anyhow::Result<Vec<Value>> {
    let wanted = Wanted { phone: phone.clone(), name: None, cases: Vec::new() };
    let Some(directory) = Directory::open(&config.data_dir)? else { return Ok(Vec::new()) };
    let found = directory.with_phone(wanted.digits())?;
    Ok(found.into_iter().map(|found| json!({ "unit": found.unit, "host": found.host })).collect())
}

impl Who {
    fn wanted(self, config: &Config) -> anyhow::Result<Wanted> {
        let cases = self.also.iter().map(|slip| case_of(config, *slip)).collect::<anyhow::Result<_>>()?;
        Ok(Wanted { phone: self.phone, name: self.name, cases })
    }
}

fn case_of(config: &Config, slip: Slip) -> anyhow::Result<Number> {
    let found = Reader::open(&config.data_dir)?.case_said(slip.series, slip.month_day, slip.nth)?;
    Ok(found.context("there is no such ticket")?.case.docket.number)
}

/// The end of that day, on the site's clocks.
fn end_of(config: &Config, day: NaiveDate) -> anyhow::Result<DateTime<Utc>> {
    let next = day.succ_opt().and_then(|day| day.and_hms_opt(0, 0, 0)).context("this day cannot be reckoned with")?;
    let end = config.site.time_zone.from_local_datetime(&next).earliest();
    Ok(end.context("this day cannot be reckoned with")?.to_utc())
}

/// Hands it to the running daemon and waits for what becomes of it.
fn ask(config: &Config, request: &Request) -> anyhow::Result<Outcome> {
    let name = Id::random().to_string();
    let asked = requests::ask(&config.data_dir, &name, request).with_context(|| {
        format!("{} cannot be written: run this as the user that runs lobbyd", config.data_dir.display())
    })?;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(outcome) = asked.answer() {
            return Ok(outcome);
        }
        std::thread::sleep(LOOK);
    }
    match asked.take_back() {
        Ok(()) => bail!("lobbyd does not run, or cannot write: nothing was done. Start it, and ask again"),
        Err(_) => bail!("lobbyd has taken it up and not answered: ask again, which does nothing twice"),
    }
}

fn in_words(outcome: &Outcome, id: Option<&str>) -> String {
    match outcome {
        Outcome::Held { until } => {
            format!("held until {} (id {})", until.to_rfc3339_opts(SecondsFormat::Secs, true), id.unwrap_or("-"))
        }
        Outcome::Lifted(true) => "it is held no more".into(),
        Outcome::Lifted(false) => "there is no such hold: lobbyd person holds".into(),
        Outcome::Exported { events, cases } => format!("{events} events and {cases} tickets"),
        Outcome::Recorded => "it is journaled".into(),
        Outcome::Refused(why) => format!("nothing was done: {why}"),
        Outcome::Erased(erasure) => erased(erasure),
    }
}

/// What lies beside the journal goes at its age, and may be wanted for the way back: whoever erases decides.
fn say_what_is_left(config: &Config) {
    for path in crate::journal::left(&config.data_dir) {
        eprintln!("{} is from before and may still hold him: delete it, or it goes at its age", path.display());
    }
}

fn erased(erasure: &Erasure) -> String {
    let Erasure { events, cases, watched, invitations, stay, held_events } = erasure;
    let mut words = format!(
        "erased from {events} events, {} tickets, {watched} entries of the watch-list and {invitations} invitations",
        cases.len()
    );
    for (number, why) in stay {
        let why = match why {
            Stays::Open => "is open: somebody still works for him; ask again when it is closed",
            Stays::Held => "is held by law (lobbyd person holds)",
            Stays::Namesake => "has his name and no phone: look at it, and ask again with --also where it is his",
        };
        words += &format!("\n{number} {why}");
    }
    if *held_events > 0 {
        words += &format!("\n{held_events} events of no ticket are held by law");
    }
    words
        + "\nThe office is told which of its events to clear. Backups and exports that were carried away are not reached."
}

fn holds(config: &Config, as_json: bool) -> anyhow::Result<ExitCode> {
    for hold in Reader::open(&config.data_dir)?.holds()? {
        let of = match &hold.of {
            Of::Case(number) => number.to_string(),
            // Whoever lists holds need not read a number aloud.
            Of::Person(wanted) => format!("a person, phone …{}", wanted.phone.tail()),
        };
        let until = hold.until.to_rfc3339_opts(SecondsFormat::Secs, true);
        let (author, reason) = (hold.author.as_str(), hold.reason.as_str());
        if as_json {
            println!("{}", json!({ "id": hold.id, "of": of, "until": until, "author": author, "reason": reason }));
        } else {
            println!("{}  {of}  until {until}  {author}: {reason}", hold.id);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Journaled before it is read.
fn export(config: &Config, wanted: Wanted, author: Text, out: &Path) -> anyhow::Result<ExitCode> {
    // First the file: what cannot be written need not be read.
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(out);
    let mut file = opened.with_context(|| format!("{} cannot be made", out.display()))?;
    let written = ask(config, &Request::Export { wanted: wanted.clone(), author }).and_then(|outcome| {
        if let Outcome::Refused(why) = outcome {
            bail!("nothing was written: {why}");
        }
        let known = Reader::open(&config.data_dir)?.known_of(&wanted)?;
        let text = serde_json::to_vec_pretty(&as_text(config, &wanted, &known)?)?;
        file.write_all(&text).and_then(|()| file.sync_all()).context("the file cannot be written")?;
        Ok(known)
    });
    let known = written.inspect_err(|_| drop(std::fs::remove_file(out)))?;
    for number in &known.namesakes {
        eprintln!("{number} has his name and no phone: look at it, and ask again with --also where it is his");
    }
    println!("{}: {} events and {} tickets, for him alone", out.display(), known.events.len(), known.cases.len());
    Ok(ExitCode::SUCCESS)
}

fn as_text(config: &Config, wanted: &Wanted, known: &Known) -> anyhow::Result<Value> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let event = |row: &Row| {
        let mut data: Value = serde_json::from_str(row.data.get()).unwrap_or_default();
        if let Some(person) = data.get_mut("person").and_then(Value::as_object_mut) {
            person.retain(|key, _| !OF_STAFF.contains(&key.as_str()));
        }
        json!({
            "number": row.seq, "id": row.id.to_string(), "kind": row.kind.name(), "about": row.subject,
            "time": time(row.stamp.time), "data": data,
        })
    };
    let case = |row: &crate::journal::CaseRow| {
        json!({
            "ticket": row.case.docket.number.to_string(), "matter": row.case.matter.name(), "state": row.case.state(),
            "closed": row.case.docket.closed.map(time), "facts": row.case.docket.facts, "person": row.person,
        })
    };
    let invitation = |said: &Invitation| {
        json!({
            "unit": said.unit, "host": said.host, "visitor": said.visitor, "from": time(said.from), "until": time(said.until),
        })
    };
    Ok(json!({
        "site": config.site.id, "gateway": config.site.gateway, "written": time(Utc::now()),
        "of": { "phone": wanted.phone, "name": wanted.name },
        "tickets": known.cases.iter().map(case).collect::<Vec<_>>(),
        "events": known.events.iter().map(event).collect::<Vec<_>>(),
        "watch_list": known.watched,
        "invitations": known.invited.iter().map(invitation).collect::<Vec<_>>(),
        "directory": in_directory(config, &wanted.phone)?,
    }))
}
