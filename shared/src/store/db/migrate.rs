//! The schema: one portable set of migrations, applied in order, safe when many processes start at once.

use std::{borrow::Cow, fs::File};

use sqlx::{
    Row as _, SqlSafeStr as _,
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::{Db, Error, Result, guards, server::lends_sessions};

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
    (12, "console", include_str!("../../../../migrations/0012_console.sql")),
    (13, "top", include_str!("../../../../migrations/0013_top.sql")),
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
pub fn known() -> i64 {
    MIGRATIONS.last().map_or(0, |(version, ..)| *version)
}

/// A migration that this program knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its number.
    pub version: i64,
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub sql: &'static str,
    /// Whether the database has it.
    pub applied: bool,
}

impl Db {
    /// Brings the schema up to date. Ten processes may call it at once: PostgreSQL's advisory lock, or a lock file
    /// beside the SQLite file, lets one work while the others wait. A newer schema that serves this program stays as it is.
    ///
    /// # Errors
    /// [`Error::Newer`] if a newer program's schema doesn't serve this one any more, [`Error::Url`] if there is something to do
    /// and sessions are lent ([`Self::lends_sessions`]); then nothing is changed.
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
            // Also what a role with the least rights can do, which may make no table.
            Self::Postgres(..) if self.is_up_to_date().await? => Ok(()),
            // The lock would be lost between two statements, and stay on a session that is somebody else's by then.
            Self::Postgres(pool, _) if lends_sessions(pool).await? => {
                return Err(Error::Url(
                    "the database is behind a pooler that lends a session for one transaction (PgBouncer with pool_mode = transaction), and migrations hold a lock of their session: give PostgreSQL's own address in DATABASE_URL"
                        .to_owned(),
                ));
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
            // A newer program was here, or was faster.
            Err(MigrateError::VersionMissing(_)) => self.check_schema().await.map(drop),
            Err(MigrateError::VersionMismatch(version)) => Err(Error::Foreign(format!("migration {version} differs"))),
            Err(MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)) => Err(error.into()),
            Err(other) => Err(Error::Foreign(other.to_string())),
        }
    }

    /// For whatever only looks, or changes no more than a few rows: the schema has to be there. None is made or changed
    /// but that of an embedded database which is new, so that nobody upgrades a fleet by a look.
    ///
    /// # Errors
    /// As [`Self::check_schema`].
    pub async fn check_or_begin(&self) -> Result<()> {
        if self.is_embedded() && self.schema_version().await? == 0 {
            return self.migrate().await;
        }
        self.check_schema().await.map(drop)
    }

    /// Every migration that this program knows, oldest first. Changes nothing.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn steps(&self) -> Result<Vec<Step>> {
        let applied = self.applied().await?;
        let is_applied = |version| applied.iter().any(|(there, _)| *there == version);
        let step = |(version, name, sql): &(i64, &'static str, &'static str)| Step {
            version: *version,
            name,
            sql,
            applied: is_applied(*version),
        };
        Ok(MIGRATIONS.iter().map(step).collect())
    }

    /// Whether there is nothing to migrate, guards included.
    async fn is_up_to_date(&self) -> Result<bool> {
        let applied = self.applied().await?;
        let migrator = migrator();
        for (version, checksum) in &applied {
            match migrator.iter().find(|known| known.version == *version) {
                None => return self.check_schema().await.map(|_| true),
                Some(known) if *known.checksum != **checksum => {
                    return Err(Error::Foreign(format!("migration {version} differs")));
                }
                Some(_) => {}
            }
        }
        let guarded = match self {
            Self::Sqlite { .. } => false,
            Self::Postgres(pool, _) => guards::are_on_postgres(&mut *pool.acquire().await?).await?,
        };
        Ok(guarded && applied.len() == MIGRATIONS.len())
    }

    /// The migrations that the database has, with their checksums.
    async fn applied(&self) -> Result<Vec<(i64, Vec<u8>)>> {
        if self.schema_version().await? == 0 {
            return Ok(vec![]);
        }
        const ALL: &str = "SELECT version, checksum FROM _sqlx_migrations ORDER BY version";
        let mut applied = vec![];
        match self {
            Self::Sqlite { writer, .. } => {
                for row in sqlx::query(ALL).fetch_all(writer).await? {
                    applied.push((row.try_get(0)?, row.try_get(1)?));
                }
            }
            Self::Postgres(pool, _) => {
                for row in sqlx::query(ALL).fetch_all(pool).await? {
                    applied.push((row.try_get(0)?, row.try_get(1)?));
                }
            }
        }
        Ok(applied)
    }

    /// Which schema is there, if it serves this program: its own, or a newer one that only added to it, as while a fleet
    /// is upgraded. Changes nothing.
    ///
    /// # Errors
    /// [`Error::Newer`], or [`Error::Older`] when migrations are missing.
    pub async fn check_schema(&self) -> Result<i64> {
        let found = self.schema_version().await?;
        match found.cmp(&known()) {
            std::cmp::Ordering::Equal => Ok(found),
            std::cmp::Ordering::Greater if self.oldest_served().await? <= known() => Ok(found),
            std::cmp::Ordering::Greater => Err(Error::Newer { found, known: known() }),
            std::cmp::Ordering::Less => Err(Error::Older { found, known: known() }),
        }
    }

    /// The oldest schema whose programs this one still serves: what the migrations that took something away raise.
    async fn oldest_served(&self) -> Result<i64> {
        const OLDEST: &str = "SELECT oldest FROM schema_serves";
        Ok(match self {
            Self::Sqlite { writer, .. } => sqlx::query(OLDEST).fetch_one(writer).await?.try_get(0)?,
            Self::Postgres(pool, _) => sqlx::query(OLDEST).fetch_one(pool).await?.try_get(0)?,
        })
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
