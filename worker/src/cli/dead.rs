//! `dead`: effects that nobody tries again until a person says so, by what they have in common.

use std::{
    collections::BTreeSet,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

use clap::{Args, Subcommand};
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{
        effect::Kind,
        ids::{BrandId, EffectId},
        refused::{Fault, Refused},
        span,
        time::Time,
        words::{ALIKE, closest, counted},
    },
    store::{
        Conn, brands,
        effects::dead::{self, Which},
    },
};
use serde_json::json;

use super::{
    effects::{Page, show},
    output::{line, safe},
};

/// More than so many are asked about before anything is done.
const ASKED_ABOVE: usize = 100;
/// Effects changed in one transaction.
const AT_ONCE: usize = 1000;

/// What can be done with dead effects.
#[derive(Debug, Subcommand)]
pub enum Dead {
    /// List them, newest first.
    List {
        #[command(flatten)]
        filter: Filter,
        #[command(flatten)]
        page: Page,
    },
    /// Show all of one.
    Show {
        /// Which.
        id: EffectId,
    },
    /// Give them another round of attempts, from now.
    Retry {
        #[command(flatten)]
        chosen: Chosen,
        /// Why it will work now; goes on the record.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Give them up for good.
    Discard {
        #[command(flatten)]
        chosen: Chosen,
        /// Why they may be given up; goes on the record.
        #[arg(long)]
        reason: String,
    },
}

/// What they have in common.
#[derive(Debug, Args)]
pub struct Filter {
    /// Only this kind: mail_seller, hook_brand, remove_listing, …
    #[arg(long)]
    kind: Option<String>,
    /// Only those to this brand or about its cases.
    #[arg(long)]
    brand: Option<BrandId>,
    /// Only those that died within so long: 30m, 2h, 3d.
    #[arg(long, value_name = "SPAN", value_parser = span::parse)]
    since: Option<std::time::Duration>,
    /// Only those whose last error holds these words.
    #[arg(long, value_name = "TEXT")]
    error: Option<String>,
}

impl Filter {
    /// Refused for a kind or brand that there is not: nothing found would look like nothing dead.
    async fn which(&self, conn: &mut Conn, now: Time) -> anyhow::Result<Which> {
        let which = Which {
            kind: self.kind.clone(),
            brand: self.brand.clone(),
            since: self.since.map(|span| now - span),
            error: self.error.clone(),
        };
        let mut faults = vec![];
        if let Some(kind) = self.kind.as_deref().filter(|kind| kind.parse::<Kind>().is_err()) {
            // A newer program's effects die here too.
            let of_kind = Which { kind: self.kind.clone(), ..Which::default() };
            if dead::find(conn, &of_kind, None, 1).await?.is_empty() {
                let all = || Kind::ALL.iter().map(|kind| kind.as_str());
                let fix = match closest(kind, all(), ALIKE) {
                    Some(near) => format!("Did you mean {near}?"),
                    None => format!("There is {}.", all().collect::<Vec<_>>().join(", ")),
                };
                faults.push(Fault::new("kind", format!("no effect is of the kind {}", safe(kind, 40)), fix));
            }
        }
        if let Some(brand) = &self.brand
            && brands::get(conn, brand).await?.is_none()
        {
            faults.push(unknown(conn, brand).await?);
        }
        if faults.is_empty() { Ok(which) } else { Err(Refused { faults }.into()) }
    }
}

/// Which of them something is done with.
#[derive(Debug, Args)]
pub struct Chosen {
    /// Which, by id.
    #[arg(conflicts_with_all = ["kind", "brand", "since", "error", "all"])]
    ids: Vec<EffectId>,
    #[command(flatten)]
    filter: Filter,
    /// All that are dead.
    #[arg(long)]
    all: bool,
    /// Don't ask, however many they are.
    #[arg(long)]
    yes: bool,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Does it.
///
/// # Errors
/// What the store says; refused without the role, without a choice, or where nobody is there to be asked.
pub async fn run(house: &House, command: Dead) -> anyhow::Result<u8> {
    let now = house.clock.now();
    match command {
        Dead::List { filter, page } => {
            let mut conn = house.db.read().await?;
            let which = filter.which(&mut conn, now).await?;
            let entries = dead::find(&mut conn, &which, page.before, page.asked()).await?;
            // Counted only where not all are shown.
            let all = match page.before {
                None if page.is_full(&entries) => Some(counted(dead::count(&mut conn, &which).await?, dead::MOST)),
                _ => None,
            };
            page.print(entries, all.as_deref(), now)?;
            Ok(exit::OK)
        }
        Dead::Show { id } => show(house, id, "See `dead list`.").await,
        Dead::Retry { chosen, reason } => {
            let me = me()?;
            let ids = chosen.ids(house, "retry").await?;
            let mut done = vec![];
            for ids in ids.chunks(AT_ONCE) {
                done.extend(commands::effect::retry_because(house, &me, ids, reason.as_deref()).await?);
            }
            report(&chosen, "retried", &ids, &done)
        }
        Dead::Discard { chosen, reason } => {
            let me = me()?;
            let ids = chosen.ids(house, "discard").await?;
            let mut done = vec![];
            for ids in ids.chunks(AT_ONCE) {
                done.extend(commands::effect::drop(house, &me, ids, &reason).await?);
            }
            report(&chosen, "discarded", &ids, &done)
        }
    }
}

fn me() -> Result<Actor, Refused> {
    account::current().map(Actor::Operator)
}

impl Chosen {
    /// The ids, once whoever asks has said yes to as many.
    async fn ids(&self, house: &House, what: &str) -> anyhow::Result<Vec<EffectId>> {
        if !self.ids.is_empty() {
            return Ok(self.ids.clone());
        }
        let mut conn = house.db.read().await?;
        let which = self.filter.which(&mut conn, house.clock.now()).await?;
        if which.is_all() && !self.all {
            let fix = "Name ids, or say what they have in common (--kind, --brand, --since, --error), or --all.";
            return Err(Refused::one("which", format!("nothing says which to {what}"), fix).into());
        }
        let mut ids: Vec<EffectId> = vec![];
        loop {
            let page = dead::find(&mut conn, &which, ids.last().copied(), 1000).await?;
            ids.extend(page.iter().map(|entry| entry.id));
            if page.len() < 1000 {
                break;
            }
        }
        drop(conn);
        if ids.len() > ASKED_ABOVE && !self.yes && !agreed(what, ids.len())? {
            let fix = "Say --yes where nobody can be asked, or choose fewer.";
            return Err(Refused::one("yes", format!("{} are more than {ASKED_ABOVE}", ids.len()), fix).into());
        }
        Ok(ids)
    }
}

/// That there is no such brand, with the one that may have been meant.
async fn unknown(conn: &mut Conn, brand: &BrandId) -> anyhow::Result<Fault> {
    let known = brands::ids(conn).await?;
    let near = closest(brand.as_str(), known.iter().map(String::as_str), ALIKE);
    let fix = near.map_or_else(|| "Name it by its id.".to_owned(), |near| format!("Did you mean {near}?"));
    Ok(Fault::new("brand", format!("there is no brand {brand}"), fix))
}

fn agreed(what: &str, many: usize) -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{what} {many} effects? Type the number to go on: ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().replace([',', '.', ' '], "") == many.to_string())
}

fn report(chosen: &Chosen, done: &str, asked: &[EffectId], changed: &[EffectId]) -> anyhow::Result<u8> {
    if chosen.json {
        for id in changed {
            line(&json!({ "id": id, "done": done }).to_string())?;
        }
    } else {
        let changed: BTreeSet<&EffectId> = changed.iter().collect();
        for id in asked.iter().filter(|id| !changed.contains(id)) {
            line(&format!("{id} is not dead"))?;
        }
        line(&format!("{} {done}", changed.len()))?;
    }
    Ok(if changed.len() == asked.len() { exit::OK } else { exit::DATA })
}
