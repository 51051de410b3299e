//! From a finger to a press: down on a target and up on the same one is a click. It knows places, not what they mean.

use super::press::Press;
use super::scene::Target;
use crate::board::Touch;
use embedded_graphics::prelude::Point;
use std::time::Duration;

/// How far outside its target a finger may be lifted, in design pixels: fingers roll when they leave the glass.
pub const SLOP: i32 = 16;

/// A click on the same place within this time after another page has come up is dropped: it is the second half of a
/// double tap that was meant for the page before. Most people's double taps take less than 300 ms.
pub const SETTLE: Duration = Duration::from_millis(350);

/// Two taps nearer than this are on the same place, in design pixels: 9 mm, a fingertip.
pub const SAME_PLACE: i32 = 48;

/// A contact that has not moved or ended for so long is a stuck driver or a bag that leans on the glass.
pub const STUCK: Duration = Duration::from_secs(10);

/// A contact that begins on the same place so soon after the last one ended is the panel bouncing: resistive
/// panels bounce for up to 30 ms, and the fastest finger, ten taps a second, is off the glass for some 50 ms between two.
pub const BOUNCE: Duration = Duration::from_millis(35);

/// What one touch did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gesture {
    Nothing,
    /// What is under the finger has changed: draw it pressed, or no longer.
    Feedback,
    Click(Press),
}

/// Follows one finger.
#[derive(Debug, Clone, Default)]
pub struct Finger {
    down: Option<Held>,
    /// Where and when the last contact ended.
    lifted: Option<(Point, Duration)>,
}

#[derive(Debug, Clone, Copy)]
struct Held {
    target: Target,
    /// Whether the finger is still over its target.
    over: bool,
    since: Duration,
}

impl Finger {
    /// What is drawn pressed.
    pub fn pressed(&self) -> Option<Press> {
        self.down.filter(|held| held.over).map(|held| held.target.press)
    }

    /// `slop` in pixels; `find` looks a point up in the picture that the person sees; `at` is monotonic.
    pub fn touch(&mut self, touch: Touch, at: Duration, slop: i32, find: impl Fn(Point) -> Option<Target>) -> Gesture {
        match touch {
            Touch::Down(point) if self.bounces(point, at, slop) => Gesture::Nothing,
            Touch::Down(point) => {
                self.down = find(point).map(|target| Held { target, over: true, since: at });
                if self.down.is_some() { Gesture::Feedback } else { Gesture::Nothing }
            }
            Touch::Move(point) => {
                let Some(held) = &mut self.down else { return Gesture::Nothing };
                held.since = at;
                let over = held.target.area.inset(-slop).contains(point);
                if std::mem::replace(&mut held.over, over) == over { Gesture::Nothing } else { Gesture::Feedback }
            }
            Touch::Up(point) => {
                let held = self.down.take();
                // What only bounced counts from the contact before it: a panel that never rests still takes a tap.
                if held.is_some() {
                    self.lifted = Some((point, at));
                }
                match held {
                    Some(held) if held.target.area.inset(-slop).contains(point) => Gesture::Click(held.target.press),
                    Some(_) => Gesture::Feedback,
                    None => Gesture::Nothing,
                }
            }
            Touch::Cancel => self.cancel(),
        }
    }

    fn bounces(&self, point: Point, at: Duration, slop: i32) -> bool {
        self.lifted.is_some_and(|(place, ended)| {
            let near = (place.x - point.x).abs() <= slop && (place.y - point.y).abs() <= slop;
            near && at.saturating_sub(ended) < BOUNCE
        })
    }

    pub fn cancel(&mut self) -> Gesture {
        if self.down.take().is_some() { Gesture::Feedback } else { Gesture::Nothing }
    }

    /// Lets go of a contact that has been still for [`STUCK`].
    pub fn watch(&mut self, at: Duration) -> Gesture {
        match self.down {
            Some(held) if at.saturating_sub(held.since) >= STUCK => self.cancel(),
            _ => Gesture::Nothing,
        }
    }

    /// When [`Finger::watch`] has something to do next.
    pub fn wake(&self) -> Option<Duration> {
        self.down.map(|held| held.since + STUCK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::area::Area;
    use crate::kiosk::press::Key;

    fn find(point: Point) -> Option<Target> {
        let target = Target { area: Area::new(0, 0, 100, 100), press: Press::Next };
        target.area.contains(point).then_some(target)
    }

    fn play(touches: &[Touch]) -> Vec<Gesture> {
        let mut finger = Finger::default();
        touches.iter().map(|touch| finger.touch(*touch, Duration::ZERO, 16, find)).collect()
    }

    #[test]
    fn a_press_answers_at_once_and_clicks_when_it_ends() {
        let at = Point::new(50, 50);
        assert_eq!(play(&[Touch::Down(at), Touch::Up(at)]), [Gesture::Feedback, Gesture::Click(Press::Next)]);
    }

    #[test]
    fn a_finger_that_slides_away_or_is_lost_clicks_nothing() {
        let (on, off) = (Point::new(50, 50), Point::new(300, 50));
        assert_eq!(play(&[Touch::Down(on), Touch::Move(off), Touch::Up(off)])[2], Gesture::Feedback);
        assert_eq!(play(&[Touch::Down(on), Touch::Cancel, Touch::Up(on)])[2], Gesture::Nothing);
        assert_eq!(play(&[Touch::Down(off), Touch::Up(on)])[1], Gesture::Nothing);
    }

    #[test]
    fn a_finger_that_rolls_off_the_edge_still_clicks() {
        assert_eq!(
            play(&[Touch::Down(Point::new(98, 50)), Touch::Up(Point::new(110, 50))])[1],
            Gesture::Click(Press::Next)
        );
    }

    /// Presses that a series of taps makes, `every` milliseconds apart.
    fn presses(taps: u64, every: u64) -> usize {
        let (mut finger, at) = (Finger::default(), Point::new(50, 50));
        let touches = (0..taps).flat_map(|n| [(Touch::Down(at), n * every), (Touch::Up(at), n * every + every / 2)]);
        let clicks = touches.filter(|(touch, ms)| {
            matches!(finger.touch(*touch, Duration::from_millis(*ms), 16, find), Gesture::Click(_))
        });
        clicks.count()
    }

    #[test]
    fn a_bouncing_panel_is_one_press_and_a_fast_finger_is_many() {
        assert_eq!(presses(4, 10), 1, "bouncing");
        assert_eq!(presses(10, 120), 10, "fast");
        assert!(presses(50, 20) <= 20, "fifty a second are not fifty digits");
    }

    #[test]
    fn a_lost_end_is_forgotten_with_the_next_touch() {
        let (on, off) = (Point::new(50, 50), Point::new(300, 50));
        assert_eq!(play(&[Touch::Down(on), Touch::Down(off), Touch::Up(off)])[2], Gesture::Nothing);
        assert_eq!(play(&[Touch::Down(off), Touch::Down(on), Touch::Up(on)])[2], Gesture::Click(Press::Next));
    }

    #[test]
    fn a_stuck_contact_is_let_go() {
        let mut finger = Finger::default();
        finger.touch(Touch::Down(Point::new(1, 1)), Duration::ZERO, 16, find);
        assert_eq!(finger.watch(STUCK / 2), Gesture::Nothing);
        assert_eq!(finger.watch(STUCK), Gesture::Feedback);
        assert_eq!(finger.pressed(), None);
    }

    #[test]
    fn debug_never_shows_a_key() {
        assert!(!format!("{:?}", Press::Key(Key::Char('w'))).contains('w'));
    }
}
