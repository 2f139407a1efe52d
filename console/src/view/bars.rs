//! The bar at the top, the message line and the hints at the bottom.

use jointforce_shared::domain::{safe_text::SafeText, time::span_words};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

use super::paint::{self, Paint, fill};
use crate::{
    keys,
    model::{Lease, Model, dialog::Dialog},
    msg::Worker,
};

/// From this width the counts have words.
const WORDY: usize = 100;
/// With less, a message may take the place of the hints.
const NARROW: usize = 60;

pub fn top(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let width = usize::from(area.width);
    let mut left = String::from(" Joint Force");
    match (&model.board, &model.open) {
        (Some(board), _) => {
            left += &format!(" · {}", board.kind.title());
            if let Some(rows) = &board.rows {
                left += &format!(": {}", rows.len());
            }
        }
        (None, Some(open)) => {
            left += &format!(" · case {}", open.case.short());
            left += match open.lease {
                Lease::Ours if model.holder(open.case).is_some() => " · open for you",
                Lease::Ours => " · yours for now",
                Lease::Asked => " · asking for it",
                Lease::Refused if model.decided().is_some() => " · decided",
                Lease::Refused => " · read only: not yours",
                Lease::None => "",
            };
            if let Some(by) = model.holder(open.case) {
                left += &format!(", held by {by}");
            }
        }
        (None, None) if model.queue.ask.is_all() => left += " · queue",
        (None, None) => {
            let view = model.views.iter().find(|view| view.ask == model.queue.ask);
            let name = view.map_or_else(String::new, |view| format!(" {} {}", view.slot, view.name));
            left += &format!(" · queue{name}: {}", model.queue.ask.words());
        }
    }
    if !model.marks.is_empty() && model.open.is_none() && model.board.is_none() {
        left += &format!(" · {} marked", model.marks.len());
    }
    if model.queue.looked > 0 && model.queue.asked.is_some() {
        left += &format!(" · looking, {} cases so far", model.queue.looked);
    }
    let waiting = model.sent.values().filter(|sent| sent.failed.is_none()).count();
    if waiting > 0 {
        left += &format!(" · {waiting} on the way");
    }
    let failed = model.sent.len() - waiting;
    if failed > 0 {
        left += &format!(" · {failed} failed");
    }
    if model.link.is_slow() {
        left += " · slow link";
    }
    if let Some(lag) = model.link.lag() {
        // In steps, or saying how slow the link is would keep it busy.
        let steps = ["0.3", "0.5", "1", "2", "5"];
        let step = [500, 1000, 2000, 5000].iter().filter(|step| lag.as_millis() >= **step).count();
        left += &format!(" · lag {} s", steps[step.min(4)]);
    }
    let role = model.me.role.title();
    let who = match width {
        ..50 => String::new(),
        50..80 => model.me.id.to_string(),
        _ => format!("{}, {role}", model.me.id),
    };
    // What waits for people is said before who sits here: that one knows.
    let mut parts = model.waiting.badges(&model.own.keys, width >= WORDY);
    parts.extend((!who.is_empty()).then_some(who));
    let right = format!(" {} ", parts.join(" · "));
    let room = width.saturating_sub(paint::width(&right));
    let bar = fill(SafeText::line(&left, room).into_string(), room) + &right;
    paint.text(0, 0, area.width, &bar, paint.theme.bar);
}

/// That the database is away, and since when, if it is.
pub fn away(model: &Model) -> Option<String> {
    let since = model.away?;
    let away = span_words(model.now.since(since).max(0));
    Some(format!("! Database away for {away}: no decisions until it is back"))
}

pub fn bottom(model: &Model, paint: &mut Paint<'_>, area: Rect) {
    let width = usize::from(area.width);
    let y = area.height - 2;
    let theme = *paint.theme;
    if let Some(words) = away(model) {
        paint.text(0, y, area.width, &fill(words, width), theme.bad);
    } else if let Some(toast) = &model.toast {
        let words = format!("{}{}", if toast.bad { "! " } else { "" }, toast.words);
        let style = if toast.bad { theme.bad } else { theme.good };
        // On a phone the hints make room for why something was refused.
        let most = if toast.bad && width < NARROW { 2 } else { 1 };
        let lines = paint::told(&words, width, most, style);
        let both = lines.len() > 1;
        for (y, line) in (y..area.height).zip(&lines) {
            paint.line(0, y, area.width, line);
        }
        if both {
            return;
        }
    } else if let Some(fault) = &model.own.fault {
        let key = model.key(keys::Intent::OwnKeys);
        let words = format!("! Your own keys can't be used ({fault}): the house's count; {key} mends them");
        paint.text(0, y, area.width, SafeText::line(&words, width).as_str(), theme.warn);
    } else {
        let words = match model.worker {
            Worker::Fleet => "",
            Worker::Here => "Effects are carried out by this console",
            Worker::Elsewhere => "Another process carries effects out",
            Worker::Ended => "! The worker in this console stopped; it starts again in a moment",
        };
        let style = if model.worker == Worker::Ended { theme.warn } else { theme.dim };
        paint.text(0, y, area.width, words, style);
        // What two people compare, or one with an exported checkpoint, when they want to know that it is one record.
        if let Some(root) = &model.waiting.root {
            let root = format!("audit root {root} ");
            let taken = paint::width(words) + paint::width(&root) + 2;
            if taken <= width {
                let x = area.width.saturating_sub(u16::try_from(paint::width(&root)).unwrap_or(0));
                paint.text(x, y, area.width - x, &root, theme.dim);
            }
        }
    }
    paint.line(0, area.height - 1, area.width, &hints(model, paint, width));
}

/// The key of a hint; of a menu, the numbers that it has.
fn shown(model: &Model, binding: &keys::Binding) -> String {
    match model.dialog.as_ref().map(Dialog::numbers).filter(|_| binding.intent == keys::Intent::Choose) {
        Some(1) => "1".to_owned(),
        Some(many) => format!("1-{many}"),
        None => binding.keys[0].to_owned(),
    }
}

/// What a hint calls its key: on a board, what the answer to this row does.
fn called(model: &Model, binding: &keys::Binding) -> String {
    let row = model.board.as_ref().filter(|_| model.dialog.is_none()).and_then(|board| board.selected());
    let deed = match binding.intent {
        keys::Intent::Yes => row.and_then(|row| row.yes.as_ref()),
        keys::Intent::No => row.and_then(|row| row.no.as_ref()),
        _ => None,
    };
    deed.map_or_else(|| binding.name.to_owned(), |deed| SafeText::line(&deed.name(), 40).into_string())
}

/// As many hints as fit, by their rank; what can't be had now is dimmed.
fn hints(model: &Model, paint: &Paint<'_>, width: usize) -> Line<'static> {
    let theme = paint.theme;
    let place = model.place();
    let counts = |b: &&keys::Binding| b.hint > 0 && b.places.contains(&place) && keys::counts(model, b);
    let mut there: Vec<_> = model.own.keys.iter().filter(counts).collect();
    there.sort_by_key(|binding| binding.hint);
    // Help is always in reach.
    let help = there.iter().position(|binding| binding.intent == keys::Intent::Help).map(|at| there.remove(at));
    let off = |binding: &keys::Binding| model.dialog.is_none() && keys::why_not(model, binding.intent).is_some();
    // With a bracket more when it can't be had: nobody has to see that it is dim.
    let long = |binding: &keys::Binding| {
        paint::width(&shown(model, binding)) + paint::width(&called(model, binding)) + 3 + usize::from(off(binding))
    };
    let mut room = width.saturating_sub(1 + help.map_or(0, long));
    let mut spans = vec![Span::raw(" ")];
    let mut push = |binding: &keys::Binding| {
        let keys = shown(model, binding);
        if off(binding) {
            spans.push(Span::styled(format!("({keys} {}) ", called(model, binding)), theme.dim));
        } else {
            spans.push(Span::styled(keys, theme.key));
            spans.push(Span::styled(format!(" {}  ", called(model, binding)), theme.text));
        }
    };
    for binding in there {
        if long(binding) > room {
            break;
        }
        room -= long(binding);
        push(binding);
    }
    if let Some(help) = help {
        push(help);
    }
    Line::from(spans)
}
