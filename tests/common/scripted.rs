//! An MQTT 5 broker that does nothing by itself: the test reads what the client sends and says what to answer, byte by
//! byte where it must be wrong.

use super::PATIENCE;
use super::contract::fault;
use bytes::BytesMut;
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, ConnAckProperties, Connect, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet, PingResp, PubAck,
    PubAckReason, Publish, SubAck, Subscribe, SubscribeReasonCode,
};
use rumqttc::v5::mqttbytes::{Error, QoS};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

pub struct Scripted {
    listener: TcpListener,
    pub url: String,
}

/// One client's connection.
pub struct Peer {
    stream: TcpStream,
    buffer: BytesMut,
}

impl Scripted {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("mqtt://{}", listener.local_addr().unwrap());
        Scripted { listener, url }
    }

    /// Waits for a client and its CONNECT.
    pub async fn accept(&self) -> Peer {
        self.hello().await.0
    }

    /// The same, with what the CONNECT says.
    pub async fn hello(&self) -> (Peer, Connect) {
        let (stream, _) = timeout(PATIENCE, self.listener.accept()).await.expect("a client comes").unwrap();
        stream.set_nodelay(true).unwrap();
        let mut peer = Peer { stream, buffer: BytesMut::new() };
        match peer.recv().await {
            Some(Packet::Connect(connect, ..)) => (peer, connect),
            other => panic!("a CONNECT should come, not {other:?}"),
        }
    }

    /// Waits for a client, lets it in and grants its subscription.
    pub async fn welcome(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.connack(false, None).await;
        peer.grant().await;
        peer
    }
}

pub fn properties() -> ConnAckProperties {
    ConnAckProperties {
        session_expiry_interval: None,
        receive_max: None,
        max_qos: None,
        retain_available: None,
        max_packet_size: None,
        assigned_client_identifier: None,
        topic_alias_max: None,
        reason_string: None,
        user_properties: Vec::new(),
        wildcard_subscription_available: None,
        subscription_identifiers_available: None,
        shared_subscription_available: None,
        server_keep_alive: None,
        response_information: None,
        server_reference: None,
        authentication_method: None,
        authentication_data: None,
    }
}

impl Peer {
    /// The next packet; `None` when the client has hung up. Pings are answered on the way.
    pub async fn recv(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.buffer, None) {
                Ok(Packet::PingReq(_)) => self.send(Packet::PingResp(PingResp)).await,
                Ok(packet) => return Some(packet),
                // A DISCONNECT without a reason is an empty packet, which this reader does not expect.
                Err(Error::PayloadRequired) => {
                    return Some(Packet::Disconnect(Disconnect::new(DisconnectReasonCode::NormalDisconnection)));
                }
                Err(Error::InsufficientBytes(_)) => {
                    let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
                    match read.expect("the client says something") {
                        Ok(0) | Err(_) => return None,
                        Ok(_) => {}
                    }
                }
                Err(error) => panic!("the client sends rubbish: {error}"),
            }
        }
    }

    pub async fn send(&mut self, packet: Packet) {
        let mut bytes = BytesMut::new();
        packet.write(&mut bytes, None).unwrap();
        self.send_raw(&bytes).await;
    }

    /// The client may have gone already; then the test sees it at the next `recv` or `accept`.
    pub async fn send_raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes).await;
    }

    pub async fn connack(&mut self, session_present: bool, properties: Option<ConnAckProperties>) {
        self.send(Packet::ConnAck(ConnAck { session_present, code: ConnectReturnCode::Success, properties })).await;
    }

    pub async fn refuse(&mut self, code: ConnectReturnCode) {
        self.send(Packet::ConnAck(ConnAck { session_present: false, code, properties: None })).await;
    }

    pub async fn subscribe(&mut self) -> Subscribe {
        match self.recv().await {
            Some(Packet::Subscribe(subscribe)) => subscribe,
            other => panic!("a SUBSCRIBE should come, not {other:?}"),
        }
    }

    /// Waits for the subscription and answers each of its filters with this code.
    pub async fn answer_subscribe(&mut self, code: SubscribeReasonCode) {
        let subscribe = self.subscribe().await;
        let return_codes = vec![code; subscribe.filters.len()];
        self.send(Packet::SubAck(SubAck { pkid: subscribe.pkid, return_codes, properties: None })).await;
    }

    pub async fn grant(&mut self) {
        self.answer_subscribe(SubscribeReasonCode::Success(QoS::AtLeastOnce)).await;
    }

    /// The next PUBLISH, which keeps to the contract; the status is the test's own.
    pub async fn publish(&mut self) -> Publish {
        match self.recv().await {
            Some(Packet::Publish(publish)) => {
                let said = Some(topic(&publish)).filter(|topic| !topic.ends_with("/status"));
                assert_eq!(said.and_then(|topic| fault(topic, &publish.payload)), None);
                publish
            }
            other => panic!("a PUBLISH should come, not {other:?}"),
        }
    }

    /// The next PUBLISH of an event; others are acknowledged on the way.
    pub async fn event(&mut self) -> Publish {
        loop {
            let publish = self.publish().await;
            if topic(&publish).contains("/event/") {
                return publish;
            }
            self.ack(publish.pkid).await;
        }
    }

    pub async fn ack(&mut self, pkid: u16) {
        self.ack_with(pkid, PubAckReason::Success).await;
    }

    pub async fn ack_with(&mut self, pkid: u16, reason: PubAckReason) {
        let mut puback = PubAck::new(pkid, None);
        puback.reason = reason;
        self.send(Packet::PubAck(puback)).await;
    }

    /// The packet id of the next PUBACK.
    pub async fn puback(&mut self) -> u16 {
        match self.recv().await {
            Some(Packet::PubAck(puback)) => puback.pkid,
            other => panic!("a PUBACK should come, not {other:?}"),
        }
    }
}

pub fn topic(publish: &Publish) -> &str {
    std::str::from_utf8(&publish.topic).unwrap()
}

/// The `seq` of an event's envelope.
pub fn seq(publish: &Publish) -> u64 {
    let json: serde_json::Value = serde_json::from_slice(&publish.payload).unwrap();
    json["seq"].as_u64().unwrap()
}
