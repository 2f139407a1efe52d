//! The console: where moderators clear cases. `update(&mut Model, Msg) -> Vec<Cmd>` does no I/O; commands run on tokio
//! and come back as messages; the view is a pure function of the model.
//!
//! A library only so that the program and its tests share it: its one entry is [`run`].

mod backstage;
mod board;
mod cli;
mod curve;
mod deed;
mod demo;
mod embedded;
#[cfg(test)]
mod fixture;
mod gate;
#[cfg(test)]
mod hostile;
mod input;
mod keys;
mod lean;
mod model;
mod msg;
mod operators;
mod pace;
mod pass;
mod perform;
mod picture;
mod plain;
mod run;
mod terminal;
mod text;
mod theme;
mod update;
mod view;
mod waiting;

use std::process::ExitCode;

use jointforce_shared::config::exit;

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { exit::USAGE } else { exit::OK };
            // A closed pipe is the reader's business.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    // Two threads: one draws, one talks to the database.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(cli::dispatch(cli));
            // What still waits for a database that is away must not keep the person waiting.
            runtime.shutdown_background();
            outcome
        }
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::from(exit::OK),
        Err(error) => {
            let code = exit::code_of(&error);
            eprintln!("jointforce-console: {error:#}{}", next_step(code));
            ExitCode::from(code)
        }
    }
}

/// What to do about faults that don't say it themselves.
const fn next_step(code: u8) -> &'static str {
    match code {
        exit::UNAVAILABLE => {
            ". Check that the server runs, or the folder exists, and what DATABASE_URL says; unset, a file of yours is used."
        }
        exit::IO => ". Check the disk's space and who may write the folder; nothing was changed.",
        exit::SOFTWARE => ". This is a bug: please report it with console.log from the data directory.",
        _ => "",
    }
}
