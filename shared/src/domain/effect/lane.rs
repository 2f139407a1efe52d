//! Lanes: the kinds of consequences that are carried out, paused and slowed down together.

use crate::domain::{refused::Refused, time::Time, words::words};

words! {
    /// What an effect is for, and on which queue its ring travels. In the order of their priority: of what waits in one
    /// process, the first goes first.
    Lane {
        /// Listings taken down, put back, hidden, offered again.
        Removals = "removals",
        /// Sellers brought to the ladder's step, and their stores with them.
        Penalties = "penalties",
        /// Calls to whoever is on call.
        Pages = "pages",
        /// Events for the marketplace's own systems.
        Marketplace = "marketplace",
        /// Events for the brands' systems.
        Webhooks = "webhooks",
        /// Mail to sellers and brands.
        Letters = "letters",
    }
}

impl Lane {
    /// Those that change our own database: many effects in one transaction, exactly once.
    pub const INSIDE: &'static [Self] = &[Self::Removals, Self::Penalties];
    /// Those that call somebody else's machine: leased, idempotent, fenced, at least once.
    pub const OUTSIDE: &'static [Self] = &[Self::Pages, Self::Marketplace, Self::Webhooks, Self::Letters];

    /// Whether its effects change our own database.
    #[must_use]
    pub const fn is_inside(self) -> bool {
        matches!(self, Self::Removals | Self::Penalties)
    }

    /// In a few words, for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Removals => "listings taken down and put back",
            Self::Penalties => "sellers' levels and stores",
            Self::Pages => "calls to whoever is on call",
            Self::Marketplace => "events for the marketplace's systems",
            Self::Webhooks => "events for brands' systems",
            Self::Letters => "mail to sellers and brands",
        }
    }
}

/// A lane as on-call left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaneState {
    /// Which.
    pub lane: Lane,
    /// Since when, by whom and why nothing on it is begun; `None` while it runs.
    pub paused: Option<Paused>,
    /// Effects begun in a second at most, by the whole fleet; `None` for as many as the workers can.
    pub rate: Option<u32>,
}

/// Why a lane stands still.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paused {
    /// Since when.
    pub at: Time,
    /// The account that did it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// The most effects a second that a rate may name: far more than any fleet carries out.
pub const RATE_MAX: u32 = 1_000_000;

/// A rate as people write it: `50/s`, or `none`.
///
/// # Errors
/// Says how to write it.
pub fn read_rate(text: &str) -> Result<Option<u32>, Refused> {
    if text.trim() == "none" {
        return Ok(None);
    }
    let digits = text.trim().trim_end_matches("/s").trim_end();
    match digits.parse() {
        Ok(rate) if (1..=RATE_MAX).contains(&rate) => Ok(Some(rate)),
        _ => {
            let problem = format!("{:?} is no rate", text.chars().take(40).collect::<String>());
            Err(Refused::one("rate", problem, "Give effects a second, such as 50/s (1 to 1,000,000), or none."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_is_either_inside_or_outside_and_both_keep_the_order_of_priority() {
        let both: Vec<Lane> = Lane::INSIDE.iter().chain(Lane::OUTSIDE).copied().collect();
        assert_eq!(both, Lane::ALL);
        assert!(Lane::ALL.iter().all(|lane| lane.is_inside() == Lane::INSIDE.contains(lane)));
    }

    #[test]
    fn a_rate_is_read_as_people_write_it() {
        for (text, rate) in [("50/s", Some(50)), (" 7 ", Some(7)), ("1 /s", Some(1)), ("none", None)] {
            assert_eq!(read_rate(text), Ok(rate), "{text}");
        }
        for text in ["", "0", "0/s", "-1", "1.5/s", "50/min", "fast", "1000001", "99999999999999"] {
            assert!(read_rate(text).is_err(), "{text}");
        }
    }
}
