//! The technician's page: crosses to touch, so that the panel's matrix can be found (`lobbyd board calibrate`). It stands outside
//! the kiosk, has no model and answers nothing; visitors never see it. In Chinese and English at once, because nobody can choose
//! a language on a panel that is not calibrated.

use super::area::Area;
use super::glyphs::{Face, Faces, Glyphs};
use super::paint::paint;
use super::scene::{Item, Scene};
use super::text;
use super::theme::{LIGHT, Metrics};
use crate::board::touch::{cross, crosses};
use crate::board::{Color, Frame};
use embedded_graphics::prelude::Point;

/// What the page says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Crosses {
    /// Touch this one; after a finger that slid, once more.
    Touch { nth: usize, slid: bool },
    /// The matrix was found; how far the worst touch lay from its cross, in pixels.
    Done { off: u32 },
    /// It was not; the terminal says why.
    Refused,
}

/// Half of a cross, its lines, and the ring around it, in design pixels: a finger covers the middle, not the ends.
const ARM: i32 = 48;
const LINE: i32 = 3;
const RING: i32 = 18;
/// The line at the bottom, with what is free below it.
const FOOTER: i32 = 34;

impl Crosses {
    fn says(self) -> [String; 4] {
        let count = crosses();
        let [title, sentence, title_en, sentence_en] = match self {
            Crosses::Touch { nth, slid: false } => [
                format!("触摸屏校准  {}/{count}", nth + 1),
                "请用手指按住十字中心，然后松开".to_owned(),
                format!("Touch calibration  {}/{count}", nth + 1),
                "Put a finger on the middle of the cross, then lift it".to_owned(),
            ],
            Crosses::Touch { nth, slid: true } => [
                format!("触摸屏校准  {}/{count}", nth + 1),
                "手指滑动了，请再按一次同一个十字".to_owned(),
                format!("Touch calibration  {}/{count}", nth + 1),
                "The finger slid. Please touch the same cross once more".to_owned(),
            ],
            Crosses::Done { off } => [
                "校准完成".to_owned(),
                format!("最大偏差 {off} 像素。矩阵已显示在终端上，请抄进板卡文件"),
                "Calibrated".to_owned(),
                format!("At most {off} pixels off. The terminal shows the matrix for the board file"),
            ],
            Crosses::Refused => [
                "校准没有成功".to_owned(),
                "原因已显示在终端上，设置没有改动".to_owned(),
                "Not calibrated".to_owned(),
                "The terminal says why. Nothing was changed".to_owned(),
            ],
        };
        [title, sentence, title_en, sentence_en]
    }

    const fn waits(self) -> Option<usize> {
        match self {
            Crosses::Touch { nth, .. } => Some(nth),
            Crosses::Done { .. } | Crosses::Refused => None,
        }
    }

    /// The page.
    pub fn draw(self, metrics: Metrics) -> Frame {
        let faces = Faces::default();
        let glass = Area::of(metrics.size);
        let mut scene = Scene { bounds: glass, ..Scene::default() };
        scene.items.push(Item::Fill { area: glass, color: LIGHT.paper });
        let [title, sentence, title_en, sentence_en] = self.says();
        // The last cross stands in the middle, Chinese above it, English below; both keep clear of the crosses at the corners.
        let (half, arm) = (glass.h / 2, metrics.px(ARM + 12));
        let (left, top, foot) = match metrics.portrait() {
            true => (glass.w / 20, glass.h / 8 + arm, glass.h / 8 + arm),
            false => (glass.w / 8 + arm, metrics.px(12), metrics.px(FOOTER + 4)),
        };
        let room = |y: i32, end: i32| Area::new(left, y, glass.w - 2 * left, end - y);
        block(&mut scene, &faces, metrics, room(top, half - arm), &title, &sentence);
        block(&mut scene, &faces, metrics, room(half + arm, glass.h - foot), &title_en, &sentence_en);
        if let Some(waiting) = self.waits() {
            for nth in 0..crosses() {
                let color = if nth == waiting { LIGHT.danger } else { LIGHT.line };
                mark(&mut scene, metrics, cross(nth, metrics.size), nth == waiting, color);
            }
            let footer = "按 Esc 取消  ·  Esc cancels";
            let line = Area::new(0, glass.h - metrics.px(FOOTER), glass.w, metrics.px(28));
            written(&mut scene, &faces, line, Face::Regular, metrics.px(18), LIGHT.muted, footer);
        }
        let mut frame = Frame::new(metrics.size);
        paint(&scene, &[glass], &faces, &mut Glyphs::default(), &mut frame);
        frame
    }
}

/// A title and what to do, in the middle of their area.
fn block(scene: &mut Scene, faces: &Faces, metrics: Metrics, area: Area, title: &str, sentence: &str) {
    let (large, small) = (metrics.px(34), metrics.px(24));
    let lines = text::even_lines(faces, Face::Regular, small as u16, sentence, area.w);
    let (title_high, line_high) = (large * 3 / 2, small * 3 / 2);
    let mut y = area.y + (area.h - title_high - line_high * lines.len() as i32).max(0) / 2;
    written(scene, faces, Area::new(area.x, y, area.w, title_high), Face::Medium, large, LIGHT.ink, title);
    y += title_high;
    for line in lines {
        written(scene, faces, Area::new(area.x, y, area.w, line_high), Face::Regular, small, LIGHT.ink, line);
        y += line_high;
    }
}

/// One line in the middle of its area.
fn written(scene: &mut Scene, faces: &Faces, area: Area, face: Face, size: i32, color: Color, content: &str) {
    let wide = text::width(faces, face, size as u16, content);
    let x = area.x + (area.w - wide) / 2;
    let baseline = area.y + area.h / 2 + size * 37 / 100;
    scene.items.push(Item::Text { area, x, baseline, face, size: size as u16, color, text: content.to_owned() });
}

fn mark(scene: &mut Scene, metrics: Metrics, at: Point, waiting: bool, color: Color) {
    let (arm, line, ring) = (metrics.px(ARM), metrics.px(LINE).max(1), metrics.px(RING));
    // An odd width has a middle, which is the pixel that the touch is measured against.
    let line = line | 1;
    let around = |half_w: i32, half_h: i32| Area::new(at.x - half_w, at.y - half_h, half_w * 2 + 1, half_h * 2 + 1);
    if waiting {
        let border = Some((line, color));
        scene.items.push(Item::Panel { area: around(ring, ring), radius: ring, fill: LIGHT.card, border });
    }
    let arm = if waiting { arm } else { arm / 3 };
    scene.items.push(Item::Fill { area: around(arm, line / 2), color });
    scene.items.push(Item::Fill { area: around(line / 2, arm), color });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::to_png;
    use embedded_graphics::prelude::Size;
    use std::path::PathBuf;

    /// Width, height, dpi of the boards that have a picture of their own.
    const GLASSES: [(u32, u32, u32); 2] = [(800, 480, 133), (720, 1280, 208)];
    const PAGES: [(&str, Crosses); 4] = [
        ("first", Crosses::Touch { nth: 0, slid: false }),
        ("check-slid", Crosses::Touch { nth: 4, slid: true }),
        ("done", Crosses::Done { off: 4 }),
        ("refused", Crosses::Refused),
    ];

    fn pixels(path: &PathBuf) -> Option<Vec<u32>> {
        let mut decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).ok()?));
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size()?];
        reader.next_frame(&mut bytes).ok()?;
        Some(bytes.chunks_exact(3).map(|rgb| u32::from_be_bytes([0, rgb[0], rgb[1], rgb[2]])).collect())
    }

    /// After a change that is meant, look at each picture and run this test with LOBBYD_BLESS=1.
    #[test]
    fn the_technicians_page_looks_as_it_was_approved() {
        for (width, height, dpi) in GLASSES {
            for (name, page) in PAGES {
                let frame = page.draw(Metrics::new(Size::new(width, height), dpi));
                let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/calibrate");
                let path = folder.join(format!("{name}-{width}x{height}.png"));
                if std::env::var_os("LOBBYD_BLESS").is_some() {
                    std::fs::create_dir_all(&folder).unwrap();
                    std::fs::write(&path, to_png(&frame).unwrap()).unwrap();
                }
                assert!(pixels(&path).is_some_and(|pixels| pixels == frame.pixels()), "{}", path.display());
            }
        }
    }

    #[test]
    fn the_cross_that_waits_is_marked_at_its_very_middle() {
        let metrics = Metrics::new(Size::new(800, 480), 133);
        for nth in 0..crosses() {
            let frame = Crosses::Touch { nth, slid: false }.draw(metrics);
            let at = cross(nth, metrics.size);
            let red = u32::from_be_bytes([0, 0xB3, 0x26, 0x1E]);
            assert_eq!(frame.row(at.x as u32, at.y as u32, 1), [red]);
        }
    }
}
