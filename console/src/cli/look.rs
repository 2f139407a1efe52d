//! How the console shows itself, as the command line says it.

use clap::Args;
use jointforce_shared::domain::refused::Refused;

use crate::{
    terminal,
    theme::{Look, Named},
};

/// How it looks.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LookArgs {
    /// Print one case at a time as lines with numbered choices: for screen readers, and for terminals that can only print.
    /// TERM=dumb does the same.
    #[arg(long, global = true)]
    plain: bool,
    /// The colours; all of them keep to the terminal's sixteen. Without this, NO_COLOR and TERM decide.
    #[arg(long, env = "JOINTFORCE_THEME", global = true, value_enum, value_name = "NAME")]
    theme: Option<Named>,
    /// Draw nothing but ASCII. A locale of C or POSIX does the same.
    #[arg(long, global = true)]
    ascii: bool,
}

impl LookArgs {
    /// The look that was asked for, or fits the environment.
    pub(super) fn look(self) -> Look {
        Look::choose(self.theme, self.ascii, |name| std::env::var(name).ok())
    }

    /// Whether it is lines that are wanted, or all that the terminal can show.
    pub(super) fn is_plain(self) -> bool {
        self.plain || std::env::var("TERM").is_ok_and(|term| term == "dumb")
    }

    /// Lines go anywhere; a screen needs a terminal.
    pub(super) fn needs_terminal(self) -> anyhow::Result<()> {
        if self.is_plain() || terminal::is_there() {
            return Ok(());
        }
        let fix = "Run it in one, without redirecting its input or output; over SSH with `ssh -t`. Or ask for --plain.";
        Err(Refused::one("terminal", "the console needs a terminal to draw on and keys to read", fix).into())
    }
}
