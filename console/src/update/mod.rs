//! What happens to the model when something happens. No I/O: what has to be done outside is given back.

mod batch;
mod board;
mod contest;
mod cover;
mod decide;
mod deed;
mod dialog;
mod figures;
mod filter;
mod group;
mod marks;
mod move_;
mod own;
mod palette;
mod picture;
mod reads;
mod screens;
mod sitting;
mod snippet;
#[cfg(test)]
mod tests;
mod text;
mod views;

pub use cover::at as covered_at;
pub use dialog::{behind, colleagues};
pub use filter::choices;
use jointforce_shared::domain::time::Time;
pub use palette::items;
pub use sitting::now as sits;
pub use snippet::fitting;

use crate::{
    board::Kind,
    keys::{self, Intent, Place},
    model::{
        HELD_WITHIN, Lease, Model,
        dialog::Dialog,
        queue::{REFRESH, SILENT_MAX, Step},
    },
    msg::{Cmd, Msg},
};

/// What reads everything again.
const REFRESH_ALL: Intent = Intent::Refresh;
/// What waits for people is counted this often, in microseconds.
const COUNTED: i64 = 5 * Time::SECOND;

/// Handles one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Cmd> {
    let cmds = match msg {
        Msg::Key(name) => key(model, &name),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize(width, height) => {
            model.size = (width, height);
            let (cursor, rows) = (model.queue.cursor, model.queue_height());
            model.queue.go(cursor, rows);
            model.extend().into_iter().collect()
        }
        Msg::Drawn(shown) => {
            if model.seen.map(|(case, _)| case) != shown.case {
                model.seen = shown.case.map(|case| (case, model.now));
            }
            if model.seen_row.as_ref().map(|(key, _)| key) != shown.row.as_ref() {
                model.seen_row = shown.row.map(|key| (key, model.now));
            }
            vec![]
        }
        Msg::Lag(lag) => {
            model.link.shown(lag, model.now);
            vec![]
        }
        Msg::Tick => tick(model),
        Msg::Queue { ticket, rows } => reads::queue(model, ticket, rows),
        Msg::Looked { ticket, cases } => {
            reads::looked(model, ticket, cases);
            vec![]
        }
        Msg::Views(views) => {
            model.views = views;
            vec![]
        }
        Msg::Preferences(kept) => {
            model.own.keep(kept);
            vec![]
        }
        Msg::Sat(last) => sitting::resume(model, last.map(|last| *last)),
        Msg::Brands(names) => {
            model.brands = names;
            vec![]
        }
        Msg::Sellers(start, outcome) => {
            filter::put_sellers(model, start, outcome);
            vec![]
        }
        Msg::Dossier(case, dossier) => reads::dossier(model, case, dossier),
        Msg::Leased(case, ours) => reads::leased(model, case, ours),
        Msg::Acted(request, outcome) => decide::acted(model, *request, outcome),
        Msg::Policy(policy) => {
            model.policy = *policy;
            vec![]
        }
        Msg::Filed(cases, outcome) => decide::filed(model, &cases, outcome),
        Msg::Preview(cases, reason, sellers) => batch::preview(model, &cases, reason, sellers),
        Msg::Text(text, outcome) => text::put(model, &text, outcome),
        Msg::Figures(outcome) => figures::put(model, outcome),
        Msg::Picture(url, outcome) => picture::put(model, &url, outcome),
        Msg::Waiting(waiting) => {
            model.waiting = waiting;
            vec![]
        }
        Msg::Done(deed, outcome) => deed::done(model, &deed, outcome),
        Msg::Group(read) => group::put(model, *read),
        Msg::Board(kind, outcome) => board::put(model, &kind, outcome),
        Msg::Staff(staff) => {
            model.staff = staff;
            vec![]
        }
        Msg::Failed(read, failure) => reads::failed(model, read, &failure),
        Msg::Away => {
            model.away.get_or_insert(model.now);
            vec![]
        }
        Msg::There => {
            reads::back(model);
            vec![]
        }
        Msg::Worker(worker) => {
            model.worker = worker;
            vec![]
        }
    };
    model.settle();
    cmds
}

fn key(model: &mut Model, name: &str) -> Vec<Cmd> {
    model.held = model.pressed.as_ref().is_some_and(|(last, at)| last == name && model.now.since(*at) < HELD_WITHIN);
    model.pressed = Some((name.to_owned(), model.now));
    model.touched = model.now;
    model.moves = false;
    if model.cover.is_some() {
        return cover::key(model, name);
    }
    model.hush();
    let place = model.place();
    let found = keys::find(&model.own.keys, place, name).filter(|binding| keys::counts(model, binding));
    let Some(meant) = found.map(|binding| binding.intent) else {
        if let (Some(text), Some(dialog)) = (keys::typed(name), &mut model.dialog)
            && let Some(line) = dialog.line()
        {
            line.insert(text);
            return dialog::typed(model);
        }
        return vec![];
    };
    if (model.dialog.is_none() || meant == Intent::Undo)
        && let Some(reason) = keys::why_not(model, meant)
    {
        model.say(true, reason);
        return vec![];
    }
    intent(model, meant, place, name)
}

/// Carries out what a key, or a line of the palette, stands for.
fn intent(model: &mut Model, intent: Intent, place: Place, key: &str) -> Vec<Cmd> {
    match intent {
        Intent::Open if model.board.is_some() => board::open_case(model),
        Intent::Open => screens::open_selected(model),
        Intent::Back if model.board.is_some() => board::close(model),
        Intent::Back => screens::close(model),
        Intent::Escalate | Intent::Skip | Intent::Tell | Intent::AskBrand | Intent::Contest => {
            dialog::offer(model, intent)
        }
        Intent::DeadEffects => board::open(model, Kind::Dead),
        Intent::Pages => board::open(model, Kind::Pages),
        Intent::Approvals => board::open(model, Kind::Approvals),
        Intent::Breakers => board::open(model, Kind::Breakers),
        Intent::Payouts => board::open(model, Kind::Payouts),
        Intent::Lanes => board::open(model, Kind::Lanes),
        Intent::People => board::open(model, Kind::People),
        Intent::Figures => figures::open(model),
        Intent::Picture => picture::open(model),
        Intent::ShiftNote | Intent::BrandPage | Intent::SellerPage | Intent::Quality => text::open(model, intent),
        Intent::Yes | Intent::No => board::answer(model, intent),
        Intent::Next => screens::step(model, true),
        Intent::Previous => screens::step(model, false),
        Intent::Remove | Intent::Keep if place == Place::Group => group::decide(model, intent == Intent::Remove),
        Intent::Remove => decide::ask(model, true),
        Intent::Keep => decide::ask(model, false),
        Intent::Group => group::open(model),
        Intent::Mark if place == Place::Group => group::exclude(model),
        Intent::Repeat => decide::repeat(model),
        Intent::Undo => decide::undo(model),
        Intent::Note | Intent::Hold | Intent::HandOver => dialog::about(model, intent),
        Intent::Release => decide::release(model),
        Intent::Mark => batch::mark(model),
        Intent::MarkRange => marks::range(model),
        Intent::MarkSeller => marks::seller(model),
        Intent::MarkGroup => marks::group(model),
        Intent::Mine => board::open(model, Kind::Found(model.me.id.to_string())),
        Intent::Unmark => {
            model.marks.clear();
            vec![]
        }
        Intent::Filter => filter::open(model, ""),
        Intent::Find | Intent::Palette | Intent::Help => dialog::open(model, intent),
        Intent::OpenView => views::open(model, key),
        Intent::KeepView => views::offer(model),
        Intent::Theme => own::offer_themes(model),
        Intent::OwnKeys => own::offer_keys(model),
        Intent::OnlyBrand | Intent::OnlySeller | Intent::Unfilter => screens::narrow(model, intent),
        Intent::PageDown | Intent::PageUp if place == Place::Menu => dialog::turn(model, intent == Intent::PageDown),
        Intent::Section
        | Intent::Down
        | Intent::Up
        | Intent::HalfDown
        | Intent::HalfUp
        | Intent::PageDown
        | Intent::PageUp
        | Intent::First
        | Intent::Last => move_::by(model, intent, place),
        Intent::Refresh => {
            let mut cmds: Vec<_> = model.load(Step::Again).into_iter().collect();
            cmds.extend(model.focus().map(Cmd::Dossier));
            cmds.extend(model.board.as_ref().map(|board| Cmd::Board(board.kind.clone())));
            model.waiting_at = model.now;
            cmds
        }
        Intent::Redraw => vec![Cmd::Redraw],
        Intent::Quit => {
            model.by_hand = true;
            vec![Cmd::Quit]
        }
        Intent::Choose => dialog::choose(model, key),
        Intent::Accept => dialog::accept(model),
        Intent::Cancel => dialog::cancel(model),
        Intent::AddNote
        | Intent::PickDown
        | Intent::PickUp
        | Intent::Rub
        | Intent::RubWord
        | Intent::RubAll
        | Intent::Left
        | Intent::Right => dialog::edit(model, intent),
        Intent::Complete | Intent::CompleteBack if matches!(model.dialog, Some(Dialog::Filter(_))) => {
            filter::complete(model, intent == Intent::Complete)
        }
        Intent::Complete => snippet::expand(model),
        Intent::CompleteBack => vec![],
    }
}

fn paste(model: &mut Model, text: &str) -> Vec<Cmd> {
    model.touched = model.now;
    if model.cover.is_some() {
        return vec![];
    }
    if let Some(line) = model.dialog.as_mut().and_then(|dialog| dialog.line()) {
        line.insert(text);
        return dialog::typed(model);
    }
    model.say(true, "That looked like a paste: nothing was done. Type keys one by one.");
    vec![]
}

fn tick(model: &mut Model) -> Vec<Cmd> {
    let now = model.now;
    let mut cmds = vec![];
    if model.toast.as_ref().is_some_and(|toast| toast.until <= now) {
        model.toast = None;
    }
    if cover::at(model).is_some_and(|at| at <= now) {
        cmds.extend(cover::put(model));
    }
    cmds.extend(sitting::tick(model));
    cmds.extend(board::tick(model));
    cmds.extend(figures::tick(model));
    cmds.extend(picture::tick(model));
    cmds.extend(model.sellers.due(now));
    if model.queue.refresh_at <= now {
        cmds.extend(refresh(model));
    }
    if model.waiting_at <= now {
        model.waiting_at = Time(now.0 + COUNTED);
        cmds.push(Cmd::Waiting);
    }
    if let Some(open) = &mut model.open {
        if open.reload_at <= now {
            open.reload_at = Time(now.0 + screens::RELOAD);
            cmds.push(Cmd::Dossier(open.case));
        }
        if matches!(open.lease, Lease::Ours | Lease::Asked) && open.renew_at <= now {
            open.renew_at = Time(now.0 + screens::renew_every(&model.policy));
            cmds.push(Cmd::Lease(open.case));
        }
    }
    model.link.calm(now);
    cmds.extend(model.rest());
    cmds
}

/// Reads the queue again. A question that is still open is not asked again at once, or a slow database would never get
/// to answer. Meanwhile it is asked something small: one that doesn't answer even that is away.
fn refresh(model: &mut Model) -> Option<Cmd> {
    let Some((_, step)) = model.queue.asked else { return model.load(Step::Again) };
    model.queue.silent = model.queue.silent.saturating_add(1);
    if model.queue.silent < SILENT_MAX {
        model.queue.refresh_at = Time(model.now.0 + REFRESH);
        if model.queue.pinged {
            model.away.get_or_insert(model.now);
            return None;
        }
        model.queue.pinged = true;
        return Some(Cmd::Ping);
    }
    model.queue.asked = None;
    model.load(step)
}
