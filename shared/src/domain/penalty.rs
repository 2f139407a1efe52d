//! Penalty ladders: what a strike costs a seller, and where the points lead. Data, not code: the numbers differ from
//! marketplace to marketplace.

mod checks;
mod force;
mod history;
mod presets;
mod preview;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod whole;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::{
    force::{Imposed, InForce},
    history::Reached,
    presets::{Preset, presets},
    preview::{Counted, Preview},
};
use super::{
    ids::{BrandId, RightId, StrikeId},
    seller::Level,
    time::Time,
    words::words,
};

words! {
    /// How bad an infringement is; the ladder says what it costs.
    Severity {
        /// Improper use of a right.
        General = "general",
        /// A counterfeit was offered.
        CounterfeitListing = "counterfeit_listing",
        /// A counterfeit was sold.
        CounterfeitSold = "counterfeit_sold",
        /// Serious circumstances.
        Serious = "serious",
        /// Especially serious circumstances: seals an account at once.
        Extreme = "extreme",
    }
}

/// A counted violation of one seller that stands: neither undone nor reversed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strike {
    /// Its id.
    pub id: StrikeId,
    /// Whose right was infringed.
    pub brand: BrandId,
    /// Which right.
    pub right: RightId,
    /// How bad it was.
    pub severity: Severity,
    /// When it was decided.
    pub at: Time,
}

/// Points by severity; 0 for a strike that only counts as one (see [`Closing`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Points {
    /// Default 2 (Taobao).
    pub general: i64,
    /// Default 2 (Taobao).
    pub counterfeit_listing: i64,
    /// Default 12 (Taobao).
    pub counterfeit_sold: i64,
    /// Default 24 (Taobao).
    pub serious: i64,
    /// Default 48 (Taobao).
    pub extreme: i64,
}

impl Default for Points {
    fn default() -> Self {
        Self { general: 2, counterfeit_listing: 2, counterfeit_sold: 12, serious: 24, extreme: 48 }
    }
}

impl Points {
    /// What a strike of this severity costs when nothing lessens it.
    #[must_use]
    pub const fn of(&self, severity: Severity) -> i64 {
        match severity {
            Severity::General => self.general,
            Severity::CounterfeitListing => self.counterfeit_listing,
            Severity::CounterfeitSold => self.counterfeit_sold,
            Severity::Serious => self.serious,
            Severity::Extreme => self.extreme,
        }
    }
}

/// Strikes of one severity cost no more than `points` within any `days` days of 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The most that counts.
    pub points: i64,
    /// Length of the window.
    pub days: u32,
}

/// Infringing one right again and again, however small each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeated {
    /// The strike on one right of one holder that costs more; strikes that merge are one.
    pub strikes: u32,
    /// What it costs.
    pub points: i64,
}

/// So many strikes of the worse kinds close an account, whatever their points (`AliExpress`: three, Alibaba.com: four).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// The mildest severity that counts.
    pub from: Severity,
    /// Which of them closes.
    pub strikes: u32,
    /// Strikes less than this many days apart are one, whoever the holder.
    #[serde(default)]
    pub merge_days: u32,
    /// What the closing strike costs: as many points as the step that closes has.
    pub points: i64,
}

words! {
    /// How long a strike counts.
    Expiry {
        /// For the ladder's `expiry_days`.
        Rolling = "rolling",
        /// To the end of the calendar quarter (UTC) in which it was made (Shopee).
        CalendarQuarter = "calendar_quarter",
    }
}

/// One step of the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Reached when the points rise to this.
    pub points: i64,
    /// What it does to the seller.
    pub level: Level,
    /// How long from the moment it was reached; without it, as long as the points stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// Whether every listing of the seller is taken off when it is reached.
    #[serde(default)]
    pub listings_off: bool,
}

/// The rules by which strikes become points and points become steps. The default is our own preset, put together
/// from the published rules of Alibaba.com, Taobao, Lazada and `TikTok` Shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ladder {
    /// What a strike costs.
    pub points: Points,
    /// What strikes of one severity may cost together. Default general 6 a day (Alibaba.com, `AliExpress`), counterfeit
    /// listing 12 in 3 days (Taobao).
    pub caps: BTreeMap<Severity, Cap>,
    /// Strikes for one holder less than this many days apart cost as much as the worst of them. Default 3 (Taobao).
    pub merge_days: u32,
    /// Default: the third upheld by one holder on one right costs 48 (Taobao).
    pub repeated: Option<Repeated>,
    /// Default: nothing but points closes an account.
    pub closing: Option<Closing>,
    /// Default rolling (Alibaba.com).
    pub expiry: Expiry,
    /// A strike counts for this many days, where it is rolling. Default 365 (Alibaba.com).
    pub expiry_days: u32,
    /// Sellers are cautioned this many points before a step. Default 5 (`TikTok` Shop).
    pub caution_points: i64,
    /// Mildest first. Default 6 warned, 12 restricted 7 d, 24 hidden 14 d, 36 hidden 21 d and all listings off, 48
    /// terminated, which takes a second person (Alibaba.com and Lazada).
    pub steps: Vec<Step>,
    /// How long a suspended seller's money is kept back; 0 for not at all. Default 90 (Taobao).
    pub payout_hold_days: u32,
    /// From which day of the hold the seller may ask for it. Default 60 (Amazon).
    pub payout_appeal_from_day: u32,
}

impl Default for Ladder {
    fn default() -> Self {
        let step = |points, level, days| Step { points, level, days, listings_off: false };
        Self {
            points: Points::default(),
            caps: BTreeMap::from([
                (Severity::General, Cap { points: 6, days: 1 }),
                (Severity::CounterfeitListing, Cap { points: 12, days: 3 }),
            ]),
            merge_days: 3,
            repeated: Some(Repeated { strikes: 3, points: 48 }),
            closing: None,
            expiry: Expiry::Rolling,
            expiry_days: 365,
            caution_points: 5,
            steps: vec![
                step(6, Level::Warned, None),
                step(12, Level::Restricted, Some(7)),
                step(24, Level::Hidden, Some(14)),
                Step { listings_off: true, ..step(36, Level::Hidden, Some(21)) },
                step(48, Level::Terminated, None),
            ],
            payout_hold_days: 90,
            payout_appeal_from_day: 60,
        }
    }
}

impl Ladder {
    /// The lowest step above `points`.
    #[must_use]
    pub fn next_step(&self, points: i64) -> Option<&Step> {
        self.steps.iter().find(|step| step.points > points)
    }
}
