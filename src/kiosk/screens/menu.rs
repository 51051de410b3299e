//! 报事报修, 查询与服务, 快递: what can be begun there, as cards or tiles; and always a person, because what the glass cannot do
//! somebody can (R144). A flow that this site does not have is not shown.

use super::{Door, Entry, Flow, Lobby, PageName, Shelf, Turn, always};
use crate::kiosk::area::Area;
use crate::kiosk::form::tiles::Grid;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Dress, Sign, Ui};

pub const REPORT: Entry = Entry {
    shelf: Shelf::Home,
    id: "home.repair",
    icon: Icon::Repair,
    word: Say::HomeRepair,
    hint: Say::HomeRepairHint,
    offered: always,
    begin: |_| Box::new(Menu { name: "report", shelf: Shelf::Report, question: Say::ReportQuestion, leaf: 0 }),
};

pub const SERVICES: Entry = Entry {
    shelf: Shelf::Home,
    id: "home.services",
    icon: Icon::Services,
    word: Say::HomeServices,
    hint: Say::HomeServicesHint,
    offered: always,
    begin: |_| Box::new(Menu { name: "services", shelf: Shelf::Services, question: Say::ServicesTitle, leaf: 0 }),
};

pub const PARCEL: Entry = Entry {
    shelf: Shelf::Row,
    id: "home.parcel",
    icon: Icon::Parcel,
    word: Say::HomeParcel,
    hint: Say::HomeParcelHint,
    offered: always,
    begin: |_| Box::new(Menu { name: "parcel", shelf: Shelf::Parcel, question: Say::ParcelQuestion, leaf: 0 }),
};

/// Cards up to so many; more are tiles.
const CARDS: usize = 4;

#[derive(Debug)]
struct Menu {
    name: &'static str,
    shelf: Shelf,
    question: Say,
    /// The page of its tiles.
    leaf: usize,
}

impl Flow for Menu {
    fn page(&self) -> PageName {
        PageName(self.name, "")
    }

    fn press(&mut self, press: Press, _: &Lobby) -> Turn {
        match press {
            Press::Back => Turn::Leave,
            Press::Open(door) if door.entry().shelf == self.shelf => Turn::Open(door),
            Press::Page => {
                self.leaf += 1;
                Turn::Stay
            }
            _ => Turn::Stay,
        }
    }

    fn is_done(&self) -> bool {
        true
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = ui.around(Around { back: Some(Say::Back), step: None, switches: true });
        let portrait = ui.look.metrics.portrait();
        let mut area = room.whole;
        let place = area.cut_top(ui.px(if portrait { 64 } else { 56 }));
        ui.heading(place, &ui.say(self.question), Style::Question, Align::Left);
        if let Some(phone) = lobby.settings.service_phone.as_deref() {
            let foot = area.cut_bottom(ui.px(36));
            ui.call_line(foot, phone);
            area.cut_bottom(ui.px(8));
        }
        let mut cards: Vec<_> = Door::on(self.shelf, lobby).into_iter().map(card).collect();
        let person = match self.shelf {
            Shelf::Report => "report.person",
            Shelf::Parcel => "parcel.person",
            _ => "services.person",
        };
        cards.push(Card {
            press: Press::Help,
            id: person,
            icon: Icon::Help,
            word: Say::ServicesPerson,
            hint: Say::ServicesPersonHint,
        });
        if cards.len() <= CARDS { draw_cards(ui, area, &cards) } else { draw_tiles(ui, area, &cards, self.leaf) }
    }
}

struct Card {
    press: Press,
    id: &'static str,
    icon: Icon,
    word: Say,
    hint: Say,
}

fn card(door: Door) -> Card {
    let entry = door.entry();
    Card { press: Press::Open(door), id: entry.id, icon: entry.icon, word: entry.word, hint: entry.hint }
}

fn draw_cards(ui: &mut Ui, mut area: Area, cards: &[Card]) {
    let portrait = ui.look.metrics.portrait();
    let gap = ui.px(16);
    let count = cards.len() as i32;
    let (columns, rows) = if portrait { (1, count) } else { (2, (count + 1) / 2) };
    let most = ui.px(if portrait { 112 } else { 144 }) * rows + gap * (rows - 1);
    let area = if portrait { area.cut_bottom(area.h.min(most)) } else { area.cut_top(most) };
    for (cell, card) in area.grid(columns, rows, gap).into_iter().zip(cards) {
        let (word, hint) = (ui.say(card.word), ui.say(card.hint));
        ui.card(cell, card.press, card.id, card.icon, (&word, &hint), Dress::Quiet);
    }
}

fn draw_tiles(ui: &mut Ui, area: Area, cards: &[Card], leaf: usize) {
    let grid = Grid::of(ui, area, cards.len());
    let words: Vec<_> = cards.iter().map(|card| ui.say(card.word)).collect();
    let cells = grid.cells(ui, area, leaf);
    let width = cells.first().map_or(0, |(cell, _)| cell.w - ui.px(8));
    ui.share(Style::Body, width, &words);
    for (cell, n) in cells {
        let card = &cards[n];
        let sign = Sign { id: card.id, icon: card.icon, label: &words[n], note: None };
        ui.tile(cell, card.press, &sign, Dress::Quiet);
    }
    ui.unshare();
}
