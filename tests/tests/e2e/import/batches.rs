//! How much goes into one transaction.

use jointforce_tests::servers::postgres_database;
use serde_json::Value;

use super::{Desk, jsonl, notice};

/// PostgreSQL says of each row which transaction wrote it.
const TRANSACTIONS: &str = "SELECT count(DISTINCT xmin::text) FROM notices";

/// What is attested may be removed in the transaction that files it, and everybody who needs its brand waits for the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attested_notices_are_filed_few_at_a_time() {
    for (attest, transactions) in [(false, 1), (true, 3)] {
        let database = postgres_database().await;
        let desk = Desk::with_catalogue(&database.url, 120).await;
        let attested = |n| {
            let mut notice: Value = notice(n);
            notice["attest"] = attest.into();
            notice
        };
        let said = desk.run(&["import", "notices"], &jsonl(&(0..120).map(attested).collect::<Vec<_>>())).await;
        assert_eq!(said.code, 0, "{said:?}");
        assert_eq!(desk.count(TRANSACTIONS).await, transactions, "attest: {attest}");
        assert_eq!(desk.count("SELECT count(*) FROM notices").await, 120);
    }
}
