//! Looking for a text inside another, whatever the case of its letters.

/// The pattern for `lower(column) LIKE $n ESCAPE '\'` that finds `text` anywhere. The databases disagree about the small
/// forms of letters that are not ASCII, so such a letter lets anything pass here: what is found has to be compared once
/// more.
#[must_use]
pub fn anywhere(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.to_lowercase().chars() {
        match letter {
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            letter if letter.is_ascii() => pattern.push(letter),
            _ if pattern.ends_with('%') && !pattern.ends_with("\\%") => {}
            _ => pattern.push('%'),
        }
    }
    if !pattern.ends_with('%') || pattern.ends_with("\\%") {
        pattern.push('%');
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_letters_and_other_letters_are_anything() {
        for (text, pattern) in [
            ("Air Max", "%air max%"),
            ("100%_\\", "%100\\%\\_\\\\%"),
            ("100%", "%100\\%%"),
            ("É", "%"),
            ("caféé 深圳 x", "%caf% % x%"),
            ("", "%"),
        ] {
            assert_eq!(anywhere(text), pattern, "{text}");
        }
    }
}
