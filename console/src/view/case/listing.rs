//! The listing as it stood when it was reported.

use ratatui::text::Line;

use super::Page;
use crate::view::paint::block;

pub fn lines(page: &Page<'_>) -> Vec<Line<'static>> {
    let listing = &page.case.listing;
    let content = &listing.content;
    let mut lines = vec![page.head(format!("Listing {}, version {} ({})", listing.id, listing.version, listing.state))];
    lines.extend(block(&content.title, page.width, 4, page.theme.cursor));
    lines.extend(page.badge(&content.title).or_else(|| page.badge(&content.description)));
    let price = content.price();
    let facts = format!("{price} · sold in {} · {} sold in 30 days", listing.territory, listing.sold);
    lines.extend(block(&facts, page.width, 2, page.theme.text));
    let class = content.nice_class.map_or_else(String::new, |class| format!(" · class {class}"));
    lines.extend(block(&format!("{}{class}", content.category), page.width, 2, page.theme.text));
    lines.extend(page.field("at", &content.url, 2));
    for image in content.images.iter().take(2) {
        lines.extend(page.field("image", image, 2));
    }
    if content.images.len() > 2 {
        lines.push(Line::styled(format!("images: {} more", content.images.len() - 2), page.theme.dim));
    }
    lines.extend(block(&content.description, page.width, 12, page.theme.text));
    lines
}
