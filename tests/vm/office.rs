//! Both ends of the way of an event: a card at the building's broker, and what has arrived at the office's.

use crate::common::clients::{Subscriber, publish_all};
use crate::machine::Machine;
use lobbyd::service::number::{Number, Series};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

pub fn card(number: u64) -> (String, Vec<u8>) {
    let time = 1_795_223_704 + number;
    let payload = format!(
        r#"{{"cmd":"log","uid":"0{number:07}","username":"test","access":"Always","time":{time},"doorName":"lobby","type":"access","isKnown":"true","hostname":"lobby"}}"#
    );
    ("/rfid/send".into(), payload.into_bytes())
}

/// The numbers of all events that have arrived, and of those that are cards.
pub fn arrived(office: &Subscriber) -> (BTreeSet<u64>, BTreeSet<u64>) {
    let received = office.received.lock().unwrap();
    let events = received.iter().filter(|publish| publish.topic.windows(7).any(|level| level == b"/event/"));
    let (mut all, mut cards) = (BTreeSet::new(), BTreeSet::new());
    for publish in events {
        let event: Value = serde_json::from_slice(&publish.payload).unwrap();
        let seq = event["seq"].as_u64().unwrap();
        all.insert(seq);
        if event["type"] == "lobbyd.access.granted" {
            cards.insert(seq);
        }
    }
    (all, cards)
}

pub async fn show_cards(machine: &Machine, numbers: std::ops::Range<u64>) {
    let cards: Vec<_> = numbers.map(card).collect();
    publish_all(machine.building, cards.into_iter(), Arc::default()).await;
}

/// The number of the visit that the office has heard of.
pub fn visitor(office: &Subscriber) -> Option<Number> {
    let received = office.received.lock().unwrap();
    let events = received.iter().filter(|publish| publish.topic.ends_with(b"/visit.arrived"));
    let event = events.filter_map(|publish| serde_json::from_slice::<Value>(&publish.payload).ok()).next()?;
    assert_eq!((&event["data"]["unit"], &event["data"]["purpose"]), (&"1203".into(), &"work".into()));
    assert_eq!(event["data"]["person"]["phone"], "13800000042");
    let part = |name: &str| Some(event["data"][name].as_u64()? as u32);
    Some(Number { series: Series::Visit, day: part("day")?, nth: part("nth")? })
}
