//! Finding one's way: filters, views, the palette, as they are typed.

use jointforce_shared::{account, commands::catalogue, store::views};
use jointforce_tests::{
    pty::Terminal,
    servers::{postgres_database, sqlite_database},
    world::{World, brand, listing, right, seller},
};
use tempfile::TempDir;

use super::{LIMIT, command, hire_me, see};

/// Waits until a text is not on the screen any more.
async fn gone(terminal: &Terminal, text: &str) {
    terminal.wait_for(&format!("no {text}"), |screen| !screen.contents().contains(text), LIMIT).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filter_is_typed_completed_kept_as_a_view_and_opened_by_its_number_in_the_next_sitting() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    let import = World::import();
    catalogue::load_brands(&world.house, &import, &[brand("adidas")]).await.unwrap();
    catalogue::load_rights(&world.house, &import, &[right("adi-tm", "adidas")]).await.unwrap();
    catalogue::load_sellers(&world.house, &import, &[seller("air")]).await.unwrap();
    catalogue::load_listings(&world.house, &import, &[listing("air-max", "air")]).await.unwrap();
    world.report("n1", &["item-1", "air-max"]).await;
    let data = TempDir::new().unwrap();

    let mut terminal = Terminal::start(&command(&database, &data), 160, 30);
    see(&terminal, "trainers item-1").await;
    see(&terminal, "trainers air-max").await;
    // The queue follows what is typed.
    terminal.send_keys("/");
    terminal.wait_for_text("Show only", LIMIT).await;
    terminal.send_keys("se");
    terminal.wait_for_text("> seller:", LIMIT).await;
    terminal.send_keys("<Tab>");
    terminal.wait_for_text("> seller:\"Shop air\"", LIMIT).await;
    terminal.send_keys("<Tab>");
    gone(&terminal, "trainers item-1").await;
    // A mistake is pointed at, in the place where it is.
    terminal.send_keys("-helt");
    terminal.wait_for_text("-helt", LIMIT).await;
    terminal.send_keys("<Enter>");
    terminal.wait_for_text("there is held", LIMIT).await;
    let screen = terminal.contents();
    let (line, caret) = screen.lines().zip(screen.lines().skip(1)).find(|(_, below)| below.contains('^')).unwrap();
    assert_eq!(line.find("helt"), caret.find('^'), "{screen}");
    terminal.send_keys("<C-w>");
    gone(&terminal, "helt").await;
    terminal.send_keys("-held \"air-max\"");
    terminal.wait_for_text("-held \"air-max\"", LIMIT).await;
    terminal.send_keys("<Enter>");
    gone(&terminal, "Show only").await;
    see(&terminal, "trainers air-max").await;
    // Kept under 4.
    terminal.send_keys("W");
    terminal.wait_for_text("4 keep it as 4", LIMIT).await;
    terminal.send_keys("4");
    terminal.wait_for_text("What is it called?", LIMIT).await;
    terminal.send_keys("the air");
    terminal.wait_for_text("> the air", LIMIT).await;
    terminal.send_keys("<Enter>");
    terminal.wait_for_text("Kept as 4: the air", LIMIT).await;
    let mine = views::list(&mut world.house.db.read().await.unwrap(), &account::current().unwrap()).await.unwrap();
    assert_eq!((mine[0].slot, mine[0].ask.words().as_str()), (4, "seller:\"Shop air\" -held \"air-max\""));
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());

    let mut terminal = Terminal::start(&command(&database, &data), 160, 30);
    see(&terminal, "trainers item-1").await;
    terminal.send_keys("4");
    terminal.wait_for_text("queue 4 the air: seller:", LIMIT).await;
    gone(&terminal, "trainers item-1").await;
    terminal.send_keys("?");
    terminal.wait_for_text("In the queue", LIMIT).await;
    terminal.send_keys("<Esc>");
    gone(&terminal, "In the queue").await;
    terminal.send_keys("a");
    see(&terminal, "trainers item-1").await;
    // And by name.
    terminal.send_keys(":");
    terminal.wait_for_text("Commands", LIMIT).await;
    terminal.send_keys("the air");
    terminal.wait_for_text("> 4     the air", LIMIT).await;
    terminal.send_keys("<Enter>");
    gone(&terminal, "trainers item-1").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_menu_a_number_is_a_reason_and_no_view() {
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    world.report("n1", &["item-1", "item-2"]).await;
    let data = TempDir::new().unwrap();
    let mut terminal = Terminal::start(&command(&database, &data), 160, 30);
    see(&terminal, "trainers item-1").await;
    terminal.send_keys("W");
    terminal.wait_for_text("1 keep it as 1", LIMIT).await;
    terminal.send_keys("1");
    terminal.wait_for_text("What is it called?", LIMIT).await;
    terminal.send_keys("all");
    terminal.send_keys("<Enter>");
    terminal.wait_for_text("Kept as 1: all", LIMIT).await;
    see(&terminal, "trainers item-1").await;
    terminal.send_keys("r");
    terminal.wait_for_text("counterfeit sold", LIMIT).await;
    terminal.send_keys("1");
    terminal.wait_for_text("Removed", LIMIT).await;
}
