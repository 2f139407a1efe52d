//! The cover: a screen that nobody touched for a while shows nothing and holds nothing.
//!
//! It proves nothing about who comes back: whoever sits at the terminal could as well have stayed at it. It keeps a
//! passer-by from reading and a sleeve from deciding. That the right person is there is the business of sshd and of their
//! own machine's lock.

use jointforce_shared::domain::time::Time;

use super::{REFRESH_ALL, screens};
use crate::{
    model::{Lease, Model, line::Line},
    msg::Cmd,
};

/// The moment at which the screen is covered; `None` for never, or when it is.
pub fn at(model: &Model) -> Option<Time> {
    let after = model.policy.console.cover_after;
    (model.cover.is_none() && !after.is_zero()).then(|| model.touched + after)
}

/// Covers the screen and gives the lease on the open case back. What was being typed stays behind the cover.
pub fn put(model: &mut Model) -> Vec<Cmd> {
    model.cover = Some(Line::default());
    model.seen = None;
    model.seen_row = None;
    match &mut model.open {
        Some(open) if matches!(open.lease, Lease::Ours | Lease::Asked) => {
            open.lease = Lease::None;
            vec![Cmd::Release(open.case)]
        }
        _ => vec![],
    }
}

/// A key on the cover. Only one's own login and Enter takes it away, so that no key that wakes it does anything else.
pub fn key(model: &mut Model, name: &str) -> Vec<Cmd> {
    let me = model.me.id.to_string();
    let Some(line) = &mut model.cover else { return vec![] };
    match name {
        "C-c" => {
            model.by_hand = true;
            return vec![Cmd::Quit];
        }
        "Enter" if line.text().trim() == me => return lift(model),
        "Enter" | "Esc" | "C-u" => line.rub_all(),
        "Backspace" => line.rub(),
        name => {
            if let Some(text) = crate::keys::typed(name) {
                line.insert(text);
            }
        }
    }
    vec![]
}

fn lift(model: &mut Model) -> Vec<Cmd> {
    model.cover = None;
    // Much may have happened meanwhile: everything is read anew, and has to be seen anew.
    model.seen = None;
    let mut cmds = super::intent(model, REFRESH_ALL, model.place(), "");
    if model.may_decide()
        && let Some(open) = &mut model.open
    {
        open.lease = Lease::Asked;
        open.renew_at = Time(model.now.0 + screens::renew_every(&model.policy));
        cmds.push(Cmd::Lease(open.case));
    }
    cmds
}
