//! The figures of the sitting and of the queue: a screen of its own, since they have nothing to do with what is behind.

use jointforce_shared::{
    domain::{
        safe_text::SafeText,
        time::{Time, due_words, span_words},
        words::{counted, grouped},
    },
    store::figures::{AGES, Figures, MOST, STRETCHES},
};
use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    layout::VAST,
    paint::{Paint, beside, fill, told as wrapped},
};
use crate::{
    board::doing,
    curve::curve,
    keys::Intent,
    model::{Model, dialog::Figures as Shown},
    theme::Theme,
};

/// From this width there are two columns.
const TWO: usize = 76;
/// From this height there is a line for each hour.
const TALL: usize = 34;
/// Colleagues told; the board has all.
const PEOPLE: usize = 6;
/// Names of the stretches, one each.
const LEFT: [&str; STRETCHES.len()] =
    ["late > 1 d", "late 4h-1d", "late < 4 h", "in 1 h", "in 1-4 h", "in 4h-1d", "in 1-3 d", "later"];
/// The same for the ear.
const TOLD: [&str; STRETCHES.len()] = [
    "late by more than a day",
    "late by 4 hours to a day",
    "late by less than 4 hours",
    "due within the hour",
    "due in 1 to 4 hours",
    "due in 4 hours to a day",
    "due in 1 to 3 days",
    "due later",
];
/// Names of the ages, one each; for the ear too.
const OLD: [&str; AGES.len()] =
    ["under 1 h", "1 to 4 h", "4 h to 1 d", "1 to 3 d", "3 to 7 d", "1 to 4 weeks", "older"];
/// Cells for a name, and for a count.
const NAME: usize = 12;
const COUNT: usize = 8;

/// What a part is drawn with.
struct Page<'a> {
    model: &'a Model,
    figures: &'a Figures,
    theme: &'a Theme,
    width: usize,
    /// Without bars and curves, for the ear.
    spoken: bool,
    /// With a line for each hour.
    tall: bool,
    /// Without bars where words do, so that two columns fit a usual terminal.
    brief: bool,
}

type Lines = Vec<Line<'static>>;

/// Rows for the figures on a screen of this size.
pub fn rows((_, height): (u16, u16)) -> usize {
    usize::from(height.saturating_sub(3))
}

pub fn draw(model: &Model, shown: &Shown, paint: &mut Paint<'_>, area: Rect) {
    let theme = *paint.theme;
    let size = (area.width, area.height);
    let body = Rect { y: 1, height: area.height.saturating_sub(3), ..area };
    paint.blank(body, theme.text);
    let lines = lines(model, shown, &theme, size);
    let rows = rows(size);
    let scroll = shown.scroll.min(lines.len().saturating_sub(rows));
    let more = lines.len().saturating_sub(scroll + rows);
    // What says that there is more stands on an empty row: bold and dim are one weight to a terminal.
    let shown = rows.saturating_sub(usize::from(more > 0));
    for (y, line) in (body.y..body.bottom()).zip(lines.iter().skip(scroll).take(shown)) {
        paint.line(body.x + 1, y, body.width.saturating_sub(2), line);
    }
    if more > 0 {
        let words = fill(format!(" {more} more lines: {}", model.key(Intent::Down)), usize::from(body.width));
        paint.text(body.x, body.bottom().saturating_sub(1), body.width, &words, theme.dim);
    }
}

/// All of it, in as many columns as there is room for.
pub fn lines(model: &Model, shown: &Shown, theme: &Theme, size: (u16, u16)) -> Lines {
    let width = usize::from(size.0.saturating_sub(2));
    let tall = rows(size) >= TALL && size.0 >= VAST;
    let brief = rows(size) < TALL && width >= TWO;
    let Some(figures) = &shown.read else {
        let mut lines = sitting(model, theme, width);
        lines.extend([Line::default(), Line::styled("Counting the queue", theme.dim)]);
        return lines;
    };
    let page = |width| Page { model, figures, theme, width, spoken: false, tall, brief };
    if size.0 >= VAST {
        let side = (width - 4) / 3;
        let (one, two) = (page(side), page(width - 4 - 2 * side));
        return beside(vec![
            (parts(vec![sitting(model, theme, side), ages(&one), people(&one)]), side),
            (parts(vec![waiting(&two), brands(&two), desks(&two)]), two.width),
            (parts(vec![hours(&one)]), side),
        ]);
    }
    if width >= TWO {
        let half = (width - 2) / 2;
        let (one, two) = (page(half), page(width - 2 - half));
        return beside(vec![
            (parts(vec![sitting(model, theme, half), hours(&one), ages(&one), people(&one)]), half),
            (parts(vec![waiting(&two), brands(&two), desks(&two)]), two.width),
        ]);
    }
    let one = page(width);
    parts(vec![
        sitting(model, theme, width),
        waiting(&one),
        ages(&one),
        hours(&one),
        brands(&one),
        desks(&one),
        people(&one),
    ])
}

/// All of it in words and numbers.
pub fn told(model: &Model, shown: &Shown, theme: &Theme, width: usize) -> Lines {
    let Some(figures) = &shown.read else {
        return lines(model, shown, theme, (u16::try_from(width).unwrap_or(80), 24));
    };
    let page = Page { model, figures, theme, width, spoken: true, tall: false, brief: false };
    parts(vec![
        sitting(model, theme, width),
        waiting(&page),
        ages(&page),
        hours(&page),
        brands(&page),
        desks(&page),
        people(&page),
    ])
}

fn parts(parts: Vec<Lines>) -> Lines {
    let mut lines = vec![];
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(part);
    }
    lines
}

fn sitting(model: &Model, theme: &Theme, width: usize) -> Lines {
    let tally = &model.tally;
    let since = span_words(model.now.since(tally.since).max(0));
    let mut lines = vec![Line::styled(format!("You, in {since} at this screen"), theme.head)];
    let mut say = |words: String| lines.extend(wrapped(&words, width, 2, theme.text));
    say(format!("{} decided: {} removed, {} kept", tally.decided(), tally.removed, tally.kept));
    let beside = listed(&[
        (tally.undone, "taken back"),
        (tally.filed, "for a second person"),
        (tally.asked, "asked"),
        (tally.escalated, "escalated"),
        (tally.held, "held"),
        (tally.handed_over, "handed over"),
        (tally.skipped, "skipped"),
    ]);
    if !beside.is_empty() {
        say(beside);
    }
    if let (Some(median), Some(ninetieth)) = (tally.percentile(50), tally.percentile(90)) {
        say(format!("Median {} a case, nine of ten {}", span_words(median), span_words(ninetieth)));
    }
    if let Some(tenths) = tally.tenths_an_hour(model.now).filter(|_| tally.decided() > 0) {
        say(format!("{}.{} an hour, the last {} in time", tenths / 10, tenths % 10, tally.in_time));
    }
    lines
}

fn listed(counts: &[(u32, &str)]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0);
    some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>().join(", ")
}

/// With a plus where counting stopped.
fn capped(count: i64) -> String {
    counted(count.min(MOST), MOST)
}

/// A name in so many cells, a bar as long as its share of the most, and a count.
fn bar(page: &Page<'_>, name: &str, cells: usize, count: i64, most: i64, style: Style) -> Line<'static> {
    if page.spoken {
        return Line::styled(format!("{name}: {}", capped(count)), page.theme.text);
    }
    let room = page.width.saturating_sub(cells + COUNT + 2).max(1);
    let length = usize::try_from(count).unwrap_or(0) * room / usize::try_from(most.max(1)).unwrap_or(1);
    // Only nothing has no bar.
    let length = if count > 0 { length.clamp(1, room) } else { 0 };
    Line::from(vec![
        Span::styled(fill(name.to_owned(), cells) + " ", page.theme.text),
        Span::styled(fill("█".repeat(length), room) + " ", style),
        Span::styled(format!("{:>COUNT$}", capped(count)), page.theme.text),
    ])
}

fn waiting(page: &Page<'_>) -> Lines {
    let (figures, theme) = (page.figures, page.theme);
    let (open, more) = figures.open();
    let plus = if more { "more than " } else { "" };
    let mut lines = vec![Line::styled(format!("Waiting: {plus}{}, by time left", grouped(open)), theme.head)];
    let most = figures.waiting.iter().copied().max().unwrap_or(0);
    let names = if page.spoken { TOLD } else { LEFT };
    for ((stretch, name), count) in STRETCHES.iter().zip(names).zip(&figures.waiting) {
        let style = match (stretch.from, stretch.to) {
            (_, Some(..=0)) => theme.bad,
            (Some(0), _) => theme.warn,
            _ => theme.text,
        };
        lines.push(bar(page, name, NAME, *count, most, style));
    }
    if let Some(first) = figures.first {
        let now = page.model.now;
        let words =
            format!("First: {}, came {} ago", due_words(first.due, now), span_words(now.since(first.opened).max(0)));
        lines.extend(wrapped(&words, page.width, 2, theme.dim));
    }
    lines
}

/// How old what waits is: nothing in an empty queue.
fn ages(page: &Page<'_>) -> Lines {
    let counts = &page.figures.ages;
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return vec![];
    }
    let mut lines = vec![Line::styled("Waiting, by age", page.theme.head)];
    if page.brief {
        let some = OLD.iter().zip(counts).filter(|(_, count)| **count > 0);
        let words: Vec<_> = some.map(|(name, count)| format!("{name} {}", capped(*count))).collect();
        lines.extend(wrapped(&words.join(", "), page.width, 4, page.theme.text));
        return lines;
    }
    lines.extend(OLD.iter().zip(counts).map(|(name, count)| bar(page, name, NAME, *count, most, page.theme.text)));
    lines
}

fn hours(page: &Page<'_>) -> Lines {
    let (figures, theme) = (page.figures, page.theme);
    let arrived: Vec<i64> = figures.hours.iter().map(|hour| hour.arrived).collect();
    let cleared: Vec<i64> = figures.hours.iter().map(|hour| hour.cleared).collect();
    let mut lines = vec![Line::styled("The last 24 hours, the oldest first", theme.head)];
    for (name, counts) in [("new", &arrived), ("cleared", &cleared)] {
        let more = if counts.iter().any(|count| *count >= MOST) { "+" } else { "" };
        let all = grouped(counts.iter().sum::<i64>());
        if page.spoken {
            let each = counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            lines.extend(wrapped(&format!("{name} {all}{more}, by hour: {each}"), page.width, 3, theme.text));
        } else {
            let words = format!("{name:<7} {} {all:>7}{more}", curve(counts));
            lines.push(Line::styled(words, theme.text));
        }
    }
    let (decided, in_time) = figures.decided;
    let words = match (in_time * 100).checked_div(decided) {
        Some(percent) => format!("{percent} % of {} decided by people in time", capped(decided)),
        None => "People decided nothing".to_owned(),
    };
    lines.extend(wrapped(&words, page.width, 2, theme.text));
    if page.tall {
        lines.push(Line::default());
        lines.extend(each_hour(page, &arrived, &cleared));
    }
    lines
}

/// A line an hour: what came, and what was cleared.
fn each_hour(page: &Page<'_>, arrived: &[i64], cleared: &[i64]) -> Lines {
    let theme = page.theme;
    let half = page.width.saturating_sub(10) / 2;
    let room = half.saturating_sub(COUNT + 1).max(1);
    let most = arrived.iter().chain(cleared).copied().max().unwrap_or(0).max(1);
    let cells = |count: i64, style: Style| {
        let length = usize::try_from(count * i64::try_from(room).unwrap_or(1) / most).unwrap_or(0);
        let length = if count > 0 { length.clamp(1, room) } else { 0 };
        let bar = Span::styled(fill("█".repeat(length), room) + " ", style);
        [bar, Span::styled(format!("{:<COUNT$}", capped(count)), theme.text)]
    };
    let mut lines = vec![Line::styled(format!("{:<10}{}cleared", "", fill("new".to_owned(), half)), theme.dim)];
    for (n, (came, went)) in arrived.iter().zip(cleared).enumerate() {
        let began = Time(page.figures.at.0 - i64::try_from(arrived.len() - n).unwrap_or(0) * Time::HOUR);
        let clock = began.timestamp().strftime("%H:%M UTC").to_string();
        let mut spans = vec![Span::styled(clock + " ", theme.dim)];
        spans.extend(cells(*came, theme.warn));
        spans.extend(cells(*went, theme.good));
        lines.push(Line::from(spans));
    }
    lines
}

fn brands(page: &Page<'_>) -> Lines {
    let brands = &page.figures.brands;
    if brands.is_empty() {
        return vec![];
    }
    let (open, more) = page.figures.open();
    let of = if more || open > MOST {
        format!("By brand, of the {} due first", grouped(MOST))
    } else {
        "By brand".to_owned()
    };
    let mut lines = vec![Line::styled(of, page.theme.head)];
    let most = brands.iter().map(|(.., count)| *count).max().unwrap_or(0);
    lines.extend(brands.iter().map(|(_, name, count)| {
        // A third of the room, but no more than names need.
        let cells = (page.width / 3).clamp(NAME, 2 * NAME);
        let name = SafeText::line(name, if page.spoken { page.width } else { cells }).into_string();
        bar(page, &name, cells, *count, most, page.theme.text)
    }));
    lines
}

fn desks(page: &Page<'_>) -> Lines {
    let some: Vec<_> = page.figures.desks.iter().filter(|(_, count)| *count > 0).collect();
    if some.is_empty() {
        return vec![];
    }
    let words = some.iter().map(|(desk, count)| format!("{} {}", desk.title(), capped(*count)));
    let mut lines = vec![Line::styled("At the desks", page.theme.head)];
    lines.extend(wrapped(&words.collect::<Vec<_>>().join(", "), page.width, 2, page.theme.text));
    lines
}

fn people(page: &Page<'_>) -> Lines {
    let (people, theme, now) = (&page.model.waiting.people, page.theme, page.model.now);
    let head = match people.len() {
        0 => "Nobody else is at work".to_owned(),
        1 => "One other is at work".to_owned(),
        many => format!("{many} others are at work"),
    };
    let mut lines = vec![Line::styled(head, theme.head)];
    for one in people.iter().take(PEOPLE) {
        let words = format!("{} {}: {}", one.who, span_words(now.since(one.since).max(0)), doing(one));
        lines.extend(wrapped(&words, page.width, 1, theme.text));
    }
    if people.len() > PEOPLE {
        let key = page.model.key(Intent::People);
        lines.push(Line::styled(format!("and {} more: {key}", people.len() - PEOPLE), theme.dim));
    }
    lines
}
