//! A small marketplace to test with: one brand with one right, one seller, some listings, and a house to act in.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jointforce_shared::{
    clock::Clock,
    commands::{Actor, House, catalogue, notice, operator},
    domain::{
        brand::{Brand, Record, Tier},
        ids::{CaseId, ListingId, OperatorId},
        listing::{Listing, ListingState, Snapshot},
        notice::RawNotice,
        operator::Role,
        right::{Right, RightKind},
        seller::Seller,
        time::Time,
    },
    store::Db,
};

/// A house with a marketplace in it. The clock runs with the machine's, and can be set ahead.
#[derive(Debug, Clone)]
pub struct World {
    /// Where commands act.
    pub house: House,
    ahead: Option<Arc<AtomicI64>>,
}

impl World {
    /// The marketplace in an empty database; the clock is the machine's.
    pub async fn new(url: &str) -> Self {
        let db = Db::open(url).await.expect("a database");
        db.migrate().await.expect("a schema");
        let world = Self { house: House::new(db), ahead: None };
        world.fill().await;
        world
    }

    /// A house that has its marketplace already.
    pub const fn new_in(house: House) -> Self {
        Self { house, ahead: None }
    }

    /// As [`World::new`], with a clock that stands until it is moved with [`World::pass`].
    pub async fn with_set_clock(url: &str) -> Self {
        let now = Arc::new(AtomicI64::new(Clock::System.now().0));
        let db = Db::open(url).await.expect("a database");
        db.migrate().await.expect("a schema");
        let house = House { clock: Clock::Set(now.clone()), ..House::new(db) };
        let world = Self { house, ahead: Some(now) };
        world.fill().await;
        world
    }

    /// Lets time pass on a set clock.
    pub fn pass(&self, micros: i64) {
        self.ahead.as_ref().expect("a set clock").fetch_add(micros, Ordering::SeqCst);
    }

    async fn fill(&self) {
        let import = Self::import();
        catalogue::load_brands(&self.house, &import, &[brand("acme")]).await.expect("a brand");
        catalogue::load_rights(&self.house, &import, &[right("acme-tm", "acme")]).await.expect("a right");
        catalogue::load_sellers(&self.house, &import, &[seller("shop")]).await.expect("a seller");
        let listings: Vec<Listing> = (1..=20).map(|n| listing(&format!("item-{n}"), "shop")).collect();
        catalogue::load_listings(&self.house, &import, &listings).await.expect("listings");
        for (account, role) in [
            ("ann", Role::Moderator),
            ("bob", Role::Moderator),
            ("sue", Role::Senior),
            ("oda", Role::OnCall),
            ("eve", Role::Auditor),
            ("adam", Role::Admin),
        ] {
            let account: OperatorId = account.parse().expect("an account");
            operator::add(&self.house, &import, account.clone(), account.as_str(), role).await.expect("an operator");
        }
    }

    /// The importer.
    pub fn import() -> Actor {
        Actor::program("import")
    }

    /// Files a notice on these listings and gives their cases.
    pub async fn report(&self, reference: &str, listings: &[&str]) -> Vec<CaseId> {
        match self.file(&[raw(reference, listings)]).await.pop().expect("an answer") {
            notice::Filed::New { cases, .. } => cases,
            other => panic!("the notice was not filed: {other:?}"),
        }
    }

    /// Files notices.
    pub async fn file(&self, raw: &[RawNotice]) -> Vec<notice::Filed> {
        notice::file(&self.house, &Self::import(), raw).await.expect("an answer to each")
    }
}

/// An operator of the world: `ann` and `bob` moderate, `sue` is senior, `oda` on call, `eve` auditor, `adam` admin.
pub fn who(account: &str) -> Actor {
    Actor::Operator(account.parse().expect("an account"))
}

/// A brand in good faith with a contact and no webhook.
pub fn brand(id: &str) -> Brand {
    Brand {
        id: id.parse().expect("an id"),
        name: format!("Brand {id}"),
        tier: Tier::GoodFaith,
        email: format!("ip@{id}.example"),
        webhook_url: None,
        webhook_secret: None,
        record: Record { accepted: 95, refused: 5 },
    }
}

/// A trademark in the EU for class 25, valid for ever.
pub fn right(id: &str, brand: &str) -> Right {
    Right {
        id: id.parse().expect("an id"),
        brand: brand.parse().expect("an id"),
        kind: RightKind::Trademark,
        number: format!("{id}-0001"),
        title: brand.to_uppercase(),
        jurisdiction: "EU".into(),
        classes: vec![25],
        valid_from: Time(0),
        valid_until: None,
    }
}

/// A seller.
pub fn seller(id: &str) -> Seller {
    Seller {
        id: id.parse().expect("an id"),
        name: format!("Shop {id}"),
        email: format!("{id}@sellers.example"),
        country: "DE".into(),
        payout_account: None,
    }
}

/// A live listing in Germany in class 25.
pub fn listing(id: &str, seller: &str) -> Listing {
    Listing {
        id: id.parse().expect("an id"),
        seller: seller.parse().expect("an id"),
        state: ListingState::Live,
        territory: "DE".into(),
        sold: 30,
        version: 1,
        content: Snapshot {
            title: format!("ACME style trainers {id}"),
            description: "like the real thing".into(),
            price_minor: 1999,
            currency: "EUR".into(),
            category: "Shoes > Trainers".into(),
            nice_class: Some(25),
            url: format!("https://market.example/{id}"),
            images: vec![],
        },
    }
}

/// A complete notice by acme about these listings.
pub fn raw(reference: &str, listings: &[&str]) -> RawNotice {
    let listings: Vec<&str> = listings.to_vec();
    serde_json::from_value(serde_json::json!({
        "reference": reference,
        "brand": "acme",
        "reason": "counterfeit",
        "right": "acme-tm",
        "listings": listings,
        "notifier_name": "Nora Notifier",
        "notifier_email": "nora@acme.example",
        "notifier_role": "principal",
        "explanation": "The stitching and the label show that these are not ours.",
        "good_faith": true,
        "accuracy": true,
        "signature": "Nora Notifier",
    }))
    .expect("a notice")
}

/// A listing's id.
pub fn listing_id(id: &str) -> ListingId {
    id.parse().expect("an id")
}
