use super::*;
use crate::event::{Event, Now};
use crate::service::case::TaskStep;
use crate::service::case::walk::{self, Plan, Seen, house, name, phone, slug, staff, text, unit, walk_along};
use crate::service::case::{Case, Channel, Eta, Reason, Step as CaseStep};
use crate::service::contact::Text;
use crate::service::house::House;
use crate::service::matter::{CallBack, Matter, MatterStep, Opening};
use crate::service::number::Number;
use crate::service::staff::Actor;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

/// Ten in the morning at the site.
fn morning() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-11-21T02:00:00Z").unwrap().to_utc()
}

fn at_home() -> Request {
    RepairRequest {
        place: Place::Home(unit()),
        category: Category::Water,
        danger: None,
        detail: Some(text()),
        windows: vec![Window::SoonAsPossible],
        name: name(),
        phone: phone(),
        language: "zh-Hans".into(),
    }
}

fn span(from: DateTime<Utc>, hours: i64) -> Span {
    Span { from, to: from + TimeDelta::hours(hours) }
}

/// One case with a clock of its own, for stories.
struct Story {
    house: House,
    case: Case,
    now: Now,
    told: Vec<Event>,
}

impl Story {
    fn of(request: Request) -> Self {
        Story::from(request, Source::Kiosk)
    }

    fn from(request: Request, source: Source) -> Self {
        let (house, now) = (house(), Now { utc: morning(), synced: true });
        let number = Number { series: Series::Repair, day: 20_261_121, nth: 1 };
        let opened = Case::open(&Opening::Repair(request), source, number, &Actor::GUEST, &house, now);
        Story { house, case: opened.case, now, told: opened.events }
    }

    fn take(&mut self, by: Role, step: CaseStep) -> Result<(), Objection> {
        let events = self.case.step(&step, None, &staff(by), &self.house, self.now)?;
        self.told.extend(events);
        Ok(())
    }

    fn step(&mut self, by: Role, step: Step) -> Result<(), Objection> {
        self.take(by, CaseStep::Matter(MatterStep::Repair(step)))
    }

    fn task(&mut self, by: Role, errand: Errand, step: TaskStep) -> Result<(), Objection> {
        let task = self.case.docket.errands(errand).next().expect("such a task is open").id;
        self.take(by, CaseStep::Task { task, step })
    }

    fn claim(&mut self, minutes: u32) -> Result<(), Objection> {
        let claim = TaskStep::Claim { on_behalf: None, eta: Some(Eta::Minutes(minutes)), relief: None };
        self.task(Role::Engineer, Errand::Repair, claim)
    }

    fn wait(&mut self, minutes: i64) {
        self.now.utc += TimeDelta::minutes(minutes);
        self.told.extend(self.case.fire(&self.house, self.now));
    }

    fn open(&self, errand: Errand) -> usize {
        self.case.docket.errands(errand).count()
    }

    fn told(&self, kind: Kind) -> Vec<&Event> {
        self.told.iter().filter(|event| event.kind == kind).collect()
    }

    fn repair(&self) -> &Repair {
        match &self.case.matter {
            Matter::Repair(repair) => repair,
            other => panic!("a repair, not {other:?}"),
        }
    }

    /// To the end of the work.
    fn work(&mut self, fee: Fee) {
        self.step(Role::FrontDesk, Step::Identify { how: Identity::UnitAndPhone }).unwrap();
        self.claim(30).unwrap();
        self.task(Role::Engineer, Errand::Repair, TaskStep::Arrived { channel: Some(Channel::Radio) }).unwrap();
        self.fix(fee).unwrap();
    }

    fn fix(&mut self, fee: Fee) -> Result<(), Objection> {
        self.step(Role::Engineer, Step::ConfirmFault { category: Category::Water, fault: text() })?;
        if fee.total() > 0 {
            self.step(Role::Engineer, Step::MakePlan { plan: text(), fee, listed: true })?;
            self.step(Role::Engineer, Step::AnswerPlan { accepted: true })?;
        }
        self.step(Role::Engineer, Step::Start { entry_consent: true })?;
        self.step(Role::Engineer, Step::Done(finish()))
    }

    fn call_back(&mut self, satisfied: bool) -> Result<(), Objection> {
        self.step(Role::FrontDesk, Step::CallBack(CallBack { satisfied, channel: Channel::Phone, remark: None }))
    }
}

fn finish() -> Finish {
    Finish {
        result: text(),
        materials: None,
        mode: Mode::OralDispatch,
        site_restored: true,
        accepted: true,
        signature: Signature::Screen,
    }
}

#[test]
fn a_repair_goes_from_the_report_to_the_call_back() {
    let mut story = Story::of(at_home());
    story.work(Fee { labour: 2000, material: 350 });
    assert_eq!(story.call_back(true), Err(Objection::Needs(Need::SupervisorCheck)));
    story.step(Role::Supervisor, Step::Check { passed: true }).unwrap();
    assert_eq!(story.call_back(true), Err(Objection::Needs(Need::Settlement)));
    let receipt = slug("r-88");
    let short = Step::Settle { paid: 2000, receipt: receipt.clone() };
    assert_eq!(story.step(Role::FrontDesk, short), Err(Objection::Needs(Need::Settlement)));
    story.step(Role::FrontDesk, Step::Settle { paid: 2350, receipt }).unwrap();
    story.call_back(true).unwrap();
    assert_eq!(story.case.state(), "closed");
    let done = story.told(Kind::RepairDone)[0];
    assert_eq!((&done.data["labour_fen"], &done.data["material_fen"]), (&json!(2000), &json!(350)));
}

#[test]
fn nobody_comes_to_a_home_at_a_time_that_was_not_agreed() {
    let mut story = Story::of(RepairRequest { windows: vec![Window::TomorrowMorning], ..at_home() });
    assert_eq!(story.claim(30), Err(Objection::Needs(Need::Appointment)));
    story.step(Role::FrontDesk, Step::Appoint { at: span(morning(), 2) }).unwrap();
    assert_eq!(story.claim(180), Err(Objection::Needs(Need::Appointment)));
    story.claim(30).unwrap();
    let public = Place::Public(PublicPlace::Lift);
    let mut story = Story::of(RepairRequest { place: public, windows: Vec::new(), ..at_home() });
    story.claim(30).unwrap();
}

#[test]
fn an_emergency_starts_at_once_without_appointment() {
    for danger in Danger::ALL {
        let mut story =
            Story::of(RepairRequest { danger: Some(danger), windows: vec![Window::TomorrowMorning], ..at_home() });
        assert_eq!(story.open(Errand::SeeEmergency), 1);
        story.claim(5).unwrap();
    }
}

#[test]
fn whoever_has_not_come_at_the_agreed_minute_loses_the_repair_to_his_superior() {
    let mut story = Story::of(at_home());
    story.claim(30).unwrap();
    story.wait(30);
    assert_eq!(story.open(Errand::AskReporter), 1, "the reporter is asked at that minute");
    let late = story.told(Kind::PromiseBreached);
    assert!(late.iter().any(|event| event.data["promise"] == json!("arrive")), "no report is late");
    let nothing = TaskStep::Done { outcome: None, channel: None, note: None };
    assert_eq!(story.task(Role::FrontDesk, Errand::AskReporter, nothing), Err(Objection::Needs(Need::Outcome)));
    let not_come = TaskStep::Done { outcome: Some(slug("not-come")), channel: Some(Channel::Intercom), note: None };
    story.task(Role::FrontDesk, Errand::AskReporter, not_come).unwrap();
    let asked = story.told(Kind::RepairArrivalAsked)[0];
    assert_eq!((&asked.data["answer"], &asked.data["channel"]), (&json!("not-come"), &json!("intercom")));
    assert_eq!(story.case.state(), "received");
    let task = story.case.docket.errands(Errand::Repair).next().unwrap();
    assert_eq!(task.asked().map(|post| post.as_str()).collect::<Vec<_>>(), ["office"]);
}

#[test]
fn nobody_asks_the_reporter_about_somebody_who_has_said_that_he_is_there() {
    let there = || TaskStep::Arrived { channel: None };
    let mut story = Story::of(at_home());
    story.claim(30).unwrap();
    story.wait(20);
    story.task(Role::Engineer, Errand::Repair, there()).unwrap();
    story.wait(40);
    assert_eq!(story.open(Errand::AskReporter), 0, "he came before his minute");
    let mut story = Story::of(at_home());
    story.claim(30).unwrap();
    story.wait(30);
    assert_eq!(story.open(Errand::AskReporter), 1);
    story.task(Role::Engineer, Errand::Repair, there()).unwrap();
    assert_eq!(story.open(Errand::AskReporter), 0, "and whoever is late takes the question back by coming");
}

#[test]
fn a_reporter_who_does_not_answer_is_asked_once_more_and_then_by_a_superior() {
    let mut story = Story::of(at_home());
    story.claim(30).unwrap();
    story.wait(30);
    let asked = |story: &Story| -> Vec<String> {
        let task = story.case.docket.errands(Errand::AskReporter).next().expect("somebody is to ask");
        task.asked().map(ToString::to_string).collect()
    };
    let no_answer = TaskStep::Done { outcome: Some(slug("no-answer")), channel: Some(Channel::Phone), note: None };
    assert_eq!(asked(&story), ["desk"]);
    story.task(Role::FrontDesk, Errand::AskReporter, no_answer.clone()).unwrap();
    assert_eq!((asked(&story), story.case.state()), (vec!["desk".to_owned()], "accepted"), "a second try");
    story.task(Role::FrontDesk, Errand::AskReporter, no_answer.clone()).unwrap();
    assert_eq!(asked(&story), ["office"]);
    story.task(Role::Supervisor, Errand::AskReporter, no_answer.clone()).unwrap();
    story.task(Role::ProjectManager, Errand::AskReporter, no_answer).unwrap();
    assert_eq!(asked(&story), ["manager"], "the end of the ladder keeps it");
    let told = story.told(Kind::RepairArrivalAsked);
    assert!(told.len() == 4 && told.iter().all(|event| event.data["answer"] == json!("no-answer")));
}

#[test]
fn a_repair_can_be_rated_once_and_for_some_days_after_its_end() {
    let stars = |n: u8| Stars::try_from(n).unwrap();
    let rate = || Step::Rate { service: stars(5), quality: stars(4), time: stars(3) };
    let closed = || {
        let mut story = Story::of(at_home());
        story.work(Fee::default());
        story.step(Role::Supervisor, Step::Check { passed: true }).unwrap();
        story.call_back(true).unwrap();
        story
    };
    let mut story = closed();
    story.wait(7 * 24 * 60);
    story.step(Role::FrontDesk, rate()).unwrap();
    assert_eq!((story.told(Kind::RepairRated).len(), story.case.state()), (1, "closed"));
    assert_eq!(story.step(Role::FrontDesk, rate()), Err(Objection::Order("closed")), "once");
    let mut story = closed();
    story.wait(7 * 24 * 60 + 1);
    assert_eq!(story.step(Role::FrontDesk, rate()), Err(Objection::Ended));
}

#[test]
fn another_time_needs_the_project_managers_consent_and_that_nobody_can_be_sent() {
    let mut story = Story::of(at_home());
    let later = Step::Reappoint { at: span(morning() + TimeDelta::hours(3), 2), with: None };
    assert_eq!(story.step(Role::FrontDesk, later.clone()), Err(Objection::Needs(Need::ManagerConsent)));
    story.step(Role::FrontDesk, Step::AskConsent).unwrap();
    let consent = |nobody_available| Step::Consent { given: true, nobody_available };
    assert_eq!(story.step(Role::Supervisor, consent(true)), Err(Objection::Right));
    assert_eq!(story.step(Role::ProjectManager, consent(false)), Err(Objection::Needs(Need::Reason)));
    story.step(Role::ProjectManager, consent(true)).unwrap();
    story.step(Role::FrontDesk, later.clone()).unwrap();
    assert!(story.case.docket.highlighted, "same day: marked in the register");
    assert!(!story.repair().handed_over, "the same shift");
    assert_eq!(
        story.step(Role::FrontDesk, later),
        Err(Objection::Needs(Need::ManagerConsent)),
        "one consent, one time"
    );
    story.wait(149);
    assert_eq!(story.open(Errand::Repair), 0);
    story.wait(1);
    assert_eq!(story.open(Errand::Repair), 1, "thirty minutes before, it is dispatched again");
}

#[test]
fn a_time_at_which_nobody_came_is_asked_for_again_by_itself() {
    let mut story = Story::of(at_home());
    let consent = || Step::Consent { given: true, nobody_available: true };
    story.step(Role::ProjectManager, consent()).unwrap();
    let reappoint = |story: &mut Story| {
        let at = span(story.now.utc + TimeDelta::hours(3), 2);
        story.step(Role::FrontDesk, Step::Reappoint { at, with: None })
    };
    reappoint(&mut story).unwrap();
    story.wait(5 * 60 - 1);
    assert_eq!((story.open(Errand::Repair), story.open(Errand::Consent)), (1, 0));
    story.wait(1);
    assert_eq!(story.claim(10), Err(Objection::Needs(Need::Appointment)), "the resident awaits nobody any more");
    assert_eq!(story.open(Errand::Consent), 1, "and the project manager has it");
    story.step(Role::ProjectManager, consent()).unwrap();
    assert_eq!(story.open(Errand::Reappoint), 1, "then the front desk");
    reappoint(&mut story).unwrap();
    assert_eq!((story.open(Errand::Consent), story.open(Errand::Reappoint)), (0, 0));
}

#[test]
fn a_time_past_the_shifts_end_is_handed_over_and_marked() {
    let mut story = Story::of(at_home());
    story.step(Role::ProjectManager, Step::Consent { given: true, nobody_available: true }).unwrap();
    let tonight = span(morning() + TimeDelta::hours(11), 1);
    story.step(Role::FrontDesk, Step::Reappoint { at: tonight, with: None }).unwrap();
    assert!(story.repair().handed_over && story.case.docket.highlighted);
    assert_eq!(story.told(Kind::RepairHandedOver).len(), 1);
}

#[test]
fn a_complaint_of_the_delay_sends_somebody_to_talk() {
    let mut story = Story::of(at_home());
    story.step(Role::FrontDesk, Step::ComplainOfDelay { words: Some(text()) }).unwrap();
    story.step(Role::FrontDesk, Step::ComplainOfDelay { words: None }).unwrap();
    assert_eq!(story.open(Errand::Talk), 1);
}

#[test]
fn work_needs_the_fault_the_identity_and_the_residents_consent() {
    let mut story = Story::of(at_home());
    story.claim(10).unwrap();
    story.task(Role::Engineer, Errand::Repair, TaskStep::Arrived { channel: Some(Channel::Phone) }).unwrap();
    let start = |entry_consent| Step::Start { entry_consent };
    assert_eq!(story.step(Role::Engineer, start(true)), Err(Objection::Needs(Need::FaultConfirmed)));
    story.step(Role::Engineer, Step::ConfirmFault { category: Category::Power, fault: text() }).unwrap();
    assert_eq!(story.told(Kind::RepairFaultConfirmed)[0].data["as_reported"], json!(false));
    assert_eq!(story.step(Role::Engineer, start(true)), Err(Objection::Needs(Need::Identity)));
    story.step(Role::Engineer, Step::Identify { how: Identity::InPerson }).unwrap();
    assert_eq!(story.step(Role::Engineer, start(false)), Err(Objection::Needs(Need::EntryConsent)));
    story.step(Role::Engineer, start(true)).unwrap();
}

#[test]
fn a_price_outside_the_list_is_reviewed_before_it_is_told() {
    let mut story = Story::of(at_home());
    story.step(Role::FrontDesk, Step::Identify { how: Identity::Code }).unwrap();
    story.claim(10).unwrap();
    story.task(Role::Engineer, Errand::Repair, TaskStep::Arrived { channel: None }).unwrap();
    story.step(Role::Engineer, Step::ConfirmFault { category: Category::Water, fault: text() }).unwrap();
    let fee = Fee { labour: 9000, material: 0 };
    let plan = Step::MakePlan { plan: text(), fee, listed: false };
    assert_eq!(story.step(Role::Engineer, plan.clone()), Err(Objection::Needs(Need::FeeReview)));
    story.step(Role::Engineer, Step::AskFee { what: text() }).unwrap();
    assert_eq!(story.step(Role::Engineer, Step::ReviewFee { approved: true, fee }), Err(Objection::Right));
    assert_eq!(story.step(Role::Engineer, Step::Start { entry_consent: true }), Err(Objection::Needs(Need::FeeReview)));
    story.step(Role::Supervisor, Step::ReviewFee { approved: true, fee }).unwrap();
    story.step(Role::Engineer, plan).unwrap();
    assert_eq!(
        story.step(Role::Engineer, Step::Start { entry_consent: true }),
        Err(Objection::Needs(Need::PlanAccepted))
    );
    story.step(Role::FrontDesk, Step::AnswerPlan { accepted: true }).unwrap();
    story.step(Role::Engineer, Step::Start { entry_consent: true }).unwrap();
    assert_eq!(story.repair().owed, fee);
}

#[test]
fn done_needs_the_signature_the_tidy_place_and_the_residents_yes() {
    let mut story = Story::of(at_home());
    story.step(Role::FrontDesk, Step::Identify { how: Identity::Code }).unwrap();
    story.claim(10).unwrap();
    story.task(Role::Engineer, Errand::Repair, TaskStep::Arrived { channel: None }).unwrap();
    story.step(Role::Engineer, Step::ConfirmFault { category: Category::Water, fault: text() }).unwrap();
    story.step(Role::Engineer, Step::Start { entry_consent: true }).unwrap();
    story.step(Role::Engineer, Step::Progress { text: text() }).unwrap();
    let unsigned = Finish { signature: Signature::None, ..finish() };
    assert_eq!(story.step(Role::Engineer, Step::Done(unsigned)), Err(Objection::Needs(Need::Signature)));
    let untidy = Finish { site_restored: false, ..finish() };
    assert_eq!(story.step(Role::Engineer, Step::Done(untidy)), Err(Objection::Needs(Need::SiteRestored)));
    story.step(Role::Engineer, Step::Done(Finish { accepted: false, ..finish() })).unwrap();
    assert_eq!(story.case.state(), "fault-confirmed");
    assert_eq!(story.told(Kind::RepairReopened).len(), 1);
    let blunt = Step::Progress { text: Text::parse("这不是我的事").unwrap() };
    assert_eq!(story.step(Role::Engineer, blunt), Err(Objection::Wording));
}

#[test]
fn nobody_at_home_after_two_knocks_is_told_and_waits_for_the_resident() {
    let mut story = Story::of(at_home());
    story.claim(10).unwrap();
    story.step(Role::FrontDesk, Step::ConfirmHome { channel: Channel::Phone }).unwrap();
    story.task(Role::Engineer, Errand::Repair, TaskStep::Arrived { channel: None }).unwrap();
    assert_eq!(story.told(Kind::RepairArrived)[0].data["confirmed_home"], json!(true));
    assert_eq!(story.step(Role::Engineer, Step::NoAccess { knocks: 1 }), Err(Objection::Needs(Need::SecondKnock)));
    story.step(Role::Engineer, Step::NoAccess { knocks: 2 }).unwrap();
    assert_eq!((story.open(Errand::Revisit), story.open(Errand::KnowNoAccess), story.open(Errand::Repair)), (1, 1, 0));
    story.step(Role::FrontDesk, Step::Appoint { at: span(morning() + TimeDelta::hours(20), 2) }).unwrap();
    assert_eq!((story.open(Errand::Revisit), story.open(Errand::Repair)), (0, 1));
}

#[test]
fn money_that_is_not_settled_on_the_day_goes_to_the_supervisor() {
    let mut story = Story::of(at_home());
    story.work(Fee { labour: 2000, material: 0 });
    story.wait(14 * 60);
    let breached = story.told(Kind::PromiseBreached);
    assert!(breached.iter().any(|event| event.data["promise"] == json!("settle")));
    assert_eq!(story.open(Errand::TakeOver), 1);
}

#[test]
fn who_is_not_satisfied_is_served_again_first() {
    let mut story = Story::of(at_home());
    story.work(Fee::default());
    story.step(Role::Supervisor, Step::Check { passed: true }).unwrap();
    story.call_back(false).unwrap();
    assert_eq!(story.case.state(), "identified");
    let task = story.case.docket.errands(Errand::Repair).next().unwrap();
    assert_eq!(task.facts["priority"], json!("high"));
    assert_eq!(story.claim(10), Err(Objection::Needs(Need::Appointment)), "the times that were offered are spent");
    assert!(story.case.docket.clock(Promise::Solve).is_some());
}

#[test]
fn the_result_goes_back_to_whoever_reported_it() {
    let mut story = Story::from(at_home(), Source::StaffContact);
    assert_eq!(story.open(Errand::TakeUp), 1, "the front desk hears of a proxy ticket");
    story.work(Fee::default());
    story.step(Role::Supervisor, Step::Check { passed: true }).unwrap();
    story
        .step(
            Role::FrontDesk,
            Step::Rate {
                service: Stars::try_from(5).unwrap(),
                quality: Stars::try_from(4).unwrap(),
                time: Stars::try_from(3).unwrap(),
            },
        )
        .unwrap();
    story.call_back(true).unwrap();
    assert_eq!(story.case.state(), "called-back");
    let told = TaskStep::Done { outcome: None, channel: Some(Channel::Phone), note: None };
    story.task(Role::FrontDesk, Errand::TellResult, told).unwrap();
    assert_eq!(story.case.state(), "closed");
}

#[test]
fn a_repair_that_is_not_solved_in_time_is_a_superiors() {
    let mut story = Story::of(at_home());
    story.wait(24 * 60);
    assert_eq!(story.open(Errand::TakeOver), 1);
    assert_eq!(story.open(Errand::Apologise), 1);
}

#[test]
fn the_front_desk_writes_down_who_accepted_by_phone() {
    let mut story = Story::of(at_home());
    let on_behalf = Some(crate::service::staff::Named { id: None, name: "同事".into() });
    let claim = TaskStep::Claim { on_behalf, eta: Some(Eta::Minutes(20)), relief: None };
    story.task(Role::FrontDesk, Errand::Repair, claim).unwrap();
    let claimed = story.told(Kind::TaskClaimed)[0];
    assert!(claimed.data.contains_key("accepted_at"));
    assert_eq!(claimed.person.as_ref().unwrap()["accepted_by"], json!("同事"));
}

#[test]
fn a_refusal_without_a_reason_is_no_answer_and_with_one_it_climbs() {
    let mut story = Story::of(at_home());
    let decline = |reason| TaskStep::Decline { reason, note: None };
    assert_eq!(story.task(Role::Engineer, Errand::Repair, decline(None)), Err(Objection::Needs(Need::Reason)));
    for (role, post) in [(Role::Engineer, "office"), (Role::Supervisor, "manager")] {
        story.task(role, Errand::Repair, decline(Some(Reason::OnAnotherTask))).unwrap();
        let task = story.case.docket.errands(Errand::Repair).next().unwrap();
        assert!(task.asked().any(|asked| asked.as_str() == post), "{post} is asked next");
    }
}

fn steps() -> BoxedStrategy<MatterStep> {
    let yes = || prop::bool::weighted(0.8);
    let fee = || prop::sample::select(vec![Fee::default(), Fee { labour: 2000, material: 300 }]);
    let spans = || {
        (0..60i64 * 24, 1..600i64).prop_map(|(from, long)| {
            let from = DateTime::from_timestamp(1_795_219_200, 0).unwrap() + TimeDelta::minutes(from * 4);
            Span { from, to: from + TimeDelta::minutes(long) }
        })
    };
    let words = || prop::sample::select(vec![text(), text(), text(), Text::parse("我不清楚").unwrap()]);
    let signature = prop::sample::select(vec![Signature::Screen, Signature::Paper { reason: text() }, Signature::None]);
    let stars = (1..=5u8).prop_map(|n| Stars::try_from(n).unwrap());
    prop_oneof![
        2 => Just(Step::Identify { how: Identity::Code }),
        6 => spans().prop_map(|at| Step::Appoint { at }),
        1 => Just(Step::AskConsent),
        2 => (yes(), yes()).prop_map(|(given, nobody_available)| Step::Consent { given, nobody_available }),
        4 => spans().prop_map(|at| Step::Reappoint { at, with: None }),
        1 => Just(Step::ConfirmHome { channel: Channel::Phone }),
        1 => Just(Step::ComplainOfDelay { words: Some(text()) }),
        1 => (1..3u8).prop_map(|knocks| Step::NoAccess { knocks }),
        4 => Just(Step::ConfirmFault { category: Category::Water, fault: text() }),
        1 => Just(Step::AskFee { what: text() }),
        2 => (yes(), fee()).prop_map(|(approved, fee)| Step::ReviewFee { approved, fee }),
        2 => (words(), fee(), any::<bool>()).prop_map(|(plan, fee, listed)| Step::MakePlan { plan, fee, listed }),
        2 => yes().prop_map(|accepted| Step::AnswerPlan { accepted }),
        4 => yes().prop_map(|entry_consent| Step::Start { entry_consent }),
        1 => words().prop_map(|text| Step::Progress { text }),
        6 => (words(), yes(), yes(), signature).prop_map(|(result, site_restored, accepted, signature)| {
            Step::Done(Finish { result, materials: None, mode: Mode::OnTheSpot, site_restored, accepted, signature })
        }),
        8 => prop::bool::weighted(0.95).prop_map(|passed| Step::Check { passed }),
        6 => prop::sample::select(vec![2300, 1]).prop_map(|paid| Step::Settle { paid, receipt: slug("r-1") }),
        8 => yes().prop_map(|satisfied| Step::CallBack(CallBack { satisfied, channel: Channel::Phone, remark: Some(text()) })),
        1 => (stars.clone(), stars.clone(), stars)
            .prop_map(|(service, quality, time)| Step::Rate { service, quality, time }),
    ]
    .prop_map(MatterStep::Repair)
    .boxed()
}

fn openings() -> BoxedStrategy<Opening> {
    let place = prop_oneof![2 => Just(Place::Home(unit())), 1 => Just(Place::Public(PublicPlace::Garage))];
    let danger = prop::sample::select(vec![None, None, None, Some(Danger::Flooding)]);
    let window = prop::sample::select(vec![Window::SoonAsPossible, Window::TodayEvening, Window::TomorrowMorning]);
    (place, danger, prop::collection::vec(window, 0..4))
        .prop_map(|(place, danger, windows)| Opening::Repair(RepairRequest { place, danger, windows, ..at_home() }))
        .boxed()
}

fn repair(case: &Case) -> &Repair {
    match &case.matter {
        Matter::Repair(repair) => repair,
        other => panic!("a repair, not {other:?}"),
    }
}

/// What must be true of every repair, whatever people do.
fn check(seen: &Seen<'_>) {
    let (before, after) = (repair(seen.before), repair(seen.after));
    let told = |kind| seen.events.iter().find(move |event| event.kind == kind);
    if after.phase == Phase::Closed && before.phase != Phase::Closed {
        assert!(seen.since(Kind::RepairReopened, Kind::RepairCalledBack), "no close without call-back");
        assert!(seen.since(Kind::RepairDone, Kind::RepairChecked), "no close without the supervisor");
        assert!(after.owed.total() == 0 || seen.since(Kind::RepairDone, Kind::RepairSettled) || after.settled);
    }
    if let Some(accepted) = told(Kind::RepairAccepted)
        && before.home
        && before.danger.is_none()
    {
        let eta: DateTime<Utc> = serde_json::from_value(accepted.data["eta"].clone()).unwrap();
        let awaited = before.agreed.map_or_else(|| before.offered.clone(), |agreed| vec![agreed]);
        assert!(awaited.iter().any(|span| span.holds(eta)), "nobody comes to a home unannounced");
    }
    if let Some(started) = told(Kind::RepairWorkStarted) {
        assert!(seen.since(Kind::RepairArrived, Kind::RepairFaultConfirmed), "no work before the fault is known");
        assert!(!after.home || started.data["entry_consent"] == json!(true), "no work in a home without consent");
        assert!(!after.home || seen.count(Kind::RepairIdentified) == 1, "nor without identity");
        assert!(after.owed.total() == 0 || seen.since(Kind::RepairPlanMade, Kind::RepairPlanAccepted));
    }
    if told(Kind::RepairReappointed).is_some() {
        assert!(before.consent, "no other time without the project manager's consent");
        assert!(seen.since(Kind::RepairReappointed, Kind::RepairReappointed) || seen.count(Kind::RepairConsented) > 0);
        assert!(seen.count(Kind::RepairConsented) >= seen.count(Kind::RepairReappointed));
    }
    if after.phase == Phase::Reappointed && seen.after.docket.errands(Errand::Repair).next().is_none() {
        assert!(seen.after.docket.clock(Promise::Redispatch).is_some(), "it will be dispatched again");
    }
    assert!(seen.after.docket.errands(Errand::Repair).count() <= 1, "one repair, one dispatch");
    if after.phase == Phase::Withdrawn {
        assert!(!seen.since(Kind::RepairReopened, Kind::RepairDone), "what is done is not withdrawn");
    }
}

/// The way of a repair that goes well; now and then nobody is at home, or the price stands in no list.
fn onward(case: &Case, now: Now) -> Option<(CaseStep, Role)> {
    let this = repair(case);
    let task = case.docket.errands(Errand::Repair).next();
    let with_task = |step| task.map(|task| (CaseStep::Task { task: task.id, step }, Role::Supervisor));
    let fee = Fee { labour: 2000, material: 300 };
    let now_and_then = now.utc.timestamp() % 4 == 0;
    let (role, step) = match this.phase {
        Phase::Received => (Role::FrontDesk, Step::Identify { how: Identity::Code }),
        Phase::Identified | Phase::Reappointed if task.is_some() => {
            let awaited = this.agreed.or(this.offered.first().copied()).filter(|span| span.is_ahead(now.utc));
            match awaited {
                Some(span) => {
                    let eta = Some(Eta::At(span.from.max(now.utc)));
                    return with_task(TaskStep::Claim { on_behalf: None, eta, relief: None });
                }
                None if this.agreed.is_none() => (Role::FrontDesk, Step::Appoint { at: span(now.utc, 2) }),
                None if this.consent => (Role::FrontDesk, Step::Reappoint { at: span(now.utc, 2), with: None }),
                None => (Role::ProjectManager, Step::Consent { given: true, nobody_available: true }),
            }
        }
        Phase::NoAccess => (Role::FrontDesk, Step::Appoint { at: span(now.utc, 2) }),
        Phase::Accepted => return with_task(TaskStep::Arrived { channel: None }),
        Phase::Arrived if this.home && now_and_then => (Role::Engineer, Step::NoAccess { knocks: 2 }),
        Phase::FaultConfirmed if this.reviewed.is_none() && now_and_then => {
            (Role::Engineer, Step::AskFee { what: text() })
        }
        Phase::Arrived => (Role::Engineer, Step::ConfirmFault { category: Category::Water, fault: text() }),
        Phase::FeeReview => (Role::Supervisor, Step::ReviewFee { approved: true, fee }),
        Phase::FaultConfirmed => (Role::Engineer, Step::MakePlan { plan: text(), fee, listed: true }),
        Phase::PlanMade => (Role::Engineer, Step::AnswerPlan { accepted: true }),
        Phase::PlanAccepted => (Role::Engineer, Step::Start { entry_consent: true }),
        Phase::InWork => (Role::Engineer, Step::Done(finish())),
        Phase::Done => (Role::Supervisor, Step::Check { passed: true }),
        Phase::Checked => (Role::FrontDesk, Step::Settle { paid: 2300, receipt: slug("r-1") }),
        Phase::Settled => (
            Role::FrontDesk,
            Step::CallBack(CallBack { satisfied: true, channel: Channel::Phone, remark: Some(text()) }),
        ),
        _ => return None,
    };
    Some((CaseStep::Matter(MatterStep::Repair(step)), role))
}

#[test]
fn no_walk_through_a_repair_breaks_a_promise() {
    let plan = Plan {
        openings: openings(),
        steps: steps(),
        allowed: &[
            ("", &["received"]),
            ("received", &["identified", "reappointed", "accepted", "withdrawn"]),
            ("identified", &["reappointed", "accepted", "withdrawn"]),
            ("reappointed", &["accepted", "withdrawn"]),
            ("accepted", &["received", "identified", "reappointed", "arrived", "withdrawn"]),
            ("arrived", &["received", "identified", "reappointed", "no-access", "fault-confirmed", "withdrawn"]),
            ("no-access", &["received", "identified", "withdrawn"]),
            (
                "fault-confirmed",
                &["received", "identified", "reappointed", "fee-review", "plan-made", "in-work", "withdrawn"],
            ),
            ("fee-review", &["received", "identified", "reappointed", "fault-confirmed", "withdrawn"]),
            ("plan-made", &["received", "identified", "reappointed", "plan-accepted", "fault-confirmed", "withdrawn"]),
            ("plan-accepted", &["received", "identified", "reappointed", "in-work", "withdrawn"]),
            ("in-work", &["received", "identified", "reappointed", "fault-confirmed", "done"]),
            ("done", &["received", "identified", "checked", "settled"]),
            ("checked", &["settled"]),
            ("settled", &["received", "identified", "called-back", "closed"]),
            ("called-back", &["closed"]),
        ],
        waits: &[],
        outcomes: &["came", "not-come", "no-answer", "told"],
        check: &check,
        walks: 40,
        attempts: 240,
    };
    walk_along(&plan, &onward);
}

#[test]
fn two_times_are_offered_and_more_are_not_looked_at() {
    let windows = vec![Window::TodayEvening, Window::TomorrowMorning, Window::TomorrowAfternoon];
    let story = Story::of(RepairRequest { windows, ..at_home() });
    assert_eq!(story.repair().offered.len(), MAX_WINDOWS);
    let hours: Vec<_> = story.repair().offered.iter().map(|span| (span.to - span.from).num_hours()).collect();
    assert_eq!(hours, [3, 4]);
    assert!(walk::house().figures.promise.repair_solve_hours == 24);
}

#[test]
fn only_the_hours_in_which_a_repair_is_solved_pause_and_only_with_a_note() {
    let mut story = Story::of(at_home());
    story.claim(30).unwrap();
    let pause = |promise, note| CaseStep::Pause {
        promise,
        obstacle: crate::service::case::Obstacle::Traffic,
        note,
        until: morning() + TimeDelta::hours(3),
    };
    assert_eq!(
        story.take(Role::Engineer, pause(Promise::Arrive, Some(text()))),
        Err(Objection::NoPause(Promise::Arrive))
    );
    assert_eq!(story.take(Role::Engineer, pause(Promise::Solve, None)), Err(Objection::Needs(Need::Note)));
    assert_eq!(story.take(Role::Engineer, pause(Promise::Solve, Some(text()))), Ok(()));
}
