//! Guessing is slow: five wrong secrets in a quarter of an hour lock an id for a quarter of an hour, and one address may
//! try only so often, whatever ids it types. Ids that do not exist are counted like the others: the answer must not tell
//! who works here.

use crate::http::Caller;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;

const FAILURES: usize = 5;
const WINDOW: TimeDelta = TimeDelta::minutes(15);
const LOCKED: TimeDelta = TimeDelta::minutes(15);
/// Tries of one address in a minute. A gate's desk signs in a whole shift at once.
const TRIES: usize = 20;
/// The same of all that share an IPv6 network of ours, where each phone may take many addresses: a few shifts at once, and a minute of the
/// processor's time for comparing.
const TRIES_OF_NETWORK: usize = 100;
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Ids and addresses remembered: a flood of invented ones must not eat the memory. The oldest is forgotten.
const MAX_KNOWN: usize = 4096;

/// What is known of failed sign-ins.
#[derive(Debug, Default)]
pub struct Throttle {
    ids: HashMap<String, Tries>,
    addresses: HashMap<IpAddr, Tries>,
    networks: HashMap<IpAddr, Tries>,
}

#[derive(Debug, Default)]
struct Tries {
    at: Vec<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
}

/// May this be tried?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Open,
    /// Too many from this address.
    Slow,
    /// This id is locked until then.
    Locked(DateTime<Utc>),
}

impl Throttle {
    /// Counts a try of this caller and of this id, before it is known how it ends: tries at the same time count too.
    pub fn knock(&mut self, id: &str, caller: Caller, now: DateTime<Utc>) -> Gate {
        // His own first: whoever is slow does not use up what his neighbours have.
        let own = (&mut self.addresses, caller.own, TRIES);
        let shared = caller.shared.map(|shared| (&mut self.networks, shared, TRIES_OF_NETWORK));
        for (known, address, most) in std::iter::once(own).chain(shared) {
            let tries = entry(known, address);
            recent(&mut tries.at, MINUTE, now);
            if tries.at.len() >= most {
                return Gate::Slow;
            }
            tries.at.push(now);
        }
        let tries = entry(&mut self.ids, id.to_owned());
        if let Some(until) = tries.until.filter(|until| *until > now) {
            return Gate::Locked(until);
        }
        recent(&mut tries.at, WINDOW, now);
        if tries.at.len() >= FAILURES {
            // The others are still being compared.
            return Gate::Slow;
        }
        tries.at.push(now);
        Gate::Open
    }

    /// The secret was wrong. The end of the lock, if this try has locked the id.
    pub fn failed(&mut self, id: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let tries = entry(&mut self.ids, id.to_owned());
        if tries.at.len() < FAILURES {
            return None;
        }
        tries.at.clear();
        tries.until = Some(now + LOCKED);
        tries.until
    }

    /// The right secret, or a reset by somebody who may.
    pub fn forget(&mut self, id: &str) {
        self.ids.remove(id);
    }
}

fn recent(at: &mut Vec<DateTime<Utc>>, window: TimeDelta, now: DateTime<Utc>) {
    // Times ahead of now were counted by a clock that has been set back since.
    at.retain(|time| *time + window > now && *time <= now);
}

fn entry<K: Hash + Eq + Clone>(known: &mut HashMap<K, Tries>, key: K) -> &mut Tries {
    if known.len() >= MAX_KNOWN && !known.contains_key(&key) {
        let newest = |tries: &Tries| tries.until.max(tries.at.last().copied());
        if let Some(oldest) = known.iter().min_by_key(|(_, tries)| newest(tries)).map(|(key, _)| key.clone()) {
            known.remove(&oldest);
        }
    }
    known.entry(key).or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;

    const HERE: Caller = Caller { own: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), shared: None };

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_763_700_000 + second, 0).unwrap()
    }

    /// Another address for each try: what is counted here is the id.
    fn wrong(throttle: &mut Throttle, id: &str, second: i64) -> Option<DateTime<Utc>> {
        let own = IpAddr::V4(std::net::Ipv4Addr::from_bits(second as u32));
        assert_eq!(throttle.knock(id, Caller { own, shared: None }, at(second)), Gate::Open);
        throttle.failed(id, at(second))
    }

    #[test]
    fn five_wrong_secrets_lock_an_id_for_a_quarter_of_an_hour_and_no_other_id() {
        let mut throttle = Throttle::default();
        for n in 0..4 {
            assert_eq!(wrong(&mut throttle, "a", n), None);
        }
        assert_eq!(wrong(&mut throttle, "a", 4), Some(at(4 + 900)));
        assert_eq!(throttle.knock("a", HERE, at(903)), Gate::Locked(at(904)));
        assert_eq!(throttle.knock("b", HERE, at(5)), Gate::Open);
        assert_eq!(wrong(&mut throttle, "a", 904), None, "it counts from the start again");
    }

    #[test]
    fn wrong_secrets_far_apart_lock_nobody() {
        let mut throttle = Throttle::default();
        for n in 0..20 {
            assert_eq!(wrong(&mut throttle, "a", n * 300), None);
        }
    }

    #[test]
    fn tries_at_the_same_time_are_no_more_than_tries_one_after_the_other() {
        let mut throttle = Throttle::default();
        let open = (0..10).filter(|_| throttle.knock("a", HERE, at(0)) == Gate::Open).count();
        assert_eq!(open, 5);
        assert_eq!(throttle.failed("a", at(1)), Some(at(901)));
    }

    #[test]
    fn one_address_cannot_try_one_id_after_the_other() {
        let mut throttle = Throttle::default();
        for n in 0..20 {
            assert_eq!(throttle.knock(&n.to_string(), HERE, at(0)), Gate::Open);
        }
        assert_eq!(throttle.knock("x", HERE, at(1)), Gate::Slow);
        assert_eq!(throttle.knock("x", HERE, at(61)), Gate::Open);
    }

    #[test]
    fn one_phone_of_the_lobby_does_not_stop_the_others_and_all_its_addresses_stop_at_a_limit() {
        let mut throttle = Throttle::default();
        let link = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0);
        let phone =
            |nth: u128| Caller { own: Ipv6Addr::from_bits(link.to_bits() + nth).into(), shared: Some(link.into()) };
        let mut ids = 0..;
        let mut knocks = |phone: Caller, second| throttle.knock(&ids.next().unwrap().to_string(), phone, at(second));
        for _ in 0..TRIES {
            assert_eq!(knocks(phone(1), 0), Gate::Open);
        }
        assert_eq!((knocks(phone(1), 1), knocks(phone(2), 1)), (Gate::Slow, Gate::Open));
        let open = (2..1000).filter(|nth| knocks(phone(*nth), 1) == Gate::Open).count();
        assert_eq!(open, TRIES_OF_NETWORK - TRIES - 1);
        assert_eq!(knocks(phone(2), 62), Gate::Open);
    }

    #[test]
    fn a_flood_of_invented_ids_does_not_eat_the_memory() {
        let mut throttle = Throttle::default();
        for n in 0..10_000 {
            wrong(&mut throttle, &n.to_string(), n);
        }
        assert!(throttle.ids.len() <= MAX_KNOWN);
    }
}
