//! The figures of the queue, and who is at work.

use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        sitting,
    },
    domain::{
        decision::{KeepReason, RemoveReason},
        escalation::Desk,
        ids::{CaseId, SittingId},
        sitting::{Seat, Sitting},
        time::Time,
    },
    store::{
        Conn, cases,
        db::dialect,
        figures::{self, AGES, Figures, HOURS, STRETCHES},
        sittings::{self, Present},
    },
};
use jointforce_tests::{
    sql::execute,
    world::{World, who},
};
use sqlx::AssertSqlSafe;

use super::on_both;
use crate::{asking, quality::sampled};

async fn act(world: &World, account: &str, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "so it is".into() };
    case::act(&world.house, &who(account), &request).await.unwrap();
}

async fn now(world: &World) -> Figures {
    figures::queue(&mut world.house.db.read().await.unwrap(), world.house.clock.now()).await.unwrap()
}

/// The stretch that so much time left is in.
fn stretch(left: i64) -> usize {
    STRETCHES
        .iter()
        .position(|one| one.from.is_none_or(|from| left >= from) && one.to.is_none_or(|to| left < to))
        .unwrap()
}

/// Only this stretch has cases, so many.
fn only(at: usize, count: i64) -> Vec<i64> {
    (0..STRETCHES.len()).map(|n| if n == at { count } else { 0 }).collect()
}

/// 20,000 cases about one listing, of which every tenth waits.
const MANY: &str = "INSERT INTO cases (id, brand_id, listing_id, seller_id, state, version, round, rank, due_at, severity,
        claims, reports, snapshot_version, opened_at, decision_id, down)
    WITH RECURSIVE many (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < 20000)
    SELECT '01K' || (100000 + n), 'brand-' || n, 'item-1', 'shop', CASE WHEN n % 10 = 0 THEN 'open' ELSE 'kept' END, 1, 1, n,
        n * 7919 % 20000, 1, 1, 1, 1, n * 104729 % 20000, CASE WHEN n % 10 = 0 THEN NULL ELSE 'd' || n END, 0 FROM many";

/// How the database goes about a statement with two bounds, whatever these are.
async fn plan(world: &World, sql: &'static str) -> String {
    let lines: Vec<String> = match world.house.db.read().await.unwrap() {
        Conn::Postgres(mut on) => {
            let prepare = format!("PREPARE counted (bigint, bigint) AS {sql}");
            for sql in ["SET plan_cache_mode = force_generic_plan", prepare.as_str()] {
                sqlx::query(AssertSqlSafe(sql.to_owned())).execute(&mut *on).await.unwrap();
            }
            let lines = sqlx::query_scalar("EXPLAIN EXECUTE counted(0, 0)").fetch_all(&mut *on).await.unwrap();
            for sql in ["DEALLOCATE counted", "RESET plan_cache_mode"] {
                sqlx::query(sql).execute(&mut *on).await.unwrap();
            }
            lines
        }
        Conn::Sqlite(mut on) => {
            let sql = format!("EXPLAIN QUERY PLAN {}", dialect::sqlite(sql).as_str());
            let rows = sqlx::query_as::<_, (i64, i64, i64, String)>(AssertSqlSafe(sql)).bind(0_i64).bind(0_i64);
            rows.fetch_all(&mut *on).await.unwrap().into_iter().map(|(.., line)| line).collect()
        }
    };
    lines.join("\n")
}

async fn seen_by(world: &World, account: &str) -> Vec<Present> {
    sittings::present(&mut world.house.db.read().await.unwrap(), &account.parse().unwrap()).await.unwrap()
}

fn at(seat: Seat, case: Option<CaseId>) -> Sitting {
    Sitting { case, seat, ..Sitting::default() }
}

on_both! {
    async fn what_waits_is_counted_by_the_time_left_until_it_is_decided(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        let due = cases::get(&mut world.house.db.read().await.unwrap(), cases[0]).await.unwrap().unwrap().due;
        let opened = world.house.clock.now();
        let mut ahead = 0;
        for left in [due.since(opened), Time::DAY, Time::HOUR, Time::HOUR - 1, 0, -1, -4 * Time::HOUR, -Time::DAY, -Time::DAY - 1] {
            let pass = due.since(opened) - left - ahead;
            if pass < 0 {
                continue;
            }
            world.pass(pass);
            ahead += pass;
            let figures = now(&world).await;
            assert_eq!(figures.waiting, only(stretch(left), 3), "{left} left");
            assert_eq!((figures.open(), figures.first.unwrap().due), ((3, false), due));
            assert_eq!(figures.first.unwrap().opened, opened);
        }
        act(&world, "ann", cases[0], Act::Keep(KeepReason::WeakEvidence)).await;
        act(&world, "ann", cases[1], Act::Escalate { desk: Desk::Legal, urgent: false }).await;
        let figures = now(&world).await;
        assert_eq!((figures.open(), figures.brands[0].2), ((2, false), 2), "what is decided waits for nobody");
        assert_eq!((figures.brands.len(), figures.brands[0].1.as_str()), (1, "Brand acme"));
        let desks: Vec<i64> = figures.desks.iter().map(|(_, count)| *count).collect();
        assert_eq!(desks, Desk::ALL.iter().map(|desk| i64::from(*desk == Desk::Legal)).collect::<Vec<_>>());
    }

    async fn what_waits_is_counted_by_its_age_until_it_is_decided(url: &str) {
        let world = World::with_set_clock(url).await;
        assert_eq!(now(&world).await.ages, [0; AGES.len()]);
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        let mut passed = 0;
        for (age, at) in [
            (0, 0),
            (Time::HOUR - 1, 0),
            (Time::HOUR, 1),
            (4 * Time::HOUR, 2),
            (Time::DAY, 3),
            (3 * Time::DAY - 1, 3),
            (3 * Time::DAY, 4),
            (7 * Time::DAY, 5),
            (28 * Time::DAY - 1, 5),
            (28 * Time::DAY, 6),
            (400 * Time::DAY, 6),
        ] {
            world.pass(age - passed);
            passed = age;
            let expected: Vec<i64> = (0..AGES.len()).map(|n| if n == at { 2 } else { 0 }).collect();
            assert_eq!(now(&world).await.ages, expected, "{age} old");
        }
        world.report("n2", &["item-3"]).await;
        act(&world, "ann", cases[0], Act::Keep(KeepReason::WeakEvidence)).await;
        asking::asked(&world.house, cases[1]).await;
        assert_eq!(now(&world).await.ages, [1, 0, 0, 0, 0, 0, 0], "what is decided, or waits for its brand, is not in the queue");
        world.pass(-Time::MINUTE);
        assert_eq!(now(&world).await.ages.iter().sum::<i64>(), 1, "a clock that runs ahead loses nothing");
    }

    async fn each_stretch_is_counted_along_its_index_however_much_is_decided(url: &str) {
        let world = World::new(url).await;
        world.report("n1", &["item-1"]).await;
        execute(&world.house.db, MANY).await;
        for statistics in [false, true] {
            if statistics {
                execute(&world.house.db, "ANALYZE").await;
            }
            for (sql, index) in [(figures::LEFT, "cases_due"), (figures::AGED, "cases_opened")] {
                let plan = plan(&world, sql).await;
                let uses = plan.split([' ', ',']).any(|word| word == index);
                assert!(uses && !plan.contains("Seq Scan") && !plan.contains("SCAN cases"), "{statistics}: {plan}");
                assert!(!plan.to_lowercase().contains("sort") && !plan.contains("TEMP B-TREE"), "{plan}");
            }
        }
    }

    async fn each_hour_has_what_came_and_what_was_cleared_and_late_is_late(url: &str) {
        let world = World::with_set_clock(url).await;
        assert_eq!((now(&world).await.decided, now(&world).await.first), ((0, 0), None));
        let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        let due = cases::get(&mut world.house.db.read().await.unwrap(), cases[0]).await.unwrap().unwrap().due;
        let hour = |figures: &Figures, ago: usize| {
            let hour = figures.hours[HOURS - 1 - ago];
            (hour.arrived, hour.cleared)
        };
        world.pass(Time::MINUTE);
        act(&world, "ann", cases[0], Act::Remove(RemoveReason::CounterfeitListing)).await;
        let figures = now(&world).await;
        assert_eq!((hour(&figures, 0), figures.decided), ((3, 1), (1, 1)));
        world.pass(2 * Time::HOUR);
        world.report("n2", &["item-4"]).await;
        act(&world, "ann", cases[1], Act::Remove(RemoveReason::CounterfeitListing)).await;
        act(&world, "ann", cases[1], Act::Undo).await;
        let figures = now(&world).await;
        assert_eq!((hour(&figures, 2), hour(&figures, 1), hour(&figures, 0)), ((3, 1), (0, 0), (1, 0)));
        assert_eq!(figures.decided, (1, 1), "what was taken back is not cleared");
        world.pass(due.since(world.house.clock.now()) + 2 * Time::DAY);
        act(&world, "bob", cases[2], Act::Keep(KeepReason::WeakEvidence)).await;
        let figures = now(&world).await;
        assert_eq!((hour(&figures, 0), figures.decided), ((0, 1), (1, 0)), "late, and the older one is over a day ago");
        assert_eq!(figures.hours.iter().map(|hour| hour.arrived).sum::<i64>(), 0);
    }

    async fn colleagues_see_who_is_at_what_until_they_leave_or_fall_silent(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let (one, other) = (world.house.clock.id(SittingId::from_ulid), world.house.clock.id(SittingId::from_ulid));
        assert_eq!(seen_by(&world, "bob").await, []);
        sitting::keep(&world.house, &who("ann"), one, &at(Seat::Case, Some(case))).await.unwrap();
        sitting::keep(&world.house, &who("eve"), other, &at(Seat::Board("pages".into()), Some(case))).await.unwrap();
        let began = world.house.clock.now();
        let all = seen_by(&world, "bob").await;
        let told: Vec<_> = all.iter().map(|one| (one.who.as_str(), &one.seat, one.case, one.title.as_deref())).collect();
        let board = Seat::Board("pages".into());
        assert_eq!(told, [("ann", &Seat::Case, Some(case), Some("ACME style trainers item-1")), ("eve", &board, None, None)]);
        assert_eq!(seen_by(&world, "ann").await.len(), 1, "nobody is their own colleague");
        world.pass(Time::MINUTE);
        sitting::beat(&world.house, &who("ann"), one, &at(Seat::Case, Some(case))).await.unwrap();
        sitting::beat(&world.house, &who("ann"), other, &at(Seat::Queue, None)).await.unwrap();
        let ann = seen_by(&world, "bob").await.remove(0);
        assert_eq!((ann.seat, ann.since), (Seat::Case, began), "another console that does nothing takes nothing over");
        sitting::keep(&world.house, &who("ann"), other, &at(Seat::Queue, None)).await.unwrap();
        let ann = seen_by(&world, "bob").await.remove(0);
        assert_eq!((ann.seat, ann.since), (Seat::Queue, world.house.clock.now()));
        sitting::keep(&world.house, &who("ann"), other, &at(Seat::Gone, Some(case))).await.unwrap();
        assert_eq!(seen_by(&world, "bob").await.len(), 1, "the connection ended");
        execute(&world.house.db, "UPDATE sittings SET seen_at = seen_at - 61000000 WHERE operator = 'eve'").await;
        assert_eq!(seen_by(&world, "bob").await, [], "not heard of for a minute");
        sitting::beat(&world.house, &who("eve"), one, &at(Seat::Queue, None)).await.unwrap();
        assert_eq!(seen_by(&world, "bob").await[0].seat, Seat::Queue, "a silent console is in nobody's way");
        sitting::end(&world.house, &who("eve"), one).await.unwrap();
        assert_eq!(seen_by(&world, "bob").await, []);
    }

    async fn a_second_look_is_no_case_that_colleagues_see(url: &str) {
        let world = World::with_set_clock(url).await;
        let (_, reviewer, row) = sampled(&world, Act::Remove(RemoveReason::CounterfeitListing)).await;
        let id = world.house.clock.id(SittingId::from_ulid);
        sitting::keep(&world.house, &who(reviewer), id, &at(Seat::Case, Some(row.place.case))).await.unwrap();
        let seen = seen_by(&world, "eve").await.remove(0);
        assert_eq!((seen.seat, seen.case, seen.title), (Seat::Case, None, None));
    }
}
