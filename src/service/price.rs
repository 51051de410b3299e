//! What a convenience service costs.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Of one service a time, in fen, without material; the same twice where it is one price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    pub from: u32,
    pub to: u32,
}

/// The company's list of prices (R260), by the codes of the catalogue, over the one that stands in the regulations. What it does not name is
/// told before it is agreed (R270).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "BTreeMap<String, Range>", into = "BTreeMap<String, Range>")]
pub struct Prices(pub BTreeMap<String, Range>);

impl From<BTreeMap<String, Range>> for Prices {
    fn from(list: BTreeMap<String, Range>) -> Self {
        let mut prices = Prices::default();
        prices.0.extend(list);
        prices
    }
}

impl From<Prices> for BTreeMap<String, Range> {
    fn from(prices: Prices) -> Self {
        prices.0
    }
}

impl Default for Prices {
    /// R261.
    fn default() -> Self {
        Prices(BTreeMap::from([("29".to_owned(), Range { from: 100, to: 2000 })]))
    }
}
