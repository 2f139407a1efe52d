//! Transactions: begun, made true, taken back, whatever happens to whoever began them.

use super::{Conn, Db, Driver, Result};

impl Db {
    /// Begins a transaction that may write; on SQLite it waits here for the writers before it.
    /// Dropped without [`Tx::commit`] it leaves no trace.
    ///
    /// # Errors
    /// [`super::Error::Away`] when no connection can be had in time.
    pub async fn write(&self) -> Result<Tx> {
        let conn = match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(writer.acquire().await?),
            Self::Postgres(pool, _) => Conn::Postgres(pool.acquire().await?),
        };
        // From here on a drop rolls back, also when this future is cancelled while BEGIN is on its way.
        let mut tx = Tx { conn: Some(conn), db: self.clone(), wakes: false };
        tx.say("BEGIN IMMEDIATE", "BEGIN").await?;
        Ok(tx)
    }
}

/// A transaction. Dropped uncommitted, it is rolled back before anybody gets its connection again.
///
/// Not sqlx's own: in 0.9.0 a future cancelled in its `begin()` hands the next borrower an open transaction.
#[derive(Debug)]
pub struct Tx {
    conn: Option<Conn>,
    db: Db,
    wakes: bool,
}

impl Tx {
    /// Makes it true.
    ///
    /// # Errors
    /// What the database says; then nothing was changed, unless the connection broke in between.
    pub async fn commit(mut self) -> Result<()> {
        self.say("COMMIT", "COMMIT").await?;
        // The connection goes back clean.
        self.conn = None;
        if self.wakes {
            match &self.db {
                Db::Sqlite { wake, .. } => wake.after_commit(None),
                Db::Postgres(pool, wake) => wake.after_commit(Some(pool)),
            }
        }
        Ok(())
    }

    /// Takes it all back now. A drop does so too, but a moment later: what it locked stays locked until then.
    ///
    /// # Errors
    /// What the database says; then the connection was lost, and the transaction with it.
    pub async fn rollback(mut self) -> Result<()> {
        self.roll_back().await?;
        self.conn = None;
        Ok(())
    }

    /// Marks where it stands; what it has locked stays locked. A mark stands until [`Tx::keep_since_mark`], and the innermost
    /// of several is meant.
    ///
    /// # Errors
    /// What the database says.
    pub async fn mark(&mut self) -> Result<()> {
        self.say_at_once("SAVEPOINT mark").await
    }

    /// Forgets the mark and keeps what was done since.
    ///
    /// # Errors
    /// What the database says.
    pub async fn keep_since_mark(&mut self) -> Result<()> {
        self.say_at_once("RELEASE SAVEPOINT mark").await
    }

    /// Keeps what was done since the mark, and marks where it stands now.
    ///
    /// # Errors
    /// What the database says.
    pub async fn move_mark(&mut self) -> Result<()> {
        self.say_at_once("RELEASE SAVEPOINT mark; SAVEPOINT mark").await
    }

    /// Takes back what was done since the mark, after a statement that the database refused too. The mark stands.
    ///
    /// # Errors
    /// What the database says; then nothing of the transaction may be committed.
    pub async fn undo_since_mark(&mut self) -> Result<()> {
        self.say_at_once("ROLLBACK TO SAVEPOINT mark").await
    }

    /// Once it is true, whoever waits for effects looks at once.
    pub fn wake_on_commit(&mut self) {
        self.wakes = true;
    }

    async fn say(&mut self, sqlite: &'static str, postgres: &'static str) -> Result<()> {
        match self.driver() {
            Driver::Sqlite(connection) => sqlx::query(sqlite).execute(connection).await.map(drop)?,
            Driver::Postgres(connection) => sqlx::query(postgres).execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// Words that both understand, in one way there and back.
    async fn say_at_once(&mut self, words: &'static str) -> Result<()> {
        match self.driver() {
            Driver::Sqlite(connection) => sqlx::raw_sql(words).execute(connection).await.map(drop)?,
            Driver::Postgres(connection) => sqlx::raw_sql(words).execute(connection).await.map(drop)?,
        }
        Ok(())
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        let Some(mut conn) = self.conn.take() else { return };
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(async move {
                // SQLite fails when there was nothing to roll back.
                let _ = conn.roll_back().await;
            })),
            Err(_) => conn.close_on_drop(),
        }
    }
}

impl std::ops::Deref for Tx {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        match &self.conn {
            Some(conn) => conn,
            None => panic!("a transaction was used after its end"),
        }
    }
}

impl std::ops::DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        match &mut self.conn {
            Some(conn) => conn,
            None => panic!("a transaction was used after its end"),
        }
    }
}
