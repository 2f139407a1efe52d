//! The database: there, writable, of our schema, and with our time.

use std::time::Instant;

use jointforce_shared::{
    clock::Clock,
    config::Places,
    domain::time::span_words,
    store::{
        Db, Error,
        db::{Server, known},
    },
};

use super::Checks;

/// The oldest that the tests run on, as each counts its own versions.
const OLDEST_POSTGRES: i64 = 130_000;
/// Clocks further apart are worth a look; leases are on the database's clock alone, deadlines on ours.
const SKEW_WARNED: i64 = 500_000;
/// Clocks further apart put deadlines and grace windows in the wrong place.
const SKEW_FAILED: i64 = 5_000_000;

/// Gives the database if everything else may be looked at in it.
pub(super) async fn look(checks: &mut Checks, places: &Places) -> Option<Db> {
    if let Some(file) = places.file().filter(|file| !file.exists()) {
        let found = format!("{} isn't there: it is made by the first program that needs it", file.display());
        checks.warn("database", found, "For a fleet give DATABASE_URL.");
        return None;
    }
    let db = match Db::open(&places.database_url).await {
        Ok(db) => db,
        Err(error @ Error::Url(_)) => {
            checks.fail("database", error.to_string(), "Correct DATABASE_URL.");
            return None;
        }
        Err(error) => {
            checks.fail(
                "database",
                error.to_string(),
                "Start it, or correct address, user and password in DATABASE_URL.",
            );
            return None;
        }
    };
    let (asked, ours) = (Instant::now(), Clock::System.now());
    match db.server().await {
        Ok(server) => {
            let took = i64::try_from(asked.elapsed().as_micros()).unwrap_or(i64::MAX);
            judge(checks, &server);
            // Its clock was read somewhere between question and answer.
            clock(checks, server.now.since(ours) - took / 2);
        }
        Err(error) => checks.fail("database", error.to_string(), "Look at the database's own log."),
    }
    if matches!(db.lends_sessions().await, Ok(true)) {
        let found =
            "a pooler lends a session for one transaction: wake-ups aren't heard, effects begin up to 0.5 s late";
        checks.warn(
            "pooler",
            found,
            "Give workers PostgreSQL's own address in DATABASE_URL; consoles may go through it.",
        );
    }
    schema(checks, &db).await.then_some(db)
}

fn judge(checks: &mut Checks, server: &Server) {
    let Server { kind, version, user, .. } = server;
    if *kind == "PostgreSQL" && server.number < OLDEST_POSTGRES {
        checks.warn("database", format!("PostgreSQL {version} is older than 13"), "Upgrade it.");
    } else {
        let as_whom = if user.is_empty() { String::new() } else { format!(" as {user}") };
        checks.fine("database", format!("{kind} {version} answers{as_whom}"));
    }
    if server.in_recovery {
        let fix = "Give the address of the primary in DATABASE_URL, or promote this server.";
        checks.fail("recovery", "this server is a standby: it can only be read", fix);
    }
    if server.superuser {
        let fix = "Run `jointforce-worker migrate roles`, and connect as a member of jointforce_worker.";
        checks.warn("database role", format!("{user} is a superuser, whom no guard of the record stops"), fix);
    }
    if !server.careless.is_empty() {
        let found = format!("{}: a crash loses decisions that were shown as done", server.careless.join(", "));
        checks.fail("durability", found, "Set it back to its default.");
    }
    let (used, most) = server.connections;
    if most > 0 && used * 10 >= most * 9 {
        let found = format!("{used} of {most} connections are in use");
        checks.warn("connections", found, "Raise max_connections: each worker takes up to 10, each console too.");
    }
}

fn clock(checks: &mut Checks, skew: i64) {
    let fix = "Run NTP on both machines.";
    let apart = format!(
        "the database's clock is {} {}",
        span_words(skew.abs()),
        if skew < 0 { "behind this machine's" } else { "ahead of this machine's" }
    );
    match skew.abs() {
        ..SKEW_WARNED => checks.fine("clock", format!("{} ms from the database's", skew.abs() / 1000)),
        SKEW_WARNED..SKEW_FAILED => checks.warn("clock", apart, fix),
        _ => checks.fail("clock", apart, fix),
    }
}

async fn schema(checks: &mut Checks, db: &Db) -> bool {
    match db.check_schema().await {
        Ok(found) if found == known() => {
            checks.fine("schema", format!("{found}, this program's own"));
            true
        }
        Ok(found) => {
            let found = format!("{found}, a newer program's, which serves this one's {} too", known());
            checks.warn("schema", found, "Install the newer program here as well.");
            true
        }
        Err(error @ Error::Newer { .. }) => {
            checks.fail("schema", error.to_string(), "Install the newer program; this one changes nothing.");
            false
        }
        Err(error) => {
            let fix = "Run `jointforce-worker migrate plan`, then `migrate`.";
            checks.fail("schema", error.to_string(), fix);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::time::Time;

    use super::{super::Verdict, *};

    fn server() -> Server {
        Server {
            kind: "PostgreSQL",
            version: "15.14".into(),
            number: 150_014,
            user: "jf".into(),
            superuser: false,
            in_recovery: false,
            tls: None,
            now: Time(0),
            careless: vec![],
            connections: (10, 100),
        }
    }

    fn worst(server: &Server) -> Verdict {
        let mut checks = Checks::default();
        judge(&mut checks, server);
        checks.worst()
    }

    #[test]
    fn a_database_that_cannot_be_written_or_forgets_is_a_failure() {
        use Verdict::{Failure, Fine, Warning};
        assert_eq!(worst(&server()), Fine);
        assert_eq!(worst(&Server { in_recovery: true, ..server() }), Failure);
        assert_eq!(worst(&Server { careless: vec!["fsync = off".into()], ..server() }), Failure);
        assert_eq!(worst(&Server { superuser: true, ..server() }), Warning);
        assert_eq!(worst(&Server { number: 120_004, ..server() }), Warning);
        assert_eq!(worst(&Server { connections: (95, 100), ..server() }), Warning);
    }

    #[test]
    fn clocks_that_differ_are_told() {
        let of = |skew| {
            let mut checks = Checks::default();
            clock(&mut checks, skew);
            checks.worst()
        };
        assert_eq!([of(3000), of(-900_000), of(7_000_000)], [Verdict::Fine, Verdict::Warning, Verdict::Failure]);
    }
}
