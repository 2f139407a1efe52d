//! What can't be had now, and why.

use jointforce_shared::domain::{case::State, operator::Permission};

use super::{Binding, Intent, Place};
use crate::{
    board::Kind,
    model::{
        Lease, Model,
        dialog::{Dialog, Doing},
    },
    msg::Worker,
};

/// Why nothing can be decided or changed while the database is away.
pub fn offline(model: &Model) -> Option<String> {
    model
        .away
        .map(|_| "The database is away: nothing can be decided until it is back; what was shown can be read".to_owned())
}

/// Whether a binding of the place means anything in the dialog that is open: not every menu takes a note, and only what
/// became of a batch can be taken back.
pub fn counts(model: &Model, binding: &Binding) -> bool {
    let Some(dialog) = &model.dialog else { return true };
    match binding.intent {
        Intent::AddNote => matches!(dialog, Dialog::Reasons(_)),
        Intent::Undo => matches!(dialog, Dialog::Results(results) if matches!(results.doing, Doing::Decide(_))),
        Intent::PageDown | Intent::PageUp if binding.places.contains(&Place::Menu) && dialog.place() == Place::Menu => {
            matches!(dialog, Dialog::Choices(choices) if choices.pages() > 1)
        }
        _ => true,
    }
}

/// Why an intent can't be had now; the keys of such intents are dimmed and say so.
pub fn why_not(model: &Model, intent: Intent) -> Option<String> {
    let decides = matches!(
        intent,
        Intent::Remove
            | Intent::Keep
            | Intent::Hold
            | Intent::Skip
            | Intent::Undo
            | Intent::Repeat
            | Intent::Note
            | Intent::HandOver
            | Intent::Release
            | Intent::Escalate
            | Intent::AskBrand
            | Intent::Tell
            | Intent::Mark
            | Intent::MarkRange
            | Intent::MarkSeller
            | Intent::MarkGroup
    );
    if decides && !model.may_decide() {
        return Some(format!("A role of {} may not decide cases", model.me.role.title()));
    }
    let writes =
        decides && !matches!(intent, Intent::Mark | Intent::MarkRange | Intent::MarkSeller | Intent::MarkGroup);
    let answers = model.board.is_some() && matches!(intent, Intent::Yes | Intent::No);
    if (writes || answers || intent == Intent::Contest)
        && let Some(why) = offline(model)
    {
        return Some(why);
    }
    let row = model.queue.selected();
    match intent {
        Intent::Quality if !model.me.role.may(Permission::ReadQuality) => {
            Some("Only leads, admins and auditors see how decisions agree".into())
        }
        Intent::Yes | Intent::No | Intent::Open if model.board.is_some() => {
            let none = model.board.as_ref().and_then(|board| board.selected()).is_none();
            if none { Some("Nothing is here".into()) } else { barred(model, intent) }
        }
        Intent::Picture if model.focus().is_none() => Some("There is no case here".into()),
        Intent::Picture if matches!(model.worker, Worker::Here | Worker::Ended) => {
            Some("Pictures are made by a worker of its own: run jointforce-worker run beside this console".into())
        }
        Intent::Undo if model.undo.is_empty() && model.decided().is_none() && model.own_request().is_none() => {
            Some("You have decided nothing that could be taken back".into())
        }
        Intent::Release if model.open.is_some() || row.is_some() => unheld(model),
        Intent::Repeat if model.last.is_none() => Some("You have decided nothing yet that could be repeated".into()),
        Intent::MarkRange if model.marks.is_empty() => {
            Some(format!("Mark the first one with {}", model.key(Intent::Mark)))
        }
        Intent::OwnKeys if model.own.given.keys.is_some() => {
            Some("Your keys come from the file that this console was started with: change that".into())
        }
        Intent::Unmark if model.marks.is_empty() => Some("Nothing is marked".into()),
        Intent::Unfilter if model.queue.ask.is_all() => Some("The whole queue is shown already".into()),
        Intent::OpenView if model.views.is_empty() => {
            Some(format!("No view is kept yet; {} keeps what is shown", model.key(Intent::KeepView)))
        }
        Intent::Open
        | Intent::Mark
        | Intent::OnlyBrand
        | Intent::OnlySeller
        | Intent::BrandPage
        | Intent::SellerPage
            if model.focus().is_none() =>
        {
            Some("There is no case here".into())
        }
        _ if decides && intent != Intent::Undo => match &model.open {
            None if row.is_none() => Some("There is no case here".into()),
            Some(_) if model.decided().is_some() => (!matches!(intent, Intent::Note | Intent::Tell)).then(|| {
                let (undo, contest) = (model.key(Intent::Undo), model.key(Intent::Contest));
                format!("It is decided; {undo} takes that back, {contest} enters what a party says about it")
            }),
            Some(open) if open.lease == Lease::Refused && intent != Intent::Note => {
                Some("Somebody else has this case".into())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Why the row of the board has no such answer for this person.
fn barred(model: &Model, intent: Intent) -> Option<String> {
    let board = model.board.as_ref()?;
    let row = board.selected()?;
    let missing = match intent {
        Intent::Yes => row.yes.is_none(),
        Intent::No => row.no.is_none(),
        _ => false,
    };
    let is_found = matches!(board.kind, Kind::Found(_));
    missing.then(|| match (&row.barred, intent) {
        (Some(why), _) => why.clone(),
        (None, Intent::No) if is_found => "There is no decision here that you could take back".into(),
        _ => "This row has no such answer".into(),
    })
}

/// Why the case in focus can't be given back to the queue.
fn unheld(model: &Model) -> Option<String> {
    let (waits, is_held) = match &model.open {
        Some(open) => {
            let case = model.dossier(open.case)?;
            let waits = case.approvals.iter().any(|one| one.wanted.cases().iter().any(|seen| seen.case == open.case));
            (waits, !matches!(case.case.state, State::Open { assigned: None, desk: None }))
        }
        None => {
            let row = model.queue.selected()?;
            let free =
                row.held_by.is_none() && row.assigned_to.is_none() && row.desk.is_none() && row.standing.is_none();
            (row.waits, !free)
        }
    };
    if waits {
        let board = model.key(Intent::Approvals);
        return Some(format!("It waits for a second person; {board} takes the request back"));
    }
    (!is_held).then(|| "Nobody holds this case: there is nothing to give back".to_owned())
}
