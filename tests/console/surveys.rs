//! Surveys on the page: who may begin one, and what it has come to.

use crate::common::lobby::{Lobby, house};
use lobbyd::desk::Command;
use lobbyd::service::case::Step;
use lobbyd::service::number::Number;
use lobbyd::service::staff::Actor;
use serde_json::{Value, json};

fn opening(days: i64) -> Value {
    let today = chrono::Utc::now().with_timezone(&house().zone).date_naive();
    let to = today + chrono::TimeDelta::days(days);
    json!({ "opening": { "campaign": { "kind": "pulse", "from": today, "to": to, "name": "秋季调查" } }, "source": "internal" })
}

#[test]
fn who_leads_begins_a_survey_ends_it_and_everybody_who_sees_figures_reads_what_it_came_to() {
    let dir = tempfile::tempdir().unwrap();
    let lobby = Lobby::open(dir.path());
    let supervisor = lobby.signed_in("supervisor", "office");
    assert_eq!(lobby.signed_in("leader", "office").post("/api/open", &opening(3)).code(), "right");
    assert_eq!(supervisor.post("/api/open", &opening(-1)).code(), "needs-days");
    let begun = supervisor.post("/api/open", &opening(3));
    assert_eq!(begun.status, 200);
    let number = begun.json()["number"].as_str().unwrap().to_owned();
    assert_eq!(supervisor.post("/api/open", &opening(3)).code(), "in-hand");

    let stars = json!({ "attitude": 5, "speed": 4, "overall": 2 });
    let step = json!({ "matter": { "campaign": { "answer": { "stars": stars, "wish": "多一张长椅" } } } });
    assert_eq!(supervisor.step(&number, &step).code(), "right", "nobody answers from the page");
    let step: Step = serde_json::from_value(step).unwrap();
    let answered = Number::try_from(number.clone()).unwrap();
    lobby.ask(Command::Move { number: answered, step, seen: None, by: Actor::GUEST });

    let seen = supervisor.get(&format!("/api/case/{number}")).json();
    assert!(seen["steps"].as_array().unwrap().contains(&json!("end")), "{}", seen["steps"]);
    assert_eq!(supervisor.step(&number, &json!({ "matter": { "campaign": "end" } })).status, 200);

    let desk = lobby.signed_in("desk", "front");
    let list = desk.get("/api/surveys");
    let survey = &list.json()["surveys"][0];
    assert_eq!((&survey["state"], &survey["name"]), (&json!("ended"), &json!("秋季调查")));
    assert_eq!(
        survey["results"][1],
        json!({
            "code": "speed", "answers": 1, "mean": 4.0, "stars": [0, 0, 0, 1, 0], "before": null,
        })
    );
    assert!(!list.body.contains("长椅"), "wishes stand in the record alone");
    let csv = desk.get("/api/surveys.csv").body;
    assert!(csv.contains(",overall,1,2.00,,0,1,0,0,0\r\n"), "{csv}");
    assert_eq!(lobby.signed_in("guard-a", "gate-a").get("/api/surveys").status, 403);
    lobby.close();
}
