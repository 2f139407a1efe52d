//! The schema: one portable set of migrations, applied in order, safe when many processes start at once.

use std::{borrow::Cow, fs::File};

use sqlx::{
    Row as _, SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::{Db, Error, Result, guards};

/// Every migration, oldest first. A released one is never edited; a test compares checksums.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "main", include_str!("../../../../migrations/0001_main.sql")),
    (2, "audit_seals", include_str!("../../../../migrations/0002_audit_seals.sql")),
    (3, "statements", include_str!("../../../../migrations/0003_statements.sql")),
    (4, "trust", include_str!("../../../../migrations/0004_trust.sql")),
    (5, "authenticity", include_str!("../../../../migrations/0005_authenticity.sql")),
    (6, "counter_notices", include_str!("../../../../migrations/0006_counter_notices.sql")),
    (7, "penalties", include_str!("../../../../migrations/0007_penalties.sql")),
    (8, "on_call", include_str!("../../../../migrations/0008_on_call.sql")),
    (9, "quality", include_str!("../../../../migrations/0009_quality.sql")),
    (10, "fleet", include_str!("../../../../migrations/0010_fleet.sql")),
    (11, "operator_keys", include_str!("../../../../migrations/0011_operator_keys.sql")),
];

fn migrator() -> Migrator {
    let migrations = MIGRATIONS
        .iter()
        .map(|(version, description, sql)| {
            Migration::new(*version, Cow::Borrowed(description), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations)
}

/// The newest schema this program knows.
#[must_use]
fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

impl Db {
    /// Brings the schema up to date. Ten processes may call it at once: PostgreSQL's advisory lock, or a lock file
    /// beside the SQLite file, lets one work while the others wait.
    ///
    /// # Errors
    /// [`Error::Newer`] if the database was made by a newer program; then nothing is changed.
    pub async fn migrate(&self) -> Result<()> {
        let migrated = match self {
            Self::Sqlite { path, writer, .. } => {
                let mut lock_path = path.clone().into_os_string();
                lock_path.push(".migrate.lock");
                let lock = tokio::task::spawn_blocking(move || {
                    let file = File::create(&lock_path)?;
                    file.lock().map(|()| file)
                })
                .await
                .map_err(|error| Error::Away(error.to_string()))?
                .map_err(|error| Error::Away(format!("{}: {error}", path.display())))?;
                let result = match migrator().run(writer).await {
                    Ok(()) => guards::on_sqlite(writer).await.map_err(MigrateError::Execute),
                    Err(error) => Err(error),
                };
                drop(lock);
                result
            }
            Self::Postgres(pool, _) => {
                // Statements that wait for the migration lock of another process may wait long.
                let mut connection = pool.acquire().await?;
                sqlx::query("SET statement_timeout = 0").execute(&mut *connection).await?;
                sqlx::query("SET lock_timeout = 0").execute(&mut *connection).await?;
                let mut result = migrator().run_direct(None, &mut *connection, false).await;
                if result.is_ok() {
                    result = guards::on_postgres(&mut connection).await.map_err(MigrateError::Execute);
                }
                // The session's settings were changed: it must not go back into the pool.
                drop(connection.detach());
                result
            }
        };
        match migrated {
            Ok(()) => Ok(()),
            Err(MigrateError::VersionMissing(_)) => {
                Err(Error::Newer { found: self.schema_version().await?, known: known() })
            }
            Err(MigrateError::VersionMismatch(version)) => Err(Error::Foreign(format!("migration {version} differs"))),
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
            Err(other) => Err(Error::Foreign(other.to_string())),
        }
    }

    /// Whether the schema is exactly the one this program knows, without changing anything.
    ///
    /// # Errors
    /// [`Error::Newer`], or [`Error::Foreign`] when migrations are missing: run `jointforce-worker migrate`.
    pub async fn check_schema(&self) -> Result<()> {
        let found = self.schema_version().await?;
        match found.cmp(&known()) {
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Error::Newer { found, known: known() }),
            std::cmp::Ordering::Less => Err(Error::Foreign(format!(
                "schema {found} is older than this program's {}; run `jointforce-worker migrate`",
                known()
            ))),
        }
    }

    /// The newest migration applied, 0 for an empty database.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn schema_version(&self) -> Result<i64> {
        const NEWEST: &str = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";
        match self {
            Self::Sqlite { writer, .. } => {
                let exists = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'");
                if exists.fetch_optional(writer).await?.is_none() {
                    return Ok(0);
                }
                Ok(sqlx::query(NEWEST).fetch_one(writer).await?.try_get(0)?)
            }
            Self::Postgres(pool, _) => {
                let exists = sqlx::query("SELECT 1 WHERE to_regclass('_sqlx_migrations') IS NOT NULL");
                if exists.fetch_optional(pool).await?.is_none() {
                    return Ok(0);
                }
                Ok(sqlx::query(NEWEST).fetch_one(pool).await?.try_get(0)?)
            }
        }
    }
}
