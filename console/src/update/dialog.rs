//! Keys that go into a dialog.

use std::time::Duration;

use jointforce_shared::{
    commands::case::Act,
    domain::{escalation::Desk, note::Recipient, operator::Permission, skip::SkipReason},
};

use super::{
    batch, board, contest, decide, deed, filter,
    palette::{self, fuzzy},
    screens,
};
use crate::{
    board::Kind,
    deed::Deed,
    keys::{self, Intent, Place},
    model::{
        Model, Target,
        dialog::{Colleague, Dialog, HOLDS, Reasons},
        line::Line,
    },
    msg::Cmd,
};

/// Opens a dialog that is about no case.
pub fn open(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    model.dialog = Some(match intent {
        Intent::Palette => Dialog::Palette(Line::default(), 0),
        Intent::Find => Dialog::Find(Line::default()),
        _ => Dialog::Help(0),
    });
    vec![]
}

/// Opens a dialog about the case in focus.
pub fn about(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let Some(target) = model.target() else {
        model.say(true, "The case is still being read");
        return vec![];
    };
    match intent {
        Intent::Hold => model.dialog = Some(Dialog::HoldFor(target)),
        Intent::HandOver => {
            model.dialog = Some(Dialog::HandOver(target, Line::default(), 0));
            return vec![Cmd::Staff];
        }
        _ => model.dialog = Some(Dialog::Note(target, Line::default())),
    }
    vec![]
}

/// Offers what can be done with the case in focus beside deciding it.
pub fn offer(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    let Some(target) = model.target() else {
        model.say(true, "The case is still being read");
        return vec![];
    };
    let mut of = |deed: &dyn Fn(Target) -> Vec<Deed>, title: &str| {
        let deeds = deed(target.clone());
        deed::offer(model, title, deeds)
    };
    match intent {
        Intent::Escalate => {
            of(&|target| Desk::ALL.iter().map(|desk| Deed::Escalate(target.clone(), *desk)).collect(), "Escalate")
        }
        Intent::Skip => of(
            &|target| SkipReason::ALL.iter().map(|reason| Deed::Skip(target.clone(), *reason)).collect(),
            "Pass over it: why?",
        ),
        Intent::Tell => {
            of(&|target| Recipient::ALL.iter().map(|to| Deed::Tell(target.clone(), *to)).collect(), "Write about it")
        }
        Intent::AskBrand => {
            let templates = model.policy.asking.templates.clone();
            let title = format!("Ask {}", target.brand);
            let deeds = templates.into_iter().take(9).map(|template| Deed::Ask(target.clone(), template)).collect();
            deed::offer(model, title, deeds)
        }
        _ => {
            let Some(case) = model.dossier(target.case).cloned() else {
                model.say(true, "The case is still being read");
                return vec![];
            };
            let deeds: Vec<_> =
                contest::offers(&case).into_iter().map(|contest| Deed::Contest(target.clone(), contest)).collect();
            deed::offer(model, "Enter what they said", deeds)
        }
    }
}

/// A number in a menu.
pub fn choose(model: &mut Model, key: &str) -> Vec<Cmd> {
    let Some(number) = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1)) else { return vec![] };
    if is_offline(model) {
        return vec![];
    }
    match model.dialog.take() {
        Some(Dialog::Reasons(reasons)) => match Reasons::verdicts(reasons.remove).get(number) {
            Some(verdict) => {
                let note = reasons.note.text().trim().to_owned();
                decide::verdict(model, *verdict, reasons.targets, note)
            }
            None => {
                model.dialog = Some(Dialog::Reasons(reasons));
                vec![]
            }
        },
        Some(Dialog::Choices(choices)) => match choices.shown().get(number) {
            Some(chosen) => deed::chosen(model, chosen.clone()),
            None => {
                model.dialog = Some(Dialog::Choices(choices));
                vec![]
            }
        },
        Some(Dialog::HoldFor(target)) => {
            model.dialog = Some(match HOLDS.get(number) {
                Some(hours) => Dialog::HoldWhy(target, Duration::from_secs(hours * 3600), Line::default()),
                None => Dialog::HoldFor(target),
            });
            vec![]
        }
        other => {
            model.dialog = other;
            vec![]
        }
    }
}

/// The next numbers of a long menu, or those before.
pub fn turn(model: &mut Model, on: bool) -> Vec<Cmd> {
    if let Some(Dialog::Choices(choices)) = &mut model.dialog {
        let last = choices.pages().saturating_sub(1);
        choices.page = if on { (choices.page + 1).min(last) } else { choices.page.saturating_sub(1) };
    }
    vec![]
}

/// Whether what the dialog would do has to wait for the database; says so if it has.
fn is_offline(model: &mut Model) -> bool {
    let why = model.dialog.as_ref().filter(|dialog| dialog.does()).and_then(|_| keys::offline(model));
    let Some(why) = why else { return false };
    model.say(true, why);
    true
}

/// Something was typed.
pub fn typed(model: &mut Model) -> Vec<Cmd> {
    match &mut model.dialog {
        Some(Dialog::Filter(_)) => return filter::typed(model),
        Some(Dialog::Palette(_, at) | Dialog::HandOver(_, _, at)) => *at = 0,
        _ => {}
    }
    vec![]
}

/// Keys that change a line, or the choice in a list.
pub fn edit(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    if matches!(model.dialog, Some(Dialog::Filter(_))) && matches!(intent, Intent::PickDown | Intent::PickUp) {
        return filter::pick(model, intent == Intent::PickDown);
    }
    let choices = match &model.dialog {
        Some(Dialog::Palette(line, _)) => palette::items(model, line.text()).len(),
        Some(Dialog::HandOver(_, line, _)) => colleagues(model, line.text()).len(),
        _ => 0,
    };
    match &mut model.dialog {
        Some(Dialog::Palette(_, at) | Dialog::HandOver(_, _, at))
            if matches!(intent, Intent::PickDown | Intent::PickUp) =>
        {
            *at = around(*at, intent == Intent::PickDown, choices);
            return vec![];
        }
        Some(Dialog::Reasons(reasons)) if intent == Intent::AddNote => {
            reasons.typing = true;
            return vec![];
        }
        _ => {}
    }
    let Some(line) = model.dialog.as_mut().and_then(|dialog| dialog.line()) else { return vec![] };
    match intent {
        Intent::Rub => line.rub(),
        Intent::RubWord => line.rub_word(),
        Intent::RubAll => line.rub_all(),
        Intent::Left => line.left(),
        Intent::Right => line.right(),
        _ => {}
    }
    if let Some(Dialog::Filter(asking)) = &mut model.dialog {
        (asking.at, asking.menu) = (0, None);
    }
    if matches!(intent, Intent::Rub | Intent::RubWord | Intent::RubAll) {
        return typed(model);
    }
    vec![]
}

/// The next place in a list of so many, or the one before: behind the last comes the first.
pub const fn around(at: usize, next: bool, of: usize) -> usize {
    match (of, next) {
        (0, _) => 0,
        (_, true) => (at + 1) % of,
        (_, false) => (at + of - 1) % of,
    }
}

/// Escape.
pub fn cancel(model: &mut Model) -> Vec<Cmd> {
    match &mut model.dialog {
        // Out of the note, back to the numbers.
        Some(Dialog::Reasons(reasons)) if reasons.typing => {
            reasons.typing = false;
            reasons.note = Line::default();
        }
        Some(Dialog::Filter(_)) => return filter::cancel(model),
        _ => model.dialog = None,
    }
    vec![]
}

/// Enter.
pub fn accept(model: &mut Model) -> Vec<Cmd> {
    if is_offline(model) {
        return vec![];
    }
    match model.dialog.take() {
        Some(Dialog::Reasons(mut reasons)) => {
            reasons.typing = false;
            model.dialog = Some(Dialog::Reasons(reasons));
            vec![]
        }
        Some(Dialog::Count(count)) => batch::accept(model, count),
        Some(Dialog::Say(deed, line)) => deed::said(model, deed, line),
        Some(Dialog::Sure(proof, deed, line)) => deed::sure(model, &proof, deed, &line),
        Some(Dialog::Note(target, line)) => {
            if line.text().trim().is_empty() {
                return vec![];
            }
            vec![decide::send(model, &target, "noting", Act::Note, line.text().trim())]
        }
        Some(Dialog::HoldWhy(target, span, line)) => {
            let reason = line.text().trim().to_owned();
            if reason.is_empty() {
                model.say(true, "Say what the hold waits for");
                model.dialog = Some(Dialog::HoldWhy(target, span, line));
                return vec![];
            }
            let case = target.case;
            let mut cmds = vec![decide::send(model, &target, "holding", Act::Hold { span, reason }, "")];
            cmds.extend(screens::advance(model, case));
            cmds
        }
        Some(Dialog::HandOver(target, line, at)) => {
            let Some(to) = colleagues(model, line.text()).into_iter().nth(at) else {
                model.dialog = Some(Dialog::HandOver(target, line, at));
                return vec![];
            };
            let case = target.case;
            let mut cmds = vec![decide::send(model, &target, "handing over", Act::HandOver { to: to.id }, "")];
            cmds.extend(screens::advance(model, case));
            cmds
        }
        Some(Dialog::Find(line)) => {
            let text = line.text().trim();
            // Nothing typed: what one decided oneself.
            let text = if text.is_empty() { model.me.id.to_string() } else { text.to_owned() };
            board::open(model, Kind::Found(text))
        }
        Some(Dialog::Filter(asking)) => filter::accept(model, asking),
        Some(Dialog::Palette(line, at)) => {
            let Some(item) = palette::items(model, line.text()).into_iter().nth(at) else {
                model.dialog = Some(Dialog::Palette(line, at));
                return vec![];
            };
            palette::chosen(model, &item)
        }
        other => {
            model.dialog = other;
            vec![]
        }
    }
}

/// The screen behind the dialog.
pub const fn behind(model: &Model) -> Place {
    if model.board.is_some() {
        Place::Board
    } else if model.open.is_some() {
        Place::Case
    } else {
        Place::Queue
    }
}

/// The operators whom a case can be handed to, found by account or name.
pub fn colleagues(model: &Model, typed: &str) -> Vec<Colleague> {
    let staff = model
        .staff
        .iter()
        .filter(|operator| operator.enabled && operator.role.may(Permission::Decide) && operator.id != model.me.id);
    staff
        .filter(|operator| fuzzy(typed, operator.id.as_str()).or_else(|| fuzzy(typed, &operator.name)).is_some())
        .map(|operator| Colleague { id: operator.id.clone(), name: operator.name.clone() })
        .collect()
}
