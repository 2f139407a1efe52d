//! What is said about keys names the keys that this person has.

use super::*;
use crate::{keys::own, model::Model, msg::Cmd};

/// A console whose every hinted command has another key than the house's.
fn other_keys(size: (u16, u16)) -> Model {
    let keys = own::with(
        "undo = \"α\"\n\"keep view\" = \"β\"\nall = \"γ\"\nfind = \"δ\"\ncontest = \"ε\"\nremove = \"ζ\"\nkeep = \"η\"\nno = \"θ\"\n\
         yes = \"ι\"\napprovals = \"κ\"\n\"more like it\" = \"λ\"\nmark = \"μ\"\ndown = \"ν\"\nsection = \"ξ\"\nqueue = \"ο\"\n\
         lanes = \"π\"\nfilter = \"ρ\"\nopen = \"σ\"\npages = \"τ\"\n\"dead effects\" = \"υ\"\npeople = \"φ\"\nfigures = \"χ\"\n\
         \"my decisions\" = \"ψ\"\n\"mark this seller\" = \"ω\"",
    );
    let mut model = model(size);
    model.own.keys = keys.unwrap();
    model
}

fn screen(model: &Model) -> String {
    text(&drawn(model))
}

fn toast(model: &Model) -> &str {
    model.toast.as_ref().map_or("", |toast| toast.words.as_str())
}

#[test]
fn what_is_said_after_a_key_names_ones_own_keys() {
    let mut model = other_keys((120, 40));
    let cmds = press(&mut model, "ζ 1");
    let Some(Cmd::Act(act)) = cmds.into_iter().next() else { panic!("no act") };
    let done =
        Acted { case: act.case, version: 2, state: "removed", grace_until: None, compensated: false, waits: None };
    update(&mut model, Msg::Acted(act, Ok(done)));
    assert!(toast(&model).starts_with("Removed; α takes it back"), "{}", toast(&model));
    for (keys, words) in [
        ("V", "Mark the first one with μ"),
        ("1", "No view is kept yet; β keeps what is shown"),
        ("ω", "This seller's"),
    ] {
        press(&mut model, keys);
        assert!(toast(&model).starts_with(words), "{keys}: {}", toast(&model));
    }
    model.queue.more = true;
    press(&mut model, "U ω");
    assert!(toast(&model).contains("(λ λ finds all)"), "{}", toast(&model));
}

#[test]
fn what_stands_on_a_screen_names_ones_own_keys() {
    let mut model = Model { me: operator("ann", Role::Senior), ..other_keys((120, 24)) };
    model.waiting = Waiting { approvals: 2, pages: 1, dead: 3, paused: vec![], people: vec![], root: None };
    assert!(screen(&model).contains("κ 2 to approve · τ 1 page · υ 3 dead"), "{}", screen(&model));
    press(&mut model, "λ");
    assert!(screen(&model).contains("Nearly the same title (λ: same seller)"));
    press(&mut model, "Esc ?");
    assert!(screen(&model).contains("more below: ν"), "{}", screen(&model));
    press(&mut model, "Esc : r e p o r t s");
    assert!(screen(&model).contains("ρ     reports>3"), "{}", screen(&model));
    press(&mut model, "Esc υ");
    update(&mut model, Msg::Board(Kind::Dead, Ok(vec![board_row(0)])));
    assert!(screen(&model).contains("ι try again   θ give up   σ its case"), "{}", screen(&model));
    press(&mut model, "ο δ x Enter");
    update(&mut model, Msg::Board(Kind::Found("x".into()), Ok(vec![])));
    assert!(screen(&model).contains("δ looks for another"), "{}", screen(&model));
    press(&mut model, "ο σ");
    update(&mut model, Msg::Dossier(case_id(0), Some(Box::new(contested(0)))));
    update(&mut model, Msg::Leased(case_id(0), true));
    assert!(screen(&model).contains("more lines: ν, ξ for the next section"), "{}", screen(&model));
    model.size = (120, 200);
    let whole = screen(&model);
    for (own, house) in [("(κ)", "(A)"), ("ε enters", "c enters"), ("η ", "x lets"), ("ζ ", "r takes")] {
        assert!(whole.contains(own) && !whole.contains(house), "{own}: {whole}");
    }
    let mut empty = Model { own: model.own, ..model_of((80, 24), vec![]) };
    empty.queue.ask = jointforce_shared::domain::ask::Ask::parse("late").unwrap();
    assert!(screen(&empty).contains("γ shows the whole queue"));
}

#[test]
fn on_a_phone_a_message_that_is_too_long_for_its_line_takes_that_of_the_hints() {
    let mut model = model((40, 12));
    press(&mut model, "u");
    assert_eq!(toast(&model), "You have decided nothing that could be taken back");
    let shown = screen(&model);
    let bottom: Vec<&str> = shown.lines().rev().take(2).collect();
    assert_eq!(bottom, ["taken back", "! You have decided nothing that could be"]);
    model.toast = None;
    assert!(screen(&model).lines().last().unwrap().contains("? help"));
}
