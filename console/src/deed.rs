//! What an operator does beside deciding cases: one list of deeds, each a command of the house.

use jointforce_shared::{
    commands::{self, Actor, House, effect},
    domain::{escalation::Desk, ids::EffectId},
};

use crate::model::Target;

/// Something that a menu or a board offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Pass the case to a desk.
    Escalate(Target, Desk),
    /// Give a dead effect another round of attempts.
    Retry(EffectId),
    /// Give a dead effect up.
    Drop(EffectId),
}

impl Deed {
    /// What has to be said with it, if anything has.
    pub const fn asks(&self) -> Option<&'static str> {
        match self {
            Self::Escalate(..) => Some("Why does it go to that desk?"),
            Self::Drop(_) => Some("Why may it be given up?"),
            Self::Retry(_) => None,
        }
    }

    /// In a word or two, for menus and failures.
    pub fn name(&self) -> String {
        match self {
            Self::Escalate(_, desk) => format!("to the {} desk", desk.title()),
            Self::Retry(_) => "try again".into(),
            Self::Drop(_) => "give up".into(),
        }
    }

    /// Does it; gives what was done, in words.
    ///
    /// # Errors
    /// What the command says.
    pub async fn perform(&self, house: &House, actor: &Actor, words: &str) -> commands::Result<String> {
        match self {
            // An act on a case goes through the outbox of acts (see `update::deed`).
            Self::Escalate(..) => Ok(String::new()),
            Self::Retry(id) => {
                let done = effect::retry(house, actor, &[*id]).await?;
                Ok(if done.is_empty() { "It is not dead any more" } else { "It is tried again now" }.into())
            }
            Self::Drop(id) => {
                let done = effect::drop(house, actor, &[*id], words).await?;
                Ok(if done.is_empty() { "It is not waiting any more" } else { "Given up" }.into())
            }
        }
    }
}
