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

use std::{io, process::ExitCode};

use jointforce_shared::{config::exit, help::shown, stdout};

/// Does what the command line says.
#[must_use]
pub fn run() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    let cli = match cli::parse(&words) {
        Ok(cli) => cli,
        Err(error) => {
            let text = shown(&error.render().to_string());
            if error.use_stderr() {
                eprint!("{text}");
                return ExitCode::from(exit::USAGE);
            }
            // A disk that is full is the reader's business.
            let _ = stdout::print(text.as_bytes());
            return ExitCode::from(exit::OK);
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
            eprintln!("jointforce-console: {error:#}{}", next_step(code, &error));
            ExitCode::from(code)
        }
    }
}

/// What to do about faults that don't say it themselves.
fn next_step(code: u8, error: &anyhow::Error) -> &'static str {
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    match code {
        exit::IO if kind == Some(io::ErrorKind::NotFound) => ". Check the name; nothing was changed.",
        exit::IO if kind == Some(io::ErrorKind::PermissionDenied) => ". Check whose it is; nothing was changed.",
        exit::UNAVAILABLE => {
            ". Check that the server runs, or the folder exists, and what DATABASE_URL or the settings file says; without both a file of yours is used."
        }
        exit::IO => ". Check the disk's space and who may write the folder; nothing was changed.",
        exit::SOFTWARE => ". This is a bug: please report it with console.log from the data directory.",
        _ => "",
    }
}
