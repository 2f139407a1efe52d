//! How much somebody else's trouble slows an effect down.
//!
//! `cargo bench -p jointforce-tests --bench neighbours [-- --size CASES]` (default 5,000 cases, two inside effects each).
//! The same work is done alone and beside each trouble, by one worker that serves all lanes over PostgreSQL and Redis:
//! 100,000 retries for an endpoint that is down, one effect in each batch whose rows can't be read, one that the database
//! refuses, and an endpoint that hangs. Printed is how many times longer it takes, the best of two rounds of each in turn.
//! The bar is 1.3.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a benchmark fails loudly")]

use std::time::{Duration, Instant};

use jointforce_shared::{
    commands::{House, catalogue},
    domain::{
        effect::{BrandNews, Effect, Lane, NewEffect},
        ids::EffectId,
        time::Time,
    },
    store::effects::{self, carry},
};
use jointforce_tests::{
    bench::Scale,
    hooks::{Answer, Hooks},
    load::{self, Plan, Workers},
    servers::{PrivatePostgres, PrivateRedis},
    wait::until,
    world::{World, brand},
};
use jointforce_worker::run::RunConfig;
use sqlx::AssertSqlSafe;

const BAR: f64 = 1.3;
const STORM: usize = 100_000;
/// Events for the endpoint that works, and for the one that hangs.
const EVENTS: usize = 2_000;
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const LONG: Duration = Duration::from_secs(600);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    None,
    Storm,
    Unreadable,
    /// The database asks about each seller, and refuses none.
    Asked,
    Refused,
    Hanging,
}

#[tokio::main]
async fn main() {
    if load::worked().await {
        return;
    }
    let scale = Scale::from_args(5_000, 1);
    let (postgres, redis) = (PrivatePostgres::start_durable(), PrivateRedis::start());
    println!("{:<48} {:>10} {:>9} {:>7}", "", "alone s", "beside s", "times");
    let inside = async |trouble| Stage::set(&postgres, &redis).await.inside(scale.size, trouble).await;
    for (name, alone, beside) in [
        ("removals beside 100,000 retries", Trouble::None, Trouble::Storm),
        ("the same with one unreadable effect in each batch", Trouble::None, Trouble::Unreadable),
        // What the question itself costs is not what is measured.
        ("the same with one that the database refuses", Trouble::Asked, Trouble::Refused),
    ] {
        compare(name, [alone, beside], inside).await;
    }
    let events = EVENTS.min(scale.size);
    let webhooks = async |trouble| Stage::set(&postgres, &redis).await.webhooks(events, trouble).await;
    compare("webhooks beside an endpoint that hangs", [Trouble::None, Trouble::Hanging], webhooks).await;
}

async fn compare(name: &str, troubles: [Trouble; 2], took: impl AsyncFn(Trouble) -> Duration) {
    let (mut alone, mut beside) = (Duration::MAX, Duration::MAX);
    for _ in 0..2 {
        alone = alone.min(took(troubles[0]).await);
        beside = beside.min(took(troubles[1]).await);
    }
    let times = beside.as_secs_f64() / alone.as_secs_f64();
    let verdict = if times <= BAR { "" } else { "  MISSES THE BAR" };
    println!("{name:<48} {:>10.2} {:>9.2} {times:>6.2}x{verdict}", alone.as_secs_f64(), beside.as_secs_f64());
}

struct Stage {
    world: World,
    plan: Plan,
    hooks: Hooks,
    _folder: tempfile::TempDir,
}

impl Stage {
    async fn set(postgres: &PrivatePostgres, redis: &PrivateRedis) -> Self {
        let (url, folder) = (postgres.database().await.url, tempfile::TempDir::new().unwrap());
        let mut world = World::new(&url).await;
        world.house.policy.grace = Duration::ZERO;
        let (redis, lanes) = (Some(redis.url()), Lane::ALL.to_vec());
        let plan = Plan { url, redis, batch: RunConfig::BATCH, lanes, folder: folder.path().into() };
        Self { world, plan, hooks: Hooks::start().await, _folder: folder }
    }

    fn house(&self) -> &House {
        &self.world.house
    }

    async fn brand(&self, id: &str, url: String) {
        let mut brand = brand(id);
        (brand.webhook_url, brand.webhook_secret) = (Some(url), Some(SECRET.to_owned()));
        catalogue::load_brands(self.house(), &World::import(), &[brand]).await.unwrap();
    }

    /// Events for a brand, due for an hour.
    async fn events(&self, brand: &str, count: usize) {
        let clock = &self.house().clock;
        let new = |_| NewEffect {
            id: clock.id(EffectId::from_ulid),
            effect: Effect::HookBrand {
                brand: brand.parse().unwrap(),
                notice: None,
                news: BrandNews::Warned { why: "a benchmark".into(), until: Time(0) },
            },
            due: Time(clock.now().0 - Time::HOUR),
            decision: None,
            once: None,
        };
        for part in (0..count).collect::<Vec<_>>().chunks(5_000) {
            let new: Vec<_> = part.iter().map(new).collect();
            let mut tx = self.house().db.write().await.unwrap();
            effects::add(&mut tx, &new, clock.now()).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    /// How long the inside effects of so many removals take.
    async fn inside(&self, cases: usize, trouble: Trouble) -> Duration {
        let reported = load::report(&self.world, cases).await;
        load::pause_inside(self.house(), true).await;
        load::remove_all(self.house(), &reported).await;
        match trouble {
            Trouble::Storm => {
                self.brand("down", "http://127.0.0.1:9/".into()).await;
                self.events("down", STORM).await;
            }
            Trouble::Unreadable | Trouble::Asked | Trouble::Refused => self.poison(cases, trouble).await,
            Trouble::None | Trouble::Hanging => {}
        }
        let workers = Workers::start(self.house(), &self.plan, 1).await;
        // Until what is outside has come to its rest: letters are not what is measured here.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let took = load::carry_all(self.house()).await;
        drop(workers);
        took
    }

    /// Effects that fail whenever they are tried, those of so many sellers that each batch holds about one: strikes that
    /// can't be read back, or sellers that nobody may change.
    async fn poison(&self, cases: usize, trouble: Trouble) {
        let sellers = match trouble {
            Trouble::Asked => 0,
            _ => cases.div_ceil(RunConfig::BATCH).div_ceil(load::A_SELLER),
        };
        let jointforce_shared::store::Db::Postgres(pool, _) = &self.house().db else { panic!("a server") };
        let chosen =
            format!("SELECT seller_id FROM strikes GROUP BY seller_id ORDER BY md5(seller_id) LIMIT {sellers}");
        let sql = if trouble == Trouble::Unreadable {
            format!("UPDATE strikes SET severity = 'unheard of' WHERE seller_id IN ({chosen})")
        } else {
            format!(
                "CREATE TABLE untouchable AS {chosen};
                 CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF EXISTS (SELECT 1 FROM untouchable WHERE seller_id = new.id) THEN RAISE EXCEPTION 'nobody may'; END IF;
                   RETURN new;
                 END $$;
                 CREATE TRIGGER refuse BEFORE UPDATE ON sellers FOR EACH ROW EXECUTE FUNCTION refuse()"
            )
        };
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
    }

    /// How long so many events for an endpoint that works take.
    async fn webhooks(&self, events: usize, trouble: Trouble) -> Duration {
        self.brand("good", self.hooks.url("/good")).await;
        let hanging = Hooks::start().await;
        hanging.answer_always(Answer::Hang);
        if trouble == Trouble::Hanging {
            self.brand("hanging", hanging.url("/")).await;
            self.events("hanging", events).await;
        }
        let _workers = Workers::start(self.house(), &self.plan, 1).await;
        let started = Instant::now();
        self.events("good", events).await;
        until(LONG, "all events are taken", async || self.hooks.received().len() >= events).await;
        let took = started.elapsed();
        if trouble == Trouble::Hanging {
            let mut conn = self.house().db.read().await.unwrap();
            let left = carry::due(&mut conn, &[Lane::Webhooks], self.house().clock.now(), 10).await.unwrap();
            assert!(!left.is_empty(), "the hanging one took something");
        }
        took
    }
}
