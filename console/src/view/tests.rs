//! Every screen at the sizes that matter, and no panic at any size.

mod budget;
mod figures;
mod hints;
mod told;

use jointforce_shared::{
    commands::case::Acted,
    domain::{operator::Role, penalty::Preview, time::Time},
};
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::{text, view};
use crate::{
    board::{Kind, Row},
    deed::Deed,
    fixture::{alike, board_row, case_id, contested, dossier, model, model_of, operator, pass, press, row, see},
    keys::{Intent, TABLE},
    model::Model,
    msg::{Failure, Msg},
    text::Text,
    theme::Theme,
    update::update,
    waiting::Waiting,
};

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (200, 60), (50, 20)];

fn drawn(model: &Model) -> Buffer {
    let mut buf = Buffer::empty(Rect::new(0, 0, model.size.0, model.size.1));
    view(model, &Theme::DARK, &mut buf);
    buf
}

fn snapshot(name: &str, of: impl Fn(&mut Model)) {
    for size in SIZES {
        let mut model = model(size);
        of(&mut model);
        insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), text(&drawn(&model)));
    }
}

/// The cursor rests, and the case under it stands beside the list.
fn rest(model: &mut Model) {
    pass(model, model.link.pane_after());
}

/// Opens the first case, read and leased.
fn open(model: &mut Model) {
    press(model, "Enter");
    update(model, Msg::Dossier(case_id(0), Some(Box::new(dossier(0)))));
    update(model, Msg::Leased(case_id(0), true));
    see(model);
}

#[test]
fn the_queue() {
    snapshot("queue", |model| {
        update(model, Msg::Dossier(case_id(2), Some(Box::new(dossier(2)))));
        press(model, "v j");
        rest(model);
    });
}

#[test]
fn a_board() {
    snapshot("board", |model| {
        press(model, "D");
        update(model, Msg::Board(Kind::Dead, Ok((0..3).map(board_row).collect())));
        press(model, "j");
    });
}

#[test]
fn approvals() {
    snapshot("approvals", |model| {
        model.waiting =
            Waiting { approvals: 2, pages: 1, dead: 0, paused: vec![], people: vec![], root: Some("Zm9vYmFy".into()) };
        press(model, "A");
        let id = "01KEKSP0000000000000000001".parse().unwrap();
        let row = |n: usize, title: &str, barred: Option<&str>| Row {
            title: title.into(),
            state: if barred.is_some() { "yours".into() } else { "by carla".into() },
            details: vec![
                "Asked by carla, ends in 22h59m. It takes two, because it takes back a decision of your own team."
                    .into(),
                "“The brand's own picture shows this seam.”".into(),
                "Sac \u{202e}neuf · Acme against luckystar88 · removed by bob".into(),
            ],
            yes: barred.is_none().then_some(Deed::Approve(id)),
            no: Some(if barred.is_some() { Deed::TakeRequestBack(id) } else { Deed::Refuse(id) }),
            barred: barred.map(str::to_owned),
            ..board_row(n)
        };
        let rows = vec![
            row(0, "keep case 000000: the goods are genuine", None),
            row(
                1,
                "remove 60 cases: counterfeit offered",
                Some("You asked for it yourself, so somebody else says yes"),
            ),
        ];
        update(model, Msg::Board(Kind::Approvals, Ok(rows)));
        see(model);
        if model.size.0 == 120 {
            press(model, "j");
        }
    });
}

#[test]
fn a_contested_case() {
    snapshot("contested", |model| {
        press(model, "Enter");
        update(model, Msg::Dossier(case_id(0), Some(Box::new(contested(0)))));
        update(model, Msg::Leased(case_id(0), true));
        see(model);
    });
}

#[test]
fn a_text() {
    snapshot("text", |model| {
        press(model, "S");
        let lines = ["Shift of oda, since 2026-01-10T04:00:00Z (8h00m)", "cases past their deadline: 1"];
        let case =
            format!("  01KEKSE0000000000000000000 acme on L-1, overdue 1h00m, {}", "at the legal desk, ".repeat(5));
        let lines = lines.iter().map(|line| (*line).to_owned()).chain([case, "cases on hold: 0".into()]).collect();
        update(model, Msg::Text(Text::Shift, Ok(lines)));
    });
}

#[test]
fn a_group() {
    snapshot("group", |model| {
        press(model, "m");
        update(model, Msg::Group(Box::new(Ok(Some(alike(12))))));
        press(model, "j Space j");
    });
}

#[test]
fn the_empty_queue() {
    let model = model_of((80, 24), vec![]);
    insta::assert_snapshot!(text(&drawn(&model)));
}

#[test]
fn a_case() {
    snapshot("case", open);
}

#[test]
fn a_case_further_down() {
    snapshot("case_end", |model| {
        open(model);
        press(model, "G");
    });
}

#[test]
fn the_reasons() {
    snapshot("reasons", |model| {
        open(model);
        press(model, "r");
    });
}

#[test]
fn a_batch() {
    snapshot("batch", |model| {
        let cmds = press(model, "v v v r 2 3");
        let Some(crate::msg::Cmd::Preview(cases, reason)) = cmds.into_iter().next() else { panic!("no preview") };
        let preview = model.policy.ladder.preview_all(&[], &[], model.now);
        let words = "34 -> 46 points; next step 48 (suspended); 2 of these fall in a 3-day window and count once";
        let preview = Preview { words: words.into(), ..preview };
        let sellers = ["S-0", "S-1", "S-2", "S-3"].map(|seller| (seller.parse().unwrap(), preview.clone()));
        update(model, Msg::Preview(cases, reason, sellers.to_vec()));
    });
}

#[test]
fn what_became_of_a_batch() {
    snapshot("results", |model| {
        let cmds = press(model, "v v v r 2 3 Enter");
        let acts: Vec<_> = cmds
            .into_iter()
            .filter_map(|cmd| if let crate::msg::Cmd::Act(act) = cmd { Some(act) } else { None })
            .collect();
        let done = Acted {
            case: case_id(0),
            version: 2,
            state: "removed",
            grace_until: None,
            compensated: false,
            waits: None,
        };
        update(model, Msg::Acted(acts[0].clone(), Ok(done)));
        let failure = Failure { words: "bob is on it for another 9 min. Go on to the next case.".into(), away: false };
        update(model, Msg::Acted(acts[1].clone(), Err(failure)));
    });
}

#[test]
fn a_failure_and_a_lost_database() {
    snapshot("failure", |model| {
        let cmds = press(model, "r 1");
        let Some(crate::msg::Cmd::Act(act)) = cmds.into_iter().next() else { panic!("no act") };
        let failure = Failure { words: "it changed since you saw it; look again".into(), away: false };
        update(model, Msg::Acted(act, Err(failure)));
        update(model, Msg::Away);
        model.now = Time(model.now.0 + 5 * Time::SECOND);
        press(model, "k");
        rest(model);
    });
}

#[test]
fn other_dialogs() {
    for (name, keys) in [
        ("help", "?"),
        ("palette", ": h a n"),
        ("hold", "h"),
        ("hold_why", "h 2 a s k i n g"),
        ("filter", "/ h e l d Space t i e r : g o l d Enter"),
        ("note", "n b é 時"),
    ] {
        let mut model = model((80, 24));
        press(&mut model, keys);
        insta::assert_snapshot!(name, text(&drawn(&model)));
    }
    let mut model = model((80, 24));
    press(&mut model, "H");
    let staff = [operator("ann", Role::Moderator), operator("bob", Role::Senior), operator("eve", Role::Auditor)];
    update(&mut model, Msg::Staff(staff.to_vec()));
    insta::assert_snapshot!("hand_over", text(&drawn(&model)));
}

#[test]
fn urgent_rows_are_told_by_words_and_styled_besides() {
    let model = model((80, 24));
    let buf = drawn(&model);
    let first = text(&buf).lines().nth(2).unwrap().to_owned();
    assert!(first.contains("late 1h00m") && first.starts_with('>'), "{first}");
    assert!(buf[(2, 2)].modifier.contains(Modifier::BOLD));
    let mut mono = Buffer::empty(buf.area);
    view(&model, &Theme::MONO, &mut mono);
    assert_eq!(text(&mono), text(&buf));
    assert!(mono.content().iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn what_came_before_says_so_in_the_list_and_which_notice_it_corrects() {
    let mut first = row(0);
    first.round = 2;
    let mut model = model_of((80, 24), vec![first, row(1)]);
    let list = text(&drawn(&model));
    let again: Vec<bool> = list.lines().skip(2).take(2).map(|line| line.contains("again")).collect();
    assert_eq!(again, [true, false], "{list}");
    press(&mut model, "Enter");
    let mut read = dossier(0);
    read.claims[0].resubmits = Some("ACME-11".into());
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(read))));
    model.size = (80, 300);
    let case = text(&drawn(&model));
    assert_eq!(case.matches("ACME-11, which was refused").count(), 1, "{case}");
}

#[test]
fn a_moved_cursor_changes_two_cells_of_the_list() {
    let mut model = model((200, 60));
    let before = drawn(&model);
    press(&mut model, "j");
    let after = drawn(&model);
    let list = super::layout::queue(model.size).list;
    let changed: Vec<_> = before.diff(&after).into_iter().filter(|(x, ..)| *x < list).map(|(x, y, _)| (x, y)).collect();
    assert_eq!(changed, [(0, 2), (0, 3)]);
}

#[test]
fn nothing_of_a_strangers_text_reaches_the_terminal_raw() {
    for size in SIZES {
        let mut model = model(size);
        for n in 0..8 {
            update(&mut model, Msg::Dossier(case_id(n), Some(Box::new(dossier(n)))));
        }
        update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(contested(0)))));
        for keys in ["", "r", "Esc", "Enter", "G"] {
            if !keys.is_empty() {
                press(&mut model, keys);
            }
            let text = text(&drawn(&model));
            let bad = |c: &char| {
                (c.is_control() && *c != '\n')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{2066}'..='\u{2069}')
            };
            assert_eq!(text.chars().find(bad), None, "{text}");
        }
    }
}

#[test]
fn what_can_not_be_done_now_is_dimmed_and_says_why() {
    let mut model = model((120, 24));
    model.me = operator("eve", Role::Auditor);
    let buf = drawn(&model);
    let hints = text(&buf).lines().last().unwrap().to_owned();
    let at = u16::try_from(hints.find("remove").unwrap()).unwrap();
    assert_eq!(buf[(at, 23)].fg, Theme::DARK.dim.fg.unwrap());
    press(&mut model, "r");
    assert!(text(&drawn(&model)).contains("A role of auditor may not decide cases"));
}

#[test]
fn the_cover_shows_nothing_of_what_is_behind_it() {
    for size in SIZES {
        let mut model = model(size);
        open(&mut model);
        press(&mut model, "n s e c r e t");
        model.cover = Some(crate::model::line::Line::default());
        press(&mut model, "a n");
        let shown = text(&drawn(&model));
        let lines: Vec<_> = shown.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
        assert_eq!(
            lines,
            [
                " Joint Force",
                " Covered: no key for 10 min. Your leases were given back.",
                " Type ann and Enter to go on.",
                " > an"
            ]
            .map(|line| line.chars().take(usize::from(size.0)).collect::<String>().trim_end().to_owned()),
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn no_size_and_no_key_is_a_panic(
        width in 1..300_u16, height in 1..100_u16, rows in 0..60_usize,
        keys in prop::collection::vec(prop::sample::select(every_key()), 0..25),
    ) {
        let mut model = model_of((width, height), (0..rows).map(row).collect());
        drawn(&model);
        for (n, key) in keys.into_iter().enumerate() {
            see(&mut model);
            press(&mut model, key);
            if n % 5 == 0 && let Some(open) = &model.open {
                let case = open.case;
                let n = (0..60).find(|n| case_id(*n) == case).unwrap_or(0);
                update(&mut model, Msg::Dossier(case, Some(Box::new(dossier(n)))));
            }
            drawn(&model);
        }
        update(&mut model, Msg::Resize(height, width));
        drawn(&model);
        model.cover = Some(crate::model::line::Line::default());
        drawn(&model);
    }
}

fn every_key() -> Vec<&'static str> {
    TABLE.iter().filter(|binding| binding.intent != Intent::Quit).flat_map(|binding| &*binding.keys).copied().collect()
}
