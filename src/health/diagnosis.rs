//! What the machine says of itself, for somebody who cannot come to it: load, memory, warmth, disk. Numbers and versions; no
//! configuration, no address, nobody's name.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What cannot be read is `null`: a diagnosis is asked for when something is wrong.
pub fn machine(data_dir: &Path) -> Value {
    let text = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let first = |path: &str| text(path)?.split_whitespace().next()?.parse::<f64>().ok();
    let (free, total) = disk(data_dir).unzip();
    json!({
        "model": text("/proc/device-tree/model").map(|model| model.trim_end_matches('\0').to_owned()),
        "kernel": text("/proc/sys/kernel/osrelease"),
        "up_seconds": first("/proc/uptime"),
        "load": first("/proc/loadavg"),
        "memory_kib": { "own": kib("/proc/self/status", "VmRSS:"), "free": kib("/proc/meminfo", "MemAvailable:") },
        "celsius": first("/sys/class/thermal/thermal_zone0/temp").map(|thousandths| thousandths / 1000.0),
        "disk_mib": { "free": free, "total": total },
    })
}

fn kib(path: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?.parse().ok()
}

/// MiB that are free, and all.
fn disk(data_dir: &Path) -> Option<(u64, u64)> {
    let space = super::disk::space(data_dir)?;
    Some((space.free >> 20, space.total >> 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_memory_and_a_disk() {
        let said = machine(Path::new("/"));
        assert!(said["memory_kib"]["own"].as_u64() > Some(0) && said["disk_mib"]["total"].as_u64() > Some(0), "{said}");
        assert!(said["up_seconds"].as_f64() > Some(0.0), "{said}");
        assert_eq!(machine(Path::new("/nowhere"))["disk_mib"]["total"], Value::Null);
    }
}
