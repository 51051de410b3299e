//! The faces that are compiled in, and one cache of anti-aliased glyphs for text and icons. It must never fail for a
//! character: what no face has is drawn as a geta mark 〓 and counted.

use crate::fonts::{MEDIUM, REGULAR};
use std::collections::HashMap;
use swash::scale::{Render, ScaleContext, Source};
use swash::zeno::Format;
use swash::{Charmap, FontRef, GlyphId, GlyphMetrics};

static ICONS: &[u8] = include_bytes!("../../assets/fonts/icons.ttf");

/// Most bytes of glyph pictures kept. All screens in both languages and sizes come to about 1.2 MiB at 800×480; a
/// visitor paging through candidates adds more. Beyond the limit the cache starts anew.
pub const CACHE_BYTES: usize = 4 << 20;

/// What stands for a character that the faces lack: the printers' mark for a missing type.
const MISSING: char = '〓';

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Face {
    Regular,
    Medium,
    Icons,
}

/// The metrics of one face; measuring needs no picture of a glyph.
pub struct Type {
    font: FontRef<'static>,
    charmap: Charmap<'static>,
    widths: GlyphMetrics<'static>,
    /// Above and below the baseline, in ems.
    pub ascent: f32,
    pub descent: f32,
}

impl Type {
    fn new(data: &'static [u8]) -> Self {
        let font = FontRef::from_index(data, 0).expect("the fonts in assets/ are whole");
        let metrics = font.metrics(&[]);
        let em = f32::from(metrics.units_per_em);
        Type {
            font,
            charmap: font.charmap(),
            widths: font.glyph_metrics(&[]),
            ascent: metrics.ascent / em,
            descent: metrics.descent / em,
        }
    }

    fn glyph(&self, c: char) -> Option<GlyphId> {
        Some(self.charmap.map(c)).filter(|glyph| *glyph != 0)
    }

    /// Advance of a character in ems. A missing one counts as the mark that stands for it.
    pub fn advance(&self, c: char) -> f32 {
        let glyph = self.glyph(c).or_else(|| self.glyph(MISSING)).unwrap_or(0);
        self.widths.advance_width(glyph) / f32::from(self.widths.units_per_em())
    }
}

/// The three faces.
pub struct Faces {
    regular: Type,
    medium: Type,
    icons: Type,
}

impl Default for Faces {
    fn default() -> Self {
        Faces { regular: Type::new(REGULAR), medium: Type::new(MEDIUM), icons: Type::new(ICONS) }
    }
}

impl Faces {
    /// Whether this face draws every character of a text.
    pub fn have(&self, face: Face, text: &str) -> bool {
        text.chars().all(|c| self.get(face).glyph(c).is_some())
    }

    pub fn get(&self, face: Face) -> &Type {
        match face {
            Face::Regular => &self.regular,
            Face::Medium => &self.medium,
            Face::Icons => &self.icons,
        }
    }
}

/// A glyph's picture: one byte of coverage a pixel.
pub struct Glyph {
    /// From the pen to the left edge, and from the baseline up to the top edge.
    pub left: i32,
    pub top: i32,
    pub width: usize,
    pub coverage: Vec<u8>,
}

/// Pictures by face, size and character.
#[derive(Default)]
pub struct Glyphs {
    scaler: ScaleContext,
    cache: HashMap<(Face, u16, char), Glyph>,
    bytes: usize,
}

impl Glyphs {
    pub fn get(&mut self, faces: &Faces, face: Face, size: u16, c: char) -> &Glyph {
        if self.bytes > CACHE_BYTES {
            self.cache.clear();
            self.bytes = 0;
        }
        let Glyphs { scaler, cache, bytes } = self;
        cache.entry((face, size, c)).or_insert_with(|| {
            let glyph = draw(scaler, faces.get(face), size, c);
            *bytes += glyph.coverage.len();
            glyph
        })
    }

    /// Bytes of coverage in the cache.
    #[cfg(test)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

fn draw(scaler: &mut ScaleContext, face: &Type, size: u16, c: char) -> Glyph {
    let id = face.glyph(c).unwrap_or_else(|| {
        metrics::counter!("lobbyd_glyph_missing_total").increment(1);
        face.glyph(MISSING).unwrap_or(0)
    });
    let mut scaler = scaler.builder(face.font).size(f32::from(size)).build();
    let image = Render::new(&[Source::Outline]).format(Format::Alpha).render(&mut scaler, id);
    let image = image.unwrap_or_default();
    Glyph {
        left: image.placement.left,
        top: image.placement.top,
        width: image.placement.width as usize,
        coverage: image.data.into_iter().map(stepped).collect(),
    }
}

/// Coverage in sixteen steps. No eye tells them from 256 at the size of a stroke's edge, and a picture with few colours
/// packs into a third: the golden pictures, the screenshots, and what the browser board sends.
pub fn stepped(coverage: u8) -> u8 {
    (coverage / 17 + u8::from(coverage % 17 > 8)) * 17
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_no_face_has_is_drawn_as_a_geta_mark() {
        let (faces, mut glyphs) = (Faces::default(), Glyphs::default());
        let missing = glyphs.get(&faces, Face::Regular, 24, '\u{10FFFD}').coverage.clone();
        assert!(!missing.is_empty());
        assert_eq!(missing, glyphs.get(&faces, Face::Regular, 24, MISSING).coverage);
    }

    #[test]
    fn the_cache_never_grows_past_its_limit() {
        let (faces, mut glyphs) = (Faces::default(), Glyphs::default());
        let mut size = 80;
        for c in ('\u{4E00}'..'\u{9FA5}').step_by(7) {
            size = if size == 80 { 81 } else { 80 };
            let one = glyphs.get(&faces, Face::Medium, size, c).coverage.len();
            assert!(glyphs.bytes() <= CACHE_BYTES + one);
        }
    }
}
