//! How far the office has acknowledged, between its word and the disk. A cursor costs a page in each commit that carries it,
//! so it waits for a moment or for some rows; a crash meanwhile repeats those rows, which the office drops by id. Pure.

use super::Command;
use crate::journal::{CURSOR_DELAY, CURSOR_STRIDE, Lane};
use std::time::Instant;

/// Both lanes' cursors.
#[derive(Debug)]
pub struct Cursors {
    /// On disk, by [`Lane`].
    stored: [u64; 2],
    /// Where they stand.
    at: [u64; 2],
    /// When a transaction of their own is due to those that are not stored.
    due: Option<Instant>,
    /// What the open transaction writes.
    writing: [u64; 2],
    /// They could not be stored: not tried again before this.
    not_before: Option<Instant>,
}

impl Cursors {
    pub fn new(stored: [u64; 2]) -> Self {
        Cursors { stored, at: stored, due: None, writing: stored, not_before: None }
    }

    pub fn note(&mut self, command: &Command, now: Instant) {
        match command {
            Command::Acknowledged { lane, seq } => {
                self.at[*lane as usize] = *seq;
                // In a drain nothing else is stored: without a transaction of their own a crash would repeat all of the delay.
                let due = if self.are_far() { now } else { now + CURSOR_DELAY };
                let due = self.not_before.map_or(due, |earliest| due.max(earliest));
                self.due = Some(self.due.map_or(due, |before| before.min(due)));
            }
            // The office hears that it will be sent again, so it must be, whatever happens next.
            Command::Replay { after } => {
                self.at = [*after; 2];
                self.due = Some(now);
            }
            _ => {}
        }
    }

    fn are_far(&self) -> bool {
        self.at.iter().zip(self.stored).any(|(at, stored)| at.abs_diff(stored) >= CURSOR_STRIDE)
    }

    /// When they must be written, if anything has moved.
    pub fn wait_until(&self) -> Option<Instant> {
        self.due
    }

    /// Nothing comes after the next transaction.
    pub fn hurry(&mut self, now: Instant) {
        self.due = self.due.map(|_| now);
    }

    /// Whether it is too early for a transaction that only moves cursors.
    pub fn may_wait(&self, now: Instant) -> bool {
        self.due.is_none_or(|due| now < due)
    }

    /// What a transaction that is open now should write: nothing that moved but a moment ago and a little.
    pub fn write_now(&mut self, now: Instant) -> impl Iterator<Item = (Lane, u64)> + use<> {
        let soon = self.due.is_some_and(|due| now + CURSOR_DELAY / 2 >= due);
        self.writing = if self.are_far() || soon { self.at } else { self.stored };
        let (stored, writing) = (self.stored, self.writing);
        let moved = move |lane: &Lane| stored[*lane as usize] != writing[*lane as usize];
        Lane::ALL.into_iter().filter(moved).map(move |lane| (lane, writing[lane as usize]))
    }

    /// The transaction is on disk.
    pub fn stored(&mut self) {
        self.stored = self.writing;
        self.not_before = None;
        if self.stored == self.at {
            self.due = None;
        }
    }

    /// It is not. The next try is not at once: a full disk is emptied by a person.
    pub fn not_stored(&mut self, now: Instant) {
        self.writing = self.stored;
        self.not_before = Some(now + CURSOR_DELAY);
        self.due = self.due.and(self.not_before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acknowledged(seq: u64) -> Command {
        Command::Acknowledged { lane: Lane::Normal, seq }
    }

    fn written(cursors: &mut Cursors, now: Instant) -> Vec<(Lane, u64)> {
        let written = cursors.write_now(now).collect();
        cursors.stored();
        written
    }

    #[test]
    fn a_cursor_waits_for_a_moment_or_for_some_rows_and_then_goes_along() {
        let (mut cursors, now) = (Cursors::new([0, 100]), Instant::now());
        assert_eq!((cursors.wait_until(), cursors.may_wait(now)), (None, true));
        cursors.note(&acknowledged(101), now);
        assert_eq!(written(&mut cursors, now), []);
        assert!(cursors.may_wait(now) && !cursors.may_wait(now + CURSOR_DELAY));
        assert_eq!(written(&mut cursors, now + CURSOR_DELAY / 2), [(Lane::Normal, 101)]);
        assert_eq!(cursors.wait_until(), None, "nothing is left to write");
        cursors.note(&acknowledged(102), now);
        cursors.hurry(now);
        assert_eq!(written(&mut cursors, now), [(Lane::Normal, 102)]);
        cursors.note(&acknowledged(102 + CURSOR_STRIDE), now);
        assert_eq!(written(&mut cursors, now), [(Lane::Normal, 102 + CURSOR_STRIDE)]);
        cursors.note(&Command::Replay { after: 140 }, now);
        assert_eq!(
            written(&mut cursors, now),
            [(Lane::Urgent, 140), (Lane::Normal, 140)],
            "a word given to the office"
        );
    }

    #[test]
    fn what_could_not_be_written_is_written_later() {
        let (mut cursors, now) = (Cursors::new([0, 0]), Instant::now());
        cursors.note(&acknowledged(500), now);
        assert_eq!(cursors.write_now(now).count(), 1);
        cursors.not_stored(now);
        assert!(cursors.may_wait(now), "but not at once");
        cursors.note(&acknowledged(600), now);
        assert!(cursors.may_wait(now), "and not at once when more has come");
        assert_eq!(written(&mut cursors, now + CURSOR_DELAY), [(Lane::Normal, 600)]);
    }

    #[test]
    fn in_a_drain_a_cursor_that_has_moved_far_does_not_wait() {
        let (mut cursors, now) = (Cursors::new([0, 0]), Instant::now());
        cursors.note(&acknowledged(CURSOR_STRIDE - 1), now);
        assert!(cursors.may_wait(now));
        cursors.note(&acknowledged(CURSOR_STRIDE), now);
        assert!(!cursors.may_wait(now));
    }
}
