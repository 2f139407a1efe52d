//! Other cases about the seller, and what was done to this one.

use jointforce_shared::domain::{
    audit::Event,
    effect::EffectState,
    safe_text::SafeText,
    time::{Time, span_words},
};
use ratatui::text::Line;

use super::Page;
use crate::view::paint::block;

pub fn earlier(page: &Page<'_>) -> Vec<Line<'static>> {
    let cases = &page.case.earlier;
    let mut lines = vec![page.head("Other cases about this seller")];
    if cases.is_empty() {
        lines.push(Line::styled("none", page.theme.dim));
    }
    for case in cases {
        let ago = span_words(page.model.now.since(case.opened).max(0));
        let brand = SafeText::line(&case.brand_name, 24);
        let words = format!("{:<8} {ago:>6} ago  {brand}: {}", case.state, case.title);
        lines.extend(block(&words, page.width, 1, page.theme.text));
    }
    lines
}

/// A person by account; a worker process without the machine's part of its name.
fn who(event: &Event) -> &str {
    let is_worker = event.auth == "process" && event.actor.rsplit('-').next().is_some_and(|last| last.len() == 26);
    if is_worker { "the worker" } else { &event.actor }
}

/// An action in words that can follow a name.
fn did(action: &str) -> String {
    match action {
        "case.undone" => "took the decision back".into(),
        "listing.removed" => "removed the listing".into(),
        "listing.restored" => "put the listing back".into(),
        "seller.leveled" => "brought the seller to the ladder's level".into(),
        "notice.filed" => "filed a notice".into(),
        "case.hold_ended" => "ended the hold".into(),
        "case.released" => "gave it back to the queue".into(),
        "case.noted" => "wrote a note".into(),
        "approval.requested" => "asked for a second person".into(),
        "approval.approved" => "said yes as the second person".into(),
        "approval.refused" => "said no as the second person".into(),
        "approval.void" => "ended the request for a second person".into(),
        "approval.expired" => "ended the request for a second person: nobody had answered".into(),
        other => other.trim_start_matches("case.").replace(['_', '.'], " "),
    }
}

pub fn lines(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, theme) = (page.case, page.theme);
    let mut lines = vec![page.head("What was done")];
    let opened = format!("{}  came into the queue", at(case.case.opened));
    lines.extend(block(&opened, page.width, 1, theme.text));
    for event in &case.timeline {
        let mut words = format!("{}  {} {}", at(event.at), who(event), did(&event.action));
        for field in ["outcome", "reason", "to", "note"] {
            if let Some(value) = event.body.get(field).and_then(|value| value.as_str()) {
                words += &match field {
                    "to" => format!(" to {value}"),
                    "note" => format!(": “{value}”"),
                    _ => format!(", {}", value.replace('_', " ")),
                };
            }
        }
        lines.extend(block(&words, page.width, 3, theme.text));
    }
    if !case.effects.is_empty() {
        lines.push(Line::default());
        lines.push(page.head("What follows"));
    }
    for effect in &case.effects {
        let (how, style) = match effect.state {
            EffectState::Done => (format!("done {}", effect.ended.map_or_else(String::new, at)), theme.good),
            EffectState::Dead => ("DEAD: somebody on call has to look".to_owned(), theme.bad),
            EffectState::Due => {
                let left = effect.due.since(page.model.now);
                (if left > 0 { format!("in {}", span_words(left)) } else { "due now".to_owned() }, theme.warn)
            }
            other => (other.to_string(), theme.text),
        };
        let tries = if effect.attempts > 1 { format!(", {} attempts", effect.attempts) } else { String::new() };
        let error = effect.last_error.as_deref().filter(|_| effect.state != EffectState::Done);
        let error = error.map_or_else(String::new, |error| format!(": {error}"));
        let words = format!("{}: {how}{tries}{error}", effect.kind.replace('_', " "));
        lines.extend(block(&words, page.width, 2, style));
    }
    lines
}

/// A moment of the timeline, to the minute.
fn at(moment: Time) -> String {
    moment.timestamp().strftime("%m-%d %H:%M").to_string()
}
