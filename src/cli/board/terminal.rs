//! What ends a calibration early: Esc or any signal that asks a program to go. While it is listened to, the terminal gives single
//! keys and shows none; afterwards it is as it was.

use crate::health::signals::Signals;
use anyhow::Context;
use std::io::Read;
use std::mem::MaybeUninit;
use std::thread;

/// Esc, and Ctrl-C where the terminal makes no signal of it.
const STOP: [u8; 2] = [0x1B, 0x03];

/// The terminal, single keys for as long as this lives. `None` inside where standard input is none.
pub struct Keys(Option<libc::termios>);

impl Keys {
    /// Calls `stop` at Esc, Ctrl-C, SIGTERM and when the terminal goes.
    ///
    /// # Errors
    /// When there is no thread or no signal to be had.
    pub fn listen(stop: impl Fn() + Clone + Send + 'static) -> anyhow::Result<Self> {
        signals(stop.clone())?;
        let before = settings();
        if let Some(mut single) = before {
            single.c_lflag &= !(libc::ICANON | libc::ECHO);
            apply(&single);
            let keys = move || {
                let pressed = |key: &Result<u8, std::io::Error>| key.as_ref().is_ok_and(|key| STOP.contains(key));
                if std::io::stdin().lock().bytes().any(|key| pressed(&key)) {
                    stop();
                }
            };
            thread::Builder::new().name("keys".into()).spawn(keys).context("the thread of the keys")?;
        }
        Ok(Keys(before))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            apply(before);
        }
    }
}

fn signals(stop: impl Fn() + Send + 'static) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("the runtime")?;
    let mut signals = {
        let _inside = runtime.enter();
        Signals::listen().context("the signals")?
    };
    let wait = move || {
        runtime.block_on(signals.told_to_stop());
        stop();
    };
    thread::Builder::new().name("signals".into()).spawn(wait).context("the thread of the signals")?;
    Ok(())
}

/// How the terminal is set; `None` where standard input is none.
fn settings() -> Option<libc::termios> {
    let mut settings = MaybeUninit::uninit();
    // SAFETY: the call fills the structure when it gives 0, and only then it is read.
    unsafe { (libc::tcgetattr(libc::STDIN_FILENO, settings.as_mut_ptr()) == 0).then(|| settings.assume_init()) }
}

fn apply(settings: &libc::termios) {
    // SAFETY: reads the structure. A terminal that has gone in between needs no setting.
    unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, settings) };
}
