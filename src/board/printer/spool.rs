//! Slips on their way to the printer: a short queue and a thread of its own. Whoever hands in a slip never waits. A slip is for
//! somebody who stands there: one that is too old is thrown away and counted, never printed for nobody, and never kept on disk.

use super::{JOB, LOOK, Printer, Raster, Trouble};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Slips that wait: more people than this do not stand at one glass.
pub const QUEUE: usize = 4;

/// How long what may take.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// Who has waited longer for a slip has gone, with the number from the glass.
    pub age: Duration,
    /// A printer in trouble is tried again after this: time to change a roll, and not long for whoever waits.
    pub retry: Duration,
    /// How often it is asked how it is when nobody prints: somebody learns that the roll is out before a visitor does.
    pub idle: Duration,
    /// For one slip.
    pub job: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Patience { age: seconds(120), retry: seconds(5), idle: seconds(60), job: JOB }
    }
}

struct Job {
    picture: Raster,
    since: Instant,
}

/// The way in.
#[derive(Clone)]
pub struct Spool {
    jobs: SyncSender<Job>,
    printer: Printer,
}

/// How the printer is.
pub type Told = Result<(), Trouble>;

impl Spool {
    /// Runs for as long as there is a `Spool`. `tell` hears how the printer is, each time that it is tried.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(printer: Printer, patience: Patience, tell: impl Fn(Told) + Send + 'static) -> io::Result<Spool> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let spool = Spool { jobs, printer: printer.clone() };
        thread::Builder::new().name("printer".into()).spawn(move || serve(&printer, patience, &waiting, &tell))?;
        Ok(spool)
    }

    pub fn printer(&self) -> &Printer {
        &self.printer
    }

    /// Hands in a slip. Where there is no room for it, nobody would have waited for it either.
    pub fn print(&self, picture: Raster) {
        if self.jobs.try_send(Job { picture, since: Instant::now() }).is_err() {
            count("no-room");
        }
    }
}

fn serve(printer: &Printer, patience: Patience, waiting: &Receiver<Job>, tell: &impl Fn(Told)) {
    tell(printer.look(LOOK));
    loop {
        match waiting.recv_timeout(patience.idle) {
            Ok(job) => count(carry_out(printer, patience, &job, tell)),
            Err(RecvTimeoutError::Timeout) => tell(printer.look(LOOK)),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Until it is out, or too old; what has become of it.
fn carry_out(printer: &Printer, patience: Patience, job: &Job, tell: &impl Fn(Told)) -> &'static str {
    while job.since.elapsed() < patience.age {
        let done = printer.print(&job.picture, patience.job);
        tell(done.clone());
        match done {
            Ok(()) => return "printed",
            // It has had the slip, or part of it, for all this time: who knows what it would do with a second one.
            Err(Trouble::Slow) => return "slow",
            Err(_) => thread::sleep(patience.retry),
        }
    }
    "too-old"
}

fn count(outcome: &'static str) {
    metrics::counter!("lobbyd_slips_total", "outcome" => outcome).increment(1);
}
