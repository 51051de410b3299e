//! 建议: always welcome (R296), reported fully (R198), followed up like everything else (R021), and answered where the
//! person wants an answer. It never asks for a name.

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::{Clock, Docket, Due, Errand, Machine, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::{Name, Phone, Text, Unit};
use crate::service::figures::hours;
use crate::service::number::Series;
use crate::service::staff::Role;
use crate::service::wording;
use serde::{Deserialize, Serialize};
use serde_json::json;

const HANDLERS: [Role; 4] = [Role::FrontDesk, Role::ShiftLeader, Role::Supervisor, Role::ProjectManager];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub text: Text,
    #[serde(default)]
    pub unit: Option<Unit>,
    #[serde(default)]
    pub name: Option<Name>,
    /// Without it the answer is read by number.
    #[serde(default)]
    pub phone: Option<Phone>,
    pub language: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub phase: Phase,
    /// There is a number to call.
    pub reachable: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    Received,
    Forwarded,
    Replied,
    Closed,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    Forward {
        department: Slug,
    },
    /// What becomes of it.
    Reply {
        words: Text,
    },
}

impl Machine for Suggestion {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Suggestion;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.language = Some(request.language.clone());
        docket.reporter = request.phone.is_some();
        if let Some(unit) = &request.unit {
            docket.facts.insert("unit".into(), json!(unit.as_str()));
        }
        let mut facts = docket.facts.clone();
        facts.extend(data([("channel", json!(docket.source.name())), ("language", json!(request.language))]));
        let mut person = data([("detail", json!(request.text.as_str()))]);
        if let Some(name) = &request.name {
            person.insert("name".into(), json!(name.as_str()));
        }
        if let Some(phone) = &request.phone {
            person.insert("phone".into(), json!(phone.as_str()));
        }
        record.tell_about(Kind::SuggestionReceived, facts, person);
        let by = record.now.utc + hours(record.house.figures.promise.suggestion_reply_hours);
        docket.promise(Promise::Reply, Due::After(by), record);
        docket.offer(Errand::TakeUp, Data::new(), record);
        Suggestion { phase: Phase::Received, reachable: request.phone.is_some() }
    }

    fn state(&self) -> &'static str {
        match self.phase {
            Phase::Received => "received",
            Phase::Forwarded => "forwarded",
            Phase::Replied => "replied",
            Phase::Closed => "closed",
            Phase::Withdrawn => "withdrawn",
        }
    }

    fn is_closed(&self) -> bool {
        matches!(self.phase, Phase::Closed | Phase::Withdrawn)
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_role(&HANDLERS)?;
        if self.phase == Phase::Replied {
            return Err(Objection::Order(self.state()));
        }
        match step {
            Step::Forward { department } => {
                self.phase = Phase::Forwarded;
                let facts = data([("department", json!(department))]);
                record.tell(Kind::SuggestionForwarded, facts.clone());
                docket.done(Errand::TakeUp, record);
                docket.offer(Errand::TakeUp, facts, record);
            }
            Step::Reply { words } => {
                wording::passes(words)?;
                record.tell_about(Kind::SuggestionReplied, Data::new(), data([("reply", json!(words.as_str()))]));
                docket.keep(Promise::Reply, record);
                docket.done(Errand::TakeUp, record);
                if self.reachable {
                    self.phase = Phase::Replied;
                    docket.offer(Errand::TellResult, Data::new(), record);
                } else {
                    self.close(record);
                }
            }
        }
        Ok(())
    }

    fn allows(&self, task: &Task, news: &News, _: &Record<'_>) -> Result<(), Objection> {
        match (task.errand, news) {
            (Errand::TakeUp, News::Done { .. }) => Err(Objection::Needs(Need::AnswerOrTransfer)),
            _ => Ok(()),
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, record: &mut Record<'_>) {
        if let (Errand::TellResult, News::Done { .. }) = (task.errand, news) {
            self.close(record);
        }
    }

    fn on_breach(&mut self, _: &Clock, docket: &mut Docket, record: &mut Record<'_>) {
        docket.offer(Errand::TakeOver, Data::new(), record);
    }

    fn withdraw(&mut self, _: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        record.needs_person()?;
        self.phase = Phase::Withdrawn;
        Ok(())
    }
}

impl Suggestion {
    fn close(&mut self, record: &mut Record<'_>) {
        self.phase = Phase::Closed;
        record.tell(Kind::SuggestionClosed, Data::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::{Plan, name, phone, slug, text, unit, walk};
    use crate::service::matter::{MatterStep, Opening};
    use proptest::prelude::*;

    #[test]
    fn every_suggestion_ends_with_an_answer() {
        let request = |reachable: bool| Request {
            text: text(),
            unit: Some(unit()),
            name: reachable.then(name),
            phone: reachable.then(phone),
            language: "zh-Hans".into(),
        };
        let blunt = Text::parse("不知道").unwrap();
        walk(&Plan {
            openings: any::<bool>().prop_map(move |reachable| Opening::Suggestion(request(reachable))).boxed(),
            steps: prop_oneof![
                Just(Step::Forward { department: slug("cleaning") }),
                prop::sample::select(vec![text(), blunt]).prop_map(|words| Step::Reply { words }),
            ]
            .prop_map(MatterStep::Suggestion)
            .boxed(),
            allowed: &[
                ("", &["received"]),
                ("received", &["forwarded", "replied", "closed", "withdrawn"]),
                ("forwarded", &["replied", "closed", "withdrawn"]),
                ("replied", &["closed", "withdrawn"]),
            ],
            waits: &[],
            outcomes: &["told"],
            check: &|seen| {
                assert_eq!(seen.after.state() == "closed", seen.count(Kind::SuggestionClosed) == 1);
                assert!(seen.after.state() != "closed" || seen.count(Kind::SuggestionReplied) == 1);
            },
            walks: 48,
            attempts: 40,
        });
    }
}
