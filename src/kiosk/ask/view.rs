//! How a question stands on the glass: the words, the field, the keys, lying and standing.

use super::{Ask, Asking, Title, With, grouped, unit_in_words};
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::glyphs::Face;
use crate::kiosk::icons::Icon;
use crate::kiosk::keyboard::{Kind, Layout};
use crate::kiosk::language::Language;
use crate::kiosk::page::Room;
use crate::kiosk::press::{Key, Press};
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style, TOUCH};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::kiosk::{text, theme};
use crate::service::contact::Unit;

impl Ui<'_> {
    pub fn ask(&mut self, room: Room, ask: &Ask, asking: &Asking) {
        match (ask.keyboard.layout(), self.look.metrics.portrait()) {
            (Layout::Digits, false) => self.ask_digits_beside(room.whole, ask, asking),
            (Layout::Digits, true) => self.ask_digits_below(room, ask, asking),
            _ => self.ask_letters(room, ask, asking),
        }
    }

    /// The digits for this field alone, on a page that lays itself out.
    pub fn pad_of(&mut self, area: Area, ask: &Ask) {
        self.pad(area, &ask.keyboard);
    }

    /// One of several fields on a page: the one the keys are for, or one to be touched.
    pub fn field_of(&mut self, area: Area, ask: &Ask, label: Say, active: bool, (press, id): (Press, &str)) {
        if active {
            return self.field(area, ask, label);
        }
        let ink = self.ground(area, press, Dress::Quiet, self.px(CORNER));
        let muted = self.palette().muted;
        let inside = area.inset_xy(self.px(16), self.px(4));
        let (label, typed) = (self.say(label), grouped(ask));
        match typed.is_empty() {
            true => drop(self.line(inside, &label, Style::Body, muted, Align::Left)),
            false => self.cut_line(inside, &typed, Style::Body, ink),
        }
        self.part(Role::Button, id, label, area);
    }

    /// Both fields of a page that has two, side by side: the one that the keys are for has more room.
    fn fields_in_row(&mut self, area: Area, ask: &Ask, asking: &Asking, share: i32) {
        let Some(with) = &asking.with else { return self.field(area, ask, asking.label) };
        let (gap, mut rest) = (self.px(8), area);
        let width = area.w * share / 100;
        let other = if with.first { rest.cut_left(width) } else { rest.cut_right(width) };
        if with.first {
            rest.cut_left(gap)
        } else {
            rest.cut_right(gap)
        };
        self.own_field(rest, ask, asking);
        self.waiting_field(other, with);
    }

    /// The field of whoever stands here, with how he likes to be addressed, where there is room for two keys in it.
    fn own_field(&mut self, area: Area, ask: &Ask, asking: &Asking) {
        self.field(area, ask, asking.label);
        if !offers_title(ask, asking.with.as_ref(), self.look.words.language()) {
            return;
        }
        let mut inside = area.inset(self.px(4));
        for title in Title::ALL.into_iter().rev() {
            let place = inside.cut_right(self.px(64));
            inside.cut_right(self.px(4));
            let (id, word, _) = title.words();
            let dress = if ask.title == Some(title) { Dress::Chosen } else { Dress::Quiet };
            let ink = self.ground(place, Press::Title(title), dress, self.px(CORNER - 4));
            let word = self.say(word);
            self.line(place, &word, Style::Caption, ink, Align::Middle);
            self.part(Role::Button, id, word, place);
        }
    }

    /// The question, to somebody.
    fn question(&mut self, area: Area, asking: &Asking) -> i32 {
        let asked = self.say(asking.question).into_owned();
        match asking.called {
            None => self.heading(area, &asked, Style::Question, Align::Left),
            Some(called) => self.heading_to(area, called, &asked, Style::Question),
        }
    }

    fn waiting_field(&mut self, area: Area, with: &With) {
        let id = if with.ask.kind() == Kind::Name { "field.name" } else { "field.phone" };
        self.field_of(area, with.ask, with.label, false, (with.press, id));
    }

    /// Landscape: the question left, the pad right.
    fn ask_digits_beside(&mut self, area: Area, ask: &Ask, asking: &Asking) {
        let (gap, mut left) = (self.px(8), area);
        let mut pad = left.cut_right((area.w - self.px(32)) / 2);
        left.cut_right(self.px(32));
        let next = pad.cut_bottom((area.h - 4 * gap) / 5);
        pad.cut_bottom(gap);
        self.pad(pad, &ask.keyboard);
        let label = self.say(asking.next);
        self.button(next, Press::Next, "next", None, &label, Dress::Primary);
        let question = left.cut_top(self.px(128));
        let used = self.question(question, asking);
        // A short question leaves its room to what follows.
        let used = used.max(self.px(44));
        left = Area::new(left.x, question.y + used, left.w, left.bottom() - question.y - used);
        left.cut_top(gap);
        if let Some(with) = &asking.with {
            let place = left.cut_top(self.px(64));
            self.waiting_field(place, with);
            left.cut_top(gap);
        }
        let field = left.cut_top(self.px(if asking.with.is_some() { 64 } else { 72 }));
        self.field(field, ask, asking.label);
        left.cut_top(self.px(12));
        self.beside(&mut left, next.h, ask, asking);
        self.beneath(left, ask, asking);
    }

    /// At the foot of the area, until something is typed: then what is read back needs the room.
    fn beside(&mut self, area: &mut Area, height: i32, ask: &Ask, asking: &Asking) {
        let Some(door) = asking.beside.filter(|_| ask.text().is_empty()) else { return };
        let place = area.cut_bottom(height);
        area.cut_bottom(self.px(8));
        let entry = door.entry();
        let label = self.say(entry.word);
        self.button(place, Press::Open(door), entry.id, Some(entry.icon), &label, Dress::Quiet);
    }

    fn ask_digits_below(&mut self, room: Room, ask: &Ask, asking: &Asking) {
        let (gap, mut area) = (self.px(8), room.content);
        // Another way in takes its room from the keys, which stay as large as a finger needs.
        let (keys, field, above) = if asking.beside.is_some() {
            (self.px(280), 64, self.px(12))
        } else {
            ((self.px(66) + gap) * 4, 72, gap * 2)
        };
        let pad = area.cut_bottom(keys);
        area.cut_bottom(above);
        let question = area.cut_top(self.px(88));
        self.question(question, asking);
        area.cut_top(gap);
        let field = area.cut_top(self.px(field));
        self.fields_in_row(field, ask, asking, 38);
        area.cut_top(gap);
        self.beside(&mut area, self.px(TOUCH), ask, asking);
        self.beneath(area, ask, asking);
        self.pad(pad, &ask.keyboard);
        let label = self.say(asking.next);
        self.primary(room.actions, Press::Next, &label);
    }

    fn ask_letters(&mut self, room: Room, ask: &Ask, asking: &Asking) {
        let portrait = self.look.metrics.portrait();
        let gap = self.px(match (portrait, &asking.with) {
            (true, None) => 8,
            (true, Some(_)) => 6,
            (false, _) => 4,
        });
        let mut area = if portrait { room.content } else { self.beyond(room.whole) };
        let label = self.say(asking.next);
        let keys = area.cut_bottom(self.px(if portrait { 4 * 60 + 18 } else { 250 }));
        let wider = self.px(if portrait { 16 } else { 0 });
        let next = (!portrait).then_some(&*label);
        self.keys(Area::new(keys.x - wider, keys.y, keys.w + 2 * wider, keys.h), &ask.keyboard, next);
        area.cut_bottom(gap);
        let strip = area.cut_bottom(self.px(if portrait { 124 } else { 56 }));
        if ask.keyboard.composing().is_empty() {
            self.beneath(strip, ask, asking);
        } else if let Some(note) = ask.note {
            // The wish to choose must not cover what there is to choose from.
            self.strip(strip, &ask.keyboard);
            let place = area.cut_top(self.px(40));
            let accent = self.palette().accent;
            self.told(place, &self.say(note), Style::Body, accent, Align::Left);
        } else {
            self.strip(strip, &ask.keyboard);
        }
        area.cut_bottom(gap);
        match &asking.with {
            Some(with) if portrait => {
                let place = area.cut_bottom(self.px(58));
                self.waiting_field(place, with);
                area.cut_bottom(gap);
                let field = area.cut_bottom(self.px(58));
                self.own_field(field, ask, asking);
            }
            _ => {
                let field = area.cut_bottom(self.px(if portrait { 64 } else { 54 }));
                self.fields_in_row(field, ask, asking, 38);
            }
        }
        area.cut_bottom(gap);
        if ask.note.is_none() || ask.keyboard.composing().is_empty() {
            self.question(area, asking);
        }
        if portrait {
            self.primary(room.actions, Press::Next, &label);
        }
    }

    /// Four rows of keys, each 12 mm high, take nearly the whole of a lying glass: up to its edge, and close to the bar.
    fn beyond(&self, whole: Area) -> Area {
        let (top, bottom) = (whole.y - self.px(6), self.scene.bounds.bottom() - self.px(4));
        Area { y: top, h: bottom - top, ..whole }
    }

    /// Under the field: a polite wish where something was unclear, else the hint and what becomes of the answer.
    fn beneath(&mut self, mut area: Area, ask: &Ask, asking: &Asking) {
        let p = self.palette();
        if let Some(note) = ask.note {
            let text = self.say(note);
            self.told(area, &text, Style::Body, p.accent, Align::Left);
            return;
        }
        let hint = match (asking.hint, ask.keyboard.layout()) {
            (Say::NameHint, Layout::Letters | Layout::Symbols) => Say::NameHintLetters,
            (hint, _) => hint,
        };
        let hint = self.say(hint);
        let lock = self.px(32);
        let privacy_height =
            asking.privacy.map_or(0, |privacy| self.height(privacy, Style::Caption, area.w - lock) + self.px(8));
        // Where there is no room for both, what becomes of the answer is the one to be said.
        if privacy_height == 0 || self.height(&hint, Style::Caption, area.w) + privacy_height <= area.h {
            let used = self.told(area, &hint, Style::Caption, p.muted, Align::Left);
            area.cut_top(used + self.px(8));
        }
        if ask.keyboard.kind() == Kind::Unit
            && let Ok(unit) = Unit::parse(ask.text())
            && unit.as_str().len() > 2
        {
            // Read back as people say it, so that a slip of the finger shows. What was typed: not in the outline.
            let words = unit_in_words(self.look.words, unit.as_str());
            let place = area.cut_top(self.px(48));
            self.cut_line(place, &words, Style::Question, p.ink);
        }
        if let Some(privacy) = asking.privacy {
            self.private_note(area, privacy);
        }
    }

    fn private_note(&mut self, mut area: Area, text: &str) {
        let p = self.palette();
        let place = area.cut_left(self.px(32));
        self.icon(Area::new(place.x, place.y, self.px(24), self.px(28)), Icon::Private, 22, p.muted);
        self.told(area, text, Style::Caption, p.muted, Align::Left);
    }

    /// What has been typed, what is being spelled, and where the next letter goes.
    fn field(&mut self, area: Area, ask: &Ask, label: Say) {
        let p = self.palette();
        let (line, corner) = (self.px(2), self.px(CORNER));
        self.panel(area, corner, p.card, Some((line, p.accent)));
        let mut inside = area.inset_xy(self.px(16), self.px(4));
        if ask.keyboard.kind() == Kind::Unit && ask.keyboard.layout() == Layout::Digits {
            let toggle = inside.cut_right(self.px(64));
            self.letters_toggle(toggle);
        }
        if ask.keyboard.kind() == Kind::Name && Title::is_said_in(self.look.words.language()) {
            // What is typed stays clear of the two keys.
            inside.cut_right(self.px(128));
        }
        let label = self.say(label);
        self.part(Role::Field, "field", label.clone(), area);
        let size = self.px(if self.look.sight.is_large() { 34 } else { 28 }) as u16;
        let caret = self.px(2);
        let (typed, composing) = (grouped(ask), ask.keyboard.composing());
        if typed.is_empty() && composing.is_empty() {
            self.fill(inside.middle(caret, inside.h - self.px(20)).at_x(inside.x), p.accent);
            self.line(inside.inset_xy(self.px(8), 0), &label, Style::Body, p.muted, Align::Left);
            return;
        }
        let faces = self.look.faces;
        let measure = |text: &str| text::width(faces, Face::Regular, size, text);
        let room = inside.w - caret - self.px(4);
        let shown = text::ellipsis_before(faces, Face::Regular, size, &typed, (room - measure(composing)).max(0));
        let design = (size as f32 / self.px(100) as f32 * 100.0).round() as i32;
        let mut pen = inside;
        for (text, color) in [(shown.as_str(), p.ink), (composing, p.accent)] {
            let place = pen.cut_left(measure(text));
            pen.cut_left(self.px(2));
            self.line_within(place, text, (design, 16), Face::Regular, color, Align::Left);
            if color == p.accent && !text.is_empty() {
                self.fill(Area::new(place.x, inside.bottom() - self.px(8), place.w, caret), p.accent);
            }
        }
        let caret = Area::new(pen.x + self.px(2), inside.y + self.px(8), caret, inside.h - self.px(16));
        self.fill(caret, p.accent);
    }

    /// Units with a letter in them are rare: one small key leads to the letters.
    fn letters_toggle(&mut self, area: Area) {
        let press = Press::Key(Key::Letters);
        let place = area.middle(area.w, area.h - self.px(12));
        let p = self.palette();
        let fill = if self.is_pressed(press) { theme::pressed(p.tint) } else { p.tint };
        self.panel(place, self.px(CORNER - 4), fill, None);
        self.target(place, press);
        self.line(place, "ABC", Style::Caption, p.ink, Align::Middle);
        self.part(Role::Button, "key.letters", "ABC", place);
    }
}

/// Whoever says how to reach him may say how to address him; of somebody else it is not asked.
fn offers_title(ask: &Ask, with: Option<&With>, language: Language) -> bool {
    ask.keyboard.kind() == Kind::Name && with.is_some() && Title::is_said_in(language)
}
