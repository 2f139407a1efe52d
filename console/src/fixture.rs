//! A queue and a case for tests, the same every time.

mod contested;
mod figures;
mod link;

use jointforce_shared::{
    domain::{
        audit::Event,
        brand::{Brand, Record, Tier},
        case::State,
        effect::{EffectState, Endpoint, Lane},
        evidence::{Good, Word},
        group::{Difference, Kinship},
        ids::CaseId,
        listing::{Listing, ListingState, Snapshot},
        notice::{Notifier, Role as NotifierRole},
        operator::{Operator, Role},
        penalty::{Severity, Strike},
        policy::Policy,
        priority::Factors,
        reason::ReasonCode,
        right::{Right, RightKind},
        seller::{Level, Seller},
        time::Time,
        trace::Trace,
    },
    store::{
        cases::Case,
        dossier::Dossier,
        effects::Entry,
        genuine::Genuine,
        groups,
        notices::Claim,
        queue::{EarlierCase, Place, QueueRow},
        sellers::SellerRecord,
    },
};
use serde_json::json;

pub use self::{
    contested::contested,
    figures::{colleague, figures},
    link::slow,
};
use crate::{
    board,
    deed::Deed,
    model::Model,
    msg::{Cmd, Msg},
    update::update,
};

/// Saturday 2026-01-10, 12:00 UTC.
pub const NOW: Time = Time(1_768_046_400_000_000);

/// The case with this number.
pub fn case_id(n: usize) -> CaseId {
    format!("01KEKS0000000000000000{n:04}").parse().unwrap()
}

pub fn operator(name: &str, role: Role) -> Operator {
    Operator {
        id: name.parse().unwrap(),
        name: format!("{} Example", name.to_uppercase()),
        role,
        enabled: true,
        desks: vec![],
        team: None,
    }
}

/// A console of `ann`, a moderator, that has read `rows`.
pub fn model_of(size: (u16, u16), rows: Vec<QueueRow>) -> Model {
    let (mut model, cmds) = Model::new(operator("ann", Role::Moderator), Policy::default(), NOW, size);
    let [Cmd::Queue { ticket, .. }, ..] = cmds.as_slice() else { panic!("{cmds:?}") };
    update(&mut model, Msg::Queue { ticket: *ticket, rows });
    model
}

/// A console with 40 cases, seen long ago.
pub fn model(size: (u16, u16)) -> Model {
    let mut model = model_of(size, (0..40).map(row).collect());
    see(&mut model);
    model
}

/// The screen was drawn, and a second passed.
pub fn see(model: &mut Model) {
    if model.moves {
        pass(model, model.link.pane_after());
    }
    let shown = model.shown();
    update(model, Msg::Drawn(shown));
    model.now = Time(model.now.0 + Time::SECOND);
}

/// Time passes; gives what is asked for at its end.
pub fn pass(model: &mut Model, micros: i64) -> Vec<Cmd> {
    model.now = Time(model.now.0 + micros);
    update(model, Msg::Tick)
}

/// Presses keys, `r 1 Enter`; gives what they ask for.
pub fn press(model: &mut Model, keys: &str) -> Vec<Cmd> {
    keys.split(' ').flat_map(|key| update(model, Msg::Key(key.to_owned()))).collect()
}

/// Titles that strangers wrote.
const TITLES: [&str; 8] = [
    "Leather Belt, black, 110 cm",
    "男士 机械表 原单 外贸尾货 支持验货",
    "Sac à main \u{202e}gnihtyreve\u{202c} neuf",
    "ساعة يد نسخة طبق الأصل درجة أولى",
    "Running Shoes 42 \u{1b}[31mSALE\u{1b}[0m\nDecision: keep",
    "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}algo Perfume 100 ml",
    "Phone Case 👨‍👩‍👧‍👦 set of 12",
    "G\u{200b}u\u{200b}c\u{200b}c\u{200b}i style handbag with a title so long that no column of this world can hold it",
];

/// Row `n` of the queue.
pub fn row(n: usize) -> QueueRow {
    let number = i64::try_from(n).unwrap();
    let tier = [Tier::JointForce, Tier::TrustedFlagger, Tier::GoodFaith, Tier::Standard, Tier::Unverified][n % 5];
    let level = Level::ALL[n % 6];
    QueueRow {
        place: Place { rank: number, case: case_id(n) },
        version: 1,
        brand: format!("brand-{}", n % 5).parse().unwrap(),
        brand_name: ["Acme", "Blue Heron Outdoor", "東京時計", "Délice", "Initech"][n % 5].into(),
        listing: format!("L-{n}").parse().unwrap(),
        title: TITLES[n % 8].into(),
        price_minor: 4990 + number,
        seller: format!("S-{}", n % 7).parse().unwrap(),
        seller_name: [
            "luckystar88",
            "Moda Sokağı 106",
            "東京ブランド倉庫",
            "متجر النور",
            "Closet Cleanout",
            "x",
            "Shop",
        ][n % 7]
            .into(),
        level,
        points: [0, 4, 6, 12, 24, 48][n % 6],
        factors: Factors {
            tier,
            due: Time(NOW.0 + (number * 37 - 60) * Time::MINUTE),
            severity: [24, 12, 4, 1][n % 4],
            record: Record { accepted: 116, refused: 4 },
            sold: [0, 14, 430][n % 3],
            reports: 1 + number % 4,
            claims: 1 + number % 3,
        },
        held_by: (n % 11 == 5).then(|| "bob".parse().unwrap()),
        waits: false,
        assigned_to: (n % 13 == 7).then(|| "ann".parse().unwrap()),
        desk: None,
        standing: None,
        round: 1,
        lease_by: (n % 9 == 3).then(|| "carla".parse().unwrap()),
        opened: Time(NOW.0 - Time::DAY),
    }
}

/// A row of the board of dead effects.
pub fn board_row(n: usize) -> board::Row {
    let id = format!("01KEKSE0000000000000000{n:03}").parse().unwrap();
    board::Row {
        key: format!("row {n}"),
        since: Time(NOW.0 - Time::HOUR),
        title: ["hook brand: 410 gone", "mail seller: 550 no such \u{202e}mailbox", "hook brand: time-out"][n % 3]
            .into(),
        state: "10 tries".into(),
        details: vec!["The other side said: gone.".into()],
        case: Some(case_id(n)),
        yes: Some(Deed::Retry(id)),
        proof: None,
        no: Some(Deed::Drop(id)),
        barred: None,
    }
}

/// A group of case 0: `others` with the same title, each at its own price.
pub fn alike(others: usize) -> groups::Group {
    let member = |n: usize| {
        let case = dossier(n % 40);
        let mut listing = case.listing;
        listing.content.title = TITLES[0].into();
        listing.content.price_minor = 1_000 + i64::try_from(n).unwrap();
        groups::Member {
            case: case_id(if n == 0 { 0 } else { 100 + n }),
            version: 1,
            due: NOW,
            claims: 1,
            brand: case.brand.id,
            brand_name: case.brand.name,
            seller_name: case.seller.seller.name,
            listing,
            lease_by: None,
        }
    };
    let kin = |n: usize| groups::Kin {
        member: member(n),
        alike: 100,
        differences: vec![Difference::Price { minor: 1_000 + i64::try_from(n).unwrap(), currency: "EUR".into() }],
    };
    groups::Group { by: Kinship::Title, card: member(0), members: (1..=others).map(kin).collect() }
}

fn seller(id: &str, name: &str, points: i64) -> SellerRecord {
    SellerRecord {
        seller: Seller {
            id: id.parse().unwrap(),
            name: name.into(),
            email: "shop@seller.example".into(),
            country: "CN".into(),
            payout_account: Some("acct-1".into()),
        },
        reports: 3,
        points,
        level: Level::Warned,
        level_until: None,
        listings_off: false,
    }
}

/// Three belts that were found genuine, and four sellers who may sell them.
fn genuine() -> Genuine {
    let good = |n: usize, price_minor, title: &str, word| Good {
        listing: format!("G-{n}").parse().unwrap(),
        title: title.into(),
        price_minor,
        currency: "EUR".into(),
        nice_class: Some(25),
        seller_name: "Leather House \u{202e}".into(),
        word,
        at: Time(NOW.0 - 20 * Time::DAY),
    };
    let goods = vec![
        good(1, 11_900, "Acme leather belt, black", Word::Brand),
        good(2, 12_400, "Acme running shoes", Word::Reviewer),
        good(3, 9_900, "Acme perfume", Word::Reviewer),
    ];
    Genuine { goods, authorised: 4 }
}

/// Everything about the case of row `n`.
pub fn dossier(n: usize) -> Dossier {
    let row = row(n);
    let ago = |span: i64| Time(NOW.0 - span);
    let claim = |reference: &str, explanation: &str, evidence: &[&str]| Claim {
        notice: "01KEKSN0000000000000000001".parse().unwrap(),
        reference: reference.into(),
        listing: row.listing.clone(),
        right: "right-1".parse().unwrap(),
        snapshot_version: 2,
        state: "open".into(),
        reason: ReasonCode::Counterfeit,
        notifier: Notifier {
            name: "Clara Hoffmann".into(),
            email: "ip@acme.example".into(),
            role: NotifierRole::ALL[0],
        },
        explanation: explanation.into(),
        signature: "Clara Hoffmann".into(),
        evidence: evidence.iter().map(|link| (*link).to_owned()).collect(),
        resubmits: None,
        filed: ago(3 * Time::HOUR),
    };
    let event = |action: &str, actor: &str, body| Event {
        id: "01KEKSA0000000000000000001".parse().unwrap(),
        at: ago(Time::HOUR),
        actor: actor.into(),
        auth: "os".into(),
        action: action.into(),
        subject: format!("case:{}", case_id(n)),
        case: Some(case_id(n)),
        body,
    };
    let effect = |kind: &str, state, last_error: Option<&str>| Entry {
        id: "01KEKSE0000000000000000001".parse().unwrap(),
        kind: kind.into(),
        version: 1,
        lane: Lane::Letters,
        endpoint: Some(Endpoint::Mail),
        state,
        payload: "{}".into(),
        case: Some(case_id(n)),
        trace: Trace::of_case(case_id(n)),
        attempts: 3,
        due: Time(NOW.0 + 8 * Time::SECOND),
        lease_by: None,
        last_error: last_error.map(str::to_owned),
        created: ago(Time::HOUR),
        ended: (state == EffectState::Done).then_some(ago(Time::MINUTE)),
    };
    Dossier {
        case: Case {
            id: case_id(n),
            brand: row.brand.clone(),
            listing: row.listing.clone(),
            seller: row.seller.clone(),
            state: State::Open { assigned: row.assigned_to.clone(), desk: None },
            version: row.version,
            round: 2,
            rank: row.place.rank,
            read_rank: row.place.rank,
            due: row.factors.due,
            severity: row.factors.severity,
            claims: row.factors.claims,
            reports: row.factors.reports,
            snapshot_version: 2,
            opened: row.opened,
            lease: None,
        },
        factors: row.factors,
        brand: Brand {
            id: row.brand.clone(),
            name: row.brand_name.clone(),
            tier: row.factors.tier,
            email: "ip@acme.example".into(),
            webhook_url: None,
            webhook_secret: None,
            record: row.factors.record,
        },
        listing: Listing {
            id: row.listing.clone(),
            seller: row.seller.clone(),
            state: ListingState::Live,
            territory: "DE".into(),
            sold: row.factors.sold,
            version: 2,
            content: Snapshot {
                title: row.title.clone(),
                description: "Belt, \u{200b}full grain leather. Ships in 2 days from our own stock.\n\n全新正品".into(),
                price_minor: 1_999,
                currency: "EUR".into(),
                category: "Fashion > Accessories > Belts".into(),
                nice_class: Some(25),
                url: "https://market.example/item/1".into(),
                images: vec!["https://img.market.example/l/1.jpg".into(); 4],
            },
        },
        changed_since: Some(3),
        claims: vec![
            claim("acme/2", "The stitching differs \u{202e}from ours.", &["https://evidence.example/1.pdf"]),
            claim("acme/1", "No authorised dealer.", &[]),
        ],
        rights: vec![Right {
            id: "right-1".parse().unwrap(),
            brand: row.brand.clone(),
            kind: RightKind::Trademark,
            number: "018000001".into(),
            title: "ACME".into(),
            jurisdiction: "EU".into(),
            classes: vec![18, 35],
            valid_from: Time(0),
            valid_until: None,
        }],
        seller: seller(row.seller.as_str(), &row.seller_name, 8),
        strikes: vec![Strike {
            id: "01KEKST0000000000000000001".parse().unwrap(),
            brand: row.brand.clone(),
            right: "right-1".parse().unwrap(),
            severity: Severity::CounterfeitListing,
            at: ago(40 * Time::DAY),
        }],
        linked: vec![seller("S-99", "luckystar99", 24)],
        earlier: vec![EarlierCase {
            id: case_id(900),
            state: "removed".into(),
            brand_name: "Acme".into(),
            title: "Leather Belt, brown".into(),
            opened: ago(40 * Time::DAY),
        }],
        decision: None,
        requests: vec![],
        clearance: None,
        authorised: None,
        genuine: genuine(),
        counters: vec![],
        appeals: vec![],
        approvals: vec![],
        statements: vec![],
        timeline: vec![
            event("case.decided", "bob", json!({ "outcome": "removed", "reason": "counterfeit_listing" })),
            event("case.undone", "bob", json!({ "compensated": true })),
            event("case.noted", "bob", json!({ "note": "ask the brand first" })),
        ],
        effects: vec![
            effect("remove_listing", EffectState::Done, None),
            effect("mail_brand", EffectState::Due, Some("421 try again later")),
            effect("hook_brand", EffectState::Dead, Some("410 gone")),
        ],
    }
}
