//! Groups: read, left out of, decided.

use jointforce_shared::{domain::group::Kinship, store::groups};

use crate::{
    model::{
        Model,
        dialog::{Dialog, Reasons},
        group::Group,
        line::Line,
    },
    msg::{Cmd, Failure},
};

/// Asks for the group of the case in focus, or for the next kinship of the group on the screen.
pub fn open(model: &mut Model) -> Vec<Cmd> {
    let (card, by) = match &model.dialog {
        Some(Dialog::Group(group)) => (group.card.clone(), Group::next(group.by)),
        _ => match model.target() {
            Some(target) => (target, Kinship::Title),
            None => {
                model.say(true, "The case is still being read");
                return vec![];
            }
        },
    };
    let case = card.case;
    model.dialog = Some(Dialog::Group(Group::asked(by, card)));
    vec![Cmd::Group(case, by)]
}

/// The group came.
pub fn put(model: &mut Model, read: Result<Option<groups::Group>, Failure>) -> Vec<Cmd> {
    super::reads::met(model, read.as_ref().err());
    let Some(Dialog::Group(group)) = &mut model.dialog else { return vec![] };
    match read {
        Ok(Some(read)) if read.card.case == group.card.case && read.by == group.by => group.put(read),
        Ok(Some(_)) => {}
        Ok(None) => {
            model.dialog = None;
            model.say(true, "It is not open any more, so there is nothing to decide together");
        }
        Err(failure) => {
            model.dialog = None;
            model.say(true, failure.words);
        }
    }
    vec![]
}

/// Leaves a case out, or takes it in again.
pub fn exclude(model: &mut Model) -> Vec<Cmd> {
    if let Some(Dialog::Group(group)) = &mut model.dialog {
        group.toggle();
    }
    vec![]
}

/// Asks for the reason for which all of them are removed or kept.
pub fn decide(model: &mut Model, remove: bool) -> Vec<Cmd> {
    let Some(Dialog::Group(group)) = &model.dialog else { return vec![] };
    if group.kin.is_none() {
        model.say(true, "The group is still being read");
        return vec![];
    }
    let targets = group.targets();
    model.dialog = Some(Dialog::Reasons(Reasons { remove, targets, note: Line::default(), typing: false }));
    vec![]
}
