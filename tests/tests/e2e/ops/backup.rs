//! A backup is whole, holds what was decided, and says what may have happened since; a damaged one is told.

use std::{
    fs,
    io::{Seek as _, SeekFrom, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};

use jointforce_shared::{
    domain::{
        effect::{Effect, NewEffect},
        ids::EffectId,
    },
    store::effects,
};
use jointforce_tests::{
    programs::{self, Said, run},
    servers::{postgres_database, sqlite_database},
    world::World,
};
use tempfile::TempDir;

use crate::main_job::Stage;

async fn says(url: &str, words: &[&str]) -> Said {
    let home = TempDir::new().unwrap();
    let mut command = programs::worker();
    // The server's own programs are beside it, and not always in PATH.
    command.args(words).env("DATABASE_URL", url).env("HOME", home.path());
    run(command, "").await
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

async fn stage_with_open_effects(stage: &Stage) {
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_copied_while_others_write_and_its_damage_is_told() {
    let folder = TempDir::new().unwrap();
    let stage = Stage::on_sqlite().await;
    stage_with_open_effects(&stage).await;
    let house = &stage.world.house;
    let next_year = house.clock.now() + std::time::Duration::from_secs(365 * 86_400);
    let effect = Effect::StoreListings { seller: "shop".parse().unwrap(), after: None };
    let id = house.clock.id(EffectId::from_ulid);
    let new = NewEffect { id, effect, due: next_year, decision: None, once: None };
    let mut tx = house.db.write().await.unwrap();
    effects::add(&mut tx, &[new], house.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let file = folder.path().join("jf.backup");
    let open = stage.world.house.db.write().await.unwrap();
    let said = says(&stage.database.url, &["backup", path(&file)]).await;
    drop(open);
    assert_eq!(said.code, 0, "{}{}", said.output, said.error);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "it holds personal data");
    let again = says(&stage.database.url, &["backup", path(&file)]).await;
    assert_eq!(again.code, 65, "a backup overwrites nothing: {}", again.error);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");

    let before = fs::read(&file).unwrap();
    let check = says(&stage.database.url, &["restore", "--check", path(&file)]).await;
    assert_eq!(check.code, 0, "{}{}", check.output, check.error);
    for word in ["it is whole", "every rule", "the record ends at", "remove_listing", "Ask the marketplace"] {
        assert!(check.output.contains(word), "{word} is missing:\n{}", check.output);
    }
    let open: Vec<&str> = check.output.lines().filter(|line| line.starts_with("open ")).collect();
    assert!(open.iter().any(|line| line.contains("1 remove_listing")), "{open:?}");
    assert!(
        !open.iter().any(|line| line.contains("store_listings")) && check.output.contains("1 more is due later"),
        "{open:?}"
    );
    let json = says(&stage.database.url, &["restore", "--check", path(&file), "--json"]).await.output;
    assert!(json.lines().any(|line| line.contains("store_listings") && line.contains("\"by_now\":false")), "{json}");
    assert_eq!(fs::read(&file).unwrap(), before, "checking changes nothing");

    let mut hurt = fs::OpenOptions::new().write(true).open(&file).unwrap();
    hurt.seek(SeekFrom::Start(before.len() as u64 / 2)).unwrap();
    hurt.write_all(&[0xAB; 8192]).unwrap();
    let check = says(&stage.database.url, &["restore", "--check", path(&file)]).await;
    assert_ne!(check.code, 0, "{}", check.output);
    fs::write(&file, "no backup").unwrap();
    let check = says(&stage.database.url, &["restore", "--check", path(&file)]).await;
    assert!(check.code == 65 && check.error.contains("no backup of ours"), "{}", check.error);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_servers_backup_is_restored_into_a_scratch_database_to_be_checked() {
    let folder = TempDir::new().unwrap();
    let stage = Stage::on_postgres_alone().await;
    stage_with_open_effects(&stage).await;
    let url = &stage.database.url;
    let file = folder.path().join("jf.dump");
    let said = says(url, &["backup", path(&file)]).await;
    assert_eq!(said.code, 0, "{}{}", said.output, said.error);
    let listed = says(url, &["restore", "--check", path(&file)]).await;
    assert!(listed.code == 75 && listed.output.contains("--into"), "{}{}", listed.output, listed.error);
    let scratch = postgres_database().await;
    let check = says(url, &["restore", "--check", path(&file), "--into", &scratch.url]).await;
    assert_eq!(check.code, 0, "{}{}", check.output, check.error);
    assert!(check.output.contains("every rule") && check.output.contains("remove_listing"), "{}", check.output);
    let full = says(url, &["restore", "--check", path(&file), "--into", &scratch.url]).await;
    assert!(full.code != 0 && full.error.contains("is not empty"), "{}", full.error);
    let bytes = fs::read(&file).unwrap();
    fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let other = postgres_database().await;
    let cut = says(url, &["restore", "--check", path(&file), "--into", &other.url]).await;
    assert_ne!(cut.code, 0, "half a backup is none: {}", cut.output);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_broke_before_the_backup_is_found_in_it() {
    let folder = TempDir::new().unwrap();
    let database = sqlite_database();
    let world = World::new(&database.url).await;
    world.report("n1", &["item-1"]).await;
    let mut hand = sqlx::SqlitePool::connect(&database.url).await.unwrap().acquire().await.unwrap();
    sqlx::query("UPDATE cases SET claims = claims + 1").execute(&mut *hand).await.unwrap();
    let file = folder.path().join("jf.backup");
    assert_eq!(says(&database.url, &["backup", path(&file)]).await.code, 0);
    let check = says(&database.url, &["restore", "--check", path(&file)]).await;
    assert!(check.code == 65 && check.output.contains("FAIL rules"), "{}", check.output);
}
