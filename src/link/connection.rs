//! One connection to a broker, from its first byte to its last. rumqttc's codec makes and reads the packets; its event loop
//! is not used: that one writes to the socket once a packet, gives no receipt for a publish, drops or mixes up what is under
//! way when it lives through a reconnect (its pull 864, issues 1014 and 1056), and cannot be cancelled.
//!
//! There is no task and no channel in between: whoever owns the connection polls it, and its packets wait in two buffers.
//! Everything that was put since the last poll goes out in one write. Each future here may be dropped at any point.

use super::dial::Dial;
use super::{Fault, Verdict};
use bytes::{Bytes, BytesMut};
use rumqttc::v5::mqttbytes::v5::{
    ConnAck, ConnectReturnCode, Disconnect, DisconnectReasonCode, Filter, Packet, PingReq, PubAck, Publish,
    PublishProperties, SubAck, Subscribe,
};
use rumqttc::v5::mqttbytes::{Error as PacketError, QoS};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep_until, timeout};

/// Room that is made for each read, bytes: some hundred messages of a door.
const READ: usize = 16 << 10;
/// The packet id of every SUBSCRIBE: publishes never have it.
pub const SUBSCRIBE_ID: u16 = u16::MAX;
/// First byte of a PUBACK (MQTT 5, 3.4.1).
const PUBACK: u8 = 0x40;

pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// What comes from a connection. Everything that its owner does not need is left out.
#[derive(Debug)]
pub enum Heard {
    Publish(Publish),
    SubAck(SubAck),
    PubAck {
        packet_id: u16,
        verdict: Verdict,
    },
    /// The end; nothing follows.
    Down(Fault),
}

pub struct Connection {
    input: ReadHalf<Box<dyn Stream>>,
    output: Output,
    /// Read and not decoded.
    read: BytesMut,
    /// Largest packet that we take, bytes.
    packet: u32,
    pulse: Pulse,
    end: Option<Fault>,
}

struct Output {
    half: WriteHalf<Box<dyn Stream>>,
    /// Encoded and not written.
    unsent: BytesMut,
    /// TLS keeps a record that the socket did not take at once.
    flushed: bool,
    /// Nothing can be written any more; what the broker said before it went may still be read.
    broken: bool,
}

impl Output {
    fn has_work(&self) -> bool {
        let done = self.unsent.is_empty() && self.flushed;
        !self.broken && !done
    }

    async fn write(&mut self) -> io::Result<()> {
        self.flushed = false;
        let written = async {
            self.half.write_all_buf(&mut self.unsent).await?;
            self.half.flush().await
        };
        let written = written.await;
        (self.flushed, self.broken) = (written.is_ok(), written.is_err());
        written
    }
}

/// Why there is no packet.
enum Unread {
    /// A PUBACK with a reason code that the codec does not know.
    Refusal {
        packet_id: u16,
        code: u8,
    },
    Fault(Fault),
}

/// The packet id, where a PUBACK with a reason code stands at the beginning.
fn puback(read: &[u8]) -> Option<u16> {
    match *read {
        [PUBACK, 3..128, high, low, ..] => Some(u16::from_be_bytes([high, low])),
        _ => None,
    }
}

/// Finds out whether the broker is still there: after each interval a ping, and before the next one a sign of life.
struct Pulse {
    every: Duration,
    due: Instant,
    unanswered: bool,
}

impl Pulse {
    fn new(every: Duration) -> Self {
        Pulse { every, due: Instant::now() + every, unanswered: false }
    }

    /// Whether a ping is to go out now. It counts as gone.
    fn beats(&mut self, now: Instant) -> bool {
        let beats = now >= self.due && !self.unanswered;
        if beats {
            self.unanswered = true;
            self.due = now + self.every;
        }
        beats
    }

    /// Ask only when there is nothing to read.
    fn has_stopped(&self, now: Instant) -> bool {
        self.unanswered && now >= self.due
    }

    fn heard(&mut self) {
        self.unanswered = false;
    }
}

impl Connection {
    /// Opens a connection and waits for the broker's yes.
    pub(super) async fn open(dial: Dial) -> Result<(Self, ConnAck), Fault> {
        let patience = dial.connect_within;
        match timeout(patience, Self::shake_hands(dial)).await {
            Err(_) => Err(Fault::Unreachable("no answer in time".into())),
            Ok(Err(Fault::Closed)) => Err(Fault::ClosedAtOnce),
            Ok(answer) => answer,
        }
    }

    async fn shake_hands(dial: Dial) -> Result<(Self, ConnAck), Fault> {
        let mut connection = Self::over(dial.stream().await?, dial.keep_alive, dial.packet);
        connection.put(&dial.hello());
        let answer = loop {
            match connection.decode() {
                Ok(Some(packet)) => break packet,
                Ok(None) => connection.turn().await?,
                Err(Unread::Fault(fault)) => return Err(fault),
                Err(Unread::Refusal { .. }) => return Err(Fault::Protocol("an answer before its CONNACK".into())),
            }
        };
        let connack = match answer {
            Packet::ConnAck(connack) => connack,
            Packet::Disconnect(goodbye) => return Err(Fault::of_disconnect(goodbye.reason_code)),
            _ => return Err(Fault::Protocol("its first packet is not a CONNACK".into())),
        };
        if connack.code != ConnectReturnCode::Success {
            return Err(Fault::of_connack(connack.code));
        }
        // The broker may ask for more frequent signs of life (MQTT 5, 3.2.2.3.14).
        let asked = connack.properties.as_ref().and_then(|properties| properties.server_keep_alive);
        if let Some(seconds @ 1..) = asked {
            let every = dial.keep_alive.min(Duration::from_secs(seconds.into()));
            connection.pulse = Pulse::new(every);
        }
        Ok((connection, connack))
    }

    fn over(stream: Box<dyn Stream>, keep_alive: Duration, packet: u32) -> Self {
        let (input, output) = tokio::io::split(stream);
        Connection {
            input,
            output: Output { half: output, unsent: BytesMut::new(), flushed: true, broken: false },
            read: BytesMut::new(),
            packet,
            pulse: Pulse::new(keep_alive),
            end: None,
        }
    }

    /// The next event. After [`Heard::Down`] it says `Down` for ever.
    pub async fn next(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.ready() {
                return heard;
            }
            if let Err(fault) = self.turn().await {
                self.end = Some(fault);
            }
        }
    }

    /// An event that is already there.
    pub fn ready(&mut self) -> Option<Heard> {
        while self.end.is_none() {
            match self.decode() {
                Ok(Some(packet)) => {
                    if let Some(heard) = self.heard(packet) {
                        return Some(heard);
                    }
                }
                Ok(None) => return None,
                Err(Unread::Refusal { packet_id, code }) => {
                    return Some(Heard::PubAck { packet_id, verdict: Verdict::of_code(code) });
                }
                Err(Unread::Fault(fault)) => self.end = Some(fault),
            }
        }
        self.end.clone().map(Heard::Down)
    }

    /// Writes and pings, and takes nothing in: for an owner that has no room. Completes only when that fails.
    pub async fn hold(&mut self) -> Fault {
        loop {
            // Without reading nobody can know whether the broker answers.
            self.pulse.heard();
            self.ping_when_due();
            let due = self.pulse.due;
            tokio::select! {
                Err(error) = self.output.write(), if self.output.has_work() => return Fault::of_io(&error),
                () = sleep_until(due) => {}
            }
        }
    }

    /// A QoS 1 publish under this packet id ([`super::Tracker`] gives them). It goes out with the next poll.
    pub fn publish(
        &mut self,
        packet_id: u16,
        topic: String,
        payload: impl Into<Bytes>,
        retain: bool,
        properties: Option<PublishProperties>,
    ) {
        self.put(&Packet::Publish(Publish {
            dup: false,
            qos: QoS::AtLeastOnce,
            retain,
            topic: topic.into(),
            pkid: packet_id,
            payload: payload.into(),
            properties,
        }));
    }

    /// Takes over the responsibility for a message. QoS 0 asks for nothing.
    pub fn acknowledge(&mut self, packet_id: u16, qos: QoS) {
        if qos == QoS::AtLeastOnce {
            self.put(&Packet::PubAck(PubAck::new(packet_id, None)));
        }
    }

    pub fn subscribe(&mut self, filters: impl IntoIterator<Item = String>) {
        self.subscribe_to(filters.into_iter().map(|filter| Filter::new(filter, QoS::AtLeastOnce)).collect());
    }

    /// The same, and each message tells whether it was published as a retained one: otherwise a broker takes that mark off for
    /// whoever is there when it comes (MQTT 5, 3.3.1.3).
    pub fn subscribe_as_published(&mut self, filters: impl IntoIterator<Item = String>) {
        let as_published = |filter| Filter { preserve_retain: true, ..Filter::new(filter, QoS::AtLeastOnce) };
        self.subscribe_to(filters.into_iter().map(as_published).collect());
    }

    fn subscribe_to(&mut self, filters: Vec<Filter>) {
        self.put(&Packet::Subscribe(Subscribe { pkid: SUBSCRIBE_ID, filters, properties: None }));
    }

    /// Says goodbye, so that the broker does not publish the will.
    pub(super) async fn goodbye(mut self) -> io::Result<()> {
        self.put(&Packet::Disconnect(Disconnect::new(DisconnectReasonCode::NormalDisconnection)));
        self.output.write().await?;
        self.output.half.shutdown().await
    }

    fn put(&mut self, packet: &Packet) {
        if let Err(error) = packet.write(&mut self.output.unsent, None) {
            // Half of it may stand in the buffer: nothing can follow.
            self.end.get_or_insert(Fault::Protocol(error.to_string()));
        }
    }

    fn decode(&mut self) -> Result<Option<Packet>, Unread> {
        let (length, puback) = (self.read.len(), puback(&self.read));
        match Packet::read(&mut self.read, Some(self.packet)) {
            Ok(packet) => Ok(Some(packet)),
            Err(PacketError::InsufficientBytes(_)) if self.read.len() == length => Ok(None),
            // The codec calls a reason that it does not know one of CONNACK.
            Err(PacketError::InvalidReason(code) | PacketError::InvalidConnectReturnCode(code)) => Err(match puback {
                Some(packet_id) => Unread::Refusal { packet_id, code },
                None => Unread::Fault(Fault::Refused(format!("reason code {code:#04x}"))),
            }),
            Err(error) => Err(Unread::Fault(Fault::of_packet(error))),
        }
    }

    fn heard(&mut self, packet: Packet) -> Option<Heard> {
        match packet {
            Packet::Publish(publish) if publish.qos == QoS::ExactlyOnce => {
                self.end = Some(Fault::Protocol("a message of QoS 2, which we have not asked for".into()));
                None
            }
            Packet::Publish(publish) => Some(Heard::Publish(publish)),
            Packet::PubAck(PubAck { pkid, reason, .. }) => {
                Some(Heard::PubAck { packet_id: pkid, verdict: Verdict::of(reason) })
            }
            Packet::SubAck(suback) => Some(Heard::SubAck(suback)),
            Packet::Disconnect(disconnect) => {
                self.end = Some(Fault::of_disconnect(disconnect.reason_code));
                None
            }
            _ => None,
        }
    }

    /// One turn of the socket: what waits goes out, what is there comes in.
    async fn turn(&mut self) -> Result<(), Fault> {
        self.ping_when_due();
        if self.read.capacity() - self.read.len() < READ / 4 {
            self.read.reserve(READ);
        }
        let due = self.pulse.due;
        tokio::select! {
            biased;
            // A fault here is not told: the broker may have said why it goes, and that is read first.
            _ = self.output.write(), if self.output.has_work() => {}
            read = self.input.read_buf(&mut self.read) => match read {
                Ok(0) => return Err(Fault::Closed),
                Ok(_) => self.pulse.heard(),
                Err(error) => return Err(Fault::of_io(&error)),
            },
            () = sleep_until(due) => {
                if self.pulse.has_stopped(Instant::now()) {
                    return Err(Fault::Silent);
                }
            }
        }
        Ok(())
    }

    fn ping_when_due(&mut self) {
        if self.pulse.beats(Instant::now()) {
            self.put(&Packet::PingReq(PingReq));
        }
    }
}

#[cfg(test)]
mod tests;
