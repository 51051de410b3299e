//! What is owed to the disk.

use super::*;
use crate::desk;
use crate::event::Slug;
use crate::journal::Keep;
use crate::service::house::House;
use crate::service::signature::PrivateKey;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

fn now() -> Now {
    Now { utc: Utc::now(), synced: true }
}

fn house() -> House {
    House::bare(chrono_tz::Asia::Shanghai)
}

fn open(dir: &Path) -> desk::Opened {
    desk::open(desk::Settings { data_dir: dir.to_owned(), house: house(), keep: Keep::default() }, now).unwrap()
}

fn orders(desk: Desk, dir: &Path) -> Orders {
    let slug = |text: &str| Slug::new(text).unwrap();
    let (site, gateway) = (slug("riverside"), slug("lobby-1"));
    let to = Addressee { site: site.clone(), gateway: gateway.clone(), boot: "boot".into(), signers: Vec::new() };
    let places = Places {
        data_dir: dir.to_owned(),
        handbook: None,
        house: house(),
        renew: Arc::default(),
        status: watch::channel(Vec::new()).1,
        patience: Duration::from_secs(60),
    };
    Orders::new(Source { site, gateway, epoch: "e".into() }, to, desk, places)
}

/// It was carried out. Without its end on disk it would be carried out once more when it comes again: a secret would be set back.
#[tokio::test]
async fn the_end_of_a_command_that_the_disk_did_not_take_is_owed_until_it_does() {
    let (gone, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let closed = open(gone.path());
    closed.desk.close();
    closed.thread.join().unwrap().unwrap();
    let mut orders = orders(closed.desk, here.path());
    let id = office_command::record_id(&PrivateKey::from_seed(&[7; 32]).unwrap().public(), "c-1");
    let sent = Sent { name: "staff".into(), id: Some("c-1".into()), signer: None, begun: Some(id) };
    orders.begun.insert(id);
    orders.note(sent, Ok(Data::new()), now());
    let Some(Progress::Noted { sent, outcome: Ok(_), owed: Some(owed) }) = orders.next().await else {
        panic!("it is answered, and its end is owed");
    };
    orders.settle(sent.begun, Some(owed));
    orders.tick();
    let Some(Progress::Tried { owed, stored: false }) = orders.next().await else { panic!("it is tried again") };
    orders.settle(Some(owed.id), Some(owed));
    assert!(orders.begun.contains(&id), "one that comes again is a repeat meanwhile");

    let opened = open(here.path());
    orders.desk = opened.desk.clone();
    orders.tick();
    let Some(Progress::Tried { owed, stored: true }) = orders.next().await else { panic!("the disk takes it") };
    orders.settle(Some(owed.id), None);
    assert!(orders.begun.is_empty() && orders.owed.is_empty());
    opened.desk.close();
    opened.thread.join().unwrap().unwrap();
}
