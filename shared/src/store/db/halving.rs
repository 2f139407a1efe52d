//! Doing much at once although the database refuses some of it: what is refused is halved behind savepoints until the one
//! stands alone, and all else is done, in one transaction.

use super::{Result, Tx};

/// What is still to be tried, and what was refused alone.
///
/// ```text
/// let mut halving = Halving::of(&all, all.len() == 1);
/// while let Some(part) = halving.next(tx).await? {
///     let outcome = change(tx, part).await;
///     halving.settle(tx, part, outcome).await?;
/// }
/// ```
#[derive(Debug)]
pub struct Halving<'a, T> {
    parts: Vec<&'a [T]>,
    /// Tried without a savepoint: if it is refused, there is nothing to keep.
    alone: bool,
    /// A savepoint stands.
    marked: bool,
    refused: Vec<(&'a T, String)>,
}

impl<'a, T> Halving<'a, T> {
    /// To be tried whole first. Alone it is one that the transaction does nothing beside: nothing is lost with it.
    #[must_use]
    pub fn of(all: &'a [T], alone: bool) -> Self {
        let parts = if all.is_empty() { vec![] } else { vec![all] };
        Self { parts, alone: alone && all.len() == 1, marked: false, refused: vec![] }
    }

    /// The whole of it was tried before, and refused.
    #[must_use]
    pub fn of_refused(all: &'a [T]) -> Self {
        let mut halving = Self { parts: vec![], alone: false, marked: false, refused: vec![] };
        halving.halve(all);
        halving
    }

    fn halve(&mut self, part: &'a [T]) {
        let (left, right) = part.split_at(part.len() / 2);
        self.parts.extend([right, left].into_iter().filter(|half| !half.is_empty()));
    }

    /// The next part to be tried, behind a savepoint; `None` when all were, and no savepoint is left.
    ///
    /// # Errors
    /// What the database says.
    pub async fn next(&mut self, tx: &mut Tx) -> Result<Option<&'a [T]>> {
        let part = self.parts.pop();
        match part {
            Some(_) if !self.alone && !self.marked => tx.mark().await?,
            None if self.marked => tx.keep_since_mark().await?,
            _ => {}
        }
        self.marked = part.is_some() && !self.alone;
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
                // One way there and back for both ends, since locks are held meanwhile. The last mark ends in `next`.
                if !self.parts.is_empty() {
                    tx.move_mark().await?;
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
