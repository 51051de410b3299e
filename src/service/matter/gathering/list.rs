//! Who comes to a gathering, and what of it stands on the glass. Seats are numbers here: names, units and phones stand in
//! the person part of the case alone, under the number of their seat.

use super::Kind;
use crate::event::{Data, data};
use crate::service::case::Case;
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::matter::Matter;
use crate::service::number::Number;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Longest title or place in characters: two lines on the glass.
pub const MAX_TITLE: usize = 30;
/// Most places. A lobby's hall holds fewer; the list is one row of the journal.
pub const MAX_PLACES: u16 = 300;
/// Who is further back than this on the waiting list would only be disappointed. Ours.
pub const MAX_WAITING: usize = 20;

/// A line of text: what it is called, where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Title(String);

impl Title {
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=MAX_TITLE).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Title(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Title {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Title::parse(&text).ok_or_else(|| format!("a title is one line of 1 to {MAX_TITLE} characters"))
    }
}

impl From<Title> for String {
    fn from(title: Title) -> String {
        title.0
    }
}

/// Somebody who wants to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Guest {
    pub unit: Unit,
    pub name: Name,
    pub phone: Phone,
    /// In which he is called, BCP 47 (R321).
    pub language: String,
}

/// One who has signed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    pub id: u16,
    /// On the waiting list.
    #[serde(default)]
    pub waiting: bool,
    /// A place has become free for him, and nobody has told him yet.
    #[serde(default)]
    pub to_tell: bool,
}

/// The seats, in the order in which people came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seats {
    pub places: u16,
    pub taken: Vec<Seat>,
    last: u16,
}

impl Seats {
    pub(super) fn new(places: u16) -> Self {
        Seats { places: places.clamp(1, MAX_PLACES), taken: Vec::new(), last: 0 }
    }

    pub fn coming(&self) -> usize {
        self.taken.iter().filter(|seat| !seat.waiting).count()
    }

    pub fn waiting(&self) -> usize {
        self.taken.len() - self.coming()
    }

    /// Whoever comes now waits.
    pub fn is_full(&self) -> bool {
        self.coming() >= usize::from(self.places)
    }

    /// Nobody may wait any more either.
    pub fn is_crowded(&self) -> bool {
        self.is_full() && self.waiting() >= MAX_WAITING
    }

    pub(super) fn take(&mut self) -> Option<Seat> {
        if self.is_crowded() {
            return None;
        }
        // As many as one may type in a year: numbers are never used twice.
        self.last = self.last.checked_add(1)?;
        let seat = Seat { id: self.last, waiting: self.is_full(), to_tell: false };
        self.taken.push(seat);
        Some(seat)
    }

    /// The seat that was given up, and who moves up from the waiting list.
    pub(super) fn give_up(&mut self, id: u16) -> Option<(Seat, Option<u16>)> {
        let at = self.taken.iter().position(|seat| seat.id == id)?;
        let seat = self.taken.remove(at);
        let full = self.is_full();
        let next = self.taken.iter_mut().find(|seat| seat.waiting).filter(|_| !full);
        let up = next.map(|seat| {
            (seat.waiting, seat.to_tell) = (false, true);
            seat.id
        });
        Some((seat, up))
    }

    pub(super) fn told(&mut self) {
        self.taken.iter_mut().for_each(|seat| seat.to_tell = false);
    }

    pub fn to_tell(&self) -> Vec<u16> {
        self.taken.iter().filter(|seat| seat.to_tell).map(|seat| seat.id).collect()
    }
}

/// The key of the list in the person part.
const GUESTS: &str = "guests";

/// What the person part says of a guest from now on.
pub(super) fn noted(seat: u16, guest: &Guest) -> Data {
    let who = json!({
        "unit": guest.unit.as_str(), "name": guest.name.as_str(), "phone": guest.phone.as_str(),
        "language": guest.language,
    });
    data([(GUESTS, json!({ seat.to_string(): who }))])
}

/// The same for one who does not come: nothing is kept of him in the case.
pub(super) fn struck_out(seat: u16) -> Data {
    data([(GUESTS, json!({ seat.to_string(): null }))])
}

/// The seat of this phone, whatever name it came with: a household with one phone has one.
pub fn seat_of(person: &Data, phone: &Phone) -> Option<u16> {
    let guests = person.get(GUESTS)?.as_object()?;
    let same = |guest: &Value| guest.get("phone").and_then(Value::as_str) == Some(phone.as_str());
    guests.iter().find(|(_, guest)| same(guest)).and_then(|(seat, _)| seat.parse().ok())
}

/// A gathering as everybody may read it on the glass. Nothing in it is about whoever comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    pub number: Number,
    pub kind: Kind,
    pub at: DateTime<Utc>,
    pub place: String,
    pub title: String,
    pub words: String,
    /// The same in English, where the house has written it.
    pub english: Option<(String, String)>,
    /// Whoever signs up now waits for a place.
    pub full: bool,
}

impl Announced {
    /// `None` where it is over, called off, or its words were purged.
    pub fn of(case: &Case, person: &Data) -> Option<Self> {
        let Matter::Gathering(gathering) = &case.matter else { return None };
        if !gathering.is_planned() {
            return None;
        }
        let said = |key: &str| person.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(Announced {
            number: case.docket.number,
            kind: gathering.kind,
            at: gathering.at,
            place: said("where")?,
            title: said("title")?,
            words: said("words")?,
            english: said("title_en").zip(said("words_en")),
            full: gathering.seats.is_full(),
        })
    }

    /// Title and words in this language, as far as they were written in it.
    pub fn in_language(&self, tag: &str) -> (&str, &str) {
        match &self.english {
            Some((title, words)) if !tag.starts_with("zh") => (title, words),
            _ => (&self.title, &self.words),
        }
    }
}

/// What the company writes about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub kind: Kind,
    pub title: Title,
    /// What it is about, for the glass.
    pub words: Text,
    #[serde(default)]
    pub title_en: Option<Title>,
    #[serde(default)]
    pub words_en: Option<Text>,
    pub at: DateTime<Utc>,
    pub place: Title,
    pub places: u16,
    /// The letter to the residents (R293).
    #[serde(default)]
    pub invitation: Option<Text>,
}

impl Request {
    pub(super) fn person(&self) -> Data {
        let mut person = data([
            ("title", json!(self.title.as_str())),
            ("words", json!(self.words.as_str())),
            ("where", json!(self.place.as_str())),
        ]);
        let more = [
            ("title_en", self.title_en.as_ref().map(Title::as_str)),
            ("words_en", self.words_en.as_ref().map(Text::as_str)),
            ("invitation", self.invitation.as_ref().map(Text::as_str)),
        ];
        let said = more.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text?))));
        person.extend(said);
        person
    }
}
