//! Once after an update: what version 1 left open becomes cases, under the numbers that people were given. Nobody is told
//! a second time that it began; the promises and tasks that it has from now on are told.

use super::carry_out::Transaction;
use crate::event::{Data, Now};
use crate::journal::{Journal, JournalError, OldMatter};
use crate::service::case::{Case, Source};
use crate::service::house::House;
use crate::service::matter::Opening;
use crate::service::number::Series;
use crate::service::staff::Actor;
use serde_json::{Map, Value, json};

/// What stands for a name and a phone number whose retention is over.
const NAME_GONE: &str = "已删除";
const PHONE_GONE: &str = "00000";

/// Opens the cases. Call before anybody else writes.
pub(super) fn carry_over(journal: &mut Journal, house: &House, now: Now) -> Result<(), JournalError> {
    let Some(matters) = journal.old_matters()? else { return Ok(()) };
    journal.begin()?;
    let done = matters.iter().try_for_each(|old| one(old, journal, house, now));
    match done.and_then(|()| journal.drop_old_matters()).and_then(|()| journal.commit()) {
        Ok(()) => {
            tracing::info!(matters = matters.len(), "what an older lobbyd left open has been carried over");
            Ok(())
        }
        Err(error) => {
            journal.roll_back();
            Err(error)
        }
    }
}

fn one(old: &OldMatter, journal: &mut Journal, house: &House, now: Now) -> Result<(), JournalError> {
    let Some(opening) = opening(old) else {
        tracing::warn!(number = String::from(old.number), "it is stored in a form that cannot be carried over");
        return Ok(());
    };
    let mut opened = Case::open(&opening, Source::Kiosk, old.number, &Actor::GUEST, house, old.began);
    // Its first event is in the journal already, and with it what is known of people.
    let first = opened.events.remove(0);
    journal.note_case_event(old.number, old.seq)?;
    let mut transaction = Transaction { journal, now, house };
    transaction.save(None, opened.case, &opened.events)?;
    journal.note_case_person(old.number, &[first])
}

/// What was answered at the glass, as a page would post it today.
fn opening(old: &OldMatter) -> Option<Opening> {
    let request = match old.number.series {
        Series::Visit => json!({"visit": visit(&old.data, &old.person)}),
        _ => json!({"repair": repair(&old.data, &old.person)}),
    };
    serde_json::from_value(request).ok()
}

fn visit(data: &Data, person: &Data) -> Value {
    let mut visit = picked(data, &["unit", "purpose", "language"]);
    visit.extend(picked(person, &["name", "phone", "note"]));
    Value::Object(visit)
}

fn repair(data: &Data, person: &Data) -> Value {
    let mut repair = picked(data, &["category", "language"]);
    repair.extend(picked(person, &["detail"]));
    repair.entry("detail").or_insert(Value::Null);
    let place = match data.get("unit") {
        Some(unit) => json!({"home": unit}),
        None => json!({"public": data.get("place")}),
    };
    let window = data.get("window").and_then(Value::as_str).unwrap_or("soon");
    let window = if window == "soon" { "soon-as-possible" } else { window };
    repair.insert("place".into(), place);
    repair.insert("windows".into(), json!([window]));
    let or = |key: &str, gone: &str| person.get(key).cloned().unwrap_or_else(|| json!(gone));
    repair.insert("name".into(), or("name", NAME_GONE));
    repair.insert("phone".into(), or("phone", PHONE_GONE));
    Value::Object(repair)
}

fn picked(from: &Data, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone()))).collect()
}
