//! Answers as pictures with words, two to twelve on a page, more on further pages, or as lines. It places them; what they mean the
//! question knows.

use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Sign, Ui};

pub type Values = Vec<(&'static str, String)>;

/// One answer of a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Stable name: what the answer is called where it is asked for.
    pub id: &'static str,
    pub icon: Icon,
    pub word: Say,
    /// A line below the word: where all tiles have one and they are few, they are cards.
    pub hint: Option<Say>,
    /// A price, or what else the site knows of it: a sentence and its values.
    pub note: Option<(Say, Values)>,
}

impl Tile {
    pub const fn new(id: &'static str, icon: Icon, word: Say) -> Self {
        Tile { id, icon, word, hint: None, note: None }
    }

    pub const fn hinted(mut self, hint: Say) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// Values with their tiles, as [`Choices`](super::Choices) wants them.
pub fn tiles<T>(pairs: &[(T, Tile)]) -> Vec<Tile> {
    pairs.iter().map(|(_, tile)| tile.clone()).collect()
}

/// The value whose tile was chosen.
pub fn pick<T: Copy>(pairs: &[(T, Tile)], chosen: Option<&str>) -> Option<T> {
    pairs.iter().find(|(_, tile)| Some(tile.id) == chosen).map(|(value, _)| *value)
}

/// Cards at most: more of them are tiles, with or without hints.
const CARDS: usize = 4;

/// How many fit, and how they lie.
pub struct Grid {
    columns: i32,
    rows: i32,
    count: usize,
}

/// Least height of a tile and most of it, in design pixels.
const LEAST: i32 = 88;
const MOST: (i32, i32) = (124, 140);
const GAP: i32 = 12;
/// The same of a line.
const LINE: (i32, i32) = (68, 88);

impl Grid {
    /// The roomiest grid for so many; beyond its capacity they have pages.
    pub fn of(ui: &Ui, area: Area, count: usize) -> Self {
        let columns = match count {
            _ if ui.look.metrics.portrait() => 2,
            0..=3 => 3,
            4 => 2,
            5..=6 => 3,
            _ => 4,
        };
        let most = (area.h + ui.px(GAP)) / (ui.px(LEAST) + ui.px(GAP));
        let rows = (count as i32 + columns - 1) / columns;
        Grid { columns, rows: rows.clamp(1, most.max(1)), count }
    }

    fn capacity(&self) -> usize {
        (self.columns * self.rows) as usize
    }

    /// The places of the tiles on this page, with their numbers; and the key to the next page, drawn.
    pub fn cells(&self, ui: &mut Ui, area: Area, leaf: usize) -> Vec<(Area, usize)> {
        let places = self.places(ui, area);
        let capacity = self.capacity();
        if self.count <= capacity {
            return places.into_iter().zip(0..self.count).collect();
        }
        let on_page = capacity - 1;
        let pages = self.count.div_ceil(on_page);
        let leaf = leaf % pages;
        let from = leaf * on_page;
        let (n, of) = ((leaf + 1).to_string(), pages.to_string());
        let label = ui.look.words.with(Say::MoreTiles, &[("n", &n), ("of", &of)]);
        let sign = Sign { id: "page", icon: Icon::More, label: &label, note: None };
        ui.tile(places[on_page], Press::Page, &sign, Dress::Quiet);
        places.into_iter().zip(from..self.count.min(from + on_page)).collect()
    }

    fn places(&self, ui: &Ui, mut area: Area) -> Vec<Area> {
        let portrait = ui.look.metrics.portrait();
        let gap = ui.px(GAP);
        let most = ui.px(if portrait { MOST.0 } else { MOST.1 }) * self.rows + gap * (self.rows - 1);
        // Portrait: in the lower half, where a hand reaches from a wheelchair.
        let area = if area.h > most && portrait { area.cut_bottom(most) } else { area.cut_top(most) };
        area.grid(self.columns, self.rows, gap)
    }
}

/// What has been chosen already, and how many may be.
pub struct Marked<'a> {
    pub chosen: &'a [&'static str],
    pub most: usize,
}

impl Ui<'_> {
    /// One page of tiles under `group`; the chosen ones with their rank.
    pub fn tiles(&mut self, area: Area, group: &str, tiles: &[Tile], leaf: usize, marked: &Marked) {
        if tiles.len() <= CARDS && tiles.iter().all(|tile| tile.hint.is_some()) {
            return self.cards(area, group, tiles);
        }
        let grid = Grid::of(self, area, tiles.len());
        let cells = grid.cells(self, area, leaf);
        let words: Vec<_> = tiles.iter().map(|tile| self.say(tile.word)).collect();
        let width = cells.first().map_or(0, |(cell, _)| cell.w - self.px(8));
        self.share(Style::Body, width, &words);
        for (cell, n) in cells {
            let tile = &tiles[n];
            let label = self.say(tile.word);
            let rank = marked.chosen.iter().position(|chosen| *chosen == tile.id);
            let id = format!("{group}.{}", tile.id);
            let note = self.note_of(tile);
            let sign = Sign { id: &id, icon: tile.icon, label: &label, note: note.as_deref() };
            self.tile(cell, Press::Choose(n as u8), &sign, if rank.is_some() { Dress::Chosen } else { Dress::Quiet });
            if let Some(rank) = rank.filter(|_| marked.most > 1) {
                self.rank(cell, rank + 1);
            }
        }
        self.unshare();
    }

    /// One page of answers whose words are long: a line each, and their prices below them.
    pub fn lines(&mut self, mut area: Area, group: &str, tiles: &[Tile], leaf: usize, marked: &Marked) {
        let (columns, gap) = (if self.look.metrics.portrait() { 1 } else { 2 }, self.px(GAP));
        let most = ((area.h + gap) / (self.px(LINE.0) + gap)).max(1);
        let rows = (tiles.len() as i32).div_euclid(columns) + i32::from(tiles.len() as i32 % columns > 0);
        let rows = rows.clamp(1, most);
        let height = ((area.h + gap) / rows - gap).min(self.px(LINE.1));
        let cells = area.cut_top(rows * (height + gap) - gap).grid(columns, rows, gap);
        let on_page = cells.len();
        for (cell, (n, tile)) in cells.iter().zip(tiles.iter().enumerate().skip(leaf * on_page)) {
            let dress = if marked.chosen.contains(&tile.id) { Dress::Chosen } else { Dress::Quiet };
            self.answer_line(*cell, (Press::Choose(n as u8), dress), format!("{group}.{}", tile.id), tile);
        }
    }

    fn note_of(&self, tile: &Tile) -> Option<String> {
        let (sentence, values) = tile.note.as_ref()?;
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Some(self.look.words.with(*sentence, &values).into_owned())
    }

    fn answer_line(&mut self, area: Area, (press, dress): (Press, Dress), id: String, tile: &Tile) {
        let ink = self.ground(area, press, dress, self.px(CORNER));
        let muted = self.palette().muted;
        let mut inside = area.inset_xy(self.px(16), self.px(4));
        let arrow = inside.cut_right(self.px(28));
        self.icon(arrow, Icon::Forward, 28, muted);
        inside.cut_right(self.px(4));
        let word = self.say(tile.word);
        let said = self.note_of(tile);
        let note = self.px(24);
        if let Some(said) = &said {
            let mut text = inside.middle(inside.w, inside.h.min(self.px(36) + note));
            let below = text.cut_bottom(note);
            self.line(text, &word, Style::Body, ink, Align::Left);
            self.line(below, said, Style::Caption, muted, Align::Left);
        } else {
            let height = self.height(&word, Style::Body, inside.w).min(inside.h);
            self.paragraph(inside.middle(inside.w, height), &word, Style::Body, ink, Align::Left);
        }
        self.part(Role::Button, id, word, area);
    }

    /// Which wish it is, in the corner of its tile.
    fn rank(&mut self, tile: Area, rank: usize) {
        let side = self.px(32);
        let place = Area::new(tile.right() - side - self.px(6), tile.y + self.px(6), side, side);
        let p = self.palette();
        self.panel(place, side / 2, p.accent, None);
        self.line(place, &rank.to_string(), Style::Caption, p.on_accent, Align::Middle);
    }

    fn cards(&mut self, mut area: Area, group: &str, tiles: &[Tile]) {
        let portrait = self.look.metrics.portrait();
        let count = tiles.len() as i32;
        let (columns, rows) = if portrait { (1, count) } else { (2, (count + 1) / 2) };
        let gap = self.px(16);
        let most = self.px(if portrait { 128 } else { 240 }) * rows + gap * (rows - 1);
        let area = if portrait { area.cut_bottom(most) } else { area.cut_top(most) };
        for (n, (cell, tile)) in area.grid(columns, rows, gap).iter().zip(tiles).enumerate() {
            let (word, hint) = (self.say(tile.word), tile.hint.map(|hint| self.say(hint)).unwrap_or_default());
            let id = format!("{group}.{}", tile.id);
            self.card(*cell, Press::Choose(n as u8), &id, tile.icon, (&word, &hint), Dress::Quiet);
        }
    }
}
