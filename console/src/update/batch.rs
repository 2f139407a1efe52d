//! Marks, and what is done to all of them at once.

use std::collections::BTreeMap;

use super::decide;
use crate::{
    model::{
        Model, Target,
        dialog::{Count, Dialog, Doing, Results},
        line::Line,
    },
    msg::Cmd,
};

/// Marks the selected case, or takes its mark away, and goes down.
pub fn mark(model: &mut Model) -> Vec<Cmd> {
    let Some(row) = model.queue.selected() else { return vec![] };
    let target = Target::row(row);
    match model.marks.iter().position(|mark| mark.case == target.case) {
        Some(at) => {
            model.marks.remove(at);
        }
        None if model.marks.len() >= model.policy.batch_max => {
            model.say(true, format!("A batch has at most {} cases; decide these first", model.policy.batch_max));
            return vec![];
        }
        None => model.marks.push(target),
    }
    let height = model.queue_height().max(1);
    model.queue.go(model.queue.cursor + 1, height);
    model.extend().into_iter().collect()
}

/// Asks for the count before something is done to many.
pub fn confirm(model: &mut Model, doing: Doing, targets: Vec<Target>, note: String) {
    model.dialog = Some(Dialog::Count(Count { doing, targets, note, line: Line::default() }));
}

/// Does it, if the count is right; anything else changes nothing.
pub fn accept(model: &mut Model, count: Count) -> Vec<Cmd> {
    if count.line.text().trim() != count.targets.len().to_string() {
        let typed = if count.line.text().trim().is_empty() { "Nothing typed" } else { "Not the count" };
        model.say(true, format!("{typed}: nothing was done"));
        return vec![];
    }
    if let Doing::Undo(_) = count.doing {
        model.undo.pop();
    }
    let cmds: Vec<_> = match count.doing {
        Doing::Decide(verdict) => {
            model.marks.clear();
            model.last = Some(verdict);
            decide::send_all(model, verdict, &count.targets, &count.note)
        }
        Doing::Undo(_) => count.targets.iter().map(|target| decide::send_undo(model, target)).collect(),
    };
    model.dialog = Some(Dialog::Results(Results {
        doing: count.doing,
        targets: count.targets,
        outcomes: BTreeMap::new(),
        scroll: 0,
    }));
    cmds
}
