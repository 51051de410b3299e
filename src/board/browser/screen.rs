//! The last picture, and what of it each viewer has not seen yet. A viewer that is slow sees fewer pictures, never an
//! old one: there is no queue, only an area to catch up on.

use crate::board::{Frame, Outline, Part, Role};
use embedded_graphics::prelude::{OriginDimensions, Point, Size};
use embedded_graphics::primitives::Rectangle;
use serde_json::json;
use std::collections::BTreeMap;

/// Rectangles that a viewer catches up on, one by one; more become the one that holds them all. A key press damages
/// three: the key, the field, the candidates.
const RECTANGLES: usize = 8;

pub struct Screen {
    frame: Frame,
    /// The outline as the page reads it.
    outline: String,
    unseen: BTreeMap<u64, Unseen>,
    next: u64,
}

struct Unseen {
    area: Vec<Rectangle>,
    outline: bool,
}

/// What one viewer has to be shown.
#[derive(Default)]
pub struct News {
    pub pieces: Vec<Piece>,
    pub outline: Option<String>,
}

/// A rectangle of the picture, three bytes a pixel.
pub struct Piece {
    pub area: Rectangle,
    pub rgb: Vec<u8>,
}

impl Screen {
    pub fn new(size: Size) -> Self {
        let outline = describe(&Outline::default(), size);
        Screen { frame: Frame::new(size), outline, unseen: BTreeMap::new(), next: 0 }
    }

    pub fn size(&self) -> Size {
        self.frame.size()
    }

    pub fn viewers(&self) -> usize {
        self.unseen.len()
    }

    /// A new viewer, who has seen nothing.
    pub fn enter(&mut self) -> u64 {
        self.next += 1;
        self.unseen.insert(self.next, Unseen { area: vec![self.frame.bounds()], outline: true });
        self.next
    }

    pub fn leave(&mut self, viewer: u64) {
        self.unseen.remove(&viewer);
    }

    /// Takes over the damaged parts of `frame`.
    pub fn update(&mut self, frame: &Frame, damage: &[Rectangle], outline: &Outline) {
        let shown = self.frame.bounds().intersection(&frame.bounds());
        for area in damage.iter().map(|area| area.intersection(&shown)).filter(|area| !area.is_zero_sized()) {
            let (x, y) = (area.top_left.x as u32, area.top_left.y as u32);
            for row in y..y + area.size.height {
                let width = area.size.width;
                self.frame.row_mut(x, row, width).copy_from_slice(frame.row(x, row, width));
            }
            self.unseen.values_mut().for_each(|unseen| unseen.add(area));
        }
        let outline = describe(outline, self.size());
        if outline != self.outline {
            self.outline = outline;
            self.unseen.values_mut().for_each(|unseen| unseen.outline = true);
        }
    }

    /// What the viewer has not seen. From now on it counts as seen.
    pub fn news(&mut self, viewer: u64) -> News {
        let Some(unseen) = self.unseen.get_mut(&viewer) else { return News::default() };
        let areas = std::mem::take(&mut unseen.area);
        let outline = std::mem::take(&mut unseen.outline).then(|| self.outline.clone());
        News { pieces: areas.into_iter().map(|area| self.cut(area)).collect(), outline }
    }

    fn cut(&self, area: Rectangle) -> Piece {
        let (x, y) = (area.top_left.x as u32, area.top_left.y as u32);
        let rows = (y..y + area.size.height).flat_map(|row| self.frame.row(x, row, area.size.width));
        Piece { area, rgb: rows.flat_map(|pixel| [(pixel >> 16) as u8, (pixel >> 8) as u8, *pixel as u8]).collect() }
    }
}

impl Unseen {
    fn add(&mut self, area: Rectangle) {
        if self.area.iter().any(|known| known.intersection(&area) == area) {
            return;
        }
        self.area.push(area);
        if self.area.len() > RECTANGLES {
            let all = self.area.drain(..).reduce(|one, other| envelope(&one, &other));
            self.area.extend(all);
        }
    }
}

/// The smallest rectangle that holds both.
fn envelope(one: &Rectangle, other: &Rectangle) -> Rectangle {
    let far = |area: &Rectangle| area.top_left + area.size;
    let top_left = one.top_left.component_min(other.top_left);
    let end: Point = far(one).component_max(far(other));
    Rectangle::new(top_left, Size::new((end.x - top_left.x) as u32, (end.y - top_left.y) as u32))
}

fn describe(outline: &Outline, size: Size) -> String {
    let place = |area: &Rectangle| json!([area.top_left.x, area.top_left.y, area.size.width, area.size.height]);
    let part = |part: &Part| {
        let role = match part.role {
            Role::Button => "button",
            Role::Field => "field",
            Role::Heading => "heading",
            Role::Text => "text",
        };
        json!({"role": role, "id": part.id, "label": part.label, "place": place(&part.place)})
    };
    json!({
        "screen": outline.screen,
        "language": outline.language,
        "size": [size.width, size.height],
        "parts": outline.parts.iter().map(part).collect::<Vec<_>>(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(x: i32, y: i32, width: u32, height: u32) -> Rectangle {
        Rectangle::new(Point::new(x, y), Size::new(width, height))
    }

    #[test]
    fn a_new_viewer_sees_the_whole_picture_and_then_only_what_changed() {
        let mut screen = Screen::new(Size::new(8, 4));
        let mut frame = Frame::new(Size::new(8, 4));
        let viewer = screen.enter();
        let first = screen.news(viewer);
        assert_eq!(first.pieces.len(), 1);
        assert_eq!(first.pieces[0].rgb.len(), 8 * 4 * 3);
        assert!(first.outline.is_some());
        frame.row_mut(2, 1, 1)[0] = 0x010203;
        screen.update(&frame, &[area(2, 1, 1, 1)], &Outline::default());
        let then = screen.news(viewer);
        assert_eq!((then.pieces[0].area, &then.pieces[0].rgb[..]), (area(2, 1, 1, 1), &[1, 2, 3][..]));
        assert!(then.outline.is_none(), "the words have not changed");
        assert!(screen.news(viewer).pieces.is_empty());
    }

    #[test]
    fn a_viewer_that_lags_catches_up_on_one_area_and_never_on_a_queue() {
        let mut screen = Screen::new(Size::new(100, 100));
        let frame = Frame::new(Size::new(100, 100));
        let viewer = screen.enter();
        screen.news(viewer);
        for step in 0..50 {
            screen.update(&frame, &[area(step, step, 1, 1)], &Outline::default());
        }
        let news = screen.news(viewer);
        assert!(news.pieces.len() <= RECTANGLES);
        let covered = |at: i32| news.pieces.iter().any(|piece| piece.area.contains(Point::new(at, at)));
        use embedded_graphics::prelude::*;
        assert!((0..50).all(covered));
    }

    #[test]
    fn damage_beyond_the_glass_is_cut_off() {
        let mut screen = Screen::new(Size::new(8, 4));
        let viewer = screen.enter();
        screen.news(viewer);
        screen.update(&Frame::new(Size::new(20, 20)), &[area(-5, 2, 100, 100)], &Outline::default());
        assert_eq!(screen.news(viewer).pieces[0].area, area(0, 2, 8, 2));
    }
}
