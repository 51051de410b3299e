//! Who may be connected: so many at once, and so many from one address, so that one phone with ten thousand sockets shuts
//! nobody out. Counts only; it never looks at what is said.

use super::links::Caller;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places of a page.
#[derive(Debug)]
pub struct Places {
    /// At once, and of one address.
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

/// Who has at least one place: never more than there are places.
#[derive(Debug, Default)]
struct Taken {
    addresses: HashMap<IpAddr, usize>,
    networks: HashMap<IpAddr, usize>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    of: Arc<Places>,
    caller: Caller,
}

/// Why there is no place; as it stands in the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    House,
    Address,
}

impl Full {
    pub const fn name(self) -> &'static str {
        match self {
            Full::House => "full",
            Full::Address => "address",
        }
    }
}

impl Places {
    pub fn new(all: usize, each: usize) -> Arc<Self> {
        Arc::new(Places { all, each, taken: Mutex::default() })
    }

    /// # Errors
    /// When the house is full, or this address, or the network of ours that it shares, has all that it may have.
    pub fn take(self: &Arc<Self>, caller: Caller) -> Result<Place, Full> {
        let mut taken = self.taken();
        if taken.addresses.values().sum::<usize>() >= self.all {
            return Err(Full::House);
        }
        let of = |known: &HashMap<IpAddr, usize>, address| known.get(&address).copied().unwrap_or_default();
        let shared = caller.shared.map_or(0, |shared| of(&taken.networks, shared));
        if of(&taken.addresses, caller.own) >= self.each || shared >= self.of_network() {
            return Err(Full::Address);
        }
        *taken.addresses.entry(caller.own).or_default() += 1;
        if let Some(shared) = caller.shared {
            *taken.networks.entry(shared).or_default() += 1;
        }
        Ok(Place { of: self.clone(), caller })
    }

    /// Whoever takes many addresses of a network leaves as many places to everybody else as one address may have.
    const fn of_network(&self) -> usize {
        let rest = self.all.saturating_sub(self.each);
        if rest < self.each { self.each } else { rest }
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Taken { addresses, networks } = &mut *self.of.taken();
        give_back(addresses, self.caller.own);
        if let Some(shared) = self.caller.shared {
            give_back(networks, shared);
        }
    }
}

fn give_back(known: &mut HashMap<IpAddr, usize>, address: IpAddr) {
    if let Some(count) = known.get_mut(&address) {
        *count -= 1;
        if *count == 0 {
            known.remove(&address);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::links::Links;
    use super::*;

    fn address(text: &str) -> Caller {
        Links::default().caller(text.parse().unwrap())
    }

    #[test]
    fn one_address_has_its_share_and_leaves_the_rest_to_others() {
        let places = Places::new(5, 3);
        let phone: Vec<Place> = (0..3).map(|_| places.take(address("10.0.0.9")).unwrap()).collect();
        assert_eq!(places.take(address("10.0.0.9")).unwrap_err(), Full::Address);
        let desk = places.take(address("10.0.0.1")).unwrap();
        let _gate = places.take(address("10.0.0.2")).unwrap();
        assert_eq!(places.take(address("10.0.0.3")).unwrap_err(), Full::House);
        drop(desk);
        assert!(places.take(address("10.0.0.3")).is_ok());
        drop(phone);
        assert_eq!(places.taken().addresses.len(), 1, "who has gone is forgotten");
    }

    #[test]
    fn a_phone_that_changes_its_ipv6_address_is_still_one_phone() {
        let places = Places::new(9, 1);
        let _first = places.take(address("2001:db8:0:7::1")).unwrap();
        assert_eq!(places.take(address("2001:db8:0:7:ffff::2")).unwrap_err(), Full::Address);
        let _other = places.take(address("2001:db8:0:8::1")).unwrap();
        let _old = places.take(address("10.0.0.9")).unwrap();
        assert_eq!(places.take(address("::ffff:10.0.0.9")).unwrap_err(), Full::Address);
    }

    #[test]
    fn one_phone_of_the_lobby_leaves_places_to_the_others_and_all_its_addresses_do_too() {
        let places = Places::new(9, 3);
        let phone: Vec<Place> = (0..3).map(|_| places.take(address("fe80::9")).unwrap()).collect();
        assert_eq!(places.take(address("fe80::9")).unwrap_err(), Full::Address);
        let desk = places.take(address("fe80::1")).unwrap();
        let more: Vec<Place> = (10..12).map(|nth| places.take(address(&format!("fe80::{nth}"))).unwrap()).collect();
        assert_eq!(places.take(address("fe80::13")).unwrap_err(), Full::Address, "six of nine are for a network");
        assert!(places.take(address("10.0.0.9")).is_ok());
        drop((phone, desk, more));
        assert!(places.taken().networks.is_empty());
    }
}
