//! Everything that opening one connection takes, read beforehand: address, secrets, and the CONNECT packet.

use super::Fault;
use super::connection::Stream;
use rumqttc::v5::mqttbytes::v5::{Connect, LastWill, Login, Packet};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// Never printed: it holds the password.
pub(super) struct Dial {
    pub host: String,
    pub port: u16,
    pub tls: Option<Arc<ClientConfig>>,
    pub connect: Connect,
    pub will: Option<LastWill>,
    pub login: Option<Login>,
    /// For TCP, TLS and CONNACK together.
    pub connect_within: Duration,
    pub keep_alive: Duration,
    /// Largest packet that we take, bytes.
    pub packet: u32,
}

impl Dial {
    pub async fn stream(&self) -> Result<Box<dyn Stream>, Fault> {
        let of_io = |error| Fault::of_io(&error);
        let addresses = lookup_host((self.host.as_str(), self.port)).await.map_err(of_io)?.collect();
        let stream = reach(addresses, self.connect_within).await.map_err(of_io)?;
        // Without it the last small packet of a burst waits for the broker's delayed acknowledgement: 40 ms, measured.
        stream.set_nodelay(true).map_err(of_io)?;
        let Some(config) = &self.tls else { return Ok(Box::new(stream)) };
        let name =
            ServerName::try_from(self.host.clone()).map_err(|_| Fault::Tls("the host is not a valid name".into()))?;
        let stream = TlsConnector::from(config.clone()).connect(name, stream).await.map_err(of_io)?;
        Ok(Box::new(stream))
    }

    pub fn hello(&self) -> Packet {
        Packet::Connect(self.connect.clone(), self.will.clone(), self.login.clone())
    }
}

/// The first of a name's addresses that answers, `within` this time for all of them. A name may stand for several nodes of a cluster: in
/// any order, so that gateways spread over them, and one that takes the call and does no more is not called for ever.
async fn reach(mut addresses: Vec<SocketAddr>, within: Duration) -> io::Result<TcpStream> {
    fastrand::shuffle(&mut addresses);
    // A machine that is gone says nothing at all. One such address must not take the time of all, nor that of TLS and CONNACK.
    let share = if addresses.len() > 1 { within / (addresses.len() as u32 + 1) } else { within };
    let mut fault = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => fault = error,
            Err(_) => fault = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(fault)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::{TcpListener, TcpSocket};

    /// Long enough for a busy machine, short enough for a test.
    const WITHIN: Duration = Duration::from_secs(3);

    /// An address that answers nothing, like that of a machine without power: its queue of callers is full, and the kernel drops
    /// what comes.
    async fn silent() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(0).unwrap();
        let address = listener.local_addr().unwrap();
        let mut callers = Vec::new();
        while let Ok(caller) = timeout(Duration::from_millis(200), TcpStream::connect(address)).await {
            callers.push(caller.unwrap());
        }
        (address, listener, callers)
    }

    #[tokio::test]
    async fn of_several_addresses_one_that_is_silent_and_one_that_refuses_keep_nobody_from_the_third() {
        let (silent, _listener, _callers) = silent().await;
        let refuses = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let answers = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let third = answers.local_addr().unwrap();
        // In any order: with so many tries each was first.
        for _ in 0..8 {
            let reached = timeout(WITHIN, reach(vec![silent, refuses, third], WITHIN)).await.expect("in time").unwrap();
            assert_eq!(reached.peer_addr().unwrap(), third);
        }
    }

    #[tokio::test]
    async fn the_addresses_of_a_name_are_called_in_any_order() {
        let nodes = [TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap()];
        let addresses = nodes.each_ref().map(|node| node.local_addr().unwrap());
        let mut reached = std::collections::BTreeSet::new();
        // Once in 2^63 runs the same sixty-four times.
        for _ in 0..64 {
            let stream = reach(addresses.to_vec(), WITHIN).await.unwrap();
            reached.insert(stream.peer_addr().unwrap());
        }
        assert_eq!(reached.len(), 2);
    }
}
