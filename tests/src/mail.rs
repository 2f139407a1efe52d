//! A real SMTP receiver: what it accepts it keeps, and it refuses when told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::wait;

/// The longest line taken, in bytes: ten times what RFC 5321 asks for. A longer one is cut there and read on as another.
const LINE_LIMIT: u64 = 10_000;

/// What the receiver does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Takes it: 250.
    Accept,
    /// "Come back later", at the recipient: 451, as greylisting does.
    Greylist,
    /// "No such mailbox", at the recipient: 550, for good.
    Refuse,
    /// Takes the message and drops the connection before saying so: the sender can't know (RFC 1047).
    AcceptAndHangUp,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The envelope's sender; empty for a bounce.
    pub from: String,
    /// The envelope's recipients.
    pub to: Vec<String>,
    /// Headers, an empty line and the body, with CRLF, dot-stuffing undone. Transfer encodings are left as they came.
    pub message: String,
}

impl Mail {
    /// The value of the first header of that name, unfolded; encoded words are left as they came.
    pub fn header(&self, name: &str) -> Option<String> {
        let (headers, _) = self.message.split_once("\r\n\r\n")?;
        let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.split("\r\n").find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// What follows the headers.
    pub fn body(&self) -> &str {
        self.message.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}

#[derive(Debug, Default)]
struct Desk {
    taken: Vec<Mail>,
    refused: usize,
    answers: VecDeque<Answer>,
}

/// The receiver. Dropped, it closes its port and every connection.
#[derive(Debug)]
pub struct Mailbox {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
    listening: JoinHandle<()>,
}

impl Mailbox {
    /// Listens on a free port of 127.0.0.1, without TLS and without authentication.
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens at a given address: where an earlier receiver went away.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let desk = Arc::new(Mutex::new(Desk::default()));
        let listening = tokio::spawn(listen(listener, desk.clone()));
        Self { address, desk, listening }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `smtp://127.0.0.1:port`
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// Answers the next `messages` so, one recipient's refusal counting as one message; then accepts again.
    pub fn answer_next(&self, messages: usize, answer: Answer) {
        self.desk.lock().unwrap().answers.extend(std::iter::repeat_n(answer, messages));
    }

    /// Forgets what it was told to answer next.
    pub fn recover(&self) {
        self.desk.lock().unwrap().answers.clear();
    }

    /// What was taken so far, in order.
    pub fn taken(&self) -> Vec<Mail> {
        self.desk.lock().unwrap().taken.clone()
    }

    /// How many recipients were refused so far, for now or for good.
    pub fn refused(&self) -> usize {
        self.desk.lock().unwrap().refused
    }

    /// Waits until at least `count` messages were taken, and gives them all back.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<Mail> {
        wait::until_some(limit, &format!("{count} mails"), async || {
            Some(self.taken()).filter(|mails| mails.len() >= count)
        })
        .await
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, desk: Arc<Mutex<Desk>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, desk.clone()));
    }
}

/// One connection. An error is the client's going away, which is its right.
async fn serve(stream: TcpStream, desk: Arc<Mutex<Desk>>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut answer = Answer::Accept;
    let mut envelope: Option<(String, Vec<String>)> = None;
    stream.write_all(b"220 localhost ready\r\n").await?;
    while let Some(line) = read_line(&mut stream).await? {
        let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
        let reply = match (verb.as_str(), &mut envelope) {
            ("EHLO", _) => "250-localhost\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8",
            ("HELO" | "NOOP", _) => "250 localhost",
            ("RSET", _) => {
                envelope = None;
                "250 forgotten"
            }
            ("QUIT", _) => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            ("MAIL", None) => {
                envelope = Some((path(&line), Vec::new()));
                "250 sender noted"
            }
            ("RCPT", Some((_, to))) => {
                let mut desk = desk.lock().unwrap();
                answer = desk.answers.pop_front().unwrap_or(Answer::Accept);
                match answer {
                    Answer::Greylist => {
                        desk.refused += 1;
                        "451 4.7.1 greylisted, try again later"
                    }
                    Answer::Refuse => {
                        desk.refused += 1;
                        "550 5.1.1 no such mailbox"
                    }
                    Answer::Accept | Answer::AcceptAndHangUp => {
                        to.push(path(&line));
                        "250 recipient noted"
                    }
                }
            }
            ("DATA", Some((_, to))) if !to.is_empty() => {
                stream.write_all(b"354 go on\r\n").await?;
                let Some(message) = read_message(&mut stream).await? else { return Ok(()) };
                if let Some((from, to)) = envelope.take() {
                    desk.lock().unwrap().taken.push(Mail { from, to, message });
                }
                if answer == Answer::AcceptAndHangUp {
                    return Ok(());
                }
                "250 taken"
            }
            ("MAIL" | "RCPT" | "DATA", _) => "503 5.5.1 not now",
            _ => "502 5.5.2 unknown command",
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// The address in `MAIL FROM:<…>` and `RCPT TO:<…>`.
fn path(line: &str) -> String {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(path, _)| path).to_owned()
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = stream.take(LINE_LIMIT).read_until(b'\n', &mut line).await?;
    let line = String::from_utf8_lossy(&line);
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Reads up to the line with a single dot; none where the client goes away before it.
async fn read_message(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut message = String::new();
    while let Some(line) = read_line(stream).await? {
        if line == "." {
            return Ok(Some(message));
        }
        message.push_str(line.strip_prefix('.').unwrap_or(&line));
        message.push_str("\r\n");
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::SOON;

    /// Says everything at once, as a pipelining client may, and gives back the codes of all replies.
    async fn say(mailbox: &Mailbox, text: &str) -> Vec<String> {
        let mut stream = TcpStream::connect(mailbox.address()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut replies = String::new();
        stream.read_to_string(&mut replies).await.unwrap();
        replies.lines().map(|reply| reply[..4].trim_end().to_owned()).collect()
    }

    const MAIL: &str =
        "EHLO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nSubject: one\r\n two\r\n\r\n..dot\r\n.\r\nQUIT\r\n";

    #[tokio::test]
    async fn a_message_is_taken_with_its_envelope_and_its_dots() {
        let mailbox = Mailbox::start().await;
        let codes = say(&mailbox, MAIL).await;
        assert_eq!(codes, ["220", "250-", "250-", "250-", "250", "250", "250", "354", "250", "221"]);
        let mails = mailbox.wait_for(1, SOON).await;
        assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("a@x", ["b@y".to_owned()].as_slice()));
        assert_eq!(mails[0].header("subject").unwrap(), "one two");
        assert_eq!(mails[0].body(), ".dot\r\n");
    }

    #[tokio::test]
    async fn a_greylisted_message_is_taken_the_next_time() {
        let mailbox = Mailbox::start().await;
        mailbox.answer_next(1, Answer::Greylist);
        let refused = "HELO x\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nRSET\r\nQUIT\r\n";
        assert_eq!(say(&mailbox, refused).await, ["220", "250", "250", "451", "503", "250", "221"]);
        assert_eq!((mailbox.taken().len(), mailbox.refused()), (0, 1));
        say(&mailbox, MAIL).await;
        assert_eq!(mailbox.taken().len(), 1);
    }

    #[tokio::test]
    async fn a_receiver_may_take_a_message_and_never_say_so() {
        let mailbox = Mailbox::start().await;
        mailbox.answer_next(1, Answer::AcceptAndHangUp);
        let mut stream = TcpStream::connect(mailbox.address()).await.unwrap();
        let unanswered = MAIL.strip_suffix("QUIT\r\n").unwrap();
        stream.write_all(unanswered.as_bytes()).await.unwrap();
        let mut replies = String::new();
        stream.read_to_string(&mut replies).await.unwrap();
        assert!(replies.ends_with("354 go on\r\n"));
        assert_eq!(mailbox.taken().len(), 1);
    }

    #[tokio::test]
    async fn a_receiver_that_went_away_can_come_back() {
        let mailbox = Mailbox::start().await;
        let address = mailbox.address();
        drop(mailbox);
        wait::until(SOON, "a closed port", async || TcpStream::connect(address).await.is_err()).await;
        let mailbox = Mailbox::start_at(address).await;
        say(&mailbox, MAIL).await;
        assert_eq!(mailbox.taken().len(), 1);
    }
}
