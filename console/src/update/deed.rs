//! Deeds: chosen from a menu or a board, asked for words where they need them, and what became of them.

use jointforce_shared::{
    commands::{self, case::Act},
    domain::operator::preferences::Preferences,
};

use super::{decide, screens};
use crate::{
    deed::{Deed, Proof},
    model::{
        Model,
        dialog::{Choices, Dialog},
        line::Line,
    },
    msg::{Cmd, Failure},
};

/// Opens a menu of deeds.
pub fn offer(model: &mut Model, title: impl Into<String>, deeds: Vec<Deed>) -> Vec<Cmd> {
    model.dialog = Some(Dialog::Choices(Choices { title: title.into(), deeds, page: 0 }));
    vec![]
}

/// A deed was chosen: it is done, or asks for its words first.
pub fn chosen(model: &mut Model, deed: Deed) -> Vec<Cmd> {
    if deed.asks().is_some() {
        model.dialog = Some(Dialog::Say(deed, Line::default()));
        return vec![];
    }
    go(model, deed, String::new())
}

/// What only a reader can type was typed, or something else: then nothing is done.
pub fn sure(model: &mut Model, proof: &Proof, deed: Deed, line: &Line) -> Vec<Cmd> {
    let typed = line.text().trim();
    if typed == proof.typed {
        return chosen(model, deed);
    }
    let typed = if typed.is_empty() { "Nothing typed" } else { "That is not it" };
    model.say(true, format!("{typed}, so nothing was done: it asks for {}", proof.asks));
    vec![]
}

/// The words were typed.
pub fn said(model: &mut Model, deed: Deed, line: Line) -> Vec<Cmd> {
    let words = line.text().trim().to_owned();
    if words.is_empty() && !deed.goes_without_words() {
        model.say(true, "Say it in a few words; nothing was done yet");
        model.dialog = Some(Dialog::Say(deed, line));
        return vec![];
    }
    if matches!(deed, Deed::OwnKeys)
        && let Err(refused) = deed.preferred(&model.own.kept, &words).and_then(Preferences::checked)
    {
        // What was typed stays: a letter of it is wrong, or a key has a meaning already.
        model.say(true, Failure::from(commands::Error::from(refused)).words);
        model.dialog = Some(Dialog::Say(deed, line));
        return vec![];
    }
    go(model, deed, words)
}

fn go(model: &mut Model, deed: Deed, words: String) -> Vec<Cmd> {
    match deed {
        Deed::Escalate(target, desk) => {
            let case = target.case;
            let (urgent, words) = match words.strip_prefix('!') {
                Some(words) => (true, words.trim()),
                None => (false, words.as_str()),
            };
            let mut cmds = vec![decide::send(model, &target, "escalating", Act::Escalate { desk, urgent }, words)];
            cmds.extend(screens::advance(model, case));
            cmds
        }
        Deed::Overturn(target, _) => vec![decide::send(model, &target, "taking back", Act::Undo, &words)],
        Deed::Skip(target, reason) => decide::skip(model, &target, reason, &words),
        Deed::Tell(target, to) => vec![decide::send(model, &target, "writing", Act::Tell { to }, &words)],
        Deed::Ask(target, template) => {
            let case = target.case;
            let mut cmds = vec![Cmd::Do(Box::new(Deed::Ask(target, template)), words)];
            cmds.extend(screens::advance(model, case));
            cmds
        }
        deed => vec![Cmd::Do(Box::new(deed), words)],
    }
}

/// A deed was done, or not.
pub fn done(model: &mut Model, deed: &Deed, outcome: Result<String, Failure>) -> Vec<Cmd> {
    super::reads::met(model, outcome.as_ref().err());
    let is_away = outcome.as_ref().is_err_and(|failure| failure.away);
    let again = match deed {
        Deed::KeepView { .. } => Some(Cmd::Views),
        Deed::Theme(_) | Deed::Ascii(_) | Deed::OwnKeys | Deed::HouseKeys => Some(Cmd::Preferences),
        _ => None,
    };
    match outcome {
        Ok(words) => {
            // What was chosen here counts from now on, whatever the start said.
            match deed {
                Deed::Theme(_) => model.own.given.theme = None,
                Deed::Ascii(_) => model.own.given.ascii = false,
                _ => {}
            }
            model.tally.asked += u32::from(matches!(deed, Deed::Ask(..)));
            model.say(false, words);
        }
        Err(failure) => model.fail(format!("Not done ({}): {}", deed.name(), failure.words)),
    }
    if let (Deed::TakeRequestBack(approval), false) = (deed, is_away) {
        model.forget_request(*approval);
    }
    if let Some(again) = again {
        return vec![again];
    }
    model.waiting_at = model.now;
    let mut cmds: Vec<Cmd> = model.board.as_ref().map(|board| Cmd::Board(board.kind.clone())).into_iter().collect();
    if let Some(case) = model.focus().filter(|_| model.board.is_none()) {
        model.dossiers.remove(&case);
        cmds.push(Cmd::Dossier(case));
        cmds.extend(model.load(crate::model::queue::Step::Again));
    }
    cmds
}
