//! Doing much at once although the database refuses some of it: what is refused is halved behind savepoints until the one
//! stands alone, and all else is done, in one transaction.

use super::{Result, Tx};

/// What is still to be tried, and what was refused alone.
///
/// ```text
/// let mut halving = Halving::of(&all);
/// while let Some(part) = halving.next(tx).await? {
///     let outcome = change(tx, part).await;
///     halving.settle(tx, part, outcome).await?;
/// }
/// ```
#[derive(Debug)]
pub struct Halving<'a, T> {
    parts: Vec<&'a [T]>,
    /// One alone is tried without a savepoint: if it is refused, there is nothing to keep.
    alone: bool,
    refused: Vec<(&'a T, String)>,
}

impl<'a, T> Halving<'a, T> {
    /// To be tried whole first.
    #[must_use]
    pub fn of(all: &'a [T]) -> Self {
        let parts = if all.is_empty() { vec![] } else { vec![all] };
        Self { parts, alone: all.len() == 1, refused: vec![] }
    }

    /// The whole of it was tried before, and refused.
    #[must_use]
    pub fn of_refused(all: &'a [T]) -> Self {
        let mut halving = Self { parts: vec![], alone: false, refused: vec![] };
        halving.halve(all);
        halving
    }

    fn halve(&mut self, part: &'a [T]) {
        let (left, right) = part.split_at(part.len() / 2);
        self.parts.extend([right, left].into_iter().filter(|half| !half.is_empty()));
    }

    /// The next part to be tried, behind a savepoint; `None` when all were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self, tx: &mut Tx) -> Result<Option<&'a [T]>> {
        let part = self.parts.pop();
        if part.is_some() && !self.alone {
            tx.mark().await?;
        }
        Ok(part)
    }

    /// Keeps what came of a part, and gives it; `None` if it was refused and taken back.
    ///
    /// # Errors
    /// What stands in the way of everybody passes through, as does a refusal of one that was alone from the start: then
    /// nothing of the transaction may be committed.
    pub async fn settle<R>(&mut self, tx: &mut Tx, part: &'a [T], outcome: Result<R>) -> Result<Option<R>> {
        match outcome {
            Ok(done) => {
                if !self.alone {
                    tx.keep_since_mark().await?;
                }
                Ok(Some(done))
            }
            Err(error) if self.alone || error.is_passing() => Err(error),
            Err(error) => {
                tx.undo_since_mark().await?;
                match part {
                    [one] => self.refused.push((one, error.to_string())),
                    part => self.halve(part),
                }
                Ok(None)
            }
        }
    }

    /// What was refused alone, and why.
    #[must_use]
    pub fn refused(self) -> Vec<(&'a T, String)> {
        self.refused
    }
}
