//! How the gateway is: the retained status document, metrics, systemd's watchdog, logs, the trust in the clock, the room on the disk.
//! Takes plain values from whoever knows them; never reads the journal, never talks MQTT, never holds personal data.

pub mod certificates;
pub mod clock;
pub mod diagnosis;
pub mod disk;
pub mod logs;
pub mod metrics;
pub mod queue;
pub mod quota;
pub mod seen;
pub mod signals;
pub mod status;
pub mod systemd;
