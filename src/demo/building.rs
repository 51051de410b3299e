//! The building as the demo plays it: doors and intercoms that send what such products really send, one small scene
//! after the other, at the pace of a quiet afternoon. They speak MQTT 3.1.1, as they do in the field.

use super::arrivals::Arrivals;
use super::scenes::{BELL, Scene, Stage, Step, scenes};
use chrono_tz::Tz;
use rumqttc::{AsyncClient, MqttOptions, QoS};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Between two scenes, in milliseconds: long enough to read an event, short enough to stay for the next.
const PAUSE: std::ops::Range<u64> = 3500..7500;
/// The first scene comes soon: a person has just opened the page.
const FIRST: Duration = Duration::from_millis(1500);
/// Steps of a scene waiting for the broker: a scene has at most six.
const WAITING: usize = 16;
const RETRY: Duration = Duration::from_millis(200);
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// The bell at the delivery entrance, for whoever looks at the demo.
#[derive(Clone)]
pub struct Bell(mpsc::Sender<()>);

impl Bell {
    /// Presses it. False where it is still being pressed for somebody else.
    pub fn press(&self) -> bool {
        self.0.try_send(()).is_ok()
    }
}

/// Plays for as long as the demo runs.
pub fn play(broker: SocketAddr, zone: Tz, arrivals: Arc<Arrivals>) -> Bell {
    let mut options = MqttOptions::new("demo-building", broker.ip().to_string(), broker.port());
    options.set_keep_alive(KEEP_ALIVE);
    let (client, mut events) = AsyncClient::new(options, WAITING);
    tokio::spawn(async move {
        loop {
            if let Err(error) = events.poll().await {
                tracing::debug!(%error, "the demo's building lost its broker");
                tokio::time::sleep(RETRY).await;
            }
        }
    });
    let (bell, mut pressed) = mpsc::channel(1);
    let door = Players { client: client.clone(), arrivals: arrivals.clone() };
    tokio::spawn(async move {
        while pressed.recv().await.is_some() {
            door.play(BELL, &Stage { number: 0, zone }).await;
        }
    });
    let house = Players { client, arrivals };
    tokio::spawn(async move {
        tokio::time::sleep(FIRST).await;
        for number in 0.. {
            let all = scenes();
            house.play(all[number as usize % all.len()], &Stage { number, zone }).await;
            tokio::time::sleep(Duration::from_millis(fastrand::u64(PAUSE))).await;
        }
    });
    Bell(bell)
}

struct Players {
    client: AsyncClient,
    arrivals: Arc<Arrivals>,
}

impl Players {
    async fn play(&self, scene: Scene, stage: &Stage) {
        for step in scene(stage) {
            tokio::time::sleep(step.after).await;
            send(&self.client, &step, &self.arrivals).await;
        }
    }
}

async fn send(client: &AsyncClient, step: &Step, arrivals: &Arrivals) {
    let sent = client.publish(step.topic, QoS::AtLeastOnce, step.retained, step.payload.clone()).await;
    if sent.is_ok() {
        arrivals.heard(step.product, step.topic, &step.payload);
    }
}
