//! The hand-over of a shift (R014): who hands over says so, with what is still open; who takes over says so. A shift is not
//! closed while the centre has not confirmed what was handed to it (R064, R025), nor with a task in hand that somebody waits for.

use super::case::{Case, Objection, TaskState};
use super::contact::Text;
use super::house::{Duty, House};
use super::number::Number;
use super::staff::{Actor, Role};
use crate::event::{Data, Event, Kind, Now, Slug, data};
use serde_json::json;

/// Open items that the event names; the rest is counted. A site with more has another trouble.
const MAX_NAMED: usize = 200;

/// The end of a shift at `post`. `open`: every open case; `unreceived`: cases handed to the centre whose receipt is still out.
///
/// # Errors
/// Says what must be done first, and with which case.
pub fn close(
    post: &Slug,
    note: Option<&Text>,
    by: &Actor,
    house: &House,
    now: Now,
    open: &[Case],
    unreceived: &[Number],
) -> Result<Event, Objection> {
    may_speak_for(post, by, house)?;
    if let Some(number) = unreceived.first().filter(|_| hands_over_to_the_centre(post, house, now)) {
        return Err(Objection::NotReceived(*number));
    }
    if let Some(number) = open.iter().find(|case| is_in_hand(case, post, now)).map(|case| case.docket.number) {
        return Err(Objection::InHand(number));
    }
    let numbers: Vec<String> = open.iter().take(MAX_NAMED).map(|case| case.docket.number.to_string()).collect();
    let facts = data([("open", json!(open.len())), ("numbers", json!(numbers))]);
    let mut event = told(Kind::ShiftClosed, post, by, now, facts);
    if let Some(note) = note {
        event.person.get_or_insert_default().insert("text".into(), json!(note.as_str()));
    }
    Ok(event)
}

/// The beginning of a shift at `post`.
///
/// # Errors
/// When this person may not speak for that post, or there is no such post.
pub fn take(post: &Slug, by: &Actor, house: &House, now: Now) -> Result<Event, Objection> {
    may_speak_for(post, by, house)?;
    Ok(told(Kind::ShiftTaken, post, by, now, Data::new()))
}

fn may_speak_for(post: &Slug, by: &Actor, house: &House) -> Result<(), Objection> {
    let role = by.role.filter(|role| *role != Role::Auditor).ok_or(Objection::Right)?;
    if house.post(post).is_none() {
        return Err(Objection::Unknown);
    }
    if by.post.as_ref() == Some(post) || role.leads() { Ok(()) } else { Err(Objection::OtherPost) }
}

/// R064 binds the notifier (R002); every desk writes into the centre's system.
fn hands_over_to_the_centre(post: &Slug, house: &House, now: Now) -> bool {
    let is_desk = house.post(post).is_some_and(|post| post.takes.contains(&Duty::Desk));
    is_desk || house.notifier(now).as_ref() == Some(post)
}

/// Somebody at this post has it in hand now. What was agreed for later is handed over with the rest.
fn is_in_hand(case: &Case, post: &Slug, now: Now) -> bool {
    case.docket.tasks.iter().any(|task| match &task.state {
        TaskState::Offered => false,
        TaskState::Claimed { post: holder, eta, .. } => {
            holder.as_ref() == Some(post) && eta.is_none_or(|eta| eta.time() <= now.utc)
        }
        TaskState::Arrived { post: holder, .. } => holder.as_ref() == Some(post),
    })
}

fn told(kind: Kind, post: &Slug, by: &Actor, now: Now, mut facts: Data) -> Event {
    facts.extend(by.facts());
    // The post that the shift is of, also where a leader speaks for it.
    facts.insert("post".into(), json!(post));
    let event = Event::here(kind, post.clone(), now, facts);
    match &by.who {
        Some(who) => event.about(data([("by_name", json!(who.name))])),
        None => event,
    }
}
