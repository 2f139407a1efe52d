use proptest::prelude::*;

use super::*;
use crate::domain::listing::{Listing, ListingState, Snapshot};

fn folded(title: &str) -> String {
    fold(title).join(" ")
}

#[test]
fn every_disguise_of_a_title_folds_to_the_title() {
    let plain = folded("nike air max 90 shoes");
    for disguise in [
        "NIKE Air Max 90 Shoes",
        "n i k e air max 90 shoes",
        "N.I.K.E air max 90 shoes",
        "N1K3 air max 90 $hoes",
        "NlKE a!r max 90 shoe$",
        "Nіkе Аіr Мах 90 Ѕhоеѕ",
        "ΝΙΚΕ air max 90 shoes",
        "Ｎｉｋｅ　Ａｉｒ　Ｍａｘ　９０ shoes",
        "𝐍𝐢𝐤𝐞 𝒜𝒾𝓇 max 90 shoes",
        "Ⓝⓘⓚⓔ 🅰🅸🆁 max 90 shoes",
        "ñîḱé áïř mäx 90 shoes",
        "n\u{200b}ik\u{ad}e\u{2060} a\u{202e}ir max 90 shoes",
        "🔥🔥 Nike - air/max (90) *** shoes!!!",
        "Nike air rnax 90 shoes",
    ] {
        assert_eq!(folded(disguise), plain, "{disguise}");
    }
}

#[test]
fn what_a_buyer_tells_apart_stays_apart() {
    for (one, other) in [
        ("trainers size 42", "trainers size 43"),
        ("iphone 15", "iphone 16"),
        ("gucci bag", "gucci belt"),
        ("真品 耐克 运动鞋", "真品 阿迪达斯 运动鞋"),
        ("나이키 운동화", "나이키 운동복"),
    ] {
        assert_ne!(folded(one), folded(other));
    }
    assert_eq!(fold("🔥🔥 !!! ---"), Vec::<String>::new());
    assert_eq!(fold("耐克 shoes"), ["耐", "克", "shoes"]);
}

#[test]
fn titles_without_words_are_like_nothing() {
    let empty = Signature::of("🔥🔥");
    assert!(empty.bands().is_none() && !empty.is_like(&empty, 1));
    let one = Signature::of("nike");
    assert!(one.is_like(&one, 100) && !one.is_like(&empty, 1));
}

/// The bands are stored: a change of folding or hashing makes those in the database useless. Then write them anew.
#[test]
fn the_stored_bands_of_a_title_never_change() {
    insta::assert_debug_snapshot!(Signature::of("NIKE Air Max 90").bands().unwrap(), @r"
    [
        -2038181950204738001,
        6369198117921463160,
        6725349929405932216,
        -6298089640209197827,
        -8024603232305935024,
        -2045992141855929514,
    ]
    ");
}

fn side(title: &str) -> Listing {
    Listing {
        id: "item".parse().unwrap(),
        seller: "shop".parse().unwrap(),
        state: ListingState::Live,
        territory: "DE".into(),
        sold: 0,
        version: 1,
        content: Snapshot {
            title: title.into(),
            description: "as new".into(),
            price_minor: 1999,
            currency: "EUR".into(),
            category: "Shoes".into(),
            nice_class: None,
            url: String::new(),
            images: vec!["a".into(), "b".into()],
        },
    }
}

#[test]
fn only_what_differs_is_said() {
    let brand = "nike".parse().unwrap();
    let card = side("NIKE Air Max 90 red");
    let said =
        |member: &Listing| differences(Side { brand: &brand, listing: &card }, Side { brand: &brand, listing: member });
    assert_eq!(said(&card), []);
    assert_eq!(said(&side("N1KE air max 90 RED")), [Difference::Spelling]);
    let mut other = side("nike air max 90 Bläck");
    other.seller = "shop2".parse().unwrap();
    other.territory = "FR".into();
    other.content.price_minor = 2999;
    other.content.images = vec!["b".into(), "c".into(), "d".into()];
    assert_eq!(
        said(&other),
        [
            Difference::Title { added: vec!["Bläck".into()], missing: vec!["red".into()] },
            Difference::Seller("shop2".parse().unwrap()),
            Difference::Price { minor: 2999, currency: "EUR".into() },
            Difference::Territory("FR".into()),
            Difference::Images { shared: 1, of: 3 },
        ]
    );
}

/// Look-alikes by which a letter may be written; each folds back to it.
const SPELLINGS: &[(char, &[&str])] = &[
    ('a', &["A", "а", "А", "α", "ａ", "á", "𝐚", "ᴀ"]),
    ('c', &["C", "с", "С", "ϲ", "ｃ", "ç"]),
    ('e', &["E", "е", "Е", "ε", "ｅ", "ê", "𝓮"]),
    ('i', &["I", "і", "І", "ι", "ｉ", "ï", "ı"]),
    ('k', &["K", "к", "К", "κ", "ｋ", "ķ"]),
    ('n', &["N", "ｎ", "ñ", "Ν", "ո"]),
    ('o', &["O", "о", "О", "ο", "ｏ", "ö", "օ"]),
    ('p', &["P", "р", "Р", "ρ", "ｐ"]),
    ('s', &["S", "ѕ", "Ѕ", "ｓ", "š"]),
    ('x', &["X", "х", "Х", "χ", "ｘ"]),
];

const UNSEEN: &[&str] = &["", "", "", "\u{200b}", "\u{200d}", "\u{2060}", "\u{ad}", "\u{202e}", "\u{fe0f}", "\u{301}"];
const BETWEEN: &[&str] = &[" ", "  ", " - ", " / ", " ✨ ", "\t", "\u{3000}", " | ", ", "];

/// Words and a disguise of them.
fn disguised() -> impl Strategy<Value = (Vec<String>, String)> {
    let word = prop::collection::vec(prop::sample::select(SPELLINGS), 3..8);
    let word = word.prop_flat_map(|letters| {
        let plain: String = letters.iter().map(|(letter, _)| *letter).collect();
        let spelt: Vec<_> = letters
            .into_iter()
            .map(|(letter, spellings)| {
                let choices = spellings.iter().map(|s| (*s).to_owned()).chain([letter.to_string()]).collect::<Vec<_>>();
                (prop::sample::select(choices), prop::sample::select(UNSEEN)).prop_map(|(s, unseen)| s + unseen)
            })
            .collect();
        (Just(plain), spelt.prop_map(|parts| parts.concat()))
    });
    prop::collection::vec((word, prop::sample::select(BETWEEN)), 1..7).prop_map(|words| {
        let plain = words.iter().map(|((plain, _), _)| plain.clone()).collect();
        (plain, words.into_iter().map(|((_, spelt), between)| spelt + between).collect())
    })
}

proptest! {
    #[test]
    fn no_disguise_hides_a_title((words, title) in disguised()) {
        prop_assert_eq!(Signature::of(&words.join(" ")), Signature::of(&title));
    }

    #[test]
    fn folding_takes_any_text_and_keeps_only_words(title in any::<String>()) {
        for word in fold(&title) {
            prop_assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{word:?}");
        }
    }

    #[test]
    fn similarity_is_a_share_and_knows_no_side(a in "[a-d ]{0,30}", b in "[a-d ]{0,30}") {
        let (a, b) = (Signature::of(&a), Signature::of(&b));
        let share = a.similarity(&b);
        prop_assert!((0.0..=1.0).contains(&share));
        prop_assert_eq!(share.to_bits(), b.similarity(&a).to_bits());
        prop_assert_eq!(a.is_like(&b, 60), share >= 0.6);
        if a == b && a != Signature::default() {
            prop_assert_eq!(a.bands(), b.bands());
        }
    }
}
