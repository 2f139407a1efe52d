//! A database that is away, or only slow.

use super::*;

#[test]
fn a_lost_database_is_told_and_asked_again_until_it_is_back() {
    let mut model = model(SIZE);
    model.now = model.queue.refresh_at;
    let cmds = update(&mut model, Msg::Tick);
    let Some(Cmd::Queue { ticket, .. }) = cmds.first() else { panic!("{cmds:?}") };
    update(&mut model, Msg::Failed(Read::Queue(*ticket), Failure { words: "gone".into(), away: true }));
    assert!(model.away.is_some());
    model.now = model.queue.refresh_at;
    let cmds = update(&mut model, Msg::Tick);
    let Some(Cmd::Queue { ticket, .. }) = cmds.first() else { panic!("{cmds:?}") };
    update(&mut model, Msg::Queue { ticket: *ticket, rows: vec![row(0)] });
    assert!(model.away.is_none());
}

#[test]
fn what_could_not_be_done_without_the_database_says_that_it_is_away_and_not_that_it_is_back() {
    let mut model = model(SIZE);
    let gone = || Failure { words: "gone".into(), away: true };
    let sent = acts(press(&mut model, "r 1"));
    update(&mut model, Msg::Acted(Box::new(sent[0].clone()), Err(gone())));
    assert!(model.away.is_some());
    press(&mut model, "#");
    update(&mut model, Msg::Figures(Err(gone())));
    assert!(model.away.is_some());
    assert!(model.toast.as_ref().is_some_and(|toast| !toast.words.contains("back")), "{:?}", model.toast);
    update(&mut model, Msg::Figures(Err(Failure { words: "no".into(), away: false })));
    assert!(model.away.is_none(), "a refusal is an answer");
}

#[test]
fn a_database_that_says_nothing_is_told_but_not_pressed() {
    let mut model = model(SIZE);
    let mut asked = vec![];
    for _ in 0..4 {
        model.now = model.queue.refresh_at;
        asked.extend(update(&mut model, Msg::Tick).into_iter().filter(|cmd| matches!(cmd, Cmd::Queue { .. })));
    }
    assert!(model.away.is_some());
    let [Cmd::Queue { ticket, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    update(&mut model, Msg::Queue { ticket: *ticket, rows: vec![row(0)] });
    assert!(model.away.is_none(), "an answer that comes late is an answer");
}

#[test]
fn a_database_that_takes_long_is_there_as_long_as_it_answers_something_small() {
    let mut model = model(SIZE);
    let tick = |model: &mut Model| {
        model.now = model.queue.refresh_at;
        let asked = update(model, Msg::Tick).into_iter();
        words(&asked.filter(|cmd| matches!(cmd, Cmd::Queue { .. } | Cmd::Ping)).collect::<Vec<_>>())
    };
    assert_eq!(tick(&mut model), "queue -");
    for _ in 0..3 {
        assert_eq!(tick(&mut model), "ping", "each time anew");
        assert!(model.away.is_none());
        update(&mut model, Msg::There);
    }
    assert_eq!(tick(&mut model), "ping");
    see(&mut model);
    assert_eq!(acts(press(&mut model, "r 1")).len(), 1, "whoever waits for the queue decides meanwhile");
    assert_eq!(tick(&mut model), "", "nothing more is asked");
    assert!(model.away.is_some(), "it did not answer even that");
    update(&mut model, Msg::There);
    assert!(model.away.is_none());
}
