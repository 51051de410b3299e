//! What a case looks like on the guards' page: one card for each of its tasks, one line in its list. Which buttons stand
//! on a card, what rings first, and how much of a person a list may show, are decided here and nowhere on the page.
//! A list never holds a full name or a phone number (R236, R309): those stand in the opened record only.

use super::case::task::Form;
use super::case::{Case, Clock, Due, Errand, Step, Task, TaskState, TaskStep};
use super::contact::compound;
use super::staff::Role;
use crate::event::{Data, Slug};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

/// What a card can ask for; a person overlooks the fourth button.
pub const MAX_BUTTONS: usize = 3;

/// Whoever looks at the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub id: Slug,
    pub role: Role,
    pub post: Option<Slug>,
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
}

/// Who has a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    pub by: String,
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

/// A step, ready to be sent; `asks` names what the person must still say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Button {
    pub label: &'static str,
    pub step: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asks: Option<&'static str>,
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
pub fn cards(case: &Case, person: &Data, viewer: &Viewer, now: DateTime<Utc>) -> Vec<Card> {
    case.docket.tasks.iter().map(|task| card(case, task, person, viewer, now)).collect()
}

fn card(case: &Case, task: &Task, person: &Data, viewer: &Viewer, now: DateTime<Utc>) -> Card {
    let docket = &case.docket;
    let full = String::from(docket.number);
    let for_me = asks(task, viewer);
    let mut facts = docket.facts.clone();
    facts.extend(task.facts.clone());
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
        taken: taken(task, viewer),
        promise: next(docket.clocks.iter().filter(|clock| clock.task.is_none_or(|of| of == task.id)), now),
        version: docket.version,
        buttons: buttons(task, viewer),
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

fn taken(task: &Task, viewer: &Viewer) -> Option<Taken> {
    let mine = held_by(task, viewer);
    match &task.state {
        TaskState::Offered => None,
        TaskState::Claimed { by, at, lapses, eta, .. } => Some(Taken {
            by: by.name.clone(),
            mine,
            arrived: false,
            at: *at,
            lapses: lapses.map(Due::time),
            eta: eta.map(Due::time),
        }),
        TaskState::Arrived { by, at, .. } => {
            Some(Taken { by: by.name.clone(), mine, arrived: true, at: *at, lapses: None, eta: None })
        }
    }
}

fn next<'a>(clocks: impl Iterator<Item = &'a Clock>, now: DateTime<Utc>) -> Option<Next> {
    let running = clocks.filter(|clock| !clock.promise.is_timer());
    let clock = running.min_by_key(|clock| (clock.pause.is_some(), clock.due.time()))?;
    let due = clock.due.time();
    let paused = clock.pause.is_some();
    Some(Next { name: clock.promise.name(), due, late: clock.breached || (due < now && !paused), paused })
}

fn urgency(task: &Task) -> Urgency {
    use super::case::task::Way;
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

/// What this viewer can do with a task now, the likeliest first.
fn buttons(task: &Task, viewer: &Viewer) -> Vec<Button> {
    let mine = held_by(task, viewer);
    if !asks(task, viewer) || (task.state != TaskState::Offered && !mine && !viewer.role.leads()) {
        return Vec::new();
    }
    let button = |label, asks, step| {
        let step = Step::Task { task: task.id, step };
        let step = serde_json::to_value(step).expect("a step has string keys and always serialises");
        Button { label, step, asks }
    };
    let form = task.errand.form();
    let eta = (form == Form::Appointed).then_some("eta");
    let claim = || button("claim", eta, TaskStep::Claim { on_behalf: None, eta: None, relief: None });
    let decline = |label| button(label, Some("reason"), TaskStep::Decline { reason: None, note: None });
    let arrived = |label| button(label, None, TaskStep::Arrived { channel: None });
    let done = || button("done", Some("outcome"), TaskStep::Done { outcome: None, channel: None, note: None });
    let there = if form == Form::Call { "speaking" } else { "arrived" };
    match (&task.state, form) {
        (TaskState::Offered, Form::Notice) => vec![done(), claim(), decline("decline")],
        (TaskState::Offered, _) => vec![claim(), decline("decline")],
        (TaskState::Claimed { .. }, Form::Notice) => vec![done(), decline("give-back")],
        (TaskState::Claimed { .. }, _) => vec![arrived(there), done(), decline("give-back")],
        (TaskState::Arrived { .. }, _) => vec![done(), decline("give-back")],
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
    use crate::event::{Now, data};
    use crate::service::case::Source;
    use crate::service::house::{Duty, House, Post};
    use crate::service::matter::{Opening, help};
    use crate::service::number::{Number, Series};
    use crate::service::staff::{Actor, Via};
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
        Viewer { id: slug(id), role, post: Some(slug(post)) }
    }

    fn labels(case: &Case, viewer: &Viewer) -> Vec<&'static str> {
        let cards = cards(case, &Data::new(), viewer, now().utc);
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
    fn a_task_that_somebody_has_shows_his_name_and_no_buttons_to_the_others() {
        let mut case = help();
        let by = Actor::staff(slug("a"), "测试甲".into(), Role::Guard, Some(slug("gate-a")), Via::Page);
        let card = cards(&case, &Data::new(), &viewer("a", Role::Guard, "gate-a"), now().utc).remove(0);
        // What the button holds is a step as it stands.
        let step: Step = serde_json::from_value(card.buttons[0].step.clone()).unwrap();
        case.step(&step, None, &by, &house(), now()).unwrap();
        assert_eq!(labels(&case, &viewer("a", Role::Guard, "gate-a")), ["arrived", "done", "give-back"]);
        let other = cards(&case, &Data::new(), &viewer("b", Role::Guard, "gate-a"), now().utc).remove(0);
        assert_eq!(other.taken.as_ref().map(|taken| (taken.by.as_str(), taken.mine)), Some(("测试甲", false)));
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
