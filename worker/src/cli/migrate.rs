//! `migrate`: the schema, and who may do what with it.

use clap::{Args, Subcommand};
use jointforce_shared::{
    config::exit,
    store::{
        Db,
        db::{DbRole, known},
    },
};
use serde_json::json;

use super::output::line;

/// The database's schema. Without more words it is brought up to date, which `run` and `import` also do when they start, and
/// the console of one machine. Whatever only looks never does.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    #[command(subcommand)]
    command: Option<Migrate>,
}

#[derive(Debug, Subcommand)]
enum Migrate {
    /// Show which migrations the database has. Exit 0 if all, 75 if some wait.
    Status {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Print the SQL that `up` would run, and change nothing.
    Plan {
        /// Print JSON, one object a migration.
        #[arg(long)]
        json: bool,
    },
    /// Bring the schema up to date. Safe when many do it at once.
    Up,
    /// Make PostgreSQL's roles, each with the least that it needs, and hand the tables to jointforce_owner. Takes a
    /// superuser; run it again after each `migrate up`. Then grant them to logins: `GRANT jointforce_worker TO jf_host1`,
    /// and jointforce_sealer to those workers that seal. Tables' former owner stays a member of jointforce_migrate until you
    /// take that away.
    Roles {
        /// Print the SQL, for whoever may run it, and change nothing.
        #[arg(long)]
        print: bool,
        /// Print JSON, one object a statement; with --print.
        #[arg(long, requires = "print")]
        json: bool,
    },
}

/// Does it.
///
/// # Errors
/// What the database says; a newer schema that no longer serves this program.
pub async fn run(db: &Db, args: &MigrateArgs) -> anyhow::Result<u8> {
    match args.command {
        None | Some(Migrate::Up) => {
            db.migrate().await?;
            line(&format!("schema {} is up to date", db.schema_version().await?))?;
        }
        Some(Migrate::Status { json }) => {
            let steps = db.steps().await?;
            for step in &steps {
                line(&if json {
                    json!({ "version": step.version, "name": step.name, "applied": step.applied }).to_string()
                } else {
                    format!("{:>4} {:<24} {}", step.version, step.name, if step.applied { "applied" } else { "waits" })
                })?;
            }
            if steps.iter().any(|step| !step.applied) {
                return Ok(exit::TEMPORARY);
            }
            let found = db.check_schema().await?;
            if found > known() && !json {
                line(&format!("schema {found} is a newer program's; it serves this one's {} too", known()))?;
            }
        }
        Some(Migrate::Plan { json }) => {
            let steps = db.steps().await?;
            let waiting: Vec<_> = steps.iter().filter(|step| !step.applied).collect();
            for step in &waiting {
                line(&if json {
                    json!({ "version": step.version, "name": step.name, "sql": step.sql }).to_string()
                } else {
                    format!("-- {:04}_{}\n{}", step.version, step.name, step.sql)
                })?;
            }
            if waiting.is_empty() && !json {
                line(&format!("-- schema {} is up to date, nothing to do", known()))?;
            }
        }
        Some(Migrate::Roles { print: true, json }) => {
            for statement in db.role_statements().await? {
                line(&if json { json!({ "sql": statement }).to_string() } else { format!("{statement};") })?;
            }
        }
        Some(Migrate::Roles { print: false, .. }) => {
            db.migrate().await?;
            db.make_roles().await?;
            for role in DbRole::ALL {
                line(&format!("{} is there", role.name()))?;
            }
            line("grant them to logins, for example: GRANT jointforce_worker, jointforce_sealer TO jf_host1")?;
        }
    }
    Ok(exit::OK)
}
