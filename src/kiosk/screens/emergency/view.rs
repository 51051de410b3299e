//! How an emergency looks: a red line that says how far help is, and below it one thing at a time. It moves nothing.

use super::{Active, Alarm, CHOICES, Coming, Emergency, Page};
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::ask::{Asking, grouped, unit_in_words};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::screens::Lobby;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::emergency::Choice;

/// Height of the red line.
const BAND: i32 = 48;

impl Emergency {
    pub fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match (self.alarm, self.page) {
            (Alarm::Failed, _) => self.failed(ui, lobby),
            _ if self.ended => self.over(ui),
            (_, Page::Place) => self.place(ui, lobby),
            (_, Page::Choose) => self.choices(ui, lobby),
            (_, Page::Told) => self.told(ui, lobby),
            (_, Page::NotNeeded) => self.plain(ui, Say::EmergencyNotNeeded, Say::EmergencyNotNeededNow),
        }
    }

    /// The frame with the red line in it.
    fn frame(&self, ui: &mut Ui, back: Option<Say>) -> Room {
        let mut room = ui.around(Around { back, switches: true, step: None });
        let band = room.whole.cut_top(ui.px(BAND));
        let gap = ui.px(if ui.look.metrics.portrait() { 16 } else { 10 });
        room.whole.cut_top(gap);
        room.content.cut_top(ui.px(BAND) + gap);
        let p = ui.palette();
        ui.panel(band, ui.px(CORNER), p.danger, None);
        let mut inside = band.inset_xy(ui.px(12), 0);
        let mark = inside.cut_left(ui.px(40));
        ui.icon(mark.at_left(ui.px(28)), Icon::Emergency, 28, p.on_danger);
        let text = self.standing(ui);
        let number = self.number().map(|number| number.to_string()).unwrap_or_default();
        let wide = ui.width(&number, Style::Caption);
        // On a narrow glass the number stands on the last page only.
        if ui.width(&text, Style::Body) + wide + ui.px(16) <= inside.w {
            let place = inside.cut_right(wide);
            ui.line(place, &number, Style::Caption, p.on_danger, Align::Right);
        }
        ui.line(inside, &text, Style::Body, p.on_danger, Align::Left);
        ui.part(Role::Text, "emergency.standing", format!("{text} {number}"), band);
        room
    }

    /// How far help is, in one line.
    fn standing(&self, ui: &Ui) -> String {
        let words = ui.look.words;
        match (&self.coming, self.number()) {
            _ if self.unwritten => words.say(Say::EmergencyUnwritten),
            (Some(Coming(who)), Some(_)) => words.with(Say::EmergencyComing, &[("who", who)]),
            (None, Some(_)) => words.say(Say::EmergencyCalled),
            _ => words.say(Say::EmergencyCalling),
        }
        .into_owned()
    }

    fn place_in_letters(&self, ui: &mut Ui, room: Room) {
        let asking = Asking {
            question: Say::EmergencyPlaceQuestion,
            label: Say::UnitLabel,
            hint: Say::UnitHint,
            privacy: None,
            next: Say::Next,
            beside: None,
            with: None,
            called: None,
        };
        ui.ask(room, &self.unit, &asking);
    }

    fn place(&self, ui: &mut Ui, lobby: &Lobby) {
        let letters = self.active == Active::Unit && !self.unit.is_digits();
        if letters && !ui.look.metrics.portrait() {
            // The letters of a unit need the whole of a lying glass; the line comes back with the digits.
            let room = ui.around(Around { back: Some(Say::EmergencyCancel), switches: true, step: None });
            return self.place_in_letters(ui, room);
        }
        let room = self.frame(ui, Some(Say::EmergencyCancel));
        if letters {
            return self.place_in_letters(ui, room);
        }
        let days = lobby.settings.days(Say::EmergencyPrivacy).to_string();
        let privacy = ui.look.words.with(Say::EmergencyPrivacy, &[("days", &days)]).into_owned();
        if ui.look.metrics.portrait() {
            self.place_standing(ui, room, &privacy);
        } else {
            self.place_lying(ui, room.whole, &privacy);
        }
    }

    fn place_lying(&self, ui: &mut Ui, area: Area, privacy: &str) {
        let (gap, mut left) = (ui.px(8), area);
        let mut pad = left.cut_right((area.w - ui.px(24)) / 2);
        left.cut_right(ui.px(24));
        let next = pad.cut_bottom((area.h - 4 * gap) / 5);
        pad.cut_bottom(gap);
        ui.pad_of(pad, self.active());
        let label = ui.say(Say::Next);
        ui.button(next, Press::Next, "next", None, &label, Dress::Primary);
        let question = left.cut_top(ui.px(80));
        let used = ui.heading(question, &ui.say(Say::EmergencyPlaceQuestion), Style::Question, Align::Left);
        left = Area::new(left.x, question.y + used, left.w, left.bottom() - question.y - used);
        left.cut_top(ui.px(4));
        self.fields(ui, &mut left);
        self.beneath(ui, left, privacy);
    }

    fn place_standing(&self, ui: &mut Ui, room: Room, privacy: &str) {
        let mut area = room.content;
        let pad = area.cut_bottom(ui.px(4 * 58 + 3 * 8));
        area.cut_bottom(ui.px(12));
        let used = ui.heading(area, &ui.say(Say::EmergencyPlaceQuestion), Style::Question, Align::Left);
        area.cut_top(used + ui.px(8));
        self.fields(ui, &mut area);
        self.beneath(ui, area, privacy);
        ui.pad_of(pad, self.active());
        let label = ui.say(Say::Next);
        ui.primary(room.actions, Press::Next, &label);
    }

    fn active(&self) -> &crate::kiosk::ask::Ask {
        match self.active {
            Active::Unit => &self.unit,
            Active::Phone => &self.phone,
        }
    }

    /// Where, or "right here", and below it the phone.
    fn fields(&self, ui: &mut Ui, area: &mut Area) {
        let (height, gap) = (ui.px(64), ui.px(8));
        let mut row = area.cut_top(height);
        let here = row.cut_right((row.w - gap) * 2 / 5);
        row.cut_right(gap);
        let active = self.active == Active::Unit && !self.here;
        ui.field_of(row, &self.unit, Say::EmergencyUnit, active, (Press::Edit(0), "emergency.unit"));
        let label = ui.say(Say::EmergencyHere);
        let dress = if self.here { Dress::Chosen } else { Dress::Quiet };
        ui.button(here, Press::Choose(0), "emergency.here", None, &label, dress);
        area.cut_top(gap);
        let row = area.cut_top(height);
        let active = self.active == Active::Phone;
        ui.field_of(row, &self.phone, Say::PhoneLabel, active, (Press::Edit(1), "emergency.phone"));
        area.cut_top(gap);
    }

    /// The wish, where something was unclear; else that help is on its way whatever is typed.
    fn beneath(&self, ui: &mut Ui, mut area: Area, privacy: &str) {
        let p = ui.palette();
        if let Some(wish) = self.active().wish() {
            let text = ui.say(wish);
            ui.told(area, &text, Style::Body, p.accent, Align::Left);
            return;
        }
        for text in [&*ui.say(Say::EmergencyPlaceHint), privacy] {
            if ui.height(text, Style::Caption, area.w) <= area.h {
                let used = ui.told(area, text, Style::Caption, p.muted, Align::Left);
                area.cut_top(used + ui.px(4));
            }
        }
    }

    fn choices(&self, ui: &mut Ui, lobby: &Lobby) {
        let portrait = ui.look.metrics.portrait();
        let room = self.frame(ui, Some(Say::Back));
        let p = ui.palette();
        let mut area = room.whole;
        // What was typed, read back: never in the outline.
        let mut place = if self.here {
            lobby.settings.name(lobby.language).to_owned()
        } else {
            unit_in_words(ui.look.words, &self.unit.text().to_ascii_uppercase())
        };
        if !self.phone.text().is_empty() {
            place = format!("{place} · {}", grouped(&self.phone));
            let line = area.cut_top(ui.px(36));
            ui.cut_line(line, &place, Style::Body, p.muted);
        }
        let question = area.cut_top(ui.px(if portrait { 88 } else { 48 }));
        ui.heading(question, &ui.say(Say::EmergencyChooseQuestion), Style::Question, Align::Left);
        area.cut_top(ui.px(4));
        if !portrait {
            area.cut_bottom((area.h - ui.px(216)).max(0));
        }
        let (columns, rows) = if portrait { (1, 3) } else { (3, 1) };
        let area = if portrait { area.cut_bottom(ui.px(128 * 3 + 32)) } else { area };
        for (n, (cell, choice)) in area.grid(columns, rows, ui.px(16)).into_iter().zip(CHOICES).enumerate() {
            let (id, icon, word, hint) = card(choice);
            let dress = if self.chosen.contains(&choice) { Dress::Chosen } else { Dress::Quiet };
            let (word, hint) = (ui.say(word), ui.say(hint));
            ui.card(cell, Press::Choose(n as u8), id, icon, (&word, &hint), dress);
        }
    }

    fn told(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = self.frame(ui, None);
        let portrait = ui.look.metrics.portrait();
        let p = ui.palette();
        let mut area = room.content;
        let used = ui.heading(area, &ui.say(Say::EmergencyTold), Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        let now = self.chosen.last().map_or(Say::EmergencyToldNow, |choice| happens(*choice));
        let used = ui.told(area, &ui.say(now), Style::Body, p.ink, Align::Left);
        area.cut_top(used + ui.px(8));
        // 120 is all the medical advice there is (R153); where the house calls it this would ask for it twice.
        let last = if self.chosen.contains(&Choice::Ambulance) { Say::EmergencyStay } else { Say::Emergency120 };
        let used = ui.told(area, &ui.say(last), Style::Label, p.danger, Align::Left);
        area.cut_top(used + ui.px(8));
        let number = self.number().map(|number| number.to_string()).unwrap_or_default();
        let number = ui.look.words.with(Say::HelpNumber, &[("number", &number)]);
        let phone = lobby.settings.service_phone.as_deref();
        let phone = phone.map(|phone| ui.look.words.with(Say::HelpPhone, &[("phone", phone)]));
        for text in [Some(number), phone].into_iter().flatten() {
            if ui.height(&text, Style::Caption, area.w) <= area.h {
                let used = ui.told(area, &text, Style::Caption, p.muted, Align::Left);
                area.cut_top(used);
            }
        }
        let mut actions = room.actions;
        let next = actions.cut_right(ui.px(if portrait { 240 } else { 272 }));
        actions.cut_right(ui.px(12));
        let width = if portrait { actions.w } else { ui.px(208) };
        let label = ui.say(Say::HelpReturn);
        ui.button(next, Press::Next, "next", None, &label, Dress::Primary);
        let more = actions.cut_right(width);
        let label = ui.say(Say::EmergencyMore);
        ui.button(more, Press::More, "more", None, &label, Dress::Quiet);
    }

    fn plain(&self, ui: &mut Ui, title: Say, now: Say) {
        let room = self.frame(ui, None);
        let p = ui.palette();
        let mut area = room.content;
        let used = ui.heading(area, &ui.say(title), Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        ui.told(area, &ui.say(now), Style::Body, p.ink, Align::Left);
        ui.onward(room.actions, Press::Next, Say::HelpReturn);
    }

    /// Seen to: no red line any more, nobody is on the way.
    fn over(&self, ui: &mut Ui) {
        let room = ui.around(Around { back: None, switches: true, step: None });
        let p = ui.palette();
        let mut area = room.content;
        let mark = area.cut_top(ui.px(64));
        ui.icon(mark.at_left(ui.px(56)), Icon::Done, 56, p.ok);
        area.cut_top(ui.px(12));
        let used = ui.heading(area, &ui.say(Say::EmergencyEnded), Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        ui.told(area, &ui.say(Say::EmergencyEndedNow), Style::Body, p.ink, Align::Left);
        ui.onward(room.actions, Press::Next, Say::HelpReturn);
    }

    /// Nobody knows of it: then people must be louder than the screen.
    fn failed(&self, ui: &mut Ui, lobby: &Lobby) {
        let room = ui.around(Around { back: Some(Say::Back), switches: true, step: None });
        let p = ui.palette();
        let mut area = room.content;
        let mark = area.cut_top(ui.px(64));
        ui.icon(mark.at_left(ui.px(56)), Icon::Emergency, 56, p.danger);
        area.cut_top(ui.px(12));
        let used = ui.heading(area, &ui.say(Say::EmergencyFailed), Style::Title, Align::Left);
        area.cut_top(used + ui.px(8));
        let used = ui.told(area, &ui.say(Say::EmergencyFailedNow), Style::Body, p.ink, Align::Left);
        area.cut_top(used + ui.px(16));
        if let Some(phone) = lobby.settings.service_phone.as_deref() {
            let text = ui.look.words.with(Say::HelpPhone, &[("phone", phone)]);
            ui.told(area, &text, Style::Body, p.muted, Align::Left);
        }
        ui.onward(room.actions, Press::Retry, Say::Retry);
    }
}

/// R149: what stands on a card, and what it brings.
const fn card(choice: Choice) -> (&'static str, Icon, Say, Say) {
    match choice {
        Choice::Hospital => ("choose.hospital", Icon::Hospital, Say::EmergencyHospital, Say::EmergencyHospitalHint),
        Choice::Ambulance => {
            ("choose.ambulance", Icon::Emergency, Say::EmergencyAmbulance, Say::EmergencyAmbulanceHint)
        }
        Choice::Care => ("choose.care", Icon::Care, Say::EmergencyCare, Say::EmergencyCareHint),
    }
}

/// What happens now: R150-R152 (two colleagues, a car, the family with its papers), R154 (met at the gate), R158 (a relative
/// stays).
const fn happens(choice: Choice) -> Say {
    match choice {
        Choice::Hospital => Say::EmergencyHospitalNow,
        Choice::Ambulance => Say::EmergencyAmbulanceNow,
        Choice::Care => Say::EmergencyCareNow,
    }
}
