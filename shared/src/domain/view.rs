//! Views: filters that somebody kept under a name and a number key.

use super::{
    ask::Ask,
    refused::{Fault, Refused},
};

/// The longest name, in characters: several stand in one line.
const NAME: usize = 24;

/// A filter that somebody kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its key, 1 to 9.
    pub slot: u8,
    /// What they call it, 1 to 24 characters.
    pub name: String,
    /// What it shows.
    pub ask: Ask,
}

impl View {
    /// A view as somebody gives it, `ask` in its own language.
    ///
    /// # Errors
    /// Refused with everything that is wrong.
    pub fn new(slot: u8, name: &str, ask: &str) -> Result<Self, Refused> {
        let name = name.trim();
        let mut faults = vec![];
        if !(1..=9).contains(&slot) {
            faults.push(Fault::new("key", format!("{slot} is no key for a view"), "Use 1 to 9."));
        }
        if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
            let problem = "it is empty, too long or has control characters";
            faults.push(Fault::new("name", problem, format!("Give 1 to {NAME} characters.")));
        }
        match Ask::parse(ask) {
            Ok(ask) if faults.is_empty() => return Ok(Self { slot, name: name.to_owned(), ask }),
            Ok(_) => {}
            Err(mistake) => {
                faults.push(Fault::new("filter", mistake.to_string(), "Open it with / and look at the mark below it."));
            }
        }
        Err(Refused { faults })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_says_everything_that_is_wrong_with_it() {
        let view = View::new(3, " late ones ", "due<1h  held").unwrap();
        assert_eq!((view.slot, view.name.as_str(), view.ask.words().as_str()), (3, "late ones", "due<1h held"));
        let refused = View::new(0, "", "helb").unwrap_err();
        let fields: Vec<_> = refused.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["key", "name", "filter"]);
        assert!(View::new(1, &"x".repeat(25), "").is_err());
        assert!(View::new(9, "everything", "").unwrap().ask.is_all());
    }
}
