//! The corpus on every screen, drawn and in lines.

use jointforce_shared::domain::{operator::Role, policy::Policy, safe_text, time::Time};

use super::{
    corpus::{self, Pair},
    everywhere::{self, SCREENS},
    glass::Glass,
    wire,
};
use crate::{
    fixture::{NOW, operator},
    model::Model,
    plain::desk::Desk,
    theme::{Look, Theme},
    view::{self, to_ascii},
};

const LOOK: Look = Look { theme: Theme::DARK, ascii: false };
const SIZES: [(u16, u16); 4] = [(80, 24), (40, 12), (33, 9), (122, 20)];

/// Where the most is made of a line: each of a megabyte goes there.
const LONGEST: [&str; 3] = ["queue", "case", "shift note"];

/// Every third pair meets one screen, each time another; `JOINTFORCE_HOSTILE=1` lets all of them meet all screens, which takes
/// 25 minutes of a core in a release build.
fn stride() -> usize {
    std::env::var("JOINTFORCE_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(SCREENS.len())
}

/// Calls `meet` with each pair and screen whose turn it is; of the pairs with each `every`th.
fn meetings(every: usize, mut meet: impl FnMut(&Pair, usize)) {
    let stride = stride();
    let every = every.min(stride);
    for (n, pair) in corpus::strings().iter().enumerate().step_by(every) {
        for screen in (0..SCREENS.len()).filter(|screen| (n + screen).is_multiple_of(stride)) {
            meet(pair, screen);
        }
    }
}

fn at_screen(pair: &Pair, screen: usize, size: (u16, u16)) -> Model {
    let mut model = everywhere::model(size, pair);
    let (_, way) = SCREENS[screen];
    way(&mut model, pair);
    model
}

#[test]
fn nothing_that_strangers_write_acts_on_the_terminal_or_leaves_its_cell() {
    let mut glasses = SIZES.map(|size| (size, Glass::new()));
    let mut turn = 0;
    meetings(3, |pair, screen| {
        turn += 1;
        let (size, glass) = &mut glasses[turn % SIZES.len()];
        let model = at_screen(pair, screen, *size);
        let (fault, _) = glass.show(&model, &LOOK);
        assert_eq!(fault, None, "{} at {size:?} with {pair:?}", SCREENS[screen].0);
        let mut plain = glass.shown().clone();
        to_ascii(&mut plain);
        let is_ascii = plain.content.iter().all(|cell| matches!(cell.symbol().as_bytes(), [b' '..=b'~']));
        assert!(is_ascii, "{} in ASCII with {pair:?}", SCREENS[screen].0);
    });
}

#[test]
fn nothing_that_strangers_write_is_printed_as_it_is() {
    meetings(11, |pair, screen| {
        let (mut desk, _) = Desk::new(operator("ann", Role::Moderator), Policy::default(), NOW);
        desk.model = at_screen(pair, screen, desk.model.size);
        let mut lines = desk.look().0;
        desk.typed("");
        lines.extend(desk.look().0);
        for line in lines {
            assert_eq!(wire::fault_in_words(&line), None, "{} with {pair:?}", SCREENS[screen].0);
            assert!(safe_text::to_ascii(&line).is_ascii());
        }
    });
}

#[test]
fn a_line_of_a_megabyte_is_no_more_work_than_a_screen() {
    let mut glass = Glass::new();
    for (n, line) in corpus::long().into_iter().enumerate().step_by(stride().min(5)) {
        let pair = Pair(line.clone(), line);
        let met = |screen: &usize| (n + screen).is_multiple_of(stride()) || LONGEST.contains(&SCREENS[*screen].0);
        for screen in (0..SCREENS.len()).filter(met) {
            let model = at_screen(&pair, screen, (80, 24));
            let (fault, bytes) = glass.show(&model, &LOOK);
            assert_eq!(fault, None, "{} with {:.40}", SCREENS[screen].0, pair.0);
            assert!(bytes.len() < 80 * 24 * 64, "{}", bytes.len());
            // What is drawn is cut by the screen; what is made for it, and scrolled, has to be bounded by itself.
            let made: usize = view::words(&model, (80, 24)).iter().map(String::len).sum();
            assert!(made < 1 << 17, "{}: {made} bytes", SCREENS[screen].0);
        }
    }
}

#[test]
fn no_key_and_no_paste_is_a_line_that_can_t_be_shown() {
    // What is typed is shown back, letter by letter: a person may paste anything.
    let mut glass = Glass::new();
    for Pair(one, two) in corpus::strings().iter().step_by(2 * stride()) {
        let mut model = everywhere::model((50, 14), &Pair("x".into(), "y".into()));
        crate::fixture::press(&mut model, "n");
        for c in one.chars().take(40) {
            crate::update::update(&mut model, crate::msg::Msg::Key(c.to_string()));
        }
        crate::update::update(&mut model, crate::msg::Msg::Paste(two.clone()));
        for key in ["Left", "Left", "Backspace", "Right", "C-w", "Left", "C-u"] {
            let (fault, _) = glass.show(&model, &LOOK);
            assert_eq!(fault, None, "{one:?} {two:?}");
            model.now = Time(model.now.0 + Time::SECOND);
            crate::fixture::press(&mut model, key);
        }
    }
}
