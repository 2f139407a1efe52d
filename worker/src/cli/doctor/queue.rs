//! Redis: there, with our password, and of a kind that we work with.

use jointforce_shared::config::Places;
use jointforce_worker::bell::{About, Away, Bell, BellConfig, Health};

use super::{super::serve::RunArgs, Checks};

/// The oldest Redis that takes what we send: lists and transactions are older, users of their own (ACL) are of 6.
const OLDEST: u32 = 6;

pub(super) async fn look(checks: &mut Checks, places: &Places, run: &RunArgs) {
    let Some(url) = places.redis_url.clone() else {
        if places.database_url.starts_with("postgres") {
            let found = "rings stay in one process's memory: of several workers only one carries out";
            checks.warn("queue", found, "Give the workers of a fleet one Redis, REDIS_URL.");
        } else {
            checks.fine("queue", "in memory");
        }
        return;
    };
    let bell = match Bell::connect(BellConfig::Redis { url, prefix: run.redis_prefix.clone() }).await {
        Ok(bell) => bell,
        Err(error) => return checks.fail("queue", error.to_string(), "Correct REDIS_URL."),
    };
    if let Health::Away { away, .. } = bell.health() {
        let fix = match away {
            Away::WrongPassword { .. } => {
                "Correct user and password in REDIS_URL, or the user's rights in Redis (ACL)."
            }
            Away::Unreachable { .. } => "Start Redis, or correct REDIS_URL. Effects wait in the ledger meanwhile.",
            Away::Refuses { .. } => "Look at Redis' own log. Effects wait in the ledger meanwhile.",
        };
        return checks.fail("queue", away.to_string(), fix);
    }
    match bell.about().await {
        Ok(Some(about)) => judge(checks, &about),
        Ok(None) => {}
        Err(_) => checks.fine("queue", "Redis answers; this user may not ask it about itself (INFO)"),
    }
}

fn judge(checks: &mut Checks, about: &About) {
    let major = about.version.split('.').next().and_then(|major| major.parse::<u32>().ok()).unwrap_or(0);
    if major < OLDEST {
        checks.warn("queue", format!("Redis {} is older than {OLDEST}", about.version), "Install a newer one.");
    } else if about.memory_max > 0 && about.eviction != "noeviction" {
        let found = format!("Redis {} throws keys away when it is full ({})", about.version, about.eviction);
        let fix = "Set `maxmemory-policy noeviction`: a ring that is thrown away is rung again, seconds later.";
        checks.warn("queue", found, fix);
    } else {
        checks.fine("queue", format!("Redis {} answers", about.version));
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    #[test]
    fn a_redis_that_is_old_or_forgets_is_warned_of() {
        let about = |version: &str, memory_max, eviction: &str| {
            let mut checks = Checks::default();
            judge(&mut checks, &About { version: version.into(), memory_max, eviction: eviction.into() });
            checks.worst()
        };
        assert_eq!(about("7.0.15", 0, "allkeys-lru"), Verdict::Fine);
        assert_eq!(about("7.0.15", 1, "noeviction"), Verdict::Fine);
        assert_eq!(about("7.0.15", 1, "allkeys-lru"), Verdict::Warning);
        assert_eq!(about("5.0.3", 0, "noeviction"), Verdict::Warning);
    }
}
