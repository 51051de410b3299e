//! Touches on their way to the kiosk, in a bounded queue. When the kiosk does not keep up, the gesture is cancelled rather than
//! half delivered.

use super::Touch;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Touches that wait for the kiosk. A page sends at most one move a picture (60 a second), a panel some 100: seconds of them.
pub const QUEUE: usize = 256;

pub struct TouchQueue {
    touches: SyncSender<Touch>,
    /// A touch was lost: the kiosk hears of nothing else before it has heard that.
    lost: bool,
}

impl TouchQueue {
    pub fn new() -> (TouchQueue, Receiver<Touch>) {
        let (touches, received) = sync_channel(QUEUE);
        (TouchQueue { touches, lost: false }, received)
    }

    pub fn send(&mut self, touch: Touch) {
        if self.lost && self.touches.try_send(Touch::Cancel).is_err() {
            return;
        }
        self.lost = self.touches.try_send(touch).is_err();
    }
}
