//! Draws the damaged part of a scene into a frame. Edges and glyphs are blended against what lies below them, so it
//! draws bottom first and from the paper up. It must never touch a pixel outside the damage.

use super::area::Area;
use super::glyphs::{Faces, Glyphs, stepped};
use super::scene::{Item, Scene};
use crate::board::{Color, Frame};
use embedded_graphics::prelude::*;

/// Draws everything of `scene` that lies within `damage`.
pub fn paint(scene: &Scene, damage: &[Area], faces: &Faces, glyphs: &mut Glyphs, frame: &mut Frame) {
    let glass = Area::of(frame.size());
    for clip in damage.iter().map(|area| area.intersection(glass)).filter(|clip| !clip.is_empty()) {
        for item in scene.items.iter().filter(|item| item.area().touches(clip)) {
            draw(item, clip.intersection(item.area()), faces, glyphs, frame);
        }
    }
}

fn draw(item: &Item, clip: Area, faces: &Faces, glyphs: &mut Glyphs, frame: &mut Frame) {
    match item {
        Item::Fill { color, .. } => fill(frame, clip, *color),
        Item::Panel { area, radius, fill, border: None } => panel(frame, clip, *area, *radius, *fill),
        Item::Panel { area, radius, fill, border: Some((width, color)) } => {
            panel(frame, clip, *area, *radius, *color);
            let inside = area.inset(*width);
            panel(frame, clip.intersection(inside), inside, radius - width, *fill);
        }
        Item::Text { x, baseline, face, size, color, text, .. } => {
            let mut pen = *x as f32;
            for c in text.chars() {
                let glyph = glyphs.get(faces, *face, *size, c);
                let place = (pen.round() as i32 + glyph.left, baseline - glyph.top);
                stamp(frame, clip, place, glyph.width, &glyph.coverage, *color);
                pen += faces.get(*face).advance(c) * f32::from(*size);
            }
        }
        Item::Code { area, width, modules, color } => {
            let side = area.w / (*width).max(1) as i32;
            for (n, _) in modules.iter().enumerate().filter(|(_, dark)| **dark) {
                let (column, row) = ((n % width) as i32, (n / width) as i32);
                let module = Area::new(area.x + column * side, area.y + row * side, side, side);
                fill(frame, clip.intersection(module), *color);
            }
        }
    }
}

fn fill(frame: &mut Frame, area: Area, color: Color) {
    if !area.is_empty() {
        let Ok(()) = frame.fill_solid(&area.into(), color);
    }
}

/// A rounded rectangle: three solid bands and four blended corners.
fn panel(frame: &mut Frame, clip: Area, area: Area, radius: i32, color: Color) {
    let r = radius.clamp(0, area.w.min(area.h) / 2);
    fill(frame, clip.intersection(Area::new(area.x, area.y + r, area.w, area.h - 2 * r)), color);
    for y in [area.y, area.bottom() - r] {
        fill(frame, clip.intersection(Area::new(area.x + r, y, area.w - 2 * r, r)), color);
        for x in [area.x, area.right() - r] {
            let centre = (if x == area.x { x + r } else { x }, if y == area.y { y + r } else { y });
            corner(frame, clip.intersection(Area::new(x, y, r, r)), centre, r, color);
        }
    }
}

fn corner(frame: &mut Frame, clip: Area, centre: (i32, i32), radius: i32, color: Color) {
    for y in clip.y..clip.bottom() {
        for x in clip.x..clip.right() {
            let (dx, dy) = ((x - centre.0) as f32 + 0.5, (y - centre.1) as f32 + 0.5);
            let inside = radius as f32 + 0.5 - (dx * dx + dy * dy).sqrt();
            let pixel = &mut frame.row_mut(x as u32, y as u32, 1)[0];
            *pixel = blend(*pixel, color, u32::from(stepped((inside.clamp(0.0, 1.0) * 255.0) as u8)));
        }
    }
}

fn stamp(frame: &mut Frame, clip: Area, at: (i32, i32), width: usize, coverage: &[u8], color: Color) {
    for (row, line) in coverage.chunks_exact(width.max(1)).enumerate() {
        let y = at.1 + row as i32;
        let (from, to) = (at.0.max(clip.x), (at.0 + width as i32).min(clip.right()));
        if !(clip.y..clip.bottom()).contains(&y) || from >= to {
            continue;
        }
        let line = &line[(from - at.0) as usize..(to - at.0) as usize];
        let pixels = frame.row_mut(from as u32, y as u32, line.len() as u32);
        for (pixel, alpha) in pixels.iter_mut().zip(line).filter(|(_, alpha)| **alpha > 0) {
            *pixel = blend(*pixel, color, u32::from(*alpha));
        }
    }
}

/// `color` over `below`, a pixel `0x00RRGGBB`; `alpha` up to 255.
fn blend(below: u32, color: Color, alpha: u32) -> u32 {
    let mix = |below: u32, above: u8| (below * (255 - alpha) + u32::from(above) * alpha + 127) / 255;
    let channel = |shift: u32| (below >> shift) & 0xFF;
    mix(channel(16), color.r()) << 16 | mix(channel(8), color.g()) << 8 | mix(channel(0), color.b())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::glyphs::Face;
    use embedded_graphics::pixelcolor::Rgb888;
    use proptest::prelude::*;

    fn scene() -> Scene {
        let bounds = Area::new(0, 0, 120, 60);
        let (paper, ink) = (Rgb888::new(247, 245, 240), Rgb888::new(23, 35, 43));
        let panel =
            Item::Panel { area: Area::new(5, 5, 100, 40), radius: 12, fill: Rgb888::WHITE, border: Some((2, ink)) };
        let text = Item::Text {
            area: Area::new(10, 8, 90, 34),
            x: 12,
            baseline: 34,
            face: Face::Regular,
            size: 24,
            color: ink,
            text: "您好a".into(),
        };
        Scene { bounds, items: vec![Item::Fill { area: bounds, color: paper }, panel, text], ..Scene::default() }
    }

    fn painted(damage: &[Area]) -> Frame {
        let mut frame = Frame::new(Size::new(120, 60));
        paint(&scene(), damage, &Faces::default(), &mut Glyphs::default(), &mut frame);
        frame
    }

    proptest! {
        #[test]
        fn a_picture_drawn_in_pieces_is_the_picture_drawn_at_once(x in 0..120i32, y in 0..60i32) {
            let pieces = [Area::new(0, 0, x, y), Area::new(x, 0, 120 - x, y), Area::new(0, y, x, 60 - y),
                Area::new(x, y, 120 - x, 60 - y)];
            prop_assert!(painted(&pieces).pixels() == painted(&[Area::new(-9, -9, 300, 300)]).pixels());
        }
    }

    #[test]
    fn nothing_is_drawn_outside_the_damage() {
        let frame = painted(&[Area::new(20, 10, 30, 20)]);
        assert_eq!(frame.row(0, 5, 120), [0; 120]);
        assert_eq!(frame.row(50, 15, 70), [0; 70]);
    }
}
