//! The demo: a made-up marketplace in a folder of its own, filled through the same commands as everything else.
//!
//! ```text
//! <data dir>/demo/jointforce.db     the marketplace and its queue
//! <data dir>/demo/refused.jsonl     notices that were refused, with every reason
//! <data dir>/demo/mail/*.eml        what brands and sellers were told
//! <data dir>/demo/webhooks/*.json   what the brands' systems were told
//! ```

mod casework;
mod past;
mod receiver;
mod staff;
#[cfg(test)]
mod tests;
mod trade;

use std::{
    fs,
    io::Write as _,
    net::SocketAddr,
    path::Path,
    sync::{Arc, atomic::AtomicI64},
};

use anyhow::Context as _;
use jointforce_shared::{
    clock::Clock,
    commands::{
        Actor, House, catalogue,
        notice::{self, Filed},
    },
    domain::{brand::Brand, ids::OperatorId, operator::Role, refused::Refused, time::Time},
    fixtures::{Filing, Marketplace, Size},
    store::{brands, operators},
};
use serde_json::json;

pub use self::receiver::receiver;

/// The demo is the same on every machine.
const SEED: u64 = 20_160_701;
/// Enough for a queue of more than 2,000 cases.
const SIZE: Size = Size { brands: 80, sellers: 320, listings: 5000, notices: 1400 };
/// Notices that were decided long ago.
const PAST: usize = 220;
/// Rights holders with a webhook: the first ones, who report the most.
const WITH_WEBHOOK: usize = 16;
/// The demo's own signing secret (Standard Webhooks), to verify the files with. It guards nothing.
pub const WEBHOOK_SECRET: &str = "whsec_am9pbnQtZm9yY2UtZGVtby1zZWNyZXQtMDAwMQ==";

/// What [`prepare`] found or made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    /// Whether the marketplace was made now; otherwise it was there already.
    pub made: bool,
    /// Notices refused while it was made.
    pub refused: usize,
}

/// Fills an empty database with the demo's marketplace, its past and its queue; finds the one that is there. Whoever
/// signs in as `account` is a senior moderator. Brands' webhooks go to `receiver`. `progress` hears each step.
///
/// A start that was broken off is taken up again: nothing is filed or decided twice.
///
/// # Errors
/// What the store says, or a file of `dir` that can't be written.
pub async fn prepare(
    house: &House,
    account: &OperatorId,
    dir: &Path,
    receiver: SocketAddr,
    progress: impl Fn(&str),
) -> anyhow::Result<Prepared> {
    fs::create_dir_all(dir.join("mail")).with_context(|| format!("{} can't be made", dir.join("mail").display()))?;
    let market = Marketplace::generate(SEED, SIZE, house.clock.now());
    let demo = Demo { house, actor: Actor::program("demo"), market: &market, receiver };
    // The admin comes last: with one, the demo is whole.
    if operators::enabled(&mut house.db.read().await?, Role::Admin).await? > 0 {
        staff::let_in(&demo, account).await?;
        demo.aim_webhooks().await?;
        return Ok(Prepared { made: false, refused: 0 });
    }
    demo.make(account, dir, progress).await
}

/// What every step of the demo needs.
struct Demo<'a> {
    house: &'a House,
    actor: Actor,
    market: &'a Marketplace,
    receiver: SocketAddr,
}

impl Demo<'_> {
    /// The house as it was at a moment.
    fn house_at(&self, moment: Time) -> House {
        House { clock: Clock::Set(Arc::new(AtomicI64::new(moment.0))), ..self.house.clone() }
    }

    fn brands(&self) -> Vec<Brand> {
        let hook = |(n, brand): (usize, &Brand)| {
            let url = || format!("http://{}/brands/{}", self.receiver, brand.id);
            let hooked = n < WITH_WEBHOOK;
            Brand {
                webhook_url: hooked.then(url),
                webhook_secret: hooked.then(|| WEBHOOK_SECRET.to_owned()),
                ..brand.clone()
            }
        };
        self.market.brands().enumerate().map(hook).collect()
    }

    async fn make(&self, account: &OperatorId, dir: &Path, progress: impl Fn(&str)) -> anyhow::Result<Prepared> {
        progress("making 80 rights holders, 320 sellers and 5,000 listings");
        self.load().await?;
        staff::hire(self, account).await?;
        progress("deciding last year's cases");
        let mut filings: Vec<Filing> = self.market.filings().collect();
        let present = filings.split_off(PAST.min(filings.len()));
        past::live_through(self, filings).await?;
        progress("filing this week's notices");
        let refused = self.file_present(present).await?;
        write_refused(&dir.join("refused.jsonl"), &refused)?;
        staff::at_work(self, account).await?;
        casework::under_way(self).await?;
        staff::appoint_admin(self).await?;
        Ok(Prepared { made: true, refused: refused.len() })
    }

    async fn load(&self) -> anyhow::Result<()> {
        let (house, actor) = (self.house, &self.actor);
        let rights: Vec<_> = self.market.rights().cloned().collect();
        let sellers: Vec<_> = self.market.sellers().collect();
        let listings: Vec<_> = self.market.listings().collect();
        catalogue::load_brands(house, actor, &self.brands()).await?;
        whole(catalogue::load_rights(house, actor, &rights).await?)?;
        whole(catalogue::load_sellers(house, actor, &sellers).await?)?;
        for batch in listings.chunks(1000) {
            whole(catalogue::load_listings(house, actor, batch).await?)?;
        }
        whole(catalogue::load_authorised(house, actor, &trade::authorised(self.market)).await?)
    }

    /// Lets the brands' webhooks go where the receiver is now.
    async fn aim_webhooks(&self) -> anyhow::Result<()> {
        let wanted: Vec<Brand> = self.brands().into_iter().filter(|brand| brand.webhook_url.is_some()).collect();
        let there = brands::get_many(&mut self.house.db.read().await?, wanted.iter().map(|brand| &brand.id)).await?;
        let aimed = |brand: &Brand| wanted.iter().any(|w| w.id == brand.id && w.webhook_url == brand.webhook_url);
        let stray: Vec<Brand> = there
            .into_iter()
            .filter(|brand| !aimed(brand))
            .map(|brand| {
                let url = wanted.iter().find(|w| w.id == brand.id).and_then(|w| w.webhook_url.clone());
                Brand { webhook_url: url, ..brand }
            })
            .collect();
        if !stray.is_empty() {
            catalogue::load_brands(self.house, &self.actor, &stray).await?;
        }
        Ok(())
    }

    /// Files notices in the order in which they arrived, so that their deadlines are those of their arrival.
    async fn file_present(&self, mut filings: Vec<Filing>) -> anyhow::Result<Vec<(Filing, Refused)>> {
        filings.sort_by_key(|filing| filing.arrived);
        let mut refused = vec![];
        for batch in filings.chunks(40) {
            let last = batch.last().map_or(Time::default(), |filing| filing.arrived);
            let raw: Vec<_> = batch.iter().map(|filing| filing.notice.clone()).collect();
            let filed = notice::file(&self.house_at(last), &self.actor, &raw).await?;
            for (filing, filed) in batch.iter().zip(filed) {
                if let Filed::Refused(why) = filed {
                    refused.push((filing.clone(), why));
                }
            }
        }
        Ok(refused)
    }
}

fn whole(loaded: catalogue::Loaded) -> anyhow::Result<()> {
    match loaded.refused.first() {
        Some((n, refused)) => anyhow::bail!("the demo's data was refused at {n}: {refused}"),
        None => Ok(()),
    }
}

fn write_refused(path: &Path, refused: &[(Filing, Refused)]) -> anyhow::Result<()> {
    let mut lines = Vec::new();
    for (filing, why) in refused {
        serde_json::to_writer(&mut lines, &json!({ "notice": filing.notice, "faults": why.faults }))?;
        lines.write_all(b"\n")?;
    }
    fs::write(path, lines).with_context(|| format!("{} can't be written", path.display()))
}
