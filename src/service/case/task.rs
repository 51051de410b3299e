//! Dispatch: one task on its ladder. It is offered to a post at once (R052), climbs when the post declines (R058, R059) or
//! is silent, and belongs to whoever claims it first. A task never disappears: at the ladder's end it stays there and
//! is asked again, or, for a call, becomes a missed one that somebody must acknowledge.

use super::promise::Due;
use super::record::{Need, Objection, Record};
use crate::event::{Data, Kind, Slug, data};
use crate::service::contact::{Name, Text};
use crate::service::figures::{Figures, minutes, seconds};
use crate::service::house::Duty;
use crate::service::staff::{Actor, Named, Role};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Longest interval between two reminders of a task that the end of its ladder leaves lying.
const REMIND_AT_MOST: TimeDelta = TimeDelta::hours(24);
/// An agreed arrival further away than this is a typing error.
const MAX_ETA: TimeDelta = TimeDelta::days(30);

macro_rules! errands {
    ($($(#[$doc:meta])* $variant:ident = $name:literal $form:ident $way:ident),+ $(,)?) => {
        /// What somebody shall do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Errand { $($(#[$doc])* $variant),+ }

        impl Errand {
            pub const ALL: &'static [Errand] = &[$(Errand::$variant),+];

            pub const fn name(self) -> &'static str {
                match self { $(Errand::$variant => $name),+ }
            }

            pub const fn form(self) -> Form {
                match self { $(Errand::$variant => Form::$form),+ }
            }

            pub const fn way(self) -> Way {
                match self { $(Errand::$variant => Way::$way),+ }
            }
        }
    };
}

errands! {
    /// Somebody has pressed the intercom's button.
    AnswerCall = "answer-call" Call Call,
    /// A missed call must be acknowledged.
    MissedCall = "missed-call" Notice Call,
    /// Somebody at the kiosk asks for a person (R233, R241).
    SeeHelp = "see-help" Walk Waiting,
    /// Call the host of a waiting visitor (R163).
    CallHost = "call-host" Walk Waiting,
    /// 客服管家 decides about a forgotten card (R167).
    AskButler = "ask-butler" Walk Waiting,
    /// Ask a visitor who was not let in, a person who is unwell, anybody the kiosk cannot help (R198).
    SeePerson = "see-person" Walk Waiting,
    /// Somebody wants something at a unit where nobody lives: see who (R079).
    SeeUnit = "see-unit" Walk Waiting,
    /// Look at a door alarm.
    SeeAlarm = "see-alarm" Walk Alarm,
    /// Go and repair (R052); needs an agreed arrival (R054).
    Repair = "repair" Appointed Repair,
    /// Carry out a convenience service.
    Serve = "serve" Appointed Desk,
    /// Ask the reporter whether the person came (R055).
    AskReporter = "ask-reporter" Notice Desk,
    /// Agree on another time with the resident (R060).
    Reappoint = "reappoint" Notice Desk,
    /// Apologise for a broken promise (R090).
    Apologise = "apologise" Notice Desk,
    /// Ask afterwards whether all is well (R282, R129, R091).
    CallBack = "call-back" Notice Desk,
    /// Tell the asker the result (R037, R071, R089).
    TellResult = "tell-result" Notice Desk,
    /// Take up a matter: a complaint, an enquiry, a suggestion, a request.
    TakeUp = "take-up" Notice Desk,
    /// Somebody was told of a revisit: arrange it with the resident (R249).
    Revisit = "revisit" Notice Desk,
    /// Hand out or take back: a parcel, a key.
    HandOver = "hand-over" Notice Desk,
    /// Approve or refuse a release pass (R279).
    Approve = "approve" Notice Desk,
    /// Go and talk with a resident who complains of the delay (R061).
    Talk = "talk" Walk Errand,
    /// A superior takes over an explanation (R104).
    TakeOver = "take-over" Notice Supervise,
    /// The supervisor is told of a complaint (R101, R102).
    KnowComplaint = "know-complaint" Notice Supervise,
    /// Tell all staff, without names, how a complaint is prevented (R120).
    TellStaff = "tell-staff" Notice Supervise,
    /// The supervisor is told that nobody was at home (R249).
    KnowNoAccess = "know-no-access" Notice Supervise,
    /// Review a fee outside the price list (R259).
    ReviewFee = "review-fee" Notice Supervise,
    /// Check and sign a repair notice (R068, R069).
    CheckWork = "check-work" Notice Supervise,
    /// Check and sign a day or a month (R299, R300).
    Sign = "sign" Notice Supervise,
    /// Company leader and property manager decide (R106).
    Decide = "decide" Notice Manage,
    /// Consent to a re-appointment (R060).
    Consent = "consent" Notice Manage,
    /// Go to a patient's home or the centre and stand by (R150).
    GoToPatient = "go-to-patient" Walk Emergency,
    /// A vehicle to the building's door (R151).
    FetchVehicle = "fetch-vehicle" Walk Emergency,
    /// Meet the ambulance at the gate and guide it (R155).
    MeetAmbulance = "meet-ambulance" Walk Emergency,
    /// The shift leader names who takes care (R157).
    NameCarer = "name-carer" Walk Emergency,
    /// Look after the care (R159).
    CheckCare = "check-care" Notice Emergency,
    /// Somebody needs help at once and nothing is known yet.
    SeeEmergency = "see-emergency" Walk Emergency,
    /// A difficult situation at a post: silently (R107).
    Support = "support" Walk Emergency,
    /// Walk a round (R075).
    Patrol = "patrol" Walk Errand,
    /// Say why nobody walked a round (R075).
    MissedRound = "missed-round" Notice Supervise,
    /// Take note of what was found on a round (R077).
    KnowFinding = "know-finding" Notice Supervise,
    /// Help to carry (R280).
    Carry = "carry" Walk Errand,
    /// A post is silent (R014).
    SeePost = "see-post" Notice Errand,
    /// Check who has not signed out at the end of the day.
    CheckVisitors = "check-visitors" Notice Call,
}

impl Errand {
    /// R015: takes somebody away from where he stands.
    pub const fn leaves_post(self) -> bool {
        matches!(
            self,
            Errand::GoToPatient
                | Errand::FetchVehicle
                | Errand::NameCarer
                | Errand::Talk
                | Errand::Support
                | Errand::Patrol
                | Errand::Carry
        )
    }

    /// Whoever has claimed it says when he is there (R056). A round is everywhere, and its end has a clock of its own.
    const fn has_one_place(self) -> bool {
        !matches!(self, Errand::Patrol)
    }
}

/// How a task goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Claimed, then contact within seconds, then done; missed if nobody claims.
    Call,
    /// Claimed, there in time, done.
    Walk,
    /// Claimed with an agreed arrival (R054), there, done.
    Appointed,
    /// Done with one step; claiming it first is allowed.
    Notice,
}

/// Which ladder it climbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Own post, next post, all posts; missed.
    Call,
    /// The same with somebody who waits, then the superiors.
    Waiting,
    /// Own post, then all, then the superiors.
    Alarm,
    /// Everybody who may leave his post at once, then the superiors.
    Emergency,
    /// The first post of that duty, then superior by superior (R059).
    Errand,
    Desk,
    Repair,
    Supervise,
    Manage,
}

impl Way {
    pub const fn duty(self) -> Duty {
        match self {
            Way::Call | Way::Waiting => Duty::Call,
            Way::Alarm => Duty::Alarm,
            Way::Emergency | Way::Errand => Duty::Errand,
            Way::Desk => Duty::Desk,
            Way::Repair => Duty::Repair,
            Way::Supervise => Duty::Supervise,
            Way::Manage => Duty::Manage,
        }
    }
}

/// One step of a ladder. Lower rungs go on ringing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rung {
    pub posts: Vec<Slug>,
    /// Seconds after the offer.
    pub after: u32,
}

/// A ladder with its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ladder {
    pub rungs: Vec<Rung>,
    /// Seconds after the offer at which it is missed; `None`: the last rung keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missed: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    Offered,
    /// Taken. Where somebody must be there or in contact by then, the claim lapses at `lapses`; `eta` is what was agreed.
    Claimed {
        by: Named,
        post: Option<Slug>,
        at: DateTime<Utc>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        lapses: Option<Due>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        eta: Option<Due>,
    },
    /// There, or in contact.
    Arrived {
        by: Named,
        post: Option<Slug>,
        at: DateTime<Utc>,
    },
}

impl TaskState {
    pub const fn name(&self) -> &'static str {
        match self {
            TaskState::Offered => "offered",
            TaskState::Claimed { .. } => "claimed",
            TaskState::Arrived { .. } => "arrived",
        }
    }

    pub const fn holder(&self) -> Option<&Named> {
        match self {
            TaskState::Offered => None,
            TaskState::Claimed { by, .. } | TaskState::Arrived { by, .. } => Some(by),
        }
    }
}

/// R058: why somebody cannot go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    OnAnotherTask,
    MayNotLeavePost,
    NotMyTrade,
    NoTool,
    Unwell,
    OffDuty,
    /// In words.
    Other,
}

impl Reason {
    pub const fn name(self) -> &'static str {
        match self {
            Reason::OnAnotherTask => "on-another-task",
            Reason::MayNotLeavePost => "may-not-leave-post",
            Reason::NotMyTrade => "not-my-trade",
            Reason::NoTool => "no-tool",
            Reason::Unwell => "unwell",
            Reason::OffDuty => "off-duty",
            Reason::Other => "other",
        }
    }
}

/// By which way something was reported or asked (R055, R057).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    Phone,
    /// 用户内对讲机, 门禁对讲.
    Intercom,
    /// 无线对讲.
    Radio,
    InPerson,
    Message,
    Page,
}

impl Channel {
    pub const fn name(self) -> &'static str {
        match self {
            Channel::Phone => "phone",
            Channel::Intercom => "intercom",
            Channel::Radio => "radio",
            Channel::InPerson => "in-person",
            Channel::Message => "message",
            Channel::Page => "page",
        }
    }
}

/// An agreed arrival: from now, or at a time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Eta {
    Minutes(u32),
    At(DateTime<Utc>),
}

/// What people do with a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TaskStep {
    /// I take it; or whoever leads notes who took it by radio or phone (R053).
    Claim {
        #[serde(default)]
        on_behalf: Option<Named>,
        #[serde(default)]
        eta: Option<Eta>,
        /// R015: who stands in at a fixed post meanwhile.
        #[serde(default)]
        relief: Option<Named>,
    },
    /// I cannot; also gives back what was claimed.
    Decline {
        reason: Option<Reason>,
        #[serde(default)]
        note: Option<Text>,
    },
    /// I am there; in a call: we are speaking.
    Arrived {
        #[serde(default)]
        channel: Option<Channel>,
    },
    Done {
        /// What came of it, as one word of the page: `let-in`, `came`, `not-come`, `told`, ….
        #[serde(default)]
        outcome: Option<Slug>,
        #[serde(default)]
        channel: Option<Channel>,
        #[serde(default)]
        note: Option<Text>,
    },
}

/// What became of a task, as its case hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Claimed {
        by: Named,
        eta: Option<Due>,
    },
    /// Declined, given back, or a claim has lapsed: it climbs.
    Lost,
    /// The whole ladder has declined or is silent.
    Exhausted,
    Arrived {
        by: Named,
    },
    Done {
        by: Option<Named>,
        outcome: Option<Slug>,
        channel: Option<Channel>,
        /// Something was written to it.
        noted: bool,
    },
    Missed,
}

/// One task of a case.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Within its case; never given twice.
    pub id: u16,
    pub errand: Errand,
    /// Door, unit, place: what the card says. No name.
    #[serde(default, skip_serializing_if = "Data::is_empty")]
    pub facts: Data,
    pub ladder: Ladder,
    /// Rungs up to this one have been asked.
    pub rung: usize,
    pub offered: DateTime<Utc>,
    /// What the rungs count from: moves earlier when a decline brings the next rung forward.
    pub base: DateTime<Utc>,
    pub state: TaskState,
    /// Posts that have declined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declined: Vec<Slug>,
    /// Reminders at the end of the ladder.
    #[serde(default)]
    pub reminders: u32,
}

/// What the time does to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Climb(usize),
    Miss,
    Lapse,
    Remind,
}

impl Task {
    /// The posts that are asked now.
    pub fn asked(&self) -> impl Iterator<Item = &Slug> {
        let rungs = self.ladder.rungs.iter().take(self.rung + 1);
        rungs.flat_map(|rung| &rung.posts).filter(|post| !self.declined.contains(post))
    }

    fn facts(&self) -> Data {
        let mut facts = self.facts.clone();
        facts.extend(data([("task", json!(self.id)), ("errand", json!(self.errand.name()))]));
        facts
    }

    pub(super) fn offer(&self, record: &mut Record<'_>) {
        let mut facts = self.facts();
        facts.insert("posts".into(), json!(self.asked().collect::<Vec<_>>()));
        record.tell(Kind::TaskOffered, facts);
    }

    /// When the time next does something to it.
    pub fn wakes(&self, figures: &Figures) -> Option<DateTime<Utc>> {
        self.turn(figures).map(|(at, _)| at)
    }

    fn turn(&self, figures: &Figures) -> Option<(DateTime<Utc>, Turn)> {
        match &self.state {
            TaskState::Claimed { lapses: Some(lapses), .. } => Some((lapses.time(), Turn::Lapse)),
            TaskState::Claimed { .. } | TaskState::Arrived { .. } => None,
            TaskState::Offered => {
                if let Some(next) = self.ladder.rungs.get(self.rung + 1) {
                    return Some((self.base + seconds(next.after), Turn::Climb(self.rung + 1)));
                }
                if let Some(missed) = self.ladder.missed {
                    return Some((self.offered + seconds(missed), Turn::Miss));
                }
                let last = self.ladder.rungs.last().map_or(0, |rung| rung.after);
                Some((self.base + seconds(last) + self.reminds_after(figures), Turn::Remind))
            }
        }
    }

    /// Reminders grow apart: a task that lies for a year makes some 370 of them, not 50,000.
    fn reminds_after(&self, figures: &Figures) -> TimeDelta {
        let step = seconds(figures.dispatch.remind_seconds.max(1));
        (0..=self.reminders).fold(TimeDelta::zero(), |sum, n| sum + (step * (1 << n.min(16))).min(REMIND_AT_MOST))
    }

    /// Does what the time has brought. A ladder that was slept through climbs at once to where it should be.
    pub(super) fn fire(&mut self, record: &mut Record<'_>) -> Option<News> {
        let figures = &record.house.figures;
        let (at, mut turn) = self.turn(figures)?;
        if at > record.now.utc {
            return None;
        }
        if let (Turn::Climb(_), Some(missed)) = (turn, self.ladder.missed)
            && self.offered + seconds(missed) <= record.now.utc
        {
            turn = Turn::Miss;
        }
        match turn {
            Turn::Miss => {
                record.tell(Kind::TaskMissed, self.facts());
                Some(News::Missed)
            }
            Turn::Lapse => {
                self.state = TaskState::Offered;
                record.tell(Kind::TaskLapsed, self.facts());
                self.climb(record, "claim-lapsed");
                Some(News::Lost)
            }
            Turn::Remind => {
                let first = self.reminders == 0;
                // Reminders that the daemon has slept through are one.
                while self.turn(figures).is_some_and(|(next, _)| next <= record.now.utc) {
                    self.reminders += 1;
                }
                record.tell(Kind::TaskReminded, self.reminder("silence"));
                first.then_some(News::Exhausted)
            }
            Turn::Climb(_) => {
                let due = |rung: &Rung| self.base + seconds(rung.after) <= record.now.utc;
                self.rung = self.ladder.rungs.iter().rposition(due).unwrap_or(self.rung);
                self.told_of_climb(record, "silence");
                None
            }
        }
    }

    fn reminder(&self, why: &str) -> Data {
        let mut facts = self.facts();
        let posts: Vec<_> = self.asked().collect();
        facts.extend(data([("reminder", json!(self.reminders)), ("why", json!(why)), ("posts", json!(posts))]));
        facts
    }

    /// One rung up, now. False at the end of the ladder.
    fn climb(&mut self, record: &mut Record<'_>, why: &str) -> bool {
        if self.rung + 1 >= self.ladder.rungs.len() {
            return false;
        }
        self.rung += 1;
        // What is above counts from now: a superior has as long as the post below him had. But whoever rings does not
        // wait longer for that: then the times of the offer stand.
        let base = record.now.utc - seconds(self.ladder.rungs[self.rung].after);
        self.base = if self.ladder.missed.is_some() { self.base.min(base) } else { base };
        self.told_of_climb(record, why);
        true
    }

    fn told_of_climb(&self, record: &mut Record<'_>, why: &str) {
        let mut facts = self.facts();
        facts.extend(data([
            ("rung", json!(self.rung)),
            ("why", json!(why)),
            ("posts", json!(self.asked().collect::<Vec<_>>())),
        ]));
        record.tell(Kind::TaskClimbed, facts);
    }

    /// # Errors
    /// When it is somebody else's, was not offered to this post, or something that the regulations ask for is missing.
    pub(super) fn take(&mut self, step: &TaskStep, record: &mut Record<'_>) -> Result<News, Objection> {
        self.may_act(record.by)?;
        match step {
            TaskStep::Claim { on_behalf, eta, relief } => self.claim(on_behalf.as_ref(), *eta, relief.as_ref(), record),
            TaskStep::Decline { reason, note } => self.decline(*reason, note.as_ref(), record),
            TaskStep::Arrived { channel } => self.arrive(*channel, record),
            TaskStep::Done { outcome, channel, note } => self.finish(outcome.as_ref(), *channel, note.as_ref(), record),
        }
    }

    fn may_act(&self, by: &Actor) -> Result<(), Objection> {
        let role = by.role.filter(|role| *role != Role::Auditor).ok_or(Objection::Right)?;
        let offered = by.post.as_ref().is_some_and(|post| self.asked().any(|asked| asked == post));
        let holds = self.state.holder().is_some() && self.state.holder() == by.who.as_ref();
        if offered || holds || self.speaks_for_others(role) { Ok(()) } else { Err(Objection::OtherPost) }
    }

    /// Whoever leads; and the front desk, which dispatches by phone and radio and writes down who accepts (R053) and
    /// who reports that he is there (R056).
    fn speaks_for_others(&self, role: Role) -> bool {
        role.leads() || (role == Role::FrontDesk && self.errand.form() == Form::Appointed)
    }

    /// Whether it is this person's, or nobody's.
    fn mine(&self, by: &Actor) -> Result<(), Objection> {
        match self.state.holder() {
            Some(holder)
                if Some(holder) != by.who.as_ref() && !by.role.is_some_and(|role| self.speaks_for_others(role)) =>
            {
                Err(Objection::Claimed(holder.name.clone()))
            }
            _ => Ok(()),
        }
    }

    fn claim(
        &mut self,
        on_behalf: Option<&Named>,
        eta: Option<Eta>,
        relief: Option<&Named>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        if let Some(holder) = self.state.holder() {
            return Err(Objection::Claimed(holder.name.clone()));
        }
        let by = on_behalf.or(record.by.who.as_ref()).ok_or(Objection::Needs(Need::Name))?.clone();
        if [Some(&by), relief].into_iter().flatten().any(|named| Name::parse(&named.name).is_err()) {
            return Err(Objection::Needs(Need::Name));
        }
        let post = record.by.post.clone();
        let fixed = post.as_ref().and_then(|post| record.house.post(post)).is_some_and(|post| post.fixed);
        if fixed && self.errand.leaves_post() && on_behalf.is_none() && relief.is_none() {
            return Err(Objection::FixedPost);
        }
        let agreed = self.agreed(eta, record.now.utc)?;
        let at = record.now.utc;
        let lapses = self.lapses(agreed, at, &record.house.figures);
        let mut facts = self.facts();
        // R053: to the minute; the event's own time has more.
        facts.insert("accepted_at".into(), json!(at.format("%Y-%m-%dT%H:%MZ").to_string()));
        if let Some(agreed) = agreed {
            facts.insert("eta".into(), json!(agreed.time()));
        }
        let mut person = data([("accepted_by", json!(by.name))]);
        if let Some(relief) = relief {
            facts.insert("relief".into(), json!(true));
            person.insert("relief".into(), json!(relief.name));
        }
        record.tell_about(Kind::TaskClaimed, facts, person);
        self.state = TaskState::Claimed { by: by.clone(), post, at, lapses, eta: agreed };
        Ok(News::Claimed { by, eta: agreed })
    }

    /// R054: an appointed task needs an arrival that can be met.
    fn agreed(&self, eta: Option<Eta>, now: DateTime<Utc>) -> Result<Option<Due>, Objection> {
        let agreed = eta.map(|eta| match eta {
            Eta::Minutes(n) => Due::After(now + minutes(n.min(60 * 24 * 30))),
            Eta::At(at) => Due::At(at),
        });
        match agreed {
            Some(at) if at.time() < now - TimeDelta::minutes(1) || at.time() > now + MAX_ETA => {
                Err(Objection::Needs(Need::ArrivalTime))
            }
            None if self.errand.form() == Form::Appointed => Err(Objection::Needs(Need::ArrivalTime)),
            agreed => Ok(agreed),
        }
    }

    /// When a claim goes back to the ladder without a word: who said a later time has until then. Of an appointment the
    /// reporter is asked first (R055).
    fn lapses(&self, agreed: Option<Due>, at: DateTime<Utc>, figures: &Figures) -> Option<Due> {
        match self.errand.form() {
            Form::Call => Some(Due::After(at + seconds(figures.call.claim_lapses_seconds))),
            Form::Walk if self.errand.has_one_place() => {
                let soon = at + seconds(figures.dispatch.arrive_seconds);
                Some(agreed.filter(|eta| eta.time() > soon).unwrap_or(Due::After(soon)))
            }
            Form::Walk | Form::Appointed | Form::Notice => None,
        }
    }

    fn decline(
        &mut self,
        reason: Option<Reason>,
        note: Option<&Text>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        self.mine(record.by)?;
        let who = self.who_declines(record.by)?;
        let reason = reason.ok_or(Objection::Needs(Need::Reason))?;
        if reason == Reason::Other && note.is_none() {
            return Err(Objection::Needs(Need::Reason));
        }
        let mut facts = self.facts();
        facts.insert("reason".into(), json!(reason.name()));
        let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::TaskDeclined, facts, person);
        Ok(self.give_back(who, "declined", record))
    }

    /// The post that says no. Whoever speaks for others, by phone or radio, writes it down for the post that was asked last.
    fn who_declines(&self, by: &Actor) -> Result<Option<Slug>, Objection> {
        if self.state != TaskState::Offered || self.asked().any(|asked| Some(asked) == by.post.as_ref()) {
            return Ok(by.post.clone());
        }
        let last = self.ladder.rungs.get(self.rung).map_or(&[][..], |rung| &rung.posts);
        match last.iter().filter(|post| !self.declined.contains(post)).collect::<Vec<_>>()[..] {
            [one] => Ok(Some(one.clone())),
            _ => Err(Objection::OtherPost),
        }
    }

    /// Whoever claimed it has not come.
    pub(super) fn take_back(&mut self, why: &str, record: &mut Record<'_>) -> News {
        let mut facts = self.facts();
        facts.insert("why".into(), json!(why));
        record.tell(Kind::TaskLapsed, facts);
        self.give_back(None, why, record)
    }

    /// Back to the ladder, one rung up; the post that had it, else `by`, is not asked again.
    fn give_back(&mut self, by: Option<Slug>, why: &str, record: &mut Record<'_>) -> News {
        let from = match &self.state {
            TaskState::Claimed { post, .. } | TaskState::Arrived { post, .. } => post.clone(),
            TaskState::Offered => None,
        };
        self.state = TaskState::Offered;
        if let Some(post) = from.or(by).filter(|post| !self.declined.contains(post)) {
            self.declined.push(post);
        }
        // R059: to the next rung at once, not when its time would come; over rungs that have declined already.
        while self.climb(record, why) && self.asked().next().is_none() {}
        if self.asked().next().is_some() {
            return News::Lost;
        }
        // Everybody has declined: it stays with the last rung, which is asked again (R059 ends with the manager).
        if let Some(last) = self.ladder.rungs.last() {
            self.declined.retain(|post| !last.posts.contains(post));
            self.base = record.now.utc - seconds(last.after);
        }
        self.reminders += 1;
        record.tell(Kind::TaskReminded, self.reminder(why));
        News::Exhausted
    }

    fn arrive(&mut self, channel: Option<Channel>, record: &mut Record<'_>) -> Result<News, Objection> {
        self.mine(record.by)?;
        self.there(channel.unwrap_or(Channel::Page).name(), record).ok_or(Objection::Order(self.state.name()))
    }

    /// A device says that whoever has claimed it is there.
    pub(super) fn reached(&mut self, record: &mut Record<'_>) -> Option<News> {
        self.there("device", record)
    }

    fn there(&mut self, channel: &str, record: &mut Record<'_>) -> Option<News> {
        let TaskState::Claimed { by, post, .. } = &self.state else { return None };
        let (by, post) = (by.clone(), post.clone());
        let mut facts = self.facts();
        facts.insert("channel".into(), json!(channel));
        record.tell(Kind::TaskArrived, facts);
        self.state = TaskState::Arrived { by: by.clone(), post, at: record.now.utc };
        Some(News::Arrived { by })
    }

    fn finish(
        &mut self,
        outcome: Option<&Slug>,
        channel: Option<Channel>,
        note: Option<&Text>,
        record: &mut Record<'_>,
    ) -> Result<News, Objection> {
        self.mine(record.by)?;
        // R067: somebody must have taken it; only a notice is done with one step.
        if self.state == TaskState::Offered && self.errand.form() != Form::Notice {
            return Err(Objection::Order(self.state.name()));
        }
        let mut facts = self.facts();
        if let Some(outcome) = outcome {
            facts.insert("outcome".into(), json!(outcome));
        }
        if let Some(channel) = channel {
            facts.insert("channel".into(), json!(channel.name()));
        }
        let person = note.map(|note| data([("text", json!(note.as_str()))])).unwrap_or_default();
        record.tell_about(Kind::TaskDone, facts, person);
        let by = self.state.holder().or(record.by.who.as_ref()).cloned();
        Ok(News::Done { by, outcome: outcome.cloned(), channel, noted: note.is_some() })
    }

    pub(super) fn tell_done(&self, record: &mut Record<'_>) {
        record.tell(Kind::TaskDone, self.facts());
    }

    pub(super) fn cancel(&self, why: &str, record: &mut Record<'_>) {
        let mut facts = self.facts();
        facts.insert("why".into(), json!(why));
        record.tell(Kind::TaskCancelled, facts);
    }

    /// The gateway's clock was stepped (see [`super::promise::Clock::shift`]). An agreed time of day stays.
    pub(super) fn shift(&mut self, by: TimeDelta, since: DateTime<Utc>) {
        if self.offered >= since {
            self.offered += by;
            self.base += by;
        }
        match &mut self.state {
            TaskState::Claimed { at, lapses, eta, .. } if *at >= since => {
                *at += by;
                lapses.iter_mut().chain(eta).for_each(|due| due.shift(by));
            }
            TaskState::Arrived { at, .. } if *at >= since => *at += by,
            _ => {}
        }
    }
}
