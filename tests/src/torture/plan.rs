//! What goes wrong and when: a function of the seed alone.

use std::{fmt, time::Duration};

use jointforce_shared::fixtures::Random;

use super::proxy::Cut;

/// A link between two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Link {
    /// Workers and PostgreSQL.
    Database,
    /// Workers and Redis.
    Redis,
    /// Workers and the marketplace's endpoint.
    Marketplace,
    /// Workers and the brands' endpoint.
    Brand,
    /// Workers and the mail server.
    Mail,
    /// Consoles and PostgreSQL.
    Console,
}

impl Link {
    pub const ALL: [Self; 6] = [Self::Database, Self::Redis, Self::Marketplace, Self::Brand, Self::Mail, Self::Console];
    /// Those of an embedded database: the others are inside one process or a file.
    pub const EMBEDDED: [Self; 3] = [Self::Marketplace, Self::Brand, Self::Mail];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Database => "worker-PostgreSQL",
            Self::Redis => "worker-Redis",
            Self::Marketplace => "worker-marketplace",
            Self::Brand => "worker-brand",
            Self::Mail => "worker-SMTP",
            Self::Console => "console-PostgreSQL",
        }
    }
}

/// How a link fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Break {
    BeforeSend,
    AfterSend,
    MidReply,
    /// Everything is swallowed for a while.
    Blackhole,
    /// Everything is slow for a while.
    Delay,
}

impl Break {
    pub const ALL: [Self; 5] = [Self::BeforeSend, Self::AfterSend, Self::MidReply, Self::Blackhole, Self::Delay];

    pub const fn cut(self) -> Option<Cut> {
        match self {
            Self::BeforeSend => Some(Cut::BeforeSend),
            Self::AfterSend => Some(Cut::AfterSend),
            Self::MidReply => Some(Cut::MidReply),
            Self::Blackhole | Self::Delay => None,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::BeforeSend => "cut before send",
            Self::AfterSend => "cut after send, before the reply",
            Self::MidReply => "cut in the middle of the reply",
            Self::Blackhole => "swallows everything",
            Self::Delay => "slow",
        }
    }
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    WorkerKilled,
    /// The one that leads the relay.
    LeaderKilled,
    /// SIGSTOP for a moment.
    WorkerStopped,
    /// SIGSTOP for longer than an effect's lease.
    WorkerStoppedPastLease,
    WorkerDrained,
    RedisKilled,
    RedisEmptied,
    RedisPaused,
    PostgresKilled,
    /// `kill -9` of one server process, after which PostgreSQL restarts itself.
    BackendKilled,
    PostgresPaused,
    BackendsTerminated,
    Broken(Link, Break),
    /// Some of the next acts of moderators end at a random point.
    ConsolesKilled,
    /// An endpoint answers 500, hangs up after it took the call, and redirects.
    EndpointFails,
    /// The mail server greylists, and takes letters and hangs up.
    MailFails,
    ClockJumps,
    DiskFull,
    /// A newer program adds to the schema, as at the beginning of a rolling upgrade.
    SchemaGrows,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WorkerKilled => "worker kill -9",
            Self::LeaderKilled => "leading worker kill -9",
            Self::WorkerStopped => "worker SIGSTOP",
            Self::WorkerStoppedPastLease => "worker SIGSTOP past the lease",
            Self::WorkerDrained => "worker drained and restarted",
            Self::RedisKilled => "Redis killed, nothing kept",
            Self::RedisEmptied => "Redis FLUSHALL",
            Self::RedisPaused => "Redis SIGSTOP",
            Self::PostgresKilled => "PostgreSQL crashed and restarted",
            Self::BackendKilled => "PostgreSQL backend kill -9",
            Self::PostgresPaused => "PostgreSQL SIGSTOP",
            Self::BackendsTerminated => "all backends terminated",
            Self::Broken(link, how) => return write!(f, "{}: {}", link.name(), how.name()),
            Self::ConsolesKilled => "consoles killed in an act",
            Self::EndpointFails => "endpoints fail",
            Self::MailFails => "mail server fails",
            Self::ClockJumps => "a worker's clock jumps",
            Self::DiskFull => "disk full",
            Self::SchemaGrows => "a newer program adds to the schema",
        })
    }
}

/// One fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// When, from the beginning; it may wait for an earlier one at the same place to end.
    pub at: Duration,
    pub kind: Kind,
    /// How long it lasts, where it lasts.
    pub span: Duration,
    /// Any number, for whatever else has to be chosen.
    pub dice: u64,
}

/// What this machine and this form can do.
#[derive(Debug, Clone, Copy)]
pub struct Means {
    pub embedded: bool,
    pub clock: bool,
    pub disk: bool,
}

/// Faults of these kinds alone: whose names contain the text.
pub type Only<'a> = Option<&'a str>;

impl Means {
    /// What of it can go wrong, with how often it does.
    pub fn kinds(self, only: Only) -> Vec<(u32, Kind)> {
        let mut kinds = self.all();
        kinds.retain(|(_, kind)| only.is_none_or(|only| kind.to_string().contains(only)));
        kinds
    }

    fn all(self) -> Vec<(u32, Kind)> {
        let mut kinds = vec![
            (30, Kind::WorkerKilled),
            (4, Kind::WorkerStoppedPastLease),
            (10, Kind::WorkerStopped),
            (8, Kind::WorkerDrained),
            (10, Kind::ConsolesKilled),
            (6, Kind::EndpointFails),
            (4, Kind::MailFails),
            (2, Kind::SchemaGrows),
        ];
        if self.clock {
            kinds.push((4, Kind::ClockJumps));
        }
        if self.disk {
            kinds.push((2, Kind::DiskFull));
        }
        let links = if self.embedded { &Link::EMBEDDED[..] } else { &Link::ALL };
        kinds.extend(links.iter().flat_map(|link| Break::ALL.map(|how| (2, Kind::Broken(*link, how)))));
        if !self.embedded {
            kinds.extend([
                (8, Kind::LeaderKilled),
                (8, Kind::RedisKilled),
                (6, Kind::RedisEmptied),
                (6, Kind::RedisPaused),
                (4, Kind::PostgresKilled),
                (2, Kind::BackendKilled),
                (4, Kind::PostgresPaused),
                (6, Kind::BackendsTerminated),
            ]);
        }
        kinds
    }
}

/// So many faults of these kinds, on average `every` apart; each kind once before chance decides, the slowest first.
pub fn plan(seed: u64, count: usize, every: Duration, means: Means, only: Only) -> Vec<Fault> {
    let kinds = means.kinds(only);
    let count = if kinds.is_empty() { 0 } else { count };
    let mut random = Random::new(seed, "faults", usize::from(means.embedded));
    let mut once: Vec<Kind> = kinds.iter().map(|(_, kind)| *kind).collect();
    for n in (1..once.len()).rev() {
        once.swap(n, random.below(n + 1));
    }
    once.sort_by_key(|kind| *kind != Kind::WorkerStoppedPastLease);
    let mut at = Duration::ZERO;
    (0..count)
        .map(|n| {
            at += every.mul_f64(random.unit() * 2.0);
            let kind = once.get(n).copied().unwrap_or_else(|| random.weighted(&kinds));
            Fault { at, kind, span: span(kind, &mut random), dice: random.bits() }
        })
        .collect()
}

fn span(kind: Kind, random: &mut Random) -> Duration {
    let (from, to) = match kind {
        // The lease of an outside effect is 15 s.
        Kind::WorkerStoppedPastLease => (16_000, 18_000),
        // Less than the 10 s of a call, or its receiver is left alone for a minute.
        Kind::Broken(_, Break::Blackhole) => (300, 4_000),
        Kind::Broken(_, Break::Delay) => (500, 3_000),
        // A moment more than the 5 s that the bell gives a call, now and then.
        Kind::RedisPaused => (200, 6_500),
        Kind::DiskFull => (500, 2_500),
        _ => (50, 2_500),
    };
    Duration::from_millis(u64::try_from(random.between(from, to)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const FLEET: Means = Means { embedded: false, clock: true, disk: true };

    #[test]
    fn a_seed_says_everything_and_another_says_something_else() {
        let every = Duration::from_millis(500);
        assert_eq!(plan(7, 300, every, FLEET, None), plan(7, 300, every, FLEET, None));
        assert_ne!(plan(7, 300, every, FLEET, None), plan(8, 300, every, FLEET, None));
    }

    #[test]
    fn every_kind_comes_before_any_comes_by_chance() {
        for means in [FLEET, Means { embedded: true, clock: false, disk: false }] {
            let kinds = means.kinds(None).len();
            let faults = plan(1, kinds, Duration::from_secs(1), means, None);
            let seen: HashSet<Kind> = faults.iter().map(|fault| fault.kind).collect();
            assert_eq!((seen.len(), faults[0].kind), (kinds, Kind::WorkerStoppedPastLease));
        }
    }

    #[test]
    fn only_what_was_asked_for_goes_wrong() {
        let faults = plan(1, 500, Duration::from_millis(1), FLEET, Some("worker kill -9"));
        let (leaders, others): (Vec<Fault>, Vec<Fault>) =
            faults.into_iter().partition(|fault| fault.kind == Kind::LeaderKilled);
        assert!(leaders.len() > 50 && others.iter().all(|fault| fault.kind == Kind::WorkerKilled), "{}", leaders.len());
    }
}
