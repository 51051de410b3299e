//! 便民服务: the 29 services of the regulation, to be read (R266, R267): name, and a price only where the company has given
//! one. It never says that something is free, and orders nothing.

use super::handbook::{foot_lines, foot_place};
use super::{Flow, Lobby, PageName, Shelf, Turn, always};
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Ui};
use crate::service::service::{CATALOGUE, Entry, Price};

pub const ENTRY: super::Entry = super::Entry {
    shelf: Shelf::Services,
    id: "services.catalogue",
    icon: Icon::Household,
    word: Say::CatalogueTitle,
    hint: Say::CatalogueHint,
    offered: always,
    begin: |_| Box::new(Catalogue::default()),
};

/// Height of a line and the space between two, in design pixels.
const ROW: i32 = 56;
const GAP: i32 = 4;

/// The names of the 29, in the order of [`CATALOGUE`].
const NAMES: [Say; 29] = [
    Say::Service01,
    Say::Service02,
    Say::Service03,
    Say::Service04,
    Say::Service05,
    Say::Service06,
    Say::Service07,
    Say::Service08,
    Say::Service09,
    Say::Service10,
    Say::Service11,
    Say::Service12,
    Say::Service13,
    Say::Service14,
    Say::Service15,
    Say::Service16,
    Say::Service17,
    Say::Service18,
    Say::Service19,
    Say::Service20,
    Say::Service21,
    Say::Service22,
    Say::Service23,
    Say::Service24,
    Say::Service25,
    Say::Service26,
    Say::Service27,
    Say::Service28,
    Say::Service29,
];

/// The list of services, at this page.
#[derive(Debug, Default)]
pub struct Catalogue {
    leaf: usize,
}

impl Flow for Catalogue {
    fn page(&self) -> PageName {
        PageName("catalogue", "")
    }

    fn is_done(&self) -> bool {
        true
    }

    fn press(&mut self, press: Press, _: &Lobby) -> Turn {
        match press {
            Press::Next => self.leaf += 1,
            Press::Back if self.leaf > 0 => self.leaf -= 1,
            Press::Back => return Turn::Leave,
            _ => {}
        }
        Turn::Stay
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
        let portrait = ui.look.metrics.portrait();
        let mut area = room.content;
        let place = area.cut_top(ui.px(48));
        ui.heading(place, &ui.say(Say::CatalogueTitle), Style::Question, Align::Left);
        let foot = foot_place(ui, &mut area, room.actions);
        let phone = lobby.settings.service_phone.as_deref();
        let call = phone
            .map_or_else(String::new, |phone| ui.look.words.with(Say::ServicesCall, &[("phone", phone)]).into_owned());
        let note = ui.say(Say::CatalogueNote).into_owned();
        let lines = [("catalogue.note", Icon::Trouble, note), ("catalogue.phone", Icon::Call, call)];
        foot_lines(ui, foot, if phone.is_some() { &lines } else { &lines[..1] });
        let (columns, gap) = (if portrait { 1 } else { 2 }, ui.px(GAP));
        let rows = ((area.h + gap) / (ui.px(ROW) + gap)).max(1);
        let on_page = (columns * rows) as usize;
        let pages = NAMES.len().div_ceil(on_page);
        let leaf = self.leaf.min(pages - 1);
        let shown = NAMES.iter().zip(&CATALOGUE).skip(leaf * on_page).take(on_page);
        let cells = area.cut_top(rows * (ui.px(ROW) + gap) - gap).grid(columns, rows, gap);
        for (cell, (name, entry)) in cells.iter().zip(shown) {
            service(ui, cell.at_left(cell.w - ui.px(8)), *name, entry);
        }
        if leaf + 1 < pages {
            let (n, of) = ((leaf + 1).to_string(), pages.to_string());
            let label = ui.look.words.with(Say::PageNext, &[("n", &n), ("of", &of)]).into_owned();
            ui.primary(room.actions, Press::Next, &label);
        } else {
            ui.primary(room.actions, Press::Finish, &ui.say(Say::Done));
        }
    }
}

/// Number, name, and the price where there is one.
fn service(ui: &mut Ui, mut area: Area, name: Say, entry: &Entry) {
    let p = ui.palette();
    let number = area.cut_left(ui.px(40));
    let (name, price) = (ui.say(name), price(ui, entry.price));
    let mut line = area;
    if let Some(price) = &price {
        let below = area.cut_bottom(ui.px(24));
        line = area;
        ui.line(below, price, Style::Caption, p.muted, Align::Left);
    }
    ui.line(Area { h: line.h, ..number }, entry.code, Style::Caption, p.muted, Align::Left);
    ui.line(line, &name, Style::Body, p.ink, Align::Left);
    let label = price.map_or_else(|| name.to_string(), |price| format!("{name} {price}"));
    ui.part(Role::Text, format!("catalogue.{}", entry.code), label, line);
}

/// In words; `None` where the company has given no figure.
fn price(ui: &Ui, price: Price) -> Option<String> {
    let Price::List { from, to } = price else { return None };
    let yuan = |fen: u32| (fen / 100).to_string();
    Some(ui.look.words.with(Say::CataloguePrice, &[("from", &yuan(from)), ("to", &yuan(to))]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kiosk::language::Language;
    use crate::kiosk::strings::Words;

    #[test]
    fn the_services_on_the_glass_are_those_of_the_regulation_word_for_word() {
        let words = Words::new(Language::Chinese);
        for (n, (name, entry)) in NAMES.iter().zip(&CATALOGUE).enumerate() {
            assert_eq!(entry.code, format!("{:02}", n + 1));
            assert_eq!(words.say(*name), entry.name);
        }
    }
}
