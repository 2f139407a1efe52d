//! What a listing has otherwise than the genuine product: how its title writes the mark, what it costs beside what is
//! usual, and what it hides. Nothing here decides; it is laid before whoever does.

mod price;
mod sighting;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use self::{
    price::{Good, Usual, Word, nearest, usual},
    sighting::{Sighting, sighting},
};
use super::{
    refused::{Fault, Refused},
    safe_text,
};

/// The numbers of evidence. They say what is pointed at, and decide nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EvidencePolicy {
    /// A price below this share of the usual one is pointed at, in percent. Default 50: our own; resold goods are seldom
    /// cheaper.
    pub cheap_percent: u8,
    /// Genuine goods in one currency from which a usual price is taken. Default 3: the median of fewer says nothing.
    pub usual_from: u8,
}

impl Default for EvidencePolicy {
    fn default() -> Self {
        Self { cheap_percent: 50, usual_from: 3 }
    }
}

impl EvidencePolicy {
    /// Checks the numbers.
    ///
    /// # Errors
    /// Each fault with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if !(1..=100).contains(&self.cheap_percent) {
            let problem = format!("{} % of the usual price is not cheap", self.cheap_percent);
            faults.push(Fault::new("evidence.cheap_percent", problem, "give 1 to 100"));
        }
        if !(1..=100).contains(&self.usual_from) {
            let problem = format!("{} prices make no usual one", self.usual_from);
            faults.push(Fault::new("evidence.usual_from", problem, "give 1 to 100"));
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

/// What is the matter with a title, counted for a row of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Signs {
    /// Characters that would have acted unseen.
    pub hidden: usize,
    /// Whether the mark is written with other letters than its own.
    pub looks: bool,
    /// Whether the mark's letters are set apart.
    pub apart: bool,
}

impl Signs {
    /// The signs of a title beside the mark that it is reported under.
    #[must_use]
    pub fn of(title: &str, mark: &str) -> Self {
        let found = sighting(title, [mark]);
        Self {
            hidden: safe_text::hidden(title).len(),
            looks: found.as_ref().is_some_and(|found| !found.looks.is_empty()),
            apart: found.is_some_and(|found| found.apart),
        }
    }

    /// As badges: `⚑ 3 hidden`, `⚑ look-alike letters`.
    #[must_use]
    pub fn badges(self) -> Vec<String> {
        let mut badges = vec![];
        if self.hidden > 0 {
            badges.push(format!("⚑ {} hidden", self.hidden));
        }
        if self.looks {
            badges.push("⚑ look-alike letters".to_owned());
        }
        if self.apart {
            badges.push("⚑ letters set apart".to_owned());
        }
        badges
    }

    /// As marks where there is little room: `⚑3`, `≈`.
    #[must_use]
    pub fn short(self) -> String {
        let mut marks = vec![];
        if self.hidden > 0 {
            marks.push(format!("⚑{}", self.hidden));
        }
        if self.looks || self.apart {
            marks.push("≈".to_owned());
        }
        marks.join(" ")
    }
}

/// What the hidden characters of a text do, the most frequent first: `2 without width, 1 turning the direction`.
#[must_use]
pub fn hidden_words(hidden: &[char]) -> String {
    let mut kinds: Vec<(usize, &'static str)> = vec![];
    for &c in hidden {
        let kind = kind_of(c);
        match kinds.iter_mut().find(|(_, known)| *known == kind) {
            Some((many, _)) => *many += 1,
            None => kinds.push((1, kind)),
        }
    }
    kinds.sort_by_key(|(many, _)| std::cmp::Reverse(*many));
    kinds.iter().map(|(many, kind)| format!("{many} {kind}")).collect::<Vec<_>>().join(", ")
}

const fn kind_of(c: char) -> &'static str {
    match c {
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => "controlling the terminal",
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "turning the direction"
        }
        '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{34f}' => "without width",
        '\u{e0000}'..='\u{e0fff}' | '\u{fe00}'..='\u{fe0f}' => "tagging others",
        '\u{2028}' | '\u{2029}' => "breaking the line",
        '\u{300}'..='\u{36f}'
        | '\u{483}'..='\u{489}'
        | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' => "marks piled up",
        _ => "not shown",
    }
}
