//! What colours say, something else says too: every screen in every theme, and every state beside the other.

use jointforce_shared::domain::time::Time;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{
    corpus::Pair,
    everywhere::{self, PIXELS, SCREENS},
    glass::Glass,
};
use crate::{
    fixture::{case_id, model, press, row, see, slow},
    model::{Lease, Model, Toast, sent::Sent},
    msg::{Msg, Worker},
    theme::{Look, Theme},
    update::update,
    view::{text, to_ascii, view},
};

const THEMES: [Theme; 4] = [Theme::DARK, Theme::LIGHT, Theme::CONTRAST, Theme::MONO];

fn words(model: &Model, theme: &Theme, ascii: bool) -> String {
    let mut buf = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    view(model, theme, &mut buf);
    if ascii {
        to_ascii(&mut buf);
    }
    text(&buf)
}

/// The numbers of every pen that the bytes take up.
fn pens(bytes: &str) -> Vec<u16> {
    let sequences = bytes.split("\x1b[").skip(1);
    let pens = sequences.filter_map(|rest| {
        let end = rest.find(|c: char| c.is_ascii_alphabetic())?;
        rest[end..].starts_with('m').then_some(&rest[..end])
    });
    pens.flat_map(|codes| codes.split(';')).filter_map(|code| code.parse().ok()).collect()
}

#[test]
fn every_screen_says_the_same_in_every_theme_and_mono_takes_up_no_colour() {
    for (name, way) in SCREENS {
        for size in [(80, 24), (40, 12), (200, 60)] {
            let pair = Pair("Nike 時計".into(), "Bo & Li".into());
            let mut model = everywhere::model(size, &pair);
            way(&mut model, &pair);
            let mono = words(&model, &Theme::MONO, false);
            for theme in THEMES {
                let pixels = *name == PIXELS;
                assert_eq!(
                    words(&model, &theme, false) == mono,
                    !pixels || theme.key.fg.is_none(),
                    "{name} at {size:?}"
                );
                let (fault, bytes) = Glass::new().show(&model, &Look { theme, ascii: false });
                assert_eq!(fault, None, "{name} at {size:?}");
                let colours: Vec<_> = pens(&bytes).into_iter().filter(|pen| *pen >= 30).collect();
                let sixteen = |pen: &u16| matches!(pen, 30..=37 | 39..=47 | 49 | 90..=97);
                assert!(pixels || colours.iter().all(sixteen), "{name}: {colours:?}");
                assert!(theme != Theme::MONO || colours.is_empty(), "{name}: {colours:?}");
            }
            let (fault, bytes) = Glass::new().show(&model, &Look { theme: Theme::MONO, ascii: true });
            assert_eq!(fault, None, "{name} in ASCII at {size:?}");
            assert!(bytes.is_ascii(), "{name} in ASCII at {size:?}");
        }
    }
}

/// Brings a model from its beginning into a state.
type Bring = fn(&mut Model);

/// What a colour tells apart: how it is brought about, on a model that stands at its beginning.
const STATES: &[(&str, Bring)] = &[
    ("another row is selected", |model| drop(press(model, "j"))),
    ("a row is marked", |model| drop(press(model, "v k"))),
    ("a deadline is over", |model| model.now = Time(model.now.0 + 3 * Time::HOUR)),
    ("a row is held", |model| model.queue.rows[1].held_by = "bob".parse().ok()),
    ("a row is somebody's", |model| model.queue.rows[1].assigned_to = "bob".parse().ok()),
    ("a row is leased", |model| model.queue.rows[1].lease_by = "carla".parse().ok()),
    ("a seller is at another level", |model| {
        model.queue.rows[0].level = jointforce_shared::domain::seller::Level::Suspended
    }),
    ("a risk is another", |model| model.queue.rows[0].factors = row(3).factors),
    ("an act is on its way", |model| {
        model.sent.insert(case_id(1), Sent::new("removing", "", model.now, None));
    }),
    ("an act failed", |model| {
        let sent = Sent { failed: Some("no".into()), ..Sent::new("removing", "", model.now, None) };
        model.sent.insert(case_id(1), sent);
    }),
    ("something went well", |model| {
        model.toast =
            Some(Toast { words: "Held".into(), bad: false, stays: false, until: Time(model.now.0 + Time::HOUR) });
    }),
    ("something went wrong", |model| {
        model.toast =
            Some(Toast { words: "Held".into(), bad: true, stays: true, until: Time(model.now.0 + Time::HOUR) });
    }),
    ("the database is away", |model| drop(update(model, Msg::Away))),
    ("the worker ended", |model| model.worker = Worker::Ended),
    ("the link is slow", slow),
    ("a key can't be had", |model| model.me.role = jointforce_shared::domain::operator::Role::Auditor),
    ("a case is open", |model| drop(press(model, "Enter"))),
    ("the open case is ours", |model| {
        press(model, "Enter");
        update(model, Msg::Leased(case_id(0), true));
    }),
    ("the open case is not ours", |model| {
        press(model, "Enter");
        model.open.iter_mut().for_each(|open| open.lease = Lease::Refused);
    }),
    ("a command is chosen", |model| drop(press(model, ":"))),
    ("the next command is chosen", |model| drop(press(model, ": Down"))),
    ("a word of the filter is chosen", |model| drop(press(model, "/ s"))),
    ("the next word of the filter is chosen", |model| drop(press(model, "/ s Down"))),
    ("a filter is mistaken", |model| drop(press(model, "/ t i e r : x Enter"))),
    ("a group", |model| group(model, "")),
    ("one of a group is left out", |model| group(model, "Space k")),
    ("another of a group is under the cursor", |model| group(model, "j")),
];

fn group(model: &mut Model, keys: &str) {
    press(model, "m");
    update(model, Msg::Group(Box::new(Ok(Some(crate::fixture::alike(4))))));
    if !keys.is_empty() {
        press(model, keys);
    }
}

#[test]
fn no_two_states_look_alike_without_colours_or_beyond_ascii() {
    for ascii in [false, true] {
        let mut seen: Vec<(String, String)> = vec![];
        let plain = |_: &mut Model| {};
        for (name, bring) in std::iter::once(("nothing", plain as Bring)).chain(STATES.iter().copied()) {
            let mut model = model((100, 30));
            for row in &mut model.queue.rows {
                (row.held_by, row.assigned_to, row.lease_by) = (None, None, None);
            }
            see(&mut model);
            bring(&mut model);
            let words = words(&model, &Theme::MONO, ascii);
            if let Some((other, _)) = seen.iter().find(|(_, known)| *known == words) {
                panic!("{name:?} looks like {other:?}, ascii {ascii}:\n{words}");
            }
            seen.push((name.to_owned(), words));
        }
    }
}

#[test]
fn the_signs_of_the_evidence_differ_in_ascii_too() {
    let mut signs =
        ['≠', '=', '?', '≈', '>', '*'].map(|sign| jointforce_shared::domain::safe_text::ascii(sign).unwrap());
    signs.sort_unstable();
    assert!(signs.windows(2).all(|pair| pair[0] != pair[1]), "{signs:?}");
}
