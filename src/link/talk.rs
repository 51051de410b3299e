//! One connection after the other: whoever talks over a link says what is done while there is one, and this is the rest of the
//! story, the same for all.

use super::line::stopped;
use super::{Connection, Fault, Link, LinkState};
use rumqttc::v5::mqttbytes::v5::ConnAck;
use std::convert::Infallible;
use tokio::sync::watch;

/// Why a connection ended.
pub enum End {
    Stop,
    Fault(Fault),
}

/// Whoever talks over a link.
pub trait Talker: Send {
    /// The link, and what goes on beside it as long as there is no connection.
    fn apart(&mut self) -> (&mut Link, impl Future<Output = Infallible> + Send);

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
        let (link, meanwhile) = talker.apart();
        let connected = tokio::select! {
            () = stopped(&mut stop) => break,
            connected = link.connect() => connected,
            never = meanwhile => match never {},
        };
        let end = match connected {
            Err(fault) => End::Fault(fault),
            Ok((connection, connack)) => talker.talk(connection, connack, &mut stop).await,
        };
        let End::Fault(fault) = end else { break };
        let (link, meanwhile) = talker.apart();
        tokio::select! {
            () = stopped(&mut stop) => break,
            () = link.rest(fault) => {}
            never = meanwhile => match never {},
        }
    }
    talker.apart().0.say(LinkState::Stopped);
}
