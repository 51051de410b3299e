//! How the tools of the central office reach its broker: words of the command line.

use crate::config::{Address, Broker};
use crate::link::{Limits, Link, Session, Settings};
use anyhow::Context;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Reach {
    /// The office's broker: mqtt://host[:1883] or mqtts://host[:8883].
    #[arg(long)]
    pub url: Option<String>,
    #[arg(long)]
    user: Option<String>,
    /// A file that holds the password and nothing else.
    #[arg(long)]
    password_file: Option<PathBuf>,
    /// PEM file of the authorities to trust; the system's where it is not given.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// PEM file of a client certificate.
    #[arg(long, requires = "key")]
    cert: Option<PathBuf>,
    /// PEM file of its key.
    #[arg(long, requires = "cert")]
    key: Option<PathBuf>,
}

impl Reach {
    /// A link that is not connected yet. `purpose` stands in its client id; two of them may work at once.
    ///
    /// # Errors
    /// When the URL is none.
    pub fn link(&self, purpose: &str) -> anyhow::Result<Link> {
        let url = self.url.as_deref().context("--url is needed")?;
        Address::parse(url).with_context(|| format!("--url {url}"))?;
        let broker = Broker {
            url: url.to_owned(),
            user: self.user.clone(),
            password_file: self.password_file.clone(),
            ca: self.ca.clone(),
            cert: self.cert.clone(),
            key: self.key.clone(),
            client_id: None,
        };
        let client_id = format!("lobbyd-{purpose}-{:08x}", fastrand::u32(..));
        let limits = Limits::default();
        Ok(Link::new(Settings { name: "office", broker, client_id, session: Session::Clean, will: None, limits }).0)
    }
}
