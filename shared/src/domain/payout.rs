//! A suspended seller's money: kept back, asked for, free again.

use super::{
    ids::{PayoutHoldId, SellerId},
    refused::Refused,
    time::{Time, due_words},
    words::words,
};

words! {
    /// Why money that was kept back is free again.
    Released {
        /// The hold's time is over.
        Expired = "expired",
        /// The suspension beneath it ended.
        Reinstated = "reinstated",
        /// The seller asked, and a person agreed.
        Granted = "granted",
    }
}

/// A hold on a seller's payouts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutHold {
    /// Its id.
    pub id: PayoutHoldId,
    /// Whose money.
    pub seller: SellerId,
    /// Since when.
    pub held: Time,
    /// From when the seller may ask for it.
    pub ask_from: Time,
    /// When it ends by itself.
    pub until: Time,
    /// When the seller asked, and in which words; `None` once that is answered.
    pub asked: Option<(Time, String)>,
    /// When and why it was released.
    pub released: Option<(Time, Released)>,
}

impl PayoutHold {
    /// Whether the seller may ask for the money at `now`.
    ///
    /// # Errors
    /// Says from when on, that they asked already, or that it is free.
    pub fn may_be_asked_for(&self, now: Time) -> Result<(), Refused> {
        if let Some((at, why)) = self.released {
            return Err(Refused::one("hold", format!("it was released on {at} ({why})"), "Nothing to do."));
        }
        if let Some((at, _)) = &self.asked {
            return Err(Refused::one("hold", format!("it was asked for on {at}"), "Wait for the answer."));
        }
        if now < self.ask_from {
            let problem = format!("it can't be asked for before {}", self.ask_from);
            return Err(Refused::one("hold", problem, format!("Ask then: {}.", due_words(self.ask_from, now))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seller_asks_from_the_day_on_once_and_not_for_what_is_free() {
        let day = |days: i64| Time(days * Time::DAY);
        let mut hold = PayoutHold {
            id: "01KEKS00000000000000000001".parse().unwrap(),
            seller: "shop".parse().unwrap(),
            held: day(0),
            ask_from: day(60),
            until: day(90),
            asked: None,
            released: None,
        };
        let early = hold.may_be_asked_for(Time(day(60).0 - 1)).unwrap_err().to_string();
        assert!(early.contains("before 1970-03-02"), "{early}");
        assert_eq!(hold.may_be_asked_for(day(60)), Ok(()));
        hold.asked = Some((day(61), "invoices".into()));
        assert!(hold.may_be_asked_for(day(62)).unwrap_err().to_string().contains("Wait"));
        hold.asked = None;
        hold.released = Some((day(90), Released::Expired));
        assert!(hold.may_be_asked_for(day(91)).unwrap_err().to_string().contains("expired"));
    }
}
