//! The terminal: taken over, drawn on with one write a frame, and given back whatever happens.

use std::{
    fs::File,
    io::{self, IsTerminal as _, Write as _},
    os::fd::AsFd as _,
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    cursor, event, execute,
    terminal::{self, ClearType},
};
use ratatui::{buffer::Buffer, layout::Rect};

use crate::{lean::Pen, pace};

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether a panic gave it back.
static PANICKED: AtomicBool = AtomicBool::new(false);

/// Around a frame, so that a terminal which knows it shows all of the frame or nothing.
const BEGIN: &str = "\x1b[?2026h";
const END: &str = "\x1b[?2026l";

/// The screen.
pub struct Screen {
    terminal: File,
    pen: Pen,
    shown: Buffer,
}

/// Whether there is a terminal to draw on and to read keys from.
pub fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// Whether some thread panicked since the terminal was taken.
pub fn panicked() -> bool {
    PANICKED.load(Ordering::SeqCst)
}

impl Screen {
    /// Takes the terminal over: raw mode, the other screen, no cursor, bracketed paste. A panic gives it back before
    /// it is printed.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn take() -> io::Result<Self> {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            PANICKED.store(true, Ordering::SeqCst);
            give_back();
            before(info);
        }));
        // What crossterm does for NO_COLOR wipes bold and reverse; our theme without colours does it right.
        crossterm::style::force_color_output(true);
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(
            io::stdout(),
            terminal::EnterAlternateScreen,
            event::EnableBracketedPaste,
            cursor::Hide,
            terminal::Clear(ClearType::All)
        )?;
        let terminal = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { terminal, pen: Pen::default(), shown: Buffer::empty(Rect::default()) })
    }

    /// Columns and rows.
    pub fn size() -> (u16, u16) {
        // A terminal that doesn't tell its size (some serial lines) is taken for the smallest usual one.
        terminal::size().ok().filter(|(width, height)| *width > 0 && *height > 0).unwrap_or((80, 24))
    }

    /// Draws what `view` puts into a blank buffer; writes only what differs from what is shown, and nothing at all if
    /// nothing does: then it gives `false`.
    ///
    /// # Errors
    /// What the terminal says.
    pub fn draw(&mut self, (width, height): (u16, u16), view: impl FnOnce(&mut Buffer)) -> io::Result<bool> {
        let area = Rect::new(0, 0, width, height);
        let mut next = Buffer::empty(area);
        view(&mut next);
        let mut frame = String::new();
        if self.shown.area != area {
            frame.push_str(self.pen.clear());
            self.shown = Buffer::empty(area);
        }
        frame.push_str(&self.pen.draw(&self.shown, &next));
        self.shown = next;
        if frame.is_empty() {
            return Ok(false);
        }
        self.terminal.write_all(format!("{BEGIN}{frame}{END}{}", pace::ASK).as_bytes())?;
        Ok(true)
    }

    /// Forgets what is shown, so that the next frame draws everything.
    pub fn forget(&mut self) {
        self.shown = Buffer::empty(Rect::default());
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

/// Gives the terminal back, once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // After a hangup there is nobody left to write to.
        let _ = execute!(
            io::stdout(),
            terminal::EndSynchronizedUpdate,
            event::DisableBracketedPaste,
            terminal::LeaveAlternateScreen,
            cursor::Show
        );
        let _ = terminal::disable_raw_mode();
    }
}

#[cfg(test)]
mod tests {
    use std::os::{fd::OwnedFd, unix::net::UnixDatagram};

    use super::*;

    #[test]
    fn a_frame_is_one_write_and_a_frame_without_news_is_none() {
        // What is written at once comes out as one message.
        let (ours, theirs) = UnixDatagram::pair().unwrap();
        theirs.set_nonblocking(true).unwrap();
        let terminal = File::from(OwnedFd::from(ours));
        let mut screen = Screen { terminal, pen: Pen::default(), shown: Buffer::empty(Rect::default()) };
        let mut frame = vec![0; 100_000];
        for text in ["0123456789".repeat(1200), "0123456789".repeat(1199)] {
            let mut draw = || {
                screen.draw((200, 60), |buf| {
                    for (cell, symbol) in buf.content.iter_mut().zip(text.chars()) {
                        cell.set_char(symbol);
                    }
                })
            };
            assert!(draw().unwrap());
            let size = theirs.recv(&mut frame).unwrap();
            let end = format!("{END}{}", pace::ASK);
            assert!(frame.starts_with(BEGIN.as_bytes()) && frame[..size].ends_with(end.as_bytes()));
            assert!(!draw().unwrap());
            assert_eq!(theirs.recv(&mut frame).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        }
    }
}
