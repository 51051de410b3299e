//! What of a buffer is older than the picture. A display has two buffers, and the one that is drawn on next was last drawn on
//! two pictures ago: what has changed since must be copied as well.

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Rectangles at most; more are joined, because each costs the start of a copy.
const PARTS: usize = 8;
/// From this share of the buffer on, in per cent, one copy of everything is cheaper than many of nearly everything.
const NEARLY_ALL: u64 = 60;

/// The stale parts of one buffer.
#[derive(Debug, Clone)]
pub struct Stale {
    whole: Rectangle,
    parts: Vec<Rectangle>,
}

impl Stale {
    /// Of a buffer that nothing has been drawn on.
    pub fn all(size: Size) -> Self {
        let whole = Rectangle::new(Default::default(), size);
        Stale { whole, parts: vec![whole] }
    }

    /// The picture has changed here.
    pub fn add(&mut self, damage: &[Rectangle]) {
        for part in damage {
            let part = part.intersection(&self.whole);
            if part.is_zero_sized() || self.parts.iter().any(|held| held.intersection(&part) == part) {
                continue;
            }
            self.parts.retain(|held| held.intersection(&part) != *held);
            self.parts.push(part);
        }
        let pixels = |part: &Rectangle| u64::from(part.size.width) * u64::from(part.size.height);
        let stale: u64 = self.parts.iter().map(pixels).sum();
        if stale * 100 > pixels(&self.whole) * NEARLY_ALL {
            self.parts = vec![self.whole];
        } else if self.parts.len() > PARTS {
            self.parts = self.parts.drain(..).reduce(joined).into_iter().collect();
        }
    }

    /// What must be copied now; afterwards the buffer is the picture.
    pub fn take(&mut self) -> Vec<Rectangle> {
        std::mem::take(&mut self.parts)
    }
}

/// The smallest rectangle around both.
fn joined(one: Rectangle, other: Rectangle) -> Rectangle {
    let end = |part: Rectangle| part.top_left + part.size;
    Rectangle::with_corners(
        one.top_left.component_min(other.top_left),
        end(one).component_max(end(other)) - Point::new(1, 1),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rectangle(x: i32, y: i32, w: u32, h: u32) -> Rectangle {
        Rectangle::new(Point::new(x, y), Size::new(w, h))
    }

    #[test]
    fn a_new_buffer_is_copied_whole_and_then_only_what_changed() {
        let mut stale = Stale::all(Size::new(800, 480));
        stale.add(&[rectangle(10, 10, 20, 20)]);
        assert_eq!(stale.take(), [rectangle(0, 0, 800, 480)]);
        stale.add(&[rectangle(10, 10, 20, 20)]);
        stale.add(&[rectangle(12, 12, 5, 5)]);
        assert_eq!(stale.take(), [rectangle(10, 10, 20, 20)]);
        assert_eq!(stale.take(), []);
    }

    proptest! {
        #[test]
        fn nothing_that_changed_is_forgotten_and_the_parts_are_few(
            damage in prop::collection::vec((-50..900i32, -50..500i32, 0..300u32, 0..300u32), 0..30)
        ) {
            let size = Size::new(800, 480);
            let mut stale = Stale::all(size);
            stale.take();
            let damage: Vec<_> = damage.into_iter().map(|(x, y, w, h)| rectangle(x, y, w, h)).collect();
            damage.iter().for_each(|part| stale.add(&[*part]));
            let parts = stale.take();
            prop_assert!(parts.len() <= PARTS);
            let whole = Rectangle::new(Point::zero(), size);
            for part in damage {
                for corner in [part.top_left, part.bottom_right().unwrap_or(part.top_left), part.center()] {
                    if whole.contains(corner) && part.contains(corner) {
                        prop_assert!(parts.iter().any(|held| held.contains(corner)), "{corner:?}");
                    }
                }
            }
        }
    }
}
