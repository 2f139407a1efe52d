//! The language, and what it says about mistakes.

use proptest::prelude::*;

use super::{
    complete::{Known, complete},
    fields::{FIELDS, Takes},
    *,
};

const ISSUE: &str = "brand:adidas sla<2h tier>=good_faith seller:\"air shop\" points>30 -held \"air max\" price<50";

#[test]
fn the_example_of_the_help_is_read_whole() {
    let number = |field, compare, number| Need::Number(field, compare, number);
    let needs: Vec<_> = Ask::parse(ISSUE).unwrap().terms().iter().map(|term| (term.not, term.need.clone())).collect();
    assert_eq!(
        needs,
        [
            (false, Need::Brand("adidas".into())),
            (false, number(Field::Due, Compare::Below, 2 * Time::HOUR)),
            (false, Need::Tier(Compare::From, Tier::GoodFaith)),
            (false, Need::Seller("air shop".into())),
            (false, number(Field::Points, Compare::Above, 30)),
            (true, Need::Is(Stage::Held)),
            (false, Need::Title("air max".into())),
            (false, number(Field::Price, Compare::Below, 5000)),
        ]
    );
}

#[test]
fn a_question_reads_back_what_it_says() {
    for text in [
        "",
        "brand:nike seller:s-1 tier:good_faith due<2h held mine",
        "due<90m -held age>=3d due>-1h",
        "held desk:brand_relations is:appealed -desk:legal",
        "desk:none is:asked late price<=49.90 price>0",
        "level>=warned -tier<standard sold>=100 reports:3 -\"phone case\" \"air max\"",
        "seller:\"深圳 优品\" brand:\"H & M\" -mine",
    ] {
        assert_eq!(Ask::parse(text).unwrap().words(), text);
    }
    assert_eq!(Ask::parse("  tier=Joint-Force   tier:joint_force ").unwrap().words(), "tier:joint_force");
    assert_eq!(Ask::parse("sla<2h shop:x trainers").unwrap().words(), "due<2h seller:x \"trainers\"");
}

#[test]
fn a_mistake_is_pointed_at_with_the_nearest_name() {
    for (text, column, told) in [
        ("helb", 0, "there is held; for titles with this word write \"helb\""),
        ("-helb", 1, "there is held; for titles with this word write \"helb\""),
        ("held braand:x", 5, "no field is called that; did you mean brand?"),
        ("é -teir:gold", 3, "no field is called that; did you mean tier?"),
        ("http://x", 0, "no field is called that; there is brand, seller, tier, due"),
        ("held tier:gold", 10, "unknown here; there is suspended, unverified"),
        ("tier>=goodfaith", 6, "unknown here; did you mean good_faith?"),
        ("é due<x", 6, "a time like 30m, 2h or 1d"),
        ("due<2", 4, "a time like 30m, 2h or 1d"),
        ("due:2h", 3, "due needs < or >: due<2h"),
        ("brand: x", 6, "brand needs a value: brand:adidas"),
        ("brand", 5, "brand needs a value: brand:adidas"),
        ("brand>x", 5, "brand has no order: brand:adidas"),
        ("due<99999999999h", 4, "a time like"),
        ("desk:ny", 5, "unknown here; there is legal"),
        ("held is:opne", 8, "unknown here; did you mean open?"),
        ("is:asked held", 9, "what its brand was asked about is in nobody's queue"),
        ("mine:yes", 4, "mine stands alone: mine or -mine"),
        ("seller:\"air shop", 7, "the quote is not closed"),
        ("seller:\"air\"shop", 7, "a blank is missing after the quote"),
        ("price<5,50", 6, "an amount like 50 or 49.90"),
        ("points>-3", 7, "a whole number like 30"),
        ("-points:5", 7, "one number can't be shut out"),
        ("\"\"", 0, "nothing is in the quotes"),
        ("held -", 6, "what shall be shut out?"),
        ("seller:a seller:b", 9, "one seller at a time"),
        ("\"a\" \"b\" \"c\" \"d\" \"e\"", 16, "at most 4 such texts"),
    ] {
        let mistake = Ask::parse(text).unwrap_err();
        assert_eq!(mistake.column, column, "{text}: {mistake}");
        assert!(mistake.problem.starts_with(told), "{text}: {mistake}");
    }
    assert_eq!(Ask::parse(&"x".repeat(501)).unwrap_err().column, 500);
}

#[test]
fn every_example_of_the_table_is_one() {
    for entry in FIELDS {
        let ask = Ask::parse(entry.example).unwrap_or_else(|mistake| panic!("{}: {mistake}", entry.example));
        assert_eq!(ask.terms().len(), 1, "{}", entry.example);
        assert!(entry.example.trim_start_matches('-').starts_with(entry.names[0]), "{}", entry.example);
        let takes_words = matches!(entry.takes, Takes::Word | Takes::Step);
        assert_eq!(takes_words, !entry.field.words().is_empty(), "{}", entry.example);
        for word in entry.field.words() {
            Ask::parse(&format!("{}:{word}", entry.names[0])).unwrap();
        }
    }
    for (example, _) in [fields::TITLES, fields::NOT] {
        Ask::parse(example).unwrap();
    }
}

#[test]
fn the_word_before_the_cursor_is_completed() {
    let brands = ["Adidas".to_owned(), "Adidas Terrex".to_owned(), "Nike".to_owned()];
    let sellers = ["Air Shop".to_owned()];
    let known = Known { brands: &brands, sellers: &sellers };
    let said = |before: &str| {
        let (start, choices) = complete(before, known);
        let texts: Vec<_> = choices.into_iter().map(|choice| choice.text).collect();
        (start, texts.join("|"))
    };
    assert_eq!(said("held br"), (5, "brand:".into()));
    assert_eq!(said("p"), (0, "points>|price<".into()));
    assert_eq!(said("-h"), (0, "-held ".into()));
    assert_eq!(said("sl"), (0, "sla<".into()));
    assert_eq!(said("brand:adi"), (0, "brand:Adidas |brand:\"Adidas Terrex\" ".into()));
    assert_eq!(said("held -brand:\"adidas t"), (5, "-brand:\"Adidas Terrex\" ".into()));
    assert_eq!(said("shop:shop"), (0, "shop:\"Air Shop\" ".into()));
    assert_eq!(said("tier>=g"), (0, "tier>=good_faith ".into()));
    assert_eq!(said("desk:"), (0, "desk:legal |desk:brand_relations |desk:safety |desk:senior |desk:none ".into()));
    assert_eq!(said("nothing:").1, "");
    assert_eq!(said("\"air m").1, "");
    let (start, all) = complete("held ", known);
    assert_eq!((start, all.len()), (5, FIELDS.len()));
}

proptest! {
    /// Whatever one types: it is a question that reads back the same, or a mistake inside the text.
    #[test]
    fn any_text_is_a_question_or_a_mistake(text in "(-|\"|:|<|>=| |brand|tier|held|due|2h|good_faith|é|[a-z0-9 .]{0,6}){0,10}") {
        match Ask::parse(&text) {
            Ok(ask) => prop_assert_eq!(Ask::parse(&ask.words()).unwrap().words(), ask.words()),
            Err(mistake) => prop_assert!(mistake.column <= text.chars().count()),
        }
        let (start, choices) = complete(&text, Known::default());
        prop_assert!(start <= text.len() && text.is_char_boundary(start));
        for choice in choices {
            // What is offered is never refused for the name of its field.
            if let Err(mistake) = Ask::parse(&choice.text) {
                prop_assert!(mistake.problem.contains("needs a value"), "{:?}: {}", choice, mistake);
            }
        }
    }
}
