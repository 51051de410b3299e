//! The crew as a proposal needs it (R074): who has a trade stands in the list of staff that the desk remembers, what
//! somebody has in hand in the open cases, since when he is without work in a mark of its own. Part of the desk's transaction;
//! ids only. It decides nothing.

use super::Store;
use super::carry_out::Transaction;
use super::staff::STAFF;
use crate::event::{Event, Slug};
use crate::journal::JournalError;
use crate::service::assign::Colleague;
use crate::service::case::Case;
use crate::service::case::errand::Form;
use crate::service::staff_list::Listed;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// When each of the crew last took or ended an appointed task, as JSON.
const CREW: &str = "crew";

type Marks = BTreeMap<Slug, DateTime<Utc>>;

impl<S: Store> Transaction<'_, S> {
    /// Fills in whom the card of a repair names. Costs nothing while nobody has a trade or nothing is offered.
    pub(super) fn propose(&mut self, case: &mut Case) -> Result<Vec<Event>, JournalError> {
        if !case.wants_proposals() {
            return Ok(Vec::new());
        }
        let crew = self.crew(case)?;
        Ok(case.propose(&crew, self.house, self.now))
    }

    /// Whoever has taken or ended an appointed task is not the one who has waited longest.
    pub(super) fn mark_crew(&mut self, before: Option<&Case>, after: &Case) -> Result<(), JournalError> {
        let (before, after) = (before.map(in_hand).unwrap_or_default(), in_hand(after));
        if before == after {
            return Ok(());
        }
        let skilled = self.skilled()?;
        let moved: Vec<Slug> = before.symmetric_difference(&after).map(|(_, id)| id.clone()).collect();
        let mut marks = self.marks()?;
        marks.retain(|id, _| skilled.iter().any(|member| member.id == *id));
        for id in moved.into_iter().filter(|id| skilled.iter().any(|member| member.id == *id)) {
            marks.insert(id, self.now.utc);
        }
        if marks.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_string(&marks).expect("a map of ids and times always serialises");
        self.journal.set_memo(CREW, Some(&text))
    }

    fn crew(&self, case: &Case) -> Result<Vec<Colleague>, JournalError> {
        let skilled = self.skilled()?;
        if skilled.is_empty() {
            return Ok(Vec::new());
        }
        // The case itself is written only after this.
        let others = self.journal.open_cases()?;
        let others = others.iter().filter(|other| other.docket.number != case.docket.number);
        let mut open: BTreeMap<&Slug, u32> = BTreeMap::new();
        for id in others.chain([case]).flat_map(holders) {
            *open.entry(id).or_default() += 1;
        }
        let marks = self.marks()?;
        let colleague = |member: &Listed| Colleague {
            id: member.id.clone(),
            skills: member.trades.clone(),
            open: open.get(&member.id).copied().unwrap_or_default(),
            last: marks.get(&member.id).copied(),
        };
        Ok(skilled.iter().map(colleague).collect())
    }

    /// Who may sign in and has a trade.
    fn skilled(&self) -> Result<Vec<Listed>, JournalError> {
        let list = self.journal.memo(STAFF)?.and_then(|text| serde_json::from_str::<Vec<Listed>>(&text).ok());
        let list = list.unwrap_or_default().into_iter();
        Ok(list.filter(|member| !member.disabled && !member.trades.is_empty()).collect())
    }

    fn marks(&self) -> Result<Marks, JournalError> {
        Ok(self.journal.memo(CREW)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }
}

/// Members of staff who hold a task of this case, once for each.
fn holders(case: &Case) -> impl Iterator<Item = &Slug> {
    case.docket.tasks.iter().filter_map(|task| task.state.holder()?.id.as_ref())
}

/// The appointed tasks that somebody holds, with who.
fn in_hand(case: &Case) -> BTreeSet<(u16, Slug)> {
    let appointed = case.docket.tasks.iter().filter(|task| task.errand.form() == Form::Appointed);
    appointed.filter_map(|task| Some((task.id, task.state.holder()?.id.clone()?))).collect()
}
