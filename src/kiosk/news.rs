//! What becomes of a case while the one who brought it still stands there: its state, and who of the staff has taken it. It
//! carries nothing of any resident.

use crate::service::case::{Case, TaskState};
use crate::service::matter::Matter;
use crate::service::number::Number;

/// How a case stands now.
#[derive(Clone, PartialEq, Eq)]
pub struct News {
    pub number: Number,
    /// The state of its machine: `host-called`, `coming`.
    pub state: &'static str,
    /// The member of staff who has taken a task of it, by the name on the badge (R053).
    pub who: Option<String>,
}

impl News {
    pub fn of(case: &Case) -> Self {
        let who = case.docket.tasks.iter().find_map(|task| match &task.state {
            TaskState::Claimed { by, .. } | TaskState::Arrived { by, .. } => Some(by.name.clone()),
            _ => None,
        });
        let state = match &case.matter {
            Matter::Visit(visit) => visit.shown(),
            matter => matter.state(),
        };
        // Whoever has taken a task that is not shown is not shown.
        let who = who.filter(|_| state == case.matter.state());
        News { number: case.docket.number, state, who }
    }
}

/// Never prints the name.
impl std::fmt::Debug for News {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "News({}, {})", self.number, self.state)
    }
}
