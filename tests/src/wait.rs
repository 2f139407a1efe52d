//! Waiting for a condition, with a limit: the only way a test here lets time pass.

use std::time::{Duration, Instant};

/// How long a test waits for something that normally takes well under a second. Generous, because it is only ever
/// waited out by a failure, and a busy machine must not look like one.
pub const SOON: Duration = Duration::from_secs(30);

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Waits until `condition` holds; panics, naming `what` was awaited, when it doesn't within `limit`.
pub async fn until(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    until_some(limit, what, async || condition().await.then_some(())).await
}

/// Waits until `look` finds something and gives it back; panics, naming `what` was awaited, when it doesn't within
/// `limit`.
pub async fn until_some<T>(limit: Duration, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < limit, "waited {limit:?} in vain for: {what}");
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

/// [`until`] for tests without a runtime.
pub fn until_blocking(limit: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < limit, "waited {limit:?} in vain for: {what}");
        std::thread::sleep(BETWEEN_LOOKS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_condition_that_comes_true_is_waited_for() {
        let mut looks = 0;
        let found = until_some(SOON, "the third look", async || {
            looks += 1;
            (looks == 3).then_some(looks)
        })
        .await;
        assert_eq!(found, 3);
    }

    #[tokio::test]
    #[should_panic(expected = "in vain for: a blue moon")]
    async fn a_vain_wait_says_what_it_was_for() {
        until(Duration::from_millis(1), "a blue moon", async || false).await;
    }
}
