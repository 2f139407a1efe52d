//! Hostile strings, made from small tables, the same every time.

use std::collections::BTreeSet;

/// What is written into a field, and into the field beside it: a sequence may begin in one and end in the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair(pub String, pub String);

impl Pair {
    fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self(text.clone(), text)
    }
}

/// What terminals obey: colours, moves, questions, titles, clipboards, pictures, modes, resets.
const SEQUENCES: [&str; 46] = [
    "\x1b[31mred",
    "\x1b[2J",
    "\x1b[1;1H",
    "\x1b[999C",
    "\x1b[6n",
    "\x1b[5n",
    "\x1b[0n",
    "\x1b[c",
    "\x1b[>0q",
    "\x1b[?1049h",
    "\x1b[?25h",
    "\x1b[?7l",
    "\x1b[?1003h",
    "\x1b[?2004l",
    "\x1b[?2026h",
    "\x1b[4h",
    "\x1b[20h",
    "\x1b[1000b",
    "\x1b[10S",
    "\x1b[10T",
    "\x1b[3;5r",
    "\x1b[5i",
    "\x1b[!p",
    "\x1b[200~r1\x1b[201~",
    "\x1b[38;2;255;0;0m",
    "\x1b[8m",
    "\x1b]0;owned\x07",
    "\x1b]2;owned\x1b\\",
    "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b]11;?\x07",
    "\x1b]4;1;rgb:ff/ff/ff\x07",
    "\x1b]9;4;1;50\x07",
    "\x1b]1337;SetMark\x07",
    "\x1b]133;C\x07",
    "\x1bP$qm\x1b\\",
    "\x1bP0;0q#0~~\x1b\\",
    "\x1b_Gf=100,a=T;AAAA\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bXstart\x1b\\",
    "\x1bc",
    "\x1b(0qqq\x1b(B",
    "\x1b#8",
    "\x1b%G",
    "\x1bM\x1bD\x1bE",
    "\x1bN\x1bO",
];

/// The 8-bit forms of what an Escape and a letter say.
const SHORT: [(&str, &str); 8] = [
    ("\x1b[", "\u{9b}"),
    ("\x1b]", "\u{9d}"),
    ("\x1bP", "\u{90}"),
    ("\x1b_", "\u{9f}"),
    ("\x1b^", "\u{9e}"),
    ("\x1bX", "\u{98}"),
    ("\x1bM", "\u{8d}"),
    ("\x1b\\", "\u{9c}"),
];

/// Ranges of characters that act unseen.
const UNSEEN: [(u32, u32); 20] = [
    (0x00, 0x1f),
    (0x7f, 0x9f),
    (0xad, 0xad),
    (0x34f, 0x34f),
    (0x61c, 0x61c),
    (0x115f, 0x1160),
    (0x17b4, 0x17b5),
    (0x180b, 0x180f),
    (0x200b, 0x200f),
    (0x2028, 0x202e),
    (0x2060, 0x206f),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xfe00, 0xfe0f),
    (0xfeff, 0xfeff),
    (0xffa0, 0xffa0),
    (0xfff9, 0xfffd),
    (0xe0000, 0xe007f),
    (0xe0100, 0xe0130),
    (0x10_fff0, 0x10_ffff),
];

/// Marks that stand on, in, under or around the letter before them.
const MARKS: [char; 9] =
    ['\u{301}', '\u{327}', '\u{489}', '\u{5b0}', '\u{64b}', '\u{94d}', '\u{e49}', '\u{20dd}', '\u{3099}'];

/// Writing that is honest, and hard for a terminal.
const SCRIPTS: [&str; 40] = [
    "男士机械表原单外贸",
    "ナイキ　エアマックス",
    "ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟ",
    "한국어 ᄀ깧 \u{1112}\u{1161}\u{11ab}",
    "ساعة يد أصلية",
    "שעון יד מקורי",
    "abc ساعة 12 def",
    "נ\u{5b8}ע\u{5b7}ל",
    "क्षत्रिय जूते",
    "க்ஷௌ தமிழ்",
    "นาฬิกาข้อมือ กำ",
    "ကြီး",
    "བོད་ཡིག",
    "👨‍👩‍👧‍👦 family",
    "👩🏽‍❤️‍💋‍👨🏽",
    "🏴‍☠️ 🏳️‍🌈",
    "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "🇩🇪🇫🇷🇯🇵",
    "🇩",
    "🇩🇪🇫",
    "1️⃣ #️⃣ *️⃣",
    "☎️ ☎ ❤️ ❤",
    "👍🏿👍🏻",
    "🏿🏿🏿",
    "❤\u{fe0f}\u{fe0f}\u{fe0f}",
    "👨\u{200d}👨\u{200d}👨\u{200d}👨\u{200d}👨\u{200d}👨\u{200d}👨",
    "﷽ ‱ ⸻ 𒐫 ꧅",
    "ﬁ ﬂ Ĳ Ǆ",
    "Ｎｉｋｅ Ｎｅｗ",
    "ℕ𝕚𝕜𝕖 𝒩𝒾𝓀𝑒",
    "Νіkе Nıke N1ke",
    "│┌─┐└┘├┤ ─── ║",
    "> * ! ? ≠ = ⚑ ≈ …",
    "[31m [2J ]0;x",
    "‹U+202E› ‹+9 marks›",
    "%s %n %x {} {0} $(id) `id`",
    "' OR '1'='1'; --",
    "a\tb\tc",
    "one\ntwo\r\nthree\rfour",
    "\u{fffd}\u{fffd}",
];

/// Bytes that are no UTF-8, as whatever reads them leniently gives them on.
const BYTES: [&[u8]; 12] = [
    b"\xff",
    b"\xfe\xff",
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xed\xa0\x80",
    b"\xed\xb0\x80",
    b"\xf5\x80\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\x80\x81\x9b31m",
    b"caf\xe9 \x9b2J",
    b"\xe2\x82\x1b[31m",
];

/// A million bytes.
const MEGABYTE: usize = 1 << 20;

/// All of it: no string twice.
pub fn strings() -> Vec<Pair> {
    let mut all = BTreeSet::new();
    for sequence in SEQUENCES {
        let mut short = sequence.to_owned();
        for (long, eighth) in SHORT {
            short = short.replace(long, eighth);
        }
        for text in [sequence, &short] {
            all.insert(Pair::same(text));
            all.extend((1..text.len()).filter_map(|at| text.split_at_checked(at)).flat_map(|(before, after)| {
                [Pair(format!("x{before}"), format!("{after}y")), Pair(after.into(), before.into())]
            }));
        }
    }
    for c in UNSEEN.iter().flat_map(|(from, to)| *from..=*to).filter_map(char::from_u32) {
        all.insert(Pair::same(c));
        all.insert(Pair(format!("Ni{c}ke"), format!("時{c}計")));
        all.insert(Pair(format!("❤{c}x"), format!("{c}{c}{c}ab")));
    }
    for mark in MARKS {
        for base in ["", "e", "漢", " ", "👍", "\u{202e}"] {
            for many in [1, 4, 5, 40, 10_000] {
                let marks = String::from_iter(std::iter::repeat_n(mark, many));
                all.insert(Pair(format!("{base}{marks}"), format!("ab{base}{marks}cd")));
            }
        }
    }
    for script in SCRIPTS {
        // At every place in a row a glyph meets its edge.
        for shift in 0..6 {
            for many in [1, 3, 60] {
                let shift = "x".repeat(shift);
                all.insert(Pair(format!("{shift}{}", script.repeat(many)), format!("{}{shift}", script.repeat(many))));
            }
        }
    }
    for bytes in BYTES {
        all.insert(Pair::same(String::from_utf8_lossy(bytes)));
    }
    let whole = "漢👍é\u{1b}[31m".as_bytes();
    for at in 1..whole.len() {
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        all.insert(Pair(lossy(&whole[..at]), lossy(&whole[at..])));
    }
    all.into_iter().collect()
}

/// Lines of a megabyte each: too long for every screen at once, so each of them goes where most work is done.
pub fn long() -> Vec<String> {
    let pieces =
        ["a", " ", "\n", "word ", "漢", "\u{301}", "\u{202e}", "👨\u{200d}", "\x1b[31m", "क्", "🇩", "\u{e0041}"];
    pieces.iter().map(|piece| piece.repeat(MEGABYTE / piece.len())).collect()
}

#[test]
fn there_are_enough_of_them() {
    let strings = strings();
    assert!(strings.len() >= 2_500, "{}", strings.len());
    assert!(strings.iter().any(|Pair(one, _)| one.chars().count() > 10_000));
    assert!(long().iter().all(|line| line.len() > MEGABYTE - 8));
}
