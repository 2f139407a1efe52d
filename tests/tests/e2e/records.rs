//! The rules of the records: each is broken once by a hand in the database, and named.

use std::collections::BTreeSet;

use jointforce_shared::{
    commands::{
        Actor,
        appeal::{self, Opened},
        approval,
        authenticity::{Ask, ask},
        case::{self, Act, Request},
        catalogue, counter_notice,
        counter_notice::Received,
        group::{self, Together},
        sweep,
    },
    domain::{
        appeal::RawAppeal,
        authenticity::Silence,
        decision::{KeepReason, RemoveReason},
        ids::{CaseId, DecisionId},
        time::Time,
    },
    store::{
        cases,
        invariants::{self, Broken},
    },
};
use jointforce_tests::{
    inside::carry_inside,
    tamper::tamper,
    world::{World, seller, who},
};

use crate::store::on_both;

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);
const KEEP: Act = Act::Keep(KeepReason::WeakEvidence);

/// One of each thing that the rules are about.
struct Scene {
    removed: (CaseId, DecisionId),
    contested: (CaseId, DecisionId),
    open: CaseId,
    asked: CaseId,
    hidden: CaseId,
    by_two: DecisionId,
}

async fn act(world: &World, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "looked".into() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
}

async fn decision(world: &World, case: CaseId) -> DecisionId {
    let case = cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
    case.state.decision().unwrap().1
}

async fn question(world: &World, case: CaseId) {
    let question = Ask { case, version: None, template: "yours".into(), detail: String::new(), again: false };
    ask(&world.house, &who("ann"), &question).await.unwrap();
}

/// Two cases that wait for a second person.
async fn together(world: &World, ids: &[CaseId]) -> approval::Waits {
    let of = |case: &CaseId| Request { case: *case, version: Some(1), act: REMOVE, note: "one gang".into() };
    let requests: Vec<Request> = ids.iter().map(of).collect();
    match group::decide(&world.house, &who("ann"), &requests).await.unwrap() {
        Together::Waits(waits) => waits,
        Together::Done(done) => panic!("{done:?}"),
    }
}

async fn scene(world: &mut World) -> Scene {
    world.house.policy.batch_max = 1;
    world.house.policy.asking.on_silence.good_faith = Silence::Pause;
    let items: Vec<String> = (1..=10).map(|n| format!("item-{n}")).collect();
    let names: Vec<&str> = items.iter().map(String::as_str).collect();
    let of = world.report("n1", &names).await;
    question(world, of[5]).await;
    world.pass(20 * Time::DAY);
    sweep::all(&world.house, &Actor::program("worker")).await;
    act(world, of[0], REMOVE).await;
    act(world, of[1], REMOVE).await;
    act(world, of[2], KEEP).await;
    question(world, of[3]).await;
    let waits = together(world, &of[6..8]).await;
    approval::approve(&world.house, &who("sue"), waits.approval, "").await.unwrap();
    together(world, &of[8..10]).await;
    world.pass(Time::MINUTE);
    carry_inside(&world.house).await;
    let raw = serde_json::from_value(serde_json::json!({
        "reference": "c1", "seller": "shop", "listing": "item-2", "reason": "authorized",
        "explanation": "Bought from Acme's own outlet.", "material": "White trainers", "good_faith": true,
        "perjury": true, "name": "Bo Li", "address": "1 Main St", "phone": "+1 555 0100", "consent": true,
        "signature": "Bo Li",
    }));
    let shop = Actor::seller(&"shop".parse().unwrap(), "portal");
    let received = counter_notice::receive(&world.house, &shop, &raw.unwrap()).await.unwrap();
    assert!(matches!(received, Received::New { .. }), "{received:?}");
    let raw = RawAppeal {
        brand: "acme".into(),
        case: of[2].to_string(),
        grounds: "Look again.".into(),
        ..RawAppeal::default()
    };
    assert!(matches!(appeal::open(&world.house, &World::import(), &raw).await.unwrap(), Opened::New { .. }));
    catalogue::load_sellers(&world.house, &World::import(), &[seller("quiet")]).await.unwrap();
    sweep::all(&world.house, &Actor::program("worker")).await;
    carry_inside(&world.house).await;
    Scene {
        removed: (of[0], decision(world, of[0]).await),
        contested: (of[1], decision(world, of[1]).await),
        open: of[4],
        asked: of[3],
        hidden: of[5],
        by_two: decision(world, of[6]).await,
    }
}

/// Everything that breaks a rule now.
async fn broken(world: &World) -> Vec<Broken> {
    let now = world.house.clock.now();
    let mut conn = world.house.db.read().await.unwrap();
    let mut found = invariants::broken(&mut conn).await.unwrap();
    found.extend(invariants::unsettled(&mut conn, now).await.unwrap());
    found.extend(invariants::balances(&mut conn, &world.house.policy.ladder, now).await.unwrap());
    found.extend(invariants::requests(&mut conn).await.unwrap());
    found
}

/// For each rule a hand that breaks it, and one that mends it.
fn hands(scene: &Scene, later: i64) -> Vec<(&'static str, String, String)> {
    let (case, id) = scene.removed;
    let (other, other_id) = scene.contested;
    let Scene { open, asked, hidden, by_two, .. } = scene;
    let appeal = "INSERT INTO appeals (id, case_id, decision_id, seller_id, decider, reference, digest, grounds, state, opened_at,
        due_at, ruled_by, ruled_at) VALUES";
    let ruled = |name: &str| {
        format!("('{name}', '{case}', '{id}', 'shop', 'ann', '{name}', '', '', 'affirmed', 1, 1, 'bob', 1)")
    };
    let hold = "INSERT INTO payout_holds (id, seller_id, held_at, ask_from, until_at) VALUES";
    let listing =
        |n: u8, state: &str| format!("UPDATE listings SET state = '{state}', updated_at = 1 WHERE id = 'item-{n}'");
    let quiet = |what: &str| format!("UPDATE sellers SET {what} WHERE id = 'quiet'");
    let acme = |what: &str| format!("UPDATE trust SET {what} WHERE brand_id = 'acme'");
    let of_case =
        |table: &str, what: &str, case: &CaseId| format!("UPDATE {table} SET {what} WHERE case_id = '{case}'");
    let set =
        |table: &str, what: &str, id: &dyn std::fmt::Display| format!("UPDATE {table} SET {what} WHERE id = '{id}'");
    let of_id = |table: &str, what: &str| format!("UPDATE {table} SET {what} WHERE decision_id = '{id}'");
    let no_hold = "DELETE FROM payout_holds".to_owned();
    vec![
        (
            "a decided case's decision is its own and stands",
            set("cases", &format!("decision_id = '{other_id}'"), &case),
            set("cases", &format!("decision_id = '{id}'"), &case),
        ),
        (
            "a removal that stands is the decision its case has",
            set("cases", "state = 'open', decision_id = NULL, down = 0", &case),
            set("cases", &format!("state = 'removed', decision_id = '{id}', down = 1"), &case),
        ),
        (
            "a decision belongs to a round that its case has had",
            set("decisions", "round = 9", &id),
            set("decisions", "round = 1", &id),
        ),
        (
            "nobody has a lease on a case that is decided",
            set("cases", "lease_by = 'bob'", &case),
            set("cases", "lease_by = NULL", &case),
        ),
        (
            "what a rule decides is marked as automated, what a person decides is not",
            set("decisions", "automated = 1", &id),
            set("decisions", "automated = 0", &id),
        ),
        (
            "a removal that stands has one strike, any other decision has none",
            of_id("strikes", "voided_at = 1"),
            of_id("strikes", "voided_at = NULL"),
        ),
        (
            "a removal has a statement of reasons, and one that stands is not withdrawn",
            of_id("statements", "state = 'withdrawn', settled_at = 1"),
            of_id("statements", "state = 'waiting', settled_at = NULL"),
        ),
        (
            "a listing that is hidden from sale has a statement of reasons",
            "UPDATE statements SET case_id = 'none' WHERE measure = 'pause'".into(),
            format!("UPDATE statements SET case_id = '{hidden}' WHERE measure = 'pause'"),
        ),
        (
            "a case counts its open claims, and a decided one has none",
            set("cases", "claims = 5", open),
            set("cases", "claims = 1", open),
        ),
        (
            "a claim is answered by a decision that stands",
            of_case("claims", "state = 'refused'", &case),
            of_case("claims", "state = 'accepted'", &case),
        ),
        (
            "a removal that stands answers a claim",
            of_case("claims", "state = 'withdrawn'", &case),
            of_case("claims", "state = 'accepted'", &case),
        ),
        (
            "a brand is asked about the case that waits for its answer, and no other",
            of_case("authenticity_requests", "state = 'withdrawn', ended_at = 1", asked),
            of_case("authenticity_requests", "state = 'open', ended_at = NULL", asked),
        ),
        (
            "a case that waits for an answer has an open question",
            of_case("authenticity_requests", "state = 'withdrawn', ended_at = 1", asked),
            of_case("authenticity_requests", "state = 'open', ended_at = NULL", asked),
        ),
        (
            "an open counter-notice contests the removal that its case has",
            set("cases", &format!("decision_id = '{id}'"), &other),
            set("cases", &format!("decision_id = '{other_id}'"), &other),
        ),
        (
            "a counter-notice that a person is to rule on is before one",
            "UPDATE counter_notices SET state = 'contested'".into(),
            "UPDATE counter_notices SET state = 'forwarded'".into(),
        ),
        (
            "an open appeal is the one its case waits for",
            "UPDATE appeals SET state = 'withdrawn', ruled_at = 1".into(),
            "UPDATE appeals SET state = 'open', ruled_at = NULL".into(),
        ),
        (
            "an appeal is ruled on by another person than the decider",
            "UPDATE appeals SET state = 'affirmed', ruled_by = decider, ruled_at = 1".into(),
            "UPDATE appeals SET state = 'open', ruled_by = NULL, ruled_at = NULL".into(),
        ),
        (
            "a person rules once on one decision",
            format!("{appeal} {}, {}", ruled("Z1"), ruled("Z2")),
            "DELETE FROM appeals WHERE id IN ('Z1', 'Z2')".into(),
        ),
        (
            "what takes two has two",
            set("decisions", "approved_by = decided_by", by_two),
            set("decisions", "approved_by = 'sue'", by_two),
        ),
        (
            "whoever approved a decision approved a request for it",
            set("decisions", "approved_by = 'sid'", by_two),
            set("decisions", "approved_by = 'sue'", by_two),
        ),
        (
            "a level that two imposed was asked for and approved",
            "INSERT INTO impositions (approval_id, seller_id, because_of, level, imposed_at)
             SELECT id, 'shop', 'shop', 'restricted', 1 FROM approvals WHERE state = 'pending'"
                .into(),
            "DELETE FROM impositions".into(),
        ),
        (
            "an effect that ended says when, one that did not says nothing",
            "UPDATE effects SET ended_at = 1 WHERE state = 'due'".into(),
            "UPDATE effects SET ended_at = NULL WHERE state = 'due'".into(),
        ),
        (
            "what takes something from an account has a statement of reasons",
            quiet("level = 'suspended'"),
            quiet("level = 'good'"),
        ),
        (
            "money that is kept back has a statement of reasons",
            format!("{hold} ('H', 'quiet', 1, 1, {later})"),
            no_hold.clone(),
        ),
        ("points and restrictions end: somebody looks again", quiet("points = 5"), quiet("points = 0")),
        (
            "inside effects that are due are carried out, dead or cancelled",
            "UPDATE effects SET due_at = 1 WHERE kind = 'level_seller' AND state = 'due'".into(),
            format!("UPDATE effects SET due_at = {later} WHERE kind = 'level_seller' AND state = 'due'"),
        ),
        ("what a decision in force keeps down is down", listing(1, "live"), listing(1, "removed")),
        ("what is down is kept down by a decision or by its seller's level", listing(5, "removed"), listing(5, "live")),
        (
            "a store that is off offers nothing",
            "UPDATE sellers SET listings_off = 1, updated_at = 1 WHERE id = 'shop'".into(),
            "UPDATE sellers SET listings_off = 0 WHERE id = 'shop'".into(),
        ),
        ("what is hidden from sale is hidden by an unanswered question", listing(5, "paused"), listing(5, "live")),
        ("what an unanswered question hides is not offered", listing(6, "live"), listing(6, "paused")),
        (
            "a hold ends",
            set("cases", "state = 'held', held_by = 'bob', held_until = 1", open),
            set("cases", "state = 'open', held_by = NULL, held_until = NULL", open),
        ),
        (
            "a question ends",
            of_case("authenticity_requests", "until = 1", asked),
            of_case("authenticity_requests", &format!("until = {later}"), asked),
        ),
        (
            "a brand's time to answer a counter-notice ends",
            "UPDATE counter_notices SET not_before = 1".into(),
            "UPDATE counter_notices SET not_before = not_after".into(),
        ),
        (
            "a request for a second person ends",
            "UPDATE approvals SET expires_at = 1 WHERE state = 'pending'".into(),
            format!("UPDATE approvals SET expires_at = {later} WHERE state = 'pending'"),
        ),
        ("money is not kept back for longer than was said", format!("{hold} ('H', 'quiet', 1, 1, 1)"), no_hold.clone()),
        ("money is kept back only from who may sell nothing", format!("{hold} ('H', 'quiet', 1, 1, {later})"), no_hold),
        ("a restriction ends", quiet("level_until = 1"), quiet("level_until = NULL")),
        ("a suspension and a lockout of a brand end", acme("locked_until = 1"), acme("locked_until = NULL")),
        ("a record that changed is judged", acme("dirty = 1"), acme("dirty = 0")),
        (
            "a seller stands where the ladder puts the strikes that stand",
            "UPDATE sellers SET points = points + 1 WHERE id = 'shop'".into(),
            "UPDATE sellers SET points = points - 1 WHERE id = 'shop'".into(),
        ),
        (
            "a request for a second person is as it was hashed",
            "UPDATE approvals SET request = request || ' ' WHERE state = 'pending'".into(),
            "UPDATE approvals SET request = rtrim(request) WHERE state = 'pending'".into(),
        ),
        // What is written into the audit record stays there: these are last.
        (
            "a decision is told by one audit event",
            format!(
                "INSERT INTO audit (id, at, actor, auth, action, subject, case_id, body)
                SELECT 'X', at, actor, auth, action, subject, case_id, body FROM audit
                WHERE action = 'case.decided' AND case_id = '{case}'"
            ),
            String::new(),
        ),
        (
            "the leaves of the audit record have no gap",
            "INSERT INTO audit_leaves (leaf, event_id, hash) SELECT 7, min(id), '' FROM audit".into(),
            String::new(),
        ),
        (
            "a leaf of the audit record has its event",
            "INSERT INTO audit_leaves (leaf, event_id, hash) VALUES (8, 'nobody', '')".into(),
            String::new(),
        ),
    ]
}

on_both! {
    async fn each_rule_that_is_broken_by_hand_is_named(url: &str) {
        let mut world = World::with_set_clock(url).await;
        let scene = scene(&mut world).await;
        assert_eq!(broken(&world).await, [], "nothing is broken before");
        let later = world.house.clock.now().0 + 100 * Time::DAY;
        let hands = hands(&scene, later);
        let tried: BTreeSet<&str> = hands.iter().map(|(rule, ..)| *rule).collect();
        assert_eq!(tried, invariants::rules().into_iter().collect(), "each rule is broken once");
        for (rule, hand, mend) in &hands {
            let is_named = async || broken(&world).await.iter().any(|broken| broken.rule == *rule);
            assert!(!is_named().await, "{rule}: broken before");
            tamper(url, hand).await;
            assert!(is_named().await, "{rule}: not seen after {hand}");
            if !mend.is_empty() {
                tamper(url, mend).await;
                assert!(!is_named().await, "{rule}: still broken after {mend}");
            }
        }
    }
}
