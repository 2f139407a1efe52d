//! The listing beside the genuine product and the mark: `≠` before what differs, `=` before what doesn't, `?` before
//! what nobody can tell.

use jointforce_shared::{
    domain::{
        evidence::{Good, Sighting, Word, nearest, sighting, usual},
        listing::price as price_of,
        right::RightKind,
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
use crate::view::paint::{beside, told, width};

/// Cells for the sign and the name of what is compared.
const NAME: usize = 8;

/// Narrower than this, only how it compares is told: the listing itself stands below.
const NARROW: usize = 72;

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
fn row(page: &Page<'_>, sign: Sign, name: &str, left: Vec<Span<'static>>, right: &str) -> Vec<Line<'static>> {
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
    let left = vec![Line::from(left)];
    beside(vec![(head, NAME), (left, side), (told(right, room - side, 3, style), room - side)])
}

/// Cells for the listing's side.
const fn side(page: &Page<'_>) -> usize {
    page.width.saturating_sub(NAME + 4) * 2 / 5
}

fn title(page: &Page<'_>) -> Vec<Line<'static>> {
    let case = page.case;
    let title = &case.listing.content.title;
    let marks = case.rights.iter().filter(|right| right.kind == RightKind::Trademark).map(|right| right.title.as_str());
    match sighting(title, std::iter::once(case.brand.name.as_str()).chain(marks)) {
        Some(found) => {
            let sign = if found.is_disguised() { Sign::Differs } else { Sign::Same };
            let right = format!("{}: {}", found.mark, found.how());
            row(page, sign, "title", around(page, title, &found), &right)
        }
        None => {
            let left = vec![Span::styled(SafeText::line(title, side(page)).into_string(), page.theme.text)];
            row(page, Sign::Unknown, "title", left, &format!("{}: not in the title", case.brand.name))
        }
    }
}

/// The title with the piece that writes the mark in brackets; of a long one what stands around it.
fn around(page: &Page<'_>, title: &str, found: &Sighting) -> Vec<Span<'static>> {
    let theme = page.theme;
    let cut = |range: std::ops::Range<usize>, room: usize| {
        SafeText::line(title.get(range).unwrap_or_default(), room).into_string()
    };
    let piece = cut(found.at.clone(), side(page).saturating_sub(2));
    let mut room = side(page).saturating_sub(width(&piece) + 2);
    let style: Style = if found.is_disguised() { theme.bad } else { theme.cursor };
    let mut before = cut(0..found.at.start, 4_000);
    if width(&before) > room / 2 {
        before = if room > 8 { "… ".to_owned() } else { String::new() };
    }
    room -= width(&before).min(room);
    let after = cut(found.at.end..title.len(), room);
    vec![Span::styled(before, theme.text), Span::styled(format!("[{piece}]"), style), Span::styled(after, theme.text)]
}

fn price(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, policy) = (page.case, &page.model.policy.evidence);
    let content = &case.listing.content;
    let left = vec![Span::styled(SafeText::line(&content.price(), side(page)).into_string(), page.theme.text)];
    let (sign, words) = match usual(policy, &case.genuine.goods, content) {
        Some(usual) => {
            let cheap = usual.percent < i64::from(policy.cheap_percent);
            let price = price_of(usual.minor, &content.currency);
            let words = format!("{} % of the usual {price}, the median of {} genuine ones", usual.percent, usual.of);
            (if cheap { Sign::Differs } else { Sign::Same }, words)
        }
        None => {
            let same = case.genuine.goods.iter().filter(|good| good.currency == content.currency).count();
            (Sign::Unknown, format!("usual price not known: {same} genuine ones in this currency"))
        }
    };
    row(page, sign, "price", left, &words)
}

fn seller(page: &Page<'_>) -> Vec<Line<'static>> {
    let (case, now) = (page.case, page.model.now);
    let left = SafeText::line(&case.seller.seller.name, side(page)).into_string();
    let left = vec![Span::styled(left, page.theme.text)];
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
    let words = match nearest(&page.case.genuine.goods, &page.case.listing.content.title) {
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
