//! How a ticket stands, for whoever holds its number: what it was, the digits, the last four of the phone; then who did what and
//! when, and what comes next (R072, R135). It can be chased, withdrawn and rated here, where the case itself would allow it.
//! A wrong number and a wrong phone read the same (R309). What it shows is about people: none of it is in the outline or a log.

mod rate;
#[cfg(test)]
mod tests;
mod ticket;

use super::{Entry, Flow, Lobby, PageName, Shelf, Turn, always, faces};
use crate::board::Role;
use crate::desk::{Answer, Command, Refusal};
use crate::kiosk::area::Area;
use crate::kiosk::ask::{Ask, Asking, TAIL};
use crate::kiosk::form::{Answers, End};
use crate::kiosk::icons::Icon;
use crate::kiosk::page::{Around, Room};
use crate::kiosk::press::Press;
use crate::kiosk::scan::Scan;
use crate::kiosk::strings::{Say, Words};
use crate::kiosk::theme::{CORNER, Style};
use crate::kiosk::ui::{Align, Dress, Sign, Ui};
use crate::kiosk::when::{clock, minute_after};
use crate::service::case::Objection;
use crate::service::number::{Series, Slip};
use crate::service::progress::{Progress, Receipt, Wish};
use crate::service::repair::Stars;
use chrono::{DateTime, Utc};

pub const ENTRY: Entry = Entry {
    shelf: Shelf::Services,
    id: "services.progress",
    icon: Icon::Search,
    word: Say::ProgressEntry,
    hint: Say::ProgressEntryHint,
    offered: always,
    begin: |_| Box::new(Inquiry::default()),
};

/// Everything that can be asked for by its number, what people ask for most first. The letter is found by what it stands
/// for: nobody has to know that R is a repair.
const KINDS: [(Series, &str, Icon, Say); 9] = [
    (Series::Repair, "repair", Icon::Repair, Say::KindRepair),
    (Series::Complaint, "complaint", Icon::Complaint, Say::KindComplaint),
    (Series::Enquiry, "enquiry", Icon::Question, Say::KindEnquiry),
    (Series::Suggestion, "suggestion", Icon::Light, Say::KindSuggestion),
    (Series::Service, "service", Icon::Household, Say::KindService),
    (Series::Delivery, "delivery", Icon::Delivery, Say::KindDelivery),
    (Series::Key, "key", Icon::Private, Say::KindKey),
    (Series::Pass, "pass", Icon::Handbook, Say::KindPass),
    (Series::Emergency, "emergency", Icon::Emergency, Say::KindEmergency),
];

/// What the letter of this number stands for.
fn kind(series: Series) -> Option<Say> {
    KINDS.iter().find(|(known, ..)| *known == series).map(|(.., word)| *word)
}

/// What a slip is of, and its number.
fn scanned(scan: &Scan) -> Option<(usize, Slip)> {
    let slip = Slip::parse(scan.as_str())?;
    let kind = KINDS.iter().position(|(series, ..)| *series == slip.series)?;
    Some((kind, slip))
}

/// The pages that ask: what it was and its digits are one step, the phone is the other.
const STEPS: u8 = 2;

/// The last page of a rating.
static THANKS: End = End {
    title: Say::RateThanks,
    now: |_: &Answers, words: &Words| words.say(Say::RateThanksNow).into_owned(),
    keep: Say::RateThanksNow,
    icon: Icon::Done,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Kind,
    Number,
    Phone,
    Sending,
    Trouble,
    /// Too many slips that fit nothing were tried here: until then none is looked at.
    Later(DateTime<Utc>),
    Ticket,
    /// It asks once more before it withdraws.
    Withdraw,
    Rate,
    /// The ticket has moved meanwhile and the wish does not fit any more.
    Changed,
    Thanks,
}

#[derive(Default)]
struct Inquiry {
    page: Page,
    /// Of [`KINDS`].
    kind: usize,
    number: Option<Ask>,
    phone: Option<Ask>,
    /// What the desk was asked last.
    receipt: Option<Receipt>,
    wish: Option<Wish>,
    seen: Option<Box<Progress>>,
    /// The answers of a rating so far.
    stars: Vec<Stars>,
    /// The page of a long history, the newest first.
    leaf: usize,
}

impl Inquiry {
    fn choose(&mut self, kind: usize) {
        if kind < KINDS.len() {
            // The digits stay where somebody has only mistaken the kind.
            let before = self.number.take().filter(|_| self.kind == kind);
            self.kind = kind;
            self.number = before.or_else(|| Some(Ask::slip(KINDS[kind].0.letter())));
            self.page = Page::Number;
        }
    }

    fn receipt(&self, tail: &str) -> Option<Receipt> {
        let digits = self.number.as_ref()?.text();
        Receipt::parse(&format!("{}{digits}", KINDS[self.kind].0.letter()), tail)
    }

    fn after_number(&mut self) {
        // Whether it reads as a number: the phone is asked for next.
        if self.receipt(&"0".repeat(TAIL)).is_some() {
            self.phone.get_or_insert_with(Ask::tail);
            self.page = Page::Phone;
        } else if let Some(ask) = &mut self.number {
            ask.note(Say::ProgressNumberAgain);
        }
    }

    fn after_phone(&mut self) -> Turn {
        let tail = self.phone.as_ref().map(|ask| ask.text().to_owned()).unwrap_or_default();
        self.receipt = self.receipt(&tail);
        if self.receipt.is_none()
            && let Some(ask) = &mut self.phone
        {
            ask.note(Say::SignOutAgain);
        }
        self.send(None)
    }

    fn send(&mut self, wish: Option<Wish>) -> Turn {
        let Some(receipt) = self.receipt.clone() else { return Turn::Stay };
        (self.page, self.wish) = (Page::Sending, wish);
        Turn::Submit(Command::Inquire { receipt, wish })
    }

    fn press_ticket(&mut self, press: Press) -> Turn {
        let Some(seen) = &self.seen else { return Turn::Stay };
        match press {
            Press::Choose(ticket::CHASE) if seen.can_chase => return self.send(Some(Wish::Chase)),
            Press::Choose(ticket::WITHDRAW) if seen.can_withdraw => self.page = Page::Withdraw,
            Press::Choose(ticket::RATE) if seen.can_rate => {
                self.stars.clear();
                self.page = Page::Rate;
            }
            Press::Page => self.leaf += 1,
            Press::Back => return Turn::Leave,
            _ => {}
        }
        Turn::Stay
    }

    fn press_rate(&mut self, press: Press) -> Turn {
        match press {
            Press::Choose(n) => {
                self.stars.extend(faces::stars(n));
                if let Ok(stars) = <[Stars; 3]>::try_from(self.stars.as_slice()) {
                    return self.send(Some(Wish::Rate(stars)));
                }
            }
            Press::Back if self.stars.pop().is_none() => self.page = Page::Ticket,
            _ => {}
        }
        Turn::Stay
    }

    /// Back from where the answer failed: to what was asked for.
    fn before_sending(&self) -> Page {
        match self.wish {
            None if self.seen.is_none() => Page::Phone,
            None | Some(Wish::Chase | Wish::Rate(_)) => Page::Ticket,
            Some(Wish::Withdraw) => Page::Withdraw,
        }
    }

    fn show(&mut self, progress: Option<Box<Progress>>) {
        self.leaf = 0;
        self.seen = progress;
        self.page = match (&self.seen, self.wish) {
            (Some(_), Some(Wish::Rate(_))) => Page::Thanks,
            (Some(_), _) => Page::Ticket,
            (None, _) => {
                // Which of the two it was nobody says (R309). The number stays to be compared with the slip.
                self.phone = None;
                self.receipt = None;
                if let Some(ask) = &mut self.number {
                    ask.note(Say::ProgressUnknown);
                }
                Page::Number
            }
        };
    }

    fn draw_kinds(&self, ui: &mut Ui, room: Room) {
        let portrait = ui.look.metrics.portrait();
        let mut area = room.whole;
        let place = area.cut_top(ui.px(if portrait { 96 } else { 56 }));
        ui.heading(place, &ui.say(Say::ProgressKindQuestion), Style::Question, Align::Left);
        let most = ui.px(3 * 128 + 2 * 12);
        // Portrait: in the lower half, where a hand reaches from a wheelchair.
        let area = if portrait { area.cut_bottom(most) } else { area.cut_top(most) };
        let cells = area.grid(3, 3, ui.px(12));
        let words: Vec<_> = KINDS.iter().map(|(.., word)| ui.say(*word)).collect();
        ui.share(Style::Body, cells[0].w - ui.px(if portrait { 8 } else { 2 * 16 + 52 + 28 }), &words);
        for (n, ((series, name, icon, _), cell)) in KINDS.iter().zip(cells).enumerate() {
            let (id, letter) = (format!("kind.{name}"), series.letter().to_string());
            let sign = Sign { id: &id, icon: *icon, label: &words[n], note: Some(&letter) };
            if portrait {
                ui.tile(cell, Press::Choose(n as u8), &sign, Dress::Quiet);
            } else {
                wide_tile(ui, cell, Press::Choose(n as u8), &sign);
            }
        }
        ui.unshare();
    }
}

impl Flow for Inquiry {
    fn page(&self) -> PageName {
        let page = match self.page {
            Page::Kind => "kind",
            Page::Number => "number",
            Page::Phone => "phone",
            Page::Sending => "sending",
            Page::Trouble => "trouble",
            Page::Later(_) => "later",
            Page::Ticket => "ticket",
            Page::Withdraw => "withdraw",
            Page::Changed => "changed",
            Page::Rate => return PageName("rate", rate::name(self.stars.len())),
            Page::Thanks => return PageName("rate", "over"),
        };
        PageName("progress", page)
    }

    fn press(&mut self, press: Press, _: &Lobby) -> Turn {
        match (self.page, press) {
            (Page::Kind, Press::Choose(n)) => self.choose(usize::from(n)),
            (Page::Number, Press::Key(key)) => self.number.iter_mut().for_each(|ask| ask.key(key)),
            (Page::Phone, Press::Key(key)) => self.phone.iter_mut().for_each(|ask| ask.key(key)),
            (Page::Number, Press::Next) => self.after_number(),
            (Page::Phone, Press::Next) => return self.after_phone(),
            (Page::Number, Press::Back) => self.page = Page::Kind,
            (Page::Phone, Press::Back) => self.page = Page::Number,
            (Page::Trouble, Press::Retry) => return self.send(self.wish),
            (Page::Trouble, Press::Back) => self.page = self.before_sending(),
            (Page::Changed, Press::Next) => return self.send(None),
            (Page::Withdraw, Press::Next) => return self.send(Some(Wish::Withdraw)),
            (Page::Withdraw, Press::Back) => self.page = Page::Ticket,
            (Page::Kind | Page::Later(_), Press::Back) => return Turn::Leave,
            (Page::Ticket, press) => return self.press_ticket(press),
            (Page::Rate, press) => return self.press_rate(press),
            _ => {}
        }
        Turn::Stay
    }

    fn takes(&self, scan: &Scan) -> bool {
        matches!(self.page, Page::Kind | Page::Number | Page::Phone) && scanned(scan).is_some()
    }

    /// The slip fills in its number; the phone is asked for, for the slip may have been found.
    fn scanned(&mut self, scan: &Scan, _: &Lobby) -> Turn {
        if let Some((kind, slip)) = scanned(scan).filter(|_| self.takes(scan)) {
            self.kind = kind;
            let mut ask = Ask::slip(slip.series.letter());
            ask.fill(&slip.digits());
            self.number = Some(ask);
            self.after_number();
        }
        Turn::Stay
    }

    fn is_untouched(&self) -> bool {
        self.page == Page::Kind
    }

    fn answered(&mut self, answer: Result<Answer, Refusal>) {
        match answer {
            Ok(Answer::Progress(progress)) => self.show(progress),
            Ok(Answer::Objected(Objection::Guessing { until })) => self.page = Page::Later(until),
            Ok(Answer::Objected(_)) if self.wish.is_some() => self.page = Page::Changed,
            _ => {
                // A rating is asked for again from its last question.
                self.stars.truncate(2);
                self.page = Page::Trouble;
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.page, Page::Later(_) | Page::Thanks)
    }

    fn draw(&self, ui: &mut Ui, lobby: &Lobby) {
        let around = Around { back: Some(Say::Back), switches: true, step: None };
        let asking = |n| Around { step: Some((n, STEPS)), ..around };
        match (self.page, &self.seen) {
            (Page::Kind, _) => {
                let room = ui.around(Around { back: Some(Say::Leave), ..asking(1) });
                self.draw_kinds(ui, room);
            }
            (Page::Number, _) => {
                let room = ui.around(asking(1));
                ask(ui, room, self.number.as_ref(), &NUMBER);
            }
            (Page::Phone, _) => {
                let room = ui.around(asking(2));
                ask(ui, room, self.phone.as_ref(), &PHONE);
            }
            (Page::Sending, _) => {
                let sentence = if self.wish.is_some() { Say::ProgressNoting } else { Say::ProgressSending };
                ui.waiting(sentence, lobby.slow);
            }
            (Page::Later(until), _) => {
                let until = minute_after(until.with_timezone(&lobby.settings.zone).naive_local());
                let title = ui.look.words.with(Say::ProgressLater, &[("time", &clock(until))]).into_owned();
                let room = ui.around(around);
                ticket::told(ui, room, Icon::Soon, &title, Say::ProgressLaterNow);
                ui.primary(room.actions, Press::Finish, &ui.say(Say::Done));
            }
            (Page::Changed, _) => {
                let room = ui.around(Around { switches: true, ..Around::default() });
                let title = ui.say(Say::ProgressChanged);
                ticket::told(ui, room, Icon::Soon, &title, Say::ProgressChangedNow);
                ui.primary(room.actions, Press::Next, &ui.say(Say::ProgressLook));
            }
            (Page::Withdraw, Some(seen)) => ticket::draw_withdraw(ui, seen),
            (Page::Ticket, Some(seen)) => ticket::draw(ui, lobby, seen, self.wish, self.leaf),
            (Page::Rate, _) => rate::draw(ui, self.stars.len()),
            (Page::Thanks, _) => ui.over(&THANKS, &ui.say(THANKS.keep)),
            (Page::Trouble | Page::Withdraw | Page::Ticket, _) => ui.trouble(lobby.settings.service_phone.as_deref()),
        }
    }
}

const NUMBER: Asking = Asking {
    question: Say::ProgressNumberQuestion,
    label: Say::ProgressNumberLabel,
    hint: Say::ProgressNumberHint,
    privacy: None,
    beside: None,
    with: None,
    called: None,
    next: Say::Next,
};

const PHONE: Asking = Asking {
    question: Say::ProgressPhoneQuestion,
    label: Say::TailLabel,
    hint: Say::ProgressPhoneHint,
    privacy: None,
    beside: None,
    with: None,
    called: None,
    next: Say::ProgressGo,
};

fn ask(ui: &mut Ui, room: Room, ask: Option<&Ask>, asking: &Asking) {
    if let Some(ask) = ask {
        ui.ask(room, ask, asking);
    }
}

/// Picture, word and letter side by side.
fn wide_tile(ui: &mut Ui, area: Area, press: Press, sign: &Sign) {
    let ink = ui.ground(area, press, Dress::Quiet, ui.px(CORNER));
    let p = ui.palette();
    let mut inside = area.inset_xy(ui.px(16), ui.px(8));
    let picture = inside.cut_left(ui.px(52));
    ui.icon(picture.at_left(ui.px(44)), sign.icon, 40, p.accent);
    let letter = inside.cut_right(ui.px(28));
    ui.line(letter, sign.note.unwrap_or_default(), Style::Question, p.muted, Align::Right);
    ui.line(inside, sign.label, Style::Body, ink, Align::Left);
    ui.part(Role::Button, sign.id, sign.label, area);
}

/// Which page it is, and nothing of what was typed or read.
impl std::fmt::Debug for Inquiry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Inquiry({:?})", self.page)
    }
}
