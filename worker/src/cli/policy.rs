//! `policy`: the numbers that a marketplace may want otherwise.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{
        Actor, House,
        approval::Waits,
        policy::{self, Changed, NewPolicy},
    },
    config::exit,
    domain::refused::Refused,
    store::policies::{self, Version},
};
use serde_json::{Map, Value, json};

use super::output::{line, safe};

/// The most that a policy file may hold, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// What can be done with the policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Show the policy in force, one field a line.
    Show {
        /// Only this field, or the fields of this group: grace, tiers.standard, ladder.
        field: Option<String>,
        /// Say where each value comes from: the defaults, or who changed it, when and why.
        #[arg(long)]
        origin: bool,
        /// Print one JSON document; without --origin it is what `policy load` reads.
        #[arg(long)]
        json: bool,
    },
    /// Change fields, all of them or none. For admins.
    ///
    /// A value is a number, a text (10 s, 24 h, 3 working days) or JSON. The word null takes an entry of a map away:
    /// `policy set calendar.hours.fri=null --reason "Fridays off"`.
    Set {
        /// What to change to what, for example grace=15s batch_max=20.
        #[arg(required = true, value_name = "FIELD=VALUE", value_parser = assignment)]
        values: Vec<(String, String)>,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Put the policy of a JSON file in force; what it does not name gets its default. For admins.
    Load {
        /// A JSON object, as `policy show --json` prints it.
        file: PathBuf,
        /// Why; goes on the record.
        #[arg(long)]
        reason: String,
    },
    /// Say what is wrong with a file, or what it would change; changes nothing.
    Check {
        /// A JSON object, as `policy show --json` prints it.
        file: PathBuf,
    },
    /// Show who changed what, when and why, newest first.
    History {
        /// How many versions at most.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() => Ok((field.trim().to_owned(), value.trim().to_owned())),
        _ => Err("write FIELD=VALUE, for example grace=15s".to_owned()),
    }
}

/// Does it.
pub async fn run(house: &House, command: PolicyCommand) -> anyhow::Result<u8> {
    match command {
        PolicyCommand::Show { field, origin, json } => show(house, field.as_deref(), origin, json).await?,
        PolicyCommand::Set { values, reason } => change(house, &NewPolicy::Set(values), &reason).await?,
        PolicyCommand::Load { file, reason } => change(house, &NewPolicy::Load(read(&file)?), &reason).await?,
        PolicyCommand::Check { file } => {
            let (_, now) = policy::in_force(&mut house.db.read().await?).await?;
            let changes = now.changes(&NewPolicy::Load(read(&file)?).of(&now)?);
            for change in &changes {
                line(&safe(&change.to_string(), 400))?;
            }
            line(&format!("valid; it would change {} fields", changes.len()))?;
        }
        PolicyCommand::History { limit, json } => {
            for version in policies::history(&mut house.db.read().await?, limit).await? {
                line(&if json { as_json(&version).to_string() } else { as_lines(&version) })?;
            }
        }
    }
    Ok(exit::OK)
}

async fn change(house: &House, new: &NewPolicy, reason: &str) -> anyhow::Result<()> {
    let me = account::current().map(Actor::Operator)?;
    let Changed { version, changes, waits } = policy::change(house, &me, new, reason).await?;
    for change in &changes {
        line(&safe(&change.to_string(), 400))?;
    }
    if let Some(Waits { approval, cause }) = waits {
        let because = cause.because();
        return Ok(line(&format!("asked as {approval}: a second person has to say yes, because {because}"))?);
    }
    Ok(line(&format!("version {version} is in force"))?)
}

async fn show(house: &House, only: Option<&str>, origin: bool, json: bool) -> anyhow::Result<()> {
    if json && !origin && only.is_none() {
        let (_, policy) = policy::in_force(&mut house.db.read().await?).await?;
        return Ok(line(&serde_json::to_string_pretty(&policy)?)?);
    }
    let in_group = |name: &str| {
        only.is_none_or(|only| name.strip_prefix(only).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let mut fields = policy::show(house).await?;
    fields.retain(|field| in_group(&field.name));
    if fields.is_empty() {
        let problem = format!("there is no field or group {}", safe(only.unwrap_or_default(), 80));
        return Err(Refused::one("field", problem, "`policy show` lists every field.").into());
    }
    if json {
        let entry = |field: policy::Field| {
            let origin = field.origin.as_ref().map(as_json);
            (
                field.name,
                if origin.is_some() {
                    json!({ "value": field.value, "origin": origin })
                } else {
                    json!({ "value": field.value })
                },
            )
        };
        let document: Map<String, Value> = fields.into_iter().map(entry).collect();
        return Ok(line(&serde_json::to_string_pretty(&document)?)?);
    }
    let width = fields.iter().map(|field| field.name.len()).max().unwrap_or(0);
    for field in fields {
        let value = field.value.as_str().map_or_else(|| field.value.to_string(), str::to_owned);
        let from = match field.origin {
            _ if !origin => String::new(),
            None => "  (default)".to_owned(),
            Some(version) => {
                format!("  (version {}, {}, {}: {})", version.version, version.by, version.at, version.reason)
            }
        };
        line(&safe(&format!("{:<width$}  {value}{from}", field.name), 2000))?;
    }
    Ok(())
}

fn read(file: &Path) -> anyhow::Result<Value> {
    let size = fs::metadata(file).map(|found| found.len()).map_err(|error| unreadable(file, &error))?;
    if size > FILE_MAX {
        return Err(Refused::one("file", "it is larger than 1 MB", "A policy holds a few kilobytes.").into());
    }
    let text = fs::read_to_string(file).map_err(|error| unreadable(file, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let fix = "Write it as `policy show --json` prints it.";
        Refused::one("file", format!("it is no JSON: {error}"), fix).into()
    })
}

fn unreadable(file: &Path, error: &std::io::Error) -> anyhow::Error {
    anyhow::Error::new(std::io::Error::new(error.kind(), format!("{} can't be read: {error}", file.display())))
}

fn as_lines(version: &Version) -> String {
    let mut text =
        safe(&format!("version {}  {}  {}: {}", version.version, version.at, version.by, version.reason), 700);
    for change in &version.changes {
        text += "\n  ";
        text += &safe(&change.to_string(), 400);
    }
    text
}

fn as_json(version: &Version) -> Value {
    json!({
        "version": version.version,
        "at": version.at.to_string(),
        "by": version.by,
        "reason": version.reason,
        "changes": version.changes,
    })
}
