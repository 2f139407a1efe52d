//! The queue with a million open cases: how long a page takes, in PostgreSQL and in SQLite, beside the bare index range
//! scan of the same rows through the same driver; and what each letter of a filter costs that is typed.
//!
//! `cargo bench -p jointforce-tests --bench queue [-- --size N]`. Ends with 1 when a bar is missed at full size.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that can't go on stops")]

mod fill;
mod plan;
mod typed;

use std::{process::ExitCode, time::Duration, time::Instant};

use jointforce_shared::{
    domain::ids::{BrandId, SellerId},
    domain::{ask::Stage, brand::Tier, time::Time},
    store::{
        Conn, Db,
        queue::{self, Filter, Place, Range},
    },
};
use jointforce_tests::{
    bench::{Scale, Times},
    servers::{PrivatePostgres, sqlite_database},
};

/// Rows that a console asks for at a time.
const PAGE: i64 = 50;
/// The bar of issue 2: first page, next page and filter by brand, each.
const BAR: Duration = Duration::from_millis(20);
/// From nothing to the first page.
const BAR_OPEN: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() -> ExitCode {
    let scale = Scale::from_args(1_000_000, 1000);
    let server = PrivatePostgres::start_durable();
    let (postgres, sqlite) = (server.database().await, sqlite_database());
    let (mut missed, mut plans) = (vec![], plan::Plans::default());
    for (name, url) in [("PostgreSQL", &postgres.url), ("SQLite", &sqlite.url)] {
        let began = Instant::now();
        let db = Db::open(url).await.unwrap();
        db.migrate().await.unwrap();
        let places = fill::cases(&db, scale.size).await;
        println!("\n{name}, {} open cases, filled in {:.0} s", places.len(), began.elapsed().as_secs_f64());
        missed.extend(measure(&format!("{name}, just filled"), &db, url, &places, scale, &mut plans).await);
        if !db.is_embedded() {
            // What autovacuum does within minutes: plans may change with the statistics.
            plan::analyze(&db).await;
            missed.extend(measure(&format!("{name}, analyzed"), &db, url, &places, scale, &mut plans).await);
        }
        db.close().await;
    }
    for miss in &missed {
        println!("MISSED: {miss}");
    }
    ExitCode::from(u8::from(scale.is_full && !missed.is_empty()))
}

/// Measures every view and prints the table; gives the bars that were missed.
async fn measure(
    name: &str,
    db: &Db,
    url: &str,
    places: &[(Place, BrandId, SellerId)],
    scale: Scale,
    plans: &mut plan::Plans,
) -> Vec<String> {
    let now = Time(places[places.len() / 2].0.rank);
    let any = |n: usize| &places[(n * 7919 + 13) % places.len()];
    let brand = |n: usize| Filter { brand: Some(any(n).1.clone()), ..Filter::default() };
    let by_brand_deep = |n: usize| (brand(n), Some(any(n).0));
    type View<'a> = (&'a str, Box<dyn Fn(usize) -> (Filter, Option<Place>) + 'a>, bool);
    let views: [View; 9] = [
        ("first page", Box::new(|_| (Filter::default(), None)), true),
        ("next page, anywhere", Box::new(|n| (Filter::default(), Some(any(n).0))), true),
        ("one brand, first page", Box::new(|n| (brand(n), None)), true),
        ("one brand, anywhere", Box::new(by_brand_deep), true),
        ("one seller", Box::new(|n| (Filter { seller: Some(any(n).2.clone()), ..Filter::default() }, None)), false),
        (
            "due before the median",
            Box::new(|_| (Filter { due: Range::below(now.0), ..Filter::default() }, None)),
            false,
        ),
        ("one tier", Box::new(|_| (Filter { tiers: Some(vec![Tier::Unverified]), ..Filter::default() }, None)), false),
        ("held", Box::new(|_| (Filter { stages: Some(vec![Stage::Held]), ..Filter::default() }, None)), false),
        ("of one person", Box::new(|_| (Filter { of: "ann".parse().ok(), ..Filter::default() }, None)), false),
    ];
    let mut missed = vec![];
    println!("\n{name}: ms a page of {PAGE}, {} samples", scale.samples);
    println!("{:<24}{:>9}{:>9}{:>9}{:>12}{:>8}", "", "p50", "p99", "max", "floor p50", "ratio");
    let mut conn = db.read().await.unwrap();
    for (view, request, has_bar) in &views {
        // What is no part of the bar may be slow: a few samples show that too.
        let samples = if *has_bar { scale.samples } else { scale.samples.min(50) };
        let times = pages(&mut conn, samples, request).await;
        let floor = if *has_bar { Some(floor(db, samples, request).await) } else { None };
        let beside = floor.map_or(String::new(), |floor| {
            let (page, floor) = (times.percentile(50).as_secs_f64(), floor.percentile(50).as_secs_f64());
            format!("{:>12.2}{:>8.1}", floor * 1000.0, page / floor)
        });
        println!("{view:<24}{}{beside}", times.columns());
        if *has_bar && times.percentile(99) >= BAR {
            missed.push(format!("{name}, {view}: p99 {:?}, the bar is {BAR:?}", times.percentile(99)));
        }
    }
    let letters = typed::letters(&mut conn, now).await;
    println!("{:<24}{}", "a letter of a filter", letters.answers.columns());
    println!("{:<24}{}", "a stretch of a search", letters.statements.columns());
    println!("{} letters asked, {} of them for what was not found before the next", letters.asked, letters.given_up);
    if letters.answers.percentile(95) >= typed::BAR {
        missed.push(format!("{name}, a letter: p95 {:?}, the bar is {:?}", letters.answers.percentile(95), typed::BAR));
    }
    drop(conn);
    let opened = Times::measure(scale.samples.min(20), |_| open(url)).await;
    println!("{:<24}{}", "open to first page", opened.columns());
    if opened.percentile(99) >= BAR_OPEN {
        missed.push(format!("{name}, open: p99 {:?}, the bar is {BAR_OPEN:?}", opened.percentile(99)));
    }
    missed.extend(plans.show(name, db).await);
    missed
}

async fn pages(conn: &mut Conn, samples: usize, request: impl Fn(usize) -> (Filter, Option<Place>)) -> Times {
    let mut times = Vec::with_capacity(samples);
    for n in 0..samples + 10 {
        let (filter, after) = request(n);
        let began = Instant::now();
        queue::page(conn, &filter, after, PAGE).await.unwrap();
        // The first few prepare statements and warm caches.
        if n >= 10 {
            times.push(began.elapsed());
        }
    }
    Times::from(times)
}

/// The bare index range scan of the same rows.
async fn floor(db: &Db, samples: usize, request: impl Fn(usize) -> (Filter, Option<Place>)) -> Times {
    const ALL: &str = "SELECT rank, id FROM cases WHERE state IN ('open', 'held') AND (rank, id) > ($1, $2)
        ORDER BY rank, id LIMIT $3";
    const BRAND: &str =
        "SELECT rank, id FROM cases WHERE state IN ('open', 'held') AND brand_id = $4 AND (rank, id) > ($1, $2)
        ORDER BY rank, id LIMIT $3";
    let mut conn = db.read().await.unwrap();
    let mut times = Vec::with_capacity(samples);
    for n in 0..samples + 10 {
        let (filter, after) = request(n);
        let (rank, id) = after.map_or((i64::MIN, String::new()), |place| (place.rank, place.case.to_string()));
        macro_rules! scan {
            ($on:expr) => {{
                let query = sqlx::query_as::<_, (i64, String)>(if filter.brand.is_some() { BRAND } else { ALL });
                let query = query.bind(rank).bind(id).bind(PAGE);
                match &filter.brand {
                    Some(brand) => query.bind(brand.as_str()).fetch_all($on).await.unwrap(),
                    None => query.fetch_all($on).await.unwrap(),
                }
            }};
        }
        let began = Instant::now();
        match &mut conn {
            Conn::Postgres(on) => scan!(&mut **on),
            Conn::Sqlite(on) => scan!(&mut **on),
        };
        if n >= 10 {
            times.push(began.elapsed());
        }
    }
    Times::from(times)
}

/// What a console does before it shows its first page.
async fn open(url: &str) {
    let db = Db::open(url).await.unwrap();
    db.migrate().await.unwrap();
    queue::page(&mut db.read().await.unwrap(), &Filter::default(), None, PAGE).await.unwrap();
    db.close().await;
}
