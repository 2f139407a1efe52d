//! What goes on about the case beside deciding it: questions to the brand, contests, second persons, statements of
//! reasons. Each part is there only if there is something in it.

use jointforce_shared::{
    domain::{
        appeal::{AppealState, Appellant},
        authenticity::State as Asked,
        counter_notice::{CounterState, Silence},
        operator::Permission,
        statement::RegisterState,
        time::{due_words, span_words},
    },
    store::{appeals::Filed, authenticity::Request, counter_notices::Counter, statements::Kept},
};
use ratatui::{style::Style, text::Line};

use super::Page;
use crate::{keys::Intent, view::paint::told};

/// Questions, counter-notices and appeals that are told in full; older ones are counted.
const SHOWN: usize = 3;

/// What waits for a second person.
pub fn second_person(page: &Page<'_>) -> Vec<Line<'static>> {
    let me = &page.model.me;
    let mut lines = vec![];
    for approval in &page.case.approvals {
        let left = span_words(approval.expires.since(page.model.now).max(0));
        let why = approval.cause.because();
        let words = format!("{}. Asked by {}, because {why}; ends in {left}", approval.wanted.words(), approval.by);
        lines.extend(told(&words, page.width, 3, page.theme.warn));
        if !approval.wanted.note().is_empty() {
            lines.extend(told(&format!("“{}”", approval.wanted.note()), page.width, 3, page.theme.text));
        }
        let board = format!("n the board of approvals ({}) you", page.model.key(Intent::Approvals));
        let next = match approval.by == me.id {
            true => format!("Somebody else says yes; o{board} can take it back."),
            false if me.role.may(Permission::Approve) => format!("O{board} say yes or no."),
            false => "A senior says yes or no.".to_owned(),
        };
        lines.extend(told(&next, page.width, 2, page.theme.dim));
    }
    headed(page, "Waits for a second person", lines)
}

/// What the brand was asked.
pub fn questions(page: &Page<'_>) -> Vec<Line<'static>> {
    let requests = &page.case.requests;
    let mut lines = vec![];
    for request in requests.iter().take(SHOWN) {
        lines.extend(question(page, request));
    }
    lines.extend(older(page, requests.len(), "questions"));
    headed(page, "Asked of the brand", lines)
}

fn question(page: &Page<'_>, request: &Request) -> Vec<Line<'static>> {
    let (now, theme) = (page.model.now, page.theme);
    let ago = span_words(now.since(request.asked).max(0));
    let mut lines =
        told(&format!("{}: asked by {} {ago} ago", request.title, request.asked_by), page.width, 2, theme.text);
    let ended = request
        .ended
        .as_ref()
        .map_or_else(String::new, |(by, at)| format!(", {by} {} ago", span_words(now.since(*at).max(0))));
    let (words, style) = match request.state {
        Asked::Open => {
            let reminded = match request.reminded {
                Some(at) => format!("reminded {} ago", span_words(now.since(at).max(0))),
                None => format!("a reminder goes in {}", span_words(request.remind.since(now).max(0))),
            };
            let due = due_words(request.until, now);
            (format!("No answer yet, {due}, {reminded}. If none comes, {}.", request.silence.warning()), theme.warn)
        }
        Asked::Answered(answer) => (format!("{}: {}{ended}", answer.title(), answer.meaning()), theme.good),
        Asked::Silent(silence) => (format!("No answer came: {}", silence.warning()), theme.warn),
        Asked::Withdrawn => (format!("Not waited for any more{ended}"), theme.dim),
    };
    lines.extend(told(&words, page.width, 3, style));
    if !request.note.is_empty() {
        lines.extend(told(&format!("“{}”", request.note), page.width, 4, theme.text));
    }
    lines
}

/// Counter-notices and appeals, newest first.
pub fn contests(page: &Page<'_>) -> Vec<Line<'static>> {
    let case = page.case;
    let mut lines = vec![];
    for filed in case.appeals.iter().rev().take(SHOWN) {
        lines.extend(appeal(page, filed));
    }
    for one in case.counters.iter().rev().take(SHOWN) {
        lines.extend(counter(page, one));
    }
    let most = case.appeals.len().max(case.counters.len());
    lines.extend(older(page, most, "contests"));
    headed(page, "Contested", lines)
}

fn counter(page: &Page<'_>, counter: &Counter) -> Vec<Line<'static>> {
    let (now, theme, said) = (page.model.now, page.theme, &counter.said);
    let ago = span_words(now.since(said.received).max(0));
    let head = format!("Counter-notice by {} ({}) {ago} ago: {}", said.name, said.seller, said.reason.title());
    let mut lines = told(&head, page.width, 2, theme.text);
    lines.extend(told(&format!("“{}”", said.explanation), page.width, 4, theme.text));
    let closed = counter.closed.map_or_else(String::new, |at| format!(" {} ago", span_words(now.since(at).max(0))));
    let enter = |what: &str| format!("{} enters {what}.", page.model.key(Intent::Contest));
    let none = String::new();
    let (words, next) = match counter.state {
        CounterState::Received => ("It goes to the brand now".to_owned(), none),
        CounterState::Forwarded => {
            let from = span_words(said.not_before.since(now).max(0));
            let silence = match said.silence {
                Silence::PutBack => {
                    format!("put back in {from}, by {:.10}, unless it sues", said.not_after.to_string())
                }
                Silence::Review => format!("a person rules in {from} if it says nothing"),
            };
            (format!("With the brand under {}: {silence}", said.law), enter("what the brand says"))
        }
        CounterState::Contested => (
            "The brand contests it, or said nothing: a person rules".to_owned(),
            ruling(page, counter.appeal.is_some()),
        ),
        CounterState::Sued => {
            let suit =
                counter.suit.as_ref().map_or_else(String::new, |suit| format!(": {}, {}", suit.court, suit.number));
            (format!("The brand has sued{suit}; the listing stays down until that ends"), enter("how it ended"))
        }
        CounterState::Accepted => ("The brand gave way: what it claimed falls".to_owned(), none),
        CounterState::Silent => ("The brand's time is over without a suit: it is being put back".to_owned(), none),
        CounterState::PutBack => (format!("Put back{closed}"), none),
        CounterState::Rejected => (format!("The removal stands{closed}"), none),
        CounterState::Withdrawn => (format!("The seller took it back{closed}"), none),
    };
    lines.extend(standing(page, &words, counter.state.is_final(), &next));
    if !counter.words.is_empty() {
        lines.extend(told(&format!("The brand: “{}”", counter.words), page.width, 3, theme.text));
    }
    lines
}

fn appeal(page: &Page<'_>, filed: &Filed) -> Vec<Line<'static>> {
    let (now, theme) = (page.model.now, page.theme);
    let who = match &filed.appeal.by {
        Appellant::Seller(seller) => format!("the seller {seller}"),
        Appellant::Notifier(brand, _) => format!("the brand {brand}"),
    };
    let ago = span_words(now.since(filed.opened).max(0));
    let head = format!("Appeal by {who} {ago} ago against what {} decided", filed.decider);
    let mut lines = told(&head, page.width, 2, theme.text);
    lines.extend(told(&format!("“{}”", filed.appeal.grounds), page.width, 4, theme.text));
    let ruled = filed
        .ruled
        .as_ref()
        .map_or_else(String::new, |(by, at)| format!(" by {by} {} ago", span_words(now.since(*at).max(0))));
    let (words, next) = match filed.state {
        AppealState::Open if filed.decider == page.model.me.id => {
            (due_words(filed.due, now), "You decided it, so somebody else rules.".to_owned())
        }
        AppealState::Open => (due_words(filed.due, now), ruling(page, true)),
        AppealState::Affirmed => (format!("The decision stands, ruled{ruled}"), String::new()),
        AppealState::Overturned => (format!("The decision fell{ruled}"), String::new()),
        AppealState::Withdrawn => (format!("Taken back{ruled}"), String::new()),
    };
    lines.extend(standing(page, &words, filed.state != AppealState::Open, &next));
    lines
}

/// What whoever rules presses.
fn ruling(page: &Page<'_>, in_queue: bool) -> String {
    let (remove, keep) = (page.model.key(Intent::Remove), page.model.key(Intent::Keep));
    match (in_queue, page.case.case.state.keeps_down()) {
        (false, _) => String::new(),
        (true, true) => format!("{remove} lets the removal stand, {keep} puts the listing back."),
        (true, false) => format!("{keep} lets the listing stay, {remove} takes it down."),
    }
}

/// Where it stands, and what comes next.
fn standing(page: &Page<'_>, words: &str, over: bool, next: &str) -> Vec<Line<'static>> {
    let style: Style = if over { page.theme.dim } else { page.theme.warn };
    let mut lines = told(words, page.width, 3, style);
    if !next.is_empty() {
        lines.extend(told(next, page.width, 1, page.theme.dim));
    }
    lines
}

/// The statements of reasons of the decision in force.
pub fn statements(page: &Page<'_>) -> Vec<Line<'static>> {
    let lines = page.case.statements.iter().flat_map(|kept| statement(page, kept)).collect();
    headed(page, "Statement of reasons", lines)
}

fn statement(page: &Page<'_>, kept: &Kept) -> Vec<Line<'static>> {
    let (now, theme) = (page.model.now, page.theme);
    let (words, style) = match kept.state {
        RegisterState::Waiting if kept.due > now => {
            (format!("goes to the register in {}", span_words(kept.due.since(now))), theme.text)
        }
        RegisterState::Waiting => ("waits for the register".to_owned(), theme.text),
        RegisterState::Accepted => ("is in the register".to_owned(), theme.good),
        RegisterState::Rejected => {
            let why = kept.reason.as_deref().unwrap_or("without a reason");
            (format!("the register won't take it: {why}"), theme.bad)
        }
        RegisterState::Withdrawn => ("withdrawn before it was sent".to_owned(), theme.dim),
        RegisterState::Exempt => ("concerns no country of the register".to_owned(), theme.dim),
    };
    told(&format!("About the {}: {words}", kept.measure), page.width, 2, style)
}

fn older(page: &Page<'_>, all: usize, what: &str) -> Option<Line<'static>> {
    (all > SHOWN).then(|| Line::styled(format!("and {} older {what}", all - SHOWN), page.theme.dim))
}

/// The lines under a heading, or nothing at all.
fn headed(page: &Page<'_>, head: &'static str, mut lines: Vec<Line<'static>>) -> Vec<Line<'static>> {
    if !lines.is_empty() {
        lines.insert(0, page.head(head));
    }
    lines
}
