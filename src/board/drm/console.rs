//! The text console behind the picture: the kernel is told that the screen is drawn on, so that neither a login nor a message
//! paints over it, and told again when the daemon ends.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

/// The console that is on the screen now; the service unit gives the daemon the right to it.
const CONSOLE: &str = "/dev/tty0";

/// linux/kd.h
const KDSETMODE: libc::c_ulong = 0x4B3A;
const KD_TEXT: libc::c_int = 0;
const KD_GRAPHICS: libc::c_int = 1;

/// While it lives, the console shows no text.
pub struct Graphics(File);

impl Graphics {
    /// `None` where there is no console or no right to it: the display's own lock keeps most of the text away.
    pub fn begin() -> Option<Self> {
        let console = OpenOptions::new().read(true).write(true).open(CONSOLE);
        let console = console.and_then(|file| set_mode(&file, KD_GRAPHICS).map(|()| file));
        match console {
            Ok(file) => Some(Graphics(file)),
            Err(error) => {
                tracing::info!(console = CONSOLE, %error, "the text console is not ours to hide");
                None
            }
        }
    }
}

impl Drop for Graphics {
    fn drop(&mut self) {
        if let Err(error) = set_mode(&self.0, KD_TEXT) {
            tracing::warn!(console = CONSOLE, %error, "the text console cannot be shown again");
        }
    }
}

fn set_mode(console: &File, mode: libc::c_int) -> io::Result<()> {
    // SAFETY: this request takes a number, no pointer.
    match unsafe { libc::ioctl(console.as_raw_fd(), KDSETMODE, mode) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
