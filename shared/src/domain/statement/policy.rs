//! What a marketplace may want otherwise about statements and the register.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::codes::{List, batch_max};
use crate::domain::{
    notice::is_web_address,
    refused::{Fault, Refused},
    span,
};

/// The policy of statements of reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReasonsPolicy {
    /// The terms that an account measure relies on, at most 500 characters.
    pub terms: String,
    /// Where the terms can be read.
    pub terms_url: Option<String>,
    /// Whose the accounts are, as a code of the register (`ACCOUNT_TYPE_BUSINESS`), where the marketplace knows: a
    /// marketplace that lets in traders only. Default none.
    pub account_type: Option<String>,
    /// The platform's name in the register, for the CSV.
    pub platform: String,
    /// From the end of the grace window to the register, so that batches fill. Default 60 s; the law says "without
    /// undue delay" (DSA art. 24(5)).
    #[serde(with = "span")]
    pub send_after: Duration,
    /// Statements in one call, 1 to 100 (the register's limit). Default 100.
    pub batch: usize,
    /// The longest that one call to the register may take. Default 30 s.
    #[serde(with = "span")]
    pub timeout: Duration,
    /// First retry after this when the register doesn't answer or is busy, doubled each time. Default 5 s.
    #[serde(with = "span")]
    pub retry_first: Duration,
    /// No retry later than this after the last. Default 1 h.
    #[serde(with = "span")]
    pub retry_max: Duration,
}

impl Default for ReasonsPolicy {
    fn default() -> Self {
        Self {
            terms: "Marketplace terms, rules against the infringement of intellectual property".to_owned(),
            terms_url: None,
            account_type: None,
            platform: "Joint Force".to_owned(),
            send_after: Duration::from_secs(60),
            batch: 100,
            timeout: Duration::from_secs(30),
            retry_first: Duration::from_secs(5),
            retry_max: Duration::from_secs(3600),
        }
    }
}

impl ReasonsPolicy {
    /// Whether statements can be made and sent with it.
    ///
    /// # Errors
    /// Every number that is out of range, with its fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        let mut check = |field: &str, good: bool, problem: &str, fix: &str| {
            if !good {
                faults.push(Fault::new(format!("reasons.{field}"), problem, fix));
            }
        };
        let terms = (1..=500).contains(&self.terms.trim().chars().count());
        check("terms", terms, "it is empty or longer than 500 characters", "Name the clause of your terms.");
        let url = self.terms_url.as_deref().is_none_or(|url| is_web_address(url) && url.chars().count() <= 500);
        check("terms_url", url, "it is no web address of at most 500 characters", "Give an https:// address, or null.");
        let kind = self.account_type.as_deref().is_none_or(|code| List::AccountType.words(code).is_some());
        let codes = List::AccountType.codes().keys().map(String::as_str).collect::<Vec<_>>().join(" or ");
        check("account_type", kind, "the register has no such type", &format!("Give {codes}, or null."));
        let platform = (1..=200).contains(&self.platform.trim().chars().count());
        check("platform", platform, "it is empty or longer than 200 characters", "Give the name in the register.");
        let most = batch_max();
        let batch = (1..=most).contains(&self.batch);
        check("batch", batch, &format!("it is not 1 to {most}"), "Give what the register takes in one call.");
        let timeout = (1..=600).contains(&self.timeout.as_secs());
        check("timeout", timeout, "it is not 1 s to 10 min", "Give 30 s unless the register is slow.");
        let retry = !self.retry_first.is_zero() && self.retry_first <= self.retry_max;
        check("retry_first", retry, "it is 0 or longer than retry_max", "Give 5 s and 1 h, say.");
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }

    /// How long to leave the register alone after so many failures in a row, the first being 1.
    #[must_use]
    pub fn wait_after(&self, failures: i64) -> Duration {
        let doublings = u32::try_from(failures - 1).unwrap_or(0).min(30);
        self.retry_first.saturating_mul(1 << doublings).min(self.retry_max)
    }
}
