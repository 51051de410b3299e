//! lobbyd, room by room, in layers from top to bottom. A room may use the rooms of the layers below its own, never one
//! beside or above it; `tests/architecture.rs` reads this file and holds the others to it. (Blank lines part the layers.)

// Tests may; what ships says why it cannot be otherwise (`expect`) or handles it.
#![cfg_attr(not(test), deny(clippy::unwrap_used))]

pub mod cli; //      one file a subcommand

#[cfg(feature = "demo")]
pub mod demo; //     two brokers, a building that plays, the page; the daemon is its child process

pub mod daemon; //   the wiring: the story of the machine from power-on to shutdown

pub mod building; // the building broker: device messages in
pub mod console; //  the guards' web page: signing in, the live board, steps
pub mod dispatch; // guards over MQTT: offers and lists out, replies in
pub mod home; //     Home Assistant: doors and what happens at them, told to the building broker
pub mod kiosk; //    the touchscreen: model in, scene out
pub mod office; //   the office broker: events out, commands in

pub mod board; //    the kiosk's hardware behind traits: display, touch, light, contacts, lamps, sound
pub mod desk; //     the one writer: command in, events appended, answer after the fsync
pub mod link; //     one MQTT connection done right

pub mod config; //   lobby.toml and boards/*.toml: read once, checked, typed
pub mod device; //   what a vendor's message means                      (pure)
pub mod directory; // who lives where: one file, replaced whole
pub mod journal; //  SQLite: append, cursors, views, retention, recovery

pub mod health; //   status topic, metrics, systemd watchdog, the clock's trustworthiness
pub mod service; //  what the company promised                          (pure)

pub mod event; //    what happened                                      (pure, leaf)
pub mod fonts; //    the typefaces, once                                (leaf)
pub mod http; //     a page's accept loop: limits, TLS                   (leaf)
pub mod memory; //   what is freed is overwritten first                 (leaf)
pub mod pinyin; //   how Chinese characters sound                       (pure, leaf)
pub mod sqlite; //   how its files are opened                           (leaf)
