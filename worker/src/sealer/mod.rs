//! Seals the audit record: new events get their numbers every two seconds, and the tree over them is signed and exported
//! every minute, or sooner when much happens. One process does it at a time, by a lease on the database's clock; only
//! those with the signing key take part.

mod export;
mod key;

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::{
        self, House,
        seal::{self, Sealed, Sealer},
    },
    config::Places,
    domain::{checkpoint::SecretKey, ids::AuditId, time::Time},
    store::seals::{self, LAST_ID},
};
use tokio::{sync::watch, time::sleep};
use tracing::{debug, error, info, warn};
use ulid::Ulid;

pub use export::{Export, Exported};
pub use key::{KeyFile, make_key};

/// How long the leader leads without saying so again: what a killed sealer delays the next seal.
const LEAD: Duration = Duration::from_secs(6);
/// How often a disagreement with what was exported is looked at, and said, again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Events of the whole record that each pass looks at again: ten million in an hour and a half.
const PATROL: usize = 4_000;
/// Batches of a backlog after which a checkpoint is looked for.
const UNSIGNED_BATCHES: usize = 10;
/// Checkpoints exported in one write.
const EXPORTED_AT_ONCE: usize = 500;

/// With what the record is sealed.
#[derive(Debug, Clone)]
pub struct SealConfig {
    /// The key that signs checkpoints.
    pub key: KeyFile,
    /// Where each checkpoint goes, beside the database: a directory with a file a day, or one file.
    pub checkpoints: PathBuf,
}

impl SealConfig {
    /// Key and checkpoints beside the embedded database.
    #[must_use]
    pub fn embedded(places: &Places) -> Self {
        let dir = places.folder();
        Self { key: KeyFile::Own(dir.join("audit.key")), checkpoints: dir.join("checkpoints") }
    }
}

/// Seals until `stop` turns true, and once more then.
pub async fn seal_until_stopped(
    house: House,
    name: String,
    key: SecretKey,
    export: Export,
    mut stop: watch::Receiver<bool>,
) {
    let sealer = Sealer { name, lease: LEAD };
    let mut sealing = Sealing { house, sealer, key, export, lead: None, disagreed: None };
    loop {
        let began = Instant::now();
        let is_last = *stop.borrow();
        if let Err(error) = sealing.pass(is_last).await {
            warn!("the audit record isn't sealed for now: {error:#}");
        }
        if is_last {
            break;
        }
        let every = sealing.house.policy.audit.seal_every;
        tokio::select! { () = sleep(every.saturating_sub(began.elapsed())) => {} _ = stop.changed() => {} }
    }
    if sealing.lead.is_some()
        && let Err(error) = seal::step_down(&sealing.house, &sealing.sealer).await
    {
        warn!("the sealer's lease could not be given back: {error}");
    }
}

struct Sealing {
    house: House,
    sealer: Sealer,
    key: SecretKey,
    export: Export,
    lead: Option<Lead>,
    /// When the record was last seen not to be the one that was exported: then nothing is signed.
    disagreed: Option<Instant>,
}

/// Where the leader is.
struct Lead {
    /// When the lease was taken or renewed last, counted from before the question.
    renewed: Instant,
    /// Every event with a smaller id had a number, or took longer to its commit than is waited for.
    from: String,
    /// Where the patrol over the whole record goes on.
    patrol: String,
    /// The checkpoint that was exported last; not looked up yet at first.
    exported: Option<u64>,
}

impl Sealing {
    /// Everything there is to do now; `is_last` signs although it isn't time.
    async fn pass(&mut self, is_last: bool) -> anyhow::Result<()> {
        self.house.refresh().await?;
        // Each batch renews the lease too, so only an idle record costs a transaction for it.
        if self.lead.as_ref().is_none_or(|lead| lead.renewed.elapsed() >= LEAD / 2) {
            let asked = Instant::now();
            if !seal::lead(&self.house, &self.sealer).await? {
                self.lead = None;
                return Ok(());
            }
            match &mut self.lead {
                Some(lead) => lead.renewed = asked,
                None => self.lead = Some(self.take_over(asked).await?),
            }
        }
        let began = self.house.clock.now();
        let mut batches = 0;
        while self.number_a_batch(began).await? {
            batches += 1;
            // One checkpoint covers them all, but a long backlog is not left unsigned to its end.
            if batches % UNSIGNED_BATCHES == 0 {
                self.sign(false).await?;
            }
        }
        self.patrol().await?;
        self.sign(is_last).await
    }

    /// Whoever led before may have left events of any age behind. Those of the last minutes are looked for at once, the
    /// others by the patrol.
    async fn take_over(&self, renewed: Instant) -> anyhow::Result<Lead> {
        info!("leading the sealing of the audit record");
        let head = seals::head(&mut self.house.db.read().await?).await?;
        let reached = head.and_then(|head| head.event.parse::<AuditId>().ok()).map(|id| id.made_at());
        let from = reached.map_or_else(String::new, |at| first_id(at - self.house.policy.audit.sealed_within));
        Ok(Lead { renewed, from, patrol: String::new(), exported: None })
    }

    /// Gives a batch of new events their numbers; `true` if there may be more of them.
    async fn number_a_batch(&mut self, began: Time) -> anyhow::Result<bool> {
        let Some(lead) = &mut self.lead else { return Ok(false) };
        let policy = &self.house.policy.audit;
        let asked = Instant::now();
        let Some(Sealed { count, last }) = seal::number(&self.house, &self.sealer, &lead.from, LAST_ID).await? else {
            self.lead = None;
            return Ok(false);
        };
        if count > 0 {
            lead.renewed = asked;
        }
        if let Some(last) = last.filter(|_| count >= policy.seal_batch) {
            lead.from = last;
            return Ok(true);
        }
        // A transaction that drew its ids before now may still be on the way to its commit.
        lead.from = first_id(began - policy.commit_within);
        Ok(false)
    }

    /// Looks for what came late over the next part of the whole record.
    async fn patrol(&mut self) -> anyhow::Result<()> {
        let Some(lead) = &mut self.lead else { return Ok(()) };
        let next = seals::id_after(&mut self.house.db.read().await?, &lead.patrol, PATROL).await?;
        let to = next.as_deref().unwrap_or(LAST_ID);
        match seal::number(&self.house, &self.sealer, &lead.patrol, to).await? {
            // There may be more in this part.
            Some(Sealed { count, .. }) if count >= self.house.policy.audit.seal_batch => {}
            Some(_) => lead.patrol = next.unwrap_or_default(),
            None => self.lead = None,
        }
        Ok(())
    }

    /// Signs a checkpoint if it is time, and exports what was signed.
    async fn sign(&mut self, is_last: bool) -> anyhow::Result<()> {
        if !self.agrees().await? {
            return Ok(());
        }
        let status = seals::status(&mut self.house.db.read().await?).await?;
        let policy = &self.house.policy.audit;
        let age = status.newest.as_ref().map_or(i64::MAX, |newest| newest.age);
        let is_time = status.uncovered >= policy.checkpoint_events
            || status.uncovered > 0 && (is_last || i128::from(age) >= policy.checkpoint_every.as_micros() as i128);
        if is_time && let Some(note) = seal::checkpoint(&self.house, &self.sealer, &self.key).await? {
            debug!(events = note.checkpoint.size, root = note.checkpoint.root.short(), "signed a checkpoint");
        }
        self.export_new().await
    }

    /// Whether the record is still the one whose checkpoints were exported, and of our key's log. It is looked at when
    /// the lead is taken; a record that was cut or rewritten is never signed again before a person has decided.
    async fn agrees(&mut self) -> anyhow::Result<bool> {
        let Some(lead) = &mut self.lead else { return Ok(false) };
        if lead.exported.is_some() {
            return Ok(true);
        }
        if self.disagreed.is_some_and(|at| at.elapsed() < LOOK_AGAIN) {
            return Ok(false);
        }
        let last = self.export.last()?;
        let agreed = async {
            if let Some(last) = &last {
                seal::still_holds(&self.house, last).await?;
            }
            seal::is_of_log(&self.house, self.key.public().name()).await
        };
        match agreed.await {
            Ok(()) => {
                lead.exported = Some(last.map_or(0, |last| last.checkpoint.size));
                self.disagreed = None;
                Ok(true)
            }
            Err(commands::Error::Refused(refused)) => {
                error!("nothing is signed: {refused}");
                self.disagreed = Some(Instant::now());
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn export_new(&mut self) -> anyhow::Result<()> {
        let Some(Lead { exported: Some(exported), .. }) = &mut self.lead else { return Ok(()) };
        loop {
            let new = seals::checkpoints(&mut self.house.db.read().await?, *exported, EXPORTED_AT_ONCE).await?;
            let Some(last) = new.last() else { return Ok(()) };
            let texts: Vec<&str> = new.iter().map(|checkpoint| checkpoint.note.as_str()).collect();
            self.export.append(&texts, self.house.clock.now())?;
            *exported = last.size;
        }
    }
}

/// The smallest id of this moment.
fn first_id(at: Time) -> String {
    Ulid::from_parts(at.unix_ms(), 0).to_string()
}
