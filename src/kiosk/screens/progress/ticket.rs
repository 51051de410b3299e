//! How a ticket stands, drawn: what happened and when, by whom, what was written for whoever asks, and what is promised next.
//! Names and words of people are on the glass only, never in the outline.

use super::super::Lobby;
use crate::board::Role;
use crate::kiosk::area::Area;
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::Style;
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::kiosk::when::{clock, when};
use crate::service::case::Promise;
use crate::service::progress::{Progress, Stage, Wish};
use chrono::{DateTime, NaiveDateTime, Utc};

/// The buttons below a ticket, as [`Press::Choose`] counts them.
pub const CHASE: u8 = 0;
pub const WITHDRAW: u8 = 1;
pub const RATE: u8 = 2;

/// Most width of the times, and the place of the line between them and the words, in design pixels.
const TIMES: i32 = 144;
const RAIL: i32 = 40;
const GAP: i32 = 12;

/// One line of the history.
struct Line {
    /// Stands before it; what was written has none.
    time: Option<String>,
    text: String,
    /// Who did it, behind the words.
    who: Option<String>,
    /// As the outline says it; the first line of what goes on has it. What is about people has none.
    whole: Option<String>,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Past,
    /// Words that were written for whoever asks, or a name that found no room.
    Said,
    Promised,
}

pub fn draw(ui: &mut Ui, lobby: &Lobby, seen: &Progress, wish: Option<Wish>, leaf: usize) {
    let room = ui.around(Around { back: Some(Say::Back), switches: true, step: None });
    let portrait = ui.look.metrics.portrait();
    let mut area = room.content;
    let buttons = buttons(ui, &mut area, room.actions, seen);
    draw_buttons(ui, buttons, seen);
    ui.primary(room.actions, Press::Finish, &ui.say(Say::Done));
    let mut top = area.cut_top(ui.px(48));
    area.cut_top(ui.px(if portrait { 16 } else { 4 }));
    let wished = match wish {
        Some(Wish::Chase) => Some(Say::ProgressChased),
        Some(Wish::Withdraw) => Some(Say::ProgressWithdrawn),
        _ => None,
    };
    if let Some(wished) = wished {
        let text = ui.say(wished);
        let height = ui.height(&text, Style::Body, area.w - ui.px(RAIL)).min(ui.px(96));
        let mut place = area.cut_top(height);
        let p = ui.palette();
        let mark = place.cut_left(ui.px(RAIL));
        ui.icon(Area { h: ui.px(32).min(mark.h), ..mark }.at_left(ui.px(28)), Icon::Done, 28, p.ok);
        ui.told(place, &text, Style::Body, p.ok, Align::Left);
        area.cut_top(ui.px(8));
    }
    let times = times_width(ui, lobby, seen);
    let lines = lines(ui, lobby, seen, area.w - times - ui.px(RAIL));
    let least = ui.height("1", Style::Body, area.w) + ui.px(2);
    let fit = (area.h / least).max(1) as usize;
    let pages: Vec<_> = lines.rchunks(fit).collect();
    // A short history has more air.
    let height = (area.h / lines.len().clamp(1, fit) as i32).min(least + ui.px(8));
    if pages.len() > 1 {
        let (n, of) = ((leaf % pages.len() + 1).to_string(), pages.len().to_string());
        let label = ui.look.words.with(Say::ProgressEarlier, &[("n", &n), ("of", &of)]).into_owned();
        let place = top.cut_right(ui.px(if portrait { 160 } else { 184 }));
        ui.pill(place, Press::Page, "page", None, &label, Dress::Quiet);
    }
    let number = seen.number.to_string();
    let p = ui.palette();
    let used = ui.line(top, &number, Style::Title, p.ink, Align::Left);
    ui.part(Role::Heading, "heading", number, top);
    top.cut_left(used.w + ui.px(16));
    if let Some(word) = super::kind(seen.number.series).map(|word| ui.say(word))
        && ui.width(&word, Style::Body) <= top.w
    {
        ui.line(top, &word, Style::Body, p.muted, Align::Left);
    }
    let Some(page) = pages.get(leaf % pages.len().max(1)) else { return };
    // What was said in more lines than one is a paragraph.
    let close = ui.height("1", Style::Caption, area.w).min(height);
    let says = |n: usize| page.get(n).is_some_and(|line| line.kind == Kind::Said);
    for (n, line) in page.iter().enumerate() {
        let paragraph = says(n) && (n > 0 && says(n - 1) || says(n + 1));
        let cell = area.cut_top(if paragraph { close } else { height });
        draw_line(ui, cell, times, line, (n > 0, n + 1 < page.len()));
    }
}

/// The words of the times, as wide as they are.
fn times_width(ui: &Ui, lobby: &Lobby, seen: &Progress) -> i32 {
    let times = seen.milestones.iter().map(|milestone| time(ui, lobby, milestone.at));
    let widest = times.map(|time| ui.width(&time, Style::Caption)).max().unwrap_or_default();
    widest.min(ui.px(TIMES))
}

fn local(lobby: &Lobby, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&lobby.settings.zone).naive_local()
}

/// Today's by the minute, another day's with its date.
fn time(ui: &Ui, lobby: &Lobby, at: DateTime<Utc>) -> String {
    let at = local(lobby, at);
    if at.date() == lobby.local.date() { clock(at) } else { when(ui.look.words, lobby.local, at) }
}

fn lines(ui: &Ui, lobby: &Lobby, seen: &Progress, width: i32) -> Vec<Line> {
    let mut lines = Vec::new();
    let said = |text: &str| Line { time: None, text: text.to_owned(), who: None, whole: None, kind: Kind::Said };
    for milestone in &seen.milestones {
        let text = ui.say(stage(milestone.stage)).into_owned();
        let besides = width - ui.width(&text, Style::Body) - ui.px(GAP);
        let (near, below) = match &milestone.who {
            Some(who) if ui.width(who, Style::Caption) <= besides => (Some(who.clone()), None),
            who => (None, who.as_deref()),
        };
        let time = time(ui, lobby, milestone.at);
        let whole = Some(format!("{time} {text}"));
        lines.push(Line { time: Some(time), text, who: near, whole, kind: Kind::Past });
        for words in below.into_iter().chain(milestone.words.as_deref()) {
            lines.extend(ui.broken(words, Style::Caption, width).into_iter().map(said));
        }
    }
    if let Some((kept, due)) = seen.promise.filter(|(_, due)| local(lobby, *due) > lobby.local) {
        let due = when(ui.look.words, lobby.local, local(lobby, due));
        let text = ui.look.words.with(promise(kept), &[("when", &due)]).into_owned();
        let promised = |text: &str| Line { kind: Kind::Promised, ..said(text) };
        lines.extend(ui.broken(&text, Style::Label, width).into_iter().map(promised));
        if let Some(first) = lines.iter_mut().find(|line| line.kind == Kind::Promised) {
            first.whole = Some(text);
        }
    }
    lines
}

/// `joined`: whether the line of the history goes on above and below.
fn draw_line(ui: &mut Ui, cell: Area, times: i32, line: &Line, joined: (bool, bool)) {
    let p = ui.palette();
    let mut words = cell;
    let time = words.cut_left(times);
    let rail = words.cut_left(ui.px(RAIL));
    if let Some(text) = &line.time {
        ui.line(time, text, Style::Caption, p.muted, Align::Right);
    }
    let (above, below) = (if joined.0 { 0 } else { rail.h / 2 }, if joined.1 { 0 } else { rail.h / 2 });
    let thread = rail.middle(ui.px(2).max(1), rail.h);
    ui.fill(Area::new(thread.x, thread.y + above, thread.w, thread.h - above - below), p.line);
    let side = ui.px(16);
    match line.kind {
        _ if line.whole.is_none() => {}
        Kind::Past => ui.panel(rail.middle(side, side), side / 2, p.ok, None),
        Kind::Promised => ui.panel(rail.middle(side, side), side / 2, p.paper, Some((ui.px(3), p.accent))),
        Kind::Said => {}
    }
    let (style, ink) = match line.kind {
        Kind::Past => (Style::Body, p.ink),
        Kind::Said => (Style::Caption, p.muted),
        Kind::Promised => (Style::Label, p.accent),
    };
    let used = ui.line(words, &line.text, style, ink, Align::Left);
    // What was said and who did it are about people: they are on the glass and nowhere else.
    if let Some(whole) = &line.whole {
        ui.part(Role::Text, if line.kind == Kind::Promised { "promise" } else { "stage" }, whole.as_str(), cell);
    }
    if let Some(who) = &line.who {
        words.cut_left(used.w + ui.px(GAP));
        ui.line(words, who, Style::Caption, p.muted, Align::Left);
    }
}

/// Landscape has them beside the primary button, portrait in a row of their own.
fn buttons(ui: &Ui, area: &mut Area, actions: Area, seen: &Progress) -> Area {
    if !ui.look.metrics.portrait() {
        return Area { w: actions.w - ui.px(208 + GAP), ..actions };
    }
    if !(seen.can_chase || seen.can_withdraw || seen.can_rate) {
        return Area::default();
    }
    let row = area.cut_bottom(actions.h);
    area.cut_bottom(ui.px(16));
    row
}

fn draw_buttons(ui: &mut Ui, area: Area, seen: &Progress) {
    let buttons = [
        (seen.can_chase, CHASE, "progress.chase", Icon::Chase, Say::ProgressChase),
        (seen.can_withdraw, WITHDRAW, "progress.withdraw", Icon::Withdraw, Say::ProgressWithdraw),
        (seen.can_rate, RATE, "progress.rate", Icon::Satisfied, Say::ProgressRate),
    ];
    let there = buttons.into_iter().filter(|(there, ..)| *there);
    for (cell, (_, n, id, icon, word)) in area.grid(3, 1, ui.px(GAP)).into_iter().zip(there) {
        let word = ui.say(word);
        // A long word has no room for a picture beside it.
        let fits = ui.width(&word, Style::Body) + ui.px(48) <= cell.w;
        ui.button(cell, Press::Choose(n), id, fits.then_some(icon), &word, Dress::Quiet);
    }
}

/// Withdrawing is asked once more: it cannot be taken back here.
pub fn draw_withdraw(ui: &mut Ui, seen: &Progress) {
    let room = ui.around(Around { switches: true, ..Around::default() });
    let number = seen.number.to_string();
    let title = ui.look.words.with(Say::ProgressWithdrawQuestion, &[("number", &number)]).into_owned();
    told(ui, room, Icon::Withdraw, &title, Say::ProgressWithdrawNow);
    let mut actions = room.actions;
    let gap = ui.px(GAP);
    let width = if ui.look.metrics.portrait() { (actions.w - gap) / 2 } else { ui.px(208) };
    let yes = actions.cut_right(width);
    actions.cut_right(gap);
    let no = if ui.look.metrics.portrait() { actions } else { actions.cut_left(width) };
    ui.button(no, Press::Back, "back", None, &ui.say(Say::ProgressWithdrawNo), Dress::Quiet);
    ui.button(yes, Press::Next, "next", None, &ui.say(Say::ProgressWithdrawYes), Dress::Primary);
}

/// A page that says one thing.
pub fn told(ui: &mut Ui, room: Room, icon: Icon, title: &str, now: Say) {
    let p = ui.palette();
    let mut area = room.content;
    let mark = area.cut_top(ui.px(64));
    ui.icon(mark.at_left(ui.px(56)), icon, 56, p.accent);
    area.cut_top(ui.px(12));
    let used = ui.heading(area, title, Style::Title, Align::Left);
    area.cut_top(used + ui.px(8));
    ui.told(area, &ui.say(now), Style::Body, p.ink, Align::Left);
}

const fn stage(stage: Stage) -> Say {
    match stage {
        Stage::Received => Say::StageReceived,
        Stage::Accepted => Say::StageAccepted,
        Stage::Appointed => Say::StageAppointed,
        Stage::Arrived => Say::StageArrived,
        Stage::NoAccess => Say::StageNoAccess,
        Stage::Quoted => Say::StageQuoted,
        Stage::Working => Say::StageWorking,
        Stage::Told => Say::StageTold,
        Stage::Answered => Say::StageAnswered,
        Stage::Done => Say::StageDone,
        Stage::CalledBack => Say::StageCalledBack,
        Stage::Chased => Say::StageChased,
        Stage::Late => Say::StageLate,
        Stage::Withdrawn => Say::StageWithdrawn,
        Stage::Closed => Say::StageClosed,
    }
}

const fn promise(promise: Promise) -> Say {
    match promise {
        Promise::Accept => Say::PromiseAccept,
        Promise::Arrive => Say::PromiseArrive,
        Promise::Solve => Say::PromiseSolve,
        Promise::Reply | Promise::WrittenReply => Say::PromiseReply,
        Promise::Progress => Say::PromiseProgress,
        Promise::FirstCall => Say::PromiseCall,
        Promise::Result => Say::PromiseResult,
        Promise::CallBack => Say::PromiseCallBack,
        _ => Say::PromiseOther,
    }
}
