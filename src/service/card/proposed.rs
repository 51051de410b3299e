//! Who could be sent to a repair, as its card names him (R074): the name from the list of staff, the reason as values, and
//! for whoever may do that the step that gives it to him. It proposes; it decides nothing.

use super::Desk;
use crate::service::case::{Case, Task, TaskState};
use crate::service::offer::{self, Button, Look};
use crate::service::staff::Named;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Somebody who could be sent, with the reason as values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Proposed {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<String>,
    /// What fits; none where the fault is nobody's trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trade: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<&'static str>,
    /// Tasks in hand.
    pub open: u32,
    /// Since then he has none; nothing where he never had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<DateTime<Utc>>,
    pub mine: bool,
    /// For whoever may give it to him.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub give: Option<Button>,
}

/// R074. Who is off the list of staff meanwhile is left out.
pub(super) fn of(case: &Case, task: &Task, desk: &Desk<'_>) -> Vec<Proposed> {
    if task.state != TaskState::Offered {
        return Vec::new();
    }
    let by = desk.viewer.actor();
    let look = Look { by: &by, house: desk.house, now: desk.now };
    let proposed = task.proposed.iter().flatten().filter_map(|proposal| {
        let name = (desk.name)(&proposal.id)?;
        let mine = proposal.id == desk.viewer.id;
        let to = Named { id: Some(proposal.id.clone()), name };
        Some(Proposed {
            badge: (desk.badge)(&proposal.id),
            trade: proposal.skill.map(|skill| skill.trade.name()),
            level: proposal.skill.map(|skill| skill.level.name()),
            open: proposal.open,
            last: proposal.last,
            // For himself he claims it.
            give: if mine { None } else { offer::give(case, task, &to, look) },
            mine,
            name: to.name,
        })
    });
    proposed.collect()
}
