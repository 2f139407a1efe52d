//! `run`: a worker process.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use jointforce_shared::{
    commands::House,
    config::{Places, exit},
    domain::{effect::Lane, refused::Refused},
    telemetry::Log,
};
use jointforce_worker::{
    bell::BellConfig,
    outside::{Alertmanager, MailRoute, Marketplace, PagerDuty, Range, secret_from},
    portal::{KeyFile, Listen, PortalConfig},
    register::{RegisterConfig, Token},
    run::{self, RunConfig},
};

use super::{Command, audit::SealArgs, output, settings, signals};

/// How a worker reaches the outside.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// The mail server: smtp://host:25, smtps://user:password@host. On the embedded default mail goes to a folder instead.
    #[arg(long, env = "SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub(super) smtp_url: Option<String>,
    /// Who the mail is from.
    #[arg(long, env = "MAIL_FROM", default_value = "Joint Force <takedowns@localhost>", value_name = "ADDRESS")]
    mail_from: String,
    /// Where the marketplace's systems hear of removed listings and restricted sellers. Its signing secret is read from
    /// MARKETPLACE_SECRET (whsec_…), never from the command line.
    #[arg(long, env = "MARKETPLACE_URL", value_name = "URL")]
    pub(super) marketplace_url: Option<String>,
    /// The file with that secret; two, one a line, while one replaces the other. SIGHUP reads it again.
    #[arg(long, env = "MARKETPLACE_SECRET_FILE", value_name = "FILE")]
    marketplace_secret_file: Option<PathBuf>,
    /// Where the marketplace says whether it took an event, with {id} for the event's id: https://market.example/events/{id}.
    /// Asked with GET before anything is sent again; 2xx is yes, 404 is no.
    #[arg(long, env = "MARKETPLACE_OUTCOME_URL", requires = "marketplace_url", value_name = "URL")]
    marketplace_outcome_url: Option<String>,
    /// Let brands' webhooks lead to these addresses too (10.1.0.0/16, fd00::/8, one address); otherwise only to the public
    /// internet. With commas between, or given several times.
    #[arg(long, env = "JOINTFORCE_WEBHOOK_ALLOW", value_delimiter = ',', value_name = "RANGE")]
    webhook_allow: Vec<Range>,
    /// Call whoever is on call through PagerDuty too: the file that holds the routing key of an Events API v2 integration.
    #[arg(long, env = "PAGERDUTY_KEY_FILE", value_name = "FILE")]
    pagerduty_key_file: Option<PathBuf>,
    /// Where PagerDuty takes events; https://events.eu.pagerduty.com/v2/enqueue in the EU service region.
    #[arg(long, env = "PAGERDUTY_URL", default_value = PagerDuty::URL, value_name = "URL")]
    pagerduty_url: String,
    /// Send pages to what takes the webhooks of Prometheus' Alertmanager (version 4).
    #[arg(long, env = "ALERTMANAGER_WEBHOOK_URL", hide_env_values = true, value_name = "URL")]
    alertmanager_webhook_url: Option<String>,
    /// The file that holds the bearer token which that receiver asks for.
    #[arg(long, env = "ALERTMANAGER_TOKEN_FILE", requires = "alertmanager_webhook_url", value_name = "FILE")]
    alertmanager_token_file: Option<PathBuf>,
    /// The transparency register to which statements of reasons go, up to /api:
    /// https://transparency.dsa.ec.europa.eu. Without it they wait; `reasons export` writes them.
    #[arg(long, env = "JOINTFORCE_REGISTER_URL", value_name = "URL")]
    register_url: Option<String>,
    /// A file with the register's token and nothing else, read again for each call; or put the token itself into
    /// JOINTFORCE_REGISTER_TOKEN, never on the command line.
    #[arg(long, env = "JOINTFORCE_REGISTER_TOKEN_FILE", value_name = "FILE")]
    register_token_file: Option<PathBuf>,
    /// What this fleet's keys in Redis begin with.
    #[arg(long, env = "REDIS_PREFIX", default_value = "jointforce", value_name = "TEXT")]
    pub(super) redis_prefix: String,
    /// Where this worker serves the pages on which rights holders answer questions, HTTP without TLS: 127.0.0.1:8080 behind
    /// a proxy. The embedded default listens on this machine at a free port that stays the same.
    #[arg(long, env = "JOINTFORCE_PORTAL_ADDR", value_name = "ADDRESS")]
    portal_addr: Option<SocketAddr>,
    /// The address of those pages in letters: https://portal.example. Without it letters of a fleet carry no links.
    #[arg(long, env = "JOINTFORCE_PORTAL_URL", value_name = "URL")]
    portal_url: Option<String>,
    /// The key that signs links, at least 32 random bytes, the same for every worker of a fleet; readable by its owner alone.
    #[arg(long, env = "JOINTFORCE_LINK_KEY_FILE", value_name = "FILE")]
    link_key_file: Option<PathBuf>,
    /// Serve only this lane: removals, penalties, pages, marketplace, webhooks or letters; inside for the first two, outside
    /// for the others. May be given several times.
    #[arg(long = "lane", value_name = "LANE", value_parser = lanes, default_values = ["inside", "outside"])]
    lanes: Vec<Lanes>,
    /// The most removals or penalties in one transaction.
    #[arg(long, value_name = "N", default_value_t = RunConfig::BATCH as u64, value_parser = clap::value_parser!(u64).range(1..=1000))]
    batch: u64,
    #[command(flatten)]
    pub(super) seal: SealArgs,
    /// Where /livez, /readyz and /metrics (Prometheus) are served, over HTTP without TLS: 127.0.0.1:9180.
    #[arg(long, env = "JOINTFORCE_HEALTH_ADDR", value_name = "ADDRESS")]
    health_addr: Option<SocketAddr>,
    /// How many seconds a worker that is told to leave may finish what it holds; then it hands back what it has leased, so
    /// that others go on at once. Less than the service manager's own patience (systemd's TimeoutStopSec).
    #[arg(long, env = "JOINTFORCE_DRAIN", default_value_t = 25, value_parser = clap::value_parser!(u64).range(0..=3600), value_name = "SECONDS")]
    drain: u64,
    /// How to log: text for people, json for programs, one object a line, journald with its own fields
    /// (`journalctl EFFECT=…`).
    #[arg(long, env = "JOINTFORCE_LOG", default_value = "text", value_name = "FORMAT")]
    log: Log,
}

impl RunArgs {
    /// How it logs.
    pub const fn log(&self) -> Log {
        self.log
    }

    /// The files that hold secrets.
    pub fn secret_files(&self) -> impl Iterator<Item = &Path> {
        let files = [
            &self.marketplace_secret_file,
            &self.pagerduty_key_file,
            &self.alertmanager_token_file,
            &self.register_token_file,
            &self.link_key_file,
            &self.seal.audit_key_file,
        ];
        files.into_iter().filter_map(Option::as_deref).filter(|file| !file.as_os_str().is_empty())
    }

    /// Where checkpoints are exported to, if that was said.
    pub fn checkpoints(&self) -> Option<PathBuf> {
        self.seal.checkpoints.clone()
    }

    /// What a worker is run with.
    ///
    /// # Errors
    /// What is missing or wrong, with its fix.
    pub fn config(self, places: &Places, embedded: bool) -> Result<RunConfig, Refused> {
        let mut config = run::embedded_config(places);
        if let Some(url) = places.redis_url.clone() {
            config.bell = BellConfig::Redis { url, prefix: self.redis_prefix };
        }
        match self.smtp_url {
            Some(url) => config.outside.mail = MailRoute::Smtp(url),
            None if embedded => {}
            None => {
                return Err(Refused::one(
                    "mail",
                    "no mail server is given",
                    "Set SMTP_URL, for example smtp://localhost:25; only the embedded default writes mail to a folder.",
                ));
            }
        }
        config.outside.mail_from = self.mail_from;
        if let Some(url) = self.marketplace_url {
            let secret = marketplace_secret(self.marketplace_secret_file.as_deref())?;
            config.outside.marketplace = Some(Marketplace { url, secret, outcome: self.marketplace_outcome_url });
        }
        config.portal = portal(&self.portal_addr, self.portal_url, self.link_key_file, config.portal, embedded)?;
        if let Some(file) = &self.pagerduty_key_file {
            let routing_key = secret_from("pagerduty", file)?;
            config.outside.pager.pager_duty = Some(PagerDuty { url: self.pagerduty_url, routing_key });
        }
        if let Some(url) = self.alertmanager_webhook_url {
            let token = self.alertmanager_token_file.as_deref().map(|file| secret_from("alertmanager", file));
            config.outside.pager.alertmanager = Some(Alertmanager { url, token: token.transpose()? });
        }
        if let Some(url) = self.register_url.filter(|url| !url.is_empty()) {
            let text = || std::env::var("JOINTFORCE_REGISTER_TOKEN").ok().map(Token::Text);
            let token = self.register_token_file.map(Token::File).or_else(text).ok_or_else(|| {
                let fix = "Set JOINTFORCE_REGISTER_TOKEN_FILE to a file with the token from your profile there.";
                Refused::one("register", "its token is missing", fix)
            })?;
            config.register = Some(RegisterConfig { url, token });
        }
        config.pictures = true;
        config.outside.webhook_allow = self.webhook_allow;
        config.lanes = self.lanes.into_iter().flat_map(|lanes| lanes.0).collect();
        config.batch = usize::try_from(self.batch).unwrap_or(RunConfig::BATCH);
        config.seal = self.seal.config(places);
        config.health = self.health_addr;
        config.drain = Duration::from_secs(self.drain);
        Ok(config)
    }
}

/// One lane, or those of one kind.
#[derive(Debug, Clone)]
struct Lanes(Vec<Lane>);

fn lanes(text: &str) -> Result<Lanes, String> {
    Ok(Lanes(match text {
        "inside" => Lane::INSIDE.to_vec(),
        "outside" => Lane::OUTSIDE.to_vec(),
        one => vec![one.parse().map_err(|why| format!("{why}, inside, outside"))?],
    }))
}

fn marketplace_secret(file: Option<&Path>) -> Result<String, Refused> {
    let Some(file) = file else {
        let fix = "Set MARKETPLACE_SECRET_FILE to a file with it (whsec_…).";
        return std::env::var("MARKETPLACE_SECRET")
            .map_err(|_| Refused::one("marketplace", "its signing secret is missing", fix));
    };
    let text = std::fs::read_to_string(file).map_err(|error| {
        let problem = format!("{} can't be read: {error}", file.display());
        Refused::one("marketplace", problem, "Give a file that this account may read, with the secret alone in it.")
    })?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The pages for rights holders: on the embedded default always; of a fleet by those workers that are told to, all with
/// the same key.
fn portal(
    addr: &Option<SocketAddr>,
    url: Option<String>,
    key: Option<PathBuf>,
    default: Option<PortalConfig>,
    embedded: bool,
) -> Result<Option<PortalConfig>, Refused> {
    let wanted = addr.is_some() || url.is_some();
    let default = default.filter(|_| embedded);
    let key = match (key, &default) {
        (Some(file), _) => KeyFile::Given(file),
        (None, Some(default)) => default.key.clone(),
        (None, None) if wanted => {
            return Err(Refused::one(
                "link key",
                "links of a fleet are signed with one key, and none is given",
                "Set JOINTFORCE_LINK_KEY_FILE to a file with 32 random bytes, the same for every worker.",
            ));
        }
        (None, None) => return Ok(None),
    };
    let listen = match (addr, default) {
        (Some(addr), _) => Listen::At(*addr),
        (None, Some(default)) => default.listen,
        (None, None) if wanted => Listen::Nowhere,
        (None, None) => return Ok(None),
    };
    Ok(Some(PortalConfig { listen, url, key }))
}

/// Serves until SIGTERM or SIGINT.
pub async fn run(house: House, places: &Places, args: RunArgs) -> anyhow::Result<u8> {
    let embedded = house.db.is_embedded();
    let config = args.config(places, embedded)?;
    let _lock = if embedded {
        let Some(lock) = run::lock_file(&house.db)? else {
            output::line(
                "another process (a worker or a console) already carries out the effects of this database file",
            )?;
            return Ok(exit::TEMPORARY);
        };
        Some(lock)
    } else {
        None
    };
    let places = places.clone();
    let orders = signals::listen(move || {
        let words: Vec<_> = std::env::args_os().collect();
        let read = settings::read(&words)?;
        read.file.usable()?;
        match read.cli.command {
            Command::Run(args) => Ok(args.config(&places, embedded)?.outside),
            _ => anyhow::bail!("this is no worker that runs"),
        }
    })?;
    run::run(house, config, orders).await?;
    Ok(exit::OK)
}
