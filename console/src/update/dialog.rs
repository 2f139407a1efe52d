//! Keys that go into a dialog.

use std::time::Duration;

use jointforce_shared::{
    commands::case::Act,
    domain::{escalation::Desk, note::Recipient, operator::Permission, skip::SkipReason},
};

use super::{batch, board, contest, decide, deed, screens};
use crate::{
    board::Kind,
    deed::Deed,
    keys::{self, Binding, Intent, Place, TABLE},
    model::{
        Model, Target,
        ask::Ask,
        dialog::{Colleague, Dialog, HOLDS, Reasons},
        line::Line,
    },
    msg::Cmd,
};

/// Opens a dialog that is about no case.
pub fn open(model: &mut Model, intent: Intent) -> Vec<Cmd> {
    model.dialog = Some(match intent {
        Intent::Filter => {
            let words = model.queue.ask.words();
            Dialog::Filter(Line::new(&if words.is_empty() { words } else { format!("{words} ") }), None)
        }
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
        Some(Dialog::Choices(choices)) => match choices.deeds.get(number) {
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

/// Something was typed.
pub fn typed(model: &mut Model) {
    match &mut model.dialog {
        Some(Dialog::Filter(_, error)) => *error = None,
        Some(Dialog::Palette(_, at) | Dialog::HandOver(_, _, at)) => *at = 0,
        _ => {}
    }
}

/// Keys that change a line, or the choice in a list.
pub fn edit(model: &mut Model, intent: Intent) {
    let choices = match &model.dialog {
        Some(Dialog::Palette(line, _)) => palette(line.text(), behind(model)).len(),
        Some(Dialog::HandOver(_, line, _)) => colleagues(model, line.text()).len(),
        _ => 0,
    };
    match &mut model.dialog {
        Some(Dialog::Palette(_, at) | Dialog::HandOver(_, _, at)) if intent == Intent::PickDown => {
            *at = (*at + 1).min(choices.saturating_sub(1));
            return;
        }
        Some(Dialog::Palette(_, at) | Dialog::HandOver(_, _, at)) if intent == Intent::PickUp => {
            *at = at.saturating_sub(1);
            return;
        }
        Some(Dialog::Reasons(reasons)) if intent == Intent::AddNote => {
            reasons.typing = true;
            return;
        }
        _ => {}
    }
    let Some(line) = model.dialog.as_mut().and_then(|dialog| dialog.line()) else { return };
    match intent {
        Intent::Rub => line.rub(),
        Intent::RubWord => line.rub_word(),
        Intent::RubAll => line.rub_all(),
        Intent::Left => line.left(),
        Intent::Right => line.right(),
        _ => {}
    }
    if matches!(intent, Intent::Rub | Intent::RubWord | Intent::RubAll) {
        typed(model);
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
        _ => model.dialog = None,
    }
    vec![]
}

/// Enter.
pub fn accept(model: &mut Model) -> Vec<Cmd> {
    match model.dialog.take() {
        Some(Dialog::Reasons(mut reasons)) => {
            reasons.typing = false;
            model.dialog = Some(Dialog::Reasons(reasons));
            vec![]
        }
        Some(Dialog::Count(count)) => batch::accept(model, count),
        Some(Dialog::Say(deed, line)) => deed::said(model, deed, line),
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
        Some(Dialog::Filter(line, _)) => match Ask::parse(line.text()) {
            Ok(ask) => {
                let mut cmds = if model.open.is_some() { screens::close(model) } else { vec![] };
                cmds.extend(screens::filter(model, ask));
                cmds
            }
            Err(error) => {
                model.dialog = Some(Dialog::Filter(line, Some(error)));
                vec![]
            }
        },
        Some(Dialog::Palette(line, at)) => {
            let place = behind(model);
            let Some(binding) = palette(line.text(), place).into_iter().nth(at) else {
                model.dialog = Some(Dialog::Palette(line, at));
                return vec![];
            };
            if let Some(reason) = keys::why_not(model, binding.intent) {
                model.say(true, reason);
                return vec![];
            }
            super::intent(model, binding.intent, place, "")
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

/// The commands whose name holds the letters of `typed` in their order, the closest first, then those whose description
/// holds it as it is.
pub fn palette(typed: &str, place: Place) -> Vec<&'static Binding> {
    let there = TABLE.iter().filter(|binding| binding.places.contains(&place) && binding.intent != Intent::Palette);
    let mut found: Vec<_> = there
        .filter_map(|binding| {
            let close = fuzzy(typed, binding.name).map(|gaps| (0, gaps));
            let told = || binding.what.to_lowercase().find(&typed.to_lowercase()).map(|at| (1, at));
            close.or_else(told).map(|rank| (rank, binding))
        })
        .collect();
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, binding)| binding).collect()
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

/// How many letters lie between those of `typed` in `text`, if they are all there in their order.
fn fuzzy(typed: &str, text: &str) -> Option<usize> {
    let mut letters = text.chars().flat_map(char::to_lowercase);
    let mut gaps = 0;
    for (n, wanted) in typed.chars().filter(|c| *c != ' ').flat_map(char::to_lowercase).enumerate() {
        let gap = letters.by_ref().position(|letter| letter == wanted)?;
        gaps += if n == 0 { gap.min(1) } else { gap };
    }
    Some(gaps)
}
