//! The queue of the fleet: one Redis list a lane, rung at its end and taken from its front.

use std::{
    mem::discriminant,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use apalis_redis::Config;
use jointforce_shared::domain::effect::Lane;
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, FromRedisValue, Pipeline, RedisError, Value, aio::MultiplexedConnection,
};
use tokio::time::{Instant, timeout};
use tracing::{info, warn};

use super::{About, Away, BadUrl, Health, Look};

/// How long any call may take, waiting for another's attempt to connect included: a relay that hangs is worse than one
/// that knows.
const CALL: Duration = Duration::from_secs(5);
/// How long a connection may take to open.
const CONNECT: Duration = Duration::from_secs(2);
/// How long a call may wait for its answer before the connection counts as dead. With [`CONNECT`] it is less than
/// [`CALL`], so that a connection that died silently is dropped and not asked again and again.
const ANSWER: Duration = Duration::from_secs(2);
/// How long Redis holds a pop open while the list is empty, in seconds. The longest that a stop has to wait.
const HOLD: u64 = 1;
/// How long a pop may take altogether before the connection counts as dead. A Redis that saves or swaps stalls for
/// seconds; ending the wait earlier (the client's default is 0.5 s) would only lose what it is about to answer.
const POP: Duration = Duration::from_secs(6);

pub(super) struct Remote {
    client: Client,
    prefix: String,
    /// Host and port; never the user or the password.
    at: String,
    calls: Line,
    outage: Mutex<Option<Outage>>,
}

/// The key and the ring, or none when the lane stayed silent.
type Popped = Option<(String, Vec<u8>)>;

/// Takes up to ARGV[1] more from the lists, the first list first.
const REST: &str = "local got = {} for _, key in ipairs(KEYS) do while #got < tonumber(ARGV[1]) do \
local ring = redis.call('LPOP', key) if not ring then break end got[#got + 1] = ring end end return got";

struct Outage {
    away: Away,
    since: Instant,
}

/// One connection, opened when it is needed and dropped when it fails. Not the client's connection manager: that one
/// never tries again after a wrong password, also when the password has long been put right in Redis.
pub(super) struct Line {
    answer: Duration,
    open: tokio::sync::Mutex<Option<MultiplexedConnection>>,
}

impl Line {
    fn new(answer: Duration) -> Self {
        Self { answer, open: tokio::sync::Mutex::default() }
    }

    async fn ask<T: FromRedisValue>(&self, client: &Client, what: &Pipeline) -> Result<T, RedisError> {
        let mut connection = {
            let mut open = self.open.lock().await;
            match &*open {
                Some(connection) => connection.clone(),
                None => {
                    let config = AsyncConnectionConfig::new()
                        .set_connection_timeout(Some(CONNECT))
                        .set_response_timeout(Some(self.answer));
                    open.insert(client.get_multiplexed_async_connection_with_config(&config).await?).clone()
                }
            }
        };
        let answer = what.query_async(&mut connection).await;
        if answer.is_err() {
            *self.open.lock().await = None;
        }
        answer
    }
}

impl Remote {
    pub(super) fn new(url: &str, prefix: String) -> Result<Self, BadUrl> {
        // The client has TLS without a provider of its own; an error means that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::open(url).map_err(|error| BadUrl { why: error.to_string() })?;
        let at = client.get_connection_info().addr().to_string();
        Ok(Self { client, prefix, at, calls: Line::new(ANSWER), outage: Mutex::default() })
    }

    /// The list of the lane, under the name that apalis-redis gives to what waits for a worker.
    fn key(&self, lane: Lane) -> String {
        Config::default().queue(format!("{}:{lane}", self.prefix)).active_jobs_list()
    }

    pub(super) async fn ring(&self, rings: Vec<(Lane, Vec<u8>)>) -> Result<(), Away> {
        let mut push = redis::pipe();
        for (lane, ring) in rings {
            push.rpush(self.key(lane), ring).ignore();
        }
        self.call(&push).await
    }

    /// What waits, and whether the mark that every look leaves was gone.
    pub(super) async fn look(&self) -> Result<Look, Away> {
        let mut ask = redis::pipe();
        ask.cmd("SET").arg(format!("{}:seen", self.prefix)).arg(1).arg("NX");
        for lane in Lane::ALL {
            ask.llen(self.key(*lane));
        }
        let answers: Vec<Value> = self.call(&ask).await?;
        let waiting = answers.iter().skip(1).map(|answer| match answer {
            Value::Int(rings) => usize::try_from(*rings).unwrap_or(0),
            _ => 0,
        });
        Ok(Look { waiting: waiting.collect(), emptied: answers.first().is_some_and(|mark| *mark != Value::Nil) })
    }

    pub(super) async fn ping(&self) -> Result<(), Away> {
        self.call(redis::pipe().ping().ignore()).await
    }

    pub(super) async fn about(&self) -> Result<About, Away> {
        let ask = |section| {
            let mut ask = redis::pipe();
            ask.cmd("INFO").arg(section);
            ask
        };
        let (server,): (String,) = self.call(&ask("server")).await?;
        let (memory,): (String,) = self.call(&ask("memory")).await?;
        let field = |text: &str, name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.unwrap_or_default().trim().to_owned()
        };
        Ok(About {
            version: field(&server, "redis_version"),
            memory_max: field(&memory, "maxmemory").parse().unwrap_or(0),
            eviction: field(&memory, "maxmemory_policy"),
        })
    }

    async fn call<T: FromRedisValue>(&self, what: &Pipeline) -> Result<T, Away> {
        let answer = timeout(CALL, self.calls.ask(&self.client, what)).await;
        self.note(answer.unwrap_or_else(|_| Err(no_answer())))
    }

    /// A line of its own for a taker: a pop holds its connection up.
    pub(super) fn line() -> Line {
        Line::new(POP)
    }

    /// The next rings of these lanes, those of the first before those of the next; at most `most`, or none when all stay
    /// silent for [`HOLD`]. Dropping the future may lose what Redis has handed out already.
    pub(super) async fn take(&self, line: &Line, lanes: &[Lane], most: usize) -> Result<Vec<Vec<u8>>, Away> {
        let keys: Vec<String> = lanes.iter().map(|lane| self.key(*lane)).collect();
        let mut pop = redis::pipe();
        // In the order of the keys, by Redis' own promise.
        pop.cmd("BLPOP").arg(&keys).arg(HOLD);
        if most == 1 {
            let (first,): (Popped,) = self.note(line.ask(&self.client, &pop).await)?;
            return Ok(first.into_iter().map(|(_key, ring)| ring).collect());
        }
        // In the same breath whatever else is there; BLMPOP and LPOP with a count would need Redis 7 and 6.2.
        pop.cmd("EVAL").arg(REST).arg(keys.len()).arg(&keys).arg(most - 1);
        let (first, rest): (Popped, Vec<Vec<u8>>) = self.note(line.ask(&self.client, &pop).await)?;
        Ok(first.into_iter().map(|(_key, ring)| ring).chain(rest).collect())
    }

    pub(super) fn health(&self) -> Health {
        self.outage().as_ref().map_or(Health::Reachable, |outage| Health::Away {
            away: outage.away.clone(),
            lasting: outage.since.elapsed(),
        })
    }

    fn outage(&self) -> MutexGuard<'_, Option<Outage>> {
        self.outage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers how a call went, and logs when that is news.
    fn note<T>(&self, answer: Result<T, RedisError>) -> Result<T, Away> {
        let mut outage = self.outage();
        match answer {
            Ok(answer) => {
                if let Some(over) = outage.take() {
                    info!(at = %self.at, seconds = over.since.elapsed().as_secs(), "Redis is back");
                }
                Ok(answer)
            }
            Err(error) => {
                let away = self.away(&error);
                let since = outage.as_ref().map_or_else(Instant::now, |outage| outage.since);
                // News is another kind of trouble, not the next wording of the same.
                if outage.as_ref().is_none_or(|outage| discriminant(&outage.away) != discriminant(&away)) {
                    warn!("{away}; what is due waits in the ledger, trying on");
                }
                *outage = Some(Outage { away: away.clone(), since });
                Err(away)
            }
        }
    }

    fn away(&self, error: &RedisError) -> Away {
        let at = self.at.clone();
        let why = error.to_string().chars().filter(|c| !c.is_control()).take(200).collect();
        let said =
            error.clone().into_server_errors().and_then(|said| said.first().map(|(_, said)| said.code().to_owned()));
        match said.as_deref() {
            Some("NOAUTH" | "WRONGPASS" | "NOPERM") => Away::WrongPassword { at, why },
            Some(_) => Away::Refuses { at, why },
            None if error.kind() == ErrorKind::AuthenticationFailed => Away::WrongPassword { at, why },
            None => Away::Unreachable { at, why },
        }
    }
}

fn no_answer() -> RedisError {
    RedisError::from(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
}
