//! Dispatch: one task on its ladder. It is offered to a post at once (R052), climbs when the post declines (R058, R059) or
//! is silent, and belongs to whoever claims it first. A task never disappears: at the ladder's end it stays there and
//! is asked again, or, for a call, becomes a missed one that somebody must acknowledge. What people do with it stands in
//! `answer.rs`, what time does in `climb.rs`.

use super::errand::Errand;
use super::promise::Due;
use super::record::Record;
use crate::event::{Data, Kind, Slug, data};
use crate::service::assign::Proposal;
use crate::service::contact::Text;
use crate::service::staff::Named;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;

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
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Eta {
    Minutes(u32),
    At(DateTime<Utc>),
}

/// What people do with a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
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
        /// What came of it, as one word of the page: `let-in`, `came`, `not-come`, `no-answer`, `told`, ….
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
    /// R074: who is proposed, once somebody has looked; and who is not any more, because he has said no or given it back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Vec<Proposal>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said_no: Vec<Slug>,
    /// Reminders at the end of the ladder.
    #[serde(default)]
    pub reminders: u32,
}

impl Task {
    /// The posts that are asked now.
    pub fn asked(&self) -> impl Iterator<Item = &Slug> {
        let rungs = self.ladder.rungs.iter().take(self.rung + 1);
        rungs.flat_map(|rung| &rung.posts).filter(|post| !self.declined.contains(post))
    }

    pub(super) fn facts(&self) -> Data {
        let mut facts = self.facts.clone();
        facts.extend(data([("task", json!(self.id)), ("errand", json!(self.errand.name()))]));
        facts
    }

    pub(super) fn offer(&self, record: &mut Record<'_>) {
        let mut facts = self.facts();
        facts.insert("posts".into(), json!(self.asked().collect::<Vec<_>>()));
        record.tell(Kind::TaskOffered, facts);
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
