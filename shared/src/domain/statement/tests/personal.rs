//! Who may not be in a statement.

use super::*;

#[test]
fn people_are_found_however_they_are_written() {
    for (text, kind) in [
        ("write to lin.wei+shop@mail.example now", Kind::Email),
        ("lin (at) mail (dot) example", Kind::Email),
        ("ＬＩＮ＠ＭＡＩＬ．ＥＸＡＭＰＬＥ", Kind::Email),
        ("l\u{200b}in@ma\u{200b}il.example", Kind::Email),
        ("call +49 170 1234567 today", Kind::Phone),
        ("0049 (170) 123-4567", Kind::Phone),
        ("0170 1234567", Kind::Phone),
        ("WhatsApp: 1701234567", Kind::Phone),
        ("微信 13812345678", Kind::Phone),
        ("138 1234 5678", Kind::Phone),
        ("(555) 123-4567", Kind::Phone),
        ("٠١٧٠١٢٣٤٥٦٧", Kind::Phone),
        ("pay DE89 3704 0044 0532 0130 00 please", Kind::Iban),
        ("GB82WEST12345698765432", Kind::Iban),
    ] {
        assert_eq!(find(text).first().map(|(kind, _)| *kind), Some(kind), "{text}");
        let clean = redact(text, &nobody());
        assert!(find(&clean).is_empty() && clean.contains("removed]"), "{text}: {clean}");
        assert_eq!(after(|s| s.decision_facts = format!("The facts: {text}.")), ["decision_facts"], "{text}");
    }
}

#[test]
fn numbers_of_registers_and_days_are_nobody() {
    for text in [
        "018123456",
        "EU 018123456",
        "no. 302009012345 (DE)",
        "UK00003123456",
        "00003123456",
        "4,123,456",
        "US 10,123,456 B2",
        "001234567-0001",
        "EP 1 234 567 B1",
        "DE302009012345",
        "2026-06-01 12:00",
        "01.06.2026 10:30",
        "1 June 2026",
        "3 @ 5 each",
        "price 100.00",
        "Regulation (EU) 2017/1001, art. 9",
        "GB82WEST12345698765431",
    ] {
        assert_eq!(find(text), [], "{text}");
    }
}

#[test]
fn no_statement_names_the_seller_or_whoever_filed() {
    let people = People::new(["Lin Wei", "lin@shop.example", "张伟", "Nora Notifier", "", "a"]);
    let hostile = right(RightKind::Trademark, "EU", "LIN WEI 张伟 nora  notifier lin@shop.example +86 138 1234 5678");
    let of = removal_of(&hostile, &people);
    let flagger = Source::TrustedFlagger { name: "Nora Notifier, 0170 1234567", filed: NOW };
    let made = build::removal(&Removal { source: flagger, ..of });
    assert_eq!(faults(&made), BTreeSet::new());
    for (_, text) in made.texts() {
        for name in ["LIN WEI", "张伟", "shop.example", "1234", "Nora Notifier"] {
            assert!(!text.contains(name), "{name}: {text}");
        }
    }
    assert_eq!(redact("Linwei, lin wei's", &people), "Linwei, [name removed]'s");
}

#[test]
fn a_seller_named_like_our_own_words_can_still_be_decided_on() {
    let people = People::new(["The listing", "trademark", "Regulation", "holder"]);
    let right = right(RightKind::Trademark, "EU", "018123456");
    let made = build::removal(&removal_of(&right, &people));
    assert_eq!(made.decision_facts, removal().decision_facts);
}
