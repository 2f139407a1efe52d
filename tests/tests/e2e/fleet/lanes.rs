//! Lanes: paused, slowed down, let go on.

use jointforce_shared::{
    account,
    commands::{Error, lane, operator},
    domain::{
        effect::{EffectState, Lane},
        listing::ListingState,
        operator::Role,
        time::Time,
    },
    store::{audit, lanes},
};
use jointforce_tests::{
    programs::{self, Said},
    wait::until,
    world::{World, who},
};
use serde_json::Value;

use super::{Hands, LIMIT, remove};
use crate::{
    main_job::{Stage, on_every_stage},
    store::on_both,
};

async fn actions(world: &World) -> Vec<String> {
    let events = audit::newest(&mut world.house.db.read().await.unwrap(), None, 1000).await.unwrap();
    events.into_iter().filter(|event| event.subject == "lane:letters").map(|event| event.action).collect()
}

on_both! {
    async fn what_was_rung_before_a_pause_is_not_begun(url: &str) {
        let hands = Hands::new(url, None).await;
        hands.world.report("n1", &["item-1"]).await;
        let rung = hands.due(Lane::OUTSIDE).await;
        assert_eq!(rung.len(), 1);
        let oda = who("oda");
        assert!(lane::pause(&hands.world.house, &oda, Lane::Letters, "the template is wrong").await.unwrap());
        assert!(!lane::pause(&hands.world.house, &oda, Lane::Letters, "again").await.unwrap(), "the first reason stands");
        hands.carry(&rung).await;
        assert_eq!(hands.states(&rung).await, [EffectState::Due]);
        assert_eq!(hands.entry(rung[0]).await.attempts, 0);
        assert!(hands.flow(jointforce_shared::domain::effect::Endpoint::Mail).await.unwrap().paused);
        assert!(lane::resume(&hands.world.house, &oda, Lane::Letters).await.unwrap());
        assert!(!lane::resume(&hands.world.house, &oda, Lane::Letters).await.unwrap());
        hands.carry(&rung).await;
        assert_eq!(hands.states(&rung).await, [EffectState::Done]);
        assert_eq!(actions(&hands.world).await, ["lane.resumed", "lane.paused"]);
    }

    async fn a_lane_inside_is_paused_like_any_other(url: &str) {
        let hands = Hands::new(url, None).await;
        let case = hands.world.report("n1", &["item-1"]).await[0];
        remove(&hands.world, case).await;
        hands.world.pass(11 * Time::SECOND);
        let due = hands.due(Lane::INSIDE).await;
        assert_eq!(due.len(), 2, "the listing and its seller");
        lane::pause(&hands.world.house, &who("oda"), Lane::Removals, "wrong listings come down").await.unwrap();
        hands.carry(&due).await;
        let left = hands.due(Lane::INSIDE).await;
        assert_eq!(left.len(), 1, "penalties go on");
        lane::resume(&hands.world.house, &who("oda"), Lane::Removals).await.unwrap();
        hands.carry(&left).await;
        assert!(hands.due(Lane::INSIDE).await.is_empty());
    }

    async fn lanes_are_for_those_who_run_effects_and_for_a_reason(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        for account in ["ann", "adam", "eve"] {
            let refused = [
                lane::pause(house, &who(account), Lane::Letters, "because").await,
                lane::resume(house, &who(account), Lane::Letters).await,
                lane::set_rate(house, &who(account), Lane::Letters, Some(1)).await,
            ];
            assert!(refused.iter().all(|outcome| matches!(outcome, Err(Error::Refused(_)))), "{account}: {refused:?}");
        }
        for reason in ["", "  ", &"x".repeat(501)] {
            assert!(lane::pause(house, &who("oda"), Lane::Letters, reason).await.is_err());
        }
        for rate in [0, 1_000_001] {
            assert!(lane::set_rate(house, &who("oda"), Lane::Letters, Some(rate)).await.is_err());
        }
        assert!(lane::set_rate(house, &who("oda"), Lane::Letters, Some(7)).await.unwrap());
        assert!(!lane::set_rate(house, &who("oda"), Lane::Letters, Some(7)).await.unwrap());
        let all = lanes::list(&mut house.db.read().await.unwrap()).await.unwrap();
        assert_eq!(all.iter().map(|state| state.lane).collect::<Vec<_>>(), Lane::ALL);
        assert_eq!(all.iter().filter_map(|state| state.rate).collect::<Vec<_>>(), [7]);
        assert!(lane::set_rate(house, &who("oda"), Lane::Letters, None).await.unwrap());
        assert_eq!(actions(&world).await, ["lane.rate_set", "lane.rate_set"]);
    }

    async fn the_program_pauses_lists_and_lets_go_on(url: &str) {
        let world = World::new(url).await;
        operator::add(&world.house, &World::import(), account::current().unwrap(), "Me", Role::OnCall).await.unwrap();
        world.report("n1", &["item-1"]).await;
        let said = lanes_of(url, &["pause", "letters", "--reason", "the \u{1b}[31mtemplate"]).await;
        assert_eq!((said.code, said.output.trim()), (0, "letters is paused"), "{said:?}");
        assert_eq!(lanes_of(url, &["rate", "webhooks", "50/s"]).await.output.trim(), "webhooks: at most 50 a second");
        let said = lanes_of(url, &["list"]).await;
        assert!(said.output.contains("PAUSED for") && said.output.contains("1 held"), "{said:?}");
        assert!(said.output.contains("runs at most 50/s") && !said.output.contains('\u{1b}'), "{said:?}");
        let listed: Value = serde_json::from_str(&lanes_of(url, &["list", "--json"]).await.output).unwrap();
        assert_eq!(listed["lanes"][0]["lane"], "removals");
        assert_eq!((&listed["lanes"][5]["lane"], &listed["lanes"][5]["held"]), (&"letters".into(), &1.into()));
        assert_eq!(listed["lanes"][4]["rate"], 50);
        assert_eq!(lanes_of(url, &["resume", "letters"]).await.output.trim(), "letters goes on");
        for wrong in [&["pause", "letters"][..], &["pause", "mail", "--reason", "x"], &["rate", "letters", "fast"]] {
            assert_eq!(lanes_of(url, wrong).await.code, 64, "{wrong:?}");
        }
    }
}

async fn lanes_of(url: &str, arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().unwrap();
    let mut command = programs::worker();
    command.arg("lanes").args(arguments).env("DATABASE_URL", url).env("JOINTFORCE_DATA_DIR", folder.path());
    programs::run(command, "").await
}

on_every_stage! {
    async fn a_paused_lane_holds_its_own_effects_back_and_nobody_elses(stage: Stage) {
        let house = &stage.world.house;
        lane::pause(house, &who("oda"), Lane::Letters, "the mail server moves").await.unwrap();
        let worker = stage.start_worker();
        let case = stage.world.report("n1", &["item-1"]).await[0];
        stage.remove(case).await;
        let told = async || stage.hooks.received().iter().any(|hook| hook.path == "/marketplace");
        until(LIMIT, "the marketplace is told", told).await;
        // It may have been told of the seller's level first.
        let is_down = async || stage.listing_state("item-1").await == ListingState::Removed;
        until(LIMIT, "the listing is removed", is_down).await;
        assert!(stage.mail.taken().is_empty(), "{}", worker.output());
        lane::resume(house, &who("oda"), Lane::Letters).await.unwrap();
        stage.settle().await;
        assert!(!stage.mail.taken().is_empty());
    }
}
