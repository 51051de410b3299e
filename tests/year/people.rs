//! Who lives and works in the simulated building, and what they try: mostly the sensible next step, sometimes nothing,
//! sometimes something else. They know the page's forms, as JSON, and none of the rules.

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use lobbyd::event::Slug;
use lobbyd::service::case::{Case, Errand, Eta, Reason, Step, Task, TaskState, TaskStep};
use lobbyd::service::house::{Duty, House, Post, Shift};
use lobbyd::service::local_time::LocalTime;
use lobbyd::service::matter::{Matter, Opening};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};
use std::sync::Arc;

pub fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

/// Two gates, the desk by day and the command centre by night, people who walk, engineers, and who is above them.
pub fn house() -> House {
    let post = |id: &str, takes: &[Duty], superior: Option<&str>, doors: &[&str], shifts: &[&str]| Post {
        id: slug(id),
        name: None,
        takes: takes.to_vec(),
        superior: superior.map(slug),
        fixed: id.starts_with("gate"),
        doors: doors.iter().map(|door| slug(door)).collect(),
        shifts: shifts.iter().map(|shift| slug(shift)).collect(),
    };
    let mut house = House::bare(chrono_tz::Asia::Shanghai);
    house.posts = vec![
        post("gate-a", &[Duty::Call, Duty::Alarm], Some("leader"), &["lobby", "garage"], &[]),
        post("gate-b", &[Duty::Call, Duty::Alarm], Some("leader"), &["north"], &[]),
        post("walker", &[Duty::Errand, Duty::Alarm], Some("leader"), &[], &[]),
        post("desk", &[Duty::Desk, Duty::Call], Some("supervisor"), &[], &["day"]),
        post("control", &[Duty::Desk, Duty::Call], Some("leader"), &[], &["night"]),
        post("engineers", &[Duty::Repair], Some("supervisor"), &[], &[]),
        post("leader", &[Duty::Errand], Some("manager"), &[], &[]),
        post("supervisor", &[Duty::Supervise], Some("manager"), &[], &[]),
        post("manager", &[Duty::Manage], None, &[], &[]),
    ];
    let shift = |id: &str, from, to, notifier: &str| Shift {
        id: slug(id),
        name: None,
        from: LocalTime::new(from, 0),
        to: LocalTime::new(to, 0),
        notifier: Some(slug(notifier)),
    };
    house.shifts = vec![shift("day", 8, 20, "desk"), shift("night", 20, 8, "control")];
    house.vacant = Arc::new((1..=20).map(|n| format!("{n}-0101")).collect());
    house
}

/// The staff: one or two people at each post.
pub fn staff() -> Vec<Actor> {
    let roster = [
        ("gate-a", Role::Guard, 2),
        ("gate-b", Role::Guard, 2),
        ("walker", Role::Guard, 3),
        ("desk", Role::FrontDesk, 2),
        ("control", Role::FrontDesk, 1),
        ("engineers", Role::Engineer, 3),
        ("leader", Role::ShiftLeader, 1),
        ("supervisor", Role::Supervisor, 1),
        ("manager", Role::ProjectManager, 1),
    ];
    let person = |post: &str, role, n| {
        let id = slug(&format!("{post}-{n}"));
        Actor::staff(id, format!("员工{post}{n}"), role, Some(slug(post)), Via::Page)
    };
    roster.iter().flat_map(|(post, role, count)| (1..=*count).map(|n| person(post, *role, n))).collect()
}

/// What somebody does with a case now.
pub fn attempt(case: &Case, staff: &[Actor], absent: &[Slug], rng: &mut Rng, now: DateTime<Utc>) -> (Actor, Step) {
    let here: Vec<&Actor> =
        staff.iter().filter(|actor| !actor.post.as_ref().is_some_and(|post| absent.contains(post))).collect();
    let anybody = |rng: &mut Rng| (*rng.choice(&here).expect("somebody is there")).clone();
    if rng.u8(..) < 3 {
        let step = match rng.u8(..6) {
            0 => json!("chase"),
            1 => json!({"withdraw": {}}),
            2 => json!({"note": {"text": "看过了"}}),
            3 => json!({"contact": {"channel": "phone"}}),
            4 => json!({"resume": {"promise": "solve"}}),
            _ => json!({"pause": {"promise": "solve", "obstacle": "traffic", "note": "堵车",
                                  "until": now + TimeDelta::hours(2)}}),
        };
        return (anybody(rng), serde_json::from_value(step).unwrap());
    }
    let form = sensible(case, rng, now);
    let task = rng.choice(&case.docket.tasks);
    match task {
        Some(task) if form.is_none() || rng.bool() => (for_task(task, &here, rng), with_task(case, task, rng, now)),
        _ => match form {
            Some((roles, step)) => {
                let fit: Vec<&&Actor> = here.iter().filter(|actor| actor.is(roles)).collect();
                let by = rng.choice(fit).map_or(Actor::GUEST, |actor| (*actor).clone());
                (
                    holder(case, &by, staff),
                    serde_json::from_value(json!({"matter": step}))
                        .unwrap_or_else(|error| panic!("the page's form is not the matter's step: {error}: {step}")),
                )
            }
            None => (anybody(rng), serde_json::from_value(json!({"note": {"text": "在等"}})).unwrap()),
        },
    }
}

/// An engineer's step is taken by the one who has the task.
fn holder(case: &Case, by: &Actor, staff: &[Actor]) -> Actor {
    let held = case.docket.errands(Errand::Repair).chain(case.docket.errands(Errand::Serve));
    let held = held.into_iter().find_map(|task| task.state.holder());
    match held {
        Some(held) if by.role == Some(Role::Engineer) => {
            staff.iter().find(|actor| actor.who.as_ref() == Some(held)).unwrap_or(by).clone()
        }
        _ => by.clone(),
    }
}

/// Whoever holds it; else somebody whom it was offered to; now and then anybody.
fn for_task(task: &Task, here: &[&Actor], rng: &mut Rng) -> Actor {
    if let Some(held) = task.state.holder().filter(|_| rng.u8(..) > 10)
        && let Some(actor) = here.iter().find(|actor| actor.who.as_ref() == Some(held))
    {
        return (*actor).clone();
    }
    let asked: Vec<&Slug> = task.asked().collect();
    let asked: Vec<&&Actor> =
        here.iter().filter(|actor| actor.post.as_ref().is_some_and(|post| asked.contains(&post))).collect();
    let anybody = rng.u8(..) < 10 || asked.is_empty();
    let who = if anybody { rng.choice(here).copied() } else { rng.choice(asked).copied() };
    who.expect("somebody is there").clone()
}

/// When whoever takes it will be there: at the hour that the resident was promised, if there is one, else soon.
fn arrival(case: &Case, rng: &mut Rng, now: DateTime<Utc>) -> Eta {
    let agreed = match &case.matter {
        Matter::Repair(repair) => repair.agreed.or(repair.offered.first().copied()).map(|span| span.from),
        Matter::Service(service) => service.agreed.map(|span| span.from),
        _ => None,
    };
    match agreed {
        Some(from) => Eta::At((from + TimeDelta::minutes(rng.i64(1..60))).max(now + TimeDelta::minutes(5))),
        None => Eta::Minutes(rng.u32(5..60)),
    }
}

fn with_task(case: &Case, task: &Task, rng: &mut Rng, now: DateTime<Utc>) -> Step {
    let outcomes: &[&str] = match task.errand {
        Errand::AnswerCall | Errand::MissedCall => &["let-in", "spoke", "no-answer"],
        Errand::CallHost => &["coming", "come-up", "wait", "not-here", "admitted"],
        Errand::AskReporter => &["came", "came", "not-come"],
        Errand::AskButler | Errand::SeePerson => &["let-in", "admitted", "refused", "call-host", "waits"],
        Errand::CallBack => &["well", "more-help"],
        _ => &["told"],
    };
    let outcome = rng.choice(outcomes).map(|outcome| slug(outcome));
    let done = || TaskStep::Done { outcome: outcome.clone(), channel: None, note: None };
    let decline = TaskStep::Decline { reason: Some(Reason::OnAnotherTask), note: None };
    let step = match (&task.state, rng.u8(..100)) {
        (TaskState::Offered, 0..70) => {
            TaskStep::Claim { on_behalf: None, eta: Some(arrival(case, rng, now)), relief: None }
        }
        (TaskState::Offered, 70..85) => decline,
        (TaskState::Offered, _) => done(),
        (TaskState::Claimed { .. }, 0..70) => TaskStep::Arrived { channel: None },
        (TaskState::Claimed { .. }, 70..75) => decline,
        _ => done(),
    };
    Step::Task { task: task.id, step }
}

type Form = (&'static [Role], Value);

const DESK: &[Role] = &[Role::FrontDesk];
const GUARD: &[Role] = &[Role::Guard, Role::FrontDesk];
const ENGINEER: &[Role] = &[Role::Engineer];
const BOSS: &[Role] = &[Role::Supervisor];
const MANAGER: &[Role] = &[Role::ProjectManager];
const LEADER: &[Role] = &[Role::ShiftLeader];
const RESIDENT: &[Role] = &[];

/// One of these, made only if it is chosen: a year has millions.
macro_rules! one_of {
    ($rng:ident; $($form:expr),+ $(,)?) => {{
        let mut left = $rng.usize(..[$(stringify!($form)),+].len());
        let mut chosen = None;
        $(
            if left == 0 {
                chosen = Some($form);
            }
            left = left.wrapping_sub(1);
        )+
        let _ = left;
        chosen
    }};
}

/// One of the steps that make sense where the case stands.
fn sensible(case: &Case, rng: &mut Rng, now: DateTime<Utc>) -> Option<Form> {
    let matter = case.matter.name();
    let yes = rng.u8(..10) > 0;
    let form: Option<Form> = match (matter, case.state()) {
        ("repair", state) => return repair(state, yes, rng, now),
        ("complaint" | "enquiry" | "suggestion" | "service", state) => words(matter, state, yes, rng, now),
        ("visit", "arrived") => one_of![rng; (GUARD, json!("call-host"))],
        ("visit", "guard-check") => one_of![rng; (GUARD, json!("card-shown")), (GUARD, json!("call-host"))],
        ("visit", "coming" | "waiting") => one_of![rng; (GUARD, json!("admit"))],
        ("visit", "not-here") => {
            one_of![rng; (GUARD, json!({"leave-message": {"text": "来过"}})), (RESIDENT, json!("sign-out"))]
        }
        ("visit", _) => one_of![rng; (RESIDENT, json!("sign-out")), (GUARD, json!("still-here"))],
        ("emergency", "requested") => {
            one_of![rng; (DESK, json!({"place": {"address": {"unit": "1203"}, "phone": "13800000001"}}))]
        }
        ("emergency", "placed") => {
            let choice = *rng.choice(&["hospital", "ambulance-120", "care"]).unwrap();
            one_of![rng; (DESK, json!({"choose": {"choice": choice}}))]
        }
        ("emergency", "helping" | "settled") => one_of![rng;
            (GUARD, json!({"relative": {"with_patient": true}})),
            (GUARD, json!({"ambulance": "arrived"})),
            (LEADER, json!({"settle": {"more_help": !yes}})),
        ],
        ("custody", "requested") => one_of![rng; (RESIDENT, json!({"consent": {"signed": "screen"}}))],
        ("custody", "consented") => one_of![rng; (DESK, json!({"deposit": {"slot": "K-07", "copy": "paper"}}))],
        ("custody", "deposited") => one_of![rng; (
            DESK,
            json!({"collect": {"who": "resident", "id_checked": yes, "id_tail": "123X", "signed": "paper"}}),
        )],
        ("custody", _) => one_of![rng; (DESK, json!("close"))],
        ("pass", "requested") => {
            one_of![rng; (DESK, if yes { json!("approve") } else { json!({"refuse": {"reason": "不全"}}) })]
        }
        ("pass", "approved") => one_of![rng; (GUARD, json!({"check": {"code": CODE_8, "matches": yes}}))],
        ("delivery", "received" | "notified") if yes => {
            one_of![rng; (RESIDENT, json!({"show": {"code": CODE_6}}))]
        }
        ("delivery", _) => {
            one_of![rng; (DESK, json!({"collect": {"code": CODE_6}})), (DESK, json!({"hand-out": {"id_checked": true}}))]
        }
        ("alarm", _) => {
            let occurrence = match &case.matter {
                Matter::Alarm(alarm) => Some(alarm.occurrence),
                _ => None,
            };
            one_of![rng;
                (GUARD, json!({"acknowledge": {"occurrence": occurrence.unwrap_or(1)}})),
                (LEADER, json!({"shelve": {"reason": "维修", "until": now + TimeDelta::hours(2)}})),
                (LEADER, json!({"end": {"reason": "看过"}})),
            ]
        }
        ("patrol", _) => one_of![rng; (GUARD, json!({"checkpoint": {"at": "roof"}}))],
        ("check", _) => {
            one_of![rng; (BOSS, json!({"sign": {"windows": true}})), (MANAGER, json!({"sign": {"windows": true}}))]
        }
        ("campaign", "proposed" | "planned") => one_of![rng;
            (BOSS, json!("begin")),
            (BOSS, if yes { json!("begin") } else { json!({"call-off": {"reason": "改期"}}) }),
        ],
        ("campaign", "running") => {
            let stars = json!({"attitude": 5, "speed": rng.u8(1..6), "overall": 4});
            one_of![rng; (RESIDENT, json!({"answer": {"stars": stars}}))]
        }
        _ => None,
    };
    form.map(|(roles, step)| (roles, json!({matter: step})))
}

/// What is settled with words, and the services that somebody carries out.
fn words(matter: &str, state: &str, yes: bool, rng: &mut Rng, now: DateTime<Utc>) -> Option<Form> {
    const SAID: &str = "谢谢您告诉我们,对不起,给您添麻烦了,我们马上处理。";
    let later = now + TimeDelta::hours(6);
    let well = json!({"call-back": {"satisfied": yes, "channel": "phone"}});
    match (matter, state) {
        ("complaint", "received") => {
            one_of![rng; (DESK, json!({"classify": {"class": "valid-conduct", "major": !yes}}))]
        }
        ("complaint", "classified") => {
            one_of![rng; (DESK, json!({"acknowledge": {"words": SAID, "result_by": later}}))]
        }
        ("complaint", "acknowledged") => one_of![rng; (BOSS, json!({"investigate": {"team": 1}}))],
        ("complaint", "investigating") => one_of![rng;
            (BOSS, json!({"set-measures": {"measures": "换人", "cause": "conduct", "own_fault": true}})),
            (DESK, json!({"progress": {"words": SAID}})),
        ],
        ("complaint", "measures-set") => {
            one_of![rng; (DESK, json!({"tell-result": {"words": SAID, "channel": "phone"}}))]
        }
        ("complaint", _) => one_of![rng; (DESK, well), (BOSS, json!({"announce": {"prevention": "培训"}}))],
        ("enquiry", "received") if !yes => one_of![rng; (DESK, json!({"tell-time": {"by": later}}))],
        ("enquiry", "answered") => one_of![rng; (DESK, json!({"told": {"understood": yes}}))],
        ("enquiry", _) => one_of![rng;
            (DESK, json!({"answer": {"words": SAID, "written": true, "told": true}})),
            (DESK, json!({"progress": {"words": SAID}})),
        ],
        ("suggestion", _) => {
            one_of![rng; (DESK, json!({"forward": {"department": "garden"}})), (DESK, json!({"reply": {"words": SAID}}))]
        }
        (_, "requested") if !yes => {
            one_of![rng; (DESK, json!({"decline": {"words": SAID, "alternative": "旁边有店"}}))]
        }
        (_, "requested") => {
            let fee = json!({"labour": 2000, "material": 0});
            one_of![rng;
                (DESK, json!({"review": {"documents": [], "approved": true}})),
                (DESK, json!({"quote": {"fee": fee, "channel": "phone"}})),
            ]
        }
        (_, "quoted") => {
            one_of![rng; (DESK, json!({"agree": {"at": {"from": later, "to": later + TimeDelta::hours(2)}}}))]
        }
        _ => one_of![rng;
            (DESK, json!({"done": {"result": "办好了", "accepted": yes}})),
            (DESK, json!({"settle": {"paid": 2000, "receipt": "s-1"}})),
            (DESK, well),
        ],
    }
}

fn repair(state: &str, yes: bool, rng: &mut Rng, now: DateTime<Utc>) -> Option<Form> {
    let from = now + TimeDelta::hours(rng.i64(1..30));
    let span = || json!({"from": from, "to": from + TimeDelta::hours(2)});
    let fee = json!({"labour": 2000, "material": 500});
    let form: Option<Form> = match state {
        "received" | "identified" | "reappointed" => one_of![rng;
            (DESK, json!({"identify": {"how": "unit-and-phone"}})),
            (DESK, json!({"appoint": {"at": span()}})),
            (DESK, json!({"confirm-home": {"channel": "phone"}})),
            (DESK, json!("ask-consent")),
            (MANAGER, json!({"consent": {"given": true, "nobody_available": true}})),
            (DESK, json!({"reappoint": {"at": span()}})),
        ],
        "accepted" => one_of![rng;
            (DESK, json!({"confirm-home": {"channel": "phone"}})),
            (ENGINEER, json!({"confirm-home": {"channel": "phone"}})),
            (DESK, json!({"complain-of-delay": {}})),
        ],
        "arrived" if !yes => one_of![rng; (ENGINEER, json!({"no-access": {"knocks": 2}}))],
        "arrived" => one_of![rng; (ENGINEER, json!({"confirm-fault": {"category": "water", "fault": "水管"}}))],
        "no-access" => {
            one_of![rng; (DESK, json!({"appoint": {"at": span()}})), (DESK, json!({"reappoint": {"at": span()}}))]
        }
        "fault-confirmed" => one_of![rng;
            (ENGINEER, json!({"make-plan": {"plan": "换管", "fee": fee, "listed": true}})),
            (ENGINEER, json!({"ask-fee": {"what": "特别"}})),
            (ENGINEER, json!({"start": {"entry_consent": true}})),
        ],
        "fee-review" => one_of![rng; (BOSS, json!({"review-fee": {"approved": true, "fee": fee}}))],
        "plan-made" => one_of![rng; (ENGINEER, json!({"answer-plan": {"accepted": true}}))],
        "plan-accepted" => one_of![rng;
            (DESK, json!({"identify": {"how": "unit-and-phone"}})),
            (ENGINEER, json!({"start": {"entry_consent": true}})),
        ],
        "in-work" => one_of![rng;
            (ENGINEER, json!({"progress": {"text": "一半"}})),
            (
                ENGINEER,
                json!({"done": {"result": "好了", "site_restored": true, "accepted": yes, "signature": "screen"}}),
            ),
        ],
        "done" => one_of![rng; (BOSS, json!({"check": {"passed": yes}}))],
        _ => one_of![rng;
            (DESK, json!({"settle": {"paid": 2500, "receipt": "r-1"}})),
            (DESK, json!({"settle": {"paid": 0, "receipt": "r-0"}})),
            (DESK, json!({"call-back": {"satisfied": yes, "channel": "phone"}})),
            (RESIDENT, json!({"rate": {"service": 5, "quality": 4, "time": 3}})),
        ],
    };
    form.map(|(roles, step)| (roles, json!({"repair": step})))
}

const CODE_8: &str = "2345ABCD";
const CODE_6: &str = "23AB45";

/// Something that somebody brings: its form at the glass or on the page.
pub fn brings(what: &str, units: u32, rng: &mut Rng, now: DateTime<Utc>) -> Opening {
    let unit = format!("{}-{:02}{:02}", 1 + rng.u32(..units / 200 + 1), 1 + rng.u32(..33), 1 + rng.u32(..6));
    let phone = format!("1380000{:04}", rng.u32(..10_000));
    let person = json!({"name": "测试甲", "phone": phone, "language": if rng.u8(..8) == 0 { "en" } else { "zh-Hans" }});
    let language = &person["language"];
    let mut request = match what {
        "visit" => json!({"unit": unit, "purpose": rng.choice(&["friends", "delivery", "work"]).unwrap(),
                          "heads": rng.u8(1..4), "way_in": rng.choice(&["host", "host", "card", "forgotten-card"]).unwrap()}),
        "repair" => {
            let place = if rng.bool() { json!({"home": unit}) } else { json!({"public": "lift"}) };
            json!({"place": place, "category": rng.choice(&["water", "power", "lift", "door"]).unwrap(), "detail": null,
                   "windows": if rng.bool() { json!([]) } else { json!(["tomorrow-morning"]) }})
        }
        "emergency" | "help" => return serde_json::from_value(json!({what: {"language": language}})).unwrap(),
        "support" => return serde_json::from_value(json!({what: {}})).unwrap(),
        "custody" => json!({"unit": unit, "keys": 2, "reason": "出差", "collection": "本人"}),
        "pass" => json!({"unit": unit, "items": [{"what": "沙发", "count": 1}], "leaves_at": now + TimeDelta::hours(3),
                         "help_to_carry": rng.bool(), "code": CODE_8}),
        "delivery" => json!({"unit": unit, "count": 1, "code": CODE_6}),
        "complaint" => json!({"text": "太吵了", "topic": "noise", "unit": unit}),
        "enquiry" => json!({"text": "几点停水", "written": rng.bool(), "unit": unit}),
        "suggestion" => json!({"text": "多种树", "unit": unit}),
        "service" => json!({"item": rng.choice(&["01", "04", "10"]).unwrap(), "unit": unit}),
        _ => panic!("nobody brings a {what}"),
    };
    let members = request.as_object_mut().unwrap();
    members.insert("language".into(), language.clone());
    members.insert("phone".into(), person["phone"].clone());
    if what != "delivery" {
        members.insert("name".into(), person["name"].clone());
    }
    let form = json!({what: request});
    serde_json::from_value(form.clone()).unwrap_or_else(|error| panic!("{error}: {form}"))
}
