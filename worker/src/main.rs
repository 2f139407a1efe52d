//! `jointforce-worker`: carries effects out, takes brands, listings and notices in, and is the runbook of the ledger.

mod cli;

use std::process::ExitCode;

use jointforce_shared::config::exit;

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let done = match cli::read(&words) {
        Ok(read) => cli::dispatch(read).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(error) => match error.downcast::<clap::Error>() {
            Ok(error) => {
                // A closed pipe is the reader's business.
                let _ = error.print();
                ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::OK })
            }
            Err(error) => {
                eprintln!("jointforce-worker: {error:#}");
                ExitCode::from(exit::code_of(&error))
            }
        },
    }
}
