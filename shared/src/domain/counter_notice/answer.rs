//! A brand's answer as it was sent, and its checks.

use serde::{Deserialize, Serialize};

use super::{Answer, Suit};
use crate::domain::{
    notice::{
        EXPLANATION_CHARS_MAX, Faults, NAME_CHARS_MAX, URL_CHARS_MAX, is_web_address, lenient, line, quoted, text,
    },
    refused::Refused,
};

/// Characters of a case number.
const NUMBER_CHARS_MAX: usize = 100;

/// A brand's answer as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawAnswer {
    /// `accept`, `withdraw`, `sue` or `reject`.
    pub answer: String,
    /// The court, with `sue`.
    pub court: String,
    /// The case number there, with `sue`.
    pub number: String,
    /// An address of the proof that it was filed, with `sue`.
    pub proof: String,
    /// The brand's reasons; needed with `reject`.
    pub words: String,
}

/// A suit as a brand told of it: a row of an import.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawSuit {
    /// Brand id.
    #[serde(deserialize_with = "lenient::text")]
    pub brand: String,
    /// The counter-notice's id; or the listing instead.
    #[serde(deserialize_with = "lenient::text")]
    pub counter: String,
    /// The listing's id, where the counter-notice is not named.
    #[serde(deserialize_with = "lenient::text")]
    pub listing: String,
    /// The court.
    #[serde(deserialize_with = "lenient::text")]
    pub court: String,
    /// The case number there.
    #[serde(deserialize_with = "lenient::text")]
    pub number: String,
    /// An address of the proof that it was filed.
    #[serde(deserialize_with = "lenient::text")]
    pub proof: String,
}

impl RawSuit {
    /// The names of its fields: the header of a CSV file.
    pub const FIELDS: [&str; 6] = ["brand", "counter", "listing", "court", "number", "proof"];
}

impl RawAnswer {
    /// The answer, and with [`Answer::Sue`] the suit.
    ///
    /// # Errors
    /// Everything that is wrong with it, each fault with field and fix.
    pub fn parse(&self) -> Result<(Answer, Option<Suit>), Refused> {
        let Self { answer, court, number, proof, words } = self;
        let mut faults = Faults::default();
        let parsed = answer.trim().parse().ok().filter(|answer| *answer != Answer::Silent);
        if parsed.is_none() {
            faults.add("answer", || {
                let word = answer.trim();
                let problem =
                    if word.is_empty() { "it is missing".to_owned() } else { format!("{} is no answer", quoted(word)) };
                (problem, "Use accept, withdraw, sue or reject.")
            });
        }
        let suit = if parsed == Some(Answer::Sue) {
            let court = line("court", court, NAME_CHARS_MAX, "Name the court.", &mut faults);
            let number = line("number", number, NUMBER_CHARS_MAX, "Give the case number.", &mut faults);
            let missing = "Give an address where the filed complaint can be seen.";
            let proof = line("proof", proof, URL_CHARS_MAX, missing, &mut faults).filter(|address| {
                let good = is_web_address(address);
                if !good {
                    let fix = "Write it whole, from https:// on.";
                    faults.add("proof", || (format!("{} is no address of the web", quoted(address)), fix));
                }
                good
            });
            court.zip(number).zip(proof).map(|((court, number), proof)| Suit { court, number, proof })
        } else {
            None
        };
        if parsed == Some(Answer::Reject) || !words.trim().is_empty() {
            text("words", words, EXPLANATION_CHARS_MAX, "Say why the seller is wrong.", &mut faults);
        }
        faults.or(|| {
            let answer = parsed?;
            (answer != Answer::Sue || suit.is_some()).then_some((answer, suit))
        })
    }
}
