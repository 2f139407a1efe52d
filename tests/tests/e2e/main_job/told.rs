//! Everybody hears what happened, once, and in order.

use std::collections::HashSet;

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        catalogue, effect,
    },
    domain::{decision::KeepReason, effect::EffectState, listing::ListingState, seller::Level},
    store::{effects, sellers},
};
use jointforce_tests::{
    programs,
    wait::until,
    world::{World, brand, who},
};

use super::{LIMIT, SECRET, Stage, on_every_stage};

on_every_stage! {
    async fn a_notice_ends_in_a_removed_listing_and_everybody_knows(stage: Stage) {
        let _worker = stage.start_worker();
        let case = stage.world.report("n1", &["item-1"]).await[0];
        stage.remove(case).await;
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Removed);

        let mails = stage.mail.taken();
        let to = |address: &str| mails.iter().filter(|mail| mail.to.iter().any(|to| to.contains(address))).count();
        assert_eq!(to("nora@acme.example"), 2, "receipt and outcome: {mails:#?}");
        assert!(to("shop@sellers.example") >= 1, "the statement of reasons: {mails:#?}");
        let ids: HashSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
        assert_eq!(ids.len(), mails.len(), "no mail twice");

        let hooks = stage.hooks.received();
        for hook in &hooks {
            hook.verify(SECRET).unwrap_or_else(|error| panic!("{}: {error}", hook.path));
        }
        let types = |path: &str| -> Vec<String> {
            let of = hooks.iter().filter(|hook| hook.path == path);
            // Webhooks of one case may overtake one another; Standard Webhooks gives them timestamps for that.
            let mut types: Vec<_> = of.map(|hook| hook.json()["type"].as_str().unwrap().to_owned()).collect();
            types.sort_unstable();
            types
        };
        assert_eq!(types("/acme"), ["case.decided", "notice.received"]);
        assert!(types("/marketplace").contains(&"listing.removed".to_owned()), "{:?}", types("/marketplace"));
    }

    async fn a_refused_notice_leaves_the_listing_and_teaches_the_brand(stage: Stage) {
        let _worker = stage.start_worker();
        let case = stage.world.report("n1", &["item-1"]).await[0];
        let act = Act::Keep(KeepReason::RightMismatch);
        case::act(&stage.world.house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap();
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Live);
        assert_eq!(stage.mail.taken().iter().filter(|mail| mail.to.iter().any(|to| to.contains("sellers"))).count(), 0);
        assert_eq!(stage.mail.taken().len(), 2);
    }

    async fn undo_after_the_window_puts_everything_back_and_says_so(stage: Stage) {
        let _worker = stage.start_worker();
        let case = stage.world.report("n1", &["item-1"]).await[0];
        stage.remove(case).await;
        stage.settle().await;
        let undone = stage.undo(case).await;
        assert!(undone.compensated);
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Live);
        let seller = sellers::get(&mut stage.world.house.db.read().await.unwrap(), &"shop".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((seller.points, seller.level), (0, Level::Good));
        let types: Vec<_> = stage.hooks.received().iter().map(|hook| hook.json()["type"].as_str().unwrap().to_owned()).collect();
        assert!(types.contains(&"listing.restored".to_owned()) && types.contains(&"case.undone".to_owned()), "{types:?}");
    }

    async fn a_listing_stays_down_while_any_decision_keeps_it_down(stage: Stage) {
        use jointforce_shared::commands::{catalogue, notice};
        use jointforce_tests::world::{World, brand, raw, right};
        let house = &stage.world.house;
        catalogue::load_brands(house, &World::import(), &[brand("other")]).await.unwrap();
        catalogue::load_rights(house, &World::import(), &[right("other-tm", "other")]).await.unwrap();
        let mut second = raw("o1", &["item-1"]);
        second.brand = "other".into();
        second.right = "other-tm".into();
        let filed = notice::file(house, &World::import(), &[second]).await.unwrap();
        let [notice::Filed::New { cases, .. }] = &filed[..] else { panic!("{filed:?}") };
        let (theirs, ours) = (cases[0], stage.world.report("n1", &["item-1"]).await[0]);
        let _worker = stage.start_worker();
        stage.remove(ours).await;
        stage.remove(theirs).await;
        stage.settle().await;
        stage.undo(ours).await;
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Removed);
        stage.undo(theirs).await;
        stage.settle().await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Live);
    }

    async fn a_seller_climbs_the_ladder_and_is_told_each_step(stage: Stage) {
        // Worst first: 24 points restrict and hide.
        use jointforce_shared::domain::decision::RemoveReason;
        let _worker = stage.start_worker();
        let case = stage.world.report("n1", &["item-1"]).await[0];
        let act = Act::Remove(RemoveReason::Serious);
        case::act(&stage.world.house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await.unwrap();
        stage.settle().await;
        let seller = sellers::get(&mut stage.world.house.db.read().await.unwrap(), &"shop".parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((seller.points, seller.level), (24, Level::Hidden));
        assert!(seller.level_until.is_some());
        let types: Vec<_> = stage.hooks.received().iter().map(|hook| hook.json()["type"].as_str().unwrap().to_owned()).collect();
        assert!(types.contains(&"seller.hidden".to_owned()), "{types:?}");
        assert_eq!(stage.mail.taken().iter().filter(|mail| mail.to.iter().any(|to| to.contains("sellers"))).count(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_effect_shows_its_reason_and_is_carried_out_when_a_person_retries_it() {
    let stage = Stage::on_postgres_and_redis().await;
    let sign_with = async |secret: Option<&str>| {
        let mut acme = brand("acme");
        (acme.webhook_url, acme.webhook_secret) = (Some(stage.hooks.url("/acme")), secret.map(str::to_owned));
        catalogue::load_brands(&stage.world.house, &World::import(), &[acme]).await.unwrap();
    };
    sign_with(None).await;
    let _worker = stage.start_worker();
    stage.world.report("n1", &["item-1"]).await;
    until(LIMIT, "the receipt's webhook is dead", async || stage.count(EffectState::Dead).await == 1).await;
    let mut list = programs::worker();
    list.args(["effects", "list", "--state", "dead"]).env("DATABASE_URL", &stage.database.url);
    let said = programs::run(list, "").await;
    assert_eq!(said.code, 0, "{}", said.error);
    assert!(said.output.contains("hook_brand") && said.output.contains("secret"), "{}", said.output);
    let mut status = programs::worker();
    status.arg("status").env("DATABASE_URL", &stage.database.url);
    let said = programs::run(status, "").await;
    assert!(said.code == 75 && said.output.contains("1 dead") && said.output.contains("alive"), "{}", said.output);

    sign_with(Some(SECRET)).await;
    let mut conn = stage.world.house.db.read().await.unwrap();
    let dead = effects::list(&mut conn, Some(EffectState::Dead), None, 10).await.unwrap()[0].id;
    effect::retry(&stage.world.house, &who("oda"), &[dead]).await.unwrap();
    stage.settle().await;
    assert_eq!(stage.count(EffectState::Dead).await, 0);
    let ids: HashSet<_> = stage.hooks.received().iter().map(|hook| hook.header("webhook-id").to_owned()).collect();
    assert_eq!(ids.len(), 1, "one effect, one key, however often it is tried");
}
