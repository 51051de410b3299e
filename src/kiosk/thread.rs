//! The kiosk's thread: it sleeps until a finger, an answer, a new directory or the clock wakes it, draws what has changed
//! and hands commands to the desk. It never waits for the desk: the glass answers at once, whatever the disk does.

use super::aloud::Speech;
use super::app::App;
use super::model::{Effect, Input, Moment};
use super::scan::Scan;
use super::surroundings::Surroundings;
use super::theme::Metrics;
use super::{Alarm, News, Settings, Survey};
use crate::board::printer::Spool;
use crate::board::{BoardError, Display, Touch};
use crate::desk::{Answer, Desk, Refusal};
use crate::event::Now;
use crate::service::directory::Units;
use crate::service::gathering::Announced;
use crate::service::knowledge::PublicHandbook;
use crate::service::number::Number;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::time::Instant;

/// Wakes that wait to be taken. A finger makes about 100 a second and each takes a few milliseconds; more means that the
/// display hangs. Then touches wait, and are cancelled, in the board's queue; an answer of the desk is dropped.
const WAKES: usize = 256;

/// Something for the kiosk to look at.
#[derive(Debug)]
pub enum Wake {
    /// With when the glass felt it.
    Touch(Touch, Instant),
    Answered {
        ticket: u64,
        answer: Result<Answer, Refusal>,
    },
    /// The building's directory of units.
    Units(Arc<Units>),
    /// Notices and handbook, as far as they are public.
    Handbook(PublicHandbook),
    /// What people may sign up for, the next first.
    Gatherings(Vec<Announced>),
    /// How the case stands that somebody waits for.
    News(News),
    /// The survey that runs now.
    Survey(Option<Box<Survey>>),
    Alarm(Option<Alarm>),
    /// A display that was dark may be lit again: it wants the whole picture.
    Redraw,
    /// The scanner has read something.
    Scanned(Scan),
    /// The sensor sees somebody before the glass, or nobody any more (R182).
    Near(bool),
    /// The daemon begins anew: stop as soon as nobody stands there, which is when the home page shows and nothing is under way.
    StopAtRest,
    Stop,
}

/// Why the kiosk has ended in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Stopped,
    /// As [`Wake::StopAtRest`] asked for.
    AtRest,
}

/// What is beside the glass, where the board has it.
#[derive(Default)]
pub struct Beside {
    /// Reads aloud.
    pub speech: Option<Box<dyn Speech>>,
    pub surroundings: Option<Box<dyn Surroundings>>,
}

/// The kiosk before it runs: make it, hand its sender to the board, then [`Kiosk::run`] on a thread of its own.
pub struct Kiosk {
    settings: Settings,
    sender: SyncSender<Wake>,
    wakes: Receiver<Wake>,
    printer: Option<Spool>,
}

impl Kiosk {
    pub fn new(settings: Settings) -> Self {
        let (sender, wakes) = sync_channel(WAKES);
        Kiosk { settings, sender, wakes, printer: None }
    }

    /// With slips on paper.
    pub fn printing_on(self, printer: Option<Spool>) -> Self {
        Kiosk { printer, ..self }
    }

    /// Where touches and the directory go in. Whoever must not be held up by a hanging display uses `try_send`.
    pub fn sender(&self) -> SyncSender<Wake> {
        self.sender.clone()
    }

    /// Runs until [`Wake::Stop`] or [`Wake::StopAtRest`]. `dpi` is the glass's, from the board's file. `watch` is told of which case the kiosk wants
    /// the news, and answers with [`Wake::News`].
    ///
    /// # Errors
    /// When the display is lost.
    pub fn run(
        self,
        mut display: Box<dyn Display>,
        dpi: u32,
        desk: &Desk,
        clock: impl Fn() -> Now,
        watch: impl Fn(Option<Number>),
        mut beside: Beside,
    ) -> Result<Left, BoardError> {
        let started = Instant::now();
        let moment = || Moment { now: clock(), at: started.elapsed() };
        let mut app = App::new(self.settings, Metrics::new(display.size(), dpi), moment());
        let (mut watched, mut leaves) = (None, false);
        loop {
            if leaves && app.is_at_rest() {
                return Ok(Left::AtRest);
            }
            if app.watches() != watched {
                watched = app.watches();
                watch(watched);
            }
            let damage: Vec<_> = app.draw().into_iter().map(Into::into).collect();
            if !damage.is_empty() {
                display.present(app.frame(), &damage, &app.scene().outline())?;
            }
            // The glass first: nobody waits for paper.
            if let Some(printer) = &self.printer
                && let Some(slip) = app.slip(printer.printer().paper)
            {
                printer.print(slip);
            }
            if let Some(speech) = &mut beside.speech {
                app.speak(&mut **speech);
            }
            if let Some(surroundings) = &mut beside.surroundings {
                app.light(&mut **surroundings);
            }
            let pause = app.wake().saturating_sub(started.elapsed());
            let mut next = match self.wakes.recv_timeout(pause) {
                Ok(wake) => Ok(wake),
                Err(RecvTimeoutError::Timeout) => {
                    submit(app.update(Input::Tick, moment()), desk, &self.sender);
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Left::Stopped),
            };
            // Everything that has come in meanwhile is one picture, but every press is shown before its release.
            loop {
                let input = match next {
                    Ok(Wake::Stop) | Err(TryRecvError::Disconnected) => return Ok(Left::Stopped),
                    Err(TryRecvError::Empty) => break,
                    Ok(Wake::Redraw) => {
                        app.forget_picture();
                        break;
                    }
                    Ok(Wake::StopAtRest) => {
                        leaves = true;
                        break;
                    }
                    Ok(Wake::Touch(touch, felt)) => {
                        let felt = felt.saturating_duration_since(started);
                        submit(app.touch(touch, felt, moment()), desk, &self.sender);
                        if matches!(touch, Touch::Move(_)) {
                            next = self.wakes.try_recv();
                            continue;
                        }
                        break;
                    }
                    Ok(Wake::Answered { ticket, answer }) => Input::Answered { ticket, answer },
                    Ok(Wake::Units(units)) => Input::Units(units),
                    Ok(Wake::Handbook(handbook)) => Input::Handbook(handbook),
                    Ok(Wake::Gatherings(gatherings)) => Input::Gatherings(gatherings),
                    Ok(Wake::News(news)) => Input::News(news),
                    Ok(Wake::Survey(survey)) => Input::Survey(survey),
                    Ok(Wake::Alarm(alarm)) => Input::Alarm(alarm),
                    Ok(Wake::Scanned(scan)) => Input::Scanned(scan),
                    Ok(Wake::Near(near)) => Input::Near(near),
                };
                submit(app.update(input, moment()), desk, &self.sender);
                next = self.wakes.try_recv();
            }
        }
    }
}

fn submit(effects: Vec<Effect>, desk: &Desk, back: &SyncSender<Wake>) {
    for Effect::Submit { ticket, command } in effects {
        let back = back.clone();
        desk.submit(*command, move |answer| {
            // The desk's thread must not wait for the glass. A lost answer counts as none after `ANSWER_WITHIN`.
            let _ = back.try_send(Wake::Answered { ticket, answer });
        });
    }
}
