use jointforce_shared::domain::{
    brand::Tier,
    decision::KeepReason,
    effect::{BrandNews, Effect, SellerNews},
    seller::Level,
    time::Time,
};
use jointforce_worker::outside::Sent;

use super::{Desk, NOW, assert_never, into_folder};

/// The letter of an effect, as its file stands in the folder, with CRLF as line feeds.
async fn letter(desk: &Desk, effect: &Effect) -> String {
    let folder = tempfile::tempdir().unwrap();
    let id = desk.new_id();
    assert_eq!(desk.carry(&into_folder(folder.path()), id, effect, NOW).await, Ok(Sent::Sent));
    let message = std::fs::read_to_string(folder.path().join(format!("{id}.eml"))).unwrap();
    message.replace("\r\n", "\n").replace(&id.to_string(), "EFFECT")
}

/// The letter with the ids that differ from run to run named.
async fn steady(desk: &Desk, effect: &Effect) -> String {
    let text = letter(desk, effect).await;
    assert!(text.is_ascii(), "encoded, so no snapshot of it can be read: {text}");
    let too_long = text.lines().find(|line| line.len() > 78);
    assert_eq!(too_long, None);
    // A line of its own names the statement, whose id is as long as any other.
    let statement = text.lines().find_map(|line| line.strip_prefix("Statement ")).and_then(|rest| rest.get(..26));
    let text = statement.map_or_else(|| text.clone(), |id| text.replace(id, "STATEMENT"));
    text.replace(&desk.notice.to_string(), "NOTICE").replace(&desk.cases[0].to_string(), "CASE")
}

#[tokio::test]
async fn a_brand_is_told_in_these_words() {
    let desk = Desk::open().await;
    insta::assert_snapshot!("brand_received", steady(&desk, &desk.to_brand(BrandNews::Received)).await);
    let kept = desk.keep(KeepReason::RightMismatch).await;
    insta::assert_snapshot!("brand_kept", steady(&desk, &desk.to_brand(desk.decided(kept))).await);
    desk.act(jointforce_shared::commands::case::Act::Undo).await;
    let undone = BrandNews::Undone { case: desk.cases[0], decision: kept };
    insta::assert_snapshot!("brand_undone", steady(&desk, &desk.to_brand(undone)).await);
    let late = steady(&desk, &desk.to_brand(desk.decided(kept))).await;
    assert!(late.contains("This decision was taken back on 1 June 2026, 09:00 UTC"), "{late}");
    let removed = desk.remove().await;
    insta::assert_snapshot!("brand_removed", steady(&desk, &desk.to_brand(desk.decided(removed))).await);
}

#[tokio::test]
async fn a_brand_is_told_its_tier_and_warned_in_these_words() {
    let desk = Desk::open().await;
    let told =
        async |news| steady(&desk, &Effect::MailBrand { brand: "acme".parse().unwrap(), notice: None, news }).await;
    let (from, to) = (Tier::GoodFaith, Tier::Standard);
    let because = vec!["15 of 20 claims decided in the last 90 d were accepted".to_owned()];
    let next = vec!["the lockout ends on 2026-08-30T09:00:00Z".to_owned()];
    let changed = BrandNews::TierChanged { from, to, because, next };
    insta::assert_snapshot!("brand_tier", told(changed).await);
    let evil = vec!["abuse\r\nBcc: all@x.example\u{202e}".to_owned()];
    let suspended = BrandNews::TierChanged { from, to: Tier::Suspended, because: evil, next: vec![] };
    insta::assert_snapshot!("brand_suspended", told(suspended).await);
    let warned = BrandNews::Warned { why: "6 of 8 contested claims were withdrawn".into(), until: NOW };
    insta::assert_snapshot!("brand_warned", told(warned).await);
}

#[tokio::test]
async fn a_seller_is_told_in_these_words() {
    let desk = Desk::open().await;
    let (case, decision) = (desk.cases[0], desk.remove().await);
    let removed = desk.to_seller(SellerNews::ListingRemoved { case, decision });
    insta::assert_snapshot!("seller_removed", steady(&desk, &removed).await);
    let restored = desk.to_seller(SellerNews::ListingRestored { case, decision });
    insta::assert_snapshot!("seller_restored", steady(&desk, &restored).await);
    let until = Some(Time(NOW.0 + 7 * Time::DAY));
    let (level, before) = (Level::Restricted, Level::Good);
    let news = SellerNews::LevelChanged { level, before, points: 12, until, listings_off: None };
    insta::assert_snapshot!("seller_restricted", steady(&desk, &desk.to_seller(news)).await);
}

#[tokio::test]
async fn every_step_of_the_ladder_has_its_own_words() {
    let desk = Desk::open().await;
    let mut subjects = std::collections::BTreeSet::new();
    for &level in Level::ALL {
        for &before in Level::ALL {
            for until in [None, Some(NOW)] {
                let news = SellerNews::LevelChanged { level, before, points: 1, until, listings_off: None };
                let text = steady(&desk, &desk.to_seller(news)).await;
                let subject = text.lines().find(|line| line.starts_with("Subject: ")).unwrap().to_owned();
                assert!(text.replace('\n', " ").contains("stands at 1 point."), "{text}");
                assert!(!text.contains("\n\n\n"), "{text}");
                assert_eq!(text.contains("contest this decision"), level != Level::Good, "{text}");
                subjects.insert(subject);
            }
        }
    }
    assert_eq!(subjects.len(), Level::ALL.len());
}

#[tokio::test]
async fn a_seller_never_learns_who_filed_the_notice() {
    let desk = Desk::open().await;
    let (case, decision) = (desk.cases[0], desk.remove().await);
    for news in [
        SellerNews::ListingRemoved { case, decision },
        SellerNews::ListingRestored { case, decision },
        SellerNews::LevelChanged {
            level: Level::Warned,
            before: Level::Good,
            points: 6,
            until: None,
            listings_off: None,
        },
    ] {
        let text = letter(&desk, &desk.to_seller(news)).await;
        for word in ["Nora", "agency.example", "acme.example", "never used by us", "AC-7", "Ann"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
    }
}

#[tokio::test]
async fn strangers_text_is_cleaned_wherever_a_letter_shows_it() {
    let evil = "\u{202e}gpj.exe\r\nBcc: all@x.example\r\n\r\n\u{1b}[2J<b>";
    let desk = Desk::with(evil, evil, &format!("{evil}{}", "长".repeat(400))).await;
    let (case, decision) = (desk.cases[0], desk.remove().await);
    for effect in [
        desk.to_brand(BrandNews::Received),
        desk.to_brand(desk.decided(decision)),
        desk.to_seller(SellerNews::ListingRemoved { case, decision }),
    ] {
        let text = letter(&desk, &effect).await;
        let (headers, _) = text.split_once("\n\n").unwrap();
        assert!(text.is_ascii() && !text.contains('\u{1b}'), "{text}");
        assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    }
}

#[tokio::test]
async fn what_is_not_in_the_database_waits_for_a_person() {
    let desk = Desk::open().await;
    let folder = tempfile::tempdir().unwrap();
    let outside = into_folder(folder.path());
    let nowhere = || "01JZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap();
    let (case, decision) = (desk.cases[0], "01JZZZZZZZZZZZZZZZZZZZZZZZ".parse().unwrap());
    let brand = || "acme".parse().unwrap();
    for (effect, words) in [
        (Effect::MailBrand { brand: brand(), notice: Some(nowhere()), news: BrandNews::Received }, "notice 01JZ"),
        (
            Effect::HookBrand { brand: "nobody".parse().unwrap(), notice: Some(nowhere()), news: BrandNews::Received },
            "brand nobody",
        ),
        (desk.to_brand(BrandNews::Decided { case, decision }), "decision 01JZ"),
        (desk.to_seller(SellerNews::ListingRemoved { case, decision }), "decision 01JZ"),
        (Effect::LevelSeller { seller: "shop".parse().unwrap(), case: None }, "carried out inside"),
    ] {
        assert_never(&desk.carry(&outside, desk.new_id(), &effect, NOW).await, words);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
