//! Each step of each matter, filled in as somebody would fill it in who has everything at hand: what a step is tried with
//! before it is offered. What is refused all the same needs another person, another state, or something else first.
//! Never taken: nothing of this reaches a journal.

use super::Look;
use crate::service::calendar::local_day;
use crate::service::case::{Case, Step};
use crate::service::figures::{days, hours};
use crate::service::local_time::LocalTime;
use crate::service::matter::repair::Span;
use crate::service::matter::service::Price;
use crate::service::matter::{Matter, MatterStep};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

/// Words that may be said to a resident, and apologise where that is asked for (R144).
const WORDS: &str = "抱歉，我们马上处理。";
/// An hour of the day at which nobody in a home is disturbed by an appointment.
const BY_DAY: LocalTime = LocalTime::new(10, 0);

type Samples = Vec<(&'static str, Value)>;

/// The matter's own steps.
pub fn of_matter(case: &Case, look: Look<'_>) -> Vec<(&'static str, Step)> {
    let matter = case.matter.name();
    let samples = filled_in(case, look).into_iter();
    // What a step asks nothing for is its name alone.
    let step = |(name, values): (&'static str, Value)| {
        let step = if values.is_null() { json!(name) } else { json!({ name: values }) };
        let step = serde_json::from_value::<MatterStep>(json!({ matter: step }));
        step.map(|step| (name, Step::Matter(step)))
    };
    // A test holds that each of them can be read.
    samples.filter_map(|sample| step(sample).ok()).collect()
}

pub(super) fn of_case(case: &Case, look: Look<'_>) -> Vec<(&'static str, Step)> {
    let own = of_matter(case, look);
    own.into_iter().chain(common(case, look)).collect()
}

fn common(case: &Case, look: Look<'_>) -> Vec<(&'static str, Step)> {
    let until = look.now.utc + hours(1);
    let mut samples = vec![("chase", json!("chase")), ("contact", json!({ "contact": { "channel": "phone" } }))];
    for clock in case.docket.clocks.iter().filter(|clock| clock.task.is_none()) {
        let promise = clock.promise;
        let pause = json!({ "promise": promise, "obstacle": "traffic", "note": WORDS, "until": until });
        samples.push(("pause", json!({ "pause": pause })));
        samples.push(("resume", json!({ "resume": { "promise": promise } })));
    }
    samples.push(("withdraw", json!({ "withdraw": {} })));
    samples.into_iter().filter_map(|(name, step)| Some((name, serde_json::from_value(step).ok()?))).collect()
}

/// When somebody could be there: now, and within the times that the resident offered or agreed to.
pub(super) fn arrivals(case: &Case, look: Look<'_>) -> Vec<DateTime<Utc>> {
    let now = look.now.utc;
    let spans: Vec<Span> = match &case.matter {
        Matter::Repair(repair) => repair.agreed.iter().chain(&repair.offered).copied().collect(),
        Matter::Service(service) => service.agreed.into_iter().collect(),
        _ => Vec::new(),
    };
    std::iter::once(now).chain(spans.iter().map(|span| span.from.max(now))).collect()
}

/// Where a step has several kinds it stands here once for each.
fn filled_in(case: &Case, look: Look<'_>) -> Samples {
    let soon = look.now.utc + hours(1);
    let day = look.house.next(BY_DAY, look.now.utc);
    let at = json!({ "from": day, "to": day + TimeDelta::hours(1) });
    let free = json!({ "labour": 0, "material": 0 });
    let stars = json!({ "service": 5, "quality": 5, "time": 5 });
    let called_back = json!({ "satisfied": true, "channel": "phone" });
    match &case.matter {
        Matter::Call(_) | Matter::Silence(_) | Matter::Birthday(_) => Vec::new(),
        // What a survey is answered with is said at the glass alone.
        Matter::Campaign(_) => {
            vec![("begin", Value::Null), ("end", Value::Null), ("call-off", json!({ "reason": WORDS }))]
        }
        Matter::Gathering(gathering) => vec![
            ("sign-up", json!({ "unit": "1", "name": "某", "phone": "13800000000", "language": "zh-Hans" })),
            ("sign-off", json!({ "seat": gathering.seats.taken.first().map_or(0, |seat| seat.id) })),
            ("held", json!({ "attended": 1 })),
            ("minutes", json!({ "text": [WORDS] })),
            ("cancel", json!({ "reason": WORDS })),
        ],
        Matter::Help(_) | Matter::Support(_) => vec![("call-off", Value::Null)],
        Matter::Check(_) => vec![("sign", json!({}))],
        Matter::Improvement(_) => {
            let later = local_day(look.now.utc + days(1), look.house.zone);
            vec![
                ("done", json!({ "who": "某", "what": WORDS, "look_on": later })),
                ("follow-up", json!({ "effect": true, "words": WORDS })),
            ]
        }
        Matter::Alarm(alarm) => vec![
            ("acknowledge", json!({ "occurrence": alarm.occurrence })),
            ("shelve", json!({ "reason": WORDS, "until": soon })),
            ("unshelve", Value::Null),
            ("end", json!({ "reason": WORDS })),
        ],
        Matter::Patrol(_) => {
            vec![("finding", json!({ "place": "lobby", "text": WORDS })), ("checkpoint", json!({ "at": "lobby" }))]
        }
        Matter::Visit(_) => vec![
            ("admit", Value::Null),
            ("card-shown", Value::Null),
            ("card-forgotten", Value::Null),
            ("call-host", Value::Null),
            ("refuse-identity", Value::Null),
            ("leave-message", json!({ "text": WORDS })),
            ("ask-call-back", Value::Null),
            ("turn-away", json!({ "reason": "no-identity" })),
            ("still-here", Value::Null),
            ("sign-out", Value::Null),
        ],
        Matter::Repair(repair) => {
            let mut steps = work(&at, &free);
            steps.extend([
                ("settle", json!({ "paid": repair.owed.total(), "receipt": "r-1" })),
                ("call-back", called_back),
                ("rate", stars),
            ]);
            steps
        }
        Matter::Emergency(_) => patient(),
        Matter::Custody(_) => keys(),
        Matter::Pass(pass) => vec![
            ("approve", Value::Null),
            ("refuse", json!({ "reason": WORDS })),
            ("check", json!({ "code": pass.code, "matches": true })),
        ],
        Matter::Delivery(delivery) => vec![
            ("collect", json!({ "code": delivery.code })),
            ("hand-out", json!({ "id_checked": true })),
            ("return", Value::Null),
        ],
        Matter::Complaint(_) => {
            let mut steps = answers(soon);
            steps.extend([("call-back", called_back), ("rate", stars)]);
            steps
        }
        Matter::Enquiry(_) => vec![
            ("answer", json!({ "words": WORDS, "written": true, "told": true })),
            ("transfer", json!({ "department": "engineering" })),
            ("tell-time", json!({ "by": soon })),
            ("progress", json!({ "words": WORDS })),
            ("escalate", json!({ "to": { "name": "经理" } })),
            ("out-of-scope", json!({ "words": WORDS, "alternative": WORDS, "told": true })),
            ("told", json!({ "understood": true })),
        ],
        Matter::Suggestion(_) => {
            vec![("forward", json!({ "department": "engineering" })), ("reply", json!({ "words": WORDS }))]
        }
        Matter::Service(service) => {
            let labour = match service.item.price(&look.house.figures.price) {
                Price::Listed(range) => range.from,
                _ => 0,
            };
            let owed = service.quoted.unwrap_or_default().total();
            vec![
                ("review", json!({ "documents": ["identity-card"], "approved": true })),
                ("quote", json!({ "fee": { "labour": labour, "material": 0 }, "channel": "phone" })),
                ("agree", json!({ "at": at })),
                ("start", json!({ "entry_consent": true })),
                ("no-access", json!({ "knocks": 2 })),
                ("done", json!({ "result": WORDS, "accepted": true })),
                ("settle", json!({ "paid": owed, "receipt": "s-1" })),
                ("call-back", called_back),
                ("rate", stars),
                ("decline", json!({ "words": WORDS, "alternative": WORDS })),
            ]
        }
    }
}

fn work(at: &Value, free: &Value) -> Samples {
    vec![
        ("confirm-home", json!({ "channel": "phone" })),
        ("identify", json!({ "how": "in-person" })),
        ("appoint", json!({ "at": at })),
        ("confirm-fault", json!({ "category": "other", "fault": WORDS })),
        ("start", json!({ "entry_consent": true })),
        ("answer-plan", json!({ "accepted": true })),
        ("make-plan", json!({ "plan": WORDS, "fee": free, "listed": true })),
        ("ask-fee", json!({ "what": WORDS })),
        ("review-fee", json!({ "approved": true, "fee": free })),
        ("done", json!({ "result": WORDS, "site_restored": true, "accepted": true, "signature": "screen" })),
        ("no-access", json!({ "knocks": 2 })),
        ("check", json!({ "passed": true })),
        ("progress", json!({ "text": WORDS })),
        ("complain-of-delay", json!({})),
        ("ask-consent", Value::Null),
        ("consent", json!({ "given": true, "nobody_available": true })),
        ("reappoint", json!({ "at": at })),
    ]
}

fn patient() -> Samples {
    let choose = |choice| ("choose", json!({ "choice": choice, "stand_by": "home" }));
    vec![
        ("place", json!({ "address": { "unit": "1" }, "phone": "13800000000" })),
        choose("hospital"),
        choose("ambulance-120"),
        choose("care"),
        ("condition", json!({ "text": WORDS })),
        ("relative", json!({ "with_patient": true })),
        ("ambulance", json!("called")),
        ("ambulance", json!("arrived")),
        ("settle", json!({ "more_help": false })),
        ("call-off", json!({ "reason": "mistake" })),
    ]
}

fn keys() -> Samples {
    vec![
        ("consent", json!({ "signed": "screen" })),
        ("deposit", json!({ "slot": "K-1", "copy": "paper" })),
        ("collect", json!({ "who": "resident", "id_checked": true, "id_tail": "1234", "signed": "screen" })),
        ("return", json!({ "slot": "K-1" })),
        ("name-collector", json!({ "name": "某" })),
        ("refuse", json!({ "why": "no-identity" })),
        ("close", Value::Null),
    ]
}

fn answers(soon: DateTime<Utc>) -> Samples {
    vec![
        ("classify", json!({ "class": "valid-conduct", "major": false })),
        ("acknowledge", json!({ "words": WORDS, "result_by": soon })),
        ("investigate", json!({ "team": 1 })),
        ("consult", json!({ "departments": ["engineering"], "met": false })),
        ("set-measures", json!({ "measures": WORDS, "cause": "process", "own_fault": true })),
        ("compensate", json!({ "fen": 100, "what": WORDS })),
        ("tell-result", json!({ "words": WORDS, "channel": "phone" })),
        ("announce", json!({ "prevention": WORDS })),
        ("progress", json!({ "words": WORDS })),
        ("escalate", json!({ "to": "supervisor" })),
        ("becomes", json!({ "case": "E-20261121-1" })),
    ]
}
