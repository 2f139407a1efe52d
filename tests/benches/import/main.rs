//! The importer: a file of notices, one listing each, into PostgreSQL and into SQLite, through the program itself; and
//! beside it the floor, the bare rows through the same driver.
//!
//! `cargo build --release --bins && cargo bench -p jointforce-tests --bench import [-- --size NOTICES]`. Ends with 1 when
//! a bar is missed at full size.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that can't go on stops")]

mod floor;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use jointforce_shared::{
    clock::Clock,
    domain::time::Time,
    fixtures::{Marketplace, Size},
};
use jointforce_tests::{
    bench::Scale,
    programs,
    servers::{PrivatePostgres, sqlite_database},
};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The bar of issue 2: notices a second, and the importer's memory.
const BAR_RATE: f64 = 8000.0;
const BAR_MEMORY_MB: f64 = 100.0;

fn main() -> ExitCode {
    let scale = Scale::from_args(300_000, 1);
    let files = Files::write(scale.size);
    let server = PrivatePostgres::start_durable();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (postgres, sqlite) = (runtime.block_on(server.database()), sqlite_database());
    let (postgres_floor, sqlite_floor) = (runtime.block_on(server.database()), sqlite_database());
    let mut missed = vec![];
    println!("\n{:<12}{:<10}{:>10}{:>10}{:>12}{:>12}", "", "", "rows", "s", "rows/s", "memory MB");
    let databases = [("PostgreSQL", &postgres.url, &postgres_floor.url), ("SQLite", &sqlite.url, &sqlite_floor.url)];
    for (name, url, floor_url) in databases {
        let mut filed = 0.0;
        for what in ["brands", "rights", "sellers", "listings", "notices"] {
            let import = import(what, &files.path(what), url);
            let rate = import.rows / import.seconds;
            let (rows, seconds, memory) = (import.rows, import.seconds, import.memory_mb);
            println!("{name:<12}{what:<10}{rows:>10}{seconds:>10.1}{rate:>12.0}{memory:>12.1}");
            if what == "notices" {
                filed = rate;
                if rate < BAR_RATE {
                    missed.push(format!("{name}: {rate:.0} notices/s, the bar is {BAR_RATE}"));
                }
                if memory > BAR_MEMORY_MB {
                    missed.push(format!("{name}: {memory:.0} MB of memory, the bar is {BAR_MEMORY_MB}"));
                }
            }
        }
        let again = import("notices", &files.path("notices"), url);
        println!(
            "{name:<12}{:<10}{:>10}{:>10.1}{:>12.0}",
            "again",
            again.rows,
            again.seconds,
            again.rows / again.seconds
        );
        for what in ["brands", "rights", "sellers", "listings"] {
            import(what, &files.path(what), floor_url);
        }
        let floor = runtime.block_on(floor::measure(url, floor_url));
        let share = filed / floor * 100.0;
        println!("{name:<12}{:<10}{:>32.0}   notices come to {share:.0} % of the bare rows", "floor", floor);
    }
    for miss in &missed {
        println!("MISSED: {miss}");
    }
    ExitCode::from(u8::from(scale.is_full && !missed.is_empty()))
}

struct Import {
    rows: f64,
    seconds: f64,
    memory_mb: f64,
}

/// Runs the program on a file, watching its memory.
fn import(what: &str, file: &Path, url: &str) -> Import {
    let mut command: Command = programs::worker();
    command.args(["import", what, "--json", "--quiet"]).arg(file).env("DATABASE_URL", url);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let watch = std::thread::spawn(move || {
        let mut peak = 0.0;
        // The kernel keeps the peak itself; the last look before the end is near enough.
        while let Some(kb) = std::fs::read_to_string(&status).ok().and_then(|text| peak_kb(&text)) {
            peak = kb;
            std::thread::sleep(Duration::from_millis(20));
        }
        peak / 1024.0
    });
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "import {what}: {:?}: {said}", output.status);
    let summary: Value = serde_json::from_str(said.trim()).unwrap();
    Import {
        rows: summary["read"].as_f64().unwrap(),
        seconds: summary["seconds"].as_f64().unwrap(),
        memory_mb: watch.join().unwrap(),
    }
}

/// `VmHWM` of a process's status; none once it is a zombie.
fn peak_kb(status: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().trim_end_matches(" kB").parse().ok()
}

/// A marketplace in files of JSON Lines.
struct Files(TempDir);

impl Files {
    fn path(&self, what: &str) -> PathBuf {
        self.0.path().join(format!("{what}.jsonl"))
    }

    /// So many listings, and a notice about nearly each of them.
    fn write(listings: usize) -> Self {
        let files = Self(TempDir::with_prefix("jf-import-").unwrap());
        let size = Size { brands: 120, sellers: (listings / 50).max(10), listings, notices: 0 };
        let market = Marketplace::generate(1, size, Clock::System.now());
        files.fill(
            "brands",
            market.brands().map(|b| json!({ "id": b.id, "name": b.name, "tier": b.tier, "email": b.email })),
        );
        files.fill(
            "rights",
            market.rights().map(|r| {
                json!({ "id": r.id, "brand": r.brand, "kind": r.kind, "number": r.number, "title": r.title,
                    "jurisdiction": r.jurisdiction, "classes": r.classes, "valid_from": day(r.valid_from),
                    "valid_until": r.valid_until.map(day) })
            }),
        );
        files.fill(
            "sellers",
            market.sellers().map(|s| {
                json!({ "id": s.id, "name": s.name.replace(char::is_control, " "), "email": s.email, "country": s.country,
                    "payout_account": s.payout_account })
            }),
        );
        files.fill(
            "listings",
            market.listings().map(|l| {
                let content = l.content;
                let minor = content.price_minor;
                let price = match content.currency.as_str() {
                    "JPY" => minor.to_string(),
                    _ => format!("{}.{:02}", minor / 100, minor % 100),
                };
                json!({ "id": l.id, "seller": l.seller, "title": content.title, "description": content.description,
                    "price": price, "currency": content.currency, "category": content.category,
                    "nice_class": content.nice_class, "territory": l.territory, "url": content.url,
                    "images": content.images, "sold": l.sold, "state": l.state })
            }),
        );
        files.fill("notices", market.plain_notices().map(|notice| json!(notice)));
        files
    }

    fn fill(&self, what: &str, rows: impl Iterator<Item = Value>) {
        let mut file = BufWriter::new(File::create(self.path(what)).unwrap());
        for row in rows {
            serde_json::to_writer(&mut file, &row).unwrap();
            file.write_all(b"\n").unwrap();
        }
        file.flush().unwrap();
    }
}

fn day(moment: Time) -> String {
    moment.to_string()[..10].to_owned()
}
