//! Clearing the queue by keyboard.

use super::{Desk, LIMIT, press, see};
use jointforce_shared::{
    commands::case,
    domain::{effect::EffectState, listing::ListingState},
    store::{cases, effects, listings},
};
use jointforce_tests::{
    servers::{postgres_database, sqlite_database},
    wait::until,
    world::{World, listing_id, who},
};
use nix::sys::signal::Signal;

impl Desk {
    async fn listing_state(&self, id: &str) -> ListingState {
        let mut conn = self.world.house.db.read().await.unwrap();
        listings::at_version(&mut conn, &listing_id(id), 1).await.unwrap().unwrap().state
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_keys_remove_a_case_and_the_embedded_worker_carries_it_out() {
    let desk = Desk::on(sqlite_database()).await;
    desk.world.report("n1", &["item-1"]).await;
    let mut terminal = desk.sit_down(120, 30);
    see(&terminal, "ACME style trainers item-1").await;
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "Removed").await;
    until(LIMIT, "the listing is down after the grace window", async || {
        desk.listing_state("item-1").await == ListingState::Removed
    })
    .await;
    let mails = || std::fs::read_dir(desk.data.path().join("mail")).map_or(0, Iterator::count);
    until(LIMIT, "the receipt, the outcome and the statement of reasons are written", async || mails() >= 3).await;
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());
    assert!(terminal.is_restored());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn undo_inside_the_window_brings_the_case_back() {
    let desk = Desk::on(sqlite_database()).await;
    let case = desk.world.report("n1", &["item-1"]).await[0];
    let mut terminal = desk.sit_down(120, 30);
    see(&terminal, "ACME style trainers item-1").await;
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "Removed").await;
    press(&mut terminal, "u", "Taken back").await;
    see(&terminal, "ACME style trainers item-1").await;
    let mut conn = desk.world.house.db.read().await.unwrap();
    let of_case = effects::of_case(&mut conn, case).await.unwrap();
    assert!(of_case.iter().any(|e| e.kind == "remove_listing" && e.state == EffectState::Cancelled), "{of_case:#?}");
    assert_eq!(desk.listing_state("item-1").await, ListingState::Live);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_that_somebody_is_on_is_shown_as_theirs_and_can_not_be_decided() {
    let desk = Desk::on(postgres_database().await).await;
    let case = desk.world.report("n1", &["item-1"]).await[0];
    case::lease(&desk.world.house, &who("ann"), &[case]).await.unwrap();
    let mut terminal = desk.sit_down(120, 30);
    see(&terminal, "ACME style trainers item-1").await;
    terminal.wait_for_text("@ann", LIMIT).await;
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "ann is on it").await;
    assert_eq!(desk.listing_state("item-1").await, ListingState::Live);
    let mut conn = desk.world.house.db.read().await.unwrap();
    assert!(effects::of_case(&mut conn, case).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_consoles_on_one_case_one_decides_and_the_other_is_told() {
    let desk = Desk::on(postgres_database().await).await;
    let case = desk.world.report("n1", &["item-1"]).await[0];
    let (mut left, mut right) = (desk.sit_down(120, 30), desk.sit_down(120, 30));
    for terminal in [&mut left, &mut right] {
        see(terminal, "ACME style trainers item-1").await;
        press(terminal, "r", "counterfeit sold").await;
    }
    left.send_keys("1");
    right.send_keys("2");
    for terminal in [&left, &right] {
        terminal
            .wait_for(
                "an answer",
                |screen| {
                    let text = screen.contents();
                    text.contains("already decided")
                        || text.contains("changed since")
                        || !text.contains("trainers item-1")
                        || text.contains("Removed")
                },
                LIMIT,
            )
            .await;
    }
    until(LIMIT, "one decision is stored", async || {
        let mut conn = desk.world.house.db.read().await.unwrap();
        !effects::of_case(&mut conn, case).await.unwrap().is_empty()
    })
    .await;
    let mut conn = desk.world.house.db.read().await.unwrap();
    let removals = effects::of_case(&mut conn, case).await.unwrap();
    assert_eq!(removals.iter().filter(|e| e.kind == "remove_listing").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn against_a_server_the_console_carries_nothing_out_itself() {
    let desk = Desk::on(postgres_database().await).await;
    let case = desk.world.report("n1", &["item-1"]).await[0];
    let mut terminal = desk.sit_down(120, 30);
    see(&terminal, "ACME style trainers item-1").await;
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "Removed").await;
    terminal.send_keys("q");
    terminal.wait_for_end(LIMIT).await;
    let mut conn = desk.world.house.db.read().await.unwrap();
    assert!(effects::of_case(&mut conn, case).await.unwrap().iter().all(|e| e.state == EffectState::Due));
    let workers = jointforce_shared::store::leases::workers(&mut conn).await.unwrap();
    assert!(workers.is_empty(), "{workers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_is_decided_only_when_its_count_is_typed() {
    let desk = Desk::on(sqlite_database()).await;
    desk.world.report("n1", &["item-1", "item-2", "item-3"]).await;
    let mut terminal = desk.sit_down(120, 30);
    see(&terminal, "Shop shop").await;
    terminal.send_keys("v");
    terminal.send_keys("jv");
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "2").await;
    terminal.send_keys("<Enter>");
    tokio::time::sleep(super::SEEN).await;
    let decided = async || {
        let mut conn = desk.world.house.db.read().await.unwrap();
        effects::list(&mut conn, None, None, 100).await.unwrap().iter().filter(|e| e.kind == "remove_listing").count()
    };
    assert_eq!(decided().await, 0, "Enter alone decides nothing");
    if !terminal.contents().contains("Type") {
        press(&mut terminal, "r", "counterfeit sold").await;
        terminal.send_keys("1");
    }
    terminal.send_keys("2<Enter>");
    until(LIMIT, "both are decided", async || decided().await == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_terminal_is_given_back_however_the_console_ends() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let desk = Desk::on(sqlite_database()).await;
        let case = desk.world.report("n1", &["item-1"]).await[0];
        let mut terminal = desk.sit_down(120, 30);
        see(&terminal, "ACME style trainers item-1").await;
        press(&mut terminal, "<Enter>", "Claimed by").await;
        until(LIMIT, "the case is leased", async || {
            let mut conn = desk.world.house.db.read().await.unwrap();
            cases::get(&mut conn, case).await.unwrap().unwrap().lease.is_some()
        })
        .await;
        terminal.signal(signal);
        let status = terminal.wait_for_end(LIMIT).await;
        assert!(status.success(), "{signal}: {status:?}");
        assert!(terminal.is_restored(), "{signal}");
        let leased = case::lease(&desk.world.house, &who("ann"), &[case]).await.unwrap();
        assert_eq!(leased, [case], "{signal}: the lease was given back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_title_is_shown_and_does_nothing() {
    use jointforce_shared::commands::catalogue;
    let desk = Desk::on(sqlite_database()).await;
    let mut hostile = jointforce_tests::world::listing("item-1", "shop");
    hostile.content.title = "\u{1b}]0;owned\u{7}\u{1b}[2J evil \u{202e}desrever".into();
    catalogue::load_listings(&desk.world.house, &World::import(), &[hostile]).await.unwrap();
    desk.world.report("n1", &["item-1"]).await;
    let terminal = desk.sit_down(120, 30);
    terminal.wait_for_text("‹U+001B›", LIMIT).await;
    let raw = String::from_utf8_lossy(&terminal.raw()).into_owned();
    assert!(!raw.contains("]0;owned\u{7}") && !raw.contains('\u{202e}'), "the escape sequence reached the terminal");
}
