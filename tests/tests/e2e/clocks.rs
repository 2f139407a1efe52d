//! Every clock from end to end, by a clock that is moved: two workers sweep and carry out at once, letters go over SMTP. Not
//! a moment before its time, once after it, and whoever is to hear of it gets a letter.

use std::{sync::Arc, time::Duration};

use jointforce_shared::{
    commands::{
        self, Actor,
        authenticity::{Ask, ask},
        case::{self, Act, Request},
        counter_notice::{self, Received},
        group::{self, Together},
        sweep, trust,
    },
    domain::{
        authenticity::Silence,
        counter_notice::Regime,
        decision::{KeepReason, RemoveReason},
        effect::Lane,
        ids::CaseId,
        penalty::Strike,
        statement::{Measure, RegisterState},
        time::Time,
    },
    store::{
        approvals, audit, authenticity, brands, cases, counter_notices, effects::carry, invariants, pages, penalties,
        sellers, statements,
    },
};
use jointforce_tests::{
    mail::Mailbox,
    world::{World, who},
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{MailRoute, Outside, OutsideConfig, PagerConfig},
};

use crate::store::on_both;

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);

/// A world whose clock stands, and two workers who live by it.
struct Watch {
    world: World,
    mailbox: Mailbox,
    workers: [Carrier; 2],
}

impl Watch {
    async fn begin(url: &str) -> Self {
        Self::of(World::with_set_clock(url).await).await
    }

    async fn of(world: World) -> Self {
        let mailbox = Mailbox::start().await;
        let workers = ["worker-a", "worker-b"].map(|name| {
            let outside = Outside::new(OutsideConfig {
                mail: MailRoute::Smtp(mailbox.url()),
                mail_from: "Joint Force <takedowns@market.example>".into(),
                marketplace: None,
                pager: PagerConfig::default(),
                timeout: OutsideConfig::TIMEOUT,
                webhook_allow: vec![],
            });
            Carrier { house: world.house.clone(), outside: Arc::new(outside.unwrap()), name: name.into() }
        });
        Self { world, mailbox, workers }
    }

    /// Both workers at once do all that is due, until nothing is.
    async fn work(&self) {
        for _ in 0..50 {
            let [one, other] = &self.workers;
            let (one, other) = tokio::join!(self.work_of(one), self.work_of(other));
            if one + other == 0 {
                return;
            }
        }
        panic!("the workers never come to rest");
    }

    async fn work_of(&self, worker: &Carrier) -> usize {
        let house = &worker.house;
        // Of two who meet one may lose: it looks again, as a worker does a second later.
        let swept = sweep::all(house, &Actor::program(&worker.name)).await;
        let mut done = swept.total();
        for lanes in [Lane::INSIDE, Lane::OUTSIDE] {
            let due = {
                let mut conn = house.db.read().await.unwrap();
                carry::due(&mut conn, lanes, house.clock.now(), 100).await.unwrap()
            };
            done += due.len();
            if due.is_empty() {
                continue;
            }
            let ring = Ring::new(due.iter().map(ToString::to_string).collect());
            if lanes == Lane::INSIDE { worker.inside(ring).await } else { worker.outside(ring).await }
        }
        done
    }

    /// What happens at a moment happens not before, once then, and never again; and letters are written of it, or none.
    async fn once(&self, at: Time, letters: usize, count: impl AsyncFn() -> usize) {
        let (world, before) = (&self.world, count().await);
        world.pass(at.since(world.house.clock.now()) - 1);
        self.work().await;
        let written = self.mailbox.taken().len();
        assert_eq!(count().await, before, "a moment before");
        world.pass(1);
        self.work().await;
        let told: Vec<_> = self.mailbox.taken()[written..].iter().map(|mail| mail.header("Subject")).collect();
        assert_eq!(count().await, before + 1, "at its time");
        assert_eq!(told.len(), letters, "{told:?}");
        self.work().await;
        world.pass(Time::MINUTE);
        self.work().await;
        assert_eq!((count().await, self.mailbox.taken().len()), (before + 1, written + letters), "once");
        let house = &world.house;
        let mut conn = house.db.read().await.unwrap();
        assert_eq!(invariants::broken(&mut conn).await.unwrap(), []);
        assert_eq!(invariants::unsettled(&mut conn, house.clock.now()).await.unwrap(), []);
    }

    /// How often something was done, by the audit record.
    async fn times(&self, action: &str) -> usize {
        let mut conn = self.world.house.db.read().await.unwrap();
        let events = audit::newest(&mut conn, None, 1000).await.unwrap();
        events.iter().filter(|event| event.action == action).count()
    }

    async fn act(&self, case: CaseId, act: Act) {
        let request = Request { case, version: None, act, note: String::new() };
        case::act(&self.world.house, &who("ann"), &request).await.unwrap();
    }

    /// A question to acme about this listing, and its case.
    async fn asked(&self) -> authenticity::Request {
        let case = self.world.report("n1", &["item-1"]).await[0];
        let question = Ask { case, version: None, template: "yours".into(), detail: String::new(), again: false };
        let asked = ask(&self.world.house, &who("ann"), &question).await.unwrap();
        let mut conn = self.world.house.db.read().await.unwrap();
        authenticity::get(&mut conn, asked.request).await.unwrap().unwrap()
    }

    /// A removed listing, whose seller contests that: the counter-notice.
    async fn contested(&self) -> counter_notices::Counter {
        let case = self.world.report("n1", &["item-1"]).await[0];
        self.act(case, REMOVE).await;
        self.world.pass(Time::MINUTE);
        self.work().await;
        let raw = serde_json::from_value(serde_json::json!({
            "reference": "c1", "seller": "shop", "listing": "item-1", "reason": "authorized",
            "explanation": "Bought from Acme's own outlet.", "material": "White trainers", "good_faith": true,
            "perjury": true, "name": "Bo Li", "address": "1 Main St", "phone": "+1 555 0100", "consent": true,
            "signature": "Bo Li",
        }));
        let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
        let Received::New { counter, .. } =
            counter_notice::receive(&self.world.house, &shop, &raw.unwrap()).await.unwrap()
        else {
            panic!("not received")
        };
        let mut conn = self.world.house.db.read().await.unwrap();
        counter_notices::get(&mut conn, counter).await.unwrap().unwrap()
    }

    /// A listing of the shop's is removed for this reason: the strike.
    async fn struck(&self, reason: RemoveReason) -> Strike {
        let case = self.world.report("n1", &["item-1"]).await[0];
        self.act(case, Act::Remove(reason)).await;
        self.world.pass(Time::MINUTE);
        self.work().await;
        let shop = "shop".parse().unwrap();
        let mut conn = self.world.house.db.read().await.unwrap();
        sellers::strikes(&mut conn, [&shop]).await.unwrap().remove(0).1
    }

    async fn shop(&self) -> sellers::SellerRecord {
        let shop = "shop".parse().unwrap();
        sellers::get(&mut self.world.house.db.read().await.unwrap(), &shop).await.unwrap().unwrap()
    }
}

/// Oda is on call, and Sue behind her.
async fn rota(world: &World) {
    let all_week = |who: &str| serde_json::json!([{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "00:00", "who": [who]}]);
    let rota = serde_json::from_value(serde_json::json!({
        "zone": "UTC", "starts": "2020-01-01", "people": {"oda": "oda@market.example", "sue": "sue@market.example"},
        "levels": [all_week("oda"), all_week("sue")],
    }));
    commands::rota::load(&world.house, &who("adam"), &rota.unwrap()).await.unwrap();
}

on_both! {
    async fn a_hold_ends(url: &str) {
        let watch = Watch::begin(url).await;
        let case = watch.world.report("n1", &["item-1"]).await[0];
        let span = Duration::from_secs(5 * 3600);
        watch.act(case, Act::Hold { span, reason: "asked the desk".into() }).await;
        let until = watch.world.house.clock.now() + span;
        watch.once(until, 0, async || watch.times("case.hold_ended").await).await;
    }

    async fn a_brand_is_reminded_at_half_time(url: &str) {
        let watch = Watch::begin(url).await;
        let request = watch.asked().await;
        watch.once(request.remind, 1, async || watch.times("authenticity.reminded").await).await;
    }

    async fn silence_brings_a_case_to_a_moderator(url: &str) {
        let watch = Watch::begin(url).await;
        let request = watch.asked().await;
        watch.once(request.until, 0, async || watch.times("authenticity.silent").await).await;
        let mut conn = watch.world.house.db.read().await.unwrap();
        assert_eq!(cases::get(&mut conn, request.case).await.unwrap().unwrap().state.as_str(), "open");
    }

    async fn silence_hides_a_listing_and_its_seller_is_told_why(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.asking.on_silence.good_faith = Silence::Pause;
        let watch = Watch::of(world).await;
        let request = watch.asked().await;
        watch.once(request.until, 1, async || watch.times("listing.paused").await).await;
        let shop = "shop".parse().unwrap();
        let reasons = statements::of_seller(&mut watch.world.house.db.read().await.unwrap(), &shop, 10).await.unwrap();
        let [reason] = &reasons[..] else { panic!("{reasons:?}") };
        assert_eq!((reason.measure, reason.state), (Measure::Pause, RegisterState::Waiting));
        assert_eq!(reason.content.decision_visibility, ["DECISION_VISIBILITY_CONTENT_DISABLED"]);
    }

    async fn silence_keeps_a_listing_up_and_the_brand_is_told(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.asking.on_silence.good_faith = Silence::KeepUp;
        let watch = Watch::of(world).await;
        let request = watch.asked().await;
        watch.once(request.until, 1, async || watch.times("case.decided").await).await;
        let mut conn = watch.world.house.db.read().await.unwrap();
        assert_eq!(cases::get(&mut conn, request.case).await.unwrap().unwrap().state.as_str(), "kept");
    }

    async fn a_put_back_window_ends(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.counters.jurisdictions.insert("EU".into(), Regime::Dmca);
        let watch = Watch::of(world).await;
        let counter = watch.contested().await;
        // The letters: seller and brand hear that the listing is back, and the seller that nothing is on its record.
        watch.once(counter.said.not_before, 3, async || watch.times("listing.restored").await).await;
    }

    async fn a_brands_time_ends_and_a_person_rules(url: &str) {
        let watch = Watch::begin(url).await;
        let counter = watch.contested().await;
        watch.once(counter.said.not_before, 1, async || watch.times("case.appealed").await).await;
    }

    async fn a_deadline_is_paged_before_it_breaks(url: &str) {
        let watch = Watch::begin(url).await;
        rota(&watch.world).await;
        let case = watch.world.report("n1", &["item-1"]).await[0];
        let due = cases::get(&mut watch.world.house.db.read().await.unwrap(), case).await.unwrap().unwrap().due;
        let page_at = Time(due.0 - 2 * Time::HOUR);
        watch.once(page_at, 1, async || watch.times("page.raised").await).await;
    }

    async fn a_page_that_nobody_hears_climbs(url: &str) {
        let watch = Watch::begin(url).await;
        rota(&watch.world).await;
        watch.world.report("n1", &["item-1"]).await;
        watch.world.pass(23 * Time::HOUR);
        watch.work().await;
        let page = pages::open(&mut watch.world.house.db.read().await.unwrap(), 10).await.unwrap().remove(0);
        watch.once(page.climbs.unwrap(), 1, async || watch.times("page.climbed").await).await;
    }

    async fn a_restriction_ends(url: &str) {
        let watch = Watch::begin(url).await;
        watch.struck(RemoveReason::CounterfeitSold).await;
        let until = watch.shop().await.level_until.unwrap();
        watch.once(until, 1, async || watch.times("seller.leveled").await).await;
        assert_eq!(watch.shop().await.level_until, None);
    }

    async fn a_strike_expires(url: &str) {
        let watch = Watch::begin(url).await;
        let strike = watch.struck(RemoveReason::Serious).await;
        let until = watch.shop().await.level_until.unwrap();
        watch.world.pass(until.since(watch.world.house.clock.now()));
        watch.work().await;
        let expires = Time(strike.at.0 + 365 * Time::DAY);
        watch.once(expires, 1, async || watch.times("seller.leveled").await).await;
        assert_eq!(watch.shop().await.points, 0);
    }

    async fn money_that_is_kept_back_is_released(url: &str) {
        let watch = Watch::begin(url).await;
        watch.struck(RemoveReason::Extreme).await;
        let shop = "shop".parse().unwrap();
        let hold = penalties::open_hold(&mut watch.world.house.db.read().await.unwrap(), &shop).await.unwrap().unwrap();
        watch.once(hold.until, 1, async || watch.times("payout.released").await).await;
    }

    async fn a_lockout_ends(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.trust.decided_min = 1;
        let watch = Watch::of(world).await;
        let case = watch.world.report("n1", &["item-1"]).await[0];
        watch.act(case, Act::Keep(KeepReason::WeakEvidence)).await;
        watch.work().await;
        let acme = "acme".parse().unwrap();
        let standing = async || trust::show(&watch.world.house, &acme).await.unwrap().standing;
        let until = standing().await.locked_until.expect("it left good faith");
        watch.once(until, 0, async || usize::from(standing().await.locked_until.is_none())).await;
    }

    async fn a_suspension_ends(url: &str) {
        let watch = Watch::begin(url).await;
        let (house, adam, acme) = (&watch.world.house, who("adam"), "acme".parse().unwrap());
        trust::warn(house, &adam, &acme, "abuse").await.unwrap();
        let standing = trust::suspend(house, &adam, &acme, None, "abuse").await.unwrap();
        watch.work().await;
        let until = standing.suspended.unwrap().until.unwrap();
        watch.once(until, 1, async || watch.times("brand.tier_changed").await).await;
        let brand = brands::get(&mut house.db.read().await.unwrap(), &acme).await.unwrap().unwrap();
        assert_eq!(brand.tier.as_str(), "standard");
    }

    async fn a_request_for_a_second_person_ends(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.batch_max = 1;
        let watch = Watch::of(world).await;
        let ids = watch.world.report("n1", &["item-1", "item-2"]).await;
        let of = |case: &CaseId| Request { case: *case, version: Some(1), act: REMOVE, note: "one gang".into() };
        let requests: Vec<Request> = ids.iter().map(of).collect();
        let Together::Waits(waits) = group::decide(&watch.world.house, &who("ann"), &requests).await.unwrap() else {
            panic!("two are more than one may decide")
        };
        let mut conn = watch.world.house.db.read().await.unwrap();
        let expires = approvals::get(&mut conn, waits.approval).await.unwrap().unwrap().expires;
        drop(conn);
        watch.once(expires, 0, async || watch.times("approval.expired").await).await;
    }
}
