//! Whom a card names for a repair that nobody has taken (R074): asked once an offer, and anew when somebody has said no or
//! given it back. The crew comes from the desk; who it is, is told by id and decided by people.

use super::{Case, Errand, Record, Task, TaskState};
use crate::event::{Data, Event, Kind, Now, data};
use crate::service::assign::{Colleague, propose};
use crate::service::house::House;
use crate::service::matter::repair::Category;
use crate::service::staff::Actor;
use serde_json::json;

impl Task {
    fn wants_proposals(&self) -> bool {
        self.errand == Errand::Repair && self.state == TaskState::Offered && self.proposed.is_none()
    }

    /// Somebody has said no: others are proposed, if there are any.
    pub(super) fn ask_others(&mut self, who: Option<&crate::event::Slug>) {
        self.proposed = None;
        if let Some(who) = who.filter(|who| !self.said_no.contains(who)) {
            self.said_no.push(who.clone());
        }
    }
}

impl Case {
    /// A repair is offered, and nobody has looked yet who fits.
    pub fn wants_proposals(&self) -> bool {
        self.docket.tasks.iter().any(Task::wants_proposals)
    }

    /// Looks who fits, out of everybody who has a trade. Part of the step that has offered it: the version stays.
    pub fn propose(&mut self, crew: &[Colleague], house: &House, now: Now) -> Vec<Event> {
        let mut record = Record::new(self.docket.number, &Actor::DAEMON, house, now);
        for task in self.docket.tasks.iter_mut().filter(|task| task.wants_proposals()) {
            let found = propose(category(&task.facts), crew, &task.said_no);
            if !found.is_empty() {
                let ids: Vec<_> = found.iter().map(|proposal| &proposal.id).collect();
                let facts =
                    data([("task", json!(task.id)), ("errand", json!(task.errand.name())), ("proposed", json!(ids))]);
                record.tell(Kind::TaskProposed, facts);
            }
            task.proposed = Some(found);
        }
        self.told(record)
    }
}

fn category(facts: &Data) -> Category {
    let known = facts.get("category").and_then(|category| serde_json::from_value(category.clone()).ok());
    known.unwrap_or(Category::Other)
}
