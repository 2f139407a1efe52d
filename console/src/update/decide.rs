//! Decisions, and what becomes of them. The screen moves on at once; what fails comes back.

use jointforce_shared::{
    commands::{
        approval::Waits,
        case::{Act, Acted, Request},
    },
    domain::{decision::Verdict, ids::CaseId, skip::SkipReason},
};

use super::{batch, deed, reads, screens};
use crate::{
    deed::Deed,
    keys::Intent,
    model::{
        Lease, Model, SEEN_AFTER, Target, Undo,
        dialog::{Dialog, Doing, Reasons},
        line::Line,
        queue::Step,
        sent::Sent,
    },
    msg::{Cmd, Failure},
};

/// Opens the menu of reasons, for the marked cases if there are any.
pub fn ask(model: &mut Model, remove: bool) -> Vec<Cmd> {
    if let Some(targets) = targets(model) {
        model.dialog = Some(Dialog::Reasons(Reasons { remove, targets, note: Line::default(), typing: false }));
    }
    vec![]
}

/// What a decision is about: in the queue what is marked, if anything is, else the case in focus. Says so if that is not read yet.
fn targets(model: &mut Model) -> Option<Vec<Target>> {
    if model.open.is_none() && !model.marks.is_empty() {
        return Some(model.marks.clone());
    }
    let target = model.target();
    if target.is_none() {
        model.say(true, "The case is still being read; decide when you see it");
    }
    target.map(|target| vec![target])
}

/// A verdict was chosen.
pub fn verdict(model: &mut Model, verdict: Verdict, mut targets: Vec<Target>, note: String) -> Vec<Cmd> {
    // One that the cursor is not on, marked or left over of a group, may be anywhere: its count is typed like that of many.
    if targets.len() > 1 || targets.first().is_some_and(|target| model.focus() != Some(target.case)) {
        return batch::confirm(model, Doing::Decide(verdict), targets, note);
    }
    let Some(target) = targets.pop() else { return vec![] };
    if !is_seen(model, &target) || is_held(model) {
        return vec![];
    }
    model.last = Some(verdict);
    model.marks.retain(|mark| mark.case != target.case);
    let case = target.case;
    let mut cmds = send_all(model, verdict, &[target], &note);
    cmds.extend(screens::advance(model, case));
    cmds
}

/// Decides as the last time.
pub fn repeat(model: &mut Model) -> Vec<Cmd> {
    let Some(last) = model.last else { return vec![] };
    targets(model).map_or_else(Vec::new, |targets| verdict(model, last, targets, String::new()))
}

/// Whether the person can have seen the case; says so if not.
fn is_seen(model: &mut Model, target: &Target) -> bool {
    let seen = model.seen.is_some_and(|(case, since)| case == target.case && model.now.since(since) >= SEEN_AFTER);
    if !seen {
        model.say(true, "That came before the case was on the screen: nothing was decided");
    }
    seen
}

/// Whether the key may be one that is held, and was pressed for another case; says so if it is.
pub fn is_held(model: &mut Model) -> bool {
    if model.held {
        let mut words = "That key was held, or came again too soon: nothing was done. Wait a second".to_owned();
        let again = model.own.keys.iter().find(|binding| binding.intent == Intent::Repeat).map(|binding| &binding.keys);
        let pressed = model.pressed.as_ref().map(|(key, _)| key.as_str());
        if let Some(again) = again.filter(|keys| pressed.is_some_and(|key| keys.contains(&key)))
            && let Some(other) = again.iter().find(|key| Some(**key) != pressed)
        {
            words += &format!(", or press {} and {other} in turn", pressed.unwrap_or_default());
        }
        model.say(true, words);
    }
    model.held
}

/// Sends one verdict for each target.
pub fn send_all(model: &mut Model, verdict: Verdict, targets: &[Target], note: &str) -> Vec<Cmd> {
    model.undo.push(Undo::Decisions { verdict, targets: targets.to_vec() });
    let (words, act) = act_of(verdict);
    // What one case of a batch took, nobody can tell.
    let took = match (targets, model.seen) {
        ([target], Some((case, since))) if target.case == case => Some(model.now.since(since)),
        _ => None,
    };
    let cmds = targets.iter().map(|target| send(model, target, words, act.clone(), note)).collect();
    if let (Some(took), [target]) = (took, targets)
        && let Some(sent) = model.sent.get_mut(&target.case)
    {
        sent.took = Some(took);
    }
    cmds
}

/// What carries a verdict out, and what is said while it does.
pub const fn act_of(verdict: Verdict) -> (&'static str, Act) {
    match verdict {
        Verdict::Remove(reason) => ("removing", Act::Remove(reason)),
        Verdict::Keep(reason) => ("keeping", Act::Keep(reason)),
    }
}

/// Sends one act and remembers that it is on its way.
pub fn send(model: &mut Model, target: &Target, words: &'static str, act: Act, note: &str) -> Cmd {
    let due = model.due(target.case);
    model.sent.insert(target.case, Sent::new(words, &target.title, model.now, due));
    Cmd::Act(Box::new(Request { case: target.case, version: target.version, act, note: note.to_owned() }))
}

/// Takes back what was decided on the open case, or asked about it, or else what one did last.
pub fn undo(model: &mut Model) -> Vec<Cmd> {
    if let (Some(by), Some(target)) = (model.decided().cloned(), model.target()) {
        let now = model.now;
        let made = model.dossier(target.case).and_then(|kept| kept.decision.as_ref()).map(|decision| decision.at);
        let unheard = made.is_none_or(|at| at + model.policy.grace > now);
        // What others decided, or what others have heard of, is taken back with a reason.
        if by != model.me.id || !unheard {
            return deed::chosen(model, Deed::Overturn(target, by));
        }
        model.forget(target.case);
        return vec![send_undo(model, &target)];
    }
    if let Some(approval) = model.own_request() {
        return deed::chosen(model, Deed::TakeRequestBack(approval));
    }
    match model.undo.last().cloned() {
        None => vec![],
        Some(Undo::Request(approval)) => deed::chosen(model, Deed::TakeRequestBack(approval)),
        Some(Undo::Decisions { verdict, targets }) => match targets.as_slice() {
            [target] => {
                model.undo.pop();
                vec![send_undo(model, target)]
            }
            _ => batch::confirm(model, Doing::Undo(verdict), targets, String::new()),
        },
    }
}

pub fn send_undo(model: &mut Model, target: &Target) -> Cmd {
    model.queue.seek = Some(target.case);
    // It is one's own decision, whose version one may never have seen.
    send(model, &Target { version: None, ..target.clone() }, "taking back", Act::Undo, "")
}

/// Passes over a case and goes on to the next.
pub fn skip(model: &mut Model, target: &Target, reason: SkipReason, note: &str) -> Vec<Cmd> {
    let mut cmds = vec![Cmd::Act(Box::new(Request {
        case: target.case,
        version: target.version,
        act: Act::Skip(reason),
        note: note.to_owned(),
    }))];
    if let Some(open) = &mut model.open {
        open.lease = Lease::None;
        cmds.extend(screens::step(model, true));
    } else {
        let height = model.queue_height().max(1);
        model.queue.go(model.queue.cursor + 1, height);
        cmds.extend(model.extend());
    }
    cmds
}

pub fn release(model: &mut Model) -> Vec<Cmd> {
    let Some(target) = model.target() else { return vec![] };
    vec![send(model, &target, "releasing", Act::Release, "")]
}

/// An act was carried out, or not.
pub fn acted(model: &mut Model, request: Request, outcome: Result<Acted, Failure>) -> Vec<Cmd> {
    reads::met(model, outcome.as_ref().err());
    let title = title(model, &request);
    if let Some(Dialog::Results(results)) = &mut model.dialog {
        let doing = results.doing;
        let told = match &outcome {
            Ok(acted) if acted.waits.is_some() => Ok("waits for a second person".to_owned()),
            Ok(_) => Ok(match doing {
                Doing::Decide(verdict) => verdict.outcome().to_owned(),
                Doing::Undo(_) => "taken back".to_owned(),
            }),
            Err(failure) => Err(failure.words.clone()),
        };
        if results.targets.iter().any(|target| target.case == request.case) {
            results.outcomes.insert(request.case, told);
        }
    }
    match outcome {
        Ok(Acted { waits: Some(waits), .. }) => asked(model, &request, &waits, &title),
        Ok(acted) => done(model, &request, &acted, &title),
        Err(failure) => failed(model, &request, &failure, &title),
    }
}

/// It was not done: a second person has to say yes first.
fn asked(model: &mut Model, request: &Request, waits: &Waits, title: &str) -> Vec<Cmd> {
    model.tally.filed += 1;
    let words = format!("{}: {title}", waits_words(model, waits));
    model.say(false, words);
    waits_for_another(model, &[request.case], Some(waits))
}

/// Cases that were too many for one person were filed, or not.
pub fn filed(model: &mut Model, cases: &[CaseId], outcome: Result<Waits, Failure>) -> Vec<Cmd> {
    reads::met(model, outcome.as_ref().err());
    match outcome {
        Ok(waits) => {
            model.tally.filed += u32::try_from(cases.len()).unwrap_or(0);
            let words = format!("{} cases: {}", cases.len(), waits_words(model, &waits));
            model.say(false, words);
            waits_for_another(model, cases, Some(&waits))
        }
        Err(failure) => {
            model.fail(format!("Nothing was done to the {} cases: {}", cases.len(), failure.words));
            waits_for_another(model, cases, None)
        }
    }
}

fn waits_words(model: &Model, waits: &Waits) -> String {
    let hours = model.policy.approvals.expires_hours;
    let undo = model.key(Intent::Undo);
    format!("Asked for a second person, ends in {hours} h: {}; {undo} takes the request back", waits.cause.because())
}

fn waits_for_another(model: &mut Model, cases: &[CaseId], waits: Option<&Waits>) -> Vec<Cmd> {
    if let Some(waits) = waits {
        model.asked_instead(cases, waits.approval);
    }
    for case in cases {
        model.sent.remove(case);
        model.dossiers.remove(case);
        model.forget(*case);
    }
    model.waiting_at = model.now;
    model.queue.asked = model.queue.asked.filter(|(_, step)| *step != Step::Again);
    let mut cmds: Vec<_> = model.load(Step::Again).into_iter().collect();
    cmds.extend(model.focus().filter(|focus| cases.contains(focus)).map(Cmd::Dossier));
    cmds
}

fn done(model: &mut Model, request: &Request, acted: &Acted, title: &str) -> Vec<Cmd> {
    let sent = model.sent.remove(&request.case);
    model.tally.count(
        &request.act,
        sent.as_ref().and_then(|sent| sent.took),
        sent.is_none_or(|sent| sent.is_in_time()),
    );
    model.dossiers.remove(&request.case);
    let bad_news = model.toast.as_ref().is_some_and(|toast| toast.stays);
    let words = match &request.act {
        Act::Remove(_) | Act::Keep(_) => {
            model.drop_row(request.case);
            let grace = model.policy.grace.as_secs();
            let undo = model.key(Intent::Undo);
            let all = match model.undone_with(request.case) {
                1 => "it".to_owned(),
                many => format!("all {many}"),
            };
            format!("{}; {undo} takes {all} back, for {grace} s without a trace: {title}", capital(acted.state))
        }
        Act::Undo if acted.compensated => format!("Taken back, and what had been done is made good: {title}"),
        Act::Undo => format!("Taken back before anybody heard of it: {title}"),
        Act::Hold { .. } => format!("Held: {title}"),
        Act::HandOver { to } => format!("Handed over to {to}: {title}"),
        Act::Escalate { desk, .. } => format!("At the {} desk: {title}", desk.title()),
        Act::Release => format!("Back in the queue: {title}"),
        Act::Tell { .. } => "Note written and on its way".to_owned(),
        Act::Note => "Note written".to_owned(),
        Act::Skip(_) => "Skipped; it stays in the queue".to_owned(),
    };
    // A failure that was not read yet is worth more than the next success.
    if !bad_news {
        model.say(false, words);
    }
    if request.act == Act::Undo {
        model.queue.gone.remove(&request.case);
    }
    let mut cmds: Vec<_> = if matches!(request.act, Act::Remove(_) | Act::Keep(_) | Act::Skip(_)) {
        model.extend().into_iter().collect()
    } else {
        // The row changed or came back: a question asked before that would show it as it was.
        model.queue.asked = model.queue.asked.filter(|(_, step)| *step != Step::Again);
        model.load(Step::Again).into_iter().collect()
    };
    if model.focus() == Some(request.case) {
        cmds.push(Cmd::Dossier(request.case));
        // Taken back while it is looked at: it can be decided anew.
        if let Some(open) = model.open.as_mut().filter(|_| request.act == Act::Undo) {
            open.lease = Lease::Asked;
            cmds.push(Cmd::Lease(request.case));
        }
    }
    cmds
}

fn failed(model: &mut Model, request: &Request, failure: &Failure, title: &str) -> Vec<Cmd> {
    let what = match &request.act {
        Act::Remove(_) => "Not removed",
        Act::Keep(_) => "Not kept",
        Act::Undo => "Not taken back",
        Act::Hold { .. } => "Not held",
        Act::HandOver { .. } => "Not handed over",
        Act::Escalate { .. } => "Not escalated",
        Act::Release => "Not released",
        Act::Tell { .. } => "Note not written, nobody told",
        Act::Note => "Note not written",
        Act::Skip(_) => "Skip not recorded",
    };
    if let Some(sent) = model.sent.get_mut(&request.case) {
        sent.failed = Some(failure.words.clone());
    }
    if !matches!(model.dialog, Some(Dialog::Results(_))) {
        model.fail(format!("{what}: {title}: {}", failure.words));
    }
    if matches!(request.act, Act::Remove(_) | Act::Keep(_)) {
        model.forget(request.case);
    }
    model.dossiers.remove(&request.case);
    let mut cmds: Vec<_> = model.load(Step::Again).into_iter().collect();
    if model.focus() == Some(request.case) {
        cmds.push(Cmd::Dossier(request.case));
    }
    cmds
}

/// The title of a case, wherever it is still known.
fn title(model: &Model, request: &Request) -> String {
    if let Some(sent) = model.sent.get(&request.case) {
        return sent.title.clone();
    }
    let row = model.queue.position(request.case).and_then(|at| model.queue.rows.get(at)).map(|row| row.title.clone());
    let read = || model.dossier(request.case).map(|kept| kept.listing.content.title.clone());
    row.or_else(read).unwrap_or_else(|| format!("case {}", request.case.short()))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
