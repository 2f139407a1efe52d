//! What is under way beside the queue: a case at a desk, brands who were asked, a seller who appeals.

use jointforce_shared::{
    commands::{
        Error, appeal, authenticity,
        case::{self, Act, Request},
    },
    domain::{appeal::RawAppeal, ask::Stage, decision::Verdict, escalation::Desk},
    store::{cases, find, queue},
};

use super::{Demo, staff::colleague};

/// The first rows are for the person at the keyboard.
const FROM: usize = 24;

pub(super) async fn under_way(demo: &Demo<'_>) -> anyhow::Result<()> {
    let filter = queue::Filter { stages: Some(vec![Stage::Open]), ..queue::Filter::default() };
    let rows = queue::page(&mut demo.house.db.read().await?, &filter, None, 160).await?;
    let mut free = rows.into_iter().skip(FROM).filter(|row| row.lease_by.is_none() && row.assigned_to.is_none());
    if let Some(row) = free.next() {
        let act = Act::Escalate { desk: Desk::Safety, urgent: true };
        let note = "A buyer writes that it got hot and smoked".to_owned();
        let request = Request { case: row.place.case, version: None, act, note };
        refused_is_fine(case::act(demo.house, &colleague(1)?, &request).await.map(drop))?;
    }
    for row in free.by_ref().take(3) {
        let template = demo.house.policy.asking.templates.first().map_or_else(String::new, |one| one.name.clone());
        let ask =
            authenticity::Ask { case: row.place.case, version: None, template, detail: String::new(), again: false };
        refused_is_fine(authenticity::ask(demo.house, &colleague(2)?, &ask).await.map(drop))?;
    }
    appeal(demo).await
}

/// The seller of something that was removed lately says why that was wrong.
async fn appeal(demo: &Demo<'_>) -> anyhow::Result<()> {
    let mut conn = demo.house.db.read().await?;
    for found in find::cases(&mut conn, colleague(1)?.id().as_str(), 50).await? {
        let Some(case) = cases::get(&mut conn, found.id).await? else { continue };
        if !matches!(case.state.decision(), Some((Verdict::Remove(_), _))) {
            continue;
        }
        drop(conn);
        let raw = RawAppeal {
            seller: case.seller.to_string(),
            case: case.id.to_string(),
            grounds: "We buy from the brand's own outlet and sent you the invoice in spring.".into(),
            ..RawAppeal::default()
        };
        return refused_is_fine(appeal::open(demo.house, &demo.actor, &raw).await.map(drop));
    }
    Ok(())
}

/// A start that was broken off may have done it already.
fn refused_is_fine(done: Result<(), Error>) -> anyhow::Result<()> {
    match done {
        Err(Error::Refused(_)) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
