use super::*;
use crate::{
    domain::{group::lookalike::is_unseen, listing::Snapshot, time::Time},
    fixtures::titles::HOSTILE,
};

fn how(title: &str, mark: &str) -> Option<(String, String)> {
    sighting(title, [mark]).map(|found| (title[found.at.clone()].to_owned(), found.how()))
}

fn seen(piece: &str, words: &str) -> Option<(String, String)> {
    Some((piece.to_owned(), words.to_owned()))
}

#[test]
fn a_mark_is_found_however_it_is_written() {
    for (title, mark, piece, words) in [
        ("N1k3 Cricket Bat DM for price", "Nike", "N1k3", "look-alike letters: 1 for i, 3 for e"),
        ("new NlKE shoes", "Nike", "NlKE", "look-alike letters: l for i"),
        ("top n i k e style American", "Nike", "n i k e", "letters set apart"),
        ("G\u{ad}\u{2060}u\u{200b}cci bag", "Gucci", "G\u{ad}\u{2060}u\u{200b}cci", "3 hidden inside"),
        ("Аdidаs Superstar", "Adidas", "Аdidаs", "look-alike letters: А for a, а for a"),
        ("ＮＩＫＥ running", "Nike", "ＮＩＫＥ", "look-alike letters: Ｎ for n, Ｉ for i, Ｋ for k, Ｅ for e"),
        ("adida$ socks", "Adidas", "adida$", "look-alike letters: $ for s"),
        ("Nike Iron Golf", "Nike", "Nike", "as registered"),
        ("nike-style bag", "Nike", "nike", "as registered"),
        ("TOMMY HILFIGER polo", "Tommy Hilfiger", "TOMMY HILFIGER", "as registered"),
        ("Hermes scarf", "Hermès", "Hermes", "as registered"),
        ("🔥 RAY-BAN BLACK", "Ray-Ban", "RAY-BAN", "as registered"),
        ("Ray Ban black", "Ray-Ban", "Ray Ban", "as registered"),
        ("plain Nike and N1ke", "Nike", "N1ke", "look-alike letters: 1 for i"),
    ] {
        assert_eq!(how(title, mark), seen(piece, words), "{title}");
    }
}

#[test]
fn a_mark_between_signs_is_found_without_them() {
    for (title, mark, piece, words) in [
        ("<script>alert('Tommy Hilfiger')</script>", "Tommy Hilfiger", "Tommy Hilfiger", "as registered"),
        ("new/Nike", "Nike", "Nike", "as registered"),
        ("Bag,Gucci", "Gucci", "Gucci", "as registered"),
        ("Bag!Gucci|black", "Gucci", "Gucci", "as registered"),
        ("!Nike!", "Nike", "Nike", "as registered"),
        ("@nike", "Nike", "nike", "as registered"),
        ("(Adidas)", "Adidas", "Adidas", "as registered"),
        ("\"Rolex\"", "Rolex", "Rolex", "as registered"),
        ("🇩🇪🔥Rolex™", "Rolex", "Rolex", "as registered"),
        ("男士Nike机械表", "Nike", "Nike", "as registered"),
        ("新款阿迪达斯鞋", "阿迪达斯", "阿迪达斯", "as registered"),
        ("new/Ray-Bans,black", "Ray-Ban", "Ray-Bans", "as registered"),
        ("Under/Northface", "Under Northface", "Under/Northface", "as registered"),
        ("socks(adida$)", "Adidas", "adida$", "look-alike letters: $ for s"),
        ("(N!kes)", "Nike", "N!kes", "look-alike letters: ! for i"),
        ("new,$amsung", "Samsung", "$amsung", "look-alike letters: $ for s"),
        ("shoes/N1k3,new", "Nike", "N1k3", "look-alike letters: 1 for i, 3 for e"),
        ("('N.i.k.e')", "Nike", "N.i.k.e", "letters set apart"),
        ("new/n-i-k-e/42", "Nike", "n-i-k-e", "letters set apart"),
        ("new:n/i/k/e", "Nike", "n/i/k/e", "letters set apart"),
        ("⒩⒤⒦⒠ cap", "Nike", "⒩⒤⒦⒠", "look-alike letters: ⒩ for n, ⒤ for i, ⒦ for k, ⒠ for e"),
        ("(G\u{200b}ucci)", "Gucci", "G\u{200b}ucci", "1 hidden inside"),
    ] {
        assert_eq!(how(title, mark), seen(piece, words), "{title}");
    }
}

#[test]
fn a_mark_is_found_in_every_hostile_title_that_begins_a_word_with_it() {
    for title in HOSTILE.into_iter().filter(|title| !title.contains("H{name}")) {
        let title = title.replace("{name}", "Tommy Hilfiger");
        let (piece, _) = how(&title, "Tommy Hilfiger").unwrap_or_else(|| panic!("not in {title:?}"));
        assert_eq!(piece.replace(is_unseen, ""), "Tommy Hilfiger", "{title:?}");
    }
}

#[test]
fn a_title_without_the_mark_shows_none() {
    for (title, mark) in [
        ("Leather Belt, black, 110 cm", "Nike"),
        ("", "Nike"),
        ("iPhone 13 case", "Apple"),
        ("C 1 adapter", "C1"),
        ("kitchen knife", "Nike"),
        ("mini/keep", "Nike"),
        ("Nik, even", "Nike"),
        ("!!!", "Nike"),
    ] {
        assert_eq!(how(title, mark), None, "{title}");
    }
}

#[test]
fn a_long_title_is_looked_at_within_bounds() {
    for part in ["n i k ", "n!", "1 ", "$/", "漢", "\u{200b} "] {
        assert_eq!(sighting(&part.repeat(100_000), ["Nike"; 100]), None, "{part:?}");
    }
}

#[test]
fn the_signs_of_a_row_are_counted_over_the_whole_title() {
    let signs = Signs::of("Sac à main \u{202e}gnihtyreve\u{202c} G\u{200b}ucci", "Gucci");
    assert_eq!(signs, Signs { hidden: 3, ..Signs::default() });
    let signs = Signs::of("G\u{200b}ucc1 bag", "Gucci");
    assert_eq!(signs.badges(), ["⚑ 1 hidden", "⚑ look-alike letters"]);
    assert_eq!(Signs::of("g u c c i bag", "Gucci").badges(), ["⚑ letters set apart"]);
    assert_eq!(Signs::of("Gucci bag", "Gucci"), Signs::default());
}

#[test]
fn hidden_characters_are_told_by_what_they_do() {
    let hidden = safe_text::hidden("a\u{200b}b\u{202e}c\u{200d}\u{1b}[2J");
    assert_eq!(hidden_words(&hidden), "2 without width, 1 turning the direction, 1 controlling the terminal");
    assert!(safe_text::hidden("👨‍👩‍👧 Crème 時計").is_empty());
}

fn good(price_minor: i64, currency: &str, nice_class: Option<u8>, title: &str) -> Good {
    Good {
        listing: "L-1".parse().unwrap(),
        title: title.into(),
        price_minor,
        currency: currency.into(),
        nice_class,
        seller_name: "Shop".into(),
        word: Word::Reviewer,
        at: Time(0),
    }
}

fn listing(price_minor: i64) -> Snapshot {
    Snapshot {
        title: "Nike Air Shoe".into(),
        description: String::new(),
        price_minor,
        currency: "EUR".into(),
        category: String::new(),
        nice_class: Some(25),
        url: String::new(),
        images: vec![],
    }
}

#[test]
fn the_usual_price_is_the_median_of_the_same_currency_and_class_where_enough_are_known() {
    let policy = EvidencePolicy::default();
    let mut goods = vec![good(10_000, "EUR", Some(25), "a"), good(12_000, "EUR", Some(25), "b")];
    assert_eq!(usual(&policy, &goods, &listing(2_000)), None, "two prices say nothing");
    goods.push(good(90_000, "EUR", Some(9), "c"));
    goods.push(good(5, "USD", Some(25), "d"));
    goods.push(good(0, "EUR", Some(25), "free"));
    assert_eq!(usual(&policy, &goods, &listing(2_000)), Some(Usual { minor: 12_000, of: 3, percent: 17 }));
    goods.push(good(8_000, "EUR", Some(25), "e"));
    assert_eq!(usual(&policy, &goods, &listing(20_000)), Some(Usual { minor: 10_000, of: 3, percent: 200 }));
}

#[test]
fn the_nearest_is_the_one_with_most_words_in_common() {
    let goods = [good(1, "EUR", None, "Nike cap"), good(2, "EUR", None, "NIKE air shoe"), good(3, "EUR", None, "belt")];
    assert_eq!(nearest(&goods, "N1ke Air shoe new").map(|good| good.price_minor), Some(2));
    assert_eq!(nearest(&goods, "watch"), None);
}

#[test]
fn numbers_that_make_no_sense_are_refused_by_name() {
    let wrong = EvidencePolicy { cheap_percent: 0, usual_from: 0 };
    let fields: Vec<_> = wrong.validate().unwrap_err().faults.into_iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["evidence.cheap_percent", "evidence.usual_from"]);
}
