//! Signals as orders: TSTP quiet, CONT go on, HUP read again, TERM or INT leave, once more leave now.

use jointforce_shared::config::exit;
use jointforce_worker::{
    orders::{Foreman, Orders},
    outside::OutsideConfig,
    service,
};
use nix::sys::signal::Signal;
use tokio::signal::unix::{self, SignalKind, signal};
use tracing::{info, warn};

/// Listens from now on. `read_settings` reads the settings of the ways out again, with the files that they name.
///
/// # Errors
/// When a handler can't be installed.
pub fn listen(read_settings: impl Fn() -> anyhow::Result<OutsideConfig> + Send + 'static) -> anyhow::Result<Orders> {
    let (foreman, orders) = Foreman::new();
    let of = |kind: Signal| signal(SignalKind::from_raw(kind as i32));
    let (mut quiet, mut go_on) = (of(Signal::SIGTSTP)?, of(Signal::SIGCONT)?);
    let (mut reread, mut terminate, mut interrupt) = (of(Signal::SIGHUP)?, of(Signal::SIGTERM)?, of(Signal::SIGINT)?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = quiet.recv() => {
                    info!("quiet: nothing new is taken until SIGCONT");
                    foreman.quiet();
                }
                _ = go_on.recv() => {
                    if foreman.go_on() {
                        info!("going on");
                    }
                }
                _ = reread.recv() => read_again(&foreman, &read_settings),
                () = asked_to_leave(&mut terminate, &mut interrupt) => break,
            }
        }
        info!("asked to leave: finishing what is held; once more leaves at once");
        foreman.leave();
        asked_to_leave(&mut terminate, &mut interrupt).await;
        warn!("leaving at once; leases run out by themselves");
        std::process::exit(i32::from(exit::TEMPORARY));
    });
    Ok(orders)
}

async fn asked_to_leave(terminate: &mut unix::Signal, interrupt: &mut unix::Signal) {
    tokio::select! { _ = terminate.recv() => {} _ = interrupt.recv() => {} }
}

fn read_again(foreman: &Foreman, read_settings: impl Fn() -> anyhow::Result<OutsideConfig>) {
    service::reloading();
    match read_settings() {
        Ok(settings) => foreman.settings(settings),
        Err(error) => {
            warn!("the settings stay as they were: {error:#}");
            service::reloaded("working with the settings from before: what was to be read again is wrong");
        }
    }
}
