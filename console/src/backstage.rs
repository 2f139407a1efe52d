//! What is behind the console, drawn or in lines: the worker of the embedded default, whoever carries out what `update`
//! asks for, and all that ends a sitting from outside.

use std::{io, net::SocketAddr, time::Duration};

use jointforce_shared::{
    commands::House,
    config::Places,
    domain::{
        operator::Operator,
        refused::Refused,
        sitting::{Seat, Sitting},
    },
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::{
        mpsc::{UnboundedReceiver, unbounded_channel},
        watch,
    },
    task::JoinHandle,
    time::timeout,
};

use crate::{
    embedded,
    model::{Lease, Model},
    msg::{Cmd, Msg},
    pass::Pass,
    perform::Performer,
    terminal,
    update::sits,
};

/// How long leaving may take: leases that could not be given back end by themselves.
const LEAVING: Duration = Duration::from_secs(2);
/// How long the worker in this process may take to finish what it holds.
const FINISHING: Duration = Duration::from_secs(5);

/// Everything behind one sitting.
pub struct Backstage {
    performer: Performer,
    answers: UnboundedReceiver<Msg>,
    worker: Option<JoinHandle<()>>,
    stop: watch::Sender<bool>,
    dismissed: watch::Receiver<Option<Refused>>,
    signals: [Signal; 3],
}

impl Backstage {
    /// Starts it for this person. Brands' webhooks may lead to `receiver`: the demo's.
    ///
    /// # Errors
    /// When signals can't be waited for.
    pub fn open(
        house: &House,
        places: &Places,
        me: &Operator,
        pass: &Pass,
        receiver: Option<SocketAddr>,
    ) -> io::Result<Self> {
        let (terminate, hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
        let signals = [terminate, hangup, signal(SignalKind::interrupt())?];
        let (inbox, answers) = unbounded_channel();
        let (stop, stopped) = watch::channel(false);
        Ok(Self {
            worker: embedded::start(house.clone(), places, receiver, stopped, inbox.clone()),
            performer: Performer::start(house.clone(), pass.actor(me), inbox),
            answers,
            stop,
            dismissed: pass.watch(house.clone()),
            signals,
        })
    }

    /// Begins what was asked for; its answer comes in time.
    pub fn begin(&self, cmd: Cmd) {
        self.performer.begin(cmd);
    }

    /// The next answer; `None` when the sitting is ended from outside: by a signal, or because they may not sit here any
    /// more. Nothing is lost when this is dropped before it comes.
    pub async fn next(&mut self) -> Option<Msg> {
        let [terminate, hangup, interrupt] = &mut self.signals;
        tokio::select! {
            Some(answer) = self.answers.recv() => Some(answer),
            Ok(()) = self.dismissed.changed() => None,
            _ = terminate.recv() => None,
            _ = hangup.recv() => None,
            _ = interrupt.recv() => None,
        }
    }

    /// An answer that is here already.
    pub fn waiting(&mut self) -> Option<Msg> {
        self.answers.try_recv().ok()
    }

    /// Leaves: what is on its way is written, leases are given back, the worker finishes what it holds.
    ///
    /// # Errors
    /// Says so if the console met a bug, if decisions may not have been written, or why they may not sit here any more.
    pub async fn close(self, model: &Model) -> anyhow::Result<()> {
        if model.by_hand {
            self.performer.rise();
        } else if model.sat.is_some() {
            self.begin(Cmd::Sit(Box::new(Sitting { seat: Seat::Gone, ..sits(model) })));
        }
        let lost = self.leave(model).await;
        let _ = self.stop.send(true);
        if let Some(worker) = self.worker {
            let _ = timeout(FINISHING, worker).await;
        }
        anyhow::ensure!(!terminal::panicked(), "it met a bug and ended; decisions that were confirmed stand");
        if lost {
            let why = "the database did not answer, so the last decisions may not have been written";
            return Err(Refused::one("decisions", why, "Open the console again and look.").into());
        }
        match self.dismissed.borrow().clone() {
            Some(refused) => Err(refused.into()),
            None => Ok(()),
        }
    }

    /// Gives the lease back behind whatever is on its way. Whether something could not be written in time.
    async fn leave(&self, model: &Model) -> bool {
        if let Some(open) = model.open.as_ref().filter(|open| matches!(open.lease, Lease::Ours | Lease::Asked)) {
            self.begin(Cmd::Release(open.case));
        }
        let written = timeout(LEAVING, self.performer.flush()).await.is_ok();
        !written && model.sent.values().any(|sent| sent.failed.is_none())
    }
}
