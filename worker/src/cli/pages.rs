//! `pages`: what whoever is on call has to look at.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{self, Actor, House, page},
    config::exit,
    domain::{
        ids::PageId,
        page::{Page, State},
        time::{Time, due_words, span_words},
    },
    store::pages,
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// What can be done with pages.
#[derive(Debug, Subcommand)]
pub enum Pages {
    /// List the pages that are not resolved, newest first.
    List {
        /// Also those that are.
        #[arg(long)]
        all: bool,
        /// With --all, only those before this id: the next page of the list.
        #[arg(long, value_name = "ID", requires = "all")]
        before: Option<PageId>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Say that you are on it: the next level is not called.
    Ack {
        /// Which.
        #[arg(required = true)]
        ids: Vec<PageId>,
    },
    /// Say that it is handled. Pages about cases, dead effects and the rota also end by themselves.
    Resolve {
        /// Which.
        #[arg(required = true)]
        ids: Vec<PageId>,
    },
}

/// Does it.
pub async fn run(house: &House, command: Pages) -> anyhow::Result<u8> {
    match command {
        Pages::List { all, before, limit, json } => {
            let mut conn = house.db.read().await?;
            let mut found = if all {
                pages::list(&mut conn, before, limit + 1).await?
            } else {
                pages::open(&mut conn, limit + 1).await?
            };
            let more = cut(&mut found, limit);
            let now = house.clock.now();
            let nothing = if all { "there are no such pages" } else { "nobody is called for anything" };
            list(&found, nothing, |page| if json { as_json(page).to_string() } else { as_line(page, now) })?;
            if let Some(last) = found.last().filter(|_| more) {
                let how = if all { format!("--before {}", last.id) } else { "a higher --limit".to_owned() };
                rest(json, &format!("more: {how}"))?;
            }
            Ok(exit::OK)
        }
        Pages::Ack { ids } => {
            let me = Actor::Operator(account::current()?);
            let mut code = exit::OK;
            for id in ids {
                code = code.max(answered(id, page::acknowledge(house, &me, id).await)?);
            }
            Ok(code)
        }
        Pages::Resolve { ids } => {
            let me = Actor::Operator(account::current()?);
            let mut code = exit::OK;
            for id in ids {
                code = code.max(answered(id, page::resolve(house, &me, id).await)?);
            }
            Ok(code)
        }
    }
}

/// One that can't be answered doesn't keep the next from being.
fn answered(id: PageId, outcome: commands::Result<Page>) -> anyhow::Result<u8> {
    match outcome {
        Ok(page) => {
            line(&format!("{id} {}", page.state.as_str()))?;
            Ok(exit::OK)
        }
        Err(commands::Error::Refused(refused)) => {
            eprintln!("jointforce-worker: {id}: {refused}");
            Ok(exit::code_of(&refused.into()))
        }
        Err(error) => Err(error.into()),
    }
}

fn as_line(page: &Page, now: Time) -> String {
    let state = match &page.state {
        State::Open => match page.climbs {
            Some(at) => format!("open, level {}, the next is called {}", page.level, due_words(at, now)),
            None => format!("open, level {}", page.level),
        },
        State::Acknowledged { by, .. } => format!("{by} is on it"),
        State::Resolved { by, at } => format!("resolved by {by} {at}"),
    };
    let age = span_words(now.since(page.raised));
    format!("{}  {:<8}  {:>6}  {state}  {}", page.id, page.severity, age, safe(&page.summary, 160))
}

fn as_json(page: &Page) -> Value {
    let (by, at) = match &page.state {
        State::Open => (None, None),
        State::Acknowledged { by, at } | State::Resolved { by, at } => (Some(by), Some(at.to_string())),
    };
    json!({
        "id": page.id, "kind": page.kind, "key": page.key, "summary": page.summary, "subject": page.subject,
        "case": page.case, "severity": page.severity, "state": page.state.as_str(), "by": by, "at": at,
        "level": page.level, "raised": page.raised.to_string(), "climbs": page.climbs.map(|at| at.to_string()),
    })
}
