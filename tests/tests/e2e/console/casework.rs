//! What is done about a case beside deciding it, by keys alone: the brand asked, contests entered, second persons, pages.

use std::process::Command;

use jointforce_shared::{
    account,
    commands::{
        operator,
        policy::{self, NewPolicy},
    },
    domain::{
        case::State, counter_notice::CounterState, ids::CaseId, listing::ListingState, operator::Role, page, time::Time,
    },
    store::{cases, counter_notices, listings, pages},
};
use jointforce_tests::{
    http::{get, post},
    mail::{Mail, Mailbox},
    pty::Terminal,
    servers::{Database, postgres_database, sqlite_database},
    wait::{until, until_some},
    world::{World, listing_id, who},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{LIMIT, command, hire_me, press, see};
use crate::asking::Worker;

const TITLE: &str = "ACME style trainers item-1";

/// Sits down as the account with this number on this machine: who one is, the operating system says.
fn as_account(command: &Command, uid: u32) -> Command {
    let root = nix::unistd::getuid().is_root();
    let mut other = Command::new(if root { "setpriv" } else { "unshare" });
    if root {
        other.args([format!("--reuid={uid}"), format!("--regid={uid}"), "--clear-groups".into()]);
    } else {
        other.args(["--user".into(), format!("--map-user={uid}"), format!("--map-group={uid}")]);
    }
    other.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => other.env(name, value),
            None => other.env_remove(name),
        };
    }
    other
}

fn sit_down(database: &Database, data: &TempDir) -> Terminal {
    Terminal::start(&command(database, data), 120, 36)
}

async fn set_policy(world: &World, document: Value) {
    policy::change(&world.house, &who("adam"), &NewPolicy::Load(document), "for this test").await.unwrap();
}

async fn listing_state(world: &World) -> ListingState {
    let mut conn = world.house.db.read().await.unwrap();
    listings::at_version(&mut conn, &listing_id("item-1"), 1).await.unwrap().unwrap().state
}

async fn is_removed(world: &World) {
    until(LIMIT, "the listing is down", async || listing_state(world).await == ListingState::Removed).await;
}

async fn state_of(world: &World, case: CaseId) -> State {
    cases::get(&mut world.house.db.read().await.unwrap(), case).await.unwrap().unwrap().state
}

/// Presses keys, and waits until what they bring may be decided on.
async fn press_and_see(terminal: &mut Terminal, keys: &str, brings: &str) {
    press(terminal, keys, brings).await;
    see(terminal, brings).await;
}

/// Removes the listing of the selected case.
async fn remove(terminal: &mut Terminal) {
    see(terminal, TITLE).await;
    press_and_see(terminal, "r", "counterfeit sold").await;
    press_and_see(terminal, "1", "Removed").await;
}

/// Opens the decided case again: found by its listing.
async fn find(terminal: &mut Terminal) {
    press_and_see(terminal, "f", "Find cases").await;
    press_and_see(terminal, "item-1", "item-1").await;
    press_and_see(terminal, "<Enter>", "removed by").await;
    press_and_see(terminal, "<Enter>", "Decided by").await;
}

/// The link in the newest letter to the brand.
async fn link(mail: &Mailbox) -> String {
    until_some(LIMIT, "a letter with the link", async || {
        let letters = mail.taken();
        letters.iter().rev().find_map(|letter: &Mail| {
            let text = letter.body().replace("=\r\n", "").replace("=3D", "=");
            let from = text.find("http://127.0.0.1:")?;
            text[from..].split_whitespace().next().map(str::to_owned)
        })
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_brand_is_asked_by_key_and_its_answer_by_link_brings_the_case_back() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    let mail = Mailbox::start().await;
    let worker = Worker::start(&world, &mail.url());
    let data = TempDir::new().unwrap();
    let case = world.report("n1", &["item-1"]).await[0];

    let mut terminal = sit_down(&database, &data);
    see(&terminal, TITLE).await;
    press_and_see(&mut terminal, "w", "Ask Brand acme").await;
    press_and_see(&mut terminal, "1", "Brand acme was asked").await;
    see(&terminal, "The queue is empty").await;
    assert!(matches!(state_of(&world, case).await, State::Asked { .. }));
    // What waits for brands is in nobody's queue, and is seen all the same.
    press_and_see(&mut terminal, "/", "Show only").await;
    press_and_see(&mut terminal, "is:asked", "is:asked").await;
    press_and_see(&mut terminal, "<Enter>", TITLE).await;
    press_and_see(&mut terminal, "<Enter>", "No answer yet, due in").await;

    let link = link(&mail).await;
    assert_eq!(get(&link).await.status, 200);
    let page = post(&link, "answer=counterfeit&note=The+label+is+forged").await;
    assert_eq!(page.status, 200, "{page:?}");
    terminal.wait_for_text("The label is forged", LIMIT).await;
    terminal.wait_for_text("answered: Counterfeit", LIMIT).await;
    assert!(matches!(state_of(&world, case).await, State::Open { .. }));
    drop(worker);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_counter_notice_entered_by_key_puts_the_listing_back_when_the_brand_is_silent() {
    let database = postgres_database().await;
    let world = World::with_set_clock(&database.url).await;
    hire_me(&world.house).await;
    set_policy(&world, json!({ "grace": "0 s", "counters": { "jurisdictions": { "EU": "dmca" } } })).await;
    let mail = Mailbox::start().await;
    let worker = Worker::start(&world, &mail.url());
    let data = TempDir::new().unwrap();
    let case = world.report("n1", &["item-1"]).await[0];

    let mut terminal = sit_down(&database, &data);
    remove(&mut terminal).await;
    // The console lives by the machine's clock, this world by one that stands still in between.
    world.pass(Time::HOUR);
    is_removed(&world).await;
    find(&mut terminal).await;
    press_and_see(&mut terminal, "c", "counter-notice").await;
    press_and_see(&mut terminal, "1", "postal address").await;
    let words = "Bo Li; 1 Main St, Springfield, IL 62701; +1 555 0100; Bought from their own outlet.";
    press_and_see(&mut terminal, words, "outlet").await;
    press_and_see(&mut terminal, "<Enter>", "Counter-notice by Bo Li").await;
    terminal.wait_for_text("17 U.S.C. 512(g)", LIMIT).await;

    world.pass(30 * Time::DAY);
    terminal.wait_for_text("Put back", LIMIT).await;
    until(LIMIT, "the listing is up again", async || listing_state(&world).await == ListingState::Live).await;
    let mut conn = world.house.db.read().await.unwrap();
    let counters = counter_notices::of_case(&mut conn, case).await.unwrap();
    assert_eq!(counters[0].state, CounterState::PutBack);
    let days = counters[0].closed.unwrap().since(counters[0].said.received) / Time::DAY;
    assert!(days >= 10, "put back after {days} days");
    drop(worker);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_appeal_overturns_a_colleague_only_when_a_second_console_says_yes() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    let house = &world.house;
    hire_me(house).await;
    set_policy(&world, json!({ "grace": "0 s" })).await;
    let me = account::current().unwrap();
    for (name, role) in [("daemon", Role::Moderator), ("bin", Role::Senior)] {
        operator::add(house, &who("adam"), name.parse().unwrap(), name, role).await.unwrap();
    }
    for colleague in [me.clone(), "daemon".parse().unwrap()] {
        operator::set_team(house, &who("adam"), &colleague, Some("shoes")).await.unwrap();
    }
    let mail = Mailbox::start().await;
    let worker = Worker::start(&world, &mail.url());
    let data = TempDir::new().unwrap();
    let case = world.report("n1", &["item-1"]).await[0];

    let mut colleague = Terminal::start(&as_account(&command(&database, &data), 1), 120, 36);
    remove(&mut colleague).await;
    is_removed(&world).await;

    let mut mine = sit_down(&database, &data);
    see(&mine, "The queue is empty").await;
    find(&mut mine).await;
    press_and_see(&mut mine, "c", "the seller appeals").await;
    press_and_see(&mut mine, "4", "in their words").await;
    press_and_see(&mut mine, "It is genuine", "It is genuine").await;
    press_and_see(&mut mine, "<Enter>", "Appeal by the seller").await;
    // The decider does not rule on it, whoever asks.
    see(&colleague, TITLE).await;
    press_and_see(&mut colleague, "x", "Keep: why?").await;
    press_and_see(&mut colleague, "3", "Not kept").await;

    // Back to what was found, and from there to the queue.
    press_and_see(&mut mine, "<Esc>", "found: 1").await;
    press_and_see(&mut mine, "<Esc>", "Joint Force · queue").await;
    see(&mine, "appeal").await;
    press_and_see(&mut mine, "x", "Keep: why?").await;
    press_and_see(&mut mine, "3", "Asked for a second person, ends in 24 h: it takes back a decision of your own team")
        .await;
    assert!(matches!(state_of(&world, case).await, State::Appealed { .. }), "nothing is done yet");
    // What was done last is the request: undo takes that back, after asking why, and no earlier decision.
    press_and_see(&mut mine, "u", "Why do you take your request for a second person back?").await;
    press_and_see(&mut mine, "<Esc>", "Joint Force · queue").await;
    // Nobody says yes to their own.
    press_and_see(&mut mine, "A", "approvals: 1").await;
    press_and_see(&mut mine, "y", "You asked for it yourself").await;

    let mut second = Terminal::start(&as_account(&command(&database, &data), 2), 120, 36);
    see(&second, "A 1 to approve").await;
    press_and_see(&mut second, "A", "say yes").await;
    see(&second, "it takes back a decision of your own team").await;
    press_and_see(&mut second, "y", "Words for whoever asked").await;
    press_and_see(&mut second, "<Enter>", "Approved and done").await;
    let State::Decided { by, verdict, .. } = state_of(&world, case).await else { panic!("not decided") };
    assert_eq!((by, verdict.outcome()), (me, "kept"), "in the name of whoever asked");
    until(LIMIT, "the listing is up again", async || listing_state(&world).await == ListingState::Live).await;
    drop(worker);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_escalation_to_the_safety_desk_calls_somebody_who_says_so_by_key() {
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    let data = TempDir::new().unwrap();
    let case = world.report("n1", &["item-1"]).await[0];

    let mut terminal = sit_down(&database, &data);
    see(&terminal, TITLE).await;
    press_and_see(&mut terminal, "e", "to the safety desk").await;
    press_and_see(&mut terminal, "3", "Why does it go there?").await;
    press_and_see(&mut terminal, "The charger burns", "The charger burns").await;
    press_and_see(&mut terminal, "<Enter>", "At the safety desk").await;
    press_and_see(&mut terminal, "/", "Show only").await;
    press_and_see(&mut terminal, "desk:safety", "desk:safety").await;
    press_and_see(&mut terminal, "<Enter>", TITLE).await;
    see(&terminal, "p 1 page").await;
    press_and_see(&mut terminal, "p", "The charger burns").await;
    press_and_see(&mut terminal, "y", "is on it").await;
    let mut conn = world.house.db.read().await.unwrap();
    let called = pages::open(&mut conn, 10).await.unwrap();
    let me = account::current().unwrap();
    assert_eq!((called.len(), called[0].case), (1, Some(case)));
    assert!(matches!(&called[0].state, page::State::Acknowledged { by, .. } if *by == me), "{called:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_one_person_may_decide_is_previewed_asked_for_and_done_by_a_second_console() {
    let database = postgres_database().await;
    let world = World::new(&database.url).await;
    hire_me(&world.house).await;
    set_policy(&world, json!({ "batch_max": 2 })).await;
    operator::add(&world.house, &who("adam"), "bin".parse().unwrap(), "bin", Role::Senior).await.unwrap();
    let data = TempDir::new().unwrap();
    let cases = world.report("n1", &["item-1", "item-2", "item-3"]).await;

    let mut terminal = sit_down(&database, &data);
    see(&terminal, "Shop shop").await;
    terminal.send_keys("vvv");
    see(&terminal, "3 marked").await;
    press_and_see(&mut terminal, "r", "counterfeit sold").await;
    press_and_see(&mut terminal, "1", "3 of these fall in a 3-day window and count once").await;
    see(&terminal, "More than 2 take a second person").await;
    press_and_see(&mut terminal, "3<Enter>", "3 cases: Asked for a second person").await;
    for case in &cases {
        assert!(!state_of(&world, *case).await.is_decided(), "nothing is done yet");
    }

    let mut second = Terminal::start(&as_account(&command(&database, &data), 2), 120, 36);
    see(&second, "A 1 to approve").await;
    press_and_see(&mut second, "A", "remove 3 cases: counterfeit offered").await;
    press_and_see(&mut second, "y", "Type how many cases it is").await;
    press_and_see(&mut second, "<Enter>", "nothing was done: it asks for how many cases it is").await;
    press_and_see(&mut second, "y", "Type how many cases it is").await;
    press_and_see(&mut second, "3<Enter>", "Words for whoever asked").await;
    press_and_see(&mut second, "They are all alike", "They are all alike").await;
    press_and_see(&mut second, "<Enter>", "Approved and done").await;
    let me = account::current().unwrap();
    for case in &cases {
        let State::Decided { by, verdict, .. } = state_of(&world, *case).await else { panic!("not decided") };
        assert_eq!((by, verdict.outcome()), (me.clone(), "removed"));
    }
}
