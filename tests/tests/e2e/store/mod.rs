//! Every promise of the store and the commands, on both databases: one text of SQL must mean the same on each.

mod answers;
mod cases;
mod figures;
mod filter;
mod ledger;
mod look;
mod notices;
mod pictures;
mod preferences;
mod schema;
mod seeing;
mod wakes;

/// Runs an async test once on SQLite and once on PostgreSQL, each with a fresh database, given as its URL.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident($url:ident: &str) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$meta])*
            async fn promise($url: &str) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let database = jointforce_tests::servers::sqlite_database();
                promise(&database.url).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let database = jointforce_tests::servers::postgres_database().await;
                promise(&database.url).await;
            }
        }
    )*};
}
pub(crate) use on_both;
