//! Why somebody may sit here, and whether they still may.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        self, Actor, House,
        operator::{self, keys},
    },
    domain::{
        ids::OperatorId,
        operator::{Operator, key::Seat},
        refused::Refused,
    },
};
use tokio::{sync::watch, time::sleep};

/// How often it is asked whether they still may: the longest that a revoked key is of use.
const ASKED_AGAIN: Duration = Duration::from_secs(12);

/// What vouches for the person at this terminal.
#[derive(Debug, Clone)]
pub enum Pass {
    /// The operating system: it is their own account.
    Account(OperatorId),
    /// sshd, which let them in through an account that is a gate.
    Gate(OperatorId, Seat),
}

impl Pass {
    /// For the account that runs this process, and the seat that it was told.
    pub fn of(account: OperatorId, seat: Option<Seat>) -> Self {
        match seat {
            None => Self::Account(account),
            Some(seat) => Self::Gate(account, seat),
        }
    }

    /// Who sits here; through a gate that is put on the record.
    ///
    /// # Errors
    /// Refused to whoever may not, with the reason.
    pub async fn sign_in(&self, house: &House) -> commands::Result<Operator> {
        match self {
            Self::Account(account) => operator::sign_in(house, account).await,
            Self::Gate(gate, seat) => keys::take_seat(house, gate, seat).await,
        }
    }

    /// The person as commands know them.
    pub fn actor(&self, me: &Operator) -> Actor {
        match self {
            Self::Account(_) => Actor::Operator(me.id.clone()),
            Self::Gate(..) => Actor::Keyed(me.id.clone()),
        }
    }

    /// Asks again and again whether they still may, and says so once when they no longer do. A database that is away
    /// doesn't end anybody's session: nothing can be decided meanwhile anyway.
    pub fn watch(&self, house: House) -> watch::Receiver<Option<Refused>> {
        let (told, dismissed) = watch::channel(None);
        let pass = self.clone();
        tokio::spawn(async move {
            loop {
                tokio::select! { () = sleep(ASKED_AGAIN) => {} () = told.closed() => return }
                if let Err(commands::Error::Refused(refused)) = pass.still(&house).await {
                    let _ = told.send(Some(refused));
                    return;
                }
            }
        });
        dismissed
    }

    async fn still(&self, house: &House) -> commands::Result<Operator> {
        match self {
            Self::Account(account) => operator::sign_in(house, account).await,
            Self::Gate(gate, seat) => keys::sits(&mut house.db.read().await?, gate, seat).await,
        }
    }
}
