//! The text console behind the picture: the kernel is told that the screen is drawn on, so that neither a login nor a message
//! paints over it, and that no keyboard counts, so that nobody who plugs one in stops the daemon or changes to another console.
//! Told back when the daemon ends; where it is killed, the service manager does (TTYReset= in systemd/lobbyd.service).

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

/// The daemon's own terminal: a process may do this to no other. The service unit makes it the first console.
const CONSOLE: &str = "/dev/tty";

/// linux/kd.h
const KDSETMODE: libc::c_ulong = 0x4B3A;
const KD_TEXT: libc::c_int = 0;
const KD_GRAPHICS: libc::c_int = 1;
const KDGKBMODE: libc::c_ulong = 0x4B44;
const KDSKBMODE: libc::c_ulong = 0x4B45;
const K_OFF: libc::c_int = 4;

/// While it lives, the console shows no text and hears no keys.
pub struct Graphics {
    console: File,
    /// What the keyboard did before.
    keyboard: libc::c_int,
}

impl Graphics {
    /// `None` where the daemon has no console or no right to it: the display's own lock keeps most of the text away.
    pub fn begin() -> Option<Self> {
        match OpenOptions::new().read(true).write(true).open(CONSOLE).and_then(Self::on) {
            Ok(graphics) => Some(graphics),
            Err(error) => {
                tracing::info!(console = CONSOLE, %error, "the text console is not ours to hide");
                None
            }
        }
    }

    fn on(console: File) -> io::Result<Self> {
        let mut keyboard = 0;
        // SAFETY: the kernel writes one int.
        checked(unsafe { libc::ioctl(console.as_raw_fd(), KDGKBMODE, &raw mut keyboard) })?;
        tell(&console, KDSETMODE, KD_GRAPHICS)?;
        // From here on, dropping it restores the console.
        let graphics = Graphics { console, keyboard };
        tell(&graphics.console, KDSKBMODE, K_OFF)?;
        Ok(graphics)
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        let restored = tell(&self.console, KDSKBMODE, self.keyboard).and(tell(&self.console, KDSETMODE, KD_TEXT));
        if let Err(error) = restored {
            tracing::warn!(console = CONSOLE, %error, "the text console cannot be shown again");
        }
    }
}

fn tell(console: &File, request: libc::c_ulong, number: libc::c_int) -> io::Result<()> {
    // SAFETY: these requests take a number, no pointer.
    checked(unsafe { libc::ioctl(console.as_raw_fd(), request, number) })
}

fn checked(result: libc::c_int) -> io::Result<()> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
