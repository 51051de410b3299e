//! Invited visitors, from the glass to the journal: who holds a good invitation is led to his host, who holds another hears one
//! polite sentence and meets a person, and no invitation is good for more arrivals than it says.

#[path = "common/clockwork.rs"]
mod clockwork;
#[path = "common/kiosk.rs"]
mod kiosk;

use chrono::{DateTime, TimeDelta, Utc};
use clockwork::{Machine, Open, noon};
use kiosk::Glass;
use lobbyd::desk::{Answer, Asked, Command};
use lobbyd::event::{Event, Id, Identity, Kind, Now, Slug, data};
use lobbyd::health::metrics;
use lobbyd::journal::{Journal, Keep, Pressure, Reader};
use lobbyd::service::case::{Errand, Objection, Step};
use lobbyd::service::contact::{Name, Unit};
use lobbyd::service::house::House;
use lobbyd::service::invitation::{Draft, InvitationCode, Issuers, Refused, Shown, Token, site_mark};
use lobbyd::service::matter::{MatterStep, visit};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::signature::PrivateKey;
use lobbyd::service::staff::{Actor, Role, Via};
use lobbyd::service::visit::{Leaver, SignOut, SignedOut};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::LazyLock;

/// The page of metrics of this process, of all its tests. Asked for first before anything is to be counted.
fn counts() -> String {
    static STARTED: LazyLock<PrometheusHandle> = LazyLock::new(|| metrics::start().unwrap());
    STARTED.render()
}

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

fn key(seed: u8) -> PrivateKey {
    PrivateKey::from_seed(&[seed; 32]).unwrap()
}

fn house() -> House {
    House {
        issuers: Issuers { site: site_mark(&slug("riverside")), keys: vec![key(1).public()] },
        ..clockwork::house()
    }
}

fn open(dir: &Path, machine: &Machine) -> Open {
    clockwork::open_house(dir, machine, house()).unwrap()
}

fn hour(hours: i64) -> DateTime<Utc> {
    noon() + TimeDelta::hours(hours)
}

/// From an hour before noon until two hours after it, for one.
fn draft() -> Draft {
    Draft {
        site: slug("riverside"),
        id: [7; 12],
        from: hour(-1),
        until: hour(2),
        uses: 1,
        unit: Unit::parse("3-1203").unwrap(),
        host: Name::parse("王女士").unwrap(),
        visitor: Some(Name::parse("测试甲").unwrap()),
    }
}

fn sign(draft: &Draft) -> (Token, InvitationCode) {
    draft.sign(&key(1)).unwrap()
}

fn arrive(desk: &Open, shown: Shown) -> Answer {
    desk.ask(Command::Arrive { shown, language: "zh-Hans".into(), by: Actor::GUEST }).unwrap()
}

fn arrived(answer: Answer) -> Number {
    match answer {
        Answer::Arrived { number, host } => {
            assert_eq!(host.as_str(), "王女士");
            number
        }
        other => panic!("{other:?}"),
    }
}

fn of_kind(desk: &Open, kind: Kind) -> Vec<Value> {
    desk.events().into_iter().filter(|(told, _)| *told == kind).map(|(_, facts)| facts).collect()
}

/// Calls for help that the desk itself has made.
fn guards_called(desk: &Open) -> usize {
    Reader::open(&desk.dir).unwrap().open_cases_of(Series::Help).unwrap().len()
}

#[test]
fn a_guest_with_six_digits_is_led_to_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&draft());
    assert_eq!(desk.ask(Command::Invite(token.clone())), Ok(Answer::Done));
    assert_eq!(desk.ask(Command::Invite(token)), Ok(Answer::Done), "handed over twice it is kept once");
    assert_eq!(of_kind(&desk, Kind::InvitationStored).len(), 1);

    let mut guest = Glass::before(&desk);
    guest.press("home.visit");
    guest.press("visit.invitation");
    assert_eq!(guest.page(), "invitation.code");
    guest.keys(&code.digits());
    guest.press("next");
    assert_eq!(guest.page(), "invitation.received");
    assert!(guest.words().contains("您要拜访的王女士马上来"), "{}", guest.words());

    let visits = Reader::open(dir.path()).unwrap().open_cases_of(Series::Visit).unwrap();
    let [visit] = &visits[..] else { panic!("{} visits", visits.len()) };
    assert!(guest.words().contains(&visit.case.docket.number.to_string()));
    let facts = &of_kind(&desk, Kind::VisitArrived)[0];
    assert_eq!((&facts["unit"], &facts["use"], &facts["uses"]), (&json!("3-1203"), &json!(1), &json!(1)));
    assert_eq!(facts["language"], "zh-Hans");
    // Names stand apart, and the host is told by a person.
    let told = desk.events().into_iter().map(|(_, mut facts)| {
        facts.as_object_mut().unwrap().remove("person");
        facts.to_string()
    });
    assert!(!told.collect::<String>().contains(['王', '测']));
    assert_eq!(visit.person["host"], "王女士");
    assert_eq!(visit.person["name"], "测试甲");
    assert!(visit.case.docket.tasks.iter().any(|task| task.facts.get("what") == Some(&json!("invited-guest"))));
    desk.close();
}

#[test]
fn a_scanned_token_that_nobody_has_handed_over_is_good_at_the_home_page() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let mut guest = Glass::before(&desk);
    guest.show("https://example.com/menu");
    assert_eq!(guest.page(), "home", "a stranger's code is nothing to the home page");
    guest.wait(TimeDelta::seconds(1));
    guest.show(sign(&draft()).0.as_str());
    assert_eq!(guest.page(), "invitation.received");
    let journal = format!("{:?}", desk.events());
    assert!(!journal.contains("LB1."), "no token in the journal");
    desk.close();
}

#[test]
fn hostile_scans_do_nothing_and_two_a_second_are_enough() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let mut guest = Glass::before(&desk);
    guest.press("home.visit");
    guest.keys("3");
    guest.show(sign(&draft()).0.as_str());
    assert_eq!(guest.page(), "visit.unit", "what somebody types is not swept away");
    guest.press("key.backspace");
    guest.press("visit.invitation");
    for hostile in ["", "\u{0}\u{1b}[2J", "LB1. x", "王女士", &"A".repeat(301)] {
        guest.wait(TimeDelta::seconds(1));
        guest.show(hostile);
        assert_eq!(guest.page(), "invitation.code");
    }
    guest.wait(TimeDelta::seconds(1));
    guest.show("4711");
    assert!(guest.words().contains("我没有认出来"), "{}", guest.words());
    guest.show(sign(&draft()).0.as_str());
    assert_eq!(guest.page(), "invitation.code", "the second reading within half a second");
    guest.wait(TimeDelta::seconds(1));
    guest.show(sign(&draft()).0.as_str());
    assert_eq!(guest.page(), "invitation.received");
    desk.close();
}

#[test]
fn what_does_not_hold_is_refused_politely_and_a_guard_is_told_once() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let mut flipped = sign(&draft()).0.as_str().to_owned();
    flipped.replace_range(60..61, if &flipped[60..61] == "A" { "B" } else { "A" });
    let used = Draft { id: [8; 12], ..draft() };
    arrived(arrive(&desk, Shown::Token(sign(&used).0)));
    desk.machine.run(TimeDelta::minutes(5));
    let cases = [
        (flipped, "forged", "再核对一下"),
        (draft().sign(&key(2)).unwrap().0.as_str().to_owned(), "unknown-key", "再核对一下"),
        (sign(&Draft { site: slug("hillside"), ..draft() }).0.as_str().to_owned(), "other-site", "另一个地方"),
        (sign(&Draft { until: noon(), ..draft() }).0.as_str().to_owned(), "expired", "时间已经过了"),
        (sign(&Draft { from: hour(1), ..draft() }).0.as_str().to_owned(), "not-yet", "13:00"),
        (sign(&used).0.as_str().to_owned(), "used-up", "已经用过了"),
    ];
    for (text, reason, sentence) in &cases {
        let mut guest = Glass::before(&desk);
        guest.show(text);
        assert_eq!(guest.page(), "invitation.refused", "{reason}");
        assert!(guest.words().contains(sentence), "{reason}: {}", guest.words());
        assert!(guest.words().contains("工作人员"));
        guest.press("sign-in");
        assert_eq!(guest.page(), "visit.unit", "the ordinary way in stays open");
        assert_eq!(of_kind(&desk, Kind::InvitationRefused).last().unwrap()["reason"], *reason);
    }
    assert_eq!(guards_called(&desk), 1, "one guard comes, not six");
    assert_eq!(of_kind(&desk, Kind::VisitArrived).len(), 1);
    desk.close();
}

/// Each of them alone calls a guard; so does the next one where the guard has come, has gone, and has not said so.
#[test]
fn whatever_does_not_hold_calls_a_guard_and_calls_one_again_when_he_has_gone() {
    let other_site = Draft { site: slug("hillside"), ..draft() };
    let hostile = [
        draft().sign(&key(2)).unwrap().0,
        sign(&other_site).0,
        sign(&Draft { until: noon(), ..draft() }).0,
        sign(&Draft { from: hour(1), ..draft() }).0,
    ];
    for (nth, token) in hostile.into_iter().enumerate() {
        let dir = tempfile::tempdir().unwrap();
        let desk = open(dir.path(), &Machine::at(noon(), true));
        assert!(matches!(arrive(&desk, Shown::Token(token)), Answer::NotInvited(_)));
        assert_eq!(guards_called(&desk), 1, "{nth}");
        desk.close();
    }

    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    arrived(arrive(&desk, Shown::Token(sign(&draft()).0)));
    desk.machine.run(TimeDelta::minutes(10));
    let spent = || assert_eq!(arrive(&desk, Shown::Token(sign(&draft()).0)), Answer::NotInvited(Refused::UsedUp));
    spent();
    assert_eq!(guards_called(&desk), 1);
    let number = Number { series: Series::Help, day: 20_261_121, nth: 1 };
    let task = desk.case(number).case.docket.errands(Errand::SeeHelp).next().unwrap().id;
    let by = || Actor::staff(slug("li"), "测试乙".into(), Role::Guard, Some(slug("gate-a")), Via::Page);
    for step in [json!({ "claim": {} }), json!({ "arrived": {} })] {
        let step = serde_json::from_value(json!({ "task": { "task": task, "step": step } })).unwrap();
        let taken = desk.ask(Command::Move { number, step, seen: None, by: by() });
        assert!(matches!(taken, Ok(Answer::Moved { .. })), "{taken:?}");
        spent();
    }
    desk.machine.run(TimeDelta::minutes(9));
    spent();
    assert_eq!(guards_called(&desk), 1, "he stands there");
    desk.machine.run(TimeDelta::minutes(2));
    spent();
    spent();
    assert_eq!(guards_called(&desk), 2, "he has gone");
    desk.close();
}

/// The house's line is down over night.
#[test]
fn without_a_time_server_guests_are_let_in_for_a_month() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let desk = open(dir.path(), &machine);
    machine.0.lock().unwrap().synced = false;
    machine.run(TimeDelta::hours(20));
    let late = |days: i64| {
        let from = noon() + TimeDelta::days(days);
        Shown::Token(sign(&Draft { id: [days as u8; 12], from, until: from + TimeDelta::days(1), ..draft() }).0)
    };
    arrived(arrive(&desk, late(0)));
    machine.run(TimeDelta::days(30));
    assert_eq!(arrive(&desk, late(30)), Answer::NotInvited(Refused::NoClock));
    machine.set(noon() + TimeDelta::days(30) + TimeDelta::hours(20));
    desk.nudge();
    arrived(arrive(&desk, late(30)));
    desk.close();
}

#[test]
fn a_clock_that_is_not_known_lets_nobody_in_and_calls_a_guard() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), false);
    let desk = open(dir.path(), &machine);
    let shown = || Shown::Token(sign(&draft()).0);
    assert_eq!(arrive(&desk, shown()), Answer::NotInvited(Refused::NoClock));
    assert_eq!(guards_called(&desk), 1);
    machine.set(noon());
    desk.nudge();
    arrived(arrive(&desk, shown()));
    desk.close();
}

#[test]
fn a_clock_that_is_ten_years_off_spends_no_arrival_and_forgets_none() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let desk = open(dir.path(), &machine);
    counts();
    let twice = Draft { uses: 2, ..draft() };
    let shown = || Shown::Token(sign(&twice).0);
    arrived(arrive(&desk, shown()));
    let years = TimeDelta::days(3_650);
    for (off, reason) in [(years, "expired"), (-years, "not-yet")] {
        machine.set(noon() + off);
        desk.nudge();
        assert!(matches!(arrive(&desk, shown()), Answer::NotInvited(_)), "{reason}");
        assert_eq!(of_kind(&desk, Kind::InvitationRefused).last().unwrap()["reason"], reason);
        assert!(counts().contains(&format!("lobbyd_invitations_refused_total{{reason=\"{reason}\"}}")));
    }
    assert_eq!(guards_called(&desk), 1);
    machine.set(noon());
    desk.nudge();
    // Signed by a clock that is ahead: nobody's name is kept for ten years.
    let ahead = Draft { id: [9; 12], from: noon() + years, until: noon() + years + TimeDelta::hours(3), ..draft() };
    let answer = desk.ask(Command::Invite(sign(&ahead).0)).unwrap();
    assert_eq!(answer, Answer::NotInvited(Refused::NotYet { from: ahead.from }));
    assert_eq!(of_kind(&desk, Kind::InvitationRefused).last().unwrap()["what"], "not-kept");
    machine.set(noon() + TimeDelta::minutes(10));
    desk.nudge();
    arrived(arrive(&desk, shown()));
    machine.run(TimeDelta::minutes(10));
    assert_eq!(arrive(&desk, shown()), Answer::NotInvited(Refused::UsedUp), "both arrivals are remembered");
    desk.close();
}

/// The guest has lost his telephone.
#[test]
fn an_invitation_that_was_taken_back_lets_nobody_in_and_a_guard_comes() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&draft());
    desk.ask(Command::Invite(token.clone())).unwrap();
    arrived(arrive(&desk, Shown::Token(token.clone())));
    for _ in 0..2 {
        assert_eq!(desk.ask(Command::TakeBack(token.clone())), Ok(Answer::Done));
    }
    let told = of_kind(&desk, Kind::InvitationTakenBack);
    assert_eq!((told.len(), &told[0]["used"]), (1, &serde_json::json!(1)));
    assert_eq!(arrive(&desk, Shown::Token(token.clone())), Answer::NotInvited(Refused::TakenBack));
    assert!(!matches!(arrive(&desk, Shown::Code(code)), Answer::Arrived { .. }), "nor with its digits");
    assert_eq!(guards_called(&desk), 1);
    assert_eq!(desk.ask(Command::Invite(token)), Ok(Answer::NotInvited(Refused::TakenBack)), "it does not come again");
    desk.close();
}

#[test]
fn two_presses_are_one_arrival_and_an_answer_that_was_lost_comes_again() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&draft());
    desk.ask(Command::Invite(token.clone())).unwrap();
    let mut guest = Glass::before(&desk);
    guest.press("home.visit");
    guest.press("visit.invitation");
    guest.keys(&code.digits());
    guest.press("next");
    assert_eq!(guest.page(), "invitation.received");
    let first = arrived(arrive(&desk, Shown::Token(token.clone())));
    assert_eq!(arrived(arrive(&desk, Shown::Code(code))), first);
    assert_eq!(of_kind(&desk, Kind::VisitArrived).len(), 1);
    desk.machine.run(TimeDelta::minutes(3));
    assert_eq!(arrive(&desk, Shown::Token(token)), Answer::NotInvited(Refused::UsedUp));
    desk.close();
}

#[test]
fn uses_are_counted_across_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let (token, code) = sign(&Draft { uses: 2, ..draft() });
    let first = {
        let desk = open(dir.path(), &machine);
        desk.ask(Command::Invite(token.clone())).unwrap();
        let number = arrived(arrive(&desk, Shown::Code(code)));
        desk.close();
        number
    };
    let desk = open(dir.path(), &machine);
    let second = arrived(arrive(&desk, Shown::Token(token)));
    assert_ne!(first, second, "two guests are two visits");
    machine.run(TimeDelta::minutes(3));
    assert_eq!(arrive(&desk, Shown::Code(code)), Answer::NotInvited(Refused::UsedUp));
    desk.close();
}

#[test]
fn guessed_codes_wait_and_a_guard_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&draft());
    desk.ask(Command::Invite(token.clone())).unwrap();
    let other = |n: u32| InvitationCode::parse(&format!("{:06}", (code.number() + n) % 1_000_000)).unwrap();
    for n in 1..5 {
        assert_eq!(arrive(&desk, Shown::Code(other(n))), Answer::Objected(Objection::Unknown));
    }
    let mut guest = Glass::before(&desk);
    guest.press("home.visit");
    guest.press("visit.invitation");
    guest.keys(&other(5).digits());
    guest.press("next");
    assert!(guest.words().contains("麻烦您再输入一次"), "{}", guest.words());
    guest.keys(&code.digits());
    guest.press("next");
    assert_eq!(guest.page(), "invitation.refused", "the right one waits, too");
    assert!(guest.words().contains("12:01"), "{}", guest.words());
    assert_eq!(guards_called(&desk), 1);
    arrived(arrive(&desk, Shown::Token(token)));
    desk.close();
}

/// He has left no phone number: what he came with is what he leaves with.
#[test]
fn a_guest_leaves_with_the_digits_or_the_picture_that_he_came_with() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&Draft { uses: 2, ..draft() });
    desk.ask(Command::Invite(token.clone())).unwrap();
    let came = [(); 2].map(|()| {
        desk.machine.run(TimeDelta::minutes(3));
        arrived(arrive(&desk, Shown::Token(token.clone())))
    });
    let mut guest = Glass::before(&desk);
    guest.press("home.sign-out");
    guest.keys(&code.digits());
    guest.press("next");
    assert_eq!(guest.page(), "sign-out.over");
    assert_eq!(of_kind(&desk, Kind::VisitSignedOut).len(), 1, "one of the two has left");
    guest.press("next");
    guest.press("home.sign-out");
    guest.show(token.as_str());
    assert_eq!(guest.page(), "sign-out.over");
    assert!(came.iter().all(|number| desk.case(*number).case.is_closed()));
    // A third time it reads like any digits that fit nothing.
    guest.press("next");
    guest.press("home.sign-out");
    guest.keys(&code.digits());
    guest.press("next");
    assert!(guest.words().contains("没有找到登记"), "{}", guest.words());
    desk.close();
}

/// A reader that sees a telephone for two seconds tells it several times: an invitation for several was spent by one guest.
#[test]
fn a_telephone_that_is_held_before_the_reader_is_one_arrival_and_the_next_guests_is_another() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, _) = sign(&Draft { uses: 3, ..draft() });
    let mut guest = Glass::before(&desk);
    for _ in 0..10 {
        guest.show(token.as_str());
        guest.wait(TimeDelta::milliseconds(700));
    }
    assert_eq!(of_kind(&desk, Kind::VisitArrived).len(), 1);
    guest.wait(TimeDelta::seconds(2));
    guest.show(token.as_str());
    assert_eq!((of_kind(&desk, Kind::VisitArrived).len(), &*guest.page()), (2, "invitation.received"));
    desk.close();
}

/// He stayed on the list of who is inside: in an emergency somebody would have looked for him.
#[test]
fn who_leaves_with_an_invitation_is_not_taken_for_a_guest_who_has_gone_before() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&Draft { uses: 2, ..draft() });
    desk.ask(Command::Invite(token.clone())).unwrap();
    let [first, second] = [(); 2].map(|()| {
        desk.machine.run(TimeDelta::minutes(3));
        arrived(arrive(&desk, Shown::Token(token.clone())))
    });
    let step = Step::Matter(MatterStep::Visit(visit::Step::AskCallBack));
    let left = desk.ask(Command::Move { number: second, step, seen: None, by: Actor::GUEST }).unwrap();
    assert!(matches!(left, Answer::Moved { state: "message-left", .. }), "{left:?}");
    let leave = || desk.ask(Command::SignOut(SignOut { who: Leaver::Code(code), unit: None, slip: None })).unwrap();
    assert_eq!(leave(), Answer::SignedOut(SignedOut::Ended { numbers: vec![second] }));
    assert_eq!(leave(), Answer::SignedOut(SignedOut::Ended { numbers: vec![first] }));
    assert!(desk.case(first).case.is_closed() && !desk.case(second).case.is_closed());
}

/// Whoever tries out six digits learns no more by leaving than by coming in, and a signed picture is never held up by him.
#[test]
fn six_digits_cost_the_same_at_both_doors_and_a_picture_costs_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let (token, code) = sign(&Draft { uses: 2, ..draft() });
    desk.ask(Command::Invite(token.clone())).unwrap();
    let leave = |who| desk.ask(Command::SignOut(SignOut { who, unit: None, slip: None })).unwrap();
    for n in 1..=5 {
        let other = InvitationCode::parse(&format!("{:06}", (code.number() + n) % 1_000_000)).unwrap();
        assert_eq!(leave(Leaver::Code(other)), Answer::SignedOut(SignedOut::Unknown));
    }
    let waits = |answer| matches!(answer, Answer::Objected(Objection::Guessing { .. }));
    assert!(waits(leave(Leaver::Code(code))) && waits(arrive(&desk, Shown::Code(code))));
    assert_eq!(guards_called(&desk), 1);
    // The end of a phone is another kind of code, and a picture is none.
    assert_eq!(leave(Leaver::Tail("0001".into())), Answer::SignedOut(SignedOut::Unknown));
    let number = arrived(arrive(&desk, Shown::Token(token.clone())));
    assert_eq!(leave(Leaver::Token(token.clone())), Answer::SignedOut(SignedOut::Ended { numbers: vec![number] }));
    let forged = Token::parse(&token.as_str().replace('A', "B")).unwrap();
    assert_eq!(leave(Leaver::Token(forged)), Answer::SignedOut(SignedOut::Unknown));
    // The next person begins anew.
    desk.ask(Command::NextPerson).unwrap();
    arrived(arrive(&desk, Shown::Code(code)));
    desk.close();
}

#[test]
fn an_invitation_that_this_site_would_not_take_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    let invite = |token: Token| desk.ask(Command::Invite(token)).unwrap();
    assert_eq!(invite(draft().sign(&key(2)).unwrap().0), Answer::NotInvited(Refused::UnknownKey));
    assert_eq!(invite(sign(&Draft { until: noon(), ..draft() }).0), Answer::NotInvited(Refused::Expired));
    assert_eq!(of_kind(&desk, Kind::InvitationStored).len(), 0);
    assert_eq!(guards_called(&desk), 0, "nobody stands there");
    desk.close();
}

#[test]
fn what_it_says_of_people_goes_a_day_after_its_end() {
    let dir = tempfile::tempdir().unwrap();
    let desk = open(dir.path(), &Machine::at(noon(), true));
    desk.ask(Command::Invite(sign(&draft()).0)).unwrap();
    desk.close();
    let mut journal = Journal::open(dir.path(), "20261124T000000Z").unwrap().journal;
    let mut waiting_after = |utc, synced| {
        journal.purge(&Keep::default(), Pressure::None, Now { utc, synced }).unwrap();
        journal.invitations_waiting(Now { utc: noon(), synced: true }).unwrap()
    };
    assert_eq!(waiting_after(hour(25), true), 1);
    assert_eq!(waiting_after(hour(2_000), false), 1, "nothing is old while the time is not known");
    assert_eq!(waiting_after(hour(27), true), 0);
}

/// A small site without an office: key, configuration, invitation, and the folder in which the daemon finds it.
/// What a reader that is not ours reads in a picture, and nothing else is in it.
fn in_picture(file: &str) -> String {
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(file).unwrap()));
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
    let (width, height) = (info.width as usize, info.height as usize);
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1);
    codes[0].decode().unwrap().1
}

#[test]
fn the_command_line_makes_a_key_and_an_invitation_that_the_site_lets_in() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name).display().to_string();
    let lobbyd = |args: &[&str]| {
        let done = std::process::Command::new(env!("CARGO_BIN_EXE_lobbyd")).args(args).output().unwrap();
        (done.status.success(), String::from_utf8(done.stdout).unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let (made, line, error) = lobbyd(&["invite", "key", "--key", &file("invitation.key")]);
    assert!(made, "{error}");
    assert!(!lobbyd(&["invite", "key", "--key", &file("invitation.key")]).0, "a key is never replaced");
    let rest = "[site]\nid = \"riverside\"\ngateway = \"lobby-1\"\n[building]\nurl = \"mqtt://127.0.0.1\"\n\
                [office]\nurl = \"mqtt://office.example\"\n";
    let head = "board = \"headless\"\ndata_dir = \".\"\n";
    let invite = |config: &str, more: &[&str]| {
        std::fs::write(file("lobby.toml"), config).unwrap();
        let (config, key, qr) = (file("lobby.toml"), file("invitation.key"), file("guest.png"));
        let who = ["invite", "--unit", "3-1203", "--host", "王女士", "--uses", "2", "--qr", &qr];
        let how =
            ["--from", "2026-11-21T11:00", "--until", "2026-11-21 14:00", "--json", "--config", &config, "--key", &key];
        lobbyd(&[&who[..], &how, more].concat())
    };
    let (_, _, error) = invite(&format!("{head}{rest}"), &[]);
    assert!(error.contains("unknown-key") && error.contains("invitation_key"), "{error}");
    let whole = format!("{head}{line}{rest}");
    let (invited, said, error) = invite(&whole, &[]);
    assert!(invited, "{error}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let token = Token::parse(said["token"].as_str().unwrap()).unwrap();
    let house = lobbyd::config::Config::load(&dir.path().join("lobby.toml")).unwrap().house();
    let read = token.open(&house.issuers).unwrap();
    assert_eq!((read.unit.as_str(), read.uses, read.from), ("3-1203", 2, hour(-1)));
    assert_eq!(read.code.digits(), said["code"].as_str().unwrap());
    assert_eq!(in_picture(&file("guest.png")), token.as_str());
    let waiting = lobbyd::config::invitations::waiting(dir.path()).unwrap();
    assert_eq!(waiting.iter().map(|file| file.token.clone()).collect::<Vec<_>>(), [Some(token)]);
    let (_, _, error) = invite(&whole, &["--visitor", "😀"]);
    assert!(!error.is_empty());
}

#[test]
fn an_invitation_of_the_office_is_kept_with_the_record_of_its_command_and_once() {
    let (dir, machine) = (tempfile::tempdir().unwrap(), Machine::at(noon(), true));
    let desk = open(dir.path(), &machine);
    let (token, code) = sign(&draft());
    let facts = data([("command", json!("invite")), ("command_id", json!("c-1")), ("signer", json!("office"))]);
    let record = Event {
        identity: Identity::Native(Id::derived(&[b"c-1"])),
        ..Event::here(Kind::CommandAccepted, slug("lobby-1"), Now { utc: noon(), synced: true }, facts)
    };
    let order = |token: &Token| {
        let what = Box::new(Command::Invite(token.clone()));
        let asked = Asked { name: "invite", id: "c-1".into(), signer: "office".into() };
        desk.ask(Command::Order { record: record.clone(), asked, what }).unwrap()
    };
    assert_eq!(order(&token), Answer::Done);
    // The same command with another invitation in it: the command was carried out, and brings nothing more.
    let (other, _) = sign(&Draft { id: [8; 12], ..draft() });
    assert_eq!(order(&other), Answer::Repeated);
    arrived(arrive(&desk, Shown::Code(code)));
    let rows = Reader::open(dir.path()).unwrap().all_after(0, 100).unwrap();
    let stored = rows.iter().filter(|row| row.kind == Kind::InvitationStored).count();
    assert_eq!(stored, 1);
}
