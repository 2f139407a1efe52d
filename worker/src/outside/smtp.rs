//! SMTP connections, a few of them kept open.
//!
//! Not lettre's own pool: it takes back a connection whose sending was cancelled in the middle, and the next message
//! then waits on a server that waits for the end of the last one. Here a connection goes back only after the server
//! took a message whole; whatever else happens, dropping it closes it.

use std::{net::IpAddr, time::Duration};

use jointforce_shared::{domain::refused::Refused, store::db::without_password};
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, TlsParameters},
        extension::ClientId,
    },
};
use reqwest::Url;
use tokio::{sync::Mutex, time};

use super::{Fault, quoted};

/// Connections kept open between messages. More may be in use at once.
const IDLE_MAX: usize = 4;

/// A mail server, and how to speak to it.
pub(super) struct Smtp {
    host: String,
    port: u16,
    tls: Tls,
    hello: ClientId,
    login: Option<Credentials>,
    timeout: Duration,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Smtp").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

enum Tls {
    /// From the first byte (`smtps`).
    Wrapped(TlsParameters),
    /// STARTTLS or nothing is sent.
    Required(TlsParameters),
    /// STARTTLS where it is offered.
    Opportunistic(TlsParameters),
    None,
}

impl Smtp {
    /// A server from its URL; see [`super::MailRoute::Smtp`].
    pub(super) fn parse(url: &str, timeout: Duration) -> Result<Self, Refused> {
        let wrong =
            |problem: String, fix: &str| Refused::one("mail", format!("{}: {problem}", without_password(url)), fix);
        const FORM: &str = "Give smtp://user:password@host:port or smtps://user:password@host.";
        let parsed = Url::parse(url).map_err(|error| wrong(error.to_string(), FORM))?;
        let host =
            parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("it has no host".into(), FORM))?;
        let host = host.trim_matches(['[', ']']).to_owned();
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let asked = parsed.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let parameters = || TlsParameters::new(host.clone()).map_err(|error| wrong(error.to_string(), FORM));
        let (tls, port) = match (parsed.scheme(), asked.as_deref()) {
            ("smtps", None | Some("required")) => (Tls::Wrapped(parameters()?), 465),
            ("smtp", Some("required")) => (Tls::Required(parameters()?), 587),
            ("smtp", None) if !here => (Tls::Required(parameters()?), 587),
            ("smtp", Some("opportunistic")) => (Tls::Opportunistic(parameters()?), 587),
            ("smtp", None | Some("none")) => (Tls::None, 25),
            ("smtp" | "smtps", Some(other)) => {
                let problem = format!("tls={} is not known", quoted(other));
                return Err(wrong(problem, "Use tls=required, tls=opportunistic or tls=none."));
            }
            _ => return Err(wrong("the scheme is neither smtp nor smtps".into(), FORM)),
        };
        let login = match (parsed.username(), parsed.password()) {
            ("", None) => None,
            (user, password) => {
                let text = |text| decoded(text).ok_or_else(|| wrong("user or password is badly escaped".into(), FORM));
                Some(Credentials::new(text(user)?, text(password.unwrap_or_default())?))
            }
        };
        if login.is_some() && !here && matches!(tls, Tls::None | Tls::Opportunistic(_)) {
            let problem = "the password could travel in the clear".into();
            return Err(wrong(problem, "Use smtps:// or tls=required, or leave user and password out."));
        }
        let name = parsed.path().trim_matches('/');
        let hello = if name.is_empty() { ClientId::default() } else { ClientId::Domain(name.to_owned()) };
        let port = parsed.port().unwrap_or(port);
        Ok(Self { host, port, tls, hello, login, timeout, idle: Mutex::new(vec![]) })
    }

    /// Hands a message over.
    pub(super) async fn send(&self, envelope: &Envelope, message: &[u8]) -> Result<(), Fault> {
        match time::timeout(self.timeout, self.hand_over(envelope, message)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::slow(format!(
                "the mail server {} did not answer in time; whether it took the message is unknown",
                self.host
            ))),
        }
    }

    async fn hand_over(&self, envelope: &Envelope, message: &[u8]) -> Result<(), Fault> {
        // Whatever goes wrong before the message is no fault of the message.
        let mut connection = self.connection().await.map_err(|error| Fault::away(self.words(&error)))?;
        connection.send(envelope, message).await.map_err(|error| {
            let why = self.words(&error);
            // The client's own errors: an address or a text that this server has no extension for.
            if error.is_permanent() || error.is_client() {
                Fault::never(why)
            } else if error.is_transient() {
                // Greylisting, a full mailbox: this message's affair.
                Fault::retry(why)
            } else {
                Fault::away(why)
            }
        })?;
        let mut idle = self.idle.lock().await;
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        Ok(())
    }

    async fn connection(&self) -> Result<AsyncSmtpConnection, Error> {
        while let Some(mut connection) = { self.idle.lock().await.pop() } {
            if connection.test_connected().await {
                return Ok(connection);
            }
        }
        let wrap = if let Tls::Wrapped(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let server = (self.host.as_str(), self.port);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(self.timeout), &self.hello, wrap, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            Tls::Opportunistic(_) | Tls::Wrapped(_) | Tls::None => {}
        }
        if let Some(login) = &self.login {
            connection.auth(DEFAULT_MECHANISMS, login).await?;
        }
        Ok(connection)
    }

    /// An error with its causes, in clean words.
    fn words(&self, error: &Error) -> String {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                text = format!("{text}: {words}");
            }
            cause = error.source();
        }
        format!("the mail server {}: {}", self.host, quoted(&text))
    }
}

/// Undoes the percent-encoding of a URL's user or password.
fn decoded(text: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first == b'%' {
            let hex = std::str::from_utf8(rest.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(hex, 16).ok()?);
            rest = &rest[2..];
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        match Smtp::parse(url, Duration::MAX) {
            Err(refused) => refused.to_string(),
            Ok(smtp) => {
                let tls = match smtp.tls {
                    Tls::Wrapped(_) => "wrapped",
                    Tls::Required(_) => "required",
                    Tls::Opportunistic(_) => "opportunistic",
                    Tls::None => "none",
                };
                format!("{}:{} {tls} {} {}", smtp.host, smtp.port, smtp.hello, smtp.login.is_some())
            }
        }
    }

    #[test]
    fn tls_is_required_unless_the_server_is_here_or_the_url_says_otherwise() {
        for (url, expect) in [
            ("smtp://mail.example", "mail.example:587 required [127.0.0.1] false"),
            ("smtp://u:p%40@mail.example:25/shop.example", "mail.example:25 required shop.example true"),
            ("smtps://u:p@mail.example", "mail.example:465 wrapped [127.0.0.1] true"),
            ("smtp://localhost", "localhost:25 none [127.0.0.1] false"),
            ("smtp://u:p@127.0.0.1:2525", "127.0.0.1:2525 none [127.0.0.1] true"),
            ("smtp://[::1]:2525", "::1:2525 none [127.0.0.1] false"),
            ("smtp://localhost?tls=required", "localhost:587 required [127.0.0.1] false"),
            ("smtp://mail.example?tls=none", "mail.example:25 none [127.0.0.1] false"),
            ("smtp://mail.example?tls=opportunistic", "mail.example:587 opportunistic [127.0.0.1] false"),
        ] {
            assert_eq!(shown(url), expect);
        }
    }

    #[test]
    fn a_bad_url_is_refused_without_its_password() {
        for (url, problem) in [
            ("mail.example", "relative URL"),
            ("http://u:s3cret@mail.example", "neither smtp nor smtps"),
            ("smtp://u:s3cret@mail.example?tls=maybe", "tls=maybe is not known"),
            ("smtp://u:s3cret@mail.example?tls=none", "in the clear"),
            ("smtp://u:s3cret@mail.example?tls=opportunistic", "in the clear"),
            ("smtp://u:s3cret%4@mail.example", "badly escaped"),
            ("smtp:///x", "no host"),
        ] {
            let words = shown(url);
            assert!(words.contains(problem) && !words.contains("s3cret"), "{url}: {words}");
        }
    }
}
