//! The rating of a ticket (R288): service, quality, time; five faces each, the friendliest first, one touch a question.

use crate::board::Role;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};

const QUESTIONS: [(&str, Say); 3] =
    [("service", Say::RateService), ("quality", Say::RateQuality), ("time", Say::RateTime)];

/// From five stars to one.
const FACES: [(Icon, Say); 5] = [
    (Icon::Delighted, Say::Rate5),
    (Icon::Satisfied, Say::Rate4),
    (Icon::Neutral, Say::Rate3),
    (Icon::Dissatisfied, Say::Rate2),
    (Icon::Unhappy, Say::Rate1),
];

/// The stable name of the question after so many answers.
pub fn name(answered: usize) -> &'static str {
    QUESTIONS[answered.min(QUESTIONS.len() - 1)].0
}

pub fn draw(ui: &mut Ui, answered: usize) {
    let n = answered.min(QUESTIONS.len() - 1);
    let step = Some((n as u8 + 1, QUESTIONS.len() as u8));
    let room = ui.around(Around { back: Some(Say::Back), step, switches: true });
    let portrait = ui.look.metrics.portrait();
    let mut area = room.whole;
    let place = area.cut_top(ui.px(if portrait { 96 } else { 64 }));
    ui.heading(place, &ui.say(QUESTIONS[n].1), Style::Question, Align::Left);
    let words: Vec<_> = FACES.iter().map(|(_, word)| ui.say(*word)).collect();
    let gap = ui.px(12);
    let cells = if portrait {
        // In the lower half, where a hand reaches from a wheelchair.
        area.cut_bottom(ui.px(5 * 72) + 4 * gap).grid(1, 5, gap)
    } else {
        area.cut_top(ui.px(40));
        area.cut_top(ui.px(200)).grid(5, 1, gap)
    };
    ui.share(Style::Body, cells[0].w - ui.px(if portrait { 112 } else { 12 }), &words);
    for (n, (cell, (icon, _))) in cells.iter().zip(FACES).enumerate() {
        let ink = ui.ground(*cell, Press::Choose(n as u8), Dress::Quiet, ui.px(CORNER));
        let accent = ui.palette().accent;
        let mut inside = cell.inset_xy(ui.px(4), ui.px(if portrait { 4 } else { 20 }));
        if portrait {
            let face = inside.cut_left(ui.px(88));
            ui.icon(face, icon, 48, accent);
            ui.line(inside, &words[n], Style::Body, ink, Align::Left);
        } else {
            let word = inside.cut_bottom(ui.px(48));
            ui.icon(inside, icon, 72, accent);
            ui.line(word, &words[n], Style::Body, ink, Align::Middle);
        }
        ui.part(Role::Button, format!("rate.{}", FACES.len() - n), words[n].clone(), *cell);
    }
    ui.unshare();
}
