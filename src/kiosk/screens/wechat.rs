//! The service centre on WeChat (R020): its code, to be read by a telephone. It asks nothing and sends nothing.

use super::{Entry, Flow, Lobby, PageName, Shelf, Turn};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Ui};

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.wechat",
    icon: Icon::Call,
    word: Say::WechatEntry,
    hint: Say::WechatEntryHint,
    offered: |lobby| lobby.settings.wechat.is_some(),
    begin: |_| Box::new(Wechat),
};

#[derive(Debug)]
struct Wechat;

impl Flow for Wechat {
    fn page(&self) -> PageName {
        PageName("wechat", "")
    }

    fn press(&mut self, press: Press, _: &Lobby) -> Turn {
        if press == Press::Back { Turn::Leave } else { Turn::Stay }
    }

    fn is_done(&self) -> bool {
        true
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = ui.around(Around { back: Some(Say::Back), step: None, switches: true });
        let Some(link) = lobby.settings.wechat.as_deref() else { return };
        let mut area = room.whole;
        let place = area.cut_top(ui.px(64));
        ui.heading(place, &ui.say(Say::WechatTitle), Style::Question, Align::Left);
        if let Some(phone) = lobby.settings.service_phone.as_deref() {
            let foot = area.cut_bottom(ui.px(36));
            ui.call_line(foot, phone);
            area.cut_bottom(ui.px(8));
        }
        let side = area.w.min(area.h).min(ui.px(360));
        let place = area.middle(side, side);
        let p = ui.palette();
        let hairline = ui.px(1).max(1);
        ui.panel(place, ui.px(CORNER), p.card, Some((hairline, p.line)));
        ui.code(place.inset(ui.px(12)), link);
    }
}
