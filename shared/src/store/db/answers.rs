//! Whether the database answers at all, as one that is slow does.

use sqlx::{Connection as _, Database, Executor, Pool};
use tokio::time::timeout;

use super::{CONNECTING, Db, Error, Result};

impl Db {
    /// Asks something small and waits for the answer, however much this process has asked already.
    ///
    /// # Errors
    /// [`Error::Away`] when nobody answers in time. Any other is an answer.
    pub async fn answers(&self) -> Result<()> {
        let asked = async {
            match self {
                // Without a table nobody would look into the file.
                Self::Sqlite { readers, .. } => ask(readers, "SELECT 1 FROM sqlite_schema LIMIT 1").await,
                Self::Postgres(pool, _) => ask(pool, "SELECT 1").await,
            }
        };
        let asked = timeout(CONNECTING, asked).await;
        Ok(asked.map_err(|_| Error::Away(format!("no answer within {} s", CONNECTING.as_secs())))??)
    }
}

/// Asks on a connection that has nothing to do. If there is none, on one of its own: it would wait behind what is slow.
async fn ask<D: Database>(pool: &Pool<D>, sql: &'static str) -> std::result::Result<(), sqlx::Error>
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    // One that broke unnoticed tells nothing of the database.
    if let Some(mut idle) = pool.try_acquire()
        && idle.execute(sql).await.is_ok()
    {
        return Ok(());
    }
    let mut own = D::Connection::connect_with(&pool.connect_options()).await?;
    own.execute(sql).await?;
    own.close().await
}
