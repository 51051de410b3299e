//! How a ticket stands, for whoever brought it: the number on his slip and the last four digits of his phone open it, at
//! the glass, without an account (R135). A wrong number and a wrong phone read the same: nobody learns that there is a
//! ticket (R309). What he may do with it is what the case itself would allow now, tried on a copy.

use super::case::{Case, Promise, Step};
use super::house::House;
use super::matter::{MatterStep, complaint, repair, service};
use super::number::{Number, Series};
use super::staff::Actor;
use crate::event::{Data, Kind, Now};
use chrono::{DateTime, Utc};
use repair::Stars;
use serde_json::Value;

/// Digits of the phone that open a ticket together with its number.
pub const TAIL: usize = 4;
/// Lines of a history that are told, the newest last; a ticket that was moved more often is told from its first line and
/// its newest ones.
pub const MAX_MILESTONES: usize = 12;

/// Tickets that whoever brought them may ask for. A visit is signed out instead; calls, alarms and rounds are the staff's.
const ASKED_FOR: [Series; 9] = [
    Series::Repair,
    Series::Complaint,
    Series::Enquiry,
    Series::Suggestion,
    Series::Service,
    Series::Key,
    Series::Pass,
    Series::Delivery,
    Series::Emergency,
];

/// Whether such a ticket may be asked for.
pub fn is_asked_for(series: Series) -> bool {
    ASKED_FOR.contains(&series)
}

/// What stands on a slip: `R-1121-07`, and the end of a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub series: Series,
    /// `mmdd`, as people read it; the newest year is meant.
    pub month_day: u32,
    pub nth: u32,
    pub phone_tail: String,
}

impl Receipt {
    /// Reads what was typed or scanned: capitals, spaces and dashes do not matter. `None` where it can be no ticket.
    pub fn parse(number: &str, phone_tail: &str) -> Option<Self> {
        let plain: String = number.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let letter = plain.chars().next()?;
        let series = Series::from_letter(letter).filter(|series| is_asked_for(*series))?;
        let digits = plain.get(1..).filter(|rest| (5..=9).contains(&rest.len()))?;
        let all = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        (all(digits) && phone_tail.len() == TAIL && all(phone_tail)).then_some(())?;
        let (month_day, nth) = digits.split_at(4);
        Some(Receipt {
            series,
            month_day: month_day.parse().ok()?,
            nth: nth.parse().ok().filter(|nth| *nth > 0)?,
            phone_tail: phone_tail.to_owned(),
        })
    }
}

/// What the holder of a receipt wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// 催办 (R001).
    Chase,
    Withdraw,
    /// Service, quality, time.
    Rate([Stars; 3]),
}

impl Wish {
    /// The step that it is, where such a case knows one.
    pub fn step(self, series: Series) -> Option<Step> {
        match self {
            Wish::Chase => Some(Step::Chase),
            Wish::Withdraw => Some(Step::Withdraw { reason: None }),
            Wish::Rate([service, quality, time]) => {
                let step = match series {
                    Series::Repair => MatterStep::Repair(repair::Step::Rate { service, quality, time }),
                    Series::Complaint => MatterStep::Complaint(complaint::Step::Rate { service, quality, time }),
                    Series::Service => MatterStep::Service(service::Step::Rate { service, quality, time }),
                    _ => return None,
                };
                Some(Step::Matter(step))
            }
        }
    }
}

/// A line of the history, in words that a resident uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    Received,
    Accepted,
    /// A time was agreed.
    Appointed,
    Arrived,
    /// Nobody was at home.
    NoAccess,
    /// A price was told.
    Quoted,
    Working,
    /// Somebody has written how it stands.
    Told,
    /// The answer or the result.
    Answered,
    Done,
    CalledBack,
    Chased,
    /// A promised time has passed.
    Late,
    Withdrawn,
    Closed,
}

/// Which events are told, and as what. Everything else is the house's own work.
const fn stage(kind: Kind) -> Option<Stage> {
    use Kind as K;
    Some(match kind {
        K::RepairReceived | K::ComplaintReceived | K::EnquiryReceived | K::SuggestionReceived => Stage::Received,
        K::ServiceRequested | K::KeyRequested | K::PassRequested => Stage::Received,
        K::DeliveryReceived | K::EmergencyRequested => Stage::Received,
        K::RepairAccepted | K::EmergencyGuardNamed | K::PassApproved | K::ServiceAgreed => Stage::Accepted,
        K::RepairAppointed | K::RepairReappointed => Stage::Appointed,
        K::RepairArrived => Stage::Arrived,
        K::RepairNoAccess | K::ServiceNoAccess => Stage::NoAccess,
        K::RepairPlanMade | K::ServiceQuoted => Stage::Quoted,
        K::RepairWorkStarted | K::ServiceStarted | K::ComplaintInvestigated => Stage::Working,
        K::ComplaintAcknowledged | K::ComplaintProgress | K::EnquiryProgress | K::RepairProgress => Stage::Told,
        K::EnquiryTimeTold | K::EnquiryTransferred | K::SuggestionForwarded | K::DeliveryNotified => Stage::Told,
        K::ComplaintResultTold | K::EnquiryAnswered | K::SuggestionReplied | K::EnquiryOutOfScope => Stage::Answered,
        K::RepairDone | K::ServiceDone | K::KeyCollected | K::PassUsed | K::DeliveryCollected => Stage::Done,
        K::RepairCalledBack | K::ComplaintCalledBack | K::ServiceCalledBack => Stage::CalledBack,
        K::CaseChased => Stage::Chased,
        K::PromiseBreached => Stage::Late,
        K::CaseWithdrawn => Stage::Withdrawn,
        K::RepairClosed | K::ComplaintClosed | K::EnquiryClosed | K::SuggestionClosed => Stage::Closed,
        K::ServiceClosed | K::KeyClosed | K::EmergencyClosed => Stage::Closed,
        _ => return None,
    })
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Milestone {
    pub stage: Stage,
    pub at: DateTime<Utc>,
    /// Who of the staff did it.
    pub who: Option<String>,
    /// What was written for whoever asks.
    pub words: Option<String>,
}

/// An event of the case's history, as it is stored.
#[derive(Debug, Clone)]
pub struct Past {
    pub kind: Kind,
    pub at: DateTime<Utc>,
    pub person: Data,
}

/// How it stands. Holds words of people: it is wiped from the glass with everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub number: Number,
    pub state: &'static str,
    pub milestones: Vec<Milestone>,
    /// What was promised next, and until when.
    pub promise: Option<(Promise, DateTime<Utc>)>,
    pub can_chase: bool,
    pub can_withdraw: bool,
    pub can_rate: bool,
}

/// How a case stands for whoever brought it.
pub fn of(case: &Case, history: &[Past], house: &House, now: Now) -> Progress {
    let number = case.docket.number;
    let allowed = |wish: Wish| {
        let step = wish.step(number.series);
        step.is_some_and(|step| case.would_take(&step, &Actor::GUEST, house, now).is_ok())
    };
    Progress {
        number,
        state: case.state(),
        milestones: milestones(history),
        promise: next_promise(case),
        can_chase: allowed(Wish::Chase),
        can_withdraw: allowed(Wish::Withdraw),
        can_rate: allowed(Wish::Rate([Stars::BEST; 3])),
    }
}

const ANSWERS: [Promise; 2] = [Promise::Reply, Promise::WrittenReply];

/// R086: until when an answer has been promised, where one has.
pub fn reply_by(case: &Case) -> Option<DateTime<Utc>> {
    ANSWERS.iter().filter_map(|promise| Some(case.docket.clock(*promise)?.due.time())).min()
}

fn milestones(history: &[Past]) -> Vec<Milestone> {
    let mut told: Vec<Milestone> = Vec::new();
    for past in history {
        let Some(stage) = stage(past.kind) else { continue };
        // Two promises that pass at one moment are one delay to him.
        if stage == Stage::Late && told.last().is_some_and(|last| last.stage == Stage::Late) {
            continue;
        }
        told.push(Milestone { stage, at: past.at, who: who(past, stage), words: words(past) });
    }
    if told.len() > MAX_MILESTONES {
        told.drain(1..=told.len() - MAX_MILESTONES);
    }
    told
}

/// Staff stand by their name to what they do (R016); who noted or filed it is nobody's business.
fn who(past: &Past, stage: Stage) -> Option<String> {
    let acts = matches!(stage, Stage::Accepted | Stage::Arrived | Stage::Answered | Stage::Told | Stage::CalledBack);
    let name = past.person.get("accepted_by").or_else(|| past.person.get("by_name"));
    name.filter(|_| acts).and_then(Value::as_str).map(str::to_owned)
}

/// Under these keys stands what was written for the resident, linted before it was stored (R194-R197).
fn words(past: &Past) -> Option<String> {
    let words = past.person.get("reply").or_else(|| past.person.get("progress"));
    words.and_then(Value::as_str).map(str::to_owned)
}

/// The answer that he was promised at the glass ([`reply_by`]), where one is due: what the staff owe one another before it
/// would only be a second time to remember. Otherwise what comes next.
fn next_promise(case: &Case) -> Option<(Promise, DateTime<Utc>)> {
    let running = case.docket.clocks.iter().filter(|clock| !clock.promise.is_timer() && clock.pause.is_none());
    let answers = |promise: Promise| ANSWERS.contains(&promise);
    running.map(|clock| (clock.promise, clock.due.time())).min_by_key(|(promise, due)| (!answers(*promise), *due))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::data;
    use proptest::prelude::*;
    use serde_json::json;

    fn past(kind: Kind, minute: i64, person: Data) -> Past {
        Past { kind, at: DateTime::from_timestamp(minute * 60, 0).unwrap(), person }
    }

    #[test]
    fn a_slip_is_read_however_it_is_typed() {
        let expected = Receipt { series: Series::Repair, month_day: 1121, nth: 7, phone_tail: "0001".into() };
        for typed in ["R-1121-07", "r112107", "R 1121 7", " r-1121-007"] {
            assert_eq!(Receipt::parse(typed, "0001").as_ref(), Some(&expected), "{typed}");
        }
    }

    #[test]
    fn nothing_that_is_no_ticket_of_a_residents_is_looked_for() {
        for typed in ["", "R", "R-1121", "R-1121-0", "R-11211234567", "V-1121-07", "A-1121-07", "1121-07", "R-11é1-07"]
        {
            assert_eq!(Receipt::parse(typed, "0001"), None, "{typed}");
        }
        for tail in ["", "001", "00011", "abcd", "０００１"] {
            assert_eq!(Receipt::parse("R-1121-07", tail), None, "{tail}");
        }
    }

    #[test]
    fn the_asker_reads_who_comes_and_what_was_written_for_him_and_nothing_of_the_houses_own_work() {
        let by = || data([("by_name", json!("测试甲")), ("text", json!("internal"))]);
        let reply = data([("by_name", json!("测试乙")), ("progress", json!("配件明天到"))]);
        let history = [
            past(Kind::RepairReceived, 0, data([("name", json!("住户")), ("phone", json!("13800000001"))])),
            past(Kind::TaskOffered, 0, Data::new()),
            past(Kind::RepairAccepted, 1, by()),
            past(Kind::CaseNoted, 2, by()),
            past(Kind::PromiseBreached, 3, Data::new()),
            past(Kind::PromiseBreached, 3, Data::new()),
            past(Kind::RepairProgress, 4, reply),
        ];
        let told = milestones(&history);
        let stages: Vec<_> = told.iter().map(|milestone| milestone.stage).collect();
        assert_eq!(stages, [Stage::Received, Stage::Accepted, Stage::Late, Stage::Told]);
        assert_eq!(told[1].who.as_deref(), Some("测试甲"));
        assert_eq!(told[3].words.as_deref(), Some("配件明天到"));
        let everything = format!("{told:?}");
        assert!(!everything.contains("internal") && !everything.contains("138") && !everything.contains("住户"));
    }

    #[test]
    fn a_long_history_is_told_from_its_first_line_and_its_newest() {
        let mut history = vec![past(Kind::RepairReceived, 0, Data::new())];
        history.extend((1..40).map(|minute| past(Kind::RepairProgress, minute, Data::new())));
        let told = milestones(&history);
        assert_eq!(told.len(), MAX_MILESTONES);
        assert_eq!(told[0].stage, Stage::Received);
        assert_eq!(told.last().unwrap().at, history.last().unwrap().at);
    }

    proptest! {
        #[test]
        fn no_text_that_is_typed_panics(number in "\\PC{0,20}", tail in "\\PC{0,6}") {
            let _ = Receipt::parse(&number, &tail);
        }
    }
}
