//! One life: what happens goes to whom it concerns, and at the end the books are closed. The books know only what the brokers saw, and
//! what the disk has kept.

use crate::brokers::{Building, Card, Office};
use crate::disk::Disk;
use crate::gateway::Gateway;
use crate::plan::{Fault, Plan};
use crate::stage::{Next, Stage};
use lobbyd::journal::{CURSOR_STRIDE, Lane, Row};
use lobbyd::link::Limits;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// After the last fault has passed everything must arrive in this time: the longest back-off, a silent connection, and some more.
const PATIENCE: Duration = Duration::from_secs(300);
const TICK: Duration = Duration::from_secs(1);

/// Of all lives together.
#[derive(Debug, Default)]
pub struct Sums {
    pub steps: u64,
    pub events: u64,
    pub crashes: u64,
    pub repeats: u64,
    /// Messages that the building's broker lost by itself.
    pub forgotten: u64,
    /// Most that one crash has repeated.
    pub most: u64,
}

pub struct World {
    stage: Stage,
    disk: Disk,
    /// Cards that the readers still have.
    waiting: Vec<Card>,
    building: Building,
    office: Office,
    limits: Limits,
    gateway: Option<Gateway>,
    building_is_up: bool,
    /// Where nothing is under way nobody looks at the clock.
    ticks: bool,
    office_is_up: bool,
    /// Through which number each cursor was looked at.
    audited: [u64; 2],
    crashes: u64,
    most: u64,
}

impl World {
    pub fn new(plan: Plan) -> Self {
        let building = Building::new(plan.persistent);
        let office = Office::new(plan.poison);
        let stage = Stage::new(plan);
        World {
            stage,
            disk: Disk::default(),
            waiting: Vec::new(),
            building,
            office,
            limits: Limits::default(),
            gateway: None,
            building_is_up: false,
            ticks: false,
            office_is_up: false,
            audited: [0; 2],
            crashes: 0,
            most: 0,
        }
    }

    /// Lives until all is said and done. An error says which promise was broken.
    pub fn live(mut self, sums: &mut Sums, mut trace: Option<&mut Vec<String>>) -> Result<(), String> {
        let ends = self.stage.plan.ends();
        while let Some(next) = self.stage.next() {
            if let Some(trace) = trace.as_deref_mut().filter(|_| !matches!(next, Next::Tick)) {
                trace.push(format!("{:>12.3} {next:?}", self.stage.now.as_secs_f64()));
            }
            self.happen(next);
            sums.steps += 1;
            if let Some(why) = self.stage.failure.take() {
                return Err(why);
            }
            if self.stage.now > ends + PATIENCE {
                break;
            }
        }
        if self.is_quiet() { self.close_books(sums) } else { Err("not everything has arrived".into()) }
    }

    fn is_quiet(&self) -> bool {
        self.waiting.is_empty()
            && self.building.is_empty()
            && self.gateway.as_ref().is_some_and(|gateway| gateway.is_quiet(&self.disk))
    }

    fn happen(&mut self, next: Next) {
        let (stage, disk) = (&mut self.stage, &mut self.disk);
        if !self.ticks {
            self.ticks = true;
            stage.after(TICK, Next::Tick);
        }
        match next {
            Next::Card(card) => {
                self.waiting.push(card);
                self.push();
            }
            Next::Fault(fault, lasts) => self.strike(fault, lasts),
            Next::Start => {
                self.gateway = Some(Gateway::start(disk, &self.limits));
                self.connect_again(Next::ConnectBuilding);
                self.connect_again(Next::ConnectOffice);
            }
            Next::Tick => self.tick(),
            Next::ConnectBuilding => self.connect_building(),
            Next::ConnectOffice => self.connect_office(),
            Next::PubAck(connection, packet_id) if connection == stage.building => {
                if let Err(why) = self.building.acknowledged(packet_id) {
                    stage.complain(why);
                }
                self.push();
            }
            Next::Letter(connection, packet_id, letter) if connection == stage.office && !stage.is_deaf(connection) => {
                self.office.refuses = stage.lasts(Fault::Refuse);
                match self.office.publish(&letter) {
                    Ok(verdict) => stage.answer(packet_id, verdict),
                    Err(why) => stage.complain(why),
                }
            }
            next => self.wake(next),
        }
    }

    /// What concerns the process only, if it is the one that is meant.
    fn wake(&mut self, next: Next) {
        let (stage, disk) = (&mut self.stage, &mut self.disk);
        let Some(gateway) = &mut self.gateway else { return };
        match next {
            Next::Publish(connection, delivery) if connection == stage.building => gateway.heard(delivery, stage, disk),
            Next::Answer(connection, packet_id, verdict)
                if connection == stage.office && !stage.is_deaf(connection) =>
            {
                gateway.answered(packet_id, verdict, stage, disk);
            }
            Next::Desk(life) if life == stage.life => gateway.work(stage, disk),
            Next::Committed(life) if life == stage.life => {
                gateway.committed(stage, disk);
                self.audit_cursors();
            }
            Next::Read(life, lane, generation, after, newest) if life == stage.life => {
                gateway.read((lane, generation, after, newest), disk);
                gateway.fill(stage, disk);
            }
            _ => {}
        }
    }

    fn tick(&mut self) {
        self.push();
        if let Some(gateway) = &mut self.gateway {
            gateway.tick(&mut self.stage, &mut self.disk);
        }
        if self.gateway.as_ref().is_some_and(|gateway| gateway.is_overdue(&self.stage, &self.limits)) {
            self.break_office();
        }
        self.ticks = !self.is_quiet();
        if self.ticks {
            self.stage.after(TICK, Next::Tick);
        }
    }

    /// The readers send, and the building's broker sends on, what they may. While it is down the readers keep their cards.
    fn push(&mut self) {
        if !self.stage.lasts(Fault::BuildingDies) {
            self.waiting.drain(..).for_each(|card| self.building.publish(card));
        }
        while self.building_is_up
            && let Some(delivery) = self.building.next(self.stage.window())
        {
            self.stage.deliver(delivery);
        }
    }

    fn strike(&mut self, fault: Fault, lasts: Duration) {
        self.stage.strike(fault, lasts);
        match fault {
            Fault::Killed => self.kill(lasts),
            Fault::CutBuilding => self.break_building(),
            Fault::BuildingDies => {
                self.building.dies();
                self.break_building();
            }
            Fault::CutOffice | Fault::OfficeAway => self.break_office(),
            _ => {}
        }
    }

    fn kill(&mut self, lasts: Duration) {
        if self.gateway.take().is_none() {
            return;
        }
        // A commit that has begun may be whole on the disk, or not at all.
        if self.stage.rng.bool() {
            self.disk.commit();
        } else {
            self.disk.roll_back();
        }
        self.crashes += 1;
        self.stage.life += 1;
        self.audit_cursors();
        self.weigh_crash();
        (self.building_is_up, self.office_is_up) = (false, false);
        (self.stage.building, self.stage.office) = (self.stage.building + 1, self.stage.office + 1);
        self.stage.after(lasts, Next::Start);
    }

    fn connect_again(&mut self, next: Next) {
        let wait = self.stage.millis(100..=3_000);
        self.stage.after(wait, next);
    }

    fn connect_building(&mut self) {
        if self.gateway.is_none() || self.building_is_up {
            return;
        }
        if self.stage.lasts(Fault::BuildingDies) || self.stage.lasts(Fault::CutBuilding) {
            return self.connect_again(Next::ConnectBuilding);
        }
        self.building_is_up = true;
        self.building.connected();
        self.push();
    }

    fn break_building(&mut self) {
        self.building_is_up = false;
        self.stage.building += 1;
        if let Some(gateway) = &mut self.gateway {
            gateway.building_broke();
        }
        self.connect_again(Next::ConnectBuilding);
    }

    fn connect_office(&mut self) {
        let Some(gateway) = self.gateway.as_mut().filter(|_| !self.office_is_up) else { return };
        if self.stage.lasts(Fault::OfficeAway) || self.stage.lasts(Fault::CutOffice) {
            return self.connect_again(Next::ConnectOffice);
        }
        self.office_is_up = true;
        gateway.office_connected(&mut self.stage, &self.disk);
    }

    fn break_office(&mut self) {
        self.office_is_up = false;
        self.stage.office += 1;
        if let Some(gateway) = &mut self.gateway {
            gateway.office_broke();
        }
        self.connect_again(Next::ConnectOffice);
    }

    /// A cursor on disk stands behind nothing that the office has not taken.
    fn audit_cursors(&mut self) {
        for lane in Lane::ALL {
            let (from, to) = (self.audited[lane as usize], self.disk.cursors()[lane as usize]);
            let of_lane = self.disk.after(from).iter().take_while(|row| row.seq <= to);
            let missed = of_lane
                .filter(|row| row.kind.is_urgent() == (lane == Lane::Urgent))
                .find(|row| !self.office.taken.contains_key(&row.seq) && !self.disk.buried().contains(&row.seq));
            if let Some(row) = missed {
                self.stage.complain(format!("the {lane:?} cursor stands at {to}, and the office has no {}", row.seq));
            }
            self.audited[lane as usize] = from.max(to);
        }
    }

    /// What the office has and the cursors do not know of is repeated: a stride; a window that is under way, one that was taken while
    /// the commit of the cursor ran, and one while the commit before it ran. More only where the disk or the answers are slow.
    fn weigh_crash(&mut self) {
        let plan = &self.stage.plan;
        let slow = [Fault::DiskFull, Fault::DiskSlow, Fault::Withhold, Fault::Reorder];
        let (slow, window) = (plan.meets(&slow) || plan.poison > 0, plan.window as u64);
        for lane in Lane::ALL {
            let cursor = self.disk.cursors()[lane as usize];
            let above = self.office.taken.range(cursor + 1..);
            let repeated = above.filter(|(_, (of, _))| *of == lane as usize).count() as u64;
            self.most = self.most.max(repeated);
            if repeated > CURSOR_STRIDE + 3 * window && !slow {
                self.stage.complain(format!("a crash repeats {repeated} rows, the window is {window}"));
            }
        }
    }

    fn close_books(self, sums: &mut Sums) -> Result<(), String> {
        let mut where_is = BTreeMap::new();
        for (seq, (_, record)) in &self.office.taken {
            if let Some(record) = record
                && let Some(before) = where_is.insert(record.clone(), *seq)
            {
                return Err(format!("{record:?} is event {before} and event {seq}"));
            }
        }
        self.count(&where_is)?;
        self.look_at_order(&where_is)?;
        let Some((_, book)) = self.office.ledger.books().next() else { return Ok(()) };
        let gaps: Vec<u64> = book.gaps().flat_map(|(from, to)| from..=to).collect();
        let buried = self.disk.buried();
        let last = buried.last().copied().unwrap_or_default().max(book.newest);
        if gaps.iter().any(|seq| !buried.contains(seq)) || last != self.disk.durable() || book.clashes > 0 {
            return Err(format!(
                "gaps {gaps:?}, buried {buried:?}, newest {last} of {}: {book:?}",
                self.disk.durable()
            ));
        }
        sums.events += self.disk.durable();
        sums.crashes += self.crashes;
        sums.repeats += book.repeats;
        sums.forgotten += self.building.forgotten.len() as u64;
        sums.most = sums.most.max(self.most);
        Ok(())
    }

    /// Everything that was promised has arrived, and everything that the building's broker has not forgotten.
    fn count(&self, where_is: &BTreeMap<(String, u64), u64>) -> Result<(), String> {
        let sent = self.stage.plan.cards.iter().map(|(_, card)| card);
        let kept = sent.filter(|card| !self.building.forgotten.contains(card));
        let record = |seq: &u64| self.disk.row(*seq).and_then(record_of);
        let aside: BTreeSet<_> = self.disk.buried().iter().filter_map(record).collect();
        for card in self.stage.promised.iter().chain(kept) {
            let record = (card.door_name().to_owned(), card.n);
            if !where_is.contains_key(&record) && !aside.contains(&record) {
                let word = if self.stage.promised.contains(card) { "acknowledged and lost" } else { "never arrived" };
                return Err(format!("{word}: {record:?}"));
            }
        }
        Ok(())
    }

    fn look_at_order(&self, where_is: &BTreeMap<(String, u64), u64>) -> Result<(), String> {
        let mut last: Option<(&str, u64)> = None;
        for ((door, n), seq) in where_is {
            if last.is_some_and(|(before, last)| before == door && last > *seq) {
                return Err(format!("card {n} of {door} is event {seq}, before the card before it"));
            }
            last = Some((door, *seq));
        }
        Ok(())
    }
}

/// Which record a stored event tells.
fn record_of(row: &Row) -> Option<(String, u64)> {
    let data: serde_json::Value = serde_json::from_str(row.data.get()).ok()?;
    Some((row.subject.clone(), data.get("n")?.as_u64()?))
}
