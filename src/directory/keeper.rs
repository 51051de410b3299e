//! Collects the parts of a version that the office sends, in any order, and puts it in force when the last is here. What it has
//! collected does not outlive the process: the answer to each part says what is missing, and a sender who hears of it begins again.

use super::draft::{self, Draft, From};
use super::{Directory, DirectoryError, Facts};
use crate::service::directory::update::{Objection, Part};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Missing parts that an answer names.
pub const MAX_NAMED: usize = 20;

/// What has become of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept; nothing has changed yet. How many parts are missing, and the first of them.
    Waits {
        missing: usize,
        first: Vec<u32>,
    },
    InForce(Facts),
}

/// What a part has brought.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken {
    pub outcome: Result<Outcome, Objection>,
    /// Another version, that was half here and whose place the part's has taken.
    pub given_up: Option<GivenUp>,
}

/// A version whose rest is not waited for any more. Nothing of it is left.
#[derive(Debug, PartialEq, Eq)]
pub struct GivenUp {
    pub version: String,
    pub why: Objection,
}

/// A version that is being collected.
struct Begun {
    version: String,
    base: Option<String>,
    parts: u32,
    missing: BTreeSet<u32>,
    shrinks: bool,
    draft: Draft,
    /// When the last part came.
    at: Instant,
}

/// How long a version is waited for whose parts do not come: each is a command, and good for a day. What has come holds residents' names.
pub const PATIENCE: Duration = Duration::from_secs(24 * 3600);

pub struct Keeper {
    data_dir: PathBuf,
    begun: Option<Begun>,
}

impl Keeper {
    pub fn new(data_dir: PathBuf) -> Self {
        // What could not be removed is removed, or said, when the next draft begins.
        let _ = draft::clear(&data_dir);
        Keeper { data_dir, begun: None }
    }

    /// Throws away what nobody has sent the rest of for so long, as of now. Blocks on the disk: what had come may be half a town.
    pub fn give_up(&mut self, now: Instant, patience: Duration) -> Option<GivenUp> {
        let begun = self.begun.take_if(|begun| now.saturating_duration_since(begun.at) > patience)?;
        Some(begun.given_up(Objection::Incomplete))
    }

    /// Takes a part that was checked: an [`Objection`] leaves the version in force. Blocks on the disk: a part takes some milliseconds, the
    /// last one of a town some seconds.
    pub fn take(&mut self, part: &Part) -> Taken {
        let mut given_up = None;
        let outcome = self.collect(part, &mut given_up);
        Taken { outcome, given_up }
    }

    fn collect(&mut self, part: &Part, given_up: &mut Option<GivenUp>) -> Result<Outcome, Objection> {
        let (in_force, said) = self.in_force(part.part)?;
        let digest = digest(part)?;
        if in_force.version == part.version {
            // Also a part that it never had: another export was given the same name.
            let other = said.as_ref() != Some(&digest);
            return if other { Err(Objection::Contradicts(part.part)) } else { Ok(Outcome::InForce(in_force)) };
        }
        if part.base.as_ref().is_some_and(|base| *base != in_force.version) {
            // Of its own version nothing can hold any more, as after an import; what is collected of another has nothing to do with it.
            drop(self.begun.take_if(|begun| begun.is_of(part)));
            return Err(Objection::OtherBase(in_force.version));
        }
        let mut begun = match self.begun.take() {
            Some(begun) if begun.is_of(part) && begun.parts != part.parts => {
                let parts = begun.parts;
                self.begun = Some(begun);
                return Err(Objection::OtherParts(parts));
            }
            Some(begun) if begun.is_of(part) => begun,
            other => {
                *given_up = other.map(|begun| begun.given_up(Objection::Superseded));
                self.begin(part)?
            }
        };
        // Whatever is refused here is dropped with all that was collected.
        if !begun.draft.note_part(part.part, &digest).map_err(storage)? {
            return Err(Objection::Contradicts(part.part));
        }
        if begun.missing.remove(&part.part) {
            begun.draft.take(&part.set, &part.remove)?;
        }
        begun.shrinks |= part.shrinks;
        begun.at = Instant::now();
        if !begun.missing.is_empty() {
            let missing = begun.missing.len();
            let first = begun.missing.iter().copied().take(MAX_NAMED).collect();
            self.begun = Some(begun);
            return Ok(Outcome::Waits { missing, first });
        }
        begun.draft.finish(&begun.version, begun.shrinks).map(Outcome::InForce)
    }

    /// The version in force, and what its part of this number said.
    fn in_force(&self, nth: u32) -> Result<(Facts, Option<Vec<u8>>), Objection> {
        let found = Directory::open(&self.data_dir).and_then(|directory| match directory {
            Some(directory) => Ok((directory.facts().clone(), directory.part(nth)?)),
            None => Ok(Default::default()),
        });
        match found {
            Ok(found) => Ok(found),
            // A whole new one may take the place of one that cannot be read.
            Err(error) => {
                tracing::error!(%error, "the directory in force cannot be read");
                Ok(Default::default())
            }
        }
    }

    fn begin(&self, part: &Part) -> Result<Begun, Objection> {
        let from = if part.base.is_some() { From::InForce } else { From::Nothing };
        let draft = Draft::begin(&self.data_dir, from).map_err(storage)?;
        Ok(Begun {
            version: part.version.clone(),
            base: part.base.clone(),
            parts: part.parts,
            missing: (1..=part.parts).collect(),
            shrinks: false,
            draft,
            at: Instant::now(),
        })
    }
}

impl Begun {
    fn is_of(&self, part: &Part) -> bool {
        self.version == part.version && self.base == part.base
    }

    fn given_up(self, why: fn(usize) -> Objection) -> GivenUp {
        GivenUp { version: self.version, why: why(self.missing.len()) }
    }
}

fn digest(part: &Part) -> Result<Vec<u8>, Objection> {
    let text = serde_json::to_vec(part).map_err(|error| Objection::Storage(error.to_string()))?;
    Ok(Sha256::digest(text).to_vec())
}

fn storage(error: DirectoryError) -> Objection {
    Objection::Storage(error.to_string())
}
