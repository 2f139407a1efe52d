//! `audit`: who did what, and whether the record still is what was sealed.

mod args;
mod list;
mod proof;
mod verify;

use clap::{Args, Subcommand};
use jointforce_shared::{commands::House, config::Places, domain::ids::AuditId};

pub use args::SealArgs;

use super::output::Json;

/// What can be looked at.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// List events, newest first; of one case, oldest first.
    List(list::ListArgs),
    /// Check the whole record: every event, every seal, every checkpoint, stored and exported.
    ///
    /// Exit code 65 if anything was edited, deleted, swapped, inserted, re-chained or truncated; each is named. A record
    /// that was rewritten as a whole, or cut, by somebody with the signing key is told only by checkpoints that were
    /// exported before: keep them where the database's owner can't write, and give them with --against.
    Verify(verify::VerifyArgs),
    /// Print a proof that an event is in the record, as JSON that anybody can check without this database.
    Prove {
        /// The event; `audit list` shows ids.
        event: AuditId,
    },
    /// Print a proof that the record begins with the one a checkpoint was signed over, as JSON.
    ProveGrowth {
        /// The checkpoint's size: its second line.
        size: u64,
    },
    /// Check a proof: needs its file (- for standard input) and the log's public key, but no database.
    CheckProof(proof::CheckArgs),
    /// Show the newest signed checkpoint.
    Checkpoint(Json),
    /// Print the public key that checks the checkpoints, or make a new signing key.
    Key(KeyArgs),
}

/// Which key.
#[derive(Debug, Args)]
pub struct KeyArgs {
    #[command(flatten)]
    seal: SealArgs,
    /// Make a signing key in this new file, for JOINTFORCE_AUDIT_KEY_FILE of a fleet's workers.
    #[arg(long, value_name = "FILE", requires = "name")]
    new: Option<std::path::PathBuf>,
    /// The log's name, unique among logs; every checkpoint begins with it.
    #[arg(long, value_name = "NAME", requires = "new")]
    name: Option<String>,
}

impl Audit {
    /// Whether it needs no database.
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::CheckProof(_) | Self::Key(_))
    }

    /// Does what needs no database.
    pub fn run_offline(self, places: &Places) -> anyhow::Result<u8> {
        match self {
            Self::CheckProof(args) => proof::check(args, places),
            Self::Key(KeyArgs { seal, new, name }) => args::show_key(&seal, places, new.zip(name)),
            _ => anyhow::bail!("this command needs the database"),
        }
    }

    /// Does it.
    pub async fn run(self, house: &House, places: &Places) -> anyhow::Result<u8> {
        match self {
            Self::List(args) => list::run(house, args).await,
            Self::Verify(args) => verify::run(house, places, args).await,
            Self::Prove { event } => proof::inclusion(house, event).await,
            Self::ProveGrowth { size } => proof::growth(house, size).await,
            Self::Checkpoint(json) => proof::checkpoint(house, json.json).await,
            Self::CheckProof(_) | Self::Key(_) => self.run_offline(places),
        }
    }
}
