//! `lobbyd office verify` listens on the office's broker like any other of its systems and keeps the book of every gateway: what is
//! missing, repeated, out of order. It reads numbers, ids and kinds, never what an event says, and changes nothing.

use super::reach::Reach;
use crate::event::Slug;
use crate::event::ledger::{Book, Journal, Ledger};
use crate::health::signals::Signals;
use crate::link::{Connection, Heard, Link};
use anyhow::Context;
use rumqttc::v5::mqttbytes::v5::SubscribeReasonCode;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, interval_at, sleep_until};

/// How often a person at the terminal is told how it goes.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// Ranges that are named of one journal; the others are counted.
const NAMED: usize = 10;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    broker: Reach,
    /// Events that were stored, one envelope a line, in place of a broker; - is the standard input.
    #[arg(long, conflicts_with = "url")]
    file: Option<PathBuf>,
    /// Listen to this site only.
    #[arg(long, value_parser = Slug::new)]
    site: Option<Slug>,
    /// Listen to gateways of this name only.
    #[arg(long, value_parser = Slug::new)]
    gateway: Option<Slug>,
    /// End when something has come, and then nothing for so many seconds; without it Ctrl-C ends.
    #[arg(long)]
    quiet: Option<u64>,
    /// Print the books as JSON.
    #[arg(long)]
    json: bool,
}

pub fn run(verify: &Args) -> anyhow::Result<ExitCode> {
    let heard = match (&verify.file, &verify.broker.url) {
        (Some(file), _) => read(file)?,
        (None, Some(_)) => {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot start tokio")?;
            runtime.block_on(Listener::new(verify)?.listen(verify))?
        }
        (None, None) => anyhow::bail!("--url or --file is needed"),
    };
    crate::cli::ends_with_its_reader();
    if verify.json {
        println!("{}", heard.to_json());
    } else {
        heard.tell();
    }
    Ok(if heard.ledger.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Everything that has come.
#[derive(Default)]
struct All {
    ledger: Ledger,
    /// Messages that are no envelopes.
    unread: u64,
    /// How often the connection broke; what came meanwhile was not heard.
    breaks: u64,
}

impl All {
    fn enter(&mut self, payload: &[u8]) {
        self.unread += u64::from(self.ledger.enter(payload).is_err());
    }

    fn to_json(&self) -> Value {
        let book = |(journal, book): (&Journal, &Book)| {
            json!({
                "source": journal.source, "epoch": journal.epoch, "first": book.first, "newest": book.newest,
                "events": book.events, "missing": book.missing(), "gaps": book.gaps().take(NAMED).collect::<Vec<_>>(),
                "repeats": book.repeats, "late": book.late(), "clashes": book.clashes, "overflowed": book.overflowed,
                "whole": book.is_whole(),
            })
        };
        json!({
            "whole": self.ledger.is_whole(), "unread": self.unread, "breaks": self.breaks,
            "journals": self.ledger.books().map(book).collect::<Vec<_>>(),
        })
    }

    fn tell(&self) {
        for (journal, book) in self.ledger.books() {
            println!("{} (epoch {}): {}", journal.source, journal.epoch, in_words(book));
        }
        if self.unread > 0 {
            println!("{} messages were no envelopes", self.unread);
        }
        if self.breaks > 0 {
            println!("the connection broke {} times: what came meanwhile is missing here only", self.breaks);
        }
        match (self.ledger.books().next().is_some(), self.ledger.is_whole()) {
            (false, _) => println!("nothing has come"),
            (true, true) => println!("nothing is missing"),
            (true, false) => println!("NOT whole: ask for what is missing with the command `replay` (docs/brokers.md)"),
        }
    }
}

/// What stands in one book.
fn in_words(book: &Book) -> String {
    let mut words = format!("{} to {}, {} events", book.first, book.newest, book.events);
    if book.missing() > 0 {
        let range = |(from, to)| if from == to { format!("{from}") } else { format!("{from}-{to}") };
        let named: Vec<String> = book.gaps().take(NAMED).map(range).collect();
        let more = if book.gaps().nth(NAMED).is_some() { ", …" } else { "" };
        words += &format!(", MISSING {} ({}{more})", book.missing(), named.join(", "));
    }
    let others = [(book.late(), "OUT OF ORDER"), (book.clashes, "NUMBERS WITH TWO EVENTS"), (book.repeats, "repeated")];
    for (count, what) in others.into_iter().filter(|(count, _)| *count > 0) {
        words += &format!(", {count} {what}");
    }
    if book.overflowed {
        words += ", TOO MANY GAPS to remember";
    }
    words
}

fn read(file: &Path) -> anyhow::Result<All> {
    let context = || format!("{} cannot be read", file.display());
    let input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).with_context(context)?))
    };
    let mut all = All::default();
    for line in input.split(b'\n') {
        let line = line.with_context(context)?;
        if !line.trim_ascii().is_empty() {
            all.enter(&line);
        }
    }
    Ok(all)
}

struct Listener {
    link: Link,
    filter: String,
    all: All,
}

impl Listener {
    fn new(verify: &Args) -> anyhow::Result<Self> {
        let link = verify.broker.link("verify")?;
        let level = |slug: &Option<Slug>| slug.as_ref().map_or_else(|| "+".to_owned(), Slug::to_string);
        let filter = format!("lobby/v1/{}/{}/event/#", level(&verify.site), level(&verify.gateway));
        Ok(Listener { link, filter, all: All::default() })
    }

    /// Until a signal, or until it is quiet. A broker that cannot be reached at first is an error, later a break.
    async fn listen(mut self, verify: &Args) -> anyhow::Result<All> {
        let mut signals = Signals::listen().context("the signals cannot be heard")?;
        let (connection, _) = self.link.connect().await?;
        tokio::select! {
            refused = self.hear(connection, verify.quiet.map(Duration::from_secs)) => refused?,
            _ = signals.told_to_stop() => {}
        }
        Ok(self.all)
    }

    /// Ends when nothing has come for so long, or when the broker refuses to let us listen.
    async fn hear(&mut self, mut connection: Connection, quiet: Option<Duration>) -> anyhow::Result<()> {
        connection.subscribe([self.filter.clone()]);
        let mut told = interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
        let mut end = None;
        loop {
            let ended = async {
                match end {
                    Some(end) => sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            let heard = tokio::select! {
                biased;
                heard = connection.next() => heard,
                () = ended => return Ok(()),
                _ = told.tick() => {
                    self.tell_so_far();
                    continue;
                }
            };
            match heard {
                Heard::Publish(publish) => {
                    self.all.enter(&publish.payload);
                    connection.acknowledge(publish.pkid, publish.qos);
                    end = quiet.map(|quiet| Instant::now() + quiet);
                }
                Heard::SubAck(suback) => {
                    let granted = |code: &SubscribeReasonCode| matches!(code, SubscribeReasonCode::Success(_));
                    let filter = &self.filter;
                    anyhow::ensure!(
                        suback.return_codes.iter().all(granted),
                        "the broker refuses the subscription to {filter}: check its access rules"
                    );
                    eprintln!("listening to {filter}");
                }
                Heard::PubAck { .. } => {}
                Heard::Down(fault) => {
                    eprintln!("{fault}");
                    self.all.breaks += 1;
                    self.link.rest(fault).await;
                    connection = self.connect_again().await;
                }
            }
        }
    }

    async fn connect_again(&mut self) -> Connection {
        loop {
            match self.link.connect().await {
                Ok((mut connection, _)) => {
                    connection.subscribe([self.filter.clone()]);
                    return connection;
                }
                Err(fault) => self.link.rest(fault).await,
            }
        }
    }

    fn tell_so_far(&self) {
        let (mut journals, mut events, mut missing) = (0, 0, 0);
        for (_, book) in self.all.ledger.books() {
            (journals, events, missing) = (journals + 1, events + book.events, missing + book.missing());
        }
        eprintln!("{journals} journals, {events} events, {missing} missing so far");
    }
}
