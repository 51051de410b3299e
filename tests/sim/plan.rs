//! What a life will meet: drawn from its seed before it begins, so that a fault can be left out and all else stays.

use crate::brokers::Card;
use fastrand::Rng;
use lobbyd::event::Kind;
use std::time::Duration;

/// One answer in so many is withheld while the office withholds.
pub const WITHHELD: u8 = 8;
/// A life's cards, of one life in twenty, which has a backlog, and the time in which they come, ms.
const CARDS: usize = 90;
const MANY: usize = 1_000;
const SPAN: u64 = 2_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The process or the power; what is being written may reach the disk or not.
    Killed,
    CutBuilding,
    CutOffice,
    /// The office's connection stands, and nothing comes through.
    HalfOpen,
    BuildingDies,
    OfficeAway,
    /// Answers come late; in any order; or say "not now".
    Withhold,
    Reorder,
    Refuse,
    DiskFull,
    DiskSlow,
    /// Room for people only.
    Reserve,
}

impl Fault {
    pub const ALL: [Fault; 12] = [
        Fault::Killed,
        Fault::CutBuilding,
        Fault::CutOffice,
        Fault::HalfOpen,
        Fault::BuildingDies,
        Fault::OfficeAway,
        Fault::Withhold,
        Fault::Reorder,
        Fault::Refuse,
        Fault::DiskFull,
        Fault::DiskSlow,
        Fault::Reserve,
    ];
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    /// Unacknowledged publishes that both brokers allow.
    pub window: usize,
    /// The building's broker keeps its session on disk.
    pub persistent: bool,
    /// Every so manieth number is one that the office never takes; 0 for none.
    pub poison: u64,
    pub cards: Vec<(Duration, Card)>,
    pub faults: Vec<(Duration, Fault, Duration)>,
}

impl Plan {
    pub fn draw(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut plan = Plan {
            seed,
            window: *rng.choice(&[1, 5, 20, 100, 250]).expect("there are some"),
            persistent: rng.u8(..4) > 0,
            poison: if rng.u8(..5) == 0 { rng.u64(7..40) } else { 0 },
            cards: Vec::new(),
            faults: Vec::new(),
        };
        let mut count = [0; 3];
        let cards = if rng.u8(..20) == 0 { MANY } else { CARDS };
        while plan.cards.len() < cards {
            let mut at = Duration::from_millis(rng.u64(5_000..SPAN));
            for _ in 0..rng.usize(1..=cards / 3) {
                at += Duration::from_millis(if cards == MANY || rng.bool() { rng.u64(..3) } else { rng.u64(..200) });
                plan.cards.push((at, Card { door: rng.usize(..3), n: 0, kind: kind(&mut rng) }));
            }
        }
        // The doors count as their cards come.
        plan.cards.sort_by_key(|(at, _)| *at);
        for (_, card) in &mut plan.cards {
            count[card.door] += 1;
            card.n = count[card.door];
        }
        for _ in 0..rng.usize(1..=10) {
            // Near a card, or nothing is there to be hurt; or soon after the fault before it, when all catches up.
            let card = rng.choice(&plan.cards).expect("there are some").0;
            let before = plan.faults.last().map(|(at, _, lasts)| *at + *lasts);
            let near = before.filter(|_| rng.u8(..3) == 0).unwrap_or(card);
            let within = if rng.bool() { 60 } else { 3_000 };
            let at = near + Duration::from_millis(rng.u64(..within));
            let any = *rng.choice(&Fault::ALL).expect("there are some");
            let fault = if rng.u8(..5) == 0 { Fault::Killed } else { any };
            let longest = if rng.bool() { 5_000 } else { 90_000 };
            let lasts = Duration::from_millis(rng.u64(100..longest));
            plan.faults.push((at, fault, lasts));
        }
        plan.faults.sort_by_key(|(at, ..)| *at);
        plan
    }

    /// When everything has happened and has passed.
    pub fn ends(&self) -> Duration {
        let faults = self.faults.iter().map(|(at, _, lasts)| *at + *lasts);
        faults.chain(self.cards.iter().map(|(at, _)| *at)).max().unwrap_or_default()
    }

    pub fn meets(&self, which: &[Fault]) -> bool {
        self.faults.iter().any(|(_, fault, _)| which.contains(fault))
    }
}

/// One card in five is a button that rings: it overtakes.
fn kind(rng: &mut Rng) -> Kind {
    match rng.u8(..10) {
        0 => Kind::CallRinging,
        1 => Kind::Duress,
        2..5 => Kind::AccessDenied,
        _ => Kind::AccessGranted,
    }
}
