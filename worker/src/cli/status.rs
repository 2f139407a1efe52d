//! `status` and `top`: is anybody working, and what is there to do?

use std::{
    collections::HashMap,
    io::{self, Write as _},
    time::{Duration, Instant},
};

use clap::Args;
use jointforce_shared::{
    commands::House,
    config::exit,
    domain::time::{Time, span_words},
    store::{
        db, leases,
        leases::Worker,
        statements::register::{self, Standing},
        vitals::{self, LaneVitals, MOST, Vitals},
    },
};
use serde_json::json;
use tokio::time::sleep;

use super::{
    output::{line, safe},
    reasons,
};

/// A lane that is a few seconds behind is working; a minute behind, nobody works.
const LATE: i64 = 60_000_000;
/// How often `top` looks.
const LOOK: Duration = Duration::from_secs(1);

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
struct Seen {
    now: Time,
    vitals: Vitals,
    workers: Vec<Worker>,
    register: Standing,
}

impl Seen {
    async fn look(house: &House) -> db::Result<Self> {
        let mut conn = house.db.read().await?;
        let now = house.clock.now();
        Ok(Self {
            now,
            vitals: vitals::read(&mut conn, now, leases::SILENT).await?,
            workers: leases::workers(&mut conn).await?,
            register: register::standing(&mut conn).await?,
        })
    }

    fn late(&self) -> Option<i64> {
        self.vitals.oldest().map(|oldest| self.now.since(oldest)).filter(|age| *age > LATE)
    }

    fn code(&self) -> u8 {
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
        for text in lines(&seen, &HashMap::new()) {
            line(&text)?;
        }
    }
    Ok(seen.code())
}

/// Draws the same again every second, with what each worker carries out a second.
///
/// # Errors
/// When the screen can't be written; a database that goes away is waited for.
pub async fn top(house: &House) -> anyhow::Result<u8> {
    let mut before: Option<(Instant, HashMap<String, i64>)> = None;
    let mut rates = HashMap::new();
    loop {
        let (text, code) = match Seen::look(house).await {
            Ok(seen) => {
                // Workers tell their count with each beat, so a rate is one over some of them.
                let done: HashMap<String, i64> = seen.workers.iter().map(|w| (w.name.clone(), w.done)).collect();
                match &before {
                    Some((at, earlier)) if at.elapsed() >= Duration::from_secs(10) => {
                        let rate = |(name, done): (&String, &i64)| {
                            let more = done - earlier.get(name)?;
                            Some((name.clone(), more.max(0) as f64 / at.elapsed().as_secs_f64()))
                        };
                        rates = done.iter().filter_map(rate).collect();
                        before = Some((Instant::now(), done));
                    }
                    None => before = Some((Instant::now(), done)),
                    Some(_) => {}
                }
                (lines(&seen, &rates), seen.code())
            }
            Err(error) => (vec![safe(&format!("trying again: {error}"), 300)], exit::UNAVAILABLE),
        };
        draw(&text)?;
        tokio::select! {
            () = sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c() => return Ok(code),
        }
    }
}

/// From the top of the screen, each line to its end, and nothing below.
fn draw(lines: &[String]) -> io::Result<()> {
    let mut screen = String::from("\x1b[H");
    for line in lines {
        screen += line;
        screen += "\x1b[K\r\n";
    }
    screen += "\x1b[J";
    let mut out = io::stdout().lock();
    out.write_all(screen.as_bytes())?;
    out.flush()
}

fn lines(seen: &Seen, rates: &HashMap<String, f64>) -> Vec<String> {
    let Seen { now, vitals, workers, register } = seen;
    let mut lines =
        vec![format!("{:<11} {:>8} {:>8} {:>8} {:>8}  oldest due", "lane", "due", "held", "later", "running")];
    lines.extend(vitals.lanes.iter().map(|lane| lane_line(lane, *now)));
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
    lines.extend(workers.iter().map(|worker| worker_line(worker, *now, rates.get(&worker.name))));
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
    if number >= MOST { "10,000+".to_owned() } else { number.to_string() }
}

fn lane_line(lane: &LaneVitals, now: Time) -> String {
    let age = lane.oldest.map_or_else(|| "-".to_owned(), |oldest| span_words(now.since(oldest).max(0)));
    let LaneVitals { lane, due, held, later, running, paused, .. } = lane;
    let age = if *paused { format!("{age}  PAUSED: `lanes list` says why") } else { age };
    let numbers = [due, held, later, running].map(|number| format!("{:>8}", count(*number))).join(" ");
    format!("{:<11} {numbers}  {age}", lane.as_str())
}

fn worker_line(worker: &Worker, now: Time, rate: Option<&f64>) -> String {
    let seen = if worker.silent > leases::SILENT {
        format!("SILENT for {}", span_words(worker.silent))
    } else {
        "alive".to_owned()
    };
    let rate = rate.map_or_else(String::new, |rate| format!(", {rate:.1}/s"));
    format!(
        "worker      {}  {seen}  queue {}  {} effects in {}{rate}  {}",
        worker.name,
        worker.queue,
        worker.done,
        span_words(now.since(worker.started).max(0)),
        safe(&worker.state, 100)
    )
}

fn as_json(seen: &Seen) -> String {
    let Seen { now, vitals, workers, register } = seen;
    let age = |at: Option<Time>| at.map(|at| now.since(at).max(0));
    let total = |of: fn(&LaneVitals) -> i64| vitals.lanes.iter().map(of).sum::<i64>();
    let lane = |lane: &LaneVitals| {
        json!({ "lane": lane.lane, "due": lane.due, "held": lane.held, "later": lane.later, "running": lane.running,
                "oldest_due_us": age(lane.oldest), "paused": lane.paused })
    };
    let worker = |w: &Worker| {
        json!({ "name": w.name, "started": w.started.to_string(), "silent_us": w.silent, "queue": w.queue,
                "state": w.state, "version": w.version, "schema": w.schema, "done": w.done })
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
