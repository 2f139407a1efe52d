//! Lists in lines: boards, groups, the queue. Each row has a number, and what is said of a list is what its numbers mean,
//! however the list changes meanwhile.

use jointforce_shared::domain::{ids::CaseId, safe_text::SafeText, time::span_words};

use super::choices::WHOLE;
use crate::{
    board::{Board, Row},
    keys::Intent,
    model::{Model, group::Group},
    view::{deeds, due_words, group_title, state_words},
};

/// Rows of the queue said at once.
pub const ROWS: usize = 10;
/// Letters of a line.
const LINE: usize = 200;

/// `1 4 7-9` as numbers, in their order; `None` if it is anything else.
pub fn numbers(line: &str) -> Option<Vec<usize>> {
    let mut all = vec![];
    for part in line.split([' ', ',']).filter(|part| !part.is_empty()) {
        let (from, to): (usize, usize) = match part.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None => (part.parse().ok()?, part.parse().ok()?),
        };
        if from == 0 || to < from || to - from > LINE {
            return None;
        }
        all.extend(from..=to);
    }
    (!all.is_empty()).then_some(all)
}

pub fn line(words: &str) -> String {
    SafeText::line(words, LINE).into_string()
}

/// The rows of a board, and the keys that they stand for.
pub fn board(model: &Model, board: &Board) -> (Vec<String>, Vec<String>) {
    let rows = board.rows.as_deref().unwrap_or_default();
    if rows.is_empty() {
        return (vec![board.kind.nothing(&model.own.keys), "Enter goes back.".to_owned()], vec![]);
    }
    let mut lines = vec![format!("The board of {}, {} rows:", board.kind.title(), rows.len())];
    lines.extend(rows.iter().enumerate().map(|(n, row)| {
        let since = span_words(model.now.since(row.since).max(0));
        line(&format!("{}: {}, {}, for {since}", n + 1, row.title, row.state))
    }));
    lines.push("Type a row's number to hear all of it and what can be done, or only Enter to go back.".to_owned());
    (lines, rows.iter().map(|row| row.key.clone()).collect())
}

/// A row of a board, whole.
pub fn row(model: &Model, row: &Row) -> Vec<String> {
    let mut lines = vec![line(&row.title)];
    lines.extend(row.details.iter().map(|words| line(words)));
    if let Some(why) = row.barred.as_ref().filter(|_| row.yes.is_none() || row.no.is_none()) {
        lines.push(line(&format!("{why}.")));
    }
    let choices = deeds(row).into_iter().map(|(intent, name)| format!("{} {name}", letter(model, intent)));
    let choices: Vec<_> = choices.chain(["only Enter to go back to the board".to_owned()]).collect();
    lines.push(line(&format!("Choose: {}.", choices.join(", "))));
    lines
}

/// What is typed for an intent; Enter alone has a meaning of its own here.
pub fn letter(model: &Model, intent: Intent) -> &'static str {
    match model.key(intent) {
        "Enter" => "o",
        key => key,
    }
}

/// Cases that are alike.
pub fn group(model: &Model, group: &Group) -> Vec<String> {
    let mut lines = vec![
        format!("{}:", group_title(model, group)),
        line(&format!("{}, {}, sold by {}", group.card.title, group.card.brand, group.card.seller)),
    ];
    let Some(kin) = &group.kin else { return lines };
    if kin.is_empty() {
        lines.push("No other open case is like it. Enter goes back.".to_owned());
        return lines;
    }
    lines.push(format!(
        "{} of {} are decided together. Of the others, what differs:",
        group.targets().len(),
        kin.len() + 1
    ));
    lines.extend(kin.iter().enumerate().map(|(n, row)| {
        let out = if group.excluded.contains(&row.target.case) { "left out, " } else { "" };
        let taken = row.lease_by.as_ref().map(|by| format!("{by} has it, ")).unwrap_or_default();
        line(&format!("{}: {out}{taken}{}", n + 1, row.differs))
    }));
    let [remove, keep, next] = [Intent::Remove, Intent::Keep, Intent::Group].map(|intent| model.key(intent));
    lines.push(format!(
        "Type numbers to leave out or take in again, {remove} to remove them all, {keep} to keep them all, {next} for others that \
         are alike, or only Enter to go back."
    ));
    lines
}

/// Rows of the queue from one on, and the cases that they stand for.
pub fn queue(model: &Model, from: usize) -> (Vec<String>, Vec<CaseId>) {
    let rows: Vec<_> = model.queue.rows.iter().skip(from).take(ROWS).collect();
    let filter = line(&model.queue.ask.words());
    let mut lines = vec![match rows.len() {
        0 if from == 0 && !model.queue.ask.is_all() => {
            format!("Nothing matches {filter}. {WHOLE} shows the whole queue.")
        }
        0 => "The queue has no more rows here.".to_owned(),
        many if model.queue.ask.is_all() => format!("The queue, rows {} to {}:", from + 1, from + many),
        many => format!("What matches {filter}, rows {} to {}; {WHOLE} shows the whole queue:", from + 1, from + many),
    }];
    lines.extend(rows.iter().enumerate().map(|(n, row)| {
        let marked = if model.marks.iter().any(|mark| mark.case == row.place.case) { "marked, " } else { "" };
        let signs = model.queue.signs(row).badges().join(" ");
        let signs = if signs.is_empty() { String::new() } else { format!(", {signs}") };
        let state = state_words(model, row);
        let state = if state.is_empty() { String::new() } else { format!(", {state}") };
        let due = due_words(model, row);
        line(&format!(
            "{}: {marked}{due}, {}, {}, sold by {}{signs}{state}",
            n + 1,
            row.brand_name,
            row.title,
            row.seller_name
        ))
    }));
    lines.push(commands(model));
    (lines, rows.iter().map(|row| row.place.case).collect())
}

/// What can be typed about the queue's rows.
fn commands(model: &Model) -> String {
    let [remove, keep, forget] = [Intent::Remove, Intent::Keep, Intent::Unmark].map(|intent| model.key(intent));
    let marks = model.marks.len();
    format!(
        "{marks} marked. Type numbers to mark or unmark, as 1 4 7-9; {remove} to remove what is marked, {keep} to keep it, {forget} to \
         forget the marks; + for the next rows, - for those before; or only Enter to go back to one case at a time."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_are_read_and_nothing_else() {
        assert_eq!(numbers("1 4 7-9"), Some(vec![1, 4, 7, 8, 9]));
        assert_eq!(numbers("2,3"), Some(vec![2, 3]));
        for wrong in ["", "0", "x", "1 x", "9-7", "1-", "-1", "1-999999999999"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }
}
