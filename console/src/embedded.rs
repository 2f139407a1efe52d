//! The worker in the console's own process, for the embedded default. The only file that names the worker.

use std::{net::SocketAddr, time::Duration};

use jointforce_shared::{commands::House, config::Places};
use jointforce_worker::run::{embedded, embedded_config, lock_file};
use tokio::{
    sync::{mpsc::UnboundedSender, watch},
    task::JoinHandle,
};
use tracing::warn;

use crate::msg::{Msg, Worker};

/// A worker that ended is started again, and the lock of another is tried again, after this.
const AGAIN: Duration = Duration::from_secs(2);

/// Serves the SQLite file from this process as soon as no other does, until `stop` turns true. Against a server it
/// does nothing: there workers carry effects out. Brands' webhooks may lead to `receiver`, and else only to the public
/// internet.
pub fn start(
    house: House,
    places: &Places,
    receiver: Option<SocketAddr>,
    stop: watch::Receiver<bool>,
    inbox: UnboundedSender<Msg>,
) -> Option<JoinHandle<()>> {
    if !house.db.is_embedded() {
        return None;
    }
    let mut config = embedded_config(places);
    config.outside.webhook_allow = receiver.iter().map(|receiver| receiver.ip().into()).collect();
    Some(tokio::spawn(async move {
        let mut pause = stop.clone();
        while !*stop.borrow() {
            if lock_file(&house.db).is_ok_and(|lock| lock.is_some()) {
                let _ = inbox.send(Msg::Worker(Worker::Here));
                if let Err(error) = embedded(house.clone(), config.clone(), stop.clone()).await {
                    warn!("the worker in this process ended: {error:#}");
                }
                let _ = inbox.send(Msg::Worker(Worker::Ended));
            } else {
                let _ = inbox.send(Msg::Worker(Worker::Elsewhere));
            }
            tokio::select! { () = tokio::time::sleep(AGAIN) => {} _ = pause.changed() => {} }
        }
    }))
}
