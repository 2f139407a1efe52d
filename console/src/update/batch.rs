//! Marks, and what is done to all of them at once.

use std::collections::BTreeMap;

use jointforce_shared::{
    commands::case::{Act, Request},
    domain::{
        decision::{RemoveReason, Verdict},
        ids::{CaseId, SellerId},
        penalty::Preview,
    },
};

use super::decide;
use crate::{
    model::{
        Model, Target,
        dialog::{Count, Dialog, Doing, Results},
        line::Line,
        sent::Sent,
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
        None if model.marks.len() >= model.policy.approvals.cases_max => {
            let most = model.policy.approvals.cases_max;
            model.say(true, format!("A batch has at most {most} cases; decide these first"));
            return vec![];
        }
        None => model.marks.push(target),
    }
    let height = model.queue_height().max(1);
    model.queue.go(model.queue.cursor + 1, height);
    model.extend().into_iter().collect()
}

/// Asks for the count before something is done to many, and meanwhile for what it would do to the sellers.
pub fn confirm(model: &mut Model, doing: Doing, targets: Vec<Target>, note: String) -> Vec<Cmd> {
    let cases = targets.iter().map(|target| target.case).collect();
    model.dialog = Some(Dialog::Count(Count { doing, targets, note, preview: None, line: Line::default() }));
    match doing {
        Doing::Decide(Verdict::Remove(reason)) => vec![Cmd::Preview(cases, reason)],
        _ => vec![],
    }
}

/// What it would do to the sellers came; it is shown if the question is still there.
pub fn preview(
    model: &mut Model,
    cases: &[CaseId],
    reason: RemoveReason,
    mut sellers: Vec<(SellerId, Preview)>,
) -> Vec<Cmd> {
    if let Some(Dialog::Count(count)) = &mut model.dialog
        && count.doing == Doing::Decide(Verdict::Remove(reason))
        && count.targets.iter().map(|target| target.case).eq(cases.iter().copied())
    {
        sellers.sort_by_key(|(_, preview)| std::cmp::Reverse((preview.after.level, preview.after.points)));
        let alone = sellers.len() == 1;
        let words = sellers.into_iter().map(
            |(seller, preview)| {
                if alone { preview.words } else { format!("{seller}: {}", preview.words) }
            },
        );
        count.preview = Some(words.collect());
    }
    vec![]
}

/// Does it, if the count is right; anything else changes nothing.
pub fn accept(model: &mut Model, count: Count) -> Vec<Cmd> {
    if count.line.text().trim() != count.targets.len().to_string() {
        let typed = if count.line.text().trim().is_empty() { "Nothing typed" } else { "Not the count" };
        model.say(true, format!("{typed}: nothing was done"));
        return vec![];
    }
    if let Doing::Undo(_) = count.doing {
        count.targets.iter().for_each(|target| model.forget(target.case));
    }
    if count.targets.len() > model.policy.batch_max {
        return together(model, count);
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

/// More than one person may decide: all of it goes as one request to a second person.
fn together(model: &mut Model, count: Count) -> Vec<Cmd> {
    let (words, act) = match count.doing {
        Doing::Decide(verdict) => {
            model.marks.clear();
            decide::act_of(verdict)
        }
        Doing::Undo(_) => ("taking back", Act::Undo),
    };
    let requests = count.targets.iter().map(|target| {
        let due = model.due(target.case);
        model.sent.insert(target.case, Sent::new(words, &target.title, model.now, due));
        Request { case: target.case, version: target.version, act: act.clone(), note: count.note.clone() }
    });
    vec![Cmd::Together(requests.collect())]
}
