//! Nobody has touched the glass for a while: it asks once, hides what was typed meanwhile, and then wipes (R235, R236).

use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Dress, Ui};

/// `seconds` until the wipe.
pub fn draw(ui: &mut Ui, seconds: u64) {
    // Any touch means that somebody is here; only the one button says otherwise.
    let bounds = ui.scene.bounds;
    ui.target(bounds, Press::MoreTime);
    let room = ui.around(Around { switches: true, ..Around::default() });
    let p = ui.palette();
    let mut area = room.content.middle(room.content.w, ui.px(if ui.look.metrics.portrait() { 320 } else { 236 }));
    let icon = area.cut_top(ui.px(72));
    ui.icon(icon, Icon::Soon, 64, p.accent);
    area.cut_top(ui.px(16));
    let used = ui.heading(area, &ui.say(Say::IdleQuestion), Style::Title, Align::Middle);
    area.cut_top(used + ui.px(12));
    let now = ui.look.words.with(Say::IdleNow, &[("seconds", &seconds.to_string())]);
    ui.told(area, &now, Style::Body, p.muted, Align::Middle);
    let mut actions = room.actions;
    let gap = ui.px(16);
    let half = (actions.w - gap) / 2;
    let leave = actions.cut_left(half);
    actions.cut_left(gap);
    let label = ui.say(Say::IdleLeave);
    ui.button(leave, Press::Finish, "idle.leave", None, &label, Dress::Quiet);
    let label = ui.say(Say::IdleStay);
    ui.button(actions, Press::MoreTime, "idle.stay", None, &label, Dress::Primary);
}
