//! An independent publisher and an independent subscriber. They share no code with lobbyd's links, and keep the books.

use super::contract::Faults;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::Publish;
use rumqttc::v5::{AsyncClient, Event, EventLoop, Incoming, MqttOptions};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Publishes that one publisher has under way.
pub const IN_FLIGHT: u16 = 100;

/// `kept`: with a session that outlives its connections.
pub fn client(id: &str, port: u16, kept: bool) -> (AsyncClient, EventLoop) {
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
    messages: impl ExactSizeIterator<Item = (String, Vec<u8>)> + Send + 'static,
    acknowledged: Arc<AtomicUsize>,
) -> usize {
    publish_paced(port, messages, acknowledged, None).await
}

/// The same, with a pause before each message; the iterator is asked for it after the pause.
pub async fn publish_paced(
    port: u16,
    mut messages: impl ExactSizeIterator<Item = (String, Vec<u8>)> + Send + 'static,
    acknowledged: Arc<AtomicUsize>,
    pace: Option<Duration>,
) -> usize {
    // Known beforehand: once the last acknowledgement is in, no event comes that could end the loop below.
    let total = messages.len();
    let (client, mut events) = client("publisher", port, false);
    let handing_over = tokio::spawn(async move {
        for _ in 0..total {
            if let Some(pace) = pace {
                tokio::time::sleep(pace).await;
            }
            let (topic, payload) = messages.next().expect("its size is exact");
            client.publish(topic, QoS::AtLeastOnce, false, payload).await.unwrap();
        }
    });
    let mut open = total;
    while open > 0 {
        if let Event::Incoming(Incoming::PubAck(_)) = events.poll().await.expect("the building broker stays up") {
            acknowledged.fetch_add(1, Ordering::SeqCst);
            open -= 1;
        }
    }
    handing_over.await.unwrap();
    total
}

/// A client that takes everything below a filter, at QoS 1, with a session that survives its broker's restart. Holds each message to
/// the contract, and fails with what breaks it when it goes.
pub struct Subscriber {
    pub received: Arc<Mutex<Vec<Publish>>>,
    /// When each of them came.
    pub arrivals: Arc<Mutex<Vec<Instant>>>,
    ready: Arc<AtomicUsize>,
    faults: Faults,
    task: JoinHandle<()>,
}

impl Subscriber {
    /// Returns when the broker has granted the subscription.
    pub async fn start(port: u16, filter: &str) -> Self {
        Self::called("ledger", port, filter).await
    }

    /// A second one at the same broker: two of one name throw each other out.
    pub async fn called(name: &str, port: u16, filter: &str) -> Self {
        let (client, mut events) = client(name, port, true);
        client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
        let (received, ready) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let arrivals: Arc<Mutex<Vec<Instant>>> = Arc::default();
        let (book, times, granted) = (received.clone(), arrivals.clone(), ready.clone());
        let faults = Faults::default();
        let looks = faults.clone();
        let task = tokio::spawn(async move {
            let _client = client;
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Incoming::Publish(publish))) => {
                        times.lock().unwrap().push(Instant::now());
                        looks.look_at(&publish.topic, &publish.payload);
                        book.lock().unwrap().push(publish);
                    }
                    Ok(Event::Incoming(Incoming::SubAck(_))) => drop(granted.fetch_add(1, Ordering::SeqCst)),
                    Ok(_) => {}
                    // The broker is down on purpose.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        });
        let subscriber = Subscriber { received, arrivals, ready, faults, task };
        super::until("the subscription is granted", || subscriber.ready.load(Ordering::SeqCst) > 0).await;
        subscriber
    }

    pub fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// Takes what has come so far, each with its time.
    pub fn take(&self) -> Vec<(Instant, Publish)> {
        let mut received = self.received.lock().unwrap();
        // The time of a message is noted before the message.
        let mut arrivals = self.arrivals.lock().unwrap();
        let times: Vec<Instant> = arrivals.drain(..received.len()).collect();
        times.into_iter().zip(received.drain(..)).collect()
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        self.task.abort();
        self.faults.are_none();
    }
}
