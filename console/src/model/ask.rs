//! The filter language: `brand:nike seller:4711 tier:good_faith desk:legal due<2h held -held mine is:asked`.

use std::fmt::Write as _;

use jointforce_shared::{
    domain::{
        brand::Tier,
        escalation::Desk,
        ids::{BrandId, OperatorId, SellerId},
        time::Time,
    },
    store::queue::{Board, Filter, Standing},
};

/// What the moderator wants to see. Unlike a [`Filter`] it is about any moment and any person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ask {
    /// Only this brand.
    pub brand: Option<BrandId>,
    /// Only this seller.
    pub seller: Option<SellerId>,
    /// Only brands of this tier.
    pub tier: Option<Tier>,
    /// Only what is due within this many microseconds.
    pub due: Option<i64>,
    /// Only held cases, or only those that nobody holds.
    pub held: Option<bool>,
    /// Only what was handed to me, is held or leased by me.
    pub mine: bool,
    /// Only what a desk has, or what none has.
    pub desk: Option<Board>,
    /// Only what is contested, or what waits for its brand.
    pub standing: Option<Standing>,
}

/// What the words mean, for the help below the line.
pub const WORDS: &str = "brand:ID seller:ID tier:good_faith desk:legal due<2h held -held mine is:asked is:appealed";

const STANDINGS: [(&str, Standing); 2] = [("asked", Standing::Asked), ("appealed", Standing::Appealed)];

impl Ask {
    /// Reads the filter language.
    ///
    /// # Errors
    /// The column (in characters, from 0) and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut ask = Self::default();
        let mut column = 0;
        for word in text.split(' ') {
            if !word.is_empty() {
                ask.word(word).map_err(|(at, problem)| (column + at, problem))?;
            }
            column += word.chars().count() + 1;
        }
        Ok(ask)
    }

    fn word(&mut self, word: &str) -> Result<(), (usize, String)> {
        fn value<T: std::str::FromStr<Err: std::fmt::Display>>(
            start: usize,
            text: &str,
        ) -> Result<Option<T>, (usize, String)> {
            text.parse().map(Some).map_err(|error: T::Err| (start, error.to_string()))
        }
        match word {
            "held" => self.held = Some(true),
            "-held" => self.held = Some(false),
            "mine" => self.mine = true,
            _ => match word.split_once([':', '<']) {
                Some(("brand", id)) => self.brand = value(6, id)?,
                Some(("seller", id)) => self.seller = value(7, id)?,
                Some(("tier", tier)) => self.tier = value(5, &tier.to_lowercase().replace('-', "_"))?,
                Some(("desk", "none")) => self.desk = Some(Board::General),
                Some(("desk", desk)) => {
                    let desk: Option<Desk> = value(5, &desk.to_lowercase().replace('-', "_"))?;
                    self.desk = desk.map(Board::Desk);
                }
                Some(("is", standing)) => {
                    let found = STANDINGS.iter().find(|(word, _)| *word == standing);
                    let (_, standing) = found.ok_or((3, "there is is:asked and is:appealed".to_owned()))?;
                    self.standing = Some(*standing);
                }
                Some(("due", span)) => {
                    self.due = Some(span_of(span).ok_or((4, "a time like 30m, 2h or 1d".to_owned()))?);
                }
                _ => return Err((0, format!("no such word; there is {WORDS}"))),
            },
        }
        Ok(())
    }

    /// The filter at `now`, for `me`.
    pub fn filter(&self, me: &OperatorId, now: Time) -> Filter {
        Filter {
            brand: self.brand.clone(),
            seller: self.seller.clone(),
            due_before: self.due.map(|span| Time(now.0.saturating_add(span))),
            held: self.held,
            of: self.mine.then(|| me.clone()),
            tier: self.tier,
            board: self.desk,
            standing: self.standing,
        }
    }

    /// Whether everything is wanted.
    pub fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// The filter in its own language.
    pub fn words(&self) -> String {
        let mut words = String::new();
        // Writing into a String can't fail.
        if let Some(brand) = &self.brand {
            let _ = write!(words, "brand:{brand} ");
        }
        if let Some(seller) = &self.seller {
            let _ = write!(words, "seller:{seller} ");
        }
        if let Some(tier) = self.tier {
            let _ = write!(words, "tier:{tier} ");
        }
        if let Some(due) = self.due {
            let _ = match due {
                due if due % Time::DAY == 0 => write!(words, "due<{}d ", due / Time::DAY),
                due if due % Time::HOUR == 0 => write!(words, "due<{}h ", due / Time::HOUR),
                due => write!(words, "due<{}m ", due / Time::MINUTE),
            };
        }
        match self.held {
            Some(true) => words.push_str("held "),
            Some(false) => words.push_str("-held "),
            None => {}
        }
        if self.mine {
            words.push_str("mine ");
        }
        match self.desk {
            Some(Board::General) => words.push_str("desk:none "),
            Some(Board::Desk(desk)) => {
                let _ = write!(words, "desk:{desk} ");
            }
            None => {}
        }
        if let Some((word, _)) = STANDINGS.iter().find(|(_, standing)| Some(*standing) == self.standing) {
            let _ = write!(words, "is:{word} ");
        }
        words.trim_end().to_owned()
    }
}

fn span_of(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "m" => Time::MINUTE,
        "h" => Time::HOUR,
        "d" => Time::DAY,
        _ => return None,
    };
    number.parse::<u32>().ok().map(|number| i64::from(number).saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_reads_back_what_it_says() {
        for text in [
            "",
            "brand:nike seller:s-1 tier:good_faith due<2h held mine",
            "due<90m -held",
            "due<2d",
            "held desk:brand_relations is:appealed",
            "desk:none is:asked",
        ] {
            assert_eq!(Ask::parse(text).unwrap().words(), text);
        }
        assert_eq!(Ask::parse("  tier:Joint-Force ").unwrap().tier, Some(Tier::JointForce));
    }

    #[test]
    fn a_mistake_is_pointed_at() {
        for (text, column) in [
            ("helb", 0),
            ("held tier:gold", 10),
            ("é due<x", 0),
            ("due<2", 4),
            ("brand: x", 6),
            ("due<99999999999h", 4),
            ("desk:ny", 5),
            ("held is:open", 8),
        ] {
            assert_eq!(Ask::parse(text).unwrap_err().0, column, "{text}");
        }
    }
}
