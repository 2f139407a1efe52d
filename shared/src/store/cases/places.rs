//! Places in the queue that change for all cases of a brand at once.

use super::super::db::{Result, Tx, run};
use crate::domain::{ids::BrandId, time::Time};

/// Moves all undecided and contested cases of a brand forward by `lane` microseconds, or back by less than none, and has
/// none of the undecided ones due later than `due`; an appeal keeps the deadline that it was promised. The versions stay:
/// what a reviewer saw of a case is not its place.
///
/// # Errors
/// What the database says.
pub async fn move_all_of(tx: &mut Tx, brand: &BrandId, lane: i64, due: Time) -> Result<u64> {
    run!(
        tx,
        "UPDATE cases SET rank = rank - $2 - CASE WHEN state <> 'appealed' AND due_at > $3 THEN due_at - $3 ELSE 0 END,
                due_at = CASE WHEN state <> 'appealed' AND due_at > $3 THEN $3 ELSE due_at END
         WHERE brand_id = $1 AND state IN ('open', 'held', 'asked', 'appealed')",
        brand.as_str(),
        lane,
        due.0
    )
}
