//! The seller's record, and what a removal would do to it.

use jointforce_shared::{
    domain::{
        decision::RemoveReason,
        penalty::Strike,
        time::{Time, span_words},
    },
    store::dossier::{Dossier, LINKED},
};
use ratatui::text::{Line, Span};

use super::Page;
use crate::{
    model::Model,
    view::paint::{block, text_of},
};

pub fn lines(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, theme, now) = (page.case, page.theme, page.model.now);
    let record = &case.seller;
    let mut lines = vec![page.head(format!("Seller {}", record.seller.id))];
    lines.extend(block(&format!("{} ({})", record.seller.name, record.seller.country), page.width, 2, theme.cursor));
    lines.extend(page.badge(&record.seller.name));
    let until = record
        .level_until
        .map_or_else(String::new, |until| format!(" for another {}", span_words(until.since(now).max(0))));
    let standing = format!("{}{until}, {} points, {} reports", record.level, record.points, record.reports);
    lines.extend(block(&standing, page.width, 2, theme.text));
    let counted = page.model.policy.ladder.explain(&case.strikes, now);
    for (strike, counts) in case.strikes.iter().zip(&counted).rev().take(5) {
        let why = counts.why.as_deref().map_or_else(String::new, |why| format!(" ({why})"));
        let ago = span_words(now.since(strike.at).max(0));
        let words =
            format!("strike {ago} ago: {}, {} points{why}", strike.severity.as_str().replace('_', " "), counts.counted);
        lines.extend(block(&words, page.width, 2, theme.text));
    }
    if case.strikes.len() > 5 {
        lines.push(Line::styled(format!("and {} older strikes", case.strikes.len() - 5), theme.dim));
    }
    if !case.linked.is_empty() {
        let many = match case.linked.len() {
            len if len > LINKED => format!("more than {LINKED}"),
            len => len.to_string(),
        };
        lines.push(Line::styled(format!("! {many} more with the same payout account"), theme.warn));
        for linked in case.linked.iter().take(4) {
            let words = format!("  {}: {}, {} points", linked.seller.name, linked.level, linked.points);
            lines.extend(block(&words, page.width, 1, theme.text));
        }
    }
    lines
}

/// What each reason would do.
pub fn ladder(page: &Page<'_>) -> Vec<Line<'static>> {
    let mut lines = vec![page.head("If removed, the seller goes")];
    for reason in RemoveReason::ALL {
        let Some(words) = preview(page.model, page.case, *reason) else { continue };
        let title = format!("{}: ", reason.title());
        let mut spans = vec![Span::styled(title.clone(), page.theme.dim)];
        let room = page.width.saturating_sub(title.len());
        if room >= 30 {
            let mut rest = block(&words, room, 2, page.theme.text).into_iter();
            spans.extend(rest.next().map(|line| Span::styled(text_of(&line), page.theme.text)));
            lines.push(Line::from(spans));
            lines.extend(
                rest.map(|line| {
                    Line::styled(format!("{}{}", " ".repeat(title.len()), text_of(&line)), page.theme.text)
                }),
            );
        } else {
            lines.push(Line::from(spans));
            lines.extend(block(&format!("  {words}"), page.width, 3, page.theme.text));
        }
    }
    lines
}

/// What the ladder would do to the seller if the case were removed for this reason.
pub fn preview(model: &Model, case: &Dossier, reason: RemoveReason) -> Option<String> {
    let strike = Strike {
        // A strike that is not there: its id only has to differ from those that are.
        id: "00000000000000000000000000".parse().ok()?,
        brand: case.case.brand.clone(),
        right: case.claims.first()?.right.clone(),
        severity: reason.severity(),
        at: model.now.max(Time(0)),
    };
    Some(model.policy.ladder.preview(&case.strikes, &strike, model.now).words)
}
