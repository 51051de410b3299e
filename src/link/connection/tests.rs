//! A broker at the other end of a pipe in memory: silence, rubbish, and packets in pieces.

use super::*;
use proptest::prelude::*;
use tokio::io::{DuplexStream, duplex};

const PACKET: u32 = 64 << 10;
const LONG: Duration = Duration::from_secs(60);

fn connection(keep_alive: Duration) -> (Connection, DuplexStream) {
    let (near, far) = duplex(1 << 20);
    (Connection::over(Box::new(near), keep_alive, PACKET), far)
}

fn publish(packet_id: u16, payload: &'static [u8]) -> Packet {
    let publish = Publish::new("door/1", QoS::AtLeastOnce, payload, None);
    Packet::Publish(Publish { pkid: packet_id, ..publish })
}

fn bytes(packets: &[Packet]) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    for packet in packets {
        packet.write(&mut bytes, None).unwrap();
    }
    bytes.to_vec()
}

#[tokio::test]
async fn packets_that_come_in_pieces_are_whole_and_in_order() {
    let (mut connection, mut broker) = connection(LONG);
    let said = bytes(&[publish(1, b"one"), Packet::PubAck(PubAck::new(7, None)), publish(2, b"two")]);
    let speak = async {
        for byte in said {
            broker.write_all(&[byte]).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let hear = async {
        let Heard::Publish(one) = connection.next().await else { panic!("the first is a message") };
        let Heard::PubAck { packet_id: 7, verdict: Verdict::Taken } = connection.next().await else {
            panic!("the second is an acknowledgement")
        };
        let Heard::Publish(two) = connection.next().await else { panic!("the third is a message") };
        (one.payload, two.payload)
    };
    let (_, heard) = tokio::join!(speak, hear);
    assert_eq!(heard, ("one".into(), "two".into()));
}

#[tokio::test]
async fn what_is_put_between_two_polls_goes_out_at_once() {
    let (mut connection, mut broker) = connection(LONG);
    for id in 1..=100 {
        connection.publish(id, "door/1".into(), "open", false, None);
    }
    connection.acknowledge(9, QoS::AtLeastOnce);
    connection.acknowledge(0, QoS::AtMostOnce);
    assert!(timeout(Duration::from_millis(1), connection.next()).await.is_err(), "the broker has said nothing");
    let mut read = BytesMut::with_capacity(1 << 20);
    broker.read_buf(&mut read).await.unwrap();
    for id in 1..=100 {
        let Ok(Packet::Publish(publish)) = Packet::read(&mut read, None) else { panic!("message {id}") };
        assert_eq!((publish.pkid, publish.dup), (id, false));
    }
    assert_eq!(Packet::read(&mut read, None).unwrap(), Packet::PubAck(PubAck::new(9, None)));
    assert!(read.is_empty());
}

#[tokio::test]
async fn a_reason_code_that_the_codec_does_not_know_is_a_verdict_on_that_message_and_breaks_nothing() {
    let (mut connection, mut broker) = connection(LONG);
    broker.write_all(&[PUBACK, 3, 1, 2, 0x95]).await.unwrap();
    broker.write_all(&bytes(&[Packet::PubAck(PubAck::new(3, None))])).await.unwrap();
    let first = connection.next().await;
    assert!(matches!(first, Heard::PubAck { packet_id: 0x0102, verdict: Verdict::Never(_) }), "{first:?}");
    assert!(matches!(connection.next().await, Heard::PubAck { packet_id: 3, verdict: Verdict::Taken }));
}

#[test]
fn whoever_says_nothing_from_one_ping_to_the_next_has_gone() {
    let mut pulse = Pulse::new(LONG);
    let at = |pulse: &Pulse, early: u64| pulse.due - Duration::from_millis(early);
    assert!(!pulse.beats(at(&pulse, 1)));
    for _ in 0..5 {
        assert!(pulse.beats(at(&pulse, 0)));
        assert!(!pulse.beats(at(&pulse, 0)) && !pulse.has_stopped(at(&pulse, 1)));
        pulse.heard();
        assert!(!pulse.has_stopped(at(&pulse, 0)));
    }
    assert!(pulse.beats(at(&pulse, 0)));
    assert!(pulse.has_stopped(at(&pulse, 0)));
}

#[tokio::test]
async fn a_broker_that_does_not_answer_pings_is_silent_for_ever() {
    let (mut connection, mut broker) = connection(Duration::from_millis(20));
    assert!(matches!(connection.next().await, Heard::Down(Fault::Silent)));
    assert!(matches!(connection.next().await, Heard::Down(Fault::Silent)));
    let mut read = BytesMut::new();
    broker.read_buf(&mut read).await.unwrap();
    assert_eq!(Packet::read(&mut read, None).unwrap(), Packet::PingReq(PingReq));
}

#[tokio::test]
async fn an_owner_without_room_pings_and_takes_nothing_in() {
    let (mut connection, mut broker) = connection(Duration::from_millis(10));
    broker.write_all(&bytes(&[publish(1, b"later")])).await.unwrap();
    let mut read = BytesMut::new();
    let pings = async {
        let mut pings = 0;
        while pings < 3 {
            broker.read_buf(&mut read).await.unwrap();
            while let Ok(packet) = Packet::read(&mut read, None) {
                assert_eq!(packet, Packet::PingReq(PingReq));
                pings += 1;
            }
        }
    };
    tokio::select! {
        fault = connection.hold() => panic!("{fault}"),
        () = pings => {}
    }
    assert!(connection.ready().is_none(), "nothing was read");
    assert!(matches!(connection.next().await, Heard::Publish(_)));
}

#[tokio::test]
async fn the_reason_of_a_broker_that_goes_is_read_though_nothing_can_be_written_any_more() {
    let (mut connection, mut broker) = connection(LONG);
    // DISCONNECT, session taken over.
    broker.write_all(&[0xE0, 0x02, 0x8E, 0x00]).await.unwrap();
    drop(broker);
    connection.publish(1, "door/1".into(), "open", false, None);
    assert!(matches!(connection.next().await, Heard::Down(Fault::TakenOver)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    /// Rubbish, and sound packets with a few bytes of rubbish in them.
    #[test]
    fn no_bytes_of_a_broker_make_it_panic(
        rubbish in prop::collection::vec(any::<u8>(), 0..60),
        wounds in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let disconnect = Packet::Disconnect(Disconnect::new(DisconnectReasonCode::ServerBusy));
        let mut said = bytes(&[publish(1, b"one"), Packet::PubAck(PubAck::new(7, None)), disconnect]);
        for (place, byte) in wounds {
            let place = place.index(said.len());
            said[place] = byte;
        }
        said.extend(rubbish);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (mut connection, mut broker) = connection(LONG);
            broker.write_all(&said).await.unwrap();
            drop(broker);
            while !matches!(connection.next().await, Heard::Down(_)) {}
        });
    }
}
