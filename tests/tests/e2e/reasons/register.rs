//! The register answers as it likes; each statement is taken once, or waits, or has a person's attention.

use jointforce_shared::{
    commands::{Error, statement},
    domain::{statement::RegisterState, time::Time, trace::Trace},
    store::audit,
};
use jointforce_tests::{register::Mood, world::who};
use jointforce_worker::register::{self as sending, RegisterConfig, Token};

use super::{Stage, decide, ids, sender};
use crate::store::on_both;

on_both! {
    async fn statements_go_out_a_hundred_at_a_time_and_keep_the_registers_id(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(230).await;
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), [100, 100, 30]);
        stage.assert_all_taken(230).await;
        assert!(stage.all(RegisterState::Accepted).await.iter().all(|kept| kept.uuid.as_ref().is_some_and(|id| id.len() == 36)));
        let events = audit::newest(&mut stage.world.house.db.read().await.unwrap(), None, 10).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "register.accepted").count(), 3);
        stage.send_all().await;
        assert_eq!(stage.register.batches().len(), 3, "nothing is sent twice");
    }

    async fn each_call_is_on_the_trace_of_its_case_or_on_one_of_its_own(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.register.next([Mood::Says(503, String::new())]);
        let case = stage.remove(1).await[0];
        stage.wait();
        stage.send_all().await;
        stage.wait();
        stage.send_all().await;
        let parents = stage.register.parents();
        assert_eq!(parents.len(), 2);
        assert!(parents[0].starts_with(&format!("00-{}-", Trace::of_case(case))), "{parents:?} of {case}");
        assert_eq!(parents[0], parents[1], "the same statement is the same span");

        for case in stage.world.report("more", &["item-1", "item-2"]).await {
            decide(&stage.world, case).await.unwrap();
        }
        let first = stage.all(RegisterState::Waiting).await.iter().map(|kept| kept.id).min().unwrap();
        stage.wait();
        stage.send_all().await;
        let parents = stage.register.parents();
        assert!(parents[2].starts_with(&format!("00-{}-", Trace::of_statement(first))), "{parents:?} of {first}");
    }

    async fn an_answer_that_was_lost_is_made_good_by_the_next(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(5).await;
        stage.register.next([Mood::TakesAndHangsUp, Mood::TakesAndBabbles]);
        stage.wait();
        stage.send_all().await;
        assert_eq!((stage.register.taken().len(), stage.all(RegisterState::Accepted).await.len()), (5, 0));
        stage.wait();
        // It babbles that it has them, then says so.
        stage.send_all().await;
        stage.wait();
        stage.send_all().await;
        stage.assert_all_taken(5).await;
        assert_eq!(stage.standing().await.last_error, None);
    }

    async fn some_that_it_has_already_do_not_keep_the_others_out(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(3).await;
        stage.register.next([Mood::TakesAndHangsUp]);
        stage.wait();
        stage.send_all().await;
        let case = stage.world.report("more", &["item-1", "item-2"]).await;
        for case in case {
            decide(&stage.world, case).await.unwrap();
        }
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), [3, 5, 2], "all, then what it has not");
        stage.assert_all_taken(5).await;
    }

    async fn one_bad_statement_is_rejected_in_its_words_and_the_rest_goes_through(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(4).await;
        let bad = stage.all(RegisterState::Waiting).await[1].id;
        stage.register.hate(&bad.to_string(), "The decision facts field is \u{1b}[31mugly.");
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), [4, 3]);
        let rejected = stage.all(RegisterState::Rejected).await;
        assert_eq!(rejected.len(), 1);
        assert_eq!(rejected[0].id, bad);
        let reason = rejected[0].reason.as_deref().unwrap();
        assert!(reason.starts_with("decision_facts: The decision facts field is") && !reason.contains('\u{1b}'), "{reason}");
        assert_eq!(stage.standing().await.rejected, 1);
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches().len(), 2, "it waits for a person");

        for (account, may) in [("ann", false), ("eve", false), ("oda", true)] {
            let retried = statement::retry(&stage.world.house, &who(account), &[bad]).await;
            assert_eq!(!matches!(retried, Err(Error::Refused(_))), may, "{account}");
        }
        stage.register.forgive();
        stage.send_all().await;
        stage.assert_all_taken(4).await;
    }

    async fn a_400_waits_for_a_person_and_does_not_meet_the_next_batch(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.world.house.policy.reasons.batch = 2;
        stage.remove(5).await;
        stage.register.next([Mood::Says(400, r#"{"message": "The JSON is malformed."}"#.into())]);
        stage.wait();
        stage.send_all().await;
        let rejected = stage.all(RegisterState::Rejected).await;
        assert_eq!((rejected.len(), stage.register.batches().len()), (2, 1));
        assert_eq!(rejected[0].reason.as_deref(), Some("the register answered 400: The JSON is malformed."));
        let retried: Vec<_> = ids(&rejected).into_iter().collect();
        statement::retry(&stage.world.house, &who("oda"), &retried).await.unwrap();
        stage.send_all().await;
        stage.assert_all_taken(5).await;
    }

    async fn a_422_that_names_nothing_is_halved_until_one_stands_alone(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(4).await;
        let no = || Mood::Says(422, "Unprocessable".into());
        stage.register.next([no(), no(), no()]);
        stage.wait();
        stage.send_all().await;
        assert_eq!(stage.register.batches(), [4, 2, 1, 3]);
        let rejected = stage.all(RegisterState::Rejected).await;
        assert_eq!(rejected.len(), 1);
        assert_eq!(rejected[0].reason.as_deref(), Some("the register answered 422: Unprocessable"));
        stage.assert_all_taken(3).await;
    }

    async fn a_register_that_is_busy_broken_or_silent_is_left_alone_longer_each_time(url: &str) {
        let mut stage = Stage::open(url).await;
        stage.remove(2).await;
        stage.wait();
        let waits = [
            (Mood::Busy(120), 120, "429"),
            (Mood::Says(500, "<h1>oops</h1>".into()), 10, "500: <h1>oops"),
            (Mood::Says(503, String::new()), 20, "503"),
            (Mood::Hangs, 40, "did not answer in time"),
            (Mood::Says(404, "{}".into()), 80, "JOINTFORCE_REGISTER_URL"),
            (Mood::Says(302, String::new()), 160, "JOINTFORCE_REGISTER_URL"),
        ];
        for (n, (mood, seconds, words)) in waits.into_iter().enumerate() {
            stage.register.next([mood]);
            stage.send_all().await;
            let (standing, now) = (stage.standing().await, stage.world.house.clock.now());
            let error = standing.last_error.unwrap();
            assert!(error.contains(words), "{words}: {error}");
            assert_eq!(standing.next.unwrap().since(now), seconds * Time::SECOND, "{error}");
            assert_eq!(standing.failures, i64::try_from(n).unwrap() + 1);
            stage.send_all().await;
            stage.world.pass(seconds * Time::SECOND - 1);
            stage.send_all().await;
            assert_eq!(stage.register.batches().len(), n + 1, "not before its time");
            stage.world.pass(1);
        }
        assert_eq!(stage.all(RegisterState::Waiting).await.len(), 2);
        stage.send_all().await;
        stage.assert_all_taken(2).await;
        let standing = stage.standing().await;
        assert_eq!((standing.failures, standing.next, standing.last_error), (0, None, None));
        assert_eq!(standing.accepted, Some(stage.world.house.clock.now()));
    }

    async fn a_token_that_is_refused_can_be_replaced_in_its_file_without_a_restart(url: &str) {
        let stage = Stage::open(url).await;
        stage.remove(1).await;
        stage.wait();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        std::fs::write(&file, "old-token\n").unwrap();
        let config = RegisterConfig { url: stage.register.url(), token: Token::File(file.clone()) };
        assert!(!format!("{config:?}").contains("old-token"));
        let register = sending::Register::new(config).unwrap();
        let mut sender = sending::Sender::new(register, jointforce_tests::world::World::import());
        assert!(!format!("{sender:?}").contains("token"), "{sender:?}");
        sender.send_one(&stage.world.house).await.unwrap();
        let error = stage.standing().await.last_error.unwrap();
        assert!(error.contains("401") && error.contains("JOINTFORCE_REGISTER_TOKEN_FILE") && !error.contains("old-token"), "{error}");
        std::fs::write(&file, stage.register.token()).unwrap();
        stage.world.pass(Time::HOUR);
        sender.send_one(&stage.world.house).await.unwrap();
        stage.assert_all_taken(1).await;
        std::fs::remove_file(&file).unwrap();
        decide(&stage.world, stage.world.report("x", &["item-1"]).await[0]).await.unwrap();
        stage.wait();
        sender.send_one(&stage.world.house).await.unwrap();
        assert!(stage.standing().await.last_error.unwrap().contains("token file"));
    }

    async fn two_senders_at_once_register_each_statement_once(url: &str) {
        let stage = Stage::open(url).await;
        stage.remove(120).await;
        stage.wait();
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let (house, mut sender) = (stage.world.house.clone(), sender(&stage.register, stage.register.token()));
                tokio::spawn(async move { while sender.send_one(&house).await.unwrap() {} })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        stage.assert_all_taken(120).await;
    }
}

#[test]
fn a_register_that_would_get_the_token_in_the_clear_is_refused() {
    let new = |url: &str, token: &str| {
        let config = RegisterConfig { url: url.into(), token: Token::Text(token.into()) };
        sending::Register::new(config).map(drop).map_err(|refused| refused.to_string())
    };
    for url in [
        "https://transparency.dsa.ec.europa.eu",
        "https://r.example/",
        "http://127.0.0.1:9",
        "http://[::1]:9",
        "http://localhost",
    ] {
        assert_eq!(new(url, "t"), Ok(()), "{url}");
    }
    for url in ["http://transparency.dsa.ec.europa.eu", "ftp://r.example", "", "r.example"] {
        assert!(new(url, "t").unwrap_err().contains("JOINTFORCE_REGISTER_URL"), "{url}");
    }
    for token in ["", "  ", "two words"] {
        let error = new("https://r.example", token).unwrap_err();
        assert!(error.contains("JOINTFORCE_REGISTER_TOKEN_FILE") && !error.contains("two words"), "{error}");
    }
    let file = RegisterConfig { url: "https://r.example".into(), token: Token::File("/nowhere/token".into()) };
    assert!(sending::Register::new(file).unwrap_err().to_string().contains("/nowhere/token"));
}
