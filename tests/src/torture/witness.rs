//! A witness inside the database: a trigger that writes down every step of every effect, and who took it. It knows
//! nothing of the program, so a broken fence or a second completion can't hide behind it.

use jointforce_shared::store::Db;
use sqlx::AssertSqlSafe;

const POSTGRES: &str = "
    CREATE TABLE witness (n bigserial PRIMARY KEY, at bigint, effect text, was text, became text, attempts_before bigint,
                          attempts bigint, leased_until bigint, who text);
    CREATE INDEX witness_by_effect ON witness (effect);
    CREATE FUNCTION saw(effect text, was text, became text, attempts_before bigint, attempts bigint, leased_until bigint)
    RETURNS void LANGUAGE sql AS $$
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until, who)
      VALUES ((extract(epoch FROM clock_timestamp()) * 1000000)::bigint, effect, was, became, attempts_before, attempts, leased_until,
              coalesce(current_setting('torture.worker', true), ''))
    $$;
    CREATE FUNCTION witness_open() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' THEN
        PERFORM saw(OLD.id, OLD.state, 'gone', OLD.attempts, OLD.attempts, OLD.lease_until);
      ELSIF OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts OR OLD.lease_by IS DISTINCT FROM NEW.lease_by THEN
        PERFORM saw(NEW.id, OLD.state, NEW.state, OLD.attempts, NEW.attempts, OLD.lease_until);
      END IF;
      RETURN NULL;
    END $$;
    CREATE FUNCTION witness_done() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'INSERT' THEN
        PERFORM saw(NEW.id, 'gone', NEW.state, NEW.attempts, NEW.attempts, NULL);
      ELSE
        PERFORM saw(OLD.id, OLD.state, 'changed', OLD.attempts, OLD.attempts, NULL);
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER witness AFTER UPDATE OR DELETE ON effects FOR EACH ROW EXECUTE FUNCTION witness_open();
    CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON effects_done FOR EACH ROW EXECUTE FUNCTION witness_done();";

/// The same for a file, which only one worker serves: nobody asks who it was.
const SQLITE: &str = "
    CREATE TABLE witness (n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER, effect TEXT, was TEXT, became TEXT,
                          attempts_before INTEGER, attempts INTEGER, leased_until INTEGER, who TEXT DEFAULT '');
    CREATE INDEX witness_by_effect ON witness (effect);
    CREATE TRIGGER witness_step AFTER UPDATE ON effects
    WHEN OLD.state <> NEW.state OR OLD.attempts <> NEW.attempts OR OLD.lease_by IS NOT NEW.lease_by
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), NEW.id, OLD.state, NEW.state, OLD.attempts, NEW.attempts, OLD.lease_until);
    END;
    CREATE TRIGGER witness_gone AFTER DELETE ON effects
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts, leased_until)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), OLD.id, OLD.state, 'gone', OLD.attempts, OLD.attempts, OLD.lease_until);
    END;
    CREATE TRIGGER witness_done AFTER INSERT ON effects_done
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), NEW.id, 'gone', NEW.state, NEW.attempts, NEW.attempts);
    END;
    CREATE TRIGGER witness_changed AFTER UPDATE ON effects_done
    BEGIN
      INSERT INTO witness (at, effect, was, became, attempts_before, attempts)
      VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), OLD.id, OLD.state, 'changed', OLD.attempts, OLD.attempts);
    END;";

/// The rules of the ledger's steps, each with the query that finds what breaks it.
pub const RULES: [(&str, &str); 5] = [
    (
        "I2 an effect is completed once",
        "SELECT effect FROM witness WHERE became = 'done' GROUP BY effect HAVING count(*) > 1 LIMIT 20",
    ),
    (
        "I2 what ended stays ended",
        "SELECT effect FROM witness WHERE was IN ('done', 'cancelled', 'dropped')
         UNION SELECT e.id FROM effects e JOIN effects_done d ON d.id = e.id LIMIT 20",
    ),
    (
        "I2 what leaves the ledger ended",
        "SELECT effect FROM witness WHERE became = 'gone' AND effect NOT IN (SELECT id FROM effects_done) LIMIT 20",
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

/// Statements of one transaction, as a migration is; nothing where people hold the tables for too long.
pub async fn all_or_nothing(db: &Db, sql: String) {
    let sql = AssertSqlSafe(sql);
    let _ = match db {
        // What is sent at once is a transaction there.
        Db::Postgres(pool, _) => sqlx::raw_sql(sql).execute(pool).await.map(drop),
        Db::Sqlite { writer, .. } => {
            let Ok(mut tx) = writer.begin().await else { return };
            if sqlx::raw_sql(sql).execute(&mut *tx).await.is_err() {
                return;
            }
            tx.commit().await
        }
    };
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
