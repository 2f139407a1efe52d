//! Keeping the parts of a worker alive: one that ends before its time, or panics, is started again. A worker whose part
//! breaks again and again leaves, so that whoever watches it knows; it never lives on without a part.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::{sync::watch, task::JoinSet, time::sleep};
use tracing::error;

/// The pause before the first new start; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A part that lived so long starts with the first pause again.
const LIVED: Duration = Duration::from_secs(60);
/// So many ends in a row, none of which lived: half a minute of trying.
const ENDS_MAX: u32 = 10;

/// A part that can't be kept alive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part} broke {ENDS_MAX} times in a row")]
pub(crate) struct Broken {
    part: &'static str,
}

/// Runs a part until it ends because `stop` is true, and starts it again where it ends before.
///
/// # Errors
/// When that doesn't help.
pub(crate) async fn keep<Fut>(
    part: &'static str,
    stop: watch::Receiver<bool>,
    start: impl Fn() -> Fut,
) -> Result<(), Broken>
where
    Fut: Future<Output = ()> + Send + 'static,
{
    keep_pausing(part, stop, FIRST_PAUSE, start).await
}

async fn keep_pausing<Fut>(
    part: &'static str,
    mut stop: watch::Receiver<bool>,
    first_pause: Duration,
    start: impl Fn() -> Fut,
) -> Result<(), Broken>
where
    Fut: Future<Output = ()> + Send + 'static,
{
    let (mut pause, mut ends) = (first_pause, 0);
    loop {
        let began = Instant::now();
        // A set ends its tasks when it is dropped: no part outlives its worker.
        let mut running = JoinSet::new();
        running.spawn(start());
        let ended = running.join_next().await;
        if *stop.borrow() {
            return Ok(());
        }
        match ended {
            Some(Err(end)) => error!("{part} broke, it is started again: {end}"),
            _ => error!("{part} ended before its time, it is started again"),
        }
        if began.elapsed() > LIVED {
            (pause, ends) = (first_pause, 0);
        }
        ends += 1;
        if ends >= ENDS_MAX {
            return Err(Broken { part });
        }
        tokio::select! { () = sleep(pause) => {} _ = stop.wait_for(|stop| *stop) => return Ok(()) }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_part_that_panics_or_ends_is_started_again_until_the_stop() {
        let (stop, stopped) = watch::channel(false);
        let (starts, stop) = (Arc::new(AtomicU32::new(0)), Arc::new(stop));
        let count = starts.clone();
        let kept = keep_pausing("the part", stopped, Duration::ZERO, move || {
            let (start, stop) = (count.fetch_add(1, Ordering::SeqCst), stop.clone());
            async move {
                assert_ne!(start, 0, "the first one panics");
                if start == 3 {
                    stop.send_replace(true);
                }
            }
        });
        assert_eq!(kept.await, Ok(()));
        assert_eq!(starts.load(Ordering::SeqCst), 4);
    }

    #[tokio::test]
    async fn a_part_that_breaks_again_and_again_is_told_of_and_not_lived_without() {
        let (_stop, stopped) = watch::channel(false);
        let kept = keep_pausing("the part", stopped, Duration::ZERO, || async { panic!("at once") }).await;
        assert_eq!(kept, Err(Broken { part: "the part" }));
    }
}
