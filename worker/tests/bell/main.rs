//! The promises of the doorbell, over a Redis of our own and in memory.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers are tests too")]

mod both;
mod outages;
mod sharing;

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

    /// With a handler that says when it began and ends when it may.
    fn waiting(
        bell: &Bell,
        lane: Lane,
        concurrency: usize,
        started: &Arc<Notify>,
        go_on: &Arc<Notify>,
        finished: &Seen,
    ) -> Self {
        let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
        Self::start(bell, lane, concurrency, move |ring| {
            let (started, go_on, finished) = (started.clone(), go_on.clone(), finished.clone());
            async move {
                started.notify_one();
                go_on.notified().await;
                finished.add(&ring);
            }
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
