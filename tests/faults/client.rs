//! An MQTT 5 client of the test's own, packet by packet: it shares nothing with lobbyd's links but the codec. It never connects
//! again by itself; who owns it decides.

use bytes::BytesMut;
use rumqttc::v5::mqttbytes::v5::{
    Connect, ConnectProperties, ConnectReturnCode, Filter, Packet, PubAck, Publish, Subscribe,
};
use rumqttc::v5::mqttbytes::{Error, QoS};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Largest receive window: the broker shall never wait for a test.
const RECEIVE: u16 = 1_000;
/// No pings: every test ends within minutes, and a dead broker is seen by its closed connection.
const KEEP_ALIVE_S: u16 = 0;
/// The packet id of the one subscription.
const SUBSCRIBE_ID: u16 = u16::MAX;

pub struct Client {
    stream: TcpStream,
    read: BytesMut,
    /// The broker knew a session of this name.
    pub session: bool,
}

impl Client {
    /// Connects. `kept` asks for a session that outlives the connection.
    pub async fn connect(port: u16, id: &str, kept: bool) -> io::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let mut client = Client { stream, read: BytesMut::new(), session: false };
        let mut properties = ConnectProperties::new();
        properties.receive_maximum = Some(RECEIVE);
        properties.session_expiry_interval = kept.then_some(u32::MAX);
        let hello = Connect {
            keep_alive: KEEP_ALIVE_S,
            client_id: id.to_owned(),
            clean_start: !kept,
            properties: Some(properties),
        };
        client.send(&Packet::Connect(hello, None, None)).await?;
        match client.recv().await? {
            Packet::ConnAck(answer) if answer.code == ConnectReturnCode::Success => {
                client.session = answer.session_present;
                Ok(client)
            }
            other => Err(io::Error::other(format!("{other:?}"))),
        }
    }

    /// The next packet. May be dropped at any point.
    pub async fn recv(&mut self) -> io::Result<Packet> {
        loop {
            match Packet::read(&mut self.read, None) {
                Ok(packet) => return Ok(packet),
                Err(Error::InsufficientBytes(_)) => {
                    if self.stream.read_buf(&mut self.read).await? == 0 {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    pub async fn send(&mut self, packet: &Packet) -> io::Result<()> {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, None).expect("a packet of ours can be written");
        self.stream.write_all(&bytes).await
    }

    /// At QoS 1; with the packet id 0 at QoS 0, which nobody acknowledges.
    pub async fn publish(&mut self, packet_id: u16, topic: &str, payload: Vec<u8>) -> io::Result<()> {
        let qos = if packet_id == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
        let mut publish = Publish::new(topic, qos, payload, None);
        publish.pkid = packet_id;
        self.send(&Packet::Publish(publish)).await
    }

    pub async fn acknowledge(&mut self, packet_id: u16) -> io::Result<()> {
        self.send(&Packet::PubAck(PubAck::new(packet_id, None))).await
    }

    pub async fn subscribe(&mut self, filter: &str) -> io::Result<()> {
        let filters = vec![Filter::new(filter.to_owned(), QoS::AtLeastOnce)];
        self.send(&Packet::Subscribe(Subscribe { pkid: SUBSCRIBE_ID, filters, properties: None })).await
    }
}
