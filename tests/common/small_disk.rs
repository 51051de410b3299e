//! A disk of 2 MiB that can be filled: a tmpfs. Needs root.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    pub fn mount(at: &Path) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let mounted = Process::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(at).status().unwrap();
        assert!(mounted.success(), "mounting a tmpfs needs root");
        SmallDisk(at.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Process::new("umount").arg(&self.0).status();
    }
}

impl SmallDisk {
    /// Takes all the room there is, as somebody else's logs would.
    pub fn fill(&self) {
        // It ends with an error, which is the point.
        let _ = std::fs::write(self.0.join("filler"), vec![0; 4 << 20]);
    }

    pub fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}
