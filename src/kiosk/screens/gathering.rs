//! 活动报名: what the house invites to, by date; what it is, when and where; then unit, name and phone. Who comes after the last
//! place may wait for one. Whoever does not come after all says so with the same phone number, and the page reads the same
//! whether it had signed up or not (R309). It never shows who comes.

use super::{Entry, Flow, Lobby, PageName, Shelf, Turn};
use crate::board::Role;
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::area::Area;
use crate::kiosk::form::{End, Ending, Form, Plan, Question};
use crate::kiosk::icons::Icon;
use crate::kiosk::language::Language;
use crate::kiosk::page::Around;
use crate::kiosk::press::Press;
use crate::kiosk::strings::Say;
use crate::kiosk::theme::{CORNER, Style, TOUCH};
use crate::kiosk::ui::{Align, Dress, Ui};
use crate::kiosk::when::when;
use crate::service::case::Objection;
use crate::service::gathering::{Announced, Guest, Kind};
use crate::service::number::Number;

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.gatherings",
    icon: Icon::Tomorrow,
    word: Say::GatheringEntry,
    hint: Say::GatheringEntryHint,
    offered: |lobby| !lobby.gatherings.is_empty(),
    begin: |_| Box::new(Gatherings::default()),
};

static SIGN_UP: Plan = Plan {
    name: "gathering",
    questions: &[
        Question::unit("unit", Say::GatheringUnitQuestion),
        Question::name("name", Say::GatheringNameQuestion),
        Question::phone("phone", Say::GatheringPhoneQuestion, Say::GatheringPrivacy).same_step(),
    ],
    submit: Say::GatheringSubmit,
    command: |answers, lobby| {
        let guest = Guest {
            unit: answers.unit("unit")?,
            name: answers.name("name")?,
            phone: answers.phone("phone")?,
            language: lobby.language.tag().to_owned(),
        };
        Some(Command::SignUp { number: chosen(lobby)?, guest })
    },
    sending: Say::GatheringSending,
    ended: |answer| match answer {
        Answer::SignedUp { number, waiting: false } => Ending::Received(number),
        Answer::SignedUp { waiting: true, .. } => Ending::Told(&WAITING),
        Answer::Objected(Objection::Full) => Ending::Told(&CROWDED),
        Answer::Objected(_) => Ending::Told(&OVER),
        _ => Ending::Trouble,
    },
    end: End {
        title: Say::GatheringReceived,
        now: |_, words| words.say(Say::GatheringNow).into_owned(),
        keep: Say::GatheringKeep,
        icon: Icon::Tomorrow,
    },
    live: None,
};

static SIGN_OFF: Plan = Plan {
    name: "gathering-off",
    questions: &[Question::phone("phone", Say::GatheringOffQuestion, Say::GatheringPrivacy)],
    submit: Say::GatheringSignOff,
    command: |answers, lobby| Some(Command::SignOff { number: chosen(lobby)?, phone: answers.phone("phone")? }),
    sending: Say::GatheringOffSending,
    ended: |answer| match answer {
        Answer::Done => Ending::Over,
        Answer::Objected(_) => Ending::Told(&OVER),
        _ => Ending::Trouble,
    },
    end: End {
        title: Say::GatheringOff,
        now: |_, words| words.say(Say::GatheringOffNow).into_owned(),
        keep: Say::GatheringKeep,
        icon: Icon::Done,
    },
    live: None,
};

static WAITING: End = End {
    title: Say::GatheringWaiting,
    now: |_, words| words.say(Say::GatheringWaitingNow).into_owned(),
    keep: Say::GatheringKeep,
    icon: Icon::Done,
};
static CROWDED: End = End {
    title: Say::GatheringCrowded,
    now: |_, words| words.say(Say::GatheringCrowdedNow).into_owned(),
    keep: Say::GatheringKeep,
    icon: Icon::Help,
};
static OVER: End = End {
    title: Say::GatheringOver,
    now: |_, words| words.say(Say::GatheringOverNow).into_owned(),
    keep: Say::GatheringKeep,
    icon: Icon::Trouble,
};

/// The buttons of a gathering, as [`Press::Choose`] counts them.
const OFF: u8 = 0;
/// Least height of a row of the list, most of it, and the space between two, in design pixels.
const ROW: (i32, i32) = (76, 108);
const GAP: i32 = 12;

/// The one that the form is about: it is shown to the form as the only one.
fn chosen(lobby: &Lobby) -> Option<Number> {
    lobby.gatherings.first().map(|about| about.number)
}

/// What is being read or filled in. What is typed stands in the form.
#[derive(Debug, Default)]
struct Gatherings {
    /// Of the list; none where there is only one, or none was chosen yet.
    chosen: Option<Number>,
    leaf: usize,
    /// The form and what it is about: that may be called off meanwhile, and then the desk says so.
    form: Option<(Box<Form>, Announced)>,
}

enum Shown<'a> {
    List(&'a [Announced]),
    One(&'a Announced),
}

impl Gatherings {
    fn shown<'a>(&self, lobby: &Lobby<'a>) -> Shown<'a> {
        let chosen = lobby.gatherings.iter().find(|about| Some(about.number) == self.chosen);
        match (chosen, lobby.gatherings) {
            (Some(about), _) | (None, [about]) => Shown::One(about),
            (None, all) => Shown::List(all),
        }
    }

    fn press_form(&mut self, press: Press, lobby: &Lobby) -> Turn {
        let Some((form, about)) = &mut self.form else { return Turn::Stay };
        let only = Lobby { gatherings: std::slice::from_ref(about), ..*lobby };
        match form.press(press, &only) {
            Turn::Leave => {
                self.form = None;
                Turn::Stay
            }
            turn => turn,
        }
    }

    fn fill_in(&mut self, plan: &'static Plan, about: &Announced, language: Language) {
        self.form = Some((Box::new(Form::new(plan, language)), about.clone()));
    }
}

impl Flow for Gatherings {
    fn page(&self) -> PageName {
        match (&self.form, self.chosen) {
            (Some((form, _)), _) => form.page(),
            (None, Some(_)) => PageName("gathering", "one"),
            (None, None) => PageName("gathering", "list"),
        }
    }

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn {
        if self.form.is_some() {
            return self.press_form(press, lobby);
        }
        match (self.shown(lobby), press) {
            (Shown::List(all), Press::Choose(n)) => {
                if let Some(about) = all.get(usize::from(n)) {
                    (self.chosen, self.leaf) = (Some(about.number), 0);
                }
            }
            (Shown::One(about), Press::Next) => self.fill_in(&SIGN_UP, about, lobby.language),
            (Shown::One(about), Press::Choose(OFF)) => self.fill_in(&SIGN_OFF, about, lobby.language),
            (_, Press::Page) => self.leaf += 1,
            (Shown::One(_), Press::Back) if lobby.gatherings.len() > 1 => (self.chosen, self.leaf) = (None, 0),
            (_, Press::Back) => return Turn::Leave,
            _ => {}
        }
        Turn::Stay
    }

    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        if let Some((form, _)) = &mut self.form {
            form.answered(answer);
        }
    }

    fn speak(&mut self, language: Language) {
        if let Some((form, _)) = &mut self.form {
            form.speak(language);
        }
    }

    fn is_done(&self) -> bool {
        self.form.as_ref().is_none_or(|(form, _)| form.is_done())
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        match (&self.form, self.shown(lobby)) {
            (Some((form, about)), _) => {
                form.draw(ui, &Lobby { gatherings: std::slice::from_ref(about), ..*lobby });
            }
            (None, Shown::List([])) => draw_none(ui),
            (None, Shown::List(all)) => self.draw_list(ui, lobby, all),
            (None, Shown::One(about)) => self.draw_one(ui, lobby, about),
        }
    }
}

impl Gatherings {
    fn draw_list(&self, ui: &mut Ui, lobby: &Lobby, all: &[Announced]) {
        let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
        let portrait = ui.look.metrics.portrait();
        let mut area = room.content;
        let title = area.cut_top(ui.px(if portrait { 64 } else { 56 }));
        ui.heading(title, &ui.say(Say::GatheringList), Style::Question, Align::Left);
        let gap = ui.px(GAP);
        let fit = ((area.h + gap) / (ui.px(ROW.0) + gap)).max(1) as usize;
        let pages = all.len().div_ceil(fit);
        let from = self.leaf % pages * fit;
        let shown = &all[from..all.len().min(from + fit)];
        let rows = if pages > 1 { fit } else { shown.len() } as i32;
        let height = (rows * ui.px(ROW.1) + (rows - 1) * gap).min(area.h);
        // Portrait: in the lower half, where a hand reaches from a wheelchair.
        let area = if portrait { area.cut_bottom(height) } else { area.cut_top(height) };
        for ((n, about), cell) in shown.iter().enumerate().zip(area.grid(1, rows, gap)) {
            row(ui, lobby, cell, from + n, about);
        }
        if pages > 1 {
            page_key(ui, room.actions, self.leaf % pages, pages);
        }
    }

    fn draw_one(&self, ui: &mut Ui, lobby: &Lobby, about: &Announced) {
        let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
        let (title, words) = about.in_language(ui.look.words.language().tag());
        let (mut area, ink) = (room.content, ui.palette().ink);
        let off = off_place(ui, &mut area, room.actions);
        ui.button(off, Press::Choose(OFF), "off", Some(Icon::Withdraw), &ui.say(Say::GatheringSignOff), Dress::Quiet);
        let height = ui.height(title, Style::Question, area.w).min(ui.px(96));
        ui.heading(area.cut_top(height), title, Style::Question, Align::Left);
        area.cut_top(ui.px(4));
        let place = area.cut_top(ui.px(72));
        let lines = [
            ("gathering.when", Icon::Soon, day(ui, lobby, about)),
            ("gathering.place", Icon::Surroundings, about.place.clone()),
        ];
        facts(ui, place, &lines);
        if about.full {
            let full = ui.say(Say::GatheringFull);
            let height = ui.height(&full, Style::Caption, area.w).min(ui.px(96));
            let accent = ui.palette().accent;
            ui.told(area.cut_top(height), &full, Style::Caption, accent, Align::Left);
        }
        area.cut_top(ui.px(8));
        let broken = ui.broken(words, Style::Body, area.w);
        let line = ui.height("1", Style::Body, area.w).max(1);
        let fit = (area.h / line).max(1) as usize;
        let pages = broken.len().div_ceil(fit).max(1);
        let leaf = self.leaf % pages;
        let shown: Vec<_> = broken.iter().skip(leaf * fit).take(fit).collect();
        for (text, place) in shown.iter().zip(0..) {
            ui.line(Area::new(area.x, area.y + place * line, area.w, line), text, Style::Body, ink, Align::Left);
        }
        let read = shown.iter().map(|text| **text).collect::<Vec<_>>().join(" ");
        ui.part(Role::Text, "gathering.words", read, area);
        if pages > 1 {
            page_key(ui, place, leaf, pages);
        }
        let go = ui.say(if about.full { Say::GatheringWait } else { Say::GatheringSignUp });
        ui.primary(room.actions, Press::Next, &go);
    }
}

/// Landscape has room left of the primary button; portrait takes a row from the text.
fn off_place(ui: &Ui, area: &mut Area, mut actions: Area) -> Area {
    if ui.look.metrics.portrait() {
        let place = area.cut_bottom(ui.px(TOUCH));
        area.cut_bottom(ui.px(16));
        place
    } else {
        actions.cut_right(ui.px(208 + 16));
        actions.cut_right(ui.px(208))
    }
}

/// To the next page, at the right end of this place.
fn page_key(ui: &mut Ui, mut area: Area, leaf: usize, pages: usize) {
    let (n, of) = ((leaf + 1).to_string(), pages.to_string());
    let label = ui.look.words.with(Say::PageNext, &[("n", &n), ("of", &of)]).into_owned();
    let place = area.cut_right(ui.px(184));
    ui.pill(place.middle(place.w, ui.px(56).min(place.h)), Press::Page, "page", None, &label, Dress::Quiet);
}

fn icon(about: &Announced) -> Icon {
    match about.kind {
        Kind::Meeting => Icon::Assembly,
        Kind::Activity => Icon::Tomorrow,
    }
}

/// One line of the list: what, when and where. What the house has written may be long.
fn row(ui: &mut Ui, lobby: &Lobby, cell: Area, n: usize, about: &Announced) {
    let ink = ui.ground(cell, Press::Choose(n as u8), Dress::Quiet, ui.px(CORNER));
    let p = ui.palette();
    let (title, _) = about.in_language(ui.look.words.language().tag());
    let mut inside = cell.inset_xy(ui.px(20), ui.px(4));
    let picture = inside.cut_left(ui.px(64));
    ui.icon(picture.at_left(ui.px(44)), icon(about), 44, p.accent);
    let arrow = inside.cut_right(ui.px(32));
    ui.icon(arrow, Icon::Forward, 32, p.muted);
    let below = ui.px(32);
    let height = ui.height(title, Style::Body, inside.w).min(inside.h - below);
    let mut lines = inside.middle(inside.w, height + below);
    ui.paragraph(lines.cut_top(height), title, Style::Body, ink, Align::Left);
    ui.cut_line(lines, &format!("{} · {}", day(ui, lobby, about), about.place), Style::Caption, p.muted);
    ui.part(Role::Button, format!("gathering.{}", n + 1), title, cell);
}

/// When and where, each with its picture.
fn facts(ui: &mut Ui, area: Area, lines: &[(&str, Icon, String)]) {
    let muted = ui.palette().muted;
    for (mut line, (id, icon, words)) in area.grid(1, 2, 0).into_iter().zip(lines) {
        let place = line.cut_left(ui.px(32));
        ui.icon(Area { w: ui.px(24), ..place }, *icon, 24, muted);
        ui.cut_line(line, words, Style::Caption, muted);
        ui.part(Role::Text, *id, words.as_str(), line);
    }
}

/// Its day and hour, as people say them.
fn day(ui: &Ui, lobby: &Lobby, about: &Announced) -> String {
    when(ui.look.words, lobby.local, about.at.with_timezone(&lobby.settings.zone).naive_local())
}

fn draw_none(ui: &mut Ui) {
    let room = ui.around(Around { back: Some(Say::Back), switches: true, ..Around::default() });
    let mut area = room.content;
    let used = ui.heading(area, &ui.say(Say::GatheringNone), Style::Question, Align::Left);
    area.cut_top(used + ui.px(8));
    let muted = ui.palette().muted;
    ui.told(area, &ui.say(Say::GatheringNoneNow), Style::Body, muted, Align::Left);
}
