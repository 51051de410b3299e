//! The languages, each in its own script. It lies over whatever is on the glass for as long as somebody chooses, and
//! loses nothing of it.

use crate::board::Role;
use crate::kiosk::glyphs::Face;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};

/// Sizes of a language's name in design pixels: the same for all of them.
const NAME: (i32, i32) = (28, 22);

pub fn draw(ui: &mut Ui, now: Language) {
    let room = ui.around(Around { back: Some(Say::Back), step: None, switches: true });
    let portrait = ui.look.metrics.portrait();
    let mut area = room.whole;
    let place = area.cut_top(ui.px(56));
    ui.heading(place, &ui.say(Say::LanguageQuestion), Style::Question, Align::Left);
    let (columns, rows) = if portrait { (1, 7) } else { (2, 4) };
    let gap = ui.px(8);
    let most = ui.px(76) * rows + gap * (rows - 1);
    let area = if portrait { area.cut_bottom(area.h.min(most)) } else { area };
    for (cell, language) in area.grid(columns, rows, gap).into_iter().zip(Language::ALL) {
        let dress = if language == now { Dress::Chosen } else { Dress::Quiet };
        let ink = ui.ground(cell, Press::Speak(language), dress, ui.px(CORNER));
        let inside = cell.inset_xy(ui.px(24), 0);
        ui.line_within(inside, language.own_name(), NAME, Face::Regular, ink, Align::Left);
        ui.part(Role::Button, format!("language.{}", language.tag()), language.own_name(), cell);
    }
}
