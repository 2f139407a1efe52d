//! `rota`: who is on call.

use std::{io::Read as _, path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{refused::Refused, rota},
    help::unbroken,
    store::rotas,
};
use serde_json::json;

use super::output::line;

/// A rota as it may be loaded once these two work here, and what it means.
const EXAMPLE: &str = r#"A rota is a JSON file:

{
  "zone": "Europe/Berlin",
  "starts": "2026-11-23",
  "people": {"ann": "ann@example.com", "bob": "bob@example.com"},
  "levels": [
    [
      {"days": ["mon", "tue", "wed", "thu", "fri"],
       "from": "09:00", "to": "09:00", "who": ["ann", "bob"]},
      {"days": ["sat", "sun"], "from": "09:00", "to": "09:00", "who": ["bob"]}
    ],
    [
      {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
       "from": "00:00", "to": "00:00", "who": ["bob", "ann"]}
    ]
  ],
  "overrides": [
    {"level": 1, "who": "bob", "from": "2026-12-24T09:00", "to": "2026-12-25T09:00"}
  ]
}

people: accounts of operators, and where their pages are mailed to.
levels: who is paged first, and who when nobody answers. Each covers the whole week once: a hole or an overlap is refused with its first moment.
from, to: on the zone's clock; the same time is 24 hours later.
who: several take turns by the week.
ends may give the first day on which it no longer holds.

Put it into rota.json, then `jointforce-worker rota check rota.json`."#;

/// What can be done with the rota.
#[derive(Debug, Subcommand)]
#[command(after_long_help = unbroken(EXAMPLE))]
pub enum Rota {
    /// Show whose turn it is in the next days.
    Show {
        /// How many days.
        #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u64).range(1..=60))]
        days: u64,
        /// Print the rota as it is loaded: a file to change and load again.
        #[arg(long)]
        json: bool,
    },
    /// Say who is on call now. Exit 75 if some level has nobody.
    Now {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Check a rota as `load` does, and change nothing.
    #[command(after_long_help = unbroken(EXAMPLE))]
    Check {
        /// The file; - for standard input.
        file: PathBuf,
    },
    /// Put a rota in force, in place of the one before.
    #[command(after_long_help = unbroken(EXAMPLE))]
    Load {
        /// The file; - for standard input.
        file: PathBuf,
    },
}

/// Does it.
pub async fn run(house: &House, command: Rota) -> anyhow::Result<u8> {
    match command {
        Rota::Check { file } => {
            let rota = read(&file)?;
            commands::rota::check(&mut house.db.read().await?, &rota).await?;
            line(&format!("{}: nothing is wrong with it; `rota load` puts it in force", summary(&rota)))?;
            Ok(exit::OK)
        }
        Rota::Load { file } => {
            let rota = read(&file)?;
            commands::rota::load(house, &Actor::Operator(account::current()?), &rota).await?;
            line(&format!("{}: in force", summary(&rota)))?;
            Ok(exit::OK)
        }
        Rota::Show { days, json } => show(house, days, json).await,
        Rota::Now { json } => now(house, json).await,
    }
}

fn summary(rota: &rota::Rota) -> String {
    format!("{} levels, {} people, {}", rota.levels.len(), rota.people.len(), rota.zone)
}

fn read(file: &PathBuf) -> anyhow::Result<rota::Rota> {
    let name = file.display();
    let text = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input can't be read")?;
        text
    } else {
        std::fs::read_to_string(file).with_context(|| format!("{name} can't be read"))?
    };
    let fix = "Write it as `rota --help` shows.";
    serde_json::from_str(&text).map_err(|error| Refused::one("rota", format!("{name}: {error}"), fix).into())
}

async fn in_force(house: &House) -> anyhow::Result<rota::Rota> {
    let loaded = rotas::current(&mut house.db.read().await?).await?;
    let none =
        || Refused::one("rota", "none was loaded yet", "Write one as `rota --help` shows, then `rota load FILE`.");
    Ok(loaded.ok_or_else(none)?.rota)
}

async fn show(house: &House, days: u64, json: bool) -> anyhow::Result<u8> {
    let rota = in_force(house).await?;
    if json {
        line(&serde_json::to_string_pretty(&rota)?)?;
        return Ok(exit::OK);
    }
    let now = house.clock.now();
    line(&summary(&rota))?;
    for level in 1..=rota.levels.len() {
        for turn in rota.turns(level, now, now + Duration::from_secs(days * 86_400)) {
            let who = turn.who.map_or_else(|| "NOBODY".to_owned(), |who| who.to_string());
            line(&format!("level {level}  {} - {}  {who}", rota.clock(turn.from), rota.clock(turn.until)))?;
        }
    }
    Ok(exit::OK)
}

async fn now(house: &House, json: bool) -> anyhow::Result<u8> {
    let rota = in_force(house).await?;
    let now = house.clock.now();
    let mut code = exit::OK;
    for level in 1..=rota.levels.len() {
        let turn = rota.turn_at(level, now);
        let who = turn.as_ref().and_then(|turn| turn.who.as_ref());
        let mail = who.and_then(|who| rota.mail_of(who));
        if who.is_none() {
            code = exit::TEMPORARY;
        }
        let until = turn.as_ref().map(|turn| turn.until);
        if json {
            let until = until.map(|until| until.to_string());
            line(&json!({ "level": level, "who": who, "mail": mail, "until": until }).to_string())?;
        } else if let (Some(who), Some(mail), Some(until)) = (who, mail, until) {
            line(&format!("level {level}  {who} <{mail}> until {}", rota.clock(until)))?;
        } else {
            line(&format!("level {level}  NOBODY"))?;
        }
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::{super::Cli, *};

    #[test]
    fn the_rota_that_the_help_shows_can_be_loaded() {
        for words in [&["rota"][..], &["rota", "load"], &["rota", "check"]] {
            let mut command = Cli::command().term_width(50);
            command.build();
            let command = words.iter().fold(&mut command, |command, word| command.find_subcommand_mut(word).unwrap());
            let help = jointforce_shared::help::shown(&command.render_long_help().to_string());
            let from = help.find("\n{\n").unwrap_or_else(|| panic!("{words:?} shows none:\n{help}"));
            let until = help.find("\n}\n").unwrap() + 3;
            let shown: rota::Rota = serde_json::from_str(&help[from..until]).unwrap();
            shown.validate().unwrap();
            assert_eq!((shown.levels.len(), shown.overrides.len()), (2, 1));
        }
    }
}
