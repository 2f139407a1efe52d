//! Consoles served by sshd: one account for all, and each key is one operator.

use std::{ffi::OsStr, fs, path::Path};

use jointforce_shared::{
    commands::operator::{self, keys, preferences},
    domain::{
        case::State,
        ids::{CaseId, OperatorId},
        operator::{
            Role,
            key::OperatorKey,
            preferences::{Preferences, ThemeName},
        },
    },
    store::{self, audit, cases},
};
use jointforce_tests::{
    pty::Terminal,
    served::{Served, public},
    servers::{
        postgres_database, sqlite_database,
        sshd::{account, keygen},
    },
    wait::until,
    world::World,
};
use tempfile::TempDir;

use super::{LIMIT, command, press, see};

fn connect(served: &Served, key: &Path, words: &[&str]) -> Terminal {
    Terminal::start(&served.sshd.connect(key, words), 120, 30)
}

async fn decided_by(served: &Served, case: CaseId) -> Option<String> {
    let case = cases::get(&mut served.world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
    match case.state {
        State::Decided { by, .. } => Some(by.to_string()),
        _ => None,
    }
}

/// Removes the case that the cursor is on, whichever it is.
async fn remove_one(terminal: &mut Terminal) {
    see(terminal, "ACME style trainers").await;
    press(terminal, "r", "counterfeit sold").await;
    press(terminal, "1", "Removed").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_operators_come_through_one_account_and_each_decision_has_its_own_name() {
    let served = Served::on(postgres_database().await, None).await;
    let (ann, bob) = (served.hire_with_key("ann").await, served.hire_with_key("bob").await);
    let reported = served.world.report("n1", &["item-1", "item-2"]).await;

    let mut anns = connect(&served, &ann, &[]);
    see(&anns, "ann, moderator").await;
    remove_one(&mut anns).await;
    let mut bobs = connect(&served, &bob, &[]);
    see(&bobs, "bob, moderator").await;
    remove_one(&mut bobs).await;

    let mut by = vec![];
    for case in reported {
        until(LIMIT, "the case is decided", async || decided_by(&served, case).await.is_some()).await;
        by.extend(decided_by(&served, case).await);
    }
    by.sort();
    assert_eq!(by, ["ann", "bob"]);
    let mut conn = served.world.house.db.read().await.unwrap();
    let events = audit::newest(&mut conn, None, 100).await.unwrap();
    let decided: Vec<_> = events.iter().filter(|event| event.action == "case.decided").collect();
    assert!(decided.len() == 2 && decided.iter().all(|event| event.auth == "ssh"), "{events:#?}");
    anns.send_keys("q");
    assert!(anns.wait_for_end(LIMIT).await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_key_lets_nobody_in_and_ends_the_console_that_it_opened() {
    let served = Served::on(sqlite_database(), None).await;
    let ann = served.hire_with_key("ann").await;
    let mut open = connect(&served, &ann, &[]);
    see(&open, "ann, moderator").await;

    let print = OperatorKey::parse(&public(&ann)).unwrap().fingerprint;
    let whose = keys::revoke(&served.world.house, &World::import(), &print).await.unwrap();
    assert_eq!(whose.as_str(), "ann");

    let mut again = connect(&served, &ann, &[]);
    assert_eq!(again.wait_for_end(LIMIT).await.exit_code(), 255, "{}", again.contents());
    again.wait_for_text("Permission denied", LIMIT).await;
    assert_eq!(open.wait_for_end(LIMIT).await.exit_code(), 77, "{}", open.contents());
    open.wait_for_text("this key was revoked", LIMIT).await;
    let refused = keys::add(&served.world.house, &World::import(), &whose, &public(&ann)).await.unwrap_err();
    assert!(refused.to_string().contains("here already"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_becomes_somebody_else_by_words_or_environment() {
    let served = Served::on(sqlite_database(), None).await;
    let (ann, bob) = (served.hire_with_key("ann").await, served.hire_with_key("bob").await);
    let bobs_seat = format!("key:{}", OperatorKey::parse(&public(&bob)).unwrap().fingerprint);

    // What a person asks sshd to run, and the environment that they send along, are no concern of the console's.
    let elsewhere = TempDir::new().unwrap();
    let theirs = elsewhere.path().join("jf.toml");
    fs::write(&theirs, "database-url = 'sqlite:/dev/null'\n").unwrap();
    let variables = format!(
        "SetEnv=USER=bob LOGNAME=bob DATABASE_URL=sqlite:{0}/own.db JOINTFORCE_CONFIG={0}/jf.toml JOINTFORCE_DATA_DIR={0} \
         XDG_DATA_HOME={0} HOME={0}",
        elsewhere.path().display()
    );
    let mut asked = served.sshd.connect(&ann, &["-o", &variables]);
    asked.args(["jointforce-console", "seat", &bobs_seat]);
    let terminal = Terminal::start(&asked, 120, 30);
    see(&terminal, "ann, moderator").await;
    drop(terminal);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 1, "nothing was put there");

    // Whoever has an account of their own is who they are, and can take no seat.
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    let me: OperatorId = account().parse().unwrap();
    operator::add(&world.house, &World::import(), me.clone(), "me", Role::Moderator).await.unwrap();
    let bob_id: OperatorId = "bob".parse().unwrap();
    operator::add(&world.house, &World::import(), bob_id.clone(), "bob", Role::Senior).await.unwrap();
    keys::add(&world.house, &World::import(), &bob_id, &public(&bob)).await.unwrap();
    let data = TempDir::new().unwrap();
    // As sshd would start it: a seat looks at no variable for its database.
    let settings = data.path().join("jointforce.toml");
    fs::write(&settings, format!("database-url = '{}'\n", database.url)).unwrap();
    for seat in [bobs_seat.as_str(), "certificate:bob"] {
        let mut taken = command(&database, &data);
        taken.arg("--config").arg(&settings).arg("--data-dir").arg(data.path()).args(["seat", seat]);
        let mut terminal = Terminal::start(&taken, 120, 30);
        assert_eq!(terminal.wait_for_end(LIMIT).await.exit_code(), 77, "{}", terminal.contents());
        terminal.wait_for_text("is no gate", LIMIT).await;
    }
    let refused = keys::set_gate(&world.house, &World::import(), &me, true).await.unwrap_err();
    assert!(refused.to_string().contains("somebody's own account"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_gives_the_lease_back() {
    let served = Served::on(postgres_database().await, None).await;
    let ann = served.hire_with_key("ann").await;
    let case = served.world.report("n1", &["item-1"]).await[0];
    let mut terminal = connect(&served, &ann, &[]);
    see(&terminal, "ACME style trainers").await;
    terminal.send_keys("<Enter>");
    let leased = async || {
        let case = cases::get(&mut served.world.house.db.read().await.unwrap(), case).await.unwrap().unwrap();
        case.lease.is_some()
    };
    until(LIMIT, "the case is leased", leased).await;
    drop(terminal);
    until(LIMIT, "the lease is given back", async || !leased().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_lets_in_whom_its_key_id_names_until_they_are_disabled() {
    let folder = TempDir::new().unwrap();
    let ca = folder.path().join("ca");
    keygen(["-t", "ed25519", "-N", "", "-f"].map(OsStr::new).into_iter().chain([ca.as_os_str()]));
    let served = Served::on(sqlite_database(), Some(&ca.with_extension("pub"))).await;
    let ann = served.hire("ann").await;
    let certify = |name: &str, key_id: &str| {
        let key = served.sshd.key(name);
        let (principal, public) = (account(), key.with_extension("pub"));
        keygen(
            [
                OsStr::new("-s"),
                ca.as_os_str(),
                OsStr::new("-I"),
                OsStr::new(key_id),
                OsStr::new("-n"),
                OsStr::new(&principal),
                public.as_os_str(),
            ]
            .into_iter(),
        );
        key
    };
    let anns = certify("anns", "ann");
    let terminal = connect(&served, &anns, &[]);
    see(&terminal, "ann, moderator").await;

    // A shell would be the worst of all: whatever the sshd makes of our block, there is none.
    let mut asked = served.sshd.connect(&anns, &[]);
    asked.args(["id", "-un"]);
    let asked = Terminal::start(&asked, 120, 30);
    see(&asked, "ann, moderator").await;

    let mut stranger = connect(&served, &certify("strangers", "mallory"), &[]);
    assert_eq!(stranger.wait_for_end(LIMIT).await.exit_code(), 255, "{}", served.sshd.log());

    operator::disable(&served.world.house, &World::import(), &ann).await.unwrap();
    let mut again = connect(&served, &anns, &[]);
    assert_eq!(again.wait_for_end(LIMIT).await.exit_code(), 255, "{}", served.sshd.log());
}

/// The colours on a screen.
fn colours(screen: &vt100::Screen) -> Vec<vt100::Color> {
    let (rows, columns) = screen.size();
    let cells = (0..rows).flat_map(|row| (0..columns).filter_map(move |column| screen.cell(row, column)));
    cells.map(vt100::Cell::fgcolor).filter(|colour| *colour != vt100::Color::Default).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seat_that_sshd_gave_has_its_operators_own_look_and_keys() {
    let served = Served::on(postgres_database().await, None).await;
    let house = &served.world.house;
    let (ann, bob) = (served.hire_with_key("ann").await, served.hire_with_key("bob").await);
    let id: OperatorId = "ann".parse().unwrap();
    served.world.report("n1", &["item-1", "item-2"]).await;
    let chosen = Preferences { theme: Some(ThemeName::Mono), keys: "remove = \"d\"".into(), ..Preferences::default() };
    preferences::set(house, &World::import(), &id, |_| Ok(chosen)).await.unwrap();

    let bobs = connect(&served, &bob, &[]);
    see(&bobs, " r remove").await;
    assert!(!bobs.look(colours).is_empty(), "nothing of ann's is bob's");
    drop(bobs);
    let mut anns = connect(&served, &ann, &[]);
    see(&anns, " d remove  x keep").await;
    assert_eq!(anns.look(colours), [], "{}", anns.contents());

    // What she chooses herself counts at once and from then on; a key with two meanings is refused with both names.
    press(&mut anns, "<F2>", "Theme, now mono").await;
    press(&mut anns, "2", "Kept: light, wherever you sit").await;
    let blue = |screen: &vt100::Screen| colours(screen).contains(&vt100::Color::Idx(4));
    anns.wait_for("keys in blue", blue, LIMIT).await;
    press(&mut anns, "<F3>", "1 other keys for commands").await;
    press(&mut anns, "1", "Lines of a key map").await;
    press(&mut anns, "keep = \"d\"", "> keep = \"d\"").await;
    press(&mut anns, "<Enter>", "d would be both remove and keep").await;
    anns.send_keys("<C-u>");
    anns.wait_for("an empty line", |screen| !screen.contents().contains("> keep"), LIMIT).await;
    press(&mut anns, "keep = \"z\"", "> keep = \"z\"").await;
    press(&mut anns, "<Enter>", "Kept: your keys").await;
    see(&anns, " d remove  z keep").await;
    drop(anns);

    let anns = connect(&served, &ann, &[]);
    see(&anns, " d remove  z keep").await;
    assert!(anns.look(blue), "{:?}", anns.look(colours));
    drop(anns);
    let mut conn = house.db.read().await.unwrap();
    let events = audit::newest(&mut conn, None, 100).await.unwrap();
    let set = events.iter().filter(|event| event.action == "operator.preferences_set");
    let set: Vec<_> = set.map(|event| (event.actor.as_str(), event.auth.as_str(), event.subject.as_str())).collect();
    assert_eq!(set[..2], [("ann", "ssh", "operator:ann"); 2], "{set:?}");
    assert_eq!(set.len(), 3);
    drop(conn);

    // Keys that another version took keep nobody out: the house's count, and that is said.
    let mut tx = house.db.write().await.unwrap();
    let old = Preferences { keys: "remove = \"x\"".into(), ..Preferences::default() };
    store::operators::preferences::save(&mut tx, &id, &old, &id, house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut anns = connect(&served, &ann, &[]);
    see(&anns, "! Your own keys can't be used (x: in the queue x would be both remove and keep)").await;
    see(&anns, " r remove  x keep").await;
    press(&mut anns, "r", "counterfeit sold").await;
    press(&mut anns, "1", "Removed").await;
}
