//! One text in every field that a screen shows, and every screen that there is.

use jointforce_shared::{
    domain::{
        case::State,
        decision::{KeepReason, RemoveReason, Verdict},
        group::Kinship,
        note::Recipient,
        operator::{Operator, Role},
        picture::{Picture, SIDE},
        sitting::{Sitting, Writing},
        view::View,
    },
    store::{pictures::Standing, queue::QueueRow},
};

use super::{corpus::Pair, strange::strange_case};
use crate::{
    board::{Board, Kind, Row},
    deed::Deed,
    fixture::{NOW, alike, board_row, case_id, colleague, figures, model_of, operator, press, row, see, slow},
    model::{Model, line::Line, refresh::Refresh, sent::Sent},
    msg::{Cmd, Failure, Msg, Read, Worker},
    text::Text,
    update::update,
    waiting::Waiting,
};

/// Rows of the queue.
const ROWS: usize = 7;

/// A queue of such cases, with nothing open.
pub fn model(size: (u16, u16), pair: &Pair) -> Model {
    let mut model = model_of(size, (0..ROWS).map(|n| strange_row(n, pair)).collect());
    model.views = [1, 2].map(|slot| view(slot, pair)).to_vec();
    model.brands = vec![pair.0.clone(), pair.1.clone()];
    model.staff = vec![strange_operator("bob", pair), strange_operator("carla", pair)];
    model.waiting.root = Some("Zm9vYmFy".into());
    for template in &mut model.policy.asking.templates {
        template.title.clone_from(&pair.0);
    }
    for snippet in &mut model.policy.console.snippets {
        snippet.text = format!("{} {{listing}} {{brand}}", pair.0);
    }
    see(&mut model);
    model
}

/// A view as the database would give it: only its name can be strange, and has no controls.
fn view(slot: u8, Pair(one, _): &Pair) -> View {
    let name: String = one.chars().filter(|c| !c.is_control()).take(20).collect();
    let ask = format!("\"{}\"", name.replace('"', " "));
    View::new(slot, &name, &ask).or_else(|_| View::new(slot, "late", "late")).unwrap()
}

fn strange_operator(id: &str, Pair(one, two): &Pair) -> Operator {
    Operator { name: format!("{one} {two}"), ..operator(id, Role::Senior) }
}

fn strange_row(n: usize, Pair(one, two): &Pair) -> QueueRow {
    let mut row = row(n);
    (row.title, row.brand_name, row.seller_name) = match n % 3 {
        0 => (one.clone(), two.clone(), one.clone()),
        1 => (format!("{} {one}", row.brand_name), row.brand_name, two.clone()),
        _ => (two.clone(), one.clone(), row.seller_name),
    };
    row
}

/// Opens case `n`, read and ours.
fn open(model: &mut Model, n: usize, pair: &Pair) {
    press(model, "g");
    (0..n).for_each(|_| drop(press(model, "j")));
    press(model, "Enter");
    update(model, Msg::Dossier(case_id(n), Some(Box::new(strange_case(n, pair)))));
    update(model, Msg::Leased(case_id(n), true));
    see(model);
}

fn paste(model: &mut Model, text: &str) {
    update(model, Msg::Paste(text.to_owned()));
}

fn board(model: &mut Model, key: &str, kind: Kind, Pair(one, two): &Pair) {
    press(model, key);
    let id = "01KEKSP0000000000000000001".parse().unwrap();
    let rows = (0..3).map(|n| Row {
        title: one.clone(),
        state: two.clone(),
        details: vec![two.clone(), one.clone(), one.clone()],
        barred: (n == 1).then(|| two.clone()),
        yes: Some(Deed::Approve(id)),
        ..board_row(n)
    });
    let rows = rows.collect();
    update(model, Msg::Board(kind, Ok(rows)));
    see(model);
}

fn reading(model: &mut Model, key: &str, text: Text, Pair(one, two): &Pair) {
    press(model, key);
    let lines = vec![one.clone(), format!("  {two}"), format!("    {one} {two}"), String::new(), two.clone()];
    update(model, Msg::Text(text, Ok(lines)));
}

fn group(model: &mut Model, by: Kinship, Pair(one, two): &Pair) {
    let mut group = alike(4);
    group.by = by;
    let card = std::iter::once(&mut group.card);
    for member in card.chain(group.members.iter_mut().map(|kin| &mut kin.member)) {
        member.listing.content.title.clone_from(one);
        member.brand_name.clone_from(two);
        member.seller_name.clone_from(one);
    }
    use jointforce_shared::domain::group::Difference::{Brand, Category, Seller, Territory, Title};
    group.members[0].differences = vec![
        Title { added: vec![one.clone()], missing: vec![two.clone()] },
        Territory(one.clone()),
        Category(two.clone()),
        Brand("acme".parse().unwrap()),
        Seller("S-1".parse().unwrap()),
    ];
    update(model, Msg::Group(Box::new(Ok(Some(group)))));
}

fn act(cmds: Vec<Cmd>) -> Vec<jointforce_shared::commands::case::Request> {
    cmds.into_iter().filter_map(|cmd| if let Cmd::Act(act) = cmd { Some(*act) } else { None }).collect()
}

/// What brings a model to a screen.
pub type Way = fn(&mut Model, &Pair);

/// The one screen that has more colours than sixteen, and without any is drawn otherwise.
pub const PIXELS: &str = "a picture of pixels";

/// Every screen, board and dialog, each with strange words wherever it has room for them.
pub const SCREENS: &[(&str, Way)] = &[
    ("queue", |model, pair| {
        update(model, Msg::Dossier(case_id(0), Some(Box::new(strange_case(0, pair)))));
    }),
    ("queue, next row", |model, pair| {
        press(model, "v j");
        update(model, Msg::Dossier(case_id(2), Some(Box::new(strange_case(2, pair)))));
        see(model);
    }),
    ("what failed", |model, Pair(one, two)| {
        for n in 0..3 {
            let failed = (n > 0).then(|| one.clone());
            model.sent.insert(case_id(n), Sent { failed, ..Sent::new("removing", two, model.now, None) });
        }
        update(model, Msg::Failed(Read::Staff, Failure { words: format!("{one} {two}"), away: false }));
        update(model, Msg::Worker(Worker::Ended));
        slow(model);
    }),
    ("a refused act", |model, Pair(one, _)| {
        let acts = act(press(model, "r 1"));
        let failure = Failure { words: one.clone(), away: false };
        acts.into_iter().for_each(|act| drop(update(model, Msg::Acted(Box::new(act), Err(failure.clone())))));
    }),
    ("a filtered queue", |model, Pair(one, _)| {
        let words: String = one.chars().filter(|c| *c != '"').take(200).collect();
        press(model, "/");
        paste(model, &format!("\"{words}\" -held"));
        press(model, "Enter");
        model.waiting = Waiting { approvals: 2, pages: 100, dead: 1, ..Waiting::default() };
    }),
    ("case", |model, pair| open(model, 0, pair)),
    ("case, its end", |model, pair| {
        open(model, 2, pair);
        press(model, "G k");
    }),
    ("a held case", |model, pair| open(model, 1, pair)),
    ("a case at a desk", |model, pair| {
        open(model, 3, pair);
        press(model, "Tab Tab C-d");
    }),
    ("a case that is read", |model, _| drop(press(model, "j Enter"))),
    ("a case that is gone", |model, pair| {
        open(model, 1, pair);
        model.dossiers.clear();
        update(model, Msg::Dossier(case_id(1), None));
    }),
    ("reasons", |model, pair| {
        open(model, 0, pair);
        press(model, "r");
    }),
    ("a note to a reason", |model, pair| {
        press(model, "x n");
        paste(model, &pair.0);
    }),
    ("a noted reason", |model, pair| {
        press(model, "r n");
        paste(model, &pair.1);
        press(model, "Enter");
    }),
    ("batch", |model, Pair(one, two)| {
        let cmds = press(model, "v v v r 2");
        paste(model, one);
        let Some(Cmd::Preview(cases, reason)) = cmds.into_iter().next() else { panic!("no preview") };
        let preview = model.policy.ladder.preview_all(&[], &[], model.now);
        let words =
            |text: &String| jointforce_shared::domain::penalty::Preview { words: text.clone(), ..preview.clone() };
        let sellers = [("S-0", one), ("S-1", two)].map(|(seller, text)| (seller.parse().unwrap(), words(text)));
        update(model, Msg::Preview(cases, reason, sellers.to_vec()));
    }),
    ("what became of a batch", |model, Pair(one, _)| {
        let acts = act(press(model, "v v r 2 2 Enter"));
        let failure = Failure { words: one.clone(), away: false };
        acts.into_iter().for_each(|act| drop(update(model, Msg::Acted(Box::new(act), Err(failure.clone())))));
    }),
    ("note", |model, pair| {
        press(model, "n");
        paste(model, &pair.0);
        press(model, "Left Left");
    }),
    ("a snippet", |model, pair| {
        open(model, 0, pair);
        press(model, "n m a r k Tab Left Left Left");
    }),
    ("hold", |model, _| drop(press(model, "h"))),
    ("why a hold", |model, pair| {
        press(model, "h 2");
        paste(model, &pair.0);
    }),
    ("hand over", |model, pair| {
        press(model, "H");
        paste(model, &pair.0);
        update(model, Msg::Staff(vec![strange_operator("bob", pair), strange_operator("carla", pair)]));
    }),
    ("hand over to anybody", |model, _| drop(press(model, "H Down"))),
    ("filter", |model, pair| {
        press(model, "/");
        paste(model, &pair.0);
    }),
    ("a mistaken filter", |model, pair| {
        press(model, "/");
        paste(model, &format!("{} tier:{}", pair.1, pair.0));
        press(model, "Enter");
    }),
    ("a filter's brands", |model, _| drop(press(model, "/ b r a n d :"))),
    ("a filter's sellers", |model, _| drop(press(model, "/ s e l l e r : Down"))),
    ("palette", |model, pair| {
        press(model, ":");
        paste(model, &pair.0);
    }),
    ("a palette's views", |model, _| drop(press(model, ": Up s h o w"))),
    ("find", |model, pair| {
        press(model, "f");
        paste(model, &pair.0);
    }),
    ("shift note", |model, pair| reading(model, "S", Text::Shift, pair)),
    ("the brand", |model, pair| {
        open(model, 0, pair);
        reading(model, "T", Text::Brand("brand-0".parse().unwrap()), pair);
    }),
    ("the seller", |model, pair| {
        open(model, 0, pair);
        reading(model, "O", Text::Seller("S-0".parse().unwrap()), pair);
    }),
    ("quality", |model, pair| reading(model, "Q", Text::Quality, pair)),
    ("a picture", |model, pair| {
        open(model, 0, pair);
        press(model, "i");
        let url = pair.0.clone();
        update(model, Msg::Picture(url, Ok(Standing::Failed(format!("{} {}", pair.0, pair.1)))));
    }),
    (PIXELS, |model, pair| {
        open(model, 0, pair);
        press(model, "i");
        // As large as one may be, with every kind of colour; the fewer rows, the longer the first word.
        let rows = u16::try_from(pair.1.len() % usize::from(SIDE)).unwrap() + 1;
        let pixel = |n: u16| [n, n * 7, n * 31].map(|part| u8::try_from(part % 256).unwrap());
        let picture = Picture::new(SIDE, rows, (0..SIDE * rows).map(pixel).collect()).unwrap();
        update(model, Msg::Picture(pair.0.clone(), Ok(Standing::Made(picture))));
    }),
    ("a theme", |model, _| drop(press(model, "F2"))),
    ("keys of one's own", |model, Pair(one, two)| {
        model.own.fault = Some(format!("{one} {two}"));
        press(model, "F3 1");
        paste(model, &format!("\"{}\" = \"x\"", one.replace(['"', '\\'], " ")));
        press(model, "Enter");
    }),
    ("own keys that can't be used", |model, Pair(one, two)| model.own.fault = Some(format!("{one}: {two}"))),
    ("people", |model, pair| board(model, "@", Kind::People, pair)),
    ("figures", |model, Pair(one, two)| {
        let (mut bob, mut figures) = (colleague("bob", 1), figures());
        (bob.name, bob.title) = (one.clone(), Some(two.clone()));
        figures.brands.iter_mut().for_each(|(_, name, _)| name.clone_from(one));
        update(model, Msg::Waiting(Waiting { people: vec![bob], ..Waiting::default() }));
        press(model, "#");
        update(model, Msg::Figures(Ok(Box::new(figures))));
    }),
    ("group", |model, pair| {
        press(model, "m");
        group(model, Kinship::Title, pair);
        press(model, "j Space");
    }),
    ("a seller's group", |model, pair| {
        open(model, 0, pair);
        press(model, "m m");
        group(model, Kinship::Seller, pair);
    }),
    ("a whole group", |model, pair| {
        press(model, "m");
        group(model, Kinship::Title, pair);
        press(model, "r 1");
    }),
    ("ask the brand", |model, _| drop(press(model, "w"))),
    ("what the brand is asked", |model, pair| {
        press(model, "j w");
        (1..9).for_each(|n| drop(press(model, &n.to_string())));
        paste(model, &pair.0);
    }),
    ("escalate", |model, pair| {
        press(model, "e 1");
        paste(model, &pair.0);
    }),
    ("skip", |model, _| drop(press(model, "s"))),
    ("write", |model, pair| {
        press(model, "t 2");
        paste(model, &pair.0);
    }),
    ("contest", |model, pair| {
        open(model, 0, pair);
        press(model, "c");
    }),
    ("what a party says", |model, pair| {
        open(model, 0, pair);
        press(model, "c 1");
        paste(model, &pair.0);
    }),
    ("keep a view", |model, _| drop(press(model, "W"))),
    ("a view's name", |model, pair| {
        press(model, "W 1");
        paste(model, &pair.0);
    }),
    ("a view", |model, _| drop(press(model, "1"))),
    ("dead effects", |model, pair| board(model, "D", Kind::Dead, pair)),
    ("pages", |model, pair| board(model, "p", Kind::Pages, pair)),
    ("approvals", |model, pair| {
        board(model, "A", Kind::Approvals, pair);
        press(model, "j");
    }),
    ("breakers", |model, pair| board(model, "B", Kind::Breakers, pair)),
    ("payouts", |model, pair| board(model, "P", Kind::Payouts, pair)),
    ("lanes", |model, pair| board(model, "L", Kind::Lanes, pair)),
    ("my decisions", |model, pair| board(model, "F", Kind::Found("ann".into()), pair)),
    ("found", |model, pair| {
        let kind = Kind::Found(pair.0.trim().to_owned());
        model.board = Some(Board { kind, rows: None, cursor: 0, refresh: Refresh::asked(0, NOW) });
    }),
    ("an answer on a board", |model, pair| {
        board(model, "A", Kind::Approvals, pair);
        press(model, "y");
        paste(model, &pair.0);
    }),
    ("a board that failed", |model, Pair(one, _)| {
        press(model, "D");
        update(model, Msg::Board(Kind::Dead, Err(Failure { words: one.clone(), away: false })));
    }),
    ("help", |model, _| drop(press(model, "?"))),
    ("the end of help", |model, _| drop(press(model, "? G"))),
    ("cover", |model, pair| {
        model.cover = Some(Line::default());
        for c in pair.0.chars().take(60) {
            press_one(model, &c.to_string());
        }
    }),
    ("taken up again", |model, pair| {
        let draft = Some((Writing::Tell(Recipient::Seller), pair.0.clone()));
        let sitting = Sitting { case: Some(case_id(1)), draft, ..Sitting::default() };
        update(model, Msg::Sat(Some(Box::new(sitting))));
        update(model, Msg::Dossier(case_id(1), Some(Box::new(strange_case(1, pair)))));
    }),
    ("a decided case", |model, pair| {
        let mut case = strange_case(2, pair);
        let verdict = Verdict::Remove(RemoveReason::CounterfeitListing);
        let State::Appealed { decision, by, .. } = case.case.state else { panic!("{:?}", case.case.state) };
        case.case.state = State::Decided { verdict, decision, by };
        press(model, "j j Enter");
        update(model, Msg::Dossier(case_id(2), Some(Box::new(case))));
        update(model, Msg::Leased(case_id(2), false));
        see(model);
        press(model, "u");
        paste(model, &pair.0);
    }),
    ("the last decision again", |model, _| {
        model.last = Some(Verdict::Keep(KeepReason::Genuine));
        press(model, "v v .");
    }),
    ("a database that is away", |model, _| drop(update(model, Msg::Away))),
];

fn press_one(model: &mut Model, key: &str) {
    update(model, Msg::Key(key.to_owned()));
}
