//! The one write path. Every command loads, calls a pure function of the domain, saves with the version that was seen,
//! writes effects and the audit event, and commits: all in one transaction. Console, importer, worker and sweep all
//! come through here, and who may do what is decided here.

pub mod appeal;
pub mod approval;
pub mod authenticity;
pub mod automatic;
pub mod case;
pub mod catalogue;
pub mod counter_notice;
pub mod effect;
pub mod group;
pub mod lane;
pub mod notice;
pub mod operator;
pub mod page;
mod party;
pub mod penalty;
pub mod picture;
pub mod policy;
pub mod quality;
mod review;
pub mod rota;
pub mod seal;
pub mod shift;
pub mod sitting;
pub mod statement;
pub mod sweep;
pub mod trust;
pub mod view;
pub mod webhook;
pub mod withdrawal;

use std::fmt;

use serde_json::Value;

use crate::{
    clock::Clock,
    domain::{
        audit::Event,
        case::By,
        effect::{Effect, NewEffect},
        ids::{AuditId, BrandId, CaseId, EffectId, OperatorId, SellerId},
        operator::{Operator, Permission},
        policy::Policy,
        refused::Refused,
        time::Time,
    },
    store::{self, Db, Tx, operators},
};

/// What every command needs: the truth, the time, the numbers of policy.
#[derive(Debug, Clone)]
pub struct House {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// The numbers. A value, so that a command has the same ones from its beginning to its end.
    pub policy: Policy,
    /// The stored version that the numbers are from; 0 for the defaults.
    pub policy_version: i64,
}

/// Who asks for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A person, by the account that the operating system vouches for. The role is read from the database each time.
    Operator(OperatorId),
    /// A person, by the SSH key or certificate with which they came through a gate (see [`operator::keys`]).
    Keyed(OperatorId),
    /// A program of ours that holds the database's credentials anyway: `worker`, `import`.
    Program(OperatorId),
    /// A rule that decides without a person, as `automatic:RULE`.
    Automatic(OperatorId),
    /// A brand or a seller who acts for itself, as `brand:ID` or `seller:ID`. Only the commands made for them let it in.
    Party {
        /// Who.
        id: OperatorId,
        /// How they proved who they are: `link`, `portal`, `process`.
        auth: &'static str,
    },
}

impl Actor {
    /// A program of ours by its name. A name that is no id becomes `program`.
    #[must_use]
    pub fn program(name: &str) -> Self {
        Self::Program(named(name, "program"))
    }

    /// The rule of this name.
    #[must_use]
    pub fn automatic(rule: &str) -> Self {
        Self::Automatic(named(&format!("automatic:{rule}"), "automatic"))
    }

    /// A brand who acts for itself.
    #[must_use]
    pub fn brand(brand: &BrandId, auth: &'static str) -> Self {
        Self::Party { id: named(&format!("brand:{brand}"), "brand"), auth }
    }

    /// A seller who acts for itself.
    #[must_use]
    pub fn seller(seller: &SellerId, auth: &'static str) -> Self {
        Self::Party { id: named(&format!("seller:{seller}"), "seller"), auth }
    }

    /// Whether a person of ours acts, and no program, rule or stranger.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Operator(_) | Self::Keyed(_))
    }

    /// Whether a rule acts and no person.
    #[must_use]
    pub const fn is_automatic(&self) -> bool {
        matches!(self, Self::Automatic(_))
    }

    /// The id under which the audit record names it.
    #[must_use]
    pub const fn id(&self) -> &OperatorId {
        match self {
            Self::Operator(id) | Self::Keyed(id) | Self::Program(id) | Self::Automatic(id) | Self::Party { id, .. } => {
                id
            }
        }
    }

    const fn auth(&self) -> &'static str {
        match self {
            Self::Operator(_) => "os",
            Self::Keyed(_) => "ssh",
            Self::Program(_) => "process",
            Self::Automatic(_) => "rule",
            Self::Party { auth, .. } => auth,
        }
    }
}

fn named(name: &str, otherwise: &str) -> OperatorId {
    match name.parse().or_else(|_| otherwise.parse()) {
        Ok(id) => id,
        Err(_) => std::process::abort(),
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id().fmt(f)
    }
}

/// Why a command changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It can't be done as asked; the person is told all of it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The thing is no longer as the person saw it.
    #[error("{0} changed since you saw it: look again before you decide")]
    Changed(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// A command's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn is_race(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_race())
    }
}

impl House {
    /// A house with the machine's clock and the default policy.
    #[must_use]
    pub fn new(db: Db) -> Self {
        Self { db, clock: Clock::System, policy: Policy::default(), policy_version: 0 }
    }

    /// An effect to be carried out from `due` on, whatever becomes of any decision.
    pub(crate) fn effect(&self, effect: Effect, due: Time) -> NewEffect {
        NewEffect { id: self.clock.id(EffectId::from_ulid), effect, due, decision: None, once: None }
    }

    /// An audit event by `actor`, now.
    pub(crate) fn event(
        &self,
        actor: &Actor,
        action: &str,
        subject: String,
        case: Option<CaseId>,
        body: Value,
    ) -> Event {
        Event {
            id: self.clock.id(AuditId::from_ulid),
            at: self.clock.now(),
            actor: actor.to_string(),
            auth: actor.auth().to_owned(),
            action: action.to_owned(),
            subject,
            case,
            body,
        }
    }
}

/// What an actor turned out to be allowed.
#[derive(Debug, Clone)]
pub(crate) struct Allowed {
    /// The operator, unless it is a program.
    pub operator: Option<Operator>,
}

impl Allowed {
    /// Whether it may also do this.
    pub fn may(&self, permission: Permission) -> bool {
        self.operator.as_ref().is_none_or(|operator| operator.role.may(permission))
    }

    /// The actor as the transition table has to know it.
    pub fn by(&self, actor: &Actor) -> By {
        By {
            operator: actor.id().clone(),
            may_overturn: self.may(Permission::Overturn),
            desks: self.operator.as_ref().map(|operator| operator.desks.clone()).unwrap_or_default(),
        }
    }
}

/// Lets an actor through, or says why not. Inside the command's transaction, so that a disabled account ends at once.
pub(crate) async fn authorize(tx: &mut Tx, actor: &Actor, permission: Permission) -> Result<Allowed> {
    let id = match actor {
        Actor::Program(_) | Actor::Automatic(_) => return Ok(Allowed { operator: None }),
        Actor::Operator(id) | Actor::Keyed(id) => id,
        Actor::Party { id, .. } => {
            let fix = "Brands and sellers answer questions, file notices and counter-notices, and appeal.";
            return Err(Refused::one("actor", format!("{id} does not work here"), fix).into());
        }
    };
    let operator = operators::get(tx, id).await?.filter(|operator| operator.enabled).ok_or_else(|| {
        Refused::one(
            "account",
            format!("{id} is no operator here"),
            "Ask an admin to run `jointforce-console operators add`.",
        )
    })?;
    if operator.role.may(permission) {
        return Ok(Allowed { operator: Some(operator) });
    }
    Err(Refused::one(
        "role",
        format!("{} may not {}", operator.role.somebody(), permission.as_str().replace('_', " ")),
        "Ask somebody whose role allows it; `jointforce-console operators list` shows who.",
    )
    .into())
}

/// Runs a command again from its start when it met another transaction and lost; each time it waits a little longer.
macro_rules! race {
    ($attempt:expr) => {{
        let mut tries = 0;
        loop {
            tries += 1;
            match $attempt.await {
                Err(error) if tries < 20 && $crate::commands::Error::is_race(&error) => {
                    tokio::time::sleep(std::time::Duration::from_millis(2 * tries)).await;
                }
                outcome => break outcome,
            }
        }
    }};
}
pub(crate) use race;
