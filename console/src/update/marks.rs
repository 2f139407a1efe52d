//! Marking many at once: a range, a seller's, a group's.

use crate::{
    keys::Intent,
    model::{Model, Target, dialog::Dialog},
    msg::Cmd,
};

/// Marks these too, as many as a batch may have. Says how many there are now.
fn mark(model: &mut Model, targets: Vec<Target>, what: &str) -> Vec<Cmd> {
    let most = model.policy.approvals.cases_max;
    let mut left_out = 0;
    for target in targets {
        if model.marks.iter().any(|mark| mark.case == target.case) {
            continue;
        }
        if model.marks.len() < most {
            model.marks.push(target);
        } else {
            left_out += 1;
        }
    }
    let count = model.marks.len();
    if left_out > 0 {
        model.say(true, format!("{count} marked; {left_out} more are too many for one batch"));
    } else {
        model.say(false, format!("{what}: {count} marked"));
    }
    vec![]
}

/// From the last mark to the cursor, whichever is above.
pub fn range(model: &mut Model) -> Vec<Cmd> {
    let anchor = model.marks.last().and_then(|mark| model.queue.position(mark.case));
    let Some(anchor) = anchor else {
        model.say(true, "The last mark is not in this part of the queue; mark the first one anew");
        return vec![];
    };
    let cursor = model.queue.cursor;
    let mut targets: Vec<Target> =
        model.queue.rows.iter().take(anchor.max(cursor) + 1).skip(anchor.min(cursor)).map(Target::row).collect();
    if cursor < anchor {
        // The last mark is where the next range begins.
        targets.reverse();
    }
    mark(model, targets, "To here")
}

/// The seller's cases, of those that are read.
pub fn seller(model: &mut Model) -> Vec<Cmd> {
    let Some(seller) = model.queue.selected().map(|row| row.seller.clone()) else { return vec![] };
    let targets = model.queue.rows.iter().filter(|row| row.seller == seller).map(Target::row).collect();
    // Beyond the part that is read there may be more; the group knows all of them.
    let more = model.queue.more || model.queue.after.is_some();
    let group = model.key(Intent::Group);
    let part = format!("This seller's in this part of the queue ({group} {group} finds all)");
    mark(model, targets, if more { &part } else { "This seller's" })
}

/// The group on the screen, without what was left out.
pub fn group(model: &mut Model) -> Vec<Cmd> {
    let Some(Dialog::Group(group)) = &model.dialog else { return vec![] };
    if group.kin.is_none() {
        model.say(true, "The group is still being read");
        return vec![];
    }
    let targets = group.targets();
    model.dialog = None;
    let mut cmds = if model.open.is_some() { super::screens::close(model) } else { vec![] };
    cmds.extend(mark(model, targets, "The group"));
    cmds
}
