//! The side that writes: batches go into the database, what was refused into its file.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use jointforce_shared::{
    commands::{self, Actor, House},
    config::exit,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::{
    Stop,
    progress::Progress,
    read::Batch,
    records::{Outcome, Record},
    refused::{RefusedFile, RefusedRow},
    summary::Summary,
};

/// Between two attempts to reach a database that is away: first this long, then twice as long each time, up to five
/// seconds.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Batches that are written at once, where that can be: one is encoded while the database works on the other.
const AT_ONCE: usize = 2;

/// What every batch needs.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The truth.
    pub house: House,
    /// Who imports.
    pub actor: Actor,
    /// Where to say what happens.
    pub progress: Arc<Progress>,
    /// How long a database may be away.
    pub patience: Duration,
    /// True once somebody asked to stop.
    pub stop: watch::Receiver<bool>,
}

/// A batch that is in the database.
#[derive(Debug)]
struct Written {
    summary: Summary,
    refused: Vec<RefusedRow>,
    bytes: u64,
}

impl Writer {
    /// Writes what comes until nothing does, or somebody asks to stop; then what is in hand is finished.
    ///
    /// # Errors
    /// Why it ended before its input; the summary says how far it came.
    pub async fn run<R: Record>(
        mut self,
        mut from: mpsc::Receiver<Result<Batch<R>, Stop>>,
        refused: &mut RefusedFile,
    ) -> Result<Summary, Stop> {
        // SQLite takes one writer at a time anyway.
        let at_once = if R::AT_ONCE && !self.house.db.is_embedded() { AT_ONCE } else { 1 };
        let writer = self.clone();
        let mut in_hand = VecDeque::new();
        let mut summary = Summary::default();
        let (mut at_end, mut stopped) = (false, false);
        while !at_end || !in_hand.is_empty() {
            let has_room = in_hand.len() < at_once;
            let first = in_hand.front_mut();
            let done = tokio::select! {
                biased;
                Some(done) = async { Some(first?.await) } => done,
                _ = self.stop.wait_for(|stop| *stop), if !at_end => {
                    (at_end, stopped) = (true, true);
                    continue;
                }
                batch = from.recv(), if !at_end && has_room => {
                    match batch {
                        Some(batch) => in_hand.push_back(tokio::spawn(writer.clone().write(batch))),
                        None => at_end = true,
                    }
                    continue;
                }
            };
            in_hand.pop_front();
            let failed = |stop| Stop { summary, ..stop };
            let batch: Written = done.map_err(|bug| Stop::new(exit::SOFTWARE, bug)).flatten().map_err(failed)?;
            refused
                .add(&batch.refused)
                .map_err(|error| failed(Stop::new(exit::IO, format!("refused rows can't be written down: {error}"))))?;
            summary.add(&batch.summary);
            self.progress.show(batch.bytes, &summary);
        }
        if stopped { Err(Stop { summary, ..Stop::new(exit::TEMPORARY, "it was stopped") }) } else { Ok(summary) }
    }

    async fn write<R: Record>(self, batch: Result<Batch<R>, Stop>) -> Result<Written, Stop> {
        let mut batch = batch?;
        let outcome = self.load(&batch.records).await?;
        let mut refused = std::mem::take(&mut batch.refused);
        let summary = Summary {
            read: batch.rows,
            new: outcome.new,
            same: outcome.same + batch.replaced,
            changed: outcome.changed,
            refused: (refused.len() + outcome.refused.len()) as u64,
            seconds: 0.0,
        };
        refused.extend(outcome.refused.into_iter().map(|(place, why)| batch.refuse(place, why.faults)));
        refused.sort_by_key(|row| row.line);
        Ok(Written { summary, refused, bytes: batch.bytes })
    }

    /// Loads records; a database that is away is waited for, since loading them again does nothing twice.
    async fn load<R: Record>(&self, records: &[R]) -> Result<Outcome, Stop> {
        if records.is_empty() {
            return Ok(Outcome::default());
        }
        let mut stop = self.stop.clone();
        let mut give_up = None;
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match R::load(&self.house, &self.actor, records).await {
                Ok(outcome) => {
                    if give_up.is_some() {
                        self.progress.say("the database is back");
                    }
                    return Ok(outcome);
                }
                Err(error) => error,
            };
            let passing = matches!(&error, commands::Error::Store(error) if error.is_passing());
            if !passing {
                return Err(Stop::of(error.into()));
            }
            if give_up.is_none() {
                let seconds = self.patience.as_secs();
                self.progress.say(&format!("{error}. Trying again for {seconds} s"));
            }
            let give_up = *give_up.get_or_insert_with(|| Instant::now() + self.patience);
            if Instant::now() + pause > give_up {
                return Err(Stop::new(exit::UNAVAILABLE, error));
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return Err(Stop::new(exit::UNAVAILABLE, error)),
                () = sleep(pause) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}
