//! `operators` on the command line.

use std::path::PathBuf;

use clap::Subcommand;
use jointforce_shared::domain::{
    ids::OperatorId,
    operator::{Role, key::Fingerprint, preferences::ThemeName},
};

use super::look::themes;

/// Staff.
#[derive(Debug, Subcommand)]
pub enum Operators {
    /// Add somebody, or change the name and role of somebody who is there.
    ///
    /// Roles: moderator decides cases; senior also overturns others' decisions; on-call looks after effects and
    /// workers; admin looks after staff and imports; auditor reads. While there is no admin, anybody who can write the
    /// database may add one.
    Add {
        /// Their account on the machine they sign in to.
        account: OperatorId,
        /// Their name, for colleagues.
        #[arg(long)]
        name: String,
        /// moderator, senior, on-call, admin or auditor.
        #[arg(long, value_parser = role)]
        role: Role,
    },
    /// Show who works here.
    List {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Keep somebody out from now on.
    Disable {
        /// Their account.
        account: OperatorId,
    },
    /// Show or change what somebody's console is like wherever they sit, from their next sitting on. One's own needs no
    /// admin; in the console F2 and F3 do the same.
    Seat {
        /// Their account.
        account: OperatorId,
        /// What is to be other.
        #[command(subcommand)]
        change: Option<Preference>,
    },
    /// Add, list and revoke the SSH keys with which operators come in through a gate.
    #[command(subcommand)]
    Keys(Keys),
    /// Say which Unix account is a gate: nobody's own, with sshd saying who comes through it.
    #[command(subcommand)]
    Gate(Gate),
}

/// What is somebody's own about their console.
#[derive(Debug, Subcommand)]
pub enum Preference {
    /// The colours.
    Theme {
        /// Which.
        #[arg(value_parser = themes())]
        name: ThemeName,
    },
    /// Leave the colours to the terminal.
    ForgetTheme,
    /// Nothing but ASCII, or all signs that the terminal has.
    Signs {
        /// ascii or all.
        which: Signs,
    },
    /// The key map, as `--keys` takes it.
    Keys {
        /// The file; - for standard input.
        file: PathBuf,
    },
    /// The house's keys again.
    ForgetKeys,
}

/// Which signs are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Signs {
    /// Nothing but ASCII.
    Ascii,
    /// All.
    All,
}

/// Operators' SSH keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Let an operator in with the key of a .pub file.
    Add {
        /// Whose.
        account: OperatorId,
        /// The file; - for standard input.
        file: PathBuf,
    },
    /// Show everybody's keys.
    List {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Let a key in no more. Consoles that it opened end within a quarter of a minute.
    Revoke {
        /// Which, as `keys list` prints it.
        fingerprint: Fingerprint,
    },
}

/// Gates.
#[derive(Debug, Subcommand)]
pub enum Gate {
    /// Believe this account's sshd about who comes.
    Open {
        /// The account.
        account: OperatorId,
        /// It is an account of another machine, which can't be looked up here.
        #[arg(long)]
        elsewhere: bool,
    },
    /// Believe it no more.
    Close {
        /// The account.
        account: OperatorId,
    },
}

fn role(text: &str) -> Result<Role, String> {
    text.replace('-', "_").parse().map_err(|problem: String| problem.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_written_as_people_say_them() {
        assert_eq!(role("on-call"), Ok(Role::OnCall));
        assert!(role("boss").is_err());
    }
}
