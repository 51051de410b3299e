//! The office's broker is a cluster of three nodes behind a balancer, and three gateways relay to it. One node is killed in mid-stream
//! and started again. What the cluster had acknowledged and then forgot is its own loss, is counted, and comes again when the office asks.

use crate::cluster::Cluster;
use crate::inbox::Inbox;
use crate::rig::{Rig, Setup, scenario};
use crate::tally::Tally;
use fastrand::Rng;
use std::time::{Duration, Instant};

/// Three lobbies, each with a building's broker and a reader of its own.
const SITES: [&str; 3] = ["riverside", "hillside", "lakeside"];
const CARDS: u64 = 800;
/// Over which they are shown: some are on the way at any moment.
const TIME: Duration = Duration::from_millis(1_600);

/// Whom the killed node serves.
#[derive(Debug, Clone, Copy)]
enum Victim {
    /// The office: its session is gone.
    OfOffice,
    /// Gateways, and not the office: the office's session lives.
    OfGateways,
}

async fn node_killed(mut random: Rng, victim: Victim) -> Tally {
    let mut cluster = Cluster::start().await;
    let inboxes = Inbox::start_all(cluster.port, SITES).await;
    let mut rigs = Vec::new();
    for (site, inbox) in SITES.into_iter().zip(inboxes) {
        let office_instead = Some((cluster.port, inbox));
        let mut rig = Rig::with(random.fork(), Setup { office_instead, site: Some(site), ..Setup::default() }).await;
        // From node to node each message has a task of its own.
        rig.mixes_up = true;
        rigs.push(rig);
    }
    for rig in &rigs {
        rig.until("the gateway is heard", || rig.inbox.count() > 0).await;
    }
    let showing: Vec<_> = rigs.iter().map(|rig| rig.device.showing(CARDS, TIME)).collect();
    rigs[0].some_time(TIME).await;
    // The office has called first, and the balancer gives each caller the next node.
    let node = match victim {
        Victim::OfOffice => 0,
        Victim::OfGateways => random.usize(1..cluster.nodes()),
    };
    cluster.kill(node);
    rigs.iter_mut().for_each(|rig| rig.breaks += 1);
    rigs[0].some_time(TIME).await;
    cluster.up(node);
    let mended = Instant::now();
    for shown in showing {
        shown.await.unwrap();
    }
    let mut all = Tally::default();
    for rig in rigs {
        all = all.and(rig.close_asking(mended).await);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs mosquitto and a cluster of brokers: run ./tests/run --long"]
async fn a_killed_node_of_the_offices_cluster_loses_nothing() {
    for (name, victim) in [
        ("a node of the office's cluster killed, the office's own", Victim::OfOffice),
        ("a node of the office's cluster killed, a gateway's", Victim::OfGateways),
    ] {
        scenario(name, 1, move |random| node_killed(random, victim)).await;
    }
}
