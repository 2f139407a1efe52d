//! `jointforce-worker import`: brands, rights, sellers, listings, notices and the answers to them from files.
//!
//! A thread reads and takes rows apart ([`read`]), a task writes them in batches ([`write`]); between them is room for
//! two batches, so memory stays constant however long the file. Everything that is loaded twice is loaded once
//! ([`jointforce_shared::commands`] sees to it), so an import that was stopped is run again from its beginning.

mod args;
mod authorised;
mod casework;
mod csv;
mod fields;
mod help;
mod lines;
mod progress;
mod read;
mod records;
mod refused;
mod source;
mod summary;
mod write;

use std::{sync::Arc, thread, time::Instant};

use jointforce_shared::{
    commands::{Actor, House},
    config::exit,
    domain::{
        appeal::RawAppeal,
        authorised::Authorised,
        brand::Brand,
        counter_notice::{RawCounterNotice, RawSuit},
        listing::Listing,
        notice::RawNotice,
        right::Right,
        seller::Seller,
        withdrawal::RawWithdrawal,
        words::grouped,
    },
    stdout,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

pub use args::{Format, Import, ImportArgs, Sender, What};
pub use refused::RefusedRow;
pub use summary::{Stop, Summary};

use progress::Progress;
use records::Record;
use refused::RefusedFile;
use source::Source;
use write::Writer;

/// Batches between the reader and the writer.
const AHEAD: usize = 2;

/// Imports what the arguments name, and prints what came of it. SIGINT and SIGTERM end it after the batch in hand.
///
/// # Errors
/// When it ended before its input did.
pub async fn run(house: &House, actor: &Actor, import: Import) -> Result<Summary, Stop> {
    let (what, args, sender) = import.taken_apart();
    let of = Of { house, actor, what, args: &args, sender: &sender };
    match what {
        What::Brands => of.import::<Brand>().await,
        What::Rights => of.import::<Right>().await,
        What::Sellers => of.import::<Seller>().await,
        What::Listings => of.import::<Listing>().await,
        What::Authorised => of.import::<Authorised>().await,
        What::Notices => of.import::<RawNotice>().await,
        What::CounterNotices => of.import::<RawCounterNotice>().await,
        What::Appeals => of.import::<RawAppeal>().await,
        What::Withdrawals => of.import::<RawWithdrawal>().await,
        What::Suits => of.import::<RawSuit>().await,
    }
}

/// One import.
struct Of<'a> {
    house: &'a House,
    actor: &'a Actor,
    what: What,
    args: &'a ImportArgs,
    sender: &'a Sender,
}

impl Of<'_> {
    async fn import<R: Record>(&self) -> Result<Summary, Stop> {
        let Self { house, actor, what, args, sender } = *self;
        let begun = Instant::now();
        let source = Source::open(args.file.as_deref())?;
        let path = args.refused.clone().unwrap_or_else(|| source.refused.clone());
        if args.file.as_ref() == Some(&path) {
            return Err(Stop::new(exit::USAGE, "--refused names the file that is imported. Name another one"));
        }
        let unwritable = |error| Stop::new(exit::IO, format!("{} can't be written: {error}", path.display()));
        let mut refused = RefusedFile::new(&path).map_err(unwritable)?;

        let progress = Arc::new(Progress::begin(what, source.bytes, args.quiet));
        let (to, from) = mpsc::channel(AHEAD);
        let (format, template) = (args.format.or(source.format), sender.template());
        let size = args.batch as usize;
        // Not one of the runtime's threads: they are waited for at the end, and a read of a pipe may never end.
        thread::spawn(move || read::feed::<R>(source, format, &template, size, &to));

        let stop = stop_on_signals(&progress).map_err(|error| Stop::new(exit::SOFTWARE, error))?;
        let writer = Writer {
            house: house.clone(),
            actor: actor.clone(),
            progress: progress.clone(),
            patience: args.patience(),
            stop,
        };
        let outcome = writer.run(from, &mut refused).await;
        progress.end();
        let seconds = begun.elapsed().as_secs_f64();
        let done = match &outcome {
            Ok(summary) => Summary { seconds, ..*summary },
            Err(stop) => Summary { seconds, ..stop.summary },
        };
        tell(what, args, &done, outcome.is_ok(), &refused);
        outcome.map(|_| done).map_err(|stop| Stop { summary: done, ..stop })
    }
}

/// A flag that SIGINT or SIGTERM raises. A second signal ends the process at once, as it would have without us.
fn stop_on_signals(progress: &Arc<Progress>) -> std::io::Result<watch::Receiver<bool>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let (stop, stopped) = watch::channel(false);
    let progress = Arc::downgrade(progress);
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        let Some(progress) = progress.upgrade() else { return };
        progress.say("stopping after the batch in hand; once more to stop at once");
        // Whoever listened is gone: so is the import.
        let _ = stop.send(true);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        std::process::exit(i32::from(exit::TEMPORARY));
    });
    Ok(stopped)
}

fn tell(what: What, args: &ImportArgs, done: &Summary, whole: bool, refused: &RefusedFile) {
    if args.json {
        // What was imported is imported, whether anybody reads of it or not.
        let _ = stdout::line(&serde_json::json!(done).to_string());
    } else if whole && !args.quiet {
        let rows = grouped(done.read);
        let _ = stdout::line(&format!("{}: {rows} rows in {:.1} s: {done}", what.as_str(), done.seconds));
    }
    if let Some(path) = refused.written()
        && !args.quiet
    {
        eprintln!("Refused rows, with reasons: {}", path.display());
    }
}
