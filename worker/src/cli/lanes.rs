//! `lanes`: what is carried out, and how fast; and the endpoints that failed.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{
        effect::{Endpoint, Failing, Lane, LaneState, read_rate},
        refused::Refused,
        time::{Time, span_words},
    },
    store::{
        effects::flows::{self, Waiting},
        endpoints, lanes,
    },
};
use serde_json::{Value, json};

use super::output::{line, safe};

/// What can be done with lanes.
#[derive(Debug, Subcommand)]
pub enum LanesCommand {
    /// List the lanes by priority with what is due on each, and the endpoints that failed lately.
    List {
        /// Print JSON: one object with `lanes` and `endpoints`.
        #[arg(long)]
        json: bool,
    },
    /// Begin nothing more on a lane, on any worker, from now on: what is due waits. What is under way ends.
    Pause {
        /// removals, penalties, pages, marketplace, webhooks or letters.
        lane: Lane,
        /// Why; goes on the record, and stands in every console.
        #[arg(long)]
        reason: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Let a lane go on.
    Resume {
        /// removals, penalties, pages, marketplace, webhooks or letters.
        lane: Lane,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say how many effects of a lane the whole fleet begins in a second at most: 50/s, or none.
    Rate {
        /// removals, penalties, pages, marketplace, webhooks or letters.
        lane: Lane,
        /// Effects a second (50/s), or none.
        #[arg(value_parser = |text: &str| read_rate(text).map(Rate))]
        rate: Rate,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Forget that an endpoint failed: what waits for it is tried now.
    Forgive {
        /// mail, marketplace, pager_duty, alertmanager or brand:ID.
        endpoint: Endpoint,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A rate, or none.
#[derive(Debug, Clone, Copy)]
pub struct Rate(Option<u32>);

/// Does it.
pub async fn run(house: &House, command: LanesCommand) -> anyhow::Result<u8> {
    match command {
        LanesCommand::List { json } => list(house, json).await,
        LanesCommand::Pause { lane, reason, json } => {
            let changed = commands::lane::pause(house, &me()?, lane, &reason).await?;
            report(changed, json, &format!("{lane} is paused"), &format!("{lane} was paused before"))
        }
        LanesCommand::Resume { lane, json } => {
            let changed = commands::lane::resume(house, &me()?, lane).await?;
            report(changed, json, &format!("{lane} goes on"), &format!("{lane} was not paused"))
        }
        LanesCommand::Rate { lane, rate: Rate(rate), json } => {
            let changed = commands::lane::set_rate(house, &me()?, lane, rate).await?;
            let words = rate.map_or("as fast as the workers can".to_owned(), |rate| format!("at most {rate} a second"));
            report(changed, json, &format!("{lane}: {words}"), &format!("{lane} was so before: {words}"))
        }
        LanesCommand::Forgive { endpoint, json } => {
            let changed = commands::lane::forgive(house, &me()?, &endpoint).await?;
            report(changed, json, &format!("{endpoint} is tried now"), &format!("{endpoint} had not failed"))
        }
    }
}

fn me() -> Result<Actor, Refused> {
    account::current().map(Actor::Operator)
}

/// Asked for twice is done all the same, so it is no failure.
fn report(changed: bool, json: bool, done: &str, before: &str) -> anyhow::Result<u8> {
    let words = if changed { done } else { before };
    line(&if json { json!({ "changed": changed, "said": words }).to_string() } else { words.to_owned() })?;
    Ok(exit::OK)
}

async fn list(house: &House, as_json: bool) -> anyhow::Result<u8> {
    let mut conn = house.db.read().await?;
    let now = house.clock.now();
    let lanes = lanes::list(&mut conn).await?;
    let waiting = flows::waiting(&mut conn, now).await?;
    let failing = endpoints::failing(&mut conn).await?;
    drop(conn);
    let due = |lane| waiting.iter().find(|waiting| waiting.lane == lane);
    if as_json {
        let lanes: Vec<Value> = lanes.iter().map(|state| lane_json(state, due(state.lane))).collect();
        let endpoints: Vec<Value> = failing.iter().map(endpoint_json).collect();
        line(&json!({ "lanes": lanes, "endpoints": endpoints }).to_string())?;
        return Ok(exit::OK);
    }
    for state in &lanes {
        line(&lane_line(state, due(state.lane), now))?;
    }
    for failing in &failing {
        line(&endpoint_line(failing, now))?;
    }
    Ok(exit::OK)
}

fn lane_line(state: &LaneState, waiting: Option<&Waiting>, now: Time) -> String {
    let mut text = format!("{:<12} ", state.lane);
    text += &match &state.paused {
        Some(paused) => {
            let since = span_words(now.since(paused.at).max(0));
            format!("PAUSED for {since} by {}: {}", safe(&paused.by, 40), safe(&paused.reason, 200))
        }
        None => state.rate.map_or("runs".to_owned(), |rate| format!("runs at most {rate}/s")),
    };
    let count = |number: i64| if number >= 10_000 { "10,000+".to_owned() } else { number.to_string() };
    if let Some(Waiting { due, oldest: Some(oldest), .. }) = waiting {
        text += &format!("; {} due, the oldest for {}", count(*due), span_words(now.since(*oldest).max(0)));
    }
    if let Some(Waiting { held: held @ 1.., .. }) = waiting {
        text += &format!("; {} held", count(*held));
    }
    text
}

fn lane_json(state: &LaneState, waiting: Option<&Waiting>) -> Value {
    json!({
        "lane": state.lane,
        "paused": state.paused.as_ref().map(|paused| {
            json!({ "at": paused.at.to_string(), "by": paused.by, "reason": paused.reason })
        }),
        "rate": state.rate,
        "due": waiting.map_or(0, |waiting| waiting.due),
        "held": waiting.map_or(0, |waiting| waiting.held),
        "oldest": waiting.and_then(|waiting| waiting.oldest).map(|oldest| oldest.to_string()),
    })
}

fn endpoint_line(failing: &Failing, now: Time) -> String {
    let state = match failing.parked_until {
        Some(until) if until > now => format!("parked for {} more", span_words(until.since(now))),
        Some(_) => "being probed".to_owned(),
        None => "still called".to_owned(),
    };
    let times = if failing.failures == 1 { "once".to_owned() } else { format!("{} times in a row", failing.failures) };
    format!("{}: failed {times}, {state}: {}", failing.endpoint, safe(&failing.why, 200))
}

fn endpoint_json(failing: &Failing) -> Value {
    json!({
        "endpoint": failing.endpoint.to_string(),
        "failures": failing.failures,
        "parked_until": failing.parked_until.map(|until| until.to_string()),
        "why": failing.why,
    })
}
