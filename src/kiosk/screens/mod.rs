//! One file a flow, and the list of all of them. A flow is what lies on the glass from a door on a menu to its end; most
//! are forms (`kiosk/form`), and what is no form implements [`Flow`] itself.

pub mod call;
mod complaint;
pub mod emergency;
mod enquiry;
mod faces;
mod gathering;
mod handbook;
pub mod help;
pub mod home;
pub mod idle;
mod invitation;
mod keys;
pub mod languages;
mod menu;
pub mod message;
mod order;
mod parcel;
mod parts;
mod pass;
mod progress;
mod repair;
mod sign_out;
mod suggestion;
mod survey;
mod visit;
mod wechat;

pub use parts::Slip;

use super::icons::Icon;
use super::language::Language;
use super::paper::Sheet;
use super::press::Press;
use super::scan::Scan;
use super::strings::Say;
use super::ui::Ui;
use super::{Alarm, News, Settings, Survey};
use crate::desk::{Answer, Command, Refusal};
use crate::service::directory::Units;
use crate::service::gathering::Announced;
use crate::service::invitation::Token;
use crate::service::knowledge::PublicHandbook;
use crate::service::number::{self, Number, Series};
use crate::service::progress::is_asked_for;
use chrono::NaiveDateTime;

/// What a press led to.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and it is taken apart at once")]
pub enum Turn {
    Stay,
    /// To the menu that this flow was opened from, or to the page below a call; what was typed is wiped.
    Leave,
    /// Another flow instead of this one; what was typed is wiped.
    Open(Door),
    /// One command to the desk; its answer comes to [`Flow::answered`].
    Submit(Command),
}

/// What a flow may know of the lobby around it.
#[derive(Clone, Copy)]
pub struct Lobby<'a> {
    pub settings: &'a Settings,
    pub language: Language,
    /// The site's wall clock.
    pub local: NaiveDateTime,
    /// The building's units, where a directory is known.
    pub units: Option<&'a Units>,
    /// What may be read at the glass (R140).
    pub handbook: &'a PublicHandbook,
    /// The survey that runs now.
    pub survey: Option<&'a Survey>,
    /// What people may sign up for, the next first.
    pub gatherings: &'a [Announced],
    pub alarm: Option<Alarm>,
    /// The desk's answer is taking long enough to say so.
    pub slow: bool,
}

impl Lobby<'_> {
    /// A survey runs and takes an answer now.
    pub fn asks_survey(&self) -> bool {
        self.survey.is_some_and(|survey| !survey.is_full(self.local, self.settings.zone))
    }
}

/// The stable name of a page: of its flow, and in it. Tests, pictures and the outline know it as `visit.unit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageName(pub &'static str, pub &'static str);

impl std::fmt::Display for PageName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)?;
        if self.1.is_empty() { Ok(()) } else { write!(f, ".{}", self.1) }
    }
}

/// What lies on the glass when nothing lies over it. It never knows how its command fares until it is told, and submits
/// no second one before.
pub trait Flow: std::fmt::Debug + Send {
    fn page(&self) -> PageName;

    /// It has just been opened.
    fn entered(&mut self, _lobby: &Lobby) {}

    fn press(&mut self, press: Press, lobby: &Lobby) -> Turn;

    /// The desk's word on the command that this flow submitted last.
    fn answered(&mut self, _answer: Result<Answer, Refusal>) {}

    /// The case that somebody waits for here; its news come to [`Flow::heard`].
    fn watches(&self) -> Option<Number> {
        None
    }

    fn heard(&mut self, _news: &News) {}

    /// What goes on paper of what has been stored.
    fn paper(&self) -> Option<(Number, &Sheet)> {
        None
    }

    /// It has asked for what the scanner has read.
    fn takes(&self, _scan: &Scan) -> bool {
        false
    }

    /// The scanner has read something.
    fn scanned(&mut self, _scan: &Scan, _lobby: &Lobby) -> Turn {
        Turn::Stay
    }

    /// It stands at its first question, and nothing was said there.
    fn is_untouched(&self) -> bool {
        false
    }

    /// The language has changed: keys on which nothing has been typed follow it.
    fn speak(&mut self, _language: Language) {}

    /// Nothing is left to lose: the page may go without asking.
    fn is_done(&self) -> bool;

    fn draw(&self, ui: &mut Ui, lobby: &Lobby);
}

/// Where a door stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    /// A card of the home page.
    Home,
    /// The row below the cards.
    Row,
    /// 报事报修: a fault, a wish, a word to us.
    Report,
    /// 查询与服务.
    Services,
    /// 快递.
    Parcel,
    /// Beside the first question of a visit.
    Visit,
}

/// How a flow is found and begun.
pub struct Entry {
    pub shelf: Shelf,
    /// Stable name in outlines: `home.visit`, `report.complaint`.
    pub id: &'static str,
    pub icon: Icon,
    pub word: Say,
    pub hint: Say,
    /// Whether this site has it now.
    pub offered: fn(&Lobby) -> bool,
    pub begin: fn(Language) -> Box<dyn Flow>,
}

/// For [`Entry::offered`].
const fn always(_: &Lobby) -> bool {
    true
}

macro_rules! flows {
    ($($door:ident = $entry:path),+ $(,)?) => {
        /// What one can begin, in the order in which it is offered.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Door { $($door),+ }

        impl Door {
            pub const ALL: &'static [Door] = &[$(Door::$door),+];

            pub const fn entry(self) -> &'static Entry {
                match self { $(Door::$door => const { &$entry }),+ }
            }
        }
    };
}

// One line a flow.
flows! {
    Visit = visit::ENTRY,
    Invitation = invitation::ENTRY,
    Report = menu::REPORT,
    Services = menu::SERVICES,
    SignOut = sign_out::ENTRY,
    Parcel = menu::PARCEL,
    Deliver = parcel::DELIVER,
    Collect = parcel::COLLECT,
    RepairHome = repair::HOME,
    RepairPublic = repair::PUBLIC,
    Complaint = complaint::ENTRY,
    Suggestion = suggestion::ENTRY,
    Progress = progress::ENTRY,
    Enquiry = enquiry::ENTRY,
    Survey = survey::ENTRY,
    Catalogue = order::ENTRY,
    Handbook = handbook::ENTRY,
    Way = handbook::WAY,
    Keys = keys::ENTRY,
    Pass = pass::ENTRY,
    Gatherings = gathering::ENTRY,
    Wechat = wechat::ENTRY,
}

impl Door {
    /// The doors of a shelf that this site has now.
    pub fn on(shelf: Shelf, lobby: &Lobby) -> Vec<Door> {
        let there = |door: &Door| door.entry().shelf == shelf && (door.entry().offered)(lobby);
        Door::ALL.iter().copied().filter(there).collect()
    }

    /// The door that a scan opens by itself: to come in with an invitation, to ask how a ticket stands, to leave.
    pub fn of_scan(scan: &Scan) -> Option<Door> {
        if Token::parse(scan.as_str()).is_some() {
            return Some(Door::Invitation);
        }
        match number::Slip::parse(scan.as_str())?.series {
            Series::Visit => Some(Door::SignOut),
            series => is_asked_for(series).then_some(Door::Progress),
        }
    }

    /// The menu that leads here; `None` for the home page.
    pub const fn menu(self) -> Option<Door> {
        match self.entry().shelf {
            Shelf::Home | Shelf::Row => None,
            Shelf::Report => Some(Door::Report),
            Shelf::Services => Some(Door::Services),
            Shelf::Parcel => Some(Door::Parcel),
            Shelf::Visit => Some(Door::Visit),
        }
    }
}
