//! The daemon as a process of its own, exactly as a kiosk runs it: `lobbyd run --config FILE`.

use super::brokers::answers;
use anyhow::Context;
use std::io;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::sync::watch;

/// The daemon ends within two seconds of SIGTERM; the demo as a whole has as long, so this is a little less.
const FAREWELL: Duration = Duration::from_millis(1700);

pub struct Daemon {
    pid: libc::pid_t,
    /// How it ended, once it has.
    ended: watch::Receiver<Option<String>>,
}

impl Daemon {
    /// Call it on the main thread: the kernel ends the child when the thread that started it ends.
    pub fn start(config: &Path, folder: &Path) -> anyhow::Result<Daemon> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(program);
        command.arg("run").arg("--config").arg(config).current_dir(folder);
        // Standard output is the demo's: its first line is an address. A Ctrl-C in the terminal reaches the demo only,
        // which then ends the daemon in good order.
        command.stdin(Stdio::null()).stdout(io::stderr()).process_group(0);
        // SAFETY: between fork and exec only prctl and getppid are called, which are async-signal-safe.
        unsafe { command.pre_exec(end_with_parent) };
        let child = command.spawn().context("cannot start the daemon")?;
        let pid = libc::pid_t::try_from(child.id()).context("the kernel gave an impossible process id")?;
        Ok(Daemon { pid, ended: wait(child)? })
    }

    /// Waits until the daemon's screen can be opened.
    pub async fn answers(&mut self, screen: SocketAddr) -> anyhow::Result<()> {
        tokio::select! {
            ready = answers(screen) => {
                if ready.is_err() {
                    self.stop().await;
                }
                ready.context("the daemon's screen cannot be opened; its log above says why")
            }
            status = self.ended() => anyhow::bail!("the daemon did not start ({status}); its log above says why"),
        }
    }

    /// How it ended. Waits as long as it runs.
    pub async fn ended(&self) -> String {
        let mut ended = self.ended.clone();
        let status = ended.wait_for(Option::is_some).await;
        status.ok().and_then(|status| status.clone()).unwrap_or_default()
    }

    /// Asks it to end, and insists when it takes too long.
    pub async fn stop(&mut self) {
        for signal in [libc::SIGTERM, libc::SIGKILL] {
            if self.ended.borrow().is_some() {
                return;
            }
            // SAFETY: kill has no preconditions. The process has not been waited for, so its id is still its own.
            unsafe { libc::kill(self.pid, signal) };
            if tokio::time::timeout(FAREWELL, self.ended()).await.is_ok() {
                return;
            }
        }
    }
}

/// A thread that waits for the process: tokio's own way needs a feature of its own.
fn wait(mut child: Child) -> anyhow::Result<watch::Receiver<Option<String>>> {
    let (said, ended) = watch::channel(None);
    std::thread::Builder::new().name("wait-for-daemon".into()).spawn(move || {
        let status = child.wait().map(|status: ExitStatus| status.to_string());
        said.send_replace(Some(status.unwrap_or_else(|error| error.to_string())));
    })?;
    Ok(ended)
}

/// In the child: when the demo is killed, nobody is left to end the daemon but the kernel.
fn end_with_parent() -> io::Result<()> {
    // SAFETY: prctl with this option takes one number and changes nothing else.
    if unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) } != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
