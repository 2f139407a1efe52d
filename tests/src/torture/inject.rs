//! Doing harm, as the plan says.

use std::{
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use jointforce_tests::{
    hooks::{Answer, Hooks},
    mail,
    servers::{PrivatePostgres, PrivateRedis},
};
use sqlx::Connection as _;
use tokio::{
    task::{JoinSet, spawn_blocking},
    time::{sleep, sleep_until},
};

use super::{
    consoles::Book,
    plan::{Break, Fault, Kind},
    stage::{Stage, held},
    witness,
};

/// A fault that happened.
#[derive(Debug, Clone, Copy)]
pub struct Injected {
    pub kind: Kind,
    /// When what it took away was back.
    pub over: Instant,
}

/// Injects every fault at its time, or as soon as an earlier one at the same place is over. Gives them as they ended.
pub async fn inject(stage: &Arc<Stage>, faults: &[Fault], book: &Arc<Book>, done: &Mutex<Vec<Injected>>) {
    let began = tokio::time::Instant::now();
    let places = Arc::new(Places::default());
    let mut under_way = JoinSet::new();
    for fault in faults {
        sleep_until(began + fault.at).await;
        let (stage, book, places, fault) = (stage.clone(), book.clone(), places.clone(), *fault);
        under_way.spawn(async move {
            places.harm(&stage, &book, fault).await;
            Injected { kind: fault.kind, over: Instant::now() }
        });
        while let Some(Ok(injected)) = under_way.try_join_next() {
            held(done).push(injected);
        }
    }
    while let Some(injected) = under_way.join_next().await {
        held(done).push(injected.expect("a fault is injected whole"));
    }
}

/// Places where one thing goes wrong at a time. Workers have theirs in the fleet.
#[derive(Debug, Default)]
struct Places {
    database: tokio::sync::Mutex<()>,
    redis: tokio::sync::Mutex<()>,
}

impl Places {
    async fn harm(&self, stage: &Arc<Stage>, book: &Book, fault: Fault) {
        let worker = &stage.fleet[fault.dice as usize % stage.fleet.len()];
        match fault.kind {
            Kind::WorkerKilled => worker.kill().await,
            Kind::LeaderKilled => kill_leader(stage, fault).await,
            Kind::WorkerStopped | Kind::WorkerStoppedPastLease => worker.stop(fault.span).await,
            Kind::WorkerDrained => worker.drain().await,
            Kind::RedisKilled | Kind::RedisEmptied | Kind::RedisPaused => {
                let _alone = self.redis.lock().await;
                harm_redis(stage, fault).await;
            }
            Kind::PostgresKilled | Kind::BackendKilled | Kind::PostgresPaused | Kind::BackendsTerminated => {
                let _alone = self.database.lock().await;
                harm_postgres(stage, fault).await;
            }
            Kind::DiskFull => {
                let _alone = self.database.lock().await;
                fill_disk(stage, fault.span).await;
            }
            Kind::SchemaGrows => {
                let _alone = self.database.lock().await;
                grow_schema(stage, fault.dice).await;
            }
            Kind::Broken(link, how) => break_link(stage, link, how, fault).await,
            Kind::ConsolesKilled => drop(book.kills.fetch_add(1 + fault.dice as usize % 5, Ordering::SeqCst)),
            Kind::EndpointFails => fail_endpoint(stage, fault.dice),
            Kind::MailFails => {
                let answer =
                    if fault.dice.is_multiple_of(2) { mail::Answer::Greylist } else { mail::Answer::AcceptAndHangUp };
                stage.mail.answer_next(1 + (fault.dice / 2) as usize % 4, answer);
            }
            Kind::ClockJumps => {
                let seconds = 1 + (fault.dice / 2 % 30) as i64;
                stage.fleet.last().expect("a worker").set_clock(if fault.dice.is_multiple_of(2) {
                    seconds
                } else {
                    -seconds
                });
            }
        }
    }
}

/// The worker that leads the relay, by the process id in its name; any one where nobody leads.
async fn kill_leader(stage: &Stage, fault: Fault) {
    let holders = witness::texts(&stage.house.db, "SELECT holder FROM leases WHERE name = 'relay'").await;
    let holder = holders.unwrap_or_default().pop().unwrap_or_default();
    let leads = |process: u32| holder.contains(&format!("-{process}-"));
    let leader = stage.fleet.iter().find(|slot| slot.process().is_some_and(leads));
    leader.unwrap_or(&stage.fleet[fault.dice as usize % stage.fleet.len()]).kill().await;
}

async fn harm_redis(stage: &Stage, fault: Fault) {
    let Some(redis) = &stage.redis else { return };
    match fault.kind {
        Kind::RedisKilled => {
            held(redis).kill();
            sleep(fault.span).await;
            blocking(redis, PrivateRedis::restart).await;
        }
        Kind::RedisEmptied => blocking(redis, |redis| redis.empty()).await,
        _ => {
            held(redis).pause();
            sleep(fault.span).await;
            held(redis).resume();
        }
    }
}

async fn harm_postgres(stage: &Stage, fault: Fault) {
    let Some(postgres) = &stage.postgres else { return };
    match fault.kind {
        Kind::PostgresKilled => {
            blocking(postgres, PrivatePostgres::kill).await;
            sleep(fault.span).await;
            blocking(postgres, PrivatePostgres::restart).await;
        }
        Kind::BackendKilled => {
            held(postgres).kill_backend(fault.dice as usize);
        }
        Kind::PostgresPaused => {
            held(postgres).pause();
            sleep(fault.span).await;
            held(postgres).resume();
        }
        _ => {
            // A connection of its own, so that it doesn't end itself.
            let url = held(postgres).url();
            let Ok(mut connection) = sqlx::PgConnection::connect(&url).await else { return };
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
            let _ = sqlx::query(end).execute(&mut connection).await;
        }
    }
}

/// Adds to the tables that are used most, as a newer program's migration would, and says so in the schema's record.
async fn grow_schema(stage: &Stage, dice: u64) {
    let version = 1_000 + dice % 1_000_000;
    let grow = format!(
        "ALTER TABLE effects ADD COLUMN later_{version} TEXT;
         ALTER TABLE cases ADD COLUMN later_{version} BIGINT NOT NULL DEFAULT 0;
         INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES ({version}, 'later', TRUE, '', 0);"
    );
    witness::all_or_nothing(&stage.house.db, grow).await;
}

async fn fill_disk(stage: &Stage, span: Duration) {
    let Some(disk) = stage.disk.clone() else { return };
    let full = disk.clone();
    let _ = spawn_blocking(move || full.fill()).await;
    sleep(span).await;
    let _ = spawn_blocking(move || disk.clear()).await;
    if let Some(postgres) = &stage.postgres {
        // A server that could not write its log gives up; a service manager starts it again.
        sleep(Duration::from_millis(500)).await;
        blocking(postgres, |postgres| {
            if !postgres.is_running() {
                postgres.restart();
            }
        })
        .await;
    }
}

async fn break_link(stage: &Stage, link: super::plan::Link, how: Break, fault: Fault) {
    let proxy = &stage.links[&link];
    match (how.cut(), how) {
        (Some(cut), _) => proxy.cut_next(1 + fault.dice as usize % 6, cut),
        (None, Break::Delay) => {
            let by = Duration::from_millis(20 + fault.dice % 200);
            proxy.slow_down(by, fault.span).await;
        }
        _ => proxy.swallow(fault.span).await,
    }
}

fn fail_endpoint(stage: &Stage, dice: u64) {
    let hooks: &Hooks = if dice.is_multiple_of(2) { &stage.marketplace } else { &stage.brands };
    let mut answers = [Answer::Status(500), Answer::HangUp, Answer::redirect(stage.elsewhere.url("/metadata"))];
    answers.rotate_left((dice / 2 % 3) as usize);
    for answer in answers {
        hooks.answer_next(1 + (dice / 6) as usize % 3, answer);
    }
}

/// What blocks a thread, on one that may be blocked.
async fn blocking<T: Send + 'static>(server: &Arc<Mutex<T>>, act: impl FnOnce(&mut T) + Send + 'static) {
    let server = server.clone();
    spawn_blocking(move || act(&mut held(&server))).await.expect("a server that obeys");
}
