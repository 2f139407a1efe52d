//! Sellers whom a rights holder authorised: remembered, so that a notice against one is looked at twice.

use super::{
    ids::{BrandId, SellerId},
    time::Time,
};

/// A rights holder's word that a seller may sell its goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorised {
    /// Whose word.
    pub brand: BrandId,
    /// Who may sell.
    pub seller: SellerId,
    /// From when.
    pub from: Time,
    /// The first moment at which it no longer holds; `None` for no end.
    pub until: Option<Time>,
    /// What the rights holder adds, such as the goods it holds for: text of a stranger, at most 500 characters.
    pub remark: String,
}

impl Authorised {
    /// Whether it holds at `now`.
    #[must_use]
    pub fn holds_at(&self, now: Time) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorisation_holds_from_its_first_moment_up_to_its_end() {
        let word = |until| Authorised {
            brand: "acme".parse().unwrap(),
            seller: "shop".parse().unwrap(),
            from: Time(10),
            until,
            remark: String::new(),
        };
        let held: Vec<bool> = [9, 10, 19, 20].map(|now| word(Some(Time(20))).holds_at(Time(now))).to_vec();
        assert_eq!(held, [false, true, true, false]);
        assert!(word(None).holds_at(Time(i64::MAX)));
    }
}
