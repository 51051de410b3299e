//! The company's rules as the office sets them: figures, posts and shifts, in a version that those have approved whose names stand in
//! it (R306). And the way back: the rules before, under a new version, for a version is never taken back.

use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub enum Change {
    /// `[service]`, `[[post]]` and `[[shift]]`, as in `lobby.toml`: all of them, for what is not there is the regulations' own figure.
    Toml(String),
    Back(Back),
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "contract", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// Above the one in force.
    pub version: u32,
    pub approved_by: Vec<String>,
}
