//! Where one sits: what a lost connection leaves, what a quit doesn't, and keys of one's own.

use jointforce_shared::{
    account,
    commands::operator,
    domain::operator::Role,
    store::{notes, operators::preferences, sittings},
};
use jointforce_tests::{
    programs,
    pty::Terminal,
    servers::{Database, postgres_database, sqlite_database},
    sql::number,
    wait::until,
    world::World,
};
use nix::sys::signal::Signal;

use super::{Desk, LIMIT, command, press, see};

/// A console ends by `signal` in the middle of a note; the next one goes on with it.
async fn the_next_sitting_goes_on(database: Database, signal: Signal) {
    let desk = Desk::on(database).await;
    let world = &desk.world;
    let cases = world.report("n1", &["item-1", "item-2"]).await;
    let me = account::current().unwrap();
    let sat = async || sittings::last(&mut world.house.db.read().await.unwrap(), &me).await.unwrap();
    let mut terminal = desk.sit_down(160, 30);
    see(&terminal, "trainers item-2").await;
    terminal.send_keys("j");
    press(&mut terminal, "<Enter>", "yours for now").await;
    // The lease may be there before the case is read.
    terminal.wait_for_text("Beside the genuine product", LIMIT).await;
    press(&mut terminal, "n", "Note for colleagues").await;
    press(&mut terminal, "half a ", "> half a").await;
    until(LIMIT, "the draft is kept while it is written", async || {
        sat().await.is_some_and(|sat| sat.draft.is_some_and(|(_, text)| text == "half a "))
    })
    .await;
    terminal.signal(signal);
    terminal.wait_for_end(LIMIT).await;

    let mut terminal = desk.sit_down(160, 30);
    terminal.wait_for_text("> half a", LIMIT).await;
    terminal.wait_for_text("yours for now", LIMIT).await;
    press(&mut terminal, "word", "> half a word").await;
    press(&mut terminal, "<Enter>", "Note written").await;
    let noted = async |case| notes::of_case(&mut world.house.db.read().await.unwrap(), case).await.unwrap();
    let mut all = noted(cases[0]).await;
    all.extend(noted(cases[1]).await);
    assert_eq!(all.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(), ["half a word"]);
    terminal.send_keys("q");
    assert!(terminal.wait_for_end(LIMIT).await.success());
    assert_eq!(sat().await, None, "a quit leaves nothing to come back to");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_hang_up_the_next_sitting_is_at_the_same_case_with_the_same_draft() {
    the_next_sitting_goes_on(postgres_database().await, Signal::SIGHUP).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_kill_the_next_sitting_is_at_the_same_case_with_the_same_draft() {
    the_next_sitting_goes_on(sqlite_database(), Signal::SIGKILL).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_of_ones_own_do_what_they_say_and_a_conflict_is_refused_with_both_names() {
    let desk = Desk::on(sqlite_database()).await;
    desk.world.report("n1", &["item-1"]).await;
    let file = desk.data.path().join("keys.toml");
    let start = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let mut command = command(&desk.database, &desk.data);
        command.arg("--keys").arg(&file);
        Terminal::start(&command, 120, 30)
    };
    let mut terminal = start("remove = \"x\"");
    terminal.wait_for_text("would be both remove and keep", LIMIT).await;
    assert_eq!(terminal.wait_for_end(LIMIT).await.exit_code(), 78);
    let mut terminal = start("remove = \"d\"");
    see(&terminal, "trainers item-1").await;
    terminal.send_keys("r");
    press(&mut terminal, "?", "d              Take the listing down").await;
    terminal.send_keys("<Esc>");
    see(&terminal, "d remove").await;
    press(&mut terminal, "d", "counterfeit sold").await;
    press(&mut terminal, "1", "Removed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_says_what_somebodys_console_is_like_and_a_wrong_key_map_changes_nothing() {
    let desk = Desk::on(sqlite_database()).await;
    let house = &desk.world.house;
    let file = desk.data.path().join("ann.toml");
    let run = async |words: &[&str]| {
        let mut command = command(&desk.database, &desk.data);
        command.args(["operators", "seat"]).args(words);
        programs::run(command, "").await
    };
    let keys = async |text: &str| {
        std::fs::write(&file, text).unwrap();
        run(&["ann", "keys", file.to_str().unwrap()]).await
    };
    let kept = async || preferences::get(&mut house.db.read().await.unwrap(), &"ann".parse().unwrap()).await.unwrap();
    let me = account::current().unwrap();
    let refused = run(&["ann", "theme", "light"]).await;
    assert!(refused.code == 77 && refused.error.contains("may not manage staff"), "{}", refused.error);
    let own = run(&[me.as_str(), "theme", "light"]).await;
    assert!(own.code == 0 && own.output.contains("theme: light"), "{}", own.error);
    let mut terminal = desk.sit_down(100, 24);
    press(&mut terminal, "<F2>", "Theme, now light").await;

    operator::add(house, &World::import(), me.clone(), me.as_str(), Role::Admin).await.unwrap();
    assert_eq!(keys("# mine\nremove = \"d\"").await.code, 0);
    assert_eq!(run(&["ann", "signs", "ascii"]).await.code, 0);
    for (text, words) in [
        ("remove = \"x\"", "would be both remove and keep"),
        ("remov = \"d\"", "keys.remov: no command is called that. Did you mean remove? The file is "),
        (&"#".repeat(5000), "keys: the key map has 5000 characters"),
        ("remove", "keys.keys: "),
    ] {
        let refused = keys(text).await;
        assert!(refused.code == 78 && refused.error.contains(words), "{text:.20}: {}", refused.error);
    }
    let refused = run(&["ann", "theme", "sepia"]).await;
    assert!(refused.code == 64 && refused.error.contains("dark, light, contrast, mono"), "{}", refused.error);
    let refused = run(&["ghost", "signs", "ascii"]).await;
    assert!(refused.code == 65 && refused.error.contains("ghost is no operator"), "{}", refused.error);
    let shown = run(&["ann"]).await.output;
    assert_eq!(
        shown,
        "ann, theme: what the terminal says\nann, signs: nothing but ASCII\nann, keys: their own\n  # mine\n  remove = \"d\"\n"
    );
    assert_eq!((kept().await.ascii, kept().await.keys.as_str()), (true, "# mine\nremove = \"d\""));
    assert_eq!(run(&["ann", "forget-keys"]).await.code, 0);
    assert_eq!(kept().await.keys, "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_console_that_works_has_no_more_than_three_connections() {
    let desk = Desk::on(postgres_database().await).await;
    desk.world.report("n1", &["item-1", "item-2", "item-3", "item-4", "item-5"]).await;
    let mut terminal = desk.sit_down(160, 30);
    see(&terminal, "trainers item-").await;
    press(&mut terminal, "<Enter>", "yours for now").await;
    for reason in ["1", "2", "1"] {
        see(&terminal, "Beside the genuine product").await;
        press(&mut terminal, "r", "counterfeit sold").await;
        press(&mut terminal, reason, "Removed").await;
    }
    let own = "SELECT count(*) FROM pg_stat_activity
               WHERE application_name = 'jointforce-console' AND datname = current_database()";
    let connections = number(&desk.world.house.db, own).await;
    assert!((1..=3).contains(&connections), "{connections}");
}
