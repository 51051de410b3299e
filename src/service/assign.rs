//! Whom to send to a repair (R074): out of the members of staff who have the trade, the most skilled first, then whoever has
//! least in hand, then whoever has been without work longest. It proposes and never assigns: a person confirms, or does
//! otherwise. No rule asks how eager somebody is (R074 names it too): nobody is measured by a machine for that.

use super::matter::repair::Category;
use crate::event::Slug;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// A person reads three names at a glance.
pub const MAX_PROPOSALS: usize = 3;
/// Trades of one person. More is a slip.
pub const MAX_TRADES: usize = 6;

/// 工种, as work in a building is divided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trade {
    /// 电工.
    Electric,
    /// 水工.
    Plumbing,
    AirConditioning,
    /// 门窗、木工.
    Carpentry,
    Lift,
    /// 弱电: intercoms, networks.
    LowVoltage,
}

impl Trade {
    pub const ALL: [Trade; 6] =
        [Trade::Electric, Trade::Plumbing, Trade::AirConditioning, Trade::Carpentry, Trade::Lift, Trade::LowVoltage];

    pub const fn name(self) -> &'static str {
        match self {
            Trade::Electric => "electric",
            Trade::Plumbing => "plumbing",
            Trade::AirConditioning => "air-conditioning",
            Trade::Carpentry => "carpentry",
            Trade::Lift => "lift",
            Trade::LowVoltage => "low-voltage",
        }
    }

    /// Whose work such a fault is; anybody's where nothing fits.
    pub const fn of(category: Category) -> Option<Self> {
        match category {
            Category::Water => Some(Trade::Plumbing),
            Category::Power | Category::Light => Some(Trade::Electric),
            Category::AirConditioning => Some(Trade::AirConditioning),
            Category::Door => Some(Trade::Carpentry),
            Category::Lift => Some(Trade::Lift),
            Category::Intercom => Some(Trade::LowVoltage),
            Category::Other => None,
        }
    }
}

/// 技能水平.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Learner,
    Able,
    Expert,
}

impl Level {
    pub const ALL: [Level; 3] = [Level::Learner, Level::Able, Level::Expert];

    pub const fn name(self) -> &'static str {
        match self {
            Level::Learner => "learner",
            Level::Able => "able",
            Level::Expert => "expert",
        }
    }
}

/// What somebody can do, written `electric` or `electric:expert`; able where no level is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Skill {
    pub trade: Trade,
    pub level: Level,
}

/// Says what could have been written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no trade; known are {trades}, each with :learner, :able or :expert if you like",
    trades = Trade::ALL.map(Trade::name).join(", ")
)]
pub struct NoSkill(String);

impl Skill {
    /// # Errors
    /// When it is no trade, or no level.
    pub fn parse(text: &str) -> Result<Self, NoSkill> {
        let (trade, level) = text.trim().split_once(':').unwrap_or((text.trim(), Level::Able.name()));
        let trade = Trade::ALL.into_iter().find(|known| known.name() == trade);
        let level = Level::ALL.into_iter().find(|known| known.name() == level);
        trade.zip(level).map(|(trade, level)| Skill { trade, level }).ok_or_else(|| NoSkill(text.to_owned()))
    }
}

impl TryFrom<String> for Skill {
    type Error = NoSkill;

    fn try_from(text: String) -> Result<Self, NoSkill> {
        Skill::parse(&text)
    }
}

impl From<Skill> for String {
    fn from(skill: Skill) -> String {
        format!("{}:{}", skill.trade.name(), skill.level.name())
    }
}

/// Somebody who may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colleague {
    pub id: Slug,
    pub skills: Vec<Skill>,
    /// Open tasks that he has claimed.
    pub open: u32,
    /// When he last took or ended an appointed task; `None` where he has had none.
    pub last: Option<DateTime<Utc>>,
}

/// Somebody who is proposed, with the reason as values. By id: the name stands in the staff's list and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: Slug,
    /// What fits; `None` where the fault is nobody's trade.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skill: Option<Skill>,
    pub open: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<DateTime<Utc>>,
}

/// At most [`MAX_PROPOSALS`], the first choice first. Nobody without the trade, and nobody who has said no.
pub fn propose(category: Category, crew: &[Colleague], said_no: &[Slug]) -> Vec<Proposal> {
    let wanted = Trade::of(category);
    let mut fitting: Vec<Proposal> = crew
        .iter()
        .filter(|colleague| !said_no.contains(&colleague.id))
        .filter_map(|colleague| {
            let skill = wanted.map(|trade| colleague.skills.iter().find(|skill| skill.trade == trade).copied());
            let skill = match skill {
                Some(None) => return None,
                Some(found) => found,
                None => None,
            };
            Some(Proposal { id: colleague.id.clone(), skill, open: colleague.open, last: colleague.last })
        })
        .collect();
    // Whoever has never had one has waited longest: `None` comes first. The id only makes the order one.
    fitting.sort_by(|one, other| {
        let key = |of: &Proposal| (Reverse(of.skill.map(|skill| skill.level)), of.open, of.last);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    fitting.truncate(MAX_PROPOSALS);
    fitting
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(1_795_219_200 + hour * 3600, 0)
    }

    fn colleague(id: &str, skills: &[&str], open: u32, last: Option<DateTime<Utc>>) -> Colleague {
        let skills = skills.iter().map(|text| Skill::parse(text).unwrap()).collect();
        Colleague { id: Slug::new(id).unwrap(), skills, open, last }
    }

    fn ids(proposals: &[Proposal]) -> Vec<&str> {
        proposals.iter().map(|proposal| proposal.id.as_str()).collect()
    }

    #[test]
    fn the_trade_and_its_level_come_first_then_the_load_then_who_has_waited_longest() {
        let crew = [
            colleague("learner", &["electric:learner"], 0, None),
            colleague("busy", &["electric"], 3, at(0)),
            colleague("plumber", &["plumbing:expert"], 0, None),
            colleague("lately", &["electric"], 1, at(9)),
            colleague("long-ago", &["electric", "lift"], 1, at(2)),
            colleague("master", &["plumbing:learner", "electric:expert"], 4, at(9)),
        ];
        assert_eq!(ids(&propose(Category::Light, &crew, &[])), ["master", "long-ago", "lately"]);
        assert_eq!(ids(&propose(Category::Water, &crew, &[])), ["plumber", "master"], "nobody without the trade");
        assert!(propose(Category::AirConditioning, &crew, &[]).is_empty());
    }

    #[test]
    fn whoever_has_said_no_is_not_proposed_again_and_what_is_nobodys_trade_goes_by_load() {
        let crew = [
            colleague("a", &["lift:expert"], 2, None),
            colleague("b", &["plumbing:learner"], 0, at(5)),
            colleague("c", &["electric"], 0, None),
        ];
        assert_eq!(ids(&propose(Category::Other, &crew, &[])), ["c", "b", "a"]);
        assert_eq!(ids(&propose(Category::Other, &crew, &[Slug::new("c").unwrap()])), ["b", "a"]);
    }

    #[test]
    fn a_skill_is_written_as_people_type_it_and_reads_back() {
        assert_eq!(Skill::parse("electric"), Ok(Skill { trade: Trade::Electric, level: Level::Able }));
        for trade in Trade::ALL {
            for level in Level::ALL {
                let skill = Skill { trade, level };
                assert_eq!(Skill::parse(&String::from(skill)), Ok(skill));
            }
        }
        let error = Skill::parse("electric:king").unwrap_err().to_string();
        assert!(error.contains("low-voltage") && error.contains(":expert"), "{error}");
        assert!(Skill::parse("").is_err() && Skill::parse("magic").is_err());
    }
}
