//! A real cluster of brokers: three nodes of RMQTT (`node/`), which agree by raft on sessions and subscriptions, each a process that can be
//! killed; and before them a balancer that hands each caller to the next node that is there, as a company has it.

use crate::common::PATIENCE;
use crate::common::mosquitto::free_port;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Fewer have no majority when one is gone.
const NODES: usize = 3;

pub struct Cluster {
    /// Where the balancer listens.
    pub port: u16,
    nodes: Vec<Node>,
    balancer: JoinHandle<()>,
    dir: TempDir,
}

struct Node {
    /// As it is called: its number, and the ports of all.
    words: [String; 4],
    log: PathBuf,
    child: Option<Child>,
}

/// Where `./tests/run --long` builds it.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/cluster/debug/node")
}

fn ports() -> Vec<u16> {
    (0..NODES).map(|_| free_port()).collect()
}

fn list(ports: &[u16]) -> String {
    ports.iter().map(u16::to_string).collect::<Vec<_>>().join(",")
}

impl Node {
    fn up(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log).unwrap();
        let child = Command::new(program())
            .args(&self.words)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("./tests/run --long builds the node of the cluster; without it run with --skip nodes::");
        self.child = Some(child);
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // It may have ended by itself.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Cluster {
    /// Returns when each node takes callers.
    pub async fn start() -> Self {
        let (dir, mqtt, grpc, raft) = (tempfile::tempdir().unwrap(), ports(), ports(), ports());
        let node = |nth: usize| Node {
            words: [(nth + 1).to_string(), mqtt[nth].to_string(), list(&grpc), list(&raft)],
            log: dir.path().join(format!("node-{nth}")),
            child: None,
        };
        let nodes: Vec<Node> = (0..NODES).map(node).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let balancer = tokio::spawn(balance(listener, mqtt.clone()));
        let mut cluster = Cluster { port, nodes, balancer, dir };
        // One after the other: those that start at once find no leader and are three clusters.
        for (nth, port) in mqtt.into_iter().enumerate() {
            cluster.up(nth);
            cluster.is_there(port).await;
        }
        cluster
    }

    async fn is_there(&self, port: u16) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(tokio::time::Instant::now() < deadline, "a node does not listen: {}", self.logs());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub fn logs(&self) -> String {
        let logs = (0..NODES).map(|nth| fs::read_to_string(self.dir.path().join(format!("node-{nth}"))));
        logs.map(Result::unwrap_or_default).collect::<Vec<_>>().join("\n")
    }

    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// SIGKILL.
    pub fn kill(&mut self, nth: usize) {
        self.nodes[nth].kill();
    }

    pub fn up(&mut self, nth: usize) {
        self.nodes[nth].up();
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.balancer.abort();
        if std::thread::panicking() {
            eprintln!("the nodes say: {}", self.logs());
        }
    }
}

/// Each caller gets the next node that can be reached; his connection ends with it.
async fn balance(listener: TcpListener, nodes: Vec<u16>) {
    let next = Arc::new(AtomicUsize::new(0));
    while let Ok((mut caller, _)) = listener.accept().await {
        let (first, nodes) = (next.fetch_add(1, Ordering::SeqCst), nodes.clone());
        tokio::spawn(async move {
            for nth in first..first + nodes.len() {
                if let Ok(mut node) = TcpStream::connect(("127.0.0.1", nodes[nth % nodes.len()])).await {
                    let _ = (caller.set_nodelay(true), node.set_nodelay(true));
                    // It ends with one of them.
                    let _ = copy_bidirectional(&mut caller, &mut node).await;
                    return;
                }
            }
        });
    }
}
