//! The plans of the queue's statements, taken from what the program itself prepared.

use std::collections::BTreeMap;

use jointforce_shared::store::{
    Conn, Db,
    db::dialect,
    queue::{self, Filter},
};
use sqlx::AssertSqlSafe;

/// Gathers statistics and marks pages, as autovacuum does.
pub async fn analyze(db: &Db) {
    if let Conn::Postgres(on) = &mut db.read().await.unwrap() {
        sqlx::query("VACUUM ANALYZE").execute(&mut **on).await.unwrap();
    }
}

/// What PostgreSQL says for `db_now()`, to find the text that was written.
const NOW: &str = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint";

/// The statements whose plans are shown: as the program prepared them on PostgreSQL, since SQLite keeps no list.
#[derive(Debug, Default)]
pub struct Plans {
    statements: BTreeMap<&'static str, String>,
}

impl Plans {
    /// Prints the plans of the statements that have a bar; gives those that don't use their index.
    pub async fn show(&mut self, name: &str, db: &Db) -> Vec<String> {
        let mut wrong = vec![];
        for index in ["cases_queue", "cases_queue_by_brand"] {
            let plan = match db.read().await.unwrap() {
                Conn::Postgres(_) => self.postgres(db, index).await,
                Conn::Sqlite(mut on) => self.sqlite(&mut on, index).await,
            };
            println!("\n{name}: plan over {index}\n{}", plan.trim_end());
            let used = plan.lines().any(|line| line.split([' ', ',']).any(|word| word == index));
            if !used || plan.contains("Seq Scan on cases") {
                wrong.push(format!("{name}: the plan doesn't use {index}"));
            }
        }
        wrong
    }

    /// The plan that PostgreSQL keeps for the prepared statement, whatever its parameters.
    async fn postgres(&mut self, db: &Db, index: &'static str) -> String {
        let brand = (index == "cases_queue_by_brand").then(|| "nike".parse().unwrap());
        let mut conn = db.read().await.unwrap();
        queue::page(&mut conn, &Filter { brand: brand.clone(), ..Filter::default() }, None, 50).await.unwrap();
        let Conn::Postgres(on) = &mut conn else { return String::new() };
        let like = if brand.is_some() {
            "%> ($1, $2) AND brand_id = $4 ORDER BY rank%JOIN%"
        } else {
            "%> ($1, $2) ORDER BY rank%JOIN%"
        };
        // The shortest: those that look through stretches for other words begin alike.
        let find = "SELECT quote_ident(name), statement FROM pg_prepared_statements WHERE statement LIKE $1
                    ORDER BY length(statement) LIMIT 1";
        let (name, statement): (String, String) = sqlx::query_as(find).bind(like).fetch_one(&mut **on).await.unwrap();
        self.statements.insert(index, statement.replace(NOW, "db_now()"));
        let brand = if brand.is_some() { ", 'nike'" } else { "" };
        sqlx::query("SET plan_cache_mode = force_generic_plan").execute(&mut **on).await.unwrap();
        let sql = format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) EXECUTE {name}(0, '', 50{brand})");
        let lines: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut **on).await.unwrap();
        sqlx::query("RESET plan_cache_mode").execute(&mut **on).await.unwrap();
        lines.into_iter().map(|(line,)| line + "\n").collect()
    }

    async fn sqlite(&mut self, on: &mut sqlx::SqliteConnection, index: &str) -> String {
        let statement: &'static str = self.statements[index].clone().leak();
        let sql = format!("EXPLAIN QUERY PLAN {}", dialect::sqlite(statement).as_str());
        let query = sqlx::query_as::<_, (i64, i64, i64, String)>(AssertSqlSafe(sql)).bind(0).bind("").bind(50);
        let query = if index == "cases_queue_by_brand" { query.bind("nike") } else { query };
        query.fetch_all(on).await.unwrap().into_iter().map(|(.., line)| line + "\n").collect()
    }
}
