//! Whom an emergency asks first where it is not simply everybody. Must never leave a task without a post to ask.

use crate::event::Slug;
use crate::service::case::Record;
use crate::service::case::ladder::usual;
use crate::service::case::task::{Errand, Ladder};
use crate::service::house::Duty;

/// R155: the posts at the gates as well as those that walk; all at once.
pub fn gate_too(record: &Record<'_>) -> Ladder {
    let mut ladder = usual(record.house, Errand::GoToPatient, None, record.now);
    let gates = record.house.taking(Duty::Call, record.now);
    let asked = |post: &Slug| ladder.rungs.iter().any(|rung| rung.posts.contains(post));
    let more: Vec<Slug> = gates.into_iter().filter(|post| !asked(post)).collect();
    if let Some(first) = ladder.rungs.first_mut() {
        first.posts.extend(more);
    }
    ladder
}

/// R157: the shift leader names who goes, so his post is asked first: the one above those that walk.
pub fn leaders_first(record: &Record<'_>) -> Ladder {
    let mut ladder = usual(record.house, Errand::GoToPatient, None, record.now);
    if ladder.rungs.len() > 1 {
        ladder.rungs.remove(0);
        let first = ladder.rungs[0].after;
        ladder.rungs.iter_mut().for_each(|rung| rung.after -= first);
    }
    ladder
}
