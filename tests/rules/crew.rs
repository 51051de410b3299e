//! Whom to send (R074), and what is to become better (R292): as the page posts it, against the desk.

use crate::counter::{Counter, form, slug, staff, with};
use chrono::{Days, TimeDelta};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::Kind;
use lobbyd::service::assign::Skill;
use lobbyd::service::case::{Source, Task};
use lobbyd::service::number::Number;
use lobbyd::service::period::Period;
use lobbyd::service::report::Report;
use lobbyd::service::staff::Role;
use lobbyd::service::staff_list::Listed;
use serde_json::{Value, json};

fn employ(counter: &Counter, people: &[(&str, &[&str])]) {
    let member = |(id, trades): &(&str, &[&str])| Listed {
        id: slug(id),
        role: Role::Engineer,
        posts: vec![],
        disabled: false,
        trades: trades.iter().map(|text| Skill::parse(text).unwrap()).collect(),
        secret: String::new(),
        rest: String::new(),
    };
    counter.open.ask(Command::Staff { list: people.iter().map(member).collect(), by: None }).unwrap();
}

fn proposed(task: &Task) -> Vec<&str> {
    task.proposed.iter().flatten().map(|proposal| proposal.id.as_str()).collect()
}

fn given_to(id: &str) -> Value {
    json!({ "claim": { "on_behalf": { "id": id, "name": "同事" }, "eta": { "minutes": 20 } } })
}

#[test]
fn a_repair_proposes_who_has_the_trade_and_a_person_gives_it() {
    let counter = Counter::new();
    employ(&counter, &[("engineer", &["plumbing:expert"]), ("zhang", &["plumbing", "lift"]), ("li", &["electric"])]);
    let first = counter.brings("repair", form("repair"));
    let task = counter.asked(first, "repair").unwrap();
    assert_eq!(proposed(&task), ["engineer", "zhang"], "nobody without the trade");
    assert_eq!(task.state.name(), "offered", "and nobody is sent by himself");
    assert_eq!(counter.told(Kind::TaskProposed)[0]["proposed"], json!(["engineer", "zhang"]));
    assert_eq!(counter.task(first, "repair", given_to("zhang"), Role::Engineer), Err("right"));
    assert_eq!(counter.task(first, "repair", given_to("li"), Role::Supervisor), Err("needs-name"));
    counter.task(first, "repair", given_to("zhang"), Role::Supervisor).unwrap();
    let task = counter.asked(first, "repair").unwrap();
    assert_eq!(task.state.holder().and_then(|holder| holder.id.clone()), Some(slug("zhang")));
    assert_eq!(counter.told(Kind::TaskClaimed)[0]["given_to"], json!("zhang"));
    // What he has in hand counts, and since when the others have had nothing.
    let other = counter.brings("repair", with("repair", "category", json!("other")));
    assert_eq!(proposed(&counter.asked(other, "repair").unwrap()), ["engineer", "li", "zhang"]);
    counter.task(other, "repair", json!({ "claim": { "eta": { "minutes": 20 } } }), Role::Engineer).unwrap();
    counter.pass(TimeDelta::minutes(5));
    counter.task(other, "repair", json!({ "decline": { "reason": "no-tool" } }), Role::Engineer).unwrap();
    assert_eq!(proposed(&counter.asked(other, "repair").unwrap()), ["li", "zhang"], "who gave it back is not asked");
    let third = counter.brings("repair", with("repair", "category", json!("other")));
    assert_eq!(proposed(&counter.asked(third, "repair").unwrap()), ["li", "engineer", "zhang"]);
    counter.open.close();
}

#[test]
fn a_house_without_a_record_of_trades_works_as_before() {
    let counter = Counter::new();
    let repair = counter.brings("repair", form("repair"));
    assert!(proposed(&counter.asked(repair, "repair").unwrap()).is_empty());
    assert!(counter.told(Kind::TaskProposed).is_empty());
    counter.task(repair, "repair", json!({ "claim": { "eta": { "minutes": 20 } } }), Role::Engineer).unwrap();
    counter.open.close();
}

fn agree(counter: &Counter, due: &str, by: Role) -> Result<Number, &'static str> {
    let request = json!({ "report": "2026-10", "what": "报修先问清地点", "department": "engineering", "due": due });
    let opening = serde_json::from_value(json!({ "improvement": request })).unwrap();
    match counter.open.ask(Command::Open { opening, source: Source::StaffContact, by: staff(by) }).unwrap() {
        Answer::Opened { number, .. } => Ok(number),
        Answer::Objected(objection) => Err(objection.code()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_improvement_has_an_owner_and_a_day_and_is_followed_up_and_counted() {
    let counter = Counter::new();
    assert_eq!(agree(&counter, "2026-11-28", Role::FrontDesk), Err("right"));
    assert_eq!(agree(&counter, "2026-11-20", Role::Supervisor), Err("needs-later-day"));
    assert_eq!(counter.told(Kind::RequestRefused).len(), 2, "a refusal is journaled");
    let number = agree(&counter, "2026-11-22", Role::Supervisor).unwrap();
    let agreed = counter.told(Kind::ImprovementAgreed).remove(0);
    assert_eq!((&agreed["category"], &agreed["due_day"]), (&json!("engineering"), &json!("2026-11-22")));
    assert_eq!(agreed["person"]["detail"], "报修先问清地点");
    counter.pass(TimeDelta::days(2));
    assert!(counter.case(number).case.docket.highlighted, "overdue is marked");
    let of = |step: Value| json!({ "matter": { "improvement": step } });
    let done = json!({ "done": { "who": "陈师傅", "what": "表单加了地点", "look_on": "2026-12-01" } });
    assert_eq!(counter.step(number, of(done), Role::Supervisor), Ok("done"));
    counter.pass(TimeDelta::days(8));
    assert!(counter.asked(number, "follow-up").is_some());
    let seen = json!({ "follow-up": { "effect": true, "words": "没有再跑错" } });
    assert_eq!(counter.step(number, of(seen), Role::ProjectManager), Ok("followed-up"));
    assert_eq!(counter.task(number, "conclude", json!({ "done": {} }), Role::ProjectManager), Ok("closed"));
    let reader = lobbyd::journal::Reader::open(&counter.open.dir).unwrap();
    let last = chrono::NaiveDate::from_ymd_opt(2026, 11, 30).unwrap();
    let november = reader.report(Period::Month(last)).unwrap();
    let december: Report = reader.report(Period::Month(last + Days::new(1))).unwrap();
    let counts = (november.improvements.opened, november.improvements.done, november.improvements.overdue);
    assert_eq!((counts, december.improvements.closed), ((1, 1, 1), 1));
    assert!(november.csv().contains("2026-11,improvements,,overdue,1\r\n"), "{}", november.csv());
    counter.open.close();
}
