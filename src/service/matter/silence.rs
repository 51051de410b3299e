//! A manned post from which nothing is heard (R014): told once, its superior looks, and it ends when the post is heard of again.
//! Whether a post is silent is not decided here.

use crate::event::{Data, Kind, Slug, data};
use crate::service::case::task::{Ladder, Rung};
use crate::service::case::{Docket, Errand, Machine, News, Objection, Record, Task};
use crate::service::house::House;
use crate::service::number::Series;
use crate::service::staff::Via;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What the desk has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    pub post: Slug,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Silence {
    /// Nobody has looked yet.
    Silent,
    /// A superior has looked; the post itself has not been heard of.
    Seen,
    Closed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Step {
    /// The post is back.
    Heard,
}

/// There is one silence of a post.
pub fn key(post: &Slug) -> String {
    format!("silence:{post}")
}

impl Machine for Silence {
    type Step = Step;
    type Request = Request;

    const SERIES: Series = Series::Silence;

    fn open(request: &Request, docket: &mut Docket, record: &mut Record<'_>) -> Self {
        docket.key = Some(key(&request.post));
        docket.facts = data([("at_post", json!(request.post))]);
        let mut facts = docket.facts.clone();
        facts.insert("minutes".into(), json!(record.house.figures.dispatch.silent_minutes));
        record.tell(Kind::PostSilent, facts);
        match above(record.house, &request.post) {
            Some(ladder) => docket.offer_to(Errand::SeePost, ladder, Data::new(), record),
            None => docket.offer(Errand::SeePost, Data::new(), record),
        };
        Silence::Silent
    }

    fn state(&self) -> &'static str {
        match self {
            Silence::Silent => "silent",
            Silence::Seen => "seen",
            Silence::Closed => "closed",
        }
    }

    fn is_closed(&self) -> bool {
        *self == Silence::Closed
    }

    fn step(&mut self, step: &Step, docket: &mut Docket, record: &mut Record<'_>) -> Result<(), Objection> {
        match step {
            Step::Heard => {
                // Only the desk knows: nobody may report himself present.
                if record.by.via != Via::Daemon {
                    return Err(Objection::Right);
                }
                record.tell(Kind::PostHeard, docket.facts.clone());
                *self = Silence::Closed;
                Ok(())
            }
        }
    }

    fn on_task(&mut self, task: &Task, news: &News, _: &mut Docket, _: &mut Record<'_>) {
        if let (Errand::SeePost, News::Done { .. }) = (task.errand, news) {
            *self = Silence::Seen;
        }
    }
}

/// The post's superiors, one by one; `None` where it has none.
fn above(house: &House, post: &Slug) -> Option<Ladder> {
    let step = house.figures.dispatch.accept_seconds;
    let rungs = house.chain(post).into_iter().skip(1).zip(0..);
    let rungs: Vec<Rung> = rungs.map(|(post, n)| Rung { posts: vec![post], after: step.saturating_mul(n) }).collect();
    (!rungs.is_empty()).then_some(Ladder { rungs, missed: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::case::walk::{Plan, walk};
    use crate::service::matter::{MatterStep, Opening};
    use proptest::prelude::*;

    #[test]
    fn a_silence_ends_only_when_the_post_is_heard_of() {
        walk(&Plan {
            openings: Just(Opening::Silence(Request { post: Slug::new("gate-a").unwrap() })).boxed(),
            steps: Just(MatterStep::Silence(Step::Heard)).boxed(),
            allowed: &[("", &["silent"]), ("silent", &["seen", "closed"]), ("seen", &["closed"])],
            // A superior has looked; the post is still silent, and the desk listens.
            waits: &["seen"],
            outcomes: &["relieved"],
            check: &|seen| {
                if seen.after.is_closed() {
                    assert_eq!(seen.count(Kind::PostHeard), 1);
                }
            },
            walks: 64,
            attempts: 24,
        });
    }
}
