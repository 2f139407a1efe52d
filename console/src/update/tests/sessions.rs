//! Whole sessions of random keys, with a database that answers when it likes and a link that shows frames when it can.
//! What is held against the model is kept apart from it: what was on the screen, and since when.

mod session;

use jointforce_shared::domain::{
    decision::{KeepReason, Verdict},
    operator::Role,
    time::Time,
};
use proptest::prelude::*;

use self::session::{CASES, Session};
use crate::{
    board::Kind,
    fixture::{board_row, model, operator},
    keys::TABLE,
    model::SEEN_AFTER,
    msg::{Cmd, Msg},
    update::update,
};

/// Keys of a session; `JOINTFORCE_SESSION_KEYS=50000` for as many as a shift and a half.
const KEYS: usize = 50;
/// Sessions.
const SESSIONS: u64 = 200;

/// Every key of the table but those that leave, each as often as people press it.
fn keys() -> Vec<&'static str> {
    let often = ["r", "1", "2", "x", ".", ",", "j", "k", "Enter", "v", "Space", "u", "Esc", "J", "Tab", "m"];
    let all = TABLE.iter().flat_map(|binding| &*binding.keys).copied().filter(|key| !matches!(*key, "q"));
    all.chain(often.repeat(6)).collect()
}

/// One stretch of a session.
fn stretch(session: &mut Session, keys: &[&'static str]) {
    let gap = |session: &mut Session| {
        let most = *session.random.pick(&[5_000, 40_000, 300_000, 300_000, 1_500_000]);
        session.random.between(0, most)
    };
    match session.random.below(40) {
        0 => {
            let (name, many) = (*session.random.pick(keys), 2 + session.random.below(30));
            let delay = session.random.between(180_000, 990_000);
            session.hold(name, delay, many);
        }
        1 => {
            session.note("paste");
            let text = session.random.pick(&["r1r1r1", "two\nlines", "\u{1b}[201~", "", "tier:"]).to_owned();
            session.tell(Msg::Paste(text.to_owned()));
        }
        2 => {
            let most = [300, 100].map(|most: i64| session.random.between(1, most));
            let size = if session.random.percent(20.0) { [1, 1] } else { most };
            session.note(&format!("{size:?}"));
            let [width, height] = size.map(|n| u16::try_from(n).unwrap());
            session.tell(Msg::Resize(width, height));
        }
        3 => {
            let letter = *session.random.pick(&["a", "é", "時", "\"", ":", "<", "-", "3"]);
            session.key(letter);
        }
        4 if session.random.percent(5.0) => session.pass(11 * Time::MINUTE),
        5 => session.leave(),
        // Typed ahead.
        6 => (0..6).for_each(|_| {
            let key = *session.random.pick(&["r", "1", "x", "1", ".", ",", "v"]);
            session.key(key);
            session.pass(4_000);
        }),
        _ => {
            let name = *session.random.pick(keys);
            session.key(name);
        }
    }
    let gap = gap(session);
    session.pass(gap);
}

#[test]
fn no_keys_in_whatever_order_decide_what_was_not_seen_or_lead_nowhere() {
    let many = std::env::var("JOINTFORCE_SESSION_KEYS").ok().and_then(|n| n.parse().ok()).unwrap_or(KEYS);
    let keys = keys();
    let mut decisions = 0;
    for seed in 0..SESSIONS {
        let mut session = Session::new(seed);
        session.note(&format!("seed {seed}"));
        for _ in 0..many {
            stretch(&mut session, &keys);
            if session.decided.len() > CASES / 2 {
                session.decided.clear();
            }
        }
        session.leave();
        decisions += session.decisions;
    }
    // Sessions in which nothing is ever decided would show nothing.
    assert!(decisions > 50, "{decisions}");
}

/// What hands, cats and clipboards do to a keyboard.
#[derive(Debug, Clone)]
enum Input {
    Press(&'static str),
    /// The same key again within some microseconds, as worn switches do.
    Bounce(&'static str, i64),
    /// Held for so many repeats, the first after some microseconds.
    Hold(&'static str, i64, usize),
    Paste(&'static str),
    /// Nothing, while the link shows what is under way.
    Look,
}

fn input() -> impl Strategy<Value = Input> {
    let key = || prop::sample::select(vec!["r", "1", "2", "x", ".", ",", "j", "k", "Enter", "J", "v", "u", "Esc", "G"]);
    prop_oneof![
        8 => key().prop_map(Input::Press),
        2 => (key(), 1_000..60_000_i64).prop_map(|(key, gap)| Input::Bounce(key, gap)),
        2 => (key(), 180_000..990_000_i64, 2..40_usize).prop_map(|(key, delay, times)| Input::Hold(key, delay, times)),
        1 => prop::sample::select(vec!["r1r1r1r1", "1", "."]).prop_map(Input::Paste),
        2 => Just(Input::Look),
    ]
}

fn gap() -> impl Strategy<Value = i64> {
    prop_oneof![0..5_000_i64, 5_000..60_000_i64, 200_000..300_000_i64, 300_000..2_000_000_i64]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    /// `Session::check` holds every decision against what the screen has shown for how long.
    #[test]
    fn however_fast_or_long_keys_are_pressed_nothing_is_decided_unseen(
        seed in 0..1_000_u64,
        inputs in prop::collection::vec((gap(), input()), 1..40),
    ) {
        let mut session = Session::new(seed);
        session.pass(3 * Time::SECOND);
        for (gap, input) in inputs {
            session.pass(gap);
            match input {
                Input::Press(key) => session.key(key),
                Input::Bounce(key, gap) => {
                    session.key(key);
                    session.pass(gap);
                    session.key(key);
                }
                Input::Hold(key, delay, times) => session.hold(key, delay, times),
                Input::Paste(text) => {
                    session.note("paste");
                    session.tell(Msg::Paste(text.to_owned()));
                }
                Input::Look => session.pass(Time::SECOND),
            }
        }
    }
}

/// Keys, each so many microseconds after the one before, on a screen that shows at once what is drawn; gives how many
/// decisions they make.
fn in_turn(keys: &[&str], gap: i64) -> usize {
    let mut model = model((80, 24));
    for row in &mut model.queue.rows {
        (row.held_by, row.assigned_to, row.lease_by) = (None, None, None);
    }
    model.last = Some(Verdict::Keep(KeepReason::Genuine));
    let mut decided = 0;
    for key in keys {
        let cmds = update(&mut model, Msg::Key((*key).to_owned()));
        decided += cmds.iter().filter(|cmd| matches!(cmd, Cmd::Act(_))).count();
        let shown = model.shown();
        update(&mut model, Msg::Drawn(shown));
        model.now = Time(model.now.0 + gap);
    }
    decided
}

#[test]
fn the_last_decision_is_repeated_as_fast_as_cases_are_seen_by_two_keys_in_turn_and_by_one_held_key_once() {
    let turns = [".", ","].repeat(4);
    assert_eq!(in_turn(&turns, SEEN_AFTER), 8);
    assert_eq!(in_turn(&turns, SEEN_AFTER - 1), 4, "every second one comes before its case was seen");
    // From the first repeat on a held key looks like one that is pressed calmly.
    for gap in [33_000, 100_000, SEEN_AFTER, 400_000, 660_000, 999_999] {
        assert_eq!(in_turn(&["."; 8], gap), 1, "{gap}");
        assert_eq!(in_turn(&[",", ".", ".", ".", "."], gap), if gap < SEEN_AFTER { 1 } else { 2 }, "{gap}");
    }
}

#[test]
fn a_board_answers_once_to_a_key_that_is_held() {
    let mut session = Session::new(1);
    session.model.me = operator("ann", Role::Senior);
    session.key("D");
    session.tell(Msg::Board(Kind::Dead, Ok((0..9).map(board_row).collect())));
    session.pass(2 * Time::SECOND);
    let mut done = 0;
    for n in 0..60 {
        let cmds = update(&mut session.model, Msg::Key("y".into()));
        done += cmds.iter().filter(|cmd| matches!(cmd, Cmd::Do(..))).count();
        // What was answered is gone from the board, and the next row is under the key.
        let rows = (done..9).map(board_row).collect();
        update(&mut session.model, Msg::Board(Kind::Dead, Ok(rows)));
        let shown = session.model.shown();
        update(&mut session.model, Msg::Drawn(shown));
        session.model.now = Time(session.model.now.0 + if n == 0 { 600_000 } else { 33_000 });
    }
    assert_eq!(done, 1);
}
