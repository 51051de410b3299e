//! From five touched crosses to the matrix of a board file. Four crosses near the corners give the matrix by least squares, a
//! fifth in the middle only checks it. Pure: touches in, a matrix or the reason against it out. It would rather refuse than give
//! a matrix with which the wrong button answers.

use crate::board::Touch;
use embedded_graphics::prelude::{Point, Size};

/// Where the crosses are, in shares of the picture: an eighth from the edge, where a finger still fits beside the frame, and
/// the middle.
const CROSSES: [(f64, f64); 5] = [(0.125, 0.125), (0.875, 0.125), (0.875, 0.875), (0.125, 0.875), (0.5, 0.5)];
/// The last one checks and does not count for the fit.
const FITTED: usize = CROSSES.len() - 1;

/// The touches of a calibration come in this unit: so many of them are the whole range of the device. Finer than any panel.
pub const UNITS: u32 = 10_000;
/// A finger that moves further than 3 % of the range has slid.
const SLID: i32 = UNITS as i32 * 3 / 100;

/// How far a touch may lie from its cross, in millimetres: a finger is that exact, and every button is larger (12 mm).
pub const TOLERANCE_MM: f32 = 5.0;
/// The touches must be spread: with perfect ones this is 0.32, with all on a line or a point it is 0, and below this the panel
/// would be four times the picture.
const SPREAD: f64 = 0.001;

/// The middle of a cross in a picture of this size.
pub fn cross(nth: usize, picture: Size) -> Point {
    let (x, y) = CROSSES[nth];
    let on = |share: f64, side: u32| (share * f64::from(side.saturating_sub(1))).round() as i32;
    Point::new(on(x, picture.width), on(y, picture.height))
}

pub const fn crosses() -> usize {
    CROSSES.len()
}

/// What a touch meant for the cross that is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The finger is still down, or nothing.
    Waiting,
    Taken,
    /// It slid: the same cross once more.
    Slid,
}

/// The touches so far, from a device whose matrix is the identity.
#[derive(Debug, Default)]
pub struct Taps {
    taken: Vec<Point>,
    /// Where the finger came down.
    down: Option<Point>,
    slid: bool,
}

impl Taps {
    pub fn touch(&mut self, touch: Touch) -> Step {
        match touch {
            Touch::Down(at) => (self.down, self.slid) = (Some(at), false),
            Touch::Move(at) => self.slide(at),
            Touch::Cancel => self.down = None,
            Touch::Up(at) => {
                self.slide(at);
                let Some(down) = self.down.take() else { return Step::Waiting };
                if self.slid {
                    return Step::Slid;
                }
                self.taken.push((down + at) / 2);
                return Step::Taken;
            }
        }
        Step::Waiting
    }

    fn slide(&mut self, at: Point) {
        let far = |down: Point| (at - down).abs().x > SLID || (at - down).abs().y > SLID;
        self.slid |= self.down.is_some_and(far);
    }

    /// The number of the cross that waits; as many as there are crosses when none does.
    pub fn next(&self) -> usize {
        self.taken.len()
    }

    /// The matrix for these touches on a picture of this size. `mirrored`: whether a panel that is wired the wrong way round is
    /// meant.
    ///
    /// # Errors
    /// When the touches cannot be those of a panel in front of this picture.
    pub fn fit(&self, picture: Size, dpi: u16, mirrored: bool) -> Result<Fit, Refusal> {
        let share = |at: &Point| (f64::from(at.x) / f64::from(UNITS), f64::from(at.y) / f64::from(UNITS));
        let touched: Vec<(f64, f64)> = self.taken.iter().map(share).collect();
        fit(&touched, picture, dpi, mirrored)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The first two rows of a matrix on coordinates from 0 to 1, as libinput and the board files write it.
    pub matrix: [f32; 6],
    /// How far the worst touch lies from its cross, in pixels of the picture: of the four, and the one that only checks.
    pub worst: f32,
    pub check: f32,
}

#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error("not every cross was touched")]
    Few,
    #[error(
        "the touches lie in one spot or on one line: the panel does not cover the picture, or its driver tells one axis \
         only; look at it with evtest"
    )]
    Flat,
    #[error(
        "left and right are the wrong way round. If config.txt has invx, invy or swapxy for this panel, take them out: the \
         touch is turned in the board file alone. If the panel is wired so, say --mirrored"
    )]
    Mirrored,
    #[error(
        "a touch lies {0:.0} pixels from its cross, too far for any button: once more, with the middle of the finger or a \
         soft pen; if it stays so, the panel is not of one piece with this display"
    )]
    Crooked(f32),
}

fn fit(touched: &[(f64, f64)], picture: Size, dpi: u16, mirrored: bool) -> Result<Fit, Refusal> {
    if touched.len() != CROSSES.len() {
        return Err(Refusal::Few);
    }
    let (last_x, last_y) =
        (f64::from(picture.width.saturating_sub(1)).max(1.0), f64::from(picture.height.saturating_sub(1)).max(1.0));
    let wanted: Vec<(f64, f64)> = (0..CROSSES.len())
        .map(|nth| cross(nth, picture))
        .map(|at| (f64::from(at.x) / last_x, f64::from(at.y) / last_y))
        .collect();
    let (rows, targets) = (&touched[..FITTED], &wanted[..FITTED]);
    let [a, b, c] = row(rows, targets.iter().map(|at| at.0)).ok_or(Refusal::Flat)?;
    let [d, e, f] = row(rows, targets.iter().map(|at| at.1)).ok_or(Refusal::Flat)?;
    // In pixels, because that is what a button is measured in.
    let off = |nth: usize| {
        let ((u, v), (x, y)) = (touched[nth], wanted[nth]);
        (((a * u + b * v + c - x) * last_x).hypot((d * u + e * v + f - y) * last_y)) as f32
    };
    let worst = (0..FITTED).map(off).fold(0.0, f32::max);
    let check = off(FITTED);
    if worst.max(check) > TOLERANCE_MM / 25.4 * f32::from(dpi) {
        return Err(Refusal::Crooked(worst.max(check)));
    }
    if a * e - b * d < 0.0 && !mirrored {
        return Err(Refusal::Mirrored);
    }
    Ok(Fit { matrix: [a, b, c, d, e, f].map(short), worst, check })
}

/// Four digits behind the point: a tenth of a pixel on any glass. Never a zero with a sign.
fn short(number: f64) -> f32 {
    ((number * 10_000.0).round() / 10_000.0 + 0.0) as f32
}

/// The factors with which `u`, `v` and 1 give the values best, by least squares around the mean. `None` where the places are on
/// one line.
fn row(places: &[(f64, f64)], values: impl Iterator<Item = f64> + Clone) -> Option<[f64; 3]> {
    let count = places.len() as f64;
    let mean = |numbers: &mut dyn Iterator<Item = f64>| numbers.sum::<f64>() / count;
    let (u, v) = (mean(&mut places.iter().map(|at| at.0)), mean(&mut places.iter().map(|at| at.1)));
    let middle = mean(&mut values.clone());
    let (mut uu, mut uv, mut vv, mut ut, mut vt) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (at, value) in places.iter().zip(values) {
        let (du, dv, dt) = (at.0 - u, at.1 - v, value - middle);
        (uu, uv, vv, ut, vt) = (uu + du * du, uv + du * dv, vv + dv * dv, ut + du * dt, vt + dv * dt);
    }
    let spread = uu * vv - uv * uv;
    if spread < SPREAD {
        return None;
    }
    let (a, b) = ((ut * vv - vt * uv) / spread, (vt * uu - ut * uv) / spread);
    Some([a, b, middle - a * u - b * v])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::touch::{Calibration, Range};
    use proptest::prelude::*;

    const PICTURE: Size = Size::new(1280, 720);
    const DPI: u16 = 208;
    /// libinput's own examples: as the panel is, turned right, half, left.
    const TURNS: [[f64; 6]; 4] = [
        [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
        [0.0, -1.0, 1.0, 1.0, 0.0, 0.0],
        [-1.0, 0.0, 1.0, 0.0, -1.0, 1.0],
        [0.0, 1.0, 0.0, -1.0, 0.0, 1.0],
    ];

    /// Where a finger must touch so that this matrix leads to the share.
    fn before(matrix: [f64; 6], (x, y): (f64, f64)) -> (f64, f64) {
        let [a, b, c, d, e, f] = matrix;
        let det = a * e - b * d;
        (((x - c) * e - (y - f) * b) / det, ((y - f) * a - (x - c) * d) / det)
    }

    fn touched(matrix: [f64; 6]) -> Vec<(f64, f64)> {
        CROSSES.iter().map(|at| before(matrix, *at)).collect()
    }

    #[test]
    fn each_way_a_panel_hangs_gives_libinputs_matrix() {
        for turn in TURNS {
            let fit = fit(&touched(turn), PICTURE, DPI, false).unwrap();
            for (found, wanted) in fit.matrix.iter().zip(turn) {
                assert!((f64::from(*found) - wanted).abs() < 0.001, "{:?}", fit.matrix);
            }
            assert!(fit.worst < 1.0 && fit.check < 1.0);
        }
    }

    #[test]
    fn a_mirrored_panel_is_asked_about_first() {
        let mirrored = touched([-1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(fit(&mirrored, PICTURE, DPI, false), Err(Refusal::Mirrored));
        assert!(fit(&mirrored, PICTURE, DPI, true).is_ok());
    }

    #[test]
    fn touches_that_cannot_be_right_are_refused() {
        let right = touched(TURNS[0]);
        let mut swapped = right.clone();
        swapped.swap(0, 1);
        assert!(matches!(fit(&swapped, PICTURE, DPI, true), Err(Refusal::Crooked(_))), "two crosses exchanged");
        let mut missed = right.clone();
        missed[4] = (0.7, 0.5);
        assert!(matches!(fit(&missed, PICTURE, DPI, true), Err(Refusal::Crooked(_))), "the check was missed");
        assert_eq!(fit(&[(0.4, 0.4); 5], PICTURE, DPI, true), Err(Refusal::Flat));
        let line: Vec<_> = right.iter().map(|(x, _)| (*x, *x)).collect();
        assert_eq!(fit(&line, PICTURE, DPI, true), Err(Refusal::Flat));
        assert_eq!(fit(&right[..4], PICTURE, DPI, true), Err(Refusal::Few));
    }

    #[test]
    fn a_finger_that_slides_or_is_forgotten_takes_no_cross() {
        let mut taps = Taps::default();
        let at = Point::new(1000, 1000);
        assert_eq!(taps.touch(Touch::Up(at)), Step::Waiting);
        taps.touch(Touch::Down(at));
        taps.touch(Touch::Move(at + Point::new(SLID + 1, 0)));
        assert_eq!(taps.touch(Touch::Up(at)), Step::Slid);
        taps.touch(Touch::Down(at));
        assert_eq!(taps.touch(Touch::Cancel), Step::Waiting);
        assert_eq!(taps.touch(Touch::Up(at)), Step::Waiting);
        taps.touch(Touch::Down(at));
        assert_eq!((taps.touch(Touch::Up(at + Point::new(20, 0))), taps.next()), (Step::Taken, 1));
        assert_eq!(taps.taken, [Point::new(1010, 1000)]);
    }

    proptest! {
        /// Whatever the panel's scale, shear, offset and turn, and however a finger trembles within a millimetre: with the
        /// matrix that is found, the touch panel's own arithmetic leads each touch to its cross.
        #[test]
        fn any_panel_is_found_through_trembling_fingers(
            turn in 0..4usize,
            (wide, high) in (0.7..1.4f64, 0.7..1.4f64),
            (lean, tilt) in (-0.05..0.05f64, -0.05..0.05f64),
            (right, down) in (-0.1..0.1f64, -0.1..0.1f64),
            trembling in prop::array::uniform5((-8.0..8.0f64, -8.0..8.0f64)),
        ) {
            let [a, b, c, d, e, f] = TURNS[turn];
            let panel = [
                a * wide + lean * d, b * wide + lean * e, c + right,
                d * high + tilt * a, e * high + tilt * b, f + down,
            ];
            let mut taps = Taps::default();
            for (nth, (x, y)) in trembling.iter().enumerate() {
                let at = cross(nth, PICTURE);
                let share = ((f64::from(at.x) + x) / 1279.0, (f64::from(at.y) + y) / 719.0);
                let (u, v) = before(panel, share);
                let at = Point::new((u * f64::from(UNITS)) as i32, (v * f64::from(UNITS)) as i32);
                taps.touch(Touch::Down(at));
                prop_assert_eq!(taps.touch(Touch::Up(at)), Step::Taken);
            }
            let fit = taps.fit(PICTURE, DPI, false).unwrap();
            let range = Range { least: 0, most: UNITS as i32 };
            let calibration = Calibration { x: range, y: range, matrix: fit.matrix, picture: PICTURE };
            for (nth, at) in taps.taken.iter().enumerate() {
                let off = calibration.pixel(at.x, at.y) - cross(nth, PICTURE);
                prop_assert!(f64::from(off.x).hypot(f64::from(off.y)) < 30.0, "{off:?} of {nth}, {fit:?}");
            }
        }
    }
}
