//! The way to a printer: a raw network port or a device file. Nothing here waits longer than the time limit that the way was
//! opened with, whatever the printer does. It knows no printer language.

use super::{Place, Trouble};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

/// To be let in at the printer's port; its own network is one switch away.
const CONNECT: Duration = Duration::from_secs(3);

/// A printer that has what it needs closes its end within this time. To hang up before it has read all would take the rest of
/// the slip away from it.
const GOODBYE: Duration = Duration::from_millis(500);

/// A device file that says "nothing" instead of waiting is asked again after this.
const NOTHING: Duration = Duration::from_millis(20);

enum Way {
    Net(TcpStream),
    File(File),
}

pub struct Line {
    way: Way,
    until: Instant,
}

impl Line {
    pub fn open(place: &Place, until: Instant) -> Result<Line, Trouble> {
        let absent = |error: io::Error| Trouble::Absent(error.to_string());
        let way = match place {
            Place::Net(address) => {
                let stream = TcpStream::connect_timeout(address, CONNECT).map_err(absent)?;
                stream.set_nonblocking(true).map_err(absent)?;
                Way::Net(stream)
            }
            Place::File(path) => {
                let mut options = OpenOptions::new();
                let open = options.read(true).write(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path);
                Way::File(open.map_err(absent)?)
            }
        };
        Ok(Line { way, until })
    }

    /// Until when the whole job must be done.
    fn left(&self) -> Result<Duration, Trouble> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Trouble::Slow) } else { Ok(left) }
    }

    pub fn write(&mut self, mut bytes: &[u8]) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            let left = self.left()?;
            if !wait(self.fd(), libc::POLLOUT, left)? {
                return Err(Trouble::Slow);
            }
            let written = match &mut self.way {
                Way::Net(stream) => stream.write(bytes),
                Way::File(file) => file.write(bytes),
            };
            match written {
                Ok(0) => return Err(Trouble::Gone("it takes nothing".into())),
                Ok(taken) => bytes = &bytes[taken..],
                Err(error) if waits(&error) => std::thread::sleep(NOTHING),
                Err(error) => return Err(Trouble::Gone(error.to_string())),
            }
        }
        Ok(())
    }

    /// What the printer says within this time, at most a buffer full; nothing is an answer, too.
    pub fn read(&mut self, buffer: &mut [u8], within: Duration) -> Result<usize, Trouble> {
        let until = (Instant::now() + within).min(self.until);
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || !wait(self.fd(), libc::POLLIN, left)? {
                return Ok(0);
            }
            let read = match &mut self.way {
                Way::Net(stream) => stream.read(buffer),
                Way::File(file) => file.read(buffer),
            };
            match (read, &self.way) {
                (Ok(0), Way::Net(_)) => return Err(Trouble::Gone("it has hung up".into())),
                // A printer on a cable that has nothing to say.
                (Ok(0), Way::File(_)) => std::thread::sleep(NOTHING),
                (Ok(read), _) => return Ok(read),
                (Err(error), _) if waits(&error) => std::thread::sleep(NOTHING),
                (Err(error), _) => return Err(Trouble::Gone(error.to_string())),
            }
        }
    }

    /// Whether there is still time for an answer.
    pub fn is_late(&self) -> bool {
        Instant::now() >= self.until
    }

    /// Hangs up as the printer likes it: everything is sent, then its end is waited for.
    pub fn finish(mut self) {
        let Way::Net(stream) = &self.way else { return };
        if stream.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let until = Instant::now() + GOODBYE;
        while Instant::now() < until && self.read(&mut [0; 64], GOODBYE).is_ok_and(|read| read > 0) {}
    }

    fn fd(&self) -> RawFd {
        match &self.way {
            Way::Net(stream) => stream.as_raw_fd(),
            Way::File(file) => file.as_raw_fd(),
        }
    }
}

fn waits(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

/// Waits until this is possible, or the other end has gone; `false` when the time is over.
fn wait(fd: RawFd, what: libc::c_short, time: Duration) -> Result<bool, Trouble> {
    let mut watched = libc::pollfd { fd, events: what, revents: 0 };
    // Rounded up: with 0 ms left it would spin.
    let milliseconds = libc::c_int::try_from(time.as_millis() + 1).unwrap_or(libc::c_int::MAX);
    // SAFETY: the kernel reads and writes one `pollfd`, which lives longer than the call.
    let ready = unsafe { libc::poll(&raw mut watched, 1, milliseconds) };
    match ready {
        0 => Ok(false),
        // A signal: it is tried, and waited for again.
        -1 if io::Error::last_os_error().kind() == ErrorKind::Interrupted => Ok(true),
        -1 => Err(Trouble::Gone(io::Error::last_os_error().to_string())),
        _ => Ok(true),
    }
}
