//! What a survey has come to: stars by question, summed up, without anybody's name or word. It outlives its case, so that the
//! next one of its kind can be compared with it (R291).

use super::Extent;
use crate::event::Slug;
use crate::service::contact::Text;
use crate::service::number::Number;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Under which name the desk keeps the outcomes of ended surveys, the newest last, as JSON.
pub const MEMO: &str = "surveys";
/// How many of them: five a year make about five years.
pub const KEPT: usize = 24;

/// The answers to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    pub code: Slug,
    /// How many gave one star, two, …, five.
    pub stars: [u32; 5],
}

impl Counted {
    pub fn answers(&self) -> u32 {
        self.stars.iter().sum()
    }

    /// Mean of the stars with two digits; `None` where nobody has answered.
    pub fn mean(&self) -> Option<f64> {
        let sum: u64 = (1u64..).zip(self.stars).map(|(stars, count)| stars * u64::from(count)).sum();
        let answers = self.answers();
        (answers > 0).then(|| (sum as f64 / f64::from(answers) * 100.0).round() / 100.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub number: Number,
    #[serde(default)]
    pub name: Option<Text>,
    pub kind: Extent,
    /// First and last day, the site's.
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub answers: u32,
    pub results: Vec<Counted>,
}

impl Outcome {
    /// As it stands in the report, beside the one before it of its kind: a question that both asked says what it was then.
    pub fn told(&self, before: Option<&Outcome>) -> Value {
        let results: Vec<Value> = self
            .results
            .iter()
            .map(|counted| {
                let earlier = before.and_then(|before| before.results.iter().find(|old| old.code == counted.code));
                json!({
                    "code": counted.code, "answers": counted.answers(), "mean": counted.mean(), "stars": counted.stars,
                    "before": earlier.and_then(Counted::mean),
                })
            })
            .collect();
        json!(results)
    }
}

/// The newest one of this kind among those that were kept.
pub fn last_of(kept: &[Outcome], kind: Extent) -> Option<&Outcome> {
    kept.iter().rfind(|outcome| outcome.kind == kind)
}

/// The outcomes in a memo. What another release has written in another form is not compared with.
pub fn read(memo: Option<&str>) -> Vec<Outcome> {
    memo.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}
