//! Keeping people out of the register (DSA art. 24(5): "no personal data"): mail addresses, telephone numbers and bank
//! accounts by their shape, names by who they are. What strangers wrote is redacted before it enters a statement; what
//! still looks like a person is refused by [`super::validate`].

use std::ops::Range;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `name@host`, also as `name (at) host (dot) com`.
    Email,
    /// A telephone number, as people write them.
    Phone,
    /// An international bank account number whose check digits are right.
    Iban,
    /// A name that was given.
    Name,
}

impl Kind {
    /// What stands in its place.
    const fn mark(self) -> &'static str {
        match self {
            Self::Email => "[mail address removed]",
            Self::Phone => "[telephone number removed]",
            Self::Iban => "[bank account removed]",
            Self::Name => "[name removed]",
        }
    }

    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Email => "a mail address",
            Self::Phone => "a telephone number",
            Self::Iban => "a bank account",
            Self::Name => "a person's name",
        }
    }
}

/// People who must not be named: the seller, and whoever filed the notice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People(Vec<Vec<char>>);

impl People {
    /// These names, addresses and account numbers. What is too short to be told from a word is left out.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let folded = names.into_iter().map(|name| fold(name.as_ref().trim()).iter().map(|c| c.folded).collect());
        let long_enough = |name: &Vec<char>| name.len() >= if name.iter().all(char::is_ascii) { 3 } else { 2 };
        Self(folded.filter(long_enough).collect())
    }
}

/// The text with every person in it replaced by a mark.
#[must_use]
pub fn redact(text: &str, people: &People) -> String {
    let mut found = find(text);
    found.extend(find_names(text, people));
    found.sort_by_key(|(_, range)| (range.start, std::cmp::Reverse(range.end)));
    let (mut clean, mut at) = (String::with_capacity(text.len()), 0);
    for (kind, range) in found {
        if range.start >= at {
            clean.push_str(&text[at..range.start]);
            clean.push_str(kind.mark());
        }
        at = at.max(range.end);
    }
    clean.push_str(&text[at..]);
    clean
}

/// What in a text has the shape of personal data, and where.
#[must_use]
pub fn find(text: &str) -> Vec<(Kind, Range<usize>)> {
    let chars = fold(text);
    let mut found = vec![];
    for at in 0..chars.len() {
        let range = |from: usize, to: usize| chars[from].start..chars[to - 1].end;
        if let Some((from, to)) = email_around(&chars, at) {
            found.push((Kind::Email, range(from, to)));
        }
        if starts_token(&chars, at) {
            if let Some(to) = iban_from(&chars, at) {
                found.push((Kind::Iban, range(at, to)));
            }
            if let Some(to) = phone_from(&chars, at) {
                found.push((Kind::Phone, range(at, to)));
            }
        }
    }
    found
}

fn find_names(text: &str, people: &People) -> Vec<(Kind, Range<usize>)> {
    let chars = fold(text);
    let mut found = vec![];
    for name in &people.0 {
        for from in 0..chars.len().saturating_sub(name.len() - 1) {
            let to = from + name.len();
            let same = chars[from..to].iter().zip(name).all(|(c, wanted)| c.folded == *wanted);
            // Scripts without blanks between words have no boundaries to ask for.
            let cut = |inner: char, outer: Option<&Char>| {
                inner.is_ascii_alphanumeric() && outer.is_some_and(|c| c.folded.is_ascii_alphanumeric())
            };
            let before = from.checked_sub(1).and_then(|n| chars.get(n));
            if same && !cut(name[0], before) && !cut(name[name.len() - 1], chars.get(to)) {
                found.push((Kind::Name, chars[from].start..chars[to - 1].end));
            }
        }
    }
    found
}

/// A character as it is compared, and the bytes it stands for.
struct Char {
    folded: char,
    start: usize,
    end: usize,
}

/// Lower case, full-width and Arabic digits as ASCII, without what nobody sees, `(at)` and `(dot)` as what they mean.
fn fold(text: &str) -> Vec<Char> {
    let mut chars: Vec<Char> = Vec::with_capacity(text.len());
    for (start, c) in text.char_indices() {
        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}') {
            continue;
        }
        let code = u32::from(c);
        let ascii = match code {
            0xff01..=0xff5e => char::from_u32(code - 0xfee0),
            0x0660..=0x0669 => char::from_digit(code - 0x0660, 10),
            0x06f0..=0x06f9 => char::from_digit(code - 0x06f0, 10),
            0xa0 | 0x202f | 0x3000 => Some(' '),
            0x2010..=0x2015 => Some('-'),
            _ => None,
        };
        let folded = ascii.unwrap_or(c).to_lowercase().next().unwrap_or(c);
        chars.push(Char { folded, start, end: start + c.len_utf8() });
        for (word, meant) in [("(at)", '@'), ("[at]", '@'), ("(dot)", '.'), ("[dot]", '.')] {
            let from = chars.len().saturating_sub(word.len());
            if chars[from..].iter().map(|c| c.folded).eq(word.chars()) {
                let start = chars[from].start;
                let end = chars[chars.len() - 1].end;
                chars.truncate(from);
                chars.push(Char { folded: meant, start, end });
            }
        }
    }
    chars
}

fn is(chars: &[Char], at: usize, wanted: impl Fn(char) -> bool) -> bool {
    chars.get(at).is_some_and(|c| wanted(c.folded))
}

fn starts_token(chars: &[Char], at: usize) -> bool {
    !at.checked_sub(1).is_some_and(|before| is(chars, before, |c| c.is_ascii_alphanumeric() || c == '+'))
}

fn email_around(chars: &[Char], at: usize) -> Option<(usize, usize)> {
    if !is(chars, at, |c| c == '@') {
        return None;
    }
    let blank = |at: usize| is(chars, at, |c| c == ' ');
    let mut from = at;
    if from > 0 && blank(from - 1) {
        from -= 1;
    }
    while from > 0 && is(chars, from - 1, |c| c.is_alphanumeric() || "._%+-".contains(c)) {
        from -= 1;
    }
    let mut to = at + 1;
    if blank(to) {
        to += 1;
    }
    let host_from = to;
    // A dot that was spelled out has blanks around it.
    let near_dot = |at: usize| is(chars, at + 1, |c| c == '.') || (at > host_from && is(chars, at - 1, |c| c == '.'));
    while is(chars, to, |c| c.is_alphanumeric() || c == '.' || c == '-') || (blank(to) && near_dot(to)) {
        to += 1;
    }
    while to > host_from && is(chars, to - 1, |c| !c.is_alphanumeric()) {
        to -= 1;
    }
    let host: String = chars[host_from..to].iter().map(|c| c.folded).filter(|c| *c != ' ').collect();
    let top = host.rsplit_once('.').map(|(_, top)| top)?;
    let named = from < at && chars[from..at].iter().any(|c| c.folded.is_alphanumeric());
    (named && top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)).then_some((from, to))
}

/// Two letters, two check digits, 11 to 30 more, in groups of four or in none, whose remainder by 97 is 1 (ISO 13616).
fn iban_from(chars: &[Char], at: usize) -> Option<usize> {
    let mut taken = String::new();
    let (mut to, mut longest) = (at, None);
    while taken.len() < 34 {
        if is(chars, to, |c| c.is_ascii_alphanumeric()) {
            taken.push(chars[to].folded);
        } else if taken.is_empty() || !taken.len().is_multiple_of(4) || !is(chars, to, |c| c == ' ' || c == '-') {
            break;
        }
        to += 1;
        let ended = !is(chars, to, |c| c.is_ascii_alphanumeric());
        if ended && (15..=34).contains(&taken.len()) && is_iban(&taken) {
            longest = Some(to);
        }
    }
    longest
}

fn is_iban(text: &str) -> bool {
    let (head, account) = text.split_at(4);
    let shaped =
        head.chars().take(2).all(|c| c.is_ascii_lowercase()) && head.chars().skip(2).all(|c| c.is_ascii_digit());
    let number = account.chars().chain(head.chars()).filter_map(|c| c.to_digit(36));
    shaped && number.fold(0, |rest, digit| (rest * if digit > 9 { 100 } else { 10 } + digit) % 97) == 1
}

/// Words after which a bare row of digits is a telephone number.
const CALLS: [&str; 12] =
    ["tel", "phone", "mobile", "handy", "whatsapp", "wechat", "viber", "telegram", "fax", "电话", "手机", "微信"];

/// Where a telephone number that begins here ends. Numbers of registers and days of the calendar are none.
fn phone_from(chars: &[Char], at: usize) -> Option<usize> {
    let plus = is(chars, at, |c| c == '+');
    if !plus && !is(chars, at, |c| c.is_ascii_digit() || c == '(') {
        return None;
    }
    let (mut to, mut end, mut gap) = (at + usize::from(plus), at, 0);
    let mut groups = vec![String::new()];
    while to < chars.len() && gap <= 2 {
        let c = chars[to].folded;
        if c.is_ascii_digit() {
            if gap > 0 && groups.last().is_some_and(|group| !group.is_empty()) {
                groups.push(String::new());
            }
            if let Some(group) = groups.last_mut() {
                group.push(c);
            }
            (end, gap) = (to + 1, 0);
        } else if " -./()".contains(c) {
            gap += 1;
        } else {
            break;
        }
        to += 1;
    }
    if end == at || is(chars, end, |c| c.is_alphanumeric()) {
        return None;
    }
    let digits = groups.concat();
    let shape: Vec<usize> = groups.iter().map(String::len).collect();
    let is_date = matches!(shape[..], [1 | 2, 1 | 2, 4, ..] | [4, 1 | 2, 1 | 2, ..]);
    let starts = |zeros: &str| digits.strip_prefix(zeros).is_some_and(|rest| !rest.starts_with('0'));
    let before: String = chars[at.saturating_sub(14)..at].iter().map(|c| c.folded).collect();
    let called = CALLS.iter().any(|call| before.contains(call));
    let phone = match digits.len() {
        8..=15 if plus => true,
        // The Union's designs have such numbers too, and are written 001234567-0001.
        11..=17 if digits.starts_with("00") && starts("00") && shape != [9, 4] => true,
        10..=12 if starts("0") && digits.starts_with('0') => true,
        // Mobile numbers in China.
        11 if digits.starts_with('1') && !"012".contains(&digits[1..2]) && matches!(shape[..], [11] | [3, 4, 4]) => {
            true
        }
        10 | 11 if matches!(shape[..], [3, 3, 4] | [1, 3, 3, 4]) => true,
        6..=15 => called,
        _ => false,
    };
    (phone && !is_date).then_some(end)
}
