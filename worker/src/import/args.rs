//! The command line of `import`. Its help is the documentation of the formats.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, ValueEnum};
use jointforce_shared::domain::notice::RawNotice;

/// What is imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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

const FORMATS: &str = r#"FIELDS (those with a ? may be left out), each with an example line of JSON:

  brands    id, name, tier?, email, webhook_url?, webhook_secret?
            {"id":"acme","name":"Acme","tier":"good_faith","email":"ip@acme.example"}
            tier: unverified (when left out), standard, good_faith, joint_force, trusted_flagger, suspended.
            webhook_secret: whsec_ and 24 to 64 bytes in base64; needed with webhook_url.
  rights    id, brand, kind, number, title, jurisdiction, classes?, valid_from, valid_until?
            {"id":"tm-1","brand":"acme","kind":"trademark","number":"018123456","title":"ACME","jurisdiction":"EU","classes":[18,25],"valid_from":"2020-01-31"}
            kind: trademark, copyright, design, patent. jurisdiction: a country, EU or WORLD. classes: of Nice for a
            trademark, of Locarno for a design; none means every class. valid_until: the first day it no longer holds.
  sellers   id, name, email, country, payout_account?
            {"id":"s-7","name":"Best Shop","email":"shop@s7.example","country":"CN","payout_account":"p-991"}
  listings  id, seller, title, description?, price, currency, category, nice_class?, territory, url, images?, sold?, state?
            {"id":"l-4711","seller":"s-7","title":"Acme bag","price":"19.99","currency":"EUR","category":"Bags > Totes","nice_class":18,"territory":"DE","url":"https://market.example/i/4711","sold":12}
            territory: the country where it is offered. sold: units in 30 days. state: live (when left out) or ended.
  authorised  brand, seller, valid_from?, valid_until?, remark?
            {"brand":"acme","seller":"s-7","valid_from":"2026-01-01","valid_until":"2027-01-01","remark":"bags, not shoes"}
            Whom a brand authorised to sell. A notice against one is taken, and says so at the top of its case.
  notices   reference?, brand, reason, right, listings, notifier_name, notifier_email, notifier_role, explanation,
            good_faith, accuracy, attest?, signature, evidence?, received_at?, resubmits?
            {"reference":"N-1","brand":"acme","reason":"counterfeit","right":"tm-1","listings":["l-4711"],"notifier_name":"Ann Lee","notifier_email":"ann@acme.example","notifier_role":"principal","explanation":"Not made by us: the seam is glued.","good_faith":true,"accuracy":true,"signature":"Ann Lee"}
            attest: true if the brand stands behind it; in Joint-Force its listings are then removed at once.
            right: its id or number. listings: ids or URLs. notifier_role: principal, agent, attorney.
            reason: counterfeit, trademark_in_listing, unlicensed_software, copyright_item, copyright_text,
            copyright_image, copyright_image_and_text, design, patent, unlawful_import; or eBay's VeRO code.
            resubmits: reference or id of a notice that was refused in review and that this one corrects; it keeps its place.
  counter-notices  reference?, seller, listing, case?, decision?, reason, explanation, material, good_faith, perjury, name,
            address, phone, email?, consent, signature, evidence?
            {"reference":"C-1","seller":"s-7","listing":"l-4711","reason":"authorized","explanation":"Bought from Acme.","material":"Acme bag","good_faith":true,"perjury":true,"name":"Bo Li","address":"1 Main St, Springfield","phone":"+1 555 0100","consent":true,"signature":"Bo Li"}
            reason: owner, authorized, no_right, fair_use, removed, not_used, other. What the law of the place does not
            ask for may be left out; what it asks for is named when it is missing. case: where several keep it down.
  appeals   reference?, seller or brand, case, decision?, grounds
            {"reference":"A-1","seller":"s-7","case":"01JD0000000000000000000000","grounds":"The invoice is from Acme."}
  withdrawals  brand, notice, listings?, why?
            {"brand":"acme","notice":"N-1","listings":["l-4711"],"why":"Our own outlet."}
            notice: the brand's reference, or its id. listings: none for all.
  suits     brand, counter or listing, court, number, proof
            {"brand":"acme","counter":"01JD0000000000000000000000","court":"S.D.N.Y.","number":"1:26-cv-01234","proof":"https://acme.example/complaint.pdf"}

CSV: the first row names the fields, lists have | between their entries.
Google's bulk text: # lines describe a work, then its original's URL, then the URLs that infringe it; blank line; the
next work. Each work becomes a notice; who reports, and under which right, is said by the options below.

Load in this order: brands, rights, sellers, listings, authorised, notices. What is there already is left as it is, so an import
that was stopped, or whose file was corrected, is simply run again. An id that comes again replaces what was there; a
notice that comes again under its reference is the same notice.

REFUSED rows go to a file, one JSON object a line: the number of the line, every fault with its field and fix, and the
row as it came. To try again: correct `input` there, then `jq -r .input FILE.refused.jsonl | jointforce-worker import ... -`
(for CSV, put the header row first).

EXIT CODES: 0 everything is in; 65 some rows were refused, the rest is in; 64 wrong usage; 69 the database is away;
74 a file can't be read or written, or the disk is full; 75 stopped by a signal: run it again; 77 not allowed."#;

/// Import brands, rights, sellers, listings, authorised sellers, notices and the answers to them from JSON Lines, CSV or Google's bulk text
#[derive(Debug, Clone, Args)]
#[command(after_long_help = FORMATS)]
pub struct ImportArgs {
    /// What the records are
    pub what: What,
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
    /// Who reports what is in Google's bulk text
    #[command(flatten)]
    pub sender: Sender,
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
