//! The page as data: everything on connecting, and what a change alters. A change names the cases that it is about and
//! holds all that is left of them, so that taking it twice does no harm.

use super::rights::may_see;
use super::room::Room;
use crate::desk::Storage;
use crate::event::{Now, Slug};
use crate::health::status;
use crate::journal::{CaseRow, DoorState, JournalError, Reader};
use crate::link::LinkState;
use crate::service::card::{self, Card, Line, Viewer};
use crate::service::number::{Series, local_day};
use serde::Serialize;
use serde_json::{Value, json};

/// Everything that the page shows, read in one look.
pub struct Snapshot {
    pub seq: u64,
    pub rows: Vec<CaseRow>,
    pub doors: Vec<DoorState>,
}

impl Snapshot {
    /// Open cases, and what the lists of the day show of the others. What is stored while this reads may be in it and
    /// come again as a change; never the other way round.
    pub fn read(reader: &Reader, day: u32) -> Result<Self, JournalError> {
        let seq = reader.span()?.map_or(0, |(_, newest)| newest);
        let mut rows = reader.open_cases()?;
        for series in [Series::Visit, Series::Patrol, Series::Check] {
            rows.extend(reader.cases_of_day(series, day)?.into_iter().filter(|row| row.case.is_closed()));
        }
        Ok(Snapshot { seq, rows, doors: reader.states()? })
    }
}

/// Cases as one viewer sees them.
#[derive(Debug, Default, Serialize)]
struct Lists {
    cards: Vec<Card>,
    tickets: Vec<Line>,
    visitors: Vec<Line>,
    alarms: Vec<Line>,
    patrols: Vec<Line>,
    checks: Vec<Line>,
}

impl Lists {
    fn of<'a>(rows: impl Iterator<Item = &'a CaseRow>, room: &Room, viewer: &Viewer, now: Now) -> Self {
        let mut lists = Lists::default();
        let day = local_day(now.utc, room.house.zone);
        let roster = room.roster.borrow().clone();
        let badge = |id: &Slug| roster.member(id.as_str())?.badge.clone();
        let name =
            |id: &Slug| roster.member(id.as_str()).filter(|member| !member.disabled).map(|member| member.name.clone());
        let desk = card::Desk { viewer, house: &room.house, badge: &badge, name: &name, now };
        // R271: a birthday is on its month's list and on no board.
        let on_board = |row: &&CaseRow| row.case.docket.number.series != Series::Birthday;
        for row in rows.filter(on_board).filter(|row| may_see(row, viewer)) {
            lists.cards.extend(card::cards(&row.case, &row.person, &desk));
            let number = row.case.docket.number;
            let of_today = number.day == day && matches!(number.series, Series::Visit | Series::Patrol | Series::Check);
            if row.case.is_closed() && !of_today {
                continue;
            }
            let list = match number.series {
                Series::Visit => &mut lists.visitors,
                Series::Alarm => &mut lists.alarms,
                Series::Patrol => &mut lists.patrols,
                Series::Check => &mut lists.checks,
                // A survey is nobody's ticket: it stands among the figures.
                Series::Survey => continue,
                _ => &mut lists.tickets,
            };
            list.push(card::line(&row.case, &row.person, now.utc));
        }
        // R232: by urgency, and first come, first served within it.
        lists.cards.sort_by(|a, b| (a.urgency, a.since, &a.key).cmp(&(b.urgency, b.since, &b.key)));
        lists
    }
}

/// `event: board`.
pub fn board(room: &Room, snapshot: &Snapshot, viewer: &Viewer) -> Value {
    let now = room.now();
    let day = local_day(now.utc, room.house.zone);
    let lists = Lists::of(snapshot.rows.iter(), room, viewer, now);
    let about = json!({
        "now": now.utc,
        "seq": snapshot.seq,
        "day": day,
        "version": env!("CARGO_PKG_VERSION"),
        "doors": doors(&snapshot.doors),
        "connections": connections(room),
    });
    joined(about, &lists)
}

/// `event: change`. `numbers`: the page forgets all cards and lines of these cases, and takes what comes with this.
pub fn change(room: &Room, seq: u64, rows: &[&CaseRow], doors_now: Option<&[DoorState]>, viewer: &Viewer) -> Value {
    let now = room.now();
    let lists = Lists::of(rows.iter().copied(), room, viewer, now);
    let numbers: Vec<String> = rows.iter().map(|row| String::from(row.case.docket.number)).collect();
    let mut about = json!({ "now": now.utc, "seq": seq, "numbers": numbers, "connections": connections(room) });
    if let Some(now) = doors_now {
        about["doors"] = doors(now);
    }
    joined(about, &lists)
}

fn joined(mut about: Value, lists: &Lists) -> Value {
    let lists = serde_json::to_value(lists).expect("cards have string keys and always serialise");
    if let (Value::Object(all), Value::Object(lists)) = (&mut about, lists) {
        all.extend(lists);
    }
    about
}

fn doors(states: &[DoorState]) -> Value {
    let door = |state: &DoorState| {
        let mut all = state.state.clone();
        // Not "door": that is the contact's state.
        all.insert("id".into(), json!(state.door));
        Value::Object(all)
    };
    states.iter().map(door).collect()
}

fn connections(room: &Room) -> Value {
    let link = |state: &LinkState| match state {
        LinkState::Up => "up",
        LinkState::Held(_) => "held",
        LinkState::Connecting => "connecting",
        LinkState::Down { .. } | LinkState::Stopped => "down",
    };
    let storage = match *room.desk.storage().borrow() {
        Storage::Sound if room.desk.room().borrow().level.holds_devices() => "held",
        Storage::Sound if *room.desk.nearly_full().borrow() => "low",
        Storage::Sound => "ok",
        Storage::Failing(_) | Storage::Damaged(_) => "failing",
    };
    let mut all =
        json!({ "building": link(&room.building.borrow()), "office": link(&room.office.borrow()), "storage": storage });
    if let Some(printer) = &*room.printer.borrow() {
        all["printer"] = json!(printer.as_ref().map_or_else(|trouble| trouble.name(), |()| "ok"));
    }
    if let Some(queue) = &*room.queue.borrow() {
        all["queue"] = status::relay(queue);
        all["queue"]["oldest"] = json!(queue.oldest);
    }
    all
}
