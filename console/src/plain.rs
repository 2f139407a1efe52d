//! The console as lines of text: one case at a time with numbered choices, for screen readers and for terminals that can
//! only print. The same model, the same `update`, the same commands; no colours, no boxes, no cursor that moves.

mod choices;
pub mod desk;
mod lists;
#[cfg(test)]
mod tests;
mod typed;

use std::{
    io::{self, BufRead as _, Read as _, Write as _},
    net::SocketAddr,
    time::{Duration, Instant},
};

use jointforce_shared::{
    commands::House,
    config::Places,
    domain::{operator::Operator, safe_text},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::sleep,
};

use self::desk::Desk;
use crate::{backstage::Backstage, msg::Cmd, msg::Msg, pass::Pass};

/// Bytes of a line that are read; a longer one is no person's.
const LINE_MAX: u64 = 16 * 1024;

/// A line that somebody typed, and when it was finished.
type Typed = (Instant, String);

/// Opens the console in lines and stays until the person, a signal, or the end of the input ends it. With `ascii` nothing
/// else is printed. Brands' webhooks may lead to `receiver`: the demo's.
///
/// # Errors
/// What the database or the terminal says.
pub async fn run(
    house: House,
    places: &Places,
    me: Operator,
    pass: Pass,
    receiver: Option<SocketAddr>,
    ascii: bool,
) -> anyhow::Result<()> {
    let mut stage = Backstage::open(&house, places, &me, &pass, receiver)?;
    let (mut desk, first) = Desk::new(me, house.policy.clone(), house.clock.now());
    first.into_iter().for_each(|cmd| stage.begin(cmd));
    let mut typed = keyboard();
    let mut printed = Instant::now();

    let ended = 'console: loop {
        let (lines, cmds) = desk.look();
        cmds.into_iter().for_each(|cmd| stage.begin(cmd));
        if !lines.is_empty() {
            if let Err(error) = print(&lines, ascii) {
                break Err(error);
            }
            printed = Instant::now();
        }
        let wait = desk.model.deadline().since(desk.model.now);
        let msgs = tokio::select! {
            line = typed.recv() => match line {
                // What was typed before the question was there can't be its answer.
                Some((at, _)) if at < printed => {
                    desk.ignored();
                    vec![]
                }
                Some((_, line)) => desk.typed(&line),
                None => break Ok(()),
            },
            answer = stage.next() => match answer {
                Some(answer) => vec![answer],
                None => break Ok(()),
            },
            () = sleep(Duration::from_micros(u64::try_from(wait).unwrap_or(0))) => vec![Msg::Tick],
        };
        for msg in msgs {
            for cmd in desk.handle(msg, house.clock.now()) {
                match cmd {
                    Cmd::Quit => break 'console Ok(()),
                    Cmd::Redraw => {}
                    cmd => stage.begin(cmd),
                }
            }
        }
    };
    stage.close(&desk.model).await?;
    Ok(ended?)
}

/// Lines from the keyboard, read on a thread of their own, which ends with the process.
fn keyboard() -> UnboundedReceiver<Typed> {
    let (lines, received) = unbounded_channel();
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            let mut line = vec![];
            match io::Read::by_ref(&mut input).take(LINE_MAX).read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let line = String::from_utf8_lossy(&line).trim().to_owned();
            if lines.send((Instant::now(), line)).is_err() {
                return;
            }
        }
    });
    received
}

fn print(lines: &[String], ascii: bool) -> io::Result<()> {
    let mut text = lines.join("\n");
    text.push('\n');
    if ascii {
        text = safe_text::to_ascii(&text);
    }
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}
