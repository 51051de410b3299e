//! One node of a cluster of brokers: RMQTT with its raft plugin, from the package registry, made a program. It decides nothing:
//! what it is called with is handed on.
//!
//! `node ID MQTT_PORT GRPC_PORT,GRPC_PORT,… RAFT_PORT,RAFT_PORT,…`; the first node has the first port of each list. All on 127.0.0.1.

use rmqtt::Result;
use rmqtt::context::ServerContext;
use rmqtt::net::Builder;
use rmqtt::node::Node;
use rmqtt::server::MqttServer;

/// As much as the broker's own configuration allows for one client (docs/brokers.md asks for as much).
const UNDER_WAY: u16 = 250;
/// More than a run has: the broker drops what a slow client does not fetch.
const QUEUE: usize = 100_000;

#[tokio::main]
async fn main() -> Result<()> {
    env_logger::init();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [id, mqtt, grpc, raft] = &words[..] else {
        panic!("node ID MQTT_PORT GRPC_PORT,… RAFT_PORT,…");
    };
    let id: u64 = id.parse()?;
    let plugin = format!("node_grpc_addrs = {}\nraft_peer_addrs = {}\n", peers(grpc), peers(raft));
    let context = ServerContext::new()
        .node(Node::new(id, 0.0, 0.0, std::time::Duration::from_secs(2)))
        .busy_check_enable(false)
        .plugins_config_map_add("rmqtt-cluster-raft", plugin)
        .plugins_config_map_add("rmqtt-retainer", "")
        .build()
        .await;
    let own = grpc.split(',').nth(id as usize - 1).expect("each node has a port");
    context.node.start_grpc_server(context.clone(), format!("127.0.0.1:{own}").parse()?, true, false);
    rmqtt_cluster_raft::register(&context, true, true).await?;
    // A gateway's will is retained (docs/brokers.md).
    rmqtt_retainer::register(&context, true, false).await?;
    let listener = Builder::new()
        .name("tcp")
        .laddr(format!("127.0.0.1:{mqtt}").parse()?)
        .nodelay(true)
        .allow_anonymous(true)
        .allow_zero_keepalive(true)
        .max_inflight(UNDER_WAY.try_into()?)
        .max_mqueue_len(QUEUE)
        .bind()?
        .tcp()?;
    MqttServer::new(context).listener(listener).build().run().await
}

/// `5001,5002` as the plugin wants it: `["1@127.0.0.1:5001", "2@127.0.0.1:5002"]`.
fn peers(ports: &str) -> String {
    let peer = |(nth, port): (usize, &str)| format!("{}@127.0.0.1:{port}", nth + 1);
    format!("{:?}", ports.split(',').enumerate().map(peer).collect::<Vec<_>>())
}
