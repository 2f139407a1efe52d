//! What only one of the two databases understands, made wherever it is missing after the migrations ran: the audit
//! record and its seals are append-only.

use sqlx::{AssertSqlSafe, PgConnection, Row as _, SqlitePool};

/// Tables to which rows are added, and nothing else.
const APPEND_ONLY: [&str; 4] = ["audit", "audit_leaves", "audit_nodes", "audit_checkpoints"];

/// Makes the triggers of an SQLite file.
pub(super) async fn on_sqlite(writer: &SqlitePool) -> sqlx::Result<()> {
    let triggers: String = APPEND_ONLY
        .iter()
        .flat_map(|table| [(table, "updated", "UPDATE"), (table, "deleted", "DELETE")])
        .map(|(table, never, change)| {
            format!(
                "CREATE TRIGGER IF NOT EXISTS {table}_never_{never} BEFORE {change} ON {table}
                 BEGIN SELECT RAISE(ABORT, 'the audit record is append-only'); END;"
            )
        })
        .collect();
    sqlx::raw_sql(AssertSqlSafe(triggers)).execute(writer).await.map(drop)
}

/// Whether a server has its triggers.
pub(super) async fn are_on_postgres(connection: &mut PgConnection) -> sqlx::Result<bool> {
    let there = sqlx::query("SELECT count(*) FROM pg_trigger WHERE tgname = 'audit_append_only'");
    Ok(there.fetch_one(connection).await?.try_get::<i64, _>(0)? >= APPEND_ONLY.len() as i64)
}

/// Makes the triggers of a server. Ten processes may do this at once, and PostgreSQL refuses concurrent changes of one
/// catalogue row, so it is done under a lock of its own, and only where one is missing.
pub(super) async fn on_postgres(connection: &mut PgConnection) -> sqlx::Result<()> {
    if are_on_postgres(connection).await? {
        return Ok(());
    }
    let function = "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'the audit record is append-only'; END $$;";
    let triggers = APPEND_ONLY.iter().map(|table| {
        format!(
            "DROP TRIGGER IF EXISTS audit_append_only ON {table};
             CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
             EXECUTE FUNCTION audit_is_append_only();"
        )
    });
    let all: String = std::iter::once(function.to_owned()).chain(triggers).collect();
    sqlx::query("SELECT pg_advisory_lock(7106110)").execute(&mut *connection).await?;
    let made = sqlx::raw_sql(AssertSqlSafe(all)).execute(&mut *connection).await;
    sqlx::query("SELECT pg_advisory_unlock(7106110)").execute(&mut *connection).await?;
    made.map(drop)
}
