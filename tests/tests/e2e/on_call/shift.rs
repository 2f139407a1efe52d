use std::{process::Command, time::Duration};

use jointforce_shared::{
    account,
    commands::{
        case::{self, Act, Request},
        operator, shift,
    },
    domain::{decision::RemoveReason, escalation::Desk, ids::CaseId, operator::Role, time::Time},
    store::effects::{self, carry},
};
use jointforce_tests::{
    programs::{self, Said},
    servers::sqlite_database,
    world::{World, who},
};

use super::{ODA_THEN_SUE, on_call, open_pages, sweep};
use crate::store::on_both;

async fn act(world: &World, case: CaseId, act: Act) {
    let request = Request { case, version: None, act, note: "see the file".into() };
    case::act(&world.house, &who("ann"), &request).await.unwrap();
}

on_both! {
    async fn a_shift_hands_over_what_waits(url: &str) {
        let world = World::with_set_clock(url).await;
        on_call(&world).await;
        let items = ["item-1", "item-2", "item-3", "item-4"];
        let cases = world.report("n1", &items).await;
        act(&world, cases[3], Act::Remove(RemoveReason::CounterfeitListing)).await;
        let mut tx = world.house.db.write().await.unwrap();
        let removal = effects::of_case(&mut tx, cases[3]).await.unwrap()[0].id;
        let dead = carry::Next::Dead(world.house.clock.now());
        carry::fail_inside(&mut tx, removal, "the index is broken", dead).await.unwrap();
        tx.commit().await.unwrap();
        // Filed a day before: 1 to 3 are due soon, then late.
        world.pass(23 * Time::HOUR + 30 * Time::MINUTE);
        let later = world.report("n2", &["item-5"]).await[0];
        act(&world, cases[0], Act::Escalate { desk: Desk::Legal, urgent: true }).await;
        act(&world, cases[1], Act::Hold { span: Duration::from_secs(7200), reason: "asked Lea".into() }).await;
        sweep(&world.house).await;
        let note = shift::note(&world.house, None).await.unwrap();
        assert_eq!(note.who.as_ref().unwrap().as_str(), "oda");
        assert!(note.since < note.at && note.at.since(note.since) < Time::DAY);
        let ids = |waiting: &[jointforce_shared::domain::shift::Waiting]| {
            let mut ids: Vec<CaseId> = waiting.iter().map(|case| case.case).collect();
            ids.sort();
            ids
        };
        let sorted = |mut ids: Vec<CaseId>| {
            ids.sort();
            ids
        };
        assert_eq!((note.late.len(), note.late_in_shift), (0, 0));
        assert_eq!(ids(&note.near), sorted(vec![cases[0], cases[2]]));
        assert_eq!(ids(&note.held), [cases[1]]);
        assert_eq!(note.held[0].held.as_ref().unwrap().2, "asked Lea");
        assert_eq!(ids(&note.escalated), [cases[0]]);
        assert_eq!((note.dead.len(), note.dead[0].why.as_str()), (1, "the index is broken"));
        assert!(note.stuck > 0, "nobody carries out the seller's level");
        assert_eq!(note.pages.len(), open_pages(&world).await.len());
        assert_eq!(note.pages.len(), 4, "two deadlines, an escalation, dead effects: {:#?}", note.pages);
        assert_eq!((note.raised, note.resolved), (4, 0));

        world.pass(Time::HOUR);
        let note = shift::note(&world.house, Some(Time(world.house.clock.now().0 - 2 * Time::HOUR))).await.unwrap();
        assert_eq!(ids(&note.late), sorted(cases[..3].to_vec()));
        assert_eq!(note.late_in_shift, 3);
        assert!(!ids(&note.near).contains(&later));
        assert!(note.lines().iter().any(|line| line.contains("held by ann for another 1h00m: asked Lea")));
    }
}

fn worker(url: &str, args: &[&str]) -> Command {
    let mut command = programs::worker();
    command.args(args).env("DATABASE_URL", url);
    command
}

async fn said(url: &str, args: &[&str], input: &str) -> Said {
    programs::run(worker(url, args), input).await
}

#[tokio::test]
async fn the_command_line_loads_a_rota_answers_pages_and_prints_the_note() {
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    let (url, me) = (database.url.as_str(), account::current().unwrap());
    operator::add(&world.house, &who("adam"), me.clone(), "Me", Role::Admin).await.unwrap();

    let none = said(url, &["rota", "now"], "").await;
    assert_eq!(none.code, 65, "{none:?}");
    assert!(none.error.contains("none was loaded yet"), "{none:?}");
    let hole =
        said(url, &["rota", "check", "-"], &ODA_THEN_SUE.replacen(r#""to": "00:00""#, r#""to": "23:45""#, 1)).await;
    assert_eq!(hole.code, 65);
    assert!(
        hole.error.contains("nobody is on call at level 1 from Wed 2020-01-01 23:45 (UTC) until Thu 2020-01-02 00:00"),
        "{hole:?}"
    );
    assert!(said(url, &["rota", "load", "-"], "{").await.error.contains("rota: -: EOF"), "what is no JSON");
    assert_eq!(said(url, &["rota", "load", "-"], ODA_THEN_SUE).await.code, 0);
    let now = said(url, &["rota", "now"], "").await;
    assert!(now.code == 0 && now.output.contains("level 1  oda <oda@market.example> until "), "{now:?}");
    let shown = said(url, &["rota", "show", "--json"], "").await;
    assert_eq!(super::read(&shown.output), super::read(ODA_THEN_SUE));
    assert_eq!(
        said(url, &["rota", "show", "--days", "1"], "")
            .await
            .output
            .lines()
            .filter(|line| line.ends_with("sue"))
            .count(),
        2
    );

    assert_eq!(said(url, &["desks", "set", "bob", "legal", "safety"], "").await.output, "bob sits at: legal, safety\n");
    assert!(said(url, &["desks", "list"], "").await.output.contains("brand_relations  nobody"));

    let case = world.report("n1", &["item-1"]).await[0];
    act(&world, case, Act::Escalate { desk: Desk::Safety, urgent: true }).await;
    let id = open_pages(&world).await[0].id.to_string();
    let refused = said(url, &["pages", "ack", &id], "").await;
    assert_eq!(refused.code, 77, "an admin who is not on call: {refused:?}");
    operator::add(&world.house, &who("adam"), me, "Me", Role::OnCall).await.unwrap();
    assert_eq!(said(url, &["pages", "ack", &id], "").await.output, format!("{id} acknowledged\n"));
    assert!(said(url, &["pages", "list"], "").await.output.contains("is on it"));
    let note = said(url, &["shift", "note", "--json"], "").await;
    let note: serde_json::Value = serde_json::from_str(&note.output).unwrap();
    assert_eq!((note["escalated"][0]["desk"].as_str(), note["who"].as_str()), (Some("safety"), Some("oda")));
    assert_eq!(said(url, &["pages", "resolve", &id], "").await.output, format!("{id} resolved\n"));
    assert_eq!(said(url, &["pages", "list"], "").await.output, "");
    assert!(said(url, &["shift", "note"], "").await.output.contains("1 raised, 1 ended in this shift"));
}

#[tokio::test]
async fn a_worker_with_a_key_that_cannot_be_read_does_not_start() {
    let database = sqlite_database();
    World::new(&database.url).await;
    let mut command = worker(&database.url, &["run"]);
    command.env("PAGERDUTY_KEY_FILE", "/nowhere/key");
    let said = programs::run(command, "").await;
    assert_eq!(said.code, 78, "{said:?}");
    assert!(said.error.contains("pagerduty: /nowhere/key can't be read"), "{said:?}");
}
