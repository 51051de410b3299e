//! lobbyd, room by room. Imports run downward only, in the order of this list:
//! what stands higher may use what stands lower, never the other way round.

pub mod board; //    the kiosk's hardware behind traits: display, touch
pub mod building; // the building broker: device messages in
pub mod cli; //      one file a subcommand
pub mod config; //   lobby.toml and boards/*.toml: read once, checked, typed
pub mod daemon; //   the wiring: the story of the machine from power-on to shutdown
pub mod desk; //     the one writer: command in, events appended, answer after the fsync
pub mod device; //   what a vendor's message means                      (pure)
pub mod event;
pub mod health; //   status topic, metrics, systemd watchdog, the clock's trustworthiness
pub mod journal; //  SQLite: append, cursors, views, retention, recovery
pub mod kiosk; //    the touchscreen: model in, scene out
pub mod link; //     one MQTT connection done right
pub mod office; //   the office broker: events out, commands in
pub mod service; //  what the company promised                          (pure) //    what happened                                      (pure, leaf)
