//! The loop: keys and answers in, commands and frames out. It sleeps until something happens or a deadline is here.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use jointforce_shared::{commands::House, config::Places, domain::operator::Operator};
use ratatui::buffer::Buffer;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::sleep,
};

use crate::{
    backstage::Backstage,
    input::{self, Read},
    model::{Model, own::Own},
    msg::{Cmd, Msg},
    pace::Pace,
    pass::Pass,
    terminal::{self, Screen},
    update::update,
    view::{to_ascii, view},
};

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
    let mut stage = Backstage::open(&house, places, &me, &pass, receiver)?;
    // Not crossterm's own event of it: that one is lost when a key comes in the same moment, and the next frame would
    // still be cut to the old size.
    let mut resized = signal(SignalKind::window_change())?;

    let mut screen = Screen::take()?;
    let (mut model, first) = Model::new(me, house.policy.clone(), house.clock.now(), Screen::size());
    first.into_iter().for_each(|cmd| stage.begin(cmd));
    let mut typed = input::start();
    let mut pace = Pace::default();

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
            answer = stage.next() => match answer {
                Some(answer) => msgs.push(answer),
                None => break Ok(()),
            },
            () = sleep(wait) => msgs.push(Msg::Tick),
            _ = resized.recv() => {
                // A window that went and came back has its old size and not what stood in it.
                screen.forget();
                let (width, height) = Screen::size();
                msgs.push(Msg::Resize(width, height));
            }
        }
        msgs.extend(std::iter::from_fn(|| stage.waiting()));
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
                    cmd => stage.begin(cmd),
                }
            }
        }
        if quit {
            break Ok(());
        }
    };

    drop(screen);
    stage.close(&model).await?;
    Ok(ended?)
}
