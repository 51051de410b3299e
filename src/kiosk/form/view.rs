//! How the pages of a form look: the same place for the question, the answers and the way on, whatever is asked.

use super::answers::Said;
use super::tiles::Marked;
use super::walk::{Form, REFUSE, State};
use super::{Field, How, Note, Question, Ways};
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::ask::{Asking, With, grouped, unit_in_words};
use crate::kiosk::icons::Icon;
use crate::kiosk::keyboard::Kind;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::paper::Sheet;
use crate::kiosk::press::Press;
use crate::kiosk::screens::{Lobby, Slip};
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Ui};

/// One answer on the read-back page: its question, its word, what was said, whether nothing was.
struct Row {
    n: usize,
    label: Say,
    value: String,
    empty: bool,
}

impl Form {
    pub(super) fn view(&self, ui: &mut Ui, lobby: &Lobby) {
        match self.state {
            State::Asking(n) => self.ask(ui, lobby, n),
            State::Sending => ui.waiting(self.plan.sending, lobby.slow),
            State::Trouble => ui.trouble(lobby.settings.service_phone.as_deref()),
            State::Received(_) if self.message.is_some() => {
                self.message.iter().for_each(|message| message.draw(ui, lobby));
            }
            State::Received(number) => {
                let end = self.live.unwrap_or(&self.plan.end);
                let now = (end.now)(&self.answers, ui.look.words);
                let slip = Slip { number, code: self.sheet.as_ref().and_then(Sheet::code) };
                let called = self.answers.called(ui.look.words);
                ui.received(called.as_deref(), end, &now, &slip, self.live.is_some());
            }
            State::Later(until) => {
                let time = until.with_timezone(&lobby.settings.zone).format("%H:%M").to_string();
                ui.later(&time);
            }
            State::Over => {
                let end = self.live.unwrap_or(&self.plan.end);
                let now = (end.now)(&self.answers, ui.look.words);
                ui.over(end, &now);
            }
        }
    }

    fn ask(&self, ui: &mut Ui, lobby: &Lobby, n: usize) {
        let question = self.question(n);
        let back = if self.is_first(n) { Say::Leave } else { Say::Back };
        let room = ui.around(Around { back: Some(back), step: Some(self.step(n)), switches: true });
        match &question.how {
            How::Choose { .. } | How::Prefer { .. } => self.tiles(ui, lobby, room, n),
            How::Type { hint, privacy, .. } => self.field(ui, lobby, room, n, *hint, *privacy),
            How::Agree { text, yes, no } => agree(ui, room, question, &text(lobby, ui.look.words), (*yes, *no)),
            How::Check { note } => self.check_page(ui, lobby, room, question, *note),
        }
    }

    fn tiles(&self, ui: &mut Ui, lobby: &Lobby, room: Room, n: usize) {
        let portrait = ui.look.metrics.portrait();
        let question = self.question(n);
        let (of, most, note, ways) = match &question.how {
            How::Choose { of, note, .. } => (*of, 1, *note, None),
            How::Prefer { of, most, note, ways } => (*of, *most, *note, *ways),
            _ => return,
        };
        let mut area = if most > 1 { room.content } else { room.whole };
        let place = area.cut_top(ui.px(if portrait { 96 } else { 56 }));
        match self.called(ui, n) {
            Some(called) => ui.heading_to(place, &called, &ui.say(question.asks), Style::Question),
            None => ui.heading(place, &ui.say(question.asks), Style::Question, Align::Left),
        };
        let asks = ways.filter(|_| portrait).map(|ways| (ways, area.cut_bottom(ui.px(44))));
        if let Some((icon, note)) = note {
            let foot = area.cut_bottom(ui.px(if portrait { 60 } else { 36 }));
            area.cut_bottom(ui.px(12));
            if self.wished {
                let accent = ui.palette().accent;
                ui.told(foot, &ui.say(Say::ChooseFirst), Style::Body, accent, Align::Left);
            } else {
                ui.footnote(foot, icon, &ui.say(note));
            }
        }
        let chosen = match self.answers.at(n) {
            Said::Chosen(chosen) => chosen.as_slice(),
            _ => &[],
        };
        let (offered, marked) = (of(&self.answers, lobby), Marked { chosen, most });
        match question.how {
            How::Choose { lines: true, .. } => ui.lines(area, question.id, &offered, self.leaf, &marked),
            _ => ui.tiles(area, question.id, &offered, self.leaf, &marked),
        }
        match ways {
            Some(ways) => draw_ways(ui, ways, asks.map(|(_, place)| place), room.actions),
            None if most > 1 => ui.primary(room.actions, Press::Next, &ui.say(Say::Next)),
            None => {}
        }
    }

    fn field(&self, ui: &mut Ui, lobby: &Lobby, room: Room, n: usize, hint: Say, privacy: Option<Say>) {
        let Said::Typed(_, ask) = self.answers.at(n) else { return };
        let question = self.question(n);
        let label = label(ask.kind());
        let with = self.partner(n).and_then(|other| match self.answers.at(other) {
            Said::Typed(_, ask) => Some((other, ask)),
            _ => None,
        });
        let with = with.map(|(other, ask)| With {
            ask,
            label: self::label(ask.kind()),
            press: Press::Edit(other as u8),
            first: other < n,
        });
        let privacy = privacy.map(|privacy| {
            let days = lobby.settings.days(privacy).to_string();
            ui.look.words.with(privacy, &[("days", &days)])
        });
        let next = if self.is_last(n) { self.plan.submit } else { Say::Next };
        let beside = question.beside.filter(|door| (door.entry().offered)(lobby));
        let privacy = privacy.as_deref();
        let called = self.called(ui, n);
        let called = called.as_deref();
        ui.ask(room, ask, &Asking { question: question.asks, label, hint, privacy, beside, with, called, next });
    }

    /// Who is asked, once it is known; not where the name itself is typed. Other languages say it at the end only.
    fn called(&self, ui: &Ui, n: usize) -> Option<String> {
        let typed = matches!(self.question(n).how, How::Type { field: Field::Name, .. });
        let chinese = ui.look.words.language().is_chinese();
        self.answers.called(ui.look.words).filter(|_| chinese && !typed)
    }

    /// Everything read back; each row can be touched and mended (R024).
    fn check_page(&self, ui: &mut Ui, lobby: &Lobby, room: Room, question: &Question, note: Option<Note>) {
        let portrait = ui.look.metrics.portrait();
        let p = ui.palette();
        let mut area = room.content;
        let place = area.cut_top(ui.px(if portrait { 56 } else { 54 }));
        ui.heading(place, &ui.say(question.asks), Style::Question, Align::Left);
        if let Some(note) = note {
            let foot = area.cut_bottom(ui.px(if portrait { 64 } else { 32 }));
            let note = match note {
                Note::Always(note) => ui.say(note).into_owned(),
                Note::By(note) => note(&self.answers, lobby, ui.look.words),
            };
            ui.told(foot, &note, Style::Caption, p.muted, Align::Left);
        }
        let rows = self.rows(ui, lobby);
        let (columns, lines) = if portrait { (1, rows.len() as i32) } else { (2, rows.len().div_ceil(2) as i32) };
        let height = (lines * ui.px(72) + (lines - 1) * ui.px(8)).min(area.h - ui.px(8));
        let labels: Vec<_> = rows.iter().map(|row| ui.width(&ui.say(row.label), Style::Caption)).collect();
        let wide = labels.into_iter().max().unwrap_or_default();
        for (cell, row) in area.cut_top(height).grid(columns, lines, ui.px(8)).iter().zip(&rows) {
            draw_row(ui, *cell, row, wide);
        }
        ui.primary(room.actions, Press::Next, &ui.say(self.plan.submit));
    }

    fn rows(&self, ui: &Ui, lobby: &Lobby) -> Vec<Row> {
        let questions = self.plan.questions.iter().enumerate();
        let labelled = questions.filter_map(|(n, question)| Some((n, question, question.label?)));
        let asked = labelled.filter(|(_, question, _)| (question.applies)(&self.answers));
        asked
            .map(|(n, question, label)| {
                let value = self.value(ui, lobby, n, question);
                let empty = value.is_empty();
                let value = if empty { ui.say(Say::CheckEmpty).into_owned() } else { value };
                Row { n, label, value, empty }
            })
            .collect()
    }

    /// What was said, as people say it.
    fn value(&self, ui: &Ui, lobby: &Lobby, n: usize, question: &Question) -> String {
        match (self.answers.at(n), &question.how) {
            (Said::Typed(_, ask), _) => match ask.kind() {
                Kind::Unit => unit_in_words(ui.look.words, &ask.text().to_ascii_uppercase()),
                _ => grouped(ask).replace('\n', " "),
            },
            (Said::Chosen(chosen), How::Choose { of, .. } | How::Prefer { of, .. }) => {
                let tiles = of(&self.answers, lobby);
                let word = |id: &&str| tiles.iter().find(|tile| tile.id == *id).map(|tile| ui.say(tile.word));
                let words = chosen.iter().filter_map(word).collect::<Vec<_>>().join(&ui.say(Say::Or));
                match self.way_on(&question.how) {
                    Some(said) => format!("{words}\n{}", ui.say(said)),
                    None => words,
                }
            }
            _ => String::new(),
        }
    }

    fn way_on(&self, how: &How) -> Option<Say> {
        let How::Prefer { ways: Some(ways), .. } = how else { return None };
        let went = self.answers.way(ways.id)?;
        ways.of.iter().find(|way| way.id == went).map(|way| way.said)
    }
}

const fn label(kind: Kind) -> Say {
    match kind {
        Kind::Unit => Say::UnitLabel,
        Kind::Name => Say::NameLabel,
        Kind::Text => Say::DetailLabel,
        Kind::Tail => Say::SignOutLabel,
        Kind::Code => Say::CodeLabel,
        Kind::Identity => Say::IdentityLabel,
        Kind::Number | Kind::Slip => Say::PhoneLabel,
    }
}

/// The second question and its two answers: lying in one row, standing in two.
fn draw_ways(ui: &mut Ui, ways: &Ways, asks: Option<Area>, actions: Area) {
    let (gap, mut rest) = (ui.px(12), actions);
    let width = if asks.is_some() { (actions.w - gap) / 2 } else { ui.px(176) };
    for (n, way) in ways.of.iter().enumerate().rev() {
        let place = rest.cut_right(width);
        rest.cut_right(gap);
        let label = ui.say(way.word);
        let id = format!("{}.{}", ways.id, way.id);
        let dress = if n + 1 == ways.of.len() { Dress::Primary } else { Dress::Quiet };
        ui.button(place, Press::Way(n as u8), &id, None, &label, dress);
    }
    let asked = ui.say(ways.asks);
    let place = asks.unwrap_or(rest);
    ui.line(place, &asked, Style::Label, ui.palette().ink, Align::Left);
    ui.part(Role::Text, ways.id, asked, place);
}

/// One answer, to be touched where it is to be mended. What was typed is not in the outline.
fn draw_row(ui: &mut Ui, area: Area, row: &Row, wide: i32) {
    let p = ui.palette();
    ui.ground(area, Press::Edit(row.n as u8), Dress::Quiet, ui.px(CORNER));
    let mut inside = area.inset_xy(ui.px(12), ui.px(4));
    let pen = inside.cut_right(ui.px(32));
    ui.icon(pen, Icon::Edit, 22, p.muted);
    let label = ui.say(row.label);
    let name = inside.cut_left(wide + ui.px(12));
    ui.line(name, &label, Style::Caption, p.muted, Align::Left);
    let (style, ink) = if row.empty { (Style::Caption, p.muted) } else { (Style::Body, p.ink) };
    ui.cut_lines(inside, &row.value, style, ink);
    ui.part(Role::Button, format!("check.{}", row.n), label, area);
}

/// A text to be read, and a button that agrees to it; beside it, as large, the one that does not, where that is an answer.
fn agree(ui: &mut Ui, room: Room, question: &Question, text: &str, (yes, no): (Say, Option<Say>)) {
    let p = ui.palette();
    let (gap, mut area, mut actions) = (ui.px(12), room.content, room.actions);
    if let Some(no) = no {
        // Lying side by side, standing one above the other: the words are long in some languages.
        let place = if ui.look.metrics.portrait() {
            let place = area.cut_bottom(actions.h);
            area.cut_bottom(gap);
            place
        } else {
            let place = actions.cut_left((actions.w - gap) / 2);
            actions.cut_left(gap);
            place
        };
        let (yes, no) = (ui.say(yes), ui.say(no));
        ui.button(place, REFUSE, "refuse", None, &no, Dress::Quiet);
        ui.button(actions, Press::Next, "next", None, &yes, Dress::Primary);
    } else {
        ui.primary(actions, Press::Next, &ui.say(yes));
    }
    let used = ui.heading(area, &ui.say(question.asks), Style::Question, Align::Left);
    area.cut_top(used + ui.px(8));
    ui.told(area, text, Style::Body, p.ink, Align::Left);
}
