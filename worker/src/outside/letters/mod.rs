//! What mails say. The words stand in `templates/`; here is what is filled in, every stranger's text clean.

mod appeal;
mod asked;
mod brand;
mod counter;
mod note;
mod on_call;
mod paused;
mod seller;
mod trust;
mod withdrawn;

use askama::Template;
use jointforce_shared::{
    domain::{
        ids::{BrandId, ListingId},
        listing::{Listing, ListingState},
        right::Right,
        safe_text::SafeText,
        time::Time,
    },
    store::{Conn, brands, listings, notices::Claim},
};

pub(super) use self::{
    asked::asked, brand::to_brand, note::public as public_note, on_call::to_on_call, seller::to_seller,
};
use super::Fault;

/// Width of a mail's lines: what every mail program shows without breaking.
const WIDTH: usize = 72;

/// A mail before it is a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    /// Who is told.
    pub(super) to: Party,
    /// Who gets a copy.
    pub(super) copy: Option<Party>,
    /// Its subject.
    pub(super) subject: String,
    /// Its text.
    pub(super) body: String,
}

/// Somebody who gets mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Party {
    /// Their name.
    pub(super) name: SafeText,
    /// Their address as stored.
    pub(super) email: String,
}

/// A listing as a mail names it.
struct Shown {
    id: ListingId,
    /// What buyers see of it now, while the rest is as it was reported.
    state: ListingState,
    title: SafeText,
    url: SafeText,
}

impl Shown {
    /// The listing as it stood when it was reported.
    async fn claimed(conn: &mut Conn, claim: &Claim) -> Result<Self, Fault> {
        match listings::at_version(conn, &claim.listing, claim.snapshot_version).await? {
            Some(listing) => Ok(listing.into()),
            None => Err(Fault::missing("listing", &claim.listing)),
        }
    }

    /// The title as a subject has it.
    fn headline(&self) -> SafeText {
        SafeText::line(self.title.as_str(), 60)
    }
}

impl From<Listing> for Shown {
    fn from(listing: Listing) -> Self {
        Self {
            id: listing.id,
            state: listing.state,
            title: line(&listing.content.title),
            url: SafeText::line(&listing.content.url, 500),
        }
    }
}

/// A stranger's name or title, on one line.
fn line(text: &str) -> SafeText {
    SafeText::line(text, 120)
}

/// A right as both sides know it: `trademark "Acme", no. 018123456 (EU)`.
fn right_words(right: &Right) -> String {
    let (title, number) = (line(&right.title), line(&right.number));
    format!("{} \"{title}\", no. {number} ({})", right.kind, line(&right.jurisdiction))
}

async fn brand_of(conn: &mut Conn, id: &BrandId) -> Result<jointforce_shared::domain::brand::Brand, Fault> {
    brands::get(conn, id).await?.ok_or_else(|| Fault::missing("brand", id))
}

async fn right_of(conn: &mut Conn, claim: &Claim) -> Result<Right, Fault> {
    brands::rights(conn, [&claim.right]).await?.pop().ok_or_else(|| Fault::missing("right", &claim.right))
}

/// A day as people write it: `3 June 2026`.
fn day(at: Time) -> String {
    at.timestamp().strftime("%-d %B %Y").to_string()
}

/// A moment as people write it: `3 June 2026, 14:05 UTC`.
fn moment(at: Time) -> String {
    at.timestamp().strftime("%-d %B %Y, %H:%M UTC").to_string()
}

/// The text of a template, its paragraphs broken into lines of at most [`WIDTH`].
fn text(template: &impl Template) -> Result<String, Fault> {
    let text = template.render().map_err(|error| Fault::never(format!("a template failed: {error}")))?;
    Ok(fill(&text))
}

/// Breaks long lines between words; what is left of an indented one goes two columns further in, under an item's text.
/// More than one empty line becomes one, so that templates can leave things out.
fn fill(text: &str) -> String {
    let mut filled = String::with_capacity(text.len() + 100);
    for line in text.trim().lines() {
        let words = line.trim();
        if words.is_empty() {
            if !filled.ends_with("\n\n") {
                filled.push('\n');
            }
            continue;
        }
        let mut indent = line.len() - line.trim_start().len();
        let mut width = indent;
        filled.extend(std::iter::repeat_n(' ', indent));
        if indent > 0 {
            indent += 2;
        }
        for (n, word) in words.split(' ').enumerate() {
            let length = word.chars().count();
            if n > 0 && width + 1 + length > WIDTH {
                filled.push('\n');
                filled.extend(std::iter::repeat_n(' ', indent));
                width = indent;
            } else if n > 0 {
                filled.push(' ');
                width += 1;
            }
            filled.push_str(word);
            width += length;
        }
        filled.push('\n');
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_break_between_words_under_their_indent() {
        let url = format!("https://shop.example/{}", "x".repeat(90));
        let text = format!("{}\n\n\n\n  - {}\n    {url}\n", "word ".repeat(20), "item ".repeat(20));
        let filled = fill(&text);
        let lines: Vec<_> = filled.lines().collect();
        assert_eq!(lines.len(), 6, "{filled}");
        assert_eq!((lines[0].len(), lines[1].len(), lines[2]), (69, 29, ""), "{filled}");
        assert!(lines[3].starts_with("  - item") && lines[4].starts_with("    item"), "{filled}");
        assert_eq!(lines[5], format!("    {url}"), "an address stays whole");
    }
}
