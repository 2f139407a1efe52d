//! `doctor`: everything that has to be right before a worker can work, looked at, with the fix beside what is wrong.

mod database;
pub mod deep;
mod fleet;
mod machine;
mod queue;
mod transport;

use clap::Args;
use jointforce_shared::{commands::House, config::Places};
use serde_json::json;

use super::{
    output::{line, safe},
    settings::{self, Read},
};

/// How thoroughly to look.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Read the whole record too: every rule that always holds, and the audit record against its seals. Takes minutes on
    /// a big database.
    #[arg(long)]
    deep: bool,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Healthy.
const HEALTHY: u8 = 0;
/// Works, but somebody should look.
const WARNED: u8 = 1;
/// Doesn't work, or isn't safe.
const FAILED: u8 = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Fine,
    Warning,
    Failure,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    name: &'static str,
    verdict: Verdict,
    found: String,
    fix: String,
}

/// What was looked at so far.
#[derive(Debug, Default)]
pub struct Checks(Vec<Check>);

impl Checks {
    pub fn fine(&mut self, name: &'static str, found: impl Into<String>) {
        self.0.push(Check { name, verdict: Verdict::Fine, found: found.into(), fix: String::new() });
    }

    pub fn warn(&mut self, name: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Check { name, verdict: Verdict::Warning, found: found.into(), fix: fix.into() });
    }

    pub fn fail(&mut self, name: &'static str, found: impl Into<String>, fix: impl Into<String>) {
        self.0.push(Check { name, verdict: Verdict::Failure, found: found.into(), fix: fix.into() });
    }

    /// Prints all of them.
    pub fn print(&self, json: bool) -> std::io::Result<()> {
        for check in &self.0 {
            line(&if json { as_json(check) } else { as_line(check) })?;
        }
        Ok(())
    }

    /// Whether one of them failed.
    pub fn failed(&self) -> bool {
        self.worst() == Verdict::Failure
    }

    fn worst(&self) -> Verdict {
        self.0.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Fine)
    }
}

/// Looks at everything. Exit 0 healthy, 1 with warnings, 2 with failures.
///
/// # Errors
/// When nothing can be looked at: the command line's own settings are wrong.
pub async fn run(read: &Read, args: &DoctorArgs) -> anyhow::Result<u8> {
    let (_, run) = settings::as_run(read)?;
    let cli = &read.cli.places;
    let places = Places::find(cli.database_url.clone(), cli.redis_url.clone(), cli.data_dir.clone())?;
    let mut checks = Checks::default();
    machine::look(&mut checks, read, &run, &places);
    transport::look(&mut checks, &places, &run);
    queue::look(&mut checks, &places, &run).await;
    if let Some(db) = database::look(&mut checks, &places).await {
        match House::open(db.clone()).await {
            Ok(house) => {
                checks.fine("policy", format!("version {} can be read", house.policy_version));
                fleet::look(&mut checks, &house).await;
                if args.deep {
                    deep::look(&mut checks, &house, &places, &run).await;
                }
            }
            Err(error) => checks.fail("policy", error.to_string(), "Correct it with `jointforce-worker policy load`."),
        }
        db.close().await;
    }
    checks.print(args.json)?;
    Ok(match checks.worst() {
        Verdict::Fine => HEALTHY,
        Verdict::Warning => WARNED,
        Verdict::Failure => FAILED,
    })
}

fn as_line(check: &Check) -> String {
    let word = match check.verdict {
        Verdict::Fine => "ok  ",
        Verdict::Warning => "WARN",
        Verdict::Failure => "FAIL",
    };
    let fix = if check.fix.is_empty() { String::new() } else { format!("\n     {:<14} {}", "", safe(&check.fix, 400)) };
    format!("{word} {:<14} {}{fix}", check.name, safe(&check.found, 600))
}

fn as_json(check: &Check) -> String {
    let verdict = match check.verdict {
        Verdict::Fine => "ok",
        Verdict::Warning => "warning",
        Verdict::Failure => "failure",
    };
    json!({ "check": check.name, "verdict": verdict, "found": check.found, "fix": check.fix }).to_string()
}
