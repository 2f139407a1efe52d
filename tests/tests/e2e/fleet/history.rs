//! The ledger stays small: what ended is in the history, where everybody who looks finds it, and no statement of the
//! engine reads a table from end to end.

use jointforce_shared::{
    commands::{House, catalogue, effect},
    domain::{
        effect::{Effect, EffectState, Lane},
        time::Time,
    },
    store::{
        Db,
        effects::{self, carry, flows},
        lanes,
    },
};
use jointforce_tests::{
    servers::postgres_database,
    sql::{execute, number},
    world::{World, listing, seller, who},
};

use super::{Hands, remove, undo};
use crate::store::on_both;

on_both! {
    async fn what_ended_leaves_the_ledger_and_is_found_by_all_who_look(url: &str) {
        let hands = Hands::new(url, None).await;
        let house = &hands.world.house;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        hands.world.pass(11 * Time::SECOND);
        let inside = hands.due(Lane::INSIDE).await;
        hands.carry(&inside).await;
        assert_eq!(hands.states(&inside).await, [EffectState::Done; 2]);
        let entry = hands.entry(inside[0]).await;
        assert_eq!((entry.attempts, entry.ended, entry.lease_by), (1, Some(house.clock.now()), None));
        let letters = hands.due(Lane::OUTSIDE).await;
        let dropped = effect::drop(house, &who("oda"), &letters[..1], "not this one").await.unwrap();
        hands.carry(&letters).await;
        let mut conn = house.db.read().await.unwrap();
        let in_state = async |conn: &mut _, state| effects::list(conn, Some(state), None, 100).await.unwrap().len();
        assert_eq!(in_state(&mut conn, EffectState::Dropped).await, 1);
        assert_eq!(in_state(&mut conn, EffectState::Done).await, inside.len() + letters.len() - 1);
        let given_up = hands.entry(dropped[0]).await;
        assert_eq!((given_up.state, given_up.last_error.as_deref()), (EffectState::Dropped, Some("not this one")));
        let of_case = effects::of_case(&mut conn, case).await.unwrap();
        assert!(inside.iter().all(|id| of_case.iter().any(|entry| entry.id == *id)));
        let all = effects::list(&mut conn, None, None, 100).await.unwrap();
        assert!(all.is_sorted_by(|a, b| a.id > b.id), "newest first, open or not");
        let open = number(&house.db, "SELECT count(*) FROM effects WHERE due_at <= created_at + 60000000").await;
        assert_eq!(open, 0, "nothing that ended stays in the hot table");
    }

    async fn a_decision_that_is_taken_back_finds_what_was_done_and_cancels_the_rest(url: &str) {
        let hands = Hands::new(url, None).await;
        let house = &hands.world.house;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        let mut conn = house.db.read().await.unwrap();
        let entry = effects::of_case(&mut conn, case).await.unwrap();
        let removal = entry.iter().find(|entry| entry.kind == "remove_listing").unwrap().id;
        undo(&hands.world, case).await;
        assert_eq!(hands.entry(removal).await.state, EffectState::Cancelled);
        let cancelled = effects::list(&mut conn, Some(EffectState::Cancelled), None, 100).await.unwrap();
        assert!(cancelled.iter().any(|entry| entry.id == removal && entry.ended == Some(house.clock.now())));
    }

    async fn an_effect_of_a_newer_program_waits_for_it(url: &str) {
        let (hands, hooks) = (Hands::new(url, None).await, jointforce_tests::hooks::Hooks::start().await);
        hands.hook(hooks.url("/acme")).await;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        hands.events(2).await;
        hands.world.pass(11 * Time::SECOND);
        execute(&hands.world.house.db, "UPDATE effects SET version = 99, payload = '{\"kind\": \"recall_goods\"}'").await;
        let newer: Vec<_> = [hands.due(Lane::INSIDE).await, hands.due(&[Lane::Webhooks]).await].concat();
        assert_eq!(newer.len(), 5, "a removal, a penalty, three events");
        hands.carry(&newer).await;
        let now = hands.world.house.clock.now();
        for id in newer {
            let entry = hands.entry(id).await;
            assert_eq!((entry.state, entry.attempts), (EffectState::Due, 0), "{entry:?}");
            assert!(entry.due > now && entry.last_error.unwrap().contains("newer than this program"));
        }
        assert!(hooks.received().is_empty());
    }

    async fn a_poison_effect_is_found_in_its_batch_and_stops_nobody_else(url: &str) {
        let hands = Hands::new(url, None).await;
        let house = &hands.world.house;
        catalogue::load_sellers(house, &World::import(), &[seller("poison")]).await.unwrap();
        catalogue::load_listings(house, &World::import(), &[listing("poison", "poison")]).await.unwrap();
        for (n, item) in (1..=16).map(|n| format!("item-{n}")).chain(["poison".to_owned()]).enumerate() {
            let case = hands.world.report(&format!("n{n}"), &[&item]).await[0];
            remove(&hands.world, case).await;
        }
        hands.world.pass(11 * Time::SECOND);
        // A row that can't be read back: the seller's level fails, and with it every batch that it is in.
        execute(&house.db, "UPDATE strikes SET severity = 'unheard of' WHERE seller_id = 'poison'").await;
        let due = hands.due(Lane::INSIDE).await;
        hands.carry(&due).await;
        for id in &due {
            let entry = hands.entry(*id).await;
            if entry.payload.contains("level_seller") && entry.payload.contains("poison") {
                assert_eq!((entry.state, entry.attempts), (EffectState::Due, 1));
                assert!(entry.last_error.unwrap().contains("unheard of"));
            } else {
                assert_eq!(entry.state, EffectState::Done, "{}", entry.payload);
            }
        }
        // It cost the others nothing: their transaction is one, without a savepoint.
        if !house.db.is_embedded() {
            assert_eq!(number(&house.db, "SELECT count(DISTINCT xmin::text) FROM effects_done").await, 1);
        }
    }

    async fn a_removal_that_the_database_refuses_is_found_in_its_batch_and_stands_alone_from_then_on(url: &str) {
        the_refused_one_is_found(url, Lane::Removals, "UPDATE ON listings", "new.id = 'n7'").await;
    }

    async fn a_penalty_that_the_database_refuses_is_found_in_its_batch_and_stands_alone_from_then_on(url: &str) {
        the_refused_one_is_found(url, Lane::Penalties, "UPDATE ON sellers", "new.id = 'n7' AND new.points > 0").await;
    }

    async fn a_penalty_that_the_database_refuses_costs_those_of_whom_nothing_changes_no_second_try(url: &str) {
        let hands = Hands::new(url, None).await;
        let house = &hands.world.house;
        let ids = ["n1", "n2", "n3", "n7"];
        catalogue::load_sellers(house, &World::import(), &ids.map(seller)).await.unwrap();
        catalogue::load_listings(house, &World::import(), &[listing("n7", "n7")]).await.unwrap();
        let case = hands.world.report("n7", &["n7"]).await[0];
        remove(&hands.world, case).await;
        hands.world.pass(11 * Time::SECOND);
        for id in &ids[..3] {
            hands.write(1, || Effect::LevelSeller { seller: id.parse().unwrap(), case: None }).await;
        }
        refuse(&house.db, "UPDATE ON sellers", "new.id = 'n7' AND new.points > 0").await;
        let due = hands.due(&[Lane::Penalties]).await;
        hands.carry(&due).await;
        let mut states = hands.states(&due).await;
        states.sort_unstable_by_key(|state| state.as_str());
        assert_eq!(states, [EffectState::Done, EffectState::Done, EffectState::Done, EffectState::Due]);
        assert!(tries(&house.db).await.is_none_or(|tries| tries == 1), "the batch was carried out again");
    }

    async fn an_effect_whose_record_the_database_refuses_is_found_and_stands_alone_from_then_on(url: &str) {
        let when = "new.subject = 'listing:n7' AND new.action = 'listing.removed'";
        the_refused_one_is_found(url, Lane::Removals, "INSERT ON audit", when).await;
    }
}

/// Of 19 decisions of one moment, the seventh has an effect on the lane that the database refuses. Later comes another.
async fn the_refused_one_is_found(url: &str, lane: Lane, doing: &str, when: &str) {
    let hands = Hands::new(url, None).await;
    let house = &hands.world.house;
    let decide = async |n: i32| {
        let id = format!("n{n}");
        catalogue::load_sellers(house, &World::import(), &[seller(&id)]).await.unwrap();
        catalogue::load_listings(house, &World::import(), &[listing(&id, &id)]).await.unwrap();
        let case = hands.world.report(&id, &[&id]).await[0];
        remove(&hands.world, case).await;
    };
    for n in 1..=19 {
        decide(n).await;
    }
    hands.world.pass(11 * Time::SECOND);
    refuse(&house.db, doing, when).await;
    let due = hands.due(&[lane]).await;
    hands.carry(&due).await;
    let mut poison = vec![];
    for id in &due {
        let entry = hands.entry(*id).await;
        if entry.payload.contains("\"n7\"") {
            assert_eq!((entry.state, entry.attempts), (EffectState::Due, 1));
            assert!(entry.last_error.unwrap().contains("nobody may"));
            poison.push(*id);
        } else {
            assert_eq!(entry.state, EffectState::Done, "{}", entry.payload);
        }
    }
    assert_eq!((due.len(), poison.len()), (19, 1));
    // With all 19, with 10 or 9, 5, 3 or 2, 2 and alone.
    assert!(tries(&house.db).await.is_none_or(|tries| (5..=6).contains(&tries)), "it was halved");
    let before = tries(&house.db).await;
    decide(20).await;
    hands.world.pass(Time::HOUR);
    let due = hands.due(&[lane]).await;
    assert_eq!(due.len(), 2);
    hands.carry(&due).await;
    let states: Vec<_> = hands.states(&due).await.into_iter().filter(|state| *state == EffectState::Done).collect();
    assert_eq!((states.len(), hands.entry(poison[0]).await.attempts), (1, 2));
    assert_eq!(tries(&house.db).await, before.map(|tries| tries + 1), "it stood alone at once");
}

/// The database refuses to do something (`UPDATE ON listings`) to some row, and with it the whole statement. A server
/// counts how often that is tried, in what no rollback takes back.
pub async fn refuse(db: &Db, doing: &str, when: &str) {
    let statements = match db {
        Db::Sqlite { .. } => vec![format!(
            "CREATE TRIGGER refuse BEFORE {doing} WHEN {when} BEGIN SELECT RAISE(ABORT, 'nobody may'); END"
        )],
        Db::Postgres(..) => vec![
            "CREATE SEQUENCE tries".into(),
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'nobody may'; END $$"
                .into(),
            format!("CREATE TRIGGER refuse BEFORE {doing} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse()"),
        ],
    };
    for sql in statements {
        execute(db, sql).await;
    }
}

/// How often it was tried; a database in a file can't tell.
async fn tries(db: &Db) -> Option<i64> {
    if db.is_embedded() { None } else { Some(number(db, "SELECT last_value FROM tries").await) }
}

/// Every statement of the engine, once.
async fn work(house: &House) {
    let hands = house.clone();
    let db = &hands.db;
    let now = hands.clock.now();
    let mut conn = db.read().await.unwrap();
    let mut outside = vec![];
    for flow in flows::all(&mut conn).await.unwrap().into_iter().filter(|flow| flow.endpoint.is_some()) {
        outside.extend(flows::due(&mut conn, &flow, now, 8).await.unwrap());
    }
    let inside = flows::due_inside(&mut conn, Lane::INSIDE, now, 8).await.unwrap();
    let inside: Vec<_> = inside.into_iter().map(|(_, id)| id).collect();
    flows::waiting(&mut conn, now).await.unwrap();
    lanes::list(&mut conn).await.unwrap();
    effects::dead(&mut conn).await.unwrap();
    effects::backlog(&mut conn, now).await.unwrap();
    for state in EffectState::ALL {
        effects::list(&mut conn, Some(*state), None, 50).await.unwrap();
    }
    let newest = effects::list(&mut conn, None, None, 50).await.unwrap();
    effects::get(&mut conn, newest[0].id).await.unwrap();
    if let Some(case) = newest[0].case {
        effects::of_case(&mut conn, case).await.unwrap();
    }
    assert!(!inside.is_empty() && outside.len() > 1);
    let mut tx = db.write().await.unwrap();
    let claimed = carry::claim(&mut tx, &inside, now).await.unwrap();
    let claimed: Vec<_> = claimed.iter().map(|effect| effect.id).collect();
    carry::done(&mut tx, &claimed, now).await.unwrap();
    let leased = carry::lease(&mut tx, &outside, "w", std::time::Duration::ZERO, now).await.unwrap();
    assert!(carry::finish(&mut tx, &leased[0], "w", now).await.unwrap());
    assert!(carry::fail(&mut tx, &leased[1], "w", "no", carry::Next::Retry(now)).await.unwrap());
    tx.commit().await.unwrap();
    let mut tx = db.write().await.unwrap();
    carry::sweep(&mut tx, 10, now).await.unwrap();
    effects::drop(&mut tx, &outside[1..2], "x", now).await.unwrap();
    effects::retry(&mut tx, &outside[1..2], now).await.unwrap();
    effects::cancel(
        &mut tx,
        "01KEKSC0000000000000000001".parse().unwrap(),
        "01KEKSE0000000000000000001".parse().unwrap(),
        now,
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

/// PostgreSQL counts how often a table is read from end to end; on a plan that is the same for every value, after ANALYZE.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_statement_of_the_engine_reads_the_ledger_from_end_to_end() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    for sql in [
        "INSERT INTO effects (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, created_at)
         SELECT '01KA' || lpad(n::text, 22, '0'), 'x', 99, (ARRAY['removals', 'penalties', 'webhooks', 'letters'])[1 + n % 4],
                (ARRAY['', '', 'brand:acme' || (n / 4) % 50, 'mail'])[1 + n % 4], '{}', '01KEKSC' || lpad((n / 3)::text, 19, '0'),
                '01KEKSD' || lpad((n / 3)::text, 19, '0'), md5(n::text), 'due', 0, n, 0 FROM generate_series(1, 30000) n",
        "INSERT INTO effects (id, kind, version, lane, endpoint, payload, trace, state, attempts, due_at, ended_at, created_at)
         SELECT '01KB' || lpad(n::text, 22, '0'), 'x', 99, 'letters', 'mail', '{}', md5(n::text), 'dead', 10, n, 1, 0 FROM generate_series(1, 300) n",
        "INSERT INTO effects (id, kind, version, lane, endpoint, payload, trace, state, attempts, due_at, lease_by, lease_until, created_at)
         SELECT '01KC' || lpad(n::text, 22, '0'), 'x', 99, 'letters', 'mail', '{}', md5(n::text), 'running', 1, n, 'w', 0, 0 FROM generate_series(1, 100) n",
        "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, created_at, ended_at)
         SELECT '01K0' || lpad(n::text, 22, '0'), 'x', 99, 'letters', 'mail', '{}', '01KEKSC' || lpad((n / 3)::text, 19, '0'),
                '01KEKSD' || lpad((n / 3)::text, 19, '0'), md5(n::text), CASE WHEN n % 1000 = 0 THEN 'dropped' WHEN n % 1000 = 1 THEN 'cancelled' ELSE 'done' END,
                1, n, 0, n FROM generate_series(1, 100000) n",
        "ANALYZE",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET plan_cache_mode = force_generic_plan'; END $$",
    ] {
        execute(&world.house.db, sql).await;
    }
    // Connections of before have the setting of before; those that end report what they counted.
    world.house.db.close().await;
    let scans = async || {
        let db = Db::open(&database.url).await.unwrap();
        let sql = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables WHERE relname IN ('effects', 'effects_done')";
        let scans = number(&db, sql).await;
        db.close().await;
        scans
    };
    let before = scans().await;
    let house = House::new(Db::open(&database.url).await.unwrap());
    for _ in 0..3 {
        work(&house).await;
    }
    house.db.close().await;
    assert_eq!(scans().await, before, "some statement reads a whole table");
}
