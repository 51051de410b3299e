//! One connection after the other: whoever talks over a link says what is done while there is one, and this is the rest of the
//! story, the same for all.

use super::line::stopped;
use super::{Connection, Fault, Link, LinkState};
use rumqttc::v5::mqttbytes::v5::ConnAck;
use tokio::sync::watch;

/// Why a connection ended.
pub enum End {
    Stop,
    Fault(Fault),
}

/// Whoever talks over a link.
pub trait Talker: Send {
    fn link(&mut self) -> &mut Link;

    /// Uses one connection, until it is told to stop or the connection fails.
    fn talk(
        &mut self,
        connection: Connection,
        connack: ConnAck,
        stop: &mut watch::Receiver<bool>,
    ) -> impl Future<Output = End> + Send;
}

/// Runs until `stop` says true, with a rest after each fault.
pub async fn keep_talking(talker: &mut impl Talker, mut stop: watch::Receiver<bool>) {
    loop {
        let connected = tokio::select! {
            () = stopped(&mut stop) => break,
            connected = talker.link().connect() => connected,
        };
        let end = match connected {
            Err(fault) => End::Fault(fault),
            Ok((connection, connack)) => talker.talk(connection, connack, &mut stop).await,
        };
        let End::Fault(fault) = end else { break };
        tokio::select! {
            () = stopped(&mut stop) => break,
            () = talker.link().rest(fault) => {}
        }
    }
    talker.link().say(LinkState::Stopped);
}
