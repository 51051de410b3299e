//! Python programs that others have written, in environments of their own in the target folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A Python of its own with these packages, made once and kept in the target folder.
pub fn python(name: &str, packages: &[&str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let done = folder.join("done");
    if !fs::read_to_string(&done).is_ok_and(|made| made == packages.join(" ")) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(packages));
        fs::write(done, packages.join(" ")).unwrap();
    }
    folder.join("bin")
}

/// # Panics
/// Where it fails, with what it said.
pub fn run(command: &mut Command) {
    let output = command.output().expect("python3 is installed (./tests/run installs it)");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
