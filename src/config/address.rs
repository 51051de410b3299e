//! Where a broker listens: `mqtt://host[:port]` or `mqtts://host[:port]`. Never holds or prints a password: a URL with
//! one is refused without repeating it.

/// A broker's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub tls: bool,
    /// A host name or an IP address, without brackets.
    pub host: String,
    pub port: u16,
}

/// IANA's ports of MQTT without and with TLS.
const PORT: u16 = 1883;
const PORT_TLS: u16 = 8883;

/// Why a URL is no address. Never repeats the URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressFault {
    #[error("the URL holds a user or password; put them into \"user\" and \"password_file\"")]
    Credentials,
    #[error("the URL must begin with mqtt:// or, with TLS, mqtts://")]
    Scheme,
    #[error("the URL names no host, or one with characters that no host has; write mqtt://host:1883")]
    Host,
    #[error("the port must be a number from 1 to 65535")]
    Port,
    #[error("an MQTT URL ends after the port: no path, no question mark")]
    Path,
}

impl Address {
    pub fn parse(url: &str) -> Result<Self, AddressFault> {
        if url.contains('@') {
            return Err(AddressFault::Credentials);
        }
        let (tls, rest) = match url.split_once("://") {
            Some(("mqtt", rest)) => (false, rest),
            Some(("mqtts", rest)) => (true, rest),
            _ => return Err(AddressFault::Scheme),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#']) {
            return Err(AddressFault::Path);
        }
        let (host, port) = host_and_port(rest)?;
        let port = match port {
            Some(digits) => digits.parse().ok().filter(|port| *port != 0).ok_or(AddressFault::Port)?,
            None if tls => PORT_TLS,
            None => PORT,
        };
        Ok(Address { tls, host: host.to_owned(), port })
    }
}

fn host_and_port(rest: &str) -> Result<(&str, Option<&str>), AddressFault> {
    if let Some(inner) = rest.strip_prefix('[') {
        let (host, port) = inner.split_once(']').ok_or(AddressFault::Host)?;
        host.parse::<std::net::Ipv6Addr>().map_err(|_| AddressFault::Host)?;
        return match port {
            "" => Ok((host, None)),
            _ => Ok((host, Some(port.strip_prefix(':').ok_or(AddressFault::Port)?))),
        };
    }
    let (host, port) = match rest.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (rest, None),
    };
    // RFC 1123, and `_` because device networks use it; 253 is the longest name in DNS.
    let plausible = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    if host.is_empty() || host.len() > 253 || !plausible {
        return Err(AddressFault::Host);
    }
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(tls: bool, host: &str, port: u16) -> Result<Address, AddressFault> {
        Ok(Address { tls, host: host.into(), port })
    }

    #[test]
    fn urls_are_read_with_their_default_ports() {
        assert_eq!(Address::parse("mqtt://10.0.0.5"), address(false, "10.0.0.5", 1883));
        assert_eq!(Address::parse("mqtts://broker.office.example/"), address(true, "broker.office.example", 8883));
        assert_eq!(Address::parse("mqtt://[::1]:1900"), address(false, "::1", 1900));
    }

    #[test]
    fn what_is_no_address_is_refused_with_its_reason() {
        use AddressFault::*;
        let cases = [
            ("http://host", Scheme),
            ("host:1883", Scheme),
            ("mqtt://", Host),
            ("mqtt://ho st", Host),
            ("mqtt://[::1", Host),
            ("mqtt://host:0", Port),
            ("mqtt://host:99999", Port),
            ("mqtt://host:", Port),
            ("mqtt://host/topic", Path),
            ("mqtt://user:secret@host", Credentials),
        ];
        for (url, fault) in cases {
            assert_eq!(Address::parse(url), Err(fault), "{url}");
            assert!(!fault.to_string().contains("secret"));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(url in "(mqtts?://)?.{0,60}") {
            let _ = Address::parse(&url);
        }
    }
}
