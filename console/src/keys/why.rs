//! What can't be had now, and why.

use jointforce_shared::domain::operator::Permission;

use super::Intent;
use crate::{
    model::{Lease, Model},
    msg::Worker,
};

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
        return Some(format!("A role of {} may not decide cases", model.me.role.as_str().replace('_', "-")));
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
        Intent::Undo if model.undo.is_empty() && model.decided().is_none() => {
            Some("You have decided nothing that could be taken back".into())
        }
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
    let row = model.board.as_ref()?.selected()?;
    let missing = match intent {
        Intent::Yes => row.yes.is_none(),
        Intent::No => row.no.is_none(),
        _ => false,
    };
    missing.then(|| row.barred.clone().unwrap_or_else(|| "This row has no such answer".into()))
}
