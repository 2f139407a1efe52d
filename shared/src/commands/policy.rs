//! The numbers of policy: read from the database, changed as a whole, on the record.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{
    Actor, Error, House, Result,
    approval::{self, Waits},
    authorize, race,
};
use crate::{
    domain::{
        approval::Wanted,
        operator::Permission,
        policy::{Change, Policy, fields},
        refused::Refused,
    },
    store::{
        self, Conn, Tx, audit,
        policies::{self, Version},
    },
};

/// Versions looked through for where a number comes from.
const HISTORY: i64 = 1000;

impl House {
    /// A house with the machine's clock and the policy in force.
    ///
    /// # Errors
    /// What the store says, also of a stored policy that this program can't read.
    pub async fn open(db: store::Db) -> Result<Self> {
        let mut house = Self::new(db);
        house.refresh().await?;
        Ok(house)
    }

    /// Reads the policy again if another version is in force than the one in hand. Whether it was. Cheap when not.
    /// A command that is under way keeps the house, and so the numbers, it began with.
    ///
    /// # Errors
    /// What the store says, also of a stored policy that this program can't read. Then the old one stays in hand.
    pub async fn refresh(&mut self) -> Result<bool> {
        let mut conn = self.db.read().await?;
        if policies::version(&mut conn).await? == self.policy_version {
            return Ok(false);
        }
        (self.policy_version, self.policy) = in_force(&mut conn).await?;
        Ok(true)
    }
}

/// The policy in force, and its version: 0 for the defaults.
///
/// # Errors
/// What the store says, also of a stored policy that this program can't read.
pub async fn in_force(conn: &mut Conn) -> Result<(i64, Policy)> {
    let Some(newest) = policies::newest(conn).await? else { return Ok((0, Policy::default())) };
    let policy = Policy::default().patched(&newest.overrides).map_err(|refused| store::Error::Corrupt {
        table: "policy",
        id: newest.version.to_string(),
        problem: format!("{refused} Correct it with `jointforce-worker policy load`."),
    })?;
    Ok((newest.version, policy))
}

/// What a change of policy did.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// The version in force now.
    pub version: i64,
    /// What is different; as long as it waits, what will be.
    pub changes: Vec<Change>,
    /// The request that a second person has to agree to first: it switches the automatic path on.
    pub waits: Option<Waits>,
}

/// Where the new policy comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum NewPolicy {
    /// The one in force with these fields set to what is written.
    Set(Vec<(String, String)>),
    /// The defaults with these fields instead: what the document does not name has its default.
    Load(Value),
}

impl NewPolicy {
    /// The policy it makes of the one in force, checked as a whole.
    ///
    /// # Errors
    /// Names every unknown field, every value of the wrong kind and every number that makes no sense.
    pub fn of(&self, now: &Policy) -> std::result::Result<Policy, Refused> {
        let policy = match self {
            Self::Set(values) => now.with(values)?,
            Self::Load(document) => Policy::default().patched(document)?,
        };
        policy.validate()?;
        Ok(policy)
    }
}

/// Puts a new policy in force, as a whole or not at all. Workers have it within a second, consoles with their next
/// look at the queue. What switches the automatic path on waits for a second person; switching it off waits for nobody.
///
/// # Errors
/// Refused without [`Permission::ManagePolicy`], without a reason, if nothing would change, and as [`NewPolicy::of`].
pub async fn change(house: &House, actor: &Actor, new: &NewPolicy, reason: &str) -> Result<Changed> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(
            Refused::one("reason", "it is empty or longer than 500 characters", "Say in a few words why.").into()
        );
    }
    race!(attempt(house, actor, new, reason))
}

async fn attempt(house: &House, actor: &Actor, new: &NewPolicy, reason: &str) -> Result<Changed> {
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::ManagePolicy).await?;
    let (version, before) = match in_force(&mut tx).await {
        // What can't be read can only be replaced.
        Err(Error::Store(store::Error::Corrupt { .. })) if matches!(new, NewPolicy::Load(_)) => {
            (policies::version(&mut tx).await?, Policy::default())
        }
        read => read?,
    };
    let after = new.of(&before)?;
    let changes = before.changes(&after);
    if changes.is_empty() {
        let fix = "Nothing to do; `policy show` prints what is in force.";
        return Err(Refused::one("policy", "that is what is in force already", fix).into());
    }
    let overrides = after.overrides();
    if after.automatic.on && !before.automatic.on {
        let wanted = Wanted::Policy { from: version, overrides, changes: changes.clone(), note: reason.to_owned() };
        let waits = approval::ask_for_policy(house, &mut tx, actor, wanted).await?;
        tx.commit().await?;
        return Ok(Changed { version, changes, waits: Some(waits) });
    }
    let version = add(house, &mut tx, actor, version, overrides, &changes, reason).await?;
    let body = json!({ "version": version, "changes": changes, "reason": reason });
    audit::add(&mut tx, &[house.event(actor, "policy.changed", format!("policy:{version}"), None, body)]).await?;
    tx.commit().await?;
    Ok(Changed { version, changes, waits: None })
}

/// Stores the version after `from`; the caller writes the audit event. Gives its number.
pub(super) async fn add(
    house: &House,
    tx: &mut Tx,
    actor: &Actor,
    from: i64,
    overrides: Value,
    changes: &[Change],
    reason: &str,
) -> Result<i64> {
    let stored = Version {
        version: from + 1,
        overrides,
        changes: changes.to_vec(),
        reason: reason.to_owned(),
        by: actor.id().clone(),
        at: house.clock.now(),
    };
    policies::add(tx, &stored).await?;
    Ok(stored.version)
}

/// A field of policy, its value, and where that comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// Its name, with dots.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// The version that set it; `None` for a default.
    pub origin: Option<Version>,
}

/// Every field of the policy in force, in order, with where it comes from.
///
/// # Errors
/// What the store says.
pub async fn show(house: &House) -> Result<Vec<Field>> {
    let mut conn = house.db.read().await?;
    let (_, policy) = in_force(&mut conn).await?;
    let mut set_by: BTreeMap<String, Version> = BTreeMap::new();
    for version in policies::history(&mut conn, HISTORY).await?.into_iter().rev() {
        for change in &version.changes {
            set_by.insert(change.field.clone(), version.clone());
        }
    }
    let defaults: BTreeMap<String, Value> = fields(&Policy::default()).into_iter().collect();
    let origin = |name: &str, value: &Value| {
        if defaults.get(name) == Some(value) { None } else { set_by.get(name).cloned() }
    };
    let field = |(name, value): (String, Value)| Field { origin: origin(&name, &value), name, value };
    Ok(fields(&policy).into_iter().map(field).collect())
}
