//! Commands of an office whose key every gateway of the tests knows.

use chrono::{TimeDelta, Utc};
use lobbyd::config::Site;
use lobbyd::directory::PATIENCE;
use lobbyd::office::Places;
use lobbyd::service::house::House;
use lobbyd::service::office_command::{Addressee, CONTRACT, Draft, Signer};
use lobbyd::service::signature::PrivateKey;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::watch;

pub const SEED: [u8; 32] = [9; 32];

pub fn key() -> PrivateKey {
    PrivateKey::from_seed(&SEED).expect("32 bytes are a seed")
}

/// The line of `lobby.toml` for it.
pub fn line() -> String {
    format!("command_key = [{{ name = \"office\", public = \"{}\" }}]\n", key().public())
}

/// The same start of the machine for all of them: this one's.
pub fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned()
}

pub fn addressee(site: &Site) -> Addressee {
    let signers = vec![Signer { name: "office".into(), public: key().public(), may: None }];
    Addressee { site: site.id.clone(), gateway: site.gateway.clone(), boot: boot(), signers }
}

/// Where a house of the tests keeps what is no event.
pub fn places(dir: &Path) -> Places {
    Places {
        data_dir: dir.to_owned(),
        handbook: Some(dir.join("handbook")),
        house: House::bare(chrono_tz::Asia::Shanghai),
        renew: Arc::default(),
        status: watch::channel(br#"{"online":true}"#.to_vec()).1,
        patience: PATIENCE,
    }
}

/// From a minute ago on, for ten minutes; for `lobby-1` of this site.
pub fn signed(site: &str, command: &str, id: &str, arguments: &Value) -> Vec<u8> {
    signed_as(CONTRACT, site, command, id, arguments)
}

/// The same by an office that writes this version of the contract.
pub fn signed_as(version: u32, site: &str, command: &str, id: &str, arguments: &Value) -> Vec<u8> {
    let draft = Draft {
        version,
        id: id.to_owned(),
        who: "audit".into(),
        gateway: format!("{site}/lobby-1"),
        boot: boot(),
        command: command.to_owned(),
        issued_at: Utc::now() - TimeDelta::minutes(1),
        expires_at: Utc::now() + TimeDelta::minutes(10),
        arguments: arguments.as_object().expect("arguments are an object").clone(),
    };
    draft.sign(&key()).unwrap().into_bytes()
}
