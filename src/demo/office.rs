//! The office as the demo shows it: an independent subscriber at the office's broker. It knows only the contract's
//! topics and envelope, as any program of the office would.

use super::arrivals::Arrivals;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, Event, Incoming, MqttOptions};
use serde_json::value::RawValue;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Everything that a gateway sends, of every site.
const ALL: &str = "lobby/v1/#";
/// Bytes of one packet, both ways: an event is a few hundred.
const PACKET: u32 = 1024 * 1024;
/// The broker is in this process: when it does not answer, a moment later it will.
const RETRY: Duration = Duration::from_millis(200);
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Listens for as long as the demo runs.
pub fn listen(broker: SocketAddr, arrivals: Arc<Arrivals>) {
    let mut options = MqttOptions::new("demo-office", broker.ip().to_string(), broker.port());
    options.set_keep_alive(KEEP_ALIVE);
    options.set_max_packet_size(Some(PACKET));
    let (client, mut events) = AsyncClient::new(options, 4);
    tokio::spawn(async move {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Incoming::ConnAck(_))) => {
                    // The channel is empty at a new connection: there is room for one.
                    drop(client.try_subscribe(ALL, QoS::AtLeastOnce));
                }
                Ok(Event::Incoming(Incoming::Publish(publish))) => arrive(&publish.topic, &publish.payload, &arrivals),
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "the demo's office lost its broker");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    });
}

fn arrive(topic: &[u8], payload: &[u8], arrivals: &Arrivals) {
    let topic = String::from_utf8_lossy(topic);
    let Ok(document) = serde_json::from_slice::<&RawValue>(payload) else {
        tracing::warn!(%topic, "the office got something that is no JSON");
        return;
    };
    match topic.split('/').nth(4) {
        Some("event") => arrivals.event(&topic, document),
        Some("status") => arrivals.status(document),
        _ => {}
    }
}
