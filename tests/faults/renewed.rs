//! The office sends other rules while cards are shown: the daemon begins anew with them, under the same process id, and nothing is lost.

use crate::common::daemon::SITE;
use crate::common::orders;
use crate::rig::{Rig, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use lobbyd::journal::Reader;
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::{AsyncClient, MqttOptions};
use serde_json::json;
use std::time::{Duration, Instant};

const CARDS: u64 = 600;
const TIME: Duration = Duration::from_millis(1_200);

const RULES: &str = "[service]\nversion = 2\napproved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]\n\
                     [service.call]\nmissed_seconds = 90\n";

async fn new_rules(random: Rng) -> Tally {
    let mut rig = Rig::start(random).await;
    let (before, subscriptions) = (rig.daemon.id(), rig.subscriptions());
    let showing = rig.device.showing(CARDS, TIME);
    rig.some_time(TIME / 2).await;
    let options = MqttOptions::new("regulations", "127.0.0.1", rig.office.port);
    let (client, mut events) = AsyncClient::new(options, 8);
    let told = tokio::spawn(async move { while events.poll().await.is_ok() {} });
    let command = orders::signed(SITE, "rules", "r-1", &json!({ "toml": RULES }));
    let topic = format!("lobby/v1/{SITE}/lobby-1/cmd/rules");
    client.publish(topic, QoS::AtLeastOnce, false, command).await.unwrap();
    // What was under way when it ended comes again.
    rig.breaks += 1;
    rig.heard(subscriptions + 1).await;
    told.abort();
    let mended = Instant::now();
    showing.await.unwrap();
    assert_eq!(rig.daemon.id(), before, "whoever watches the process has seen no end");
    assert!(!rig.daemon.has_ended());
    let rows = Reader::open(&rig.data()).unwrap().all_after(0, 100_000).unwrap();
    let changed = rows.iter().find(|row| row.kind.name() == "rules.changed").expect("the change is journaled");
    assert!(changed.data.get().contains("missed_seconds"), "{}", changed.data.get());
    rig.close(mended).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and a C compiler: run ./tests/run"]
async fn a_daemon_that_begins_anew_with_other_rules_loses_nothing() {
    scenario("new rules sent while cards are shown", 2, new_rules).await;
}
