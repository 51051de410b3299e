//! What screens are made of: text that fits its box, panels, icons, buttons. It places elements in a scene and knows no
//! flow. A text that does not fit even at its least size is cut with an ellipsis and reported, never drawn over its box.

use super::area::Area;
use super::glyphs::{Face, Faces};
use super::icons::Icon;
use super::press::Press;
use super::scene::{Item, Scene, Target};
use super::screens::PageName;
use super::strings::{Say, Words};
use super::text;
use super::theme::{CORNER, LARGE, Metrics, Palette, Sight, Style, TOUCH, pressed};
use crate::board::{Color, Part, Role};
use std::borrow::Cow;

/// Height of a line of running text, in ems: Chinese needs more air than Latin.
const LEADING: f32 = 1.4;
/// Least height of a box for one line, in ems.
const TIGHT: f32 = 1.15;
/// From the middle of a line down to its baseline, in ems: the middle of a Chinese character, near that of a capital.
const MIDDLE: f32 = 0.37;
/// What a glyph may reach above and below the baseline, in ems: accented capitals, the tail of a g.
const REACH: (f32, f32) = (1.1, 0.4);

/// How a person sees the glass now.
pub struct Look<'a> {
    pub metrics: Metrics,
    pub palette: &'static Palette,
    pub words: &'a Words,
    pub faces: &'a Faces,
    pub sight: Sight,
    /// Whether the questions are read aloud; `None` where nothing can speak.
    pub aloud: Option<bool>,
    /// What a finger rests on.
    pub pressed: Option<Press>,
    /// A goodbye asks for the survey that runs now.
    pub survey: bool,
    /// Whether the service centre can be reached on WeChat (R020).
    pub wechat: bool,
    /// Whether the company has written down the way to lifts and flats (R183).
    pub way: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    Left,
    Middle,
    Right,
}

/// How a button is dressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dress {
    Primary,
    Quiet,
    Danger,
    /// A choice that has been made and can be taken back.
    Chosen,
    /// The one big button of an emergency.
    Alarm,
}

pub struct Ui<'a> {
    pub look: &'a Look<'a>,
    pub scene: Scene,
    /// Texts that stand side by side have one size: the largest at which all of them fit.
    shared: Vec<(Style, i32)>,
}

impl<'a> Ui<'a> {
    pub fn new(look: &'a Look<'a>, screen: PageName) -> Self {
        let bounds = Area::of(look.metrics.size);
        let scene =
            Scene { bounds, screen: screen.to_string(), language: look.words.language().tag(), ..Scene::default() };
        let mut ui = Ui { look, scene, shared: Vec::new() };
        ui.fill(bounds, look.palette.paper);
        ui
    }

    pub fn px(&self, design: i32) -> i32 {
        self.look.metrics.px(design)
    }

    pub fn palette(&self) -> &'static Palette {
        self.look.palette
    }

    pub fn say(&self, sentence: Say) -> Cow<'a, str> {
        self.look.words.say(sentence)
    }

    pub fn fill(&mut self, area: Area, color: Color) {
        self.scene.items.push(Item::Fill { area, color });
    }

    pub fn panel(&mut self, area: Area, radius: i32, fill: Color, border: Option<(i32, Color)>) {
        self.scene.items.push(Item::Panel { area, radius, fill, border });
    }

    /// Says to those who cannot see it what stands here.
    pub fn part(&mut self, role: Role, id: impl Into<String>, label: impl Into<String>, area: Area) {
        self.scene.parts.push(Part { role, id: id.into(), label: label.into(), place: area.into() });
    }

    /// A place that answers a finger, at least [`TOUCH`] design pixels on each side where the glass has them.
    pub fn target(&mut self, area: Area, press: Press) {
        let least = self.px(TOUCH);
        let grown = area.middle(area.w.max(least), area.h.max(least)).intersection(self.scene.bounds);
        self.scene.targets.push(Target { area: grown, press });
    }

    pub fn is_pressed(&self, press: Press) -> bool {
        self.look.pressed == Some(press)
    }

    /// One line in the middle of its box's height, at the style's size or as much smaller as it must be.
    pub fn line(&mut self, area: Area, content: &str, style: Style, color: Color, align: Align) -> Area {
        let sizes = (self.largest(style), self.px(style.sizes().1));
        self.fitted(area, content, sizes, face(style), color, align)
    }

    /// From here on texts of this style are no larger than lets all of these fit the width.
    pub fn share<S: AsRef<str>>(&mut self, style: Style, width: i32, texts: &[S]) {
        let (normal, least) = (self.largest(style), self.px(style.sizes().1));
        let fits = |size: &i32| {
            texts.iter().all(|text| text::width(self.look.faces, face(style), *size as u16, text.as_ref()) <= width)
        };
        let size = (least..=normal).rev().find(fits).unwrap_or(least);
        self.shared.push((style, size));
    }

    /// Ends what [`Ui::share`] began.
    pub fn unshare(&mut self) {
        self.shared.clear();
    }

    /// [`Ui::line`] with its own normal and least size in design pixels.
    pub fn line_within(
        &mut self,
        area: Area,
        content: &str,
        sizes: (i32, i32),
        face: Face,
        color: Color,
        align: Align,
    ) -> Area {
        let sizes = (self.enlarged(sizes.0), self.px(sizes.1));
        self.fitted(area, content, sizes, face, color, align)
    }

    /// `sizes` in pixels.
    fn fitted(&mut self, area: Area, content: &str, sizes: (i32, i32), face: Face, color: Color, align: Align) -> Area {
        let fits = |size: &i32| {
            text::width(self.look.faces, face, *size as u16, content) <= area.w && *size as f32 * TIGHT <= area.h as f32
        };
        let size = (sizes.1..=sizes.0).rev().find(fits).unwrap_or(sizes.1);
        self.place(area, content, size as u16, face, color, align)
    }

    /// One line of what a person typed: as long as they like, so it may be cut without being a fault of the layout.
    pub fn cut_line(&mut self, area: Area, content: &str, style: Style, color: Color) {
        let size = self.px(style.sizes().1) as u16;
        let shown = text::ellipsis(self.look.faces, face(style), size, content, area.w);
        self.line(area, &shown, style, color, Align::Left);
    }

    /// [`Ui::cut_line`] with a second line before anything is cut.
    pub fn cut_lines(&mut self, area: Area, content: &str, style: Style, color: Color) {
        let size = self.px(style.sizes().1);
        let height = (size as f32 * LEADING).ceil() as i32;
        let lines = text::text_lines(self.look.faces, face(style), size as u16, content, area.w);
        let second = lines.get(1).map(|line| line.as_ptr() as usize - content.as_ptr() as usize);
        let Some((one, two)) = second.and_then(|at| content.split_at_checked(at)).filter(|_| 2 * height <= area.h)
        else {
            return self.cut_line(area, &content.replace('\n', " · "), style, color);
        };
        let two = two.replace('\n', " · ");
        let places = area.middle(area.w, 2 * height).grid(1, 2, 0);
        for (place, line) in places.into_iter().zip([one.trim_end(), &two]) {
            let shown = text::ellipsis(self.look.faces, face(style), size as u16, line, place.w);
            self.fitted(place, &shown, (size, size), face(style), color, Align::Left);
        }
    }

    /// Running text from the top of its box; gives the height used.
    pub fn paragraph(&mut self, area: Area, content: &str, style: Style, color: Color, align: Align) -> i32 {
        let (normal, least) = (self.largest(style), self.px(style.sizes().1));
        let face = face(style);
        let broken = |size: i32| text::lines(self.look.faces, face, size as u16, content, area.w);
        let height = |size: i32| (size as f32 * LEADING).ceil() as i32;
        // The last line needs no air below it.
        let tight = |size: i32| (size as f32 * TIGHT).ceil() as i32;
        let needed = |size: i32, lines: usize| (lines as i32 - 1) * height(size) + tight(size);
        let fits = |size: &i32| needed(*size, broken(*size).len()) <= area.h;
        let size = (least..=normal).rev().find(fits).unwrap_or(least);
        let lines = text::even_lines(self.look.faces, face, size as u16, content, area.w);
        let room = (1..=lines.len().max(1)).rev().find(|lines| needed(size, *lines) <= area.h).unwrap_or(1);
        if lines.len() > room {
            self.scene.overflow.push(content.to_owned());
        }
        let mut rest = area;
        for line in lines.iter().take(room) {
            let place = Area { h: height(size), ..rest };
            rest.cut_top(height(size));
            self.place(place, line, size as u16, face, color, align);
        }
        lines.len().min(room) as i32 * height(size)
    }

    /// [`Ui::paragraph`] that is also in the outline. Never for what a person typed.
    pub fn told(&mut self, area: Area, content: &str, style: Style, color: Color, align: Align) -> i32 {
        let used = self.paragraph(area, content, style, color, align);
        self.part(Role::Text, "text", content, Area::new(area.x, area.y, area.w, used));
        used
    }

    /// The one question or the title of the page.
    pub fn heading(&mut self, area: Area, content: &str, style: Style, align: Align) -> i32 {
        let used = self.paragraph(area, content, style, self.palette().ink, align);
        self.part(Role::Heading, "heading", content, Area::new(area.x, area.y, area.w, used));
        used
    }

    /// [`Ui::heading`] to somebody. Who it is stays out of the outline: what was typed is nobody else's to hear.
    pub fn heading_to(&mut self, area: Area, called: &str, content: &str, style: Style) -> i32 {
        let shown = self.look.words.with(Say::Addressed, &[("called", called), ("sentence", content)]);
        let used = self.paragraph(area, &shown, style, self.palette().ink, Align::Left);
        self.part(Role::Heading, "heading", content, Area::new(area.x, area.y, area.w, used));
        used
    }

    /// The normal size of a style now, in pixels.
    fn largest(&self, style: Style) -> i32 {
        let shared = self.shared.iter().filter(|(shared, _)| *shared == style).map(|(_, size)| *size);
        shared.min().unwrap_or_else(|| self.enlarged(style.sizes().0))
    }

    fn enlarged(&self, design: i32) -> i32 {
        let size = self.px(design);
        if self.look.sight.is_large() { (size as f32 * LARGE).round() as i32 } else { size }
    }

    /// Width of a text at its normal size now.
    pub fn width(&self, content: &str, style: Style) -> i32 {
        text::width(self.look.faces, face(style), self.largest(style) as u16, content)
    }

    /// Height of running text at its normal size now.
    pub fn height(&self, content: &str, style: Style, width: i32) -> i32 {
        let size = self.largest(style);
        let lines = text::lines(self.look.faces, face(style), size as u16, content, width).len();
        lines as i32 * (size as f32 * LEADING).ceil() as i32
    }

    /// The lines of running text at its normal size now.
    pub fn broken<'t>(&self, content: &'t str, style: Style, width: i32) -> Vec<&'t str> {
        text::text_lines(self.look.faces, face(style), self.largest(style) as u16, content, width)
    }

    fn place(&mut self, area: Area, content: &str, size: u16, face: Face, color: Color, align: Align) -> Area {
        let faces = self.look.faces;
        let shown = text::ellipsis(faces, face, size, content, area.w);
        if shown != content {
            self.scene.overflow.push(content.to_owned());
        }
        let width = text::width(faces, face, size, &shown);
        let x = match align {
            Align::Left => area.x,
            Align::Middle => area.x + (area.w - width) / 2,
            Align::Right => area.right() - width,
        };
        let em = f32::from(size);
        let baseline = area.y + (area.h as f32 / 2.0 + em * MIDDLE).round() as i32;
        let (above, below) = ((em * REACH.0).ceil() as i32, (em * REACH.1).ceil() as i32);
        let reach = Area::new(x - 2, baseline - above, width + 4, above + below);
        self.scene.items.push(Item::Text { area: reach, x, baseline, face, size, color, text: shown });
        Area::new(x, area.y, width, area.h)
    }

    /// An icon of `side` design pixels in the middle of the area.
    pub fn icon(&mut self, area: Area, icon: Icon, side: i32, color: Color) {
        let size = self.px(side);
        let place = area.middle(size, size);
        self.scene.items.push(Item::Text {
            area: place.inset(-1),
            x: place.x,
            baseline: place.bottom(),
            face: Face::Icons,
            size: size as u16,
            color,
            text: icon.glyph().to_string(),
        });
    }

    /// The ground of something that can be pressed, and its target. Gives the colour for its text.
    pub fn ground(&mut self, area: Area, press: Press, dress: Dress, radius: i32) -> Color {
        let p = self.palette();
        let (fill, border, ink) = match dress {
            Dress::Primary => (p.accent, None, p.on_accent),
            Dress::Alarm => (p.danger, None, p.on_danger),
            Dress::Quiet => (p.card, Some(p.line), p.ink),
            Dress::Danger => (p.card, Some(p.danger), p.danger),
            Dress::Chosen => (p.tint, Some(p.accent), p.ink),
        };
        let fill = if self.is_pressed(press) { pressed(fill) } else { fill };
        let hairline = self.px(1).max(1);
        self.panel(area, radius, fill, border.map(|color| (hairline, color)));
        self.target(area, press);
        ink
    }

    /// A button with a word, and perhaps a picture before it.
    pub fn button(&mut self, area: Area, press: Press, id: &str, icon: Option<Icon>, label: &str, dress: Dress) {
        let ink = self.ground(area, press, dress, self.px(CORNER));
        self.caption(area, icon, label, if dress == Dress::Quiet { Style::Body } else { Style::Label }, ink);
        self.part(Role::Button, id, label, area);
    }

    /// The small round buttons at the edge of the glass.
    pub fn pill(&mut self, area: Area, press: Press, id: &str, icon: Option<Icon>, label: &str, dress: Dress) {
        let ink = self.ground(area, press, dress, area.h / 2);
        self.caption(area, icon, label, Style::Caption, ink);
        self.part(Role::Button, id, label, area);
    }

    /// Icon and word, together in the middle.
    fn caption(&mut self, area: Area, icon: Option<Icon>, label: &str, style: Style, ink: Color) {
        let mut room = area.inset_xy(self.px(8), 0);
        let Some(icon) = icon else {
            self.line(room, label, style, ink, Align::Middle);
            return;
        };
        let side = style.sizes().0 + 4;
        let icon_width = self.px(side + 8);
        let spare = (room.w - icon_width - self.width(label, style)).max(0);
        room.cut_left(spare / 2);
        let place = room.cut_left(icon_width);
        self.icon(Area::new(place.x, place.y, self.px(side), place.h), icon, side, ink);
        self.line(room, label, style, ink, Align::Left);
    }

    /// A picture over a word: one answer among several.
    pub fn tile(&mut self, area: Area, press: Press, sign: &Sign, dress: Dress) {
        self.ground(area, press, dress, self.px(CORNER));
        let p = self.palette();
        let note = sign.note.map_or(0, |_| self.px(26));
        let roomy = area.h >= self.px(112) + note;
        let (side, word, gap) = if roomy { (44, self.px(44), self.px(8)) } else { (36, self.px(36), self.px(4)) };
        let spare = (area.h - self.px(side) - word - gap - note).max(0);
        let mut rest = area.inset_xy(self.px(4), spare / 2);
        let top = rest.cut_top(self.px(side));
        rest.cut_top(gap);
        self.icon(top, sign.icon, side, p.accent);
        let below = rest.cut_bottom(note);
        self.line(rest, sign.label, Style::Body, p.ink, Align::Middle);
        if let Some(note) = sign.note {
            self.line(below, note, Style::Caption, p.muted, Align::Middle);
        }
        self.part(Role::Button, sign.id, sign.label, area);
    }
}

/// What stands on a tile.
pub struct Sign<'a> {
    pub id: &'a str,
    pub icon: Icon,
    pub label: &'a str,
    pub note: Option<&'a str>,
}

const fn face(style: Style) -> Face {
    if style.is_heavy() { Face::Medium } else { Face::Regular }
}
