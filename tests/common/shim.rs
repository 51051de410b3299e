//! The daemon's machine, as far as a test can change it under a running daemon: its clock and its disk (shim.c says how).

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

/// Whether the kernel says that its clock is kept by the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    Yes = 1,
    No = 2,
}

/// The control file of one daemon; a copy works the same.
#[derive(Debug, Clone)]
pub struct Shim {
    control: PathBuf,
}

/// Compiles it once.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults-shim.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/common/shim.c");
        // Beside it first: another test binary may hold the old one open.
        let part = to.with_extension(std::process::id().to_string());
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&part).arg(source).arg("-ldl");
        assert!(cc.status().expect("a C compiler is installed (./tests/run installs it)").success());
        fs::rename(&part, &to).unwrap();
        to
    })
}

impl Shim {
    /// A machine whose clock is right and known.
    pub fn new(dir: &Path) -> Self {
        let shim = Shim { control: dir.join("control") };
        fs::write(&shim.control, [0; 16]).unwrap();
        shim.synced(Synced::Yes);
        shim
    }

    /// What a daemon on this machine is started with.
    pub fn environment(&self) -> Vec<(String, String)> {
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        vec![("LD_PRELOAD".into(), text(library())), ("FAULT_CONTROL".into(), text(&self.control))]
    }

    fn write(&self, at: u64, bytes: &[u8]) {
        fs::OpenOptions::new().write(true).open(&self.control).unwrap().write_all_at(bytes, at).unwrap();
    }

    /// The wall clock is so far ahead of the right time, seconds.
    pub fn wall_ahead(&self, seconds: i64) {
        self.write(0, &(seconds * 1000).to_ne_bytes());
    }

    pub fn synced(&self, synced: Synced) {
        self.write(8, &(synced as i32).to_ne_bytes());
    }

    /// Each fsync takes so long at least.
    pub fn slow_disk(&self, fsync: Duration) {
        self.write(12, &(fsync.as_millis() as i32).to_ne_bytes());
    }
}
