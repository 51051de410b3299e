//! What a guard does on the page besides answering: the muster list, the hand-over of the shift, the silent alert, the release
//! pass at the gate. A real browser and a real console on a real journal; no brokers.

mod common;
#[path = "common/guard.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod guard;
#[path = "common/webdriver.rs"]
#[allow(dead_code, reason = "each test binary uses a part of this")]
mod webdriver;

use common::lobby::{Lobby, PIN};
use guard::Guard;
use lobbyd::board::printer::Trouble;
use lobbyd::desk::{Answer, Command};
use lobbyd::directory::{Draft, From};
use lobbyd::event::Slug;
use lobbyd::health::queue::{Pace, Queue};
use lobbyd::service::case::{Source, Step};
use lobbyd::service::directory::table::{self, Hosts};
use lobbyd::service::number::{Number, Series};
use lobbyd::service::staff::{Actor, Role, Via};
use serde_json::{Value, json};
use std::time::Duration;

const CODE: &str = "ABCD2345";

struct House {
    lobby: Lobby,
    _dir: tempfile::TempDir,
}

impl House {
    fn open() -> House {
        let dir = tempfile::tempdir().unwrap();
        House { lobby: Lobby::open(dir.path()), _dir: dir }
    }

    fn guard(&self, id: &str, post: &str) -> Guard {
        Guard::signed_in(&format!("http://{}/", self.lobby.address), id, PIN, post)
    }

    fn desk(&self) -> Actor {
        let id = Slug::from_text("desk");
        Actor::staff(id, "测试desk".into(), Role::FrontDesk, Some(Slug::from_text("front")), Via::Page)
    }

    fn step(&self, number: &str, step: Value) {
        let number = Number::try_from(number.to_owned()).unwrap();
        let step: Step = serde_json::from_value(step).unwrap();
        let answer = self.lobby.ask(Command::Move { number, step, seen: None, by: self.desk() });
        assert!(matches!(answer, Answer::Moved { .. }), "{answer:?}");
    }

    /// Somebody who has been let in.
    fn visitor(&self, name: &str) {
        let number = self.lobby.visit(name);
        self.step(&number, json!({ "matter": { "visit": "admit" } }));
    }

    /// A pass that the front desk has approved.
    fn pass(&self) {
        let opening = serde_json::from_value(json!({ "pass": {
            "unit": "1203", "name": "测试住户", "phone": "13800000001", "items": [{ "what": "沙发", "count": 2 }],
            "leaves_at": chrono::Utc::now() + chrono::TimeDelta::hours(1), "vehicle": null, "help_to_carry": false,
            "code": CODE, "language": "zh-Hans",
        }}));
        let command = Command::Open { opening: opening.unwrap(), source: Source::WalkIn, by: self.desk() };
        let Answer::Opened { number, .. } = self.lobby.ask(command) else { panic!("a pass is asked for") };
        self.step(&String::from(number), json!({ "matter": { "pass": "approve" } }));
    }
}

/// Goes to a view of the page.
fn visit(guard: &Guard, view: &str, ready: &str) {
    guard.browser.run(&format!("location.hash = '#/{view}'"));
    guard.wait(view, &format!("return document.querySelector('{ready}') !== null"));
}

fn press(guard: &Guard, act: &str) {
    let find = format!("document.querySelector('#view [data-act={act}]:not(:disabled)')");
    guard.wait(act, &format!("return {find} !== null"));
    guard.browser.run(&format!("{find}.click()"));
}

fn says(guard: &Guard, what: &str) {
    guard.wait(what, &format!("return document.getElementById('view').innerText.includes('{what}')"));
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_drill_says_so_and_who_was_seen_is_ticked_on_every_phone() {
    let house = House::open();
    house.visitor("测试甲");
    house.visitor("测试乙");
    let (first, second) = (house.guard("guard-a", "gate-a"), house.guard("leader", "office"));
    visit(&first, "muster", ".muster");
    // Two parties of three, and the two who are on duty.
    says(&first, "8");
    for expected in ["测试甲", "测试乙", "测试guard-a", "测试leader"] {
        says(&first, expected);
    }
    press(&first, "drill");
    says(&first, "这是演习");
    let mark = "[...document.querySelectorAll('.muster tbody tr')].find((row) => row.innerText.includes('测试甲')).querySelector('.mark')";
    first.wait("boxes to tick", &format!("return {mark} !== null"));
    first.browser.run(&format!("{mark}.click()"));
    first.wait("the tick", &format!("return {mark}?.getAttribute('aria-pressed') === 'true'"));
    visit(&second, "muster", ".muster");
    says(&second, "这是演习");
    let seen = second.browser.run(&format!("return {mark}.getAttribute('aria-pressed')"));
    assert_eq!(seen, json!("true"), "what one has ticked, the other sees");
    press(&second, "end");
    second.wait("the end", "return document.querySelector('.banner') === null");
    let begun = house.lobby.told("muster.begun");
    assert_eq!((begun.len(), &begun[0]["drill"]), (1, &json!(true)));
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_resident_is_found_by_initials_and_his_number_is_there_to_be_called() {
    let house = House::open();
    let guard = house.guard("guard-a", "gate-a");
    let search = |text: &str| {
        visit(&guard, "residents", "#who");
        guard.browser.run(&format!(
            "document.getElementById('who').value = '{text}'; document.querySelector('#view form').requestSubmit()"
        ));
    };
    search("wxm");
    says(&guard, "还没有住户名录");
    let table = "房号,姓名,手机,语言\n3-1203,王小明,13800000000,\n3-1203,王晓梅,,en\n5-0101,韩梅梅,,\n";
    let mut draft = Draft::begin(house._dir.path(), From::Nothing).unwrap();
    draft.take(&table::parse(table, Hosts::Taken).unwrap(), []).unwrap();
    draft.finish("table-1", false).unwrap();
    // The console looks every five seconds whether there is another one.
    guard.wait(
        "the directory",
        "const there = document.getElementById('view').innerText.includes('王晓梅');
         document.getElementById('who').value = 'wx';
         if (!there) document.querySelector('#view form').requestSubmit();
         return there;",
    );
    let call = "return document.querySelector('#view a[href=\"tel:13800000000\"]') !== null";
    assert_eq!(guard.browser.run(call), json!(true));
    assert_eq!(guard.browser.run("return document.getElementById('view').innerText.includes('韩梅梅')"), json!(false));
    search("nobody");
    says(&guard, "名录里没有这样的住户");
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn the_muster_list_prints_as_names_with_boxes_and_nothing_else() {
    let house = House::open();
    house.visitor("测试甲");
    house.lobby.help();
    let guard = house.guard("guard-a", "gate-a");
    guard.card("see-help");
    visit(&guard, "muster", ".muster");
    guard.browser.media("print");
    let shown = |selector: &str| {
        let script = format!("return document.querySelector('{selector}')?.checkVisibility() === true");
        guard.browser.run(&script) == json!(true)
    };
    for there in [".muster", ".muster .box", ".printed"] {
        assert!(shown(there), "{there} is on the paper");
    }
    for gone in ["#top", "#nav", "#now", ".card", "#view .do"] {
        assert!(!shown(gone), "{gone} is no part of the list");
    }
    let colours = guard.browser.run(
        "const style = (what) => getComputedStyle(document.querySelector(what));
         return [style('body').backgroundColor, style('.muster tbody th').color];",
    );
    assert_eq!(colours, json!(["rgb(255, 255, 255)", "rgb(0, 0, 0)"]), "black on white, whatever the page's theme");
    let printed = guard.browser.run("return document.querySelector('.printed').innerText");
    assert!(printed.as_str().unwrap().contains("测试guard-a"), "the paper says who printed it: {printed}");
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_shift_is_handed_over_with_what_is_open_and_never_with_a_task_in_hand() {
    let house = House::open();
    house.lobby.visit("测试甲");
    house.lobby.help();
    let guard = house.guard("guard-a", "gate-a");
    guard.card("see-help");
    guard.press("see-help", "claim");
    guard.wait("my card", "return document.querySelector('.card.mine') !== null");
    visit(&guard, "shift", "[data-act=close]");
    says(&guard, "有人请求帮助");
    press(&guard, "close");
    guard.wait("the dialog", "return document.querySelector('dialog[open] textarea') !== null");
    guard.browser.run(
        "const note = document.querySelector('dialog[open] textarea');
         note.value = '北侧门锁要修';
         note.dispatchEvent(new Event('input', { bubbles: true }));
         document.querySelector('dialog[open] form').requestSubmit();",
    );
    // R064: refused in words, and what was typed is still there.
    guard.wait("the refusal", "return document.querySelector('dialog[open] .refusal').textContent !== ''");
    assert_eq!(
        guard.browser.run("return document.querySelector('dialog[open] textarea').value"),
        json!("北侧门锁要修")
    );
    assert!(house.lobby.told("shift.closed").is_empty());
    guard.browser.run("document.querySelector('dialog[open] header button').click(); location.hash = '#/now'");
    guard.press("see-help", "done");
    guard.answer(&[("outcome", json!("helped"))]);
    guard.no_card("see-help");

    visit(&guard, "shift", "[data-act=close]");
    press(&guard, "close");
    guard.answer(&[("note", json!("北侧门锁要修"))]);
    says(&guard, "已交班");
    let next = house.guard("guard-b", "gate-a");
    visit(&next, "shift", "[data-act=take]");
    says(&next, "北侧门锁要修");
    says(&next, "联系被访人");
    press(&next, "take");
    says(&next, "已接班");
    assert_eq!(house.lobby.told("shift.taken").len(), 1);
}

/// R107: whoever looks over the guard's shoulder sees a word that means nothing; the leader gets a card that never rings.
#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_silent_alert_shows_the_guard_nothing_and_his_leader_a_card_that_does_not_ring() {
    let house = House::open();
    let (guard, leader) = (house.guard("guard-b", "gate-b"), house.guard("leader", "office"));
    let label = "document.querySelector('#top .here span:last-child').textContent";
    let before = guard.browser.run(&format!("return {label}"));
    let bounds = "const place = document.querySelector('#top .here'); place.scrollIntoView(); return true;";
    guard.browser.run(bounds);
    // A sleeve on the screen is no alert.
    guard.browser.click("#top .here", 0, 0);
    guard
        .browser
        .hold("#top .here", "return document.querySelector('#top .here span:last-child').textContent === '已记录'");
    guard.wait("its own name again", &format!("return {label} === {before}"));
    assert!(!guard.words().contains("支援") && !guard.words().contains("求助"), "{}", guard.words());
    assert_eq!(guard.browser.run("return document.querySelectorAll('.card').length"), json!(0));
    leader.card("support");
    assert_eq!(leader.browser.run("return window.guards.rings()"), json!(null), "it never sounds");
    assert_eq!(house.lobby.told("situation.alerted").len(), 1, "one hold, one alert; a touch is none");
}

/// docs/guards.md: the guard who takes calls sees whom to meet and where it stands why, and nobody at the glass hears anything.
#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_visitor_on_the_watch_list_is_a_card_that_does_not_ring_and_its_record_says_why() {
    let house = House::open();
    let guard = house.guard("guard-a", "gate-a");
    let entry = json!({ "id": "w-1", "names": ["测试乙"], "reason": "请先与总部联系", "author": "总部安保",
                        "until": chrono::Utc::now() + chrono::TimeDelta::days(1) });
    let change = serde_json::from_value(json!({ "set": [entry] })).unwrap();
    assert_eq!(house.lobby.ask(Command::WatchList(change)), Answer::WatchList { entries: 1 });
    house.lobby.visit("测试乙");
    let card = guard.card("support");
    assert!(card.contains("请留意刚登记的访客") && card.contains("原因见记录"), "{card}");
    assert!(!card.contains("总部联系") && !card.contains("测试乙"), "whoever looks over his shoulder: {card}");
    // The visitor who waits rings, until somebody has taken him; the alert never does.
    guard.press("call-host", "claim");
    guard.wait("silence", "return window.guards.rings() === null");
    guard.card("support");
    let alert = house.lobby.told("situation.alerted").pop().unwrap();
    assert_eq!(alert["known_by"], "name");
    guard.browser.run("document.querySelector('.card[data-errand=\"support\"] [data-act=\"open\"]').click()");
    guard.wait("the record", "return document.querySelector('#record .timeline') !== null");
    let record = guard.browser.run("return document.getElementById('record').innerText");
    let record = record.as_str().unwrap();
    assert!(record.contains("请先与总部联系") && record.contains("总部安保"), "{record}");
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_release_pass_is_good_once_and_the_second_time_it_is_plainly_refused() {
    let house = House::open();
    house.pass();
    let guard = house.guard("guard-a", "gate-a");
    let look = |code: &str| {
        visit(&guard, "now", "#cards");
        visit(&guard, "pass", "#code");
        guard.browser.run(&format!(
            "document.getElementById('code').value = '{code}'; document.querySelector('form.search').requestSubmit();"
        ));
    };
    look("ABCD9999");
    guard.wait("no such pass", "return document.querySelector('#view .refusal').textContent !== ''");
    assert_eq!(guard.browser.run("return document.querySelector('#view .card')"), json!(null));

    look(&CODE.to_lowercase());
    says(&guard, "可以放行");
    says(&guard, "沙发 × 2");
    press(&guard, "use");
    says(&guard, "不能放行");
    says(&guard, "测试guard-a");
    assert_eq!(house.lobby.told("pass.used").len(), 1);

    look(CODE);
    says(&guard, "不能放行");
    assert_eq!(guard.browser.run("return document.querySelector('#view [data-act=use]')"), json!(null));
    assert_eq!(house.lobby.told("pass.used").len(), 1);
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_printer_without_paper_is_a_line_on_the_page_until_it_prints_again() {
    let house = House::open();
    let guard = house.guard("guard-a", "gate-a");
    let lines = "document.getElementById('links').innerText";
    assert_eq!(guard.browser.run(&format!("return {lines}")), json!(""));
    house.lobby.printer(Err(Trouble::OutOfPaper));
    guard.wait("what to do", &format!("return {lines} === '小票打印机没有纸了，请换纸卷；登记照常'"));
    house.lobby.printer(Err(Trouble::CoverOpen));
    guard.wait("what to do now", &format!("return {lines}.includes('盖子')"));
    house.lobby.printer(Ok(()));
    guard.wait("nothing more to do", &format!("return {lines} === ''"));
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn what_waits_for_the_office_is_a_quiet_line_with_its_end_or_with_the_room_that_is_left() {
    let house = House::open();
    let guard = house.guard("guard-a", "gate-a");
    let lines = "document.getElementById('links').innerText";
    let oldest = Some(chrono::Utc::now() - chrono::TimeDelta::hours(3));
    let waiting = |pace| Some(Queue { urgent: 1, normal: 1_233, oldest, pace, ..Queue::default() });
    let ends = Pace { drain: 16.4, drained_in: Some(Duration::from_secs(150)), ..Pace::default() };
    house.lobby.queue(waiting(ends));
    let said = "'待发总部 1234 条，最早 3 小时前', '每秒发出 16.4 条，约 2 分钟发完'";
    guard.wait("what waits and its end", &format!("return [{said}].every((part) => {lines}.includes(part))"));
    house.lobby.queue(waiting(Pace { room_for: Some(Duration::from_secs(40 * 86_400)), ..Pace::default() }));
    guard.wait(
        "how long there is room",
        &format!("return {lines}.includes('还能存约 40 天') && !{lines}.includes('发完')"),
    );
    assert_eq!(guard.browser.run("return document.querySelector('#links .bad')"), json!(null), "no alarm");
    house.lobby.queue(None);
    guard.wait("nothing more to say", &format!("return {lines} === ''"));
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn the_last_row_of_a_long_list_can_be_reached_on_a_desk_screen() {
    let house = House::open();
    (0..20).for_each(|_| house.visitor("测试甲"));
    let guard = house.guard("guard-a", "gate-a");
    visit(&guard, "visitors", "#in .row:nth-child(20)");
    let reached = guard.browser.run(
        "const row = document.querySelector('#in .row:last-child');
         row.scrollIntoView({ block: 'center' });
         const place = row.getBoundingClientRect();
         return row.contains(document.elementFromPoint(place.x + place.width / 2, place.y + place.height / 2));",
    );
    assert_eq!(reached, json!(true));
}

/// R289, R291.
#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_survey_is_begun_on_the_page_and_read_there_once_it_has_ended() {
    let house = House::open();
    let (supervisor, leader) = (house.guard("supervisor", "office"), house.guard("leader", "office"));
    visit(&supervisor, "surveys", ".report");
    says(&supervisor, "还没有做过调查");
    press(&supervisor, "begin");
    supervisor.answer(&[("kind", json!("pulse")), ("name", json!("秋季调查"))]);
    supervisor.state("调查中");
    let begun = &house.lobby.told("survey.begun")[0];
    let of = |fact: &str| u32::try_from(begun[fact].as_u64().unwrap()).unwrap();
    let number = Number { series: Series::Survey, day: of("day"), nth: of("nth") };
    let answer = json!({ "stars": { "attitude": 5, "speed": 4, "overall": 4 }, "wish": "多一张长椅" });
    let step: Step = serde_json::from_value(json!({ "matter": { "campaign": { "answer": answer } } })).unwrap();
    house.lobby.ask(Command::Move { number, step, seen: None, by: Actor::GUEST });
    supervisor.browser.run("document.querySelector('#record [data-step=end]').click()");
    supervisor.answer(&[]);
    supervisor.state("已结束");
    assert!(supervisor.words().contains("多一张长椅"), "what somebody wishes stands in the record");
    visit(&leader, "surveys", ".report table");
    says(&leader, "秋季调查");
    says(&leader, "5.00");
    let begins = leader.browser.run("return document.querySelector('#view [data-act=begin]') === null");
    assert_eq!(begins, json!(true), "only who leads the service begins one");
    assert!(!leader.words().contains("长椅"));
    supervisor.card("know-survey");
    supervisor.press("know-survey", "done");
    supervisor.no_card("know-survey");
    assert_eq!(house.lobby.told("survey.closed").len(), 1);
}

#[test]
#[ignore = "needs chromium: run ./tests/run"]
fn a_meeting_has_its_list_and_its_minutes_and_a_month_its_birthdays() {
    let house = House::open();
    let supervisor = || {
        let id = Slug::from_text("supervisor");
        Actor::staff(id, "测试supervisor".into(), Role::Supervisor, Some(Slug::from_text("office")), Via::Page)
    };
    let open = |opening: Value, by: Actor| {
        let opening = serde_json::from_value(opening).unwrap();
        let answer = house.lobby.ask(Command::Open { opening, source: Source::WalkIn, by });
        let Answer::Opened { number, .. } = answer else { panic!("{answer:?}") };
        String::from(number)
    };
    let at = chrono::Utc::now() + chrono::TimeDelta::days(7);
    let meeting = json!({ "gathering": {
        "kind": "meeting", "title": "恳谈会", "words": "请来谈谈。", "at": at, "place": "会客厅", "places": 20,
    } });
    let number = open(meeting, supervisor());
    let guard = house.guard("supervisor", "office");
    guard.open(&number);
    let guest = [("unit", json!("3-1203")), ("name", json!("测试客")), ("phone", json!("13800000001"))];
    guard.step("sign-up", &guest, "报名中");
    guard.wait("the list", "return document.querySelector('#record .guests tbody')?.innerText.includes('测试客')");
    let birthday = json!({ "birthday": {
        "unit": "3-1203", "name": "测试寿星", "month": 5, "consent_to": "测试desk", "consent_on": "2026-11-20",
    } });
    open(birthday, house.desk());
    visit(&guard, "birthdays", "#view select");
    guard.browser.run(
        "const month = document.querySelector('#view select'); month.value = '5'; month.dispatchEvent(new Event('change'));",
    );
    says(&guard, "测试寿星");
    says(&guard, "测试desk");
    // A month that was chosen before, and whose answer comes last, is not shown below the month that stands there now.
    guard.browser.run(
        "const real = window.fetch;
         window.fetch = (path, ...more) => !path.endsWith('month=4') ? real(path, ...more) : new Promise((resolve) => {
             window.release = async () => { resolve(await real(path, ...more)); setTimeout(() => { window.late = true; }, 200); };
         });
         const month = document.querySelector('#view select');
         const choose = (nth) => { month.value = nth; month.dispatchEvent(new Event('change')); };
         choose('4'); choose('5');",
    );
    guard.wait(
        "the answer to the second",
        "return document.querySelector('#view tbody')?.innerText.includes('测试寿星')",
    );
    guard.browser.run("window.release()");
    guard.wait("the answer to the first", "return window.late === true");
    says(&guard, "测试寿星");
    assert!(!house.lobby.told("record.viewed").is_empty(), "R308");
}
