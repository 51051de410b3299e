//! Something that guards must know of and nobody else may notice: a difficult situation at a post (R107), where the guard touches the silent
//! button, or a visitor who may be on the watch-list. Those who can come are told at once. Nothing rings, nothing is shown where the
//! guest could see it; the only word about the guest is what the office wrote of an entry, apart from the event.

use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Errand, Machine, News, Objection, Record, Task, ladder};
use crate::service::number::{Number, Series};
use crate::service::watch::{By, Entry};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The silent button. Where it was touched is known by who touched it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Nobody touched it: a visitor is on the watch-list. Only the desk says so, no page and no handset.
    #[serde(skip)]
    pub watched: Option<Watched>,
}

/// A visitor who may be somebody on the watch-list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    pub visit: Number,
    pub entry: Entry,
    pub by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    Alerted,
    Coming,
    Attended,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// It has calmed down, or was a slip of the finger.
    CallOff,
}

impl Machine for Support {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Support;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        if let Some(watched) = &request.watched {
            return watched.alert(docket, record);
        }
        docket.facts = data([("silent", json!(true)), ("at_post", json!(record.by.post))]);
        record.tell(Kind::SituationAlerted, docket.facts.clone());
        let ladder = ladder::support(record.house, record.by.post.as_ref(), record.now);
        docket.offer_to(Errand::Support, ladder, Data::new(), record);
        Support::Alerted
    }

    fn state(&self) -> &'static str {
        match self {
            Support::Alerted => "alerted",
            Support::Coming => "coming",
            Support::Attended => "attended",
            Support::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        *self == Support::Closed
    }

    fn step(&mut self, step: &Step, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::CallOff => {
                record.needs_staff()?;
                record.tell(Kind::SituationClosed, data([("why", json!("called-off"))]));
                *self = Support::Closed;
                Ok(())
            }
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if task.errand != Errand::Support {
            return;
        }
        *self = match news {
            News::Claimed { .. } => Support::Coming,
            News::Arrived { .. } => Support::Attended,
            News::Lost | News::Exhausted | News::Missed => Support::Alerted,
            News::Done { .. } => {
                record.tell(Kind::SituationClosed, data([("why", json!("attended"))]));
                Support::Closed
            }
        };
    }
}

impl Watched {
    /// Whoever takes calls is where the visitor is. Why he is on the list stands in the record, for who opens it.
    fn alert(&self, docket: &mut Docket, record: &mut Record<'_>) -> Support {
        docket.facts = data([
            ("silent", json!(true)),
            ("what", json!("watch-list")),
            ("visit", json!(self.visit.to_string())),
            ("visit_day", json!(self.visit.day)),
            ("entry", json!(self.entry.id)),
            ("known_by", json!(self.by.name())),
        ]);
        let why = data([
            ("watch_reason", json!(self.entry.reason.as_str())),
            ("watch_author", json!(self.entry.author.as_str())),
        ]);
        record.tell_about(Kind::SituationAlerted, docket.facts.clone(), why);
        let ladder = ladder::watch(record.house, record.now);
        docket.offer_to(Errand::Support, ladder, Data::new(), record);
        Support::Alerted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Now;
    use crate::service::case::walk::{Plan, house, staff, walk};
    use crate::service::case::{Case, Source};
    use crate::service::matter::{MatterStep, Opening};
    use crate::service::staff::Role;
    use chrono::DateTime;
    use proptest::prelude::*;

    #[test]
    fn the_superior_and_the_mobile_posts_are_told_silently_and_not_the_post_itself() {
        let now = Now { utc: DateTime::from_timestamp(1_795_233_600, 0).unwrap(), synced: true };
        let number = Number { series: Series::Support, day: 20_261_121, nth: 1 };
        let desk = staff(Role::FrontDesk);
        let opened = Case::open(&Opening::Support(Request::default()), Source::Internal, number, &desk, &house(), now);
        assert_eq!(opened.events[0].kind, Kind::SituationAlerted);
        assert!(opened.events[0].kind.is_urgent() && opened.events[0].data["silent"] == true);
        let task = &opened.case.docket.tasks[0];
        assert_eq!(task.asked().map(|post| post.as_str()).collect::<Vec<_>>(), ["hut", "office"]);
        assert_eq!(task.facts["silent"], true, "the page makes no sound");
    }

    #[test]
    fn an_alert_stays_until_somebody_has_come_or_it_is_called_off() {
        walk(&Plan {
            openings: Just(Opening::Support(Request::default())).boxed(),
            steps: Just(MatterStep::Support(Step::CallOff)).boxed(),
            allowed: &[
                ("", &["alerted"]),
                ("alerted", &["coming", "closed"]),
                ("coming", &["alerted", "attended", "closed"]),
                ("attended", &["alerted", "closed"]),
            ],
            waits: &[],
            outcomes: &["calmed"],
            check: &|seen| assert_eq!(seen.after.is_closed(), seen.count(Kind::SituationClosed) == 1),
            walks: 1500,
            attempts: 12,
        });
    }
}
