//! The doorbell: tells workers that effects are due. The ledger in SQL is the truth; what travels here is effect ids
//! and nothing else, and may be lost whole at any time, because the relay rings again whatever is overdue.
//!
//! apalis runs the handlers, on a [`Backend`](apalis_core::backend::Backend) of ours ([`serve`]) over a Redis list
//! ([`remote`]) or a queue in memory ([`memory`]); the names of the keys and of the task are apalis-redis' own. Its
//! `RedisStorage` is not what fetches. At 1.0.0, read in its source and measured:
//!
//! | from ring to handler, idle | p50 | p99 | CPU while idle |
//! |---|---|---|---|
//! | ours | 0.8 ms | 1.1 ms | 0.2 % |
//! | `RedisStorage`, polled every 5 ms | 2.2 ms | 5.9 ms | 10 % |
//! | `RedisStorage`, polled every 50 ms | 24 ms | 49 ms | 1.6 % |
//!
//! - A wake-up that comes while a fetch is in flight is lost, so on a busy machine a ring can wait for the heartbeat.
//! - Any error of Redis, after FLUSHALL "worker not registered", ends the worker and drops its running handlers.
//! - A stop during a fetch loses what was fetched; heartbeats rest while fetched rings wait for a free place, and then
//!   another worker takes them too.
//! - 8,000 waiting rings end every worker for good; an id without its data ends one at each attempt.
//! - Finished rings stay, 389 bytes each, and have to be trimmed.
//!
//! A list has none of this: a blocking pop wakes at once, takes no more rings than there are free places, and leaves
//! nothing behind. What it gives up is that a killed worker's rings come back by themselves after some missed
//! heartbeats: the relay does that, and does it from the ledger.

mod memory;
mod remote;
mod serve;

use std::{fmt, sync::Arc, time::Duration};

use jointforce_shared::domain::effect::Lane;
use serde::Deserialize;
use serde_json::json;

use self::{memory::Memory, remote::Remote};

/// What the queue carries: ids of effects that are due.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ring {
    /// The version of this form. A ring of another version is dropped: the relay of a newer program rings for it.
    pub v: u16,
    /// The ids, as the ledger writes them; 1 to [`Ring::MOST_IDS`].
    pub ids: Vec<String>,
}

impl Ring {
    /// The version that this program writes and reads.
    pub const VERSION: u16 = 1;
    /// The most ids that one ring may carry. The relay puts in what one transaction carries out, 200 by default.
    pub const MOST_IDS: usize = 1_000;

    /// A ring for these effects.
    #[must_use]
    pub const fn new(ids: Vec<String>) -> Self {
        Self { v: Self::VERSION, ids }
    }

    fn encode(&self) -> Vec<u8> {
        json!({ "v": self.v, "ids": self.ids }).to_string().into_bytes()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Version {
            v: u16,
        }
        // The version first: of another one we know nothing, not even that it has ids.
        let Version { v } = serde_json::from_slice(bytes).map_err(|_| Unreadable::Garbage)?;
        if v != Self::VERSION {
            return Err(Unreadable::Version(v));
        }
        let ring: Self = serde_json::from_slice(bytes).map_err(|_| Unreadable::Garbage)?;
        if ring.ids.is_empty() || ring.ids.len() > Self::MOST_IDS {
            return Err(Unreadable::Count(ring.ids.len()));
        }
        Ok(ring)
    }
}

/// Why something in the queue is no ring. It never shows the content, which anybody may have written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Unreadable {
    #[error("it is not a ring")]
    Garbage,
    #[error("it has version {0}, this program reads version {version}", version = Ring::VERSION)]
    Version(u16),
    #[error("it carries {0} ids, not 1 to {most}", most = Ring::MOST_IDS)]
    Count(usize),
}

/// Which queue carries the rings.
#[derive(Clone)]
pub enum BellConfig {
    /// Inside this process: the embedded mode.
    Memory,
    /// Over Redis, to every worker of the fleet.
    Redis {
        /// `redis://[user:password@]host[:port][/database]`, with TLS `rediss://…`. Never shown: it holds the password.
        url: String,
        /// What the keys begin with, so that several fleets can share one Redis.
        prefix: String,
    },
}

impl fmt::Debug for BellConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("Memory"),
            Self::Redis { prefix, .. } => f.debug_struct("Redis").field("prefix", prefix).finish_non_exhaustive(),
        }
    }
}

/// The address of Redis can't be used, whatever Redis does: a mistake of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the address of Redis can't be used: {why}; write redis://[user:password@]host[:port][/database], or rediss:// for TLS"
)]
pub struct BadUrl {
    why: String,
}

/// Why the queue could not be reached. Nothing is lost by it: the ledger keeps what is due.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    /// No connection, or no answer in time.
    #[error("Redis can't be reached at {at}: {why}")]
    Unreachable {
        /// Host and port.
        at: String,
        /// What the operating system or the client said.
        why: String,
    },
    /// Redis answers, but not to us: waiting doesn't help, a person has to put the password right.
    #[error("Redis at {at} refuses the user or password: {why}")]
    WrongPassword {
        /// Host and port.
        at: String,
        /// What Redis said.
        why: String,
    },
    /// Redis answers with an error: still loading, out of memory, read-only, something else under our key.
    #[error("Redis at {at} answers with an error: {why}")]
    Refuses {
        /// Host and port.
        at: String,
        /// What Redis said.
        why: String,
    },
}

/// Whether the queue can be reached, as far as the last call knew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// The last call was answered.
    Reachable,
    /// The last call failed.
    Away {
        /// Why.
        away: Away,
        /// Since the first call that failed.
        lasting: Duration,
    },
}

/// What Redis says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Its version, as `7.0.15`.
    pub version: String,
    /// The most memory it may use, in bytes; 0 for no limit.
    pub memory_max: u64,
    /// What it throws away when that is used up: `noeviction`, `allkeys-lru`, ….
    pub eviction: String,
}

/// What waits in the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    waiting: Vec<usize>,
    /// Whether everything was lost since the last look: Redis was flushed, or came back without its data.
    pub emptied: bool,
}

impl Look {
    #[cfg(test)]
    pub(crate) fn with(lane: Lane, rings: usize) -> Self {
        let waiting = Lane::ALL.iter().map(|other| if *other == lane { rings } else { 0 }).collect();
        Self { waiting, emptied: false }
    }

    /// Rings of the lane that nobody took.
    #[must_use]
    pub fn waiting(&self, lane: Lane) -> usize {
        Lane::ALL.iter().position(|other| *other == lane).and_then(|at| self.waiting.get(at)).copied().unwrap_or(0)
    }
}

/// The doorbell of all lanes. Clones ring the same bell.
#[derive(Clone)]
pub struct Bell {
    queue: Queue,
}

#[derive(Clone)]
enum Queue {
    Memory(Arc<Memory>),
    Redis(Arc<Remote>),
}

impl Bell {
    /// The bell of this configuration. Redis being away is no error: it is logged, and every later call tries again.
    ///
    /// # Errors
    /// [`BadUrl`] when the address can't be one of a Redis.
    pub async fn connect(config: BellConfig) -> Result<Self, BadUrl> {
        let queue = match config {
            BellConfig::Memory => Queue::Memory(Arc::default()),
            BellConfig::Redis { url, prefix } => Queue::Redis(Arc::new(Remote::new(&url, prefix)?)),
        };
        let bell = Self { queue };
        bell.check().await;
        Ok(bell)
    }

    /// Wakes one worker of the lane with these ids. Answers within 5 s.
    ///
    /// # Errors
    /// [`Away`] when Redis can't be reached: ring again later.
    pub async fn ring(&self, lane: Lane, ring: Ring) -> Result<(), Away> {
        self.ring_all(&[(lane, ring)]).await
    }

    /// Wakes workers with all of these, in one call. Answers within 5 s.
    ///
    /// # Errors
    /// [`Away`] when Redis can't be reached: then some may have been rung.
    pub async fn ring_all(&self, rings: &[(Lane, Ring)]) -> Result<(), Away> {
        match &self.queue {
            Queue::Memory(memory) => {
                rings.iter().for_each(|(lane, ring)| memory.ring(*lane, ring.encode()));
                Ok(())
            }
            Queue::Redis(remote) => {
                remote.ring(rings.iter().map(|(lane, ring)| (*lane, ring.encode())).collect()).await
            }
        }
    }

    /// How many rings of the lane wait to be taken. Answers within 5 s.
    ///
    /// # Errors
    /// [`Away`] when Redis can't be reached.
    pub async fn waiting(&self, lane: Lane) -> Result<usize, Away> {
        Ok(self.look().await?.waiting(lane))
    }

    /// What waits in the queue, and whether it was emptied since the last look of anybody. Answers within 5 s.
    ///
    /// # Errors
    /// [`Away`] when Redis can't be reached.
    pub async fn look(&self) -> Result<Look, Away> {
        match &self.queue {
            Queue::Memory(memory) => {
                Ok(Look { waiting: Lane::ALL.iter().map(|lane| memory.waiting(*lane)).collect(), emptied: false })
            }
            Queue::Redis(remote) => remote.look().await,
        }
    }

    /// Whether the last call reached the queue. Costs nothing; [`check`](Self::check) asks.
    #[must_use]
    pub fn health(&self) -> Health {
        match &self.queue {
            Queue::Memory(_) => Health::Reachable,
            Queue::Redis(remote) => remote.health(),
        }
    }

    /// Asks Redis about itself; there is nothing to ask a queue in memory.
    ///
    /// # Errors
    /// [`Away`] when Redis can't be reached, or may not be asked (`INFO`).
    pub async fn about(&self) -> Result<Option<About>, Away> {
        match &self.queue {
            Queue::Memory(_) => Ok(None),
            Queue::Redis(remote) => remote.about().await.map(Some),
        }
    }

    /// Asks whether the queue can be reached, within 5 s.
    pub async fn check(&self) -> Health {
        if let Queue::Redis(remote) = &self.queue {
            // What came of it is in the health.
            let _ = remote.ping().await;
        }
        self.health()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_comes_back_as_it_was_sent() {
        let ring = Ring::new(vec!["01J9".into(), "01JA".into()]);
        assert_eq!(ring.encode(), br#"{"ids":["01J9","01JA"],"v":1}"#);
        assert_eq!(Ring::decode(&ring.encode()), Ok(ring));
    }

    #[test]
    fn a_ring_of_the_next_release_with_one_field_more_is_understood() {
        assert_eq!(Ring::decode(br#"{"v":1,"ids":["a"],"hurry":true}"#), Ok(Ring::new(vec!["a".into()])));
    }

    #[test]
    fn what_is_no_ring_is_told_apart_and_never_quoted() {
        for garbage in [&b""[..], b"\xff\xfe", b"null", b"[]", b"7", b"{}", br#"{"v":-1}"#, br#"{"v":1}"#] {
            assert_eq!(Ring::decode(garbage), Err(Unreadable::Garbage), "{garbage:?}");
        }
        assert_eq!(Ring::decode(br#"{"v":1,"ids":"a"}"#), Err(Unreadable::Garbage));
        assert_eq!(Ring::decode(br#"{"v":2,"effects":{}}"#), Err(Unreadable::Version(2)));
        assert_eq!(Ring::decode(br#"{"v":1,"ids":[]}"#), Err(Unreadable::Count(0)));
        let crowd = Ring::new(vec!["a".into(); Ring::MOST_IDS + 1]);
        assert_eq!(Ring::decode(&crowd.encode()), Err(Unreadable::Count(1_001)));
        assert_eq!(Unreadable::Version(2).to_string(), "it has version 2, this program reads version 1");
    }

    #[test]
    fn the_configuration_never_shows_the_password() {
        let config = BellConfig::Redis { url: "redis://:hunter2@localhost".into(), prefix: "jf".into() };
        assert_eq!(format!("{config:?}"), r#"Redis { prefix: "jf", .. }"#);
    }
}
