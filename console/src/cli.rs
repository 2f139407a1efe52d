//! The command line: one definition feeds parser, help, man page and completions.

mod look;
mod places;
mod staff;

use std::{ffi::OsString, net::SocketAddr, path::PathBuf};

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand, error::ErrorKind, parser::ValueSource};
use jointforce_shared::{
    account,
    commands::House,
    config::Places,
    domain::{
        ids::OperatorId,
        operator::key::{Fingerprint, Seat},
        refused::Refused,
    },
    stdout::print,
    store::{Db, operators::preferences},
    telemetry,
};

pub use self::staff::{Gate, Keys, Operators, Preference, Signs};
use self::{
    look::{LookArgs, LookFlags},
    places::PlaceArgs,
};
use crate::{
    demo, gate,
    keys::{self, Table, own},
    model::own::Own,
    operators,
    pass::Pass,
    picture, plain, run,
};

/// Joint Force's console: clear takedown cases by keyboard.
///
/// Without a command it opens the review queue. Without any setting it works on the embedded default, an SQLite file
/// in the data directory, and carries effects out in its own process; a fleet sets DATABASE_URL. What neither flags nor the
/// environment say is read from the settings file that the worker has too, database-url and data-dir. Who you are is your
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
  jointforce-console --config /etc/jointforce/jointforce.toml

NO_COLOR=1 draws without colours, JOINTFORCE_THEME=light for a light ground. RUST_LOG=debug logs more, into console.log in the data directory.

Exit codes: 0 done, 64 wrong command line or no terminal, 65 input refused, 69 a server can't be reached, 70 a bug, \
74 a file can't be read or written or the disk is full, 75 try again later, 77 role or account doesn't allow it, \
78 wrong configuration.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the console on a made-up marketplace, kept apart from everything else; made when first asked for.
    Demo {
        /// How it looks.
        #[command(flatten)]
        look: LookFlags,
    },
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

/// Reads a command line, its first word included. A seat's environment may come from whoever sits down, by sshd's
/// AcceptEnv: no word of it says where the database is.
pub fn parse(words: &[OsString]) -> Result<Cli, clap::Error> {
    let mut matches = command().try_get_matches_from(words)?;
    if matches.subcommand_name() == Some("seat") {
        matches = places::by_flags_alone(command()).try_get_matches_from(words)?;
    }
    if let Some(("demo", demo)) = matches.subcommand()
        && demo.value_source("database_url") == Some(ValueSource::CommandLine)
    {
        let why = "the demo has a database of its own, in the data directory: leave --database-url out";
        return Err(command().error(ErrorKind::ArgumentConflict, why));
    }
    Cli::from_arg_matches(&matches)
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
            Ok(print(if markdown { keys::manual::markdown() } else { keys::manual::plain() }.as_bytes())?)
        }
        Some(Command::Picture { size }) => {
            let house = house(&given.places()?).await?;
            let me = Pass::of(account::current()?, None).sign_in(&house).await?;
            Ok(print(picture::of_queue(&house, me, size).await?.as_bytes())?)
        }
        Some(Command::Completions { shell }) => {
            let mut text = vec![];
            clap_complete::generate(shell, &mut command(), "jointforce-console", &mut text);
            Ok(print(&text)?)
        }
        Some(Command::Man) => {
            let mut text = vec![];
            clap_mangen::Man::new(command()).render(&mut text)?;
            Ok(print(&text)?)
        }
        Some(Command::Operators(command)) => {
            let house = house(&given.places()?).await?;
            operators::run(&house, command).await?;
            house.db.close().await;
            Ok(())
        }
        Some(Command::SshdConfig { gate, ca }) => {
            if let Some(file) = &ca {
                std::fs::metadata(file).with_context(|| format!("{} can't be read", file.display()))?;
            }
            Ok(print(gate::sshd_config(&given.for_sshd()?, &gate, ca.as_deref())?.as_bytes())?)
        }
        Some(Command::AuthorizedKeys { gate, fingerprint }) => {
            let house = House::new(Db::open(&given.places()?.database_url).await?);
            let line = gate::authorized_keys(&house, &given.for_a_seat()?, &gate, &fingerprint).await?;
            Ok(print(line.map(|line| line + "\n").unwrap_or_default().as_bytes())?)
        }
        Some(Command::AuthorizedPrincipals { gate, key_id }) => {
            let house = House::new(Db::open(&given.places()?.database_url).await?);
            let line = gate::authorized_principals(&house, &given.for_a_seat()?, &gate, &key_id).await?;
            Ok(print(format!("{line}\n").as_bytes())?)
        }
        Some(Command::Seat { seat }) => {
            look.needs_terminal()?;
            let places = given.places()?;
            open(house(&places).await?, &places, Some(seat), None, look, None).await
        }
        Some(Command::Demo { look: of_demo }) => {
            let look = look.with(of_demo);
            look.needs_terminal()?;
            let keys = cli.keys.as_deref().map(own::named).transpose()?;
            let dir = given.apart()?.data_dir.join("demo");
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

async fn house(places: &Places) -> anyhow::Result<House> {
    let db = Db::open_seat(&places.database_url).await?;
    // The embedded default has nobody else who would. A fleet's schema is brought up to date by `jointforce-worker migrate`.
    if db.is_embedded() {
        db.migrate().await?
    } else {
        db.check_or_begin().await?
    }
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
    keys: Option<Table>,
) -> anyhow::Result<()> {
    let through_gate = seat.is_some();
    let pass = Pass::of(account::current()?, seat);
    let me = pass.sign_in(&house).await?;
    let named = keys.is_some();
    let mut own = Own::new(args.given(keys));
    own.keep(preferences::get(&mut house.db.read().await?, &me.id).await?);
    // A file that lies about here would be the gate's, not theirs.
    if !named && own.kept.keys.is_empty() && !through_gate {
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

    #[test]
    fn the_demo_takes_no_database_of_somebodys() {
        let words = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for line in ["c demo --database-url sqlite:/x.db", "c --database-url sqlite:/x.db demo"] {
            assert_eq!(parse(&words(line)).unwrap_err().kind(), ErrorKind::ArgumentConflict, "{line}");
        }
        parse(&words("c demo --plain")).unwrap();
    }

    #[test]
    fn a_seat_knows_no_variable_that_says_where_the_database_is() {
        let seat = places::by_flags_alone(command());
        let of_places = ["DATABASE_URL", "JOINTFORCE_DATA_DIR", "JOINTFORCE_CONFIG"];
        let known = |command: &clap::Command| {
            let variables = command.get_arguments().filter_map(|arg| arg.get_env()?.to_str());
            variables.filter(|variable| of_places.contains(variable)).count()
        };
        assert_eq!((known(&command()), known(&seat)), (3, 0));
    }
}
