//! Receivers of pages that check what they get: one like PagerDuty's Events API v2, one like the webhooks that
//! Prometheus' Alertmanager calls. Each keeps what it believes afterwards, as the real ones do.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::hooks::{Hooks, Request};

/// What PagerDuty would show after these events: by `dedup_key`, `triggered`, `acknowledged` or `resolved`.
///
/// Panics on an event that PagerDuty would answer with 400.
pub fn incidents(events: &[Request], routing_key: &str) -> BTreeMap<String, &'static str> {
    let mut incidents = BTreeMap::new();
    for event in events {
        assert_eq!(event.header("content-type"), "application/json");
        let event = event.json();
        assert_eq!(event["routing_key"], routing_key);
        let key = text(&event, "dedup_key").to_owned();
        assert!((1..=255).contains(&key.len()), "a dedup_key of {} characters", key.len());
        let known = ["routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links", "images"];
        for field in event.as_object().unwrap().keys() {
            assert!(known.contains(&field.as_str()), "PagerDuty knows no {field}");
        }
        match text(&event, "event_action") {
            "trigger" => {
                let payload = &event["payload"];
                assert!((1..=1024).contains(&text(payload, "summary").chars().count()));
                assert!(!text(payload, "source").is_empty());
                let severity = text(payload, "severity");
                assert!(["critical", "error", "warning", "info"].contains(&severity), "{severity}");
                moment(payload, "timestamp");
                // A trigger opens an incident, or opens it again after its end; on an acknowledged one it changes nothing.
                incidents
                    .entry(key)
                    .and_modify(|state| {
                        if *state == "resolved" {
                            *state = "triggered"
                        }
                    })
                    .or_insert("triggered");
            }
            "acknowledge" => drop(incidents.entry(key).and_modify(|state| {
                if *state == "triggered" {
                    *state = "acknowledged"
                }
            })),
            "resolve" => drop(incidents.entry(key).and_modify(|state| *state = "resolved")),
            other => panic!("PagerDuty knows no {other}"),
        }
    }
    incidents
}

/// Which alerts fire after these calls, by fingerprint.
///
/// Panics on a call that is not version 4 of Alertmanager's webhook.
pub fn alerts(calls: &[Request]) -> BTreeMap<String, bool> {
    let mut alerts = BTreeMap::new();
    for call in calls {
        let call = call.json();
        assert_eq!(call["version"], "4");
        for field in ["groupKey", "receiver", "externalURL"] {
            text(&call, field);
        }
        assert_eq!(call["truncatedAlerts"], 0);
        for labels in ["groupLabels", "commonLabels", "commonAnnotations"] {
            texts(&call[labels]);
        }
        let mut firing = false;
        for alert in call["alerts"].as_array().unwrap() {
            texts(&alert["labels"]);
            texts(&alert["annotations"]);
            assert!(!text(&alert["labels"], "alertname").is_empty());
            let fires = status(alert);
            let ends = moment(alert, "endsAt");
            assert_eq!(ends.starts_with("0001-01-01T"), fires, "an alert that fires has no end");
            moment(alert, "startsAt");
            let fingerprint = text(alert, "fingerprint");
            assert!(
                fingerprint.len() == 16 && fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{fingerprint}"
            );
            firing |= fires;
            alerts.insert(fingerprint.to_owned(), fires);
        }
        assert_eq!(status(&call), firing, "a group fires while one of its alerts does");
    }
    alerts
}

/// The requests that came in on this path.
pub fn on_path(hooks: &Hooks, path: &str) -> Vec<Request> {
    hooks.received().into_iter().filter(|request| request.path == path).collect()
}

fn status(of: &Value) -> bool {
    match text(of, "status") {
        "firing" => true,
        "resolved" => false,
        other => panic!("{other:?} is no status"),
    }
}

fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of[field].as_str().unwrap_or_else(|| panic!("{field} is no text in {of}"))
}

fn texts(of: &Value) {
    let labels = of.as_object().unwrap_or_else(|| panic!("no labels: {of}"));
    assert!(labels.values().all(Value::is_string), "labels are texts: {of}");
}

/// RFC 3339, as both ask for.
fn moment<'a>(of: &'a Value, field: &str) -> &'a str {
    let text = text(of, field);
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    assert!(shape.starts_with("0000-00-00T00:00:00") && shape.ends_with('Z'), "{field} is no moment: {text}");
    text
}
