//! What the office sends that is kept apart from the journal: parts of a directory, the list of staff, notices. The command's record is
//! on disk already; it is done on a thread that nobody waits for but who has sent it, and what has become of a directory is journaled
//! before it is answered. Who takes up a list, or a notice, sees that it has changed, as after a change by hand.

use crate::config::handbook::{self, ChangeError, MAX_ENTRIES, MAX_FILE};
use crate::config::sent_rules::{self, Sent};
use crate::config::staff;
use crate::desk::{Command, Desk};
use crate::directory::{GivenUp, Keeper, Outcome, Taken};
use crate::event::{Data, Event, Kind, Now, Slug, data};
use crate::health::{diagnosis, logs};
use crate::service::directory::update::{self, Part};
use crate::service::house::House;
use crate::service::office_command::{Objection, Order, notices, people, rules};
use metrics::counter;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

/// How often it is looked whether half a directory waits for too long.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// What is done by whoever keeps it.
#[derive(Debug)]
pub enum Apart {
    Directory(Part),
    Staff(people::Change),
    Notices(notices::Change),
    /// `again`: it was cut off before, perhaps behind what it did.
    Rules {
        change: rules::Change,
        again: bool,
    },
    /// Nothing is kept, but the disk is asked.
    Diagnose,
}

impl Apart {
    /// The command's part, where it is one of these.
    ///
    /// # Errors
    /// With the order, where it is another.
    pub fn of(order: Order, again: bool) -> Result<Self, Order> {
        match order {
            Order::Directory(part) => Ok(Apart::Directory(part)),
            Order::Staff(change) => Ok(Apart::Staff(change)),
            Order::Notices(change) => Ok(Apart::Notices(change)),
            Order::Rules(change) => Ok(Apart::Rules { change, again }),
            Order::Diagnose => Ok(Apart::Diagnose),
            order => Err(order),
        }
    }
}

/// Where it is kept.
#[derive(Debug, Clone)]
pub struct Places {
    pub data_dir: PathBuf,
    /// The folder of notices and handbook; without one none are taken.
    pub handbook: Option<PathBuf>,
    /// The rules in force, and what they do not say.
    pub house: House,
    /// Told when what was kept holds only after another start.
    pub renew: Arc<Notify>,
    /// As on the retained topic.
    pub status: watch::Receiver<Vec<u8>>,
    /// How long the rest of half a directory is waited for.
    pub patience: Duration,
}

/// One thing at a time, in the order in which [`Keeping::keep`] is asked.
#[derive(Clone)]
pub struct Keeping {
    places: Places,
    directory: Arc<Mutex<Keeper>>,
}

impl Keeping {
    pub fn new(places: Places) -> Self {
        let directory = Arc::new(Mutex::new(Keeper::new(places.data_dir.clone())));
        Keeping { places, directory }
    }

    /// # Errors
    /// When it is not taken: what was in force is in force.
    pub async fn keep(self, what: Apart, desk: &Desk, now: Now) -> Result<Data, Objection> {
        match what {
            Apart::Directory(part) => self.directory(part, desk, now).await,
            Apart::Staff(change) => blocking(move || self.staff(change)).await,
            Apart::Notices(change) => blocking(move || self.notices(&change)).await,
            Apart::Rules { change, again } => blocking(move || self.rules(change, again)).await,
            Apart::Diagnose => blocking(move || Ok(self.diagnosis())).await,
        }
    }

    /// Gives up, in time, a directory whose rest does not come: it holds residents' names, whether the office can be reached or not.
    /// Never ends.
    pub async fn tidy(self, desk: Desk) {
        let patience = self.places.patience;
        let mut tick = tokio::time::interval(LOOK_EVERY.min(patience));
        loop {
            tick.tick().await;
            let keeping = self.clone();
            let looked = tokio::task::spawn_blocking(move || keeping.turn().give_up(Instant::now(), patience));
            if let Ok(Some(given_up)) = looked.await {
                tell(&given_up, &desk, desk.now()).await;
            }
        }
    }

    /// Whoever panicked in there has left a draft that nobody reads.
    fn turn(&self) -> MutexGuard<'_, Keeper> {
        self.directory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn directory(self, part: Part, desk: &Desk, now: Now) -> Result<Data, Objection> {
        let version = part.version.clone();
        let Taken { outcome, given_up } = blocking(move || Ok(self.turn().take(&part))).await?;
        if let Some(given_up) = given_up {
            tell(&given_up, desk, now).await;
        }
        let in_force = match outcome {
            Ok(Outcome::Waits { missing, first }) => {
                let told = [("in_force", json!(false)), ("missing", json!(missing)), ("first_missing", json!(first))];
                return Ok(data(told));
            }
            Ok(Outcome::InForce(in_force)) => in_force,
            Err(why) => {
                refuse(&version, &why, desk, now).await;
                return Err(Objection::Directory(why));
            }
        };
        let mut told = update::told(&in_force.version, in_force.units, in_force.vacant, in_force.hosts);
        told.insert("in_force".into(), json!(true));
        note(Command::Directory(in_force), desk).await;
        Ok(told)
    }

    fn staff(&self, change: people::Change) -> Result<Data, Objection> {
        // Those who are in the list already keep posts that rules have taken away since: they may come back.
        let Places { data_dir, house, .. } = &self.places;
        if let Some(why) = change.unknown_post(&sent_rules::posts(data_dir, house)) {
            return Err(Objection::NotUsable(why));
        }
        let edited = staff::edit(&self.places.data_dir, |roster| {
            let named: BTreeSet<Slug> = change.set.iter().map(|member| member.id.clone()).collect();
            let leaves = |id: &Slug| change.remove.contains(id) || (change.whole && !named.contains(id));
            roster.staff.retain(|member| !leaves(&member.id));
            for member in change.set {
                set(roster, member);
            }
            Ok(roster.staff.len())
        });
        let staff = edited.map_err(|fault| not_usable(&fault))?;
        Ok(data([("staff", json!(staff))]))
    }

    fn notices(&self, change: &notices::Change) -> Result<Data, Objection> {
        let Some(folder) = &self.places.handbook else {
            return Err(Objection::NotUsable("lobby.toml names no folder for it ([handbook])".into()));
        };
        for (nth, entry) in change.set.iter().enumerate() {
            let fault = |why: String| Objection::NotUsable(format!("set[{nth}]: {why}"));
            if entry.text.len() as u64 > MAX_FILE {
                return Err(fault(format!("is longer than {MAX_FILE} bytes")));
            }
            handbook::entry(entry.id.as_str(), &entry.text)
                .map_err(|faults| fault(faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
        }
        let _turn = self.turn();
        let set = || change.set.iter().map(|entry| (entry.id.as_str(), entry.text.as_str()));
        let remove = || change.remove.iter().map(Slug::as_str);
        let unwritable = |error| Objection::NotUsable(unwritable(folder, &error));
        let count = handbook::count_after(folder, set().map(|(id, _)| id), remove()).map_err(unwritable)?;
        if count > MAX_ENTRIES {
            return Err(not_usable(&format!("there would be {count} entries, and {MAX_ENTRIES} are the most")));
        }
        let entries = handbook::change(folder, set(), remove()).map_err(|error| match error {
            ChangeError::Unchanged(error) => unwritable(error),
            ChangeError::Half(error) => Objection::Half(format!("{}: {error}", folder.display())),
        })?;
        Ok(data([("entries", json!(entries))]))
    }

    /// Log lines name nobody; what people have typed is in none of this.
    fn diagnosis(&self) -> Data {
        let status: Value = serde_json::from_slice(&self.places.status.borrow()).unwrap_or_default();
        let rules = &self.places.house.figures.version;
        data([
            ("status", status),
            ("machine", diagnosis::machine(&self.places.data_dir)),
            ("rules", json!(rules)),
            ("log", json!(logs::recent())),
        ])
    }

    fn rules(&self, change: rules::Change, again: bool) -> Result<Data, Objection> {
        let Places { data_dir, house, .. } = &self.places;
        let _turn = self.turn();
        let sent = sent_rules::sent(data_dir, house);
        let in_force = house.figures.version;
        let taken = sent.as_ref().filter(|_| again).and_then(|sent| is_taken(&change, sent, house));
        if let Some(version) = taken.filter(|version| *version >= in_force) {
            // Cut off behind what it did.
            return Ok(rules_told(version, in_force));
        }
        let new = match change {
            rules::Change::Toml(text) => whole(&text, house)?,
            rules::Change::Back(back) => {
                let before = sent_rules::before(data_dir, house).map_err(|error| not_usable(&error))?;
                let mut before = before.ok_or_else(|| not_usable(&"no rules were ever sent: there is no way back"))?;
                (before.service.version, before.service.approved_by) = (back.version, back.approved_by);
                before
            }
        };
        let newest = sent.map_or(in_force, |sent| sent.service.version.max(in_force));
        if new.service.version <= newest {
            let state =
                if newest == in_force { "is in force" } else { "was sent already and comes with the next start" };
            return Err(not_usable(&format!("version {newest} {state}: send it as version {} or above", newest + 1)));
        }
        // A version that nobody has approved is none, the way back as little as any other (R306).
        let text = toml::to_string(&new).map_err(|error| not_usable(&error))?;
        let new = Sent::read(&text, house).map_err(|faults| not_usable(&faults[0]))?;
        sent_rules::store(data_dir, &new, &Sent::of(house))
            .map_err(|error| not_usable(&unwritable(data_dir, &error)))?;
        Ok(rules_told(new.service.version, in_force))
    }

    /// The answer to a command is on disk: what it asks for beyond that may begin.
    pub fn told(&self, answer: &Data) {
        if answer.get(RENEWS) == Some(&json!(true)) {
            self.places.renew.notify_one();
        }
    }
}

/// In the answer to new rules: the daemon begins anew with them.
const RENEWS: &str = "renews";

fn rules_told(version: u32, in_force: u32) -> Data {
    data([("version", json!(version)), ("before", json!(in_force)), (RENEWS, json!(version > in_force))])
}

/// The version, where just these rules were sent last.
fn is_taken(change: &rules::Change, sent: &Sent, house: &House) -> Option<u32> {
    let is_taken = match change {
        rules::Change::Toml(text) => Sent::read(text, house).is_ok_and(|new| new == *sent),
        rules::Change::Back(back) => {
            (back.version, &back.approved_by) == (sent.service.version, &sent.service.approved_by)
        }
    };
    is_taken.then_some(sent.service.version)
}

/// Half of the rules are none.
fn whole(text: &str, house: &House) -> Result<Sent, Objection> {
    let read = Sent::read(text, house)
        .map_err(|faults| not_usable(&faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")))?;
    match &Sent::unnamed(text, house)[..] {
        [] => Ok(read),
        unnamed => Err(not_usable(&format!(
            "rules come whole. In force and not named: {}. Name each, also one that is to be as a release has it; an empty list is written \
             `post = []`",
            unnamed.join(", ")
        ))),
    }
}

async fn tell(given_up: &GivenUp, desk: &Desk, now: Now) {
    tracing::warn!(why = %given_up.why, "half a directory");
    refuse(&given_up.version, &given_up.why, desk, now).await;
}

async fn refuse(version: &str, why: &update::Objection, desk: &Desk, now: Now) {
    counter!("lobbyd_directories_refused_total", "reason" => why.code()).increment(1);
    let said = data([("version", json!(version)), ("reason", json!(why.code()))]);
    let event = Event::here(Kind::DirectoryRefused, Slug::from_text("directory"), now, said);
    note(Command::Record(event), desk).await;
}

async fn note(command: Command, desk: &Desk) {
    if let Err(refusal) = desk.ask(command).await {
        tracing::warn!(%refusal, "what has become of a directory was not stored");
    }
}

/// He keeps the secret that he has; a new hash is one that somebody else has made, so he changes it.
fn set(roster: &mut staff::Roster, member: people::Member) {
    let people::Member { id, name, badge, role, posts, trades, disabled, hash } = member;
    let known = roster.member_mut(&id);
    let must_change = hash.is_some() || known.as_ref().is_some_and(|known| known.must_change);
    let hash = hash.or_else(|| known.as_ref().map(|known| known.hash.clone())).unwrap_or_default();
    let member = staff::Member { id, name, badge, role, posts, trades, hash, disabled, must_change };
    match known {
        Some(known) => *known = member,
        None => roster.staff.push(member),
    }
}

fn unwritable(folder: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be written: {error}", folder.display())
}

fn not_usable(why: &impl ToString) -> Objection {
    Objection::NotUsable(why.to_string())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Objection> + Send + 'static,
) -> Result<T, Objection> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Objection::NotUsable("its keeper has failed".into())))
}
