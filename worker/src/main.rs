//! `jointforce-worker`: carries effects out, takes brands, listings and notices in, and is the runbook of the ledger.

mod cli;

use std::process::ExitCode;

use jointforce_shared::{config::exit, help::shown, stdout};

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
                let text = shown(&error.render().to_string());
                if error.use_stderr() {
                    eprint!("{text}");
                    return ExitCode::from(exit::USAGE);
                }
                // A disk that is full is the reader's business.
                let _ = stdout::print(text.as_bytes());
                ExitCode::from(exit::OK)
            }
            Err(error) => {
                eprintln!("jointforce-worker: {error:#}");
                ExitCode::from(exit::code_of(&error))
            }
        },
    }
}
