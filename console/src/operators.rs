//! `operators add|list|disable`.

use std::io::{self, Write as _};

use jointforce_shared::{
    account,
    commands::{Actor, House, operator},
    domain::safe_text::SafeText,
    store::operators,
};

use crate::cli::Operators;

/// Does one of them and says what was done.
pub async fn run(house: &House, command: Operators) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match command {
        Operators::Add { account: id, name, role } => {
            let actor = Actor::Operator(account::current()?);
            let added = operator::add(house, &actor, id, &name, role).await?;
            writeln!(out, "{} may sign in as {}", added.id, added.role.as_str().replace('_', "-"))?;
        }
        Operators::List => {
            let mut conn = house.db.read().await?;
            let staff = operators::list(&mut conn).await?;
            if staff.is_empty() {
                writeln!(
                    out,
                    "Nobody yet. Add the first: jointforce-console operators add $USER --name YOU --role admin"
                )?;
            }
            for person in staff {
                let role = person.role.as_str().replace('_', "-");
                let disabled = if person.enabled { "" } else { "  disabled" };
                writeln!(out, "{:<20} {role:<10} {}{disabled}", person.id.as_str(), SafeText::line(&person.name, 100))?;
            }
        }
        Operators::Disable { account: id } => {
            let actor = Actor::Operator(account::current()?);
            operator::disable(house, &actor, &id).await?;
            writeln!(out, "{id} may not sign in any more")?;
        }
    }
    Ok(())
}
