//! A real HTTP receiver for webhooks: it keeps every request, and answers as it is told.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use standardwebhooks::{Webhook, WebhookError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use crate::wait;

/// How the receiver answers a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A status without a body.
    Status(u16),
    /// A status with one header: `Retry-After` with 429, `Location` with 302.
    WithHeader(u16, &'static str, String),
    /// 200 with a body of so many bytes.
    Body(usize),
    /// Takes the request and never answers.
    Hang,
    /// Takes the request and answers this status once [`Hooks::let_go`] allows it.
    Later(u16),
    /// Takes the request and drops the connection: the sender can't know.
    HangUp,
}

impl Answer {
    const fn takes(&self) -> bool {
        match self {
            Self::Status(status) | Self::WithHeader(status, ..) | Self::Later(status) => matches!(status, 200..=299),
            Self::Body(_) | Self::Hang | Self::HangUp => true,
        }
    }

    /// 302 to another place.
    pub fn redirect(to: impl Into<String>) -> Self {
        Self::WithHeader(302, "location", to.into())
    }
}

/// A request that came in, whatever was answered.
#[derive(Debug, Clone)]
pub struct Request {
    /// `POST`, mostly.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Every header.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
    /// Whether the receiver does what it was told, whether or not its answer arrives; a refusal does nothing.
    pub taken: bool,
}

impl Request {
    /// The value of a header; empty where it is missing or not text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a body of JSON")
    }

    /// Verifies the signature as a brand would, with Standard Webhooks' own implementation. `secret` is `whsec_…`.
    pub fn verify(&self, secret: &str) -> Result<(), WebhookError> {
        Webhook::new(secret)?.verify(&self.body, &self.headers)
    }
}

#[derive(Debug)]
struct Desk {
    received: Vec<Request>,
    next: VecDeque<Answer>,
    otherwise: Answer,
    /// One permit for each answer that may go.
    gate: Arc<Semaphore>,
}

/// The receiver. Dropped, it closes its port and every connection.
#[derive(Debug)]
pub struct Hooks {
    address: SocketAddr,
    desk: Arc<Mutex<Desk>>,
    listening: JoinHandle<()>,
}

impl Hooks {
    /// Listens on a free port of 127.0.0.1 and answers 204 to everything.
    pub async fn start() -> Self {
        Self::start_at(SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    /// Listens at a given address: where an earlier receiver went away.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let gate = Arc::new(Semaphore::new(0));
        let desk = Desk { received: Vec::new(), next: VecDeque::new(), otherwise: Answer::Status(204), gate };
        let desk = Arc::new(Mutex::new(desk));
        let listening = tokio::spawn(listen(listener, desk.clone()));
        Self { address, desk, listening }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:port` and `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers the next `requests` so, before what [`Self::answer_always`] says.
    pub fn answer_next(&self, requests: usize, answer: Answer) {
        self.desk.lock().unwrap().next.extend(std::iter::repeat_n(answer, requests));
    }

    /// Answers every request so from now on.
    pub fn answer_always(&self, answer: Answer) {
        self.desk.lock().unwrap().otherwise = answer;
    }

    /// Forgets what it was told to answer next.
    pub fn recover(&self) {
        self.desk.lock().unwrap().next.clear();
    }

    /// Lets so many of the answers go that wait ([`Answer::Later`]).
    pub fn let_go(&self, answers: usize) {
        self.desk.lock().unwrap().gate.add_permits(answers);
    }

    /// What came in so far, in order.
    pub fn received(&self) -> Vec<Request> {
        self.desk.lock().unwrap().received.clone()
    }

    /// Waits until at least `count` requests came in, and gives them all back.
    pub async fn wait_for(&self, count: usize, limit: Duration) -> Vec<Request> {
        let what = format!("{count} requests");
        wait::until_some(limit, &what, async || Some(self.received()).filter(|requests| requests.len() >= count)).await
    }
}

impl Drop for Hooks {
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

/// One connection, kept alive. An error is the client's going away, or not HTTP.
async fn serve(stream: TcpStream, desk: Arc<Mutex<Desk>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(mut request) = read_request(&mut stream).await? {
        let (answer, gate) = {
            let mut desk = desk.lock().unwrap();
            let answer = desk.next.pop_front().unwrap_or_else(|| desk.otherwise.clone());
            request.taken = answer.takes();
            desk.received.push(request);
            (answer, desk.gate.clone())
        };
        let (status, header, length) = match answer {
            Answer::Status(status) => (status, String::new(), 0),
            Answer::WithHeader(status, name, value) => (status, format!("{name}: {value}\r\n"), 0),
            Answer::Body(length) => (200, String::new(), length),
            Answer::Hang => std::future::pending().await,
            Answer::Later(status) => {
                gate.acquire().await.map_err(io::Error::other)?.forget();
                (status, String::new(), 0)
            }
            Answer::HangUp => return Ok(()),
        };
        // RFC 9110 forbids a length with 204.
        let length_header = if status == 204 { String::new() } else { format!("content-length: {length}\r\n") };
        stream.write_all(format!("HTTP/1.1 {status} answer\r\n{header}{length_header}\r\n").as_bytes()).await?;
        stream.write_all(&vec![b'x'; length]).await?;
    }
    Ok(())
}

/// None where the client closed the connection between two requests.
pub(crate) async fn read_request(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let line = read_line(stream).await?;
    let mut words = line.split(' ').map(str::to_owned);
    let (Some(method), Some(path)) = (words.next().filter(|word| !word.is_empty()), words.next()) else {
        return Ok(None);
    };
    let mut headers = HeaderMap::new();
    loop {
        let line = read_line(stream).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        let name: HeaderName = name.parse().map_err(io::Error::other)?;
        headers.append(name, HeaderValue::from_str(value.trim()).map_err(io::Error::other)?);
    }
    let length =
        headers.get("content-length").and_then(|length| length.to_str().ok()).and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    if headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked") {
        body = read_chunks(stream).await?;
    }
    Ok(Some(Request { method, path, headers, body, taken: true }))
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(stream).await?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(io::Error::other)?;
        let start = body.len();
        body.resize(start + size, 0);
        stream.read_exact(&mut body[start..]).await?;
        read_line(stream).await?;
        if size == 0 {
            return Ok(body);
        }
    }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> io::Result<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wait::SOON;

    /// Sends raw requests over one connection and gives back everything that was answered until it closed.
    async fn send(hooks: &Hooks, text: &str) -> String {
        let mut stream = TcpStream::connect(hooks.address()).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.unwrap();
        answers
    }

    #[tokio::test]
    async fn requests_of_one_connection_are_kept_and_answered_in_order() {
        let hooks = Hooks::start().await;
        hooks.answer_next(1, Answer::WithHeader(429, "retry-after", "7".to_owned()));
        hooks.answer_next(1, Answer::redirect("http://elsewhere/"));
        let plain = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\n\r\n{\"n\": 1}";
        let chunked = "POST /b?c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        let answers = send(&hooks, &format!("{plain}{chunked}{plain}")).await;
        assert_eq!(
            answers,
            "HTTP/1.1 429 answer\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n\
             HTTP/1.1 302 answer\r\nlocation: http://elsewhere/\r\ncontent-length: 0\r\n\r\n\
             HTTP/1.1 204 answer\r\n\r\n"
        );
        let received = hooks.wait_for(3, SOON).await;
        assert_eq!((received[0].json()["n"].as_i64(), received[0].header("Host")), (Some(1), "x"));
        assert_eq!((received[1].path.as_str(), received[1].body.as_slice()), ("/b?c", b"abcde".as_slice()));
    }

    #[tokio::test]
    async fn a_receiver_may_answer_too_much_or_not_at_all() {
        let hooks = Hooks::start().await;
        hooks.answer_next(1, Answer::Body(10_000_000));
        let request = "POST / HTTP/1.1\r\n\r\n";
        assert!(send(&hooks, request).await.len() > 10_000_000);
        hooks.answer_always(Answer::HangUp);
        assert_eq!(send(&hooks, request).await, "");
        hooks.answer_always(Answer::Hang);
        let silence = tokio::time::timeout(Duration::from_millis(50), send(&hooks, request)).await;
        assert!(silence.is_err());
        assert_eq!(hooks.received().len(), 3);
    }

    #[test]
    fn a_signature_is_verified_over_the_very_bytes() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed();
        let signature = Webhook::new(secret).unwrap().sign("msg_1", now, b"{}").unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [("id", "msg_1"), ("timestamp", &now.to_string()), ("signature", &signature)] {
            headers.insert(HeaderName::try_from(format!("webhook-{name}")).unwrap(), value.parse().unwrap());
        }
        let (method, path, body) = ("POST".to_owned(), "/".to_owned(), b"{}".to_vec());
        let mut request = Request { method, path, headers, body, taken: true };
        request.verify(secret).unwrap();
        request.body.push(b' ');
        assert!(request.verify(secret).is_err());
    }
}
