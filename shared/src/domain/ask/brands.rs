//! A brand that nobody has is a mistake like any other, and pointed at.

use super::{
    Ask, Mistake,
    fields::{self, Field},
    parse::{Parts, unquoted, words},
};
use crate::domain::words::{ALIKE, closest};

impl Ask {
    /// The first brand that the text names and that is none of these, by name, part of a name or id, whatever the case.
    #[must_use]
    pub fn unknown_brand(text: &str, known: &[String]) -> Option<Mistake> {
        let folded: Vec<String> = known.iter().map(|name| name.to_lowercase()).collect();
        words(text).into_iter().find_map(|word| {
            let parts = Parts::of(word.text);
            parts.sign.and_then(|_| fields::called(parts.name)).filter(|entry| entry.field == Field::Brand)?;
            let value = unquoted(parts.value).ok()?.to_lowercase();
            if folded.iter().any(|name| name.contains(&value)) {
                return None;
            }
            let near = closest(&value, folded.iter().map(String::as_str), ALIKE)
                .and_then(|near| known.iter().zip(&folded).find(|(_, folded)| *folded == near));
            let problem = match near {
                Some((name, _)) => format!("no brand is called that; did you mean {name}?"),
                None => "no brand is called that".to_owned(),
            };
            Some(Mistake { column: word.column + parts.before_value(), problem })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brand_that_nobody_has_is_pointed_at_with_the_nearest() {
        let known = ["Adidas", "H & M", "b-17"].map(str::to_owned);
        for (text, told) in [
            ("held brand:adidsa", Some((11, "did you mean Adidas?"))),
            ("é -brand=\"h &amp m\"", Some((9, "did you mean H & M?"))),
            ("brand:zzz", Some((6, "no brand is called that"))),
            ("brand:ADI brand:B-17 \"adidsa\"", None),
            ("brand:\"h & m\" seller:adidsa", None),
        ] {
            let found = Ask::unknown_brand(text, &known);
            assert_eq!(found.as_ref().map(|mistake| mistake.column), told.map(|(column, _)| column), "{text}");
            assert!(found.is_none_or(|mistake| mistake.problem.contains(told.unwrap().1)), "{text}");
        }
    }
}
