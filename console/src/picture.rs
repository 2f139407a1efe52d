//! The screen as text: pictures for documentation, made from real frames.

use jointforce_shared::{
    commands::House,
    domain::operator::Operator,
    store::{dossier, queue},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{
    model::Model,
    msg::{Cmd, Msg},
    theme::Theme,
    update::update,
    view,
};

/// What the queue's screen of this size shows now.
///
/// # Errors
/// What the database says.
pub async fn of_queue(house: &House, me: Operator, size: (u16, u16)) -> anyhow::Result<String> {
    let (mut model, cmds) = Model::new(me, house.policy.clone(), house.clock.now(), size);
    let mut conn = house.db.read().await?;
    for cmd in cmds {
        if let Cmd::Queue { ticket, filter, after, limit } = cmd {
            let rows = queue::page_for(&mut conn, &model.me.id.clone(), &filter, after, limit, |_| true).await?;
            update(&mut model, Msg::Queue { ticket, rows });
        }
    }
    if let Some(case) = model.focus() {
        let dossier = dossier::load(&mut conn, case).await?;
        update(&mut model, Msg::Dossier(case, dossier.map(Box::new)));
    }
    let mut buf = Buffer::empty(Rect::new(0, 0, size.0, size.1));
    view::view(&model, &Theme::MONO, &mut buf);
    Ok(view::text(&buf))
}
