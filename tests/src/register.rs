//! A transparency register as the EU's answers: a real HTTP server that holds every statement to its own reading of the
//! rules ([`rules`]), takes a batch whole or not at all, knows each `puid` once, and fails as it is told.

pub mod rules;

use std::{
    collections::{BTreeMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use crate::hooks::{Request, read_request};

/// How the register treats the next call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Good,
    /// Answers this status and body, and takes nothing.
    Says(u16, String),
    /// Answers 429 and asks for so many seconds.
    Busy(u32),
    /// Takes the call and never answers; takes no statement.
    Hangs,
    /// Takes the statements, and the answer is lost.
    TakesAndHangsUp,
    /// Takes the statements, and the answer is no JSON.
    TakesAndBabbles,
}

#[derive(Debug, Default)]
struct Books {
    /// What it has, by `puid`, in the order of arrival of the first.
    taken: BTreeMap<String, Value>,
    /// How often each `puid` was taken; more than once is a broken register.
    times: BTreeMap<String, usize>,
    /// Sizes of the batches that came.
    batches: Vec<usize>,
    /// The `traceparent` of each.
    parents: Vec<String>,
    /// What was wrong with what came, in its own words.
    faults: Vec<String>,
    moods: VecDeque<Mood>,
    /// A `puid` that it never takes, whatever is right with it, with its words.
    hated: Option<(String, String)>,
}

/// The register. Dropped, it closes its port.
#[derive(Debug)]
pub struct Register {
    address: SocketAddr,
    token: String,
    books: Arc<Mutex<Books>>,
    listening: JoinHandle<()>,
}

impl Register {
    /// Opens on a free port of 127.0.0.1, for who has this token.
    pub async fn open(token: &str) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let books = Arc::new(Mutex::new(Books::default()));
        let listening = tokio::spawn(listen(listener, books.clone(), format!("Bearer {token}")));
        Self { address, token: token.to_owned(), books, listening }
    }

    /// Its address, before `/api`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its token.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Treats the next calls so, one after the other, and then as it should.
    pub fn next(&self, moods: impl IntoIterator<Item = Mood>) {
        self.books.lock().unwrap().moods.extend(moods);
    }

    /// Never takes this one, and says why.
    pub fn hate(&self, puid: &str, words: &str) {
        self.books.lock().unwrap().hated = Some((puid.to_owned(), words.to_owned()));
    }

    /// Takes it after all.
    pub fn forgive(&self) {
        self.books.lock().unwrap().hated = None;
    }

    /// What it has, by `puid`.
    pub fn taken(&self) -> BTreeMap<String, Value> {
        self.books.lock().unwrap().taken.clone()
    }

    /// Every `puid` that it took more than once: none, or it is broken.
    pub fn taken_twice(&self) -> Vec<String> {
        let books = self.books.lock().unwrap();
        books.times.iter().filter(|(_, times)| **times != 1).map(|(puid, _)| puid.clone()).collect()
    }

    /// The sizes of the batches that came, whatever became of them.
    pub fn batches(&self) -> Vec<usize> {
        self.books.lock().unwrap().batches.clone()
    }

    /// The `traceparent` of each of these.
    pub fn parents(&self) -> Vec<String> {
        self.books.lock().unwrap().parents.clone()
    }

    /// What it found wrong so far.
    pub fn faults(&self) -> Vec<String> {
        self.books.lock().unwrap().faults.clone()
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, books: Arc<Mutex<Books>>, bearer: String) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream, books.clone(), bearer.clone()));
    }
}

/// What is sent back; none closes the connection.
enum Back {
    Json(u16, Value),
    Text(u16, String, String),
    Never,
    Nothing,
}

async fn serve(stream: TcpStream, books: Arc<Mutex<Books>>, bearer: String) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream).await? {
        let back = answer(&mut books.lock().unwrap(), &request, &bearer);
        let (status, header, body) = match back {
            Back::Json(status, json) => (status, "content-type: application/json\r\n".to_owned(), json.to_string()),
            Back::Text(status, header, body) => (status, header, body),
            Back::Never => std::future::pending().await,
            Back::Nothing => return Ok(()),
        };
        let head = format!("HTTP/1.1 {status} answer\r\n{header}content-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
    }
    Ok(())
}

fn answer(books: &mut Books, request: &Request, bearer: &str) -> Back {
    if request.header("authorization") != bearer {
        return Back::Json(401, json!({ "message": "Unauthenticated." }));
    }
    if (request.method.as_str(), request.path.as_str()) != ("POST", "/api/v1/statements") {
        return Back::Json(404, json!({ "message": "Not found." }));
    }
    let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
        return Back::Json(400, json!({ "message": "Bad Request." }));
    };
    let statements = body["statements"].as_array().cloned().unwrap_or_default();
    books.batches.push(statements.len());
    books.parents.push(request.header("traceparent").to_owned());
    match books.moods.pop_front().unwrap_or(Mood::Good) {
        Mood::Good => take(books, &statements),
        Mood::Says(status, body) => Back::Text(status, String::new(), body),
        Mood::Busy(seconds) => Back::Text(429, format!("retry-after: {seconds}\r\n"), String::new()),
        Mood::Hangs => Back::Never,
        Mood::TakesAndHangsUp => {
            take(books, &statements);
            Back::Nothing
        }
        Mood::TakesAndBabbles => {
            take(books, &statements);
            Back::Text(201, String::new(), "<html>created</html>".to_owned())
        }
    }
}

/// All of a batch, or nothing of it.
fn take(books: &mut Books, statements: &[Value]) -> Back {
    if !(1..=100).contains(&statements.len()) {
        let told = "The statements field must have between 1 and 100 items.";
        books.faults.push(told.to_owned());
        return Back::Json(422, json!({ "message": told, "errors": { "statements": [told] } }));
    }
    let mut errors = serde_json::Map::new();
    for (n, statement) in statements.iter().enumerate() {
        let mut faults = rules::faults(statement);
        if let Some((puid, words)) = &books.hated
            && statement["puid"] == json!(puid)
        {
            faults.insert("decision_facts".into(), vec![words.clone()]);
        }
        if !faults.is_empty() {
            books.faults.push(format!("{faults:?}"));
            errors.insert(format!("statement_{n}"), json!(faults));
        }
    }
    if !errors.is_empty() {
        return Back::Json(422, json!({ "errors": errors }));
    }
    let puids: Vec<&str> = statements.iter().filter_map(|statement| statement["puid"].as_str()).collect();
    let known: Vec<&str> = puids.iter().copied().filter(|puid| books.taken.contains_key(*puid)).collect();
    let twice = puids.iter().enumerate().any(|(n, puid)| puids[..n].contains(puid));
    if twice || !known.is_empty() {
        let told = "The platform identifier(s) are not all unique within this call.";
        return Back::Json(422, json!({ "message": told, "errors": { "puid": [told], "existing_puids": known } }));
    }
    let mut told = vec![];
    for statement in statements {
        let mut told_back = statement.clone();
        let puid = statement["puid"].as_str().unwrap_or_default().to_owned();
        told_back["uuid"] = json!(format!("00000000-0000-4000-8000-{:012}", books.taken.len()));
        told.push(told_back);
        *books.times.entry(puid.clone()).or_default() += 1;
        books.taken.insert(puid, statement.clone());
    }
    Back::Json(201, json!({ "statements": told }))
}
