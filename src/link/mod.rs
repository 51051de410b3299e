//! One MQTT connection done right: nothing of one lives on in the next, every acknowledgement matched to what was handed over,
//! faults in plain words, back-off with jitter. It knows nothing of doors, journals or topics, and it must never lose track
//! of a publish: what is not acknowledged by name is not acknowledged.

mod backoff;
mod connection;
mod dial;
mod fault;
mod line;
mod outbox;
mod prefix;
mod settings;
mod talk;
mod tls;
mod tracker;

pub use backoff::Backoff;
pub use connection::{Connection, Heard};
pub use fault::{Fault, LinkState};
pub use line::{Link, stopped};
pub use outbox::{Notice, Outbox};
pub use prefix::Prefix;
pub use settings::{Limits, Session, Settings, Will};
pub use talk::{End, Talker, keep_talking};
pub use tls::{TlsFault, client_config};
pub use tracker::{Tracker, Verdict};
