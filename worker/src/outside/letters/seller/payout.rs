//! What a seller hears of money that is kept back.

use askama::Template;
use jointforce_shared::{
    domain::{
        effect::PayoutNews,
        ids::PayoutHoldId,
        payout::{PayoutHold, Released},
        safe_text::SafeText,
    },
    store::{Conn, penalties},
};

use super::super::{Fault, Party, day, moment, text};

#[derive(Template)]
#[template(path = "seller_payout.txt")]
struct PayoutText<'a> {
    to: &'a SafeText,
    hold: PayoutHoldId,
    held: bool,
    kept: bool,
    /// It was released since this letter was due: what follows is what was.
    free_by_now: bool,
    since: String,
    until: String,
    ask_from: String,
    why: &'static str,
}

/// The letter's subject and text.
pub(super) async fn letter(
    conn: &mut Conn,
    to: &Party,
    id: PayoutHoldId,
    what: PayoutNews,
) -> Result<(String, String), Fault> {
    let Some(hold) = penalties::hold_of(conn, id).await? else { return Err(Fault::missing("payout hold", id)) };
    let (held, kept) = (what == PayoutNews::Held, what == PayoutNews::Kept);
    let body = text(&PayoutText {
        to: &to.name,
        hold: id,
        held,
        kept,
        free_by_now: (held || kept) && hold.released.is_some(),
        since: day(hold.held),
        until: moment(hold.until),
        ask_from: day(hold.ask_from),
        why: why(&hold),
    })?;
    let subject = match what {
        PayoutNews::Held => "Payments to you are held back",
        PayoutNews::Released => "Payments to you are free again",
        PayoutNews::Kept => "Payments to you stay held back",
    };
    Ok((subject.to_owned(), body))
}

const fn why(hold: &PayoutHold) -> &'static str {
    match &hold.released {
        Some((_, Released::Expired)) => "the time for which they were held back is over",
        Some((_, Released::Reinstated)) => "the suspension of your account has ended",
        Some((_, Released::Granted)) => "you asked for them, and we looked at your reasons",
        None => "they are free",
    }
}
