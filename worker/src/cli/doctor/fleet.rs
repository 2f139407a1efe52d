//! The fleet as the database knows it: workers, effects, the record's seals, the rota.

use jointforce_shared::{
    commands::{House, sweep::on_call},
    domain::time::span_words,
    store::{db, leases, rotas, vitals},
};

use super::Checks;

/// Events are sealed every two seconds; after a minute nobody seals.
const UNSEALED: i64 = 60_000_000;
/// A lane that is a few seconds behind is working; a minute behind, nobody works.
const LATE: i64 = 60_000_000;

pub(super) async fn look(checks: &mut Checks, house: &House) {
    if let Err(error) = try_look(checks, house).await {
        checks.fail("fleet", error.to_string(), "The database stopped answering; run this again.");
    }
}

async fn try_look(checks: &mut Checks, house: &House) -> db::Result<()> {
    let now = house.clock.now();
    let mut conn = house.db.read().await?;
    let vitals = vitals::read(&mut conn, now, leases::SILENT).await?;
    let workers = leases::workers(&mut conn).await?;
    let has_rota = rotas::current(&mut conn).await?.is_some();
    drop(conn);

    match vitals.workers {
        (0, _) => checks.warn("workers", "none is alive", "Start one: `jointforce-worker run`."),
        (alive, 0) => checks.fine("workers", format!("{alive} alive")),
        (alive, silent) => {
            let fix = "Look at those machines; what they held goes on elsewhere. They are forgotten after a day.";
            checks.warn("workers", format!("{alive} alive, {silent} fell silent"), fix);
        }
    }
    let alive = workers.iter().filter(|worker| worker.silent <= leases::SILENT);
    for worker in alive.filter(|worker| worker.schema != db::known()) {
        let which = if worker.schema < db::known() { "an older" } else { "a newer" };
        let found = format!(
            "{} is {which} program ({}), made for schema {} while the database has {}",
            worker.name,
            worker.version,
            worker.schema,
            db::known()
        );
        checks.warn("worker version", found, "Upgrade all of them soon: only neighbouring versions run side by side.");
    }
    let late = vitals.oldest().map_or(0, |oldest| now.since(oldest));
    if late > LATE {
        let found = format!("the oldest effect is due for {}", span_words(late));
        checks.fail("effects", found, "Is a worker running, and does it reach database and queue? See `status`.");
    } else {
        checks.fine("effects", "nothing is late");
    }
    if vitals.dead() > 0 {
        let found = format!("{} effects are dead and wait for a person", vitals.dead());
        checks.warn("dead effects", found, "See `dead list`, then `dead retry` or `dead discard`.");
    }
    match vitals.unsealed_since.map_or(0, |since| now.since(since)) {
        ..UNSEALED => checks.fine("audit seals", "the record is sealed to its end"),
        age => {
            let found = format!("an event waits for its seal for {}", span_words(age));
            let fix = "Give a worker the key, JOINTFORCE_AUDIT_KEY_FILE; its log says `nothing is signed` if it won't.";
            checks.fail("audit seals", found, fix);
        }
    }
    match on_call::rota_hole(house).await {
        Ok(None) if has_rota => checks.fine("rota", "somebody is on call at every level"),
        Ok(None) => checks.warn("rota", "there is none: pages reach nobody by mail", "Load one: `rota load FILE`."),
        Ok(Some(hole)) => checks.warn("rota", hole, "Load a rota without that hole: `rota load FILE`."),
        Err(error) => checks.fail("rota", error.to_string(), "Load another: `rota load FILE`."),
    }
    if vitals.breakers_open > 0 {
        let found = format!("{} keep automatic removals off", vitals.breakers_open);
        checks.warn("breakers", found, "See `breaker list`; a senior closes them.");
    }
    Ok(())
}
