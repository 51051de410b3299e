//! Who may be connected: so many at once, and so many from one address, so that one phone with ten thousand sockets shuts
//! nobody out. Counts only; it never looks at what is said.

use super::links::network;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The places of a page.
#[derive(Debug)]
pub struct Places {
    /// At once, and of one address.
    all: usize,
    each: usize,
    /// Addresses with at least one place: never more than there are places.
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Place {
    of: Arc<Places>,
    address: IpAddr,
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
    /// When the house is full, or this address has all that it may have.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place, Full> {
        let address = network(address);
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= self.all {
            return Err(Full::House);
        }
        let count = taken.entry(address).or_default();
        if *count >= self.each {
            return Err(Full::Address);
        }
        *count += 1;
        Ok(Place { of: self.clone(), address })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(count) = taken.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
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
        assert_eq!(places.taken().len(), 1, "who has gone is forgotten");
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
}
