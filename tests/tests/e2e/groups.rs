//! Cases that are decided together: how they are found, and that each stays its own.

use std::collections::BTreeSet;

use jointforce_shared::{
    commands::{
        self, Error,
        case::{self, Act, Acted, Request},
        catalogue,
        group::{self, Together},
    },
    domain::{
        decision::{KeepReason, RemoveReason},
        effect::EffectState,
        group::{Difference, GroupPolicy, Kinship},
        ids::CaseId,
        listing::Listing,
    },
    fixtures::{Marketplace, Size},
    store::{
        audit, cases, effects,
        groups::{self, Group},
        sellers,
    },
};
use jointforce_tests::world::{World, brand, listing, raw, right, seller, who};

use crate::store::on_both;

const TITLE: &str = "Nike Air Max 90 Essential trainers white black size 42";

/// As one counterfeiter lists one shoe forty times: other sizes and colours, words added and left out, the brand in
/// disguise.
fn near_duplicates() -> Vec<String> {
    let brands = ["Nike", "NIKE", "N1K3", "n i k e", "Νіkе", "N.I.K.E", "Ni\u{200b}ke", "Ｎｉｋｅ"];
    let sizes = ["42", "41", "43", "EU44", "38.5"];
    (0..40)
        .map(|n| {
            let title = TITLE.replacen("Nike", brands[n % 8], 1).replacen("42", sizes[n / 8], 1);
            match n % 5 {
                0 => title,
                1 => format!("🔥 {title} 🔥 FREE SHIPPING"),
                2 => title.replacen("white", "grey", 1),
                3 => title.replacen("Essential ", "", 1),
                _ => title.to_uppercase(),
            }
        })
        .collect()
}

/// Shoes of the brand that are none of these, though their titles share most words with it.
fn neighbours() -> Vec<String> {
    let models = ["Air Force 1", "Air Jordan 4 Retro", "Zoom Pegasus 40", "Dunk Low", "Blazer Mid 77", "Cortez"];
    let ends =
        ["trainers white black size 42", "trainers white", "shoes size 42", "Essential trainers black", "size 42 new"];
    models.iter().flat_map(|model| ends.iter().map(move |end| format!("Nike {model} {end}"))).collect()
}

/// What became of each, where one person decides.
fn done(outcome: commands::Result<Together>) -> Vec<commands::Result<Acted>> {
    match outcome.unwrap() {
        Together::Done(answers) => answers,
        Together::Waits(waits) => panic!("it waits: {waits:?}"),
    }
}

async fn list(world: &World, shop: &str, prefix: &str, titles: &[String]) -> Vec<CaseId> {
    catalogue::load_sellers(&world.house, &World::import(), &[seller(shop)]).await.unwrap();
    let ids: Vec<String> = (0..titles.len()).map(|n| format!("{prefix}-{n}")).collect();
    let listings: Vec<Listing> = ids
        .iter()
        .zip(titles)
        .map(|(id, title)| {
            let mut listing = listing(id, shop);
            listing.content.title.clone_from(title);
            listing
        })
        .collect();
    catalogue::load_listings(&world.house, &World::import(), &listings).await.unwrap();
    let mut cases = vec![];
    for (n, chunk) in ids.chunks(250).enumerate() {
        let names: Vec<&str> = chunk.iter().map(String::as_str).collect();
        cases.extend(world.report(&format!("{prefix}-{n}"), &names).await);
    }
    cases
}

async fn group_of(world: &World, case: CaseId, by: Kinship) -> Group {
    let mut conn = world.house.db.read().await.unwrap();
    groups::of_case(&mut conn, case, by, &GroupPolicy::default()).await.unwrap().expect("an open case")
}

fn members(group: &Group) -> BTreeSet<CaseId> {
    group.members.iter().map(|kin| kin.member.case).collect()
}

fn decide(group: &Group, act: &Act) -> Vec<Request> {
    let all = std::iter::once(&group.card).chain(group.members.iter().map(|kin| &kin.member));
    all.map(|m| Request { case: m.case, version: Some(m.version), act: act.clone(), note: String::new() }).collect()
}

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);

on_both! {
    /// Recall and precision are those at the default threshold; the bar is what a moderator would still trust.
    async fn forty_near_duplicates_are_found_among_a_thousand_others(url: &str) {
        let world = World::new(url).await;
        let alike = list(&world, "shop", "dup", &near_duplicates()).await;
        let size = Size { brands: 40, sellers: 50, listings: 970, notices: 1 };
        let market = Marketplace::generate(7, size, world.house.clock.now());
        let mut others: Vec<String> = market.listings().map(|listing| listing.content.title).collect();
        others.extend(neighbours());
        assert_eq!(others.len(), 1000);
        list(&world, "other-shop", "other", &others).await;
        let wanted: BTreeSet<CaseId> = alike.iter().copied().collect();
        let (mut found, mut right) = (0, 0);
        for case in &alike {
            let members = members(&group_of(&world, *case, Kinship::Title).await);
            found += members.len();
            right += members.intersection(&wanted).count();
        }
        let (recall, precision) = (right * 100 / (40 * 39), right * 100 / found.max(1));
        println!("near-duplicates, from each of 40 cards: recall {recall} %, precision {precision} %");
        assert!(recall >= 95 && precision >= 99, "recall {recall} %, precision {precision} %");
    }

    async fn a_group_is_decided_each_on_its_own_merits_and_undone_alone_or_whole(url: &str) {
        let mut world = World::new(url).await;
        let cases = list(&world, "shop", "dup", &near_duplicates()).await;
        let group = group_of(&world, cases[0], Kinship::Seller).await;
        assert_eq!(members(&group), cases[1..].iter().copied().collect());
        // One is decided meanwhile, one is in another's hands, one was reported again.
        case::act(&world.house, &who("bob"), &decide(&group, &REMOVE)[1]).await.unwrap();
        case::lease(&world.house, &who("bob"), &[group.members[1].member.case]).await.unwrap();
        world.report("again", &[group.members[2].member.listing.id.as_str()]).await;
        let requests = decide(&group, &REMOVE);
        let answers = done(group::decide(&world.house, &who("ann"), &requests).await);
        let failed: Vec<String> = answers.iter().filter_map(|a| a.as_ref().err().map(ToString::to_string)).collect();
        assert_eq!(failed.len(), 3, "{failed:?}");
        assert!(failed[0].contains("bob already decided it") && failed[1].contains("bob is on it"), "{failed:?}");
        assert!(matches!(answers[3], Err(Error::Changed(_))));
        let mut conn = world.house.db.read().await.unwrap();
        let left = cases::get(&mut conn, requests[3].case).await.unwrap().unwrap();
        assert_eq!(left.lease, None, "what was not decided is given back");
        for answer in answers.iter().flatten() {
            let timeline = audit::of_case(&mut conn, answer.case).await.unwrap();
            assert_eq!(timeline.last().unwrap().action, "case.decided");
        }
        let shop = "shop".parse().unwrap();
        assert_eq!(sellers::strikes(&mut conn, [&shop]).await.unwrap().len(), 38);
        drop(conn);
        // Decided cases are in no group any more; an undone one is again.
        let rest = group_of(&world, requests[3].case, Kinship::Title).await;
        assert!(members(&rest).is_subset(&[requests[2].case].into()));
        let one = done(group::undo(&world.house, &who("ann"), &[requests[0].case], "").await);
        assert!(one[0].is_ok());
        assert!(members(&group_of(&world, requests[3].case, Kinship::Title).await).contains(&requests[0].case));
        let decided: Vec<CaseId> = answers.iter().flatten().map(|acted| acted.case).skip(1).collect();
        let undone = done(group::undo(&world.house, &who("ann"), &decided, "wrong shop").await);
        assert!(undone.iter().all(Result::is_ok), "{undone:?}");
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(sellers::strikes(&mut conn, [&shop]).await.unwrap().len(), 1, "bob's stands");
        for case in decided {
            let found = effects::of_case(&mut conn, case).await.unwrap();
            assert!(found.iter().all(|e| e.kind != "remove_listing" || e.state == EffectState::Cancelled));
        }
        drop(conn);
        world.house.policy.batch_max = 39;
        let stale = group::decide(&world.house, &who("ann"), &requests).await.unwrap_err().to_string();
        assert!(stale.contains("changed since"), "{stale}");
        let twice = [requests[0].clone(), requests[0].clone()];
        assert!(group::decide(&world.house, &who("ann"), &twice).await.unwrap_err().to_string().contains("twice"));
        let keep = decide(&rest, &Act::Keep(KeepReason::Genuine));
        assert!(group::decide(&world.house, &who("eve"), &keep).await.is_err(), "an auditor decides nothing");
    }

    async fn only_open_cases_of_the_kinship_are_shown_with_what_differs(url: &str) {
        let world = World::new(url).await;
        let import = World::import();
        catalogue::load_brands(&world.house, &import, &[brand("zeta")]).await.unwrap();
        catalogue::load_rights(&world.house, &import, &[right("zeta-tm", "zeta")]).await.unwrap();
        let ours = list(&world, "shop", "ours", &[TITLE.to_owned(), TITLE.to_uppercase(), "a lamp".to_owned()]).await;
        let theirs = list(&world, "shop-2", "theirs", &[TITLE.replacen("white", "red", 1)]).await;
        let mut notice = raw("z", &["theirs-0"]);
        (notice.brand, notice.right) = ("zeta".into(), "zeta-tm".into());
        let other_brand = match world.file(&[notice]).await.pop().unwrap() {
            commands::notice::Filed::New { cases, .. } => cases[0],
            other => panic!("{other:?}"),
        };
        let by_title = group_of(&world, ours[0], Kinship::Title).await;
        assert_eq!(members(&by_title), [ours[1], theirs[0], other_brand].into());
        let of = |case: CaseId| &by_title.members.iter().find(|kin| kin.member.case == case).unwrap().differences;
        assert_eq!(*of(ours[1]), [Difference::Spelling]);
        let title = Difference::Title { added: vec!["red".into()], missing: vec!["white".into()] };
        let shop = Difference::Seller("shop-2".parse().unwrap());
        assert_eq!(*of(theirs[0]), [title.clone(), shop.clone()]);
        assert_eq!(*of(other_brand), [title, Difference::Brand("zeta".parse().unwrap()), shop]);
        assert_eq!((by_title.members[0].member.case, by_title.members[0].alike), (ours[1], 100), "the nearest first");
        assert_eq!(members(&group_of(&world, ours[0], Kinship::Seller).await), [ours[1], ours[2]].into());
        assert_eq!(members(&group_of(&world, ours[0], Kinship::Brand).await), [ours[1], ours[2], theirs[0]].into());
        let hold = Act::Hold { span: std::time::Duration::from_secs(60), reason: "asked".into() };
        let request = Request { case: ours[1], version: Some(1), act: hold, note: String::new() };
        case::act(&world.house, &who("ann"), &request).await.unwrap();
        assert_eq!(members(&group_of(&world, ours[0], Kinship::Seller).await), [ours[2]].into());
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(groups::of_case(&mut conn, ours[1], Kinship::Title, &GroupPolicy::default()).await.unwrap(), None);
    }
}
