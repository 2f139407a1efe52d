//! Asking rights holders: the question, the answer by command and by link, and what time does to both.

mod answers;
mod by_hand;
mod links;
mod memory;
mod silence;

use std::path::PathBuf;

use jointforce_shared::{
    commands::{
        self, Actor, House,
        authenticity::{Answered, Answering, Ask, Asked, answer, ask},
        catalogue,
        notice::Filed,
    },
    config::Places,
    domain::{
        authenticity::Answer,
        brand::{Brand, Tier},
        ids::{CaseId, RequestId},
        notice::RawNotice,
        refused::Refused,
        time::Time,
    },
    store::{
        audit,
        authenticity::{self, Request},
        cases::{self, Case},
        dossier::{self, Dossier},
        effects::{self, Entry},
    },
};
use jointforce_tests::world::{World, brand, raw, right, who};
use jointforce_worker::{
    outside::{MailRoute, OutsideConfig},
    run::{self, RunConfig},
};
use tempfile::TempDir;
use tokio::{sync::watch, task::JoinHandle};

pub const DAY: i64 = Time::DAY;

pub fn question(case: CaseId) -> Ask {
    Ask { case, version: None, template: "yours".into(), detail: String::new(), again: false }
}

/// Ann asks the brand of this case.
pub async fn asked(house: &House, case: CaseId) -> Asked {
    ask(house, &who("ann"), &question(case)).await.unwrap()
}

pub fn acme() -> Actor {
    Actor::brand(&"acme".parse().unwrap(), "portal")
}

pub async fn say(house: &House, request: RequestId, said: Answer) -> commands::Result<Answered> {
    let answering = Answering { request, answer: said, note: "so says Nora".into(), link: None, entered_by: None };
    let asked = request_of(house, request).await;
    answer(house, &Actor::brand(&asked.brand, "portal"), &answering).await
}

/// Cases of a new brand of this tier on these listings: a tier is taken from the marketplace once, and earned after that.
pub async fn reported_by(world: &World, name: &str, tier: Tier, listings: &[&str]) -> Vec<CaseId> {
    let (house, import) = (&world.house, World::import());
    catalogue::load_brands(house, &import, &[Brand { tier, ..brand(name) }]).await.unwrap();
    let right_id = format!("{name}-tm");
    catalogue::load_rights(house, &import, &[right(&right_id, name)]).await.unwrap();
    let notice = RawNotice { brand: name.into(), right: right_id, ..raw(name, listings) };
    match world.file(&[notice]).await.pop().unwrap() {
        Filed::New { cases, .. } => cases,
        other => panic!("not filed: {other:?}"),
    }
}

pub async fn case_of(house: &House, case: CaseId) -> Case {
    cases::get(&mut house.db.read().await.unwrap(), case).await.unwrap().unwrap()
}

pub async fn request_of(house: &House, request: RequestId) -> Request {
    authenticity::get(&mut house.db.read().await.unwrap(), request).await.unwrap().unwrap()
}

pub async fn dossier_of(house: &House, case: CaseId) -> Dossier {
    dossier::load(&mut house.db.read().await.unwrap(), case).await.unwrap().unwrap()
}

/// The effects whose payload holds these words, newest first.
pub async fn effects_with(house: &House, words: &str) -> Vec<Entry> {
    let all = effects::list(&mut house.db.read().await.unwrap(), None, None, 1000).await.unwrap();
    all.into_iter().filter(|entry| entry.payload.contains(words)).collect()
}

/// How often this was done to the case.
pub async fn times(house: &House, case: CaseId, action: &str) -> usize {
    let events = audit::of_case(&mut house.db.read().await.unwrap(), case).await.unwrap();
    events.iter().filter(|event| event.action == action).count()
}

/// Why it was refused; every fault has a fix.
pub fn refusal<T: std::fmt::Debug>(outcome: commands::Result<T>) -> Refused {
    match outcome {
        Err(commands::Error::Refused(refused)) => {
            assert!(refused.faults.iter().all(|fault| fault.fix.len() > 5), "{refused}");
            refused
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// A worker in this process, so that it lives by the world's clock; mail goes to `smtp`. Stopped when dropped.
pub struct Worker {
    pub folder: PathBuf,
    stop: watch::Sender<bool>,
    _running: JoinHandle<()>,
}

impl Worker {
    pub fn start(world: &World, smtp: &str) -> Self {
        let folder = TempDir::with_prefix("jf-portal-").unwrap();
        let (stop, stopped) = watch::channel(false);
        let path = folder.path().to_owned();
        let places = Places { database_url: String::new(), redis_url: None, data_dir: path.clone() };
        let default = run::embedded_config(&places);
        let outside = OutsideConfig { mail: MailRoute::Smtp(smtp.to_owned()), ..default.outside };
        let config = RunConfig { outside, ..default };
        let house = world.house.clone();
        let running = tokio::spawn(async move {
            run::run(house, config, stopped).await.unwrap();
            // It writes there until it has left.
            drop(folder);
        });
        Self { folder: path, stop, _running: running }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}
