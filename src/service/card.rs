//! What a case looks like on the guards' page: one card for each of its tasks, one line in its list. What rings first,
//! and how much of a person a list may show, are decided here and nowhere on the page. A list never holds a full name or a
//! phone number (R236, R309): those stand in the opened record only.

mod proposed;

pub use proposed::Proposed;

use super::case::errand::Form;
use super::case::{Case, Clock, Due, Errand, Task, TaskState};
use super::contact::compound;
use super::house::House;
use super::offer::{self, Button, Buttons, Look};
use super::staff::{Actor, Role, Via};
use crate::event::{Data, Now, Slug};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// Whoever looks at the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub id: Slug,
    pub name: String,
    pub role: Role,
    pub post: Option<Slug>,
}

impl Viewer {
    pub fn actor(&self) -> Actor {
        Actor::staff(self.id.clone(), self.name.clone(), self.role, self.post.clone(), Via::Page)
    }
}

/// What a look at cards needs beside the case.
pub struct Desk<'a> {
    pub viewer: &'a Viewer,
    pub house: &'a House,
    /// The number on somebody's work card (R016).
    pub badge: &'a dyn Fn(&Slug) -> Option<String>,
    /// The name of a member of staff who may sign in.
    pub name: &'a dyn Fn(&Slug) -> Option<String>,
    pub now: Now,
}

/// What comes first (R232): the kind of the task alone, never whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Urgency {
    Emergency,
    Support,
    Call,
    Alarm,
    Help,
    Visitor,
    Repair,
    Other,
}

/// One task of a case, as somebody sees it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Card {
    /// Number and task: the page knows cards by it.
    pub key: String,
    /// In full; addresses the record.
    pub number: String,
    /// As people say it: `R-1121-07`.
    pub said: String,
    pub task: u16,
    pub matter: &'static str,
    pub state: &'static str,
    pub errand: &'static str,
    pub form: &'static str,
    pub urgency: Urgency,
    /// Rings without a sound (R107, duress).
    pub silent: bool,
    /// Door, unit, place, category: no name.
    pub facts: Data,
    /// `王**`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    pub since: DateTime<Utc>,
    pub rung: usize,
    pub rungs: usize,
    pub asked: Vec<Slug>,
    /// This viewer's post is asked, or he leads all posts.
    pub for_me: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<Taken>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise: Option<Next>,
    pub version: u32,
    pub buttons: Vec<Button>,
    /// Further ones, in the record only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Button>,
    /// R074: who could be sent, the first choice first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub proposed: Vec<Proposed>,
}

/// Who has a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub by: String,
    /// R016: what stands on the card that a resident may ask to see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<String>,
    pub mine: bool,
    pub arrived: bool,
    pub at: DateTime<Utc>,
    /// The claim goes back to the ladder then, unless he is there or in contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapses: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eta: Option<DateTime<Utc>>,
}

/// The promise that falls due next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Next {
    pub name: &'static str,
    pub due: DateTime<Utc>,
    pub late: bool,
    /// R082: it stands still.
    pub paused: bool,
}

/// One case in its list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    pub number: String,
    pub said: String,
    pub matter: &'static str,
    pub state: &'static str,
    pub facts: Data,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    pub since: DateTime<Utc>,
    pub source: &'static str,
    /// R062, R064: marked in the register.
    pub highlighted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chased: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub promise: Option<Next>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<DateTime<Utc>>,
    pub version: u32,
}

/// The cards of a case, one for each open task.
pub fn cards(case: &Case, person: &Data, desk: &Desk<'_>) -> Vec<Card> {
    case.docket.tasks.iter().map(|task| card(case, task, person, desk)).collect()
}

fn card(case: &Case, task: &Task, person: &Data, desk: &Desk<'_>) -> Card {
    let viewer = desk.viewer;
    let docket = &case.docket;
    let full = String::from(docket.number);
    let for_me = asks(task, viewer);
    let mut facts = docket.facts.clone();
    facts.extend(task.facts.clone());
    let buttons = buttons(case, task, desk);
    Card {
        key: format!("{full}/{}", task.id),
        number: full,
        said: docket.number.to_string(),
        task: task.id,
        matter: case.matter.name(),
        state: case.state(),
        errand: task.errand.name(),
        form: form(task.errand.form()),
        urgency: urgency(task),
        silent: task.errand == Errand::Support || facts.get("silent").and_then(Value::as_bool) == Some(true),
        facts,
        who: masked(person),
        language: docket.language.clone(),
        since: task.offered,
        rung: task.rung,
        rungs: task.ladder.rungs.len(),
        asked: task.asked().cloned().collect(),
        for_me,
        taken: taken(task, desk),
        promise: next(docket.clocks.iter().filter(|clock| clock.task.is_none_or(|of| of == task.id)), desk.now.utc),
        version: docket.version,
        buttons: buttons.card,
        more: buttons.record,
        proposed: if for_me { proposed::of(case, task, desk) } else { Vec::new() },
    }
}

/// The case as a line of its list.
pub fn line(case: &Case, person: &Data, now: DateTime<Utc>) -> Line {
    let docket = &case.docket;
    Line {
        number: String::from(docket.number),
        said: docket.number.to_string(),
        matter: case.matter.name(),
        state: case.state(),
        facts: docket.facts.clone(),
        who: masked(person),
        since: docket.opened,
        source: docket.source.name(),
        highlighted: docket.highlighted,
        chased: docket.chased,
        owner: docket.tasks.iter().find_map(|task| task.state.holder()).map(|holder| holder.name.clone()),
        promise: next(docket.clocks.iter(), now),
        closed: docket.closed,
        version: docket.version,
    }
}

/// Whether this task waits for this viewer.
pub fn asks(task: &Task, viewer: &Viewer) -> bool {
    let asked = viewer.post.as_ref().is_some_and(|post| task.asked().any(|asked| asked == post));
    viewer.role != Role::Auditor && (asked || held_by(task, viewer) || viewer.role.leads())
}

/// Whether this viewer has one of its tasks.
pub fn holds(case: &Case, viewer: &Viewer) -> bool {
    case.docket.tasks.iter().any(|task| held_by(task, viewer))
}

fn held_by(task: &Task, viewer: &Viewer) -> bool {
    task.state.holder().and_then(|holder| holder.id.as_ref()) == Some(&viewer.id)
}

fn taken(task: &Task, desk: &Desk<'_>) -> Option<Taken> {
    let holder = task.state.holder()?;
    let (at, lapses, eta) = match &task.state {
        TaskState::Offered => return None,
        TaskState::Claimed { at, lapses, eta, .. } => (*at, lapses.map(Due::time), eta.map(Due::time)),
        TaskState::Arrived { at, .. } => (*at, None, None),
    };
    let arrived = matches!(task.state, TaskState::Arrived { .. });
    let badge = holder.id.as_ref().and_then(desk.badge);
    Some(Taken { by: holder.name.clone(), badge, mine: held_by(task, desk.viewer), arrived, at, lapses, eta })
}

/// What somebody else has, has no buttons, but for whoever leads.
fn buttons(case: &Case, task: &Task, desk: &Desk<'_>) -> Buttons {
    let theirs = task.state != TaskState::Offered && !held_by(task, desk.viewer) && !desk.viewer.role.leads();
    if theirs || !asks(task, desk.viewer) {
        return Buttons::default();
    }
    offer::buttons(case, task, Look { by: &desk.viewer.actor(), house: desk.house, now: desk.now })
}

fn next<'a>(clocks: impl Iterator<Item = &'a Clock>, now: DateTime<Utc>) -> Option<Next> {
    let running = clocks.filter(|clock| !clock.promise.is_timer());
    let clock = running.min_by_key(|clock| (clock.pause.is_some(), clock.due.time()))?;
    let due = clock.due.time();
    let paused = clock.pause.is_some();
    Some(Next { name: clock.promise.name(), due, late: clock.breached || (due < now && !paused), paused })
}

fn urgency(task: &Task) -> Urgency {
    use super::case::errand::Way;
    match task.errand {
        Errand::Support => Urgency::Support,
        Errand::AnswerCall | Errand::MissedCall => Urgency::Call,
        Errand::SeeAlarm => Urgency::Alarm,
        Errand::SeeHelp | Errand::SeePerson | Errand::SeeUnit => Urgency::Help,
        Errand::CallHost | Errand::AskButler => Urgency::Visitor,
        // Accepted, it is no longer what needs somebody now.
        Errand::Repair if task.state == TaskState::Offered => Urgency::Repair,
        other if other.way() == Way::Emergency => Urgency::Emergency,
        _ => Urgency::Other,
    }
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::Call => "call",
        Form::Walk => "walk",
        Form::Appointed => "appointed",
        Form::Notice => "notice",
    }
}

/// A surname with the rest covered: enough to greet somebody by, too little to know him by (R236).
pub fn masked(person: &Data) -> Option<String> {
    let name = person.get("name").and_then(Value::as_str)?.trim();
    let shown = compound(name).map_or_else(|| name.chars().take(1).collect(), str::to_owned);
    (!shown.is_empty()).then(|| format!("{shown}**"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::data;
    use crate::service::case::{Source, Step};
    use crate::service::house::{Duty, Post};
    use crate::service::matter::{Opening, help};
    use crate::service::number::{Number, Series};
    use serde_json::json;

    fn slug(text: &str) -> Slug {
        Slug::new(text).unwrap()
    }

    fn post(id: &str) -> Post {
        let takes = vec![Duty::Call];
        Post { id: slug(id), name: None, takes, superior: None, fixed: false, doors: vec![], shifts: vec![] }
    }

    fn house() -> House {
        House { posts: vec![post("gate-a"), post("gate-b")], ..House::bare(chrono_tz::UTC) }
    }

    fn now() -> Now {
        Now { utc: DateTime::from_timestamp(1_763_700_000, 0).unwrap(), synced: true }
    }

    fn help() -> Case {
        let opening = Opening::Help(help::Request { language: "en".into() });
        let number = Number { series: Series::Help, day: 20_261_121, nth: 3 };
        Case::open(&opening, Source::Kiosk, number, &Actor::GUEST, &house(), now()).case
    }

    fn viewer(id: &str, role: Role, post: &str) -> Viewer {
        Viewer { id: slug(id), name: "测试甲".into(), role, post: Some(slug(post)) }
    }

    fn at<'a>(viewer: &'a Viewer, house: &'a House) -> Desk<'a> {
        Desk {
            viewer, house, badge: &|id| Some(format!("A-{id}")), name: &|id| Some(format!("测试{id}")), now: now()
        }
    }

    fn labels(case: &Case, viewer: &Viewer) -> Vec<&'static str> {
        let cards = cards(case, &Data::new(), &at(viewer, &house()));
        cards[0].buttons.iter().map(|button| button.label).collect()
    }

    #[test]
    fn only_the_post_that_is_asked_has_buttons_and_never_more_than_three() {
        let case = help();
        assert_eq!(labels(&case, &viewer("a", Role::Guard, "gate-a")), ["claim", "decline"]);
        assert!(labels(&case, &viewer("b", Role::Guard, "gate-b")).is_empty());
        assert!(labels(&case, &viewer("c", Role::Auditor, "gate-a")).is_empty(), "R012");
    }

    #[test]
    fn a_task_that_somebody_has_shows_his_name_and_badge_and_no_buttons_to_the_others() {
        let mut case = help();
        let (mine, theirs, house) = (viewer("a", Role::Guard, "gate-a"), viewer("b", Role::Guard, "gate-a"), house());
        let card = cards(&case, &Data::new(), &at(&mine, &house)).remove(0);
        // What the button holds is a step as it stands.
        let step: Step = serde_json::from_value(card.buttons[0].step.clone()).unwrap();
        case.step(&step, None, &mine.actor(), &house, now()).unwrap();
        assert_eq!(labels(&case, &mine), ["arrived", "done", "give-back"]);
        let other = cards(&case, &Data::new(), &at(&theirs, &house)).remove(0);
        let taken = other.taken.unwrap();
        assert_eq!((taken.by.as_str(), taken.mine), ("测试甲", false));
        assert_eq!(taken.badge.as_deref(), Some("A-a"), "R016: so that a resident can check the card");
        assert!(other.buttons.is_empty());
    }

    #[test]
    fn a_list_shows_a_surname_and_nothing_more_of_a_person() {
        let person = data([("name", json!("欧阳测试")), ("phone", json!("13800000001")), ("text", json!("漏水"))]);
        let shown = serde_json::to_string(&line(&help(), &person, now().utc)).unwrap();
        assert!(shown.contains("欧阳**") && !shown.contains("测试") && !shown.contains("138") && !shown.contains('漏'));
        assert_eq!(masked(&data([("name", json!("O'Brien"))])).as_deref(), Some("O**"));
        assert_eq!(masked(&Data::new()), None);
    }

    #[test]
    fn urgency_goes_by_the_kind_of_the_task() {
        let mut order = [Urgency::Other, Urgency::Repair, Urgency::Call, Urgency::Emergency, Urgency::Alarm];
        order.sort();
        let expected = [Urgency::Emergency, Urgency::Call, Urgency::Alarm, Urgency::Repair, Urgency::Other];
        assert_eq!(order, expected);
    }
}
