//! A hand in the database: what no program of ours would write.

use sqlx::{Connection as _, Executor as _};

/// Somebody with the database's password runs a statement.
pub async fn tamper(url: &str, sql: &str) {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if url.starts_with("postgres") {
        sqlx::PgConnection::connect(url).await.expect("a connection").execute(sql).await.expect("a statement");
    } else {
        sqlx::SqliteConnection::connect(url).await.expect("a connection").execute(sql).await.expect("a statement");
    }
}
