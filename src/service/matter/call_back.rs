//! Asking afterwards whether all is well (R119, R282-R287): a complaint, a repair and a service end with it, and whoever is
//! not satisfied is served again, before others (R286). The matter decides when it may be asked and where it begins anew.

use crate::event::{Kind, data};
use crate::service::case::{Channel, Docket, Due, Errand, Need, News, Objection, Promise, Record, Task};
use crate::service::contact::Text;
use crate::service::figures::hours;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Somebody was asked, and what he said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallBack {
    pub satisfied: bool,
    pub channel: Channel,
    #[serde(default)]
    pub remark: Option<Text>,
}

impl CallBack {
    /// Tells what was said as an event of this kind; the promise is kept and the task done.
    pub(super) fn note(&self, kind: Kind, docket: &mut Docket, record: &mut Record<'_>) {
        let facts = data([("satisfied", json!(self.satisfied)), ("channel", json!(self.channel.name()))]);
        let remark = self.remark.as_ref().map(|remark| data([("remark", json!(remark.as_str()))]));
        record.tell_about(kind, facts, remark.unwrap_or_default());
        docket.keep(Promise::CallBack, record);
        docket.done(Errand::CallBack, record);
    }
}

/// It will be asked within so many hours from now.
pub(super) fn promise(within_hours: u32, docket: &mut Docket, record: &mut Record<'_>) {
    docket.promise(Promise::CallBack, Due::After(record.now.utc + hours(within_hours)), record);
}

/// The task is done by the answer, never by a bare "done".
///
/// # Errors
/// When it is done without one.
pub(super) fn allows(task: &Task, news: &News) -> Result<(), Objection> {
    match (task.errand, news) {
        (Errand::CallBack, News::Done { .. }) => Err(Objection::Needs(Need::CallBack)),
        _ => Ok(()),
    }
}

/// R286: once more, and before others.
pub(super) fn reopened(times: &mut u16, docket: &mut Docket) {
    *times = times.saturating_add(1);
    docket.highlighted = true;
    docket.learn(&data([("priority", json!("high"))]));
}
