//! The command line: one definition feeds parser, help, man page and completions.

mod appeal;
mod approvals;
mod audit;
mod authenticity;
mod backup;
mod brand;
mod breaker;
mod config;
mod counter;
mod dead;
mod desks;
mod doctor;
mod effects;
mod ladder;
mod lanes;
mod migrate;
mod notice;
mod output;
mod pages;
mod payouts;
mod policy;
mod quality;
mod reasons;
mod rota;
mod serve;
mod settings;
mod shift;
mod signals;
mod status;
mod top;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use clap::{Args, CommandFactory as _, Parser, Subcommand, value_parser};
use jointforce_shared::{
    account,
    commands::{Actor, House},
    config::{Places, exit},
    domain::refused::Refused,
    settings::VARIABLE,
    store::Db,
    telemetry::{self, Log},
};
use jointforce_worker::import;

pub use settings::{Read, read};

/// Joint Force's worker: carries out what moderators decide, takes in what brands file, and shows the ledger.
///
/// Without any setting it works on the embedded default: an SQLite file in the data directory and a queue in memory.
/// A fleet sets DATABASE_URL and REDIS_URL, by flags, by the environment or in a file: `config show --origin`.
#[derive(Debug, Parser)]
#[command(name = "jointforce-worker", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    places: PlaceArgs,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 64 wrong command line, 65 some input refused, 69 a server can't be reached, \
70 a bug, 74 a file can't be read or written or the disk is full, 75 try again later, 77 role or account doesn't allow it, \
78 wrong configuration.";

/// Where things are.
#[derive(Debug, Args)]
struct PlaceArgs {
    /// The database: sqlite:/path/to/file.db or postgres://user@host/database.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// The queue: redis://user:password@host, or rediss:// for TLS; without it rings stay in memory.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, global = true, value_name = "URL")]
    redis_url: Option<String>,
    /// Where the embedded default keeps its file and its mail.
    #[arg(long, env = "JOINTFORCE_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// A TOML file with settings under the names of their flags, for what neither a flag nor the environment says. Without
    /// this it is /etc/jointforce/jointforce.toml, if that is there; an empty JOINTFORCE_CONFIG is no file.
    #[arg(long, env = VARIABLE, global = true, value_parser = value_parser!(OsString), value_name = "FILE")]
    config: Option<OsString>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Carry effects out until SIGTERM or Ctrl-C; then finish what is held and leave.
    Run(Box<serve::RunArgs>),
    Migrate(migrate::MigrateArgs),
    /// Look at everything that has to be right, and say what isn't and how to put it right. Exit 0 healthy, 1 with
    /// warnings, 2 with failures.
    Doctor(doctor::DoctorArgs),
    /// Show workers, lanes and what the ledger has to do. Exit 75 if effects are late or dead.
    Status(status::StatusArgs),
    /// Show the same again every second, with what each worker carries out, until Ctrl-C.
    Top,
    /// Look at dead effects, retry them, give them up, by what they have in common.
    #[command(subcommand)]
    Dead(dead::Dead),
    /// Copy the database into a file: SQLite's while others write, a server's by pg_dump.
    ///
    /// One moment, whole and checked. A server that has to be brought back to any moment needs its write-ahead log archived
    /// besides (pgBackRest, WAL-G).
    Backup(backup::BackupArgs),
    /// Check a backup, and say what was open when it was made: that may have happened since.
    Restore(backup::RestoreArgs),
    #[command(subcommand)]
    Import(import::Import),
    /// Look at effects, retry dead ones, give them up.
    #[command(subcommand)]
    Effects(effects::Effects),
    /// Pause what is carried out, slow it down, see which endpoints fail.
    #[command(subcommand)]
    Lanes(lanes::LanesCommand),
    /// Say who is on call.
    #[command(subcommand)]
    Rota(rota::Rota),
    /// Look at pages, and answer them.
    #[command(subcommand)]
    Pages(pages::Pages),
    /// Say who sits at the desks that cases are escalated to.
    #[command(subcommand)]
    Desks(desks::Desks),
    /// The note that one shift leaves for the next.
    #[command(subcommand)]
    Shift(shift::Shift),
    /// Look at counter-notices, answer them for a brand, take them back for a seller.
    #[command(subcommand)]
    Counter(counter::Counters),
    /// Open appeals, look at them.
    #[command(subcommand)]
    Appeal(appeal::Appeals),
    /// Take a notice back for a brand.
    #[command(subcommand)]
    Notice(notice::Notices),
    /// Look at the audit record, check it, prove things from it.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// See how far a brand is trusted and why; invite, warn, suspend it.
    #[command(subcommand)]
    Brand(brand::BrandCommand),
    /// Stop automatic removals, and let them go on.
    #[command(subcommand)]
    Breaker(breaker::BreakerCommand),
    /// Look at what takes a second person; approve and refuse it.
    #[command(subcommand)]
    Approvals(approvals::ApprovalsCommand),
    /// Look at penalty ladders, and at what another one would have done.
    #[command(subcommand)]
    Ladder(ladder::LadderCommand),
    /// Look at money that is kept back from sellers, and answer those who ask for it.
    #[command(subcommand)]
    Payouts(payouts::PayoutsCommand),
    /// Look at the numbers of policy and change them.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    #[command(subcommand)]
    Reasons(reasons::Reasons),
    /// See how decisions agree, keep golden cases, rule where two differ.
    #[command(subcommand)]
    Quality(quality::Quality),
    /// Look at the settings, and where each came from.
    #[command(subcommand)]
    Config(config::Config),
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Print the man page.
    Man,
}

/// Does what the command line says; gives the exit code.
///
/// # Errors
/// Whatever stops the command; [`exit::code_of`] has its code.
pub async fn dispatch(read: Read) -> anyhow::Result<u8> {
    match &read.cli.command {
        Command::Config(command) => return config::run(&read, command),
        Command::Doctor(args) => return doctor::run(&read, args).await,
        _ => {}
    }
    let of_run = matches!(read.cli.command, Command::Restore(_)).then(|| settings::as_run(&read)).transpose()?;
    let Read { cli, file, .. } = read;
    match cli.command {
        Command::Completions { shell } => {
            let mut text = vec![];
            clap_complete::generate(shell, &mut Cli::command(), "jointforce-worker", &mut text);
            output::print(&text)?;
            return Ok(exit::OK);
        }
        Command::Man => {
            let mut text = vec![];
            clap_mangen::Man::new(Cli::command()).render(&mut text)?;
            output::print(&text)?;
            return Ok(exit::OK);
        }
        _ => {}
    }
    file.usable()?;
    telemetry::begin(if let Command::Run(args) = &cli.command { args.log() } else { Log::Text });
    let named = cli.places.database_url.as_deref().is_some_and(|url| !url.is_empty());
    let places = Places::find(cli.places.database_url, cli.places.redis_url, cli.places.data_dir)?;
    let command = match cli.command {
        Command::Audit(command) if command.is_offline() => return command.run_offline(&places),
        command => command,
    };
    if let (Command::Restore(args), Some((_, run))) = (&command, &of_run) {
        return backup::restore(&places, run, args).await;
    }
    let begins = matches!(command, Command::Run(_) | Command::Import(_) | Command::Migrate(_));
    if let Some(file) = places.file().filter(|file| named && !begins && is_missing(file)) {
        let problem = format!("there is no file {}", file.display());
        let fix = "Correct DATABASE_URL; or make a database there with `jointforce-worker migrate`.";
        return Err(Refused::one("config.database-url", problem, fix).into());
    }
    let db = Db::open(&places.database_url).await?;
    if let Command::Backup(args) = &command {
        return backup::backup(&db, &places, args).await;
    }
    if let Command::Migrate(args) = &command {
        return migrate::run(&db, args).await;
    }
    if begins { db.migrate().await } else { db.check_or_begin().await }?;
    // A stored policy that can't be read must not keep anybody from replacing it.
    let house = if matches!(command, Command::Policy(_)) { House::new(db) } else { House::open(db).await? };
    let code = match command {
        Command::Run(args) => serve::run(house.clone(), &places, *args).await?,
        Command::Status(args) => status::show(&house, &args).await?,
        Command::Top => top::top(&house).await?,
        Command::Dead(command) => dead::run(&house, command).await?,
        Command::Import(args) => {
            match import::run(&house, &Actor::program(&format!("import:{}", account::current()?)), args).await {
                Ok(summary) => summary.exit_code(),
                Err(stop) => {
                    eprintln!("jointforce-worker: {stop}");
                    stop.code
                }
            }
        }
        Command::Effects(command) => effects::run(&house, command).await?,
        Command::Lanes(command) => lanes::run(&house, command).await?,
        Command::Counter(command) => counter::run(&house, command).await?,
        Command::Appeal(command) => appeal::run(&house, command).await?,
        Command::Notice(command) => notice::run(&house, command).await?,
        Command::Brand(command) => brand::run(&house, command).await?,
        Command::Audit(command) => command.run(&house, &places).await?,
        Command::Rota(command) => rota::run(&house, command).await?,
        Command::Pages(command) => pages::run(&house, command).await?,
        Command::Desks(command) => desks::run(&house, command).await?,
        Command::Shift(command) => shift::run(&house, command).await?,
        Command::Breaker(command) => breaker::run(&house, command).await?,
        Command::Quality(command) => quality::run(&house, command).await?,
        Command::Approvals(command) => approvals::run(&house, command).await?,
        Command::Ladder(command) => ladder::run(&house, command).await?,
        Command::Payouts(command) => payouts::run(&house, command).await?,
        Command::Policy(command) => policy::run(&house, command).await?,
        Command::Reasons(command) => reasons::run(&house, command).await?,
        Command::Config(_) | Command::Doctor(_) | Command::Migrate(_) | Command::Backup(_) | Command::Restore(_) => {
            exit::OK
        }
        Command::Completions { .. } | Command::Man => exit::OK,
    };
    house.db.close().await;
    Ok(code)
}

/// Whether a file could be there and isn't. A folder that isn't there is another fault.
fn is_missing(file: &Path) -> bool {
    !file.exists() && file.parent().is_some_and(Path::is_dir)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
