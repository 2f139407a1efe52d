//! Boards: what waits for somebody and is no case, as lists with one deed for yes and one for no.

mod effects;
mod pages;

use jointforce_shared::{
    commands::{Actor, House},
    domain::{ids::CaseId, time::Time},
    store,
};

use crate::deed::Deed;

/// Which board.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Effects that failed for good and wait for a person.
    Dead,
    /// Pages that are not handled.
    Pages,
}

impl Kind {
    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Dead => "dead effects",
            Self::Pages => "pages",
        }
    }

    /// What it says when nothing is on it.
    pub const fn nothing(self) -> &'static str {
        match self {
            Self::Dead => "No effect is dead: everything decided is carried out or on its way.",
            Self::Pages => "Nobody is called: no page is open.",
        }
    }

    /// Reads the board, newest first, at most 200 rows.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(self, house: &House, _actor: &Actor) -> store::db::Result<Vec<Row>> {
        let mut conn = house.db.read().await?;
        match self {
            Self::Dead => effects::dead(&mut conn).await,
            Self::Pages => pages::open(&mut conn).await,
        }
    }
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
    /// What `x` does.
    pub no: Option<Deed>,
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
    pub refresh_at: Time,
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
