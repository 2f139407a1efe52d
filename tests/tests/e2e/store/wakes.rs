//! Wake-ups: what one process writes, another hears of without asking the ledger.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{commands::House, store::Db};
use jointforce_tests::{load, wait::until, world::World};

use super::on_both;

const LIMIT: Duration = Duration::from_secs(20);

on_both! {
    async fn what_another_process_decides_is_heard_of(url: &str) {
        let world = World::new(url).await;
        // More than the times that a listener to a file is woken after one commit.
        let cases = load::report(&world, 10).await;
        // Whoever writes from here on shares no memory with whoever listens.
        let (listener, db) = (Db::open(url).await.unwrap(), Db::open(url).await.unwrap());
        let mut writer = House::open(db).await.unwrap();
        // Due at once: of what is due later nobody is told.
        writer.policy.grace = Duration::ZERO;
        let (heard, hears) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let listening = tokio::spawn({
            let (heard, hears) = (heard.clone(), hears.clone());
            listener.wakes().run(
                move || {
                    heard.fetch_add(1, Ordering::SeqCst);
                },
                move |others| hears.store(others, Ordering::SeqCst),
            )
        });
        until(LIMIT, "others are heard", async || hears.load(Ordering::SeqCst) && heard.load(Ordering::SeqCst) > 0).await;
        for case in cases {
            let before = heard.load(Ordering::SeqCst);
            load::remove(&writer, case).await;
            until(LIMIT, "it is heard of", async || heard.load(Ordering::SeqCst) > before).await;
        }
        listening.abort();
    }
}
