//! The tallies of a period, added up by what they count.

use super::super::tally::{Tally, What};
use super::{CallBacks, Measured, OfErrand, OfMatter, OfPromise, OfRules, OfStaff};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    pub count: u64,
    pub sum: i64,
    pub most: i64,
}

impl Sum {
    pub(super) fn measured(self) -> Measured {
        let mean = if self.count == 0 { 0.0 } else { self.sum as f64 / self.count as f64 };
        Measured { count: self.count, mean: (mean * 10.0).round() / 10.0, most: self.most }
    }
}

#[derive(Default)]
pub(super) struct Sums<'a>(BTreeMap<(What, &'a str), Sum>);

impl<'a> Sums<'a> {
    pub(super) fn of(tallies: impl Iterator<Item = &'a Tally>) -> Self {
        let mut sums = Sums::default();
        tallies.for_each(|tally| sums.add(tally));
        sums
    }

    pub(super) fn add(&mut self, tally: &'a Tally) {
        let sum = self.0.entry((tally.what, &tally.of)).or_default();
        sum.count += tally.count;
        sum.sum += tally.sum;
        sum.most = sum.most.max(tally.most);
    }

    pub(super) fn get(&self, what: What, of: &str) -> Sum {
        self.0.get(&(what, of)).copied().unwrap_or_default()
    }

    pub(super) fn count(&self, what: What, of: &str) -> u64 {
        self.get(what, of).count
    }

    pub(super) fn measured(&self, what: What, of: &str) -> Measured {
        self.get(what, of).measured()
    }

    pub(super) fn all(&self, what: What) -> impl Iterator<Item = (&'a str, Sum)> {
        self.0.iter().filter(move |((which, _), _)| *which == what).map(|((_, of), sum)| (*of, *sum))
    }

    pub(super) fn ending(&self, what: What, end: &str) -> u64 {
        self.all(what).filter(|(of, _)| of.ends_with(end)).map(|(_, sum)| sum.count).sum()
    }

    /// A case may end in a period in which none of its kind was opened.
    pub(super) fn matters(&self) -> Vec<OfMatter> {
        let matters: BTreeSet<&str> = self.all(What::Opened).chain(self.all(What::Close)).map(|(of, _)| of).collect();
        matters
            .into_iter()
            .map(|matter| OfMatter {
                matter: matter.to_owned(),
                opened: self.count(What::Opened, matter),
                closed: self.measured(What::Close, matter),
            })
            .collect()
    }

    pub(super) fn tasks(&self) -> Vec<OfErrand> {
        let errands: BTreeSet<&str> = self.all(What::Accept).chain(self.all(What::Arrive)).map(|(of, _)| of).collect();
        errands
            .into_iter()
            .map(|errand| OfErrand {
                errand: errand.to_owned(),
                accepted: self.measured(What::Accept, errand),
                arrived: self.measured(What::Arrive, errand),
            })
            .collect()
    }

    pub(super) fn promises(&self) -> Vec<OfPromise> {
        let whats = [What::Given, What::Kept, What::Breached, What::Released];
        let named: BTreeSet<&str> = whats.into_iter().flat_map(|what| self.all(what)).map(|(of, _)| of).collect();
        named
            .into_iter()
            .filter_map(|of| {
                let (matter, promise) = of.split_once('/')?;
                Some(OfPromise {
                    matter: matter.to_owned(),
                    promise: promise.to_owned(),
                    given: self.count(What::Given, of),
                    kept: self.measured(What::Kept, of),
                    late: self.count(What::Late, of),
                    breached: self.count(What::Breached, of),
                    released: self.count(What::Released, of),
                })
            })
            .collect()
    }

    pub(super) fn call_backs(&self) -> CallBacks {
        let mut done = Sum::default();
        for (_, sum) in self.all(What::Kept).filter(|(of, _)| of.ends_with("/call-back")) {
            done = Sum { count: done.count + sum.count, sum: done.sum + sum.sum, most: done.most.max(sum.most) };
        }
        CallBacks {
            due: self.ending(What::Given, "/call-back"),
            done: done.measured(),
            late: self.ending(What::Late, "/call-back"),
        }
    }

    pub(super) fn staff(&self) -> Vec<OfStaff> {
        let mut staff: BTreeMap<&str, OfStaff> = BTreeMap::new();
        for (of, sum) in self.all(What::Staff) {
            let Some((id, kind)) = of.split_once('/') else { continue };
            let one = staff.entry(id).or_insert_with(|| OfStaff { id: id.to_owned(), ..OfStaff::default() });
            match kind {
                "task.claimed" => one.claimed += sum.count,
                "task.done" => one.done += sum.count,
                "task.declined" => one.declined += sum.count,
                _ => {}
            }
            one.events.insert(kind.to_owned(), sum.count);
        }
        for (id, sum) in self.all(What::StaffRating) {
            let one = staff.entry(id).or_insert_with(|| OfStaff { id: id.to_owned(), ..OfStaff::default() });
            one.rating = sum.measured();
        }
        staff.into_values().collect()
    }

    pub(super) fn rules(&self) -> BTreeMap<u32, OfRules> {
        let mut rules: BTreeMap<u32, OfRules> = BTreeMap::new();
        for (of, sum) in self.all(What::Rules) {
            let Some((version, what)) = of.split_once('/') else { continue };
            let Ok(version) = version.parse() else { continue };
            let of = rules.entry(version).or_default();
            if what == "opened" { of.opened += sum.count } else { of.breached += sum.count }
        }
        rules
    }
}
