//! The floor: the rows that filing led to, read back and written again into an empty database with the same bulk
//! statements, without looking anything up, deciding anything or reading a file.

use std::time::Instant;

use jointforce_shared::store::{
    Db,
    db::{self, Column},
};
use sqlx::{AssertSqlSafe, Row as _};

/// Rows written in one transaction, as the importer does.
const BATCH: usize = 1000;

/// What filing writes: the table, its columns of text, its columns of numbers.
const TABLES: [(&str, &str, &str); 6] = [
    (
        "cases",
        "id brand_id listing_id seller_id state",
        "version round rank due_at severity claims reports snapshot_version opened_at",
    ),
    (
        "notices",
        "id brand_id reference digest reason right_id notifier_name notifier_email notifier_role explanation signature evidence",
        "attested filed_at",
    ),
    ("case_bands", "case_id", "band_1 band_2 band_3 band_4 band_5 band_6"),
    ("claims", "notice_id listing_id right_id case_id state", "snapshot_version"),
    ("effects", "id kind lane endpoint payload case_id trace state", "version due_at created_at"),
    ("audit", "id actor auth action subject case_id body", "at"),
];

/// One table's rows, by column.
struct Rows {
    head: &'static str,
    texts: Vec<Vec<Option<String>>>,
    numbers: Vec<Vec<i64>>,
}

/// Writes what is in `from` into `to`, which has the catalogue already; gives notices a second.
pub async fn measure(from: &str, to: &str) -> f64 {
    let source = Db::open(from).await.unwrap();
    let mut tables = vec![];
    for (table, texts, numbers) in TABLES {
        tables.push(Rows::read(&source, table, texts, numbers).await);
    }
    source.close().await;
    let target = Db::open(to).await.unwrap();
    let notices = tables[1].len();
    let tables = std::sync::Arc::new(tables);
    // As many writers as the importer has.
    let writers = if target.is_embedded() { 1 } else { 2 };
    let began = Instant::now();
    let written = (0..writers).map(|writer| {
        let (tables, target) = (tables.clone(), target.clone());
        tokio::spawn(async move {
            for batch in (writer..notices.div_ceil(BATCH)).step_by(writers) {
                let mut tx = target.write().await.unwrap();
                for rows in tables.iter() {
                    let of = |batch: usize| rows.len() * batch / notices.div_ceil(BATCH);
                    db::insert(&mut tx, rows.head, rows.columns(of(batch), of(batch + 1)), "").await.unwrap();
                }
                tx.commit().await.unwrap();
            }
        })
    });
    for writer in written.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let seconds = began.elapsed().as_secs_f64();
    target.close().await;
    notices as f64 / seconds
}

impl Rows {
    async fn read(db: &Db, table: &str, texts: &str, numbers: &str) -> Self {
        let (texts, numbers): (Vec<_>, Vec<_>) = (texts.split(' ').collect(), numbers.split(' ').collect());
        let names = [texts.clone(), numbers.clone()].concat().join(", ");
        let what = if table == "audit" { " WHERE action = 'notice.filed'" } else { "" };
        let sql = format!("SELECT {names} FROM {table}{what} ORDER BY 1");
        let head = format!("INSERT INTO {table} ({names})").leak();
        let mut read = Self { head, texts: vec![vec![]; texts.len()], numbers: vec![vec![]; numbers.len()] };
        macro_rules! fill {
            ($pool:expr) => {
                for row in sqlx::query(AssertSqlSafe(sql)).fetch_all($pool).await.unwrap() {
                    read.texts.iter_mut().enumerate().for_each(|(n, column)| column.push(row.get(n)));
                    read.numbers.iter_mut().enumerate().for_each(|(n, column)| column.push(row.get(texts.len() + n)));
                }
            };
        }
        match db {
            Db::Sqlite { readers, .. } => fill!(readers),
            Db::Postgres(pool, _) => fill!(pool),
        }
        read
    }

    fn len(&self) -> usize {
        self.texts[0].len()
    }

    fn columns(&self, from: usize, to: usize) -> Vec<Column<'_>> {
        let texts = self.texts.iter().map(|column| Column::maybe_texts(column[from..to].iter().map(Option::as_deref)));
        texts.chain(self.numbers.iter().map(|column| Column::Int(column[from..to].to_vec()))).collect()
    }
}
