//! A browser of the plainest kind: one request a connection, nothing remembered.

use std::time::Duration;

use http::HeaderMap;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a server said.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Every header.
    pub headers: HeaderMap,
    /// The body as text.
    pub body: String,
}

impl Page {
    /// The value of a header; empty where it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// Fetches `http://host:port/path`.
pub async fn get(url: &str) -> Page {
    request("GET", url, None).await
}

/// Asks for the headers of `http://host:port/path`.
pub async fn head(url: &str) -> Page {
    request("HEAD", url, None).await
}

/// Sends a form to `http://host:port/path`: `name=value&…`, encoded already.
pub async fn post(url: &str, form: &str) -> Page {
    request("POST", url, Some(form)).await
}

async fn request(method: &str, url: &str, form: Option<&str>) -> Page {
    let (host, path) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).expect("an http address");
    let mut stream = TcpStream::connect(host).await.expect("somebody listens");
    let mut text = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    if let Some(form) = form {
        text +=
            &format!("content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}", form.len());
    } else {
        text += "\r\n";
    }
    // A server may answer before it has read all of a body that is too long, and close.
    let _ = stream.write_all(text.as_bytes()).await;
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await.expect("an answer in time");
    assert!(read.is_ok() || !bytes.is_empty(), "no answer: {read:?}");
    parse(&String::from_utf8(bytes).expect("text"))
}

fn parse(text: &str) -> Page {
    let (head, body) = text.split_once("\r\n\r\n").expect("headers and a body");
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
        headers.append(name, value.trim().parse().expect("a header's value"));
    }
    Page { status: status.expect("a status"), headers, body: body.to_owned() }
}
