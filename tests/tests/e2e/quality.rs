//! Second looks: blind, without any consequence, and compared.

use std::collections::BTreeSet;

use jointforce_shared::{
    commands::{
        Actor, Error,
        authenticity::{self, Ask},
        case::{self, Act, Acted, Request},
        quality::{self, Ruling, deal},
    },
    domain::{
        decision::{KeepReason, RemoveReason, Verdict},
        ids::{CaseId, OperatorId},
        quality::{ErrorClass, SampleKind},
        skip::SkipReason,
        time::Time,
    },
    store::{
        audit, cases, dossier, effects, find, notices, profiles,
        queue::{self, Filter, QueueRow},
        sellers,
    },
};
use jointforce_tests::world::{World, who};

use crate::store::on_both;

const REMOVE: Act = Act::Remove(RemoveReason::CounterfeitListing);
const GENUINE: Act = Act::Keep(KeepReason::Genuine);

async fn act(world: &World, actor: &str, case: CaseId, version: Option<i64>, act: Act) -> Result<Acted, Error> {
    case::act(&world.house, &who(actor), &Request { case, version, act, note: String::new() }).await
}

async fn rows(world: &World, viewer: &str) -> Vec<QueueRow> {
    let mut conn = world.house.db.read().await.unwrap();
    let viewer: OperatorId = viewer.parse().unwrap();
    queue::page_for(&mut conn, &viewer, &Filter::default(), None, 50, |_| true).await.unwrap()
}

async fn sweep(world: &World) -> usize {
    deal::sweep(&world.house, &Actor::program("worker")).await.unwrap()
}

/// Ann decides a case, a day passes, and it comes back to somebody. Gives the real case, who is asked, and their row.
pub async fn sampled(world: &World, decided: Act) -> (CaseId, &'static str, QueueRow) {
    world.report("n0", &["item-9"]).await;
    world.pass(Time::HOUR);
    let case = world.report("n1", &["item-1"]).await[0];
    world.pass(Time::HOUR);
    act(world, "ann", case, Some(1), decided).await.unwrap();
    world.pass(2 * Time::DAY);
    assert_eq!(sweep(world).await, 1);
    for name in ["bob", "sue"] {
        let mine = rows(world, name).await;
        if mine.len() == 2 {
            let row = mine.into_iter().find(|row| row.listing.as_str() == "item-1").unwrap();
            return (case, name, row);
        }
    }
    panic!("nobody was asked");
}

/// What could be changed outside or on anybody's record.
async fn outside(world: &World, case: CaseId) -> String {
    let mut conn = world.house.db.read().await.unwrap();
    let found = effects::list(&mut conn, None, None, 1000).await.unwrap();
    let shop = "shop".parse().unwrap();
    let strikes = sellers::strikes(&mut conn, [&shop]).await.unwrap();
    let seller = sellers::get(&mut conn, &shop).await.unwrap();
    let brand = jointforce_shared::store::brands::get(&mut conn, &"acme".parse().unwrap()).await.unwrap();
    let claims = notices::claims_of(&mut conn, case).await.unwrap();
    let real = cases::get(&mut conn, case).await.unwrap();
    let timeline = audit::of_case(&mut conn, case).await.unwrap();
    format!("{found:?} {strikes:?} {seller:?} {brand:?} {claims:?} {real:?} {timeline:?}")
}

on_both! {
    async fn a_second_look_is_blind(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, reviewer, row) = sampled(&world, REMOVE).await;
        assert_ne!(row.place.case, case);
        assert!(rows(&world, "ann").await.iter().all(|row| row.listing.as_str() != "item-1"), "never to who decided");
        let mut conn = world.house.db.read().await.unwrap();
        let shared = queue::page(&mut conn, &Filter::default(), None, 50).await.unwrap();
        assert!(shared.iter().all(|other| other.place.case != row.place.case), "to nobody else");
        // It has as much time left as it had, and nothing of the decision is in it.
        let real = cases::get(&mut conn, case).await.unwrap().unwrap();
        let now = world.house.clock.now();
        assert_eq!(row.factors.due.since(now), real.due.since(real.opened) - Time::HOUR);
        assert_eq!(now.since(row.opened), Time::HOUR);
        assert_eq!((row.points, row.level.as_str(), row.factors.claims), (0, "good", 1));
        let shown = dossier::load(&mut conn, row.place.case).await.unwrap().unwrap();
        let all = format!("{shown:?}");
        for tell in [case.to_string().as_str(), "review", "sample", "golden", "ann", "removed", "accepted:", "level_seller"] {
            let found = all.find(tell).map(|at| &all[at.saturating_sub(60)..(at + 60).min(all.len())]);
            assert!(tell == "accepted:" || found.is_none(), "{tell}: {found:?}");
        }
        assert_eq!((shown.case.state.as_str(), shown.case.version), ("open", row.version));
        assert!(shown.decision.is_none() && shown.effects.is_empty() && shown.strikes.is_empty());
        assert_eq!(shown.claims.iter().map(|claim| claim.state.as_str()).collect::<Vec<_>>(), ["open"]);
        assert_eq!(shown.listing.state.as_str(), "live");
        assert_eq!(shown.timeline.iter().map(|e| e.action.as_str()).collect::<Vec<_>>(), ["notice.filed"]);
        // The ids are made at the times that are shown.
        assert_eq!(now.since(row.place.case.made_at()) / Time::SECOND, now.since(row.opened) / Time::SECOND);
        drop(conn);
        // Nor is it told by looking for the listing.
        for (viewer, id, state) in [(reviewer, row.place.case, "open"), ("ann", case, "removed")] {
            let mut conn = world.house.db.read().await.unwrap();
            for text in ["item-1".to_owned(), id.to_string()] {
                let found = find::cases_for(&mut conn, &viewer.parse().unwrap(), &text, 10).await.unwrap();
                let found: Vec<_> = found.iter().map(|case| (case.id, case.state.as_str(), case.decided.is_some())).collect();
                assert_eq!(found, [(id, state, state == "removed")], "{viewer} looks for {text}");
            }
        }
        let leased = case::lease(&world.house, &who(reviewer), &[row.place.case]).await.unwrap();
        assert_eq!(leased, [row.place.case]);
        assert!(case::lease(&world.house, &who("ann"), &[row.place.case]).await.unwrap().is_empty());
    }

    async fn what_was_answered_stays_blind_until_it_is_compared(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, reviewer, row) = sampled(&world, REMOVE).await;
        let id = row.place.case;
        act(&world, reviewer, id, Some(1), GENUINE).await.unwrap();
        let viewer: OperatorId = reviewer.parse().unwrap();
        let look = async |text: &str| -> Vec<(CaseId, String, Option<OperatorId>)> {
            let mut conn = world.house.db.read().await.unwrap();
            let found = find::cases_for(&mut conn, &viewer, text, 10).await.unwrap();
            found.into_iter().map(|case| (case.id, case.state, case.decided.map(|(by, _)| by))).collect()
        };
        let strikes = async || {
            let mut conn = world.house.db.read().await.unwrap();
            profiles::seller(&mut conn, &viewer, &"shop".parse().unwrap()).await.unwrap().unwrap().strikes.len()
        };
        // Or one would answer, look, take it back, and answer as one should.
        let answer = (id, "kept".to_owned(), Some(viewer.clone()));
        for text in ["item-1", &case.to_string(), &id.to_string(), reviewer] {
            assert_eq!(look(text).await, std::slice::from_ref(&answer), "{text}");
        }
        assert_eq!(strikes().await, 0);
        world.pass(Time::HOUR);
        sweep(&world).await;
        let real = (case, "removed".to_owned(), Some("ann".parse().unwrap()));
        assert_eq!(look("item-1").await, [real]);
        assert_eq!(strikes().await, 1);
    }

    async fn an_answer_looks_like_a_decision_and_changes_nothing(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, reviewer, row) = sampled(&world, REMOVE).await;
        let id = row.place.case;
        let before = outside(&world, case).await;
        let stranger = act(&world, "ann", id, Some(1), REMOVE).await.unwrap_err().to_string();
        assert!(stranger.contains("is not known"), "{stranger}");
        act(&world, reviewer, id, Some(1), Act::Skip(SkipReason::TooHard)).await.unwrap();
        let hold = Act::Hold { span: std::time::Duration::from_secs(3600), reason: "asking".into() };
        let held = act(&world, reviewer, id, Some(1), hold).await.unwrap();
        assert_eq!((held.state, held.version), ("held", 2));
        world.pass(2 * Time::HOUR);
        sweep(&world).await;
        assert!(matches!(act(&world, reviewer, id, Some(1), REMOVE).await, Err(Error::Changed(_))));
        // As a decision: the same answer, the same words of refusal, the same record, the same undo.
        let other = rows(&world, reviewer).await.into_iter().find(|row| row.listing.as_str() == "item-9").unwrap();
        let real = act(&world, reviewer, other.place.case, Some(1), REMOVE).await.unwrap();
        let answered = act(&world, reviewer, id, Some(3), REMOVE).await.unwrap();
        assert_eq!(answered, Acted { case: id, version: 4, ..real.clone() });
        assert_eq!(rows(&world, reviewer).await.len(), 0);
        let again = act(&world, reviewer, id, Some(4), GENUINE).await.unwrap_err().to_string();
        assert!(again.contains("already decided it"), "{again}");
        let mut conn = world.house.db.read().await.unwrap();
        let (mut own, mut others) = (audit::of_case(&mut conn, id).await.unwrap(), audit::of_case(&mut conn, other.place.case).await.unwrap());
        for events in [&mut own, &mut others] {
            events.retain(|event| event.action == "case.decided");
        }
        let (own, others) = (own.remove(0), others.remove(0));
        assert_eq!((&own.action, &own.auth, &own.actor), (&others.action, &others.auth, &others.actor));
        let keys = |event: &jointforce_shared::domain::audit::Event| event.body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&own), keys(&others));
        let shown = dossier::load(&mut conn, id).await.unwrap().unwrap();
        assert_eq!((shown.case.state.as_str(), shown.decision.unwrap().by.as_str()), ("removed", reviewer));
        drop(conn);
        let undone = act(&world, reviewer, id, None, Act::Undo).await.unwrap();
        assert_eq!((undone.state, undone.compensated), ("open", false));
        assert_eq!(rows(&world, reviewer).await.len(), 1);
        act(&world, reviewer, id, None, GENUINE).await.unwrap();
        world.pass(Time::MINUTE);
        assert!(act(&world, reviewer, id, None, Act::Undo).await.unwrap().compensated, "as after the grace window");
        act(&world, reviewer, id, None, GENUINE).await.unwrap();
        act(&world, reviewer, other.place.case, None, Act::Undo).await.unwrap();
        world.pass(Time::HOUR);
        sweep(&world).await;
        let late = act(&world, reviewer, id, None, Act::Undo).await.unwrap_err().to_string();
        assert!(late.contains("second look"), "{late}");
        // Take away what the other, real, case did, and nothing is left.
        let without = |text: String| {
            let kept: Vec<String> = text.split("Entry {").filter(|e| !e.contains(&other.place.case.to_string())).map(str::to_owned).collect();
            kept.join("Entry {")
        };
        let after = outside(&world, case).await;
        let of_case = |text: &str| text.split("Entry {").filter(|e| e.contains(&case.to_string())).count();
        assert_eq!(of_case(&before), of_case(&after));
        assert!(!after.contains(&id.to_string()), "no effect, strike, claim or event of the real world knows the review");
        assert!(without(after).contains("removed"), "the real case stands as it was");
    }

    async fn who_would_ask_the_brand_passes_the_second_look_on_and_nobody_is_asked(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, reviewer, row) = sampled(&world, REMOVE).await;
        let before = outside(&world, case).await;
        let template = world.house.policy.asking.templates[0].name.clone();
        let id = row.place.case;
        let ask = Ask { case: id, version: Some(1), template, detail: "SN 1".into(), again: false };
        let asked = authenticity::ask(&world.house, &who(reviewer), &ask).await.unwrap();
        assert_eq!((asked.case, asked.version), (id, 2));
        assert_eq!(outside(&world, case).await, before);
        assert_eq!(rows(&world, reviewer).await.len(), 1, "as a case whose brand was asked, it left the queue");
        assert_eq!(sweep(&world).await, 1);
        let other = if reviewer == "bob" { "sue" } else { "bob" };
        assert_eq!((rows(&world, reviewer).await.len(), rows(&world, other).await.len()), (1, 2));
    }

    async fn a_disagreement_goes_to_a_lead_who_may_reopen_the_case(url: &str) {
        let world = World::with_set_clock(url).await;
        let (case, reviewer, row) = sampled(&world, REMOVE).await;
        act(&world, reviewer, row.place.case, Some(1), GENUINE).await.unwrap();
        assert!(quality::disagreements(&world.house, &who("sue"), 10).await.unwrap().is_empty(), "it can be taken back yet");
        world.pass(Time::HOUR);
        sweep(&world).await;
        let found = quality::disagreements(&world.house, &who("eve"), 10).await.unwrap();
        assert_eq!((found.len(), found[0].case, found[0].answer.reviewer.as_str()), (1, case, reviewer));
        let right = Verdict::Keep(KeepReason::Genuine);
        let ruling = Ruling { review: row.place.case, right, note: "the label is right".into(), reopen: true };
        let rule = |by: &'static str| {
            let (house, ruling) = (world.house.clone(), ruling.clone());
            async move { quality::rule(&house, &who(by), &ruling).await.map_err(|e| e.to_string()) }
        };
        for name in ["ann", "eve", "adam"] {
            assert!(rule(name).await.unwrap_err().contains("may not overturn"));
        }
        let lead = if reviewer == "sue" {
            assert!(rule("sue").await.unwrap_err().contains("one of the two"));
            let second = "sara".parse().unwrap();
            let role = jointforce_shared::domain::operator::Role::Senior;
            jointforce_shared::commands::operator::add(&world.house, &who("adam"), second, "Sara", role).await.unwrap();
            "sara"
        } else {
            "sue"
        };
        assert_eq!(rule(lead).await, Ok(true));
        assert!(rule(lead).await.unwrap_err().contains("no ruling"));
        let mut conn = world.house.db.read().await.unwrap();
        assert_eq!(cases::get(&mut conn, case).await.unwrap().unwrap().state.as_str(), "open");
        let actions: Vec<_> = audit::of_case(&mut conn, case).await.unwrap().into_iter().map(|e| e.action).collect();
        // Both in one moment of a clock that stands, in whatever order.
        assert!(["case.undone", "review.ruled"].iter().all(|done| actions[2..].iter().any(|a| a == done)), "{actions:?}");
        drop(conn);
        let report = quality::report(&world.house, &who(lead)).await.unwrap();
        let ann = report.raters.iter().find(|line| line.who.as_str() == "ann").unwrap();
        assert_eq!(ann.errors.get(&ErrorClass::FalseRemoval), Some(&1));
        assert_eq!((report.whole.of, report.whole.agreed), (1, 0));
        assert!(quality::report(&world.house, &who("bob")).await.is_err(), "a moderator sees nobody's numbers");
    }

    async fn golden_cases_come_to_everybody_else_once(url: &str) {
        let world = World::with_set_clock(url).await;
        let case = world.report("n1", &["item-1"]).await[0];
        world.pass(Time::HOUR);
        let add = |by: &'static str, note: &'static str| {
            let house = world.house.clone();
            async move { quality::add_golden(&house, &who(by), case, None, note).await.map_err(|e| e.to_string()) }
        };
        assert!(add("sue", "clear").await.unwrap_err().contains("no decided case"));
        act(&world, "ann", case, Some(1), REMOVE).await.unwrap();
        world.pass(Time::HOUR);
        assert!(add("bob", "clear").await.unwrap_err().contains("may not keep golden"));
        assert!(add("adam", " ").await.unwrap_err().contains("note:"));
        let sample = add("adam", "forged label").await.unwrap();
        assert!(add("adam", "again").await.unwrap_err().contains("golden already"));
        assert_eq!(quality::golden(&world.house, &who("eve")).await.unwrap(), std::slice::from_ref(&sample));
        assert_eq!(sweep(&world).await, 2, "bob and sue");
        assert_eq!(sweep(&world).await, 0);
        for name in ["bob", "sue"] {
            let mine = rows(&world, name).await;
            assert_eq!(mine.len(), 1, "{name}");
            let answer = if name == "bob" { GENUINE } else { REMOVE };
            act(&world, name, mine[0].place.case, Some(1), answer).await.unwrap();
        }
        world.pass(Time::HOUR);
        sweep(&world).await;
        let report = quality::report(&world.house, &who("eve")).await.unwrap();
        let right = |name: &str| report.raters.iter().find(|line| line.who.as_str() == name).map(|line| (line.golden.right, line.golden.of));
        assert_eq!((right("ann"), right("bob"), right("sue")), (None, Some((0, 1)), Some((1, 1))));
        let waiting = quality::disagreements(&world.house, &who("sue"), 10).await.unwrap();
        assert_eq!((waiting.len(), waiting[0].answer.kind), (1, SampleKind::Golden));
        quality::retire_golden(&world.house, &who("sue"), sample.id, "too easy").await.unwrap();
        assert!(quality::golden(&world.house, &who("sue")).await.unwrap().is_empty());
    }

    async fn of_each_moderator_the_share_is_drawn_once_however_many_draw(url: &str) {
        let mut world = World::with_set_clock(url).await;
        world.house.policy.quality.sample_percent = 40;
        let listings: Vec<String> = (1..=12).map(|n| format!("item-{n}")).collect();
        let names: Vec<&str> = listings.iter().map(String::as_str).collect();
        let cases = world.report("n1", &names).await;
        world.pass(Time::HOUR);
        for (n, case) in cases.iter().enumerate() {
            act(&world, if n < 9 { "ann" } else { "bob" }, *case, Some(1), REMOVE).await.unwrap();
        }
        // What was taken back is not looked at.
        act(&world, "bob", cases[11], None, Act::Undo).await.unwrap();
        world.pass(2 * Time::DAY);
        let tries = (0..4).map(|_| {
            let world = world.clone();
            tokio::spawn(async move { sweep(&world).await })
        });
        let mut dealt = 0;
        for attempt in tries.collect::<Vec<_>>() {
            dealt += attempt.await.unwrap();
        }
        assert_eq!(dealt, 6, "four of ann's nine, two of bob's two");
        assert_eq!(sweep(&world).await, 0);
        let mut seen = BTreeSet::new();
        for (name, decided) in [("ann", 2), ("bob", 4), ("sue", 6)] {
            let mine: Vec<_> = rows(&world, name).await.into_iter().filter(|row| row.listing.as_str() != "item-12").collect();
            assert!(mine.len() <= decided, "{name} has {}", mine.len());
            seen.extend(mine.into_iter().map(|row| row.listing));
        }
        assert_eq!(seen.len(), 6);
    }

    async fn what_is_passed_over_is_listed_with_its_reasons(url: &str) {
        let world = World::with_set_clock(url).await;
        let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;
        act(&world, "ann", cases[1], Some(1), Act::Skip(SkipReason::Language)).await.unwrap();
        world.pass(Time::MINUTE);
        let note = Request { case: cases[0], version: Some(1), act: Act::Skip(SkipReason::Other), note: "odd".into() };
        case::act(&world.house, &who("bob"), &note).await.unwrap();
        world.pass(Time::MINUTE);
        act(&world, "bob", cases[1], Some(1), Act::Skip(SkipReason::TooHard)).await.unwrap();
        act(&world, "ann", cases[2], Some(1), Act::Skip(SkipReason::TooHard)).await.unwrap();
        act(&world, "ann", cases[2], Some(1), REMOVE).await.unwrap();
        let found = quality::skipped(&world.house, &who("sue"), 10).await.unwrap();
        assert_eq!(found.iter().map(|s| (s.case, s.times)).collect::<Vec<_>>(), [(cases[1], 2), (cases[0], 1)]);
        let reasons: Vec<_> = found[0].skips.iter().map(|s| (s.by.as_str(), s.reason)).collect();
        assert_eq!(reasons, [("bob", SkipReason::TooHard), ("ann", SkipReason::Language)]);
        assert_eq!(found[1].skips[0].note, "odd");
        assert!(quality::skipped(&world.house, &who("ann"), 10).await.is_err());
    }
}
