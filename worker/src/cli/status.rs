//! `status`: is anybody working, and what is there to do?

use clap::Args;
use jointforce_shared::{
    commands::House,
    config::exit,
    domain::{
        time::{Time, span_words},
        words::{counted, grouped},
    },
    store::{
        db, leases,
        leases::{InHand, Worker},
        statements::register::{self, Standing},
        vitals::{self, LaneVitals, MOST, Vitals},
    },
};
use serde_json::json;

use super::{
    output::{line, safe},
    reasons,
    top::{Rates, top},
};

/// A lane that is a few seconds behind is working; a minute behind, nobody works.
const LATE: i64 = 60_000_000;
/// A worker that has been silent for so many microseconds is not shown by itself any more.
const GONE: i64 = 600_000_000;

/// How to look.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Look again every second until Ctrl-C, as `top` does.
    #[arg(long, conflicts_with = "json")]
    watch: bool,
}

/// What was seen at one moment.
pub(super) struct Seen {
    pub now: Time,
    pub vitals: Vitals,
    pub workers: Vec<Worker>,
    in_hand: Vec<InHand>,
    register: Standing,
}

impl Seen {
    pub async fn look(house: &House) -> db::Result<Self> {
        let mut conn = house.db.read().await?;
        let now = house.clock.now();
        Ok(Self {
            now,
            vitals: vitals::read(&mut conn, now, leases::SILENT).await?,
            workers: leases::workers(&mut conn).await?,
            in_hand: leases::in_hand(&mut conn).await?,
            register: register::standing(&mut conn).await?,
        })
    }

    fn late(&self) -> Option<i64> {
        self.vitals.oldest().map(|oldest| self.now.since(oldest)).filter(|age| *age > LATE)
    }

    pub fn code(&self) -> u8 {
        let wrong = self.late().is_some() || self.vitals.dead() > 0 || reasons::needs_somebody(&self.register);
        if wrong { exit::TEMPORARY } else { exit::OK }
    }
}

/// Prints workers and lanes. Exit 0 if all is well, 75 if effects are overdue or dead and wait for somebody.
///
/// # Errors
/// What the store says.
pub async fn show(house: &House, args: &StatusArgs) -> anyhow::Result<u8> {
    if args.watch {
        return top(house).await;
    }
    let seen = Seen::look(house).await?;
    if args.json {
        line(&as_json(&seen))?;
    } else {
        for text in lines(&seen, None) {
            line(&text)?;
        }
    }
    Ok(seen.code())
}

/// The lines, with rates where `top` knows them.
pub(super) fn lines(seen: &Seen, rates: Option<&Rates>) -> Vec<String> {
    let Seen { now, vitals, workers, register, .. } = seen;
    let done = rates.map_or("", |_| "  done/s");
    let mut lines =
        vec![format!("{:<11} {:>8} {:>8} {:>8} {:>8}{done}  oldest due", "lane", "due", "held", "later", "running")];
    lines.extend(vitals.lanes.iter().map(|lane| lane_line(lane, *now, rates)));
    let dead: Vec<String> =
        vitals.dead.iter().map(|(kind, number)| format!("{} {}", count(*number), safe(kind, 40))).collect();
    let of_kinds = if dead.is_empty() { String::new() } else { format!(": {}", dead.join(", ")) };
    lines.push(format!("effects     {} dead{of_kinds}", count(vitals.dead())));
    if vitals.cases_overdue > 0 {
        lines.push(format!("overdue     {} cases are past their deadline", count(vitals.cases_overdue)));
    }
    if vitals.endpoints_parked > 0 {
        lines.push(format!(
            "endpoints   {} are parked, what is for them is held: `lanes list`",
            vitals.endpoints_parked
        ));
    }
    if vitals.pages_open > 0 {
        lines.push(format!("pages       {} wait for an answer: `pages list`", vitals.pages_open));
    }
    if workers.is_empty() {
        lines.push("workers     none has been seen: start one with `jointforce-worker run`".to_owned());
    }
    for worker in workers.iter().filter(|worker| worker.silent <= GONE) {
        lines.push(worker_line(worker, *now, rates));
        lines.extend(in_hand(seen, worker));
    }
    let gone = workers.iter().filter(|worker| worker.silent > GONE).count();
    if gone > 0 {
        lines.push(format!("workers     {gone} fell silent more than 10 min ago without leaving"));
    }
    lines.extend(reasons::standing_lines(register, *now));
    if vitals.dead() > 0 {
        lines.push("dead effects wait for a person: `jointforce-worker dead list`".to_owned());
    }
    if seen.late().is_some() {
        lines.push("effects are late: is a worker running, and can it reach database and queue?".to_owned());
    }
    lines
}

fn count(number: i64) -> String {
    counted(number, MOST)
}

fn lane_line(lane: &LaneVitals, now: Time, rates: Option<&Rates>) -> String {
    let age = lane.oldest.map_or_else(|| "-".to_owned(), |oldest| span_words(now.since(oldest).max(0)));
    let done = rates.map_or_else(String::new, |rates| format!("{:>8.1}", rates.of_lane(lane.lane)));
    let LaneVitals { lane, due, held, later, running, paused, .. } = lane;
    let age = match (paused, rates) {
        (true, Some(_)) => format!("{age} PAUSED"),
        (true, None) => format!("{age}  PAUSED: `lanes list` says why"),
        _ => age,
    };
    let numbers = [due, held, later, running].map(|number| format!("{:>8}", count(*number))).join(" ");
    format!("{:<11} {numbers}{done}  {age}", lane.as_str())
}

fn worker_line(worker: &Worker, now: Time, rates: Option<&Rates>) -> String {
    let Worker { name, queue, done, state, .. } = worker;
    let state = if worker.silent > leases::SILENT {
        format!("SILENT for {}", span_words(worker.silent))
    } else {
        safe(state, 100)
    };
    let done = grouped(*done);
    let since = span_words(now.since(worker.started).max(0));
    match rates {
        None => {
            let alive = if worker.silent > leases::SILENT { "" } else { "alive, " };
            let effects = if worker.done == 1 { "effect" } else { "effects" };
            format!("worker      {name}  {alive}{state}  queue {queue}  {done} {effects} in {since}")
        }
        Some(rates) => {
            // host-pid is enough to know one by; what makes it unique over starts would fill the line.
            let name = name.rsplit_once('-').map_or(name.as_str(), |(host, _)| host);
            format!("worker {name}  {state}, {queue}, {done} done, {:.1}/s", rates.of_worker(&worker.name))
        }
    }
}

/// What a worker calls out just now.
fn in_hand(seen: &Seen, worker: &Worker) -> Option<String> {
    let of = seen.in_hand.iter().filter(|held| held.worker == worker.name);
    let held: Vec<String> = of.map(|held| format!("{} {}", count(held.effects), safe(&held.kind, 40))).collect();
    (!held.is_empty()).then(|| format!("  in hand   {}", held.join(", ")))
}

fn as_json(seen: &Seen) -> String {
    let Seen { now, vitals, workers, in_hand, register } = seen;
    let age = |at: Option<Time>| at.map(|at| now.since(at).max(0));
    let total = |of: fn(&LaneVitals) -> i64| vitals.lanes.iter().map(of).sum::<i64>();
    let lane = |lane: &LaneVitals| {
        json!({ "lane": lane.lane, "due": lane.due, "held": lane.held, "later": lane.later, "running": lane.running,
                "oldest_due_us": age(lane.oldest), "paused": lane.paused })
    };
    let worker = |w: &Worker| {
        json!({ "name": w.name, "started": w.started.to_string(), "silent_us": w.silent, "queue": w.queue,
                "state": w.state, "version": w.version, "schema": w.schema, "done": w.done, "done_by_lane": w.done_by_lane,
                "in_hand": in_hand.iter().filter(|held| held.worker == w.name).map(|held| (held.kind.clone(), json!(held.effects)))
                    .collect::<serde_json::Map<_, _>>() })
    };
    let dead: serde_json::Map<String, serde_json::Value> =
        vitals.dead.iter().map(|(kind, number)| (kind.clone(), json!(number))).collect();
    json!({
        "overdue": total(|lane| lane.due), "held": total(|lane| lane.held), "waiting": total(|lane| lane.later), "running": total(|lane| lane.running),
        "dead": vitals.dead(), "oldest_overdue_us": age(vitals.oldest()),
        "lanes": vitals.lanes.iter().map(lane).collect::<Vec<_>>(), "dead_by_kind": dead,
        "cases_overdue": vitals.cases_overdue, "endpoints_parked": vitals.endpoints_parked, "pages_open": vitals.pages_open,
        "unsealed_us": age(vitals.unsealed_since),
        "workers": workers.iter().map(worker).collect::<Vec<_>>(),
        "register": reasons::standing_json(register),
    })
    .to_string()
}
