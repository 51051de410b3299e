//! 查询与服务, honestly: what the glass cannot do yet, and who can, now (R144). A bare "no" is impossible.

use super::Lobby;
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::{Door, Press};
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};

pub fn draw(ui: &mut Ui, lobby: &Lobby) {
    let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
    let portrait = ui.look.metrics.portrait();
    let (p, gap) = (ui.palette(), ui.px(16));
    let mut area = room.whole;
    let used = ui.heading(area, &ui.say(Say::ServicesTitle), Style::Title, Align::Left);
    area.cut_top(used + ui.px(4));
    let words = area.cut_top(ui.px(if portrait { 200 } else { 72 }));
    ui.told(words, &ui.say(Say::ServicesNow), Style::Body, p.ink, Align::Left);
    let top = area.cut_top(ui.px(if portrait { 176 } else { 88 }));
    area.cut_top(gap);
    doors(ui, top, lobby);
    let foot = area.cut_bottom(ui.px(if portrait { 64 } else { 32 }));
    ui.told(foot, &ui.say(Say::ServicesNumber), Style::Caption, p.muted, Align::Left);
    area.cut_bottom(gap);
    let most = ui.px(if portrait { 260 } else { 144 });
    let cards = area.cut_bottom(area.h.min(most));
    let (word, hint) = (ui.say(Say::ServicesPerson), ui.say(Say::ServicesPersonHint));
    let Some(phone) = lobby.settings.service_phone.as_deref() else {
        ui.card(cards, Press::Help, "services.person", Icon::Help, (&word, &hint), Dress::Primary);
        return;
    };
    let cells = if portrait { cards.grid(1, 2, gap) } else { cards.grid(2, 1, gap) };
    ui.card(cells[0], Press::Help, "services.person", Icon::Help, (&word, &hint), Dress::Primary);
    phone_card(ui, cells[1], phone);
}

/// What can be read here.
fn doors(ui: &mut Ui, area: Area, lobby: &Lobby) {
    let all = [
        (Door::Catalogue, "services.catalogue", Icon::Household, Say::CatalogueTitle, Say::CatalogueHint),
        (Door::Handbook, "services.handbook", Icon::Handbook, Say::HandbookTitle, Say::HandbookHint),
    ];
    let empty = lobby.handbook.sections(lobby.local.date()).is_empty();
    let shown: Vec<_> = all.into_iter().filter(|(door, ..)| *door != Door::Handbook || !empty).collect();
    let gap = ui.px(16);
    let columns = if ui.look.metrics.portrait() { 1 } else { shown.len() as i32 };
    let cells = area.grid(columns, shown.len() as i32 / columns, gap);
    for (cell, (door, id, icon, word, hint)) in cells.iter().zip(shown) {
        let (word, hint) = (ui.say(word), ui.say(hint));
        ui.card(*cell, Press::Open(door), id, icon, (&word, &hint), Dress::Quiet);
    }
}

/// The number to call, large enough to be read while dialling. It is no button.
fn phone_card(ui: &mut Ui, area: Area, phone: &str) {
    let p = ui.palette();
    let hairline = ui.px(1).max(1);
    ui.panel(area, ui.px(CORNER), p.card, Some((hairline, p.line)));
    let mut inside = area.inset_xy(ui.px(20), 0);
    inside = inside.middle(inside.w, ui.px(88));
    let mut label = inside.cut_top(ui.px(36));
    let place = label.cut_left(ui.px(36));
    ui.icon(Area::new(place.x, place.y, ui.px(28), place.h), Icon::Call, 28, p.accent);
    let title = ui.say(Say::ServicesCall);
    ui.line(label, &title, Style::Caption, p.muted, Align::Left);
    ui.line(inside, phone, Style::Question, p.ink, Align::Left);
    ui.part(Role::Text, "services.phone", format!("{title} {phone}"), area);
}
