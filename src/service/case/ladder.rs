//! Which posts are asked for a task, in which order and when (R052, R059, R094): the only place where a ladder is made. A
//! ladder names each post once, asks at least somebody where there is anybody, and ends with the project manager.

use super::errand::{Errand, Form, Way};
use super::task::{Ladder, Rung};
use crate::event::{Now, Slug};
use crate::service::house::{Duty, House};
use chrono::{DateTime, Utc};

/// The ladder of an errand, from its own post up.
pub fn usual(house: &House, errand: Errand, door: Option<&Slug>, now: Now) -> Ladder {
    let way = errand.way();
    let figures = &house.figures;
    let posts = asked_first(house, way, door, now);
    let step = match way {
        Way::Call => return call(house, &posts, errand.form()),
        Way::Waiting => figures.dispatch.waiting_seconds,
        Way::Alarm => figures.alarm.forced_seconds,
        Way::Emergency => figures.dispatch.emergency_seconds,
        Way::Errand | Way::Desk | Way::Repair | Way::Supervise | Way::Manage => figures.dispatch.accept_seconds,
    };
    let together = matches!(way, Way::Emergency | Way::Supervise | Way::Manage);
    let own = posts.len().min(if together { posts.len() } else { 1 });
    let mut groups = vec![posts[..own].to_vec()];
    if matches!(way, Way::Waiting | Way::Alarm) {
        groups.push(posts[own..].to_vec());
    }
    groups.extend(superiors(house, posts.first()));
    evenly(groups, step)
}

/// Door alarms: the door's own post, then all, then superior by superior, each after the time that such an alarm leaves.
pub fn alarm(house: &House, door: Option<&Slug>, step: u32, now: Now) -> Ladder {
    let posts = asked_first(house, Way::Alarm, door, now);
    let own = posts.iter().take(1).cloned().collect();
    let rest = posts.iter().skip(1).cloned().collect();
    evenly([own, rest].into_iter().chain(superiors(house, posts.first())), step)
}

/// R077: the superiors of the post that found something, together with the post that it concerns; where it has no
/// superior, whoever supervises.
pub fn above(house: &House, post: Option<&Slug>, concerns: Option<&Slug>, now: Now) -> Ladder {
    let mut groups: Vec<Vec<Slug>> = superiors(house, post).collect();
    if groups.is_empty() {
        groups.push(asked_first(house, Way::Supervise, None, now));
    }
    groups[0].extend(concerns.cloned());
    evenly(groups, house.figures.dispatch.accept_seconds)
}

/// What is not urgent and has an end: whoever has this duty, and the superiors only when that end is reached.
pub fn until(house: &House, duty: Duty, until: DateTime<Utc>, now: Now) -> Ladder {
    let posts = on_duty(house, duty, now);
    let left = u32::try_from((until - now.utc).num_seconds().max(0)).unwrap_or(u32::MAX);
    let step = house.figures.dispatch.accept_seconds;
    let groups = std::iter::once(posts.clone()).chain(superiors(house, posts.first()));
    Ladder { rungs: rungs(groups, |nth| left.saturating_add((nth - 1).saturating_mul(step))), missed: None }
}

/// Somebody stands at the counter for what is his: the notifier (R002), soon every desk and everybody who takes calls, then
/// the superiors.
pub fn counter(house: &House, now: Now) -> Ladder {
    let mut desks = asked_first(house, Way::Desk, None, now);
    let above: Vec<Vec<Slug>> = superiors(house, desks.first()).collect();
    let first: Vec<Slug> = desks.drain(..desks.len().min(1)).collect();
    desks.extend(house.taking(Duty::Call, now));
    evenly([first, desks].into_iter().chain(above), house.figures.dispatch.waiting_seconds)
}

/// R107: everybody who may leave his post, but not the post in trouble, and its superior; then the superior's superiors.
pub fn support(house: &House, from: Option<&Slug>, now: Now) -> Ladder {
    let mut above = superiors(house, from);
    let mut first = on_duty(house, Duty::Errand, now);
    first.extend(above.next().unwrap_or_default());
    first.retain(|post| Some(post) != from);
    if first.is_empty() {
        // Nobody else is there: then at least the post itself sees that it was sent.
        first.extend(from.cloned());
    }
    evenly(std::iter::once(first).chain(above), house.figures.dispatch.emergency_seconds)
}

/// A visitor who is on the watch-list: whoever takes calls, then those above.
pub fn watch(house: &House, now: Now) -> Ladder {
    let first = house.taking(Duty::Call, now);
    let above: Vec<Vec<Slug>> = superiors(house, first.first()).collect();
    evenly(std::iter::once(first).chain(above), house.figures.dispatch.emergency_seconds)
}

/// R155: whoever stands at the gates and whoever may walk, all at once, to meet the ambulance and guide it.
pub fn gate(house: &House, now: Now) -> Ladder {
    let mut first = on_duty(house, Duty::Errand, now);
    let above: Vec<Vec<Slug>> = superiors(house, first.first()).collect();
    first.extend(house.taking(Duty::Call, now));
    evenly(std::iter::once(first).chain(above), house.figures.dispatch.emergency_seconds)
}

/// R157: the shift leader names who goes: the post above those that walk, then further up.
pub fn leaders(house: &House, now: Now) -> Ladder {
    let walking = on_duty(house, Duty::Errand, now);
    let mut groups: Vec<Vec<Slug>> = superiors(house, walking.first()).collect();
    if groups.is_empty() {
        groups.push(walking);
    }
    evenly(groups, house.figures.dispatch.emergency_seconds)
}

/// Own post, next post, all posts; missed, where somebody rings (R094).
fn call(house: &House, posts: &[Slug], form: Form) -> Ladder {
    let figures = &house.figures.call;
    if form != Form::Call {
        // Nobody rings any more: post by post has time, and nothing is missed again.
        let groups = posts.iter().map(|post| vec![post.clone()]).chain(superiors(house, posts.first()));
        return evenly(groups, house.figures.dispatch.accept_seconds);
    }
    let at = |range: std::ops::Range<usize>| posts[range.start.min(posts.len())..range.end.min(posts.len())].to_vec();
    let groups = [at(0..1), at(1..2), at(2..posts.len().max(2))];
    let after = |nth| if nth == 1 { figures.next_post_seconds } else { figures.all_posts_seconds };
    Ladder { rungs: rungs(groups, after), missed: Some(figures.missed_seconds) }
}

/// Who is on duty for it; the desk where nobody was told to take it (R145), else whoever there is.
fn on_duty(house: &House, duty: Duty, now: Now) -> Vec<Slug> {
    let mut posts = house.taking(duty, now);
    if posts.is_empty() {
        posts = house.taking(Duty::Desk, now);
    }
    if posts.is_empty() {
        posts = house.posts.iter().map(|post| post.id.clone()).take(1).collect();
    }
    posts
}

/// The same with the door's own post first, and the notifier first where a desk is asked (R002).
fn asked_first(house: &House, way: Way, door: Option<&Slug>, now: Now) -> Vec<Slug> {
    let mut posts = on_duty(house, way.duty(), now);
    let own = door.and_then(|door| house.post_of_door(door));
    if let Some(at) = own.and_then(|own| posts.iter().position(|post| *post == own)) {
        // The others keep their order, from it on.
        posts.rotate_left(at);
    }
    if way == Way::Desk
        && let Some(notifier) = house.notifier(now)
    {
        posts.retain(|post| *post != notifier);
        posts.insert(0, notifier);
    }
    posts
}

/// Superior by superior (R059), each a rung.
fn superiors<'a>(house: &'a House, post: Option<&Slug>) -> impl Iterator<Item = Vec<Slug>> + use<'a> {
    let chain = post.map(|post| house.chain(post)).unwrap_or_default();
    chain.into_iter().skip(1).map(|post| vec![post])
}

fn evenly(groups: impl IntoIterator<Item = Vec<Slug>>, step: u32) -> Ladder {
    Ladder { rungs: rungs(groups, |nth| nth.saturating_mul(step)), missed: None }
}

/// Each post once, no empty rung; the first is asked at once, the nth after what `after` says.
fn rungs(groups: impl IntoIterator<Item = Vec<Slug>>, after: impl Fn(u32) -> u32) -> Vec<Rung> {
    let mut rungs: Vec<Rung> = Vec::new();
    for group in groups {
        let mut posts: Vec<Slug> = Vec::new();
        for post in group {
            if !posts.contains(&post) && !rungs.iter().any(|rung| rung.posts.contains(&post)) {
                posts.push(post);
            }
        }
        if !posts.is_empty() {
            let nth = u32::try_from(rungs.len()).unwrap_or(u32::MAX);
            rungs.push(Rung { posts, after: if nth == 0 { 0 } else { after(nth) } });
        }
    }
    rungs
}
