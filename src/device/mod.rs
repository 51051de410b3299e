//! What a vendor's message means: profiles (TOML) turn topic and payload into reports. Pure: no I/O, no clock.

use crate::event::Now;
use crate::service::door::Report;

/// One message from the building broker, as it came.
#[derive(Debug, Clone)]
pub struct Message<'a> {
    pub topic: &'a str,
    pub payload: &'a [u8],
    pub retain: bool,
    /// The broker marks it as a repeat.
    pub dup: bool,
    pub packet_id: u16,
    pub received: Now,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// One or more reports; a message with an unknown meaning is one `device.unmapped`.
    Reports(Vec<Report>),
    /// A rule says that this message carries nothing of its own (a duplicate of another, noise).
    Ignored,
    /// It cannot be read at all: why, in words that name no content.
    Unreadable(String),
}

/// All devices of this site, ready to read messages.
pub struct Devices {}

impl Devices {
    /// The topic filters to subscribe to.
    pub fn filters(&self) -> Vec<String> {
        Vec::new()
    }

    pub fn read(&self, _message: &Message<'_>) -> Reading {
        Reading::Ignored
    }
}
