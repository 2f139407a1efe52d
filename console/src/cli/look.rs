//! How the console shows itself, as the command line says it.

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};
use jointforce_shared::domain::{operator::preferences::ThemeName, refused::Refused};

use crate::{keys::Table, model::own::Given, terminal, theme::Look};

/// Themes by their names.
pub(super) fn themes() -> impl TypedValueParser<Value = ThemeName> {
    PossibleValuesParser::new(ThemeName::ALL.iter().map(|theme| theme.as_str()))
        .try_map(|name| name.parse::<ThemeName>())
}

/// How it looks.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LookArgs {
    /// Print one case at a time as lines with numbered choices: for screen readers, and for terminals that can only print.
    /// TERM=dumb does the same.
    #[arg(long)]
    plain: bool,
    /// The colours; all of them keep to the terminal's sixteen. Without this it is what you chose in the console, and
    /// before you chose, what NO_COLOR and TERM say.
    #[arg(long, env = "JOINTFORCE_THEME", value_parser = themes(), value_name = "NAME")]
    theme: Option<ThemeName>,
    /// Draw nothing but ASCII. A locale of C or POSIX does the same.
    #[arg(long)]
    ascii: bool,
}

/// The same behind a command.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct LookFlags {
    /// Print one case at a time as lines with numbered choices.
    #[arg(long)]
    plain: bool,
    /// The colours.
    #[arg(long, value_parser = themes(), value_name = "NAME")]
    theme: Option<ThemeName>,
    /// Draw nothing but ASCII.
    #[arg(long)]
    ascii: bool,
}

impl LookArgs {
    /// With what stands behind a command: that is nearer.
    pub(super) fn with(self, behind: LookFlags) -> Self {
        let LookFlags { plain, theme, ascii } = behind;
        Self { plain: self.plain || plain, theme: theme.or(self.theme), ascii: self.ascii || ascii }
    }

    /// What the start says about look and keys.
    pub(super) fn given(self, keys: Option<Table>) -> Given {
        let around = Look::around(|name| std::env::var(name).ok());
        Given { theme: self.theme, ascii: self.ascii, keys, around }
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
