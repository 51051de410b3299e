//! One person's data: read out for him, erased when he asks, kept where the law holds it; by the desk, and with the real program.

#[path = "person/carried.rs"]
mod carried;
#[path = "common/clockwork.rs"]
mod clockwork;
mod common;
#[path = "person/held.rs"]
mod held;

use chrono::{DateTime, TimeDelta, Utc};
use clockwork::{Machine, Open, noon, open, open_house, repair};
use common::daemon::Daemon;
use common::tool::{self, NOBODY, lobbyd, said};
use lobbyd::desk::{Answer, Command};
use lobbyd::event::{Data, Event, Kind, Now, Slug, data};
use lobbyd::journal::{Ages, Days, JOURNAL_FILE, Journal, Keep, Lane, Pressure, Reader};
use lobbyd::service::case::Source;
use lobbyd::service::contact::{Name, Phone, Text, Unit};
use lobbyd::service::house::House;
use lobbyd::service::invitation::{Draft, Issuers, Shown, Token, site_mark};
use lobbyd::service::matter::Opening;
use lobbyd::service::number::{Number, Series};
use lobbyd::service::person::{Erasure, Hold, Of, Outcome, Request, Stays, Thing, Wanted};
use lobbyd::service::signature::PrivateKey;
use lobbyd::service::staff::{Actor, Role, Via};
use lobbyd::service::visit::{Leaver, SignOut};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const NAME: &str = "纪无名";
const PHONE: &str = "13900007341";
const OTHER: &str = "13900009999";

fn later(days: i64) -> Now {
    Now { utc: noon() + TimeDelta::days(days), synced: true }
}

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

fn wanted() -> Wanted {
    Wanted { phone: Phone::parse(PHONE).unwrap(), name: None, also: Vec::new() }
}

fn called(name: &str, phone: &str) -> Wanted {
    Wanted { name: Some(Name::parse(name).unwrap()), phone: Phone::parse(phone).unwrap(), also: Vec::new() }
}

/// Somebody visits and leaves.
fn visit(open: &Open, name: &str, phone: &str) -> Number {
    let visit =
        json!({"visit": {"unit": "1203", "name": name, "phone": phone, "purpose": "friends", "language": "zh-Hans"}});
    let number = open.open_case(serde_json::from_value::<Opening>(visit).unwrap());
    let who = Leaver::Tail(phone[phone.len() - 4..].into());
    open.ask(Command::SignOut(SignOut { who, unit: None, slip: None })).unwrap();
    number
}

/// A line of the call log, without its words.
fn line() -> Data {
    data([("via", json!("page")), ("item", json!(1)), ("items", json!(1))])
}

fn noted(open: &Open, words: &str) {
    let event = Event::here(Kind::LogNoted, Slug::new("gate-a").unwrap(), later(0), line());
    open.ask(Command::Record(event.about(data([("text", json!(words))])))).unwrap();
}

fn watched(open: &Open) {
    let entry = json!({"set": [{"id": "w-1", "names": [NAME], "phone": PHONE, "reason": "请先联系", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    open.ask(Command::WatchList(serde_json::from_value(entry).unwrap())).unwrap();
}

/// What somebody finds who looks at it on this day.
fn verified(dir: &Path, day: i64) -> Vec<String> {
    let ages = Ages { days: Days::default(), now: later(day) };
    Reader::open(dir).unwrap().audit_against(None, Some(ages)).unwrap().faults
}

/// The chain is whole, and what stands beside it is not what it says.
#[test]
fn whoever_changes_a_case_the_watch_list_or_what_is_held_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    let his = visit(&house, NAME, PHONE);
    visit(&house, "测试乙", OTHER);
    watched(&house);
    asked(&house, hold(Of::Case(his), 100));
    house.close();
    assert_eq!(verified(dir.path(), 0), Vec::<String>::new());
    let file = rusqlite::Connection::open(dir.path().join(JOURNAL_FILE)).unwrap();
    let changed = [
        (
            "casefile",
            "UPDATE casefile SET person = replace(person, '13900007341', '13900007342')",
            "is about is not what",
        ),
        ("casefile", "UPDATE casefile SET phone_tail = '0000' WHERE nth = 1", "is about is not what"),
        ("watch", "DELETE FROM watch", "the watch-list has 0 entries"),
        ("hold", "DELETE FROM hold", "the legal hold h-1 is gone"),
        ("hold", "UPDATE hold SET data = replace(data, '2026-7', '2026-8')", "is not the one that was placed"),
    ];
    for (table, change, why) in changed {
        file.execute_batch(&format!("CREATE TEMP TABLE kept AS SELECT * FROM {table}; {change}")).unwrap();
        let faults = verified(dir.path(), 0);
        assert!(faults.len() == 1 && faults[0].contains(why), "{change}: {faults:?}");
        let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept");
        file.execute_batch(&back).unwrap();
        assert_eq!(verified(dir.path(), 0), Vec::<String>::new());
    }
    // What has ended is no fault, nor who has been forgotten by then.
    purge(dir.path(), 60);
    assert_eq!(verified(dir.path(), 60), Vec::<String>::new());
    purge(dir.path(), 101);
    assert_eq!(verified(dir.path(), 101), Vec::<String>::new());
}

fn asked(open: &Open, request: Request) -> Outcome {
    let reference = Some("5eed".to_owned());
    match open.ask(Command::Person { request: Box::new(request), reference }) {
        Ok(Answer::Person(outcome)) => outcome,
        other => panic!("{other:?}"),
    }
}

fn erase(open: &Open) -> Erasure {
    match asked(open, Request::Erase { wanted: wanted(), author: text("隐私专员") }) {
        Outcome::Erased(erasure) => erasure,
        other => panic!("{other:?}"),
    }
}

fn hold(of: Of, days: i64) -> Request {
    let (reason, author) = (text("诉讼 2026-7"), text("法务"));
    Request::Hold(Hold { id: "h-1".into(), of, reason, author, until: noon() + TimeDelta::days(days) })
}

fn holds(dir: &Path, text: &str) -> bool {
    let of = |end| fs::read(dir.join(format!("{JOURNAL_FILE}{end}"))).unwrap_or_default();
    ["", "-wal"].into_iter().any(|end| of(end).windows(text.len()).any(|window| window == text.as_bytes()))
}

/// The desk looks through its file after it has answered.
fn until_gone(dir: &Path, text: &str) {
    let until = Instant::now() + Duration::from_secs(60);
    while holds(dir, text) {
        assert!(Instant::now() < until, "it still stands in the raw file");
        std::thread::yield_now();
    }
}

fn purge(dir: &Path, days: i64) {
    let mut journal = Journal::open(dir, "x").unwrap().journal;
    Lane::ALL.iter().for_each(|lane| journal.set_cursor(lane.cursor(), journal.newest()).unwrap());
    while journal.purge(&Keep::default(), Pressure::None, later(days)).unwrap().more {}
}

#[test]
fn whoever_asks_is_erased_from_the_raw_file_while_the_desk_runs_and_others_stay() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    let (his, others) = (visit(&house, NAME, PHONE), visit(&house, "测试乙", OTHER));
    noted(&house, &format!("请回电 {PHONE}"));
    watched(&house);
    assert!(holds(dir.path(), PHONE) && holds(dir.path(), NAME));
    let erasure = erase(&house);
    assert_eq!((erasure.cases.clone(), erasure.watched, erasure.stay.len()), (vec![his], 1, 0));
    assert!(erasure.events >= 2, "{erasure:?}");
    until_gone(dir.path(), PHONE);
    until_gone(dir.path(), NAME);
    assert!(holds(dir.path(), OTHER));
    let told = house.told(Kind::PersonErased).pop().unwrap();
    assert_eq!(
        (&told["why"], &told["person_ref"], &told["cases"]),
        (&json!("request"), &json!("5eed"), &json!([his.to_string()]))
    );
    assert_eq!(told["erased_events"].as_array().unwrap().len() as u64, erasure.events);
    assert_eq!(told["person"], json!({"author": "隐私专员"}));
    assert_eq!(erase(&house), Erasure::default(), "a second time there is nothing more to do");
    house.close();
    let reader = Reader::open(dir.path()).unwrap();
    assert_eq!(verified(dir.path(), 0), Vec::<String>::new(), "the chain is whole");
    assert_eq!(reader.case(his).unwrap().unwrap().case.state(), "signed-out", "what happened stays");
    assert!(reader.case(others).unwrap().unwrap().person.contains_key("phone"));
}

#[test]
fn what_is_open_or_held_stays_and_is_named_and_is_gone_when_nothing_keeps_it() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    let held = visit(&house, NAME, PHONE);
    let mut mine = serde_json::to_value(repair()).unwrap();
    mine["repair"]["phone"] = json!(PHONE);
    let open_one = house.open_case(serde_json::from_value(mine).unwrap());
    assert_eq!(asked(&house, hold(Of::Case(held), 40)), Outcome::Held { until: noon() + TimeDelta::days(40) });
    let erasure = erase(&house);
    assert_eq!(erasure.stay, [(Thing::Case(held), Stays::Held), (Thing::Case(open_one), Stays::WhenClosed)]);
    assert_eq!((erasure.events, erasure.cases.len()), (0, 0));
    let lift = |id: &str| Request::Lift { id: id.into(), author: text("法务") };
    assert_eq!(asked(&house, lift("other")), Outcome::Lifted(false));
    assert_eq!(asked(&house, lift("h-1")), Outcome::Lifted(true));
    assert_eq!(erase(&house).cases, [held]);
    assert_eq!((house.told(Kind::HoldPlaced).len(), house.told(Kind::HoldLifted).len()), (1, 1));
    let placed = house.told(Kind::HoldPlaced).pop().unwrap();
    assert_eq!(placed["person"], json!({"author": "法务", "reason": "诉讼 2026-7"}));
    // With its end, and without being asked once more.
    assert!(house.case(open_one).person.contains_key("phone"), "whoever comes to repair it must reach him");
    let by = Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page);
    let step = serde_json::from_value(json!({"withdraw": {}})).unwrap();
    let answer = house.ask(Command::Move { number: open_one, step, seen: None, by }).unwrap();
    assert!(matches!(answer, Answer::Moved { .. }), "{answer:?}");
    assert!(house.case(open_one).person.is_empty());
    let told = house.told(Kind::PersonErased).pop().unwrap();
    assert_eq!((&told["person_ref"], &told["cases"]), (&json!("5eed"), &json!([open_one.to_string()])));
    assert!(!told["erased_events"].as_array().unwrap().is_empty(), "the office clears its own");
    until_gone(dir.path(), PHONE);
    let too_long = asked(&house, hold(Of::Case(held), 2_000));
    assert!(matches!(&too_long, Outcome::Refused(why) if why.contains("days")), "{too_long:?}");
    house.close();
}

/// Somebody is invited, for a week, and the office has handed the invitation over.
fn invited(open: &Open, visitor: &str, id: u8) -> Token {
    invited_from(open, noon(), visitor, id)
}

fn invited_from(open: &Open, from: DateTime<Utc>, visitor: &str, id: u8) -> Token {
    let draft = Draft {
        site: Slug::new("riverside").unwrap(),
        id: [id; 12],
        from,
        until: from + TimeDelta::days(7),
        uses: 2,
        unit: Unit::parse("3-1203").unwrap(),
        host: Name::parse("王女士").unwrap(),
        visitor: Some(Name::parse(visitor).unwrap()),
    };
    let (token, _) = draft.sign(&PrivateKey::from_seed(&[1; 32]).unwrap()).unwrap();
    open.ask(Command::Invite(token.clone())).unwrap();
    token
}

#[test]
fn an_invitation_is_his_when_somebody_has_said_so_and_he_comes_in_with_his_own_copy() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let key = PrivateKey::from_seed(&[1; 32]).unwrap().public();
    let issuers = Issuers { site: site_mark(&Slug::new("riverside").unwrap()), keys: vec![key] };
    let house = open_house(dir.path(), &machine, House { issuers, ..clockwork::house() }).unwrap();
    let (his, hers) = (invited(&house, NAME, 7), invited(&house, "测试乙", 8));
    let known = |wanted: &Wanted| Reader::open(dir.path()).unwrap().known_of(wanted).unwrap();
    let erased = |wanted: Wanted| match asked(&house, Request::Erase { wanted, author: text("隐私专员") }) {
        Outcome::Erased(erasure) => erasure,
        other => panic!("{other:?}"),
    };
    // An invitation has no phone: by name alone it may be a namesake's.
    let (wanted, invitation) = (called(NAME, PHONE), Thing::Invitation([7; 12]));
    assert!(known(&wanted).invited.is_empty() && known(&wanted).namesakes == [invitation.clone()].into());
    let erasure = erased(wanted.clone());
    assert_eq!((erasure.invitations, erasure.stay), (0, vec![(invitation.clone(), Stays::Namesake)]));
    assert!(holds(dir.path(), his.as_str()));
    let wanted = Wanted { also: vec![invitation], ..wanted };
    assert_eq!(known(&wanted).invited.iter().map(|said| said.id).collect::<Vec<_>>(), [[7; 12]]);
    assert_eq!(erased(wanted).invitations, 1);
    assert_eq!(house.told(Kind::PersonErased).pop().unwrap()["invitations"], json!(1));
    until_gone(dir.path(), his.as_str());
    assert!(holds(dir.path(), hers.as_str()), "nobody else's");
    let arrive = |shown| Command::Arrive { shown, language: "zh-Hans".into(), by: Actor::GUEST };
    assert!(
        matches!(house.ask(arrive(Shown::Token(his))), Ok(Answer::Arrived { .. })),
        "what he carries is good as before"
    );
    // A visit that an invitation has opened has no number of his.
    let Ok(Answer::Arrived { number, .. }) = house.ask(arrive(Shown::Token(hers))) else { panic!("she arrives") };
    house
        .ask(Command::Move {
            number,
            step: serde_json::from_value(json!({"matter": {"visit": "sign-out"}})).unwrap(),
            seen: None,
            by: Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page),
        })
        .unwrap();
    let host = Wanted { also: vec![Thing::Invitation([8; 12])], ..called("王女士", "13700001111") };
    assert_eq!(
        (known(&host).invited.len(), known(&host).cases.len()),
        (1, 0),
        "it is the guest's visit, not the host's"
    );
    let wanted = called("测试乙", OTHER);
    let invitation = Thing::Invitation([8; 12]);
    assert!(known(&wanted).cases.is_empty(), "a namesake's visit is not read out");
    let stay = erased(wanted.clone()).stay;
    assert_eq!(stay, [(Thing::Case(number), Stays::Namesake), (invitation.clone(), Stays::Namesake)]);
    assert!(!house.case(number).person.is_empty());
    let erasure = erased(Wanted { also: vec![invitation], ..wanted });
    assert_eq!((erasure.cases, erasure.invitations), (vec![number], 1));
    let told = house.told(Kind::PersonErased).pop().unwrap();
    assert_eq!(told["erased_invitations"], json!(["08".repeat(12)]), "the office hands it over no more");
    assert!(house.case(number).person.is_empty());
    house.close();
}

/// Two steps from his name: his invitation, the visit that it opened, and what was said of that.
#[test]
fn what_the_watch_list_said_of_a_visit_by_invitation_goes_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let key = PrivateKey::from_seed(&[1; 32]).unwrap().public();
    let issuers = Issuers { site: site_mark(&Slug::new("riverside").unwrap()), keys: vec![key] };
    let house = open_house(dir.path(), &Machine::at(noon(), true), House { issuers, ..clockwork::house() }).unwrap();
    let entry = json!({"set": [{"id": "w-5", "names": [NAME], "reason": "请先联系", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    house.ask(Command::WatchList(serde_json::from_value(entry).unwrap())).unwrap();
    let shown = Shown::Token(invited(&house, NAME, 7));
    let arrived = house.ask(Command::Arrive { shown, language: "zh-Hans".into(), by: Actor::GUEST });
    let Ok(Answer::Arrived { number: visit, .. }) = arrived else { panic!("{arrived:?}") };
    let support = Number { series: Series::Support, nth: 1, ..visit };
    assert_eq!(house.case(support).person["watch_reason"], "请先联系");
    let wanted = Wanted { also: vec![Thing::Invitation([7; 12])], ..called(NAME, PHONE) };
    let known = Reader::open(dir.path()).unwrap().known_of(&wanted).unwrap();
    let cases: Vec<Number> = known.cases.iter().map(|row| row.case.docket.number).collect();
    assert!(cases.contains(&visit) && cases.contains(&support), "{cases:?}");
    house.close();
}

/// What has a name and no number may be a namesake's: it is told, and erased when somebody has looked.
#[test]
fn what_has_only_his_name_is_told_and_goes_when_somebody_says_that_it_is_his() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    let desk = || Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page);
    let opened = |opening: Value| {
        let opening = serde_json::from_value::<Opening>(opening).unwrap();
        match house.ask(Command::Open { opening, source: Source::Phone, by: desk() }) {
            Ok(Answer::Opened { number, .. }) => number,
            other => panic!("{other:?}"),
        }
    };
    let birthday = opened(json!({"birthday": {"unit": "3-1203", "name": NAME, "month": 5, "consent_to": "测试前台",
                                              "consent_on": "2026-11-20"}}));
    let keys = opened(
        json!({"custody": {"unit": "3-1204", "name": "测试乙", "phone": OTHER, "keys": 1, "reason": "旅行",
                                         "collection": "凭证件", "collectors": [NAME], "consent": "screen", "language": "zh-Hans"}}),
    );
    let withdraw = serde_json::from_value(json!({"withdraw": {"reason": null}})).unwrap();
    let withdrawn = house.ask(Command::Move { number: keys, step: withdraw, seen: None, by: desk() });
    assert!(matches!(withdrawn, Ok(Answer::Moved { .. })), "{withdrawn:?}");
    let erased = |cases: Vec<Number>| {
        let also = cases.into_iter().map(Thing::Case).collect();
        let wanted = Wanted { also, ..called(NAME, PHONE) };
        match asked(&house, Request::Erase { wanted, author: text("隐私专员") }) {
            Outcome::Erased(erasure) => (erasure.cases, erasure.stay),
            other => panic!("{other:?}"),
        }
    };
    let both = [birthday, keys].map(|number| (Thing::Case(number), Stays::Namesake));
    let (gone, stay) = erased(Vec::new());
    assert!(gone.is_empty() && stay.len() == 2 && both.iter().all(|one| stay.contains(one)), "{stay:?}");
    let known = Reader::open(dir.path()).unwrap().known_of(&called(NAME, PHONE)).unwrap();
    assert!(known.cases.is_empty() && known.events.is_empty(), "nobody reads what may be another's");
    assert_eq!(known.namesakes.len(), 2);
    assert_eq!(erased(vec![birthday, keys]), (vec![keys], vec![(Thing::Case(birthday), Stays::WhenClosed)]));
    let person = house.case(keys).person;
    assert!(person.get("collector_1").is_none() && person["name"] == "测试乙", "{person:?}");
    let withdraw = serde_json::from_value(json!({"withdraw": {"reason": null}})).unwrap();
    assert!(house.ask(Command::Move { number: birthday, step: withdraw, seen: None, by: desk() }).is_ok());
    assert!(house.case(birthday).person.is_empty());
    house.close();
}

/// An entry without a phone is of whoever has that name: it is nobody's to read, and goes when somebody has looked.
#[test]
fn an_entry_of_the_watch_list_with_a_name_alone_stays_until_somebody_says_that_it_is_his() {
    let dir = tempfile::tempdir().unwrap();
    let house = open(dir.path(), &Machine::at(noon(), true));
    let entry = json!({"set": [{"id": "w-2", "names": [NAME], "reason": "请先联系", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    house.ask(Command::WatchList(serde_json::from_value(entry).unwrap())).unwrap();
    let (wanted, entry) = (called(NAME, PHONE), Thing::Watch("w-2".into()));
    let known = Reader::open(dir.path()).unwrap().known_of(&wanted).unwrap();
    assert!(known.watched.is_empty() && known.namesakes == [entry.clone()].into());
    let erased = |also| match asked(
        &house,
        Request::Erase { wanted: Wanted { also, ..wanted.clone() }, author: text("隐私专员") },
    ) {
        Outcome::Erased(erasure) => (erasure.watched, erasure.stay),
        other => panic!("{other:?}"),
    };
    assert_eq!(erased(Vec::new()), (0, vec![(entry.clone(), Stays::Namesake)]));
    assert_eq!(house.told(Kind::PersonErased).pop().unwrap()["stay"][0]["number"], "watch:w-2");
    assert_eq!(erased(vec![entry]), (1, vec![]));
    // Two share a telephone, and the list has the other one's name.
    let entry = json!({"set": [{"id": "w-3", "names": ["测试乙"], "phone": PHONE, "reason": "请先联系", "author": "总部",
                                "until": noon() + TimeDelta::days(30)}]});
    house.ask(Command::WatchList(serde_json::from_value(entry).unwrap())).unwrap();
    let known = Reader::open(dir.path()).unwrap().known_of(&wanted).unwrap();
    assert!(known.watched.is_empty() && known.namesakes == [Thing::Watch("w-3".into())].into());
    house.close();
}

#[test]
fn an_erasure_that_is_cut_off_has_not_begun() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    visit(&house, NAME, PHONE);
    house.close();
    let known = || {
        let known = Reader::open(dir.path()).unwrap().known_of(&wanted()).unwrap();
        (known.cases.len(), known.events.len())
    };
    let before = known();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.begin().unwrap();
    let request = Request::Erase { wanted: wanted(), author: text("隐私专员") };
    assert!(matches!(journal.person(&request, None, later(1)), Ok(Outcome::Erased(erasure)) if erasure.events > 0));
    // The process is killed here.
    drop(journal);
    assert_eq!(known(), before);
    assert!(before.0 == 1 && before.1 >= 2 && holds(dir.path(), PHONE));
}

/// Power goes after the answer and before the file was looked through: the next start does it, and nobody waits for an hour.
#[test]
fn what_an_erasure_has_left_in_the_file_goes_with_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    visit(&house, NAME, PHONE);
    house.close();
    let mut journal = Journal::open(dir.path(), "x").unwrap().journal;
    journal.begin().unwrap();
    journal.person(&Request::Erase { wanted: wanted(), author: text("隐私专员") }, None, later(0)).unwrap();
    journal.commit().unwrap();
    assert!(journal.has_traces().unwrap());
    drop(journal);
    let house = open(dir.path(), &machine);
    let file = rusqlite::Connection::open(dir.path().join(JOURNAL_FILE)).unwrap();
    let left = || file.prepare("SELECT 1 FROM meta WHERE key = 'traces'").unwrap().exists([]).unwrap();
    common::blocking_until("the file is looked through", || !left());
    house.close();
}

#[test]
fn two_who_share_a_phone_are_told_apart_by_their_names() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    let (his, hers) = (visit(&house, NAME, PHONE), visit(&house, "测试乙", PHONE));
    let wanted = Wanted { name: Some(Name::parse(NAME).unwrap()), ..wanted() };
    let known = Reader::open(dir.path()).unwrap().known_of(&wanted).unwrap();
    assert_eq!(known.cases.iter().map(|row| row.case.docket.number).collect::<Vec<_>>(), [his]);
    let Outcome::Erased(erasure) = asked(&house, Request::Erase { wanted, author: text("隐私专员") }) else {
        panic!()
    };
    assert_eq!(erasure.cases, [his]);
    assert!(house.case(hers).person.contains_key("phone") && house.case(his).person.is_empty());
    house.close();
}

#[test]
fn what_others_said_of_him_and_what_the_watch_list_had_to_say_goes_too() {
    let dir = tempfile::tempdir().unwrap();
    let machine = Machine::at(noon(), true);
    let house = open(dir.path(), &machine);
    watched(&house);
    let his = visit(&house, NAME, PHONE);
    let hit = house.told(Kind::SituationAlerted).pop().expect("the guards are told");
    assert_eq!(hit["person"]["watch_reason"], "请先联系");
    let support = Number { series: Series::Support, nth: 1, ..his };
    let mut told = serde_json::to_value(repair()).unwrap();
    told["repair"]["detail"] = json!(format!("请联系 139.0000.7341 {NAME}"));
    let others = house.open_case(serde_json::from_value(told).unwrap());
    let by = Actor::staff(Slug::new("desk").unwrap(), "测试前台".into(), Role::FrontDesk, None, Via::Page);
    let step = serde_json::from_value(json!({"withdraw": {}})).unwrap();
    let answer = house.ask(Command::Move { number: others, step, seen: None, by }).unwrap();
    assert!(matches!(answer, Answer::Moved { .. }), "{answer:?}");
    let wanted = Wanted { name: Some(Name::parse(NAME).unwrap()), ..wanted() };
    let known = Reader::open(dir.path()).unwrap().known_of(&wanted).unwrap();
    let theirs = known.cases.iter().find(|row| row.case.docket.number == others).unwrap();
    assert!(theirs.case.docket.facts.is_empty() && !theirs.person.contains_key("phone"), "{theirs:?}");
    assert!(theirs.person.contains_key("detail"), "what was said of him is his to read");
    let slip = others.to_string().to_lowercase();
    let of_his = |row: &lobbyd::journal::Row| serde_json::from_str::<Value>(row.data.get()).unwrap();
    let (theirs, mine): (Vec<_>, Vec<_>) = known.events.iter().partition(|row| row.subject == slip);
    let said = json!({"person": {"detail": format!("请联系 139.0000.7341 {NAME}")}});
    assert!(!theirs.is_empty() && theirs.into_iter().all(|row| of_his(row) == said), "nobody else's words: {known:?}");
    assert!(mine.into_iter().any(|row| of_his(row)["person"]["name"] == NAME), "his own are whole");
    let Outcome::Erased(erasure) = asked(&house, Request::Erase { wanted, author: text("隐私专员") }) else {
        panic!()
    };
    assert_eq!(erasure.stay, [(Thing::Case(support), Stays::WhenClosed)], "a guard still looks after it");
    let cases: std::collections::BTreeSet<Number> = erasure.cases.into_iter().collect();
    assert_eq!(cases, [his, others].into());
    let left = house.case(others).person;
    assert!(
        left.contains_key("phone") && !left.contains_key("detail"),
        "whose repair it is can still be reached: {left:?}"
    );
    house.close();
}

#[test]
fn the_program_exports_holds_and_erases_while_the_daemon_runs() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let machine = Machine::at(chrono::Utc::now(), true);
    let house = open_house(&data, &machine, House::bare(chrono_tz::Asia::Shanghai)).unwrap();
    let number = visit(&house, NAME, PHONE);
    visit(&house, "测试乙", OTHER);
    house.close();
    let daemon = Daemon::start(dir.path(), NOBODY, NOBODY);
    let config = dir.path().join("lobby.toml");
    let out = dir.path().join("his.json");
    let words = |words: &[&str]| tool::command(&[&["person"], words, &["--author", "隐私专员"]].concat(), &config);
    let run = |said: &[&str]| words(said).output().unwrap();
    let told = |said: &[&str], lines: &str| tool::told(&mut words(said), lines);
    let nobody = told(&["export", "--out", out.to_str().unwrap()], "");
    assert!(nobody.status.code() == Some(1) && said(&nobody).contains("phone number"), "{}", said(&nobody));
    let typed = told(&["export", "--phone", "-", "--out", out.to_str().unwrap()], "139-NAME\n");
    assert!(said(&typed).contains("not a phone number") && !said(&typed).contains("139"), "{}", said(&typed));
    assert!(!out.exists());
    let exported = told(&["export", "--out", out.to_str().unwrap()], &format!("{PHONE}\n{NAME}\n"));
    assert_eq!(
        exported.status.code(),
        Some(0),
        "{}: {}",
        said(&exported),
        fs::read_to_string(dir.path().join("log")).unwrap()
    );
    let copy = fs::read_to_string(&out).unwrap();
    assert!(copy.contains(NAME) && copy.contains(&number.to_string()) && !copy.contains(OTHER), "{copy}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&out).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let copy: Value = serde_json::from_str(&copy).unwrap();
    assert_eq!(copy["tickets"].as_array().unwrap().len(), 1);

    let slip = number.to_string();
    let until = (chrono::Utc::now() + TimeDelta::days(10)).format("%Y-%m-%d").to_string();
    let held = run(&["hold", "--case", &slip, "--reason", "诉讼", "--until", &until, "--json"]);
    assert_eq!(held.status.code(), Some(0), "{}", said(&held));
    let held: Value = serde_json::from_slice(&held.stdout).unwrap();
    let listed = said(&lobbyd(&["person", "holds"], &config));
    assert!(listed.contains(held["id"].as_str().unwrap()) && listed.contains(&slip), "{listed}");
    let erased = said(&told(&["erase"], &format!("{PHONE}\n")));
    assert!(erased.contains("held by law") && !erased.contains(NAME), "{erased}");
    assert_eq!(run(&["lift", held["id"].as_str().unwrap()]).status.code(), Some(0));
    let of_all = ["hold", "--phone", "-", "--reason", "诉讼", "--until", &until, "--json"];
    let held = told(&of_all, &format!("{PHONE}\n"));
    let held: Value = serde_json::from_slice(&held.stdout).unwrap();
    let listed = said(&lobbyd(&["person", "holds"], &config));
    assert!(listed.contains("phone …7341") && !listed.contains(PHONE), "{listed}");
    assert_eq!(run(&["lift", held["id"].as_str().unwrap()]).status.code(), Some(0));
    let (erased, asked) = tool::at_a_terminal(&mut words(&["erase"]), &format!("{PHONE}\n\n"));
    assert!(asked.contains("Phone number: ") && asked.contains("Name"), "{asked}");
    assert_eq!(erased.status.code(), Some(0), "{}", said(&erased));
    until_gone(&data, PHONE);
    assert_eq!(fs::read_dir(data.join("requests")).unwrap().count(), 0, "no request is left, which names him");
    let rows = Reader::open(&data).unwrap().all_after(0, 1_000).unwrap();
    let reference = |kind| {
        let row = rows.iter().rfind(|row| row.kind == kind).unwrap();
        serde_json::from_str::<Value>(row.data.get()).unwrap()["person_ref"].as_str().unwrap().to_owned()
    };
    assert_eq!(reference(Kind::PersonErased), reference(Kind::PersonExported), "the same hash for the same person");
    assert!(reference(Kind::PersonErased).len() == 32);
    drop(daemon);
}
