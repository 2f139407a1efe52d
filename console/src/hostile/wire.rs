//! What may leave for the terminal: text in which nothing acts, and the few sequences that draw. An own list, apart from
//! the code that writes them.

/// What a sequence may end with, and how its numbers may look.
const DRAWING: [char; 6] = ['m', 'H', 'C', 'K', 'X', 'J'];

/// The first thing that may not leave, if there is one.
pub fn fault(bytes: &str) -> Option<String> {
    let mut rest = bytes.char_indices();
    while let Some((at, c)) = rest.next() {
        match c {
            '\r' if matches!(rest.next(), Some((_, '\n'))) => {}
            '\x1b' => {
                if let Some(fault) = sequence(&mut rest) {
                    return Some(format!("{fault} at {at}: {:?}", near(bytes, at)));
                }
            }
            c if acts(c) => return Some(format!("U+{:04X} at {at}: {:?}", u32::from(c), near(bytes, at))),
            _ => {}
        }
    }
    None
}

fn sequence(rest: &mut impl Iterator<Item = (usize, char)>) -> Option<String> {
    if !matches!(rest.next(), Some((_, '['))) {
        return Some("an Escape that begins no drawing".into());
    }
    let mut numbers = String::new();
    for (_, c) in rest {
        match c {
            '0'..='9' | ';' => numbers.push(c),
            'J' if numbers != "2" => return Some(format!("a partial erase {numbers}J")),
            c if DRAWING.contains(&c) => return None,
            c => return Some(format!("a sequence that ends with {c:?}")),
        }
    }
    Some("a sequence without an end".into())
}

fn near(bytes: &str, at: usize) -> String {
    bytes[at..].chars().take(24).collect()
}

/// Whether a character does something that one doesn't see, by Unicode's own lists: controls, format characters,
/// separators, fillers, tags, surrogates' private use.
pub fn acts(c: char) -> bool {
    // Both belong to honest emoji, and stand only within them.
    !matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}')
        && (c.is_control()
            || matches!(c,
                '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0d}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff9}'..='\u{fffc}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}'))
}

/// The first thing that may not stand in a line that is printed: `--plain` prints no sequence at all.
pub fn fault_in_words(line: &str) -> Option<String> {
    line.char_indices().find(|(_, c)| acts(*c)).map(|(at, c)| format!("U+{:04X}: {:?}", u32::from(c), near(line, at)))
}

#[test]
fn what_may_not_leave_is_found() {
    for good in ["abc", "\x1b[2J", "\x1b[0;1;31mé漢👨‍👩‍👧", "\x1b[12;3Hx\x1b[5C\x1b[K\x1b[9X\r\n", ""] {
        assert_eq!(fault(good), None, "{good:?}");
    }
    for bad in [
        "\x1b]0;x\x07",
        "\x1b[6n",
        "\x1b[J",
        "\x1b[?25l",
        "\x1bc",
        "\x1b",
        "\x1b[1",
        "\u{9b}31m",
        "\n",
        "\r",
        "\t",
        "\x07",
        "a\u{202e}b",
        "\u{200b}",
        "\u{e0041}",
        "\u{feff}",
    ] {
        assert!(fault(bad).is_some(), "{bad:?}");
    }
}
