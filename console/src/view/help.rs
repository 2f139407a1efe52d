//! Every key that counts on the screen behind, straight from the table.

use jointforce_shared::domain::ask::fields::{FIELDS, NOT, TITLES};
use ratatui::text::{Line, Span};

use super::paint::{block, fill};
use crate::{
    keys::{self, Place},
    model::Model,
    theme::Theme,
    update::behind,
};

/// Cells for the keys.
const KEYS: usize = 14;

pub fn lines(model: &Model, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let place = behind(model);
    let mut lines = section(
        model,
        theme,
        width,
        place,
        match place {
            Place::Board => "On this board",
            Place::Queue => "In the queue",
            _ => "In a case",
        },
    );
    lines.push(Line::default());
    if !model.views.is_empty() {
        lines.push(Line::styled("Views that you kept", theme.head));
        for view in &model.views {
            let words = format!("{}: {}", view.name, view.ask.words());
            lines.extend(pair(&view.slot.to_string(), words.trim_end(), theme, width, false));
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled("In the filter", theme.head));
    for entry in FIELDS {
        lines.extend(pair(entry.example, &entry.explained(), theme, width, false));
    }
    for (example, what) in [TITLES, NOT] {
        lines.extend(pair(example, what, theme, width, false));
    }
    lines.push(Line::default());
    lines.extend(section(model, theme, width, Place::Prompt, "While typing"));
    lines.push(Line::default());
    lines.push(Line::styled("In the queue's rows", theme.head));
    for (sign, what) in [
        (">", "the case that keys act on"),
        ("*", "marked for a batch"),
        ("⚑3", "3 hidden characters are in this title; they are shown by name, as ‹U+202E›"),
        ("≈", "the title writes the brand with look-alike letters, or sets its letters apart"),
        ("late 3 min", "the review was due 3 minutes ago; otherwise the time that is left"),
        ("JF TF GF", "JointForce, TrustedFlagger, GoodFaith brand; S Standard, U Unverified, X Suspended"),
        (
            "12r",
            "the seller's points and level: c cautioned, w warned, r restricted, h hidden, S suspended, T terminated",
        ),
        ("appeal", "decided and contested: somebody else than the decider rules; asked: it waits for its brand"),
        (
            "again",
            "it was decided before and is here again: reported anew or corrected, or the decision was taken back",
        ),
        ("@ann", "ann has the case open; held ann: she keeps it; for ann: it was handed to her"),
    ] {
        lines.extend(pair(sign, what, theme, width, false));
    }
    lines
}

fn section(model: &Model, theme: &Theme, width: usize, place: Place, title: &'static str) -> Vec<Line<'static>> {
    let mut lines = vec![Line::styled(title, theme.head)];
    for binding in model.own.keys.iter().filter(|binding| binding.places.contains(&place)) {
        let why_not = keys::why_not(model, binding.intent).filter(|_| place != Place::Prompt);
        let what = match &why_not {
            Some(why) => format!("{} (not now: {why})", binding.what),
            None => binding.what.to_owned(),
        };
        let keys = if binding.keys.len() == 9 { "1-9".to_owned() } else { binding.keys.join(" ") };
        lines.extend(pair(&keys, &what, theme, width, why_not.is_some()));
    }
    lines
}

fn pair(left: &str, right: &str, theme: &Theme, width: usize, dim: bool) -> Vec<Line<'static>> {
    let mut rest =
        block(right, width.saturating_sub(KEYS + 1), 4, if dim { theme.dim } else { theme.text }).into_iter();
    let mut first = vec![Span::styled(fill(left.to_owned(), KEYS) + " ", if dim { theme.dim } else { theme.key })];
    first.extend(
        rest.next()
            .map(|line| line.spans)
            .unwrap_or_default()
            .into_iter()
            .map(|span| span.style(if dim { theme.dim } else { theme.text })),
    );
    let mut lines = vec![Line::from(first)];
    lines.extend(rest.map(|mut line| {
        line.spans.insert(0, Span::raw(" ".repeat(KEYS + 1)));
        line
    }));
    lines
}
