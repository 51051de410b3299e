//! A line that is heard, on a thread of its own: its edges wake it, its level is what counts. It opens again when the chip goes
//! and comes back.

use super::debounce::Debounce;
use super::{CONSUMER, GpioError, Wire};
use crate::board::BoardError;
use linux_embedded_hal::gpio_cdev::{EventRequestFlags, LineEventHandle, LineRequestFlags};
use std::io;
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// How often a line that is not there is looked for.
const LOOK: Duration = Duration::from_secs(5);

/// What a contact says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    pub active: bool,
    /// The first of this run: how it stands, not that it moved.
    pub first: bool,
}

pub struct Contact {
    wire: Wire,
    began: Instant,
    debounce: Debounce,
}

impl Contact {
    /// Hears the line for as long as `tell` answers true. While `tell` waits the line is not heard, and what it has come to
    /// meanwhile is told after that.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn listen(wire: Wire, mut tell: impl FnMut(Reading) -> bool + Send + 'static) -> Result<(), BoardError> {
        let name = wire.name.clone();
        let mut contact = Contact { wire, began: Instant::now(), debounce: Debounce::default() };
        std::thread::Builder::new()
            .name("contact".into())
            .spawn(move || contact.follow(&mut tell))
            .map(drop)
            .map_err(|error| BoardError::Open(format!("the thread of the GPIO line {name}: {error}")))
    }

    fn follow(&mut self, tell: &mut impl FnMut(Reading) -> bool) {
        let mut failed = false;
        loop {
            match self.hear(tell, &mut failed) {
                Ok(()) => return,
                Err(_) if failed => {}
                Err(error) => {
                    failed = true;
                    crate::board::count_fault("gpio");
                    tracing::warn!("{error}");
                }
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Hears until nobody listens.
    fn hear(&mut self, tell: &mut impl FnMut(Reading) -> bool, failed: &mut bool) -> Result<(), GpioError> {
        let flags = self.wire.flags(LineRequestFlags::INPUT);
        let line = self.wire.find()?.events(flags, EventRequestFlags::BOTH_EDGES, CONSUMER);
        let mut line = line.map_err(|error| self.wire.refused(error))?;
        if std::mem::take(failed) {
            tracing::info!(line = self.wire.name, "the GPIO line is here");
        }
        let mut moved = true;
        loop {
            let active = line.get_value().map_err(|error| self.wire.refused(error))? != 0;
            let first = self.debounce.is_new();
            if self.debounce.feed(active, moved, self.began.elapsed()) && !tell(Reading { active, first }) {
                return Ok(());
            }
            let pause = self.debounce.due().map(|due| due.saturating_sub(self.began.elapsed()));
            moved = wait(&mut line, pause).map_err(|error| self.wire.refused(error.into()))?;
        }
    }
}

/// Waits for an edge, or so long; whether there was one.
fn wait(line: &mut LineEventHandle, pause: Option<Duration>) -> io::Result<bool> {
    // One millisecond more than is left, or it would spin through the last one.
    let pause = pause.map_or(-1, |pause| i32::try_from(pause.as_millis()).unwrap_or(i32::MAX).saturating_add(1));
    let mut asked = libc::pollfd { fd: line.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one pollfd that lives through the call, as the count says; the descriptor is the line's own.
    let found = unsafe { libc::poll(&raw mut asked, 1, pause) };
    match found {
        0 => return Ok(false),
        1.. => {}
        _ => {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted { Ok(false) } else { Err(error) };
        }
    }
    // More edges of the same movement wake again at once, and count as moved.
    line.get_event().map(|_| true).map_err(io::Error::other)
}
