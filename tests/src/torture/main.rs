//! Tortures the fleet and holds every promise against what is left. `tests/torture --help` says how.
//!
//! Real workers, a real PostgreSQL, a real Redis, receivers that remember; whatever can go wrong does, from a seed:
//! [`plan`] says what and when, [`inject`] does it, [`proxy`] cuts links. Meanwhile [`intake`] files notices and
//! [`consoles`] decide them, racing each other. Then all is healed, and [`check`] asks whether anything was lost, done
//! twice, decided by two or left without its record.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a part of the tests")]

mod check;
mod consoles;
mod disk;
mod fleet;
mod inject;
mod intake;
mod plan;
mod proxy;
mod report;
mod run;
mod sabotage;
mod sampler;
mod stage;
mod witness;

use std::process::ExitCode;

use clap::Parser;

const EXAMPLES: &str = "Examples:
  tests/torture
  tests/torture --faults 1000 --effects 50000 --seed 7
  tests/torture --on postgres --faults 500 --effects 30000 --only 'worker kill -9'
  tests/torture --on sqlite --faults 200 --json
  tests/torture --sabotages redirects-are-followed";

/// Kill, stop, cut, fill and confuse everything, heal it, and check every promise.
///
/// Without arguments the short form: under two minutes. The seed decides what goes wrong and when; what meets what is
/// the machine's affair, so a seed makes a failure likely again, not certain.
#[derive(Debug, Parser)]
#[command(name = "tests/torture", after_help = EXAMPLES)]
struct Args {
    /// Faults to inject; a quarter of them on SQLite.
    #[arg(long, default_value_t = 96)]
    faults: usize,
    /// Effects to carry out meanwhile, at least; a quarter of them on SQLite.
    #[arg(long, default_value_t = 2000)]
    effects: usize,
    /// What decides. Without it one is drawn and printed.
    #[arg(long)]
    seed: Option<u64>,
    /// Only on this database.
    #[arg(long, value_enum)]
    on: Option<On>,
    /// Only faults whose names, as the table shows them, contain this.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Break the product in many ways, one after the other, in a copy of the tree, and show that each is caught; or only
    /// in these. Takes about two minutes each.
    #[arg(long, num_args = 0.., value_name = "NAME")]
    sabotages: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum On {
    /// PostgreSQL and Redis, three workers.
    Postgres,
    /// An embedded file, one worker.
    Sqlite,
}

#[tokio::main(worker_threads = 8)]
async fn main() -> ExitCode {
    let args = Args::parse();
    let drawn = || std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_millis() as u64 % 1_000_000);
    let seed = args.seed.unwrap_or_else(drawn);
    if let Some(names) = args.sabotages {
        return sabotage::run(&names, args.seed.unwrap_or(1));
    }
    eprintln!("torture: seed {seed}, {} faults, {} effects or more", args.faults, args.effects);
    let only = args.only;
    if let Some(text) = &only {
        let all = plan::Means { embedded: args.on == Some(On::Sqlite), clock: true, disk: true };
        if all.kinds(only.as_deref()).is_empty() {
            eprintln!("torture: --only {text:?} names no fault; there are:");
            all.kinds(None).iter().for_each(|(_, kind)| eprintln!("  {kind}"));
            return ExitCode::from(2);
        }
    }
    let form = |embedded, faults, effects| run::Form { embedded, seed, faults, effects, only: only.clone() };
    let forms: Vec<run::Form> = match args.on {
        Some(on) => vec![form(on == On::Sqlite, args.faults, args.effects)],
        None => {
            let (few, some) = (args.faults / 4, args.effects / 4);
            vec![form(false, args.faults - few, args.effects - some), form(true, few, some)]
        }
    };
    let reports = all(forms).await;
    let broken = reports.iter().any(|report| !report.findings.broken.is_empty());
    if args.json {
        let runs: Vec<_> = reports.iter().map(report::Report::json).collect();
        println!("{}", serde_json::json!({ "seed": seed, "holds": !broken, "runs": runs }));
    } else {
        reports.iter().for_each(report::Report::print);
        println!("\n{}", if broken { "A PROMISE IS BROKEN" } else { "every promise holds" });
    }
    ExitCode::from(u8::from(broken))
}

/// All forms at once, each with servers of its own.
async fn all(forms: Vec<run::Form>) -> Vec<report::Report> {
    let runs: Vec<_> = forms.into_iter().map(|form| tokio::spawn(run::run(form))).collect();
    let mut reports = vec![];
    for run in runs {
        reports.push(run.await.expect("a run comes to its end"));
    }
    reports
}
