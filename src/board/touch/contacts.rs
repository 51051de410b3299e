//! Fingers on a panel that reports in the kernel's multi-touch protocol B (Documentation/input/multi-touch-protocol.rst), told
//! as the one finger that a kiosk follows: the first contact counts, a second is ignored, and a palm or a wiping cloth makes
//! nothing happen at all. Pure: it is fed events and gives touches in the device's own coordinates.

/// Contacts that the daemon keeps apart. No panel of a kiosk has more; events of further slots are ignored.
pub const SLOTS: usize = 10;

/// So many at a time are a palm, a sleeve or a cloth: the gesture is forgotten, and nothing counts until all have left.
const PALM: usize = 3;

/// One event of the device, as far as a kiosk cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// What follows is about this contact.
    Slot(i32),
    /// A contact begins, or ends with -1.
    Tracking(i32),
    X(i32),
    Y(i32),
    /// What was told belongs together.
    Report,
    /// The kernel's queue ran over: what is known of the fingers is wrong.
    Dropped,
}

/// What the finger did, in the device's own coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gesture {
    Down(i32, i32),
    Move(i32, i32),
    Up(i32, i32),
    Cancel,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Contact {
    down: bool,
    x: i32,
    y: i32,
}

/// All fingers of one panel.
#[derive(Debug, Clone, Default)]
pub struct Contacts {
    slots: [Contact; SLOTS],
    slot: usize,
    /// The contact that the kiosk follows, as it was last told.
    followed: Option<(usize, Contact)>,
    /// Contacts that were not there alone: they count for nothing until all have left.
    spoilt: bool,
    /// Since events were dropped, until the next report.
    deaf: bool,
}

impl Contacts {
    /// What this event brings, if anything. After `true` from [`Contacts::is_lost`] the caller must ask the device which
    /// contacts are there and tell it with [`Contacts::resume`].
    pub fn feed(&mut self, told: Told) -> Option<Gesture> {
        if self.deaf && told != Told::Report {
            return None;
        }
        match told {
            Told::Slot(slot) => self.slot = usize::try_from(slot).unwrap_or(SLOTS),
            Told::Tracking(id) => self.change(|contact| contact.down = id >= 0),
            Told::X(x) => self.change(|contact| contact.x = x),
            Told::Y(y) => self.change(|contact| contact.y = y),
            Told::Dropped => {
                self.deaf = true;
                return self.followed.take().map(|_| Gesture::Cancel);
            }
            Told::Report if self.deaf => {}
            Told::Report => return self.report(),
        }
        None
    }

    /// Events were lost and the next report has come: ask the device.
    pub fn is_lost(&self, told: Told) -> bool {
        self.deaf && told == Told::Report
    }

    /// Which contacts are on the panel after events were lost. They began unseen, so they count for nothing.
    pub fn resume(&mut self, down: impl IntoIterator<Item = bool>, slot: i32) {
        self.slots = Default::default();
        for (contact, down) in self.slots.iter_mut().zip(down) {
            contact.down = down;
        }
        self.slot = usize::try_from(slot).unwrap_or(SLOTS);
        self.spoilt = self.slots.iter().any(|contact| contact.down);
        self.deaf = false;
    }

    fn change(&mut self, change: impl FnOnce(&mut Contact)) {
        if let Some(contact) = self.slots.get_mut(self.slot) {
            change(contact);
        }
    }

    fn report(&mut self) -> Option<Gesture> {
        let down = self.slots.iter().filter(|contact| contact.down).count();
        if down >= PALM && !self.spoilt {
            self.spoilt = true;
            return self.followed.take().map(|_| Gesture::Cancel);
        }
        if self.spoilt {
            self.spoilt = down > 0;
            return None;
        }
        if let Some((slot, before)) = self.followed {
            let now = self.slots[slot];
            if !now.down {
                self.followed = None;
                // A second finger that stays must leave before anything counts again.
                self.spoilt = down > 0;
                return Some(Gesture::Up(now.x, now.y));
            }
            self.followed = Some((slot, now));
            return (now != before).then_some(Gesture::Move(now.x, now.y));
        }
        let (slot, first) = self.slots.iter().enumerate().find(|(_, contact)| contact.down)?;
        self.followed = Some((slot, *first));
        Some(Gesture::Down(first.x, first.y))
    }
}

#[cfg(test)]
mod tests {
    use super::Told::{Dropped, Report, Slot, Tracking, X, Y};
    use super::*;
    use proptest::prelude::*;

    fn play(contacts: &mut Contacts, told: &[Told]) -> Vec<Gesture> {
        told.iter().filter_map(|told| contacts.feed(*told)).collect()
    }

    fn down(slot: i32, x: i32, y: i32) -> [Told; 5] {
        [Slot(slot), Tracking(100 + slot), X(x), Y(y), Report]
    }

    fn up(slot: i32) -> [Told; 3] {
        [Slot(slot), Tracking(-1), Report]
    }

    #[test]
    fn a_tap_is_down_and_up_where_it_was() {
        let mut contacts = Contacts::default();
        assert_eq!(play(&mut contacts, &down(0, 10, 20)), [Gesture::Down(10, 20)]);
        assert_eq!(play(&mut contacts, &[X(12), Report, Report]), [Gesture::Move(12, 20)]);
        assert_eq!(play(&mut contacts, &up(0)), [Gesture::Up(12, 20)]);
    }

    #[test]
    fn a_second_finger_changes_nothing_and_counts_only_after_all_have_left() {
        let mut contacts = Contacts::default();
        play(&mut contacts, &down(0, 10, 20));
        assert_eq!(play(&mut contacts, &down(1, 500, 300)), []);
        assert_eq!(play(&mut contacts, &up(0)), [Gesture::Up(10, 20)]);
        assert_eq!(play(&mut contacts, &[Slot(1), X(501), Report]), [], "the finger that stayed");
        assert_eq!(play(&mut contacts, &up(1)), []);
        assert_eq!(play(&mut contacts, &down(1, 7, 7)), [Gesture::Down(7, 7)]);
    }

    #[test]
    fn a_palm_cancels_and_presses_nothing() {
        let mut contacts = Contacts::default();
        play(&mut contacts, &down(0, 10, 20));
        play(&mut contacts, &down(1, 20, 30));
        assert_eq!(play(&mut contacts, &down(2, 30, 40)), [Gesture::Cancel]);
        for slot in 0..3 {
            assert_eq!(play(&mut contacts, &up(slot)), []);
        }
        assert_eq!(play(&mut contacts, &down(0, 1, 1)), [Gesture::Down(1, 1)]);
    }

    #[test]
    fn after_lost_events_a_finger_that_still_lies_there_counts_for_nothing() {
        let mut contacts = Contacts::default();
        play(&mut contacts, &down(0, 10, 20));
        assert_eq!(play(&mut contacts, &[Dropped, Tracking(-1), X(99)]), [Gesture::Cancel]);
        assert!(contacts.is_lost(Report));
        contacts.resume([true, false], 0);
        assert_eq!(play(&mut contacts, &[X(50), Report]), []);
        assert_eq!(play(&mut contacts, &up(0)), []);
        assert_eq!(play(&mut contacts, &down(0, 1, 1)), [Gesture::Down(1, 1)]);
    }

    #[test]
    fn a_finger_of_which_only_the_end_was_lost_is_up_again() {
        let mut contacts = Contacts::default();
        play(&mut contacts, &down(0, 10, 20));
        play(&mut contacts, &[Dropped]);
        contacts.resume([false, false], 0);
        assert_eq!(play(&mut contacts, &down(0, 3, 4)), [Gesture::Down(3, 4)]);
    }

    proptest! {
        /// Whatever a driver says: downs and ends take turns, and nothing panics.
        #[test]
        fn gestures_are_well_formed(events in prop::collection::vec((0..6u8, -3..14i32), 0..300)) {
            let mut contacts = Contacts::default();
            let mut held = false;
            for (what, value) in events {
                let told = [Slot(value), Tracking(value), X(value), Y(value), Report, Dropped][what as usize];
                if contacts.is_lost(told) {
                    contacts.resume([value % 2 == 0, value > 8], value);
                    continue;
                }
                match contacts.feed(told) {
                    Some(Gesture::Down(..)) => { prop_assert!(!held); held = true }
                    Some(Gesture::Move(..)) => prop_assert!(held),
                    Some(Gesture::Up(..) | Gesture::Cancel) => { prop_assert!(held); held = false }
                    None => {}
                }
            }
        }
    }
}
