//! From a brand's notice to a removed listing and a brand that knows: real workers as processes, real queues, real
//! receivers of mail and webhooks, on both databases.

mod death;
mod told;
mod trace;

use std::{process::Command, time::Duration};

use jointforce_shared::{
    commands::{
        case::{self, Act, Acted, Request},
        catalogue,
    },
    domain::{decision::RemoveReason, effect::EffectState, ids::CaseId, listing::ListingState},
    store::{effects, listings},
};
use jointforce_tests::{
    hooks::Hooks,
    mail::Mailbox,
    programs::{self, Running},
    servers::{Database, postgres_database, redis_url, sqlite_database},
    wait::until,
    world::{World, brand, listing_id, who},
};

/// A signing secret, as a brand and the marketplace get one.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Long enough for a busy machine; a test that needs it all has failed.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A world with everything outside it: mail, the brand's endpoint, the marketplace's.
pub struct Stage {
    pub world: World,
    pub mail: Mailbox,
    pub hooks: Hooks,
    pub redis: Option<String>,
    pub database: Database,
}

impl Stage {
    pub async fn on_sqlite() -> Self {
        Self::set(sqlite_database(), None).await
    }

    pub async fn on_postgres_alone() -> Self {
        Self::set(postgres_database().await, None).await
    }

    pub async fn on_postgres_and_redis() -> Self {
        Self::set(postgres_database().await, Some(redis_url())).await
    }

    pub async fn set(database: Database, redis: Option<String>) -> Self {
        let mut world = World::new(&database.url).await;
        // A moment instead of ten seconds, so that tests need not wait for what is not theirs.
        world.house.policy.grace = Duration::from_millis(50);
        let (mail, hooks) = (Mailbox::start().await, Hooks::start().await);
        let mut acme = brand("acme");
        acme.webhook_url = Some(hooks.url("/acme"));
        acme.webhook_secret = Some(SECRET.to_owned());
        catalogue::load_brands(&world.house, &World::import(), &[acme]).await.unwrap();
        Self { world, mail, hooks, redis, database }
    }

    /// The worker's command line for this stage.
    pub fn worker(&self) -> Command {
        let mut command = programs::worker();
        command
            .arg("run")
            .env("DATABASE_URL", &self.database.url)
            .env("SMTP_URL", self.mail.url())
            .env("MARKETPLACE_URL", self.hooks.url("/marketplace"))
            .env("MARKETPLACE_SECRET", SECRET)
            .env("JOINTFORCE_WEBHOOK_ALLOW", "127.0.0.0/8")
            .env("RUST_LOG", "info");
        match &self.redis {
            Some(url) => command.env("REDIS_URL", url),
            None => command.env_remove("REDIS_URL"),
        };
        command
    }

    pub fn start_worker(&self) -> Running {
        Running::start(&self.worker())
    }

    /// Ann removes the listing of a case.
    pub async fn remove(&self, case: CaseId) -> Acted {
        let act = Act::Remove(RemoveReason::CounterfeitListing);
        let request = Request { case, version: None, act, note: String::new() };
        case::act(&self.world.house, &who("ann"), &request).await.unwrap()
    }

    pub async fn undo(&self, case: CaseId) -> Acted {
        let request = Request { case, version: None, act: Act::Undo, note: String::new() };
        case::act(&self.world.house, &who("ann"), &request).await.unwrap()
    }

    pub async fn listing_state(&self, id: &str) -> ListingState {
        let mut conn = self.world.house.db.read().await.unwrap();
        listings::at_version(&mut conn, &listing_id(id), 1).await.unwrap().unwrap().state
    }

    /// How many effects are in this state.
    pub async fn count(&self, state: EffectState) -> usize {
        let mut conn = self.world.house.db.read().await.unwrap();
        effects::list(&mut conn, Some(state), None, 1000).await.unwrap().len()
    }

    /// Waits until nothing is due now or being carried out; timers of later days stay.
    pub async fn settle(&self) {
        until(LIMIT, "the ledger has nothing left to do", async || {
            let mut conn = self.world.house.db.read().await.unwrap();
            let now = self.world.house.clock.now() + Duration::from_secs(3600);
            let backlog = effects::backlog(&mut conn, now).await.unwrap();
            backlog.overdue == 0 && backlog.running == 0
        })
        .await;
    }
}

/// Runs a test on SQLite, on PostgreSQL with the queue in memory, and on PostgreSQL with Redis.
macro_rules! on_every_stage {
    ($($(#[$meta:meta])* async fn $name:ident($stage:ident: Stage) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn promise($stage: Stage) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                promise(Stage::on_sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_alone() {
                promise(Stage::on_postgres_alone().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres_and_redis() {
                promise(Stage::on_postgres_and_redis().await).await;
            }
        }
    )*};
}
pub(crate) use on_every_stage;
