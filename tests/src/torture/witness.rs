//! A witness inside the database: a trigger that writes down every step of every effect, and who took it. It knows
//! nothing of the program, so a broken fence or a second completion can't hide behind it.

use jointforce_shared::store::Db;
use sqlx::AssertSqlSafe;

const POSTGRES: &str = "
    CREATE TABLE witness (n bigserial PRIMARY KEY, at bigint, effect text, was text, became text, attempts_before bigint,
                          attempts bigint, leased_until bigint, who text);
    CREATE INDEX witness_by_effect ON witness (effect);
    CREATE FUNCTION witness_effect() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until, who)
        VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, OLD.id, OLD.state,
                coalesce((SELECT state FROM effects_done WHERE id = OLD.id), 'moved'), OLD.attempts, OLD.attempts,
                OLD.lease_until, coalesce(current_setting('torture.worker', true), ''));
      ELSIF OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts OR OLD.lease_by IS DISTINCT FROM NEW.lease_by THEN
        INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until, who)
        VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, NEW.id, OLD.state, NEW.state, OLD.attempts, NEW.attempts,
                OLD.lease_until, coalesce(current_setting('torture.worker', true), ''));
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER witness AFTER UPDATE OR DELETE ON effects FOR EACH ROW EXECUTE FUNCTION witness_effect();";

const SQLITE: &str = "
    CREATE TABLE witness (n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, effect TEXT, was TEXT, became TEXT,
                          attempts_before INTEGER, attempts INTEGER, leased_until INTEGER, who TEXT);
    CREATE INDEX witness_by_effect ON witness (effect);
    CREATE TRIGGER witness_step AFTER UPDATE ON effects
    WHEN OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts OR OLD.lease_by IS NOT NEW.lease_by
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until, who)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), NEW.id, OLD.state, NEW.state, OLD.attempts, NEW.attempts, OLD.lease_until, '');
    END;
    CREATE TRIGGER witness_end AFTER DELETE ON effects
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until, who)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), OLD.id, OLD.state,
              coalesce((SELECT state FROM effects_done WHERE id = OLD.id), 'moved'), OLD.attempts, OLD.attempts, OLD.lease_until, '');
    END;";

/// The rules of the ledger's steps, each with the query that finds what breaks it.
pub const RULES: [(&str, &str); 5] = [
    (
        "I2 an effect is completed once",
        "SELECT effect FROM witness WHERE became = 'done' GROUP BY effect HAVING count(*) > 1 LIMIT 20",
    ),
    (
        "I2 what ended stays ended",
        "SELECT effect FROM witness WHERE was IN ('done', 'cancelled', 'dropped') AND became NOT IN (was, 'moved') LIMIT 20",
    ),
    (
        "I2 only an effect that ended leaves the ledger",
        "SELECT effect FROM witness WHERE became = 'moved' AND NOT EXISTS (SELECT 1 FROM effects_done d WHERE d.id = effect) LIMIT 20",
    ),
    (
        // Whoever ends a lease has that attempt's lease himself, or the lease ran out.
        "I2 a lease is ended by who has it, or by its end",
        "SELECT w.effect FROM witness w WHERE w.was = 'running' AND w.became <> 'running'
           AND NOT EXISTS (SELECT 1 FROM witness l WHERE l.effect = w.effect AND l.became = 'running' AND l.attempts = w.attempts_before
                             AND l.who = w.who AND l.n < w.n)
           AND NOT (w.became IN ('due', 'dead') AND w.leased_until <= w.at) LIMIT 20",
    ),
    (
        "I2 a lease is taken from nobody",
        "SELECT effect FROM witness WHERE was = 'running' AND became = 'running' LIMIT 20",
    ),
];

/// Puts the witness up.
pub async fn install(db: &Db) {
    match db {
        Db::Postgres(pool, _) => sqlx::raw_sql(POSTGRES).execute(pool).await.map(drop),
        Db::Sqlite { writer, .. } => sqlx::raw_sql(SQLITE).execute(writer).await.map(drop),
    }
    .expect("a witness");
}

/// The first column of every row, as text.
pub async fn texts(db: &Db, sql: &str) -> Result<Vec<String>, sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Postgres(pool, _) => sqlx::query_scalar(sql).fetch_all(pool).await,
        Db::Sqlite { readers, .. } => sqlx::query_scalar(sql).fetch_all(readers).await,
    }
}

/// The one number that a query gives; none while the database is away.
pub async fn number(db: &Db, sql: &str) -> Option<i64> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Postgres(pool, _) => sqlx::query_scalar(sql).fetch_one(pool).await,
        Db::Sqlite { readers, .. } => sqlx::query_scalar(sql).fetch_one(readers).await,
    }
    .ok()
}

/// How many steps were seen so far; none while the database is away.
pub async fn steps(db: &Db) -> Option<i64> {
    number(db, "SELECT coalesce(max(n), 0) FROM witness").await
}
