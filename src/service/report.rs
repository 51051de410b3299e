//! The figures of a day, a month or a quarter (R092, R284, R295, R297, R300-R307), added up from the daily tallies. Pure:
//! rows in, figures out. Holds no name: members of staff stand here by their id, residents and visitors not at all.

mod sums;

use super::period::Period;
use super::tally::{Tally, What};
use chrono::NaiveDate;
use serde::Serialize;
use std::collections::BTreeMap;
use sums::Sums;

/// A count with its times or stars. `mean` and `most` are seconds, or stars.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Measured {
    pub count: u64,
    pub mean: f64,
    pub most: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Report {
    /// `2026-11-21`, `2026-11`, `2026-Q4`.
    pub period: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub matters: Vec<OfMatter>,
    pub tasks: Vec<OfErrand>,
    pub promises: Vec<OfPromise>,
    pub calls: Calls,
    pub alarms: Alarms,
    pub visits: Visits,
    /// R282, R284: call-backs of all matters.
    pub call_backs: CallBacks,
    /// R246.
    pub no_access: NoAccess,
    /// Stars by matter or rated part (R288).
    pub ratings: BTreeMap<String, Measured>,
    /// R287: asked whether all is well.
    pub satisfied: u64,
    pub unsatisfied: u64,
    /// R289-R291: surveys answered.
    pub surveys: u64,
    /// R303: what it was about, `repair/water`.
    pub categories: BTreeMap<String, u64>,
    /// R292.
    pub improvements: Improvements,
    /// R295: what each member of staff did, by id.
    pub staff: Vec<OfStaff>,
    /// R307: cases and breaches under each version of the rules.
    pub rules: BTreeMap<u32, OfRules>,
    pub by_day: Vec<OfDay>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfMatter {
    pub matter: String,
    pub opened: u64,
    /// From opening to end.
    pub closed: Measured,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfErrand {
    pub errand: String,
    /// From the offer.
    pub accepted: Measured,
    /// From the offer.
    pub arrived: Measured,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfPromise {
    pub matter: String,
    pub promise: String,
    pub given: u64,
    /// From its word to its deed, in time or late.
    pub kept: Measured,
    pub late: u64,
    pub breached: u64,
    pub released: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Calls {
    pub opened: u64,
    /// Somebody took it; after how long.
    pub answered: Measured,
    /// R094: before the next post had to ring.
    pub prompt: u64,
    pub missed: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Alarms {
    pub raised: u64,
    pub acknowledged: Measured,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Visits {
    pub opened: u64,
    /// With those who came along.
    pub heads: i64,
    pub turned_away: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct CallBacks {
    pub due: u64,
    pub done: Measured,
    pub late: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct NoAccess {
    pub times: u64,
    /// Arrivals at a repair.
    pub arrivals: u64,
}

/// R292: what was to become better. By department it stands among the categories.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct Improvements {
    pub opened: u64,
    pub done: u64,
    /// Followed up with an effect, and ended.
    pub closed: u64,
    /// No effect was seen: opened again.
    pub reopened: u64,
    /// The day of the deed or of the follow-up passed by.
    pub overdue: u64,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfStaff {
    pub id: String,
    pub claimed: u64,
    pub done: u64,
    pub declined: u64,
    /// Everything that they did, counted by event.
    pub events: BTreeMap<String, u64>,
    pub rating: Measured,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfRules {
    pub opened: u64,
    pub breached: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
pub struct OfDay {
    pub day: NaiveDate,
    pub opened: u64,
    pub closed: u64,
    pub breached: u64,
    pub heads: i64,
    pub calls: u64,
    pub missed: u64,
}

impl Report {
    /// Adds up the tallies of the period; others are left out.
    pub fn of(period: Period, tallies: &[Tally]) -> Self {
        let (from, to) = period.span();
        let (first, last) = period.days();
        let sums = Sums::of(tallies.iter().filter(|tally| (first..=last).contains(&tally.day)));
        let improvement = |kind: &str| sums.count(What::Event, &format!("improvement/improvement.{kind}"));
        let overdue = ["finish", "follow-up"].map(|of| sums.count(What::Breached, &format!("improvement/{of}")));
        let visit = |kind: &str| sums.count(What::Event, &format!("visit/{kind}"));
        Report {
            period: period.to_string(),
            from,
            to,
            matters: sums.matters(),
            tasks: sums.tasks(),
            promises: sums.promises(),
            calls: Calls {
                opened: sums.count(What::Opened, "call"),
                answered: sums.measured(What::Accept, "answer-call"),
                prompt: sums.count(What::Prompt, "answer-call"),
                missed: sums.count(What::Event, "call/task.missed"),
            },
            alarms: Alarms {
                raised: sums.count(What::Opened, "alarm"),
                acknowledged: sums.measured(What::Accept, "see-alarm"),
            },
            visits: Visits {
                opened: sums.count(What::Opened, "visit"),
                heads: sums.get(What::Heads, "visit").sum,
                turned_away: visit("visit.turned-away"),
            },
            call_backs: sums.call_backs(),
            no_access: NoAccess {
                times: sums.count(What::Event, "repair/repair.no-access"),
                arrivals: sums.count(What::Event, "repair/task.arrived"),
            },
            ratings: sums.all(What::Rating).map(|(of, sum)| (of.to_owned(), sum.measured())).collect(),
            satisfied: sums.ending(What::Satisfied, "/yes"),
            unsatisfied: sums.ending(What::Satisfied, "/no"),
            surveys: sums.count(What::Event, "campaign/survey.answered"),
            categories: sums.all(What::Category).map(|(of, sum)| (of.to_owned(), sum.count)).collect(),
            improvements: Improvements {
                opened: sums.count(What::Opened, "improvement"),
                done: improvement("done"),
                closed: improvement("closed"),
                reopened: improvement("reopened"),
                overdue: overdue.iter().sum(),
            },
            staff: sums.staff(),
            rules: sums.rules(),
            by_day: by_day(period, tallies),
        }
    }

    /// The same as lines of `section,of,figure,value`, for a spreadsheet. The values are numbers, the words are of closed
    /// lists: nothing in it needs quoting.
    pub fn csv(&self) -> String {
        let mut lines = vec!["period,section,of,figure,value".to_owned()];
        let report = serde_json::to_value(self).unwrap_or_default();
        let mut path = Vec::new();
        flatten(&report, &mut path, &mut |path, value| {
            let section = path.first().map_or("", String::as_str);
            let of = path.get(1..path.len().saturating_sub(1)).unwrap_or_default().join("/");
            let figure = path.last().filter(|_| path.len() > 1).map_or("", String::as_str);
            lines.push(format!("{},{section},{of},{figure},{value}", self.period));
        });
        lines.join("\r\n") + "\r\n"
    }
}

/// Walks to every number; an entry of a list is named by its first text.
fn flatten(value: &serde_json::Value, path: &mut Vec<String>, found: &mut impl FnMut(&[String], &serde_json::Value)) {
    use serde_json::Value;
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                path.push(key.clone());
                flatten(member, path, found);
                path.pop();
            }
        }
        Value::Array(entries) => {
            for entry in entries {
                let words = entry.as_object().into_iter().flat_map(|entry| entry.values()).filter_map(Value::as_str);
                path.push(words.collect::<Vec<_>>().join("/"));
                flatten(entry, path, found);
                path.pop();
            }
        }
        Value::Number(_) => found(path, value),
        _ => {}
    }
}

fn by_day(period: Period, tallies: &[Tally]) -> Vec<OfDay> {
    let (from, to) = period.span();
    let mut days: BTreeMap<u32, Sums<'_>> = BTreeMap::new();
    for tally in tallies {
        days.entry(tally.day).or_default().add(tally);
    }
    let none = Sums::default();
    from.iter_days()
        .take_while(|day| *day <= to)
        .map(|day| {
            let sums = days.get(&Period::Day(day).days().0).unwrap_or(&none);
            OfDay {
                day,
                opened: sums.all(What::Opened).map(|(_, sum)| sum.count).sum(),
                closed: sums.all(What::Close).map(|(_, sum)| sum.count).sum(),
                breached: sums.all(What::Breached).map(|(_, sum)| sum.count).sum(),
                heads: sums.get(What::Heads, "visit").sum,
                calls: sums.count(What::Opened, "call"),
                missed: sums.count(What::Event, "call/task.missed"),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn tally(day: u32, what: What, of: &str, count: u64, sum: i64, most: i64) -> Tally {
        Tally { day, what, of: of.into(), count, sum, most }
    }

    #[test]
    fn the_figures_of_a_month_are_the_sums_of_its_days() {
        let tallies = [
            tally(20_261_031, What::Opened, "repair", 7, 0, 0),
            tally(20_261_101, What::Opened, "repair", 2, 0, 0),
            tally(20_261_130, What::Opened, "repair", 1, 0, 0),
            tally(20_261_130, What::Close, "repair", 2, 7_200, 5_000),
            tally(20_261_130, What::Given, "repair/solve", 3, 0, 0),
            tally(20_261_130, What::Kept, "repair/solve", 2, 100, 90),
            tally(20_261_130, What::Late, "repair/solve", 1, 0, 0),
            tally(20_261_130, What::Breached, "repair/solve", 1, 0, 0),
            tally(20_261_130, What::Given, "repair/call-back", 1, 0, 0),
            tally(20_261_130, What::Kept, "repair/call-back", 1, 60, 60),
            tally(20_261_130, What::Staff, "li-wei/task.claimed", 4, 0, 0),
            tally(20_261_130, What::Rules, "2/opened", 3, 0, 0),
            tally(20_261_102, What::Opened, "improvement", 2, 0, 0),
            tally(20_261_109, What::Breached, "improvement/finish", 1, 0, 0),
            tally(20_261_130, What::Breached, "improvement/follow-up", 1, 0, 0),
        ];
        let report = Report::of(Period::parse("2026-11").unwrap(), &tallies);
        let repair = report.matters.iter().find(|of| of.matter == "repair").unwrap();
        assert_eq!((repair.opened, repair.closed.mean), (3, 3_600.0));
        assert_eq!((report.improvements.opened, report.improvements.overdue), (2, 2));
        let solve = report.promises.iter().find(|promise| promise.promise == "solve").unwrap();
        assert_eq!((solve.given, solve.kept.count, solve.late, solve.breached), (3, 2, 1, 1));
        assert_eq!((report.call_backs.due, report.call_backs.done.count), (1, 1));
        assert_eq!((report.staff[0].id.as_str(), report.staff[0].claimed), ("li-wei", 4));
        assert_eq!(report.rules[&2].opened, 3);
        assert_eq!(report.by_day.len(), 30);
        assert_eq!((report.by_day[0].opened, report.by_day[29].breached), (2, 2));
    }

    #[test]
    fn the_spreadsheet_names_every_figure_once() {
        let tallies = [
            tally(20_261_121, What::Given, "repair/solve", 3, 0, 0),
            tally(20_261_121, What::Accept, "answer-call", 2, 30, 20),
        ];
        let csv = Report::of(Period::parse("2026-11-21").unwrap(), &tallies).csv();
        assert!(csv.contains("2026-11-21,promises,repair/solve,given,3\r\n"), "{csv}");
        assert!(csv.contains("2026-11-21,calls,answered,mean,15.0\r\n"), "{csv}");
        let names: Vec<&str> = csv.lines().filter_map(|line| line.rsplit_once(',').map(|(name, _)| name)).collect();
        let unique: BTreeSet<&&str> = names.iter().collect();
        assert_eq!(names.len(), unique.len(), "{csv}");
        assert!(csv.lines().all(|line| line.split(',').count() == 5), "{csv}");
    }
}
