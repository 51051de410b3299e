//! Slips on their way to the printer: a short queue and a thread of its own. Whoever hands in a slip never waits. A slip is for
//! somebody who stands there: one that is too old is thrown away and counted, never printed for nobody, and never kept on disk.

use super::{JOB, LOOK, Printer, Raster, Trouble};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Slips that wait: more people than this do not stand at one glass.
pub const QUEUE: usize = 4;

/// Who has waited longer for a slip has gone, with the number from the glass.
pub const AGE: Duration = Duration::from_secs(120);

/// A printer in trouble is tried again after this: long enough to change a roll, short for whoever waits.
pub const RETRY: Duration = Duration::from_secs(5);

/// How often a printer is asked how it is when nobody prints: somebody learns that the roll is out before a visitor does.
pub const IDLE: Duration = Duration::from_secs(60);

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

/// What is heard of the printer: each time that it is tried.
pub type Told = Result<(), Trouble>;

impl Spool {
    /// Runs for as long as there is a `Spool`. `tell` hears how the printer is.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(printer: Printer, tell: impl Fn(Told) + Send + 'static) -> io::Result<Spool> {
        let (jobs, waiting) = sync_channel(QUEUE);
        let spool = Spool { jobs, printer: printer.clone() };
        thread::Builder::new().name("printer".into()).spawn(move || serve(&printer, &waiting, &tell))?;
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

fn serve(printer: &Printer, waiting: &Receiver<Job>, tell: &impl Fn(Told)) {
    tell(printer.look(LOOK));
    loop {
        match waiting.recv_timeout(IDLE) {
            Ok(job) => carry_out(printer, &job, tell),
            Err(RecvTimeoutError::Timeout) => tell(printer.look(LOOK)),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Until it is out, or too old.
fn carry_out(printer: &Printer, job: &Job, tell: &impl Fn(Told)) {
    while job.since.elapsed() < AGE {
        let done = printer.print(&job.picture, JOB);
        let outcome = match &done {
            Ok(()) => Some("printed"),
            // It has had the slip, or part of it, for all this time: who knows what it does with a second one.
            Err(Trouble::Slow) => Some("slow"),
            Err(_) => None,
        };
        tell(done);
        if let Some(outcome) = outcome {
            return count(outcome);
        }
        thread::sleep(RETRY);
    }
    count("too-old");
}

fn count(outcome: &'static str) {
    metrics::counter!("lobbyd_slips_total", "outcome" => outcome).increment(1);
}
