//! Leading the relay: a lease on the database's clock. It is renewed beside the looks at the ledger, because its commit
//! waits for the disk and what is due does not wait for it.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jointforce_shared::store::{self, Db, leases};
use tokio::time::sleep;
use tracing::{info, warn};

use crate::metrics;

/// How long the leader leads without renewing.
const LEAD: Duration = Duration::from_secs(5);
/// How often the leader renews, and the others try.
pub(super) const RENEW: Duration = Duration::from_millis(1500);
/// The lease's name.
const LEASE: &str = "relay";

/// Whether this process leads, as long as [`Lead::keep`] runs.
pub(super) struct Lead {
    db: Db,
    name: String,
    term: Mutex<Term>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Term {
    /// Until when; none for another's.
    until: Option<Instant>,
    /// How often this process came to lead.
    number: u64,
}

impl Lead {
    pub(super) fn new(db: Db, name: String) -> Self {
        Self { db, name, term: Mutex::default() }
    }

    /// Which of its terms this process leads in now, from 1; none while another leads.
    pub(super) fn term(&self) -> Option<u64> {
        let term = *self.term.lock().unwrap_or_else(PoisonError::into_inner);
        term.until.filter(|until| Instant::now() < *until).map(|_| term.number)
    }

    /// Takes and renews the lease as long as it is polled; calls `began` each time that this process comes to lead.
    pub(super) async fn keep(&self, began: impl Fn()) {
        loop {
            // Counted from before the question, so that we stop before the database thinks we did.
            let asked = Instant::now();
            match self.take().await {
                Ok(leads) => {
                    metrics::leads(leads);
                    if self.note(leads.then(|| asked + LEAD)) {
                        info!("leading the relay");
                        began();
                    }
                }
                Err(error) => warn!("whether this process leads the relay is not known: {error}"),
            }
            sleep(RENEW.saturating_sub(asked.elapsed())).await;
        }
    }

    /// Gives whether a term began.
    fn note(&self, until: Option<Instant>) -> bool {
        let mut term = self.term.lock().unwrap_or_else(PoisonError::into_inner);
        let began = until.is_some() && term.until.is_none_or(|before| before <= Instant::now());
        term.number += u64::from(began);
        term.until = until;
        began
    }

    async fn take(&self) -> store::db::Result<bool> {
        let mut tx = self.db.write().await?;
        let leads = leases::take(&mut tx, LEASE, &self.name, LEAD).await?;
        tx.commit().await?;
        Ok(leads)
    }

    /// Lets another lead at once.
    pub(super) async fn step_down(&self) {
        metrics::leads(false);
        self.note(None);
        let given = async {
            let mut tx = self.db.write().await?;
            leases::give_back(&mut tx, LEASE, &self.name).await?;
            tx.commit().await
        };
        if let Err(error) = given.await {
            warn!("the relay's lease could not be given back: {error}");
        }
    }
}
