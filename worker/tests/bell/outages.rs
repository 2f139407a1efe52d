//! A Redis that forgets, dies, hangs, comes late, or will not have us.

use super::*;

#[tokio::test]
async fn a_flushed_redis_goes_on_serving() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    for n in 0..20 {
        bell.ring(Lane::Removals, ring(n)).await.unwrap();
        redis.ask::<()>(&["FLUSHALL"]).await.unwrap();
    }
    bell.ring(Lane::Removals, ring("after")).await.unwrap();
    until("a ring after the flush is handled", async || seen.has("after")).await;
    serving.stop().await;
}

#[tokio::test]
async fn a_killed_and_restarted_redis_is_told_and_goes_on_serving() {
    let mut redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    for round in 0..3 {
        until_it_carries(&bell, &seen, &format!("before {round}")).await;
        redis.down();
        let away = bell.ring(Lane::Removals, ring("lost")).await.unwrap_err();
        assert!(matches!(away, Away::Unreachable { .. }), "{away}");
        assert!(matches!(bell.health(), Health::Away { .. }));
        assert!(bell.waiting(Lane::Removals).await.is_err());
        redis.up().await;
    }
    until_it_carries(&bell, &seen, "after").await;
    assert_eq!(bell.health(), Health::Reachable);
    serving.stop().await;
}

#[tokio::test]
async fn a_handler_outlives_the_redis_that_rang_it() {
    let mut redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let started = Arc::new(Notify::new());
    let go_on = Arc::new(Notify::new());
    let finished = Seen::default();
    let serving = Serving::waiting(&bell, Lane::Letters, 2, &started, &go_on, &finished);
    bell.ring(Lane::Letters, ring("call")).await.unwrap();
    timeout(PATIENCE, started.notified()).await.expect("it starts");
    redis.down();
    until("the bell knows", async || matches!(bell.health(), Health::Away { .. })).await;
    go_on.notify_one();
    until("the handler is through", async || finished.has("call")).await;
    serving.stop().await;
}

#[tokio::test]
async fn a_stop_needs_no_redis() {
    let mut redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let serving = Serving::noting(&bell, &Seen::default());
    redis.down();
    serving.stop().await;
}

#[tokio::test]
async fn a_paused_redis_makes_a_ring_fail_in_time_and_goes_on_serving() {
    let redis = PrivateRedis::start().await;
    let bell = Bell::connect(redis.config()).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    until_it_carries(&bell, &seen, "before").await;
    redis.signal("-STOP");
    let away = timeout(PATIENCE, bell.ring(Lane::Removals, ring("paused"))).await.expect("it answers").unwrap_err();
    assert!(matches!(away, Away::Unreachable { .. }), "{away}");
    redis.signal("-CONT");
    until_it_carries(&bell, &seen, "after").await;
    serving.stop().await;
}

#[tokio::test]
async fn connections_that_died_silently_are_replaced() {
    let redis = PrivateRedis::start().await;
    let (config, switch) = way_to(&redis).await;
    let bell = Bell::connect(config).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    until_it_carries(&bell, &seen, "before").await;
    switch.send_modify(|turns| *turns += 1);
    assert!(bell.ring(Lane::Removals, ring("into the void")).await.is_err());
    bell.ring(Lane::Removals, ring("heard")).await.expect("the next ring goes over a new connection");
    until_it_carries(&bell, &seen, "after").await;
    serving.stop().await;
}

#[tokio::test]
async fn a_redis_that_comes_after_us_is_found() {
    let mut redis = PrivateRedis::none();
    let bell = Bell::connect(redis.config()).await.expect("Redis away is no error");
    let Health::Away { away, .. } = bell.health() else { panic!("it is away") };
    assert!(away.to_string().starts_with(&format!("Redis can't be reached at 127.0.0.1:{}", redis.port)), "{away}");
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    redis.up().await;
    until_it_carries(&bell, &seen, "found").await;
    assert_eq!(bell.check().await, Health::Reachable);
    serving.stop().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_apart_and_tried_again() {
    let redis = PrivateRedis::start().await;
    redis.ask::<()>(&["CONFIG", "SET", "requirepass", "of another"]).await.unwrap();
    let url = format!("redis://:hunter2@127.0.0.1:{}", redis.port);
    for config in [BellConfig::Redis { url: url.clone(), prefix: "jf".into() }, redis.config()] {
        let bell = Bell::connect(config).await.unwrap();
        let away = bell.ring(Lane::Removals, ring(1)).await.unwrap_err();
        assert!(matches!(away, Away::WrongPassword { .. }), "{away:?}");
        assert!(!format!("{away} {away:?} {:?}", bell.health()).contains("hunter2"));
    }

    let bell = Bell::connect(BellConfig::Redis { url, prefix: "jf".into() }).await.unwrap();
    let seen = Seen::default();
    let serving = Serving::noting(&bell, &seen);
    let mut allowed = Client::open(format!("redis://:of%20another@127.0.0.1:{}", redis.port))
        .unwrap()
        .get_multiplexed_async_connection()
        .await
        .unwrap();
    let set = redis::cmd("CONFIG").arg(&["SET", "requirepass", "hunter2"]).query_async::<()>(&mut allowed).await;
    set.unwrap();
    until_it_carries(&bell, &seen, "cured").await;
    serving.stop().await;
}

#[tokio::test]
async fn an_address_that_can_be_no_redis_is_refused_without_showing_it() {
    for url in ["", "hunter2", "http://u:hunter2@h", "redis://u:hunter2@h/x", "rediss://u:hunter2@h/x"] {
        let refused = Bell::connect(BellConfig::Redis { url: url.into(), prefix: "jf".into() }).await;
        let Err(refused) = refused else { panic!("{url:?} was taken") };
        let told = format!("{refused} {refused:?}");
        assert!(told.contains("redis://[user:password@]host"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
