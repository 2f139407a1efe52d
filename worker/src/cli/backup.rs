//! `backup` and `restore --check`: a copy of the database, and whether it can be trusted before it is needed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail, ensure};
use clap::Args;
use jointforce_shared::{
    commands::House,
    config::{Places, exit},
    domain::{effect::EffectState, ids::EffectId, refused::Refused, time::Time, words::grouped},
    store::{
        Db, audit,
        db::without_password,
        effects::{self, Entry},
    },
};
use serde_json::json;

use super::{
    doctor::{Checks, deep},
    output::{line, safe},
    serve::RunArgs,
};

/// Where to.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file to write; it must not be there yet. It holds personal data: only its owner may read it.
    file: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What to check.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// A file that `backup` wrote.
    file: PathBuf,
    /// Check the file, and change nothing but the scratch database. Restoring itself is the database's own: put an SQLite
    /// file in its place while nothing runs, or give a server's to pg_restore.
    #[arg(long, required = true)]
    check: bool,
    /// An empty database of a server, into which a server's backup is restored to be checked. Without it only the file's
    /// table of contents is read.
    #[arg(long, value_name = "URL")]
    into: Option<String>,
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

/// Copies the database as it is now: SQLite's file while others write, checked afterwards; a server by pg_dump. For a
/// server's recovery to any moment archive its write-ahead log besides (pgBackRest, WAL-G): this is one moment.
///
/// # Errors
/// What stands in the way; then no file is left.
pub async fn backup(db: &Db, places: &Places, args: &BackupArgs) -> anyhow::Result<u8> {
    let file = &args.file;
    if file.exists() {
        let problem = format!("{} is there already", file.display());
        return Err(Refused::one("file", problem, "Name a new one: a backup overwrites nothing.").into());
    }
    let mut part = file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let written = write(db, places, &part).await;
    let kept = written.and_then(|()| {
        fs::set_permissions(&part, fs::Permissions::from_mode(0o600))?;
        File::open(&part)?.sync_all()?;
        Ok(fs::rename(&part, file)?)
    });
    if let Err(error) = kept {
        let _ = fs::remove_file(&part);
        return Err(error.context(format!("{} is not written", file.display())));
    }
    let bytes = fs::metadata(file)?.len();
    line(&if args.json {
        json!({ "file": file, "bytes": bytes }).to_string()
    } else {
        format!(
            "{} is written, {} MB; `restore --check` it before you need it",
            file.display(),
            bytes.div_ceil(1 << 20)
        )
    })?;
    Ok(exit::OK)
}

async fn write(db: &Db, places: &Places, part: &Path) -> anyhow::Result<()> {
    let _ = fs::remove_file(part);
    if db.is_embedded() {
        db.snapshot(part).await?;
        let copy = Db::open(&format!("sqlite:{}", part.display())).await?;
        let damage = copy.damage().await;
        copy.close().await;
        for extra in ["-wal", "-shm"] {
            let mut beside = part.as_os_str().to_owned();
            beside.push(extra);
            let _ = fs::remove_file(beside);
        }
        let damage = damage?;
        ensure!(damage.is_empty(), "the database is damaged: {}", damage.join("; "));
        return Ok(());
    }
    let mut dump = Command::new("pg_dump");
    dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(part);
    run(with_database(dump, &places.database_url)).await
}

/// Checks a backup: that it is whole, of a schema that this program knows, that every rule holds in it and the audit record is
/// as it was sealed. Then it says what was open when it was made and due by now: that may have happened since.
///
/// # Errors
/// When it can't be read at all.
pub async fn restore(places: &Places, run_args: &RunArgs, args: &RestoreArgs) -> anyhow::Result<u8> {
    let mut head = [0; 16];
    let length = File::open(&args.file)
        .and_then(|mut file| file.read(&mut head))
        .with_context(|| format!("{} can't be read", args.file.display()))?;
    let mut checks = Checks::default();
    let scratch;
    let db = match &head[..length] {
        b"SQLite format 3\0" => {
            // A copy, since opening it leaves traces.
            scratch = Scratch::new()?;
            let copy = scratch.0.join("copy.db");
            fs::copy(&args.file, &copy).with_context(|| format!("{} can't be copied", args.file.display()))?;
            Db::open(&format!("sqlite:{}", copy.display())).await?
        }
        head if head.starts_with(b"PGDMP") => {
            let mut list = Command::new("pg_restore");
            list.arg("--list").arg(&args.file).stdout(std::process::Stdio::null());
            run(list).await?;
            checks.fine("file", "a server's backup, its table of contents can be read");
            let Some(into) = &args.into else {
                let fix = "Give an empty database: --into postgres://…/scratch restores it there and checks all of it.";
                checks.warn("content", "was not looked at", fix);
                checks.print(args.json)?;
                return Ok(exit::TEMPORARY);
            };
            let db = Db::open(into).await?;
            ensure!(db.schema_version().await? == 0, "{} is not empty", without_password(into));
            let mut restore = Command::new("pg_restore");
            restore.args(["--exit-on-error", "--no-owner", "--no-privileges"]).arg(&args.file);
            run(with_database(restore, into)).await?;
            db
        }
        _ => bail!(Refused::one("file", "it is no backup of ours", "Give a file that `backup` wrote.")),
    };
    let code = judge(&mut checks, db.clone(), places, run_args, args.json).await;
    db.close().await;
    code
}

async fn judge(checks: &mut Checks, db: Db, places: &Places, run: &RunArgs, as_json: bool) -> anyhow::Result<u8> {
    match db.damage().await {
        Ok(damage) if damage.is_empty() => checks.fine("file", "it is whole"),
        Ok(damage) => checks.fail("file", damage.join("; "), "Take an older backup."),
        Err(error) => checks.fail("file", error.to_string(), "Take an older backup."),
    }
    match db.check_schema().await {
        Ok(schema) => checks.fine("schema", format!("{schema}, which serves this program")),
        Err(error) => {
            checks.fail("schema", error.to_string(), "Check it with the program that made it.");
            checks.print(as_json)?;
            return Ok(exit::DATA);
        }
    }
    let house = House::open(db).await?;
    deep::look(checks, &house, places, run).await;
    let mut conn = house.db.read().await?;
    let newest = audit::newest(&mut conn, None, 1).await?;
    let mut open = vec![];
    for state in [EffectState::Running, EffectState::Due] {
        let mut before: Option<EffectId> = None;
        loop {
            let page = effects::list(&mut conn, Some(state), before, 1000).await?;
            before = page.last().map(|entry| entry.id);
            let more = page.len() == 1000;
            open.extend(page);
            if !more {
                break;
            }
        }
    }
    drop(conn);
    if let Some(event) = newest.first() {
        checks.fine("ends", format!("the record ends at {}; what was decided later is not in it", event.at));
    }
    checks.print(as_json)?;
    tell_open(&open, house.clock.now(), as_json)?;
    Ok(if checks.failed() { exit::DATA } else { exit::OK })
}

/// What was under way: restored, it would happen again, with the same key. What is due after `now` can't have happened.
fn tell_open(open: &[Entry], now: Time, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        for entry in open {
            let due = entry.due.to_string();
            let of = json!({
                "open": entry.id, "kind": entry.kind, "lane": entry.lane, "due": due, "case": entry.case, "by_now": entry.due <= now,
            });
            line(&of.to_string())?;
        }
        return Ok(());
    }
    let (by_now, later): (Vec<_>, Vec<_>) = open.iter().partition(|entry| entry.due <= now);
    let mut kinds = BTreeMap::<&str, (i64, Time)>::new();
    for entry in &by_now {
        let (number, first) = kinds.entry(&entry.kind).or_insert((0, entry.due));
        (*number, *first) = (*number + 1, entry.due.min(*first));
    }
    for (kind, (number, first)) in kinds {
        line(&format!("open {:>8} {:<16} the first due {first}", grouped(number), safe(kind, 40)))?;
    }
    if !by_now.is_empty() {
        line(
            "these were open then and may have happened since. They will be carried out with the same keys: a receiver that keeps \
             webhook-id does nothing twice. Ask the marketplace for its state of their listings where it doesn't. --json lists them.",
        )?;
    }
    if !later.is_empty() {
        let many = i64::try_from(later.len()).unwrap_or(i64::MAX);
        let are = if many == 1 { "is" } else { "are" };
        line(&format!("{} more {are} due later: restored, that happens when it is due", grouped(many)))?;
    }
    Ok(())
}

/// The server's address for its own programs; the password by the environment, which others can't read.
fn with_database(mut command: Command, url: &str) -> Command {
    let password = url
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next()?.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'));
    let shown = match (password, url.split_once("://")) {
        (Some((user, password)), Some((scheme, rest))) => {
            command.env("PGPASSWORD", decoded(password));
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            format!("{scheme}://{user}@{place}")
        }
        _ => url.to_owned(),
    };
    command.arg("--dbname").arg(shown);
    command
}

/// Percent signs undone.
fn decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).filter(|_| *first == b'%');
        match code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn run(mut command: Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = tokio::task::spawn_blocking(move || command.output()).await?;
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            anyhow::Error::new(error).context(format!("{name} isn't here: install PostgreSQL's client programs"))
        }
        _ => error.into(),
    })?;
    let said = safe(String::from_utf8_lossy(&output.stderr).trim(), 600);
    ensure!(output.status.success(), std::io::Error::other(format!("{name}: {said}")));
    Ok(())
}

/// A folder that goes when it is dropped.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| anyhow::anyhow!("no random bytes: {error}"))?;
        let path = std::env::temp_dir().join(format!("jointforce-restore-{:016x}", u64::from_be_bytes(bytes)));
        fs::create_dir(&path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_goes_by_the_environment_and_never_by_the_command_line() {
        let command = with_database(Command::new("pg_dump"), "postgres://jf:s3c%40ret@db:5432/x?sslmode=verify-full");
        let words: Vec<_> = command.get_args().map(|word| word.to_str().unwrap()).collect();
        assert_eq!(words, ["--dbname", "postgres://jf@db:5432/x?sslmode=verify-full"]);
        let password = command.get_envs().find(|(name, _)| *name == "PGPASSWORD").unwrap().1.unwrap();
        assert_eq!(password, "s3c@ret");
        let command = with_database(Command::new("pg_dump"), "postgres://jf@db/x");
        assert_eq!(command.get_envs().count(), 0);
    }
}
