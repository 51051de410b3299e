//! How long a finger waits for the picture: from the touch to the page flip, as the kernel itself writes both down (its trace).
//! Nothing of lobbyd takes part in measuring.

use crate::machine::Machine;
use embedded_graphics::prelude::Point;

const TRACING: &str = "/sys/kernel/tracing";
/// Touches, each with its leaving: as many pictures twice over.
const TAPS: usize = 100;
/// From one to the next, ms: no tap waits for the picture of the last one.
const PAUSE: usize = 400;

/// Taps on one place, and gives the milliseconds to each picture, the shortest first.
pub fn measure(machine: &mut Machine, at: Point) -> Vec<f64> {
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
pub fn percentile(sorted: &[f64], percent: usize) -> f64 {
    sorted[(sorted.len() * percent).div_ceil(100).clamp(1, sorted.len()) - 1]
}
