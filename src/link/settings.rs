//! What one link needs to know, and every limit of it with its reason.

use super::fault::SetupFault;
use super::{Fault, client_config};
use crate::config::Broker;
use rumqttc::v5::MqttOptions;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectProperties, LastWill};
use rumqttc::{NetworkOptions, TlsConfiguration, Transport};
use std::sync::Arc;
use std::time::Duration;

/// Tests shorten these; a kiosk runs with the defaults.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For the TCP connect, the TLS handshake and the CONNACK together. thin-edge.io needed more than rumqttc's 5 s on
    /// slow links.
    pub connect: Duration,
    /// rumqttc finds a dead connection at the second ping: 15 s means 30 s at most. Not below 5 s (rumqttc panics).
    pub keep_alive: Duration,
    /// A broker that answers pings but not publishes is as good as dead (rumqttc has no such deadline).
    pub answer: Duration,
    /// First and longest wait between two tries.
    pub retry_first: Duration,
    pub retry_most: Duration,
    /// A connection that lasted this long starts the waits again.
    pub stable: Duration,
    /// Publishes handed over and not acknowledged, at most: what a crash repeats. Wide enough to keep a line with a
    /// round trip of 50 ms busy at 2,000 events a second.
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
            window: 100,
            receive: 250,
            packet: 8 * 1024 * 1024,
        }
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
    /// Room in rumqttc's channel: twice everything that may be open at once. Publishes are bounded by the window.
    /// Acknowledgements should be bounded by our receive maximum, but Mosquitto 2.0.11 (Debian 12) lets a whole window more
    /// go for each one (its issue 2301; 2,989 were open with a limit of 20), so `try_ack` may find the channel full.
    pub(super) fn channel(&self) -> usize {
        2 * (usize::from(self.limits.window) + usize::from(self.limits.receive))
    }

    /// Reads the password and the certificates and builds rumqttc's options. Blocks on the disk.
    pub(super) fn options(&self) -> Result<MqttOptions, Fault> {
        let address = self.broker.address().map_err(SetupFault::from)?;
        let limits = &self.limits;
        let client_id = self.broker.client_id.as_ref().unwrap_or(&self.client_id);
        let mut options = MqttOptions::new(client_id, &address.host, address.port);
        let mut network = NetworkOptions::new();
        // Without it the last small packet of a burst waits for the broker's delayed acknowledgement: 40 ms, measured.
        network.set_tcp_nodelay(true);
        options.set_network_options(network);
        options.set_connection_timeout(limits.connect.as_secs().max(1));
        options.set_keep_alive(limits.keep_alive);
        options.set_clean_start(self.session == Session::Clean);
        options.set_manual_acks(self.session == Session::Kept);
        // rumqttc cycles packet ids below this limit. With four times the window an id comes round only long after it
        // was acknowledged, so that acknowledgements out of order never collide (its issues 1014 and 1056).
        options.set_outgoing_inflight_upper_limit(limits.window.saturating_mul(4));
        options.set_connect_properties(self.properties());
        if let Some(user) = &self.broker.user {
            options.set_credentials(user, self.password()?);
        }
        if address.tls {
            options.set_transport(Transport::tls_with_config(self.tls()?));
        }
        if let Some(will) = &self.will {
            options.set_last_will(LastWill::new(&will.topic, will.payload.clone(), QoS::AtLeastOnce, true, None));
        }
        Ok(options)
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

    fn tls(&self) -> Result<TlsConfiguration, Fault> {
        let broker = &self.broker;
        let config = client_config(broker.ca.as_deref(), broker.cert.as_deref(), broker.key.as_deref())
            .map_err(SetupFault::from)?;
        Ok(TlsConfiguration::Rustls(Arc::new(config)))
    }
}
