//! Colours and sizes: quiet and warm, like a well-kept lobby. All sizes are design pixels of the reference glass (7″,
//! 800×480, 133 dpi) and become real pixels through the board's dpi, so that a button is as large on every glass.

use crate::board::Color;
use embedded_graphics::prelude::Size;

/// Pixels an inch of the reference glass.
pub const REFERENCE_DPI: f32 = 133.0;

/// Least design pixels across: below that ten letter keys have no room, so a small or very dense glass draws smaller.
const LEAST_ACROSS: f32 = 440.0;

/// Most design pixels (width, height): a large glass draws larger instead of leaving text lost in space.
const MOST: (f32, f32) = (1080.0, 600.0);

/// Large-text mode.
pub const LARGE: f32 = 1.35;

/// Space around the content, in design pixels; all other space comes in steps of 8.
pub const MARGIN: i32 = 24;
/// Height of a button, and least side of a place that answers a finger: 64 design pixels are 12 mm.
pub const TOUCH: i32 = 64;
pub const CORNER: i32 = 12;

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    pub size: Size,
    /// Pixels a design pixel.
    scale: f32,
}

impl Metrics {
    pub fn new(size: Size, dpi: u32) -> Self {
        let (w, h) = (size.width as f32, size.height as f32);
        let (long, short) = (w.max(h), w.min(h));
        let most = short / LEAST_ACROSS;
        let least = (long / MOST.0).min(short / MOST.1).min(most);
        Metrics { size, scale: (dpi as f32 / REFERENCE_DPI).clamp(least, most) }
    }

    /// Design pixels in pixels.
    pub fn px(&self, design: i32) -> i32 {
        (design as f32 * self.scale).round() as i32
    }

    pub fn portrait(&self) -> bool {
        self.size.height > self.size.width
    }
}

/// The sizes of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Numbers to remember.
    Number,
    Title,
    Question,
    Body,
    /// Body, heavier: buttons and names of things.
    Label,
    Caption,
}

impl Style {
    /// Normal size and the least that a text may shrink to before it counts as too long, in design pixels.
    pub const fn sizes(self) -> (i32, i32) {
        match self {
            Style::Number => (44, 36),
            Style::Title => (36, 26),
            Style::Question => (30, 24),
            Style::Body | Style::Label => (24, 20),
            Style::Caption => (20, 20),
        }
    }

    pub const fn is_heavy(self) -> bool {
        matches!(self, Style::Number | Style::Title | Style::Question | Style::Label)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    pub paper: Color,
    pub card: Color,
    pub line: Color,
    pub ink: Color,
    pub muted: Color,
    pub accent: Color,
    pub on_accent: Color,
    pub on_accent_muted: Color,
    /// A breath of the accent: candidates, chosen things.
    pub tint: Color,
    pub danger: Color,
    pub on_danger: Color,
    pub ok: Color,
}

const fn rgb(hex: u32) -> Color {
    Color::new((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

pub const LIGHT: Palette = Palette {
    paper: rgb(0xF7F5F0),
    card: rgb(0xFFFFFF),
    line: rgb(0xDDD8CE),
    ink: rgb(0x17232B),
    muted: rgb(0x55636D),
    accent: rgb(0x0B6E69),
    on_accent: rgb(0xFFFFFF),
    on_accent_muted: rgb(0xDCEFED),
    tint: rgb(0xE5EFED),
    danger: rgb(0xB3261E),
    on_danger: rgb(0xFFFFFF),
    ok: rgb(0x1B6B3A),
};

/// After 22:00: the lobby is dim and the glass must not be the brightest thing in it.
pub const NIGHT: Palette = Palette {
    paper: rgb(0x12181C),
    card: rgb(0x1B242A),
    line: rgb(0x33414A),
    ink: rgb(0xEEF2F3),
    muted: rgb(0x9FB0BA),
    accent: rgb(0x2BB3AA),
    on_accent: rgb(0x06201E),
    on_accent_muted: rgb(0x06201E),
    tint: rgb(0x1D3336),
    danger: rgb(0xFF8A80),
    on_danger: rgb(0x2B0906),
    ok: rgb(0x7BD69A),
};

/// How somebody sees the glass: kept for the session only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sight {
    #[default]
    Normal,
    Large,
    /// Large, and black on white.
    Contrast,
}

impl Sight {
    /// What one touch more leads to.
    pub const fn next(self) -> Self {
        match self {
            Sight::Normal => Sight::Large,
            Sight::Large => Sight::Contrast,
            Sight::Contrast => Sight::Normal,
        }
    }

    pub const fn is_large(self) -> bool {
        !matches!(self, Sight::Normal)
    }
}

/// Everything at least 7:1.
pub const CONTRAST: Palette = Palette {
    paper: rgb(0xFFFFFF),
    card: rgb(0xFFFFFF),
    line: rgb(0x17232B),
    ink: rgb(0x000000),
    muted: rgb(0x3A454C),
    accent: rgb(0x00504C),
    on_accent: rgb(0xFFFFFF),
    on_accent_muted: rgb(0xFFFFFF),
    tint: rgb(0xE5EFED),
    danger: rgb(0x84100C),
    on_danger: rgb(0xFFFFFF),
    ok: rgb(0x0E4A27),
};

pub const CONTRAST_NIGHT: Palette = Palette {
    paper: rgb(0x000000),
    card: rgb(0x000000),
    line: rgb(0xC8D2D8),
    ink: rgb(0xFFFFFF),
    muted: rgb(0xD5DEE3),
    accent: rgb(0x6FE3DB),
    on_accent: rgb(0x000000),
    on_accent_muted: rgb(0x000000),
    tint: rgb(0x12292B),
    danger: rgb(0xFFB4AB),
    on_danger: rgb(0x000000),
    ok: rgb(0xA6EBC0),
};

/// From this local hour to [`NIGHT_ENDS`] the night palette holds.
pub const NIGHT_BEGINS: u32 = 22;
pub const NIGHT_ENDS: u32 = 6;

pub fn is_night(local_hour: u32) -> bool {
    !(NIGHT_ENDS..NIGHT_BEGINS).contains(&local_hour)
}

pub fn palette(local_hour: u32, sight: Sight) -> &'static Palette {
    match (!is_night(local_hour), sight) {
        (true, Sight::Contrast) => &CONTRAST,
        (false, Sight::Contrast) => &CONTRAST_NIGHT,
        (true, _) => &LIGHT,
        (false, _) => &NIGHT,
    }
}

/// One step darker: what a finger rests on.
pub fn pressed(color: Color) -> Color {
    use embedded_graphics::prelude::RgbColor;
    let darker = |channel: u8| (u16::from(channel) * 226 / 255) as u8;
    Color::new(darker(color.r()), darker(color.g()), darker(color.b()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_graphics::prelude::RgbColor;

    /// WCAG 2.2, relative luminance and contrast ratio.
    fn contrast(a: Color, b: Color) -> f64 {
        let channel = |value: u8| match f64::from(value) / 255.0 {
            v if v <= 0.04045 => v / 12.92,
            v => ((v + 0.055) / 1.055).powf(2.4),
        };
        let luminance = |c: Color| 0.2126 * channel(c.r()) + 0.7152 * channel(c.g()) + 0.0722 * channel(c.b());
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_text_can_be_read_on_what_it_stands_on() {
        for (p, least) in [(LIGHT, 4.5), (NIGHT, 4.5), (CONTRAST, 7.0), (CONTRAST_NIGHT, 7.0)] {
            for ground in [p.paper, p.card, p.tint, pressed(p.card), pressed(p.tint)] {
                assert!(contrast(p.ink, ground) >= 7.0);
            }
            for ground in [p.paper, p.card, pressed(p.card)] {
                assert!(contrast(p.muted, ground) >= least, "{ground:?} {}", contrast(p.muted, ground));
            }
            let pairs = [
                (p.on_accent, p.accent),
                (p.on_accent, pressed(p.accent)),
                (p.on_accent_muted, p.accent),
                (p.on_accent_muted, pressed(p.accent)),
                (p.on_danger, p.danger),
                (p.on_danger, pressed(p.danger)),
                (p.accent, p.card),
                (p.accent, p.paper),
                (p.accent, p.tint),
                (p.accent, pressed(p.card)),
                (p.danger, p.card),
                (p.danger, pressed(p.card)),
                (p.danger, p.paper),
                (p.ok, p.paper),
            ];
            for (text, ground) in pairs {
                assert!(contrast(text, ground) >= least, "{text:?} on {ground:?}: {}", contrast(text, ground));
            }
        }
    }

    #[test]
    fn a_button_is_twelve_millimetres_on_every_glass_that_has_room() {
        for (w, h, dpi) in [(800, 480, 133), (720, 1280, 210), (1280, 720, 210)] {
            let metrics = Metrics::new(Size::new(w, h), dpi);
            let millimetres = metrics.px(TOUCH) as f32 / dpi as f32 * 25.4;
            assert!(millimetres >= 12.0, "{w}x{h}: {millimetres}");
        }
    }
}
