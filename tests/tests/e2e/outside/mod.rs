//! Mail and webhooks against real receivers.

mod letters;
mod smtp;
mod webhooks;

use std::{
    path::Path,
    sync::{Arc, atomic::AtomicI64},
    time::Duration,
};

use jointforce_shared::{
    clock::Clock,
    commands::{Actor, House, case, catalogue, notice, operator},
    domain::{
        brand::{Brand, Record, Tier},
        case::State,
        decision::{KeepReason, RemoveReason},
        effect::{BrandNews, Effect, PAYLOAD_VERSION, SellerNews},
        ids::{CaseId, DecisionId, EffectId, NoticeId},
        listing::{Listing, ListingState, Snapshot},
        operator::Role,
        right::{Right, RightKind},
        seller::Seller,
        time::Time,
    },
    store::{Db, cases, effects::carry::Claimed},
};
use jointforce_tests::servers::{Database, sqlite_database};
use jointforce_worker::outside::{Fault, MailRoute, Outside, OutsideConfig, PagerConfig, Range, Sent};
use serde_json::json;

/// Monday, 1 June 2026, 09:00 UTC.
const NOW: Time = Time(1_780_304_400 * Time::SECOND);
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// One brand, one seller, two listings, and a notice about both.
struct Desk {
    house: House,
    notice: NoticeId,
    cases: Vec<CaseId>,
    _database: Database,
}

impl Desk {
    /// With text such as people write.
    async fn open() -> Self {
        Self::with("Acme", "Shop of Shoes", "Acme trainers, white, size 42").await
    }

    /// With these names of the brand, the shop and its wares.
    async fn with(brand: &str, shop: &str, title: &str) -> Self {
        let database = sqlite_database();
        let db = Db::open(&database.url).await.unwrap();
        db.migrate().await.unwrap();
        let clock = Clock::Set(Arc::new(AtomicI64::new(NOW.0)));
        let house = House { clock, ..House::new(db) };
        let import = Actor::program("import");
        catalogue::load_brands(&house, &import, &[acme(brand, None)]).await.unwrap();
        let right = Right {
            id: "acme-tm".parse().unwrap(),
            brand: "acme".parse().unwrap(),
            kind: RightKind::Trademark,
            number: "018123456".into(),
            title: "ACME".into(),
            jurisdiction: "EU".into(),
            classes: vec![25],
            valid_from: Time(0),
            valid_until: None,
        };
        catalogue::load_rights(&house, &import, &[right]).await.unwrap();
        let seller = Seller {
            id: "shop".parse().unwrap(),
            name: shop.into(),
            email: "owner@shop.example".into(),
            country: "DE".into(),
            payout_account: None,
        };
        catalogue::load_sellers(&house, &import, &[seller]).await.unwrap();
        let listings = [listing("item-1", title), listing("item-2", "Acme socks")];
        catalogue::load_listings(&house, &import, &listings).await.unwrap();
        operator::add(&house, &import, "ann".parse().unwrap(), "Ann", Role::Moderator).await.unwrap();
        let (notice, cases) = file(&house, "AC-7", &["item-1", "item-2"]).await;
        Self { house, notice, cases, _database: database }
    }

    /// Does this to the first listing's case.
    async fn act(&self, act: case::Act) {
        let request = case::Request { case: self.cases[0], version: None, act, note: "seen by Ann only".into() };
        case::act(&self.house, &Actor::Operator("ann".parse().unwrap()), &request).await.unwrap();
    }

    async fn remove(&self) -> DecisionId {
        self.act(case::Act::Remove(RemoveReason::CounterfeitListing)).await;
        self.decision().await
    }

    async fn keep(&self, reason: KeepReason) -> DecisionId {
        self.act(case::Act::Keep(reason)).await;
        self.decision().await
    }

    /// The decision in force on the first listing's case.
    async fn decision(&self) -> DecisionId {
        let case = cases::get(&mut self.house.db.read().await.unwrap(), self.cases[0]).await.unwrap().unwrap();
        match case.state {
            State::Decided { decision, .. } => decision,
            other => panic!("{other:?}"),
        }
    }

    fn to_brand(&self, news: BrandNews) -> Effect {
        Effect::MailBrand { brand: "acme".parse().unwrap(), notice: Some(self.notice), news }
    }

    fn hook(&self, news: BrandNews) -> Effect {
        Effect::HookBrand { brand: "acme".parse().unwrap(), notice: Some(self.notice), news }
    }

    fn decided(&self, decision: DecisionId) -> BrandNews {
        BrandNews::Decided { case: self.cases[0], decision }
    }

    fn to_seller(&self, news: SellerNews) -> Effect {
        Effect::MailSeller { seller: "shop".parse().unwrap(), news }
    }

    /// Gives the brand another webhook.
    async fn point_hook_to(&self, url: Option<String>, secret: Option<&str>) {
        let brand = Brand { webhook_secret: secret.map(str::to_owned), ..acme("Acme", url) };
        catalogue::load_brands(&self.house, &Actor::program("import"), &[brand]).await.unwrap();
    }

    /// Carries an effect out, as one attempt with this id.
    async fn carry(&self, outside: &Outside, id: EffectId, effect: &Effect, now: Time) -> Result<Sent, Fault> {
        let claimed = Claimed {
            id,
            kind: effect.kind().to_string(),
            version: PAYLOAD_VERSION,
            payload: serde_json::to_string(effect).unwrap(),
            decision: None,
            trace: effect.trace(id),
            attempt: 1,
        };
        outside.carry(&self.house.db, &claimed, effect, now).await
    }

    fn new_id(&self) -> EffectId {
        self.house.clock.id(EffectId::from_ulid)
    }
}

async fn file(house: &House, reference: &str, listings: &[&str]) -> (NoticeId, Vec<CaseId>) {
    let raw = serde_json::from_value(json!({
        "reference": reference,
        "brand": "acme",
        "reason": "counterfeit",
        "right": "acme-tm",
        "listings": listings,
        "notifier_name": "Nora Notifier",
        "notifier_email": "nora@agency.example",
        "notifier_role": "agent",
        "explanation": "The label was never used by us, says Nora.",
        "good_faith": true,
        "accuracy": true,
        "signature": "Nora Notifier",
    }));
    match notice::file(house, &Actor::program("import"), &[raw.unwrap()]).await.unwrap().pop().unwrap() {
        notice::Filed::New { notice, cases } => (notice, cases),
        other => panic!("{other:?}"),
    }
}

fn acme(name: &str, webhook_url: Option<String>) -> Brand {
    Brand {
        id: "acme".parse().unwrap(),
        name: name.into(),
        tier: Tier::GoodFaith,
        email: "ip@acme.example".into(),
        webhook_url,
        webhook_secret: Some(SECRET.into()),
        record: Record::default(),
    }
}

fn listing(id: &str, title: &str) -> Listing {
    Listing {
        id: id.parse().unwrap(),
        seller: "shop".parse().unwrap(),
        state: ListingState::Live,
        territory: "DE".into(),
        sold: 30,
        version: 1,
        content: Snapshot {
            title: title.into(),
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

fn outside(mail: MailRoute, timeout: Duration) -> Outside {
    let mail_from = "Joint Force <takedowns@market.example>".to_owned();
    let webhook_allow = vec![Range::LOOPBACK];
    let pager = PagerConfig::default();
    Outside::new(OutsideConfig { mail, mail_from, marketplace: None, pager, timeout, webhook_allow }).unwrap()
}

fn into_folder(folder: &Path) -> Outside {
    outside(MailRoute::Folder(folder.to_owned()), OutsideConfig::TIMEOUT)
}

/// The fault is one to try again, with this shortest wait in seconds, and says so.
fn assert_retry(outcome: &Result<Sent, Fault>, seconds: Option<u64>, words: &str) {
    match outcome {
        Err(Fault::Retry { why, after } | Fault::Away { why, after, .. }) => {
            assert_eq!(*after, seconds.map(Duration::from_secs), "{why}");
            assert!(why.contains(words), "{why}");
        }
        other => panic!("{words}: {other:?}"),
    }
}

/// The fault is one for a person, and says so.
fn assert_never(outcome: &Result<Sent, Fault>, words: &str) {
    match outcome {
        Err(Fault::Never { why }) => assert!(why.contains(words), "{why}"),
        other => panic!("{words}: {other:?}"),
    }
}
