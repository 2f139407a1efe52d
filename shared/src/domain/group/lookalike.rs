//! Characters that look like others: a hand-picked part of Unicode's confusables (UTS 39), those that sellers write
//! brands with. Compatibility forms (full width, mathematical, circled) are NFKD's business, accents too.

/// The small Latin letters that `c` stands for, if it looks like them; capitals by their own shape.
pub fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        // Cyrillic, capitals and small letters alike where one of the two has a Latin shape.
        'А' | 'а' | 'Ӕ' | 'ӕ' => "a",
        'В' | 'в' | 'Ь' | 'ь' | 'Ъ' | 'ъ' => "b",
        'С' | 'с' | 'Ҫ' | 'ҫ' => "c",
        'Ԁ' | 'ԁ' => "d",
        'Е' | 'е' | 'Є' | 'є' | 'З' | 'з' | 'Э' | 'э' => "e",
        'Ғ' | 'ғ' => "f",
        'Ԍ' | 'ԍ' => "g",
        'Н' | 'н' | 'Һ' | 'һ' | 'Ң' | 'ң' => "h",
        'І' | 'і' | 'Ӏ' | 'ӏ' => "i",
        'Ј' | 'ј' => "j",
        'К' | 'к' | 'Қ' | 'қ' => "k",
        'М' | 'м' => "m",
        'П' | 'п' | 'И' | 'и' => "n",
        'О' | 'о' | 'Ө' | 'ө' => "o",
        'Р' | 'р' => "p",
        'Ԛ' | 'ԛ' => "q",
        'Г' | 'г' | 'Я' | 'я' => "r",
        'Ѕ' | 'ѕ' => "s",
        'Т' | 'т' | 'Ҭ' | 'ҭ' => "t",
        'Ц' | 'ц' | 'Ч' | 'ч' => "u",
        'Ѵ' | 'ѵ' => "v",
        'Ԝ' | 'ԝ' | 'Ш' | 'ш' | 'Щ' | 'щ' => "w",
        'Х' | 'х' | 'Ҳ' | 'ҳ' | 'Ж' | 'ж' => "x",
        'У' | 'у' | 'Ү' | 'ү' => "y",
        // Greek: a capital and its small letter may look like two different letters.
        'Α' | 'α' | 'Λ' => "a",
        'Β' | 'β' => "b",
        'ϲ' | 'Ϲ' => "c",
        'δ' => "d",
        'Ε' | 'ε' | 'Σ' | 'Ξ' | 'ξ' => "e",
        'Η' => "h",
        'Ι' | 'ι' => "i",
        'ϳ' | 'Ϳ' => "j",
        'Κ' | 'κ' => "k",
        'Μ' => "m",
        'Ν' | 'η' | 'Π' | 'π' => "n",
        'Ο' | 'ο' | 'σ' | 'Θ' | 'θ' | 'Φ' | 'φ' => "o",
        'Ρ' | 'ρ' => "p",
        'Γ' => "r",
        'ς' => "s",
        'Τ' | 'τ' => "t",
        'υ' | 'μ' => "u",
        'ν' => "v",
        'ω' | 'Ψ' | 'ψ' => "w",
        'Χ' | 'χ' => "x",
        'Υ' | 'γ' => "y",
        'Ζ' | 'ζ' => "z",
        // Armenian and Cherokee that fonts draw like Latin.
        'Օ' | 'օ' => "o",
        'Ս' | 'ս' => "u",
        'հ' | 'Ꮋ' => "h",
        'ո' => "n",
        'Ꭺ' => "a",
        'Ᏼ' => "b",
        'Ꮯ' => "c",
        'Ꭼ' => "e",
        'Ꮐ' => "g",
        'Ꭵ' => "i",
        'Ꮶ' => "k",
        'Ꮇ' => "m",
        'Ꮲ' => "p",
        'Ꮪ' => "s",
        'Ꭲ' => "t",
        'Ꮩ' => "v",
        'Ꮃ' => "w",
        // Latin letters that no accent makes, and phonetic ones.
        'ß' | 'ẞ' => "ss",
        'æ' | 'Æ' => "ae",
        'œ' | 'Œ' => "oe",
        'ø' | 'Ø' => "o",
        'ł' | 'Ł' => "i",
        'đ' | 'Đ' | 'ð' | 'Ð' => "d",
        'ħ' | 'Ħ' => "h",
        'ı' | 'ɩ' | 'ɪ' | 'ƚ' => "i",
        'ɑ' | 'ᴀ' => "a",
        'ʙ' | 'ƀ' => "b",
        'ᴄ' | 'ƈ' => "c",
        'ᴅ' => "d",
        'ᴇ' | 'ɛ' | 'ɜ' | 'Ɛ' => "e",
        'ɡ' | 'ɢ' => "g",
        'ʜ' => "h",
        'ᴊ' => "j",
        'ᴋ' | 'ƙ' => "k",
        'ʟ' => "i",
        'ᴍ' => "m",
        'ɴ' | 'ŋ' => "n",
        'ᴏ' | 'ɵ' => "o",
        'ᴘ' => "p",
        'ʀ' => "r",
        'ꜱ' => "s",
        'ᴛ' => "t",
        'ᴜ' | 'ʋ' => "u",
        'ᴠ' => "v",
        'ᴡ' => "w",
        'ʏ' => "y",
        'ᴢ' => "z",
        _ => return None,
    })
}

/// The letter of a boxed or flag letter, which NFKD leaves alone: 🅐 🅰 🇦.
pub fn boxed(c: char) -> Option<char> {
    let code = u32::from(c);
    let nth = [0x1F150, 0x1F170, 0x1F1E6].iter().find_map(|first| code.checked_sub(*first).filter(|nth| *nth < 26))?;
    char::from_u32(u32::from('a') + nth)
}

/// The letter that a digit stands for inside a word: `n1k3`.
pub fn digit(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' => 'i',
        '2' => 'z',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '6' | '9' => 'g',
        '7' => 't',
        '8' => 'b',
        _ => return None,
    })
}

/// The letter that a sign stands for inside a word: `gu¢¢i`, `adida$`.
pub fn sign(c: char) -> Option<char> {
    Some(match c {
        '@' => 'a',
        '$' => 's',
        '!' | '|' | '¡' => 'i',
        '€' => 'e',
        '¢' => 'c',
        '£' => 'i',
        '¥' => 'y',
        _ => return None,
    })
}

/// Whether `c` is there to be unseen: joiners, directions, fillers, variation selectors, tags.
pub const fn is_unseen(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}
