//! What is promised of the Redis that the bells share.

use super::*;

#[tokio::test]
async fn a_queue_that_was_emptied_is_told_to_whoever_looks_first() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    bell.look().await.unwrap();
    assert!(!bell.look().await.unwrap().emptied);
    redis.ask::<()>(&["FLUSHALL"]).await.unwrap();
    assert!(bell.look().await.unwrap().emptied);
    assert!(!bell.look().await.unwrap().emptied);
}

#[tokio::test]
async fn redis_is_empty_when_all_is_handled() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    for n in 0..100 {
        bell.ring(Lane::Removals, ring(n)).await.unwrap();
    }
    until("all are handled", async || seen.count() == 100).await;
    assert_eq!(redis.ask::<usize>(&["DBSIZE"]).await.unwrap(), 0);
    serving.stop().await;
}

#[tokio::test]
async fn a_ring_that_redis_has_handed_out_when_the_stop_comes_is_handled() {
    let redis = PrivateRedis::start().await;
    let (config, switch) = way_to(&redis).await;
    let bell = Bell::connect(config).await.unwrap();
    let seen = Seen::default();
    let mut serving = Serving::noting(&bell, &seen);
    // Only into a pop that Redis holds open, else the way is held for nothing.
    let hand_out = r#"
        if not redis.call("INFO", "clients"):find("blocked_clients:1") then return 0 end
        return redis.call("RPUSH", "jf:removals:active", '{"v":1,"ids":["on its way"]}')
    "#;
    until("Redis hands a ring out", async || {
        switch.send_modify(|turns| *turns += 1);
        let handed_out = redis.ask::<bool>(&["EVAL", hand_out, "0"]).await.unwrap();
        if !handed_out {
            switch.send_modify(|turns| *turns += 1);
        }
        handed_out
    })
    .await;
    serving.stop.send(true).unwrap();
    let early = timeout(Duration::from_millis(100), &mut serving.task).await;
    assert!(early.is_err(), "it waits for what Redis has handed out");
    switch.send_modify(|turns| *turns += 1);
    timeout(PATIENCE, serving.task).await.expect("it stops").unwrap();
    assert!(seen.has("on its way"));
}

#[tokio::test]
async fn two_bells_on_one_redis_share_the_work_and_no_ring_is_left_out() {
    let redis = PrivateRedis::start().await;
    let one = Bell::connect(redis.config()).await.unwrap();
    let other = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    // A server has one place, so that the first two rings pass only if both servers hold one.
    let both = Arc::new(Barrier::new(2));
    let handler = {
        let seen = seen.clone();
        move |ring: Ring| {
            let (seen, both) = (seen.clone(), both.clone());
            async move {
                if ring.ids[0].starts_with("both") {
                    both.wait().await;
                }
                seen.add(&ring);
            }
        }
    };
    let servings = [&one, &other].map(|bell| Serving::start(bell, Lane::Removals, 1, handler.clone()));
    for id in ["both 1", "both 2"] {
        one.ring(Lane::Removals, ring(id)).await.unwrap();
    }
    for n in 0..300 {
        [&one, &other][n % 2].ring(Lane::Removals, ring(n)).await.unwrap();
    }
    until("all are handled", async || seen.count() == 302).await;
    for serving in servings {
        serving.stop().await;
    }
    assert!(seen.each_once());
}

#[tokio::test]
async fn bells_with_different_prefixes_do_not_hear_each_other() {
    let redis = PrivateRedis::start().await;
    let config = |prefix: &str| BellConfig::Redis { url: redis.url(), prefix: prefix.into() };
    let ours = Bell::connect(config("ours")).await.unwrap();
    let theirs = Bell::connect(config("theirs")).await.unwrap();
    theirs.ring(Lane::Removals, ring(1)).await.unwrap();
    assert_eq!(ours.waiting(Lane::Removals).await, Ok(0));
    assert_eq!(theirs.waiting(Lane::Removals).await, Ok(1));
}

#[tokio::test]
async fn garbage_in_the_queue_is_dropped_and_does_not_stop_the_others() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let mut connection = redis.connection().await.unwrap();
    let garbage: [&[u8]; 6] = [b"", b"\xff\x00\xfe", b"[1,2]", br#"{"v":99,"ids":["x"]}"#, b"01J9", &[b'['; 300_000]];
    for (n, garbage) in garbage.into_iter().enumerate() {
        let () = redis::cmd("RPUSH").arg("jf:removals:active").arg(garbage).query_async(&mut connection).await.unwrap();
        bell.ring(Lane::Removals, ring(n)).await.unwrap();
    }
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    until("the rings between are handled", async || seen.count() == garbage.len()).await;
    serving.stop().await;
    assert!(seen.each_once());
    assert_eq!(bell.waiting(Lane::Removals).await, Ok(0));
}

#[tokio::test]
async fn something_else_under_our_key_is_told_and_survived() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    redis.ask::<()>(&["SET", "jf:removals:active", "what is this"]).await.unwrap();
    let away = bell.ring(Lane::Removals, ring("early")).await.unwrap_err();
    assert!(matches!(&away, Away::Refuses { why, .. } if why.contains("WRONGTYPE")), "{away}");
    redis.ask::<()>(&["DEL", "jf:removals:active"]).await.unwrap();
    until_it_carries(&bell, &seen, "late").await;
    serving.stop().await;
}
