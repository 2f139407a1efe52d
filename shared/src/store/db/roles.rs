//! PostgreSQL's roles, each with the least that it needs. They can't log in: whoever runs the server grants them to
//! logins, with whatever authentication is usual there.

use sqlx::{AssertSqlSafe, Row as _};

use super::{Db, Error, Result};

/// A role in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DbRole {
    /// Owns every table, and nobody logs in as it.
    Owner,
    /// Changes the schema.
    Migrate,
    /// Carries effects out.
    Worker,
    /// Decides cases; staff, policy and rota too, which the program guards by the operator's role.
    Console,
    /// Takes what brands answer.
    Portal,
    /// Numbers and signs the audit record.
    Sealer,
    /// Reads everything but secrets.
    Auditor,
    /// Reads the few columns that graphs are drawn from: no names, no words, no ids of people.
    Metrics,
}

/// The record: written once.
const RECORD: &str = "audit";
/// Its seals.
const SEALS: [&str; 3] = ["audit_leaves", "audit_nodes", "audit_checkpoints"];
/// The columns that metrics may read, by table.
const MEASURED: [(&str, &str); 12] = [
    ("effects", "kind, lane, endpoint, state, due_at, attempts, created_at, ended_at"),
    ("effects_done", "kind, lane, state, due_at, attempts, created_at, ended_at"),
    ("lanes", "name, paused_at, rate"),
    ("endpoints", "name, failures, parked_until, failed_at"),
    ("cases", "state, due_at"),
    ("pages", "kind, state, raised_at"),
    ("breakers", "tripped_at"),
    ("audit", "id, at"),
    ("audit_leaves", "leaf, event_id"),
    ("audit_checkpoints", "size, made_at"),
    ("statements", "state, due_at"),
    ("workers", "name, started_at, seen_at, queue, state, version, schema"),
];

impl DbRole {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Owner,
        Self::Migrate,
        Self::Worker,
        Self::Console,
        Self::Portal,
        Self::Sealer,
        Self::Auditor,
        Self::Metrics,
    ];

    /// Its name in the server.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "jointforce_owner",
            Self::Migrate => "jointforce_migrate",
            Self::Worker => "jointforce_worker",
            Self::Console => "jointforce_console",
            Self::Portal => "jointforce_portal",
            Self::Sealer => "jointforce_sealer",
            Self::Auditor => "jointforce_auditor",
            Self::Metrics => "jointforce_metrics",
        }
    }

    /// What it may do with a table, as GRANT says it; nothing where that is empty. A table that is named nowhere here is
    /// one of the field's own.
    fn rights(self, table: &str) -> &'static str {
        const ALL: &str = "SELECT, INSERT, UPDATE, DELETE";
        const ADD: &str = "SELECT, INSERT";
        const READ: &str = "SELECT";
        let is_seal = SEALS.contains(&table);
        match (self, table) {
            (Self::Owner | Self::Migrate, _) => "",
            (_, "_sqlx_migrations" | "schema_serves") => READ,
            (Self::Sealer, RECORD | "policy") => READ,
            (Self::Sealer, "leases") => ALL,
            (Self::Sealer, _) => {
                if is_seal {
                    ADD
                } else {
                    ""
                }
            }
            (Self::Metrics, _) => "",
            // By column, below: it holds secrets.
            (Self::Auditor, "brands") => "",
            (Self::Auditor, _) => READ,
            (Self::Worker | Self::Console | Self::Portal, RECORD | "effects_done") => ADD,
            (Self::Worker | Self::Console, _) if is_seal => READ,
            (Self::Portal, _) if is_seal => "",
            (Self::Worker | Self::Portal, "operators" | "policy" | "rotas") => READ,
            (Self::Worker, _) => ALL,
            (Self::Console, "workers" | "leases") => READ,
            // What ended leaves the hot table for the other in one transaction.
            (Self::Console | Self::Portal, "effects") => ALL,
            (Self::Console, _) => ALL,
            (Self::Portal, "workers" | "leases") => "",
            (Self::Portal, _) => "SELECT, INSERT, UPDATE",
        }
    }
}

impl Db {
    /// The statements that make every role and give it its rights, as the schema is now. They may be run again at any
    /// time, and have to be after a migration that made tables.
    ///
    /// # Errors
    /// [`Error::Foreign`] for SQLite, which has no roles; what the database says.
    pub async fn role_statements(&self) -> Result<Vec<String>> {
        let Self::Postgres(pool, _) = self else {
            return Err(Error::Foreign("an SQLite file has no roles: its owner is who may write the file".into()));
        };
        let sql = "SELECT tablename::text AS name, tableowner::text AS owner FROM pg_tables WHERE schemaname = current_schema()
                   UNION ALL
                   SELECT viewname::text, viewowner::text FROM pg_views WHERE schemaname = current_schema() ORDER BY 1";
        let mut tables: Vec<(String, String)> = vec![];
        for row in sqlx::query(sql).fetch_all(pool).await? {
            tables.push((row.try_get("name")?, row.try_get("owner")?));
        }
        let sql = "SELECT current_schema()::text AS schema, current_database()::text AS database,
                          (SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)
                           FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'brands'
                             AND column_name <> 'webhook_secret') AS brands";
        let row = sqlx::query(sql).fetch_one(pool).await?;
        let (schema, database): (String, String) = (row.try_get("schema")?, row.try_get("database")?);
        let brands: String = row.try_get("brands")?;
        let owner = DbRole::Owner.name();
        let mut said = vec![];
        for role in DbRole::ALL {
            let name = role.name();
            said.push(format!(
                "DO $$ BEGIN CREATE ROLE {name} NOLOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            ));
            said.push(format!("GRANT CONNECT ON DATABASE {} TO {name}", quoted(&database)));
            said.push(format!("GRANT USAGE ON SCHEMA {} TO {name}", quoted(&schema)));
        }
        said.push(format!("GRANT CREATE ON SCHEMA {} TO {owner}", quoted(&schema)));
        said.push(format!("GRANT {owner} TO {}", DbRole::Migrate.name()));
        // Whoever owned the tables goes on as before, until somebody takes this away.
        let mut owners: Vec<&String> = tables.iter().map(|(_, owner)| owner).filter(|who| *who != owner).collect();
        owners.sort();
        owners.dedup();
        said.extend(owners.iter().map(|who| format!("GRANT {} TO {}", DbRole::Migrate.name(), quoted(who))));
        for (table, _) in &tables {
            let table_name = quoted(table);
            said.push(format!("REVOKE ALL ON {table_name} FROM PUBLIC"));
            for role in DbRole::ALL.into_iter().filter(|role| *role != DbRole::Owner) {
                said.push(format!("REVOKE ALL ON {table_name} FROM {}", role.name()));
                let rights = role.rights(table);
                if !rights.is_empty() {
                    said.push(format!("GRANT {rights} ON {table_name} TO {}", role.name()));
                }
            }
        }
        said.push(format!("GRANT SELECT ({brands}) ON brands TO {}", DbRole::Auditor.name()));
        for (table, columns) in MEASURED {
            said.push(format!("GRANT SELECT ({columns}) ON {table} TO {}", DbRole::Metrics.name()));
        }
        // Last: a table's new owner has all rights, and keeps what was granted.
        said.extend(tables.iter().map(|(table, _)| format!("ALTER TABLE {} OWNER TO {owner}", quoted(table))));
        said.push(format!("ALTER FUNCTION audit_is_append_only() OWNER TO {owner}"));
        Ok(said)
    }

    /// Makes every role and gives it its rights, all or nothing. Takes a superuser, or the tables' owner who may make
    /// roles.
    ///
    /// # Errors
    /// As [`Db::role_statements`]; what the database says, mostly that this user may not.
    pub async fn make_roles(&self) -> Result<usize> {
        let said = self.role_statements().await?;
        let mut tx = self.write().await?;
        if let super::Driver::Postgres(on) = tx.driver() {
            for statement in &said {
                sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *on).await?;
            }
        }
        tx.commit().await?;
        Ok(said.len())
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
