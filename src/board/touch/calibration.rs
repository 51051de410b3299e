//! From a device's coordinates to the picture's pixels: the device's own range, then the board file's matrix in libinput's
//! form, the first two rows of a matrix on coordinates from 0 to 1. The matrix turns the finger with the picture.

use embedded_graphics::prelude::{Point, Size};

/// One axis of a device, inclusive. Not the panel's size: an ft5x06 and a Goodix each have their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    pub least: i32,
    pub most: i32,
}

impl Range {
    /// From 0 to 1; 0 for a device that names no range.
    fn share(self, value: i32) -> f32 {
        let span = i64::from(self.most) - i64::from(self.least);
        if span <= 0 {
            return 0.0;
        }
        (i64::from(value) - i64::from(self.least)) as f32 / span as f32
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    pub x: Range,
    pub y: Range,
    pub matrix: [f32; 6],
    pub picture: Size,
}

impl Calibration {
    /// The pixel under the finger; on the edge for what lies beyond it.
    pub fn pixel(&self, x: i32, y: i32) -> Point {
        let (x, y) = (self.x.share(x), self.y.share(y));
        let [a, b, c, d, e, f] = self.matrix;
        let on = |share: f32, side: u32| {
            let last = side.saturating_sub(1);
            // A matrix of nonsense may give what is no number: then the first pixel.
            (share * last as f32).round().max(0.0).min(last as f32) as i32
        };
        Point::new(on(a * x + b * y + c, self.picture.width), on(d * x + e * y + f, self.picture.height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calibration(matrix: [f32; 6], picture: Size) -> Calibration {
        Calibration { x: Range { least: 0, most: 719 }, y: Range { least: 0, most: 1279 }, matrix, picture }
    }

    #[test]
    fn the_corners_of_a_standing_panel_are_the_corners_of_the_picture() {
        let upright = calibration([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], Size::new(720, 1280));
        assert_eq!(upright.pixel(0, 0), Point::new(0, 0));
        assert_eq!(upright.pixel(719, 1279), Point::new(719, 1279));
    }

    #[test]
    fn a_panel_that_hangs_clockwise_turns_the_finger_with_the_picture() {
        // As in boards/rpi-touch2-landscape.toml: the panel's upper left is the picture's upper right.
        let lying = calibration([0.0, -1.0, 1.0, 1.0, 0.0, 0.0], Size::new(1280, 720));
        assert_eq!(lying.pixel(0, 0), Point::new(1279, 0));
        assert_eq!(lying.pixel(0, 1279), Point::new(0, 0));
        assert_eq!(lying.pixel(719, 1279), Point::new(0, 719));
    }

    #[test]
    fn what_lies_beyond_the_glass_is_on_its_edge() {
        let upright = calibration([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], Size::new(720, 1280));
        assert_eq!(upright.pixel(-500, i32::MAX), Point::new(0, 1279));
        let nonsense = calibration([f32::NAN; 6], Size::new(720, 1280));
        assert_eq!(nonsense.pixel(1, 1), Point::new(0, 0));
    }
}
