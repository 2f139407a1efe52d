use std::time::Duration;

use jointforce_shared::{
    commands::{
        Error,
        case::{self, Act, Acted, Request},
        operator,
    },
    domain::{
        decision::KeepReason,
        escalation::Desk,
        ids::CaseId,
        page::{PageKind, Severity},
        time::Time,
    },
    store::{
        audit,
        queue::{self, Filter},
    },
};
use jointforce_tests::world::{World, who};

use super::{all_pages, open_pages, refusal, sweep};
use crate::store::on_both;

async fn act(world: &World, who_: &str, case: CaseId, act: Act) -> Result<Acted, Error> {
    let note = "the mark is contested in court".into();
    case::act(&world.house, &who(who_), &Request { case, version: None, act, note }).await
}

async fn queued(world: &World, desks: Option<Option<Desk>>) -> Vec<CaseId> {
    let filter = Filter { desks: desks.map(|desk| vec![desk]), ..Filter::default() };
    let rows = queue::page(&mut world.house.db.read().await.unwrap(), &filter, None, 50).await.unwrap();
    rows.iter().map(|row| row.place.case).collect()
}

const LEGAL: Act = Act::Escalate { desk: Desk::Legal, urgent: false };
const KEEP: Act = Act::Keep(KeepReason::Exhausted);

on_both! {
    async fn a_desks_case_is_decided_by_its_members_and_by_seniors(url: &str) {
        let world = World::new(url).await;
        operator::set_desks(&world.house, &who("adam"), &"bob".parse().unwrap(), &[Desk::Legal]).await.unwrap();
        let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        for case in &cases {
            act(&world, "ann", *case, LEGAL).await.unwrap();
        }
        for refused in [KEEP, Act::Hold { span: Duration::from_secs(60), reason: "x".into() }, Act::Release] {
            assert_eq!(
                refusal(act(&world, "ann", cases[0], refused).await),
                "desk: the legal desk has it. Leave it to bob, sue; or ask an admin to add you to that desk."
            );
        }
        act(&world, "bob", cases[0], KEEP).await.unwrap();
        act(&world, "sue", cases[1], KEEP).await.unwrap();
        let said = refusal(act(&world, "bob", cases[2], Act::HandOver { to: "ann".parse().unwrap() }).await);
        assert_eq!(said, "to: ann does not decide cases of the legal desk. Name one of bob, sue.");
        act(&world, "bob", cases[2], Act::HandOver { to: "sue".parse().unwrap() }).await.unwrap();
        act(&world, "ann", cases[2], Act::Escalate { desk: Desk::Safety, urgent: false }).await.unwrap();
        assert!(refusal(act(&world, "bob", cases[2], KEEP).await).contains("the safety desk has it. Leave it to sue;"));
        let timeline = audit::of_case(&mut world.house.db.read().await.unwrap(), cases[2]).await.unwrap();
        let last = timeline.iter().rfind(|event| event.action == "case.escalated").unwrap();
        assert_eq!(last.body["note"], "the mark is contested in court");
    }

    async fn a_desk_has_its_own_queue_and_hands_back(url: &str) {
        let world = World::new(url).await;
        operator::set_desks(&world.house, &who("adam"), &"bob".parse().unwrap(), &[Desk::Legal]).await.unwrap();
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        act(&world, "ann", cases[0], LEGAL).await.unwrap();
        assert_eq!(queued(&world, None).await.len(), 2);
        assert_eq!(queued(&world, Some(None)).await, [cases[1]]);
        assert_eq!(queued(&world, Some(Some(Desk::Legal))).await, [cases[0]]);
        assert_eq!(queued(&world, Some(Some(Desk::Safety))).await, []);
        act(&world, "bob", cases[0], Act::Release).await.unwrap();
        assert_eq!(queued(&world, Some(None)).await.len(), 2);
        act(&world, "ann", cases[0], KEEP).await.unwrap();
    }

    async fn only_an_admin_says_who_sits_at_a_desk_and_only_of_those_who_decide(url: &str) {
        let world = World::new(url).await;
        let set = async |by: &str, whom: &str| {
            operator::set_desks(&world.house, &who(by), &whom.parse().unwrap(), &[Desk::Legal]).await
        };
        assert!(refusal(set("ann", "ann").await).contains("a moderator may not manage staff"));
        assert!(refusal(set("adam", "eve").await).contains("eve decides no cases"));
        assert!(refusal(set("adam", "nobody-here").await).contains("is no operator"));
        assert_eq!(set("adam", "ann").await.unwrap().desks, [Desk::Legal]);
        operator::add(&world.house, &who("adam"), "ann".parse().unwrap(), "Ann", jointforce_shared::domain::operator::Role::Moderator).await.unwrap();
        assert_eq!(set("adam", "ann").await.unwrap().desks, [Desk::Legal], "a new name changes no desk");
    }

    async fn an_urgent_escalation_calls_until_the_case_leaves_the_desk(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        act(&world, "ann", cases[0], LEGAL).await.unwrap();
        assert_eq!(all_pages(&world).await, [], "it can wait");
        act(&world, "ann", cases[1], Act::Escalate { desk: Desk::Safety, urgent: false }).await.unwrap();
        let [page] = &open_pages(&world).await[..] else { panic!() };
        assert_eq!((page.kind, page.severity, page.case), (PageKind::Escalation, Severity::Critical, Some(cases[1])));
        assert!(page.summary.ends_with("went to the safety desk, urgent, ann: the mark is contested in court"));
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await.len(), 1, "still there");
        act(&world, "ann", cases[1], Act::Escalate { desk: Desk::BrandRelations, urgent: true }).await.unwrap();
        sweep(&world.house).await;
        let [page] = &open_pages(&world).await[..] else { panic!() };
        assert_eq!(page.severity, Severity::Error, "the safety desk's has ended, the other desk's is there");
        act(&world, "sue", cases[1], Act::Release).await.unwrap();
        world.pass(Time::SECOND);
        sweep(&world.house).await;
        assert_eq!(open_pages(&world).await, []);
    }
}
