//! One question and five faces, the friendliest first, one touch: a rating of a ticket and a survey ask alike.

use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::repair::Stars;

/// From five stars to one.
const FACES: [(Icon, Say); 5] = [
    (Icon::Delighted, Say::Rate5),
    (Icon::Satisfied, Say::Rate4),
    (Icon::Neutral, Say::Rate3),
    (Icon::Dissatisfied, Say::Rate2),
    (Icon::Unhappy, Say::Rate1),
];

/// What the face at this place stands for.
pub fn stars(nth: u8) -> Option<Stars> {
    u8::from(Stars::BEST).checked_sub(nth).and_then(|stars| Stars::try_from(stars).ok())
}

/// A page around its question. `step`: this one and how many there are; `note`: a line at the foot.
pub struct Faces<'a> {
    pub question: &'a str,
    pub back: Say,
    pub step: (u8, u8),
    pub note: Option<(Icon, Say)>,
}

impl Ui<'_> {
    pub fn faces(&mut self, faces: &Faces) {
        let room = self.around(Around { back: Some(faces.back), step: Some(faces.step), switches: true });
        let portrait = self.look.metrics.portrait();
        let mut area = room.whole;
        let place = area.cut_top(self.px(if portrait { 96 } else { 64 }));
        self.heading(place, faces.question, Style::Question, Align::Left);
        if let Some((icon, note)) = faces.note {
            let foot = if portrait { area.cut_top(self.px(60)) } else { area.cut_bottom(self.px(36)) };
            self.footnote(foot, icon, &self.say(note));
        }
        let words: Vec<_> = FACES.iter().map(|(_, word)| self.say(*word)).collect();
        let gap = self.px(12);
        let cells = if portrait {
            // In the lower half, where a hand reaches from a wheelchair.
            area.cut_bottom(self.px(5 * 72) + 4 * gap).grid(1, 5, gap)
        } else {
            area.cut_top(self.px(40));
            area.cut_top(self.px(200)).grid(5, 1, gap)
        };
        self.share(Style::Body, cells[0].w - self.px(if portrait { 112 } else { 12 }), &words);
        for (n, (cell, (icon, _))) in cells.iter().zip(FACES).enumerate() {
            self.face(*cell, n, icon, &words[n]);
        }
        self.unshare();
    }

    fn face(&mut self, cell: Area, nth: usize, icon: Icon, word: &str) {
        let portrait = self.look.metrics.portrait();
        let ink = self.ground(cell, Press::Choose(nth as u8), Dress::Quiet, self.px(CORNER));
        let accent = self.palette().accent;
        let mut inside = cell.inset_xy(self.px(4), self.px(if portrait { 4 } else { 20 }));
        if portrait {
            let face = inside.cut_left(self.px(88));
            self.icon(face, icon, 48, accent);
            self.line(inside, word, Style::Body, ink, Align::Left);
        } else {
            let place = inside.cut_bottom(self.px(48));
            self.icon(inside, icon, 72, accent);
            self.line(place, word, Style::Body, ink, Align::Middle);
        }
        self.part(Role::Button, format!("rate.{}", FACES.len() - nth), word, cell);
    }
}
