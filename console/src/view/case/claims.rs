//! The rights claimed, and the notices that claim them.

use jointforce_shared::{domain::time::span_words, store::notices::Claim};
use ratatui::text::Line;

use super::Page;
use crate::view::paint::block;

/// Notices shown in full.
const SHOWN: usize = 8;

pub fn rights(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, theme, now) = (page.case, page.theme, page.model.now);
    let record = case.brand.record.words().unwrap_or_else(|| "no claim decided yet".to_owned());
    let mut lines = vec![page.head("Claimed by")];
    lines.extend(block(&case.brand.name, page.width, 2, theme.cursor));
    lines.extend(block(&format!("{}, {record}", case.brand.tier.title()), page.width, 2, theme.text));
    for right in &case.rights {
        let classes = right.classes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
        let classes = if classes.is_empty() { "every class".to_owned() } else { format!("classes {classes}") };
        lines.extend(block(&format!("{}: {}", right.kind, right.title), page.width, 2, theme.text));
        let number = format!("  {} {}, {classes}", right.jurisdiction, right.number);
        lines.extend(block(&number, page.width, 2, theme.text));
        let listing = &case.listing;
        let mut doubts = vec![];
        if !right.is_valid_at(now) {
            doubts.push("not valid today".to_owned());
        }
        if !right.holds_in(&listing.territory) {
            doubts.push(format!("does not hold in {}", listing.territory));
        }
        if !right.covers_class(listing.content.nice_class) {
            doubts.push("does not cover the class of the goods".to_owned());
        }
        if doubts.is_empty() {
            lines.extend(block("  valid today, holds here, covers the goods", page.width, 1, theme.good));
        } else {
            lines.extend(block(&format!("  ! {}", doubts.join(", ")), page.width, 3, theme.bad));
        }
    }
    lines
}

pub fn lines(page: &Page<'_>) -> Vec<Line<'static>> {
    let claims = &page.case.claims;
    let mut lines = vec![page.head(format!("Notices ({})", claims.len()))];
    for claim in claims.iter().take(SHOWN) {
        lines.extend(one(page, claim));
    }
    if claims.len() > SHOWN {
        lines.push(Line::styled(format!("and {} older notices", claims.len() - SHOWN), page.theme.dim));
    }
    lines
}

fn one(page: &Page<'_>, claim: &Claim) -> Vec<Line<'static>> {
    let theme = page.theme;
    let ago = span_words(page.model.now.since(claim.filed).max(0));
    let seen = if claim.snapshot_version == page.case.case.snapshot_version {
        String::new()
    } else {
        format!(", about version {}", claim.snapshot_version)
    };
    let head = format!("{}, {ago} ago, {}{seen}", claim.reason.title(), claim.state);
    let mut lines = block(&head, page.width, 2, theme.warn);
    lines.extend(page.badge(&claim.explanation));
    lines.extend(block(&format!("“{}”", claim.explanation), page.width, 6, theme.text));
    let notifier = &claim.notifier;
    let by = format!(
        "{} ({}) <{}>, signed {}, reference {}",
        notifier.name,
        notifier.role.as_str().replace('_', " "),
        notifier.email,
        claim.signature,
        claim.reference
    );
    lines.extend(page.field("by", &by, 2));
    if let Some(refused) = &claim.resubmits {
        lines.extend(page.field("corrects", &format!("{refused}, which was refused"), 2));
    }
    if claim.evidence.is_empty() {
        lines.push(Line::styled("no evidence attached", theme.dim));
    }
    for link in claim.evidence.iter().take(5) {
        lines.extend(page.field("evidence", link, 2));
    }
    lines
}
