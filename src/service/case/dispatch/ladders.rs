//! What is true of every ladder, in a house of any shape and whatever is declined.

use super::*;
use crate::service::case::task::Ladder;

#[test]
fn at_night_nobody_is_asked_at_a_post_that_is_not_manned_but_somebody_always_is() {
    let mut house = house();
    let midnight = Now { utc: at(0).utc + TimeDelta::hours(12), synced: true };
    let posts = |ladder: &Ladder| ladder.rungs.iter().flat_map(|rung| rung.posts.clone()).collect::<Vec<_>>();
    let ring = ladder::usual(&house, Errand::AnswerCall, None, midnight);
    assert_eq!(posts(&ring), [slug("gate"), slug("hut")]);
    house.posts.iter_mut().for_each(|post| post.shifts = vec![slug("day")]);
    assert_eq!(posts(&ladder::usual(&house, Errand::AnswerCall, None, midnight)).len(), 3, "R003: never closed");
}

#[test]
fn an_alarms_ladder_has_the_step_of_its_kind() {
    let house = house();
    let door = slug("lobby");
    let rungs = |step| {
        let ladder = ladder::alarm(&house, Some(&door), step, at(0));
        ladder.rungs.iter().map(|rung| (rung.posts[0].to_string(), rung.after)).collect::<Vec<_>>()
    };
    let expected = |step: u32| {
        ["gate", "hut", "office", "manager"].into_iter().zip(0..).map(|(post, n)| (post.to_owned(), n * step)).collect()
    };
    let (fast, slow): (Vec<_>, Vec<_>) = (expected(30), expected(90));
    assert_eq!((rungs(30), rungs(90)), (fast, slow));
}

#[test]
fn a_shift_that_ends_at_the_minute_it_begins_covers_the_whole_day() {
    let mut house = house();
    house.shifts.truncate(1);
    (house.shifts[0].from, house.shifts[0].to) = (LocalTime::new(8, 0), LocalTime::new(8, 0));
    assert!(house.shift_at(at(0).utc).is_some() && house.shift_at(at(0).utc + TimeDelta::hours(12)).is_some());
}

/// A house of any shape: posts with any duties and superiors that make no circle, as the configuration demands.
fn any_house() -> impl Strategy<Value = House> {
    let duty = prop::sample::select(vec![
        Duty::Call,
        Duty::Alarm,
        Duty::Errand,
        Duty::Desk,
        Duty::Repair,
        Duty::Supervise,
        Duty::Manage,
    ]);
    let post = (prop::collection::vec(duty, 0..4), any::<prop::sample::Index>(), any::<bool>(), any::<bool>());
    prop::collection::vec(post, 1..8).prop_map(|posts| {
        let id = |n: usize| Slug::new(&format!("p{n}")).unwrap();
        let count = posts.len();
        let posts = posts.into_iter().enumerate().map(|(n, (takes, superior, has, door))| Post {
            id: id(n),
            name: None,
            takes,
            superior: (has && n + 1 < count).then(|| id(n + 1 + superior.index(count - n - 1))),
            fixed: false,
            doors: if door { vec![slug("lobby")] } else { Vec::new() },
            shifts: Vec::new(),
        });
        let posts = posts.collect();
        House { posts, ..House::bare(chrono_tz::Asia::Shanghai) }
    })
}

fn any_errand() -> impl Strategy<Value = Errand> {
    prop::sample::select(Errand::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_ladder_names_each_post_once_asks_somebody_at_once_and_ends_with_the_top(house in any_house(), errand in any_errand()) {
        let door = slug("lobby");
        let ladder = ladder::usual(&house, errand, Some(&door), at(0));
        let posts: Vec<&Slug> = ladder.rungs.iter().flat_map(|rung| &rung.posts).collect();
        let once: BTreeSet<&&Slug> = posts.iter().collect();
        prop_assert_eq!(once.len(), posts.len(), "nobody twice");
        prop_assert!(!posts.is_empty() && ladder.rungs[0].after == 0);
        prop_assert!(ladder.rungs.windows(2).all(|pair| pair[0].after < pair[1].after));
        if let Some(missed) = ladder.missed {
            prop_assert!(ladder.rungs.iter().all(|rung| rung.after < missed), "all are rung before it is missed");
        } else {
            let top = house.chain(posts[0]).pop().unwrap();
            prop_assert!(posts.contains(&&top), "superior by superior to the top");
        }
    }

    #[test]
    fn every_post_is_asked_in_order_whatever_is_declined_and_whenever_it_is_looked(
        house in any_house(),
        waits in prop::collection::vec((0i64..700, any::<bool>()), 1..40),
        errand in prop::sample::select(vec![Errand::Repair, Errand::SeeHelp, Errand::SeeAlarm, Errand::SeeEmergency]),
    ) {
        let mut lobby = Lobby::of(errand, house);
        let ladder: Vec<Vec<Slug>> = lobby.task().ladder.rungs.iter().map(|rung| rung.posts.clone()).collect();
        let (mut now, mut declined, mut last) = (0, BTreeSet::new(), 0);
        for (wait, declines) in waits {
            now += wait;
            lobby.slept_until(now);
            let rung = lobby.task().rung;
            prop_assert!(rung >= last, "a ladder is never climbed down");
            last = rung;
            let asked: Vec<Slug> = lobby.task().asked().cloned().collect();
            let up_to_here: Vec<Slug> = ladder[..=rung].concat();
            prop_assert!(!asked.is_empty(), "never nobody's");
            // Asked are all up to this rung but those who said no; the top is asked again when all have.
            let expected: Vec<Slug> = up_to_here.iter().filter(|post| !declined.contains(*post)).cloned().collect();
            prop_assert_eq!(&asked, &expected);
            if declines {
                let who = asked[0].clone();
                let by = Actor::staff(slug("s"), "s".into(), Role::Guard, Some(who.clone()), Via::Mqtt);
                lobby.step(decline(), &by, now).unwrap();
                declined.insert(who);
                let all = lobby.task().rung + 1 == ladder.len() && ladder.concat().iter().all(|post| declined.contains(post));
                if all {
                    declined.retain(|post| !ladder[ladder.len() - 1].contains(post));
                } else {
                    prop_assert!(lobby.task().rung > rung || rung + 1 == ladder.len(), "a decline climbs at once");
                }
                last = lobby.task().rung;
            }
        }
        // In the end everybody has been asked.
        lobby.slept_until(now + 100_000);
        prop_assert_eq!(lobby.task().rung + 1, ladder.len());
    }

    #[test]
    fn a_call_has_asked_everybody_before_it_is_missed_whoever_claimed_and_vanished(
        house in any_house(), claims in prop::collection::vec(0i64..60, 0..5),
    ) {
        let request = call::Request { door: slug("lobby"), unit: None, late: false };
        let mut lobby = Lobby::open(&Opening::Call(request), house);
        let all: BTreeSet<Slug> = lobby.task().ladder.rungs.iter().flat_map(|rung| rung.posts.clone()).collect();
        let mut claims = claims;
        claims.sort_unstable();
        for second in claims {
            lobby.until(second);
            if lobby.case.state() == "ringing" {
                let post = lobby.task().asked().next().cloned();
                let by = Actor::staff(slug("s"), "s".into(), Role::Guard, post, Via::Mqtt);
                lobby.step(claim(), &by, second).unwrap();
            }
        }
        lobby.until(80);
        prop_assert_eq!(lobby.case.state(), "missed");
        let rung: BTreeSet<String> = lobby
            .told
            .iter()
            .filter(|event| matches!(event.kind, Kind::TaskOffered | Kind::TaskClimbed) && event.data["errand"] == "answer-call")
            .flat_map(|event| event.data["posts"].as_array().unwrap().iter().map(|post| post.as_str().unwrap().to_owned()).collect::<Vec<_>>())
            .collect();
        prop_assert_eq!(rung, all.iter().map(|post| post.as_str().to_owned()).collect::<BTreeSet<_>>());
    }
}
