//! How long a finger waits for the picture: from the touch to the page flip, as the kernel itself writes both down (its trace).
//! Nothing of lobbyd takes part in measuring.

use crate::glass::at_home;
use crate::kiosk::Hang;
use crate::machine::Machine;
use crate::service::{STATE, restart_on};
use embedded_graphics::prelude::Point;

const TRACING: &str = "/sys/kernel/tracing";
/// Touches, each with its leaving: as many pictures twice over.
const TAPS: usize = 100;
/// From one to the next, ms: no tap waits for the picture of the last one.
const PAUSE: usize = 400;

/// What has no limit in a test, because it says as much of the machine as of lobbyd: printed.
pub fn keeps_pace(machine: &mut Machine) {
    // A display that paces its pictures, which the one of qemu does not: the kernel names it after that one.
    machine.run("modprobe vkms; mkdir -p /etc/lobbyd/boards; cp /goods/paced.toml /etc/lobbyd/boards/");
    restart_on(machine, "paced");
    // Its size is not the touch panel's: that is 720 by 1280, and tells shares of its own.
    let mut glass = at_home(machine, ([800, 600], 133), Hang::Upright);
    let share = |at: Point| Point::new(at.x * 719 / 799, at.y * 1279 / 599);
    let door = share(glass.place("home.visit"));
    machine.finger(&format!("tap {} {}", door.x, door.y));
    glass.goes("home.visit");
    let key = share(glass.place("key.1"));
    let waits = measure(machine, key);
    println!(
        "          from touch to page flip, {} touches and leavings: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms (goal: p99 33 ms)",
        waits.len(),
        percentile(&waits, 50),
        percentile(&waits, 99),
        waits.last().unwrap()
    );
    let used = |machine: &mut Machine| -> f64 {
        machine.run("systemctl show -P CPUUsageNSec lobbyd").parse::<f64>().unwrap() / 1e9
    };
    const IDLE: f64 = 20.0;
    let before = used(machine);
    machine.run(&format!("sleep {IDLE}"));
    let share = (used(machine) - before) / IDLE * 100.0;
    println!(
        "          idle with two brokers: {share:.2} % of a core of this machine, which is some twenty times slower (goal: 0.5 %)"
    );
}

/// From the start of the service to its first picture, on this board and with so many events in its journal; printed.
pub fn first_light(machine: &mut Machine, board: &str, events: u64) {
    restart_on(machine, board);
    machine.run_until("the service runs", STATE, |state| state == "active");
    // Both are seconds since the machine was switched on, the first in millionths.
    let at = |machine: &mut Machine, what: &str| -> f64 {
        machine.run(&format!("systemctl show -P {what}TimestampMonotonic lobbyd")).parse::<f64>().unwrap() / 1e6
    };
    let (started, ready) = (at(machine, "ExecMainStart"), at(machine, "ActiveEnter"));
    let line =
        machine.run("journalctl -u lobbyd -b -o short-monotonic --no-pager | grep 'the display is lit' | tail -n 1");
    let lit = line.trim_start_matches('[').split(']').next().and_then(|time| time.trim().parse::<f64>().ok());
    println!(
        "          from the start of the service to its first picture {:.2} s, to ready {:.2} s, with {events} events, on an \
         emulated core some twenty times slower (goal: 0.3 s on a core that is not)",
        lit.unwrap_or_else(|| panic!("{line}")) - started,
        ready - started
    );
}

/// Taps on one place, and gives the milliseconds to each picture, the shortest first.
fn measure(machine: &mut Machine, at: Point) -> Vec<f64> {
    machine.run(&format!(
        "mountpoint -q {TRACING} || mount -t tracefs tracefs {TRACING}; cd {TRACING}; echo mono >trace_clock; echo 0 >trace; \
         echo 1 >events/drm/drm_vblank_event_delivered/enable; echo 1 >tracing_on"
    ));
    machine.finger(&format!("drum {TAPS} {PAUSE} {} {}", at.x, at.y));
    let trace = machine.run(&format!("cd {TRACING}; echo 0 >tracing_on; grep -v '^#' trace"));
    let mut waits = waits(&trace);
    assert!(waits.len() >= TAPS, "{} pictures for {TAPS} taps: {trace}", waits.len());
    waits.sort_by(f64::total_cmp);
    waits
}

/// Each finger with the first picture after it, in milliseconds. A finger without one has changed nothing.
fn waits(trace: &str) -> Vec<f64> {
    let (mut waits, mut finger) = (Vec::new(), None);
    for line in trace.lines() {
        // "lobbyd-327 [001] d.h1. 117.691234: drm_vblank_event_delivered: file=..., crtc=0, seq=7"
        let Some((head, what)) = line.split_once(": ") else { continue };
        let Some(seconds) = head.rsplit(' ').next().and_then(|time| time.parse::<f64>().ok()) else { continue };
        if what.ends_with("finger") {
            finger = Some(seconds);
        } else if what.starts_with("drm_vblank_event_delivered")
            && let Some(touched) = finger.take()
        {
            waits.push((seconds - touched) * 1000.0);
        }
    }
    waits
}

/// The wait that so many per cent do not exceed.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100).clamp(1, sorted.len()) - 1]
}
