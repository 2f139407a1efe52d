//! Outside effects: mail to sellers and brands, webhooks to brands and the marketplace.
//!
//! A call is leased, carries the effect's id as its idempotency key and is made outside any transaction, so it happens
//! at least once: the same webhook id and Message-ID on every attempt, and a webhook's body made only of what never
//! changes. What failed is classed here, once, into [`Fault::Retry`] and [`Fault::Never`]; how often and when is the
//! ledger's affair.

mod events;
mod guard;
mod letters;
mod mail;
mod pager;
mod picture;
mod smtp;
mod webhook;

use std::{fmt, path::PathBuf, time::Duration};

use jointforce_shared::{
    domain::{
        effect::{BrandNews, Effect},
        page::Route,
        refused::Refused,
        safe_text::SafeText,
        time::Time,
    },
    store::{self, Db, brands, db::without_password, effects::carry::Claimed},
};

use self::{
    guard::Guard,
    mail::Post,
    pager::Pager,
    webhook::{Endpoint, Hooks, Outcome},
};
pub use self::{
    guard::Range,
    pager::{Alertmanager, PagerConfig, PagerDuty, secret_from},
};
pub(crate) use self::{
    picture::Gallery,
    webhook::{chain as error_chain, retry_after},
};
use crate::portal::Links;

/// Where outside effects go.
#[derive(Debug, Clone)]
pub struct OutsideConfig {
    /// How mail leaves.
    pub mail: MailRoute,
    /// The sender of every mail, `name@host` or `Name <name@host>`. Sellers and brands answer to it.
    pub mail_from: String,
    /// The marketplace's own systems, if they want to be told.
    pub marketplace: Option<Marketplace>,
    /// Where pages go beside mail.
    pub pager: PagerConfig,
    /// The longest that one call may take; shorter than the lease of an outside effect (15 s), so that nobody else
    /// begins while this one may still succeed. [`OutsideConfig::TIMEOUT`] by default.
    pub timeout: Duration,
    /// Where brands' webhooks may lead beside the public internet. Nowhere, unless the operator says so.
    pub webhook_allow: Vec<Range>,
}

impl OutsideConfig {
    /// 10 s: two thirds of the lease.
    pub const TIMEOUT: Duration = Duration::from_secs(10);
}

/// How mail leaves.
#[derive(Clone)]
pub enum MailRoute {
    /// Over SMTP: `smtp://user:password@host:port` or `smtps://…`. Without `?tls=required`, `opportunistic` or `none`,
    /// TLS is required unless the host is this machine. A path is the name said in EHLO.
    Smtp(String),
    /// Into a folder, one `.eml` file a message, named by the effect: for the embedded default and the demo.
    Folder(PathBuf),
}

impl fmt::Debug for MailRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Smtp(url) => f.debug_tuple("Smtp").field(&without_password(url)).finish(),
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
        }
    }
}

/// The endpoint of the marketplace's own systems.
#[derive(Clone)]
pub struct Marketplace {
    /// An `http` or `https` URL.
    pub url: String,
    /// Its signing secret in Standard Webhooks form: `whsec_` and base64. Two, with a space between, while one replaces
    /// the other.
    pub secret: String,
    /// Where it says whether it took an event: a URL with `{id}` in it. It is asked, with GET and signed, before anything is
    /// sent again: 2xx is yes, 404 is no. Without it an event is sent again under the same id.
    pub outcome: Option<String>,
}

impl fmt::Debug for Marketplace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Marketplace").field("url", &without_password(&self.url)).finish_non_exhaustive()
    }
}

/// An outside effect that was carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The other side took it.
    Sent,
    /// There is nobody to tell (any more), and why.
    NothingToSend(&'static str),
}

/// Why an outside effect was not carried out, or perhaps was and nobody knows. The words may be shown: strangers' text
/// in them is clean, and no secret is in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It may work later.
    #[error("{why}")]
    Retry {
        /// What happened.
        why: String,
        /// The shortest wait that the other side asked for or is owed; `None` for the ledger's own backoff.
        after: Option<Duration>,
    },
    /// It may work later, and it is not this effect's fault: the endpoint takes no calls. Enough of these in a row open its
    /// breaker.
    #[error("{why}")]
    Away {
        /// What happened.
        why: String,
        /// The shortest wait for this effect; `None` for the ledger's own backoff.
        after: Option<Duration>,
        /// The pause that the endpoint asked for, for everything that is for it.
        pause: Option<Duration>,
    },
    /// The endpoint says that it is gone for good (410).
    #[error("{why}")]
    Gone {
        /// What happened.
        why: String,
        /// The URL that said so, as it was given. Never shown: it may hold a secret.
        url: String,
    },
    /// It won't work until a person changes something.
    #[error("{why}")]
    Never {
        /// What is wrong, and what to do.
        why: String,
    },
}

impl Fault {
    /// The shortest wait after a time-out or a plea to slow down: 60 s (the ledger's reference, `queue.md`).
    const SLOW: Duration = Duration::from_secs(60);

    fn retry(why: impl Into<String>) -> Self {
        Self::Retry { why: why.into(), after: None }
    }

    fn away(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), after: None, pause: None }
    }

    /// No answer in time.
    fn slow(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), after: Some(Self::SLOW), pause: None }
    }

    fn never(why: impl Into<String>) -> Self {
        Self::Never { why: why.into() }
    }

    /// Something that a payload names isn't in the database: a bug or a hand in the database.
    fn missing(what: &str, id: impl fmt::Display) -> Self {
        Self::never(format!("{what} {id} is not in the database"))
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Corrupt { .. } => Self::never(error.to_string()),
            _ => Self::retry(error.to_string()),
        }
    }
}

/// Strangers' words in a fault: one clean line.
fn quoted(text: &str) -> String {
    SafeText::line(text.trim(), 200).into_string()
}

/// Carries outside effects out. Holds the connections that are kept open.
#[derive(Debug)]
pub struct Outside {
    post: Post,
    hooks: Hooks,
    marketplace: Option<(Endpoint, Option<Outcome>)>,
    pager: Pager,
    links: Option<Links>,
}

impl Outside {
    /// Checks the settings; calls nobody.
    ///
    /// # Errors
    /// Every setting that is wrong, with its fix.
    pub fn new(config: OutsideConfig) -> Result<Self, Refused> {
        // reqwest is built without a TLS provider of its own; an error means that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut faults = vec![];
        let mut note = |refused: Refused| faults.extend(refused.faults);
        let post = Post::new(&config.mail, &config.mail_from, config.timeout).map_err(&mut note).ok();
        let hooks = Hooks::new(config.timeout, Guard::new(&config.webhook_allow)).map_err(&mut note).ok();
        let marketplace = config.marketplace.map(|to| {
            let endpoint = Endpoint::parse(&to.url, &to.secret)?.ours();
            Ok((endpoint, to.outcome.as_deref().map(Outcome::parse).transpose()?))
        });
        let marketplace = marketplace
            .transpose()
            .map_err(|(field, why): (_, webhook::Wrong)| {
                note(Refused::one(format!("marketplace.{field}"), why.0, why.1))
            })
            .ok();
        let pager = Pager::new(&config.pager).map_err(&mut note).ok();
        match (post, hooks, marketplace, pager) {
            (Some(post), Some(hooks), Some(marketplace), Some(pager)) => {
                Ok(Self { post, hooks, marketplace, pager, links: None })
            }
            _ => Err(Refused { faults }),
        }
    }

    /// With links in the letters that ask for something.
    #[must_use]
    pub fn with_links(mut self, links: Option<Links>) -> Self {
        self.links = links;
        self
    }

    /// Whether the marketplace's own systems want to be told.
    #[must_use]
    pub const fn has_marketplace(&self) -> bool {
        self.marketplace.is_some()
    }

    /// Carries one outside effect out. Call it with the effect's lease held, and never inside a transaction.
    ///
    /// # Errors
    /// Why it was not carried out, or why nobody knows whether it was.
    pub async fn carry(&self, db: &Db, effect: &Claimed, payload: &Effect, now: Time) -> Result<Sent, Fault> {
        match payload {
            Effect::MailBrand { brand, news: BrandNews::Asked { request, reminder, .. }, .. } => {
                let links = self.links.as_ref();
                match letters::asked(&mut db.read().await?, links, brand, *request, *reminder).await? {
                    Some(letter) => self.post.send(effect.id, &letter, now).await?,
                    None => return Ok(Sent::NothingToSend("nobody waits for the answer any more")),
                }
            }
            Effect::MailBrand { brand, notice, news } => {
                let letter = letters::to_brand(&mut db.read().await?, brand, *notice, news).await?;
                self.post.send(effect.id, &letter, now).await?;
            }
            Effect::MailSeller { seller, news } => {
                let letter = letters::to_seller(&mut db.read().await?, seller, news).await?;
                self.post.send(effect.id, &letter, now).await?;
            }
            Effect::HookBrand { brand: id, notice, news } => {
                let mut conn = db.read().await?;
                let Some(brand) = brands::get(&mut conn, id).await? else { return Err(Fault::missing("brand", id)) };
                let Some(url) = brand.webhook_url else {
                    return Ok(Sent::NothingToSend("the brand has no webhook any more"));
                };
                let endpoint = Endpoint::parse(&url, brand.webhook_secret.as_deref().unwrap_or_default()).map_err(
                    |(field, (problem, fix))| {
                        Fault::never(format!("the webhook {field} of brand {id}: {problem}. {fix}"))
                    },
                )?;
                let event = events::for_brand(&mut conn, id, *notice, news).await?;
                drop(conn);
                self.hooks.call(&endpoint, effect, &event, now).await?;
            }
            Effect::HookMarketplace { event } => {
                let Some((endpoint, outcome)) = &self.marketplace else {
                    return Ok(Sent::NothingToSend("no endpoint of the marketplace is configured"));
                };
                // What came of the attempt before is not known: it may have been taken, and only the answer lost.
                if let (Some(outcome), 2..) = (outcome, effect.attempt)
                    && self.hooks.was_taken(endpoint, outcome, effect, now).await?
                {
                    return Ok(Sent::Sent);
                }
                self.hooks.call(endpoint, effect, &events::for_marketplace(event), now).await?;
            }
            Effect::Page { page, route: Route::Mail, level, .. } => {
                let mut conn = db.read().await?;
                let Some(letter) = letters::to_on_call(&mut conn, *page, *level, now).await? else {
                    return Ok(Sent::NothingToSend("the page calls nobody any more, or nobody is on call"));
                };
                drop(conn);
                self.post.send(effect.id, &letter, now).await?;
            }
            Effect::Page { page, route, .. } => {
                return self.pager.tell(db, &self.hooks, effect, (*page, *route), now).await;
            }
            Effect::RemoveListing { .. }
            | Effect::RestoreListing { .. }
            | Effect::PauseListing { .. }
            | Effect::ResumeListing { .. }
            | Effect::LevelSeller { .. }
            | Effect::StoreListings { .. } => {
                return Err(Fault::never(format!("{} is carried out inside", payload.kind())));
            }
        }
        Ok(Sent::Sent)
    }
}
