//! The office's broker by two ports: with certificates for its systems, without for our own clients.

use super::authority::Authority;
use super::mosquitto::{Mosquitto, free_port};
use rcgen::ExtendedKeyUsagePurpose;

/// The office's broker. Its systems come by a port where each shows a certificate of its authority, as docs/brokers.md has it; our own clients and
/// the daemon, which tests/mutual_tls.rs holds to that, by a plain one.
pub struct Office {
    pub plain: Mosquitto,
    pub authority: Authority,
    pub port: u16,
}

impl Office {
    pub fn open() -> Self {
        let (authority, port) = (Authority::new(), free_port());
        authority.server("127.0.0.1", 2099);
        authority.issue("office", "office", 2099, ExtendedKeyUsagePurpose::ClientAuth);
        let path = |file| authority.path(file).display().to_string();
        let plain = Mosquitto::start(&format!(
            "listener {port} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\nrequire_certificate true",
            path("ca.pem"),
            path("server.pem"),
            path("server.key")
        ));
        Office { plain, authority, port }
    }

    /// The words by which the Python examples reach it.
    pub fn words(&self) -> Vec<String> {
        let files = [("--ca", "ca.pem"), ("--cert", "office.pem"), ("--key", "office.key")];
        let port = ["--port".to_owned(), self.port.to_string()];
        files
            .iter()
            .flat_map(|(word, file)| [(*word).to_owned(), self.authority.path(file).display().to_string()])
            .chain(port)
            .collect()
    }
}
