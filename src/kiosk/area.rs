//! Rectangles on the glass, in pixels, and the cuts that lay a screen out. Arithmetic only: it must never know what
//! it is that it places.

use embedded_graphics::prelude::{Point, Size};
use embedded_graphics::primitives::Rectangle;

/// A rectangle in pixels. Width and height are never negative: a cut takes at most what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Area {
    pub x: i32,
    pub y: i32,
    pub w: i32,
    pub h: i32,
}

impl Area {
    pub fn new(x: i32, y: i32, w: i32, h: i32) -> Self {
        Area { x, y, w: w.max(0), h: h.max(0) }
    }

    pub fn of(size: Size) -> Self {
        Area::new(0, 0, size.width as i32, size.height as i32)
    }

    pub fn right(self) -> i32 {
        self.x + self.w
    }

    pub fn bottom(self) -> i32 {
        self.y + self.h
    }

    pub fn is_empty(self) -> bool {
        self.w == 0 || self.h == 0
    }

    /// Square pixels.
    pub fn pixels(self) -> i64 {
        i64::from(self.w) * i64::from(self.h)
    }

    pub fn contains(self, at: Point) -> bool {
        (self.x..self.right()).contains(&at.x) && (self.y..self.bottom()).contains(&at.y)
    }

    pub fn inset(self, by: i32) -> Self {
        self.inset_xy(by, by)
    }

    pub fn inset_xy(self, dx: i32, dy: i32) -> Self {
        Area::new(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)
    }

    /// Takes `h` from the top; the rest stays.
    pub fn cut_top(&mut self, h: i32) -> Self {
        let h = h.clamp(0, self.h);
        let cut = Area::new(self.x, self.y, self.w, h);
        *self = Area::new(self.x, self.y + h, self.w, self.h - h);
        cut
    }

    pub fn cut_bottom(&mut self, h: i32) -> Self {
        let h = h.clamp(0, self.h);
        self.h -= h;
        Area::new(self.x, self.y + self.h, self.w, h)
    }

    pub fn cut_left(&mut self, w: i32) -> Self {
        let w = w.clamp(0, self.w);
        let cut = Area::new(self.x, self.y, w, self.h);
        *self = Area::new(self.x + w, self.y, self.w - w, self.h);
        cut
    }

    pub fn cut_right(&mut self, w: i32) -> Self {
        let w = w.clamp(0, self.w);
        self.w -= w;
        Area::new(self.x + self.w, self.y, w, self.h)
    }

    /// `columns` × `rows` equal cells with `gap` between them, row by row.
    pub fn grid(self, columns: i32, rows: i32, gap: i32) -> Vec<Area> {
        let edge = |from: i32, length: i32, n: i32, of: i32| from + (length + gap) * n / of;
        (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (column, row)))
            .map(|(column, row)| {
                let (x, y) = (edge(self.x, self.w, column, columns), edge(self.y, self.h, row, rows));
                let (right, bottom) =
                    (edge(self.x, self.w, column + 1, columns) - gap, edge(self.y, self.h, row + 1, rows) - gap);
                Area::new(x, y, right - x, bottom - y)
            })
            .collect()
    }

    /// An area of this size in the middle of this one.
    pub fn middle(self, w: i32, h: i32) -> Self {
        Area::new(self.x + (self.w - w) / 2, self.y + (self.h - h) / 2, w, h)
    }

    /// The same area with its left edge at `x`.
    pub fn at_x(self, x: i32) -> Self {
        Area { x, ..self }
    }

    /// The left part of this width.
    pub fn at_left(self, w: i32) -> Self {
        Area::new(self.x, self.y, w, self.h)
    }

    pub fn intersection(self, other: Area) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        Area::new(x, y, self.right().min(other.right()) - x, self.bottom().min(other.bottom()) - y)
    }

    pub fn touches(self, other: Area) -> bool {
        !self.intersection(other).is_empty()
    }

    /// The smallest area that holds both.
    pub fn union(self, other: Area) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Area::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }
}

impl From<Area> for Rectangle {
    fn from(area: Area) -> Self {
        Rectangle::new(Point::new(area.x, area.y), Size::new(area.w as u32, area.h as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_fills_its_area_to_the_last_pixel() {
        let cells = Area::new(3, 5, 752, 391).grid(4, 2, 12);
        assert_eq!(cells.len(), 8);
        assert_eq!((cells[0].x, cells[0].y), (3, 5));
        assert_eq!((cells[7].right(), cells[7].bottom()), (755, 396));
        assert!(cells.windows(2).all(|pair| !pair[0].touches(pair[1])));
    }

    #[test]
    fn a_cut_takes_at_most_what_is_there() {
        let mut area = Area::new(0, 0, 10, 10);
        assert_eq!(area.cut_top(25).h, 10);
        assert!(area.is_empty());
    }
}
