//! Collects the parts of a version that the office sends, in any order, and puts it in force when the last is here. What it has
//! collected does not outlive the process: the answer to each part says what is missing, and a sender who hears of it begins again.

use super::draft::{self, Draft, From};
use super::{Directory, Facts};
use crate::service::directory::update::{Objection, Part};
use std::collections::BTreeSet;
use std::path::PathBuf;

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

/// A version that is being collected.
struct Begun {
    version: String,
    base: Option<String>,
    parts: u32,
    missing: BTreeSet<u32>,
    shrinks: bool,
    draft: Draft,
}

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

    /// Takes a part that was checked. Blocks on the disk: a part takes some milliseconds, the last one of a town some seconds.
    ///
    /// # Errors
    /// [`Objection`]: the version in force stays.
    pub fn take(&mut self, part: &Part) -> Result<Outcome, Objection> {
        let in_force = self.in_force()?;
        if in_force.version == part.version {
            return Ok(Outcome::InForce(in_force));
        }
        let mut begun = match self.begun.take().filter(|begun| begun.is_of(part)) {
            Some(begun) if begun.parts != part.parts => {
                let parts = begun.parts;
                self.begun = Some(begun);
                return Err(Objection::OtherParts(parts));
            }
            Some(begun) => begun,
            None if part.base.as_ref().is_some_and(|base| *base != in_force.version) => {
                return Err(Objection::OtherBase(in_force.version));
            }
            None => self.begin(part)?,
        };
        if begun.missing.remove(&part.part) {
            // Whatever is refused here is dropped with all that was collected.
            begun.draft.take(&part.set, &part.remove)?;
        }
        begun.shrinks |= part.shrinks;
        if !begun.missing.is_empty() {
            let missing = begun.missing.len();
            let first = begun.missing.iter().copied().take(MAX_NAMED).collect();
            self.begun = Some(begun);
            return Ok(Outcome::Waits { missing, first });
        }
        begun.draft.finish(&begun.version, begun.shrinks).map(Outcome::InForce)
    }

    fn in_force(&self) -> Result<Facts, Objection> {
        match Directory::open(&self.data_dir) {
            Ok(directory) => Ok(directory.map(|directory| directory.facts().clone()).unwrap_or_default()),
            // A whole new one may take the place of one that cannot be read.
            Err(error) => {
                tracing::error!(%error, "the directory in force cannot be read");
                Ok(Facts::default())
            }
        }
    }

    fn begin(&self, part: &Part) -> Result<Begun, Objection> {
        let from = if part.base.is_some() { From::InForce } else { From::Nothing };
        let draft = Draft::begin(&self.data_dir, from).map_err(|error| Objection::Storage(error.to_string()))?;
        Ok(Begun {
            version: part.version.clone(),
            base: part.base.clone(),
            parts: part.parts,
            missing: (1..=part.parts).collect(),
            shrinks: false,
            draft,
        })
    }
}

impl Begun {
    fn is_of(&self, part: &Part) -> bool {
        self.version == part.version && self.base == part.base
    }
}
