//! The numbers of policy: changed as a whole, on the record, and in force without a restart.

use std::{fs, path::Path, process::Command};

use jointforce_shared::{
    account,
    commands::{
        Error, House, approval, operator,
        policy::{self, Changed, NewPolicy},
    },
    domain::{operator::Role, policy::Policy},
    store::{audit, policies},
};
use jointforce_tests::{
    programs::{self, Running, Said},
    wait::SOON,
    world::{World, who},
};

use crate::store::on_both;

fn set(values: &[(&str, &str)]) -> NewPolicy {
    NewPolicy::Set(values.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect())
}

async fn refused(house: &House, account: &str, new: &NewPolicy, reason: &str) -> String {
    match policy::change(house, &who(account), new, reason).await {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

fn worker(url: &str, arguments: &[&str]) -> Command {
    let mut command = programs::worker();
    command.args(arguments).env("DATABASE_URL", url);
    command
}

async fn must(url: &str, arguments: &[&str]) -> String {
    let Said { code, output, error } = programs::run(worker(url, arguments), "").await;
    assert_eq!(code, 0, "{arguments:?}: {output}{error}");
    output
}

/// The world, with whoever runs the tests as admin.
async fn world(url: &str) -> World {
    let world = World::new(url).await;
    operator::add(&world.house, &World::import(), account::current().unwrap(), "Me", Role::Admin).await.unwrap();
    world
}

on_both! {
    async fn a_policy_is_changed_as_a_whole_by_an_admin_and_on_the_record(url: &str) {
        let world = World::new(url).await;
        let new = set(&[("grace", "5s"), ("batch_max", "20")]);
        for account in ["ann", "sue", "oda", "eve"] {
            assert!(refused(&world.house, account, &new, "faster").await.contains("may not manage policy"));
        }
        assert!(refused(&world.house, "adam", &new, "  ").await.starts_with("reason"));
        assert!(refused(&world.house, "adam", &set(&[("grace", "10 s")]), "same").await.contains("in force already"));
        let half = set(&[("grace", "5 s"), ("attempts_max", "0")]);
        assert!(refused(&world.house, "adam", &half, "half wrong").await.starts_with("attempts_max: 0 attempts"));

        let mut old = world.house.clone();
        assert!(!old.refresh().await.unwrap(), "nothing was changed by what was refused");
        let Changed { version, changes, .. } = policy::change(&world.house, &who("adam"), &new, "faster").await.unwrap();
        assert_eq!((version, changes.len()), (1, 2));
        assert!(old.refresh().await.unwrap());
        assert!(!old.refresh().await.unwrap());
        assert_eq!((old.policy.grace.as_secs(), old.policy.batch_max, old.policy_version), (5, 20, 1));
        assert_eq!(House::open(world.house.db.clone()).await.unwrap().policy, old.policy);

        let events = audit::newest(&mut world.house.db.read().await.unwrap(), None, 1).await.unwrap();
        assert_eq!((events[0].actor.as_str(), events[0].action.as_str()), ("adam", "policy.changed"));
        assert_eq!(events[0].body["changes"][1]["was"], "10 s");
    }

    async fn the_automatic_path_is_switched_off_by_one_admin_and_on_by_two(url: &str) {
        let World { house, .. } = &World::new(url).await;
        let (off, on) = (set(&[("automatic.on", "false")]), set(&[("automatic.on", "true"), ("grace", "5 s")]));
        let is_on = async || House::open(house.db.clone()).await.unwrap().policy.automatic.on;
        assert_eq!(policy::change(house, &who("adam"), &off, "a flood of fakes").await.unwrap().waits, None);
        assert!(!is_on().await);

        let asked = policy::change(house, &who("adam"), &on, "it is over").await.unwrap().waits.expect("it takes two");
        assert!(!is_on().await, "nobody has agreed yet");
        let own = approval::approve(house, &who("adam"), asked.approval, "").await.unwrap_err();
        assert!(own.to_string().contains("admin may not approve"), "{own}");
        // The policy that was asked for was made of another one.
        policy::change(house, &who("adam"), &set(&[("batch_max", "20")]), "smaller").await.unwrap();
        let late = approval::approve(house, &who("sue"), asked.approval, "").await.unwrap_err();
        assert!(late.to_string().contains("the policy changed"), "{late}");

        let asked = policy::change(house, &who("adam"), &on, "it is over").await.unwrap().waits.expect("it takes two");
        let done = approval::approve(house, &who("sue"), asked.approval, "").await.unwrap();
        assert_eq!(done.words, "change the policy: automatic.on: false -> true; grace: 10 s -> 5 s");
        let Policy { automatic, grace, batch_max, .. } = House::open(house.db.clone()).await.unwrap().policy;
        assert!(automatic.on && grace.as_secs() == 5 && batch_max == 20);
        let newest = policies::newest(&mut house.db.read().await.unwrap()).await.unwrap().unwrap();
        assert_eq!((newest.version, newest.by.as_str(), newest.reason.as_str()), (3, "adam", "it is over"));
        let events = audit::newest(&mut house.db.read().await.unwrap(), None, 2).await.unwrap();
        let changed = events.iter().find(|event| event.action == "policy.changed").unwrap();
        assert_eq!((changed.actor.as_str(), changed.body["approved_by"].as_str()), ("adam", Some("sue")));
    }

    async fn changes_made_at_once_are_all_kept(url: &str) {
        let world = World::new(url).await;
        let fields = ["unverified", "standard", "good_faith", "joint_force", "trusted_flagger", "suspended"];
        let changed = fields.map(|tier| {
            let house = world.house.clone();
            tokio::spawn(async move {
                let new = set(&[(&format!("tiers.{tier}.listings_a_notice"), "7")]);
                policy::change(&house, &who("adam"), &new, "all at once").await.unwrap().version
            })
        });
        let mut versions = vec![];
        for change in changed {
            versions.push(change.await.unwrap());
        }
        versions.sort_unstable();
        assert_eq!(versions, [1, 2, 3, 4, 5, 6]);
        let house = House::open(world.house.db.clone()).await.unwrap();
        assert_eq!(house.policy.overrides()["tiers"].as_object().unwrap().len(), 6);
    }

    async fn a_running_worker_takes_the_new_policy_without_a_restart(url: &str) {
        let world = world(url).await;
        let folder = tempfile::tempdir().unwrap();
        let mut command = worker(url, &["run"]);
        command.env("SMTP_URL", "smtp://127.0.0.1:9").env("JOINTFORCE_DATA_DIR", folder.path());
        let mut running = Running::start(&command);
        running.wait_for_output("started", SOON).await;
        policy::change(&world.house, &who("adam"), &set(&[("grace", "1 s")]), "test").await.unwrap();
        running.wait_for_output("the policy changed", SOON).await;
    }

    async fn an_admin_reads_checks_and_changes_it_on_the_command_line(url: &str) {
        let _world = world(url).await;
        let wrong = programs::run(worker(url, &["policy", "set", "tiers.standard.slaa=1 h", "--reason", "r"]), "").await;
        assert_eq!(wrong.code, 65, "{wrong:?}");
        assert!(wrong.error.contains("Did you mean tiers.standard.sla?"), "{wrong:?}");

        let done = must(url, &["policy", "set", "tiers.standard.sla=2 working days", "--reason", "more staff"]).await;
        assert_eq!(done, "tiers.standard.sla: 3 working days -> 2 working days\nversion 1 is in force\n");
        let shown = must(url, &["policy", "show", "tiers.standard", "--origin"]).await;
        assert!(shown.contains("more staff)\n") && shown.contains("(default)\n"), "{shown}");

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("policy.json");
        fs::write(&file, must(url, &["policy", "show", "--json"]).await).unwrap();
        let path = |file: &Path| file.to_str().unwrap().to_owned();
        assert!(must(url, &["policy", "check", &path(&file)]).await.ends_with("it would change 0 fields\n"));
        fs::write(&file, r#"{"grace": "3 s"}"#).unwrap();
        let checked = must(url, &["policy", "check", &path(&file)]).await;
        assert!(checked.contains("2 working days -> 3 working days") && checked.contains("10 s -> 3 s"), "{checked}");
        must(url, &["policy", "load", &path(&file), "--reason", "from the file"]).await;
        let history = must(url, &["policy", "history"]).await;
        assert!(history.starts_with("version 2 ") && history.contains("\nversion 1 "), "{history}");

        fs::write(&file, r#"{"calendar": {"hours": {"mon": null, "tue": null, "wed": null, "thu": null, "fri": null}}}"#)
            .unwrap();
        let idle = programs::run(worker(url, &["policy", "check", &path(&file)]), "").await;
        assert!(idle.code == 65 && idle.error.contains("nobody ever works"), "{idle:?}");
        fs::write(&file, "{").unwrap();
        let broken = programs::run(worker(url, &["policy", "check", &path(&file)]), "").await;
        assert!(broken.code == 65 && broken.error.contains("it is no JSON"), "{broken:?}");
    }
}
