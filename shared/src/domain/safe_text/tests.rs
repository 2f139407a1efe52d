use proptest::prelude::*;

use super::*;

fn check(input: &str, width: usize, expect: &str) {
    let safe = SafeText::line(input, width);
    assert_eq!(safe.as_str(), expect, "{input:?}");
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "Nike Air Max 90",
        "ナイキ エアマックス　９０",
        "حذاء رياضي أصلي",
        "Việt Nam ﬁne “quotes” – dash … ™ ®",
        "นาฬิกาข้อมือ",
        "क्षत्रिय जूते",
        "👩🏽‍❤️‍💋‍👨🏽 👨‍👩‍👧‍👦 1️⃣ ☎️ 🇩🇪",
        "e\u{301}\u{323}",
        "한국어 \u{1112}\u{1161}\u{11ab}",
    ] {
        check(text, 200, text);
        assert!(!SafeText::line(text, 200).was_hostile(), "{text:?}");
    }
}

#[test]
fn what_would_act_unseen_is_shown_by_name() {
    check("a\u{202e}b", 80, "a‹U+202E›b");
    check("\x1b[2Jx\x07", 80, "‹U+001B›[2Jx‹U+0007›");
    check("a\u{9b}31m", 80, "a‹U+009B›31m");
    check("a\u{200b}b\u{feff}c\u{2060}", 80, "a‹U+200B›b‹U+FEFF›c‹U+2060›");
    check("a\u{200d}b", 80, "a‹U+200D›b");
    check("a\u{fe0f}b\u{fe01}", 80, "a‹U+FE0F›b‹U+FE01›");
    check("x\u{e0041}\u{e0100}", 80, "x‹U+E0041›‹U+E0100›");
    check("🌀\u{200d}\u{1f266}", 80, "🌀‹U+200D›‹U+1F266›");
    check("p\u{e000}q\u{10ffff}r\u{378}", 80, "p‹U+E000›q‹U+10FFFF›r‹U+0378›");
    check("\u{2028}\u{2029}\u{fff9}\u{ad}\u{3164}", 80, "‹U+2028›‹U+2029›‹U+FFF9›‹U+00AD›‹U+3164›");
    check("a\0b\x7f\rc", 80, "a‹U+0000›b‹U+007F›‹U+000D›c");
    assert!(SafeText::line("a\u{202e}b", 80).was_hostile());
}

#[test]
fn a_line_break_is_shown_and_a_tab_is_a_space() {
    check("a\nb\r\nc\td", 80, "a⏎b⏎c d");
    assert!(!SafeText::line("a\nb\r\nc\td", 80).was_hostile());
}

#[test]
fn marks_beyond_four_are_counted() {
    check(&format!("e{}x", "\u{301}".repeat(1000)), 80, "e\u{301}\u{301}\u{301}\u{301}‹+996 marks›x");
    check(&format!("{}x", "\u{301}".repeat(5)), 80, "\u{301}\u{301}\u{301}\u{301}‹+1 marks›x");
}

#[test]
fn text_is_cut_between_clusters_and_says_so() {
    check("abcdef", 6, "abcdef");
    check("abcdefg", 6, "abcde…");
    check("日本語", 5, "日本…");
    check("日本語", 4, "日…");
    check("ab👨‍👩‍👧‍👦", 3, "ab…");
    check("abc", 1, "…");
    check("abc", 0, "");
    check("", 0, "");
    assert!(SafeText::line("abcdefg", 6).was_cut());
}

#[test]
fn ten_megabytes_are_not_read_to_show_a_line() {
    for piece in ["a", "\u{301}", "\u{202e}", "👨\u{200d}", "क्", "🏽", "\u{1f1e9}", "\u{1161}", "\u{11a8}\u{1161}"]
    {
        let huge = piece.repeat(10_000_000 / piece.len());
        let short: String = huge.chars().take(12_000).collect();
        let (huge, short) = (SafeText::line(&huge, 80), SafeText::line(&short, 80));
        // The start decides: what follows changes nothing.
        assert_eq!(huge, short, "{piece:?}");
        assert!(huge.was_cut() && huge.width() <= 80, "{piece:?}");
    }
}

#[test]
fn a_block_breaks_between_words_and_ends_where_it_must() {
    let lines = |text: &str, width, max| -> Vec<String> {
        SafeText::block(text, width, max).into_iter().map(SafeText::into_string).collect()
    };
    assert_eq!(lines("one two three\n\nfour", 8, 9), ["one two", "three", "", "four"]);
    assert_eq!(lines("one two three\nfour", 8, 2), ["one two", "three…"]);
    assert_eq!(lines("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
    assert_eq!(lines("日本語", 4, 9), ["日本", "語"]);
    assert_eq!(lines("日本", 1, 9), ["…", "…"]);
    assert_eq!(lines("a\u{202e}", 80, 9), ["a‹U+202E›"]);
    assert!(lines("", 80, 9).is_empty() && lines("abc", 80, 0).is_empty());
}

fn nasty() -> impl Strategy<Value = String> {
    let nasty_char = prop_oneof![
        3 => any::<char>(),
        2 => proptest::char::range('\0', '\u{ff}'),
        2 => proptest::char::range('\u{300}', '\u{36f}'),
        2 => proptest::char::range('\u{2000}', '\u{206f}'),
        1 => proptest::char::range('\u{1100}', '\u{11ff}'),
        1 => proptest::char::range('\u{600}', '\u{6ff}'),
        1 => proptest::char::range('\u{900}', '\u{97f}'),
        1 => proptest::char::range('\u{fe00}', '\u{fe0f}'),
        2 => proptest::char::range('\u{1f1e6}', '\u{1f64f}'),
        2 => proptest::sample::select(vec!['\u{200d}', '👨', '❤', '\u{fe0f}', '🏽', '\n', '\r', '⏎', '‹', '…', ' ']),
    ];
    proptest::collection::vec(nasty_char, 0..60).prop_map(String::from_iter)
}

/// An own list, apart from the code's: what must never reach a terminal.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{fe00}'..='\u{fe0d}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn whatever_comes_is_harmless_fits_and_stays_the_same(text in nasty(), width in 0_usize..50) {
        let safe = SafeText::line(&text, width);
        prop_assert!(!safe.as_str().chars().any(is_forbidden), "{:?}", safe);
        prop_assert!(safe.width() <= width, "{:?} is {} wide", safe, safe.width());
        prop_assert!(safe.as_str().width() <= width, "{:?} is {} wide", safe, safe.as_str().width());
        let again = SafeText::line(safe.as_str(), width);
        prop_assert_eq!(again.as_str(), safe.as_str());
        prop_assert!(!again.was_hostile());
    }

    #[test]
    fn nothing_hidden_is_lost(text in nasty()) {
        let safe = SafeText::line(&text, usize::MAX);
        prop_assert!(!safe.was_cut());
        let forbidden: Vec<char> = text.replace("\r\n", "\n").chars().filter(|&c| is_forbidden(c) && !"\n\t".contains(c)).collect();
        let mut rest = safe.as_str();
        for c in forbidden {
            let name = format!("‹U+{:04X}›", u32::from(c));
            let at = rest.find(&name);
            prop_assert!(at.is_some(), "{} of {:?} is not in {:?}", name, text, safe);
            rest = &rest[at.unwrap_or(0) + name.len()..];
        }
    }

    #[test]
    fn every_line_of_a_block_is_harmless_and_fits(text in nasty(), width in 1_usize..30, lines in 0_usize..9) {
        let block = SafeText::block(&text, width, lines);
        prop_assert!(block.len() <= lines);
        for line in block {
            prop_assert!(!line.as_str().chars().any(is_forbidden), "{:?}", line);
            prop_assert!(line.width() <= width, "{:?} is {} wide", line, line.width());
        }
    }
}
