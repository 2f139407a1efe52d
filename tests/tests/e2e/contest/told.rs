//! Everybody hears: real workers, real SMTP, real webhooks; the clock of what happened before stood twenty days ago.

use std::sync::{Arc, atomic::AtomicI64};

use jointforce_shared::{
    clock::Clock,
    domain::{counter_notice::CounterState, listing::ListingState, time::Time},
};
use jointforce_tests::wait::until;

use super::*;
use crate::main_job::{LIMIT, SECRET, Stage, on_every_stage};

/// The stage as it was so long ago, under these rules.
fn long_ago(stage: &mut Stage, days: i64, regime: Regime) {
    let then = Clock::System.now().0 - days * Time::DAY;
    stage.world.house.clock = Clock::Set(Arc::new(AtomicI64::new(then)));
    stage.world.house.policy.counters.jurisdictions.insert("EU".into(), regime);
}

/// Waits until a mail to this address has this in its subject, and gives its text.
async fn mailed(stage: &Stage, to: &str, subject: &str) -> String {
    let found = || {
        let mails = stage.mail.taken();
        let fits = |mail: &&jointforce_tests::mail::Mail| {
            mail.to.iter().any(|address| address.contains(to))
                && mail.header("Subject").is_some_and(|said| said.contains(subject))
        };
        mails.iter().find(fits).map(|mail| mail.body().to_owned())
    };
    until(LIMIT, &format!("{to} is told: {subject}"), async || found().is_some()).await;
    found().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn hooked(stage: &Stage, kind: &str) {
    until(LIMIT, &format!("the brand's endpoint hears {kind}"), async || {
        let hooks = stage.hooks.received();
        hooks.iter().any(|hook| hook.path == "/acme" && hook.verify(SECRET).is_ok() && hook.json()["type"] == kind)
    })
    .await;
}

on_every_stage! {
    async fn a_counter_notice_without_a_suit_ends_with_the_listing_back_and_everybody_knows(stage: Stage) {
        let mut stage = stage;
        long_ago(&mut stage, 30, Regime::Dmca);
        let world = &stage.world;
        let _worker = stage.start_worker();
        let case = removed(world, "n1", "item-1").await;
        mailed(&stage, "shop@sellers", "Your listing was removed").await;
        assert_eq!(stage.listing_state("item-1").await, ListingState::Removed);

        // The worker's clock is a month ahead: the brand's time is over as soon as it looks.
        let counter = received(world, &contest("c1", "item-1")).await;
        let receipt = mailed(&stage, "shop@sellers", "We received your counter-notice").await;
        assert!(receipt.contains("17 U.S.C. 512(g)") && receipt.contains("by"), "{receipt}");
        let copy = mailed(&stage, "nora@acme.example", "Counter-notice, please answer").await;
        for part in ["Bo Li", "1 Main St, Springfield", "+1 555 0100", "Bought from Acme's own outlet", "sue:"] {
            assert!(copy.contains(part), "{part}: {copy}");
        }
        let back = mailed(&stage, "shop@sellers", "Your listing is back").await;
        assert!(back.contains("Your counter-notice stood"), "{back}");
        mailed(&stage, "nora@acme.example", "Put back").await;
        for kind in ["counter.forwarded", "counter.put_back", "case.decided"] {
            hooked(&stage, kind).await;
        }
        assert_eq!(stage.listing_state("item-1").await, ListingState::Live);
        assert_eq!(counter_of(world, counter).await.state, CounterState::PutBack);
        assert_eq!(decided(&case_of(world, case).await), ("kept", "counter_upheld"));
        let shop = "shop".parse().unwrap();
        let seller = sellers::get(&mut world.house.db.read().await.unwrap(), &shop).await.unwrap().unwrap();
        assert_eq!(seller.points, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suit_an_appeal_and_a_withdrawal_are_told_to_those_whom_they_concern() {
    let mut stage = Stage::on_postgres_alone().await;
    stage.world.house.policy.counters.jurisdictions.insert("EU".into(), Regime::Dmca);
    let world = &stage.world;
    let _worker = stage.start_worker();
    let (sued, wrong) = (removed(world, "n1", "item-1").await, removed(world, "n2", "item-2").await);
    let kept = world.report("n3", &["item-3"]).await[0];
    act(world, "ann", kept, KEEP).await.unwrap();
    let counter = received(world, &contest("c1", "item-1")).await;
    answer(world, counter, &says("sue")).await.unwrap();
    let told = mailed(&stage, "shop@sellers", "The rights holder has sued").await;
    assert!(told.contains("S.D.N.Y.") && told.contains("1:26-cv-01234") && told.contains("stays down"), "{told}");
    mailed(&stage, "nora@acme.example", "Your suit is noted").await;
    answer(world, counter, &says("reject")).await.unwrap();
    mailed(&stage, "shop@sellers", "Your counter-notice was rejected").await;
    assert_eq!(case_of(world, sued).await.state.as_str(), "removed");

    appealed(world, &by_seller(wrong)).await;
    let receipt = mailed(&stage, "shop@sellers", "We received your appeal").await;
    assert!(receipt.contains("Another person than the one who decided"), "{receipt}");
    act(world, "bob", wrong, Act::Keep(KeepReason::Genuine)).await.unwrap();
    mailed(&stage, "shop@sellers", "Your appeal succeeded").await;
    let appeal = RawAppeal {
        brand: "acme".into(),
        case: kept.to_string(),
        grounds: "Look again.".into(),
        ..RawAppeal::default()
    };
    appealed(world, &appeal).await;
    act(world, "bob", kept, KEEP).await.unwrap();
    let affirmed = mailed(&stage, "nora@acme.example", "the decision stands").await;
    assert!(affirmed.contains("does not show why this listing infringes"), "{affirmed}");

    withdraw(world, "n1", &[]).await;
    let receipt = mailed(&stage, "nora@acme.example", "Withdrawn: your notice n1").await;
    assert!(receipt.contains("item-1: was removed; it is put back"), "{receipt}");
    let back = mailed(&stage, "shop@sellers", "Your listing is back: ACME style trainers item-1").await;
    assert!(back.contains("The rights holder took its notice back."), "{back}");
    for kind in ["counter.sued", "counter.rejected", "appeal.received", "appeal.affirmed", "notice.withdrawn"] {
        hooked(&stage, kind).await;
    }
}
