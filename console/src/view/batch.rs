//! A batch before it is confirmed, and what became of it.

use jointforce_shared::domain::{decision::Verdict, safe_text::SafeText};
use ratatui::text::{Line, Span};

use super::{
    dialog::typed,
    paint::{cell, told},
};
use crate::{
    model::{
        Model, Target,
        dialog::{Count, Doing, Results},
    },
    theme::Theme,
};

/// Sellers told in full.
const SELLERS: usize = 3;

pub fn confirm(model: &Model, count: &Count, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let (verb, verdict) = match count.doing {
        Doing::Decide(verdict @ Verdict::Remove(_)) => ("Remove", verdict),
        Doing::Decide(verdict) => ("Keep", verdict),
        Doing::Undo(verdict) => ("Take back", verdict),
    };
    let many = count.targets.len();
    let listings = if many == 1 { "listing" } else { "listings" };
    let mut lines = vec![Line::styled(format!("{verb} {many} {listings}: {}", verdict.title()), theme.cursor)];
    // What they have in common is said once; what differs, case by case.
    let same = |of: fn(&Target) -> &str| count.targets.iter().all(|t| of(t) == of(&count.targets[0]));
    let (brand, seller) = (same(|t| &t.brand), same(|t| &t.seller));
    if let (true, Some(first)) = (brand || seller, count.targets.first()) {
        let mut all = vec![];
        if brand {
            all.push(format!("all claimed by {}", first.brand));
        }
        if seller {
            all.push(format!("all sold by {}", first.seller));
        }
        lines.push(Line::styled(SafeText::line(&all.join(", "), width).into_string(), theme.text));
    }
    for target in count.targets.iter().take(6) {
        let mut words = vec![target.title.as_str()];
        if !brand {
            words.push(&target.brand);
        }
        if !seller {
            words.push(&target.seller);
        }
        lines.push(Line::styled(
            format!("  {}", SafeText::line(&words.join(" · "), width.saturating_sub(2))),
            theme.text,
        ));
    }
    if many > 6 {
        lines.push(Line::styled(format!("  and {} more", many - 6), theme.text));
    }
    lines.extend(consequences(model, count, theme, width));
    lines.push(typed(&count.line, &format!("Type {many} and Enter: "), theme, width));
    lines.push(Line::styled("Enter alone changes nothing", theme.dim));
    lines
}

pub fn outcomes(results: &Results, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let lines = results.targets.iter().map(|target| {
        let (words, style) = match results.outcomes.get(&target.case) {
            None => ("on the way".to_owned(), theme.dim),
            Some(Ok(words)) => (words.clone(), theme.good),
            Some(Err(why)) => (format!("FAILED: {why}"), theme.bad),
        };
        let room = (width / 2).clamp(10, 48);
        let words = SafeText::line(&words, width.saturating_sub(room + 1)).into_string();
        Line::from(vec![Span::styled(cell(&target.title, room) + " ", theme.text), Span::styled(words, style)])
    });
    lines.collect()
}

/// What it would do to the sellers, once that was read, and whether one person may do it.
fn consequences(model: &Model, count: &Count, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![];
    match (&count.preview, count.doing) {
        (Some(sellers), _) => {
            for words in sellers.iter().take(SELLERS) {
                lines.extend(told(words, width, 2, theme.warn));
            }
            if sellers.len() > SELLERS {
                let more = sellers.len() - SELLERS;
                let sellers = if more == 1 { "seller" } else { "sellers" };
                lines.push(Line::styled(format!("and {more} more {sellers}, milder"), theme.dim));
            }
        }
        (None, Doing::Decide(Verdict::Remove(_))) => {
            lines.push(Line::styled("Reading what it would do to the sellers", theme.dim));
        }
        _ => {}
    }
    let most = model.policy.batch_max;
    if count.targets.len() > most {
        let words = format!("More than {most} take a second person: nothing happens before somebody says yes");
        lines.extend(told(&words, width, 2, theme.warn));
    }
    lines
}
