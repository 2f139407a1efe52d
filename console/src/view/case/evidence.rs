//! The listing beside the genuine product and the mark: `≠` before what differs, `=` before what doesn't, `?` before
//! what nobody can tell.

use jointforce_shared::{
    domain::{
        evidence::{Good, Sighting, Word, usual},
        listing::price as price_of,
        safe_text::SafeText,
        time::span_words,
    },
    store::genuine::AUTHORISED,
};
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::Page;
use crate::view::paint::{beside, told, width, wrapped};

/// Cells for the sign and the name of what is compared.
const NAME: usize = 8;

/// Narrower than this, only how it compares is told: the listing itself stands below.
const NARROW: usize = 72;

/// Lines that the listing's side takes at most.
const LINES: usize = 3;

/// How something compares.
#[derive(Clone, Copy)]
enum Sign {
    Same,
    Differs,
    Unknown,
}

pub fn lines(page: &Page<'_>) -> Vec<Line<'static>> {
    let mut lines = vec![page.head("Beside the genuine product")];
    lines.extend(title(page));
    lines.extend(price(page));
    lines.extend(seller(page));
    lines.extend(nearest_good(page));
    lines
}

/// One thing compared: the listing's on the left, what is genuine on the right.
fn row(page: &Page<'_>, sign: Sign, name: &str, left: Vec<Line<'static>>, right: &str) -> Vec<Line<'static>> {
    let theme = page.theme;
    let (mark, style) = match sign {
        Sign::Same => ("=", theme.text),
        Sign::Differs => ("≠", theme.bad),
        Sign::Unknown => ("?", theme.dim),
    };
    if page.width < NARROW {
        return told(&format!("{mark} {name}: {right}"), page.width, 3, style);
    }
    let head = vec![Line::from(vec![Span::styled(mark, style), Span::styled(format!(" {name}"), theme.dim)])];
    let room = page.width.saturating_sub(NAME + 4);
    let side = room * 2 / 5;
    beside(vec![(head, NAME), (left, side), (told(right, room - side, 3, style), room - side)])
}

/// Cells for the listing's side.
const fn side(page: &Page<'_>) -> usize {
    page.width.saturating_sub(NAME + 4) * 2 / 5
}

fn title(page: &Page<'_>) -> Vec<Line<'static>> {
    let case = page.case;
    let title = &case.listing.content.title;
    match &page.kept.sighting {
        Some(found) => {
            let sign = if found.is_disguised() { Sign::Differs } else { Sign::Same };
            let right = format!("{}: {}", found.mark, found.how());
            row(page, sign, "title", around(page, title, found), &right)
        }
        None => {
            let left = told(title, side(page), LINES, page.theme.text);
            row(page, Sign::Unknown, "title", left, &format!("{}: not in the title", case.brand.name))
        }
    }
}

/// The title with the piece that writes the mark in brackets, over as many lines as it takes.
fn around(page: &Page<'_>, title: &str, found: &Sighting) -> Vec<Line<'static>> {
    let theme = page.theme;
    let part = |range: std::ops::Range<usize>| {
        let room = side(page).saturating_mul(LINES + 1);
        SafeText::line(title.get(range).unwrap_or_default(), room).into_string()
    };
    let style: Style = if found.is_disguised() { theme.bad } else { theme.cursor };
    let piece = format!("[{}]", part(found.at.clone()));
    let mut before = part(0..found.at.start);
    if width(&before) + width(&piece) > side(page) * (LINES - 1) {
        before = "… ".to_owned();
    }
    let parts = [(before, theme.text), (piece, style), (part(found.at.end..title.len()), theme.text)];
    wrapped(&parts, side(page), LINES)
}

fn price(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, policy) = (page.case, &page.model.policy.evidence);
    let content = &case.listing.content;
    let left = told(&content.price(), side(page), LINES, page.theme.text);
    let (sign, words) = match usual(policy, &case.genuine.goods, content) {
        Some(usual) => {
            let cheap = usual.percent < i64::from(policy.cheap_percent);
            let price = price_of(usual.minor, &content.currency);
            let words =
                format!("{} % of the usual {price}, the median of {} genuine listings", usual.percent, usual.of);
            (if cheap { Sign::Differs } else { Sign::Same }, words)
        }
        None => {
            let same = case.genuine.goods.iter().filter(|good| good.currency == content.currency).count();
            (Sign::Unknown, format!("usual price not known: {}", known_words(same)))
        }
    };
    row(page, sign, "price", left, &words)
}

/// How many genuine listings there are to compare a price with.
fn known_words(same: usize) -> String {
    match same {
        0 => "no genuine listing in this currency".to_owned(),
        1 => "one genuine listing in this currency".to_owned(),
        many => format!("{many} genuine listings in this currency"),
    }
}

fn seller(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, now) = (page.case, page.model.now);
    let left = told(&case.seller.seller.name, side(page), LINES, page.theme.text);
    let holds = case.authorised.as_ref().is_some_and(|word| word.holds_at(now));
    let authorised = i64::try_from(case.genuine.authorised).unwrap_or(AUTHORISED);
    let (sign, words) = match (holds, authorised) {
        (true, _) => (Sign::Same, "authorised by the brand".to_owned()),
        (false, _) if case.authorised.is_some() => {
            (Sign::Differs, "the brand's authorisation doesn't hold today".to_owned())
        }
        (false, 0) => (Sign::Unknown, "the brand told of no authorised sellers".to_owned()),
        (false, 1) => (Sign::Differs, "not the one seller whom the brand authorises".to_owned()),
        (false, many) => {
            let more = if many >= AUTHORISED { "or more " } else { "" };
            (Sign::Differs, format!("not among the {many} {more}sellers whom the brand authorises"))
        }
    };
    row(page, sign, "seller", left, &words)
}

/// The genuine listing that is most like this one.
fn nearest_good(page: &Page<'_>) -> Vec<Line<'static>> {
    // Always there: a section that comes and goes would move everything below it, and a slow link would have to carry that.
    let words = match &page.kept.nearest {
        Some(good) => genuine_words(page, good),
        None => "Genuine: no listing that is known to be is like this one".to_owned(),
    };
    told(&words, page.width, 2, page.theme.text)
}

fn genuine_words(page: &Page<'_>, good: &Good) -> String {
    let price = price_of(good.price_minor, &good.currency);
    let word = match good.word {
        Word::Brand => "the brand's word",
        Word::Reviewer => "kept by a reviewer",
        Word::Authorised => "authorised by the brand; listed",
    };
    let ago = span_words(page.model.now.since(good.at).max(0));
    format!("Genuine: {} · {price} · sold by {} ({word} {ago} ago)", good.title, good.seller_name)
}
