//! Finding one's way: filters, views, the palette, as they are typed.

use jointforce_shared::{account, commands::catalogue, store::views};
use jointforce_tests::{
    pty::Terminal,
    servers::{postgres_database, sqlite_database},
    world::{World, brand, listing, right, seller},
};

use super::{Desk, LIMIT, press, see};

/// Waits until a text is not on the screen any more.
async fn gone(terminal: &Terminal, text: &str) {
    terminal.wait_for(&format!("no {text}"), |screen| !screen.contents().contains(text), LIMIT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_is_typed_completed_kept_as_a_view_and_opened_by_its_number_in_the_next_sitting() {
    let desk = Desk::on(postgres_database().await).await;
    let world = &desk.world;
    let import = World::import();
    catalogue::load_brands(&world.house, &import, &[brand("adidas")]).await.unwrap();
    catalogue::load_rights(&world.house, &import, &[right("adi-tm", "adidas")]).await.unwrap();
    catalogue::load_sellers(&world.house, &import, &[seller("air")]).await.unwrap();
    catalogue::load_listings(&world.house, &import, &[listing("air-max", "air")]).await.unwrap();
    world.report("n1", &["item-1", "air-max"]).await;

    let mut terminal = desk.sit_down(160, 30);
    see(&terminal, "trainers item-1").await;
    see(&terminal, "trainers air-max").await;
    // The queue follows what is typed.
    press(&mut terminal, "/", "Show only").await;
    press(&mut terminal, "se", "> seller:").await;
    press(&mut terminal, "<Tab>", "> seller:\"Shop air\"").await;
    terminal.send_keys("<Tab>");
    gone(&terminal, "trainers item-1").await;
    // A mistake is pointed at, in the place where it is.
    press(&mut terminal, "-helt", "-helt").await;
    press(&mut terminal, "<Enter>", "there is held").await;
    let screen = terminal.contents();
    let (line, caret) = screen.lines().zip(screen.lines().skip(1)).find(|(_, below)| below.contains('^')).unwrap();
    assert_eq!(line.find("helt"), caret.find('^'), "{screen}");
    terminal.send_keys("<C-w>");
    gone(&terminal, "helt").await;
    press(&mut terminal, "-held \"air-max\"", "-held \"air-max\"").await;
    terminal.send_keys("<Enter>");
    gone(&terminal, "Show only").await;
    see(&terminal, "trainers air-max").await;
    // Kept under 4.
    press(&mut terminal, "W", "4 keep it as 4").await;
    press(&mut terminal, "4", "What is it called?").await;
    press(&mut terminal, "the air", "> the air").await;
    press(&mut terminal, "<Enter>", "Kept as 4: the air").await;
    let mine = views::list(&mut world.house.db.read().await.unwrap(), &account::current().unwrap()).await.unwrap();
    assert_eq!((mine[0].slot, mine[0].ask.words().as_str()), (4, "seller:\"Shop air\" -held \"air-max\""));
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());

    let mut terminal = desk.sit_down(160, 30);
    see(&terminal, "trainers item-1").await;
    press(&mut terminal, "4", "queue 4 the air: seller:").await;
    gone(&terminal, "trainers item-1").await;
    press(&mut terminal, "?", "In the queue").await;
    terminal.send_keys("<Esc>");
    gone(&terminal, "In the queue").await;
    terminal.send_keys("a");
    see(&terminal, "trainers item-1").await;
    // And by name.
    press(&mut terminal, ":", "Commands").await;
    press(&mut terminal, "the air", "> 4     the air").await;
    terminal.send_keys("<Enter>");
    gone(&terminal, "trainers item-1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_menu_a_number_is_a_reason_and_no_view() {
    let desk = Desk::on(sqlite_database()).await;
    desk.world.report("n1", &["item-1", "item-2"]).await;
    let mut terminal = desk.sit_down(160, 30);
    see(&terminal, "trainers item-1").await;
    press(&mut terminal, "W", "1 keep it as 1").await;
    press(&mut terminal, "1", "What is it called?").await;
    terminal.send_keys("all");
    press(&mut terminal, "<Enter>", "Kept as 1: all").await;
    see(&terminal, "trainers item-1").await;
    press(&mut terminal, "r", "counterfeit sold").await;
    press(&mut terminal, "1", "Removed").await;
}
