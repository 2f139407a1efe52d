//! The command line: one definition feeds parser, help, man page and completions.

mod appeal;
mod approvals;
mod audit;
mod authenticity;
mod brand;
mod breaker;
mod counter;
mod desks;
mod effects;
mod ladder;
mod lanes;
mod notice;
mod output;
mod pages;
mod payouts;
mod policy;
mod quality;
mod reasons;
mod rota;
mod serve;
mod shift;
mod status;

use std::{io, path::PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use jointforce_shared::{
    account,
    commands::{Actor, House},
    config::{Places, exit},
    store::Db,
    telemetry,
};
use jointforce_worker::import;

/// Joint Force's worker: carries out what moderators decide, takes in what brands file, and shows the ledger.
///
/// Without any setting it works on the embedded default: an SQLite file in the data directory and a queue in memory.
/// A fleet sets DATABASE_URL and REDIS_URL.
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
    /// The queue: redis://host; without it rings stay in memory.
    #[arg(long, env = "REDIS_URL", hide_env_values = true, global = true, value_name = "URL")]
    redis_url: Option<String>,
    /// Where the embedded default keeps its file and its mail.
    #[arg(long, env = "JOINTFORCE_DATA_DIR", global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Carry effects out until SIGTERM or Ctrl-C; then finish what is held and leave.
    Run(serve::RunArgs),
    /// Bring the database's schema up to date. Safe when many do it at once.
    Migrate,
    /// Show workers and what the ledger has to do.
    Status(output::Json),
    Import(import::ImportArgs),
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
pub async fn dispatch(cli: Cli) -> anyhow::Result<u8> {
    match cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "jointforce-worker", &mut io::stdout());
            return Ok(exit::OK);
        }
        Command::Man => {
            clap_mangen::Man::new(Cli::command()).render(&mut io::stdout())?;
            return Ok(exit::OK);
        }
        _ => {}
    }
    let json_log = matches!(&cli.command, Command::Run(args) if args.log_json());
    telemetry::to_stderr(json_log);
    let places = Places::find(cli.places.database_url, cli.places.redis_url, cli.places.data_dir)?;
    let command = match cli.command {
        Command::Audit(command) if command.is_offline() => return command.run_offline(&places),
        command => command,
    };
    let db = Db::open(&places.database_url).await?;
    db.migrate().await?;
    // A stored policy that can't be read must not keep anybody from replacing it.
    let house = if matches!(command, Command::Policy(_)) { House::new(db) } else { House::open(db).await? };
    let code = match command {
        Command::Run(args) => serve::run(house.clone(), &places, args).await?,
        Command::Migrate => {
            output::line(&format!("schema {} is up to date", house.db.schema_version().await?))?;
            exit::OK
        }
        Command::Status(json) => status::show(&house, json.json).await?,
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
        Command::Completions { .. } | Command::Man => exit::OK,
    };
    house.db.close().await;
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
