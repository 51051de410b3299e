//! `lobby.toml` and `boards/*.toml`: read once, checked, typed. Nobody else reads a file of configuration.
//! `docs/lobby.toml` explains every key; a test holds the two together. Profile names are checked by the caller, for
//! only the device room knows them.

mod address;
pub mod board;
pub mod directory;
mod error;
pub mod gpio;
pub mod handbook;
mod house;
mod inbox;
pub mod invitations;
pub mod keys;
mod load;
pub mod profiles;
pub mod requests;
mod rules;
pub mod sent_rules;
mod source;
pub mod staff;
mod zone;

pub use address::{Address, AddressFault};
pub use board::Board;
pub use error::{ConfigError, Fault};

use crate::event::Slug;
use crate::health::quota;
use crate::service::figures::Figures;
use crate::service::house::House;
pub use crate::service::house::{Post, Shift};
use crate::service::invitation::{self, Issuers};
use crate::service::office_command::{self, Addressee, Signer};
use crate::service::signature::PublicKey;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Languages that the screen speaks, as BCP 47 tags.
pub const LANGUAGES: &[&str] = &["zh-Hans", "zh-Hant", "en", "ja", "ko", "fr", "de"];

/// The whole of `lobby.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// A file of `boards/` without its ending, or a path to one.
    pub board: String,
    /// Where the journal lives. Everything else in it can be made again.
    pub data_dir: PathBuf,
    pub site: Site,
    /// Whose invitations count here.
    #[serde(default, rename = "invitation_key")]
    pub invitation_keys: Vec<InvitationKey>,
    /// Whose commands count here.
    #[serde(default, rename = "command_key")]
    pub command_keys: Vec<CommandKey>,
    pub building: Broker,
    pub office: Broker,
    #[serde(default)]
    pub home_assistant: HomeAssistant,
    #[serde(default, rename = "device")]
    pub devices: Vec<Device>,
    /// What people call a door, by its id.
    #[serde(default)]
    pub doors: BTreeMap<Slug, String>,
    /// In ladder order.
    #[serde(default, rename = "post")]
    pub posts: Vec<Post>,
    #[serde(default, rename = "shift")]
    pub shifts: Vec<Shift>,
    /// Every figure of the service, versioned (R306).
    #[serde(default)]
    pub service: Figures,
    #[serde(default)]
    pub kiosk: Kiosk,
    #[serde(default)]
    pub handbook: Handbook,
    #[serde(default)]
    pub console: Console,
    #[serde(default)]
    pub health: Health,
    #[serde(default)]
    pub retention: Retention,
    #[serde(default)]
    pub storage: Storage,
    /// A folder of the site's own device profiles; a profile of the same name replaces the built-in one.
    pub profiles: Option<PathBuf>,
}

impl Config {
    /// The house as the rules need to know it.
    pub fn house(&self) -> House {
        House {
            posts: self.posts.clone(),
            shifts: self.shifts.clone(),
            figures: self.service.clone(),
            issuers: self.issuers(),
            ..House::bare(self.site.time_zone)
        }
    }

    /// The door whose contact is wired to this machine.
    pub fn contact(&self) -> Option<&Slug> {
        self.devices.iter().find(|device| device.is_contact())?.door.as_ref()
    }

    /// Who this gateway is to those who command it. `boot`: the machine's boot id, as the status tells it.
    pub fn addressee(&self, boot: &str) -> Addressee {
        let signer = |key: &CommandKey| Signer { name: key.name.clone(), public: key.public, may: key.may.clone() };
        let Site { id, gateway, .. } = &self.site;
        let signers = self.command_keys.iter().map(signer).collect();
        Addressee { site: id.clone(), gateway: gateway.clone(), boot: boot.to_owned(), signers }
    }

    fn issuers(&self) -> Issuers {
        let keys = self.invitation_keys.iter().map(|key| key.public).collect();
        Issuers { site: invitation::site_mark(&self.site.id), keys }
    }
}

/// The public key of somebody who issues invitations: the office, a residents' app, `lobbyd invite`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvitationKey {
    /// Whose it is and since when, for people.
    pub name: String,
    pub public: PublicKey,
}

/// The public key of a system of the office that may command this gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandKey {
    /// Whose it is, as events tell it: a system, not a person.
    pub name: String,
    pub public: PublicKey,
    /// The commands that count; all where it is not given.
    pub may: Option<Vec<office_command::Name>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    /// Stands in every topic at the office.
    pub id: Slug,
    /// One machine of the site; stands in every topic beside the site.
    pub gateway: Slug,
    /// Zone of the site: of its day, its greetings and of devices that send a wall clock without a zone.
    #[serde(default = "shanghai")]
    pub time_zone: chrono_tz::Tz,
}

fn shanghai() -> chrono_tz::Tz {
    chrono_tz::Asia::Shanghai
}

/// One MQTT broker: the building's or the office's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broker {
    /// `mqtt://host[:1883]` or `mqtts://host[:8883]`.
    pub url: String,
    pub user: Option<String>,
    /// A file that holds the password and nothing else. Passwords never stand in `lobby.toml`.
    pub password_file: Option<PathBuf>,
    /// PEM file of the authorities to trust; the system's where it is not given.
    pub ca: Option<PathBuf>,
    /// PEM files of the client's certificate and key; both or none.
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// MQTT client id; where it is not given `lobbyd-{site}-{gateway}`, at the office with `-office` behind it.
    pub client_id: Option<String>,
}

impl Broker {
    /// Where it listens. A loaded configuration holds only URLs that can be read.
    pub fn address(&self) -> Result<Address, AddressFault> {
        Address::parse(&self.url)
    }
}

/// Doors for Home Assistant, on the building's broker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HomeAssistant {
    /// The topic under which its discovery listens, its own `discovery_prefix`. Nothing is told where it is not given.
    pub prefix: Option<String>,
}

/// One device, or many of one product under one topic filter.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub profile: String,
    /// MQTT topic filter to subscribe to; the profile's own default where it is not given.
    pub topic: Option<String>,
    /// The door (subject) that these messages speak of, where the message itself does not say.
    pub door: Option<Slug>,
    /// Zone of the device's wall clock, where it differs from the site's.
    pub time_zone: Option<chrono_tz::Tz>,
}

/// The profile of a contact that is wired to this machine: the line `door` of the board file.
pub const CONTACT: &str = "gpio";

impl Device {
    pub fn is_contact(&self) -> bool {
        self.profile == CONTACT
    }
}

/// What the screen says about itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Kiosk {
    /// The building's name as shown: Chinese, English.
    pub name: String,
    pub name_en: String,
    /// The service centre's phone number, shown where the screen cannot help (R144).
    pub service_phone: Option<String>,
    /// The company that answers for what people say of themselves, by its full name: the notice before an identity number names it (PIPL,
    /// Art. 17).
    pub company: Option<String>,
    /// The link of the service centre's WeChat account, shown as a code (R020).
    pub wechat: Option<String>,
    /// First language of a session: one of [`LANGUAGES`].
    pub language: String,
    /// Seconds without a touch before the screen asks "还需要更多时间吗?", and then until it wipes.
    pub idle_seconds: u32,
    pub warn_seconds: u32,
    /// How loud the questions are read to whoever asks for it, where espeak-ng is installed (R224); 0 never.
    pub voice_percent: u32,
    /// Visitors are asked for their identity number, if they agree. Off: nobody needs it to let somebody in.
    pub visit_identity: bool,
    /// Where the `browser` board serves its page, in place of the board's own `listen`. Other boards ignore it.
    pub listen: Option<SocketAddr>,
}

impl Default for Kiosk {
    fn default() -> Self {
        Kiosk {
            name: "服务中心".into(),
            name_en: "Service centre".into(),
            service_phone: None,
            company: None,
            wechat: None,
            language: "zh-Hans".into(),
            idle_seconds: 60,
            warn_seconds: 20,
            voice_percent: 60,
            visit_identity: false,
            listen: None,
        }
    }
}

/// Notices and the residents' handbook.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Handbook {
    /// A folder of entries; without it there are none.
    pub folder: Option<PathBuf>,
}

/// The guards' page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Console {
    pub enabled: bool,
    /// Beyond this machine it is served with TLS only. Where nothing is written: [`Console::LISTEN`].
    pub listen: Option<SocketAddr>,
    /// PEM files of the page's certificate and key; both or none. Without them the daemon makes its own.
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    /// Names and addresses under which browsers open the page: they stand in the certificate that the daemon makes.
    pub names: Vec<String>,
    /// Origins whose pages may show it in a frame: a wall of screens, the demo. Nobody else's may.
    pub framed_by: Vec<String>,
    /// Connections above this are refused, so that a flood harms nobody who is connected.
    pub max_connections: u32,
    /// The same for one address. Guards behind one radio share an address: a dozen phones with a few lines each.
    pub max_connections_per_address: u32,
}

impl Console {
    /// This machine only: who wants it in a network says in which.
    const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8443);

    pub fn address(&self) -> SocketAddr {
        self.listen.unwrap_or(Self::LISTEN)
    }
}

impl Default for Console {
    fn default() -> Self {
        Console {
            enabled: false,
            listen: None,
            cert: None,
            key: None,
            names: Vec::new(),
            framed_by: Vec::new(),
            max_connections: 256,
            max_connections_per_address: 64,
        }
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Health {
    /// Where Prometheus metrics are served; `"off"` turns them off.
    #[serde(deserialize_with = "address_or_off")]
    pub metrics: Option<SocketAddr>,
}

fn address_or_off<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text == "off" {
        return Ok(None);
    }
    let wanted = "write an address with its port, such as \"127.0.0.1:9600\", or \"off\"";
    text.parse().map(Some).map_err(|_| serde::de::Error::custom(wanted))
}

impl Default for Health {
    fn default() -> Self {
        Health { metrics: Some(([127, 0, 0, 1], 9600).into()) }
    }
}

/// How long things are kept, in days. Nothing is deleted that the office has not acknowledged.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Retention {
    /// The operations log: what people did, without who they were.
    pub events: u32,
    /// The device journal: what devices say day in, day out; at most as long as the events.
    pub chatter: u32,
    /// Names and phone numbers of visitors; at most as long as the events.
    pub visits: u32,
    /// Names and phone numbers of everybody else; at most as long as the events.
    pub persons: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Retention { events: 180, chatter: 90, visits: 90, persons: 30 }
    }
}

/// How much the journal may take, in MiB.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Storage {
    pub quota: u32,
    /// The part of it that is kept for what people do while devices are made to wait.
    pub reserve: u32,
}

impl Default for Storage {
    fn default() -> Self {
        Storage { quota: quota::QUOTA_MIB, reserve: quota::RESERVE_MIB }
    }
}
