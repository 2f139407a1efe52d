//! The promises of the doorbell, over a Redis of our own and in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers are tests too")]

use std::{
    collections::BTreeMap,
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jointforce_shared::domain::effect::Lane;
use jointforce_worker::bell::{Away, Bell, BellConfig, Health, Ring};
use redis::{Client, aio::MultiplexedConnection};
use tempfile::TempDir;
use tokio::{
    sync::{Barrier, Notify, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

/// How long anything may take before a test calls it lost; generous, because the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// A Redis on a free port, without persistence: what it forgets is forgotten.
struct PrivateRedis {
    port: u16,
    dir: TempDir,
    server: Option<Child>,
}

impl PrivateRedis {
    async fn start() -> Self {
        let mut redis = Self::none();
        redis.up().await;
        redis
    }

    /// A port where no Redis is yet.
    fn none() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, dir: TempDir::new().unwrap(), server: None }
    }

    async fn up(&mut self) {
        let server = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no"])
            .arg("--dir")
            .arg(self.dir.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server has to be installed");
        self.server = Some(server);
        timeout(PATIENCE, async {
            while self.ask::<String>(&["PING"]).await.is_err() {
                sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("redis-server answers");
    }

    /// kill -9
    fn down(&mut self) {
        let mut server = self.server.take().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    }

    fn signal(&self, signal: &str) {
        let id = self.server.as_ref().unwrap().id().to_string();
        assert!(Command::new("sh").args(["-c", "kill \"$0\" \"$1\"", signal, &id]).status().unwrap().success());
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn config(&self) -> BellConfig {
        BellConfig::Redis { url: self.url(), prefix: "jf".into() }
    }

    async fn connection(&self) -> redis::RedisResult<MultiplexedConnection> {
        Client::open(self.url()).unwrap().get_multiplexed_async_connection().await
    }

    async fn ask<T: redis::FromRedisValue>(&self, words: &[&str]) -> redis::RedisResult<T> {
        let mut cmd = redis::Cmd::new();
        for word in words {
            cmd.arg(word);
        }
        cmd.query_async(&mut self.connection().await?).await
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        if self.server.is_some() {
            self.signal("-CONT");
            self.down();
        }
    }
}

/// What was handled, and how often.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<BTreeMap<String, usize>>>);

impl Seen {
    fn add(&self, ring: &Ring) {
        let mut seen = self.0.lock().unwrap();
        for id in &ring.ids {
            *seen.entry(id.clone()).or_default() += 1;
        }
    }

    fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap().contains_key(id)
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn each_once(&self) -> bool {
        self.0.lock().unwrap().values().all(|times| *times == 1)
    }
}

/// A server of a lane that can be stopped.
struct Serving {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Serving {
    fn start<F, Fut>(bell: &Bell, lane: Lane, concurrency: usize, handler: F) -> Self
    where
        F: Fn(Ring) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = watch::channel(false);
        let bell = bell.clone();
        let task = tokio::spawn(async move { bell.serve(&[lane], concurrency, handler, stopped).await });
        Self { stop, task }
    }

    fn noting(bell: &Bell, seen: &Seen) -> Self {
        let seen = seen.clone();
        Self::start(bell, Lane::Removals, 4, move |ring| {
            let seen = seen.clone();
            async move { seen.add(&ring) }
        })
    }

    async fn stop(self) {
        self.stop.send(true).unwrap();
        timeout(PATIENCE, self.task).await.expect("it stops").unwrap();
    }
}

fn ring(id: impl ToString) -> Ring {
    Ring::new(vec![id.to_string()])
}

async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let met = async {
        while !condition().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, met).await.unwrap_or_else(|_| panic!("not within {PATIENCE:?}: {what}"));
}

/// Rings, also again and again, until the bell carries to a handler: what the relay does.
async fn until_it_carries(bell: &Bell, seen: &Seen, id: &str) {
    until(id, async || {
        let _ = bell.ring(Lane::Removals, ring(id)).await;
        sleep(Duration::from_millis(20)).await;
        seen.has(id)
    })
    .await;
}

/// A way to Redis whose connections can be held up without being closed: every turn of the switch holds them or lets
/// them go on; a connection that comes during a hold passes.
async fn way_to(redis: &PrivateRedis) -> (BellConfig, watch::Sender<u32>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("redis://{}", listener.local_addr().unwrap());
    let (switch, turns) = watch::channel(0);
    let port = redis.port;
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut turns = turns.clone();
            tokio::spawn(async move {
                let before = *turns.borrow();
                let mut far = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                loop {
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => return,
                        held = turns.wait_for(|turns| turns % 2 == 1 && *turns > before) => held.map(drop).unwrap_or(()),
                    }
                    if turns.wait_for(|turns| turns % 2 == 0).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (BellConfig::Redis { url, prefix: "jf".into() }, switch)
}

/// Runs the promise over both queues; the Redis lives as long as the promise takes.
async fn over_both(promise: impl AsyncFn(Bell)) {
    promise(Bell::connect(BellConfig::Memory).await.unwrap()).await;
    let redis = PrivateRedis::start().await;
    promise(Bell::connect(redis.config()).await.unwrap()).await;
}

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
        let handler = {
            let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
            move |ring| {
                let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
                async move {
                    started.notify_one();
                    go_on.notified().await;
                    finished.add(&ring);
                }
            }
        };
        let serving = Serving::start(&bell, Lane::Removals, 1, handler);
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
    let handler = {
        let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
        move |ring| {
            let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
            async move {
                started.notify_one();
                go_on.notified().await;
                finished.add(&ring);
            }
        }
    };
    let serving = Serving::start(&bell, Lane::Letters, 2, handler);
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
