//! Webhooks as Standard Webhooks 1.0.0 has them: id, timestamp and signature in the headers, JSON in the body.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::fmt::rfc2822;
use jointforce_shared::{
    domain::{ids::EffectId, refused::Refused, time::Time},
    store::effects::carry::Claimed,
};
use reqwest::{RequestBuilder, Response, StatusCode, Url, redirect::Policy};
use serde_json::Value;
use sha2::Sha256;

use super::{Fault, events::Event, guard::Guard, quoted};

/// As much of a failed answer as is read: enough for its first words. The rest is never fetched.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// No plea to wait is honoured for longer: 24 h.
const WAIT_MAX: Duration = Duration::from_secs(24 * 3600);
/// The shortest signing key that Standard Webhooks allows.
const KEY_BYTES_MIN: usize = 24;

/// What is wrong with one field of an endpoint, and the fix.
pub(super) type Wrong = (String, &'static str);

/// Where a webhook goes, and the keys that sign it.
pub(super) struct Endpoint {
    url: Url,
    /// The URL as it was given.
    given: String,
    keys: Vec<Vec<u8>>,
    /// Whether we chose it ourselves: then it may be anywhere.
    ours: bool,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl Endpoint {
    /// An endpoint from its URL and its secret, or from two secrets with a space between while one replaces the other.
    pub(super) fn parse(url: &str, secret: &str) -> Result<Self, (&'static str, Wrong)> {
        let given = url.to_owned();
        let url = Url::parse(url.trim())
            .map_err(|error| error.to_string())
            .and_then(|url| match (url.scheme(), url.has_host()) {
                ("http" | "https", true) => Ok(url),
                _ => Err(format!("the scheme is {:?}", quoted(url.scheme()))),
            })
            .map_err(|why| ("url", (format!("it can't be called: {why}"), "Give an http or https URL.")))?;
        let keys = secret
            .split_whitespace()
            .map(|secret| secret.strip_prefix("whsec_").and_then(|text| STANDARD.decode(text).ok()))
            .map(|key| key.filter(|key| key.len() >= KEY_BYTES_MIN))
            .collect::<Option<Vec<_>>>()
            .filter(|keys| !keys.is_empty())
            .ok_or_else(|| {
                let problem =
                    if secret.trim().is_empty() { "it is missing" } else { "it is no Standard Webhooks secret" };
                ("secret", (problem.to_owned(), "Give whsec_ and the base64 of 24 to 64 random bytes."))
            })?;
        Ok(Self { url, given, keys, ours: false })
    }

    /// An endpoint from our own configuration.
    pub(super) fn ours(self) -> Self {
        Self { ours: true, ..self }
    }

    /// `webhook-signature`: one `v1` signature a key.
    fn signature(&self, id: EffectId, seconds: i64, body: &str) -> String {
        let signed = self.keys.iter().filter_map(|key| {
            // HMAC takes a key of any length.
            let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
            mac.update(format!("{id}.{seconds}.{body}").as_bytes());
            Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
        });
        signed.collect::<Vec<_>>().join(" ")
    }

    /// The host, for people; the rest of a URL may be a secret.
    fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

/// Where the marketplace says whether it took an event.
#[derive(Debug)]
pub(super) struct Outcome(String);

impl Outcome {
    pub(super) fn parse(url: &str) -> Result<Self, (&'static str, Wrong)> {
        let fix = "Give an http or https URL with {id} where the event's id goes.";
        let wrong = |why: String| ("outcome", (why, fix));
        let filled = Url::parse(&url.trim().replace("{id}", "id")).map_err(|error| wrong(error.to_string()))?;
        if !url.contains("{id}") || !matches!(filled.scheme(), "http" | "https") || !filled.has_host() {
            return Err(wrong("nothing can be asked there".to_owned()));
        }
        Ok(Self(url.trim().to_owned()))
    }

    fn of(&self, id: EffectId) -> String {
        self.0.replace("{id}", &id.to_string())
    }
}

/// The clients that call webhooks: one for what we configured, one that goes where strangers point and is guarded.
#[derive(Debug)]
pub(super) struct Hooks {
    client: reqwest::Client,
    guarded: reqwest::Client,
    guard: Guard,
}

impl Hooks {
    pub(super) fn new(timeout: Duration, guard: Guard) -> Result<Self, Refused> {
        let builder = || {
            reqwest::Client::builder()
                .redirect(Policy::none())
                .timeout(timeout)
                .connect_timeout(timeout.min(Duration::from_secs(5)))
                .pool_idle_timeout(Duration::from_secs(30))
                .user_agent(concat!("JointForce/", env!("CARGO_PKG_VERSION")))
        };
        // A proxy would resolve names itself, behind the guard's back.
        let guarded = || builder().dns_resolver(guard.clone()).no_proxy();
        let clients = builder().build().and_then(|client| Ok((client, guarded().build()?))).or_else(|error| {
            // The usual cause: a machine without CA certificates. Plain http to this machine (the demo) still works
            // there, and https says that the issuer is unknown.
            tracing::warn!(error = chain(&error), "https calls will fail: install the package ca-certificates");
            Ok((builder().tls_certs_only([]).build()?, guarded().tls_certs_only([]).build()?))
        });
        let (client, guarded) = clients
            .map_err(|error: reqwest::Error| Refused::one("webhooks", chain(&error), "Report this; it is a bug."))?;
        Ok(Self { client, guarded, guard })
    }

    /// Calls an endpoint once. The id is the effect's and the event never changes, so a repeat is seen as one.
    pub(super) async fn call(&self, to: &Endpoint, effect: &Claimed, event: &Event, now: Time) -> Result<(), Fault> {
        let id = effect.id;
        let body = event.body(id);
        let seconds = now.0.div_euclid(Time::SECOND);
        let client = if to.ours {
            &self.client
        } else {
            self.guard.check(&to.url).map_err(|why| {
                Fault::never(format!("{why}: it is not called. Give a public address, or allow it (--webhook-allow)."))
            })?;
            &self.guarded
        };
        let request = client
            .post(to.url.clone())
            .header("content-type", "application/json")
            .header("webhook-id", id.to_string())
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", to.signature(id, seconds, &body))
            .header("traceparent", effect.trace.parent(id))
            .body(body);
        let answer = self.answer(to.host(), request).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(Fault::Gone {
                why: format!("{} answered 410: the endpoint is gone.", to.host()),
                url: to.given.clone(),
            }),
            _ => Err(Self::refusal(to.host(), answer, now).await),
        }
    }

    /// Asks whether the event of this id was taken at an earlier attempt.
    ///
    /// # Errors
    /// When that can't be learnt now: then nothing may be sent again either.
    pub(super) async fn was_taken(
        &self,
        to: &Endpoint,
        outcome: &Outcome,
        effect: &Claimed,
        now: Time,
    ) -> Result<bool, Fault> {
        let id = effect.id;
        let (seconds, event) = (now.0.div_euclid(Time::SECOND), id.to_string());
        let request = self
            .client
            .get(outcome.of(id))
            .header("webhook-id", event)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", to.signature(id, seconds, ""))
            .header("traceparent", effect.trace.parent(id));
        let answer = self.answer(to.host(), request).await?;
        match answer.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(Self::refusal(to.host(), answer, now).await),
        }
    }

    /// A request that posts JSON on an effect's trace, for [`Hooks::answer`].
    pub(super) fn post_json(&self, to: &Url, effect: &Claimed, body: &Value) -> RequestBuilder {
        self.client
            .post(to.clone())
            .header("content-type", "application/json")
            .header("traceparent", effect.trace.parent(effect.id))
            .body(body.to_string())
    }

    /// Whatever a host answers; `host` is what people are told it is.
    pub(super) async fn answer(&self, host: &str, request: RequestBuilder) -> Result<Response, Fault> {
        request.send().await.map_err(|error| unanswered(host, error))
    }

    /// What an answer that is no success means.
    pub(super) async fn refusal(host: &str, answer: Response, now: Time) -> Fault {
        refused(host, answer, now).await
    }
}

fn unanswered(host: &str, error: reqwest::Error) -> Fault {
    if error.is_timeout() {
        return Fault::slow(format!("{host} did not answer in time; whether it took the event is unknown"));
    }
    Fault::away(format!("{host} can't be reached: {}", quoted(&chain(&error.without_url()))))
}

async fn refused(host: &str, mut answer: Response, now: Time) -> Fault {
    let status = answer.status();
    let wait = retry_after(answer.headers(), now);
    if status == StatusCode::GONE {
        return Fault::never(format!(
            "{host} answered 410: the endpoint is gone. Remove it from the brand, or change it."
        ));
    }
    if status.is_redirection() {
        return Fault::away(format!(
            "{host} answered {}: redirects are not followed. Give the final URL.",
            status.as_u16()
        ));
    }
    let words = first_words(&mut answer).await;
    let why = format!("{host} answered {}{}{words}", status.as_u16(), if words.is_empty() { "" } else { ": " });
    let busy = matches!(status.as_u16(), 429 | 502 | 503 | 504);
    let after = (busy || wait.is_some()).then(|| wait.unwrap_or_default().max(Fault::SLOW).min(WAIT_MAX));
    // These are about this one message; whatever else is wrong is wrong with the endpoint.
    if matches!(status.as_u16(), 400 | 409 | 413 | 415 | 422) && wait.is_none() {
        return Fault::Retry { why, after };
    }
    Fault::Away { why, after, pause: wait.and(after) }
}

/// The first words of a failed answer, for the ledger. What can't be read is left out.
async fn first_words(answer: &mut Response) -> String {
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        read.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_MAX - read.len())]);
        if read.len() >= 1024 {
            break;
        }
    }
    quoted(&String::from_utf8_lossy(&read))
}

/// What an answer's `Retry-After` asks for.
pub(crate) fn retry_after(headers: &reqwest::header::HeaderMap, now: Time) -> Option<Duration> {
    wait(headers.get("retry-after")?.to_str().ok()?, now).map(|wait| wait.min(WAIT_MAX))
}

/// `Retry-After`: seconds, or a date.
fn wait(text: &str, now: Time) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = Time::from(rfc2822::parse(text).ok()?.timestamp());
    Some(Duration::from_micros(u64::try_from(until.since(now)).unwrap_or(0)))
}

/// An error with its causes; without URLs, which may carry a secret.
pub(crate) fn chain(error: &reqwest::Error) -> String {
    let mut text = String::from("the call failed");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_the_one_in_the_specification() {
        // The example of the Standard Webhooks reference libraries.
        let endpoint = Endpoint::parse("https://brand.example/", SECRET).unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&endpoint.keys[0]).unwrap();
        mac.update(b"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}");
        assert_eq!(STANDARD.encode(mac.finalize().into_bytes()), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn an_endpoint_that_cannot_be_signed_for_is_refused_with_the_field() {
        let field = |url: &str, secret: &str| Endpoint::parse(url, secret).err().map(|(field, _)| field);
        assert_eq!(field("https://brand.example/h?k=1", SECRET), None);
        assert_eq!(field("https://brand.example/", &format!("{SECRET} {SECRET}")), None);
        for url in ["", "brand.example", "ftp://brand.example/", "file:///etc/passwd", "http://"] {
            assert_eq!(field(url, SECRET), Some("url"), "{url:?}");
        }
        for secret in ["", " ", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"] {
            assert_eq!(field("http://brand.example/", secret), Some("secret"), "{secret:?}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        let now = Time(1_445_412_480 * Time::SECOND);
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:29:00 GMT", now), Some(Duration::from_secs(60)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }
}
