use jointforce_shared::{
    commands::{
        case::{self, Act, Request},
        page::{self, Raise},
        sweep::on_call as clocks,
    },
    domain::{
        decision::{KeepReason, RemoveReason},
        effect::Effect,
        ids::CaseId,
        page::{PageKind, Route, Severity, State},
        time::Time,
    },
    store::{audit, effects},
};
use jointforce_tests::world::{World, who};

use super::{ODA_THEN_SUE, all_pages, on_call, open_pages, read, refusal, sweep, worker};
use crate::store::on_both;

/// What was written to be told, as (way, level), in the order in which it was written.
async fn told(world: &World) -> Vec<(Route, i64)> {
    let entries = effects::list(&mut world.house.db.read().await.unwrap(), None, None, 1000).await.unwrap();
    let told = entries.iter().rev().filter_map(|entry| match serde_json::from_str(&entry.payload).unwrap() {
        Effect::Page { route, level, .. } => Some((route, level)),
        _ => None,
    });
    told.collect()
}

async fn act(world: &World, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "as agreed".into() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
}

fn breaker(key: &str) -> Raise {
    Raise {
        kind: PageKind::Breaker,
        key: key.into(),
        summary: "acme's automatic removals were stopped\u{202e}".into(),
        subject: "brand:acme".into(),
        case: None,
        severity: Severity::Error,
        level: 1,
    }
}

async fn raise(world: &World, key: &str) -> Option<jointforce_shared::domain::ids::PageId> {
    let mut tx = world.house.db.write().await.unwrap();
    let raised = page::raise(&mut tx, &world.house, &worker(), &breaker(key)).await.unwrap();
    tx.commit().await.unwrap();
    raised
}

on_both! {
    async fn a_breach_is_paged_before_it_happens_once_and_ends_with_the_decision(url: &str) {
        let world = World::with_set_clock(url).await;
        on_call(&world).await;
        // A brand in good faith: 24 hours, and 2 hours' warning.
        let case = world.report("n1", &["item-1"]).await[0];
        world.pass(22 * Time::HOUR - Time::MINUTE);
        sweep(&world.house).await;
        assert_eq!(all_pages(&world).await, []);
        world.pass(Time::MINUTE);
        let sweeps = (0..4).map(|_| {
            let house = world.house.clone();
            tokio::spawn(async move { clocks::page_deadlines(&house, &worker()).await.unwrap() })
        });
        let mut paged = 0;
        for swept in sweeps.collect::<Vec<_>>() {
            paged += swept.await.unwrap();
        }
        assert_eq!(paged, 1, "of four workers one pages");
        let [page] = &all_pages(&world).await[..] else { panic!() };
        assert_eq!((page.kind, page.case, page.severity), (PageKind::Sla, Some(case), Severity::Warning));
        assert!(page.summary.contains("acme, item-1) is due in 2h00m and not decided"), "{}", page.summary);
        assert_eq!(told(&world).await, [(Route::Mail, 1), (Route::PagerDuty, 1), (Route::Alertmanager, 1)]);

        world.pass(Time::SECOND);
        act(&world, case, Act::Remove(RemoveReason::CounterfeitListing)).await;
        world.pass(Time::SECOND);
        sweep(&world.house).await;
        let page = all_pages(&world).await.pop().unwrap();
        assert!(matches!(&page.state, State::Resolved { by, .. } if by.as_str() == "worker:test"), "{page:?}");
        assert_eq!(told(&world).await[3..], [(Route::PagerDuty, 1), (Route::Alertmanager, 1)], "no mail for an end");
        world.pass(Time::DAY);
        sweep(&world.house).await;
        assert_eq!(all_pages(&world).await.len(), 1);
        let timeline = audit::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
        let actions: Vec<_> = timeline.iter().map(|event| event.action.as_str()).collect();
        assert_eq!(actions[actions.len() - 3..], ["page.raised", "case.decided", "page.resolved"]);
    }

    async fn each_round_of_a_case_is_paged_for_once(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        world.pass(23 * Time::HOUR);
        sweep(&world.house).await;
        act(&world, case, Act::Hold { span: std::time::Duration::from_secs(600), reason: "asked the desk".into() }).await;
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await, [], "somebody has it");
        act(&world, case, Act::Release).await;
        sweep(&world.house).await;
        assert_eq!((open_pages(&world).await.len(), all_pages(&world).await.len()), (0, 1), "once a round");
        act(&world, case, Act::Keep(KeepReason::Genuine)).await;
        world.report("n2", &["item-1"]).await;
        world.pass(23 * Time::HOUR);
        sweep(&world.house).await;
        assert_eq!((open_pages(&world).await.len(), all_pages(&world).await.len()), (1, 2), "reported again");
    }

    async fn a_backlog_is_one_page_beyond_the_first_few(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.on_call.sla_pages_max = 3;
        let listings: Vec<String> = (1..=8).map(|n| format!("item-{n}")).collect();
        let cases = world.report("n1", &listings.iter().map(String::as_str).collect::<Vec<_>>()).await;
        world.pass(23 * Time::HOUR);
        sweep(&world.house).await;
        let pages = open_pages(&world).await;
        assert_eq!(pages.len(), 4);
        let together = pages.iter().find(|page| page.case.is_none()).unwrap();
        assert_eq!(together.summary, "5 more cases: the first is due in 1h00m, the others later");
        sweep(&world.house).await;
        assert_eq!(all_pages(&world).await.len(), 4);
        let alone: Vec<CaseId> = pages.iter().filter_map(|page| page.case).collect();
        let (own, others): (Vec<CaseId>, Vec<CaseId>) = cases.into_iter().partition(|case| alone.contains(case));
        for case in own {
            act(&world, case, Act::Keep(KeepReason::Genuine)).await;
        }
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await.len(), 1, "five still wait");
        for case in others {
            act(&world, case, Act::Keep(KeepReason::Genuine)).await;
        }
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await, []);
    }

    async fn a_page_that_nobody_answers_climbs_once_a_level(url: &str) {
        let world = World::with_set_clock(url).await;
        on_call(&world).await;
        let id = raise(&world, "b1").await.unwrap();
        assert_eq!(raise(&world, "b1").await, None, "it is open already");
        world.pass(5 * Time::MINUTE - 1);
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await[0].level, 1);
        world.pass(1);
        let climbs = (0..4).map(|_| {
            let house = world.house.clone();
            tokio::spawn(async move { clocks::climb(&house, &worker()).await.unwrap() })
        });
        let mut climbed = 0;
        for climb in climbs.collect::<Vec<_>>() {
            climbed += climb.await.unwrap();
        }
        assert_eq!(climbed, 1, "of four workers one calls the next level");
        world.pass(Time::DAY);
        sweep(&world.house).await;
        let page = open_pages(&world).await.pop().unwrap();
        assert_eq!((page.level, page.climbs), (2, None), "there is no third level");
        assert!(page.summary.ends_with("stopped‹U+202E›"), "{}", page.summary);
        let ways = [Route::Mail, Route::PagerDuty, Route::Alertmanager];
        assert_eq!(told(&world).await, [ways.map(|way| (way, 1)), ways.map(|way| (way, 2))].concat());
        page::resolve(&world.house, &who("oda"), id).await.unwrap();
        assert!(raise(&world, "b1").await.is_some(), "the next one is another page");
    }

    async fn whoever_is_on_call_answers_and_then_it_climbs_no_further(url: &str) {
        let world = World::with_set_clock(url).await;
        on_call(&world).await;
        let id = raise(&world, "b1").await.unwrap();
        let said = refusal(page::acknowledge(&world.house, &who("ann"), id).await);
        assert!(said.contains("ann is not on call now") && said.contains("(oda, sue)"), "{said}");
        assert!(refusal(page::acknowledge(&world.house, &who("eve"), id).await).contains("eve is not on call"));
        let page = page::acknowledge(&world.house, &who("oda"), id).await.unwrap();
        assert!(matches!(page.state, State::Acknowledged { .. }));
        assert!(refusal(page::acknowledge(&world.house, &who("sue"), id).await).contains("oda is on it already"));
        world.pass(Time::DAY);
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await[0].level, 1);
        page::resolve(&world.house, &who("sue"), id).await.unwrap();
        assert!(refusal(page::resolve(&world.house, &who("sue"), id).await).contains("sue already resolved it"));
        // A moderator who is on the rota may answer, though the role alone doesn't say so.
        let rota = read(&ODA_THEN_SUE.replace("oda", "ann"));
        jointforce_shared::commands::rota::load(&world.house, &who("adam"), &rota).await.unwrap();
        let id = raise(&world, "b2").await.unwrap();
        page::acknowledge(&world.house, &who("ann"), id).await.unwrap();
    }

    async fn while_effects_are_dead_there_is_one_page(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        act(&world, case, Act::Remove(RemoveReason::CounterfeitListing)).await;
        let mut tx = world.house.db.write().await.unwrap();
        let (now, dead) = (world.house.clock.now(), effects::of_case(&mut tx, case).await.unwrap());
        for effect in &dead {
            effects::carry::fail_inside(&mut tx, effect.id, "broken", effects::carry::Next::Dead(now)).await.unwrap();
        }
        tx.commit().await.unwrap();
        for _ in 0..3 {
            sweep(&world.house).await;
        }
        let [page] = &all_pages(&world).await[..] else { panic!() };
        assert_eq!(page.summary, "2 effects of decisions are dead: nobody carries them out any more");
        assert!(refusal(page::resolve(&world.house, &who("oda"), page.id).await).contains("is still so"));
        let ids: Vec<_> = dead.iter().map(|effect| effect.id).collect();
        jointforce_shared::commands::effect::drop(&world.house, &who("oda"), &ids[..1], "by hand").await.unwrap();
        page::acknowledge(&world.house, &who("oda"), page.id).await.unwrap();
        sweep(&world.house).await;
        let [counted] = &open_pages(&world).await[..] else { panic!() };
        assert_eq!(counted.summary, "1 effect of a decision is dead: nobody carries it out any more");
        assert!(counted.id == page.id && matches!(counted.state, State::Acknowledged { .. }), "nobody is called again");
        jointforce_shared::commands::effect::drop(&world.house, &who("oda"), &ids[1..], "by hand").await.unwrap();
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await, []);
    }
}
