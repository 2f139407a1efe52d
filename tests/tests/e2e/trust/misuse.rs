//! Notifiers in bad faith: limited, warned, suspended, their notices refused.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Actor,
        approval::approve,
        counter_notice,
        notice::Filed,
        operator,
        trust::{refuse_open, reinstate, show, suspend, warn},
        withdrawal,
    },
    domain::{
        approval::Cause, brand::Tier, case::State, decision::Verdict, operator::Role, time::Time,
        withdrawal::RawWithdrawal,
    },
    store::{cases, decisions},
};

use super::*;
use crate::store::on_both;

fn refused(filed: &Filed) -> String {
    match filed {
        Filed::Refused(refused) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

on_both! {
    async fn a_poor_record_may_file_ten_notices_a_day_until_the_window_has_forgotten_it(url: &str) {
        let world = with_newco(url, Tier::Standard).await;
        let found = report(&world, "n1", 0, 20).await;
        act(&world, "ann", &found[..18], &KEEP).await;
        act(&world, "ann", &found[18..], &REMOVE).await;
        sweep(&world).await;
        assert_eq!(show(&world.house, &newco()).await.unwrap().standing.notices_a_day, Some(10));

        let many: Vec<_> = (0..12).map(|n| notice(&format!("day1-{n}"), 30 + n, 31 + n)).collect();
        let filed = world.file(&many[..7]).await;
        assert!(filed.iter().all(|filed| matches!(filed, Filed::New { .. })), "{filed:?}");
        let filed = world.file(&many).await;
        assert!(filed[..7].iter().all(|filed| matches!(filed, Filed::Same { .. })), "a resend costs nothing");
        assert!(filed[7..10].iter().all(|filed| matches!(filed, Filed::New { .. })));
        let said = refused(&filed[10]);
        assert!(said.contains("it filed 10 notices in 24 hours") && said.contains("File again after 2"), "{said}");
        assert!(matches!(filed[11], Filed::Refused(_)));

        world.pass(Time::DAY);
        assert!(matches!(world.file(&many[10..11]).await[0], Filed::New { .. }));
        world.pass(90 * Time::DAY);
        sweep(&world).await;
        assert_eq!(show(&world.house, &newco()).await.unwrap().standing.notices_a_day, None);
    }

    async fn a_limit_holds_for_importers_that_file_at_once(url: &str) {
        let mut world = with_newco(url, Tier::Standard).await;
        world.house.policy.tiers.standard.notices_a_day = 5;
        let filing: Vec<_> = (0..4)
            .map(|k| {
                let world = world.clone();
                let batch: Vec<_> = (0..3).map(|n| notice(&format!("{k}-{n}"), 3 * k + n, 3 * k + n + 1)).collect();
                tokio::spawn(async move { world.file(&batch).await })
            })
            .collect();
        let mut new = 0;
        for filed in filing {
            new += filed.await.unwrap().iter().filter(|filed| matches!(filed, Filed::New { .. })).count();
        }
        assert_eq!(new, 5);
    }

    async fn a_tier_that_must_bring_proof_is_told_so_with_all_else_that_is_missing(url: &str) {
        let mut world = with_newco(url, Tier::Standard).await;
        world.house.policy.tiers.standard.proof = 1;
        let mut raw = notice("n1", 0, 1);
        raw.signature = String::new();
        let said = refused(&world.file(&[raw.clone()]).await[0]);
        assert!(said.contains("signature") && said.contains("evidence: it holds 0 addresses"), "{said}");
        raw.signature = "Nora".into();
        raw.evidence = vec!["https://newco.example/bought".into()];
        assert!(matches!(world.file(&[raw]).await[0], Filed::New { .. }));
    }

    async fn a_suspension_needs_a_warning_and_ends_by_itself(url: &str) {
        let world = with_newco(url, Tier::GoodFaith).await;
        let (house, adam) = (&world.house, who("adam"));
        let day = Some(Duration::from_secs(86_400));
        assert!(refusal(suspend(house, &adam, &newco(), day, "abuse").await).contains("it was not warned"));
        assert!(refusal(warn(house, &who("ann"), &newco(), "abuse").await).contains("may not manage brands"));
        assert!(refusal(warn(house, &adam, &newco(), " ").await).starts_with("reason"));
        warn(house, &adam, &newco(), "notices about resellers of genuine goods").await.unwrap();
        assert_eq!(tier(&world).await, Tier::GoodFaith);
        assert!(refusal(suspend(house, &adam, &newco(), Some(Duration::ZERO), "abuse").await).starts_with("span"));
        suspend(house, &adam, &newco(), day, "went on after the warning").await.unwrap();
        assert_eq!(tier(&world).await, Tier::Suspended);
        assert!(refusal(suspend(house, &adam, &newco(), day, "again").await).contains("suspended already until 2"));
        let said = refused(&world.file(&[notice("n1", 0, 1)]).await[0]);
        assert!(said.contains("went on after the warning") && said.contains("File again after 2"), "{said}");

        world.pass(Time::DAY - 1);
        assert_eq!((sweep(&world).await, tier(&world).await), (0, Tier::Suspended));
        world.pass(1);
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::Standard), "good faith has to be earned again");
        assert!(matches!(world.file(&[notice("n1", 0, 1)]).await[0], Filed::New { .. }));
        assert_eq!((times(&world, "brand.warned").await, times(&world, "brand.suspended").await), (1, 1));

        suspend(house, &adam, &newco(), None, "and again").await.unwrap();
        reinstate(house, &adam, &newco(), "it was a misunderstanding").await.unwrap();
        assert_eq!(tier(&world).await, Tier::Standard);
        assert!(refusal(suspend(house, &adam, &newco(), None, "r").await).contains("it was not warned"));
    }

    async fn a_suspended_notifiers_open_notices_are_refused_in_one_go_and_undone_alone(url: &str) {
        let world = with_newco(url, Tier::Standard).await;
        let (house, adam, sue) = (&world.house, who("adam"), who("sue"));
        let open = report(&world, "n1", 0, 30).await;
        act(&world, "ann", &open[..2], &REMOVE).await;
        case::lease(house, &who("bob"), &open[2..3]).await.unwrap();
        assert!(refusal(refuse_open(house, &sue, &newco(), "abuse").await).contains("is not suspended"));
        warn(house, &adam, &newco(), "abuse").await.unwrap();
        suspend(house, &adam, &newco(), None, "abuse").await.unwrap();
        assert!(refusal(refuse_open(house, &who("ann"), &newco(), "abuse").await).contains("may not overturn"));
        assert!(refusal(refuse_open(house, &adam, &newco(), "abuse").await).contains("may not overturn"));

        let swept = refuse_open(house, &sue, &newco(), "found to be abusive").await.unwrap();
        assert_eq!((swept.refused.len(), swept.passed.len()), (27, 1));
        assert!(swept.passed[0].1.contains("bob is on it"), "{swept:?}");
        let mut conn = house.db.read().await.unwrap();
        for id in &swept.refused {
            let case = cases::get(&mut conn, *id).await.unwrap().unwrap();
            let State::Decided { verdict: Verdict::Keep(reason), decision, .. } = case.state else { panic!("{case:?}") };
            let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().remove(0);
            assert_eq!((reason.as_str(), decision.note.as_str(), decision.by.as_str()), ("abusive", "found to be abusive", "sue"));
        }
        drop(conn);
        act(&world, "sue", &swept.refused[..1], &Act::Undo).await;
        let swept = refuse_open(house, &sue, &newco(), "once more").await.unwrap();
        assert_eq!(swept.refused.len(), 1, "only what is open");
        assert_eq!(times(&world, "brand.open_refused").await, 2);
    }

    async fn more_open_notices_than_one_may_refuse_are_refused_by_two(url: &str) {
        let mut world = with_newco(url, Tier::Standard).await;
        (world.house.policy.batch_max, world.house.policy.approvals.cases_max) = (10, 20);
        let (house, adam, sue) = (&world.house, who("adam"), who("sue"));
        let open = report(&world, "n1", 0, 30).await;
        warn(house, &adam, &newco(), "abuse").await.unwrap();
        suspend(house, &adam, &newco(), None, "abuse").await.unwrap();
        let swept = refuse_open(house, &sue, &newco(), "found to be abusive").await.unwrap();
        assert_eq!((swept.refused.len(), swept.waits.len()), (0, 2), "as many in a request as one may decide");
        assert_eq!(swept.waits[0].cause, Cause::ManyListings);
        let again = refuse_open(house, &sue, &newco(), "found to be abusive").await.unwrap();
        assert_eq!(again.waits, swept.waits, "asked twice is asked once");
        assert!(refusal(approve(house, &sue, swept.waits[0].approval, "").await).contains("yourself"));
        operator::add(house, &adam, "sid".parse().unwrap(), "Sid", Role::Senior).await.unwrap();
        for waits in &swept.waits {
            approve(house, &who("sid"), waits.approval, "").await.unwrap();
        }
        let mut conn = house.db.read().await.unwrap();
        for id in &open {
            let case = cases::get(&mut conn, *id).await.unwrap().unwrap();
            let State::Decided { verdict: Verdict::Keep(reason), decision, .. } = case.state else { panic!("{case:?}") };
            let decision = decisions::get_many(&mut conn, &[decision]).await.unwrap().remove(0);
            let approved = decision.approved_by.unwrap();
            assert_eq!((reason.as_str(), decision.by.as_str(), approved.as_str()), ("abusive", "sue", "sid"));
        }
    }

    async fn withdrawing_once_sellers_object_is_warned_and_then_suspended(url: &str) {
        let world = with_newco(url, Tier::Standard).await;
        let cases = report(&world, "n1", 0, 14).await;
        act(&world, "ann", &cases, &REMOVE).await;
        // Taken back before anybody objects: a mistake set right.
        withdraw(&world, 12..14).await;
        sweep(&world).await;
        assert_eq!(times(&world, "brand.warned").await, 0);

        for n in 0..6 {
            object(&world, n).await;
        }
        withdraw(&world, 0..4).await;
        sweep(&world).await;
        let trusted = show(&world.house, &newco()).await.unwrap();
        let overall = trusted.track.overall();
        assert_eq!((overall.accepted, overall.withdrawn, overall.contested), (8, 4, 6));
        assert_eq!(times(&world, "brand.warned").await, 1, "4 of 6");
        assert!(trusted.explanation.because.iter().any(|why| why.contains("4 of 6 contested claims")), "{trusted:?}");
        assert_eq!((sweep(&world).await, tier(&world).await), (0, Tier::Standard), "once is enough");

        world.pass(Time::DAY);
        for n in 6..12 {
            object(&world, n).await;
        }
        withdraw(&world, 6..10).await;
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::Suspended));
        let Filed::Refused(refused) = world.file(&[notice("n2", 20, 21)]).await.remove(0) else { panic!("it may file") };
        assert!(refused.to_string().contains("4 of 6 contested claims were withdrawn"), "{refused}");
        world.pass(30 * Time::DAY);
        assert_eq!((sweep(&world).await, tier(&world).await), (1, Tier::Standard), "it ends by itself");
    }
}

/// The shop objects to the removal of `l{n}`.
async fn object(world: &World, n: usize) {
    let raw = serde_json::from_value(serde_json::json!({
        "reference": format!("c{n}"), "seller": "shop", "listing": format!("l{n}"), "reason": "authorized",
        "explanation": "Bought from the brand's own outlet.", "material": "White trainers, size 42", "good_faith": true,
        "perjury": true, "name": "Bo Li", "address": "1 Main St, Springfield, IL 62701", "phone": "+1 555 0100",
        "consent": true, "signature": "Bo Li",
    }));
    let seller = Actor::seller(&"shop".parse().unwrap(), "portal");
    match counter_notice::receive(&world.house, &seller, &raw.unwrap()).await.unwrap() {
        counter_notice::Received::New { .. } => {}
        other => panic!("not received: {other:?}"),
    }
}

/// newco takes its notice back for these listings.
async fn withdraw(world: &World, listings: std::ops::Range<usize>) {
    let raw = RawWithdrawal {
        brand: "newco".into(),
        notice: "n1".into(),
        listings: listings.map(|n| format!("l{n}")).collect(),
        why: "Our own outlet.".into(),
    };
    let brand = Actor::brand(&newco(), "portal");
    withdrawal::withdraw(&world.house, &brand, &raw).await.unwrap();
}
