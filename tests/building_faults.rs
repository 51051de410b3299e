//! Building brokers that misbehave: they break off, forget the session, deliver again, send what is too large or cannot be read,
//! refuse the subscription or the login. Nothing is acknowledged that is not stored, and nothing stops the rest.

mod common;

use common::house::{House, broker, limits};
use common::scripted::Scripted;
use common::until;
use lobbyd::desk::{Command, Refusal};
use lobbyd::link::{Fault, LinkState};
use rumqttc::v5::mqttbytes::QoS;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, Packet, Publish, SubscribeReasonCode};
use tempfile::TempDir;

async fn building() -> (TempDir, House, Scripted) {
    let dir = tempfile::tempdir().unwrap();
    let house = House::open(dir.path());
    (dir, house, Scripted::start().await)
}

fn message(pkid: u16, text: &str, dup: bool) -> Packet {
    let qos = if pkid == 0 { QoS::AtMostOnce } else { QoS::AtLeastOnce };
    let mut publish = Publish::new("door/north", qos, text.as_bytes().to_vec(), None);
    publish.pkid = pkid;
    publish.dup = dup;
    Packet::Publish(publish)
}

#[tokio::test]
async fn messages_are_acknowledged_in_order_and_only_once_they_are_stored() {
    let (_dir, mut house, broker_side) = building().await;
    house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    for (pkid, text) in [(7, "a"), (3, "noise"), (9, "c"), (0, "q"), (4, "d")] {
        peer.send(message(pkid, text, false)).await;
    }
    for pkid in [7, 3, 9, 4] {
        assert_eq!(peer.puback().await, pkid);
    }
    assert_eq!(house.rows().len(), 4, "the noise is none, QoS 0 is one");
    house.close().await;
}

#[tokio::test]
async fn what_is_delivered_again_after_a_break_is_stored_once_and_acknowledged_on_the_new_connection() {
    let (_dir, mut house, broker_side) = building().await;
    house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    peer.send(message(1, "a", false)).await;
    peer.send_raw(&[0x32, 0x40, 0x00]).await;
    drop(peer);
    // The session is gone: the link subscribes again, and the broker delivers again.
    let mut next = broker_side.welcome().await;
    next.send(message(1, "a", true)).await;
    next.send(message(2, "b", false)).await;
    assert_eq!([next.puback().await, next.puback().await], [1, 2]);
    assert_eq!(house.rows().len(), 2);
    house.close().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_becomes_a_dead_letter_and_not_a_loop() {
    let (_dir, mut house, broker_side) = building().await;
    let small = lobbyd::link::Limits { packet: 5 * 1024 * 1024, ..limits() };
    house.start_building(&broker(&broker_side.url), small);
    // Above our payload limit: taken and laid aside.
    let mut peer = broker_side.welcome().await;
    peer.send(message(1, &"x".repeat(lobbyd::device::MAX_PAYLOAD + 1), false)).await;
    assert_eq!(peer.puback().await, 1);
    // Above even the packet limit that we announced: this broker does not care, and would send it for ever.
    let monster = "x".repeat(6 * 1024 * 1024);
    peer.send(message(2, &monster, false)).await;
    let mut next = broker_side.welcome().await;
    next.send(message(2, &monster, true)).await;
    assert_eq!(next.puback().await, 2);
    next.send(message(3, "small", false)).await;
    assert_eq!(next.puback().await, 3);
    assert_eq!((house.dead_letters().len(), house.rows().len()), (2, 1));
    house.close().await;
}

#[tokio::test]
async fn what_cannot_be_read_becomes_a_dead_letter_without_its_content() {
    let (_dir, mut house, broker_side) = building().await;
    house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    let mut publish = Publish::new("door/north", QoS::AtLeastOnce, vec![0xff, 0xfe, 0x00], None);
    publish.pkid = 1;
    peer.send(Packet::Publish(publish)).await;
    assert_eq!(peer.puback().await, 1);
    let letters = house.dead_letters();
    assert_eq!((letters[0].what.as_str(), letters[0].bytes), ("door/north", Some(3)));
    house.close().await;
}

#[tokio::test]
async fn what_the_desk_cannot_store_is_not_acknowledged_and_the_link_says_so() {
    let (_dir, mut house, broker_side) = building().await;
    let state = house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.welcome().await;
    house.desk.close();
    assert_eq!(house.desk.ask(Command::Probe).await, Err(Refusal::Closed));
    peer.send(message(1, "a", false)).await;
    until("the link says that it is held up", || matches!(&*state.borrow(), LinkState::Held(_))).await;
    house.stop.send_replace(true);
    assert!(matches!(peer.recv().await, Some(Packet::Disconnect(_))), "no PUBACK before it");
    house.close().await;
}

#[tokio::test]
async fn a_refused_subscription_is_said_plainly() {
    let (_dir, mut house, broker_side) = building().await;
    let state = house.start_building(&broker(&broker_side.url), limits());
    let mut peer = broker_side.accept().await;
    peer.connack(false, None).await;
    peer.answer_subscribe(SubscribeReasonCode::NotAuthorized).await;
    until("the link says so", || matches!(&*state.borrow(), LinkState::Held(why) if why.contains("door/#"))).await;
    house.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_said_plainly() {
    let (_dir, mut house, broker_side) = building().await;
    let state = house.start_building(&broker(&broker_side.url), limits());
    broker_side.accept().await.refuse(ConnectReturnCode::BadUserNamePassword).await;
    until("the link says so", || matches!(&*state.borrow(), LinkState::Down { fault: Fault::BadLogin, .. })).await;
    house.close().await;
}
