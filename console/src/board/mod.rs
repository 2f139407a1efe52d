//! Boards: what waits for somebody and is no case of the queue, as lists with one deed for yes and one for no.

mod approvals;
mod breakers;
mod effects;
mod found;
mod lanes;
mod pages;
mod payouts;
mod people;

use jointforce_shared::{
    commands::{Actor, House},
    domain::{ids::CaseId, operator::Operator, time::Time},
    store::{self, operators},
};

pub use self::people::doing;
use crate::{
    deed::{Deed, Proof},
    keys::{Binding, Intent, key_of},
    model::refresh::Refresh,
};

/// Rows of a board at most.
const ROWS: i64 = 200;

/// Which board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Effects that failed for good and wait for a person.
    Dead,
    /// Pages that are not handled.
    Pages,
    /// What colleagues ask for and one person may not do alone.
    Approvals,
    /// Automatic paths that are stopped.
    Breakers,
    /// Sellers' money that is kept back.
    Payouts,
    /// The lanes on which what is decided is carried out.
    Lanes,
    /// Who else is at work.
    People,
    /// Cases that this text names (see [`store::find::cases`]).
    Found(String),
}

impl Kind {
    /// What stands above it.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Dead => "dead effects",
            Self::Pages => "pages",
            Self::Approvals => "approvals",
            Self::Breakers => "breakers",
            Self::Payouts => "payouts kept back",
            Self::Lanes => "lanes",
            Self::People => "people",
            Self::Found(_) => "found",
        }
    }

    /// What it says when nothing is on it.
    pub fn nothing(&self, keys: &[Binding]) -> String {
        let words = match self {
            Self::Dead => "No effect is dead: everything decided is carried out or on its way.",
            Self::Pages => "Nobody is called: no page is open.",
            Self::Approvals => "Nothing waits for a second person.",
            Self::Breakers => "No automatic path is stopped.",
            Self::Payouts => "No seller's money is kept back.",
            Self::Lanes => "There are no lanes.",
            Self::People => "Nobody else is at work.",
            Self::Found(_) => {
                let find = key_of(keys, Intent::Find);
                return format!("No case, listing, seller or decider is called that. {find} looks for another.");
            }
        };
        words.to_owned()
    }

    /// Reads the board, at most 200 rows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(&self, house: &House, actor: &Actor) -> store::db::Result<Vec<Row>> {
        let mut conn = house.db.read().await?;
        let Some(me) = operators::get(&mut conn, actor.id()).await? else { return Ok(vec![]) };
        let reader = Reader { me, now: house.clock.now() };
        match self {
            Self::Dead => effects::dead(&mut conn, &reader).await,
            Self::Pages => pages::open(&mut conn, reader.now).await,
            Self::Approvals => approvals::waiting(&mut conn, &reader).await,
            Self::Breakers => breakers::tripped(&mut conn, &reader).await,
            Self::Payouts => payouts::kept(&mut conn, &reader).await,
            Self::Lanes => lanes::all(&mut conn, &reader).await,
            Self::People => people::here(&mut conn, &reader).await,
            Self::Found(text) => found::cases(&mut conn, &reader, text).await,
        }
    }
}

/// Who reads, and when: a row offers only what they may do.
struct Reader {
    me: Operator,
    now: Time,
}

/// A line of a board. Its words may be strangers'.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Tells it from the others.
    pub key: String,
    /// Since when it waits.
    pub since: Time,
    /// What it is about.
    pub title: String,
    /// Where it stands, in a word or two.
    pub state: String,
    /// More about it, for when the cursor is on it.
    pub details: Vec<String>,
    /// The case that it belongs to.
    pub case: Option<CaseId>,
    /// What `y` does.
    pub yes: Option<Deed>,
    /// What has to be typed before that, if it can't be taken back or is done to many.
    pub proof: Option<Proof>,
    /// What `x` does.
    pub no: Option<Deed>,
    /// Why this person can't have an answer that others can; such a row is dimmed.
    pub barred: Option<String>,
}

/// A board that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// Which.
    pub kind: Kind,
    /// What stands on it; `None` before it was read.
    pub rows: Option<Vec<Row>>,
    /// The row that the cursor is on.
    pub cursor: usize,
    /// When it is read again.
    pub refresh: Refresh,
}

impl Board {
    /// The row under the cursor.
    pub fn selected(&self) -> Option<&Row> {
        self.rows.as_ref()?.get(self.cursor)
    }

    /// Puts freshly read rows under the cursor, which stays on its row.
    pub fn put(&mut self, rows: Vec<Row>) {
        let key = self.selected().map(|row| row.key.clone());
        let at = key.and_then(|key| rows.iter().position(|row| row.key == key));
        self.cursor = at.unwrap_or(self.cursor).min(rows.len().saturating_sub(1));
        self.rows = Some(rows);
    }
}
