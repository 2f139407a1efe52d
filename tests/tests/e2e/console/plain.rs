//! Clearing the queue in lines: what a screen reader, or a terminal that can only print, gets.

use jointforce_shared::{
    domain::ids::CaseId,
    store::{decisions, effects},
};
use jointforce_tests::{pty::Terminal, servers::sqlite_database, wait::until, world::World};
use tempfile::TempDir;

use super::{LIMIT, SEEN, command, hire_me};

/// Waits for the next thing that is said after what was said before, and long enough to answer it.
async fn hear(terminal: &Terminal, from: usize, text: &str) -> usize {
    let said = |terminal: &Terminal| {
        let raw = terminal.raw();
        String::from_utf8_lossy(raw.get(from..).unwrap_or_default()).into_owned()
    };
    until(LIMIT, &format!("{text:?} is said"), async || said(terminal).contains(text)).await;
    tokio::time::sleep(SEEN).await;
    terminal.raw().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_are_cleared_by_numbers_and_no_byte_of_it_moves_a_cursor() {
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    let cases = world.report("n1", &["item-1", "item-2", "item-3", "item-4"]).await;
    let data = TempDir::new().unwrap();
    let mut plain = command(&database, &data);
    plain.arg("--plain");
    let mut terminal = Terminal::start(&plain, 80, 24);
    let at = hear(&terminal, 0, "yours for now").await;
    terminal.send_keys("1<Enter>");
    let at = hear(&terminal, at, "1 counterfeit offered").await;
    terminal.send_keys("1<Enter>");
    let at = hear(&terminal, at, "yours for now").await;
    terminal.send_keys("2<Enter>");
    let at = hear(&terminal, at, "Keep: why?").await;
    terminal.send_keys("n<Enter>");
    let at = hear(&terminal, at, "Type it").await;
    terminal.send_keys("the label is ours<Enter>");
    let at = hear(&terminal, at, "the label is ours").await;
    terminal.send_keys("3<Enter>");
    let at = hear(&terminal, at, "yours for now").await;
    terminal.send_keys("4<Enter>");
    let at = hear(&terminal, at, "Escalate:").await;
    terminal.send_keys("1<Enter>");
    let at = hear(&terminal, at, "Why does it go there").await;
    terminal.send_keys("two marks, one owner<Enter>");
    let at = hear(&terminal, at, "yours for now").await;
    terminal.send_keys("15<Enter>");
    let at = hear(&terminal, at, "The ladder").await;
    terminal.send_keys("<Enter>");
    let at = hear(&terminal, at, "Choose:").await;
    terminal.send_keys("9<Enter>");
    hear(&terminal, at, "Taken back").await;
    terminal.send_keys("0<Enter>");
    assert!(terminal.wait_for_end(LIMIT).await.success());
    let raw = terminal.raw();
    assert!(!raw.contains(&0x1b), "an escape sequence: {}", String::from_utf8_lossy(&raw));
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(!text.contains(['─', '│', '┌']), "a box is drawn: {text}");

    let decided = async |case: CaseId| {
        let mut conn = world.house.db.read().await.unwrap();
        let me = jointforce_shared::account::current().unwrap();
        let mine = decisions::by(&mut conn, &me, 10).await.unwrap();
        mine.into_iter().find(|made| made.case == case)
    };
    let made = [decided(cases[0]).await, decided(cases[1]).await, decided(cases[2]).await, decided(cases[3]).await];
    let kept = made.iter().flatten().find(|made| made.verdict.outcome() == "kept").unwrap();
    assert_eq!((kept.verdict.reason(), kept.note.as_str()), ("genuine", "the label is ours"));
    assert_eq!(made.iter().flatten().count(), 2, "{made:#?}");
    let undone = made.iter().flatten().filter(|made| made.undone.is_some()).count();
    assert_eq!(undone, 1, "the last decision was taken back");
    let mut conn = world.house.db.read().await.unwrap();
    let removals = effects::list(&mut conn, None, None, 100).await.unwrap();
    assert!(removals.iter().any(|effect| effect.kind == "remove_listing"), "{removals:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dumb_terminal_gets_lines_in_ascii_and_what_was_typed_ahead_decides_nothing() {
    use jointforce_shared::commands::catalogue;
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    let mut hostile = jointforce_tests::world::listing("item-1", "shop");
    hostile.content.title = "\u{1b}[2J Sac \u{202e}neuf 時計".into();
    catalogue::load_listings(&world.house, &World::import(), &[hostile]).await.unwrap();
    world.report("n1", &["item-1", "item-2"]).await;
    let data = TempDir::new().unwrap();
    let mut dumb = command(&database, &data);
    dumb.env("TERM", "dumb").env("LC_ALL", "C");
    let mut terminal = Terminal::start(&dumb, 80, 24);
    terminal.send_keys("1<Enter>1<Enter>1<Enter>1<Enter>");
    let at = hear(&terminal, 0, "yours for now").await;
    terminal.send_keys("?<Enter>");
    hear(&terminal, at, "Take the listing down").await;
    terminal.send_keys("<C-d>");
    assert!(terminal.wait_for_end(LIMIT).await.success());
    let raw = terminal.raw();
    assert!(raw.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0x20..0x7f)), "{}", String::from_utf8_lossy(&raw));
    let text = String::from_utf8_lossy(&raw).into_owned();
    assert!(text.contains("<U+001B>[2J Sac <U+202E>neuf <U+6642><U+8A08>"), "{text}");
    let mut conn = world.house.db.read().await.unwrap();
    let me = jointforce_shared::account::current().unwrap();
    assert!(decisions::by(&mut conn, &me, 10).await.unwrap().is_empty(), "what was typed ahead decided a case");
}
