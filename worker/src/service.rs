//! What the service manager is told (systemd's `Type=notify`): ready, leaving, reading again, and that the worker gets
//! on. Without one (no NOTIFY_SOCKET) nothing is said.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::sleep;
use tracing::{debug, error, info};

use crate::progress::Progress;

fn say(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        debug!("the service manager could not be told: {error}");
    }
}

/// It serves.
pub(crate) fn ready() {
    say(&[NotifyState::Ready, NotifyState::Status("working")]);
}

/// In words, for `systemctl status`.
pub(crate) fn status(text: &str) {
    say(&[NotifyState::Status(text)]);
}

/// It finishes what it holds and leaves.
pub(crate) fn stopping() {
    say(&[NotifyState::Stopping, NotifyState::Status("leaving: finishing what is held")]);
}

/// It reads its settings again; [`ready`] follows.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => say(&[NotifyState::Reloading, now]),
        Err(_) => say(&[NotifyState::Reloading]),
    }
}

/// Its settings were read again, or could not be and are as they were.
pub fn reloaded(text: &str) {
    say(&[NotifyState::Ready, NotifyState::Status(text)]);
}

/// Feeds the service manager's watchdog for as long as the worker gets on, four times in its span. What is stuck for
/// three quarters of the span is no longer covered up: the manager ends the process and starts another.
pub(crate) async fn feed_watchdog(progress: &Progress) {
    let Some(span) = sd_notify::watchdog_enabled().filter(|span| !span.is_zero()) else {
        return std::future::pending().await;
    };
    info!(seconds = span.as_secs_f32(), "feeding the service manager's watchdog");
    let mut starving = false;
    loop {
        match progress.stuck(span * 3 / 4) {
            None => {
                if starving {
                    info!("getting on again");
                }
                starving = false;
                say(&[NotifyState::Watchdog]);
            }
            Some(stuck) => {
                if !starving {
                    error!("no longer feeding the watchdog: {stuck}");
                }
                starving = true;
            }
        }
        sleep((span / 4).max(Duration::from_millis(50))).await;
    }
}
