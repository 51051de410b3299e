//! An independent publisher and an independent subscriber. They share no code with lobbyd's links, and keep the books.

use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;
use rumqttc::v5::{AsyncClient, Event, EventLoop, Incoming, MqttOptions};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Publishes that one publisher has under way.
pub const IN_FLIGHT: u16 = 100;

fn client(id: &str, port: u16, kept: bool) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new(id, "127.0.0.1", port);
    let mut network = rumqttc::NetworkOptions::new();
    network.set_tcp_nodelay(true);
    options.set_network_options(network);
    options.set_clean_start(!kept);
    options.set_session_expiry_interval(kept.then_some(u32::MAX));
    options.set_max_packet_size(Some(64 * 1024 * 1024));
    options.set_receive_maximum(Some(1000));
    options.set_outgoing_inflight_upper_limit(IN_FLIGHT);
    AsyncClient::new(options, 1000)
}

/// Publishes all messages at QoS 1 and returns when the broker has acknowledged each. `acknowledged` counts along.
pub async fn publish_all(
    port: u16,
    messages: impl Iterator<Item = (String, Vec<u8>)> + Send + 'static,
    acknowledged: Arc<AtomicUsize>,
) -> usize {
    let (client, mut events) = client("publisher", port, false);
    let handing_over = tokio::spawn(async move {
        let mut count = 0;
        for (topic, payload) in messages {
            client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
            count += 1;
        }
        (client, count)
    });
    let mut total = None;
    let mut handing_over = Some(handing_over);
    while total.is_none_or(|total| acknowledged.load(Ordering::SeqCst) < total) {
        if let Event::Incoming(Incoming::PubAck(_)) = events.poll().await.expect("the building broker stays up") {
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
        if handing_over.as_ref().is_some_and(JoinHandle::is_finished)
            && let Some(task) = handing_over.take()
        {
            total = Some(task.await.unwrap().1);
        }
    }
    total.unwrap_or_default()
}

/// A client that takes everything below a filter, at QoS 1, with a session that survives its broker's restart.
pub struct Subscriber {
    pub received: Arc<Mutex<Vec<Publish>>>,
    ready: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// Returns when the broker has granted the subscription.
    pub async fn start(port: u16, filter: &str) -> Self {
        let (client, mut events) = client("ledger", port, true);
        client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        let (received, ready) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let (book, granted) = (received.clone(), ready.clone());
        let task = tokio::spawn(async move {
            let _client = client;
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::Publish(publish))) => book.lock().unwrap().push(publish),
                    Ok(Event::Incoming(Incoming::SubAck(_))) => drop(granted.fetch_add(1, Ordering::SeqCst)),
                    Ok(_) => {}
                    // The broker is down on purpose.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        let subscriber = Subscriber { received, ready, task };
        super::until("the subscription is granted", || subscriber.ready.load(Ordering::SeqCst) > 0).await;
        subscriber
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
    }
}
