//! Where a broker is: `mqtt://host[:1883]` or `mqtts://host[:8883]`. User and password never stand in the URL, because
//! URLs end up in logs.

use std::fmt;
use std::str::FromStr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// A name or an IP address; an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
    pub tls: bool,
}

/// What is wrong with a broker's URL. Never repeats the URL: it may hold a password that does not belong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    #[error("the broker's URL must begin with mqtt:// or mqtts://")]
    Scheme,
    #[error("user and password do not belong in the broker's URL: use `user` and `password_file`")]
    Credentials,
    #[error("the broker's URL has no host")]
    Host,
    #[error("the broker's URL has a bad port: it must be a number from 1 to 65535")]
    Port,
    #[error("the broker's URL must end after the host and port")]
    Rest,
}

impl FromStr for Address {
    type Err = BadAddress;

    fn from_str(url: &str) -> Result<Self, BadAddress> {
        let (tls, rest) = if let Some(rest) = url.strip_prefix("mqtt://") {
            (false, rest)
        } else if let Some(rest) = url.strip_prefix("mqtts://") {
            (true, rest)
        } else {
            return Err(BadAddress::Scheme);
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(BadAddress::Credentials);
        }
        if rest.contains(['/', '?', '#', ' ']) {
            return Err(BadAddress::Rest);
        }
        let (host, port) = split(rest)?;
        if host.is_empty() {
            return Err(BadAddress::Host);
        }
        let port = match port {
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(BadAddress::Port)?,
            // IANA: 1883 MQTT, 8883 MQTT over TLS.
            None if tls => 8883,
            None => 1883,
        };
        Ok(Address { host: host.to_owned(), port, tls })
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split(rest: &str) -> Result<(&str, Option<&str>), BadAddress> {
    if let Some(bracketed) = rest.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']').ok_or(BadAddress::Host)?;
        return match after.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(BadAddress::Port),
        };
    }
    match rest.split_once(':') {
        Some((_, port)) if port.contains(':') => Err(BadAddress::Port),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((rest, None)),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(host: &str, port: u16, tls: bool) -> Address {
        Address { host: host.into(), port, tls }
    }

    #[test]
    fn a_url_without_a_port_takes_the_registered_one() {
        assert_eq!("mqtt://127.0.0.1".parse(), Ok(address("127.0.0.1", 1883, false)));
        assert_eq!("mqtts://broker.office.example/".parse(), Ok(address("broker.office.example", 8883, true)));
        assert_eq!("mqtt://[::1]:1884".parse(), Ok(address("::1", 1884, false)));
    }

    #[test]
    fn a_bad_url_says_what_is_bad() {
        let fault = |url: &str| url.parse::<Address>().unwrap_err();
        assert_eq!(fault("http://host"), BadAddress::Scheme);
        assert_eq!(fault("host:1883"), BadAddress::Scheme);
        assert_eq!(fault("mqtt://user:secret@host"), BadAddress::Credentials);
        assert!(!fault("mqtt://user:secret@host").to_string().contains("secret"));
        assert_eq!(fault("mqtt://:1883"), BadAddress::Host);
        assert_eq!(fault("mqtt://host:"), BadAddress::Port);
        assert_eq!(fault("mqtt://host:0"), BadAddress::Port);
        assert_eq!(fault("mqtt://::1:1883"), BadAddress::Port);
        assert_eq!(fault("mqtt://host/topic"), BadAddress::Rest);
    }

    proptest! {
        #[test]
        fn whatever_is_read_prints_as_it_was_meant(url in "mqtts?://[\\[\\]:/@a-z0-9.]{0,30}") {
            if let Ok(read) = url.parse::<Address>() {
                prop_assert_eq!(read.to_string().parse(), Ok(read));
            }
        }
    }
}
