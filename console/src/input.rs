//! What comes from the terminal, read on a thread of its own, in the bursts in which it came.
//!
//! The bytes are parsed as they come, by an incremental parser: a key or a paste that the network cut in two is still
//! one. crossterm's own reader takes the halves for keys (#993).

use std::{
    fs::File,
    io::{self, Read as _},
    os::fd::AsFd as _,
};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use termina::{
    Event, Parser,
    event::{KeyEvent, KeyEventKind},
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{keys, msg::Msg};

/// So many different printable keys in one read are no person's typing.
const PASTE: usize = 6;
/// Keys in such a read that are pressed all the same: they take words back, and do nothing else.
const TAKE_BACK: [&str; 3] = ["Esc", "Backspace", "C-u"];
/// The rest of a key that was cut comes within this, in milliseconds; then an Escape was an Escape.
const SPLIT: u16 = 50;
/// What the terminal answers to a status report: everything sent before the question was shown.
const SHOWN: &[u8] = b"\x1b[0n";

/// What was read.
#[derive(Debug)]
pub enum Read {
    /// Keys and pastes of one burst.
    Burst(Vec<Msg>),
    /// The terminal has shown a frame.
    Shown,
}

/// Starts to read. The channel ends when the terminal is gone.
pub fn start() -> UnboundedReceiver<Read> {
    let (reads, received) = unbounded_channel();
    // The thread ends with the process.
    std::thread::spawn(move || {
        let _ = read_all(&reads);
    });
    received
}

fn read_all(reads: &UnboundedSender<Read>) -> io::Result<()> {
    let mut terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut bytes = vec![0; 64 * 1024];
    let mut reader = Reader::default();
    loop {
        let many = match terminal.read(&mut bytes) {
            Ok(0) => return Ok(()),
            Ok(many) => many,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let mut read = reader.feed(bytes.get(..many).unwrap_or_default());
        if reader.waits && !more_comes(&terminal)? {
            read.extend(reader.settle());
        }
        for read in read {
            if reads.send(read).is_err() {
                return Ok(());
            }
        }
    }
}

fn more_comes(terminal: &File) -> io::Result<bool> {
    let mut fds = [PollFd::new(terminal.as_fd(), PollFlags::POLLIN)];
    Ok(poll(&mut fds, PollTimeout::from(SPLIT))? > 0)
}

/// Bytes into bursts.
#[derive(Default)]
struct Reader {
    parser: Parser,
    /// Bytes of the answer to a status report that came so far.
    shown: usize,
    /// Whether the last byte that the parser got was an Escape.
    escape: bool,
    /// Whether an Escape came and nothing after it.
    waits: bool,
}

impl Reader {
    fn feed(&mut self, bytes: &[u8]) -> Vec<Read> {
        let (mut frames, mut keys) = (0, vec![]);
        for byte in bytes {
            if SHOWN.get(self.shown) == Some(byte) {
                self.shown += 1;
                if self.shown == SHOWN.len() {
                    self.shown = 0;
                    frames += 1;
                    // An answer never comes in the middle of a key: an Escape before it was the key, and not the beginning of
                    // one. The parser would take both for Alt with a bracket, and the end of the answer for `0` and `n`.
                    self.parse(&std::mem::take(&mut keys));
                    if self.escape {
                        self.escape = false;
                        self.parser.parse(b"", false);
                    }
                }
            } else {
                keys.extend(SHOWN.iter().take(self.shown));
                self.shown = usize::from(SHOWN.first() == Some(byte));
                if self.shown == 0 {
                    keys.push(*byte);
                }
            }
        }
        self.parse(&keys);
        self.waits = self.shown == 1 || (self.shown == 0 && self.escape);
        let mut read: Vec<Read> = (0..frames).map(|_| Read::Shown).collect();
        read.extend(self.burst());
        read
    }

    fn parse(&mut self, keys: &[u8]) {
        if let Some(last) = keys.last() {
            self.parser.parse(keys, true);
            self.escape = *last == 0x1b;
        }
    }

    /// Nothing more came: a lone Escape is the key.
    fn settle(&mut self) -> Option<Read> {
        let held: Vec<u8> = SHOWN.iter().take(std::mem::take(&mut self.shown)).copied().collect();
        self.parse(&held);
        (self.escape, self.waits) = (false, false);
        self.parser.parse(b"", false);
        self.burst()
    }

    fn burst(&mut self) -> Option<Read> {
        let mut events = vec![];
        while let Some(event) = self.parser.pop() {
            events.push(event);
        }
        let msgs = meaning(events);
        (!msgs.is_empty()).then_some(Read::Burst(msgs))
    }
}

/// What one burst means.
fn meaning(burst: Vec<Event>) -> Vec<Msg> {
    let pressed = |key: &KeyEvent| key.kind != KeyEventKind::Release;
    let msgs: Vec<_> = burst
        .into_iter()
        .filter_map(|event| match event {
            Event::Key(key) if pressed(&key) => keys::name(key).map(Msg::Key),
            Event::Paste(text) => Some(Msg::Paste(text)),
            _ => None,
        })
        .collect();
    let typed: Vec<_> =
        msgs.iter().filter_map(|msg| if let Msg::Key(name) = msg { keys::typed(name) } else { None }).collect();
    // The same key over and over is one that is held, or kept by a slow link.
    if typed.len() >= PASTE && typed.iter().any(|key| *key != typed[0]) { as_paste(msgs) } else { msgs }
}

/// Its letters are text and press nothing, nor does an Enter among them.
fn as_paste(msgs: Vec<Msg>) -> Vec<Msg> {
    let mut meant = vec![];
    for msg in msgs {
        let text = match msg {
            Msg::Key(name) if TAKE_BACK.contains(&name.as_str()) => {
                meant.push(Msg::Key(name));
                continue;
            }
            Msg::Key(name) => keys::typed(&name).unwrap_or_default().to_owned(),
            Msg::Paste(text) => text,
            _ => continue,
        };
        match meant.last_mut() {
            Some(Msg::Paste(before)) => before.push_str(&text),
            _ if text.is_empty() => {}
            _ => meant.push(Msg::Paste(text)),
        }
    }
    meant
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a stream means, in short, however it is cut: `j Down <paste> Esc`.
    fn read(pieces: &[&[u8]]) -> Vec<String> {
        let mut reader = Reader::default();
        let mut read: Vec<Read> = pieces.iter().flat_map(|piece| reader.feed(piece)).collect();
        read.extend(reader.settle());
        let words = read.into_iter().flat_map(|read| match read {
            Read::Shown => vec!["shown".to_owned()],
            Read::Burst(msgs) => msgs
                .into_iter()
                .map(|msg| match msg {
                    Msg::Key(name) => name,
                    Msg::Paste(text) => format!("<{text}>"),
                    other => panic!("{other:?}"),
                })
                .collect(),
        });
        words.collect()
    }

    #[test]
    fn what_nobody_types_so_fast_is_a_paste() {
        assert_eq!(read(&[b"r1r1r1"]), ["<r1r1r1>"]);
        assert_eq!(read(&[b"r1jr1"]).len(), 5);
        assert_eq!(read(&[b"jjjjjjjjjj"]).len(), 10);
        assert_eq!(read(&[b"r1\rr1x1\r"]), ["<r1r1x1>"]);
    }

    #[test]
    fn words_typed_ahead_can_be_taken_back_in_the_same_read() {
        assert_eq!(read(&[b"brand:\x15nike\x1b"]), ["<brand:>", "C-u", "<nike>", "Esc"]);
        assert_eq!(read(&[b"\x1b[200~r1\x1b[201~abcdef"]), ["<r1abcdef>"]);
    }

    #[test]
    fn an_escape_that_nothing_follows_is_a_key() {
        assert_eq!(read(&[b"\x1b"]), ["Esc"]);
        assert_eq!(read(&[b"\x1b", b"[A"]), ["Up"]);
    }

    #[test]
    fn an_answer_right_after_an_escape_presses_nothing() {
        assert_eq!(read(&[b"\x1b\x1b[0n"]), ["shown", "Esc"]);
        assert_eq!(read(&[b"\x1b", b"\x1b[0", b"nd"]), ["shown", "Esc", "d"]);
        assert_eq!(read(&[b"\x1b[0n\x1b[0nj"]), ["shown", "shown", "j"]);
    }

    const STREAM: &[u8] = b"j\x1b[A\x1b[200~r1\x1b[31mr1\x1b[201~\x1b[0n\x1b[5~\xc3\xa9\x1b\x1b[0n\x1bOBq";

    proptest! {
        #[test]
        fn wherever_the_network_cuts_it_a_key_is_a_key_and_a_paste_a_paste(
            cuts in prop::collection::btree_set(1..STREAM.len(), 0..8),
        ) {
            let mut pieces = vec![];
            let mut from = 0;
            for cut in cuts.into_iter().chain([STREAM.len()]) {
                pieces.push(&STREAM[from..cut]);
                from = cut;
            }
            let mut words = read(&pieces);
            words.retain(|word| word != "shown");
            prop_assert_eq!(words, ["j", "Up", "<r1\u{1b}[31mr1>", "PgUp", "é", "Esc", "Down", "q"]);
        }

        #[test]
        fn no_bytes_make_it_panic_or_press_a_key_out_of_nothing(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            read(&[&bytes]);
        }
    }
}
