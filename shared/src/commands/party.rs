//! Who may speak for a brand or a seller: they themselves, and staff who write down what they were told.

use super::{Actor, Error, Result, authorize};
use crate::{
    domain::{operator::Permission, refused::Refused},
    store::Tx,
};

/// Lets an actor speak for `party`, or says why not.
pub(super) async fn speaks_for(tx: &mut Tx, actor: &Actor, party: &Actor) -> Result<()> {
    match actor {
        Actor::Program(_) => Ok(()),
        Actor::Party { id, .. } if id == party.id() => Ok(()),
        Actor::Party { id, .. } => Err(Refused::one(
            "actor",
            format!("{id} may not speak for {party}"),
            "Brands and sellers act for themselves; sign in as the right one.",
        )
        .into()),
        Actor::Automatic(id) => {
            Err(Refused::one("actor", format!("{id} is a rule and speaks for nobody"), "Leave it to the party.").into())
        }
        Actor::Operator(_) | Actor::Keyed(_) => match authorize(tx, actor, Permission::Decide).await {
            Err(Error::Refused(_)) => authorize(tx, actor, Permission::Import).await.map(drop),
            allowed => allowed.map(drop),
        },
    }
}
