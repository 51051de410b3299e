//! A line that loses packets: a network of its own for the daemon, joined to ours by two tunnel devices, and this test carries every
//! packet from one to the other, or does not. The kernel's own TCP has to cope. (What `tc netem` does; but few kernels have that
//! built in, and a tunnel device nearly all.) Needs root and iproute2.

use fastrand::Rng;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// struct ifreq of netdevice(7): a name, and flags in a union.
const REQUEST: usize = 40;
const NAME: usize = 16;
/// A packet is a packet: no header of the device's own before it.
const FLAGS: i16 = (libc::IFF_TUN | libc::IFF_NO_PI) as i16;
/// Largest packet, bytes.
const PACKET: usize = 65_536;
/// How often the carriers look whether the line is gone.
const LOOK: Duration = Duration::from_millis(50);

pub struct Lossy {
    pub network: String,
    /// Of the brokers' side.
    pub address: String,
    /// Of 100 packets so many vanish.
    loss: Arc<AtomicU32>,
    /// Keeps the carriers at work.
    _alive: Arc<()>,
}

fn ip(words: &str) {
    let done = Command::new("ip").args(words.split(' ')).output().expect("iproute2 is installed (./tests/run)");
    assert!(done.status.success(), "ip {words}: {}", String::from_utf8_lossy(&done.stderr));
}

fn tunnel(name: &str) -> File {
    let device = OpenOptions::new().read(true).write(true).custom_flags(libc::O_NONBLOCK).open("/dev/net/tun");
    let device = device.expect("/dev/net/tun is there, and we are root");
    let mut request = [0u8; REQUEST];
    request[..name.len()].copy_from_slice(name.as_bytes());
    request[NAME..NAME + 2].copy_from_slice(&FLAGS.to_ne_bytes());
    // SAFETY: the request is a buffer of ours, as large as the kernel's struct ifreq, and lives through the call.
    let made = unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF as _, request.as_mut_ptr()) };
    assert_eq!(made, 0, "{}", std::io::Error::last_os_error());
    device
}

impl Lossy {
    /// A line without loss on which every packet takes so long.
    pub fn new(random: &mut Rng, delay: Duration) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Other runs of this test on the same machine have other names.
        let nth = (std::process::id() * 16 + NEXT.fetch_add(1, Ordering::SeqCst)) % 16_384;
        let (near, far, network) = (format!("fln{nth}"), format!("flf{nth}"), format!("faults{nth}"));
        let subnet = |last| format!("10.{}.{}.{}", 192 + nth / 256, nth % 256, last);
        let (ours, theirs) = (tunnel(&near), tunnel(&far));
        ip(&format!("netns add {network}"));
        ip(&format!("link set {far} netns {network}"));
        ip(&format!("addr add {}/30 dev {near}", subnet(1)));
        ip(&format!("link set {near} up"));
        ip(&format!("-n {network} addr add {}/30 dev {far}", subnet(2)));
        ip(&format!("-n {network} link set {far} up"));
        ip(&format!("-n {network} link set lo up"));
        let (loss, alive) = (Arc::new(AtomicU32::new(0)), Arc::new(()));
        let back = (theirs.try_clone().unwrap(), ours.try_clone().unwrap());
        for (from, to) in [(ours, theirs), back] {
            carry(from, to, delay, Rng::with_seed(random.u64(..)), loss.clone(), Arc::downgrade(&alive));
        }
        Lossy { network, address: subnet(1), loss, _alive: alive }
    }

    pub fn lose(&self, of_a_hundred: u32) {
        self.loss.store(of_a_hundred, Ordering::SeqCst);
    }

    /// Words that run a program on the other side.
    pub fn runner(&self) -> Vec<String> {
        ["ip", "netns", "exec", &self.network].map(String::from).into()
    }
}

impl Drop for Lossy {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.network));
    }
}

/// Two threads: one takes packets and loses some, one lets the others go when their time has come.
fn carry(
    mut from: File,
    mut to: File,
    delay: Duration,
    mut random: Rng,
    loss: Arc<AtomicU32>,
    alive: std::sync::Weak<()>,
) {
    let (line, due) = mpsc::channel::<(Instant, Vec<u8>)>();
    std::thread::spawn(move || {
        while let Ok((when, packet)) = due.recv() {
            std::thread::sleep(when.saturating_duration_since(Instant::now()));
            // A device that is down loses it, as a line does.
            let _ = to.write(&packet);
        }
    });
    std::thread::spawn(move || {
        let mut packet = vec![0; PACKET];
        while alive.strong_count() > 0 {
            let mut readable = libc::pollfd { fd: from.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one pollfd of ours, and its file is open.
            unsafe { libc::poll(&raw mut readable, 1, LOOK.as_millis() as i32) };
            while let Ok(count @ 1..) = from.read(&mut packet) {
                let lost = random.u32(0..100) < loss.load(Ordering::SeqCst);
                if !lost && line.send((Instant::now() + delay, packet[..count].to_vec())).is_err() {
                    return;
                }
            }
        }
    });
}
