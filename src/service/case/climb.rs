//! How a task moves on its ladder: what time does to it, and what becomes of it when somebody gives it back. Lower rungs go on
//! ringing; a ladder is never climbed down.

use super::record::Record;
use super::task::{News, Rung, Task, TaskState};
use crate::event::{Data, Kind, Slug, data};
use crate::service::figures::{Figures, seconds};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// Longest interval between two reminders of a task that the end of its ladder leaves lying.
const REMIND_AT_MOST: TimeDelta = TimeDelta::days(1);
/// So often the interval is doubled.
const DOUBLINGS: u32 = 16;

/// What the time does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Climb(usize),
    Miss,
    Lapse,
    Remind,
}

impl Task {
    /// When the time next does something to it.
    pub fn wakes(&self, figures: &Figures) -> Option<DateTime<Utc>> {
        self.turn(figures).map(|(at, _)| at)
    }

    fn turn(&self, figures: &Figures) -> Option<(DateTime<Utc>, Turn)> {
        match &self.state {
            TaskState::Claimed { lapses: Some(lapses), .. } => Some((lapses.time(), Turn::Lapse)),
            TaskState::Claimed { .. } | TaskState::Arrived { .. } => None,
            TaskState::Offered => {
                if let Some(next) = self.ladder.rungs.get(self.rung + 1) {
                    return Some((self.base + seconds(next.after), Turn::Climb(self.rung + 1)));
                }
                if let Some(missed) = self.ladder.missed {
                    return Some((self.offered + seconds(missed), Turn::Miss));
                }
                let last = self.ladder.rungs.last().map_or(0, |rung| rung.after);
                let after = seconds(last) + self.reminds_after(figures);
                Some((self.base.checked_add_signed(after).unwrap_or(DateTime::<Utc>::MAX_UTC), Turn::Remind))
            }
        }
    }

    /// Reminders grow apart: a task that lies for a year makes some 370 of them, not 50,000.
    fn reminds_after(&self, figures: &Figures) -> TimeDelta {
        let step = seconds(figures.dispatch.remind_seconds.max(1));
        let interval = |n| (step * (1 << n)).min(REMIND_AT_MOST);
        let growing = self.reminders.min(DOUBLINGS);
        let equal = i32::try_from(self.reminders - growing).unwrap_or(i32::MAX).saturating_add(1);
        (0..growing).map(interval).sum::<TimeDelta>() + interval(growing) * equal
    }

    /// Does what the time has brought. A ladder that was slept through climbs at once to where it should be.
    pub(super) fn fire(&mut self, record: &mut Record<'_>) -> Option<News> {
        let figures = &record.house.figures;
        let (at, mut turn) = self.turn(figures)?;
        if at > record.now.utc {
            return None;
        }
        if let (Turn::Climb(_), Some(missed)) = (turn, self.ladder.missed)
            && self.offered + seconds(missed) <= record.now.utc
        {
            turn = Turn::Miss;
        }
        match turn {
            Turn::Miss => {
                record.tell(Kind::TaskMissed, self.facts());
                Some(News::Missed)
            }
            Turn::Lapse => {
                self.state = TaskState::Offered;
                record.tell(Kind::TaskLapsed, self.facts());
                self.climb(record, "claim-lapsed");
                Some(News::Lost)
            }
            Turn::Remind => {
                let first = self.reminders == 0;
                // Reminders that the daemon has slept through are one. There was one a day at least: by single steps a task of the
                // year 26, which was a damaged page, took the desk hours.
                while let Some((next, _)) = self.turn(figures).filter(|(next, _)| *next <= record.now.utc) {
                    let days = u32::try_from((record.now.utc - next).num_days()).unwrap_or(u32::MAX);
                    self.reminders = self.reminders.saturating_add(1).saturating_add(days);
                }
                record.tell(Kind::TaskReminded, self.reminder("silence"));
                first.then_some(News::Exhausted)
            }
            Turn::Climb(_) => {
                let due = |rung: &Rung| self.base + seconds(rung.after) <= record.now.utc;
                self.rung = self.ladder.rungs.iter().rposition(due).unwrap_or(self.rung);
                self.told_of_climb(record, "silence");
                None
            }
        }
    }

    fn reminder(&self, why: &str) -> Data {
        let mut facts = self.facts();
        let posts: Vec<_> = self.asked().collect();
        facts.extend(data([("reminder", json!(self.reminders)), ("why", json!(why)), ("posts", json!(posts))]));
        facts
    }

    /// One rung up, now. False at the end of the ladder.
    fn climb(&mut self, record: &mut Record<'_>, why: &str) -> bool {
        if self.rung + 1 >= self.ladder.rungs.len() {
            return false;
        }
        self.rung += 1;
        // What is above counts from now: a superior has as long as the post below him had. But whoever rings does not
        // wait longer for that: then the times of the offer stand.
        let base = record.now.utc - seconds(self.ladder.rungs[self.rung].after);
        self.base = if self.ladder.missed.is_some() { self.base.min(base) } else { base };
        self.told_of_climb(record, why);
        true
    }

    fn told_of_climb(&self, record: &mut Record<'_>, why: &str) {
        let mut facts = self.facts();
        facts.extend(data([
            ("rung", json!(self.rung)),
            ("why", json!(why)),
            ("posts", json!(self.asked().collect::<Vec<_>>())),
        ]));
        record.tell(Kind::TaskClimbed, facts);
    }

    /// Whoever claimed it has not come.
    pub(super) fn take_back(&mut self, why: &str, record: &mut Record<'_>) -> News {
        let mut facts = self.facts();
        facts.insert("why".into(), json!(why));
        record.tell(Kind::TaskLapsed, facts);
        self.give_back(None, why, record)
    }

    /// Back to the ladder, one rung up; the post that had it, else `by`, is not asked again.
    pub(super) fn give_back(&mut self, by: Option<Slug>, why: &str, record: &mut Record<'_>) -> News {
        let from = match &self.state {
            TaskState::Claimed { post, .. } | TaskState::Arrived { post, .. } => post.clone(),
            TaskState::Offered => None,
        };
        let held_by = self.state.holder().and_then(|holder| holder.id.clone());
        self.ask_others(held_by.as_ref());
        self.state = TaskState::Offered;
        if let Some(post) = from.or(by).filter(|post| !self.declined.contains(post)) {
            self.declined.push(post);
        }
        // R059: to the next rung at once, not when its time would come; over rungs that have declined already.
        while self.climb(record, why) && self.asked().next().is_none() {}
        if self.asked().next().is_some() {
            return News::Lost;
        }
        // Everybody has declined: it stays with the last rung, which is asked again (R059 ends with the manager).
        if let Some(last) = self.ladder.rungs.last() {
            self.declined.retain(|post| !last.posts.contains(post));
            self.base = record.now.utc - seconds(last.after);
        }
        self.reminders += 1;
        record.tell(Kind::TaskReminded, self.reminder(why));
        News::Exhausted
    }
}
