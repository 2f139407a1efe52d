//! What comes from the terminal, read on a thread of its own, in the bursts in which it came.

use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::{keys, msg::Msg};

/// So many different printable keys in one read are no person's typing.
const PASTE: usize = 6;
/// A network may split the bytes of one key; so long after an Escape its rest may come.
const SPLIT: Duration = Duration::from_millis(40);

/// Starts to read. The channel ends when the terminal is gone.
///
/// A thread and not crossterm's stream: that one forgets who waits for it once it was polled in passing, as draining
/// a burst does. The thread ends with the process.
pub fn start() -> UnboundedReceiver<Vec<Msg>> {
    let (bursts, received) = unbounded_channel();
    std::thread::spawn(move || {
        while let Ok(burst) = burst() {
            let msgs = meaning(burst);
            if !msgs.is_empty() && bursts.send(msgs).is_err() {
                return;
            }
        }
    });
    received
}

fn burst() -> std::io::Result<Vec<Event>> {
    let mut burst = vec![event::read()?];
    loop {
        let after_escape = matches!(burst.last(), Some(Event::Key(key)) if key.code == KeyCode::Esc);
        if !event::poll(if after_escape { SPLIT } else { Duration::ZERO })? {
            return Ok(burst);
        }
        burst.push(event::read()?);
        if let [.., Event::Key(escape), Event::Key(bracket), Event::Key(last)] = burst.as_slice()
            && escape.code == KeyCode::Esc
            && matches!(bracket.code, KeyCode::Char('[' | 'O'))
            && let Some(code) = split(last.code)
        {
            burst.truncate(burst.len() - 3);
            burst.push(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }
}

/// The key whose bytes came as Escape, `[` and this one. crossterm 0.29 takes the three for three keys (#993).
const fn split(last: KeyCode) -> Option<KeyCode> {
    match last {
        KeyCode::Char('A') => Some(KeyCode::Up),
        KeyCode::Char('B') => Some(KeyCode::Down),
        KeyCode::Char('C') => Some(KeyCode::Right),
        KeyCode::Char('D') => Some(KeyCode::Left),
        KeyCode::Char('H') => Some(KeyCode::Home),
        KeyCode::Char('F') => Some(KeyCode::End),
        _ => None,
    }
}

/// What one burst means.
fn meaning(burst: Vec<Event>) -> Vec<Msg> {
    let msgs: Vec<_> = burst
        .into_iter()
        .filter_map(|event| match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => keys::name(key).map(Msg::Key),
            Event::Paste(text) => Some(Msg::Paste(text)),
            _ => None,
        })
        .collect();
    let typed: Vec<_> =
        msgs.iter().filter_map(|msg| if let Msg::Key(name) = msg { keys::typed(name) } else { None }).collect();
    // The same key over and over is one that is held, or kept by a slow link.
    if typed.len() >= PASTE && typed.iter().any(|key| *key != typed[0]) {
        return vec![Msg::Paste(typed.concat())];
    }
    msgs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<Event> {
        text.chars().map(|c| Event::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))).collect()
    }

    #[test]
    fn what_nobody_types_so_fast_is_a_paste() {
        assert!(matches!(meaning(keys("r1r1r1")).as_slice(), [Msg::Paste(text)] if text == "r1r1r1"));
        assert_eq!(meaning(keys("r1jr1")).len(), 5);
        assert_eq!(meaning(keys("jjjjjjjjjj")).len(), 10);
    }
}
