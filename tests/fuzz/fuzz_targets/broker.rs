//! A broker that says anything, or something between that and us: bytes on the wire, read by the link. It always ends with a
//! fault in words, never takes a packet above its limit, and hears nothing before the connection was granted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use lobbyd::config::Broker;
use lobbyd::link::{Heard, Limits, Link, Session, Settings};
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::LazyLock;
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Largest packet that this link takes: small, so that a fuzzer can pass it.
const PACKET: u32 = 512;
/// A connection that is granted, MQTT 5, without properties.
const GRANTED: [u8; 5] = [0x20, 3, 0, 0, 0];

struct Stage {
    runtime: Runtime,
    settings: Settings,
    says: Sender<Vec<u8>>,
}

static STAGE: LazyLock<Stage> = LazyLock::new(|| {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens");
    let (says, words) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        for words in words {
            let Ok((mut stream, _)) = listener.accept() else { continue };
            // It does not wait for our CONNECT: the bytes are there whenever they are read.
            let _ = stream.write_all(&words);
            let _ = stream.shutdown(std::net::Shutdown::Write);
        }
    });
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    Stage { runtime, settings: settings(address), says }
});

fn settings(address: SocketAddr) -> Settings {
    let url = format!("mqtt://{address}");
    Settings {
        name: "building",
        broker: Broker { url, user: None, password_file: None, ca: None, cert: None, key: None, client_id: None },
        client_id: "lobbyd-fuzz".to_owned(),
        session: Session::Clean,
        will: None,
        limits: Limits { packet: PACKET, connect: Duration::from_secs(30), ..Limits::default() },
    }
}

async fn listen(settings: Settings, most: usize) {
    let (mut link, _state) = Link::new(settings);
    let Ok((mut connection, _)) = link.connect().await else { return };
    for _ in 0..=most {
        match connection.next().await {
            Heard::Down(fault) => {
                assert!(!fault.to_string().is_empty());
                assert!(matches!(connection.next().await, Heard::Down(_)), "the end is the end");
                return;
            }
            Heard::Publish(publish) => {
                assert!(publish.topic.len() + publish.payload.len() <= PACKET as usize);
                connection.acknowledge(publish.pkid, publish.qos);
            }
            Heard::SubAck(_) | Heard::PubAck { .. } => {}
        }
    }
    panic!("more was heard than was said");
}

fuzz_target!(init: common::survive_closed_lines(), |bytes: &[u8]| {
    // The first byte says whether the connection is granted before the rest comes.
    let Some((grants, rest)) = bytes.split_first() else { return };
    let words = if grants % 8 == 0 { rest.to_vec() } else { [&GRANTED, rest].concat() };
    STAGE.says.send(words).expect("the other end lives");
    STAGE.runtime.block_on(listen(STAGE.settings.clone(), bytes.len()));
});
