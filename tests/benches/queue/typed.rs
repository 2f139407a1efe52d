//! A filter typed letter by letter: what each letter asks of the database.

use std::time::{Duration, Instant};

use jointforce_shared::{
    domain::{ask::Ask, ids::OperatorId, time::Time},
    store::{
        Conn,
        queue::{self, Filter},
    },
};
use jointforce_tests::bench::Times;

use super::PAGE;

/// The bar of issue 5, of each answer's time in the database.
pub const BAR: Duration = Duration::from_millis(50);
/// What moderators look for: names, words of titles, numbers, what is found soon and what is nowhere.
const TYPED: [&str; 10] = [
    "brand:adidas sla<2h",
    "brand:nike tier>=good_faith price<50",
    "seller:\"air shop\" points>30",
    "-held \"air max\" price<50",
    "\"trainers\" sla<4h",
    "\"no such thing anywhere\"",
    "tier>=good_faith reports>3 -brand:adidas",
    "sold>100 \"bag\"",
    "is:held by:me",
    "age>3d price>20 \"watch\"",
];
/// A letter later the next one asks, and whatever is still looked for is given up.
const LETTER: Duration = Duration::from_millis(150);

/// How long each answer took: until the page was there, or until it was said how far the search came when the next letter
/// came. And how long each statement of a search took.
pub struct Letters {
    pub answers: Times,
    pub statements: Times,
    /// Letters that ask for something, and those of them whose page was not there when the next came.
    pub asked: usize,
    pub given_up: usize,
}

pub async fn letters(conn: &mut Conn, now: Time) -> Letters {
    let me: OperatorId = "ann".parse().unwrap();
    let (mut answers, mut statements, mut given_up) = (vec![], vec![], 0);
    for text in TYPED {
        for (end, letter) in text.char_indices() {
            // A field without its value is no question yet: the console goes on showing what it showed.
            let Ok(ask) = Ask::parse(&text[..end + letter.len_utf8()]) else { continue };
            let filter = Filter::of(&ask, &me, now);
            let (began, mut last, mut first) = (Instant::now(), Instant::now(), None);
            let mut whole = true;
            let looked = |_| {
                first.get_or_insert_with(|| began.elapsed());
                statements.push(last.elapsed());
                last = Instant::now();
                whole = began.elapsed() < LETTER;
                whole
            };
            queue::page_for(conn, &me, &filter, None, PAGE, looked).await.unwrap();
            // Each stretch that was looked through is an answer: the bar says how far it came.
            answers.push(first.unwrap_or_else(|| began.elapsed()));
            statements.push(last.elapsed());
            given_up += usize::from(!whole);
        }
    }
    Letters { asked: answers.len(), answers: answers.into(), statements: statements.into(), given_up }
}
