//! A program in a real terminal: keys go in, and the screen is read back as a person sees it.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{LocalFlags, tcgetattr};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};

/// What a terminal does besides showing: it answers the questions that programs ask it, unless there is nobody to tell.
struct Answers(Option<Arc<Mutex<Box<dyn Write + Send>>>>);

impl vt100::Callbacks for Answers {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        private: Option<u8>,
        _: Option<u8>,
        params: &[&[u16]],
        end: char,
    ) {
        let answer = match (private, params, end) {
            (None, [] | [[0]], 'c') => "\x1b[?62;22c".to_owned(),
            (None, [[5]], 'n') => "\x1b[0n".to_owned(),
            (None, [[6]], 'n') => {
                let (row, column) = screen.cursor_position();
                format!("\x1b[{};{}R", row + 1, column + 1)
            }
            _ => return,
        };
        if let Some(keyboard) = &self.0 {
            let _ = keyboard.lock().unwrap().write_all(answer.as_bytes());
        }
    }
}

struct Shown {
    parser: vt100::Parser<Answers>,
    raw: Vec<u8>,
    /// When the last bytes came.
    at: Instant,
}

/// A terminal with a program in it. Dropped, the program is killed.
pub struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Arc<Mutex<Box<dyn Write + Send>>>,
    child: Box<dyn Child + Send + Sync>,
    shown: Arc<Mutex<Shown>>,
    /// Ends when nobody has the terminal open any more and all that was written is on the screen.
    reader: JoinHandle<()>,
}

impl Terminal {
    /// Opens a terminal of that size (`TERM=xterm-256color`) and starts `command` in it.
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        Self::open(command, columns, rows, true)
    }

    /// As [`Self::start`], a terminal that answers no question at all.
    pub fn silent(command: &Command, columns: u16, rows: u16) -> Self {
        Self::open(command, columns, rows, false)
    }

    fn open(command: &Command, columns: u16, rows: u16, answers: bool) -> Self {
        let pty = native_pty_system().openpty(size(columns, rows)).expect("a pseudoterminal");
        let child = pty.slave.spawn_command(builder(command)).unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let keyboard = Arc::new(Mutex::new(pty.master.take_writer().expect("the only writer")));
        let parser = vt100::Parser::new_with_callbacks(rows, columns, 0, Answers(answers.then(|| keyboard.clone())));
        let shown = Arc::new(Mutex::new(Shown { parser, raw: Vec::new(), at: Instant::now() }));

        let mut output = pty.master.try_clone_reader().expect("a reader");
        let screen = shown.clone();
        let reader = std::thread::spawn(move || {
            let mut bytes = [0; 65536];
            while let Ok(read @ 1..) = output.read(&mut bytes) {
                let mut shown = screen.lock().unwrap();
                shown.raw.extend_from_slice(&bytes[..read]);
                shown.parser.process(&bytes[..read]);
                shown.at = Instant::now();
            }
        });
        Self { master: pty.master, keyboard, child, shown, reader }
    }

    /// Types `keys`: text as it is, other keys by name in angle brackets, as in `r1<Enter>`, `<Down><Down>`, `<C-c>`.
    ///
    /// `<Esc>` must come last: a terminal sends Escape and then `x` with the same bytes as Alt+x, so wait for what
    /// Escape did before typing on.
    pub fn send_keys(&mut self, keys: &str) {
        self.write(&bytes_of(keys));
    }

    /// Pastes `text`, bracketed where the program has asked for that.
    pub fn paste(&mut self, text: &str) {
        let bracketed = self.shown().parser.screen().bracketed_paste();
        let text = if bracketed { format!("\x1b[200~{text}\x1b[201~") } else { text.to_owned() };
        self.write(text.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        let mut keyboard = self.keyboard.lock().unwrap();
        keyboard.write_all(bytes).and_then(|()| keyboard.flush()).expect("the terminal takes keys");
    }

    /// Changes the window's size; the program gets SIGWINCH.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        // vt100 0.16 can't wrap a line where there is one row, nor a wide glyph where there is one column.
        self.shown().parser.screen_mut().set_size(rows.max(2), columns.max(2));
        self.master.resize(size(columns, rows)).expect("a new size");
    }

    /// Every row of the screen as a person sees it: glyphs with their looks; of a blank only what shows of it.
    pub fn rows(&self) -> Vec<String> {
        let seen = |cell: &vt100::Cell| {
            let (ground, line) = ((cell.bgcolor(), cell.inverse()), cell.underline());
            match cell.contents().trim() {
                "" => format!(" {ground:?}{line}"),
                glyph => {
                    format!(
                        "{glyph} {ground:?}{line}{:?}{}{}{}",
                        cell.fgcolor(),
                        cell.bold(),
                        cell.dim(),
                        cell.italic()
                    )
                }
            }
        };
        self.look(|screen| {
            let (rows, columns) = screen.size();
            let row = |y| (0..columns).filter_map(|x| screen.cell(y, x)).map(seen).collect();
            (0..rows).map(row).collect()
        })
    }

    /// The text on the screen, one line a row, without trailing blanks.
    pub fn contents(&self) -> String {
        self.shown().parser.screen().contents()
    }

    /// Looks at the screen: cells with their colours, cursor, modes.
    pub fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shown().parser.screen())
    }

    /// Every byte that the program has written.
    pub fn raw(&self) -> Vec<u8> {
        self.shown().raw.clone()
    }

    /// When the program has written last.
    pub fn written_at(&self) -> Instant {
        self.shown().at
    }

    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.shown.lock().unwrap()
    }

    /// Waits until `condition` holds on the screen; panics with the screen when it doesn't within `limit`.
    pub async fn wait_for(&self, what: &str, condition: impl Fn(&vt100::Screen) -> bool, limit: Duration) {
        let started = Instant::now();
        while !self.look(&condition) {
            assert!(started.elapsed() < limit, "waited {limit:?} in vain for: {what}\n{}", self.framed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until `text` stands on the screen, within one row.
    pub async fn wait_for_text(&self, text: &str, limit: Duration) {
        self.wait_for(&format!("{text:?} on the screen"), |screen| screen.contents().contains(text), limit).await;
    }

    /// Waits until the program ends and what it wrote last is on the screen; panics with the screen when it doesn't end
    /// within `limit`.
    pub async fn wait_for_end(&mut self, limit: Duration) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("it is ours to wait for") {
                // Whoever it left behind may keep the terminal open.
                while !self.reader.is_finished() && started.elapsed() < limit {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                return status;
            }
            assert!(started.elapsed() < limit, "still running after {limit:?}\n{}", self.framed());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.process_id().expect("a process id")
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        let id = self.id().try_into().expect("a process id");
        kill(Pid::from_raw(id), signal).expect("it is running");
    }

    /// Whether the terminal is as a shell expects it: lines edited and echoed by the kernel, no alternate screen, the
    /// cursor shown, no bracketed paste, no mouse. For after the program's end, however it came.
    pub fn is_restored(&self) -> bool {
        let tty = std::fs::File::open(self.master.tty_name().expect("a name")).expect("the terminal");
        let cooked = LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG;
        tcgetattr(&tty).expect("the terminal's settings").local_flags.contains(cooked)
            && self.look(|screen| {
                !screen.alternate_screen()
                    && !screen.hide_cursor()
                    && !screen.bracketed_paste()
                    && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
            })
    }

    fn framed(&self) -> String {
        let (_, columns) = self.look(vt100::Screen::size);
        let edge = "-".repeat(columns.into());
        format!("{edge}\n{}\n{edge}", self.contents())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

fn builder(command: &Command) -> CommandBuilder {
    let mut builder = CommandBuilder::new(command.get_program());
    builder.args(command.get_args());
    builder.env("TERM", "xterm-256color");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => builder.env(name, value),
            None => builder.env_remove(name),
        }
    }
    builder.cwd(command.get_current_dir().map_or_else(|| std::env::current_dir().expect("a folder"), Into::into));
    builder
}

fn bytes_of(keys: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = keys;
    while let Some(character) = rest.chars().next() {
        let named = rest.strip_prefix('<').and_then(|after| after.split_once('>'));
        if let Some((name, after)) = named {
            assert!(name != "Esc" || after.is_empty(), "<Esc> must come last in {keys:?}");
            bytes.extend(key(name).unwrap_or_else(|| panic!("no key is called <{name}>")));
            rest = after;
        } else {
            bytes.extend(character.to_string().as_bytes());
            rest = &rest[character.len_utf8()..];
        }
    }
    bytes
}

fn key(name: &str) -> Option<Vec<u8>> {
    if let Some(&[control @ b'a'..=b'z']) = name.strip_prefix("C-").map(str::as_bytes) {
        return Some(vec![control & 0x1f]);
    }
    let bytes = match name {
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Tab" => "\t",
        "BackTab" => "\x1b[Z",
        "Space" => " ",
        "Backspace" => "\x7f",
        "Delete" => "\x1b[3~",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "Right" => "\x1b[C",
        "Left" => "\x1b[D",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "PageUp" => "\x1b[5~",
        "PageDown" => "\x1b[6~",
        "F1" => "\x1bOP",
        "F2" => "\x1bOQ",
        "F3" => "\x1bOR",
        "lt" => "<",
        _ => return None,
    };
    Some(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::SOON;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn keys_go_in_and_the_screen_comes_back() {
        let mut terminal =
            Terminal::start(&sh("read -r line; printf '\\033[2J\\033[3;5Hgot %s' \"$line\"; read -r _"), 40, 5);
        terminal.send_keys("r1<lt>é<Enter>");
        terminal.wait_for_text("got r1<é", SOON).await;
        assert_eq!(terminal.contents(), "\n\n    got r1<é");
        terminal.send_keys("<C-c>");
        assert!(!terminal.wait_for_end(SOON).await.success());
    }

    #[tokio::test]
    async fn a_program_sees_the_size_and_its_change() {
        let script = "trap 'stty size; exit' WINCH; stty size; while :; do sleep 0.01; done";
        let mut terminal = Terminal::start(&sh(script), 80, 24);
        terminal.wait_for_text("24 80", SOON).await;
        terminal.resize(60, 20);
        terminal.wait_for_text("20 60", SOON).await;
    }

    #[tokio::test]
    async fn a_terminal_left_raw_is_noticed() {
        let mut terminal = Terminal::start(
            &sh("stty raw -echo; echo raw; read -r _; stty sane; printf '\\033[?1049h'; echo sane; read -r _"),
            80,
            24,
        );
        terminal.wait_for_text("raw", SOON).await;
        assert!(!terminal.is_restored());
        terminal.send_keys("\n");
        terminal.wait_for_text("sane", SOON).await;
        assert!(!terminal.is_restored(), "the alternate screen is still there");
    }

    #[tokio::test]
    async fn a_terminal_answers_where_its_cursor_is() {
        let terminal = Terminal::start(
            &sh("stty raw -echo; printf '\\033[4;7H\\033[6n'; dd bs=1 count=6 2>/dev/null | od -c"),
            80,
            24,
        );
        terminal.wait_for_text("[   4   ;   7   R", SOON).await;
    }

    #[tokio::test]
    #[should_panic(expected = "what it says")]
    async fn a_vain_wait_shows_the_screen() {
        let terminal = Terminal::start(&sh("echo what it says; read -r _"), 80, 24);
        terminal.wait_for_text("says", SOON).await;
        terminal.wait_for_text("never", Duration::from_millis(1)).await;
    }

    #[test]
    #[should_panic(expected = "must come last")]
    fn an_escape_that_would_read_as_alt_is_refused() {
        bytes_of("<Esc>x");
    }
}
