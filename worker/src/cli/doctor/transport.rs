//! What leaves this machine has to be encrypted, and the other end proven.

use std::net::IpAddr;

use jointforce_shared::{config::Places, store::db::without_password};

use super::{super::serve::RunArgs, Checks};

pub(super) fn look(checks: &mut Checks, places: &Places, run: &RunArgs) {
    database(checks, &places.database_url, std::env::var("PGSSLMODE").ok());
    if let Some(url) = &places.redis_url {
        redis(checks, url);
    }
    if let Some(url) = &run.smtp_url {
        smtp(checks, url);
    }
    if let Some(url) = &run.marketplace_url
        && url.starts_with("http://")
        && !is_here(url)
    {
        let found = format!("{} is called without TLS", without_password(url));
        checks.warn("marketplace", found, "Give MARKETPLACE_URL an https:// address.");
    }
}

fn database(checks: &mut Checks, url: &str, from_environment: Option<String>) {
    if !url.starts_with("postgres") {
        return;
    }
    if is_here(url) {
        return checks.fine("database TLS", "the database is on this machine");
    }
    let said = parameter(url, "sslmode").map(str::to_owned).or(from_environment);
    match said.as_deref() {
        Some("verify-full") => checks.fine("database TLS", "its certificate and name are checked (verify-full)"),
        mode => {
            let mode = mode.unwrap_or("prefer, the default");
            let found = format!(
                "{} is another machine and sslmode is {mode}: anybody between may read and pose as it",
                without_password(url)
            );
            let fix = "Put ?sslmode=verify-full into DATABASE_URL, and &sslrootcert=FILE for a CA of your own.";
            checks.fail("database TLS", found, fix);
        }
    }
}

fn redis(checks: &mut Checks, url: &str) {
    let shown = without_password(url);
    if url.ends_with("#insecure") {
        let fix = "Take #insecure away; a CA of your own is named by SSL_CERT_FILE.";
        return checks.fail("redis TLS", format!("{shown} may show any certificate"), fix);
    }
    if url.starts_with("rediss:") {
        return checks.fine("redis TLS", "its certificate and name are checked");
    }
    if is_here(url) {
        return checks.fine("redis TLS", "Redis is on this machine");
    }
    let found = format!("{shown} is another machine and is spoken to without TLS, the password too");
    checks.fail(
        "redis TLS",
        found,
        "Give REDIS_URL as rediss://user:password@host; `tls-port` switches it on in Redis.",
    );
}

fn smtp(checks: &mut Checks, url: &str) {
    let shown = without_password(url);
    if is_here(url) {
        return checks.fine("mail TLS", "the mail server is on this machine");
    }
    match parameter(url, "tls") {
        Some(mode @ ("none" | "opportunistic")) => {
            let found = format!("{shown} is another machine and tls={mode} lets mail and password go in the clear");
            checks.fail("mail TLS", found, "Take tls= out of SMTP_URL: TLS is then required.");
        }
        _ => checks.fine("mail TLS", "TLS is required"),
    }
}

/// A parameter of the query.
fn parameter<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = url.split_once('?')?;
    let query = query.split('#').next().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// Whether an address is one of this machine: a loopback address, a socket, or no host at all.
fn is_here(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    // libpq's way to name another host, or a socket's folder.
    let host = parameter(url, "host").unwrap_or(host);
    let socket = host.starts_with('/') || host.to_ascii_lowercase().starts_with("%2f");
    host.is_empty()
        || socket
        || host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    fn verdict(look: impl Fn(&mut Checks)) -> Verdict {
        let mut checks = Checks::default();
        look(&mut checks);
        assert!(checks.0.iter().all(|check| !check.found.contains("s3cret") && !check.fix.contains("s3cret")));
        checks.worst()
    }

    #[test]
    fn a_database_elsewhere_has_to_prove_itself() {
        use Verdict::{Failure, Fine};
        for (url, mode, expected) in [
            ("postgres://jf:s3cret@127.0.0.1/x", None, Fine),
            ("postgres://jf@localhost:5432/x", None, Fine),
            ("postgres://jf@[::1]/x", None, Fine),
            ("postgres:///x?host=/run/postgresql", None, Fine),
            ("postgres://%2Frun%2Fpostgresql/x", None, Fine),
            ("sqlite:/var/lib/jf.db", None, Fine),
            ("postgres://jf:s3cret@db.example/x", None, Failure),
            ("postgres://jf:s3cret@db.example/x?sslmode=require", None, Failure),
            ("postgres://jf:s3cret@localhost/x?host=db.example", None, Failure),
            ("postgres://jf@localhost.example/x", None, Failure),
            ("postgres://127.0.0.1@db.example/x", None, Failure),
            ("postgres://jf:s3cret@db.example/x?sslmode=verify-full&sslrootcert=/ca.pem", None, Fine),
            ("postgres://jf:s3cret@db.example/x", Some("verify-full"), Fine),
            ("postgres://jf:s3cret@db.example/x?sslmode=disable", Some("verify-full"), Failure),
        ] {
            let mode = mode.map(str::to_owned);
            assert_eq!(verdict(|checks| database(checks, url, mode.clone())), expected, "{url} {mode:?}");
        }
    }

    #[test]
    fn redis_and_mail_elsewhere_are_spoken_to_with_tls() {
        use Verdict::{Failure, Fine};
        for (url, expected) in [
            ("redis://:s3cret@127.0.0.1:6379", Fine),
            ("redis://:s3cret@10.0.0.7:6379", Failure),
            ("rediss://jf:s3cret@queue.example", Fine),
            ("rediss://jf:s3cret@queue.example/#insecure", Failure),
        ] {
            assert_eq!(verdict(|checks| redis(checks, url)), expected, "{url}");
        }
        for (url, expected) in [
            ("smtp://127.0.0.1:25", Fine),
            ("smtp://u:s3cret@mail.example", Fine),
            ("smtps://u:s3cret@mail.example?tls=required", Fine),
            ("smtp://u:s3cret@mail.example?tls=opportunistic", Failure),
            ("smtp://u:s3cret@mail.example?tls=none", Failure),
        ] {
            assert_eq!(verdict(|checks| smtp(checks, url)), expected, "{url}");
        }
    }
}
