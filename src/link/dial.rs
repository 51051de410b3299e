//! Everything that opening one connection takes, read beforehand: address, secrets, and the CONNECT packet.

use super::Fault;
use super::connection::Stream;
use rumqttc::v5::mqttbytes::v5::{Connect, LastWill, Login, Packet};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
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
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(of_io)?;
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
