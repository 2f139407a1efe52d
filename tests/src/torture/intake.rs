//! Brands file notices all the while: new listings, listings that wait already, and every fifth notice twice at once.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use jointforce_shared::{
    commands::{
        self, House, catalogue,
        notice::{self, Filed},
    },
    domain::{listing::Listing, notice::RawNotice},
    fixtures::Random,
};
use jointforce_tests::world::{World, listing, raw, seller};
use tokio::time::sleep;

use super::{
    consoles::Book,
    stage::{BRANDS, held, open},
    witness::number,
};

/// Cases that wait for a decision at any time.
const WAITING: i64 = 80;
/// Notices that one importer files at a time.
const IMPORTERS: usize = 2;
/// Listings a seller: repeat offenders are the rule.
const A_SELLER: usize = 5;
/// What strangers put into titles: a colour for the terminal, a text that runs backwards.
const HOSTILE: [&str; 3] = ["\u{1b}[31mred", "\u{202e}sdrawkcab", "\u{7}\u{9b}2Jbell"];

/// What was filed.
#[derive(Debug, Default)]
pub struct Filings {
    next: AtomicUsize,
    /// Brand and reference of each notice that we were told is filed.
    pub told: Mutex<Vec<String>>,
}

/// Files notices whenever few cases wait, until the book is closed.
pub async fn file(url: String, onlooker: House, seed: u64, importer: usize, filings: Arc<Filings>, book: Arc<Book>) {
    debug_assert!(importer < IMPORTERS);
    let house = House::new(open(&url).await);
    while !*book.closed.borrow() {
        let waiting = number(&onlooker.db, "SELECT count(*) FROM cases WHERE state IN ('open', 'held')").await;
        if waiting.is_none_or(|waiting| waiting >= WAITING) {
            sleep(Duration::from_millis(100)).await;
            continue;
        }
        let n = filings.next.fetch_add(1, Ordering::SeqCst);
        let mut random = Random::new(seed, "notice", n);
        let (listings, notice) = make(n, &mut random);
        if wares(&house, &listings, &book).await.is_none() {
            break;
        }
        let again = notice.clone();
        let twice = async {
            if random.percent(20.0) {
                hand_in(&house, again, &filings, &book).await;
            }
        };
        tokio::join!(hand_in(&house, notice, &filings, &book), twice);
    }
    house.db.close().await;
}

/// The importers of a run.
pub const fn importers() -> usize {
    IMPORTERS
}

/// A notice and the new listings that it names; a third of them name one that an earlier notice named too.
fn make(n: usize, random: &mut Random) -> (Vec<Listing>, RawNotice) {
    let count = 1 + random.below(4);
    let listings: Vec<Listing> = (0..count)
        .map(|part| {
            let mut listing = listing(&format!("ware-{n}-{part}"), &format!("seller-{}", n * 3 / A_SELLER));
            if random.percent(25.0) {
                listing.content.title = format!("{} {}", random.pick(&HOSTILE), listing.content.title);
            }
            listing
        })
        .collect();
    let brand = n % BRANDS;
    let mut named: Vec<String> = listings.iter().map(|listing| listing.id.to_string()).collect();
    if n >= BRANDS && random.percent(30.0) {
        named.push(format!("ware-{}-0", n - BRANDS));
    }
    let mut notice = raw(&format!("ref-{n}"), &named.iter().map(String::as_str).collect::<Vec<_>>());
    (notice.brand, notice.right) = (format!("brand-{brand}"), format!("tm-{brand}"));
    (listings, notice)
}

/// Puts listings and their seller into the catalogue, however often it takes; none if the book is closed first.
async fn wares(house: &House, listings: &[Listing], book: &Book) -> Option<()> {
    let import = World::import();
    let sellers: Vec<_> = listings.iter().take(1).map(|listing| seller(listing.seller.as_str())).collect();
    loop {
        let loaded = async {
            catalogue::load_sellers(house, &import, &sellers).await?;
            catalogue::load_listings(house, &import, listings).await
        };
        match loaded.await {
            Ok(_) => return Some(()),
            Err(_) if *book.closed.borrow() => return None,
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// Files a notice until there is an answer. After a lost one the same notice goes again, as a brand's system does.
async fn hand_in(house: &House, notice: RawNotice, filings: &Filings, book: &Book) {
    loop {
        match notice::file(house, &World::import(), std::slice::from_ref(&notice)).await {
            Ok(filed) => {
                if filed.iter().any(|filed| matches!(filed, Filed::New { .. } | Filed::Same { .. })) {
                    held(&filings.told).push(format!("{} {}", notice.brand, notice.reference));
                }
                return;
            }
            Err(commands::Error::Store(_)) if !*book.closed.borrow() => sleep(Duration::from_millis(50)).await,
            Err(_) => return,
        }
    }
}
