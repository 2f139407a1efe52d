//! `status`: is anybody working, and what is there to do?

use jointforce_shared::{
    commands::House,
    config::exit,
    domain::time::span_words,
    store::{effects, leases, statements::register},
};
use serde_json::json;

use super::{
    output::{line, safe},
    reasons,
};

/// A worker not seen for this long is taken for dead: three missed beats.
const SILENT: i64 = 15_000_000;

/// Prints workers and backlog. Exit 0 if all is well, 75 if effects are overdue or dead and wait for somebody.
pub async fn show(house: &House, as_json: bool) -> anyhow::Result<u8> {
    let mut conn = house.db.read().await?;
    let now = house.clock.now();
    let backlog = effects::backlog(&mut conn, now).await?;
    let workers = leases::workers(&mut conn).await?;
    let register = register::standing(&mut conn).await?;
    drop(conn);
    let age = backlog.oldest.map(|oldest| now.since(oldest).max(0));
    // A lane that is a few seconds behind is working; a minute behind, nobody works.
    let late = age.is_some_and(|age| age > 60_000_000);
    let code = if late || backlog.dead > 0 || reasons::needs_somebody(&register) { exit::TEMPORARY } else { exit::OK };
    if as_json {
        let workers: Vec<_> = workers
            .iter()
            .map(|w| json!({ "name": w.name, "started": w.started.to_string(), "silent_us": w.silent, "queue": w.queue, "state": w.state }))
            .collect();
        line(&json!({
            "overdue": backlog.overdue, "waiting": backlog.waiting, "running": backlog.running, "dead": backlog.dead,
            "oldest_overdue_us": age, "workers": workers,
            "register": reasons::standing_json(&register),
        }).to_string())?;
        return Ok(code);
    }
    let count = |n: i64| if n >= 10_000 { "10,000+".to_owned() } else { n.to_string() };
    line(&format!(
        "effects  {} due now{}, {} due later, {} being carried out, {} dead",
        count(backlog.overdue),
        age.map_or_else(String::new, |age| format!(" (the oldest for {})", span_words(age))),
        count(backlog.waiting),
        count(backlog.running),
        count(backlog.dead),
    ))?;
    if workers.is_empty() {
        line("workers  none has been seen: start one with `jointforce-worker run`")?;
    }
    for worker in &workers {
        let seen = if worker.silent > SILENT {
            format!("SILENT for {}", span_words(worker.silent))
        } else {
            "alive".to_owned()
        };
        line(&format!("worker   {}  {}  queue {}  {}", worker.name, seen, worker.queue, safe(&worker.state, 100)))?;
    }
    for text in reasons::standing_lines(&register, now) {
        line(&text)?;
    }
    if backlog.dead > 0 {
        line("dead effects wait for a person: `jointforce-worker effects list --state dead`")?;
    }
    if late {
        line("effects are late: is a worker running, and can it reach database and queue?")?;
    }
    Ok(code)
}
