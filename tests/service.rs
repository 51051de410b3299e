//! The daemon as systemd sees it: ready, alive, a status line, stopping. systemd is a datagram socket here.

mod common;

use common::PATIENCE;
use std::fs;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Child, Command};
use std::time::Instant;

/// systemd's end of the notification socket, and everything that it has heard.
struct Systemd {
    socket: UnixDatagram,
    heard: Vec<String>,
}

impl Systemd {
    fn listen(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Systemd { socket, heard: Vec::new() }
    }

    /// Waits for a message that holds `line`.
    fn hear(&mut self, line: &str) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < deadline, "never heard {line}, only {:?}", self.heard);
            let mut buffer = [0; 4096];
            let length =
                self.socket.recv(&mut buffer).unwrap_or_else(|_| panic!("never heard {line}: {:?}", self.heard));
            let message = String::from_utf8_lossy(&buffer[..length]).into_owned();
            self.heard.push(message.clone());
            if message.contains(line) {
                return message;
            }
        }
    }
}

/// Does not outlive its test.
struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `lobbyd run` with the variables that systemd sets. The brokers are not there: nothing listens on port 9.
fn start(folder: &Path, socket: &Path) -> Daemon {
    let config = folder.join("lobby.toml");
    let text = "board = \"headless\"\ndata_dir = \"data\"\n[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n\
                [building]\nurl = \"mqtt://127.0.0.1:9\"\n[office]\nurl = \"mqtt://127.0.0.1:9\"\n\
                [health]\nmetrics = \"off\"\n";
    fs::write(&config, text).unwrap();
    // The watchdog is meant for one process id, which is known only to the process itself.
    let mut shell = Command::new("sh");
    shell.args(["-c", "export WATCHDOG_PID=$$; exec \"$0\" run --config \"$1\""]);
    shell.arg(env!("CARGO_BIN_EXE_lobbyd")).arg(config);
    Daemon(shell.env("NOTIFY_SOCKET", socket).env("WATCHDOG_USEC", "400000").spawn().unwrap())
}

#[test]
fn systemd_hears_ready_alive_and_stopping_though_no_broker_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("notify");
    let mut systemd = Systemd::listen(&socket);
    let mut lobbyd = start(folder.path(), &socket);
    systemd.hear("READY=1");
    systemd.hear("WATCHDOG=1");
    let status = systemd.hear("STATUS=building down");
    assert!(status.contains("office down"), "{status}");
    systemd.hear("WATCHDOG=1");
    // SAFETY: the process is our own child and has not been waited for.
    unsafe { libc::kill(lobbyd.0.id() as libc::pid_t, libc::SIGTERM) };
    systemd.hear("STOPPING=1");
    assert!(lobbyd.0.wait().unwrap().success());
}
