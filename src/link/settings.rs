//! What one link needs to know, and every limit of it with its reason.

use super::dial::Dial;
use super::fault::SetupFault;
use super::{Fault, client_config};
use crate::config::Broker;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnAck, Connect, ConnectProperties, LastWill, Login};
use rustls::ClientConfig;
use std::sync::Arc;
use std::time::Duration;

/// Tests shorten these; a kiosk runs with the defaults.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For the TCP connect, the TLS handshake and the CONNACK together. thin-edge.io needed more than 5 s on slow links.
    pub connect: Duration,
    /// A ping goes out after each such time, and must be answered before the next: 15 s find a dead connection within 30 s.
    /// Whole seconds.
    pub keep_alive: Duration,
    /// A broker that answers pings but not publishes is as good as dead.
    pub answer: Duration,
    /// First and longest wait between two tries.
    pub retry_first: Duration,
    pub retry_most: Duration,
    /// A connection that lasted this long starts the waits again.
    pub stable: Duration,
    /// Publishes handed over and not acknowledged, at most: what a crash repeats. Wide enough to keep a line with a
    /// round trip of 50 ms busy at 5,000 events a second; with 100 a flood waited for acknowledgements, 15 % slower.
    pub window: u16,
    /// Messages that the broker may send us before we acknowledge the first: what one commit can take together.
    pub receive: u16,
    /// Largest packet that we take, bytes. Face terminals send a photo of up to 1 MiB in base64; MQTT's own limit of
    /// 256 MiB would let one message fill the memory of a small board. A broker must not send more (MQTT 5, 3.1.2.11.4).
    pub packet: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            keep_alive: Duration::from_secs(15),
            answer: Duration::from_secs(30),
            retry_first: Duration::from_secs(1),
            retry_most: Duration::from_secs(60),
            stable: Duration::from_secs(60),
            window: 250,
            receive: 250,
            packet: 8 * 1024 * 1024,
        }
    }
}

impl Limits {
    /// Publishes that may be under way on this connection: never more than the broker allows (MQTT 5, 3.2.2.3.3; Mosquitto
    /// allows 20 by default, and breaks the connection over one more).
    pub fn window(&self, connack: &ConnAck) -> usize {
        let allowed = connack.properties.as_ref().and_then(|properties| properties.receive_max).unwrap_or(u16::MAX);
        usize::from(self.window.min(allowed).max(1))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Session {
    /// The broker forgets us when we go: for the office, where a command that waited for hours must not be obeyed.
    Clean,
    /// The broker keeps what comes while we are away, for as long as it can: for the building.
    Kept,
}

/// What the broker publishes, retained, when we vanish.
#[derive(Debug, Clone)]
pub struct Will {
    pub topic: String,
    pub payload: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// As it stands in logs and metrics: `building` or `office`.
    pub name: &'static str,
    pub broker: Broker,
    /// Used where the configuration gives no `client_id`.
    pub client_id: String,
    pub session: Session,
    pub will: Option<Will>,
    pub limits: Limits,
}

impl Settings {
    /// Reads the password and the certificates. Blocks on the disk.
    pub(super) fn dial(&self) -> Result<Dial, Fault> {
        let address = self.broker.address().map_err(SetupFault::from)?;
        let limits = &self.limits;
        let login = self.broker.user.as_ref().map(|user| Ok::<_, Fault>(Login::new(user, self.password()?)));
        let will = |will: &Will| LastWill::new(&will.topic, will.payload.clone(), QoS::AtLeastOnce, true, None);
        Ok(Dial {
            tls: if address.tls { Some(self.tls()?) } else { None },
            host: address.host,
            port: address.port,
            connect: Connect {
                keep_alive: limits.keep_alive.as_secs().try_into().unwrap_or(u16::MAX),
                client_id: self.broker.client_id.as_ref().unwrap_or(&self.client_id).clone(),
                clean_start: self.session == Session::Clean,
                properties: Some(self.properties()),
            },
            will: self.will.as_ref().map(will),
            login: login.transpose()?,
            connect_within: limits.connect,
            keep_alive: limits.keep_alive,
            packet: limits.packet,
        })
    }

    fn properties(&self) -> ConnectProperties {
        let mut properties = ConnectProperties::new();
        properties.receive_maximum = Some(self.limits.receive);
        properties.max_packet_size = Some(self.limits.packet);
        // Without an expiry interval an MQTT 5 session ends with the connection. u32::MAX is "never".
        properties.session_expiry_interval = (self.session == Session::Kept).then_some(u32::MAX);
        properties
    }

    fn password(&self) -> Result<String, Fault> {
        let Some(path) = &self.broker.password_file else { return Ok(String::new()) };
        let read = std::fs::read_to_string(path)
            .map_err(|error| SetupFault::Password { path: path.display().to_string(), why: error.to_string() })?;
        Ok(read.trim_end_matches(['\r', '\n']).to_owned())
    }

    fn tls(&self) -> Result<Arc<ClientConfig>, Fault> {
        let broker = &self.broker;
        let config = client_config(broker.ca.as_deref(), broker.cert.as_deref(), broker.key.as_deref())
            .map_err(SetupFault::from)?;
        Ok(Arc::new(config))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rumqttc::v5::mqttbytes::v5::Packet;

    fn connack(bytes: &[u8]) -> ConnAck {
        match Packet::read(&mut bytes.into(), None) {
            Ok(Packet::ConnAck(connack)) => connack,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn no_more_is_under_way_than_the_broker_allows_and_one_always_may_be() {
        let window = |bytes: &[u8]| Limits::default().window(&connack(bytes));
        // Property 33 is the receive maximum.
        let allowed = |most: u8| window(&[0x20, 6, 0, 0, 3, 33, 0, most]);
        assert_eq!(window(&[0x20, 3, 0, 0, 0]), 250);
        assert_eq!([20, 200, 0].map(allowed), [20, 200, 1]);
    }
}
