//! What the building's devices say, as matters: a ring opens a call or belongs to one, a forced door raises an alarm, a door
//! that opens ends the ring before it. Only what has just happened and was stored as an event comes here; history that a
//! device replays makes nobody run, but a missed call stays one. Never guesses: what is no matter's business is nobody's.

use super::case::Case;
use super::figures::seconds;
use super::house::House;
use super::matter::{Matter, MatterStep, Opening};
use super::number::Number;
use super::{alarm, call};
use crate::event::{Event, Kind, Now};
use alarm::What;
use call::{End, Phase};
use chrono::TimeDelta;

/// A ring that is found out about later than this is history: nobody can be called back who stood at the door yesterday.
const MISSED_IS_WORTH: TimeDelta = TimeDelta::hours(24);

/// What a device event leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Open(Opening),
    Step(Number, MatterStep),
}

/// Which case of a key is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    Open,
    /// The newest of those that have ended.
    Ended,
}

/// What follows from an event that was just stored. `find` looks for a case of a key.
///
/// # Errors
/// Those of `find`.
pub fn follow<E>(
    event: &Event,
    house: &House,
    now: Now,
    mut find: impl FnMut(Which, &str) -> Result<Option<Case>, E>,
) -> Result<Vec<Effect>, E> {
    // Nearly all are cards at doors: nothing follows, and nobody looks into what they say.
    if !is_followed(event.kind) {
        return Ok(Vec::new());
    }
    let door = &event.subject;
    let replayed = event.data.contains_key("replayed");
    if event.kind == Kind::CallMissed {
        let ringing = if replayed { None } else { find(Which::Open, &call::key(door))? };
        let missed = find(Which::Open, &call::missed_key(door))?;
        let effect = missed_call(event, ringing.as_ref(), missed.as_ref(), house, now);
        if let Some(Effect::Open(_)) = &effect {
            for key in [call::key(door), call::missed_key(door)] {
                if find(Which::Ended, &key)?.is_some_and(|ended| is_told_twice(event, &ended, house, now)) {
                    return Ok(Vec::new());
                }
            }
        }
        return Ok(effect.into_iter().collect());
    }
    if replayed {
        return Ok(Vec::new());
    }
    if let Some(what) = raises(event.kind) {
        return Ok(vec![match find(Which::Open, &alarm::key(what, door))? {
            Some(case) => alarm_step(&case, alarm::Step::Raised),
            None => Effect::Open(Opening::Alarm(alarm::Request { what, door: door.clone() })),
        }]);
    }
    let mut effects = Vec::new();
    for what in ends(event.kind) {
        let case = find(Which::Open, &alarm::key(*what, door))?;
        effects.extend(case.filter(is_active).map(|case| alarm_step(&case, alarm::Step::Returned)));
    }
    if is_of_a_call(event.kind) {
        let case = find(Which::Open, &call::key(door))?;
        effects.extend(call_moves(event, case.as_ref(), house, now));
    }
    Ok(effects)
}

/// Alarms that this raises.
const fn raises(kind: Kind) -> Option<What> {
    match kind {
        Kind::DoorForced => Some(What::Forced),
        Kind::DoorHeld => Some(What::Held),
        Kind::Tamper => Some(What::Tamper),
        Kind::Duress => Some(What::Duress),
        Kind::DeviceOffline => Some(What::Offline),
        _ => None,
    }
}

/// Alarms whose condition is over with this. A door that is closed is neither forced nor held any more.
const fn ends(kind: Kind) -> &'static [What] {
    match kind {
        Kind::DoorNormal | Kind::DoorClosed => &[What::Forced, What::Held],
        Kind::TamperCleared => &[What::Tamper],
        Kind::DeviceOnline => &[What::Offline],
        _ => &[],
    }
}

const fn is_followed(kind: Kind) -> bool {
    matches!(kind, Kind::CallMissed) || is_of_a_call(kind) || raises(kind).is_some() || !ends(kind).is_empty()
}

const fn is_of_a_call(kind: Kind) -> bool {
    matches!(kind, Kind::CallRinging | Kind::CallAnswered | Kind::CallEnded | Kind::CallRejected | Kind::DoorOpened)
}

fn is_active(case: &Case) -> bool {
    matches!(&case.matter, Matter::Alarm(alarm) if alarm.active)
}

fn alarm_step(case: &Case, step: alarm::Step) -> Effect {
    Effect::Step(case.docket.number, MatterStep::Alarm(step))
}

fn call_step(case: &Case, step: call::Step) -> Option<Effect> {
    Some(Effect::Step(case.docket.number, MatterStep::Call(step)))
}

fn ring(event: &Event, late: bool) -> Option<Effect> {
    let unit = event.data.get("unit").and_then(|unit| unit.as_str()).map(str::to_owned);
    Some(Effect::Open(Opening::Call(call::Request { door: event.subject.clone(), unit, late })))
}

/// A call that is open, and what a device says of it.
fn call_moves(event: &Event, open: Option<&Case>, house: &House, now: Now) -> Option<Effect> {
    let open = open.and_then(|case| match &case.matter {
        Matter::Call(call) => Some((case, call.phase, now.utc - case.docket.opened)),
        _ => None,
    });
    let figures = &house.figures.call;
    let Some((case, phase, age)) = open else {
        return if event.kind == Kind::CallRinging { ring(event, false) } else { None };
    };
    let waiting = matches!(phase, Phase::Ringing | Phase::Claimed);
    match event.kind {
        // The same call, as long as nobody came or the window lasts; later somebody else stands there.
        Kind::CallRinging if phase == Phase::Ringing || age <= seconds(figures.same_call_seconds) => {
            call_step(case, call::Step::PressedAgain)
        }
        Kind::CallRinging => ring(event, false),
        Kind::CallAnswered if waiting => call_step(case, call::Step::Answered),
        // R094: whoever rang for longer than three rings and was not answered has missed us, he did not change his mind.
        Kind::CallEnded if phase == Phase::Ringing && age >= seconds(figures.next_post_seconds) => {
            call_step(case, call::Step::RangOut)
        }
        Kind::CallEnded => call_step(case, call::Step::EndedElsewhere { why: End::Cancelled }),
        Kind::CallRejected if waiting => call_step(case, call::Step::EndedElsewhere { why: End::Rejected }),
        Kind::DoorOpened => call_step(case, call::Step::EndedElsewhere { why: End::DoorOpened }),
        _ => None,
    }
}

/// The panel has given up, or a ring comes too late to be rung: a missed call of its own, or one more of those that nobody
/// has acknowledged yet. A panel that comes back after an outage must not make a hundred tasks.
fn missed_call(
    event: &Event,
    ringing: Option<&Case>,
    missed: Option<&Case>,
    house: &House,
    now: Now,
) -> Option<Effect> {
    if let Some(case) = ringing
        && let Matter::Call(call) = &case.matter
    {
        let waiting = matches!(call.phase, Phase::Ringing | Phase::Claimed);
        return if waiting { call_step(case, call::Step::RangOut) } else { None };
    }
    if now.utc - event.stamp.time > MISSED_IS_WORTH {
        return None;
    }
    let Some(case) = missed else { return ring(event, true) };
    if is_told_twice(event, case, house, now) { None } else { call_step(case, call::Step::PressedAgain) }
}

/// The panel gives up a ring that was this call: our own clock has called it missed, or somebody took it meanwhile or has
/// acknowledged it. A ring for another unit is another visitor's, and so is one more from a panel that tells no rings.
fn is_told_twice(event: &Event, case: &Case, house: &House, now: Now) -> bool {
    let figures = &house.figures.call;
    let same = seconds(figures.missed_seconds.saturating_add(figures.same_call_seconds));
    let units = (event.data.get("unit"), case.docket.facts.get("unit"));
    let other_unit = matches!(units, (Some(one), Some(other)) if one != other);
    let rang = matches!(&case.matter, Matter::Call(call) if call.rang);
    let of_now = !event.data.contains_key("replayed") && !is_late(event, now);
    now.utc - case.docket.opened <= same && rang && of_now && !other_unit
}

/// A ring from before, not the panel's word of now.
fn is_late(event: &Event, now: Now) -> bool {
    super::door::is_stale(event.stamp, now)
}
