//! Real Mosquitto brokers on free ports, each with its own folder.

use super::PATIENCE;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub struct Mosquitto {
    pub port: u16,
    dir: TempDir,
    child: Option<Child>,
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn program() -> PathBuf {
    // Debian puts it where only root's PATH looks.
    ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .unwrap_or_else(|| "mosquitto".into())
}

impl Mosquitto {
    /// A broker without queue limits, anonymous, that keeps sessions on disk when it is stopped. `more` is added to its
    /// configuration.
    pub fn start(more: &str) -> Self {
        Self::with_listener(more, "")
    }

    /// `listener` belongs to the listener: certificates.
    pub fn with_listener(more: &str, listener: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let place = dir.path().display();
        let mut config = format!(
            "persistence true\npersistence_location {place}/\nautosave_interval 0\nmax_queued_messages 0\n\
             log_dest file {place}/log\nset_tcp_nodelay true\n{more}\nlistener {port} 127.0.0.1\n{listener}\n"
        );
        if !more.contains("allow_anonymous") {
            config.push_str("allow_anonymous true\n");
        }
        Self::run(port, dir, config)
    }

    /// With this configuration as a page of the documentation has it, at port 1883 and in the folders of Debian: these alone are others here. `put`
    /// writes what it names into its `/etc/mosquitto`.
    pub fn as_written(config: &str, put: impl FnOnce(&Path)) -> Self {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        put(dir.path());
        let place = dir.path().display().to_string();
        let config = config.replace("/etc/mosquitto", &place).replace("/var/lib/mosquitto", &place);
        Self::run(port, dir, config.replace("listener 1883", &format!("listener {port} 127.0.0.1")))
    }

    fn run(port: u16, dir: TempDir, mut config: String) -> Self {
        // As root it would become the user `mosquitto`, who may not write here.
        if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0) {
            config.insert_str(0, "user root\n");
        }
        fs::write(dir.path().join("mosquitto.conf"), config).unwrap();
        let mut broker = Mosquitto { port, dir, child: None };
        broker.up();
        broker
    }

    pub fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Starts it again with what it kept.
    pub fn up(&mut self) {
        let config = self.dir.path().join("mosquitto.conf");
        let mut command = Command::new(program());
        command.arg("-c").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("mosquitto is installed (./tests/run installs it)"));
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || fs::read_to_string(self.dir.path().join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "mosquitto does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// SIGKILL: what it has only in memory is gone.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Stops it in order: it keeps its sessions and queues.
    pub fn down(&mut self) {
        if let Some(mut child) = self.child.take() {
            // SAFETY: the process is our own child and has not been waited for.
            unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGTERM) };
            child.wait().unwrap();
        }
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
