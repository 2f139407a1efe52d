//! Being on call: the rota, pages before deadlines break, climbing, desks and notes.

mod desks;
mod notes;
mod outside;
mod pages;
mod rota;
mod shift;

use jointforce_shared::{
    commands::{self, Actor, Error, House},
    domain::{page::Page, rota::Rota},
    store,
};
use jointforce_tests::world::{World, who};

/// Two levels, each all the time: oda first, sue behind her.
const ODA_THEN_SUE: &str = r#"{
    "zone": "UTC", "starts": "2020-01-01",
    "people": {"oda": "oda@market.example", "sue": "sue@market.example"},
    "levels": [
        [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "00:00", "who": ["oda"]}],
        [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "from": "00:00", "to": "00:00", "who": ["sue"]}]
    ]
}"#;

fn read(text: &str) -> Rota {
    serde_json::from_str(text).unwrap()
}

async fn on_call(world: &World) {
    commands::rota::load(&world.house, &who("adam"), &read(ODA_THEN_SUE)).await.unwrap();
}

fn worker() -> Actor {
    Actor::program("worker:test")
}

/// Everything that time does to pages, once.
async fn sweep(house: &House) {
    use commands::sweep::on_call;
    on_call::page_deadlines(house, &worker()).await.unwrap();
    on_call::watch_ledger(house, &worker()).await.unwrap();
    on_call::watch_rota(house, &worker()).await.unwrap();
    on_call::climb(house, &worker()).await.unwrap();
    on_call::end_handled(house, &worker()).await.unwrap();
}

async fn open_pages(world: &World) -> Vec<Page> {
    store::pages::open(&mut world.house.db.read().await.unwrap(), 100).await.unwrap()
}

async fn all_pages(world: &World) -> Vec<Page> {
    store::pages::list(&mut world.house.db.read().await.unwrap(), None, 100).await.unwrap()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Refused(refused)) => refused.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}
