//! Pages that several flows share: waiting, not written down, received, over; and the cards of a menu.

use super::Door;
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::form::End;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style, TOUCH};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::service::number::{Number, Series};
use qrcode::{Color, EcLevel, QrCode};

/// Quiet space around a QR code, in modules (ISO/IEC 18004 asks for 4; the card around it gives the rest).
const QUIET: i32 = 2;

/// What to take along: the number to ask with later, and the code of a pass, which is shown in its place. The code is no
/// part of the outline.
pub struct Slip<'a> {
    pub number: Number,
    pub code: Option<&'a str>,
}

impl Ui<'_> {
    /// A line at the foot of a page, with its picture.
    pub fn footnote(&mut self, mut area: Area, icon: Icon, text: &str) {
        let p = self.palette();
        let place = area.cut_left(self.px(40));
        self.icon(Area::new(place.x, place.y, self.px(28), self.px(28)), icon, 28, p.muted);
        self.told(area, text, Style::Caption, p.muted, Align::Left);
    }

    /// What is being done, while it is being done.
    pub fn waiting(&mut self, sentence: Say, slow: bool) {
        let room = self.around(Around { switches: true, ..Around::default() });
        let p = self.palette();
        let mut middle = room.whole.middle(room.whole.w, self.px(320));
        let icon = middle.cut_top(self.px(64));
        self.icon(icon, Icon::Waiting, 56, p.accent);
        middle.cut_top(self.px(16));
        let used = self.heading(middle, &self.say(sentence), Style::Question, Align::Middle);
        if slow {
            middle.cut_top(used + self.px(8));
            self.told(middle, &self.say(Say::StillWaiting), Style::Body, p.muted, Align::Middle);
        }
    }

    /// The desk could not write. Nothing typed is lost, and somebody who can help is named (R144, R204).
    pub fn trouble(&mut self, phone: Option<&str>) {
        let room = self.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
        let p = self.palette();
        let mut area = room.content;
        let icon = area.cut_top(self.px(64));
        self.icon(Area::new(icon.x, icon.y, self.px(56), icon.h), Icon::Trouble, 56, p.accent);
        area.cut_top(self.px(16));
        let used = self.heading(area, &self.say(Say::TroubleTitle), Style::Title, Align::Left);
        area.cut_top(used + self.px(8));
        let used = self.told(area, &self.say(Say::TroubleNow), Style::Body, p.ink, Align::Left);
        area.cut_top(used + self.px(16));
        let other = match phone {
            Some(phone) => self.look.words.with(Say::TroublePhone, &[("phone", phone)]),
            None => self.say(Say::TroublePerson),
        };
        self.told(area, &other, Style::Body, p.muted, Align::Left);
        let label = self.say(Say::Retry);
        self.primary(room.actions, Press::Retry, &label);
    }

    /// A flow's end: what happens now, and the number to ask with later, also as a code for the phone.
    /// `live`: the case has gone on since, and the picture is of that.
    pub fn received(&mut self, called: Option<&str>, end: &End, now: &str, slip: &Slip, live: bool) {
        self.received_as(called, &self.say(end.title), end, now, slip, live);
    }

    /// [`Ui::received`] with a title of its own.
    pub fn received_as(&mut self, called: Option<&str>, title: &str, end: &End, now: &str, slip: &Slip, live: bool) {
        let mut area = self.ticket_page(slip, end.keep);
        let p = self.palette();
        let icon = area.cut_top(self.px(56));
        let (mark, ink) = if live { (end.icon, p.accent) } else { (Icon::Done, p.ok) };
        self.icon(Area::new(icon.x, icon.y, self.px(52), icon.h), mark, 52, ink);
        area.cut_top(self.px(12));
        // What happens now must have its room, however long the thanks are in a language.
        let most = Area { h: area.h / 2, ..area };
        let used = match called {
            Some(called) => self.heading_to(most, called, title, Style::Title),
            None => self.heading(most, title, Style::Title, Align::Left),
        };
        area.cut_top(used + self.px(8));
        let mut words = area;
        if !live {
            let place = words.cut_left(self.px(44));
            self.icon(Area::new(place.x, place.y, self.px(32), self.px(34)), end.icon, 32, p.accent);
        }
        let used = self.told(words, now, Style::Body, p.ink, Align::Left);
        area.cut_top(used + self.px(16));
        // Somebody who has just come in is shown the way, and asked for his opinion when he leaves.
        if self.shows_way(slip) {
            let label = self.say(Say::SectionWay);
            self.corner(Press::Open(Door::Way), "way", Icon::Stairs, &label);
        } else {
            self.offer_survey(area);
        }
    }

    /// R183: whoever visits is told how to get there, where the company has written it down.
    fn shows_way(&self, slip: &Slip) -> bool {
        self.look.way && slip.number.series == Series::Visit
    }

    /// The number to take along, and how one leaves; what is left is for the words.
    pub fn ticket_page(&mut self, slip: &Slip, keep: Say) -> Area {
        let room = self.around(Around { switches: true, ..Around::default() });
        let portrait = self.look.metrics.portrait();
        let p = self.palette();
        let mut area = room.content;
        if portrait {
            let more = area.cut_bottom(self.px(40));
            self.line(more, &self.say(Say::AnythingElse), Style::Body, p.ink, Align::Left);
        } else {
            let place = Area { w: room.actions.w - self.px(2 * 192 + 24), ..room.actions };
            self.line(place, &self.say(Say::AnythingElse), Style::Body, p.ink, Align::Left);
        }
        let ticket = if portrait { area.cut_bottom(self.px(200)) } else { area.cut_right(self.px(240)) };
        area.cut_right(self.px(if portrait { 0 } else { 24 }));
        self.ticket(ticket, slip, keep);
        self.farewell(room.actions);
        // Where a survey runs, its offer may need the corner.
        if self.look.wechat && !self.look.survey && !self.shows_way(slip) {
            let label = self.say(Say::WechatEntry);
            self.corner(Press::Open(Door::Wechat), "wechat", Icon::Call, &label);
        }
        area
    }

    /// 满意度调查 (R289), where one runs; in the corner of a page that has no room below what happens now.
    fn offer_survey(&mut self, mut area: Area) {
        if !self.look.survey {
            return;
        }
        let (press, icon, label) = (Press::Open(Door::Survey), Icon::Satisfied, self.say(Say::SurveyEntry));
        let (portrait, high) = (self.look.metrics.portrait(), self.px(56));
        if portrait {
            area.cut_bottom(self.px(16));
        }
        if area.h < high {
            return self.corner(press, "survey", icon, &label);
        }
        let wide = (self.width(&label, Style::Body) + self.px(80)).min(area.w);
        let place = if portrait { area.cut_bottom(high) } else { area.cut_top(high) };
        self.button(place.at_left(wide), press, "survey", Some(icon), &label, Dress::Quiet);
    }

    /// A flow's end where nothing is left to ask about.
    pub fn over(&mut self, end: &End, now: &str) {
        let mut room = self.around(Around { switches: true, ..Around::default() });
        if self.look.survey {
            let actions = room.actions;
            let place = if self.look.metrics.portrait() {
                room.content.cut_bottom(self.px(72))
            } else {
                actions.middle(actions.w, self.px(56))
            };
            self.offer_survey(place);
        }
        self.last_word_in(room, end.icon, end.title, now);
    }

    fn last_word(&mut self, icon: Icon, title: Say, now: &str) {
        let room = self.around(Around { switches: true, ..Around::default() });
        self.last_word_in(room, icon, title, now);
    }

    fn last_word_in(&mut self, room: Room, icon: Icon, title: Say, now: &str) {
        let p = self.palette();
        let words =
            self.height(&self.say(title), Style::Title, room.content.w) + self.height(now, Style::Body, room.content.w);
        let most = (self.px(72 + 16 + 8) + words).max(self.px(220)).min(room.content.h);
        let mut area = room.content.middle(room.content.w, most);
        let place = area.cut_top(self.px(72));
        self.icon(place, icon, 64, if icon == Icon::Done { p.ok } else { p.accent });
        area.cut_top(self.px(16));
        let used = self.heading(area, &self.say(title), Style::Title, Align::Middle);
        area.cut_top(used + self.px(8));
        self.told(area, now, Style::Body, p.muted, Align::Middle);
        let label = self.say(Say::Done);
        self.primary(room.actions, Press::Finish, &label);
    }

    /// Codes are looked at again from this time on; a person can help before that (R144).
    pub fn later(&mut self, time: &str) {
        let now = self.look.words.with(Say::LaterNow, &[("time", time)]).into_owned();
        self.last_word(Icon::Soon, Say::LaterTitle, &now);
    }

    /// 您有别的事吗？ (R209): the two answers.
    fn farewell(&mut self, mut actions: Area) {
        let gap = self.px(12);
        let width = if self.look.metrics.portrait() { (actions.w - gap) / 2 } else { self.px(192) };
        let finish = actions.cut_right(width);
        actions.cut_right(gap);
        let more = actions.cut_right(width);
        let label = self.say(Say::More);
        self.button(more, Press::More, "more", None, &label, Dress::Quiet);
        let label = self.say(Say::Finish);
        self.button(finish, Press::Finish, "finish", None, &label, Dress::Primary);
    }

    /// The number, large, and as a code for the phone.
    fn ticket(&mut self, area: Area, slip: &Slip, keep: Say) {
        let p = self.palette();
        let hairline = self.px(1).max(1);
        self.panel(area, self.px(CORNER), p.card, Some((hairline, p.line)));
        let mut inside = area.inset(self.px(12));
        let side = self.px(if self.look.metrics.portrait() { 156 } else { 160 }).min(inside.h);
        let code = if self.look.metrics.portrait() {
            let place = inside.cut_left(side);
            inside.cut_left(self.px(16));
            inside = inside.middle(inside.w, self.px(132));
            place
        } else {
            inside.cut_top(side)
        };
        let number = slip.number.to_string();
        self.code(code.middle(side, side), slip.code.unwrap_or(&number));
        let align = if self.look.metrics.portrait() { Align::Left } else { Align::Middle };
        let line = inside.cut_top(self.px(48));
        // In two groups, as people read it out.
        let code = slip.code.and_then(|code| code.split_at_checked(4)).map(|(one, two)| format!("{one} {two}"));
        self.line(line, code.as_deref().unwrap_or(&number), Style::Title, p.ink, align);
        self.part(Role::Text, "number", number, line);
        self.told(inside, &self.say(keep), Style::Caption, p.muted, align);
    }

    /// A QR code as large as whole pixels a module allow.
    pub fn code(&mut self, area: Area, text: &str) {
        let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return };
        let width = code.width();
        let modules = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
        let side = area.w / (width as i32 + 2 * QUIET) * width as i32;
        let (dark, light) = (crate::kiosk::theme::LIGHT.ink, crate::kiosk::theme::LIGHT.card);
        // Dark on light at night too: many readers know no other.
        self.panel(area, self.px(4), light, None);
        self.code_item(area.middle(side, side), width, modules, dark);
        let label = self.say(Say::FinishCode);
        self.part(Role::Text, "code", label, area);
    }

    fn code_item(&mut self, area: Area, width: usize, modules: Vec<bool>, color: crate::board::Color) {
        self.scene.items.push(crate::kiosk::scene::Item::Code { area, width, modules, color });
    }

    /// The number to call, at the foot of a page; it is no button.
    pub fn call_line(&mut self, area: Area, phone: &str) {
        let p = self.palette();
        let mut place = area;
        let icon = place.cut_left(self.px(36));
        self.icon(icon.at_left(self.px(28)), Icon::Call, 26, p.accent);
        let text = self.look.words.with(Say::ServicesCall, &[("phone", phone)]);
        self.line(place, &text, Style::Body, p.ink, Align::Left);
        self.part(Role::Text, "services.phone", text, area);
    }

    /// A wide row to touch: picture, word, a line below it, and where it leads.
    pub fn card(&mut self, area: Area, press: Press, id: &str, icon: Icon, words: (&str, &str), dress: Dress) {
        let ink = self.ground(area, press, dress, self.px(CORNER));
        let p = self.palette();
        let (icon_ink, hint_ink) = match dress {
            Dress::Primary => (p.on_accent, p.on_accent_muted),
            _ => (p.accent, p.muted),
        };
        let tall = area.h >= self.px(3 * TOUCH);
        if tall && !self.look.metrics.portrait() {
            let mut inside = area.inset(self.px(20));
            let top = inside.cut_top(self.px(64));
            self.icon(Area::new(top.x, top.y, self.px(56), top.h), icon, 56, icon_ink);
            let hint = inside.cut_bottom(self.height(words.1, Style::Caption, inside.w).min(self.px(72)));
            let word = inside.cut_bottom(self.px(48));
            self.line(word, words.0, Style::Question, ink, Align::Left);
            self.paragraph(hint, words.1, Style::Caption, hint_ink, Align::Left);
        } else {
            let mut inside = area.inset_xy(self.px(20), 0);
            let left = inside.cut_left(self.px(72));
            self.icon(Area::new(left.x, left.y, self.px(48), left.h), icon, 48, icon_ink);
            let right = inside.cut_right(self.px(32));
            self.icon(right, Icon::Forward, 32, hint_ink);
            let room = (area.h - self.px(44 + 8)).max(0);
            let hint = self.height(words.1, Style::Caption, inside.w).min(room);
            let mut lines = inside.middle(inside.w, self.px(44) + hint);
            let word = lines.cut_top(self.px(44));
            self.line(word, words.0, Style::Question, ink, Align::Left);
            self.paragraph(lines, words.1, Style::Caption, hint_ink, Align::Left);
        }
        self.part(Role::Button, id, words.0, area);
    }
}
