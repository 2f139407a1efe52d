//! Pages on their way out: PagerDuty's Events API v2, and the webhook that Prometheus' Alertmanager would call (version 4).
//!
//! What is told is how the page stands when it is told, under its own key, so a repeat changes nothing. A page that
//! changed while it was told is told again: otherwise a slow `trigger` could reach the other side after the `resolve`.

use std::{fmt, path::Path};

use jointforce_shared::{
    domain::{
        ids::PageId,
        page::{Page, Route, State},
        refused::Refused,
        time::Time,
    },
    store::{Db, db::without_password, effects::carry::Claimed, pages},
};
use reqwest::{StatusCode, Url};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Fault, Sent, quoted, webhook::Hooks};

/// Where pages go beside mail.
#[derive(Debug, Clone, Default)]
pub struct PagerConfig {
    /// PagerDuty, if it is used.
    pub pager_duty: Option<PagerDuty>,
    /// A receiver of Alertmanager's webhooks, if there is one.
    pub alertmanager: Option<Alertmanager>,
}

/// An integration of PagerDuty's Events API v2.
#[derive(Clone)]
pub struct PagerDuty {
    /// Where events are posted. [`PagerDuty::URL`], or `https://events.eu.pagerduty.com/v2/enqueue`.
    pub url: String,
    /// The integration's routing key: a secret.
    pub routing_key: String,
}

impl PagerDuty {
    /// Where PagerDuty takes events, outside the EU service region.
    pub const URL: &'static str = "https://events.pagerduty.com/v2/enqueue";
}

impl fmt::Debug for PagerDuty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PagerDuty").field("url", &without_password(&self.url)).finish_non_exhaustive()
    }
}

/// A receiver of Alertmanager's webhooks.
#[derive(Clone)]
pub struct Alertmanager {
    /// An `http` or `https` URL.
    pub url: String,
    /// Sent as `Authorization: Bearer …`, if it asks for one: a secret.
    pub token: Option<String>,
}

impl fmt::Debug for Alertmanager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alertmanager").field("url", &without_password(&self.url)).finish_non_exhaustive()
    }
}

/// A secret from a file, as systemd's credentials and other stores of secrets hand them out.
///
/// # Errors
/// Refused when the file can't be read, or holds no single word.
pub fn secret_from(field: &str, path: &Path) -> Result<String, Refused> {
    let fix = "Give a file that this account may read, with the secret alone in it.";
    let text = std::fs::read_to_string(path)
        .map_err(|error| Refused::one(field, format!("{} can't be read: {error}", path.display()), fix))?;
    let secret = text.trim();
    let plain = (1..=500).contains(&secret.len()) && secret.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { Ok(secret.to_owned()) } else { Err(Refused::one(field, "the file holds no secret of one word", fix)) }
}

/// The ways out, checked.
pub(super) struct Pager {
    pager_duty: Option<(Url, String)>,
    alertmanager: Option<(Url, Option<String>)>,
}

impl fmt::Debug for Pager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = |url: &Url| url.host_str().map(str::to_owned);
        f.debug_struct("Pager")
            .field("pager_duty", &self.pager_duty.as_ref().map(|(url, _)| host(url)))
            .field("alertmanager", &self.alertmanager.as_ref().map(|(url, _)| host(url)))
            .finish()
    }
}

impl Pager {
    pub(super) fn new(config: &PagerConfig) -> Result<Self, Refused> {
        let pager_duty = match &config.pager_duty {
            Some(to) if to.routing_key.trim().is_empty() => {
                return Err(Refused::one("pagerduty", "its routing key is empty", "Give an integration's key."));
            }
            Some(to) => Some((url("pagerduty", &to.url)?, to.routing_key.clone())),
            None => None,
        };
        let alertmanager = match &config.alertmanager {
            Some(to) => Some((url("alertmanager", &to.url)?, to.token.clone())),
            None => None,
        };
        Ok(Self { pager_duty, alertmanager })
    }

    /// Tells how a page stands on a way that is not mail.
    pub(super) async fn tell(
        &self,
        db: &Db,
        hooks: &Hooks,
        effect: &Claimed,
        (id, route): (PageId, Route),
        now: Time,
    ) -> Result<Sent, Fault> {
        let page = load(db, id).await?;
        let request = match route {
            Route::PagerDuty => {
                let Some((url, key)) = &self.pager_duty else {
                    return Ok(Sent::NothingToSend("PagerDuty is not configured"));
                };
                hooks.post_json(url, effect, &pager_duty_event(&page, key))
            }
            Route::Alertmanager => {
                let Some((url, token)) = &self.alertmanager else {
                    return Ok(Sent::NothingToSend("no receiver of Alertmanager's webhooks is configured"));
                };
                let Some(body) = alertmanager_body(&page) else {
                    return Ok(Sent::NothingToSend("an alert has no word for somebody being on it"));
                };
                let request = hooks.post_json(url, effect, &body);
                match token {
                    Some(token) => request.bearer_auth(token),
                    None => request,
                }
            }
            Route::Mail => return Err(Fault::never("a mail is sent by the post")),
        };
        let host = match route {
            Route::PagerDuty => "PagerDuty",
            _ => "the receiver of alerts",
        };
        let answer = hooks.answer(host, request).await?;
        match answer.status() {
            status if status.is_success() => {}
            // The one answer that trying again can't change: a wrong key, or an event that it doesn't understand.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                let status = answer.status().as_u16();
                return Err(Fault::never(format!("{host} answered {status}: check its key, then retry")));
            }
            _ => return Err(Hooks::refusal(host, answer, now).await),
        }
        let after = load(db, id).await?;
        if (after.state.as_str(), after.level) == (page.state.as_str(), page.level) {
            Ok(Sent::Sent)
        } else {
            Err(Fault::retry("the page changed while it was told; it is told again"))
        }
    }
}

fn url(field: &str, text: &str) -> Result<Url, Refused> {
    let fix = "Give an http or https URL.";
    let url =
        Url::parse(text.trim()).map_err(|error| Refused::one(field, format!("it can't be called: {error}"), fix))?;
    match (url.scheme(), url.has_host()) {
        ("http" | "https", true) => Ok(url),
        _ => Err(Refused::one(field, format!("the scheme is {:?}", quoted(url.scheme())), fix)),
    }
}

async fn load(db: &Db, id: PageId) -> Result<Page, Fault> {
    pages::get(&mut db.read().await?, id).await?.ok_or_else(|| Fault::missing("page", id))
}

/// The key under which others know the page. Its own id, so that a new page about the same thing is a new incident.
fn dedup_key(page: &Page) -> String {
    format!("jointforce:{}", page.id)
}

fn pager_duty_event(page: &Page, routing_key: &str) -> Value {
    let action = match page.state {
        State::Open => "trigger",
        State::Acknowledged { .. } => "acknowledge",
        State::Resolved { .. } => "resolve",
    };
    let mut event = json!({ "routing_key": routing_key, "event_action": action, "dedup_key": dedup_key(page) });
    if page.state == State::Open {
        event["client"] = json!("Joint Force");
        event["payload"] = json!({
            "summary": page.summary,
            "source": "jointforce",
            "severity": page.severity,
            "timestamp": page.raised.to_string(),
            "component": page.subject,
            "class": page.kind,
            "custom_details": { "page": page.id, "level": page.level, "case": page.case },
        });
    }
    event
}

/// `None` for a page that somebody is on: an alert only fires or is resolved.
fn alertmanager_body(page: &Page) -> Option<Value> {
    let (status, ends) = match &page.state {
        State::Open => ("firing", "0001-01-01T00:00:00Z".to_owned()),
        State::Resolved { at, .. } => ("resolved", at.to_string()),
        State::Acknowledged { .. } => return None,
    };
    let name = format!("JointForce_{}", page.kind);
    let labels = json!({
        "alertname": name, "service": "jointforce", "severity": page.severity, "kind": page.kind, "page": page.id,
    });
    let annotations = json!({
        "summary": page.summary, "subject": page.subject, "level": page.level.to_string(),
    });
    let fingerprint: String =
        Sha256::digest(dedup_key(page).as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    Some(json!({
        "version": "4",
        "groupKey": format!("{{}}:{{page=\"{}\"}}", page.id),
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "jointforce",
        "groupLabels": { "page": page.id },
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": "",
        "alerts": [{
            "status": status,
            "labels": labels,
            "annotations": annotations,
            "startsAt": page.raised.to_string(),
            "endsAt": ends,
            "generatorURL": "",
            "fingerprint": fingerprint,
        }],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let config = PagerConfig {
            pager_duty: Some(PagerDuty { url: PagerDuty::URL.into(), routing_key: "s3cret".into() }),
            alertmanager: Some(Alertmanager {
                url: "http://u:s3cret@x/?k=s3cret".into(),
                token: Some("s3cret".into()),
            }),
        };
        let shown = format!("{config:?} {:?}", Pager::new(&config).unwrap());
        assert!(shown.contains("events.pagerduty.com") && !shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn a_secret_is_read_from_a_file_and_a_bad_file_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc123\n").unwrap();
        assert_eq!(secret_from("pagerduty", file.path()).unwrap(), "abc123");
        for bad in ["", "two words", "\n\n"] {
            std::fs::write(file.path(), bad).unwrap();
            assert!(secret_from("pagerduty", file.path()).is_err(), "{bad:?}");
        }
        assert!(secret_from("pagerduty", Path::new("/nowhere")).unwrap_err().to_string().contains("/nowhere"));
    }
}
