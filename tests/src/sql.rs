//! Bare statements, for what no command of ours would ever do.

use jointforce_shared::store::Db;
use sqlx::{AssertSqlSafe, Row as _};

/// Runs a statement.
pub async fn execute(db: &Db, sql: impl Into<String>) {
    try_execute(db, sql).await.unwrap();
}

/// Runs a statement that the database may refuse.
pub async fn try_execute(db: &Db, sql: impl Into<String>) -> Result<(), sqlx::Error> {
    let sql = AssertSqlSafe(sql.into());
    match db {
        Db::Sqlite { writer, .. } => sqlx::query(sql).execute(writer).await.map(drop),
        Db::Postgres(pool, _) => sqlx::query(sql).execute(pool).await.map(drop),
    }
}

/// The one number that a statement gives.
pub async fn number(db: &Db, sql: impl Into<String>) -> i64 {
    let sql = AssertSqlSafe(sql.into());
    match db {
        Db::Sqlite { readers, .. } => sqlx::query(sql).fetch_one(readers).await.unwrap().get(0),
        Db::Postgres(pool, _) => sqlx::query(sql).fetch_one(pool).await.unwrap().get(0),
    }
}

/// How many statements wait for a lock, in the database of a PostgreSQL server.
pub async fn waiting_for_locks(db: &Db) -> i64 {
    let waiting =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    number(db, waiting).await
}
