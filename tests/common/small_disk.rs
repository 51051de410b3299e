//! A small disk that can be filled: a tmpfs. Needs root.

use std::path::{Path, PathBuf};
use std::process::Command as Process;

pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    /// Of 2 MiB.
    pub fn mount(at: &Path) -> Self {
        Self::of(2, at)
    }

    pub fn of(mib: u32, at: &Path) -> Self {
        std::fs::create_dir_all(at).unwrap();
        let size = format!("size={mib}m");
        let mounted = Process::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).status().unwrap();
        assert!(mounted.success(), "mounting a tmpfs needs root");
        SmallDisk(at.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: after a failed test a file may still be open.
        let _ = Process::new("umount").arg("-l").arg(&self.0).status();
    }
}

impl SmallDisk {
    /// Takes all the room there is, as somebody else's logs would.
    pub fn fill(&self) {
        use std::io::Write;
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        // It ends with an error, which is the point.
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    pub fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}
