//! The contiguous acknowledged prefix of one lane. Acknowledgements may come in any order; a cursor may move only over
//! numbers that have all been acknowledged. Pure.

use std::collections::VecDeque;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prefix {
    /// Numbers handed over, ascending, and whether each is done.
    open: VecDeque<(u64, bool)>,
}

impl Prefix {
    /// A number was handed over. Numbers ascend, because a lane is sent in order.
    pub fn sent(&mut self, seq: u64) {
        debug_assert!(self.open.back().is_none_or(|(last, _)| *last < seq), "a lane is sent in order");
        self.open.push_back((seq, false));
    }

    /// A number is done: acknowledged, or refused for ever and filed. Returns the number through which all are done,
    /// when that has moved. A number that is not open (a repeat, or from before a rewind) moves nothing.
    pub fn done(&mut self, seq: u64) -> Option<u64> {
        if let Ok(at) = self.open.binary_search_by_key(&seq, |(seq, _)| *seq) {
            self.open[at].1 = true;
        }
        let mut through = None;
        while let Some((seq, true)) = self.open.front() {
            through = Some(*seq);
            self.open.pop_front();
        }
        through
    }

    /// How many are handed over and not yet behind the prefix.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Everything that is open will be sent again.
    pub fn rewind(&mut self) {
        self.open.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_prefix_waits_for_the_gap_to_close() {
        let mut prefix = Prefix::default();
        for seq in [3, 7, 8, 20] {
            prefix.sent(seq);
        }
        assert_eq!(prefix.done(8), None);
        assert_eq!(prefix.done(7), None);
        assert_eq!(prefix.done(3), Some(8));
        assert_eq!(prefix.done(3), None);
        assert_eq!(prefix.done(99), None);
        assert_eq!(prefix.done(20), Some(20));
        assert_eq!(prefix.open(), 0);
    }

    proptest! {
        #[test]
        fn in_whatever_order_they_come_the_prefix_never_passes_a_gap(order in Just((1u64..60).collect::<Vec<_>>()).prop_shuffle()) {
            let mut prefix = Prefix::default();
            (1..60).for_each(|seq| prefix.sent(seq));
            let mut done = std::collections::BTreeSet::new();
            let mut through = 0;
            for seq in order {
                done.insert(seq);
                if let Some(moved) = prefix.done(seq) {
                    prop_assert!(moved > through);
                    through = moved;
                }
                prop_assert!((1..=through).all(|seq| done.contains(&seq)));
                prop_assert!(!done.contains(&(through + 1)));
            }
            prop_assert_eq!(through, 59);
        }
    }
}
