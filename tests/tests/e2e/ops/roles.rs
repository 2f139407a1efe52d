//! PostgreSQL's roles: each can do its work, and what it must not do is refused by the server itself.

use jointforce_shared::{
    commands::{
        House,
        case::{self, Act, Request},
    },
    domain::{decision::RemoveReason, listing::ListingState},
    store::{Db, leases, vitals},
};
use jointforce_tests::{
    programs::{self, Running, Said, run},
    servers::{Database, PrivatePostgres, sqlite_database},
    wait::until,
    world::{World, who},
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::main_job::{LIMIT, Stage};

/// A server where roles were made, with a login `jf_ROLE` for each.
struct Site {
    stage: Stage,
    _server: PrivatePostgres,
}

async fn migrate(url: &str, words: &[&str]) -> Said {
    let mut command = programs::worker();
    command.arg("migrate").args(words).env("DATABASE_URL", url);
    run(command, "").await
}

impl Site {
    async fn new() -> Self {
        let server = PrivatePostgres::start();
        let database: Database = server.database().await;
        let stage = Stage::set(database, None).await;
        let said = migrate(&stage.database.url, &["roles"]).await;
        assert_eq!(said.code, 0, "{}{}", said.output, said.error);
        let again = migrate(&stage.database.url, &["roles"]).await;
        assert_eq!(again.code, 0, "it may be run again: {}", again.error);
        let mut admin = PgConnection::connect(&stage.database.url).await.unwrap();
        for role in ["migrate", "worker", "console", "portal", "sealer", "auditor", "metrics"] {
            let sql = format!("CREATE ROLE jf_{role} LOGIN PASSWORD 'x' IN ROLE jointforce_{role}");
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        }
        Self { stage, _server: server }
    }

    fn url(&self, role: &str) -> String {
        let (_, place) = self.stage.database.url.rsplit_once('@').unwrap();
        format!("postgres://jf_{role}:x@{place}")
    }

    async fn tries(&self, role: &str, sql: &str) -> Result<(), String> {
        let mut connection = PgConnection::connect(&self.url(role)).await.unwrap();
        let mut tx = connection.begin().await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await;
        let _ = tx.rollback().await;
        done.map(drop).map_err(|error| error.to_string())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_does_its_work_and_nothing_else() {
    let site = Site::new().await;
    let stage = &site.stage;

    // The console decides, the worker carries out, metrics and auditors look.
    let console =
        House { policy: stage.world.house.policy.clone(), ..House::open(db(&site, "console").await).await.unwrap() };
    let world = World::new_in(console);
    let case = world.report("n1", &["item-1"]).await[0];
    let act = Act::Remove(RemoveReason::CounterfeitListing);
    let request = Request { case, version: None, act, note: String::new() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
    let mut command = stage.worker();
    command.env("DATABASE_URL", site.url("worker"));
    let mut worker = Running::start(&command);
    worker.wait_for_output("leading the relay", LIMIT).await;
    stage.settle().await;
    until(LIMIT, "the listing is removed", async || stage.listing_state("item-1").await == ListingState::Removed).await;
    assert!(!worker.output().contains("permission denied"), "{}", worker.output());
    let metrics = db(&site, "metrics").await;
    let now = stage.world.house.clock.now();
    vitals::read(&mut metrics.read().await.unwrap(), now, leases::SILENT).await.unwrap();
    let mut auditor = programs::worker();
    auditor.args(["audit", "list"]).env("DATABASE_URL", site.url("auditor"));
    let said = run(auditor, "").await;
    assert_eq!(said.code, 0, "{}", said.error);

    // Nobody does what is not theirs.
    let mut allowed = vec![];
    for (role, sql) in FORBIDDEN {
        match site.tries(role, sql).await {
            Err(error) if error.contains("permission denied") || error.contains("must be owner") => {}
            Err(error) => allowed.push(format!("{role}: {sql}: {error}")),
            Ok(()) => allowed.push(format!("{role} may {sql}")),
        }
    }
    assert!(allowed.is_empty(), "{}", allowed.join("\n"));
    // Whoever owns the tables may do all that, but for what a trigger guards.
    let error = site.tries("migrate", "UPDATE audit SET actor = 'x'").await.unwrap_err();
    assert!(error.contains("append-only"), "{error}");
    site.tries("migrate", "ALTER TABLE cases ADD COLUMN x BIGINT").await.unwrap();
}

const FORBIDDEN: [(&str, &str); 34] = [
    ("console", "UPDATE audit SET actor = 'x'"),
    ("console", "DELETE FROM audit"),
    ("console", "TRUNCATE audit"),
    ("console", "ALTER TABLE audit DISABLE TRIGGER ALL"),
    ("console", "INSERT INTO audit_checkpoints (size, root, note, made_at) VALUES (1, 'x', 'x', 1)"),
    ("console", "DELETE FROM effects_done"),
    ("console", "DELETE FROM workers"),
    ("console", "CREATE TABLE x (n bigint)"),
    ("console", "DROP TABLE notices"),
    ("console", "UPDATE _sqlx_migrations SET version = 0"),
    ("worker", "UPDATE audit SET actor = 'x'"),
    ("worker", "DELETE FROM audit"),
    ("worker", "INSERT INTO audit_leaves (leaf, event_id, hash) VALUES (9, 'x', 'x')"),
    ("worker", "UPDATE operators SET role = 'admin'"),
    ("worker", "DELETE FROM policy"),
    ("worker", "UPDATE rotas SET body = 'x'"),
    ("worker", "ALTER TABLE cases ADD COLUMN x BIGINT"),
    ("portal", "UPDATE operators SET role = 'admin'"),
    ("portal", "DELETE FROM cases"),
    ("portal", "SELECT hash FROM audit_leaves"),
    ("portal", "UPDATE audit SET actor = 'x'"),
    ("sealer", "SELECT notifier_email FROM notices"),
    ("sealer", "UPDATE cases SET state = 'open'"),
    ("sealer", "UPDATE audit_leaves SET hash = 'x'"),
    ("sealer", "DELETE FROM audit_checkpoints"),
    ("auditor", "INSERT INTO audit SELECT * FROM audit"),
    ("auditor", "UPDATE cases SET state = 'open'"),
    ("auditor", "DELETE FROM notices"),
    ("auditor", "SELECT webhook_secret FROM brands"),
    ("metrics", "SELECT * FROM notices"),
    ("metrics", "SELECT email FROM sellers"),
    ("metrics", "SELECT payload FROM effects"),
    ("metrics", "SELECT actor, body FROM audit"),
    ("metrics", "UPDATE effects SET state = 'done'"),
];

async fn db(site: &Site, role: &str) -> Db {
    let db = Db::open(&site.url(role)).await.unwrap();
    db.migrate().await.expect("there is nothing to migrate, so nothing to be allowed");
    db
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_migration_would_do_is_shown_before_it_does_it() {
    let server = PrivatePostgres::start();
    let database = server.database().await;
    let status = migrate(&database.url, &["status"]).await;
    assert_eq!(status.code, 75, "{}", status.output);
    assert!(status.output.contains("waits"), "{}", status.output);
    let plan = migrate(&database.url, &["plan"]).await;
    assert!(plan.output.contains("CREATE TABLE cases"), "{}", plan.output);
    assert_eq!(migrate(&database.url, &["status"]).await.code, 75, "the plan changed nothing");
    assert_eq!(migrate(&database.url, &[]).await.code, 0);
    let status = migrate(&database.url, &["status", "--json"]).await;
    assert_eq!(status.code, 0);
    assert!(!status.output.contains("false"), "{}", status.output);
    assert!(migrate(&database.url, &["plan"]).await.output.contains("nothing to do"));
    let print = migrate(&database.url, &["roles", "--print"]).await;
    assert!(print.output.contains("CREATE ROLE jointforce_metrics NOLOGIN"), "{}", print.output);
    let mut admin = PgConnection::connect(&database.url).await.unwrap();
    let made = sqlx::query("SELECT 1 FROM pg_roles WHERE rolname = 'jointforce_metrics'");
    assert!(made.fetch_optional(&mut admin).await.unwrap().is_none(), "printing makes no role");
    let embedded = sqlite_database();
    let refused = migrate(&embedded.url, &["roles"]).await;
    assert_eq!(refused.code, 78, "{}", refused.error);
}
