//! The faces, and one cache of anti-aliased glyphs for text and icons. It must never fail for a
//! character: what no face has is drawn as a geta mark 〓 and counted.

use crate::fonts::{self, ICONS, MEDIUM, REGULAR};
use std::collections::HashMap;
use swash::scale::{Render, ScaleContext, Source};
use swash::zeno::Format;
use swash::{Charmap, FontRef, GlyphId, GlyphMetrics};

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

/// How readers of a language draw the characters that several languages share: 直 and 骨 differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    Simplified,
    Traditional,
    Japanese,
}

impl Forms {
    pub const ALL: [Forms; 3] = [Forms::Simplified, Forms::Traditional, Forms::Japanese];

    /// By the language's BCP 47 tag.
    pub fn of(tag: &str) -> Forms {
        match tag {
            "zh-Hant" => Forms::Traditional,
            "ja" => Forms::Japanese,
            _ => Forms::Simplified,
        }
    }
}

/// One file.
struct Font {
    data: FontRef<'static>,
    charmap: Charmap<'static>,
    widths: GlyphMetrics<'static>,
}

impl Font {
    fn new(data: &'static [u8]) -> Self {
        let data = FontRef::from_index(data, 0).expect("the fonts in assets/ are whole");
        Font { data, charmap: data.charmap(), widths: data.glyph_metrics(&[]) }
    }
}

/// A glyph of a file: what a picture in the cache belongs to, whoever reads it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    /// Where the file's bytes stand in memory.
    file: usize,
    glyph: GlyphId,
}

/// The metrics of one face; measuring needs no picture of a glyph.
pub struct Type {
    /// The first that has a character draws it.
    fonts: Vec<Font>,
    /// Above and below the baseline, in ems.
    pub ascent: f32,
    pub descent: f32,
}

impl Type {
    fn new(files: &[&fonts::Font]) -> Self {
        let fonts: Vec<Font> = files.iter().map(|file| Font::new(file.bytes())).collect();
        // The regions share one design and its metrics.
        let metrics = fonts[0].data.metrics(&[]);
        let em = f32::from(metrics.units_per_em);
        Type { fonts, ascent: metrics.ascent / em, descent: metrics.descent / em }
    }

    fn glyph(&self, c: char) -> Option<(&Font, GlyphId)> {
        let mut found = self.fonts.iter().map(|font| (font, font.charmap.map(c)));
        found.find(|(_, glyph)| *glyph != 0)
    }

    /// The character's glyph, or that of the mark that stands for a missing one.
    fn glyph_or_mark(&self, c: char) -> (&Font, GlyphId) {
        self.glyph(c).or_else(|| self.glyph(MISSING)).unwrap_or((&self.fonts[0], 0))
    }

    /// Advance of a character in ems. A missing one counts as the mark that stands for it.
    pub fn advance(&self, c: char) -> f32 {
        let (font, glyph) = self.glyph_or_mark(c);
        font.widths.advance_width(glyph) / f32::from(font.widths.units_per_em())
    }

    #[cfg(test)]
    pub fn has_all(&self, text: &str) -> bool {
        text.chars().all(|c| self.glyph(c).is_some())
    }
}

/// The three faces, as the readers of one language need them.
pub struct Faces {
    regular: Type,
    medium: Type,
    icons: Type,
}

impl Default for Faces {
    fn default() -> Self {
        Faces::new(Forms::Simplified)
    }
}

impl Faces {
    pub fn new(forms: Forms) -> Self {
        use fonts::{JAPANESE_MEDIUM, JAPANESE_REGULAR, KOREAN_MEDIUM, KOREAN_REGULAR};
        use fonts::{TRADITIONAL_MEDIUM, TRADITIONAL_REGULAR};
        let (regular, medium): (&[&fonts::Font], &[&fonts::Font]) = match forms {
            Forms::Simplified => (&[&REGULAR, &KOREAN_REGULAR], &[&MEDIUM, &KOREAN_MEDIUM]),
            Forms::Traditional => {
                (&[&TRADITIONAL_REGULAR, &REGULAR, &KOREAN_REGULAR], &[&TRADITIONAL_MEDIUM, &MEDIUM, &KOREAN_MEDIUM])
            }
            Forms::Japanese => {
                (&[&JAPANESE_REGULAR, &REGULAR, &KOREAN_REGULAR], &[&JAPANESE_MEDIUM, &MEDIUM, &KOREAN_MEDIUM])
            }
        };
        // A character that no heading has needed so far is drawn in the normal weight (assets/fonts/make.py).
        let medium = [medium, regular].concat();
        Faces { regular: Type::new(regular), medium: Type::new(&medium), icons: Type::new(&[&ICONS]) }
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

/// Pictures by glyph and size.
#[derive(Default)]
pub struct Glyphs {
    scaler: ScaleContext,
    cache: HashMap<(Place, u16), Glyph>,
    bytes: usize,
}

impl Glyphs {
    pub fn get(&mut self, faces: &Faces, face: Face, size: u16, c: char) -> &Glyph {
        if self.bytes > CACHE_BYTES {
            self.cache.clear();
            self.bytes = 0;
        }
        let face = faces.get(face);
        if face.glyph(c).is_none() {
            metrics::counter!("lobbyd_glyph_missing_total").increment(1);
        }
        let (font, id) = face.glyph_or_mark(c);
        let place = Place { file: font.data.data.as_ptr() as usize, glyph: id };
        let Glyphs { scaler, cache, bytes } = self;
        cache.entry((place, size)).or_insert_with(|| {
            let glyph = draw(scaler, font.data, size, id);
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

fn draw(scaler: &mut ScaleContext, font: FontRef<'static>, size: u16, id: GlyphId) -> Glyph {
    let mut scaler = scaler.builder(font).size(f32::from(size)).build();
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

    #[test]
    fn a_shared_character_is_drawn_as_its_readers_draw_it() {
        let mut glyphs = Glyphs::default();
        let mut drawn = |forms, c| glyphs.get(&Faces::new(forms), Face::Regular, 40, c).coverage.clone();
        let [simplified, traditional, japanese] = Forms::ALL.map(|forms| drawn(forms, '骨'));
        assert!(simplified != traditional && simplified != japanese);
        assert_eq!(drawn(Forms::Japanese, '大'), drawn(Forms::Traditional, '大'));
    }

    /// What any string of the glass must be written in, whoever translates it. CJK punctuation and Latin for all.
    #[test]
    fn every_character_of_every_string_has_a_glyph() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/strings");
        let mut missing = Vec::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            let faces = Faces::new(Forms::of(path.file_stem().unwrap().to_str().unwrap()));
            let text = std::fs::read_to_string(&path).unwrap();
            for face in [Face::Regular, Face::Medium] {
                let lacks = |c: &char| !c.is_control() && !faces.get(face).has_all(c.encode_utf8(&mut [0; 4]));
                missing.extend(text.chars().filter(lacks).map(|c| format!("{c} in {} ({face:?})", path.display())));
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn every_character_that_can_be_typed_can_be_drawn() {
        for forms in Forms::ALL {
            let faces = Faces::new(forms);
            for face in [Face::Regular, Face::Medium] {
                let missing: String =
                    crate::pinyin::characters().filter(|text| !faces.get(face).has_all(text)).collect();
                assert_eq!(missing, "", "{face:?} {forms:?}");
            }
        }
    }

    #[test]
    fn names_of_many_languages_can_be_drawn() {
        let names = "Łukasz Şahin Žižek Ångström Çelik Øyvind Ÿ Œuvre ß ẞ Ő Ű Ș Ț Ğ ı İ Đặng Nguyễn Ə Ŵ Ħ Þór ひらがな カタカナ \
                     홍길동 뵙겠 陳劉張 喆堃 Владимир 𬭎𫖯㛃";
        for forms in Forms::ALL {
            let faces = Faces::new(forms);
            for face in [Face::Regular, Face::Medium] {
                let lacks = |c: &char| !faces.get(face).has_all(c.encode_utf8(&mut [0; 4]));
                assert_eq!(names.chars().filter(lacks).collect::<String>(), "", "{face:?} {forms:?}");
            }
        }
    }
}
