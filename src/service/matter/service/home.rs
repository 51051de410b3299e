//! In a home: no work before somebody has let us in (R252), and nobody at home after two knocks is told to the supervisor
//! and the desk and waits for the resident (R249).

use super::{Phase, Service};
use crate::event::{Data, Kind, data};
use crate::service::case::{Docket, Errand, Need, Objection, Record};
use serde_json::json;

impl Service {
    /// Whoever serves is there. A home is not entered by that; anywhere else the work begins.
    pub(super) fn arrived(&mut self, record: &mut Record<'_>) {
        if self.item.entry().at_home {
            self.phase = Phase::Arrived;
        } else {
            self.phase = Phase::Started;
            record.tell(Kind::ServiceStarted, Data::new());
        }
    }

    /// R252.
    pub(super) fn start(&mut self, entry_consent: bool, record: &mut Record<'_>) -> Result<(), Objection> {
        self.order(self.phase == Phase::Arrived)?;
        if !entry_consent {
            return Err(Objection::Needs(Need::EntryConsent));
        }
        self.phase = Phase::Started;
        record.tell(Kind::ServiceStarted, data([("entry_consent", json!(entry_consent))]));
        Ok(())
    }

    /// R249: the time that was agreed is spent, and the resident names another.
    pub(super) fn no_access(
        &mut self,
        knocks: u8,
        docket: &mut Docket,
        record: &mut Record<'_>,
    ) -> Result<(), Objection> {
        self.order(self.phase == Phase::Arrived)?;
        if knocks < 2 {
            return Err(Objection::Needs(Need::SecondKnock));
        }
        self.phase = Phase::NoAccess;
        self.agreed = None;
        record.tell(Kind::ServiceNoAccess, data([("knocks", json!(knocks))]));
        for errand in [Errand::Serve, Errand::AskReporter] {
            docket.cancel(errand, "no-access", record);
        }
        docket.offer(Errand::Revisit, Data::new(), record);
        docket.offer(Errand::KnowNoAccess, Data::new(), record);
        Ok(())
    }
}
