//! The verbs `run!`, `one!`, `opt!`, `all!`, `moved!`: one statement, written once in PostgreSQL's words, expanded for both
//! drivers; `row!` for the private structs that rows are read into.

use std::borrow::Cow;

use sqlx::{
    AssertSqlSafe, Postgres, SqlSafeStr, SqlStr, Sqlite,
    encode::{Encode, IsNull},
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo},
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo},
};

/// A list of texts as one parameter, used as `column = ANY($1)`.
#[derive(Debug, Clone, Default)]
pub struct List(pub Vec<String>);

impl<T: ToString> FromIterator<T> for List {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Self(items.into_iter().map(|item| item.to_string()).collect())
    }
}

impl sqlx::Type<Postgres> for List {
    fn type_info() -> PgTypeInfo {
        <Vec<String> as sqlx::Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for List {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <Vec<String> as Encode<'_, Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl sqlx::Type<Sqlite> for List {
    fn type_info() -> SqliteTypeInfo {
        <String as sqlx::Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for List {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let json = serde_json::to_string(&self.0)?;
        <String as Encode<'_, Sqlite>>::encode(json, buffer)
    }
}

/// How a statement in PostgreSQL's words is said to each database. `db_now()` is the database's clock in microseconds.
pub mod dialect {
    use super::*;

    /// For PostgreSQL: only `db_now()` is ours.
    #[must_use]
    pub fn postgres(sql: &'static str) -> SqlStr {
        if sql.contains("db_now()") {
            AssertSqlSafe(sql.replace("db_now()", "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint"))
                .into_sql_str()
        } else {
            sql.into_sql_str()
        }
    }

    /// For SQLite: lists are JSON, rows need no lock since the transaction has the whole file.
    #[must_use]
    pub fn sqlite(sql: &'static str) -> SqlStr {
        let mut text = Cow::Borrowed(sql);
        if sql.contains("db_now()") {
            text = text.replace("db_now()", "CAST(unixepoch('subsec') * 1000000 AS INTEGER)").into();
        }
        for lock in ["FOR UPDATE SKIP LOCKED", "FOR UPDATE", "FOR NO KEY UPDATE"] {
            if sql.contains(lock) {
                text = text.replace(lock, "").into();
            }
        }
        while let Some(at) = text.find("= ANY($") {
            let (head, tail) = text.split_at(at);
            let (parameter, rest) = tail["= ANY(".len()..].split_once(')').unwrap_or_default();
            text = format!("{head}IN (SELECT value FROM json_each({parameter})){rest}").into();
        }
        match text {
            Cow::Borrowed(_) => sql.into_sql_str(),
            Cow::Owned(text) => AssertSqlSafe(text).into_sql_str(),
        }
    }
}

macro_rules! verb {
    ($conn:expr, $sql:expr, |$query:ident, $on:ident| $then:expr, $make:path, $($arg:expr),*) => {
        match $conn.driver() {
            $crate::store::db::Driver::Sqlite($on) => {
                let $query = $make($crate::store::db::dialect::sqlite($sql))$(.bind($arg))*;
                $then
            }
            $crate::store::db::Driver::Postgres($on) => {
                let $query = $make($crate::store::db::dialect::postgres($sql))$(.bind($arg))*;
                $then
            }
        }
    };
}

/// Runs a statement; gives the number of rows it changed.
macro_rules! run {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::db::sql::verb!($tx, $sql, |query, on| query.execute(on).await.map(|done| done.rows_affected()), sqlx::query, $($arg),*)
            .map_err($crate::store::db::Error::from)
    };
}

/// The one row that must be there.
macro_rules! one {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::db::sql::verb!($conn, $sql, |query, on| query.fetch_one(on).await, sqlx::query_as::<_, $row>, $($arg),*)
            .map_err($crate::store::db::Error::from)
    };
}

/// The row, if there is one.
macro_rules! opt {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::db::sql::verb!($conn, $sql, |query, on| query.fetch_optional(on).await, sqlx::query_as::<_, $row>, $($arg),*)
            .map_err($crate::store::db::Error::from)
    };
}

/// All rows; the statement must have a LIMIT or a list of keys.
macro_rules! all {
    ($conn:expr, $row:ty, $sql:expr $(, $arg:expr)* $(,)?) => {
        $crate::store::db::sql::verb!($conn, $sql, |query, on| query.fetch_all(on).await, sqlx::query_as::<_, $row>, $($arg),*)
            .map_err($crate::store::db::Error::from)
    };
}

/// Moves rows from one table to another: `into` is `INSERT INTO … SELECT …`, `from` the table and which of its rows. Gives
/// the number of rows moved. One statement on PostgreSQL, since each is a way to the server and back.
macro_rules! moved {
    ($tx:expr, $into:expr, $from:literal $(, $arg:expr)* $(,)?) => {
        match $tx.driver() {
            $crate::store::db::Driver::Postgres(_) => $crate::store::db::run!(
                $tx,
                concat!("WITH gone AS (DELETE FROM ", $from, " RETURNING *) ", $into, " FROM gone")
                $(, $arg)*
            ),
            $crate::store::db::Driver::Sqlite(_) => {
                let moved = $crate::store::db::run!($tx, concat!($into, " FROM ", $from) $(, $arg)*);
                match moved {
                    Ok(moved) => $crate::store::db::run!($tx, concat!("DELETE FROM ", $from) $(, $arg)*).map(|_| moved),
                    failed => failed,
                }
            }
        }
    };
}

/// A private struct that a row is read into by column name, from either database.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($fvis:vis $field:ident: $type:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug)]
        $vis struct $name { $($fvis $field: $type,)* }

        impl<'r> sqlx::FromRow<'r, sqlx::sqlite::SqliteRow> for $name {
            fn from_row(row: &'r sqlx::sqlite::SqliteRow) -> std::result::Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)* })
            }
        }

        impl<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> for $name {
            fn from_row(row: &'r sqlx::postgres::PgRow) -> std::result::Result<Self, sqlx::Error> {
                use sqlx::Row as _;
                Ok(Self { $($field: row.try_get(stringify!($field))?,)* })
            }
        }
    };
}

pub(crate) use {all, moved, one, opt, row, run, verb};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_serves_both() {
        let sql = "SELECT id FROM effects WHERE id = ANY($1) AND case_id = ANY($2) AND due_at <= db_now() FOR UPDATE SKIP LOCKED";
        assert_eq!(
            dialect::sqlite(sql).as_str().trim_end(),
            "SELECT id FROM effects WHERE id IN (SELECT value FROM json_each($1)) AND case_id IN (SELECT value FROM \
             json_each($2)) AND due_at <= CAST(unixepoch('subsec') * 1000000 AS INTEGER)"
        );
        assert!(dialect::postgres(sql).as_str().contains("statement_timestamp()"));
    }
}
