//! Lives of a gateway, each of half an hour between two brokers, simulated in milliseconds: one seed is one life, with one queue of what
//! happens next and one generator. Faults come in the middle of everything; after each life the books are closed. No thread, no
//! socket, no file, no wall clock. `SIM_SEED=…` lives one life again and tells it; `SIM_LIVES=…` says how many.

mod brokers;
mod disk;
mod gateway;
mod plan;
mod stage;
mod world;

use plan::Plan;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use world::{Sums, World};

/// The normal run.
const SECONDS: Duration = Duration::from_secs(10);
/// Steps of a failed life that are told: its last ones.
const TOLD: usize = 80;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number: {text}")))
}

/// One life; what went wrong in it, if anything did. A panic of lobbyd's own is a failure like the others.
fn live(plan: &Plan, sums: &mut Sums, trace: Option<&mut Vec<String>>) -> Result<(), String> {
    let lived = catch_unwind(AssertUnwindSafe(|| World::new(plan.clone()).live(sums, trace)));
    lived.unwrap_or_else(|_| Err("it panicked".into()))
}

/// Leaves out faults and cards as long as the life still fails without them.
fn shrunk(mut plan: Plan) -> Plan {
    let fails = |plan: &Plan| live(plan, &mut Sums::default(), None).is_err();
    for at in (0..plan.faults.len()).rev() {
        let mut less = plan.clone();
        less.faults.remove(at);
        if fails(&less) {
            plan = less;
        }
    }
    let mut many = plan.cards.len() / 2;
    while many > 0 {
        for at in (0..plan.cards.len()).step_by(many).rev() {
            let mut less = plan.clone();
            less.cards.drain(at..(at + many).min(less.cards.len()));
            if fails(&less) {
                plan = less;
            }
        }
        many /= 2;
    }
    plan
}

fn tell(plan: &Plan, why: &str) -> ! {
    let plan = shrunk(plan.clone());
    let mut trace = Vec::new();
    let shortest = live(&plan, &mut Sums::default(), Some(&mut trace)).err().unwrap_or_default();
    println!("{} cards are left of this life, and these faults:", plan.cards.len());
    plan.faults.iter().for_each(|(at, fault, lasts)| println!("  {at:?} {fault:?} for {lasts:?}"));
    trace.iter().skip(trace.len().saturating_sub(TOLD)).for_each(|line| println!("{line}"));
    panic!("SIM_SEED={}: {why}; the shortest: {shortest}", plan.seed);
}

#[test]
fn no_life_loses_an_event_that_was_acknowledged() {
    if let Some(seed) = from_environment("SIM_SEED") {
        let (plan, mut trace) = (Plan::draw(seed), Vec::new());
        let lived = live(&plan, &mut Sums::default(), Some(&mut trace));
        trace.iter().for_each(|line| println!("{line}"));
        return lived.unwrap_or_else(|why| tell(&plan, &why));
    }
    let (began, lives, first) = (Instant::now(), from_environment("SIM_LIVES"), fastrand::u64(..));
    let (mut sums, mut lived) = (Sums::default(), 0);
    while lives.map_or(began.elapsed() < SECONDS, |lives| lived < lives) {
        let plan = Plan::draw(first.wrapping_add(lived));
        if let Err(why) = live(&plan, &mut sums, None) {
            println!("life {} of this run fails", lived + 1);
            tell(&plan, &why);
        }
        lived += 1;
    }
    let a_minute = lived as f64 * 60.0 / began.elapsed().as_secs_f64();
    println!("{lived} lives, {a_minute:.0} a minute: {sums:?}");
    assert!(lives.is_some() || (sums.crashes > 0 && sums.repeats > 0), "faults were met");
}

#[test]
fn the_same_seed_is_the_same_life() {
    let told = |seed| {
        let mut trace = Vec::new();
        live(&Plan::draw(seed), &mut Sums::default(), Some(&mut trace)).unwrap();
        trace
    };
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
}
