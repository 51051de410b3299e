//! What was answered so far, by the question's name. It holds what people typed and so lives no longer than the form; its
//! Debug prints no letter of it.

use super::{Field, How, Plan, Question};
use crate::kiosk::ask::{Ask, Title};
use crate::kiosk::language::Language;
use crate::kiosk::scan::Scan;
use crate::kiosk::screens::Lobby;
use crate::kiosk::strings::Words;
use crate::kiosk::when::when;
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::delivery::Handing;
use crate::service::identity::IdentityNumber;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

#[derive(Debug)]
pub struct Answers {
    said: Vec<(&'static str, Said)>,
    /// How it went on where there were two ways, by the name of the question.
    ways: Vec<(&'static str, &'static str)>,
    /// The surname and the title of who has chosen one (R188), while the last page is on the glass.
    called: Option<(Name, Title)>,
    sent: Option<Sent>,
    handing: Option<Handing>,
    scan: Option<Scanned>,
    /// This site asks visitors for their identity number, if they agree.
    pub asks_identity: bool,
}

/// When it went to the desk, by the site's wall clock, and until when the desk has promised an answer.
#[derive(Debug)]
struct Sent {
    at: NaiveDateTime,
    zone: Tz,
    reply_by: Option<NaiveDateTime>,
}

/// What the scanner has read at this question.
#[derive(Debug)]
struct Scanned {
    question: usize,
    scan: Scan,
    /// It is the answer; nothing needs to be typed.
    whole: bool,
}

#[derive(Debug)]
pub(super) enum Said {
    /// Stable names of tiles, the most preferred first; one that stands for "yes" where something was agreed to.
    Chosen(Vec<&'static str>),
    Typed(Field, Box<Ask>),
    /// A page that asks nothing.
    Nothing,
}

impl Answers {
    pub(super) fn new(plan: &Plan, language: Language) -> Self {
        let said = plan.questions.iter().map(|question| (question.id, Said::new(question, language))).collect();
        Answers { said, ways: Vec::new(), called: None, sent: None, handing: None, scan: None, asks_identity: false }
    }

    pub(super) fn send(&mut self, lobby: &Lobby) {
        self.sent = Some(Sent { at: lobby.local, zone: lobby.settings.zone, reply_by: None });
    }

    pub(super) fn promised(&mut self, by: DateTime<Utc>) {
        if let Some(sent) = &mut self.sent {
            sent.reply_by = Some(by.with_timezone(&sent.zone).naive_local());
        }
    }

    /// R086: until when an answer comes, as people say it; the desk has promised it.
    pub fn reply_by(&self, words: &Words) -> Option<String> {
        let sent = self.sent.as_ref()?;
        Some(when(words, sent.at, sent.reply_by?))
    }

    fn said(&self, id: &str) -> Option<&Said> {
        self.said.iter().find(|(question, _)| *question == id).map(|(_, said)| said)
    }

    pub(super) fn at(&self, n: usize) -> &Said {
        &self.said[n].1
    }

    pub(super) fn at_mut(&mut self, n: usize) -> &mut Said {
        &mut self.said[n].1
    }

    fn ask(&self, id: &str) -> Option<&Ask> {
        match self.said(id)? {
            Said::Typed(_, ask) => Some(ask),
            Said::Chosen(_) | Said::Nothing => None,
        }
    }

    /// The tile that was chosen.
    pub fn chosen(&self, id: &str) -> Option<&'static str> {
        self.all_chosen(id).first().copied()
    }

    pub fn all_chosen(&self, id: &str) -> &[&'static str] {
        match self.said(id) {
            Some(Said::Chosen(tiles)) => tiles,
            _ => &[],
        }
    }

    /// By which of two ways it went on.
    pub fn way(&self, id: &str) -> Option<&'static str> {
        self.ways.iter().find(|(question, _)| *question == id).map(|(_, way)| *way)
    }

    pub(super) fn go(&mut self, id: &'static str, way: &'static str) {
        self.ways.retain(|(question, _)| *question != id);
        self.ways.push((id, way));
    }

    pub fn unit(&self, id: &str) -> Option<Unit> {
        Unit::parse(self.ask(id)?.text()).ok()
    }

    pub fn name(&self, id: &str) -> Option<Name> {
        Name::parse(self.ask(id)?.text()).ok()
    }

    pub fn phone(&self, id: &str) -> Option<Phone> {
        Phone::parse(self.ask(id)?.text()).ok()
    }

    pub fn identity(&self, id: &str) -> Option<IdentityNumber> {
        IdentityNumber::parse(self.ask(id)?.text())
    }

    pub fn text(&self, id: &str) -> Option<Text> {
        Text::parse(self.ask(id)?.text()).ok()
    }

    /// A code as it was typed.
    pub fn typed(&self, id: &str) -> Option<&str> {
        self.ask(id).map(Ask::text)
    }

    /// The digits as they were typed.
    pub fn digits(&self, id: &str) -> Option<&str> {
        self.ask(id).map(Ask::text)
    }

    pub(super) fn speak(&mut self, language: Language) {
        for (_, said) in &mut self.said {
            if let Said::Typed(_, ask) = said {
                ask.speak(language);
            }
        }
    }

    pub(super) fn hand(&mut self, handing: Handing) {
        self.handing = Some(handing);
    }

    /// Who hands a parcel over, and where; the desk has said it.
    pub fn handing(&self) -> Option<Handing> {
        self.handing
    }

    pub(super) fn take_scan(&mut self, question: usize, scan: Scan, whole: bool) {
        self.scan = Some(Scanned { question, scan, whole });
    }

    /// What is typed instead of a scan counts.
    pub(super) fn drop_whole_scan(&mut self) {
        self.scan.take_if(|scanned| scanned.whole);
    }

    pub(super) fn is_scanned(&self, n: usize) -> bool {
        self.scan.as_ref().is_some_and(|scanned| scanned.whole && scanned.question == n)
    }

    pub fn scan(&self) -> Option<&Scan> {
        self.scan.as_ref().map(|scanned| &scanned.scan)
    }

    /// R188, R192: 王女士, from when she has said so; `None` is 您.
    pub fn called(&self, words: &Words) -> Option<String> {
        let (name, title) = self.called.clone().or_else(|| self.chooses())?;
        title.of(&name, words)
    }

    fn chooses(&self) -> Option<(Name, Title)> {
        self.said.iter().find_map(|(_, said)| match said {
            Said::Typed(Field::Name, ask) => Some((Name::parse(ask.text()).ok()?, ask.title()?)),
            _ => None,
        })
    }

    /// Who it was is wiped; the unit stays, because the last page names it, and so does how somebody wishes to be called.
    pub(super) fn forget_person(&mut self) {
        self.scan = None;
        self.called = self.chooses();
        for (_, said) in &mut self.said {
            if let Said::Typed(field, ask) = said
                && *field != Field::Unit
            {
                **ask = field.ask(Language::Chinese);
            }
        }
    }
}

impl Said {
    fn new(question: &Question, language: Language) -> Self {
        match &question.how {
            How::Choose { .. } | How::Prefer { .. } | How::Agree { .. } => Said::Chosen(Vec::new()),
            How::Type { field, .. } => Said::Typed(*field, Box::new(field.ask(language))),
            How::Check { .. } => Said::Nothing,
        }
    }

    /// Whether the form can be sent with it. Typed answers are looked at where they are typed, and again before sending.
    pub(super) fn is_given(&self) -> bool {
        match self {
            Said::Chosen(tiles) => !tiles.is_empty(),
            Said::Typed(Field::TextOrNothing, _) | Said::Nothing => true,
            Said::Typed(_, ask) => !ask.text().is_empty(),
        }
    }
}
