//! Whose address it is, as far as one can tell: of the internet whoever has one IPv6 address has all of its network, on our own links each
//! phone has one beside the others.

use std::fs;
use std::net::{IpAddr, Ipv6Addr};

/// Bits of an IPv6 address that name a network: whoever has one address of it has all of them (RFC 4291, 2.5.1).
const NETWORK_BITS: u32 = 64;
/// A shorter prefix is no link: some tunnels have a /0, and all of the internet would be our neighbours.
const SHORTEST: u32 = 32;
/// The IPv6 addresses of this machine: address and, third, the length of its prefix, both in hex (Linux, net/ipv6/addrconf.c).
const ADDRESSES: &str = "/proc/self/net/if_inet6";

/// Whoever has this address, where nothing is known of his link.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask(NETWORK_BITS))),
        v4 => v4,
    }
}

const fn mask(bits: u32) -> u128 {
    match u128::BITS.checked_sub(bits) {
        Some(0) => u128::MAX,
        Some(rest) if rest < u128::BITS => u128::MAX << rest,
        _ => 0,
    }
}

/// As whom somebody counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller {
    pub own: IpAddr,
    /// The network that he shares with all his neighbours, and whose addresses he may take; of one that is not ours he counts as all of it.
    pub shared: Option<IpAddr>,
}

impl Caller {
    /// As this machine's links are now: a prefix comes and goes with the router. IPv4 costs no look.
    pub fn now(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Caller { own: IpAddr::V4(v4), shared: None },
            v6 => Links::now().caller(v6),
        }
    }
}

/// The prefixes that lie on a link of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Links(Vec<(Ipv6Addr, u32)>);

impl Links {
    /// None where this machine has no IPv6.
    fn now() -> Self {
        Links::parse(&fs::read_to_string(ADDRESSES).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let prefix = |line: &str| {
            let mut fields = line.split_whitespace();
            let address = u128::from_str_radix(fields.next()?, 16).ok()?;
            let bits = u32::from_str_radix(fields.nth(1)?, 16).ok()?;
            (bits >= SHORTEST).then_some((Ipv6Addr::from_bits(address), bits))
        };
        Links(text.lines().filter_map(prefix).collect())
    }

    pub fn caller(&self, address: IpAddr) -> Caller {
        match address.to_canonical() {
            IpAddr::V6(own) if self.have(own) => {
                Caller { own: IpAddr::V6(own), shared: Some(network(IpAddr::V6(own))) }
            }
            other => Caller { own: network(other), shared: None },
        }
    }

    fn have(&self, address: Ipv6Addr) -> bool {
        let on = |(own, bits): &(Ipv6Addr, u32)| (own.to_bits() ^ address.to_bits()) & mask(*bits) == 0;
        address.is_unicast_link_local() || self.0.iter().any(on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lobby's gateway as Linux writes it: loopback, an address of a router's prefix, one of a provider's, link-local.
    const LOBBY: &str = "00000000000000000000000000000001 01 80 10 80       lo\n\
                         fd000000000000070000000000000002 04 40 00 82     eth0\n\
                         20010db8000000070000000000000002 04 38 00 00     eth0\n\
                         fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n";

    #[test]
    fn on_our_links_each_address_counts_and_beyond_them_the_network() {
        let links = Links::parse(LOBBY);
        let caller = |address: &str| links.caller(address.parse().unwrap());
        let counts = |own: &str, shared: Option<&str>| Caller {
            own: own.parse().unwrap(),
            shared: shared.map(|shared| shared.parse().unwrap()),
        };
        assert_eq!(caller("fd00:0:0:7::9"), counts("fd00:0:0:7::9", Some("fd00:0:0:7::")));
        assert_eq!(caller("fe80::9"), counts("fe80::9", Some("fe80::")));
        assert_eq!(caller("2001:db8:0:ff::9"), counts("2001:db8:0:ff::9", Some("2001:db8:0:ff::")), "of a /56");
        assert_eq!(caller("2001:db8:0:107::9"), counts("2001:db8:0:107::", None));
        assert_eq!(caller("::ffff:10.0.0.9"), counts("10.0.0.9", None));
        assert_eq!(Links::default().caller("fe80::9".parse().unwrap()).shared, Some("fe80::".parse().unwrap()));
        assert_eq!(Links::parse("nonsense\n\nzz 04 40 00\n"), Links::default());
    }
}
