//! A memory card: a real ext4 in a file, which the kernel itself makes read-only when it meets an error on it. Needs root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const SIZE: u64 = 64 << 20;

pub struct Card {
    image: PathBuf,
    at: PathBuf,
}

fn run(program: &str, words: &[&str]) -> String {
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let done = Command::new(program).args(words).env("PATH", path).output().expect("mount and e2fsprogs are installed");
    assert!(done.status.success(), "{program} {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Card {
    /// A new one, put in at `at`.
    pub fn format(image: PathBuf, at: PathBuf) -> Self {
        fs::create_dir_all(&at).unwrap();
        fs::File::create(&image).unwrap().set_len(SIZE).unwrap();
        run("mke2fs", &["-q", "-F", "-t", "ext4", text(&image)]);
        let card = Card { image, at };
        card.mount();
        card
    }

    /// One that is in already.
    pub fn at(image: PathBuf, at: PathBuf) -> Self {
        Card { image, at }
    }

    fn mount(&self) {
        run("mount", &["-o", "loop,errors=remount-ro", text(&self.image), text(&self.at)]);
    }

    /// The kernel meets an error: from here on it is read-only, also for files that are open for writing.
    pub fn fail(&self) {
        let device = run("findmnt", &["-n", "-o", "SOURCE", text(&self.at)]);
        let name = device.rsplit('/').next().expect("a device has a name");
        fs::write(format!("/sys/fs/ext4/{name}/trigger_fs_error"), "1").unwrap();
    }

    /// What the next boot does: in again, from its own journal. Nobody may have a file open.
    pub fn mend(&self) {
        run("umount", &[text(&self.at)]);
        self.mount();
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        // Lazily: after a failed run a file may still be open.
        let _ = Command::new("umount").arg("-l").arg(&self.at).status();
    }
}
