//! 公告与手册: what the company tells, to be read standing: sections, then the entries of one, then one entry, page by page
//! without any gesture. Who can be asked and how long it holds stand at its foot (R139). It reads what is public and valid
//! today (R140, R146), and never shows an entry that has been taken away meanwhile.

use super::{Door, Flow, Lobby, PageName, Shelf, Turn};
use crate::board::Role;
use crate::event::Slug;
use crate::kiosk::area::Area;
use crate::kiosk::form::Tile;
use crate::kiosk::form::tiles::Marked;
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::knowledge::{Block, Entry, Mark, Section, Text};

pub const ENTRY: super::Entry = super::Entry {
    shelf: Shelf::Services,
    id: "services.handbook",
    icon: Icon::Handbook,
    word: Say::HandbookTitle,
    hint: Say::HandbookHint,
    offered: |lobby| !sections(lobby).is_empty(),
    begin: |_| Box::new(Reading::default()),
};

/// R183: where the lifts, the flats and the office are, in the company's words.
pub const WAY: super::Entry = super::Entry {
    shelf: Shelf::Services,
    id: "services.way",
    icon: Icon::Stairs,
    word: Say::SectionWay,
    hint: Say::SectionWayHint,
    offered: |lobby| !lobby.handbook.entries(Section::Way, lobby.local.date()).is_empty(),
    begin: |_| Box::new(Reading { section: Some(Section::Way), alone: true, ..Reading::default() }),
};

/// Least height of a row of the list, most of it, and the space between two, in design pixels.
const ROW: (i32, i32) = (72, 88);
const GAP: i32 = 12;
/// A paragraph of at most so many lines stands on one page.
const TOGETHER: usize = 4;

/// Section, stable name, icon, word.
const SECTIONS: [(Section, Icon, Say); 10] = [
    (Section::Notice, Icon::Notice, Say::SectionNotice),
    (Section::Handbook, Icon::Apartment, Say::SectionHandbook),
    (Section::MovingIn, Icon::Home, Say::SectionMovingIn),
    (Section::Decoration, Icon::Work, Say::SectionDecoration),
    (Section::Activities, Icon::Tomorrow, Say::SectionActivities),
    (Section::Committee, Icon::Friends, Say::SectionCommittee),
    (Section::Assembly, Icon::Assembly, Say::SectionAssembly),
    (Section::News, Icon::Lobby, Say::SectionNews),
    (Section::Surroundings, Icon::Surroundings, Say::SectionSurroundings),
    (Section::Way, Icon::Stairs, Say::SectionWay),
];

/// What is being read. Nothing is typed here.
#[derive(Debug, Default)]
pub struct Reading {
    section: Option<Section>,
    entry: Option<Slug>,
    /// The page of a list or of a text, counted from 0.
    leaf: usize,
    /// It was opened for this section: back from its list is back to the menu.
    alone: bool,
}

/// The sections in which there is something today; what people may sign up for is among the activities.
fn sections(lobby: &Lobby) -> Vec<Section> {
    let mut sections = lobby.handbook.sections(lobby.local.date());
    if !lobby.gatherings.is_empty() && !sections.contains(&Section::Activities) {
        sections.push(Section::Activities);
        sections.sort();
    }
    sections
}

/// The first row of the activities leads to what people may sign up for, where there is something.
fn leads_on(section: Section, lobby: &Lobby) -> bool {
    section == Section::Activities && !lobby.gatherings.is_empty()
}

/// What is on the glass: an entry that has gone leads back to its list, a section that has emptied to the sections.
enum Shown<'a> {
    Sections(Vec<Section>),
    List(Section, Vec<&'a Entry>),
    Entry(&'a Entry),
}

impl Reading {
    fn shown<'a>(&self, lobby: &Lobby<'a>) -> Shown<'a> {
        let today = lobby.local.date();
        if let Some(entry) = self.entry.as_ref().and_then(|id| lobby.handbook.entry(id, today)) {
            return Shown::Entry(entry);
        }
        let list = self.section.map(|section| (section, lobby.handbook.entries(section, today)));
        match list {
            // Whoever asks for the way, and there is one page of it, need not choose.
            Some((_, entries)) if self.alone && entries.len() == 1 => Shown::Entry(entries[0]),
            Some((section, entries)) if !entries.is_empty() => Shown::List(section, entries),
            _ => Shown::Sections(sections(lobby)),
        }
    }

    /// A section of one entry needs no list.
    fn open(&mut self, section: Section, lobby: &Lobby) -> Turn {
        let entries = lobby.handbook.entries(section, lobby.local.date());
        let entry = match entries[..] {
            [] => return Turn::Open(Door::Gatherings),
            [only] if !leads_on(section, lobby) => Some(only.id.clone()),
            _ => None,
        };
        *self = Reading { section: Some(section), entry, leaf: 0, alone: false };
        Turn::Stay
    }

    fn back(&mut self, lobby: &Lobby) -> Turn {
        match self.shown(lobby) {
            Shown::Sections(_) => return Turn::Leave,
            Shown::List(..) if self.alone => return Turn::Leave,
            Shown::List(..) => *self = Reading::default(),
            Shown::Entry(_) if self.leaf > 0 => self.leaf -= 1,
            Shown::Entry(entry) => {
                let entries = lobby.handbook.entries(entry.section, lobby.local.date()).len();
                let only = entries == 1 && !leads_on(entry.section, lobby);
                if only && self.alone {
                    return Turn::Leave;
                }
                let list = self.section.filter(|_| !only);
                *self = Reading { section: list, entry: None, leaf: 0, alone: self.alone };
            }
        }
        Turn::Stay
    }

    fn draw_list(&self, ui: &mut Ui, room: Room, section: Section, entries: &[&Entry], leads_on: bool) {
        let tag = ui.look.words.language().tag();
        let further = leads_on.then(|| ("gatherings".to_owned(), ui.say(Say::GatheringEntry).into_owned()));
        let titles = entries.iter().map(|entry| (entry.id.to_string(), entry.texts.in_language(tag).title.clone()));
        let entries: Vec<_> = further.into_iter().chain(titles).collect();
        let portrait = ui.look.metrics.portrait();
        let mut area = room.content;
        title(ui, &mut area, &ui.say(word(section)));
        let (columns, gap) = (if portrait { 1 } else { 2 }, ui.px(GAP));
        let fit = ((area.h + gap) / (ui.px(ROW.0) + gap)).max(1);
        let on_page = (columns * fit) as usize;
        let pages = entries.len().div_ceil(on_page);
        let from = self.leaf % pages * on_page;
        let shown = &entries[from..entries.len().min(from + on_page)];
        let rows = if pages > 1 { fit } else { (shown.len() as i32 + columns - 1) / columns };
        let height = (rows * ui.px(ROW.1) + (rows - 1) * gap).min(area.h);
        // Portrait: in the lower half, where a hand reaches from a wheelchair.
        let area = if portrait { area.cut_bottom(height) } else { area.cut_top(height) };
        for ((n, entry), cell) in shown.iter().enumerate().zip(area.grid(columns, rows, gap)) {
            row(ui, cell, Press::Choose((from + n) as u8), entry);
        }
        if pages > 1 {
            ui.primary(room.actions, Press::Next, &page_word(ui, Say::ListNext, self.leaf % pages, pages));
        }
    }

    fn draw_entry(&self, ui: &mut Ui, room: Room, entry: &Entry) {
        let text = entry.texts.in_language(ui.look.words.language().tag());
        let mut area = room.content;
        title(ui, &mut area, &text.title);
        let foot = foot_place(ui, &mut area, room.actions);
        let pages = pages(ui, text, area);
        let leaf = self.leaf.min(pages.len() - 1);
        let ink = ui.palette().ink;
        for line in &pages[leaf].lines {
            let place = Area { y: area.y + line.y, ..area };
            if let Some(mark) = line.mark {
                ui.line(Area { h: line.height, ..place }, mark, line.style, ink, Align::Left);
            }
            let place = Area::new(place.x + line.indent, place.y, place.w - line.indent, line.height);
            ui.line(place, line.text, line.style, ink, Align::Left);
        }
        let read = pages[leaf].lines.iter().map(|line| line.text).collect::<Vec<_>>().join(" ");
        ui.part(Role::Text, "handbook.text", read, area);
        draw_foot(ui, foot, entry);
        if leaf + 1 < pages.len() {
            ui.primary(room.actions, Press::Next, &page_word(ui, Say::PageNext, leaf, pages.len()));
        } else {
            ui.primary(room.actions, Press::Finish, &ui.say(Say::Done));
        }
    }
}

impl Flow for Reading {
    fn page(&self) -> PageName {
        let page = match (&self.section, &self.entry) {
            (_, Some(_)) => "entry",
            (Some(_), None) => "list",
            (None, None) => "sections",
        };
        PageName("handbook", page)
    }

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        match (self.shown(lobby), press) {
            (Shown::Sections(sections), Press::Choose(n)) => {
                if let Some(section) = sections.get(usize::from(n)) {
                    return self.open(*section, lobby);
                }
            }
            (Shown::List(section, _), Press::Choose(0)) if leads_on(section, lobby) => {
                return Turn::Open(Door::Gatherings);
            }
            (Shown::List(section, entries), Press::Choose(n)) => {
                let before = usize::from(leads_on(section, lobby));
                if let Some(entry) = entries.get(usize::from(n) - before) {
                    let entry = Some(entry.id.clone());
                    *self = Reading { section: self.section, entry, leaf: 0, alone: self.alone };
                }
            }
            (Shown::List(..) | Shown::Entry(_), Press::Next) => self.leaf += 1,
            (_, Press::Back) => return self.back(lobby),
            _ => {}
        }
        Turn::Stay
    }

    /// The pages of a text are others in another language.
    fn speak(&mut self, _: Language) {
        self.leaf = 0;
    }

    /// Nothing would be lost by leaving.
    fn is_untouched(&self) -> bool {
        true
    }

    /// Who reads is asked before the page goes (R235); a list may go.
    fn is_done(&self) -> bool {
        self.entry.is_none()
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
        match self.shown(lobby) {
            Shown::Sections(sections) => draw_sections(ui, room, &sections),
            Shown::List(section, entries) => {
                self.draw_list(ui, room, section, &entries, leads_on(section, lobby));
            }
            Shown::Entry(entry) => self.draw_entry(ui, room, entry),
        }
    }
}

fn word(section: Section) -> Say {
    let found = SECTIONS.iter().find(|(known, ..)| *known == section);
    found.map_or(Say::HandbookTitle, |(_, _, word)| *word)
}

fn page_word(ui: &Ui, sentence: Say, leaf: usize, pages: usize) -> String {
    let (n, of) = ((leaf + 1).to_string(), pages.to_string());
    ui.look.words.with(sentence, &[("n", &n), ("of", &of)]).into_owned()
}

/// The heading, as high as it is, and the space below it.
fn title(ui: &mut Ui, area: &mut Area, words: &str) {
    let most = ui.px(96);
    let height = ui.height(words, Style::Question, area.w).min(most);
    ui.heading(area.cut_top(height), words, Style::Question, Align::Left);
    area.cut_top(ui.px(8));
}

fn draw_sections(ui: &mut Ui, room: Room, sections: &[Section]) {
    let mut area = room.whole;
    title(ui, &mut area, &ui.say(Say::HandbookTitle));
    let known = |section: &Section| SECTIONS.iter().find(|(known, ..)| known == section);
    let found = sections.iter().filter_map(known);
    let tiles: Vec<_> = found.map(|(section, icon, word)| Tile::new(section.name(), *icon, *word)).collect();
    ui.tiles(area, "handbook", &tiles, 0, &Marked { chosen: &[], most: 1 });
}

/// One entry of a list, by its title.
fn row(ui: &mut Ui, cell: Area, press: Press, (id, title): &(String, String)) {
    let ink = ui.ground(cell, press, Dress::Quiet, ui.px(CORNER));
    let p = ui.palette();
    let mut inside = cell.inset_xy(ui.px(16), ui.px(2));
    let arrow = inside.cut_right(ui.px(28));
    ui.icon(arrow, Icon::Forward, 28, p.muted);
    inside.cut_right(ui.px(4));
    let height = ui.height(title, Style::Body, inside.w).min(inside.h);
    ui.paragraph(inside.middle(inside.w, height), title, Style::Body, ink, Align::Left);
    ui.part(Role::Button, format!("handbook.{id}"), title.as_str(), cell);
}

/// Landscape has room for two lines left of the primary button; portrait takes them from the text.
pub(super) fn foot_place(ui: &Ui, area: &mut Area, actions: Area) -> Area {
    if ui.look.metrics.portrait() {
        let foot = area.cut_bottom(ui.px(64));
        area.cut_bottom(ui.px(8));
        foot
    } else {
        Area { w: actions.w - ui.px(208 + 16), ..actions }
    }
}

/// R139: who can be asked, and how long this holds.
fn draw_foot(ui: &mut Ui, area: Area, entry: &Entry) {
    let name = entry.contact.in_language(ui.look.words.language().tag());
    let who = entry.phone.as_ref().map_or_else(|| name.clone(), |phone| format!("{name} {phone}"));
    let contact = ui.look.words.with(Say::EntryContact, &[("who", &who)]).into_owned();
    let until = ui.look.words.with(Say::EntryUntil, &[("day", &entry.valid_until.to_string())]).into_owned();
    foot_lines(ui, area, &[("handbook.contact", Icon::Call, contact), ("handbook.until", Icon::Tomorrow, until)]);
}

/// Two lines with their pictures.
pub(super) fn foot_lines(ui: &mut Ui, area: Area, lines: &[(&str, Icon, String)]) {
    let muted = ui.palette().muted;
    for (mut line, (id, icon, words)) in area.grid(1, 2, 0).into_iter().zip(lines) {
        let place = line.cut_left(ui.px(32));
        ui.icon(Area { w: ui.px(24), ..place }, *icon, 24, muted);
        ui.line(line, words, Style::Caption, muted, Align::Left);
        ui.part(Role::Text, *id, words.as_str(), line);
    }
}

/// One line of a page, below its top.
struct Line<'a> {
    y: i32,
    height: i32,
    indent: i32,
    mark: Option<&'a str>,
    text: &'a str,
    style: Style,
}

#[derive(Default)]
struct Page<'a> {
    lines: Vec<Line<'a>>,
    used: i32,
}

impl<'a> Page<'a> {
    /// `space` is left above it, but not at the top.
    fn push(&mut self, line: Line<'a>, space: i32) {
        let y = if self.lines.is_empty() { 0 } else { self.used + space };
        self.used = y + line.height;
        self.lines.push(Line { y, ..line });
    }

    /// What a new page begins with: the heading that would be the last line of this one.
    fn turn(&mut self) -> Self {
        let mut next = Page::default();
        if self.lines.len() > 1
            && let Some(heading) = self.lines.pop_if(|last| last.style == Style::Label)
        {
            next.push(heading, 0);
        }
        next
    }
}

/// The text in pages of this size. No page ends with a heading, and a short paragraph stands on one page.
fn pages<'a>(ui: &Ui, text: &'a Text, area: Area) -> Vec<Page<'a>> {
    let (mut pages, mut page) = (Vec::new(), Page::default());
    for block in &text.blocks {
        let lines = lines(ui, block, area.w);
        let height = lines[0].height;
        let space = if block.apart { height / 2 } else { 0 };
        let together = if lines.len() <= TOGETHER { lines.len() as i32 } else { 1 };
        if !page.lines.is_empty() && page.used + space + together * height > area.h {
            let next = page.turn();
            pages.push(std::mem::replace(&mut page, next));
        }
        for (n, line) in lines.into_iter().enumerate() {
            if !page.lines.is_empty() && page.used + height > area.h {
                let next = page.turn();
                pages.push(std::mem::replace(&mut page, next));
            }
            page.push(line, if n == 0 { space } else { 0 });
        }
    }
    pages.push(page);
    pages
}

/// A block's lines: at least one.
fn lines<'a>(ui: &Ui, block: &'a Block, width: i32) -> Vec<Line<'a>> {
    let style = if block.mark == Mark::Heading { Style::Label } else { Style::Body };
    let height = ui.height("1", style, width);
    let mark = match &block.mark {
        Mark::Item(mark) => Some(mark.as_str()),
        Mark::Heading | Mark::Line => None,
    };
    let indent = mark.map_or(0, |mark| ui.width(mark, style).max(ui.px(20)) + ui.px(8));
    let mut texts = ui.broken(&block.text, style, width - indent);
    if texts.is_empty() {
        texts.push("");
    }
    let line = |(n, text)| Line { y: 0, height, indent, mark: mark.filter(|_| n == 0), text, style };
    texts.into_iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests;
