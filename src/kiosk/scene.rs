//! What is on the glass: a flat list of placed elements, bottom first, with the places that answer a finger and the
//! words for those who cannot see it. Comparing two scenes says what must be drawn again. It never draws and never
//! decides; and its Debug never prints text, because a name may stand in it.

use super::area::Area;
use super::glyphs::Face;
use super::press::Press;
use crate::board::{Color, Outline, Part};
use std::collections::HashMap;

/// Most damage rectangles of one update: beyond that, near ones are joined. Eight copies cost less than the
/// bookkeeping of more (the notes' figure for SPI panels, where a rectangle costs a command).
pub const MAX_DAMAGE: usize = 8;

/// Above this share of the glass in per cent the whole picture is drawn: one copy is cheaper than many.
pub const FULL_ABOVE: i64 = 60;

/// One placed element. Its `area` holds every pixel that it may touch.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Item {
    Fill {
        area: Area,
        color: Color,
    },
    /// A rounded rectangle; the border is drawn inside the area.
    Panel {
        area: Area,
        radius: i32,
        fill: Color,
        border: Option<(i32, Color)>,
    },
    /// One line of text, or an icon. `x` and `baseline` are where the pen starts.
    Text {
        area: Area,
        x: i32,
        baseline: i32,
        face: Face,
        /// Pixels an em.
        size: u16,
        color: Color,
        text: String,
    },
    /// A square code of `width` modules a side, dark where true.
    Code {
        area: Area,
        width: usize,
        modules: Vec<bool>,
        color: Color,
    },
}

impl Item {
    pub fn area(&self) -> Area {
        match self {
            Item::Fill { area, .. } | Item::Panel { area, .. } | Item::Text { area, .. } | Item::Code { area, .. } => {
                *area
            }
        }
    }
}

/// A place that answers a finger. Larger than what is drawn, where that is smaller than 64 design pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub area: Area,
    pub press: Press,
}

#[derive(Clone, Default)]
pub struct Scene {
    pub bounds: Area,
    pub items: Vec<Item>,
    /// Later ones lie above earlier ones.
    pub targets: Vec<Target>,
    pub screen: String,
    pub language: &'static str,
    pub parts: Vec<Part>,
    /// Texts that did not fit their boxes even at the smallest size. Tests demand that there are none.
    pub overflow: Vec<String>,
}

impl Scene {
    pub fn outline(&self) -> Outline {
        Outline { screen: self.screen.clone(), language: self.language.to_owned(), parts: self.parts.clone() }
    }

    /// Moves everything but the paper.
    pub fn shift(&mut self, dx: i32, dy: i32) {
        let moved = |area: Area| Area { x: area.x + dx, y: area.y + dy, ..area };
        let bounds = self.bounds;
        for item in self.items.iter_mut().filter(|item| item.area() != bounds) {
            match item {
                Item::Text { area, x, baseline, .. } => {
                    (*area, *x, *baseline) = (moved(*area), *x + dx, *baseline + dy)
                }
                Item::Fill { area, .. } | Item::Panel { area, .. } | Item::Code { area, .. } => *area = moved(*area),
            }
        }
        self.targets.iter_mut().for_each(|target| target.area = moved(target.area));
    }

    /// The topmost target at a point.
    pub fn target(&self, at: embedded_graphics::prelude::Point) -> Option<Target> {
        self.targets.iter().rev().find(|target| target.area.contains(at)).copied()
    }

    /// What differs between the picture of `old` and this one.
    pub fn damage(&self, old: &Scene) -> Vec<Area> {
        // Another language may draw the same characters otherwise.
        if old.bounds != self.bounds || old.language != self.language {
            return vec![self.bounds];
        }
        let (gone, kept_before) = apart(&old.items, &self.items);
        let (come, kept_now) = apart(&self.items, &old.items);
        // Items that both hold but in another order may cover each other differently.
        if kept_before != kept_now {
            return vec![self.bounds];
        }
        let changed = gone.into_iter().chain(come).map(|item| item.area().intersection(self.bounds));
        merge(changed.filter(|area| !area.is_empty()).collect(), self.bounds)
    }
}

impl std::fmt::Debug for Scene {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Scene({}, {} items)", self.screen, self.items.len())
    }
}

/// The items of `here` that `there` lacks, and those that it has, in order.
fn apart<'a>(here: &'a [Item], there: &[Item]) -> (Vec<&'a Item>, Vec<&'a Item>) {
    let mut left: HashMap<&Item, usize> = HashMap::new();
    for item in there {
        *left.entry(item).or_default() += 1;
    }
    here.iter().partition(|item| match left.get_mut(item) {
        Some(count) if *count > 0 => {
            *count -= 1;
            false
        }
        _ => true,
    })
}

/// Joins overlapping areas, then the pairs that waste least, until few are left.
fn merge(mut areas: Vec<Area>, bounds: Area) -> Vec<Area> {
    let waste = |a: Area, b: Area| a.union(b).pixels() - a.pixels() - b.pixels() + a.intersection(b).pixels();
    loop {
        let pairs = (0..areas.len()).flat_map(|a| (a + 1..areas.len()).map(move |b| (a, b)));
        let nearest = pairs.min_by_key(|&(a, b)| (!areas[a].touches(areas[b]), waste(areas[a], areas[b])));
        let Some((a, b)) = nearest else { break };
        if !areas[a].touches(areas[b]) && areas.len() <= MAX_DAMAGE {
            break;
        }
        let second = areas.swap_remove(b);
        areas[a] = areas[a].union(second);
    }
    let damaged: i64 = areas.iter().map(|area| area.pixels()).sum();
    if damaged * 100 > bounds.pixels() * FULL_ABOVE { vec![bounds] } else { areas }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::pixelcolor::Rgb888;
    use proptest::prelude::*;

    fn fill(x: i32, y: i32, w: i32, h: i32) -> Item {
        Item::Fill { area: Area::new(x, y, w, h), color: Rgb888::new(1, 2, 3) }
    }

    fn scene(items: Vec<Item>) -> Scene {
        Scene { bounds: Area::new(0, 0, 800, 480), items, ..Scene::default() }
    }

    #[test]
    fn the_same_picture_is_no_damage() {
        let one = scene(vec![fill(0, 0, 10, 10), fill(20, 0, 10, 10)]);
        assert!(one.damage(&one.clone()).is_empty());
    }

    #[test]
    fn only_what_changed_is_drawn_again() {
        let old = scene(vec![fill(0, 0, 10, 10), fill(20, 0, 10, 10)]);
        let new = scene(vec![fill(0, 0, 10, 10), fill(300, 200, 10, 10)]);
        let damage = new.damage(&old);
        assert_eq!(damage.len(), 2);
        assert!(damage.contains(&Area::new(20, 0, 10, 10)) && damage.contains(&Area::new(300, 200, 10, 10)));
    }

    #[test]
    fn another_order_of_the_same_things_is_drawn_in_full() {
        let old = scene(vec![fill(0, 0, 10, 10), fill(5, 0, 10, 10)]);
        let new = scene(vec![fill(5, 0, 10, 10), fill(0, 0, 10, 10)]);
        assert_eq!(new.damage(&old), [new.bounds]);
    }

    proptest! {
        #[test]
        fn damage_covers_every_change_and_stays_few(
            before in prop::collection::vec((0..780i32, 0..460i32, 1..200i32, 1..200i32), 0..20),
            after in prop::collection::vec((0..780i32, 0..460i32, 1..200i32, 1..200i32), 0..20),
        ) {
            let make = |list: &[(i32, i32, i32, i32)]| scene(list.iter().map(|&(x, y, w, h)| fill(x, y, w, h)).collect());
            let (old, new) = (make(&before), make(&after));
            let damage = new.damage(&old);
            prop_assert!(damage.len() <= MAX_DAMAGE);
            for item in old.items.iter().filter(|item| !new.items.contains(item)) {
                let visible = item.area().intersection(new.bounds);
                prop_assert!(damage.iter().any(|area| area.union(visible) == *area));
            }
        }
    }
}
