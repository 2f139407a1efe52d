//! What lies over the screen.

use jointforce_shared::domain::{decision::Verdict, safe_text::SafeText};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation as _;

use super::{
    batch,
    case::preview,
    figures, filter, group, help, layout,
    paint::{Paint, block, fill, told},
    picture, text,
};
use crate::{
    deed::{Deed, Proof},
    keys::{Intent, Place},
    model::{
        Model, Target,
        dialog::{Choices, Dialog, HOLDS, Reasons, hold_words},
        line::Line as Typed,
    },
    theme::Theme,
    update::{colleagues, fitting, items},
};

pub fn draw(model: &Model, dialog: &Dialog, paint: &mut Paint<'_>, area: Rect) {
    if let Dialog::Figures(shown) = dialog {
        return figures::draw(model, shown, paint, area);
    }
    let size = (area.width, area.height);
    let width = usize::from(layout::dialog(size).0);
    let (title, mut lines, scroll) = content(model, dialog, paint.theme, size, width);
    for words in taught(model, dialog) {
        lines.push(Line::styled(SafeText::line(&words, width).into_string(), paint.theme.dim));
    }
    // Where keys type or choose, none of them scrolls.
    let scrolls = matches!(dialog.place(), Place::Pager | Place::Group);
    let down = scrolls.then(|| model.key(Intent::Down));
    framed(&title, &lines, scroll, down, paint, area);
}

/// What a dialog says on a screen of this size, in lines of this width: its title, its lines, and the first of them that is
/// shown.
pub fn content(
    model: &Model,
    dialog: &Dialog,
    theme: &Theme,
    size: (u16, u16),
    width: usize,
) -> (String, Vec<Line<'static>>, usize) {
    let (title, lines, scroll) = match dialog {
        Dialog::Reasons(reasons) => ("", reason_menu(model, reasons, theme, width), 0),
        Dialog::Count(count) => ("Batch", batch::confirm(model, count, theme, width), 0),
        Dialog::Note(target, line) => ("Note for colleagues", about(target, line, "Enter writes it", theme, width), 0),
        Dialog::HoldFor(target) => ("Hold", hold_menu(model, target, theme, width), 0),
        Dialog::HoldWhy(target, span, line) => {
            let words = format!("What does it wait for? Held for {} h", span.as_secs() / 3600);
            ("Hold", about(target, line, &words, theme, width), 0)
        }
        Dialog::HandOver(target, line, at) => ("Hand over", hand_over(model, target, line, *at, theme, width), 0),
        Dialog::Filter(asking) => ("Show only", filter::lines(model, asking, theme, width), 0),
        Dialog::Palette(line, at) => {
            ("Commands", commands(model, line, *at, theme, width, layout::dialog_rows(model.size)), 0)
        }
        Dialog::Find(line) => ("Find cases", find(line, theme, width), 0),
        Dialog::Reading(reading) => (reading.text.title(), text::lines(reading, theme, width), reading.scroll),
        Dialog::Group(alike) => ("", group::lines(alike, theme, width, layout::dialog_rows(model.size)), 0),
        Dialog::Choices(choices) => (choices.title.as_str(), numbered(choices, theme, width), 0),
        Dialog::Sure(proof, deed, line) => ("Sure?", sure(proof, deed, line, theme, width), 0),
        Dialog::Say(deed, line) => (deed.asks().unwrap_or_default(), said(deed, line, theme, width), 0),
        Dialog::Picture(looking) => {
            ("Picture", picture::lines(model, looking, theme, width, layout::dialog_rows(size)), 0)
        }
        Dialog::Figures(shown) => ("Figures", figures::told(model, shown, theme, width), 0),
        Dialog::Help(scroll) => ("Keys", help::lines(model, theme, width), *scroll),
        Dialog::Results(results) => {
            ("What became of the batch", batch::outcomes(results, theme, width), results.scroll)
        }
    };
    let title = match dialog {
        Dialog::Reasons(reasons) if reasons.remove => "Remove: why?".to_owned(),
        Dialog::Reasons(_) => "Keep: why?".to_owned(),
        Dialog::Group(alike) => group::title(alike, model.key(Intent::Group)),
        _ => title.to_owned(),
    };
    // A brand's name may stand in it.
    (SafeText::line(&title, width.saturating_sub(2)).into_string(), lines, scroll)
}

/// What is said about keys that only a screen has.
fn taught(model: &Model, dialog: &Dialog) -> Vec<String> {
    let snippets: Vec<_> = fitting(model, dialog).into_iter().map(|snippet| snippet.name.as_str()).collect();
    let mut words = vec![];
    if !snippets.is_empty() {
        words.push(format!("Tab puts in a snippet: {}", snippets.join(", ")));
    }
    match dialog {
        Dialog::Filter(asking) => words.extend(filter::taught(model, asking)),
        Dialog::Choices(choices) if choices.pages() > 1 => {
            let (on, back) = (model.key(Intent::PageDown), model.key(Intent::PageUp));
            let (page, pages, all) = (choices.page + 1, choices.pages(), choices.deeds.len());
            words.push(format!("{page} of {pages} pages, {all} in all: {on} and {back} turn"));
        }
        _ => {}
    }
    words
}

/// A frame as high as its text, at the bottom of the screen, so that the case stays in sight.
fn framed(title: &str, lines: &[Line<'static>], scroll: usize, down: Option<&str>, paint: &mut Paint<'_>, area: Rect) {
    let (width, most) = layout::dialog((area.width, area.height));
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(most);
    let outer =
        Rect { x: 0, y: area.height.saturating_sub(rows + 4), width: (width + 4).min(area.width), height: rows + 2 };
    let theme = *paint.theme;
    paint.blank(outer, theme.text);
    let across = usize::from(outer.width.saturating_sub(2));
    let name = format!("─ {title} ");
    let top = fill(String::new(), across.saturating_sub(super::paint::width(&name))).replace(' ', "─");
    paint.text(outer.x, outer.y, outer.width, &format!("┌{name}{top}┐"), theme.frame);
    let bottom = outer.bottom() - 1;
    let scroll = scroll.min(lines.len().saturating_sub(usize::from(rows)));
    for (y, line) in (outer.y + 1..bottom).zip(lines.iter().skip(scroll)) {
        paint.text(outer.x, y, 1, "│", theme.frame);
        paint.line(outer.x + 2, y, width, line);
        paint.text(outer.right().saturating_sub(1), y, 1, "│", theme.frame);
    }
    let more = lines.len().saturating_sub(scroll + usize::from(rows));
    let note = match down {
        _ if more == 0 => String::new(),
        Some(down) => format!("─ {more} more below: {down} "),
        None => format!("─ {more} more below "),
    };
    let rest = "─".repeat(across.saturating_sub(super::paint::width(&note)));
    paint.text(outer.x, bottom, outer.width, &format!("└{note}{rest}┘"), theme.frame);
}

/// A line with its cursor; of a long one, the end.
pub fn typed(line: &Typed, prompt: &str, theme: &Theme, width: usize) -> Line<'static> {
    let (before, after) = line.split();
    let room = width.saturating_sub(super::paint::width(prompt) + 2).max(1);
    // What is hidden is shown by name, and takes as much room as that.
    let (mut start, mut taken) = (before.len(), 0);
    for (at, letter) in before.grapheme_indices(true).rev() {
        taken += SafeText::line(letter, usize::MAX).width();
        if taken > room {
            break;
        }
        start = at;
    }
    let before = SafeText::line(&before[start..], room).into_string();
    let left = room.saturating_sub(super::paint::width(&before)) + 1;
    let mut after = after.chars();
    let under = after.next().map_or(" ".to_owned(), |c| SafeText::line(&c.to_string(), 8).into_string());
    Line::from(vec![
        Span::styled(prompt.to_owned(), theme.key),
        Span::styled(before, theme.input),
        Span::styled(under, theme.bar),
        Span::styled(SafeText::line(after.as_str(), left.saturating_sub(1)).into_string(), theme.input),
    ])
}

fn titled(target: &Target, theme: &Theme, width: usize) -> Line<'static> {
    Line::styled(SafeText::line(&target.title, width).into_string(), theme.cursor)
}

fn about(target: &Target, line: &Typed, words: &str, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    vec![titled(target, theme, width), typed(line, "> ", theme, width), Line::styled(words.to_owned(), theme.dim)]
}

fn reason_menu(model: &Model, reasons: &Reasons, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = match reasons.targets.as_slice() {
        [target] => vec![titled(target, theme, width)],
        many => vec![Line::styled(format!("{} marked cases", many.len()), theme.cursor)],
    };
    let dossier = match reasons.targets.as_slice() {
        [target] => model.dossier(target.case),
        _ => None,
    };
    for (n, verdict) in Reasons::verdicts(reasons.remove).into_iter().enumerate() {
        let key = Span::styled(format!("{} ", n + 1), theme.key);
        let mut spans = vec![key, Span::styled(verdict.title().to_owned(), theme.text)];
        if let (Verdict::Remove(reason), Some(dossier)) = (verdict, dossier)
            && let Some(preview) = preview(model, dossier, reason)
        {
            let room = width.saturating_sub(verdict.title().len() + 5);
            if room > 16 {
                spans.push(Span::styled(format!("  {}", SafeText::line(&preview, room)), theme.dim));
            }
        }
        lines.push(Line::from(spans));
    }
    if reasons.typing {
        lines.push(typed(&reasons.note, "note: ", theme, width));
        lines.push(Line::styled("Enter, then choose a number", theme.dim));
    } else if !reasons.note.text().is_empty() {
        let note = format!("note: {}", reasons.note.text());
        lines.push(Line::styled(SafeText::line(&note, width).into_string(), theme.text));
    }
    lines
}

fn numbered(choices: &Choices, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let lines = choices.shown().iter().enumerate().map(|(n, deed)| {
        let key = Span::styled(format!("{} ", n + 1), theme.key);
        let name = SafeText::line(&deed.name(), width.saturating_sub(2)).into_string();
        Line::from(vec![key, Span::styled(name, theme.text)])
    });
    lines.collect()
}

/// What can't be taken back is said whole, and asks for something out of it.
fn sure(proof: &Proof, deed: &Deed, line: &Typed, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = told(&proof.about, width, 3, theme.cursor);
    lines.push(typed(line, "> ", theme, width));
    let words = format!("Type {} and Enter: {}. Enter alone changes nothing", proof.asks, deed.name());
    lines.extend(told(&words, width, 2, theme.dim));
    lines
}

fn said(deed: &Deed, line: &Typed, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let does = SafeText::line(&format!("Enter: {}", deed.name()), width).into_string();
    vec![typed(line, "> ", theme, width), Line::styled(does, theme.dim)]
}

fn hold_menu(model: &Model, target: &Target, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![titled(target, theme, width)];
    for (n, hours) in HOLDS.iter().enumerate() {
        let key = Span::styled(format!("{} ", n + 1), theme.key);
        lines.push(Line::from(vec![key, Span::styled(hold_words(*hours, model.now), theme.text)]));
    }
    lines
}

fn hand_over(
    model: &Model,
    target: &Target,
    line: &Typed,
    at: usize,
    theme: &Theme,
    width: usize,
) -> Vec<Line<'static>> {
    let mut lines = vec![titled(target, theme, width), typed(line, "to: ", theme, width)];
    let found = colleagues(model, line.text());
    if found.is_empty() {
        let words = if model.staff.is_empty() { "Reading who works here" } else { "Nobody else who decides cases" };
        lines.push(Line::styled(words, theme.dim));
    }
    let shown = 8;
    for (n, colleague) in found.iter().enumerate().skip((at + 1).saturating_sub(shown)).take(shown) {
        let words = format!("{} {}  {}", if n == at { ">" } else { " " }, colleague.id, colleague.name);
        let style = if n == at { theme.cursor } else { theme.text };
        lines.push(Line::styled(SafeText::line(&words, width).into_string(), style));
    }
    lines
}

fn commands(model: &Model, line: &Typed, at: usize, theme: &Theme, width: usize, rows: usize) -> Vec<Line<'static>> {
    let mut lines = vec![typed(line, ":", theme, width)];
    let found = items(model, line.text());
    if found.is_empty() {
        lines.push(Line::styled("No command is called that", theme.dim));
    }
    let shown = rows.saturating_sub(1).clamp(1, 10);
    for (n, item) in found.iter().enumerate().skip((at + 1).saturating_sub(shown)).take(shown) {
        let why_not = item.why_not(model);
        let style = if n == at {
            theme.cursor
        } else if why_not.is_some() {
            theme.dim
        } else {
            theme.text
        };
        let sign = if n == at { "> " } else { "  " };
        let what = why_not.map_or_else(|| item.what(), |why| format!("not now: {why}"));
        let words = format!("{:<6}{} {what}", item.key(model), fill(item.name(), 16));
        lines.push(Line::styled(format!("{sign}{}", SafeText::line(&words, width.saturating_sub(2))), style));
    }
    lines
}

fn find(line: &Typed, theme: &Theme, width: usize) -> Vec<Line<'static>> {
    let mut lines = vec![typed(line, "> ", theme, width)];
    let words =
        "A case's id, a listing's, a seller's, or the account of whoever decided; Enter alone: what you decided";
    lines.extend(block(words, width, 2, theme.dim));
    lines
}
