//! An MQTT broker inside the demo: rumqttd, in memory, on this machine only. Good enough to show, not to keep anything:
//! it forgets everything at the end, and one thread that panics ends it. A real site runs a real broker.

use anyhow::Context;
use rumqttd::{Config, ConnectionSettings, RouterConfig, ServerSettings};
use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

/// How long a broker may take to listen. It takes milliseconds; a machine that swaps takes longer.
const START: Duration = Duration::from_secs(10);

/// Bytes of one packet: far more than any message of the demo, far less than memory.
const PACKET: usize = 1024 * 1024;

pub struct Broker {
    /// For devices, which speak MQTT 3.1.1, and for everybody else, with MQTT 5. rumqttd has a port for each.
    pub v4: SocketAddr,
    pub v5: SocketAddr,
}

impl Broker {
    /// Starts a broker on two free ports; it ends with the process.
    ///
    /// # Errors
    /// When it does not listen in time: a port was taken in the moment between.
    pub async fn start(name: &str) -> anyhow::Result<Broker> {
        let (v4, v5) = two_free_ports()?;
        let config = Config {
            router: RouterConfig {
                max_connections: 20,
                max_outgoing_packet_count: 200,
                // What it remembers for a subscriber that is away, for each filter: 10 MiB, days of a demo.
                max_segment_size: 1024 * 1024,
                max_segment_count: 10,
                ..RouterConfig::default()
            },
            v4: Some(server(name, 4, v4)),
            v5: Some(server(name, 5, v5)),
            ..Config::default()
        };
        let mut broker = rumqttd::Broker::new(config);
        // It never returns, and cannot be told to: the thread ends with the process.
        std::thread::Builder::new().name(format!("{name}-broker")).spawn(move || {
            if let Err(error) = broker.start() {
                tracing::error!(%error, "a broker of the demo ended");
            }
        })?;
        for address in [v4, v5] {
            answers(address).await.with_context(|| format!("the {name} broker does not listen on {address}"))?;
        }
        Ok(Broker { v4, v5 })
    }
}

fn server(name: &str, version: u8, listen: SocketAddr) -> HashMap<String, ServerSettings> {
    let settings = ServerSettings {
        name: format!("{name}-v{version}"),
        listen,
        tls: None,
        next_connection_delay_ms: 1,
        connections: ConnectionSettings {
            connection_timeout_ms: 5000,
            max_payload_size: PACKET,
            max_inflight_count: 100,
            auth: None,
            external_auth: None,
            dynamic_filters: true,
        },
    };
    HashMap::from([(version.to_string(), settings)])
}

/// Both are held at the same time, so that they differ.
fn two_free_ports() -> anyhow::Result<(SocketAddr, SocketAddr)> {
    let held = [0, 0].map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)));
    let [one, other] = held.map(|listener| listener.and_then(|listener| listener.local_addr()));
    Ok((one.context("no port is free")?, other.context("no port is free")?))
}

/// Waits until something listens on `address`.
pub async fn answers(address: SocketAddr) -> anyhow::Result<()> {
    let tries = async {
        while tokio::net::TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(START, tries).await.with_context(|| format!("nothing answers within {START:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rumqttc::v5::mqttbytes::v5::{ConnectProperties, Publish, PublishProperties};
    use rumqttc::v5::{AsyncClient, Event, EventLoop, Incoming, MqttOptions, mqttbytes::QoS};

    const DEADLINE: Duration = Duration::from_secs(20);

    fn client(broker: &Broker, id: &str, keep: bool) -> (AsyncClient, EventLoop) {
        let mut options = MqttOptions::new(id, broker.v5.ip().to_string(), broker.v5.port());
        options.set_clean_start(!keep);
        let mut properties = ConnectProperties::new();
        properties.session_expiry_interval = keep.then_some(u32::MAX);
        options.set_connect_properties(properties);
        AsyncClient::new(options, 10)
    }

    async fn next(events: &mut EventLoop, wanted: impl Fn(&Incoming) -> bool) -> Incoming {
        let found = async {
            loop {
                match events.poll().await.expect("the broker stays") {
                    Event::Incoming(incoming) if wanted(&incoming) => return incoming,
                    _ => {}
                }
            }
        };
        tokio::time::timeout(DEADLINE, found).await.expect("it comes")
    }

    async fn next_publish(events: &mut EventLoop) -> Publish {
        match next(events, |incoming| matches!(incoming, Incoming::Publish(_))).await {
            Incoming::Publish(publish) => publish,
            _ => unreachable!(),
        }
    }

    /// A device that speaks MQTT 3.1.1 says one thing and waits for the acknowledgement.
    async fn device_says(broker: &Broker, topic: &str, payload: &str, retained: bool) {
        let options = rumqttc::MqttOptions::new("device", broker.v4.ip().to_string(), broker.v4.port());
        let (client, mut events) = rumqttc::AsyncClient::new(options, 10);
        client.publish(topic, rumqttc::QoS::AtLeastOnce, retained, payload).await.unwrap();
        let acknowledged = async {
            while !matches!(events.poll().await.unwrap(), rumqttc::Event::Incoming(rumqttc::Packet::PubAck(_))) {}
        };
        tokio::time::timeout(DEADLINE, acknowledged).await.expect("the broker acknowledges");
        drop(client.disconnect().await);
        drop(tokio::time::timeout(DEADLINE, events.poll()).await);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_device_says_while_the_daemon_is_away_is_kept_for_it() {
        let broker = Broker::start("kept").await.unwrap();
        let (daemon, mut events) = client(&broker, "lobbyd", true);
        daemon.subscribe("/rfid/send", QoS::AtLeastOnce).await.unwrap();
        next(&mut events, |incoming| matches!(incoming, Incoming::SubAck(_))).await;
        device_says(&broker, "/rfid/send", "one", false).await;
        assert_eq!(next_publish(&mut events).await.payload, "one");
        // The acknowledgement goes out with the next poll; then the connection is gone without a word.
        drop(tokio::time::timeout(Duration::from_millis(50), events.poll()).await);
        drop((daemon, events));
        device_says(&broker, "/rfid/send", "two", false).await;
        let (_daemon, mut events) = client(&broker, "lobbyd", true);
        let Incoming::ConnAck(ack) = next(&mut events, |incoming| matches!(incoming, Incoming::ConnAck(_))).await
        else {
            unreachable!()
        };
        assert!(ack.session_present);
        let mut said = next_publish(&mut events).await.payload;
        while said == "one" {
            said = next_publish(&mut events).await.payload;
        }
        assert_eq!(said, "two");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn retained_messages_and_content_types_reach_the_office() {
        let broker = Broker::start("retained").await.unwrap();
        device_says(&broker, "door/state", "closed", true).await;
        let (office, mut events) = client(&broker, "office", false);
        office.subscribe("#", QoS::AtLeastOnce).await.unwrap();
        let state = next_publish(&mut events).await;
        assert_eq!((&state.payload[..], state.retain), (&b"closed"[..], true));
        let properties =
            PublishProperties { content_type: Some("application/cloudevents+json".into()), ..Default::default() };
        let (gateway, mut others) = client(&broker, "gateway", false);
        gateway.publish_with_properties("lobby/v1/a", QoS::AtLeastOnce, false, "{}", properties).await.unwrap();
        next(&mut others, |incoming| matches!(incoming, Incoming::PubAck(_))).await;
        let event = next_publish(&mut events).await;
        assert!(!event.retain);
        let properties = event.properties.expect("they travel with the message");
        assert_eq!(properties.content_type.as_deref(), Some("application/cloudevents+json"));
    }
}
