//! Many rows in one statement: arrays on PostgreSQL, rows of parameters on SQLite.

use std::borrow::Cow;

use sqlx::{AssertSqlSafe, query::Query};

use super::{Driver, Result, Tx};

/// The values of one column, one a row; texts are borrowed where they are there already.
#[derive(Debug, Clone)]
pub enum Column<'a> {
    /// TEXT NOT NULL
    Text(Vec<Cow<'a, str>>),
    /// TEXT
    MaybeText(Vec<Option<Cow<'a, str>>>),
    /// BIGINT NOT NULL
    Int(Vec<i64>),
    /// BIGINT
    MaybeInt(Vec<Option<i64>>),
}

impl<'a> Column<'a> {
    /// A column of texts.
    pub fn texts<T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Text(texts.into_iter().map(Into::into).collect())
    }

    /// A column of texts, some of them missing.
    pub fn maybe_texts<T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = Option<T>>) -> Self {
        Self::MaybeText(texts.into_iter().map(|text| text.map(Into::into)).collect())
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::MaybeText(values) => values.len(),
            Self::Int(values) => values.len(),
            Self::MaybeInt(values) => values.len(),
        }
    }

    const fn array_type(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::MaybeText(_) => "text[]",
            Self::Int(_) | Self::MaybeInt(_) => "bigint[]",
        }
    }
}

/// Rows in one statement on SQLite: enough to make the statement's own cost small, few enough for the limit of 32,766
/// parameters with any of our tables.
const SQLITE_ROWS: usize = 200;

/// Inserts rows given by column: `head` names table and columns (`INSERT INTO t (a, b)`), `tail` is what follows the
/// rows (`ON CONFLICT DO NOTHING`, or nothing). Gives the number of rows inserted.
///
/// # Errors
/// What the database says; columns of unequal length are cut to the shortest by PostgreSQL's rules and are a bug.
pub async fn insert<'a>(
    tx: &mut Tx,
    head: &'static str,
    mut columns: impl AsMut<[Column<'a>]>,
    tail: &'static str,
) -> Result<u64> {
    let columns = columns.as_mut();
    let rows = columns.iter().map(Column::len).min().unwrap_or(0);
    debug_assert!(columns.iter().all(|column| column.len() == rows), "columns of unequal length: {head}");
    if rows == 0 {
        return Ok(0);
    }
    match tx.driver() {
        Driver::Postgres(connection) => {
            // Not in FROM, where each array would be written into a table of its own first.
            let array = |(n, column): (usize, &Column<'_>)| format!("unnest(${}::{})", n + 1, column.array_type());
            let arrays: Vec<String> = columns.iter().enumerate().map(array).collect();
            let sql = format!("{head} SELECT {} {tail}", arrays.join(", "));
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for column in &*columns {
                query = match column {
                    Column::Text(values) => query.bind(values),
                    Column::MaybeText(values) => query.bind(values),
                    Column::Int(values) => query.bind(values),
                    Column::MaybeInt(values) => query.bind(values),
                };
            }
            Ok(query.execute(connection).await?.rows_affected())
        }
        Driver::Sqlite(connection) => {
            let mut inserted = 0;
            for from in (0..rows).step_by(SQLITE_ROWS) {
                let to = rows.min(from + SQLITE_ROWS);
                let one = format!("({})", vec!["?"; columns.len()].join(", "));
                let sql = format!("{head} VALUES {} {tail}", vec![one; to - from].join(", "));
                let mut query = sqlx::query(AssertSqlSafe(sql));
                for row in from..to {
                    for column in &mut *columns {
                        query = bind_cell(query, column, row);
                    }
                }
                inserted += query.execute(&mut *connection).await?.rows_affected();
            }
            Ok(inserted)
        }
    }
}

type SqliteQuery<'q> = Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments>;

/// Binds one value. An owned text is handed over; only a borrowed one is copied.
fn bind_cell<'q>(query: SqliteQuery<'q>, column: &mut Column<'_>, row: usize) -> SqliteQuery<'q> {
    fn owned(text: &mut Cow<'_, str>) -> String {
        std::mem::take(text).into_owned()
    }
    match column {
        Column::Text(values) => query.bind(owned(&mut values[row])),
        Column::MaybeText(values) => query.bind(values[row].as_mut().map(owned)),
        Column::Int(values) => query.bind(values[row]),
        Column::MaybeInt(values) => query.bind(values[row]),
    }
}
