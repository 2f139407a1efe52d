//! Cases that are alike: one in full, of the others only what differs.

use jointforce_shared::domain::{group::Kinship, safe_text::SafeText};
use ratatui::text::{Line, Span};

use super::paint::cell;
use crate::{model::group::Group, theme::Theme};

/// What stands above the group; `next` is the key that asks for another kinship.
pub fn title(group: &Group, next: &str) -> String {
    match group.by {
        Kinship::Title => format!("Nearly the same title ({next}: same seller)"),
        Kinship::Seller => format!("The same seller ({next}: same brand)"),
        Kinship::Brand => format!("The same brand ({next}: same title)"),
    }
}

pub fn lines(group: &Group, theme: &Theme, width: usize, rows: usize) -> Vec<Line<'static>> {
    let card = &group.card;
    let mut lines = vec![
        Line::styled(SafeText::line(&card.title, width).into_string(), theme.cursor),
        Line::styled(
            SafeText::line(&format!("{}, sold by {}", card.brand, card.seller), width).into_string(),
            theme.text,
        ),
    ];
    let Some(kin) = &group.kin else {
        lines.push(Line::styled("Reading", theme.dim));
        return lines;
    };
    if kin.is_empty() {
        lines.push(Line::styled("No other open case is like it", theme.dim));
        return lines;
    }
    let words =
        format!("{} of {} are decided together; of the others, what differs:", group.targets().len(), kin.len() + 1);
    lines.push(Line::styled(words, theme.dim));
    let room = rows.saturating_sub(lines.len()).max(1);
    let from = (group.cursor + 1).saturating_sub(room);
    for (n, row) in kin.iter().enumerate().skip(from).take(room) {
        let out = group.excluded.contains(&row.target.case);
        let taken = row.lease_by.as_ref().map(|by| format!("@{by} ")).unwrap_or_default();
        lines.push(Line::from(vec![
            Span::styled(if n == group.cursor { ">" } else { " " }, theme.head),
            Span::styled(if out { " out " } else { "     " }, theme.warn),
            Span::styled(
                cell(&format!("{taken}{}", row.differs), width.saturating_sub(6)),
                if out { theme.dim } else { theme.text },
            ),
        ]));
    }
    lines
}
