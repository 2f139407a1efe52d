//! Texts that are written often: Tab puts one in the place of its name.

use jointforce_shared::domain::console::{About, Snippet};

use crate::{
    deed::Deed,
    model::{Model, Target, dialog::Dialog},
    msg::Cmd,
};

/// The case that the words of a dialog are about, if they are words about one case.
fn about(dialog: &Dialog) -> Option<&Target> {
    match dialog {
        Dialog::Note(target, _) | Dialog::HoldWhy(target, ..) => Some(target),
        Dialog::Say(
            Deed::Escalate(target, _)
            | Deed::Skip(target, _)
            | Deed::Tell(target, _)
            | Deed::Ask(target, _)
            | Deed::Contest(target, _)
            | Deed::Overturn(target, _),
            _,
        ) => Some(target),
        Dialog::Reasons(reasons) if reasons.typing => match reasons.targets.as_slice() {
            [target] => Some(target),
            _ => None,
        },
        _ => None,
    }
}

/// The snippets whose name begins as the word before the cursor; none where there is no place for them.
pub fn fitting<'a>(model: &'a Model, dialog: &Dialog) -> Vec<&'a Snippet> {
    let mut dialog = dialog.clone();
    if about(&dialog).is_none() {
        return vec![];
    }
    let word = dialog.line().map(|line| word(line.split().0).1.to_owned()).unwrap_or_default();
    model.policy.console.snippets.iter().filter(|snippet| snippet.name.starts_with(&word)).collect()
}

/// The word that a text ends with, and the byte that it begins at.
fn word(before: &str) -> (usize, &str) {
    let start =
        before.rfind(char::is_whitespace).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    (start, &before[start..])
}

/// Puts the text of the snippet that fits in the place of its name; where several do, it says which.
pub fn expand(model: &mut Model) -> Vec<Cmd> {
    let Some(dialog) = &model.dialog else { return vec![] };
    let Some(target) = about(dialog).cloned() else { return vec![] };
    let names: Vec<_> = fitting(model, dialog).into_iter().map(|snippet| snippet.name.clone()).collect();
    let typed = dialog.clone().line().map(|line| word(line.split().0).1.to_owned()).unwrap_or_default();
    let chosen = match names.as_slice() {
        [] => {
            model.say(true, format!("No snippet begins with {typed}"));
            return vec![];
        }
        [one] => one.clone(),
        many if many.contains(&typed) => typed,
        many => {
            model.say(false, format!("Snippets: {}", many.join(", ")));
            return vec![];
        }
    };
    let Some(snippet) = model.policy.console.snippets.iter().find(|snippet| snippet.name == chosen) else {
        return vec![];
    };
    let case = target.case.to_string();
    let about = About { brand: &target.brand, listing: &target.title, seller: &target.seller, case: &case };
    let text = snippet.about(about);
    if let Some(line) = model.dialog.as_mut().and_then(Dialog::line) {
        let start = word(line.split().0).0;
        line.replace(start, &text);
    }
    vec![]
}
