//! Wake-ups: heard by every process, said seldom, and lost without harm.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use jointforce_shared::store::{Db, effects};
use jointforce_tests::{
    servers::postgres_database,
    sql::execute,
    wait::{SOON, until},
    world::World,
};

use super::Hands;
use crate::store::on_both;

on_both! {
    async fn a_commit_that_writes_effects_wakes_its_own_process(url: &str) {
        let hands = Hands::new(url, None).await;
        let heard = AtomicUsize::new(0);
        let listen = hands.world.house.db.wakes().run(|| {
            heard.fetch_add(1, Ordering::SeqCst);
        }, |_| {});
        let write = async {
            until(SOON, "it listens", async || heard.load(Ordering::SeqCst) == 1).await;
            let before = heard.load(Ordering::SeqCst);
            let mut tx = hands.world.house.db.write().await.unwrap();
            tx.wake_on_commit();
            drop(tx);
            assert_eq!(heard.load(Ordering::SeqCst), before, "nothing was committed");
            hands.events(1).await;
            until(SOON, "the wake-up", async || heard.load(Ordering::SeqCst) > before).await;
        };
        tokio::select! { () = listen => {} () = write => {} }
    }
}

/// Two processes' databases, as far as the server can tell.
async fn two(url: &str) -> (World, Db) {
    (World::new(url).await, Db::open(url).await.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_process_commits_wakes_another_and_a_burst_wakes_it_seldom() {
    let database = postgres_database().await;
    let (world, other) = two(&database.url).await;
    let (heard, hears) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let listen = other.wakes().run(
        || {
            heard.fetch_add(1, Ordering::SeqCst);
        },
        |on| hears.store(usize::from(on), Ordering::SeqCst),
    );
    let write = async {
        until(SOON, "it listens", async || hears.load(Ordering::SeqCst) == 1).await;
        let (before, began) = (heard.load(Ordering::SeqCst), Instant::now());
        for _ in 0..200 {
            let mut tx = world.house.db.write().await.unwrap();
            effects::retry(&mut tx, &[], world.house.clock.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
        until(SOON, "a wake-up", async || heard.load(Ordering::SeqCst) > before).await;
        // One at once, and then one in six milliseconds at most.
        let most = 2 + usize::try_from(began.elapsed().as_millis()).unwrap() / 6;
        let wakes = heard.load(Ordering::SeqCst) - before;
        assert!(wakes <= most, "{wakes} wake-ups in {:?}", began.elapsed());
    };
    tokio::select! { () = listen => {} () = write => {} }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_whose_connection_is_ended_listens_again() {
    let database = postgres_database().await;
    let (world, other) = two(&database.url).await;
    let (heard, lost) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let listen = other.wakes().run(
        || {
            heard.fetch_add(1, Ordering::SeqCst);
        },
        |on| {
            lost.fetch_add(usize::from(!on), Ordering::SeqCst);
        },
    );
    let write = async {
        until(SOON, "it listens", async || heard.load(Ordering::SeqCst) > 0).await;
        execute(
            &world.house.db,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()",
        )
        .await;
        until(SOON, "it notices", async || lost.load(Ordering::SeqCst) > 0).await;
        let before = heard.load(Ordering::SeqCst);
        until(SOON, "it hears again", async || {
            let mut tx = world.house.db.write().await.unwrap();
            tx.wake_on_commit();
            tx.commit().await.unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
            // Two come without a commit: when it lost its connection, and when it listens again.
            heard.load(Ordering::SeqCst) > before + 2
        })
        .await;
    };
    tokio::select! { () = listen => {} () = write => {} }
}
