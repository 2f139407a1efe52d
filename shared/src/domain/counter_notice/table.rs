//! The transition table of a counter-notice: the only place where its state changes. Its test prints it whole.

use super::{CounterNews, CounterState as S, Silence};
use crate::domain::{decision::KeepReason, refused::Refused, time::Time};

/// What can happen to a counter-notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It goes to the brand.
    Forward,
    /// The brand says that the seller is right.
    Accept,
    /// The brand takes back what it had claimed.
    WithdrawNotice,
    /// The brand has sued.
    Sue,
    /// The brand disagrees; after a suit: the court found for the brand.
    Reject,
    /// The brand's time is over.
    WindowEnds,
    /// The removal was taken back for it.
    Reinstated,
    /// A person ruled on it: `true` for the seller.
    Ruled(bool),
    /// The seller takes it back.
    TakeBack,
    /// What it was about fell for another reason.
    Overtaken,
}

/// What follows, carried out by the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consequence {
    /// The removal is taken back, for this reason.
    Reinstate(KeepReason),
    /// The case goes to another person than the decider.
    Review,
    /// The seller hears it.
    TellSeller(CounterNews),
    /// The brand hears it.
    TellBrand(CounterNews),
}

/// What the table has to know of one counter-notice beside its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Silence counts from then on.
    pub not_before: Time,
    /// What silence leads to.
    pub silence: Silence,
    /// Whether the brand's word alone brings it before a person.
    pub may_reject: bool,
}

/// The state after `action`, and what follows.
///
/// # Errors
/// Refused with what can be done instead; then nothing changes.
pub fn step(state: S, action: Action, terms: &Terms, now: Time) -> Result<(S, Vec<Consequence>), Refused> {
    use Action as A;
    use Consequence::{Reinstate, Review, TellBrand, TellSeller};
    use CounterNews as News;
    let waits = matches!(state, S::Received | S::Forwarded | S::Contested | S::Sued);
    Ok(match (state, action) {
        (S::Received, A::Forward) => (S::Forwarded, vec![TellSeller(News::Received), TellBrand(News::Forwarded)]),
        (S::Forwarded | S::Contested | S::Sued, A::Accept) => (S::Accepted, vec![Reinstate(KeepReason::CounterUpheld)]),
        (S::Forwarded | S::Contested | S::Sued, A::WithdrawNotice) => {
            (S::Accepted, vec![Reinstate(KeepReason::Withdrawn)])
        }
        (S::Forwarded | S::Contested, A::Sue) => (S::Sued, vec![TellSeller(News::Sued), TellBrand(News::Sued)]),
        (S::Forwarded, A::Reject) if terms.may_reject => (S::Contested, vec![Review, TellSeller(News::Contested)]),
        (S::Sued, A::Reject) => (S::Rejected, vec![TellSeller(News::Rejected), TellBrand(News::Rejected)]),
        (S::Forwarded, A::WindowEnds) if now < terms.not_before => {
            let problem = format!("the brand has time until {}", terms.not_before);
            return Err(Refused::one("counter", problem, "Nothing to do: the sweep comes back."));
        }
        (S::Forwarded, A::WindowEnds) => match terms.silence {
            Silence::PutBack => (S::Silent, vec![Reinstate(KeepReason::CounterUpheld)]),
            Silence::Review => (S::Contested, vec![Review, TellSeller(News::Contested)]),
        },
        (S::Accepted | S::Silent, A::Reinstated) => (S::PutBack, vec![TellBrand(News::PutBack)]),
        (S::Contested, A::Ruled(true)) => (S::PutBack, vec![]),
        // The letter about the ruling tells why.
        (S::Contested, A::Ruled(false)) => (S::Rejected, vec![TellBrand(News::Rejected)]),
        (S::Received | S::Forwarded | S::Sued, A::TakeBack) => {
            (S::Withdrawn, vec![TellSeller(News::Withdrawn), TellBrand(News::Withdrawn)])
        }
        (_, A::Overtaken) if waits => (S::PutBack, vec![]),
        (S::Sued, A::WindowEnds) => return Err(refused("the brand has sued, so time alone puts nothing back", WAIT)),
        (S::Sued, A::Sue) => return Err(refused("you told us of your suit already", "Nothing to do.")),
        (S::Forwarded, A::Reject) => {
            let fix = "Bring a suit and tell us its court and case number, or accept it, or withdraw the notice.";
            return Err(refused("your word alone does not stop it under the law that applies here", fix));
        }
        (S::Contested, A::Reject) => {
            return Err(refused("you contested it already, and a person is ruling on it", WAIT));
        }
        (S::Contested, A::TakeBack) => return Err(refused("a person is ruling on it already", WAIT)),
        _ if state.is_final() => {
            return Err(refused(&format!("it is closed ({state})"), "Nothing to do."));
        }
        _ => return Err(refused(&format!("that can't happen to one that is {state}"), "Nothing to do.")),
    })
}

const WAIT: &str = "Wait for the outcome; you are told.";

fn refused(problem: &str, fix: &str) -> Refused {
    Refused::one("counter", problem, fix)
}
