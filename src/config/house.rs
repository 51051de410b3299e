//! What must hold of posts, shifts and figures in `lobby.toml`, so that no ladder ends with nobody and no promise is one that
//! nobody could keep. Each fault names its entry. Never mends anything itself.

use super::error::nearest;
use super::rules::{Broken, within};
use crate::event::Slug;
use crate::service::figures::Figures;
use crate::service::house::{Duty, House, Post, Shift};
use crate::service::matter::service::{Item, Price};
use crate::service::price::Range;
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Minutes of a day.
const DAY: usize = 24 * 60;
/// A day has hardly more rounds or shifts than hours.
const MAX_ROUNDS: usize = 24;
/// Fen: what is longer than "99.50 to 9999" does not fit below the name of a service on a small glass.
const MAX_PRICE: u32 = 999_900;
/// Fen: from here on in whole yuan.
const WHOLE_YUAN: u32 = 10_000;
const MAX_SHIFTS: usize = 24;
/// R306: who must have approved a change of the figures, in this order.
const APPROVERS: [&str; 2] = ["cs-manager", "management"];

const DUTIES: [(Duty, &str); 7] = [
    (Duty::Call, "call"),
    (Duty::Alarm, "alarm"),
    (Duty::Errand, "errand"),
    (Duty::Desk, "desk"),
    (Duty::Repair, "repair"),
    (Duty::Supervise, "supervise"),
    (Duty::Manage, "manage"),
];

/// Everything that is wrong with posts, shifts and figures.
pub(super) fn broken(house: &House, found: &mut Vec<Broken>) {
    each_post(house, found);
    circles(house, found);
    ladders_end_at_the_top(house, found);
    doors(&house.posts, found);
    duties(&house.posts, found);
    each_shift(house, found);
    the_day_is_covered(&house.shifts, found);
    figures(&house.figures, found);
}

fn unknown<'a>(what: &str, id: &Slug, known: impl Iterator<Item = &'a Slug>) -> (String, Option<String>) {
    let known: Vec<&str> = known.map(Slug::as_str).collect();
    let hint = match nearest(id.as_str(), known.iter().copied()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None if known.is_empty() => format!("there is no [[{what}]]: add one, or take the line out"),
        None => format!("known here: {}", known.join(", ")),
    };
    (format!("there is no {what} \"{id}\""), Some(hint))
}

fn each_post(house: &House, found: &mut Vec<Broken>) {
    for (index, post) in house.posts.iter().enumerate() {
        let entry = format!("post[{}]", index + 1);
        if let Some(superior) = &post.superior
            && house.post(superior).is_none()
        {
            let (problem, hint) = unknown("post", superior, house.posts.iter().map(|post| &post.id));
            found.push((format!("{entry}.superior"), problem, hint));
        }
        for shift in post.shifts.iter().filter(|id| !house.shifts.iter().any(|shift| shift.id == **id)) {
            let (problem, hint) = unknown("shift", shift, house.shifts.iter().map(|shift| &shift.id));
            found.push((format!("{entry}.shifts"), problem, hint));
        }
        if post.fixed && post.takes.contains(&Duty::Errand) {
            let problem = format!("\"{}\" is fixed, and whoever stands there may not leave (R015)", post.id);
            let hint = Some("take \"errand\" out, or write fixed = false".into());
            found.push((format!("{entry}.takes"), problem, hint));
        }
    }
}

/// A circle of superiors asks the same people for ever. Each circle is named once, at its first post.
fn circles(house: &House, found: &mut Vec<Broken>) {
    let mut told: BTreeSet<&Slug> = BTreeSet::new();
    for (index, post) in house.posts.iter().enumerate() {
        let mut circle = vec![&post.id];
        let mut next = post.superior.as_ref();
        while let Some(id) = next.filter(|id| **id != post.id && !circle.contains(id)) {
            circle.push(id);
            next = house.post(id).and_then(|post| post.superior.as_ref());
        }
        if next != Some(&post.id) || told.contains(&post.id) {
            continue;
        }
        told.extend(circle.iter().copied());
        circle.push(&post.id);
        let names: Vec<&str> = circle.into_iter().map(Slug::as_str).collect();
        let problem = format!("the superiors go round in a circle: {}", names.join(" → "));
        let hint = Some("the project manager's post has no superior".into());
        found.push((format!("post[{}].superior", index + 1), problem, hint));
    }
}

/// R059: level by level up to the project manager.
fn ladders_end_at_the_top(house: &House, found: &mut Vec<Broken>) {
    for (index, post) in house.posts.iter().enumerate() {
        let ends_here = post.superior.is_none() && !post.takes.contains(&Duty::Manage);
        let is_asked =
            !post.takes.is_empty() || house.posts.iter().any(|other| other.superior.as_ref() == Some(&post.id));
        if ends_here && is_asked {
            let problem = format!("the ladder ends at \"{}\", which does not take \"manage\" (R059)", post.id);
            let hint = Some("add superior = \"…\", up to the project manager's post".into());
            found.push((format!("post[{}]", index + 1), problem, hint));
        }
    }
}

fn doors(posts: &[Post], found: &mut Vec<Broken>) {
    let mut owners: Vec<(&Slug, &Slug)> = Vec::new();
    for (index, post) in posts.iter().enumerate() {
        for door in &post.doors {
            match owners.iter().find(|(owned, _)| *owned == door) {
                Some((_, owner)) => {
                    let problem = format!("the door \"{door}\" belongs to the post \"{owner}\" already");
                    let hint = Some("each door rings first at one post".into());
                    found.push((format!("post[{}].doors", index + 1), problem, hint));
                }
                None => owners.push((door, &post.id)),
            }
        }
    }
}

/// A ladder that names nobody.
fn duties(posts: &[Post], found: &mut Vec<Broken>) {
    if posts.is_empty() {
        return;
    }
    let taken = |duty: Duty| posts.iter().any(|post| post.takes.contains(&duty));
    let missing: Vec<String> =
        DUTIES.iter().filter(|(duty, _)| !taken(*duty)).map(|(_, name)| format!("\"{name}\"")).collect();
    if !missing.is_empty() {
        let list = missing.join(", ");
        let hint = Some(format!("give them to a post: takes = [{list}]"));
        found.push(("post".into(), format!("nobody takes {list}: such a task would have nobody to go to"), hint));
    }
}

fn each_shift(house: &House, found: &mut Vec<Broken>) {
    let mut seen = BTreeSet::new();
    for (index, shift) in house.shifts.iter().enumerate() {
        let entry = format!("shift[{}]", index + 1);
        if !seen.insert(&shift.id) {
            let problem = format!("the shift \"{}\" stands in an entry above", shift.id);
            found.push((format!("{entry}.id"), problem, Some("each shift has an id of its own".into())));
        }
        let Some(id) = &shift.notifier else { continue };
        match house.post(id) {
            None => {
                let (problem, hint) = unknown("post", id, house.posts.iter().map(|post| &post.id));
                found.push((format!("{entry}.notifier"), problem, hint));
            }
            Some(post) if !post.shifts.is_empty() && !post.shifts.contains(&shift.id) => {
                let problem = format!("nobody is at the post \"{id}\" in this shift");
                found.push((format!("{entry}.notifier"), problem, Some("R002: it passes on what comes in".into())));
            }
            Some(_) => {}
        }
    }
}

/// Every minute of the day belongs to exactly one shift.
fn the_day_is_covered(shifts: &[Shift], found: &mut Vec<Broken>) {
    if shifts.len() > MAX_SHIFTS {
        found.push(("shift".into(), format!("{} shifts a day; {MAX_SHIFTS} are the most", shifts.len()), None));
    }
    if shifts.is_empty() || shifts.len() > MAX_SHIFTS {
        return;
    }
    let on = |minute: usize| {
        let time = chrono::NaiveTime::MIN + chrono::TimeDelta::minutes(minute as i64);
        shifts.iter().enumerate().filter(move |(_, shift)| shift.covers(time)).map(|(index, _)| index).collect()
    };
    let day: Vec<Vec<usize>> = (0..DAY).map(on).collect();
    for (from, to) in runs(&day, |on| on.is_empty()) {
        let problem = format!("no shift covers {} to {}", clock(from), clock(to));
        found.push(("shift".into(), problem, Some("a shift ends when the next one begins".into())));
    }
    for second in 1..shifts.len() {
        for (first, above) in shifts.iter().enumerate().take(second) {
            for (from, to) in runs(&day, |on| on.contains(&first) && on.contains(&second)) {
                let problem = format!("overlaps \"{}\" from {} to {}", above.id, clock(from), clock(to));
                let hint = Some("a shift ends when the next one begins".into());
                found.push((format!("shift[{}]", second + 1), problem, hint));
            }
        }
    }
}

/// Stretches of the day, over midnight too, in which something holds: first minute and the one after the last.
fn runs(day: &[Vec<usize>], holds: impl Fn(&Vec<usize>) -> bool) -> Vec<(usize, usize)> {
    if day.iter().all(&holds) {
        return vec![(0, DAY)];
    }
    let begins = (0..DAY).filter(|at| holds(&day[*at]) && !holds(&day[(at + DAY - 1) % DAY]));
    begins
        .map(|from| {
            let length = (0..DAY).find(|n| !holds(&day[(from + n) % DAY])).unwrap_or(DAY);
            (from, from + length)
        })
        .collect()
}

fn clock(minute: usize) -> String {
    match minute {
        DAY => "24:00".into(),
        minute => format!("{:02}:{:02}", minute % DAY / 60, minute % 60),
    }
}

fn figures(figures: &Figures, found: &mut Vec<Broken>) {
    for (key, value, range) in ranges(figures) {
        within(&format!("service.{key}"), value, range, found);
    }
    let call = &figures.call;
    let mut in_order = |key: &str, low: u32, high: u32, above: &str| {
        if low >= high {
            let problem = format!("{low} is not before {above} ({high})");
            found.push((format!("service.call.{key}"), problem, Some("own post, next post, all posts, missed".into())));
        }
    };
    in_order("next_post_seconds", call.next_post_seconds, call.all_posts_seconds, "all_posts_seconds");
    in_order("all_posts_seconds", call.all_posts_seconds, call.missed_seconds, "missed_seconds");
    in_order("claim_lapses_seconds", call.claim_lapses_seconds, call.missed_seconds, "missed_seconds");
    rounds(figures, found);
    survey_months(figures, found);
    prices(figures, found);
    approvals(figures, found);
}

/// Each figure and what it may be. The lower ends are what a person can do, the upper ones what a promise is still worth.
fn ranges(figures: &Figures) -> Vec<(&'static str, u32, RangeInclusive<u32>)> {
    let Figures { version, call, dispatch, alarm, promise, visit, code, check, survey, .. } = figures;
    const WEEKS: RangeInclusive<u32> = 1..=24 * 31;
    vec![
        ("version", *version, 1..=1_000_000),
        ("call.next_post_seconds", call.next_post_seconds, 5..=300),
        ("call.all_posts_seconds", call.all_posts_seconds, 6..=300),
        ("call.missed_seconds", call.missed_seconds, 7..=600),
        ("call.claim_lapses_seconds", call.claim_lapses_seconds, 5..=120),
        ("call.same_call_seconds", call.same_call_seconds, 0..=600),
        ("dispatch.accept_seconds", dispatch.accept_seconds, 10..=7200),
        ("dispatch.waiting_seconds", dispatch.waiting_seconds, 5..=600),
        ("dispatch.emergency_seconds", dispatch.emergency_seconds, 5..=300),
        ("dispatch.arrive_seconds", dispatch.arrive_seconds, 60..=7200),
        ("dispatch.remind_seconds", dispatch.remind_seconds, 30..=86_400),
        ("dispatch.repeat_before_minutes", dispatch.repeat_before_minutes, 1..=240),
        ("dispatch.silent_minutes", dispatch.silent_minutes, 1..=240),
        ("dispatch.chase_minutes", dispatch.chase_minutes, 0..=1440),
        ("alarm.forced_seconds", alarm.forced_seconds, 5..=600),
        ("alarm.held_seconds", alarm.held_seconds, 5..=1800),
        ("alarm.offline_seconds", alarm.offline_seconds, 5..=7200),
        // Practice of alarm management: a shift, not longer.
        ("alarm.shelve_hours", alarm.shelve_hours, 1..=8),
        ("alarm.chatter_per_minute", alarm.chatter_per_minute, 2..=600),
        ("promise.repair_solve_hours", promise.repair_solve_hours, WEEKS),
        ("promise.repair_call_back_hours", promise.repair_call_back_hours, WEEKS),
        ("promise.enquiry_progress_hours", promise.enquiry_progress_hours, WEEKS),
        ("promise.written_reply_hours", promise.written_reply_hours, WEEKS),
        ("promise.complaint_measures_hours", promise.complaint_measures_hours, WEEKS),
        ("promise.complaint_first_call_hours", promise.complaint_first_call_hours, 0..=24 * 31),
        ("promise.complaint_call_back_hours", promise.complaint_call_back_hours, WEEKS),
        ("promise.emergency_call_back_hours", promise.emergency_call_back_hours, WEEKS),
        ("promise.strict_reply_hours", promise.strict_reply_hours, WEEKS),
        ("promise.strict_consultation_hours", promise.strict_consultation_hours, WEEKS),
        ("promise.strict_result_hours", promise.strict_result_hours, WEEKS),
        ("promise.suggestion_reply_hours", promise.suggestion_reply_hours, WEEKS),
        ("promise.minutes_days", promise.minutes_days, 1..=60),
        ("promise.service_confirm_hours", promise.service_confirm_hours, WEEKS),
        ("promise.rating_days", promise.rating_days, 0..=90),
        ("promise.warn_percent", promise.warn_percent, 0..=90),
        ("promise.warn_minutes", promise.warn_minutes, 0..=1440),
        ("promise.pause_hours", promise.pause_hours, WEEKS),
        ("visit.long_wait_minutes", visit.long_wait_minutes, 1..=120),
        ("visit.parcel_reminder_hours", visit.parcel_reminder_hours, WEEKS),
        ("visit.parcel_shown_minutes", visit.parcel_shown_minutes, 2..=240),
        ("visit.message_minutes", visit.message_minutes, 5..=1440),
        ("visit.pass_hours", visit.pass_hours, WEEKS),
        // Six characters stand against a thousand guesses a day; a slip of the finger must not lock a lobby.
        ("code.wrong", code.wrong, 3..=20),
        ("code.place_wrong", code.place_wrong, 3..=60),
        ("code.wait_seconds", code.wait_seconds, 10..=3600),
        ("code.longest_wait_minutes", code.longest_wait_minutes, 5..=1440),
        ("code.forget_minutes", code.forget_minutes, 10..=1440),
        // Every month has that day.
        ("check.monthly_by_day", check.monthly_by_day, 1..=28),
        // A survey is over before the next quarter's begins.
        ("survey.pulse_days", survey.pulse_days, 1..=92),
        ("survey.yearly_days", survey.yearly_days, 1..=92),
        ("survey.answers_per_hour", survey.answers_per_hour, 1..=200),
    ]
}

/// R289, R290: months of the year.
fn survey_months(figures: &Figures, found: &mut Vec<Broken>) {
    let lists = [("pulse_months", &figures.survey.pulse_months), ("yearly_months", &figures.survey.yearly_months)];
    for (key, months) in lists {
        if let Some(month) = months.iter().find(|month| !(1..=12).contains(*month)) {
            let hint = Some("write months as numbers, 1 to 12; [] is none".into());
            found.push((format!("service.survey.{key}"), format!("{month} is no month"), hint));
        }
    }
}

/// R260: services of the catalogue, none of them free.
fn prices(figures: &Figures, found: &mut Vec<Broken>) {
    for (code, Range { from, to }) in &figures.price.0 {
        let key = || format!("service.price.\"{code}\"");
        if !Item::of(code).is_some_and(|item| item.entry().price == Price::Unset) {
            let hint =
                Some("write its number in the catalogue, such as \"14\"; a third party sets its own price".into());
            found.push((key(), "the company's list cannot have this service".into(), hint));
        } else if from > to
            || *from == 0
            || *to > MAX_PRICE
            || [from, to].iter().any(|fen| **fen >= WHOLE_YUAN && **fen % 100 != 0)
        {
            let hint = Some(format!(
                "write fen, from 1 to {MAX_PRICE}, the lower one first, and whole yuan from {WHOLE_YUAN} fen on"
            ));
            found.push((key(), format!("{from} to {to} is no price"), hint));
        }
    }
}

fn rounds(figures: &Figures, found: &mut Vec<Broken>) {
    let rounds = &figures.patrol.rounds;
    if rounds.len() > MAX_ROUNDS {
        let problem = format!("{} rounds a day; {MAX_ROUNDS} are the most", rounds.len());
        found.push(("service.patrol.rounds".into(), problem, None));
    }
    let mut seen = BTreeSet::new();
    for (index, round) in rounds.iter().enumerate() {
        let entry = format!("service.patrol.rounds[{}]", index + 1);
        if !seen.insert(&round.name) {
            let problem = format!("the round \"{}\" stands in an entry above", round.name);
            found.push((format!("{entry}.name"), problem, Some("each round of a day has a name of its own".into())));
        }
        if round.from == round.to {
            let hint = Some("write when the round begins and until when it is walked".into());
            found.push((format!("{entry}.to"), "the round ends when it begins".into(), hint));
        }
    }
}

/// R306: the CS manager, then the management.
fn approvals(figures: &Figures, found: &mut Vec<Broken>) {
    let wanted = "approved_by = [\"cs-manager 2026-11-20\", \"management 2026-11-21\"]";
    let key = || "service.approved_by".to_owned();
    let mut dates: [Option<NaiveDate>; 2] = [None; 2];
    for (nth, approval) in figures.approved_by.iter().enumerate() {
        let (who, date) = approval.split_once(' ').unwrap_or((approval, ""));
        let Ok(date) = date.parse::<NaiveDate>() else {
            // Not in its words: it may be a person's name, and the office's rules are answered.
            let problem = format!("entry {} does not say who approved and when", nth + 1);
            found.push((key(), problem, Some(format!("write {wanted}"))));
            return;
        };
        if let Some(nth) = APPROVERS.iter().position(|approver| *approver == who) {
            dates[nth] = Some(date);
        }
    }
    if figures.version <= 1 {
        return;
    }
    match dates {
        [Some(manager), Some(management)] if manager > management => {
            let problem = "the management approved before the CS manager did (R306)";
            found.push((key(), problem.into(), Some(format!("write {wanted}"))));
        }
        [Some(_), Some(_)] => {}
        _ => {
            let problem = format!("version {} needs the approval of CS manager and management (R306)", figures.version);
            found.push((key(), problem, Some(format!("write {wanted}"))));
        }
    }
}
