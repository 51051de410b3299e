//! A picture on a panel that hangs turned. The display hardware of a Pi turns by half only (anholt/linux#49), so the quarter
//! turns are made here, while damage is copied out. Panel pixels are written in order, a tile at a time: the target is
//! write-combined memory, and a column of the picture is a cache miss for every pixel.

use super::Frame;
use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// Side of a tile in pixels: 16 rows of 64 bytes, which is one write to such memory and fits the cache on the other side.
const TILE: u32 = 16;

/// How the panel hangs: clockwise from its own orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    None,
    Right,
    Half,
    Left,
}

/// Rows of a panel's memory: XRGB8888, `pitch` bytes from one to the next.
pub struct Rows<'a> {
    pub bytes: &'a mut [u8],
    pub pitch: usize,
}

impl Rows<'_> {
    /// The bytes of `width` pixels from (`x`, `y`).
    fn part(&mut self, x: u32, y: u32, width: u32) -> &mut [u8] {
        let start = y as usize * self.pitch + x as usize * 4;
        &mut self.bytes[start..start + width as usize * 4]
    }
}

impl Turn {
    /// `None` for what is no quarter turn.
    pub const fn from_degrees(degrees: u16) -> Option<Turn> {
        match degrees {
            0 => Some(Turn::None),
            90 => Some(Turn::Right),
            180 => Some(Turn::Half),
            270 => Some(Turn::Left),
            _ => None,
        }
    }

    /// The size of the panel under a picture of this size.
    pub const fn panel(self, picture: Size) -> Size {
        match self {
            Turn::None | Turn::Half => picture,
            Turn::Right | Turn::Left => Size::new(picture.height, picture.width),
        }
    }

    /// Which pixel of the picture lies on this pixel of the panel.
    fn source(self, at: Point, picture: Size) -> Point {
        let (right, bottom) = (picture.width as i32 - 1, picture.height as i32 - 1);
        match self {
            Turn::None => at,
            Turn::Right => Point::new(right - at.y, at.x),
            Turn::Half => Point::new(right - at.x, bottom - at.y),
            Turn::Left => Point::new(at.y, bottom - at.x),
        }
    }

    /// Where a part of the picture lies on the panel.
    pub fn area(self, part: &Rectangle, picture: Size) -> Rectangle {
        let (x, y) = (part.top_left.x, part.top_left.y);
        let (width, height) = (part.size.width, part.size.height);
        let (from_right, from_bottom) =
            (picture.width as i32 - x - width as i32, picture.height as i32 - y - height as i32);
        match self {
            Turn::None => *part,
            Turn::Right => Rectangle::new(Point::new(y, from_right), Size::new(height, width)),
            Turn::Half => Rectangle::new(Point::new(from_right, from_bottom), part.size),
            Turn::Left => Rectangle::new(Point::new(from_bottom, x), Size::new(height, width)),
        }
    }

    /// Copies a part of the picture onto the panel. What lies outside the picture is left out.
    pub fn copy(self, frame: &Frame, part: &Rectangle, panel: &mut Rows<'_>) {
        let bounds = frame.bounds();
        let part = part.intersection(&bounds);
        if part.is_zero_sized() {
            return;
        }
        let area = self.area(&part, bounds.size);
        let (left, top) = (area.top_left.x as u32, area.top_left.y as u32);
        let (right, bottom) = (left + area.size.width, top + area.size.height);
        if self == Turn::None {
            for y in top..bottom {
                write(panel.part(left, y, right - left), frame.row(left, y, right - left).iter().copied());
            }
            return;
        }
        let (pixels, stride) = (frame.pixels(), bounds.size.width as usize);
        let pixel = |x: u32, y: u32| {
            let at = self.source(Point::new(x as i32, y as i32), bounds.size);
            pixels[at.y as usize * stride + at.x as usize]
        };
        for tile_y in (top..bottom).step_by(TILE as usize) {
            for tile_x in (left..right).step_by(TILE as usize) {
                let end = right.min(tile_x + TILE);
                for y in tile_y..bottom.min(tile_y + TILE) {
                    write(panel.part(tile_x, y, end - tile_x), (tile_x..end).map(|x| pixel(x, y)));
                }
            }
        }
    }
}

/// XRGB8888 is little-endian in memory: blue first.
fn write(row: &mut [u8], pixels: impl Iterator<Item = u32>) {
    for (bytes, pixel) in row.chunks_exact_mut(4).zip(pixels) {
        bytes.copy_from_slice(&pixel.to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::primitives::PointsIter;
    use proptest::prelude::*;

    const TURNS: [Turn; 4] = [Turn::None, Turn::Right, Turn::Half, Turn::Left];

    /// Every pixel different.
    fn picture(size: Size) -> Frame {
        let mut frame = Frame::new(size);
        for y in 0..size.height {
            for (x, pixel) in frame.row_mut(0, y, size.width).iter_mut().enumerate() {
                *pixel = (y << 12) | (x as u32 + 1);
            }
        }
        frame
    }

    /// The panel's pixels after copying `parts`, rows a little longer than they must be.
    fn shown(turn: Turn, frame: &Frame, parts: &[Rectangle]) -> (Size, Vec<Vec<u32>>) {
        let size = turn.panel(frame.bounds().size);
        let pitch = size.width as usize * 4 + 64;
        let mut bytes = vec![0; pitch * size.height as usize];
        for part in parts {
            turn.copy(frame, part, &mut Rows { bytes: &mut bytes, pitch });
        }
        let pixel = |four: &[u8]| u32::from_le_bytes([four[0], four[1], four[2], four[3]]);
        let rows = bytes.chunks(pitch).map(|row| row[..size.width as usize * 4].chunks(4).map(pixel).collect());
        (size, rows.collect())
    }

    #[test]
    fn a_panel_that_hangs_clockwise_has_the_pictures_top_on_its_left() {
        // a b c      c f
        // d e f  ->  b e   the panel's own left edge is up.
        //            a d
        let frame = picture(Size::new(3, 2));
        let rows = |turn| shown(turn, &frame, &[frame.bounds()]).1;
        let [a, b, c, d, e, f] = [1, 2, 3, 1 << 12 | 1, 1 << 12 | 2, 1 << 12 | 3];
        assert_eq!(rows(Turn::Right), [[c, f], [b, e], [a, d]]);
        assert_eq!(rows(Turn::Half), [[f, e, d], [c, b, a]]);
        assert_eq!(rows(Turn::Left), [[d, a], [e, b], [f, c]]);
    }

    proptest! {
        #[test]
        fn damage_alone_is_copied_and_lies_where_the_whole_picture_would_have_it(
            (width, height) in (1..60u32, 1..60u32),
            (x, y, w, h) in (-9..70i32, -9..70i32, 0..70u32, 0..70u32),
        ) {
            let frame = picture(Size::new(width, height));
            let part = Rectangle::new(Point::new(x, y), Size::new(w, h));
            for turn in TURNS {
                let (size, whole) = shown(turn, &frame, &[frame.bounds()]);
                let (_, only) = shown(turn, &frame, &[part]);
                let part = part.intersection(&frame.bounds());
                let area = if part.is_zero_sized() { part } else { turn.area(&part, frame.bounds().size) };
                for at in Rectangle::new(Point::zero(), size).points() {
                    let (x, y) = (at.x as usize, at.y as usize);
                    let expected = if area.contains(at) { whole[y][x] } else { 0 };
                    prop_assert_eq!(only[y][x], expected, "{:?} {:?}", turn, at);
                }
            }
        }
    }
}
