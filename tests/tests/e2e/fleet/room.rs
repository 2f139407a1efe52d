//! No room: on the disk for what is to be written, and in the history for a second completion.

use jointforce_shared::{
    domain::{
        effect::{EffectState, Lane},
        time::Time,
    },
    store::Db,
};
use jointforce_tests::sql::{execute, number, try_execute};

use super::{Hands, remove};
use crate::store::on_both;

/// From now on listings can't be changed for want of room, as the database says it; `false` for until now.
async fn fill_disk(db: &Db, full: bool) {
    match db {
        Db::Postgres(..) if full => {
            for sql in [
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$",
                "CREATE TRIGGER no_room BEFORE UPDATE ON listings EXECUTE FUNCTION no_room()",
            ] {
                execute(db, sql).await;
            }
        }
        Db::Postgres(..) => execute(db, "DROP TRIGGER no_room ON listings").await,
        Db::Sqlite { .. } => {
            let pages = if full { number(db, "SELECT page_count FROM pragma_page_count()").await } else { 1 << 30 };
            execute(db, format!("PRAGMA max_page_count = {pages}")).await;
        }
    }
}

on_both! {
    async fn a_full_disk_is_no_removals_fault(url: &str) {
        let hands = Hands::new(url, None).await;
        // So many that they need new pages, whatever room the old ones have.
        let listings: Vec<String> = (1..=20).map(|n| format!("item-{n}")).collect();
        let cases = hands.world.report("n1", &listings.iter().map(String::as_str).collect::<Vec<_>>()).await;
        for case in cases {
            remove(&hands.world, case).await;
        }
        hands.world.pass(11 * Time::SECOND);
        let removals = hands.due(&[Lane::Removals]).await;
        assert_eq!(removals.len(), 20);
        fill_disk(&hands.world.house.db, true).await;
        for _ in 0..3 {
            hands.carry(&removals).await;
        }
        fill_disk(&hands.world.house.db, false).await;
        let entry = hands.entry(removals[0]).await;
        assert_eq!((entry.state, entry.attempts, entry.last_error), (EffectState::Due, 0, None), "no attempt is counted");
        hands.carry(&removals).await;
        assert_eq!(hands.states(&removals).await, [EffectState::Done; 20]);
    }

    async fn the_history_has_one_place_for_an_effect(url: &str) {
        let hands = Hands::new(url, None).await;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        hands.world.pass(11 * Time::SECOND);
        let removals = hands.due(&[Lane::Removals]).await;
        hands.carry(&removals).await;
        let again = format!(
            "INSERT INTO effects_done (id, kind, version, lane, endpoint, payload, trace, state, attempts, due_at, created_at, ended_at)
             SELECT id, kind, version, lane, endpoint, payload, trace, state, attempts, due_at, created_at, ended_at
             FROM effects_done WHERE id = '{}'",
            removals[0]
        );
        let refused = try_execute(&hands.world.house.db, again).await.expect_err("a second completion");
        assert!(refused.as_database_error().is_some_and(|error| error.is_unique_violation()), "{refused}");
    }
}
