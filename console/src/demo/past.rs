//! Last year: notices that were filed and decided, so that sellers have points, brands a record, cases a history.

use std::collections::HashMap;

use jointforce_shared::{
    commands::{
        approval,
        case::{self, Act, Request},
        notice::{self, Filed},
    },
    domain::{
        case::State,
        decision::{KeepReason, RemoveReason},
        ids::CaseId,
    },
    fixtures::{Filing, Look},
    store::cases,
};

use super::{
    Demo,
    staff::{colleague, hours_ago, second},
};

/// Cases decided; more would make the first start slow.
const DECIDED_MAX: usize = 230;
/// How far back the past goes, and how it is cut into days of work.
const DAYS: u64 = 300;
const SESSIONS: usize = 24;
/// Notices about more listings than this are left out.
const LISTINGS_MAX: usize = 8;

/// Files the notices through the year and decides their cases a few hours later.
pub(super) async fn live_through(demo: &Demo<'_>, filings: Vec<Filing>) -> anyhow::Result<()> {
    let good = |filing: &Filing| filing.weakness.is_none() && filing.notice.listings.len() <= LISTINGS_MAX;
    let mut cases = 0;
    let filings: Vec<Filing> = filings
        .into_iter()
        .filter(good)
        .take_while(|filing| {
            cases += filing.notice.listings.len();
            cases <= DECIDED_MAX
        })
        .collect();
    let now = demo.house.clock.now();
    let sessions: Vec<&[Filing]> = filings.chunks(filings.len().div_ceil(SESSIONS).max(1)).collect();
    for (session, batch) in sessions.iter().enumerate() {
        // Denser towards the present: a restriction of seven days is still felt.
        let left = (sessions.len() - session) as u64;
        let ago = 24 + 24 * DAYS * left * left / sessions.len().pow(2) as u64;
        let raw: Vec<_> = batch.iter().map(|filing| filing.notice.clone()).collect();
        let filed = notice::file(&demo.house_at(hours_ago(now, ago)), &demo.actor, &raw).await?;
        let looks = looks(batch, &filed);
        for (n, (case, look)) in looks.into_iter().enumerate() {
            decide(demo, case, look, session * 7 + n, ago - 3 - n as u64 % 20).await?;
        }
    }
    Ok(())
}

/// What the listing of each case really is. A case that two notices are about comes once.
fn looks(batch: &[Filing], filed: &[Filed]) -> Vec<(CaseId, Look)> {
    let mut seen = HashMap::new();
    let mut looks = vec![];
    for (filing, filed) in batch.iter().zip(filed) {
        let Filed::New { cases, .. } = filed else { continue };
        for (case, look) in cases.iter().zip(&filing.looks) {
            if seen.insert(*case, ()).is_none() {
                looks.push((*case, *look));
            }
        }
    }
    looks
}

async fn decide(demo: &Demo<'_>, case: CaseId, look: Look, n: usize, ago: u64) -> anyhow::Result<()> {
    let there = cases::get(&mut demo.house.db.read().await?, case).await?;
    if there.is_none_or(|case| matches!(case.state, State::Decided { .. })) {
        return Ok(());
    }
    let act = match look {
        Look::Cheap | Look::Disguised | Look::Hostile => Act::Remove(match n % 16 {
            7 => RemoveReason::Serious,
            3 | 11 | 14 => RemoveReason::CounterfeitSold,
            // This week somebody had test purchases made.
            0 | 5 | 9 if ago < 7 * 24 => RemoveReason::CounterfeitSold,
            _ => RemoveReason::CounterfeitListing,
        }),
        Look::Picture => Act::Remove(RemoveReason::ImproperUse),
        Look::Grey => Act::Keep(KeepReason::Exhausted),
        Look::Genuine if n.is_multiple_of(3) => Act::Keep(KeepReason::WeakEvidence),
        Look::Genuine => Act::Keep(KeepReason::Genuine),
    };
    let note = match n % 9 {
        0 => "Test purchase on file.",
        4 => "Same photographs as in the seller's other shop.",
        _ => "",
    };
    let request = Request { case, version: None, act, note: note.to_owned() };
    let house = demo.house_at(hours_ago(demo.house.clock.now(), ago));
    let acted = case::act(&house, &colleague(n)?, &request).await?;
    if let Some(waits) = acted.waits {
        // What takes two, like refusing a trusted brand, had its second person then.
        approval::approve(&house, &second(n)?, waits.approval, "Looked at it too.").await?;
    }
    Ok(())
}
