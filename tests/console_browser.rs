//! The guards' page as guards meet it: real browsers, a real daemon, real brokers, and a finger on the kiosk's glass.

mod common;
#[path = "common/guard.rs"]
mod guard;
#[path = "common/webdriver.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod webdriver;

use chrono::{DateTime, Utc};
use common::clients::publish_all;
use common::daemon::Daemon;
use common::glass::{Glass, Gone};
use common::lobby::{PIN, enlist};
use common::mosquitto::{Mosquitto, free_port};
use guard::Guard;
use lobbyd::service::case::Step;
use lobbyd::service::matter::Opening;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Posts for every duty, and a ladder of seconds instead of tens of seconds.
const HOUSE: &str = r#"
[[post]]
id = "gate-a"
name = "东门岗"
takes = ["call", "alarm", "errand"]
superior = "front"
[[post]]
id = "gate-b"
name = "北门岗"
takes = ["call", "alarm", "errand"]
superior = "front"
[[post]]
id = "front"
name = "前台"
takes = ["desk"]
superior = "office"
[[post]]
id = "workshop"
name = "工程部"
takes = ["repair"]
superior = "office"
[[post]]
id = "office"
name = "主管"
takes = ["supervise", "manage"]
[service.call]
next_post_seconds = 5
all_posts_seconds = 10
missed_seconds = 16
"#;

struct House {
    building: Mosquitto,
    _office: Mosquitto,
    daemon: Daemon,
    screen: SocketAddr,
    address: String,
    _dir: tempfile::TempDir,
}

impl House {
    fn open(quick: bool) -> House {
        let dir = tempfile::tempdir().unwrap();
        let (building, office) = (Mosquitto::start(""), Mosquitto::start(""));
        let screen: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let page = format!("127.0.0.1:{}", free_port());
        let posts = if quick { HOUSE } else { HOUSE.split("[service.call]").next().unwrap() };
        let more = format!("[console]\nenabled = true\nlisten = \"{page}\"\n{posts}");
        std::fs::create_dir_all(dir.path().join("data")).unwrap();
        enlist(&dir.path().join("data"));
        let daemon = Daemon::with_screen_and(dir.path(), &building.url(), &office.url(), screen, &more);
        // The page is up when the glass is.
        drop(Glass::connect(screen));
        House { building, _office: office, daemon, screen, address: format!("http://{page}/"), _dir: dir }
    }

    fn at_the_glass(&self, mut person: impl FnMut(&mut Glass) -> Result<(), Gone>) {
        person(&mut Glass::connect(self.screen)).expect("the daemon lives");
    }

    /// Somebody presses the button of the door station.
    fn ring(&self) {
        let now = Utc::now();
        let payload = json!({
            "Action": "Start", "deviceType": "VTO-TEST", "serialNumber": "NORTH01",
            "Data": {"CallID": "1", "LocaleTime": local(now), "UTC": now.timestamp()},
        });
        let message = ("DahuaVTO/CallNoAnswered/Event".to_owned(), payload.to_string().into_bytes());
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(publish_all(self.building.port, vec![message].into_iter(), Arc::new(AtomicUsize::new(0))));
    }

    fn guard(&self, id: &str, post: &str) -> Guard {
        Guard::signed_in(&self.address, id, PIN, post)
    }
}

fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&chrono_tz::Asia::Shanghai).format("%Y-%m-%d %H:%M:%S").to_string()
}

fn ask_for_help(glass: &mut Glass) -> Result<(), Gone> {
    glass.press_through("help")?;
    glass.wait("somebody is called", |glass| glass.screen() == "help.told")
}

fn report_a_leak(glass: &mut Glass) -> Result<(), Gone> {
    glass.press_through("home.repair")?;
    glass.press_through("report.home")?;
    for digit in "1203".chars() {
        glass.press(&format!("key.{digit}"))?;
    }
    glass.press_through("next")?;
    glass.press_through("what.water")?;
    glass.press("when.soon")?;
    glass.press_through("at-home.yes")?;
    for key in "key.w key.a key.n key.g candidate.1".split(' ') {
        glass.press(key)?;
    }
    glass.wait("the strip to go", |glass| glass.part("candidate.1").is_none())?;
    glass.press_through("next")?;
    for digit in "13800138000".chars() {
        glass.press(&format!("key.{digit}"))?;
    }
    glass.press_through("next")?;
    glass.press("next")?;
    glass.wait("the number", |glass| glass.screen() == "repair.received")
}

const TEXT_OF_CARDS: &str =
    "return [...document.querySelectorAll('.card')].map((card) => card.dataset.number + '/' + card.dataset.errand)";

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn two_guards_race_for_one_call_and_the_second_sees_the_name_of_the_first() {
    let house = House::open(false);
    let (first, second) = (house.guard("guard-a", "gate-a"), house.guard("guard-b", "gate-a"));
    house.ring();
    assert!(first.card("answer-call").contains("对讲呼叫"));
    assert!(second.card("answer-call").contains("您好！"), "the card says how to answer (R225)");
    // Both presses are under way before either answer: the second one is pressed on a page that does not know yet.
    second.browser.run(
        "const card = document.querySelector('.card[data-errand=\"answer-call\"]');
         window.lobbydHeld = window.fetch;
         window.fetch = (path, how) => String(path).endsWith('/step') ? new Promise((go) => { window.lobbydGo = () => go(window.lobbydHeld(path, how)); }) : window.lobbydHeld(path, how);
         card.querySelector('[data-act=claim]').click();",
    );
    first.press("answer-call", "claim");
    first.wait("my card", "return document.querySelector('.card.mine') !== null");
    second.browser.run("window.lobbydGo()");
    second.wait("the other's name", "return /测试guard-a已经接手了/.test(document.querySelector('.card').innerText)");
    second.wait("a grey card", "return document.querySelector('.card.taken') !== null");
    let taken = second.card("answer-call");
    assert!(taken.contains("测试guard-a（工牌 A-guard-a）已接手"), "R016, name and badge: {taken}");
    assert!(!second.card("answer-call").contains("我来接"), "what somebody else has, has no buttons");
    first.press("answer-call", "speaking");
    first.press("answer-call", "done");
    first.answer(&[("outcome", json!("let-in"))]);
    first.no_card("answer-call");
    second.no_card("answer-call");
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_call_that_nobody_takes_climbs_to_every_post_and_must_then_be_acknowledged() {
    let house = House::open(true);
    let (near, far) = (house.guard("guard-a", "gate-a"), house.guard("guard-b", "gate-b"));
    house.ring();
    near.card("answer-call");
    near.wait("the ring", "return window.guards.rings() === 'call' && document.title.startsWith('(1)')");
    assert!(far.card("answer-call").contains("前一岗未接"), "the next post is told why it rings there");
    let missed = near.card("missed-call");
    assert!(missed.contains("未接来电"), "{missed}");
    near.no_card("answer-call");
    near.wait("silence", "return window.guards.rings() === null");
    near.press("missed-call", "done");
    near.answer(&[("outcome", json!("nobody"))]);
    near.no_card("missed-call");
    far.no_card("missed-call");
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_ringing_call_goes_to_the_next_post_with_one_touch() {
    let house = House::open(false);
    let (near, far) = (house.guard("guard-a", "gate-a"), house.guard("guard-b", "gate-b"));
    house.ring();
    near.press("answer-call", "decline");
    near.no_card("answer-call");
    assert_eq!(near.browser.run("return document.querySelector('dialog') === null"), json!(true), "nothing is asked");
    assert!(far.card("answer-call").contains("对讲呼叫"));
}

/// Opens a matter over the page, as whoever is signed in.
fn register(guard: &Guard, opening: &Value) -> String {
    let opened = guard.browser.run(&format!(
        "return fetch('/api/open', {{ method: 'POST', body: JSON.stringify({opening}), headers: {{
             'Content-Type': 'application/json', 'X-CSRF': window.guards.store.me.csrf }} }}).then((answer) => answer.json())"
    ));
    opened["number"].as_str().unwrap().to_owned()
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_reply_to_a_complaint_keeps_its_order_and_leaves_nothing_out() {
    let house = House::open(false);
    let front = house.guard("desk", "front");
    let complaint = json!({"opening": {"complaint": {
        "text": "楼道灯一直不亮", "topic": "repair", "name": "测试", "phone": "13800138000", "language": "zh-Hant",
    }}, "source": "phone"});
    let number = register(&front, &complaint);
    front.open(&number);
    front.step("classify", &[("class", json!("valid-conduct")), ("major", json!(false))], "已归类");
    front.browser.run("document.querySelector('#record [data-step=acknowledge]').click()");
    front.wait("the parts", "return document.querySelectorAll('dialog .reply .field').length === 6");
    front.browser.run("document.querySelector('dialog form').requestSubmit()");
    front.wait(
        "what is missing",
        "return document.querySelector('dialog .reply [data-name=action] .unclear').hidden === false",
    );
    let tomorrow = (Utc::now() + chrono::TimeDelta::days(1)).format("%Y-%m-%dT10:00").to_string();
    front.answer(&[
        ("apology", json!("燈壞了這麼久，實在對不起。")),
        ("action", json!("換好燈管")),
        ("at", json!(tomorrow)),
    ]);
    front.state("已致谢致歉");
    let reply = front.browser.run(&format!(
        "return fetch('/api/case/{number}').then((answer) => answer.json()).then((record) => record.person.reply)"
    ));
    let reply = reply.as_str().unwrap();
    let parts = ["謝謝您", "您的意見", "實在對不起", "換好燈管", "感謝您的支持與理解"];
    let at: Vec<Option<usize>> = parts.iter().map(|part| reply.find(part)).collect();
    assert!(at.iter().all(Option::is_some) && at.is_sorted(), "thanks, why, apology, action, closing: {reply}");
    assert!(reply.contains("10:00"), "the action has its time: {reply}");
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_repair_goes_from_the_glass_to_the_call_back_and_its_end() {
    let house = House::open(false);
    let workshop = house.guard("engineer", "workshop");
    house.at_the_glass(report_a_leak);
    let card = workshop.card("repair");
    assert!(card.contains("1203 室") && card.contains("王**") && !card.contains("13800138000"), "{card}");
    workshop.press("repair", "claim");
    workshop.answer(&[("eta", json!({"minutes": 10}))]);
    workshop.press("repair", "arrived");
    let number = workshop.browser.run("return document.querySelector('.card').dataset.number");
    let number = number.as_str().unwrap();
    workshop.open(number);
    assert!(workshop.words().contains("13800138000"), "whoever has opened the record can call the resident");
    workshop.browser.run("document.querySelector('#record [data-step=identify]').click()");
    workshop.answer(&[("how", json!("in-person"))]);
    workshop.step("confirm-fault", &[("category", json!("water")), ("fault", json!("软管老化"))], "已核实故障");
    let plan =
        [("plan", json!("更换软管")), ("labour", json!("20")), ("material", json!("15")), ("listed", json!(true))];
    workshop.step("make-plan", &plan, "待住户认可");
    workshop.step("answer-plan", &[("accepted", json!(true))], "住户已认可");
    workshop.step("start", &[("entry_consent", json!(true))], "维修中");
    let done = [
        ("result", json!("已更换软管，不再漏水")),
        ("site_restored", json!(true)),
        ("accepted", json!(true)),
        ("signature", json!("screen")),
    ];
    workshop.step("done", &done, "已完工");
    let office = house.guard("supervisor", "office");
    office.open(number);
    office.step("check", &[("passed", json!(true))], "已检查签字");
    workshop.step("settle", &[("paid", json!("35")), ("receipt", json!("s-1001"))], "已结清");
    let front = house.guard("desk", "front");
    front.open(number);
    let words = front.words();
    for said in ["测试engineer", "测试supervisor", "结清", "软管老化"] {
        assert!(words.contains(said), "the history tells {said}: {words}");
    }
    front.browser.run("document.querySelector('#record [data-step=\"call-back\"]').click()");
    front.answer(&[("satisfied", json!(true)), ("channel", json!("phone"))]);
    front.wait("its end", "return ['已回访', '已结束'].includes(document.querySelector('#record .state').textContent)");
    front.browser.run("document.querySelector('#record [data-act=close]').click()");
    if front.browser.run("return document.querySelector('.card[data-errand=\"tell-result\"]') !== null") == json!(true)
    {
        front.press("tell-result", "done");
        front.answer(&[]);
    }
    front.wait("an empty list", "return window.guards.store.tickets.size === 0");
    workshop.wait("an empty list there too", "return window.guards.store.tickets.size === 0");
}

/// Steps that the page has sent, taken or refused.
const SENT: &str = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/step')).length";

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_leader_gives_a_repair_to_whoever_is_proposed_and_a_bare_other_is_not_even_sent() {
    let house = House::open(false);
    let office = house.guard("supervisor", "office");
    house.at_the_glass(report_a_leak);
    let card = office.card("repair");
    assert!(["测试engineer", "水工 精通", "手上没有"].iter().all(|said| card.contains(said)), "{card}");
    office.press("repair", "decline");
    office.wait("the question", "return document.querySelector('dialog [data-name=reason]') !== null");
    office.browser.run(
        "document.querySelector('dialog [data-name=reason] [data-value=other]').click();
         document.querySelector('dialog form').requestSubmit()",
    );
    office.wait("words", "return document.querySelector('dialog [data-name=note] .unclear').hidden === false");
    assert_eq!(office.browser.run(&format!("return {SENT}")), json!(0), "R058: it asks before it sends");
    office.browser.run("document.querySelector('dialog header button').click()");
    office.press("repair", "give");
    office.answer(&[("eta", json!({"minutes": 10}))]);
    office.wait(
        "whose it is",
        "return document.querySelector('.card[data-errand=repair] .who')?.textContent.includes('测试engineer')",
    );
    let engineer = house.guard("engineer", "workshop");
    assert!(engineer.card("repair").contains("您"), "it is his, and he says when he is there");
    engineer.press("repair", "arrived");
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn an_improvement_is_agreed_on_from_the_report_and_stands_below_it_with_the_time_left() {
    let house = House::open(false);
    let office = house.guard("supervisor", "office");
    let day = |ahead| local(Utc::now() + chrono::TimeDelta::days(ahead))[..10].to_owned();
    office.browser.run("location.hash = '#/report'");
    office.wait("the report", "return document.querySelector('[data-act=improve]') !== null");
    office.browser.run("document.querySelector('[data-act=improve]').click()");
    let what = [("what", json!("报修先问清地点")), ("department", json!("engineering")), ("due", json!(day(7)))];
    office.answer(&what);
    office.state("待落实");
    let listed = "return /改进.*工程部.*完成.*还有/s.test(document.querySelector('#improvements')?.innerText ?? '')";
    office.wait("its line below the report", listed);
    let done = [("who", json!("陈师傅")), ("what", json!("表单加了地点")), ("look_on", json!(day(14)))];
    office.step("done", &done, "已完成，待看效果");
    assert!(office.words().contains("陈师傅") && office.words().contains("报修先问清地点"), "{}", office.words());
    let front = house.guard("desk", "front");
    front.browser.run("location.hash = '#/report'");
    front.wait("the list there too", "return document.querySelector('#improvements .row') !== null");
    assert_eq!(
        front.browser.run("return document.querySelector('[data-act=improve]')"),
        Value::Null,
        "not his to plan"
    );
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_day_and_hour_that_is_typed_is_the_buildings_wherever_the_browser_is() {
    let house = House::open(false);
    let front = house.guard("desk", "front");
    for zone in ["America/New_York", "Asia/Shanghai", "Pacific/Kiritimati"] {
        front.browser.travel_to(zone);
        assert_eq!(front.browser.run("return Intl.DateTimeFormat().resolvedOptions().timeZone"), json!(zone));
        let read = "
            const { ask } = await import('/a/form.js');
            const { moment } = await import('/a/fields.js');
            let read;
            const dialog = ask({ title: 'x', fields: [moment('at')], submit: async (values) => { read = values.at; } });
            const input = dialog.querySelector('input');
            input.value = '2026-11-21T10:00';
            input.dispatchEvent(new Event('input', { bubbles: true }));
            dialog.querySelector('form').requestSubmit();
            await new Promise((done) => setTimeout(done));
            return read;";
        assert_eq!(front.browser.run(read), json!("2026-11-21T02:00:00Z"), "{zone}");
    }
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn a_lost_connection_is_said_at_once_and_comes_back_without_a_lost_or_doubled_card() {
    let mut house = House::open(false);
    let guard = house.guard("guard-a", "gate-a");
    house.at_the_glass(ask_for_help);
    guard.card("see-help");
    house.daemon.kill();
    let lost = "const banner = document.getElementById('connection'); return !banner.hidden && banner.textContent.includes('连接已断开');";
    guard.wait("the loss is said", lost);
    house.daemon.up();
    drop(Glass::connect(house.screen));
    house.at_the_glass(|glass| {
        glass.press_through("emergency")?;
        glass.wait("somebody is called", |glass| glass.words().contains("E-"))
    });
    guard.wait("it is back", "return document.getElementById('connection').hidden && window.guards.store.connected");
    guard.card("see-emergency");
    let cards = guard.browser.run(TEXT_OF_CARDS);
    let cards: Vec<&str> = cards.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(cards.iter().filter(|card| card.ends_with("/see-help")).count(), 1, "{cards:?}");
    assert_eq!(cards.iter().filter(|card| card.ends_with("/see-emergency")).count(), 1, "{cards:?}");

    // Frozen, nothing closes the line: only the missing heartbeat tells.
    house.daemon.freeze(true);
    guard.wait("the silence is said", lost);
    house.daemon.freeze(false);
    guard.wait("it is back", "return document.getElementById('connection').hidden && window.guards.store.connected");
    assert_eq!(guard.browser.run(TEXT_OF_CARDS).as_array().unwrap().len(), cards.len());
    guard.press("see-help", "claim");
    guard.wait("the card is mine", "return document.querySelector('.card.mine[data-errand=\"see-help\"]') !== null");
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn whoever_guesses_is_locked_out_and_told_until_when() {
    let house = House::open(false);
    let guard = Guard::at(&house.address);
    let refused = "return document.querySelector('.login .refusal').textContent !== '' && !document.querySelector('.login button[type=submit]').disabled";
    for guess in 0..5 {
        guard.type_login("guard-a", &format!("0000000{guess}"), "gate-a");
        guard.wait("a refusal", refused);
        if guard.words().contains("以后再试") {
            break;
        }
    }
    guard.type_login("guard-a", PIN, "gate-a");
    guard.wait(
        "the end of the lock",
        "return document.querySelector('.login .refusal').textContent.includes('以后再试')",
    );
    assert_eq!(guard.browser.run("return document.querySelectorAll('.card').length"), json!(0));
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn without_signing_in_the_page_shows_nothing_but_the_sign_in() {
    let house = House::open(false);
    house.at_the_glass(report_a_leak);
    let nobody = Guard::at(&house.address);
    let views = "now visitors tickets doors more muster pass keys proxy shift patrols log sign phrases report settings";
    for view in views.split(' ') {
        nobody.browser.go(&format!("{}#/{view}", house.address));
        nobody.wait("the sign-in", "return document.getElementById('who') !== null");
        let words = nobody.words();
        assert!(!words.contains("1203") && !words.contains("王") && !words.contains("现在需要我"), "{view}: {words}");
    }
    let routes = "me live case/R-1121-01 visitors muster log report pass/ABCD2345 shift export";
    for route in routes.split(' ') {
        let ask = format!(
            "return fetch('/api/{route}').then((answer) => answer.text().then((text) => [answer.status, text]))"
        );
        let answer = nobody.browser.run(&ask);
        assert!([401, 403, 404].contains(&answer[0].as_u64().unwrap()), "{route}: {answer}");
        assert!(!answer.to_string().contains("1203") && !answer.to_string().contains("13800138000"), "{route}");
    }
    // Signing out takes everything from the page, too.
    nobody.type_login("desk", PIN, "front");
    nobody.wait("the board", "return window.guards.store.tickets.size === 1");
    nobody.browser.run("location.hash = '#/settings'");
    nobody.wait("the way out", "return document.querySelector('[data-act=sign-out]') !== null");
    nobody.browser.run("document.querySelector('[data-act=sign-out]').click()");
    nobody.wait("the sign-in", "return document.getElementById('who') !== null");
    assert!(nobody.words().contains("您已退出"));
    let left = nobody.browser.run("return document.documentElement.outerHTML");
    assert!(!left.as_str().unwrap().contains("1203"), "nothing of anybody stays in the page");
    assert_eq!(nobody.browser.run("return window.guards.store.tickets.size"), json!(0));
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn cards_can_be_walked_through_and_opened_with_the_keyboard() {
    const DOWN: char = '\u{E015}';
    const ENTER: char = '\u{E007}';
    const ESCAPE: char = '\u{E00C}';
    let house = House::open(false);
    let guard = house.guard("guard-a", "gate-a");
    house.at_the_glass(ask_for_help);
    house.at_the_glass(|glass| {
        glass.press_through("emergency")?;
        glass.wait("somebody is called", |glass| glass.words().contains("E-"))
    });
    guard.card("see-help");
    let said = "return document.getElementById('assertive').textContent.includes('紧急求助')";
    guard.wait("the emergency is said aloud", said);
    guard.wait("the emergency is first", "return document.querySelector('.card').dataset.errand === 'see-emergency'");
    guard.browser.run("document.querySelector('.card').focus()");
    guard.browser.key(DOWN);
    guard.wait("the next card", "return document.activeElement.dataset.errand === 'see-help'");
    guard.browser.key(ENTER);
    guard.wait("the record", "return document.querySelector('#record .timeline') !== null");
    guard.browser.key(ESCAPE);
    let back =
        "return document.getElementById('record').hidden && document.activeElement.dataset.errand === 'see-help'";
    guard.wait("the focus is back on the card", back);
}

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn words_that_may_not_be_said_are_underlined_while_they_are_typed() {
    let house = House::open(false);
    let front = house.guard("desk", "front");
    let opening = json!({"opening": {"enquiry": {
        "text": "物业费怎么交", "written": false, "name": "测试", "phone": "13800138000", "language": "zh-Hans",
    }}, "source": "phone"});
    front.open(&register(&front, &opening));
    front.browser.run("document.querySelector('#record [data-step=answer]').click()");
    front.wait("the dialog", "return document.querySelector('dialog textarea') !== null");
    front.browser.run(
        "const text = document.querySelector('dialog textarea');
         text.value = '这个我不知道';
         text.dispatchEvent(new Event('input', { bubbles: true }));",
    );
    front.wait("the underline", "return document.querySelector('dialog .lint mark')?.textContent.includes('不知道')");
    front.wait("the offer", "return document.querySelector('dialog [data-act=ask-leader]') !== null");
    front.browser.run("document.querySelector('dialog .better button').click()");
    front.wait("better words", "return document.querySelector('dialog .lint mark') === null");
    let text = front.browser.run("return document.querySelector('dialog textarea').value");
    assert!(!text.as_str().unwrap().contains("不知道"), "{text}");
}

/// Makes each form's step of sample values, and hands back `[matter, step, JSON]`.
const STEPS: &str = r#"
const [{ prepared }, { TABLE }] = await Promise.all([import("/a/steps.js"), import("/a/table.js")]);
const codes = { slot: "K-07", "pass-code": "ABCD2345", "parcel-code": "ABC234", id_tail: "123X", receipt: "S-1001", "other-number": "R-20261121-7" };
const sample = (field) => ({ tiles: () => field.options[0].value, select: () => field.options[0].value, tick: () => true, yesno: () => true, stars: () => 5, number: () => 2, money: () => 1500, reply: () => ({ text: "测试", at: "2026-11-21T12:00:00Z" }),
  phone: () => "13800138000", unit: () => "1203", code: () => codes[field.key] ?? "A1", person: () => ({ name: "测试" }),
  time: () => "2026-11-21T12:00:00Z", moment: () => "2026-11-21T12:00:00Z", date: () => "2026-12-01", lines: () => [Object.fromEntries(field.of.map((part) => [part.name, sample(part)]))] }[field.kind]?.() ?? "测试");
const record = (matter) => ({ line: { matter, state: "", facts: { scope: "private", category: "water" } }, person: { name: "测试", collectors: ["测试"] }, matter: { gathering: { seats: { taken: [{ id: 1 }] } } }, promises: [] });
return Object.entries(TABLE).flatMap(([matter, entries]) => entries.flatMap((entry) => [true, false].map((all) => {
  const ready = prepared(entry, record(matter));
  const fields = ready.fields.filter((field) => all || field.required);
  return [matter, entry.id, ready.make(Object.fromEntries(fields.map((field) => [field.name, sample(field)])), record(matter))];
})));
"#;

const OPENINGS: &str = r#"
const { OPENINGS } = await import("/a/openings.js");
const sample = (field) => ({ tiles: () => field.options[0].value, select: () => field.options[0].value, tick: () => true, yesno: () => true, number: () => 2, phone: () => "13800138000", unit: () => "1203",
  moment: () => "2026-11-21T12:00:00Z", date: () => "2026-11-20", lines: () => [Object.fromEntries(field.of.map((part) => [part.name, sample(part)]))] }[field.kind]?.() ?? "测试");
return Object.entries(OPENINGS).flatMap(([name, opening]) => [true, false].map((all) => {
  const fields = opening.fields().filter((field) => all || field.required);
  return { [name]: opening.make(Object.fromEntries(fields.map((field) => [field.name, sample(field)]))) };
}));
"#;

#[test]
#[ignore = "needs chromium and mosquitto: run ./tests/run"]
fn every_form_of_the_page_makes_a_step_that_the_rules_know() {
    let house = House::open(false);
    let page = Guard::at(&house.address);
    for made in page.browser.run(STEPS).as_array().unwrap() {
        let step = serde_json::from_value::<Step>(made[2].clone());
        assert!(step.is_ok(), "{}.{}: {} from {}", made[0], made[1], step.unwrap_err(), made[2]);
    }
    for made in page.browser.run(OPENINGS).as_array().unwrap() {
        let opening = serde_json::from_value::<Opening>(made.clone());
        assert!(opening.is_ok(), "{} from {made}", opening.unwrap_err());
    }
}
