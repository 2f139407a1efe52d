//! `audit verify`: is the record still what was sealed?

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
    sync::Mutex,
    time::{Duration, Instant},
};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jointforce_shared::{
    commands::{
        House,
        seal::verify::{Against, Report, verify},
    },
    config::{Places, exit},
    domain::checkpoint::PublicKey,
    store::seals,
};
use jointforce_worker::sealer::{Export, Exported};
use serde_json::json;

use super::{
    super::output::{line, safe},
    args::{SealArgs, no_key},
};

/// Against what.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Checkpoints that were exported, a file or a directory; may be given more than once. Default: where this machine
    /// exports them to.
    #[arg(long, value_name = "PATH")]
    against: Vec<PathBuf>,
    /// The log's public key, as `audit key` prints it; may be given more than once. Default: this machine's own.
    #[arg(long = "key", value_name = "KEY")]
    keys: Vec<PublicKey>,
    #[command(flatten)]
    seal: SealArgs,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Checks the record. Exit 0 if it is as it was sealed, 65 if not.
pub async fn run(house: &House, places: &Places, args: VerifyArgs) -> anyhow::Result<u8> {
    let keys = args.seal.trusted(places, args.keys)?;
    let is_signed = seals::newest(&mut house.db.read().await?).await?.is_some();
    let exported = exported(args.against, || args.seal.config(places).checkpoints)?;
    if keys.is_empty() && (is_signed || !exported.notes.is_empty()) {
        return Err(no_key().into());
    }
    for (file, at) in &exported.torn {
        eprintln!("{}, line {at}: no checkpoint can be read here, passed over", file.display());
    }
    let progress = Progress::begin();
    let against = Against { keys, exported: exported.notes };
    let report = verify(house, &against, |done, of| progress.show(done, of)).await;
    progress.bar.finish_and_clear();
    let report = report?;
    if args.json { print_json(&report) } else { print(&report) }?;
    Ok(if report.findings.is_empty() { exit::OK } else { exit::DATA })
}

fn exported(against: Vec<PathBuf>, default: impl Fn() -> PathBuf) -> anyhow::Result<Exported> {
    if against.is_empty() {
        return Export::to(default()).read();
    }
    let mut all = Exported::default();
    for path in against {
        // Nothing to compare with must not look like a comparison.
        anyhow::ensure!(
            path.exists(),
            io::Error::new(io::ErrorKind::NotFound, format!("{} isn't there", path.display()))
        );
        let Exported { notes, torn } = Export::to(path).read()?;
        all.notes.extend(notes);
        all.torn.extend(torn);
    }
    Ok(all)
}

fn print(report: &Report) -> io::Result<()> {
    for finding in &report.findings.shown {
        line(&safe(&finding.to_string(), 600))?;
    }
    if report.findings.more > 0 {
        line(&format!("… and {} more", report.findings.more))?;
    }
    let Report { sealed, waiting, covered, stored, exported, late, findings } = report;
    line(&format!("{sealed} events are as they were sealed; {covered} are below {stored} stored checkpoints"))?;
    match exported {
        0 => line("no exported checkpoint was given: a record that was cut, or rewritten with the key, would pass")?,
        1 => line("compared with 1 exported checkpoint")?,
        _ => line(&format!("compared with {exported} exported checkpoints"))?,
    }
    if *waiting > 0 {
        line(&format!("{waiting}{} new events wait for their seal", if *waiting == 1000 { " or more" } else { "" }))?;
    }
    if late.1 > 0 {
        line(&format!(
            "{} events were sealed long after the time they give, as events that somebody put in later would be: {}{}",
            late.1,
            safe(&late.0.join(", "), 300),
            if late.1 > late.0.len() as u64 { ", …" } else { "" }
        ))?;
    }
    line(if findings.is_empty() { "the record holds" } else { "THE RECORD DOESN'T HOLD" })
}

fn print_json(report: &Report) -> io::Result<()> {
    let Report { sealed, waiting, covered, stored, exported, late, findings } = report;
    line(
        &json!({
            "holds": findings.is_empty(), "sealed": sealed, "waiting": waiting, "covered": covered, "stored": stored,
            "exported": exported, "late": late.1, "late_events": late.0, "findings": findings.shown,
            "more_findings": findings.more,
        })
        .to_string(),
    )
}

/// A bar on a terminal, a line every five seconds elsewhere.
struct Progress {
    bar: ProgressBar,
    said: Mutex<Instant>,
}

impl Progress {
    fn begin() -> Self {
        let bar = if io::stderr().is_terminal() {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10))
        } else {
            ProgressBar::hidden()
        };
        let style =
            ProgressStyle::with_template("{bar:24} {percent:>3} %  {human_pos} of {human_len} events, {eta} left");
        Self {
            bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())),
            said: Mutex::new(Instant::now()),
        }
    }

    fn show(&self, done: u64, of: u64) {
        self.bar.set_length(of);
        self.bar.set_position(done);
        let Ok(mut said) = self.said.lock() else { return };
        if !io::stderr().is_terminal() && said.elapsed() >= Duration::from_secs(5) {
            eprintln!("checked {done} of {of} events");
            *said = Instant::now();
        }
    }
}
