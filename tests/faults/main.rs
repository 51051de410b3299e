//! What can go wrong, done to the real daemon between real brokers, again and again from a printed seed: it is killed, its brokers
//! are, the network, the disk and the clock fail. An independent ledger counts: what the daemon has acknowledged to the building's
//! broker against what the office has. Lost must be 0, always.
//!
//! Each scenario is a function that breaks something; what they share stands in `rig` (two brokers, two wires, the daemon, the loop),
//! `device` and `inbox` (both ends of the books), `wire` (the proxy that sees what is promised) and `tally` (the audit).
//! `FAULT_RUNS` says how often each is run, `FAULT_SEED` repeats one; docs/faults.md has the table.

#[path = "../common/mod.rs"]
mod common;

mod answers;
mod brokers;
mod card;
mod client;
mod clock;
mod cluster;
mod device;
mod disk;
mod inbox;
mod kills;
mod lossy;
mod network;
mod nodes;
mod power;
mod renewed;
mod rig;
mod tally;
mod wire;
