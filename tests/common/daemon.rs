//! The real `lobbyd run` as a child process that can be killed at any moment.

use super::shim::Shim;
use lobbyd::service::contract::BROKEN;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

pub struct Daemon {
    config: PathBuf,
    /// Added to its environment at each start.
    environment: Vec<(String, String)>,
    /// What runs it, where it is not run directly: words before its own.
    runner: Vec<String>,
    log: PathBuf,
    child: Option<Child>,
}

/// Every product that has a profile.
pub const PRODUCTS: [&str; 8] =
    ["esp-rfid", "tasmota", "zigbee2mqtt", "shelly", "dahua-vto", "mqtt-face", "uhppote", "onvif-ej"];

/// The site of a daemon that is alone.
pub const SITE: &str = "riverside";

/// A configuration with a screen or without, all products on the building broker, everything else as it comes.
fn configuration(dir: &Path, site: &str, building: &str, office: &str, screen: Option<SocketAddr>) -> String {
    let data = dir.join("data");
    let (board, kiosk) = match screen {
        Some(listen) => ("browser", format!("[kiosk]\nlisten = \"{listen}\"\n")),
        None => ("headless", String::new()),
    };
    let device = |product: &&str| format!("[[device]]\nprofile = \"{product}\"\n");
    let devices: String = PRODUCTS.iter().map(device).collect();
    format!(
        "board = \"{board}\"\ndata_dir = \"{}\"\n{}\
         [site]\nid = \"{site}\"\ngateway = \"lobby-1\"\n\
         [building]\nurl = \"{building}\"\n\
         [office]\nurl = \"{office}\"\n\
         {devices}\
         [health]\nmetrics = \"off\"\n{kiosk}",
        data.display(),
        super::orders::line(),
    )
}

impl Daemon {
    /// Starts the daemon with its data in `dir`.
    pub fn start(dir: &Path, building: &str, office: &str) -> Self {
        Self::configured(dir, &configuration(dir, SITE, building, office, None))
    }

    /// The same with a browser board at this address.
    pub fn with_screen(dir: &Path, building: &str, office: &str, screen: SocketAddr) -> Self {
        Self::configured(dir, &configuration(dir, SITE, building, office, Some(screen)))
    }

    /// The same without a screen, with `more` at the end of the configuration: posts, figures.
    pub fn with_more(dir: &Path, building: &str, office: &str, more: &str) -> Self {
        Self::configured(dir, &(configuration(dir, SITE, building, office, None) + more))
    }

    /// Without a screen, with `more`, on a machine whose clock a test sets.
    pub fn on(shim: &Shim, dir: &Path, building: &str, office: &str, more: &str) -> Self {
        let mut daemon = Self::written(dir, &(configuration(dir, SITE, building, office, None) + more));
        daemon.environment = shim.environment();
        daemon.up();
        daemon
    }

    /// With a screen and `more`: posts, figures, the guards' page.
    pub fn with_screen_and(dir: &Path, building: &str, office: &str, screen: SocketAddr, more: &str) -> Self {
        Self::configured(dir, &(configuration(dir, SITE, building, office, Some(screen)) + more))
    }

    /// With a screen, `more`, metrics at this port, and a log that leaves nothing out.
    pub fn loudly(
        shim: &Shim,
        dir: &Path,
        building: &str,
        office: &str,
        screen: SocketAddr,
        metrics: SocketAddr,
        more: &str,
    ) -> Self {
        let text = configuration(dir, SITE, building, office, Some(screen)) + more;
        let mut daemon = Self::written(dir, &text.replace("metrics = \"off\"", &format!("metrics = \"{metrics}\"")));
        daemon.environment = shim.environment();
        daemon.environment.push(("LOBBYD_LOG".into(), "trace".into()));
        daemon.up();
        daemon
    }

    /// Without a screen, at this site, run by these words, with this environment: in another network, with a disk of its own.
    pub fn elsewhere(
        dir: &Path,
        site: &str,
        building: &str,
        office: &str,
        runner: Vec<String>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let mut daemon = Self::written(dir, &configuration(dir, site, building, office, None));
        (daemon.runner, daemon.environment) = (runner, environment);
        daemon.up();
        daemon
    }

    /// With this configuration and no other, its data in `dir`.
    pub fn configured(dir: &Path, text: &str) -> Self {
        let mut daemon = Self::written(dir, text);
        daemon.up();
        daemon
    }

    fn written(dir: &Path, text: &str) -> Self {
        fs::create_dir_all(dir.join("data")).unwrap();
        let config = dir.join("lobby.toml");
        fs::write(&config, text).unwrap();
        Daemon { config, environment: Vec::new(), runner: Vec::new(), log: dir.join("log"), child: None }
    }

    pub fn up(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let mut words = self.runner.iter().map(String::as_str).chain([env!("CARGO_BIN_EXE_lobbyd")]);
        let child = Command::new(words.next().expect("at least the daemon itself"))
            .args(words)
            .args(["run", "--config"])
            .arg(&self.config)
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.child = Some(child);
    }

    /// SIGKILL: no destructor, no last word.
    pub fn kill(&mut self) {
        let mut child = self.child.take().expect("it runs");
        if let Some(ended) = child.try_wait().unwrap() {
            panic!("the daemon ended by itself ({ended}): {}", self.log());
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Whether it has ended by itself. Then it counts as stopped, and [`Daemon::up`] starts it again, as systemd does.
    pub fn has_ended(&mut self) -> bool {
        let ended = self.child.as_mut().is_none_or(|child| child.try_wait().unwrap().is_some());
        if ended {
            self.child = None;
        }
        ended
    }

    /// Asks it to stop, and does not wait.
    pub fn ask_to_stop(&self) {
        // SAFETY: the process is our own child and has not been waited for.
        unsafe { libc::kill(self.id() as libc::pid_t, libc::SIGTERM) };
    }

    /// SIGKILL, or it has ended by itself before.
    pub fn kill_or_ended(&mut self) {
        if !self.has_ended() {
            self.kill();
        }
    }

    /// SIGTERM, as systemd does it.
    pub fn stop(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("it runs");
        // SAFETY: the process is our own child and has not been waited for.
        unsafe { libc::kill(child.id() as libc::pid_t, libc::SIGTERM) };
        child.wait().unwrap()
    }

    /// SIGSTOP or SIGCONT: frozen, as by a stalled disk, and awake again.
    pub fn freeze(&self, frozen: bool) {
        let id = self.id() as libc::pid_t;
        let signal = if frozen { libc::SIGSTOP } else { libc::SIGCONT };
        // SAFETY: the process is our own child and has not been waited for.
        unsafe { libc::kill(id, signal) };
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn id(&self) -> u32 {
        self.child.as_ref().expect("it runs").id()
    }

    /// Highest memory that the process has ever held, KiB (VmHWM).
    pub fn peak_memory(&self) -> u64 {
        peak_memory(self.id())
    }

    /// Memory that the process holds now, KiB (VmRSS).
    pub fn memory(&self) -> u64 {
        memory(self.id())
    }

    pub fn cpu_ms(&self) -> u64 {
        cpu_ms(self.id())
    }

    /// How often the kiosk's thread has gone to sleep.
    pub fn switches(&self) -> u64 {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.id())).unwrap().map(|task| task.unwrap().path());
        let kiosk = tasks
            .into_iter()
            .find(|task| fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "kiosk"));
        status(kiosk.expect("the kiosk's thread").join("status"), "voluntary_ctxt_switches:")
    }
}

/// Memory that a process holds now, KiB.
pub fn memory(pid: u32) -> u64 {
    status(format!("/proc/{pid}/status"), "VmRSS:")
}

/// Highest memory that a process has ever held, KiB.
pub fn peak_memory(pid: u32) -> u64 {
    status(format!("/proc/{pid}/status"), "VmHWM:")
}

/// Processor time that a process has used, milliseconds: user and system, fields 14 and 15 of proc(5)'s stat, in ticks of
/// 10 ms.
pub fn cpu_ms(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let after_name = stat.rsplit_once(')').expect("the name stands in brackets").1;
    after_name.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse::<u64>().unwrap() * 10).sum()
}

/// Bytes that a process has caused to be written to a disk: pages of 4 KiB, each time it makes one dirty.
pub fn written(pid: u32) -> u64 {
    status(format!("/proc/{pid}/io"), "write_bytes:")
}

/// One number of a status file of proc(5).
fn status(file: impl AsRef<Path>, field: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(field)).expect("Linux says so");
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// A debug build ends its desk over an event that is not what its kind promises, and says so in the log. A test that never looked would
/// wait for something that does not come, and be told that instead.
fn holds_to_the_contract(log: &str) {
    let broken = log.lines().find(|line| line.contains(BROKEN));
    assert!(broken.is_none() || std::thread::panicking(), "{}", broken.unwrap_or_default());
    if let Some(broken) = broken {
        eprintln!("{broken}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
        holds_to_the_contract(&self.log());
    }
}
