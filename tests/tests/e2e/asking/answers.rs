//! Questions and answers through the commands.

use jointforce_shared::{
    commands::{
        Actor, Error,
        authenticity::{Answering, Ask, answer, ask},
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        authenticity::{Answer, Follow, State},
        brand::Tier,
        case::State as CaseState,
        decision::{KeepReason, RemoveReason, Verdict},
        time::Time,
    },
    store::{authenticity, decisions, queue, statements},
};
use jointforce_tests::world::{World, brand, who};

use super::{acme, asked, case_of, dossier_of, effects_with, question, refusal, reported_by, request_of, say, times};
use crate::store::on_both;

on_both! {
    async fn a_question_takes_the_case_out_of_the_queue_and_an_answer_brings_it_back(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let before = case_of(house, case).await;
        let open = asked(house, case).await;
        assert!(matches!(case_of(house, case).await.state, CaseState::Asked { request, .. } if request == open.request));
        let rows = queue::page(&mut house.db.read().await.unwrap(), &queue::Filter::default(), None, 10).await.unwrap();
        assert_eq!(rows.len(), 0, "it waits for the brand, not for a reviewer");
        let letters = effects_with(house, &open.request.to_string()).await;
        assert_eq!(letters.iter().map(|effect| effect.kind.as_str()).collect::<Vec<_>>(), ["mail_brand"]);
        let request = request_of(house, open.request).await;
        assert!(request.question.contains("Brand acme") && request.question.contains("19.99 EUR"), "{}", request.question);
        assert!(dossier_of(house, case).await.flags(house.clock.now())[0].starts_with("Brand acme was asked: due in"));

        world.pass(Time::DAY);
        let done = say(house, open.request, Answer::Unsure).await.unwrap();
        assert_eq!((done.follow, done.state), (Follow::ToModerator(0), "open"));
        let after = case_of(house, case).await;
        assert_eq!(after.due.since(before.due), Time::DAY, "the wait is not the reviewers'");
        assert_eq!(after.rank - before.rank, Time::DAY);
        let dossier = dossier_of(house, case).await;
        assert_eq!(dossier.requests[0].note, "so says Nora");
        assert_eq!(dossier.flags(house.clock.now()), ["Brand acme answered: Unsure. We can't tell from this listing."]);
        let answered = dossier.timeline.iter().find(|event| event.action == "authenticity.answered").unwrap();
        assert_eq!((answered.actor.as_str(), answered.auth.as_str()), ("brand:acme", "portal"));
    }

    async fn what_cannot_be_asked_is_refused_with_the_fix(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        for (field, who_asks, what) in [
            ("template", who("ann"), Ask { template: "are_you_sure".into(), ..question(case) }),
            ("detail", who("ann"), Ask { template: "serial".into(), ..question(case) }),
            ("detail", who("ann"), Ask { detail: "x".repeat(401), ..question(case) }),
            ("role", who("eve"), question(case)),
            ("account", who("mallory"), question(case)),
            ("actor", acme(), question(case)),
        ] {
            assert_eq!(refusal(ask(house, &who_asks, &what).await).faults[0].field, field);
        }
        let version = case_of(house, case).await.version;
        let stale = Ask { version: Some(version + 1), ..question(case) };
        assert!(matches!(ask(house, &who("ann"), &stale).await, Err(Error::Changed(_))));
        assert_eq!(case_of(house, case).await.version, version, "nothing half-done");
        assert_eq!(effects_with(house, "asked").await.len(), 0);
    }

    async fn asking_again_closes_the_first_question_and_only_when_meant(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let first = asked(house, case).await;
        assert_eq!(refusal(ask(house, &who("bob"), &question(case)).await).faults[0].field, "case");
        let again = Ask { again: true, template: "serial".into(), detail: "SN 42".into(), ..question(case) };
        let second = ask(house, &who("bob"), &again).await.unwrap();
        assert_eq!(request_of(house, first.request).await.state, State::Withdrawn);
        assert_eq!(second.version, case_of(house, case).await.version);
        let refused = refusal(say(house, first.request, Answer::Genuine).await);
        assert!(refused.to_string().contains("another question replaced"), "{refused}");
        say(house, second.request, Answer::GreyMarket).await.unwrap();
    }

    async fn a_second_answer_a_closed_question_and_another_brands_are_refused(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        catalogue::load_brands(house, &World::import(), &[brand("zeta")]).await.unwrap();
        let cases = world.report("n1", &["item-1", "item-2"]).await;
        let open = asked(house, cases[0]).await;
        let answering = Answering { request: open.request, answer: Answer::Genuine, note: String::new(), link: None, entered_by: None };
        let unknown = Answering { request: "01KEKSE0000000000000000001".parse().unwrap(), ..answering.clone() };
        let zeta = Actor::brand(&"zeta".parse().unwrap(), "portal");
        let others = refusal(answer(house, &zeta, &answering).await).to_string();
        let nobodys = refusal(answer(house, &zeta, &unknown).await).to_string();
        assert_eq!(others.replace(&open.request.to_string(), ""), nobodys.replace(&unknown.request.to_string(), ""));
        for stranger in [who("ann"), Actor::program("import"), Actor::seller(&"acme".parse().unwrap(), "portal")] {
            refusal(answer(house, &stranger, &answering).await);
        }
        assert_eq!(request_of(house, open.request).await.state, State::Open);
        let long = Answering { note: "x".repeat(2001), ..answering.clone() };
        assert_eq!(refusal(answer(house, &acme(), &long).await).faults[0].field, "note");

        say(house, open.request, Answer::GreyMarket).await.unwrap();
        let twice = refusal(say(house, open.request, Answer::Counterfeit).await).to_string();
        assert!(twice.contains("answered already: grey_market"), "{twice}");

        let other = asked(house, cases[1]).await;
        let remove = Act::Remove(RemoveReason::CounterfeitListing);
        let act = Request { case: cases[1], version: None, act: remove, note: String::new() };
        case::act(house, &who("ann"), &act).await.unwrap();
        assert_eq!(request_of(house, other.request).await.state, State::Withdrawn, "nobody waits any more");
        let closed = refusal(say(house, other.request, Answer::Genuine).await).to_string();
        assert!(closed.contains("closed"), "{closed}");
    }

    async fn counterfeit_goes_to_the_front_of_the_review_and_for_a_joint_force_brand_down_at_once(url: &str) {
        let world = World::with_set_clock(url).await;
        let house = &world.house;
        let cases = world.report("n1", &["item-1"]).await;
        let before = case_of(house, cases[0]).await;
        let open = asked(house, cases[0]).await;
        let done = say(house, open.request, Answer::Counterfeit).await.unwrap();
        assert_eq!((done.follow, done.state), (Follow::ToModerator(48), "open"));
        assert_eq!(before.rank - case_of(house, cases[0]).await.rank, 48 * Time::HOUR);

        let case = reported_by(&world, "trusted", Tier::JointForce, &["item-2"]).await[0];
        let open = asked(house, case).await;
        let done = say(house, open.request, Answer::Counterfeit).await.unwrap();
        assert_eq!((done.follow, done.state), (Follow::RemoveAtOnce, "removed"));
        let after = case_of(house, case).await;
        let (verdict, id) = after.state.decision().unwrap();
        assert_eq!(verdict, Verdict::Remove(RemoveReason::CounterfeitListing));
        let mut conn = house.db.read().await.unwrap();
        let decision = decisions::get_many(&mut conn, &[id]).await.unwrap().pop().unwrap();
        let statements = statements::of_decision(&mut conn, id).await.unwrap();
        assert!(decision.automated && !statements.is_empty());
        let removal = effects_with(house, "remove_listing").await;
        assert_eq!(removal.iter().map(|effect| effect.due).collect::<Vec<_>>(), [house.clock.now()], "without a grace");
    }

    async fn many_answers_at_once_count_once(url: &str) {
        let world = World::new(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(&world.house, case).await;
        let answers = Answer::ALL.iter().cycle().take(8).map(|said| {
            let (house, said) = (world.house.clone(), *said);
            tokio::spawn(async move { say(&house, open.request, said).await })
        });
        let mut taken = 0;
        for answer in answers.collect::<Vec<_>>() {
            match answer.await.unwrap() {
                Ok(_) => taken += 1,
                refused => drop(refusal(refused)),
            }
        }
        assert_eq!((taken, times(&world.house, case, "authenticity.answered").await), (1, 1));
    }

    async fn genuine_keeps_the_listing_in_the_brands_own_name(url: &str) {
        let world = World::new(url).await;
        let house = &world.house;
        let case = world.report("n1", &["item-1"]).await[0];
        let open = asked(house, case).await;
        let done = say(house, open.request, Answer::Genuine).await.unwrap();
        assert_eq!((done.follow, done.state), (Follow::Clear, "kept"));
        match case_of(house, case).await.state {
            CaseState::Decided { verdict, by, .. } => {
                assert_eq!((verdict, by.as_str()), (Verdict::Keep(KeepReason::Genuine), "brand:acme"));
            }
            other => panic!("{other:?}"),
        }
        let requests = authenticity::list(&mut house.db.read().await.unwrap(), None, true, 10).await.unwrap();
        assert_eq!(requests, [], "none waits");
        assert!(dossier_of(house, case).await.clearance.is_some());
    }
}
