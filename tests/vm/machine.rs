//! A virtual machine that a test switches on, works at, and cuts off: qemu with Debian's kernel, the image that `image` makes,
//! and no help from the processor (TCG), so it runs wherever qemu does. What stands here never knows what it is used for.
//!
//! The test's ways in: a shell and a finger over virtio ports, the screen over QMP, both brokers over forwarded ports, and the
//! serial console as the log.

use crate::common::mosquitto::free_port;
use crate::picture::Picture;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longest wait for an answer of the machine. It boots in 20 s alone, and shares two cores with other tests.
const PATIENCE: Duration = Duration::from_secs(180);
/// Disk for what the test brings along: packages, a journal and a few files of configuration.
const GOODS_SIZE: &str = "128M";
/// A line that no command writes; the exit code follows.
const DONE: &str = "\u{1}done ";

pub struct Machine {
    dir: TempDir,
    image: PathBuf,
    /// Width and height of the panel, from the next time it is switched on.
    pub screen: [u32; 2],
    /// The brokers, as the host reaches them.
    pub building: u16,
    pub office: u16,
    on: Option<On>,
}

/// What is there while the machine is on.
struct On {
    qemu: Child,
    qmp: BufReader<UnixStream>,
    shell: BufReader<UnixStream>,
    finger: BufReader<UnixStream>,
}

impl Machine {
    /// A new machine with a disk of its own. `goods` are files that it finds in /goods.
    pub fn new(screen: [u32; 2], goods: &[(&str, PathBuf)]) -> Self {
        let image = image();
        let dir = tempfile::tempdir().unwrap();
        copy(&image.join("disk.ext4"), &dir.path().join("disk"));
        let folder = dir.path().join("goods");
        fs::create_dir(&folder).unwrap();
        for (name, file) in goods {
            fs::copy(file, folder.join(name)).unwrap();
        }
        let mut make = Command::new("mke2fs");
        make.env("PATH", format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default()));
        make.args(["-q", "-t", "ext4", "-d"]).arg(&folder).arg(dir.path().join("goods.ext4")).arg(GOODS_SIZE);
        assert!(make.stdout(Stdio::null()).status().expect("e2fsprogs is installed").success());
        Machine { dir, image, screen, building: free_port(), office: free_port(), on: None }
    }

    pub fn switch_on(&mut self) {
        assert!(self.on.is_none(), "it is on");
        let mut qemu = self.qemu().spawn().expect("qemu-system-x86 is installed: run ./tests/run");
        let mut connect = |name: &str| connect(&self.dir.path().join(name), &mut qemu);
        let (mut qmp, shell, finger) = (connect("qmp"), connect("shell"), connect("finger"));
        qmp.read_line(&mut String::new()).unwrap();
        self.on = Some(On { qemu, qmp, shell, finger });
        self.command("qmp_capabilities", json!({}));
    }

    fn qemu(&self) -> Command {
        let at = |name: &str| self.dir.path().join(name).display().to_string();
        let [width, height] = self.screen;
        let socket = |name: &str| format!("socket,id={name},path={},server=on,wait=off", at(name));
        let port = |name: &str| format!("virtserialport,chardev={name},name={name}");
        let disk = |id: &str, file: &str, more: &str| format!("if=none,id={id},format=raw,file={}{more}", at(file));
        let ways = format!(
            "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{}-:1883,hostfwd=tcp:127.0.0.1:{}-:1884",
            self.building, self.office
        );
        let mut qemu = Command::new("qemu-system-x86_64");
        qemu.args(["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"])
            .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "512"])
            .arg("-kernel")
            .arg(self.image.join("vmlinuz"))
            .arg("-initrd")
            .arg(self.image.join("initrd"))
            .args(["-append", "console=ttyS0 loglevel=4 mitigations=off panic=1"])
            .args(["-drive", &disk("disk", "disk", ""), "-device", "virtio-blk-pci,drive=disk"])
            .args(["-drive", &disk("goods", "goods.ext4", ",readonly=on"), "-device", "virtio-blk-pci,drive=goods"])
            .args(["-vga", "none", "-device", &format!("bochs-display,xres={width},yres={height}")])
            .args(["-device", "virtio-serial-pci", "-device", "virtio-rng-pci"])
            .args(["-chardev", &socket("shell"), "-device", &port("shell")])
            .args(["-chardev", &socket("finger"), "-device", &port("finger")])
            .args(["-netdev", &ways, "-device", "virtio-net-pci,netdev=net"])
            .args(["-chardev", &format!("file,id=log,append=on,path={}", at("log")), "-serial", "chardev:log"])
            .args(["-chardev", &socket("qmp"), "-mon", "chardev=qmp,mode=control"])
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        qemu
    }

    /// Pulls the plug: what the machine has only in its memory is gone.
    pub fn cut_off(&mut self) {
        let mut on = self.on.take().expect("it is on");
        on.qemu.kill().unwrap();
        on.qemu.wait().unwrap();
    }

    /// Runs a shell command in the machine as root, as soon as there is a shell: what it wrote, and its exit code.
    pub fn try_run(&mut self, command: &str) -> (String, i32) {
        let on = self.on.as_mut().expect("it is on");
        let line = format!("( {command}\n) </dev/null 2>&1; printf '\\n\\001done %s\\n' $?\n");
        on.shell.get_mut().write_all(line.as_bytes()).unwrap();
        let mut output = String::new();
        loop {
            let mut line = Vec::new();
            let read = on.shell.read_until(b'\n', &mut line);
            assert!(read.is_ok_and(|bytes| bytes > 0), "no answer to `{command}` but {output:?}: {}", self.log());
            let line = String::from_utf8_lossy(&line).into_owned();
            match line.strip_prefix(DONE) {
                Some(code) => return (output.trim().to_owned(), code.trim().parse().unwrap()),
                None => output.push_str(&line),
            }
        }
    }

    /// The same where the command must succeed.
    pub fn run(&mut self, command: &str) -> String {
        let (output, code) = self.try_run(command);
        assert_eq!(code, 0, "`{command}`: {output}\n{}", self.log());
        output
    }

    /// Runs the command again and again until what it wrote is as wanted, and gives that.
    pub fn run_until(&mut self, what: &str, command: &str, wanted: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let (output, _) = self.try_run(command);
            if wanted(&output) {
                return output;
            }
            assert!(Instant::now() < deadline, "waited in vain until {what}; last: {output}\n{}", self.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Moves the finger: see finger.rs for what it understands.
    pub fn finger(&mut self, line: &str) {
        assert!(!line.contains('\n'), "each line has an answer of its own: {line}");
        let on = self.on.as_mut().expect("it is on");
        writeln!(on.finger.get_mut(), "{line}").unwrap();
        let mut answer = String::new();
        on.finger.read_line(&mut answer).expect("the finger answers");
        assert_eq!(answer.trim(), "ok", "finger: {line}");
    }

    /// What the screen shows now, pixel by pixel.
    pub fn look(&mut self) -> Picture {
        let file = self.dir.path().join("screen.ppm");
        self.command("screendump", json!({"filename": file}));
        Picture::read(&file)
    }

    fn command(&mut self, name: &str, arguments: Value) {
        let on = self.on.as_mut().expect("it is on");
        writeln!(on.qmp.get_mut(), "{}", json!({"execute": name, "arguments": arguments})).unwrap();
        loop {
            let mut line = String::new();
            on.qmp.read_line(&mut line).unwrap();
            let answer: Value = serde_json::from_str(&line).unwrap();
            assert!(answer.get("error").is_none(), "{name}: {line}");
            // Everything else is an event.
            if answer.get("return").is_some() {
                return;
            }
        }
    }

    /// The end of the serial console, of all times that it was on.
    pub fn log(&self) -> String {
        const MOST: usize = 6000;
        let log = fs::read(self.dir.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log[log.len().saturating_sub(MOST)..]).into_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(mut on) = self.on.take() {
            // It may have ended by itself.
            let _ = on.qemu.kill();
            let _ = on.qemu.wait();
        }
    }
}

/// The image's folder; made where it is not there.
fn image() -> PathBuf {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vm/image");
    let made = Command::new(script).stderr(Stdio::inherit()).output().unwrap();
    assert!(made.status.success(), "tests/vm/image failed: it needs root, mmdebstrap and e2fsprogs (./tests/run)");
    PathBuf::from(String::from_utf8(made.stdout).unwrap().trim())
}

/// With its holes: three quarters of the disk are nothing.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("--sparse=always").arg(from).arg(to).status();
    assert!(copied.unwrap().success(), "no room for {}?", to.display());
}

/// qemu makes its sockets before anything else.
fn connect(path: &Path, qemu: &mut Child) -> BufReader<UnixStream> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Ok(stream) = UnixStream::connect(path) {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            return BufReader::new(stream);
        }
        if let Some(ended) = qemu.try_wait().unwrap() {
            panic!("qemu ended ({ended})");
        }
        assert!(Instant::now() < deadline, "qemu makes no {}", path.display());
        std::thread::sleep(Duration::from_millis(10));
    }
}
