//! Messages from their arrival to their acknowledgement, in arrival order. MQTT wants PUBACKs in the order of the
//! PUBLISHes (MQTT 5, 4.6), and the journal wants the events in that order too. Pure; one inbox lives as long as one
//! connection, so an answer from before can never acknowledge a message of now.

use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Waits for its turn, or for another try.
    Queued,
    /// Waits until the desk has room for what devices say day in, day out.
    Held,
    AtDesk,
    /// On disk, or nothing to store.
    Done,
}

#[derive(Debug)]
pub struct Inbox<M> {
    waiting: VecDeque<(M, Stage)>,
    /// The number of the first in `waiting`; numbers count from 0 with each connection.
    first: u64,
    /// Nothing before this number is queued: in a flood two hundred at the desk stand before the next one.
    next: u64,
    at_desk: usize,
    held: usize,
}

impl<M> Default for Inbox<M> {
    fn default() -> Self {
        Inbox { waiting: VecDeque::new(), first: 0, next: 0, at_desk: 0, held: 0 }
    }
}

impl<M> Inbox<M> {
    pub fn push(&mut self, message: M) {
        self.waiting.push_back((message, Stage::Queued));
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// How many the desk has and has not answered.
    pub fn at_desk(&self) -> usize {
        self.at_desk
    }

    /// The oldest message that waits for its turn, with its number. It counts as at the desk from now on.
    pub fn take(&mut self) -> Option<(u64, &M)> {
        let passed = usize::try_from(self.next.saturating_sub(self.first)).ok()?;
        let waiting = self.waiting.iter().skip(passed);
        let skipped = waiting.take_while(|(_, stage)| *stage != Stage::Queued).count();
        self.next = self.first + (passed + skipped) as u64;
        let (message, stage) = self.waiting.get_mut(passed + skipped)?;
        *stage = Stage::AtDesk;
        self.at_desk += 1;
        Some((self.next, message))
    }

    pub fn get(&self, number: u64) -> Option<&M> {
        let at = usize::try_from(number.checked_sub(self.first)?).ok()?;
        self.waiting.get(at).map(|(message, _)| message)
    }

    /// How many wait for room.
    pub fn held(&self) -> usize {
        self.held
    }

    /// The desk has no room for it. Whatever else comes, it keeps its place.
    pub fn hold(&mut self, number: u64) {
        self.settle(number, Stage::Held);
    }

    /// There is room again: everything that was held waits for its turn, at its old place.
    pub fn release(&mut self) {
        for (_, stage) in self.waiting.iter_mut().filter(|(_, stage)| *stage == Stage::Held) {
            *stage = Stage::Queued;
        }
        (self.held, self.next) = (0, self.first);
    }

    /// Those held before this one that `pick` wants to go with it, in order. They count as at the desk from now on.
    pub fn take_along<T>(&mut self, number: u64, pick: impl Fn(&M) -> Option<T>) -> Vec<(u64, T)> {
        let before = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let mut along = Vec::new();
        for (number, (message, stage)) in (self.first..).zip(&mut self.waiting).take(before) {
            if *stage == Stage::Held
                && let Some(picked) = pick(message)
            {
                *stage = Stage::AtDesk;
                along.push((number, picked));
            }
        }
        self.held -= along.len();
        self.at_desk += along.len();
        along
    }

    /// The desk has stored it.
    pub fn done(&mut self, number: u64) {
        self.settle(number, Stage::Done);
    }

    /// The desk could not store it: it waits again, at its old place.
    pub fn refused(&mut self, number: u64) {
        self.settle(number, Stage::Queued);
    }

    fn settle(&mut self, number: u64, to: Stage) {
        let slot = number.checked_sub(self.first).and_then(|at| self.waiting.get_mut(at as usize));
        if let Some((_, stage)) = slot
            && *stage == Stage::AtDesk
        {
            *stage = to;
            if to == Stage::Queued {
                self.next = self.next.min(number);
            }
            self.at_desk -= 1;
            self.held += usize::from(to == Stage::Held);
        }
    }

    /// The oldest message, if it may be acknowledged now: everything before it has been.
    pub fn pop_done(&mut self) -> Option<M> {
        if self.waiting.front()?.1 != Stage::Done {
            return None;
        }
        self.first += 1;
        self.waiting.pop_front().map(|(message, _)| message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_message_is_acknowledged_only_after_all_before_it() {
        let mut inbox = Inbox::default();
        "abc".chars().for_each(|message| inbox.push(message));
        (0..3).for_each(|_| assert!(inbox.take().is_some()));
        inbox.done(2);
        inbox.done(1);
        assert_eq!(inbox.pop_done(), None);
        inbox.done(0);
        assert_eq!([inbox.pop_done(), inbox.pop_done(), inbox.pop_done()], [Some('a'), Some('b'), Some('c')]);
    }

    #[test]
    fn a_refused_message_is_the_next_to_try() {
        let mut inbox = Inbox::default();
        "abc".chars().for_each(|message| inbox.push(message));
        inbox.take();
        inbox.take();
        inbox.refused(0);
        assert_eq!(inbox.take(), Some((0, &'a')));
        assert_eq!(inbox.take(), Some((2, &'c')));
    }

    #[test]
    fn what_is_held_keeps_its_place_and_blocks_only_acknowledgements() {
        let mut inbox = Inbox::default();
        "abcd".chars().for_each(|message| inbox.push(message));
        inbox.take();
        inbox.hold(0);
        assert_eq!(inbox.take(), Some((1, &'b')));
        inbox.done(1);
        assert_eq!((inbox.pop_done(), inbox.held()), (None, 1));
        inbox.release();
        assert_eq!(inbox.take(), Some((0, &'a')), "before what came after it");
        inbox.done(0);
        assert_eq!([inbox.pop_done(), inbox.pop_done(), inbox.pop_done()], [Some('a'), Some('b'), None]);
    }

    #[test]
    fn only_what_is_held_before_it_and_wanted_goes_along() {
        let mut inbox = Inbox::default();
        "aBaRa".chars().for_each(|message| inbox.push(message));
        for number in [0, 1, 2, 4] {
            inbox.waiting[number].1 = Stage::AtDesk;
            inbox.at_desk += 1;
            inbox.hold(number as u64);
        }
        let along = inbox.take_along(3, |message| (*message == 'a').then_some(()));
        assert_eq!(along, [(0, ()), (2, ())]);
        assert_eq!((inbox.held(), inbox.at_desk()), (2, 2));
    }

    proptest! {
        #[test]
        fn everything_is_acknowledged_once_and_in_order(steps in proptest::collection::vec((0u8..8, 0u64..30), 0..300)) {
            let (mut inbox, mut pushed, mut popped) = (Inbox::default(), 0u64, 0u64);
            for (step, number) in steps {
                match step {
                    0 => { inbox.push(pushed); pushed += 1; }
                    1 => {
                        let oldest = inbox.waiting.iter().position(|(_, stage)| *stage == Stage::Queued);
                        let oldest = oldest.map(|at| inbox.first + at as u64);
                        prop_assert_eq!(inbox.take().map(|(number, _)| number), oldest);
                    }
                    2 => inbox.done(number),
                    3 => inbox.refused(number),
                    4 => inbox.hold(number),
                    5 => inbox.release(),
                    6 => drop(inbox.take_along(number, |message| (message % 3 == 0).then_some(()))),
                    _ => if let Some(message) = inbox.pop_done() {
                        prop_assert_eq!(message, popped);
                        popped += 1;
                    }
                }
                prop_assert_eq!(inbox.len() as u64, pushed - popped);
                prop_assert!(inbox.at_desk() + inbox.held() <= inbox.len());
                let count = |wanted| inbox.waiting.iter().filter(|(_, stage)| *stage == wanted).count();
                prop_assert_eq!((inbox.at_desk(), inbox.held()), (count(Stage::AtDesk), count(Stage::Held)));
            }
        }
    }
}
