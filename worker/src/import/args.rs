//! The command line of `import`. Its help is the documentation of the formats.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, Subcommand, ValueEnum};
use jointforce_shared::domain::notice::RawNotice;

use super::help;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// Rights holders
    Brands,
    /// The rights they own
    Rights,
    /// Who sells
    Sellers,
    /// What is for sale
    Listings,
    /// Whom rights holders authorised to sell
    Authorised,
    /// What rights holders report
    Notices,
    /// What sellers answer to removals
    CounterNotices,
    /// Decisions of ours that somebody contests
    Appeals,
    /// Notices that rights holders take back
    Withdrawals,
    /// Suits that stop a counter-notice
    Suits,
}

impl What {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Brands => "brands",
            Self::Rights => "rights",
            Self::Sellers => "sellers",
            Self::Listings => "listings",
            Self::Authorised => "authorised",
            Self::Notices => "notices",
            Self::CounterNotices => "counter-notices",
            Self::Appeals => "appeals",
            Self::Withdrawals => "withdrawals",
            Self::Suits => "suits",
        }
    }
}

/// How the input is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line
    Jsonl,
    /// A header row with the names of the fields, then a row a record
    Csv,
    /// Google's bulk text for copyright notices
    Google,
}

impl Format {
    /// What a file's name says.
    #[must_use]
    pub fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            "csv" => Some(Self::Csv),
            "txt" => Some(Self::Google),
            _ => None,
        }
    }
}

/// Import brands, rights, sellers, listings, authorised sellers, notices and the answers to them, from JSON Lines, CSV or
/// Google's bulk text
#[derive(Debug, Clone, Subcommand)]
#[command(after_long_help = help::OVERVIEW)]
pub enum Import {
    /// Rights holders
    #[command(after_long_help = help::brands())]
    Brands(ImportArgs),
    /// The rights they own
    #[command(after_long_help = help::rights())]
    Rights(ImportArgs),
    /// Who sells
    #[command(after_long_help = help::sellers())]
    Sellers(ImportArgs),
    /// What is for sale
    #[command(after_long_help = help::listings())]
    Listings(ImportArgs),
    /// Whom rights holders authorised to sell
    #[command(after_long_help = help::authorised())]
    Authorised(ImportArgs),
    /// What rights holders report
    #[command(after_long_help = help::notices())]
    Notices {
        /// What, and how
        #[command(flatten)]
        args: ImportArgs,
        /// Who reports what is in Google's bulk text
        #[command(flatten)]
        sender: Box<Sender>,
    },
    /// What sellers answer to removals
    #[command(after_long_help = help::counter_notices())]
    CounterNotices(ImportArgs),
    /// Decisions of ours that somebody contests
    #[command(after_long_help = help::appeals())]
    Appeals(ImportArgs),
    /// Notices that rights holders take back
    #[command(after_long_help = help::withdrawals())]
    Withdrawals(ImportArgs),
    /// Suits that stop a counter-notice
    #[command(after_long_help = help::suits())]
    Suits(ImportArgs),
}

impl Import {
    /// What it is, from where, and who sends it.
    #[must_use]
    pub fn taken_apart(self) -> (What, ImportArgs, Sender) {
        let (what, args) = match self {
            Self::Notices { args, sender } => return (What::Notices, args, *sender),
            Self::Brands(args) => (What::Brands, args),
            Self::Rights(args) => (What::Rights, args),
            Self::Sellers(args) => (What::Sellers, args),
            Self::Listings(args) => (What::Listings, args),
            Self::Authorised(args) => (What::Authorised, args),
            Self::CounterNotices(args) => (What::CounterNotices, args),
            Self::Appeals(args) => (What::Appeals, args),
            Self::Withdrawals(args) => (What::Withdrawals, args),
            Self::Suits(args) => (What::Suits, args),
        };
        (what, args, Sender::default())
    }
}

/// From where, and how.
#[derive(Debug, Clone, Args)]
pub struct ImportArgs {
    /// File to read; - or nothing for standard input
    pub file: Option<PathBuf>,
    /// How the file is written [default: what its name says, else what it looks like]
    #[arg(long)]
    pub format: Option<Format>,
    /// Where refused rows go; overwritten [default: FILE.refused.jsonl, or refused.jsonl for standard input]
    #[arg(long, value_name = "FILE")]
    pub refused: Option<PathBuf>,
    /// Records written in one transaction
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub batch: u32,
    /// Seconds to wait for a database that went away
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    pub patience: u32,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Show no progress and no summary
    #[arg(long, short)]
    pub quiet: bool,
}

impl ImportArgs {
    /// How long to wait for a database that went away.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.patience as u64)
    }
}

/// What Google's bulk text doesn't say: the same for every notice of the file.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "For Google's bulk text")]
pub struct Sender {
    /// Brand id
    #[arg(long, value_name = "ID")]
    pub brand: Option<String>,
    /// Right id or registration number
    #[arg(long, value_name = "ID")]
    pub right: Option<String>,
    /// What is wrong [default: copyright_item]
    #[arg(long, value_name = "REASON")]
    pub reason: Option<String>,
    /// The sender's reference; each notice gets its line added [default: made of the content]
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// Who reports
    #[arg(long, value_name = "NAME")]
    pub notifier_name: Option<String>,
    /// Where receipt and decision go
    #[arg(long, value_name = "ADDRESS")]
    pub notifier_email: Option<String>,
    /// In what role: principal, agent, attorney [default: principal]
    #[arg(long, value_name = "ROLE")]
    pub notifier_role: Option<String>,
    /// The sender believes in good faith that the use is not authorised (DSA art. 16(2)(d))
    #[arg(long)]
    pub good_faith: bool,
    /// The sender says under penalty of perjury that this is accurate and that they may act for the rights holder
    #[arg(long)]
    pub accuracy: bool,
    /// The sender's full name as a signature
    #[arg(long, value_name = "NAME")]
    pub signature: Option<String>,
}

impl Sender {
    /// The notice that every block is filled into.
    #[must_use]
    pub fn template(&self) -> RawNotice {
        let text = |given: &Option<String>, default: &str| given.clone().unwrap_or_else(|| default.to_owned());
        RawNotice {
            reference: text(&self.reference, ""),
            brand: text(&self.brand, ""),
            reason: text(&self.reason, "copyright_item"),
            right: text(&self.right, ""),
            notifier_name: text(&self.notifier_name, ""),
            notifier_email: text(&self.notifier_email, ""),
            notifier_role: text(&self.notifier_role, "principal"),
            good_faith: self.good_faith,
            accuracy: self.accuracy,
            signature: text(&self.signature, ""),
            ..RawNotice::default()
        }
    }
}
