//! The survey that the glass may ask now: its questions and whether it takes an answer. Of the answers of others it holds
//! nothing.

use crate::service::campaign::{Phase, Question};
use crate::service::case::Case;
use crate::service::house::House;
use crate::service::matter::Matter;
use crate::service::number::Number;
use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Tz;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    pub number: Number,
    pub questions: Vec<Question>,
    /// The limit of answers within an hour is reached until then.
    pub full_until: Option<DateTime<Utc>>,
}

impl Survey {
    /// `None` for what is no running survey.
    pub fn of(case: &Case, house: &House) -> Option<Self> {
        let Matter::Campaign(campaign) = &case.matter else { return None };
        let runs = campaign.phase == Phase::Running && !campaign.questions.is_empty();
        runs.then(|| Survey {
            number: case.docket.number,
            questions: campaign.questions.clone(),
            full_until: campaign.full_until(house),
        })
    }

    pub fn is_full(&self, local: NaiveDateTime, zone: Tz) -> bool {
        self.full_until.is_some_and(|until| local < until.with_timezone(&zone).naive_local())
    }
}
