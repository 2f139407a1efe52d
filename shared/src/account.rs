//! Who sits at this terminal, by the operating system's word: never a flag or variable that a person can set.

use nix::unistd::{User, getuid};

use crate::domain::{ids::OperatorId, refused::Refused};

/// Whether this machine has the account.
#[must_use]
pub fn exists(account: &OperatorId) -> bool {
    User::from_name(account.as_str()).is_ok_and(|user| user.is_some())
}

/// The account of the real user of this process.
///
/// # Errors
/// Refused when the operating system doesn't know the user, or the name can't be an operator's account.
pub fn current() -> Result<OperatorId, Refused> {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten().ok_or_else(|| {
        Refused::one("account", format!("user {uid} has no account on this machine"), "Ask whoever runs the machine.")
    })?;
    user.name
        .parse()
        .map_err(|error| Refused::one("account", format!("{error}"), "Ask for an account with a plain name."))
}
