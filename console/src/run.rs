//! The loop: keys and answers in, commands and frames out. It sleeps until something happens or a deadline is here.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    config::Places,
    domain::{
        operator::Operator,
        refused::Refused,
        sitting::{Seat, Sitting},
    },
};
use ratatui::buffer::Buffer;
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc::unbounded_channel, watch},
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::{
    embedded,
    input::{self, Read},
    model::{Lease, Model, own::Own},
    msg::{Cmd, Msg},
    pace::Pace,
    pass::Pass,
    perform::Performer,
    terminal::{self, Screen},
    update::{sits, update},
    view::{to_ascii, view},
};

/// How long leaving may take: leases that could not be given back end by themselves.
const LEAVING: Duration = Duration::from_secs(2);
/// How long the worker in this process may take to finish what it holds.
const FINISHING: Duration = Duration::from_secs(5);

/// Opens the console and stays until the person, or a signal, ends it. Brands' webhooks may lead to `receiver`: the demo's.
/// `own` is their look and their keys.
///
/// # Errors
/// What the terminal says.
pub async fn run(
    house: House,
    places: &Places,
    me: Operator,
    pass: Pass,
    receiver: Option<SocketAddr>,
    own: Own,
) -> anyhow::Result<()> {
    let actor = pass.actor(&me);
    let (inbox, mut answers) = unbounded_channel();
    let (stop, stopped) = watch::channel(false);
    let (mut terminate, mut hangup) = (signal(SignalKind::terminate())?, signal(SignalKind::hangup())?);
    let mut interrupt = signal(SignalKind::interrupt())?;
    // Not crossterm's own event of it: that one is lost when a key comes in the same moment, and the next frame would
    // still be cut to the old size.
    let mut resized = signal(SignalKind::window_change())?;

    let mut screen = Screen::take()?;
    let worker = embedded::start(house.clone(), places, receiver, stopped, inbox.clone());
    let performer = Performer::start(house.clone(), actor.clone(), inbox);
    let (mut model, first) = Model::new(me, house.policy.clone(), house.clock.now(), Screen::size());
    first.into_iter().for_each(|cmd| performer.begin(cmd));
    let mut typed = input::start();
    let mut pace = Pace::default();
    let mut dismissed = pass.watch(house.clone());

    model.own = own;

    let ended = loop {
        let paced = pace.wait(Instant::now());
        if paced.is_none() {
            let shown = model.shown();
            let look = model.own.look();
            let draw = |buf: &mut Buffer| {
                view(&model, &look.theme, buf);
                if look.ascii {
                    to_ascii(buf);
                }
            };
            let seen = match screen.draw(model.size, draw) {
                Ok(true) => pace.written(Instant::now(), shown),
                // It is on the screen already, or on its way there.
                Ok(false) => pace.is_idle().then_some(shown),
                Err(error) => break Err(error),
            };
            model.now = house.clock.now();
            if let Some(shown) = seen {
                update(&mut model, Msg::Drawn(shown));
            }
        }

        let wait = Duration::from_micros(u64::try_from(model.deadline().since(model.now)).unwrap_or(0));
        let mut msgs = vec![];
        tokio::select! {
            read = typed.recv() => match read {
                Some(Read::Burst(burst)) => msgs = burst,
                Some(Read::Shown) => {
                    if let Some((shown, lag)) = pace.answered(Instant::now()) {
                        msgs.extend([Msg::Drawn(shown), Msg::Lag(lag)]);
                    }
                }
                // The terminal is gone.
                None => break Ok(()),
            },
            () = sleep(paced.unwrap_or_default()), if paced.is_some() => {}
            Some(answer) = answers.recv() => msgs.push(answer),
            () = sleep(wait) => msgs.push(Msg::Tick),
            _ = resized.recv() => {
                // A window that went and came back has its old size and not what stood in it.
                screen.forget();
                let (width, height) = Screen::size();
                msgs.push(Msg::Resize(width, height));
            }
            Ok(()) = dismissed.changed() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
            _ = hangup.recv() => break Ok(()),
            _ = interrupt.recv() => break Ok(()),
        }
        while let Ok(answer) = answers.try_recv() {
            msgs.push(answer);
        }
        if terminal::panicked() {
            break Ok(());
        }
        let mut quit = false;
        for msg in msgs {
            model.now = house.clock.now();
            for cmd in update(&mut model, msg) {
                match cmd {
                    Cmd::Quit => quit = true,
                    Cmd::Redraw => screen.forget(),
                    cmd => performer.begin(cmd),
                }
            }
        }
        if quit {
            break Ok(());
        }
    };

    drop(screen);
    end(&performer, &model, worker, &stop).await?;
    if let Some(refused) = dismissed.borrow().clone() {
        return Err(refused.into());
    }
    Ok(ended?)
}

/// Leaves: what is on its way is written, leases are given back, the worker finishes what it holds.
///
/// # Errors
/// Says so if the console met a bug, or decisions may not have been written.
pub async fn end(
    performer: &Performer,
    model: &Model,
    worker: Option<JoinHandle<()>>,
    stop: &watch::Sender<bool>,
) -> anyhow::Result<()> {
    if model.by_hand {
        performer.rise();
    } else if model.sat.is_some() {
        performer.begin(Cmd::Sit(Box::new(Sitting { seat: Seat::Gone, ..sits(model) })));
    }
    let lost = leave(performer, model).await;
    let _ = stop.send(true);
    if let Some(worker) = worker {
        let _ = timeout(FINISHING, worker).await;
    }
    anyhow::ensure!(!terminal::panicked(), "it met a bug and ended; decisions that were confirmed stand");
    if lost {
        let why = "the database did not answer, so the last decisions may not have been written";
        return Err(Refused::one("decisions", why, "Open the console again and look.").into());
    }
    Ok(())
}

/// Gives the lease back behind whatever is on its way. Whether something could not be written in time.
async fn leave(performer: &Performer, model: &Model) -> bool {
    if let Some(open) = model.open.as_ref().filter(|open| matches!(open.lease, Lease::Ours | Lease::Asked)) {
        performer.begin(Cmd::Release(open.case));
    }
    let written = timeout(LEAVING, performer.flush()).await.is_ok();
    !written && model.sent.values().any(|sent| sent.failed.is_none())
}
