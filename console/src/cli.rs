//! The command line: one definition feeds parser, help, man page and completions.

mod look;
mod staff;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use jointforce_shared::{
    account,
    commands::House,
    config::Places,
    domain::{
        ids::OperatorId,
        operator::key::{Fingerprint, Seat},
        refused::Refused,
    },
    store::{Db, operators::preferences},
    telemetry,
};

use self::look::LookArgs;
pub use self::staff::{Gate, Keys, Operators, Preference, Signs};
use crate::{
    demo,
    gate::{self, Whereabouts},
    keys::{self, Binding, own},
    model::own::Own,
    operators,
    pass::Pass,
    picture, plain, run,
};

/// Joint Force's console: clear takedown cases by keyboard.
///
/// Without a command it opens the review queue. Without any setting it works on the embedded default, an SQLite file
/// in the data directory, and carries effects out in its own process; a fleet sets DATABASE_URL. Who you are is your
/// account on this machine; an admin adds it with `operators add`.
///
/// In the console: r removes a listing, x keeps it, Enter opens a case, u takes a decision back, ? shows every key.
#[derive(Debug, Parser)]
#[command(name = "jointforce-console", version, after_help = AFTER)]
pub struct Cli {
    #[command(flatten)]
    places: PlaceArgs,
    #[command(flatten)]
    look: LookArgs,
    /// A key map of one's own: TOML lines like `remove = "d"`, names as ? shows them. Without this it is what you chose in
    /// the console, else ~/.config/jointforce/keys.toml if it is there.
    #[arg(long, env = "JOINTFORCE_KEYS", value_name = "FILE")]
    keys: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

const AFTER: &str = "Examples:
  jointforce-console demo                            a made-up marketplace to try everything on
  jointforce-console operators add ann --name 'Ann Lee' --role moderator
  DATABASE_URL=postgres://db/jointforce jointforce-console

NO_COLOR=1 draws without colours, JOINTFORCE_THEME=light for a light ground. RUST_LOG=debug logs more, into console.log in the data directory.

Exit codes: 0 done, 64 wrong command line or no terminal, 65 input refused, 69 a server can't be reached, 70 a bug,
74 a file can't be read or written or the disk is full, 75 try again later, 77 role or account doesn't allow it,
78 wrong configuration.";

/// Where things are.
#[derive(Debug, Args)]
struct PlaceArgs {
    /// The database: sqlite:/path/to/file.db or postgres://user@host/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// The file that holds the database's address and nothing else, so that it stands on no command line.
    #[arg(long, env = "DATABASE_URL_FILE", global = true, value_name = "FILE", conflicts_with = "database_url")]
    database_url_file: Option<PathBuf>,
    /// Where the embedded default keeps its file, its mail and its log.
    #[arg(long, env = "JOINTFORCE_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

impl PlaceArgs {
    fn places(&self) -> anyhow::Result<Places> {
        let url = match &self.database_url_file {
            None => self.database_url.clone(),
            Some(file) => {
                let text =
                    std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
                Some(text.trim().to_owned())
            }
        };
        Ok(Places::find(url, None, self.data_dir.clone())?)
    }

    fn whereabouts(&self) -> Whereabouts<'_> {
        Whereabouts { url_file: self.database_url_file.as_deref(), data_dir: self.data_dir.as_deref() }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on a made-up marketplace, kept apart from everything else; made when first asked for.
    Demo,
    /// Add, list and disable the people who work here.
    #[command(subcommand)]
    Operators(Operators),
    /// Print the block for sshd's configuration that serves consoles to everybody whose key is known.
    SshdConfig {
        /// The Unix account through which they come.
        #[arg(long, default_value = "jointforce")]
        gate: OperatorId,
        /// Take certificates of this authority too: its public key file.
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
    },
    /// sshd asks this which key may come in (AuthorizedKeysCommand).
    AuthorizedKeys {
        /// Through which account: %u.
        gate: OperatorId,
        /// Which key: %f.
        fingerprint: Fingerprint,
    },
    /// sshd asks this about certificates (AuthorizedPrincipalsCommand).
    AuthorizedPrincipals {
        /// Through which account: %u.
        gate: OperatorId,
        /// The certificate's key id, which is the operator: %i.
        key_id: OperatorId,
    },
    /// sshd starts this for whoever it let in. From an account that is no gate it is refused.
    Seat {
        /// Whose key or certificate it was.
        seat: Seat,
    },
    /// Print every key, where it counts and what it does.
    Keys {
        /// As a table in Markdown.
        #[arg(long)]
        markdown: bool,
        /// Put the table into this README, between the marks that it has for it.
        #[arg(long, value_name = "FILE")]
        into: Option<PathBuf>,
    },
    /// Print what the queue's screen shows now, as text.
    Picture {
        /// Columns and rows.
        #[arg(long, default_value = "100x24", value_parser = size)]
        size: (u16, u16),
    },
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
}

fn size(text: &str) -> Result<(u16, u16), String> {
    let (width, height) = text.split_once('x').ok_or("columns and rows, as 100x24")?;
    let number = |text: &str| text.parse().ok().filter(|n| (1..=500).contains(n));
    number(width).zip(number(height)).ok_or_else(|| "each is 1 to 500".to_owned())
}

/// The whole command line, with the keys at the end of its long help.
fn command() -> clap::Command {
    Cli::command().after_long_help(format!("{}\n{AFTER}", keys::manual::plain()))
}

/// Reads the command line.
pub fn parse() -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches()?)
}

/// Does what the command line says.
///
/// # Errors
/// Whatever stops it; `exit::code_of` has its code.
pub async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let (given, look) = (&cli.places, cli.look);
    match cli.command {
        Some(Command::Keys { into: Some(file), .. }) => {
            let readme = std::fs::read_to_string(&file).with_context(|| format!("{} can't be read", file.display()))?;
            let fix = "Write the two marks into it; this repository's README shows them.";
            let made = keys::manual::put_into(&readme)
                .ok_or_else(|| Refused::one("into", "the file has no marks for the keys", fix))?;
            std::fs::write(&file, made).with_context(|| format!("{} can't be written", file.display()))
        }
        Some(Command::Keys { markdown, into: None }) => {
            print(if markdown { keys::manual::markdown() } else { keys::manual::plain() }.as_bytes())
        }
        Some(Command::Picture { size }) => {
            let house = house(&given.places()?).await?;
            let me = Pass::of(account::current()?, None).sign_in(&house).await?;
            print(picture::of_queue(&house, me, size).await?.as_bytes())
        }
        Some(Command::Completions { shell }) => {
            let mut text = vec![];
            clap_complete::generate(shell, &mut command(), "jointforce-console", &mut text);
            print(&text)
        }
        Some(Command::Man) => {
            let mut text = vec![];
            clap_mangen::Man::new(command()).render(&mut text)?;
            print(&text)
        }
        Some(Command::Operators(command)) => {
            let house = house(&given.places()?).await?;
            operators::run(&house, command).await?;
            house.db.close().await;
            Ok(())
        }
        Some(Command::SshdConfig { gate, ca }) => {
            print(gate::sshd_config(given.whereabouts(), &gate, ca.as_deref())?.as_bytes())
        }
        Some(Command::AuthorizedKeys { gate, fingerprint }) => {
            let house = House::new(Db::open(&given.places()?.database_url).await?);
            let line = gate::authorized_keys(&house, given.whereabouts(), &gate, &fingerprint).await?;
            print(line.map(|line| line + "\n").unwrap_or_default().as_bytes())
        }
        Some(Command::AuthorizedPrincipals { gate, key_id }) => {
            let house = House::new(Db::open(&given.places()?.database_url).await?);
            let line = gate::authorized_principals(&house, given.whereabouts(), &gate, &key_id).await?;
            print(format!("{line}\n").as_bytes())
        }
        Some(Command::Seat { seat }) => {
            look.needs_terminal()?;
            let places = given.places()?;
            open(house(&places).await?, &places, Some(seat), None, look, None).await
        }
        Some(Command::Demo) => {
            look.needs_terminal()?;
            let keys = cli.keys.as_deref().map(own::named).transpose()?;
            let dir = Places::find(None, None, given.data_dir.clone())?.data_dir.join("demo");
            let places = Places::find(None, None, Some(dir))?;
            let house = house(&places).await?;
            let receiver = demo::receiver(&places.data_dir).await?;
            let say = |step: &str| eprintln!("jointforce-console demo: {step}");
            demo::prepare(&house, &account::current()?, &places.data_dir, receiver, say).await?;
            open(house, &places, None, Some(receiver), look, keys).await
        }
        None => {
            look.needs_terminal()?;
            let keys = cli.keys.as_deref().map(own::named).transpose()?;
            let places = given.places()?;
            open(house(&places).await?, &places, None, None, look, keys).await
        }
    }
}

/// Prints; a reader who has seen enough and closed the pipe is no fault.
fn print(text: &[u8]) -> anyhow::Result<()> {
    match io::stdout().write_all(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

async fn house(places: &Places) -> anyhow::Result<House> {
    let db = Db::open_seat(&places.database_url).await?;
    db.migrate().await?;
    Ok(House::open(db).await?)
}

/// Opens the console for whoever sits here, by their own account or by the seat that sshd gave them; `receiver` takes the
/// demo's webhooks, `keys` is the table of the file that was named.
async fn open(
    house: House,
    places: &Places,
    seat: Option<Seat>,
    receiver: Option<SocketAddr>,
    args: LookArgs,
    keys: Option<&'static [Binding]>,
) -> anyhow::Result<()> {
    let through_gate = seat.is_some();
    let pass = Pass::of(account::current()?, seat);
    let me = pass.sign_in(&house).await?;
    let mut own = Own::new(args.given(keys));
    own.keep(preferences::get(&mut house.db.read().await?, &me.id).await?);
    // A file that lies about here would be the gate's, not theirs.
    if keys.is_none() && own.kept.keys.is_empty() && !through_gate {
        own.keys = own::usual()?;
    }
    // Without a log nothing is lost but the log.
    let _ = std::fs::create_dir_all(&places.data_dir);
    let _ = telemetry::to_file(&places.data_dir.join("console.log"));
    let ended = if args.is_plain() {
        plain::run(house, places, me, pass, receiver, own.look().ascii).await
    } else {
        run::run(house, places, me, pass, receiver, own).await
    };
    ended.context("the console ended")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
