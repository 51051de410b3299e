//! Both brokers, tried for real: name, port, TLS, login, MQTT 5. Under a client id of its own, so that a running daemon
//! keeps its connection.

use super::certificate::of_validity;
use super::finding::{Area, Finding};
use crate::config::{Address, Broker, Config};
use crate::health::certificates::validity;
use crate::link::{Fault, Limits, Link, Session, Settings, client_config};
use rustls::pki_types::ServerName;
use std::io;
use std::net::{IpAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for a TCP connection, and for each read of the TLS handshake.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn examine(config: &Config) -> Vec<Finding> {
    let id = format!("lobbyd-{}-{}-check", config.site.id, config.site.gateway);
    let building = broker(Area::Building, "building", &config.building, format!("{id}-b"));
    let office = broker(Area::Office, "office", &config.office, format!("{id}-o"));
    let (mut findings, more) = tokio::join!(building, office);
    findings.extend(more);
    findings
}

async fn broker(area: Area, name: &'static str, broker: &Broker, client_id: String) -> Vec<Finding> {
    // A loaded configuration holds only URLs that can be read.
    let Ok(address) = broker.address() else { return Vec::new() };
    let shown = format!("{}:{}", address.host, address.port);
    let mut findings = vec![match connect(name, broker, client_id).await {
        Ok(()) => Finding::ok(area, format!("{shown} lets us in, with MQTT 5")),
        Err(fault) => Finding::fault(area, format!("{shown}: {fault}"), remedy(&fault, &address)),
    }];
    if !address.tls && is_far(&address) {
        let what = format!("{shown} is reached without TLS: names and phone numbers cross the network in the clear");
        let remedy = format!("write mqtts:// in [{name}] and give the broker a certificate");
        findings.push(Finding::warning(area, what, remedy));
    }
    if address.tls {
        let broker = broker.clone();
        let looked = tokio::task::spawn_blocking(move || server_certificate(&broker, &address)).await;
        findings.extend(looked.ok().flatten());
    }
    findings
}

async fn connect(name: &'static str, broker: &Broker, client_id: String) -> Result<(), Fault> {
    let broker = Broker { client_id: None, ..broker.clone() };
    let settings = Settings { name, broker, client_id, session: Session::Clean, will: None, limits: Limits::default() };
    let (mut link, _state) = Link::new(settings);
    let (connection, _) = link.connect().await?;
    link.close(connection, PATIENCE).await;
    Ok(())
}

/// What to do beyond what the fault says itself.
fn remedy(fault: &Fault, address: &Address) -> String {
    let Address { host, port, .. } = address;
    match fault {
        Fault::Unreachable(_) => {
            format!("is the broker running, and is {port} its port? ping {host}; nc -vz {host} {port}")
        }
        Fault::CertificateExpired => "have the broker's certificate renewed".into(),
        Fault::UnknownAuthority => {
            "set ca to the PEM file of the authority that signed the broker's certificate".into()
        }
        Fault::WrongName => "write in the URL the name that stands in the broker's certificate".into(),
        Fault::BadLogin | Fault::NotAuthorized => "compare user and password_file with the broker's accounts".into(),
        Fault::ClosedAtOnce => "compare the port and mqtt:// or mqtts:// with the broker's listeners".into(),
        _ => "look into the broker's log: it says why".into(),
    }
}

/// Whether packets leave this machine and its private network.
fn is_far(address: &Address) -> bool {
    match address.host.parse() {
        Ok(IpAddr::V4(ip)) => !(ip.is_loopback() || ip.is_private() || ip.is_link_local()),
        Ok(IpAddr::V6(ip)) => !(ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()),
        Err(_) => address.host != "localhost" && address.host.contains('.') && !address.host.ends_with(".local"),
    }
}

/// The dates of the certificate that the broker shows. Nothing where the handshake fails: the connection above has
/// said why.
fn server_certificate(broker: &Broker, address: &Address) -> Option<Finding> {
    let config = client_config(broker.ca.as_deref(), broker.cert.as_deref(), broker.key.as_deref()).ok()?;
    let name = ServerName::try_from(address.host.clone()).ok()?;
    let mut tls = rustls::ClientConnection::new(Arc::new(config), name).ok()?;
    let mut socket = open(address).ok()?;
    while tls.is_handshaking() {
        tls.complete_io(&mut socket).ok()?;
    }
    let shown = tls.peer_certificates()?.first()?;
    let what = format!("the certificate of {}", address.host);
    Some(of_validity(&what, validity(shown), crate::health::clock::now().utc))
}

fn open(address: &Address) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for place in (address.host.as_str(), address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&place, PATIENCE) {
            Ok(socket) => {
                socket.set_read_timeout(Some(PATIENCE))?;
                socket.set_write_timeout(Some(PATIENCE))?;
                return Ok(socket);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_broker_beyond_the_building_must_have_tls() {
        let far = |host: &str| is_far(&Address { tls: false, host: host.into(), port: 1883 });
        assert!(["broker.office.example", "203.0.113.7", "2001:db8::1"].into_iter().all(far));
        assert!(
            !["localhost", "127.0.0.1", "192.168.1.5", "fd00::1", "door-broker", "broker.local"].into_iter().any(far)
        );
    }
}
