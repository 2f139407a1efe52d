//! `operators`: who works here, their keys, and the gates through which they come.

use std::{
    fs,
    io::{self, Write},
};

use anyhow::Context as _;
use jointforce_shared::{
    account,
    commands::{
        Actor, House,
        operator::{self, keys, preferences},
    },
    domain::{
        ids::OperatorId,
        operator::{
            Operator,
            preferences::{Preferences, ThemeName},
        },
        refused::Refused,
        safe_text::SafeText,
    },
    store::operators,
};
use serde_json::json;

use crate::{
    cli::{Gate, Keys, Operators, Preference, Signs},
    keys::own,
};

/// Does one of them and says what was done.
pub async fn run(house: &House, command: Operators) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match command {
        Operators::Add { account: id, name, role } => {
            let actor = Actor::Operator(account::current()?);
            let before = operators::get(&mut house.db.read().await?, &id).await?;
            let added = operator::add(house, &actor, id, &name, role).await?;
            let was = match before {
                Some(before) if before.role != role => format!(", was {}", before.role.title()),
                _ => String::new(),
            };
            writeln!(out, "{} may sign in as {}{was}", added.id, added.role.title())?;
        }
        Operators::List { json } => {
            let mut conn = house.db.read().await?;
            let staff = operators::list(&mut conn).await?;
            if staff.is_empty() {
                eprintln!("Nobody yet. Add the first: jointforce-console operators add $USER --name YOU --role admin");
            }
            for person in staff {
                let role = person.role.title();
                if json {
                    let Operator { id, name, enabled, desks, team, .. } = person;
                    let of = json!({ "account": id, "name": name, "role": role, "enabled": enabled, "desks": desks, "team": team });
                    writeln!(out, "{of}")?;
                    continue;
                }
                let disabled = if person.enabled { "" } else { "  disabled" };
                writeln!(out, "{:<20} {role:<10} {}{disabled}", person.id.as_str(), SafeText::line(&person.name, 100))?;
            }
        }
        Operators::Disable { account: id } => {
            let actor = Actor::Operator(account::current()?);
            operator::disable(house, &actor, &id).await?;
            writeln!(out, "{id} may not sign in any more")?;
        }
        Operators::Seat { account: id, change } => seat_of(house, &id, change, &mut out).await?,
        Operators::Keys(command) => keys_of(house, command, &mut out).await?,
        Operators::Gate(command) => {
            let actor = Actor::Operator(account::current()?);
            let (account, open) = match command {
                Gate::Open { account, elsewhere } => {
                    if !elsewhere && !account::exists(&account) {
                        let problem = format!("this machine has no account {account}");
                        let fix =
                            "Make it with useradd; or say --elsewhere if sshd serves consoles on another machine.";
                        return Err(Refused::one("gate", problem, fix).into());
                    }
                    (account, true)
                }
                Gate::Close { account } => (account, false),
            };
            keys::set_gate(house, &actor, &account, open).await?;
            writeln!(out, "{account} is {}", if open { "a gate" } else { "no gate any more" })?;
        }
    }
    Ok(())
}

async fn seat_of(
    house: &House,
    id: &OperatorId,
    change: Option<Preference>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let kept = match change {
        None => {
            let mut conn = house.db.read().await?;
            if operators::get(&mut conn, id).await?.is_none() {
                return Err(Refused::one("operator", format!("{id} is no operator"), "See `operators list`.").into());
            }
            operators::preferences::get(&mut conn, id).await?
        }
        Some(change) => {
            // What can't be a key map is said before the database is asked.
            let keys = match &change {
                Preference::Keys { file } => Some(own::checked(file)?),
                _ => None,
            };
            let actor = Actor::Operator(account::current()?);
            let changed = |kept: &Preferences| {
                let mut now = kept.clone();
                match &change {
                    Preference::Theme { name } => now.theme = Some(*name),
                    Preference::ForgetTheme => now.theme = None,
                    Preference::Signs { which } => now.ascii = *which == Signs::Ascii,
                    Preference::Keys { .. } | Preference::ForgetKeys => now.keys = keys.unwrap_or_default(),
                }
                Ok(now)
            };
            preferences::set(house, &actor, id, changed).await?
        }
    };
    let theme = kept.theme.map_or("what the terminal says", ThemeName::as_str);
    writeln!(out, "{id}, theme: {theme}")?;
    writeln!(out, "{id}, signs: {}", if kept.ascii { "nothing but ASCII" } else { "all that the terminal has" })?;
    let said = if kept.keys.is_empty() { "the house's" } else { "their own" };
    writeln!(out, "{id}, keys: {said}")?;
    for line in kept.keys.lines() {
        writeln!(out, "  {}", SafeText::line(line, 200))?;
    }
    Ok(())
}

async fn keys_of(house: &House, command: Keys, out: &mut impl Write) -> anyhow::Result<()> {
    match command {
        Keys::Add { account: id, file } => {
            let text = if file.as_os_str() == "-" {
                io::read_to_string(io::stdin().lock()).context("standard input can't be read")?
            } else {
                fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?
            };
            for key in keys::add(house, &Actor::Operator(account::current()?), &id, &text).await? {
                writeln!(out, "{id} may come in with {} {}", key.fingerprint, key.comment)?;
            }
        }
        Keys::List { json } => {
            let kept = operators::keys::list(&mut house.db.read().await?).await?;
            if kept.is_empty() {
                eprintln!("Nobody has a key here. Add one: jointforce-console operators keys add ACCOUNT FILE.pub");
            }
            for kept in kept {
                if json {
                    let revoked = kept.revoked_at.map(|at| at.to_string());
                    let of = json!({
                        "account": kept.operator, "fingerprint": kept.key.fingerprint, "comment": kept.key.comment, "revoked": revoked,
                    });
                    writeln!(out, "{of}")?;
                    continue;
                }
                let state = kept.revoked_at.map_or_else(String::new, |at| format!("  revoked {at}"));
                let comment = SafeText::line(&kept.key.comment, 100);
                writeln!(out, "{:<20} {} {comment}{state}", kept.operator.as_str(), kept.key.fingerprint)?;
            }
        }
        Keys::Revoke { fingerprint } => {
            let whose = keys::revoke(house, &Actor::Operator(account::current()?), &fingerprint).await?;
            writeln!(out, "{whose} may not come in with {fingerprint} any more")?;
        }
    }
    Ok(())
}
