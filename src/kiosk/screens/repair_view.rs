//! How the pages of a repair look.

use super::parts::Received;
use super::repair::{CATEGORIES, Page, Repair, SPOTS, Scope, windows};
use super::{Lobby, unit_in_words};
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::ask::{Ask, Asking, grouped};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};

impl Repair {
    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match self.page {
            Page::Where => self.places(ui),
            Page::Spot => {
                let area = self.question(ui, Say::RepairSpotQuestion);
                ui.tiles(area, 3, "spot", &SPOTS.map(|(_, tile)| tile));
            }
            Page::What => {
                let mut area = self.question(ui, Say::RepairWhatQuestion);
                let foot = area.cut_bottom(ui.px(if ui.look.metrics.portrait() { 60 } else { 36 }));
                area.cut_bottom(ui.px(12));
                ui.tiles(area, 4, "what", &CATEGORIES.map(|(_, tile)| tile));
                ui.footnote(foot, Icon::Soon, &ui.say(Say::RepairWhatNote));
            }
            Page::When => {
                let mut area = self.question(ui, Say::RepairWhenQuestion);
                let foot = area.cut_bottom(ui.px(if ui.look.metrics.portrait() { 60 } else { 36 }));
                area.cut_bottom(ui.px(12));
                let tiles: Vec<_> = windows(lobby.local).into_iter().map(|(_, tile)| tile).collect();
                ui.tiles(area, 3, "when", &tiles);
                ui.footnote(foot, Icon::Call, &ui.say(Say::RepairWhenNote));
            }
            Page::Unit | Page::Name | Page::Phone | Page::Detail => self.fields(ui, lobby),
            Page::Check => self.check(ui),
            Page::Sending => ui.waiting(Say::RepairSending),
            Page::Trouble => ui.trouble(lobby.settings.service_phone.as_deref()),
            Page::Received(number) => {
                let now = ui.say(if self.is_public() { Say::RepairNowPublic } else { Say::RepairNowHome });
                let (title, keep, icon) = (Say::RepairReceived, Say::RepairKeep, Icon::Work);
                ui.received(&Received { title, now: &now, keep, number, icon });
            }
        }
    }

    fn around(&self, ui: &mut Ui) -> Room {
        let back = if self.page == Page::Where && !self.checked { Say::Leave } else { Say::Back };
        ui.around(Around { back: Some(back), step: Some(self.step()), switches: true })
    }

    /// The page's question; gives what is left below it.
    fn question(&self, ui: &mut Ui, question: Say) -> Area {
        let mut area = self.around(ui).whole;
        let place = area.cut_top(ui.px(if ui.look.metrics.portrait() { 96 } else { 56 }));
        ui.heading(place, &ui.say(question), Style::Question, Align::Left);
        area
    }

    fn places(&self, ui: &mut Ui) {
        let mut area = self.question(ui, Say::RepairWhereQuestion);
        let portrait = ui.look.metrics.portrait();
        let most = ui.px(if portrait { 2 * 128 + 16 } else { 240 });
        let area = if portrait { area.cut_bottom(most) } else { area.cut_top(most) };
        let (columns, rows) = if portrait { (1, 2) } else { (2, 1) };
        let choices = [
            ("where.home", Icon::Home, Say::RepairHome, Say::RepairHomeHint),
            ("where.public", Icon::Apartment, Say::RepairPublic, Say::RepairPublicHint),
        ];
        let cells = area.grid(columns, rows, ui.px(16));
        for (n, (cell, (id, icon, word, hint))) in cells.iter().zip(choices).enumerate() {
            let (word, hint) = (ui.say(word), ui.say(hint));
            ui.card(*cell, Press::Choose(n as u8), id, icon, (&word, &hint), Dress::Quiet);
        }
    }

    fn fields(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = self.around(ui);
        let days = lobby.settings.person_days.to_string();
        let privacy = ui.look.words.with(Say::RepairPrivacy, &[("days", &days)]);
        let asking = |question, label, hint, privacy| Asking { question, label, hint, privacy, next: Say::Next };
        let (ask, asking): (&Ask, Asking) = match self.page {
            Page::Unit => (&self.unit, asking(Say::RepairUnitQuestion, Say::UnitLabel, Say::UnitHint, None)),
            Page::Name => (&self.name, asking(Say::RepairNameQuestion, Say::NameLabel, Say::NameHint, None)),
            Page::Phone => {
                (&self.phone, asking(Say::RepairPhoneQuestion, Say::PhoneLabel, Say::PhoneHint, Some(&*privacy)))
            }
            _ => (&self.detail, asking(Say::RepairDetailQuestion, Say::DetailLabel, Say::RepairDetailHint, None)),
        };
        ui.ask(room, ask, &asking);
    }

    /// Everything read back; each row can be touched and mended (R024).
    fn check(&self, ui: &mut Ui) {
        let room = self.around(ui);
        let portrait = ui.look.metrics.portrait();
        let p = ui.palette();
        let mut area = room.content;
        let place = area.cut_top(ui.px(if portrait { 56 } else { 54 }));
        ui.heading(place, &ui.say(Say::RepairCheckQuestion), Style::Question, Align::Left);
        let note = area.cut_bottom(ui.px(if portrait { 64 } else { 32 }));
        let rows = self.rows(ui);
        let (columns, lines) = if portrait { (1, rows.len() as i32) } else { (2, rows.len().div_ceil(2) as i32) };
        let height = (lines * ui.px(72) + (lines - 1) * ui.px(8)).min(area.h - ui.px(8));
        for (cell, (n, label, value)) in area.cut_top(height).grid(columns, lines, ui.px(8)).iter().zip(rows) {
            let empty = n == 5 && self.detail.text().is_empty();
            let label = ui.say(label).into_owned();
            row(ui, *cell, n, &label, &value, empty);
        }
        let price = ui.say(Say::RepairPrice);
        ui.told(note, &price, Style::Caption, p.muted, Align::Left);
        let submit = ui.say(Say::RepairSubmit);
        ui.primary(room.actions, Press::Next, &submit);
    }

    fn rows(&self, ui: &Ui) -> Vec<(u8, Say, String)> {
        let find = |word: Option<Say>| word.map(|word| ui.say(word).into_owned()).unwrap_or_default();
        let place = match self.scope {
            Some(Scope::Public(spot)) => find(SPOTS.iter().find(|(s, _)| *s == spot).map(|(_, tile)| tile.1)),
            _ => unit_in_words(ui.look.words, &self.unit.text().to_ascii_uppercase()),
        };
        let what = find(CATEGORIES.iter().find(|(c, _)| Some(*c) == self.category).map(|(_, tile)| tile.1));
        let mut rows = vec![(0, Say::CheckPlace, place), (1, Say::CheckWhat, what)];
        if !self.is_public() {
            let when = super::repair::WINDOWS.iter().find(|(w, _)| Some(*w) == self.window);
            rows.push((2, Say::CheckWhen, find(when.map(|(_, tile)| tile.1))));
        }
        let detail = match self.detail.text() {
            "" => find(Some(Say::CheckDetailEmpty)),
            text => text.replace('\n', " "),
        };
        rows.push((3, Say::CheckName, self.name.text().to_owned()));
        rows.push((4, Say::CheckPhone, grouped(&self.phone)));
        rows.push((5, Say::CheckDetail, detail));
        rows
    }
}

/// One answer, to be touched where it is to be mended. What was typed is not in the outline.
fn row(ui: &mut Ui, area: Area, n: u8, label: &str, value: &str, empty: bool) {
    let p = ui.palette();
    ui.ground(area, Press::Edit(n), Dress::Quiet, ui.px(CORNER));
    let mut inside = area.inset_xy(ui.px(12), ui.px(4));
    let pen = inside.cut_right(ui.px(32));
    ui.icon(pen, Icon::Edit, 22, p.muted);
    let labels = [Say::CheckPlace, Say::CheckWhat, Say::CheckWhen, Say::CheckName, Say::CheckPhone, Say::CheckDetail];
    let wide = labels.map(|label| ui.width(&ui.say(label), Style::Caption)).into_iter().max().unwrap_or_default();
    let name = inside.cut_left(wide + ui.px(12));
    ui.line(name, label, Style::Caption, p.muted, Align::Left);
    let (style, ink) = if empty { (Style::Caption, p.muted) } else { (Style::Body, p.ink) };
    ui.cut_line(inside, value, style, ink);
    ui.part(Role::Button, format!("check.{n}"), label, area);
}
