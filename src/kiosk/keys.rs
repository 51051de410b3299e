//! How the keys lie on the glass: rows of caps for letters, a pad for digits, the strip of candidates. It only draws;
//! the outline names candidates by number, because their text is a piece of somebody's name.

use super::area::Area;
use super::icons::Icon;
use super::keyboard::{CANDIDATES, Keyboard, Kind, Layout};
use super::press::{Key, Press};
use super::strings::Say;
use super::theme::{CORNER, Style};
use super::ui::{Align, Dress, Ui};
use crate::board::Role;

/// Space between keys, in design pixels.
const GAP: i32 = 6;
/// Width of a row in tenths of a letter key.
const ROW: i32 = 100;

/// One key: how wide in tenths of a letter key, and what it says.
struct Cap {
    key: Key,
    width: i32,
    face: Word,
}

enum Word {
    Text(String),
    Say(Say),
    Icon(Icon, Say),
}

fn letter(c: char) -> Cap {
    Cap { key: Key::Char(c), width: 10, face: Word::Text(c.to_string()) }
}

fn say(key: Key, width: i32, sentence: Say) -> Cap {
    Cap { key, width, face: Word::Say(sentence) }
}

fn icon(key: Key, width: i32, icon: Icon, sentence: Say) -> Cap {
    Cap { key, width, face: Word::Icon(icon, sentence) }
}

fn row(letters: &str) -> Vec<Cap> {
    letters.chars().map(letter).collect()
}

/// The rows of this layout; the last one leaves `kept` tenths for the primary button.
fn rows(keyboard: &Keyboard, kept: i32) -> Vec<Vec<Cap>> {
    let backspace = icon(Key::Backspace, 10, Icon::Backspace, Say::KeyBackspace);
    let space = |used: i32| say(Key::Space, ROW - kept - used, Say::KeySpace);
    match keyboard.layout() {
        Layout::Symbols => {
            let mut third = row("-'/#&@%·\"");
            third.push(backspace);
            let last = vec![say(Key::Pinyin, 13, Say::KeyPinyin), say(Key::Letters, 13, Say::KeyLetters), space(26)];
            vec![row("1234567890"), row("，。？！、：；（）…"), third, last]
        }
        Layout::Pinyin => {
            let mut third = row("·zxcvbnm");
            third.push(backspace);
            let symbols = say(Key::Symbols, 13, Say::KeySymbols);
            let last = vec![symbols, say(Key::Letters, 13, Say::KeyLetters), letter('\''), space(36)];
            vec![row("qwertyuiop"), row("asdfghjklü"), third, last]
        }
        Layout::Letters if keyboard.kind() == Kind::Code => code_rows(),
        Layout::Letters => letter_rows(keyboard, backspace, space),
        Layout::Digits => Vec::new(),
    }
}

/// Only what a code can be made of (`service::code::LETTERS`).
fn code_rows() -> Vec<Vec<Cap>> {
    let cap = |c: char| Cap { key: Key::Char(c.to_ascii_lowercase()), width: 10, face: Word::Text(c.to_string()) };
    let row = |letters: &str| letters.chars().map(cap).collect::<Vec<_>>();
    let mut first = row("23456789");
    first.push(icon(Key::Backspace, 15, Icon::Backspace, Say::KeyBackspace));
    vec![first, row("QWERTYUP"), row("ASDFGHJKL"), row("ZXCVBNM")]
}

fn letter_rows(keyboard: &Keyboard, backspace: Cap, space: impl Fn(i32) -> Cap) -> Vec<Vec<Cap>> {
    let upper = keyboard.shift() || keyboard.kind() == Kind::Unit;
    let cased = |letters: &str| if upper { row(&letters.to_ascii_uppercase()) } else { row(letters) };
    let lower = |mut caps: Vec<Cap>| {
        // The key is the letter itself; the keyboard decides on its case.
        caps.iter_mut().for_each(|cap| {
            if let Key::Char(c) = &mut cap.key {
                *c = c.to_ascii_lowercase();
            }
        });
        caps
    };
    let mut third = Vec::new();
    if keyboard.kind() != Kind::Unit {
        third.push(icon(Key::Shift, 10, Icon::Shift, Say::KeyShift));
    }
    third.extend(lower(cased("zxcvbnm")));
    third.push(backspace);
    let last = if keyboard.kind() == Kind::Unit {
        vec![say(Key::Digits, 20, Say::KeyDigits), letter('-')]
    } else {
        let symbols = say(Key::Symbols, 13, Say::KeySymbols);
        let pinyin = say(Key::Pinyin, 13, Say::KeyPinyin);
        vec![symbols, pinyin, letter('\''), letter('-'), letter('·'), space(56)]
    };
    vec![lower(cased("qwertyuiop")), lower(cased("asdfghjkl")), third, last]
}

impl Ui<'_> {
    /// The letter keys. Where `next` is given the primary button takes the end of the last row.
    pub fn keys(&mut self, area: Area, keyboard: &Keyboard, next: Option<&str>) {
        let gap = self.px(GAP);
        let kept = if next.is_some() { 28 } else { 0 };
        let rows = rows(keyboard, kept);
        let places = area.grid(1, rows.len().max(1) as i32, gap);
        let unit = |tenths: i32| (area.w + gap) * tenths / ROW;
        for (n, (caps, place)) in rows.iter().zip(&places).enumerate() {
            let used: i32 = caps.iter().map(|cap| cap.width).sum();
            // Letter rows stand in the middle; the last row fills its place from the left.
            let from_left = n + 1 == rows.len() && (next.is_some() || keyboard.kind() != Kind::Code);
            let mut tenths = if from_left { 0 } else { (ROW - used) / 2 };
            let mut cells = Vec::with_capacity(caps.len() + 1);
            for cap in caps {
                let (x, right) = (place.x + unit(tenths), place.x + unit(tenths + cap.width) - gap);
                tenths += cap.width;
                cells.push(Area::new(x, place.y, right - x, place.h));
                self.cap(cells[cells.len() - 1], cap);
            }
            if let (Some(label), true) = (next, n + 1 == rows.len()) {
                let x = place.x + unit(ROW - kept);
                cells.push(Area::new(x, place.y, area.right() - x, place.h));
                self.button(cells[cells.len() - 1], Press::Next, "next", None, label, Dress::Primary);
            }
            self.meet(&cells);
        }
    }

    /// A finger between two keys means the nearer one: the keys of a row answer for the whole of it, each up to the middle
    /// of the gap, the outer ones up to the edge of the glass. So a letter is 12 mm high wherever it is touched, and as wide
    /// as ten of them can be: 14 mm on a lying 7″ glass, 8 mm on a standing one, which is 88 mm across.
    fn meet(&mut self, cells: &[Area]) {
        let (bounds, half) = (self.scene.bounds, (self.px(GAP) + 1) / 2);
        let first = self.scene.targets.len() - cells.len();
        let mut left = bounds.x;
        for (n, cell) in cells.iter().enumerate() {
            let right = cells.get(n + 1).map_or(bounds.right(), |next| (cell.right() + next.x) / 2);
            let area = Area::new(left, cell.y - half, right - left, cell.h + 2 * half);
            self.scene.targets[first + n].area = area.intersection(bounds);
            left = right;
        }
    }

    fn cap(&mut self, area: Area, cap: &Cap) {
        let press = Press::Key(cap.key);
        let ink = self.ground(area, press, Dress::Quiet, self.px(CORNER - 2));
        let (id, label) = match &cap.face {
            Word::Text(text) => {
                self.line(area, text, Style::Body, ink, Align::Middle);
                (format!("key.{}", text.to_lowercase()), text.clone())
            }
            Word::Say(sentence) => {
                let label = self.say(*sentence).into_owned();
                self.line(area.inset_xy(self.px(2), 0), &label, Style::Caption, ink, Align::Middle);
                (format!("key.{}", name(cap.key)), label)
            }
            Word::Icon(icon, sentence) => {
                self.icon(area, *icon, 28, ink);
                (format!("key.{}", name(cap.key)), self.say(*sentence).into_owned())
            }
        };
        self.part(Role::Button, id, label, area);
    }

    /// Three by four: digits, and `-` where a unit is typed.
    pub fn pad(&mut self, area: Area, keyboard: &Keyboard) {
        let cells = area.grid(3, 4, self.px(8));
        let dash = match keyboard.kind() {
            Kind::Unit => '-',
            Kind::Identity => 'X',
            _ => ' ',
        };
        for (cell, c) in cells.iter().zip("123456789".chars().chain([dash, '0'])) {
            if c != ' ' {
                let ink = self.ground(*cell, Press::Key(Key::Char(c)), Dress::Quiet, self.px(CORNER));
                self.line_within(*cell, &c.to_string(), (30, 24), super::glyphs::Face::Regular, ink, Align::Middle);
                self.part(Role::Button, format!("key.{c}"), c, *cell);
            }
        }
        let last = cells[11];
        let ink = self.ground(last, Press::Key(Key::Backspace), Dress::Quiet, self.px(CORNER));
        self.icon(last, Icon::Backspace, 32, ink);
        let label = self.say(Say::KeyBackspace);
        self.part(Role::Button, "key.backspace", label, last);
    }

    /// The strip: candidates, the letters as typed, and the key to more.
    pub fn strip(&mut self, area: Area, keyboard: &Keyboard) {
        let gap = self.px(4);
        let portrait = self.look.metrics.portrait();
        let mut left = area;
        let side = left.cut_right(self.px(if portrait { 92 } else { 176 }));
        left.cut_right(gap);
        let (columns, rows) = if portrait { (CANDIDATES as i32 / 2, 2) } else { (CANDIDATES as i32, 1) };
        for (n, (cell, candidate)) in left.grid(columns, rows, gap).iter().zip(keyboard.strip()).enumerate() {
            let label = self.look.words.with(Say::KeyCandidate, &[("n", &(n + 1).to_string())]).into_owned();
            self.chip(*cell, Key::Candidate(n as u8), &candidate.text, (28, 14));
            self.part(Role::Button, format!("candidate.{}", n + 1), label, *cell);
        }
        let cells = if portrait { side.grid(1, 2, gap) } else { side.grid(2, 1, gap) };
        self.chip(cells[0], Key::Latin, keyboard.composing(), (22, 12));
        let label = self.say(Say::KeyLetters);
        self.part(Role::Button, "candidate.latin", label, cells[0]);
        if keyboard.has_more() {
            self.chip(cells[1], Key::MoreCandidates, "", (22, 12));
            let accent = self.palette().accent;
            self.icon(cells[1], Icon::More, 32, accent);
            let label = self.say(Say::KeyMore);
            self.part(Role::Button, "candidate.more", label, cells[1]);
        }
    }

    fn chip(&mut self, area: Area, key: Key, text: &str, sizes: (i32, i32)) {
        let press = Press::Key(key);
        let p = self.palette();
        let fill = if self.is_pressed(press) { super::theme::pressed(p.tint) } else { p.tint };
        self.panel(area, self.px(CORNER - 2), fill, None);
        // Up to the field above and the keys below.
        let reach = area.inset_xy(0, -self.px(4));
        self.scene.targets.push(super::scene::Target { area: reach, press });
        // A long word of letters is cut; the field above shows it whole.
        let faces = self.look.faces;
        let room = area.inset_xy(self.px(4), 0);
        let size = self.px(sizes.1) as u16;
        let shown = super::text::ellipsis(faces, super::glyphs::Face::Regular, size, text, room.w);
        self.line_within(room, &shown, sizes, super::glyphs::Face::Regular, p.ink, Align::Middle);
    }
}

const fn name(key: Key) -> &'static str {
    match key {
        Key::Backspace => "backspace",
        Key::Space => "space",
        Key::Shift => "shift",
        Key::Letters => "letters",
        Key::Pinyin => "pinyin",
        Key::Symbols => "symbols",
        Key::Digits => "digits",
        Key::Char(_) | Key::Candidate(_) | Key::Latin | Key::MoreCandidates => "",
    }
}
