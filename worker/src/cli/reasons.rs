//! `reasons`: statements of reasons and the transparency register.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::{civil::Date, tz::TimeZone};
use jointforce_shared::{
    account,
    commands::{self, Actor, House},
    config::exit,
    domain::{
        ids::StatementId,
        refused::Refused,
        statement::{RegisterState, csv},
        time::{Time, span_words},
    },
    store::statements::{
        self, Kept,
        register::{self, Standing},
    },
};
use serde_json::{Value, json};

use super::output::{Json, cut, line, list, rest, safe};

/// Statements that an export reads at a time.
const PAGE: i64 = 500;

/// Statements of reasons: what sellers were told, and what the transparency register has of it.
///
/// Each removal and each restriction makes one, held to the register's rules when it is decided. A worker that knows the
/// register (JOINTFORCE_REGISTER_URL, JOINTFORCE_REGISTER_TOKEN_FILE) sends them by itself, a hundred at a time, until
/// each is accepted. Rejected ones wait for you: `reasons list --state rejected`, `reasons show ID`, then
/// `reasons retry ID` once the cause is gone.
#[derive(Debug, Subcommand)]
pub enum Reasons {
    /// How it stands with the register: what waits, what it rejected, whether it answers.
    Status(Json),
    /// List statements, newest first.
    List {
        /// Only those in this state: waiting, accepted, rejected, withdrawn (undone in time) or exempt (no country of
        /// the register).
        #[arg(long)]
        state: Option<RegisterState>,
        /// Only those before this id: the next page.
        #[arg(long, value_name = "ID")]
        before: Option<StatementId>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show all of one statement, in the register's fields, as JSON.
    Show {
        /// Which: its puid.
        id: StatementId,
    },
    /// Let rejected statements wait for the register again, and call it at once.
    Retry {
        /// Which.
        #[arg(required_unless_present = "all")]
        ids: Vec<StatementId>,
        /// The newest 1,000 that are rejected.
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
    /// Write statements as the register's own CSV, oldest first.
    ///
    /// The columns are the register's; platform_uid is our id. A cell that a spreadsheet would run as a formula gets an
    /// apostrophe before it. Example: `reasons export --from 2026-06-01 --until 2026-06-30 --output june.csv`
    Export(ExportArgs),
}

/// What to export, and where to.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The first day, UTC.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Date>,
    /// The last day, UTC, and all of it.
    #[arg(long, value_name = "YYYY-MM-DD")]
    until: Option<Date>,
    /// The file; standard output without it. It appears when it is complete.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Does it.
pub async fn run(house: &House, command: Reasons) -> anyhow::Result<u8> {
    match command {
        Reasons::Status(json) => status(house, json.json).await,
        Reasons::List { state, before, limit, json } => {
            let mut kept = statements::list(&mut house.db.read().await?, state, before, limit + 1).await?;
            let more = cut(&mut kept, limit);
            let as_text = |kept: &Kept| if json { as_json(kept).to_string() } else { as_line(kept) };
            list(&kept, "there are no such statements", as_text)?;
            if let Some(last) = kept.last().filter(|_| more) {
                rest(json, &format!("more: --before {}", last.id))?;
            }
            Ok(exit::OK)
        }
        Reasons::Show { id } => {
            let kept = statements::get(&mut house.db.read().await?, id)
                .await?
                .ok_or_else(|| Refused::one("id", format!("{id} is no statement here"), "See `reasons list`."))?;
            line(&serde_json::to_string_pretty(&as_json(&kept))?)?;
            Ok(exit::OK)
        }
        Reasons::Retry { mut ids, all } => {
            if all {
                let rejected = Some(RegisterState::Rejected);
                let kept = statements::list(&mut house.db.read().await?, rejected, None, 1000).await?;
                ids = kept.into_iter().map(|kept| kept.id).collect();
            }
            let me = account::current().map(Actor::Operator)?;
            let retried = commands::statement::retry(house, &me, &ids).await?;
            for id in &ids {
                let said = if retried.contains(id) { "waits again" } else { "is not rejected, nothing to retry" };
                line(&format!("{id} {said}"))?;
            }
            Ok(if retried.len() == ids.len() { exit::OK } else { exit::DATA })
        }
        Reasons::Export(args) => export(house, args).await,
    }
}

async fn status(house: &House, as_json: bool) -> anyhow::Result<u8> {
    let standing = register::standing(&mut house.db.read().await?).await?;
    let now = house.clock.now();
    if as_json {
        line(&standing_json(&standing).to_string())?;
    } else {
        for text in standing_lines(&standing, now) {
            line(&text)?;
        }
    }
    Ok(if needs_somebody(&standing) { exit::TEMPORARY } else { exit::OK })
}

/// Whether the register needs a person: it rejected something, or has failed for long.
pub fn needs_somebody(standing: &Standing) -> bool {
    standing.rejected > 0 || standing.failures >= 5
}

/// How it stands, for programs.
pub fn standing_json(standing: &Standing) -> Value {
    let moment = |at: Option<Time>| at.map(|at| at.to_string());
    json!({
        "waiting": standing.waiting, "oldest": moment(standing.oldest), "rejected": standing.rejected,
        "failures": standing.failures, "next": moment(standing.next), "last_error": standing.last_error,
        "tried": moment(standing.tried), "accepted": moment(standing.accepted),
    })
}

/// How it stands, for people.
pub fn standing_lines(standing: &Standing, now: Time) -> Vec<String> {
    let count = |n: i64| if n >= 10_000 { "10,000+".to_owned() } else { n.to_string() };
    let late = standing.oldest.map(|oldest| now.since(oldest)).filter(|late| *late > 0);
    let mut lines = vec![format!(
        "register {} statements wait{}, {} rejected; {}",
        count(standing.waiting),
        late.map_or_else(String::new, |late| format!(" (the oldest for {})", span_words(late))),
        count(standing.rejected),
        match (standing.accepted, standing.tried) {
            (Some(at), _) => format!("it took some {} ago", span_words(now.since(at).max(0))),
            (None, Some(_)) => "it never took any".to_owned(),
            (None, None) => "it was never called".to_owned(),
        },
    )];
    if let Some(error) = &standing.last_error {
        let next = standing.next.map_or(0, |next| next.since(now).max(0));
        lines.push(format!(
            "register failed {} times in a row, again in {}: {}",
            standing.failures,
            span_words(next),
            safe(error, 300)
        ));
    }
    if standing.rejected > 0 {
        lines.push(
            "rejected statements wait for a person: `jointforce-worker reasons list --state rejected`".to_owned(),
        );
    }
    if standing.tried.is_none() && late.is_some_and(|late| late > Time::HOUR) {
        lines.push(
            "nobody sends them: give a worker JOINTFORCE_REGISTER_URL and JOINTFORCE_REGISTER_TOKEN_FILE".to_owned(),
        );
    }
    lines
}

async fn export(house: &House, args: ExportArgs) -> anyhow::Result<u8> {
    let begin = |day: Date| -> anyhow::Result<Time> { Ok(day.to_zoned(TimeZone::UTC)?.timestamp().into()) };
    let from = args.from.map(begin).transpose()?.unwrap_or(Time(i64::MIN));
    let until = args.until.map(|day| begin(day.tomorrow()?)).transpose()?.unwrap_or(Time(i64::MAX));
    if from >= until {
        return Err(Refused::one("from", "it is after --until", "Give the earlier day first.").into());
    }
    let rows = match &args.output {
        None => match write_rows(house, from, until, &mut io::stdout().lock()).await {
            Err(error) if is_closed_pipe(&error) => return Ok(exit::OK),
            rows => rows?,
        },
        Some(path) => {
            // A reader never sees half of it.
            let mut part = path.as_os_str().to_owned();
            part.push(".part");
            let part = PathBuf::from(part);
            let rows = to_file(house, from, until, &part).await.inspect_err(|_| {
                let _ = fs::remove_file(&part);
            })?;
            fs::rename(&part, path).with_context(|| format!("{} can't be written", path.display()))?;
            rows
        }
    };
    if args.output.is_some() {
        line(&format!("{rows} statements"))?;
    }
    Ok(exit::OK)
}

async fn to_file(house: &House, from: Time, until: Time, path: &Path) -> anyhow::Result<usize> {
    let file = File::create(path).with_context(|| format!("{} can't be made", path.display()))?;
    let mut file = BufWriter::new(file);
    let rows = write_rows(house, from, until, &mut file).await?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(rows)
}

/// Streams the rows, one page in memory. A statement that is made while this runs may be in it or not.
async fn write_rows(house: &House, from: Time, until: Time, to: &mut impl Write) -> anyhow::Result<usize> {
    to.write_all(csv::headings().as_bytes())?;
    let (mut rows, mut after) = (0, None);
    loop {
        let page = statements::made_between(&mut house.db.read().await?, from, until, after, PAGE).await?;
        for kept in &page {
            let row = csv::Row {
                statement: &kept.content,
                uuid: kept.uuid.as_deref(),
                platform: &house.policy.reasons.platform,
                created: kept.settled.filter(|_| kept.state == RegisterState::Accepted).unwrap_or(kept.made),
            };
            to.write_all(csv::row(&row).as_bytes())?;
        }
        rows += page.len();
        match page.last() {
            Some(last) if page.len() == usize::try_from(PAGE).unwrap_or(0) => after = Some((last.made, last.id)),
            _ => break,
        }
    }
    to.flush()?;
    Ok(rows)
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn as_line(kept: &Kept) -> String {
    let reason = kept.reason.as_deref().map(|reason| format!("  {}", safe(reason, 120))).unwrap_or_default();
    format!(
        "{}  {:<9} {:<7}  {}  {}{reason}",
        kept.id,
        kept.state,
        kept.measure,
        kept.made,
        safe(kept.seller.as_str(), 40)
    )
}

fn as_json(kept: &Kept) -> Value {
    json!({
        "puid": kept.id,
        "measure": kept.measure,
        "seller": kept.seller,
        "case": kept.case,
        "decision": kept.decision,
        "made": kept.made.to_string(),
        "due": kept.due.to_string(),
        "state": kept.state,
        "uuid": kept.uuid,
        "reason": kept.reason,
        "settled": kept.settled.map(|at| at.to_string()),
        "statement": kept.content,
    })
}
