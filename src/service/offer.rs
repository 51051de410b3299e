//! What somebody can do now with a case and with each of its tasks: the buttons of a card, and the steps of an opened
//! record. Nothing is offered that the rules would refuse: each offer is tried on the case as it stands before it is made.
//! It never takes a step, and it decides nothing: rights and order are the machines'.

mod sample;

#[cfg(test)]
pub use sample::of_matter;

use super::case::errand::Form;
use super::case::task::Reason;
use super::case::{Case, Errand, Eta, Objection, Step, Task, TaskState, TaskStep};
use super::house::House;
use super::matter::{Matter, MatterStep, alarm};
use super::staff::{Actor, Named};
use crate::event::{Now, Slug};
use serde::Serialize;
use serde_json::Value;

/// What a card can ask for; a person overlooks the fourth button.
pub const MAX_BUTTONS: usize = 3;

/// Why a ringing phone is passed on with one touch (R058): whoever does it has his hands full. Another reason can be given
/// in the record.
const BUSY: Reason = Reason::OnAnotherTask;

/// Who looks, where and when.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub by: &'a Actor,
    pub house: &'a House,
    pub now: Now,
}

impl Look<'_> {
    fn tries(&self, case: &Case, step: &Step) -> Result<(), Objection> {
        case.would_take(step, self.by, self.house, self.now)
    }
}

/// A step, ready to be sent; `asks` names what the person must still say, or that it is done in the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Button {
    pub label: &'static str,
    pub step: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<&'static str>,
    /// What may have come of it, where the rules ask for one of these words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<&'static str>,
}

/// The buttons of a task: on its card, and further ones that stand in the record only.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Buttons {
    pub card: Vec<Button>,
    pub record: Vec<Button>,
}

/// What came of a task, as words of the page. The first ones are the likeliest.
const OUTCOMES: &[(Errand, &[&str])] = &[
    (Errand::AnswerCall, &["spoke", "let-in", "turned-away", "no-answer"]),
    (Errand::MissedCall, &["called-back", "nobody"]),
    (Errand::SeeHelp, &["helped", "nobody"]),
    (Errand::CallHost, &["coming", "come-up", "wait", "not-here"]),
    (Errand::AskButler, &["let-in", "call-host", "refused"]),
    (Errand::SeePerson, &["admitted", "call-host", "waits"]),
    (Errand::HandOver, &["handed-over", "not-found", "wrong-person"]),
    (Errand::SeeAlarm, &["all-well", "door-shut", "false-alarm", "police"]),
    (Errand::AskReporter, &["came", "not-come", "no-answer"]),
    // Of an emergency: how the patient is (R091).
    (Errand::CallBack, &["well", "more-help"]),
];

/// Tasks that end by a step of the record which only some roles may take: the others are not sent there in vain.
const ENDED_BY: &[(Errand, &[&str])] = &[
    (Errand::Sign, &["sign"]),
    (Errand::Approve, &["approve", "refuse"]),
    (Errand::Consent, &["consent"]),
    (Errand::ReviewFee, &["review-fee"]),
    (Errand::CheckWork, &["check"]),
    (Errand::CallBack, &["call-back"]),
    (Errand::Reappoint, &["reappoint"]),
    (Errand::Revisit, &["appoint", "agree"]),
    (Errand::TellStaff, &["announce"]),
    (Errand::NoteGathering, &["held", "cancel"]),
    (Errand::WriteMinutes, &["minutes"]),
    (Errand::Improve, &["done"]),
    (Errand::FollowUp, &["follow-up"]),
    (Errand::PrepareSurvey, &["begin"]),
];

fn listed(table: &[(Errand, &'static [&'static str])], errand: Errand) -> &'static [&'static str] {
    table.iter().find(|(of, _)| *of == errand).map_or(&[], |(_, words)| words)
}

/// What this person can do with a task now, the likeliest first.
pub fn buttons(case: &Case, task: &Task, look: Look<'_>) -> Buttons {
    let with = With { case, task, look };
    let form = task.errand.form();
    let there = if form == Form::Call { "speaking" } else { "arrived" };
    let given_back = if task.state == TaskState::Offered { "decline" } else { "give-back" };
    let (card, record) = match (&task.state, form) {
        // A notice is about one thing.
        (TaskState::Offered, Form::Notice) => (vec![with.done()], vec![with.claim(), with.decline(given_back)]),
        (TaskState::Claimed { .. }, Form::Notice) => (vec![with.done()], vec![with.decline(given_back)]),
        // Somebody stands at the door and rings: one touch.
        (TaskState::Offered, Form::Call) => {
            (vec![with.claim(), with.pass_on(given_back)], vec![with.decline(given_back)])
        }
        (TaskState::Claimed { .. }, Form::Call) => {
            (vec![with.arrived(there), with.done(), with.pass_on(given_back)], vec![with.decline(given_back)])
        }
        (TaskState::Offered, _) => (vec![with.claim(), with.decline(given_back)], vec![]),
        (TaskState::Claimed { .. }, _) => (vec![with.arrived(there), with.done(), with.decline(given_back)], vec![]),
        (TaskState::Arrived { .. }, _) => (vec![with.done(), with.decline(given_back)], vec![]),
    };
    let [mut card, record] = [card, record].map(|list| list.into_iter().flatten().collect::<Vec<_>>());
    if card.is_empty() {
        // It is put to a post whose people may not finish it, by night for example: they pass it on.
        card.extend(with.decline(given_back));
    }
    Buttons { card, record }
}

/// Gives a task to somebody who is proposed for it (R074): one touch, and the arrival that R054 asks for.
pub fn give(case: &Case, task: &Task, to: &Named, look: Look<'_>) -> Option<Button> {
    let with = With { case, task, look };
    let claim = |eta| TaskStep::Claim { on_behalf: Some(to.clone()), eta, relief: None };
    let mut arrivals = sample::arrivals(case, look).into_iter();
    let some = arrivals.any(|at| with.tries(claim(Some(Eta::At(at)))).is_ok());
    some.then(|| button("give", &with.step(claim(None)), Some("arrival")))
}

/// The steps of this matter, and those of every matter, that this person could take now, by name.
pub fn steps(case: &Case, look: Look<'_>) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for (name, step) in sample::of_case(case, look) {
        if !names.contains(&name) && look.tries(case, &step).is_ok() {
            names.push(name);
        }
    }
    names
}

/// One task, as this person meets it.
struct With<'a> {
    case: &'a Case,
    task: &'a Task,
    look: Look<'a>,
}

impl With<'_> {
    fn step(&self, step: TaskStep) -> Step {
        Step::Task { task: self.task.id, step }
    }

    fn tries(&self, step: TaskStep) -> Result<(), Objection> {
        self.look.tries(self.case, &self.step(step))
    }

    fn claim(&self) -> Option<Button> {
        let claim = |eta| TaskStep::Claim { on_behalf: None, eta, relief: None };
        if let (Matter::Alarm(alarm), Errand::SeeAlarm) = (&self.case.matter, self.task.errand) {
            // An alarm that was raised anew since is not acknowledged by whoever has not seen that.
            let seen = alarm::Step::Acknowledge { occurrence: alarm.occurrence };
            let step = Step::Matter(MatterStep::Alarm(seen));
            return self.look.tries(self.case, &step).is_ok().then(|| button("claim", &step, None));
        }
        if self.task.errand.form() == Form::Appointed {
            let arrivals = sample::arrivals(self.case, self.look);
            let mut arrivals = arrivals.into_iter();
            return match arrivals.any(|at| self.tries(claim(Some(Eta::At(at)))).is_ok()) {
                true => Some(button("claim", &self.step(claim(None)), Some("eta"))),
                // R244: no time was agreed at which a resident awaits anybody. That comes first.
                false => self.in_the_record("appoint", &["appoint", "agree"]),
            };
        }
        match self.tries(claim(None)) {
            // R015: the page asks for the relief.
            Ok(()) | Err(Objection::FixedPost) => Some(button("claim", &self.step(claim(None)), None)),
            Err(_) => None,
        }
    }

    fn decline(&self, label: &'static str) -> Option<Button> {
        let decline = |reason| TaskStep::Decline { reason, note: None };
        self.tries(decline(Some(BUSY))).ok()?;
        Some(button(label, &self.step(decline(None)), Some("reason")))
    }

    /// The same with the reason given.
    fn pass_on(&self, label: &'static str) -> Option<Button> {
        let decline = TaskStep::Decline { reason: Some(BUSY), note: None };
        self.tries(decline.clone()).ok()?;
        Some(button(label, &self.step(decline), None))
    }

    fn arrived(&self, label: &'static str) -> Option<Button> {
        let arrived = TaskStep::Arrived { channel: None };
        self.tries(arrived.clone()).ok()?;
        Some(button(label, &self.step(arrived), None))
    }

    fn done(&self) -> Option<Button> {
        let done = |outcome| TaskStep::Done { outcome, channel: None, note: None };
        let words = listed(OUTCOMES, self.task.errand).iter().copied();
        let outcomes: Vec<_> = words.filter(|word| self.tries(done(Some(Slug::from_text(word)))).is_ok()).collect();
        if !outcomes.is_empty() {
            return Some(Button { outcomes, ..button("done", &self.step(done(None)), Some("outcome")) });
        }
        match self.tries(done(None)) {
            Ok(()) => Some(button("done", &self.step(done(None)), Some("outcome"))),
            // The regulations ask for more than a tick: a step of the record ends it.
            Err(Objection::Needs(_)) => self.in_the_record("done", listed(ENDED_BY, self.task.errand)),
            Err(_) => None,
        }
    }

    /// Opens the record, where this person can take one of these steps; any step of the matter where none is named.
    fn in_the_record(&self, label: &'static str, ends: &[&str]) -> Option<Button> {
        let own = sample::of_matter(self.case, self.look);
        let mut fitting = own.iter().filter(|(name, _)| ends.is_empty() || ends.contains(name));
        let step = self.step(TaskStep::Done { outcome: None, channel: None, note: None });
        fitting.any(|(_, step)| self.look.tries(self.case, step).is_ok()).then(|| button(label, &step, Some("record")))
    }
}

fn button(label: &'static str, step: &Step, asks: Option<&'static str>) -> Button {
    let step = serde_json::to_value(step).expect("a step has string keys and always serialises");
    Button { label, step, asks, outcomes: Vec::new() }
}
