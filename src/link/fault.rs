//! Why a connection is not there, in words for a building technician. The codec's, the socket's and TLS's errors are turned into these
//! once, here; nobody above this room looks at them. No text here repeats a password or a payload.

use super::TlsFault;
use crate::config::AddressFault;
use rumqttc::v5::mqttbytes::Error as PacketError;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode};
use rustls::{AlertDescription, CertificateError};
use std::fmt;
use std::io;
use std::time::Duration;

/// What a link is doing; watched by health, asked by `lobbyd check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    Connecting,
    Up,
    /// Connected, but something is not let through: what, and what to do.
    Held(String),
    /// Not connected; the next try comes after `retry`.
    Down {
        fault: Fault,
        retry: Duration,
    },
    /// Shut down on purpose.
    Stopped,
}

impl fmt::Display for LinkState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkState::Connecting => f.write_str("connecting"),
            LinkState::Up => f.write_str("connected"),
            LinkState::Held(why) => write!(f, "connected, but held up: {why}"),
            LinkState::Down { fault, retry } => write!(f, "{fault} (next try in {} s)", retry.as_secs().max(1)),
            LinkState::Stopped => f.write_str("stopped"),
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("the broker cannot be reached: {0}")]
    Unreachable(String),
    #[error(
        "the broker refuses the user name or password: check `user` and `password_file`, and the broker's accounts"
    )]
    BadLogin,
    #[error(
        "the broker does not let this client in: check `user`, `password_file` and `client_id` against its access rules"
    )]
    NotAuthorized,
    #[error("the broker's certificate has expired: renew it, or set this machine's clock")]
    CertificateExpired,
    #[error("the broker's certificate is not valid yet: set this machine's clock")]
    CertificateNotYetValid,
    #[error("the broker's certificate is from an authority that is not trusted: set `ca` to that authority's PEM file")]
    UnknownAuthority,
    #[error("the broker's certificate is not for this host name: use the name that is in the certificate")]
    WrongName,
    #[error("the broker's certificate is not acceptable: {0}")]
    Certificate(String),
    #[error("the broker refuses our client certificate ({0}): check `cert` and `key`")]
    ClientCertificate(String),
    #[error("TLS: {0}")]
    Tls(String),
    #[error("the broker refuses the connection: {0}")]
    Refused(String),
    #[error("the broker closed the connection")]
    Closed,
    #[error("the broker closed the connection before answering: is this the right port, and mqtt:// or mqtts://?")]
    ClosedAtOnce,
    #[error("another client with the same client id has taken our place: give every gateway a `client_id` of its own")]
    TakenOver,
    #[error(
        "the broker pours out more than we can take at once, against our receive maximum; it sends the rest again \
         (a newer Mosquitto than 2.0.11 keeps to it)"
    )]
    Flooded,
    #[error("the broker stopped answering")]
    Silent,
    #[error("the broker sent a packet of {bytes} bytes, more than the {limit} that we announced")]
    Oversized { bytes: usize, limit: u32 },
    /// The broker objects to something that we sent; sending it again will not help.
    #[error("the broker objects to a message: {0}")]
    Rejected(String),
    #[error("the broker breaks the protocol: {0}")]
    Protocol(String),
    #[error(transparent)]
    Setup(#[from] SetupFault),
}

/// What is wrong on our side before the first byte is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetupFault {
    #[error(transparent)]
    Tls(#[from] TlsFault),
    #[error("the password file {path} cannot be read: {why}")]
    Password { path: String, why: String },
    #[error(transparent)]
    Address(#[from] AddressFault),
}

impl Fault {
    /// Whether the fault can be laid on a message that we sent, if one was alone under way.
    pub fn blames_a_message(&self) -> bool {
        matches!(self, Fault::Rejected(_))
    }

    /// Whether the broker has ended a connection that stood, which it may have done over a message. A silent one, or a network that is gone, says nothing
    /// of what was under way.
    pub fn is_the_brokers_will(&self) -> bool {
        matches!(self, Fault::Closed | Fault::NotAuthorized | Fault::Refused(_) | Fault::Rejected(_))
    }

    /// For metrics and the journal.
    pub const fn code(&self) -> &'static str {
        match self {
            Fault::Unreachable(_) => "unreachable",
            Fault::BadLogin => "bad-login",
            Fault::NotAuthorized => "not-authorized",
            Fault::CertificateExpired => "expired",
            Fault::CertificateNotYetValid => "not-yet-valid",
            Fault::UnknownAuthority => "unknown-authority",
            Fault::WrongName => "wrong-name",
            Fault::Certificate(_) => "not-acceptable",
            Fault::ClientCertificate(_) => "client-certificate",
            Fault::Tls(_) => "tls",
            Fault::Refused(_) => "refused",
            Fault::Closed => "closed",
            Fault::ClosedAtOnce => "closed-at-once",
            Fault::TakenOver => "taken-over",
            Fault::Flooded => "flooded",
            Fault::Silent => "silent",
            Fault::Oversized { .. } => "oversized",
            Fault::Rejected(_) => "rejected",
            Fault::Protocol(_) => "protocol",
            Fault::Setup(_) => "setup",
        }
    }

    /// Whether whoever answered is not who should be there, as far as its certificate says: a slip of an administrator, or somebody in
    /// between.
    pub const fn is_of_a_certificate(&self) -> bool {
        matches!(
            self,
            Fault::CertificateExpired
                | Fault::CertificateNotYetValid
                | Fault::UnknownAuthority
                | Fault::WrongName
                | Fault::Certificate(_)
        )
    }

    /// A packet that cannot be read.
    pub(super) fn of_packet(error: PacketError) -> Self {
        match error {
            PacketError::PayloadSizeLimitExceeded { pkt_size, max } => Fault::Oversized { bytes: pkt_size, limit: max },
            // A DISCONNECT without a reason code (allowed for "normal") is an empty packet, and the codec calls it broken.
            PacketError::PayloadRequired => Fault::Closed,
            error => Fault::Protocol(error.to_string()),
        }
    }

    pub(super) fn of_disconnect(reason: DisconnectReasonCode) -> Self {
        use DisconnectReasonCode::*;
        match reason {
            NormalDisconnection | ServerShuttingDown | AdministrativeAction => Fault::Closed,
            SessionTakenOver => Fault::TakenOver,
            NotAuthorized => Fault::NotAuthorized,
            KeepAliveTimeout => Fault::Silent,
            MalformedPacket | TopicNameInvalid | PacketTooLarge | PayloadFormatInvalid => {
                Fault::Rejected(format!("{reason:?}"))
            }
            other => Fault::Refused(format!("{other:?}")),
        }
    }

    pub(super) fn of_connack(code: ConnectReturnCode) -> Self {
        use ConnectReturnCode::*;
        match code {
            BadUserNamePassword => Fault::BadLogin,
            NotAuthorized | Banned => Fault::NotAuthorized,
            RefusedProtocolVersion | UnsupportedProtocolVersion => {
                Fault::Refused("it does not speak MQTT 5: lobbyd needs a broker that does, such as Mosquitto 2".into())
            }
            BadClientId | ClientIdentifierNotValid => Fault::Refused("it does not accept our `client_id`".into()),
            ServiceUnavailable | ServerUnavailable | ServerBusy => Fault::Refused("it is busy or not ready yet".into()),
            RetainNotSupported => {
                Fault::Refused("it keeps no retained messages, and our `status` is one: switch them on there".into())
            }
            other => Fault::Refused(format!("{other:?}")),
        }
    }

    pub(super) fn of_io(error: &io::Error) -> Self {
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return of_rustls(error);
        }
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => Fault::Closed,
            io::ErrorKind::ConnectionRefused => Fault::Unreachable("nothing listens on that port".into()),
            _ => Fault::Unreachable(error.to_string()),
        }
    }
}

fn of_rustls(error: &rustls::Error) -> Fault {
    match error {
        rustls::Error::InvalidCertificate(why) => of_certificate(why),
        rustls::Error::AlertReceived(alert) => match alert {
            AlertDescription::CertificateExpired => Fault::ClientCertificate("it has expired".into()),
            AlertDescription::CertificateRequired => Fault::ClientCertificate("it wants one".into()),
            AlertDescription::UnknownCA => Fault::ClientCertificate("it does not know its authority".into()),
            AlertDescription::BadCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateUnknown
            | AlertDescription::AccessDenied => Fault::ClientCertificate(format!("{alert:?}")),
            other => Fault::Tls(format!("the broker broke off the handshake: {other:?}")),
        },
        rustls::Error::InvalidMessage(_) => {
            Fault::Tls("the broker does not answer with TLS: is this its TLS port?".into())
        }
        other => Fault::Tls(other.to_string()),
    }
}

fn of_certificate(why: &CertificateError) -> Fault {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => Fault::CertificateExpired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Fault::CertificateNotYetValid,
        // A bad signature is an authority of the same name with another key: a company's, renewed.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => Fault::UnknownAuthority,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => Fault::WrongName,
        // Such as one that its maker has signed himself, as an authority.
        other => Fault::Certificate(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_that_is_not_there_is_unreachable_and_one_that_hangs_up_has_closed() {
        let io = |kind| Fault::of_io(&io::Error::from(kind));
        assert!(io(io::ErrorKind::ConnectionRefused).to_string().contains("nothing listens"));
        assert_eq!(io(io::ErrorKind::ConnectionReset), Fault::Closed);
    }

    #[test]
    fn a_broker_without_retained_messages_is_told_what_to_switch_on() {
        let told = Fault::of_connack(ConnectReturnCode::RetainNotSupported).to_string();
        assert!(told.contains("retained messages") && told.contains("switch"), "{told}");
    }

    #[test]
    fn certificate_faults_are_told_apart() {
        let fault =
            |why| Fault::of_io(&io::Error::new(io::ErrorKind::InvalidData, rustls::Error::InvalidCertificate(why)));
        assert_eq!(fault(CertificateError::Expired), Fault::CertificateExpired);
        assert_eq!(fault(CertificateError::UnknownIssuer), Fault::UnknownAuthority);
        assert_eq!(fault(CertificateError::NotValidForName), Fault::WrongName);
    }

    #[test]
    fn only_an_objection_to_a_message_blames_a_message() {
        assert!(Fault::of_disconnect(DisconnectReasonCode::PacketTooLarge).blames_a_message());
        for innocent in [Fault::Closed, Fault::Silent, Fault::BadLogin, Fault::Protocol("x".into())] {
            assert!(!innocent.blames_a_message(), "{innocent}");
        }
    }
}
