//! An open case: the listing beside the rights claimed, the notices, the seller, the history.

mod casework;
mod claims;
mod evidence;
mod history;
mod listing;
mod seller;

use jointforce_shared::{
    domain::{
        case::State,
        evidence::hidden_words,
        priority,
        safe_text::{self, SafeText},
        time::{due_words, span_words},
    },
    store::dossier::Dossier,
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

pub use self::seller::preview;
use super::{
    layout::{self, VAST},
    paint::{Paint, beside, block, text_of},
};
use crate::{
    keys::Intent,
    model::{Kept, Model, Open},
    theme::Theme,
};

/// A case as lines, and where its sections begin.
#[derive(Debug, Default)]
pub struct Document {
    /// The lines.
    pub lines: Vec<Line<'static>>,
    /// The lines at which sections begin.
    pub starts: Vec<usize>,
}

/// What a section is made from.
pub struct Page<'a> {
    pub model: &'a Model,
    pub case: &'a Dossier,
    pub kept: &'a Kept,
    pub theme: &'a Theme,
    pub width: usize,
}

impl<'a> Page<'a> {
    fn new(model: &'a Model, kept: &'a Kept, theme: &'a Theme, width: usize) -> Self {
        Page { model, case: &kept.dossier, kept, theme, width }
    }

    const fn narrower(&self, width: usize) -> Self {
        Page { width, ..*self }
    }

    /// A heading.
    pub fn head(&self, text: impl Into<String>) -> Line<'static> {
        Line::styled(text.into(), self.theme.head)
    }

    /// `name value`, the value a stranger's, over as many lines as it takes.
    pub fn field(&self, name: &'static str, value: &str, lines: usize) -> Vec<Line<'static>> {
        let indent = name.len() + 1;
        let mut value = block(value, self.width.saturating_sub(indent).max(1), lines, self.theme.text).into_iter();
        let mut first = vec![Span::styled(format!("{name} "), self.theme.dim)];
        first.extend(value.next().map(|line| Span::styled(text_of(&line), self.theme.text)));
        let mut all = vec![Line::from(first)];
        all.extend(
            value.map(|line| Line::styled(format!("{}{}", " ".repeat(indent), text_of(&line)), self.theme.text)),
        );
        all
    }

    /// A badge, if a stranger's text hides something.
    pub fn badge(&self, text: &str) -> Option<Line<'static>> {
        let hidden = safe_text::hidden(text);
        let words = format!("⚑ {} hidden: {}", hidden.len(), hidden_words(&hidden));
        (!hidden.is_empty()).then(|| Line::styled(SafeText::line(&words, self.width).into_string(), self.theme.warn))
    }
}

pub fn draw(model: &Model, open: &Open, paint: &mut Paint<'_>, body: Rect) {
    let document = document(model, open, paint.theme, body.width);
    let rows = layout::case_rows(model.size);
    let scroll = open.scroll.min(document.lines.len().saturating_sub(rows));
    for (y, line) in (body.y..body.bottom()).zip(document.lines.iter().skip(scroll).take(rows)) {
        paint.line(body.x + 1, y, body.width.saturating_sub(2), line);
    }
    let more = document.lines.len().saturating_sub(scroll + rows);
    if more > 0 {
        let (down, section) = (model.key(Intent::Down), model.key(Intent::Section));
        let words = format!(" {more} more lines: {down}, {section} for the next section");
        paint.text(body.x, body.bottom() - 1, body.width, &words, paint.theme.dim);
    }
}

/// The whole case for a screen of this width.
pub fn document(model: &Model, open: &Open, theme: &Theme, width: u16) -> Document {
    let width = usize::from(width.saturating_sub(2));
    let Some(kept) = model.kept(open.case) else {
        let back = model.key(Intent::Back);
        let gone = format!("This case is not known any more. {back} goes back.");
        let words = if open.unknown { gone } else { "Reading the case".to_owned() };
        let mut lines = block(&open.title, width, 2, theme.cursor);
        lines.push(Line::styled(words, theme.dim));
        return Document { lines, starts: vec![] };
    };
    let page = Page::new(model, kept, theme, width);
    let mut document = Document::default();
    document.lines.extend(standing(&page));
    document.push_all(vec![
        casework::second_person(&page),
        casework::contests(&page),
        casework::questions(&page),
        evidence::lines(&page),
    ]);
    document.push_all(if width >= usize::from(VAST) - 2 {
        let side = (width - 4) / 3;
        let middle = width - 4 - 2 * side;
        let (left, middle, right) = (page.narrower(side), page.narrower(middle), page.narrower(side));
        let lefts = joined(vec![listing::lines(&left), seller::lines(&left)]);
        let middles = joined(vec![claims::rights(&middle), claims::lines(&middle)]);
        let rights = joined(vec![
            seller::ladder(&right),
            casework::statements(&right),
            history::earlier(&right),
            history::lines(&right),
        ]);
        vec![beside(vec![(lefts, side), (middles, left.width.max(middle.width)), (rights, side)])]
    } else if width >= 74 {
        let left = (width - 2) / 2;
        let (left, right) = (page.narrower(left), page.narrower(width - 2 - left));
        let pair = |one: Vec<Line<'static>>, other| beside(vec![(one, left.width), (other, right.width)]);
        vec![
            pair(listing::lines(&left), joined(vec![claims::rights(&right), seller::lines(&right)])),
            claims::lines(&page),
            seller::ladder(&page),
            casework::statements(&page),
            history::earlier(&page),
            history::lines(&page),
        ]
    } else {
        vec![
            listing::lines(&page),
            claims::rights(&page),
            claims::lines(&page),
            seller::lines(&page),
            seller::ladder(&page),
            casework::statements(&page),
            history::earlier(&page),
            history::lines(&page),
        ]
    });
    document
}

/// The case beside the list: what one needs to decide most cases.
pub fn summary(model: &Model, kept: &Kept, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let page = Page::new(model, kept, theme, width);
    let mut lines = standing(&page);
    for part in [
        casework::second_person(&page),
        casework::contests(&page),
        evidence::lines(&page),
        listing::lines(&page),
        claims::rights(&page),
        seller::lines(&page),
        claims::lines(&page),
    ] {
        if !part.is_empty() {
            lines.push(Line::default());
            lines.extend(part);
        }
    }
    lines
}

impl Document {
    fn push_all(&mut self, sections: Vec<Vec<Line<'static>>>) {
        for section in sections.into_iter().filter(|section| !section.is_empty()) {
            self.lines.push(Line::default());
            self.starts.push(self.lines.len());
            self.lines.extend(section);
        }
    }
}

fn joined(sections: Vec<Vec<Line<'static>>>) -> Vec<Line<'static>> {
    let mut lines = vec![];
    for section in sections.into_iter().filter(|section| !section.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(section);
    }
    lines
}

/// Where the case stands, and why it is where it is in the queue.
fn standing(page: &Page<'_>) -> Vec<Line<'static>> {
    let (model, case, theme) = (page.model, page.case, page.theme);
    let now = model.now;
    let (words, style) = match &case.case.state {
        State::Open { assigned: Some(to), .. } => (format!("Open, handed to {to}"), theme.warn),
        State::Open { assigned: None, desk: Some(desk) } => (format!("At the {} desk", desk.title()), theme.warn),
        State::Open { assigned: None, desk: None } => ("Open".to_owned(), theme.text),
        State::Asked { until, .. } => (format!("The brand was asked, {}", due_words(*until, now)), theme.warn),
        State::Appealed { verdict, by, .. } => (format!("Contested: {by} had decided {verdict}"), theme.warn),
        State::Held { by, until, reason, .. } => {
            (format!("Held by {by} for another {}: {reason}", span_words(until.since(now).max(0))), theme.warn)
        }
        State::Decided { verdict, by, .. } => {
            let ago = case.decision.as_ref().map(|made| format!(" {} ago", span_words(now.since(made.at).max(0))));
            (format!("Decided by {by}{}: {verdict}", ago.unwrap_or_default()), theme.good)
        }
    };
    let mut words = match case.case.state {
        // Nobody waits for it any more.
        State::Decided { .. } => words,
        _ => format!("{words}, {}, risk {}", due_words(case.case.due, now), priority::risk(&case.factors)),
    };
    if case.case.round > 1 {
        words += &format!(", round {}", case.case.round);
    }
    if let Some(lease) = case.case.lease.as_ref().filter(|lease| lease.by != model.me.id) {
        words += &format!(", {} is on it", lease.by);
    }
    let lease = case.case.lease.as_ref().map(|lease| &lease.by);
    for who in model.readers(case.case.id).filter(|who| Some(*who) != lease) {
        words += &format!(", {who} reads it");
    }
    if let Some(version) = case.changed_since {
        words += &format!(", the listing changed since (version {version})");
    }
    let mut lines = block(&words, page.width, 2, style);
    if let Some(failed) = model.sent.get(&case.case.id).and_then(|sent| sent.failed.as_deref()) {
        lines.extend(block(&format!("! Failed: {failed}"), page.width, 2, theme.bad));
    }
    for flag in case.flags(now) {
        lines.extend(block(&format!("! {flag}"), page.width, 2, theme.warn));
    }
    if !case.case.state.is_decided() {
        let why = format!("Here because: {}", priority::why(&case.factors, now).join(", "));
        lines.extend(block(&why, page.width, 2, theme.dim));
    }
    lines
}
