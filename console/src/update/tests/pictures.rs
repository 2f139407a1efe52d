//! Pictures on request.

use jointforce_shared::{domain::picture::Picture, store::pictures::Standing};

use super::*;
use crate::msg::Worker;

const URL: &str = "https://img.market.example/l/1.jpg";

fn asks(cmds: &[Cmd]) -> Vec<&str> {
    cmds.iter().filter_map(|cmd| if let Cmd::Picture(url) = cmd { Some(url.as_str()) } else { None }).collect()
}

fn tick(model: &mut Model) -> usize {
    model.now = Time(model.now.0 + Time::SECOND);
    asks(&update(model, Msg::Tick)).len()
}

#[test]
fn a_picture_is_asked_for_until_it_is_made_and_then_no_more() {
    let mut model = model(SIZE);
    open(&mut model);
    assert_eq!(asks(&press(&mut model, "i")), [URL]);
    assert_eq!(tick(&mut model), 0, "the first answer is still to come");
    update(&mut model, Msg::Picture(URL.into(), Ok(Standing::Asked)));
    assert_eq!((tick(&mut model), tick(&mut model)), (1, 0));
    let picture = Picture::new(1, 1, vec![[1, 2, 3]]).unwrap();
    update(&mut model, Msg::Picture("https://another".into(), Ok(Standing::Failed("gone".into()))));
    update(&mut model, Msg::Picture(URL.into(), Ok(Standing::Made(picture))));
    assert_eq!((tick(&mut model), tick(&mut model)), (0, 0));
    assert_eq!(asks(&press(&mut model, "j")), [URL], "the next one");
    assert!(asks(&press(&mut model, "j j j j j")).len() == 2, "the listing has four");
    press(&mut model, "Esc");
    assert!(model.dialog.is_none() && model.open.is_some());
}

#[test]
fn where_nothing_but_this_process_could_make_it_no_picture_is_made() {
    let mut model = model(SIZE);
    open(&mut model);
    model.worker = Worker::Here;
    assert!(press(&mut model, "i").is_empty());
    assert!(model.toast.as_ref().unwrap().words.contains("worker of its own"), "{:?}", model.toast);
    model.worker = Worker::Elsewhere;
    assert_eq!(asks(&press(&mut model, "i")).len(), 1);
}
