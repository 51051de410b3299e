//! A door contact that is wired to this machine, read as any device is: what it says becomes a report of its door.

use crate::event::{Identity, Kind, Now, Slug, data};
use crate::service::door::Report;
use serde_json::json;

/// The contact of `door` stands like this now. `first` tells how it stands, not that it moved: it sets state, and is no event.
pub fn report(door: &Slug, open: bool, first: bool, now: Now) -> Report {
    Report {
        kind: if open { Kind::DoorOpened } else { Kind::DoorClosed },
        subject: door.clone(),
        identity: Identity::Fresh,
        stamp: now.stamp(),
        replayed: false,
        retained: first,
        data: data([("device", json!({ "product": "gpio", "line": "door" }))]).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::door::{Known, hear};
    use chrono::DateTime;

    #[test]
    fn a_wired_contact_opens_and_shuts_its_door_and_a_restart_is_no_news() {
        let door = Slug::new("lobby").unwrap();
        let now = Now { utc: DateTime::from_timestamp(1_795_242_360, 0).unwrap(), synced: true };
        let first = hear(report(&door, false, true, now), None, now);
        assert!(first.event.is_none() && first.state.is_some(), "how it stands at the start is no event");
        let shut = Some(Known { kind: Kind::DoorClosed, since: now.utc });
        let opened = hear(report(&door, true, false, now), shut, now);
        assert_eq!(opened.event.unwrap().kind, Kind::DoorOpened);
        assert_eq!(hear(report(&door, false, true, now), shut, now).state, None);
    }
}
