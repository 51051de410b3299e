//! `lobbyd person`: one person's data, for him or for the law: a copy of it, its erasure, a hold on it. The running daemon carries it out and
//! journals who asked; nothing is asked of a daemon that does not run. Who it is about comes over standard input, and a name or a number leaves
//! only in the file of an export.

use super::asked::{self, Answers, Given};
use crate::config::{Config, requests};
use crate::directory::Directory;
use crate::event::Id;
use crate::journal::{Known, Reader, Row};
use crate::service::contact::{Name, Phone, Text};
use crate::service::invitation::Invitation;
use crate::service::number::{Number, Slip};
use crate::service::person::{Erasure, Hold, Of, Outcome, Request, Stays, Thing, Wanted};
use anyhow::{Context, bail, ensure};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the daemon may take: it looks once a second, and a slow card commits within another.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(100);
/// How somebody is asked for.
const PHONE: &str = "Phone number";
const NAME: &str = "Name (may be empty)";
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
    /// Write everything that is known of somebody into a file, for him. Asks for his phone number and name, or reads them as two lines
    Export {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        by: By,
        /// The file; it must not exist.
        #[arg(long)]
        out: PathBuf,
    },
    /// Erase somebody; not what is open or held, which it names. Asks for his phone number and name, or reads them as two lines
    Erase {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        by: By,
    },
    /// Keep a ticket, or everything of somebody, from being erased, until a day
    Hold {
        /// The ticket, as on its slip: R-1121-07. Without it, everything of the person whose phone number is asked for.
        #[arg(long, value_parser = slip, conflicts_with = "phone")]
        case: Option<Slip>,
        /// For scripts alone: his phone number is seen by all in `ps`, the shell's history and sudo's log. Left out, or "-": it is asked for
        #[arg(long, value_parser = phone)]
        phone: Option<Given<Phone>>,
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
    /// For scripts alone: his phone number is seen by all in `ps`, the shell's history and sudo's log. Left out, or "-": it is asked for
    #[arg(long, value_parser = phone)]
    phone: Option<Given<Phone>>,
    /// For scripts alone, as --phone: his name, where several have that number, and for what has none. "-": it is asked for
    #[arg(long, value_parser = name)]
    name: Option<Given<Name>>,
    /// Something that has his name and no phone, and is his: somebody has looked. A ticket as on its slip, watch:ID or invitation:ID, as
    /// this command has told it; may be given several times.
    #[arg(long, value_parser = also)]
    also: Vec<Also>,
}

#[derive(clap::Args)]
struct By {
    /// Who does this; it is journaled.
    #[arg(long, value_parser = text)]
    author: Text,
}

fn phone(text: &str) -> Result<Given<Phone>, String> {
    Given::parse(text, Phone::parse)
}

fn name(text: &str) -> Result<Given<Name>, String> {
    Given::parse(text, Name::parse)
}

pub(super) fn text(text: &str) -> Result<Text, String> {
    Text::parse(text).map_err(|why| why.to_string())
}

/// A ticket as people write it, or another thing as it was told.
#[derive(Debug, Clone)]
enum Also {
    Slip(Slip),
    Thing(Thing),
}

fn also(text: &str) -> Result<Also, String> {
    match Thing::try_from(text.to_owned()) {
        Ok(thing) => Ok(Also::Thing(thing)),
        Err(_) => slip(text).map(Also::Slip).map_err(|why| format!("{why}; or watch:ID, or invitation:ID")),
    }
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
            let wanted = who.wanted(&config)?;
            say_where_he_stands(&config, &wanted.phone)?;
            Request::Erase { wanted, author: by.author }
        }
        Command::Lift { id, by } => Request::Lift { id, author: by.author },
        Command::Hold { case, phone, reason, until, by } => {
            let of = match case {
                Some(slip) => Of::Case(case_of(&config, slip)?),
                None => {
                    let phone = number(phone, &mut asked::standard_input())?;
                    Of::Person(Wanted { phone, name: None, also: Vec::new() })
                }
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
    let wanted = Wanted { phone: phone.clone(), name: None, also: Vec::new() };
    let Some(directory) = Directory::open(&config.data_dir)? else { return Ok(Vec::new()) };
    let found = directory.with_phone(wanted.digits())?;
    Ok(found.into_iter().map(|found| json!({ "unit": found.unit, "host": found.host })).collect())
}

impl Who {
    fn wanted(self, config: &Config) -> anyhow::Result<Wanted> {
        let thing = |also| match also {
            Also::Slip(slip) => case_of(config, slip).map(Thing::Case),
            Also::Thing(thing) => Ok(thing),
        };
        let also: Vec<_> = self.also.into_iter().map(thing).collect::<anyhow::Result<_>>()?;
        let mut answers = asked::standard_input();
        // Whoever gives the number on the command line is a script, which is not asked for more than it says.
        let asks = !matches!(self.phone, Some(Given::Here(_)));
        let phone = number(self.phone, &mut answers)?;
        let name = match self.name {
            Some(Given::Here(name)) => Some(name),
            Some(Given::Asked) => answers.next(NAME, Name::parse)?,
            None if asks => answers.next(NAME, Name::parse)?,
            None => None,
        };
        ensure!(also.is_empty() || name.is_some(), "--also is for what has only his name: give that, too");
        Ok(Wanted { phone, name, also })
    }
}

/// His phone number, which is asked for where it was not given.
fn number(given: Option<Given<Phone>>, answers: &mut Answers<impl BufRead, impl Write>) -> anyhow::Result<Phone> {
    match given {
        Some(Given::Here(phone)) => Ok(phone),
        Some(Given::Asked) | None => answers
            .next(PHONE, Phone::parse)?
            .context("he is known by his phone number: type it, or pipe it in as the first line"),
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
        // A hold asked for again would be two, and an erasure would be told twice.
        Err(_) => bail!(
            "lobbyd has taken it up and not answered yet: look at `lobbyd person holds`, or at the journal, before you ask again"
        ),
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

/// What lies beside the journal may be wanted for the way back: whoever erases decides.
fn say_what_is_left(config: &Config) {
    for path in crate::journal::left(&config.data_dir) {
        eprintln!(
            "{} is from before and may still hold him: delete it, or it goes at its age, but not while anything is held, nor where it is kept for lists that it alone may have",
            path.display()
        );
    }
}

fn erased(erasure: &Erasure) -> String {
    let Erasure { events, cases, watched, invitations, stay, held_events, .. } = erasure;
    let mut words = format!(
        "erased from {events} events, {} tickets, {watched} entries of the watch-list and {invitations} invitations",
        cases.len()
    );
    for (thing, why) in stay {
        let why = match why {
            Stays::WhenClosed => "is open: somebody still works for him; it is erased when it is closed",
            Stays::Open => "is another's, who has told of him, and open; ask again when it is closed",
            Stays::Held => "is held by law (lobbyd person holds)",
            Stays::Namesake => "has his name and no phone: look at it, and ask again with --also where it is his",
        };
        words += &format!("\n{thing} {why}");
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
    for thing in &known.namesakes {
        eprintln!("{thing} has his name and no phone: look at it, and ask again with --also where it is his");
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
