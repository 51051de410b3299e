//! What each post is told: an offer for each task that is put to it, and the list of its open tasks. Pure: cases go in,
//! notices come out. Never a name, phone number or word of a visitor or resident: the building's broker is not the place.

use crate::event::{Data, Now, Slug, data};
use crate::journal::CaseRow;
use crate::service::case::{Case, Task, TaskState};
use crate::service::number::Number;
use crate::service::reply::TaskName;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Tasks in one list: as many as a person can look through on a handset; the page shows all.
const MAX_LISTED: usize = 50;

/// One publish to a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub post: Slug,
    /// After `dispatch/{post}`: nothing for an offer, `/open` for the list, `/result` for the answer to a reply.
    rest: &'static str,
    pub payload: Vec<u8>,
    pub retain: bool,
}

impl Notice {
    pub fn result(post: Slug, payload: Vec<u8>) -> Self {
        Notice { post, rest: "/result", payload, retain: false }
    }

    pub fn topic(&self) -> String {
        format!("dispatch/{}{}", self.post, self.rest)
    }
}

/// One open task as the posts see it.
#[derive(Debug, Clone, PartialEq)]
struct Listed {
    name: TaskName,
    offered: chrono::DateTime<chrono::Utc>,
    /// Whether it can be claimed.
    free: bool,
    posts: BTreeSet<Slug>,
    words: Data,
}

#[derive(Debug, Default)]
pub struct Notices {
    posts: Vec<Slug>,
    cases: BTreeMap<Number, Vec<Listed>>,
    /// Who has been offered what on this connection.
    offered: BTreeSet<(Number, u16, Slug)>,
    dirty: BTreeSet<Slug>,
    /// The lists as they were last published on this connection.
    published: HashMap<Slug, Value>,
    /// The connection is new: every offer is made again.
    renew: bool,
}

impl Notices {
    pub fn new(posts: Vec<Slug>) -> Self {
        Notices { posts, ..Notices::default() }
    }

    /// For a new connection: every list and every offer that still stands goes out again.
    pub fn begin_again(&mut self) {
        self.offered.clear();
        self.published.clear();
        self.dirty = self.posts.iter().cloned().collect();
        self.renew = true;
    }

    /// Takes changed cases in; returns the offers that follow. Lists follow by [`Notices::lists`].
    pub fn changed(&mut self, rows: &[CaseRow], badge: &dyn Fn(&Slug) -> Option<String>) -> Vec<Notice> {
        for row in rows {
            let number = row.case.docket.number;
            let now = listed(&row.case, badge);
            let before = self.cases.remove(&number).unwrap_or_default();
            self.dirty.extend(before.iter().chain(&now).flat_map(|task| task.posts.iter().cloned()));
            let taken = |id: u16| !now.iter().any(|task| task.name.task == id && task.free);
            self.offered.retain(|(case, id, _)| *case != number || !taken(*id));
            if !now.is_empty() {
                self.cases.insert(number, now);
            }
        }
        let renew = std::mem::take(&mut self.renew);
        let changed: Vec<Number> = match renew {
            true => self.cases.keys().copied().collect(),
            false => rows.iter().map(|row| row.case.docket.number).collect(),
        };
        changed.into_iter().flat_map(|number| self.offers(number)).collect()
    }

    fn offers(&mut self, number: Number) -> Vec<Notice> {
        let mut offers = Vec::new();
        for task in self.cases.get(&number).into_iter().flatten().filter(|task| task.free) {
            for post in &task.posts {
                if self.offered.insert((number, task.name.task, post.clone())) {
                    let payload = Value::Object(task.words.clone()).to_string().into_bytes();
                    offers.push(Notice { post: post.clone(), rest: "", payload, retain: false });
                }
            }
        }
        offers
    }

    /// The lists that have changed since they were last published.
    pub fn lists(&mut self, now: Now) -> Vec<Notice> {
        let dirty = std::mem::take(&mut self.dirty);
        dirty.into_iter().filter_map(|post| self.list(post, now)).collect()
    }

    fn list(&mut self, post: Slug, now: Now) -> Option<Notice> {
        let mut tasks: Vec<&Listed> = self.cases.values().flatten().filter(|task| task.posts.contains(&post)).collect();
        tasks.sort_by_key(|task| task.offered);
        let more = tasks.len().saturating_sub(MAX_LISTED);
        let words: Vec<&Data> = tasks.iter().take(MAX_LISTED).map(|task| &task.words).collect();
        let list = json!({ "post": post, "tasks": words, "more": more });
        if self.published.get(&post) == Some(&list) {
            return None;
        }
        self.published.insert(post.clone(), list.clone());
        let mut dated = list;
        dated["at"] = json!(now.utc.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        Some(Notice { post, rest: "/open", payload: dated.to_string().into_bytes(), retain: true })
    }

    /// The open case that a reply without a year means: the newest of that number.
    pub fn number(&self, name: TaskName) -> Option<Number> {
        let means = |number: &&Number| {
            number.series == name.series && number.nth == name.nth && number.day % 10_000 == name.day % 10_000
        };
        let found = self.cases.keys().rev().find(means).copied();
        found.filter(|number| name.number().is_none_or(|named| named == *number))
    }
}

fn listed(case: &Case, badge: &dyn Fn(&Slug) -> Option<String>) -> Vec<Listed> {
    if case.is_closed() {
        return Vec::new();
    }
    case.docket.tasks.iter().map(|task| task_words(case, task, badge)).collect()
}

fn task_words(case: &Case, task: &Task, badge: &dyn Fn(&Slug) -> Option<String>) -> Listed {
    let name = TaskName::of(case.docket.number, task.id);
    let mut words = data([
        ("task", json!(name.to_string())),
        ("number", json!(case.docket.number.to_string())),
        ("matter", json!(case.matter.name())),
        ("errand", json!(task.errand.name())),
        ("state", json!(task.state.name())),
        ("since", json!(task.offered.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))),
        ("rung", json!(task.rung)),
        ("facts", json!(task.facts)),
    ]);
    // R074: by id, and only while it is free; names stand on the page.
    let proposed: Vec<&Slug> = task.proposed.iter().flatten().map(|proposal| &proposal.id).collect();
    if task.state == TaskState::Offered && !proposed.is_empty() {
        words.insert("proposed".into(), json!(proposed));
    }
    if let Some(holder) = task.state.holder() {
        words.insert("claimed_by".into(), json!(holder.name));
        // R016: so that whoever is visited can compare it with the card.
        if let Some(badge) = holder.id.as_ref().and_then(badge) {
            words.insert("badge".into(), json!(badge));
        }
    }
    if let TaskState::Claimed { eta: Some(eta), .. } = &task.state {
        words.insert("eta".into(), json!(eta.time().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)));
    }
    Listed {
        name,
        offered: task.offered,
        free: task.state == TaskState::Offered,
        posts: task.asked().cloned().collect(),
        words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::assign::Proposal;
    use crate::service::case::{Source, Step, TaskStep};
    use crate::service::house::{Duty, House, Post};
    use crate::service::matter::{Opening, call};
    use crate::service::number::Series;
    use crate::service::staff::{Actor, Role, Via};
    use chrono::{DateTime, TimeDelta};

    fn slug(id: &str) -> Slug {
        Slug::new(id).unwrap()
    }

    fn house() -> House {
        let post = |id: &str| Post {
            id: slug(id),
            name: None,
            takes: vec![Duty::Call],
            superior: None,
            fixed: false,
            doors: vec![],
            shifts: vec![],
        };
        House { posts: vec![post("gate-a"), post("gate-b")], ..House::bare(chrono_tz::UTC) }
    }

    fn now(second: i64) -> Now {
        Now { utc: DateTime::from_timestamp(1_795_000_000 + second, 0).unwrap(), synced: true }
    }

    fn ringing() -> Case {
        let opening = Opening::Call(call::Request { door: slug("lobby"), unit: Some("1203".into()), late: false });
        let number = Number { series: Series::Call, day: 20_261_121, nth: 3 };
        Case::open(&opening, Source::Daemon, number, &Actor::DAEMON, &house(), now(0)).case
    }

    fn badge(_: &Slug) -> Option<String> {
        Some("A017".into())
    }

    fn row(case: &Case) -> CaseRow {
        CaseRow { case: case.clone(), person: Data::new(), changed: 1 }
    }

    fn posts(notices: &[Notice]) -> Vec<&str> {
        notices.iter().map(|notice| notice.post.as_str()).collect()
    }

    fn guard(post: &str) -> Actor {
        Actor::staff(slug("zhang"), "测试甲".into(), Role::Guard, Some(slug(post)), Via::Mqtt)
    }

    #[test]
    fn a_post_is_offered_a_call_once_and_the_next_post_when_it_climbs() {
        let (mut notices, mut case) = (Notices::new(vec![slug("gate-a"), slug("gate-b")]), ringing());
        assert_eq!(posts(&notices.changed(&[row(&case)], &badge)), ["gate-a"]);
        assert!(notices.changed(&[row(&case)], &badge).is_empty(), "not again for the same");
        case.fire(&house(), now(20));
        assert_eq!(posts(&notices.changed(&[row(&case)], &badge)), ["gate-b"]);
    }

    #[test]
    fn an_offer_names_who_could_be_sent_by_id_alone_and_only_while_it_is_free() {
        let mut case = ringing();
        let proposal = Proposal { id: slug("chen"), skill: None, open: 0, last: None };
        case.docket.tasks[0].proposed = Some(vec![proposal]);
        let words = |case: &Case| task_words(case, &case.docket.tasks[0], &badge).words;
        assert_eq!(words(&case)["proposed"], json!(["chen"]));
        let claim = Step::Task { task: 1, step: TaskStep::Claim { on_behalf: None, eta: None, relief: None } };
        case.step(&claim, None, &guard("gate-a"), &house(), now(1)).unwrap();
        assert!(!words(&case).contains_key("proposed"));
    }

    #[test]
    fn a_claim_that_lapses_is_offered_again() {
        let (mut notices, mut case) = (Notices::new(vec![slug("gate-a")]), ringing());
        notices.changed(&[row(&case)], &badge);
        let claim = Step::Task { task: 1, step: TaskStep::Claim { on_behalf: None, eta: None, relief: None } };
        case.step(&claim, None, &guard("gate-a"), &house(), now(1)).unwrap();
        assert!(notices.changed(&[row(&case)], &badge).is_empty());
        let list = notices.lists(now(1));
        let list: Value = serde_json::from_slice(&list[0].payload).unwrap();
        let (by, badge_shown) = (&list["tasks"][0]["claimed_by"], &list["tasks"][0]["badge"]);
        assert_eq!((by, badge_shown), (&json!("测试甲"), &json!("A017")), "everybody sees who has it");
        case.fire(&house(), now(16));
        assert_eq!(posts(&notices.changed(&[row(&case)], &badge)), ["gate-a", "gate-b"]);
    }

    #[test]
    fn a_new_connection_hears_everything_again_and_an_unchanged_list_is_not_repeated() {
        let (mut notices, case) = (Notices::new(vec![slug("gate-a"), slug("gate-b")]), ringing());
        notices.begin_again();
        notices.changed(&[row(&case)], &badge);
        assert_eq!(notices.lists(now(0)).len(), 2, "an empty list too: it may replace one of yesterday");
        notices.changed(&[row(&case)], &badge);
        assert!(notices.lists(now(5)).is_empty());
        notices.begin_again();
        assert_eq!(posts(&notices.changed(&[], &badge)), ["gate-a"]);
        assert_eq!(notices.lists(now(9)).len(), 2);
    }

    #[test]
    fn what_has_ended_leaves_the_list() {
        let (mut notices, mut case) = (Notices::new(vec![slug("gate-a")]), ringing());
        notices.changed(&[row(&case)], &badge);
        notices.lists(now(0));
        case.docket.closed = Some(now(1).utc + TimeDelta::seconds(1));
        notices.changed(&[row(&case)], &badge);
        let list: Value = serde_json::from_slice(&notices.lists(now(2))[0].payload).unwrap();
        assert_eq!(list["tasks"], json!([]));
    }
}
