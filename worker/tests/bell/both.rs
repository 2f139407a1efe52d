//! What either bell promises.

use super::*;

#[tokio::test]
async fn every_ring_is_handled_once_and_leaves_nothing_behind() {
    over_both(async |bell| {
        let seen = Seen::default();
        for n in 0..50 {
            bell.ring(Lane::Removals, ring(n)).await.unwrap();
        }
        assert_eq!(bell.waiting(Lane::Removals).await, Ok(50));
        assert_eq!(bell.waiting(Lane::Letters).await, Ok(0), "a lane has a queue of its own");
        let serving = Serving::noting(&bell, &seen);
        for n in 50..500 {
            bell.ring(Lane::Removals, ring(n)).await.unwrap();
        }
        until("all are handled", async || seen.count() == 500).await;
        serving.stop().await;
        assert!(seen.each_once());
        assert_eq!(bell.waiting(Lane::Removals).await, Ok(0));
    })
    .await;
}

#[tokio::test]
async fn the_first_lane_of_a_server_goes_before_the_next() {
    over_both(async |bell| {
        let order: Arc<Mutex<Vec<String>>> = Arc::default();
        for n in 0..5 {
            bell.ring(Lane::Letters, ring(format!("letter {n}"))).await.unwrap();
            bell.ring(Lane::Pages, ring(format!("page {n}"))).await.unwrap();
        }
        let (seen, (stop, stopped)) = (order.clone(), watch::channel(false));
        let handler = move |ring: Ring| {
            let seen = seen.clone();
            async move { seen.lock().unwrap().extend(ring.ids) }
        };
        let server = bell.clone();
        let task = tokio::spawn(async move { server.serve(&[Lane::Pages, Lane::Letters], 1, handler, stopped).await });
        until("all are handled", async || order.lock().unwrap().len() == 10).await;
        stop.send(true).unwrap();
        timeout(PATIENCE, task).await.expect("it stops").unwrap();
        assert!(order.lock().unwrap()[..5].iter().all(|id| id.starts_with("page")), "{:?}", order.lock().unwrap());
    })
    .await;
}

#[tokio::test]
async fn no_more_handlers_run_than_there_are_places() {
    over_both(async |bell| {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let seen = Seen::default();
        let handler = {
            let (running, most, seen) = (running.clone(), most.clone(), seen.clone());
            move |ring: Ring| {
                let (running, most, seen) = (running.clone(), most.clone(), seen.clone());
                async move {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    sleep(Duration::from_millis(1)).await;
                    running.fetch_sub(1, Ordering::SeqCst);
                    seen.add(&ring);
                }
            }
        };
        for n in 0..60 {
            bell.ring(Lane::Letters, ring(n)).await.unwrap();
        }
        let serving = Serving::start(&bell, Lane::Letters, 3, handler);
        until("all are handled", async || seen.count() == 60).await;
        serving.stop().await;
        assert_eq!(most.load(Ordering::SeqCst), 3);
    })
    .await;
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_own_ring_only() {
    over_both(async |bell| {
        let seen = Seen::default();
        let handler = {
            let seen = seen.clone();
            move |ring: Ring| {
                let seen = seen.clone();
                async move {
                    assert!(!ring.ids[0].starts_with("bad"), "the test's own panic");
                    seen.add(&ring);
                }
            }
        };
        let serving = Serving::start(&bell, Lane::Removals, 2, handler);
        for n in 0..20 {
            bell.ring(Lane::Removals, ring(format!("bad {n}"))).await.unwrap();
            bell.ring(Lane::Removals, ring(n)).await.unwrap();
        }
        until("the good ones are handled", async || seen.count() == 20).await;
        serving.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_stop_lets_the_running_handler_finish_and_takes_nothing_more() {
    over_both(async |bell| {
        let started = Arc::new(Notify::new());
        let go_on = Arc::new(Notify::new());
        let finished = Seen::default();
        let serving = Serving::waiting(&bell, Lane::Removals, 1, &started, &go_on, &finished);
        bell.ring(Lane::Removals, ring("first")).await.unwrap();
        timeout(PATIENCE, started.notified()).await.expect("the first starts");
        serving.stop.send(true).unwrap();
        bell.ring(Lane::Removals, ring("second")).await.unwrap();
        assert!(!serving.task.is_finished(), "it waits for its handler");
        go_on.notify_one();
        timeout(PATIENCE, serving.task).await.expect("it stops").unwrap();
        assert!(finished.has("first"));
        assert!(!finished.has("second"));
        assert_eq!(bell.waiting(Lane::Removals).await, Ok(1), "the second waits for somebody else");
    })
    .await;
}
