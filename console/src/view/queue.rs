//! The queue: the list, and the selected case below it or beside it.

use jointforce_shared::{
    domain::{
        brand::Tier,
        priority::{self, Risk},
        seller::Level,
        time::{Time, span_words},
    },
    store::queue::{QueueRow, Standing},
};
use ratatui::{
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use super::{
    layout::{self, NARROW},
    paint::{Paint, cell, flagged},
    strip,
};
use crate::{keys::Intent, model::Model};

/// Columns of the list, with their widths; the title takes what is left.
struct Columns {
    risk: bool,
    brand: usize,
    title: usize,
    seller: usize,
    claims: bool,
    state: usize,
}

impl Columns {
    fn of(width: usize) -> Self {
        if width < usize::from(NARROW) {
            let state = if width >= 40 { 9 } else { 0 };
            return Self {
                risk: false,
                brand: 0,
                title: width.saturating_sub(4 + DUE + state),
                seller: 0,
                claims: false,
                state,
            };
        }
        let (brand, seller, state) = match width {
            ..75 => (10, 0, 9),
            75..100 => (13, 12, 9),
            100..140 => (20, 20, 14),
            _ => (26, 28, 18),
        };
        let taken = 2 + DUE + 1 + 5 + brand + 1 + seller + 1 + 3 + state + 1;
        Self { risk: true, brand, title: width.saturating_sub(taken), seller, claims: true, state }
    }
}

/// What is asked for the case waits until a second person says yes; and the same where there is no room for it.
const WAITS: &str = "waits for 2nd";
const WAITS_SHORT: &str = "waits 2nd";

/// `late 2d 11h`
const DUE: usize = 11;

/// The deadline in words, and how it stands: 0 in time, 1 within the hour, 2 late.
pub fn due(due: Time, model: &Model) -> (String, u8) {
    let left = model.link.left(due.since(model.now));
    // Seconds would redraw the row all the time, and nobody decides by them.
    let words = if left.abs() < Time::MINUTE { "<1 min".to_owned() } else { span_words(left) };
    match left {
        ..0 => (format!("late {words}"), 2),
        0..Time::HOUR => (words, 1),
        _ => (words, 0),
    }
}

pub fn due_style(how: u8, paint: &Paint<'_>) -> Style {
    [paint.theme.text, paint.theme.warn, paint.theme.bad][usize::from(how.min(2))]
}

pub const fn tier_short(tier: Tier) -> &'static str {
    match tier {
        Tier::Unverified => "U",
        Tier::Standard => "S",
        Tier::GoodFaith => "GF",
        Tier::JointForce => "JF",
        Tier::TrustedFlagger => "TF",
        Tier::Suspended => "X",
    }
}

/// What is going on with a row, in at most a few words, and how it stands: 0 plain, 1 worth a look, 2 bad.
pub fn state(model: &Model, row: &QueueRow) -> (String, u8) {
    let me = &model.me.id;
    if let Some(sent) = model.sent.get(&row.place.case) {
        return if sent.failed.is_some() { ("! failed".into(), 2) } else { (format!("{}…", sent.words), 1) };
    }
    if row.waits {
        return (WAITS.into(), 1);
    }
    let standing = row.standing.map(|standing| match standing {
        Standing::Appealed => "appeal",
        Standing::Asked => "asked",
    });
    match (&row.held_by, &row.lease_by, &row.assigned_to) {
        (Some(by), ..) if by == me => ("held".into(), 1),
        (Some(by), ..) => (format!("held {by}"), 0),
        (_, Some(by), _) if by == me => ("open".into(), 0),
        (_, Some(by), _) => (format!("@{by}"), 1),
        (.., Some(to)) if to == me => ("for you".into(), 1),
        (.., Some(to)) => (format!("for {to}"), 0),
        _ => match (standing, row.desk) {
            (Some(standing), _) => (standing.into(), 1),
            (None, Some(desk)) => (desk.title().into(), 1),
            (None, None) => match model.readers(row.place.case).next() {
                Some(who) => (format!("{who} reads"), 0),
                None if row.round > 1 => ("again".into(), 1),
                None => (String::new(), 0),
            },
        },
    }
}

pub fn draw(model: &Model, paint: &mut Paint<'_>, body: Rect) {
    let parts = layout::queue(model.size);
    let columns = Columns::of(usize::from(parts.list));
    let mut y = body.y;
    if parts.names {
        names(&columns, paint, body, y, parts.list);
        y += 1;
    }
    list(model, &columns, paint, Rect { y, width: parts.list, height: u16::try_from(parts.rows).unwrap_or(0), ..body });
    if parts.strip > 0 {
        let y = body.bottom() - parts.strip;
        strip::draw(model, paint, Rect { y, height: parts.strip, ..body });
    } else if parts.list < body.width {
        paint.pole(parts.list, body.y, body.height, paint.theme.dim);
        let x = parts.list + 2;
        strip::beside(model, paint, Rect { x, width: body.width - x, ..body });
    }
}

fn names(columns: &Columns, paint: &mut Paint<'_>, body: Rect, y: u16, width: u16) {
    let mut names = format!("  {:<DUE$} ", "DUE");
    if columns.risk {
        names += "RISK ";
    }
    for (name, width) in
        [("BRAND, TIER", columns.brand), ("LISTING", columns.title), ("SELLER, POINTS", columns.seller)]
    {
        if width > 0 {
            names += &cell(name, width);
            names.push(' ');
        }
    }
    if columns.claims {
        names += "CL ";
    }
    if columns.state > 0 {
        names += "STATE";
    }
    paint.text(body.x, y, width, &names, paint.theme.dim);
}

fn list(model: &Model, columns: &Columns, paint: &mut Paint<'_>, area: Rect) {
    let queue = &model.queue;
    if queue.rows.is_empty() {
        let words = match (queue.loaded, queue.ask.is_all()) {
            (false, _) => "Reading the queue".to_owned(),
            (true, true) => "The queue is empty. New cases appear here by themselves.".to_owned(),
            (true, false) => format!("No case is like that. {} shows the whole queue.", model.key(Intent::Unfilter)),
        };
        paint.text(area.x + 2, area.y, area.width.saturating_sub(2), &words, paint.theme.dim);
        return;
    }
    for (y, (index, row)) in
        (area.y..area.bottom()).zip(queue.rows.iter().enumerate().skip(queue.top).take(usize::from(area.height)))
    {
        let line = line(model, columns, paint, row, index == queue.cursor);
        paint.line(area.x, y, area.width, &line);
    }
}

fn line(model: &Model, columns: &Columns, paint: &Paint<'_>, row: &QueueRow, selected: bool) -> Line<'static> {
    let theme = paint.theme;
    let marked = model.marks.iter().any(|mark| mark.case == row.place.case);
    // The cursor is a mark in the gutter, so that moving it changes two cells a row and not the whole row.
    let mut spans = vec![
        Span::styled(if selected { ">" } else { " " }, theme.head),
        Span::styled(if marked { "*" } else { " " }, theme.warn),
    ];
    let (words, how) = due(row.factors.due, model);
    spans.push(Span::styled(format!("{words:<DUE$} "), due_style(how, paint)));
    if columns.risk {
        let (words, style) = match priority::risk(&row.factors) {
            Risk::High => ("high ", theme.bad),
            Risk::Medium => ("med  ", theme.warn),
            Risk::Low => ("low  ", theme.dim),
        };
        spans.push(Span::styled(words, style));
    }
    if columns.brand > 0 {
        let tier = tier_short(row.factors.tier);
        let name = cell(&row.brand_name, columns.brand - 3);
        spans.push(Span::styled(format!("{name} {tier:<2} "), theme.text));
    }
    let signs = model.queue.signs(row).short();
    let style = if signs.is_empty() { theme.text } else { theme.warn };
    spans.push(Span::styled(flagged(&signs, &row.title, columns.title) + " ", style));
    if columns.seller > 0 {
        let points = if row.points > 0 || row.level != Level::Good {
            format!(" {}{}", row.points, level_short(row.level))
        } else {
            String::new()
        };
        let name = cell(&row.seller_name, columns.seller.saturating_sub(points.len()));
        let style = if row.level >= Level::Warned { theme.warn } else { theme.text };
        spans.push(Span::styled(name, theme.text));
        spans.push(Span::styled(points + " ", style));
    }
    if columns.claims {
        let claims = row.factors.claims.min(99);
        spans.push(Span::styled(format!("{claims:>2} "), theme.text));
    }
    if columns.state > 0 {
        let (words, how) = state(model, row);
        let words = if words == WAITS && columns.state < WAITS.len() { WAITS_SHORT.to_owned() } else { words };
        let style = [theme.dim, theme.warn, theme.bad][usize::from(how.min(2))];
        spans.push(Span::styled(cell(&words, columns.state), style));
    }
    Line::from(spans)
}

const fn level_short(level: Level) -> &'static str {
    match level {
        Level::Good => "",
        Level::Cautioned => "c",
        Level::Warned => "w",
        Level::Restricted => "r",
        Level::Hidden => "h",
        Level::Suspended => "S",
        Level::Terminated => "T",
    }
}
