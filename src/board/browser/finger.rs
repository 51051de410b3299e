//! The one finger of all viewers: who put it down first has it until he lifts it or leaves.

use crate::board::Touch;
use crate::board::queue::TouchQueue;
use embedded_graphics::prelude::{Point, Size};
use serde_json::Value;
use std::sync::mpsc::Receiver;

pub struct Finger {
    touches: TouchQueue,
    /// The viewer whose finger is on the glass.
    owner: Option<u64>,
}

impl Finger {
    pub fn new() -> (Finger, Receiver<Touch>) {
        let (touches, received) = TouchQueue::new();
        (Finger { touches, owner: None }, received)
    }

    /// A viewer's finger. Anyone else's, while one is down, is ignored.
    pub fn feel(&mut self, viewer: u64, touch: Touch) {
        let mine = self.owner == Some(viewer);
        match touch {
            Touch::Down(_) if self.owner.is_none() || mine => self.owner = Some(viewer),
            Touch::Move(_) if mine => {}
            Touch::Up(_) | Touch::Cancel if mine => self.owner = None,
            _ => return,
        }
        self.touches.send(touch);
    }

    /// The viewer is gone, perhaps with its finger down.
    pub fn leave(&mut self, viewer: u64) {
        self.feel(viewer, Touch::Cancel);
    }
}

/// What a page said: `{"touch":"down","x":12,"y":34}`. `None` for anything else. A place outside the glass is moved to
/// its edge: a finger that leaves it is lifted there.
pub fn read(message: &str, size: Size) -> Option<Touch> {
    let message: Value = serde_json::from_str(message).ok()?;
    let kind = message.get("touch")?.as_str()?;
    if kind == "cancel" {
        return Some(Touch::Cancel);
    }
    let along = |key: &str, length: u32| {
        let place = message.get(key)?.as_i64()?;
        i32::try_from(place.clamp(0, i64::from(length.saturating_sub(1)))).ok()
    };
    let at = Point::new(along("x", size.width)?, along("y", size.height)?);
    match kind {
        "down" => Some(Touch::Down(at)),
        "move" => Some(Touch::Move(at)),
        "up" => Some(Touch::Up(at)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::queue::QUEUE;
    use proptest::prelude::*;

    const GLASS: Size = Size::new(800, 480);

    fn all(touches: &Receiver<Touch>) -> Vec<Touch> {
        touches.try_iter().collect()
    }

    #[test]
    fn the_first_finger_counts_until_it_is_lifted() {
        let (mut finger, touches) = Finger::new();
        let at = Point::new(1, 2);
        finger.feel(1, Touch::Down(at));
        finger.feel(2, Touch::Down(at));
        finger.feel(2, Touch::Up(at));
        finger.feel(1, Touch::Up(at));
        finger.feel(2, Touch::Down(at));
        assert_eq!(all(&touches), [Touch::Down(at), Touch::Up(at), Touch::Down(at)]);
    }

    #[test]
    fn a_viewer_that_leaves_with_its_finger_down_cancels_the_gesture() {
        let (mut finger, touches) = Finger::new();
        finger.feel(1, Touch::Down(Point::zero()));
        finger.leave(2);
        finger.leave(1);
        assert_eq!(all(&touches), [Touch::Down(Point::zero()), Touch::Cancel]);
    }

    #[test]
    fn a_kiosk_that_did_not_keep_up_hears_cancel_before_anything_else() {
        let (mut finger, touches) = Finger::new();
        let at = Point::new(1, 2);
        finger.feel(1, Touch::Down(at));
        (0..QUEUE).for_each(|_| finger.feel(1, Touch::Move(at)));
        finger.feel(1, Touch::Up(at));
        assert_eq!(all(&touches).len(), QUEUE);
        finger.feel(1, Touch::Down(at));
        assert_eq!(all(&touches), [Touch::Cancel, Touch::Down(at)]);
    }

    #[test]
    fn a_touch_beyond_the_edge_is_on_the_edge() {
        let at = |x, y| Some(Touch::Move(Point::new(x, y)));
        assert_eq!(read(r#"{"touch":"move","x":-5,"y":9999999999}"#, GLASS), at(0, 479));
        assert_eq!(read(r#"{"touch":"move","x":12,"y":34}"#, GLASS), at(12, 34));
    }

    #[test]
    fn what_is_no_touch_is_ignored() {
        let bad = ["", "[]", "{}", "null", r#"{"touch":"down"}"#, r#"{"touch":"down","x":1.5,"y":2}"#];
        let worse =
            [r#"{"touch":"hover","x":1,"y":2}"#, r#"{"touch":5,"x":1,"y":2}"#, r#"{"touch":"up","x":"1","y":2}"#];
        assert!(bad.iter().chain(&worse).all(|message| read(message, GLASS).is_none()));
    }

    proptest! {
        #[test]
        fn every_touch_read_lies_on_the_glass(x in any::<i64>(), y in any::<i64>()) {
            let message = format!(r#"{{"touch":"down","x":{x},"y":{y}}}"#);
            let Some(Touch::Down(at)) = read(&message, GLASS) else { panic!("{message}") };
            prop_assert!((0..800).contains(&at.x) && (0..480).contains(&at.y));
        }

        #[test]
        fn any_text_is_read_or_ignored(message in any::<String>()) {
            read(&message, GLASS);
        }
    }
}
