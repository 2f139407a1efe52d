//! `jointforce-worker`: carries effects out, takes brands, listings and notices in, and is the runbook of the ledger.

mod cli;

use std::process::ExitCode;

use clap::Parser as _;
use jointforce_shared::config::exit;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::OK };
            // A closed pipe is the reader's business.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match cli::dispatch(cli).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("jointforce-worker: {error:#}");
            ExitCode::from(exit::code_of(&error))
        }
    }
}
