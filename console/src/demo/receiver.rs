//! The brands' end of the demo: takes every webhook on 127.0.0.1 and keeps it as a file to look at. It verifies
//! nothing; what came is in the file.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context as _;
use jointforce_shared::clock::Clock;
use serde_json::{Value, json};
use tokio::{
    fs,
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

/// The longest body that is taken, in bytes.
const BODY_MAX: usize = 1 << 20;
/// The longest head of a request, in bytes.
const HEAD_MAX: usize = 16 << 10;
/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests at a time; more wait.
const AT_ONCE: usize = 64;
/// A receiver answers this path with the folder that it serves, so that a second console can tell it from a stranger.
const WHOSE: &str = "/whose";

/// Starts the receiver of this demo, or finds the one that another console of the same demo runs. Deliveries become
/// JSON files in `<dir>/webhooks/`. It keeps its port from start to start, in `<dir>/webhooks/port`, unless somebody
/// else has that now.
///
/// # Errors
/// When the folder can't be written, or no port of this machine can be had.
pub async fn receiver(dir: &Path) -> anyhow::Result<SocketAddr> {
    let folder = dir.join("webhooks");
    fs::create_dir_all(&folder).await.with_context(|| format!("{} can't be made", folder.display()))?;
    let folder = fs::canonicalize(&folder).await.with_context(|| format!("{}", folder.display()))?;
    let kept = folder.join("port");
    let port = fs::read_to_string(&kept).await.ok().and_then(|port| port.trim().parse().ok()).unwrap_or(0);
    let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => listener,
        Err(_) if port != 0 && is_ours(port, &folder).await => return Ok((Ipv4Addr::LOCALHOST, port).into()),
        Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("no port of this machine can be had")?,
    };
    let address = listener.local_addr()?;
    fs::write(&kept, address.port().to_string()).await.with_context(|| format!("{}", kept.display()))?;
    tokio::spawn(serve(listener, folder));
    Ok(address)
}

async fn is_ours(port: u16, folder: &Path) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.write_all(format!("GET {WHOSE} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes()).await?;
        let mut answer = Vec::new();
        stream.take(HEAD_MAX as u64).read_to_end(&mut answer).await?;
        io::Result::Ok(answer)
    };
    let answer = timeout(Duration::from_secs(1), ask).await.ok().and_then(Result::ok).unwrap_or_default();
    answer.ends_with(format!("\r\n\r\n{}", folder.display()).as_bytes())
}

async fn serve(listener: TcpListener, folder: PathBuf) {
    let (places, count) = (Arc::new(Semaphore::new(AT_ONCE)), Arc::new(AtomicUsize::new(0)));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, mostly: others have to end first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let (folder, count) = (folder.clone(), count.clone());
        tokio::spawn(async move {
            let _ = timeout(PATIENCE, answer(stream, &folder, &count)).await;
            drop(place);
        });
    }
}

/// One request a connection is enough for a demo.
async fn answer(mut stream: TcpStream, folder: &Path, count: &AtomicUsize) -> io::Result<()> {
    let (status, body) = match read(&mut stream).await {
        Ok(request) if request.path == WHOSE => ("200 OK", folder.display().to_string()),
        Ok(request) => match keep(&request, folder, count).await {
            Ok(()) => ("204 No Content", String::new()),
            Err(_) => ("500 Internal Server Error", String::new()),
        },
        Err(_) => ("400 Bad Request", String::new()),
    };
    let length = if status.starts_with("204") { String::new() } else { format!("content-length: {}\r\n", body.len()) };
    stream.write_all(format!("HTTP/1.1 {status}\r\nconnection: close\r\n{length}\r\n{body}").as_bytes()).await?;
    stream.shutdown().await
}

struct Request {
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

async fn read(stream: &mut TcpStream) -> io::Result<Request> {
    let bad = || io::Error::from(io::ErrorKind::InvalidData);
    let (mut bytes, mut part) = (Vec::new(), [0; 4096]);
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        let read = stream.read(&mut part).await?;
        if read == 0 || bytes.len() > HEAD_MAX {
            return Err(bad());
        }
        bytes.extend_from_slice(&part[..read]);
    };
    let mut body = bytes.split_off(head + 4);
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.trim_end().split("\r\n");
    let path = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or_else(bad)?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or("0", |(_, value)| value);
    let length: usize = length.parse().ok().filter(|length| *length <= BODY_MAX).ok_or_else(bad)?;
    let had = body.len().min(length);
    body.resize(length, 0);
    stream.read_exact(&mut body[had..]).await?;
    Ok(Request { path, headers, body })
}

async fn keep(request: &Request, folder: &Path, count: &AtomicUsize) -> io::Result<()> {
    let text = String::from_utf8_lossy(&request.body);
    let body: Value = serde_json::from_str(&text).unwrap_or_else(|_| json!(text));
    let kind: String = body["type"].as_str().unwrap_or("request").chars().filter(|c| is_plain(*c)).take(40).collect();
    let now = Clock::System.now();
    let n = count.fetch_add(1, Ordering::Relaxed);
    let name = format!("{}-{:05}-{kind}.json", now.to_string().replace(':', ""), n % 100_000);
    let headers: serde_json::Map<_, _> =
        request.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let text = json!({ "received_at": now.to_string(), "path": request.path, "headers": headers, "body": body });
    // Under its name only when it is whole, so that whoever watches the folder never reads half a file.
    let part = folder.join(format!(".{name}.part"));
    fs::write(&part, format!("{text:#}\n")).await?;
    fs::rename(&part, folder.join(name)).await
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn send(address: SocketAddr, text: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    fn deliveries(dir: &Path) -> Vec<PathBuf> {
        let files = std::fs::read_dir(dir.join("webhooks")).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect()
    }

    #[tokio::test]
    async fn what_is_delivered_lies_in_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let address = receiver(dir.path()).await.unwrap();
        let body = r#"{"type":"../claim.decided","data":{"n":1}}"#;
        let request = format!("POST /brands/nike HTTP/1.1\r\nWebhook-Id: m1\r\nContent-Length: {}\r\n\r\n", body.len());
        assert!(send(address, &format!("{request}{body}")).await.starts_with("HTTP/1.1 204 "));
        let [file] = &deliveries(dir.path())[..] else { panic!("one file") };
        assert!(file.to_str().unwrap().ends_with("-00000-..claim.decided.json"), "{file:?}");
        let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(
            (&kept["path"], &kept["headers"]["webhook-id"], &kept["body"]["data"]["n"]),
            (&json!("/brands/nike"), &json!("m1"), &json!(1))
        );
    }

    #[tokio::test]
    async fn a_bad_request_is_answered_and_kept_nowhere() {
        let dir = tempfile::tempdir().unwrap();
        let address = receiver(dir.path()).await.unwrap();
        for bad in ["\r\n\r\n", "POST / HTTP/1.1\r\ncontent-length: 9999999999\r\n\r\n"] {
            assert!(send(address, bad).await.starts_with("HTTP/1.1 400 "), "{bad}");
        }
        assert!(deliveries(dir.path()).is_empty());
    }

    #[tokio::test]
    async fn a_second_console_finds_the_first_ones_receiver() {
        let dir = tempfile::tempdir().unwrap();
        let first = receiver(dir.path()).await.unwrap();
        assert_eq!(receiver(dir.path()).await.unwrap(), first);
    }

    #[tokio::test]
    async fn a_port_that_a_stranger_took_is_left_to_them() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let taken = receiver(other.path()).await.unwrap();
        std::fs::create_dir(dir.path().join("webhooks")).unwrap();
        std::fs::write(dir.path().join("webhooks/port"), taken.port().to_string()).unwrap();
        let address = receiver(dir.path()).await.unwrap();
        assert_ne!(address, taken);
        let kept = std::fs::read_to_string(dir.path().join("webhooks/port")).unwrap();
        assert_eq!(kept, address.port().to_string());
    }
}
