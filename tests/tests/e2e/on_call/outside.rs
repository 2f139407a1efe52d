//! Pages on their ways out, to receivers that check what they get.

use std::{sync::Arc, time::Duration};

use jointforce_shared::{
    commands::page::{self, Raise},
    domain::{
        effect::{EffectState, Lane},
        ids::{EffectId, PageId},
        page::{PageKind, Severity},
        time::Time,
        trace::Trace,
    },
    store::effects::{self, carry},
};
use jointforce_tests::{
    alerts::{alerts, incidents, on_path},
    hooks::{Answer, Hooks},
    mail::Mailbox,
    servers::sqlite_database,
    wait::SOON,
    world::{World, who},
};
use jointforce_worker::{
    bell::Ring,
    carry_out::Carrier,
    outside::{Alertmanager, MailRoute, Outside, OutsideConfig, PagerConfig, PagerDuty, Range},
};

use super::{all_pages, on_call, open_pages, sweep, worker};

const KEY: &str = "R0UT1NGK3YR0UT1NGK3YR0UT1NGK3Y00";

/// Everything outside the house, and the worker's hands.
pub struct Doors {
    pub mail: Mailbox,
    pub hooks: Hooks,
    outside: Arc<Outside>,
}

impl Doors {
    pub async fn open() -> Self {
        let (mail, hooks) = (Mailbox::start().await, Hooks::start().await);
        hooks.answer_always(Answer::Status(202));
        let config = OutsideConfig {
            mail: MailRoute::Smtp(mail.url()),
            mail_from: "Joint Force <takedowns@market.example>".into(),
            marketplace: None,
            pager: PagerConfig {
                pager_duty: Some(PagerDuty { url: hooks.url("/v2/enqueue"), routing_key: KEY.into() }),
                alertmanager: Some(Alertmanager { url: hooks.url("/alerts"), token: Some("t0ken".into()) }),
            },
            timeout: OutsideConfig::TIMEOUT,
            webhook_allow: vec![Range::LOOPBACK],
        };
        Self { outside: Arc::new(Outside::new(config).unwrap()), mail, hooks }
    }

    fn carrier(&self, world: &World) -> Carrier {
        Carrier { house: world.house.clone(), outside: self.outside.clone(), name: "worker:test".into() }
    }

    /// Carries out everything that is due, until nothing is.
    pub async fn carry(&self, world: &World) {
        let carrier = self.carrier(world);
        loop {
            let mut rung = 0;
            for lanes in [Lane::INSIDE, Lane::OUTSIDE] {
                let now = world.house.clock.now();
                let due = carry::due(&mut world.house.db.read().await.unwrap(), lanes, now, 100).await.unwrap();
                rung += due.len();
                if lanes == Lane::INSIDE {
                    carrier.inside(ring(&due)).await;
                } else {
                    carrier.outside(ring(&due)).await;
                }
            }
            if rung == 0 {
                return;
            }
        }
    }

    /// Every message and every body that left the house.
    pub fn everything(&self) -> Vec<String> {
        let mails = self.mail.taken().into_iter().map(|mail| mail.message);
        let calls = self.hooks.received().into_iter().map(|call| String::from_utf8_lossy(&call.body).into_owned());
        mails.chain(calls).collect()
    }
}

fn ring(ids: &[EffectId]) -> Ring {
    Ring::new(ids.iter().map(ToString::to_string).collect())
}

async fn raise(world: &World) -> PageId {
    let raise = Raise {
        kind: PageKind::Breaker,
        key: "breaker:acme".into(),
        summary: "acme's automatic removals were stopped".into(),
        subject: "brand:acme".into(),
        case: None,
        severity: Severity::Error,
        level: 1,
    };
    let mut tx = world.house.db.write().await.unwrap();
    let id = page::raise(&mut tx, &world.house, &worker(), &raise).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    id
}

async fn stage() -> (World, Doors, jointforce_tests::servers::Database) {
    let database = sqlite_database();
    let world = World::with_set_clock(&database.url).await;
    on_call(&world).await;
    (world, Doors::open().await, database)
}

#[tokio::test]
async fn a_page_is_triggered_climbs_is_acknowledged_and_resolved_on_every_way() {
    let (world, doors, _database) = stage().await;
    let id = raise(&world).await;
    doors.carry(&world).await;
    let key = format!("jointforce:{id}");
    let pager_duty = || incidents(&on_path(&doors.hooks, "/v2/enqueue"), KEY);
    assert_eq!(pager_duty().get(&key), Some(&"triggered"));
    assert_eq!(alerts(&on_path(&doors.hooks, "/alerts")).into_values().collect::<Vec<_>>(), [true]);
    assert_eq!(on_path(&doors.hooks, "/alerts")[0].header("authorization"), "Bearer t0ken");
    for path in ["/alerts", "/v2/enqueue"] {
        let parent = on_path(&doors.hooks, path)[0].header("traceparent").to_owned();
        assert!(parent.starts_with(&format!("00-{}-", Trace::of_page(id))), "{parent}");
    }
    let mail = doors.mail.taken().pop().unwrap();
    assert_eq!(mail.to, ["oda@market.example"]);
    assert_eq!(mail.header("subject").unwrap(), "[error] acme's automatic removals were stopped");
    assert!(mail.body().contains(&format!("jointforce-worker pages ack {id}")), "{}", mail.body());

    world.pass(5 * Time::MINUTE);
    sweep(&world.house).await;
    doors.carry(&world).await;
    assert_eq!(doors.mail.taken().pop().unwrap().to, ["sue@market.example"]);
    assert!(doors.mail.taken()[1].body().contains("nobody below you has answered"));
    let triggers = on_path(&doors.hooks, "/v2/enqueue");
    assert_eq!(triggers[1].json()["payload"]["custom_details"]["level"], 2);

    page::acknowledge(&world.house, &who("sue"), id).await.unwrap();
    doors.carry(&world).await;
    assert_eq!(pager_duty().get(&key), Some(&"acknowledged"));
    page::resolve(&world.house, &who("sue"), id).await.unwrap();
    doors.carry(&world).await;
    assert_eq!(pager_duty().get(&key), Some(&"resolved"));
    assert_eq!(alerts(&on_path(&doors.hooks, "/alerts")).into_values().collect::<Vec<_>>(), [false]);
    assert_eq!(doors.mail.taken().len(), 2, "nobody is mailed about an end");
    assert_eq!(effects_in(&world, EffectState::Done).await, 3 + 3 + 2 + 2);
}

async fn effects_in(world: &World, state: EffectState) -> usize {
    effects::list(&mut world.house.db.read().await.unwrap(), Some(state), None, 1000).await.unwrap().len()
}

#[tokio::test]
async fn what_was_resolved_before_it_could_be_told_is_never_triggered() {
    let (world, doors, _database) = stage().await;
    doors.hooks.answer_always(Answer::Status(503));
    let id = raise(&world).await;
    doors.carry(&world).await;
    page::resolve(&world.house, &who("oda"), id).await.unwrap();
    doors.hooks.answer_always(Answer::Status(202));
    let before = on_path(&doors.hooks, "/v2/enqueue").len();
    world.pass(Time::HOUR);
    doors.carry(&world).await;
    let events = on_path(&doors.hooks, "/v2/enqueue");
    assert!(events.len() > before && events[before..].iter().all(|event| event.json()["event_action"] == "resolve"));
}

#[tokio::test]
async fn a_page_that_changes_while_it_is_told_is_told_again() {
    let (world, doors, _database) = stage().await;
    let id = raise(&world).await;
    doors.hooks.answer_next(2, Answer::Later(202));
    let (slow, all) = (doors.carrier(&world), world.clone());
    let telling = tokio::spawn(async move {
        let now = all.house.clock.now();
        let due = carry::due(&mut all.house.db.read().await.unwrap(), Lane::OUTSIDE, now, 100).await.unwrap();
        slow.outside(ring(&due)).await;
    });
    doors.hooks.wait_for(2, SOON).await;
    // Both triggers are on their way; the other side hears of the end first.
    page::resolve(&world.house, &who("oda"), id).await.unwrap();
    doors.carry(&world).await;
    doors.hooks.let_go(2);
    telling.await.unwrap();
    assert_eq!(effects_in(&world, EffectState::Due).await, 2, "so the end is told once more");
    world.pass(Time::HOUR);
    doors.carry(&world).await;
    let actions: Vec<_> =
        on_path(&doors.hooks, "/v2/enqueue").iter().map(|event| event.json()["event_action"].clone()).collect();
    assert_eq!(actions, ["trigger", "resolve", "resolve"]);
    assert_eq!(alerts(&on_path(&doors.hooks, "/alerts")).into_values().collect::<Vec<_>>(), [false]);
}

#[tokio::test]
async fn a_wrong_key_is_for_a_person_and_calls_somebody_by_mail() {
    let (world, doors, _database) = stage().await;
    doors.hooks.answer_always(Answer::Status(400));
    raise(&world).await;
    doors.carry(&world).await;
    let dead =
        effects::list(&mut world.house.db.read().await.unwrap(), Some(EffectState::Dead), None, 10).await.unwrap();
    assert_eq!(dead.len(), 2);
    for effect in &dead {
        let why = effect.last_error.as_deref().unwrap();
        assert!(why.contains("answered 400: check its key") && !why.contains(KEY) && !why.contains("t0ken"), "{why}");
    }
    sweep(&world.house).await;
    doors.carry(&world).await;
    assert_eq!(
        doors.mail.taken().last().unwrap().header("subject").unwrap(),
        "[error] 2 effects of decisions are dead: nobody carries them out any more"
    );
    sweep(&world.house).await;
    assert_eq!(
        (open_pages(&world).await.len(), all_pages(&world).await.len()),
        (2, 2),
        "and not once more about its own"
    );
}

#[tokio::test]
async fn without_a_rota_or_another_way_a_page_is_only_in_the_console() {
    let database = sqlite_database();
    let world = World::with_set_clock(&database.url).await;
    let mail = Mailbox::start().await;
    let config = OutsideConfig {
        mail: MailRoute::Smtp(mail.url()),
        mail_from: "takedowns@market.example".into(),
        marketplace: None,
        pager: PagerConfig::default(),
        timeout: Duration::from_secs(5),
        webhook_allow: vec![],
    };
    let doors = Doors { outside: Arc::new(Outside::new(config).unwrap()), mail, hooks: Hooks::start().await };
    raise(&world).await;
    doors.carry(&world).await;
    assert_eq!((doors.everything().len(), effects_in(&world, EffectState::Done).await), (0, 3));
    assert_eq!(open_pages(&world).await.len(), 1);
}
