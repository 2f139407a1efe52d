//! Flags before the environment, the environment before the file, the file before defaults; and no secret is shown.

use std::{fs, path::PathBuf, process::Command};

use jointforce_shared::domain::listing::ListingState;
use jointforce_tests::programs::{self, Running, Said, run};
use tempfile::TempDir;

use crate::main_job::{LIMIT, Stage};

struct Folder(TempDir);

impl Folder {
    fn with(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("jf.toml"), text).unwrap();
        Self(folder)
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("jf.toml")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = programs::worker();
        command.args(words).env("JOINTFORCE_CONFIG", self.file()).env("HOME", self.0.path());
        for variable in ["SMTP_URL", "MAIL_FROM", "REDIS_PREFIX", "MARKETPLACE_URL", "MARKETPLACE_SECRET"] {
            command.env_remove(variable);
        }
        command
    }

    async fn says(&self, words: &[&str]) -> Said {
        run(self.command(words), "").await
    }
}

#[tokio::test]
async fn each_setting_tells_where_it_came_from_and_no_secret() {
    let folder = Folder::with(
        "database-url = 'postgres://jf:hunter2@db.example/jf?sslmode=verify-full'\nredis-prefix = 'ours'\n\
         alertmanager_webhook_url = 'https://hooks.example/services/hunter2'\ndrain = 7\n",
    );
    let mut command =
        folder.command(&["config", "show", "--origin", "--redis-url", "rediss://u:hunter2@queue.example"]);
    command.env("REDIS_PREFIX", "theirs");
    let said = run(command, "").await;
    assert_eq!(said.code, 0, "{}", said.error);
    let line = |name: &str| {
        let found = said.output.lines().find(|line| line.starts_with(&format!("{name} =")));
        found.unwrap_or_else(|| panic!("{name} is missing:\n{}", said.output)).to_owned()
    };
    let file = format!("# file {}", folder.file().display());
    assert!(line("database-url").contains(r#""postgres://jf@db.example/jf""#) && line("database-url").ends_with(&file));
    assert!(line("redis-url").contains("rediss://u@queue.example") && line("redis-url").ends_with("# flag"));
    assert!(line("redis-prefix").contains("theirs") && line("redis-prefix").ends_with("# environment REDIS_PREFIX"));
    assert!(line("drain").contains('7') && line("drain").ends_with(&file));
    assert!(line("alertmanager-webhook-url").contains("https://hooks.example\""));
    assert!(line("mail-from").ends_with("# default"));
    assert!(said.output.contains("# smtp-url is not set"));
    assert!(!said.output.contains("hunter2") && !said.error.contains("hunter2"), "{}", said.output);
    let json = folder.says(&["config", "show", "--json"]).await.output;
    assert!(json.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["origin"].is_string()));
}

#[tokio::test]
async fn what_is_no_address_of_a_redis_is_refused_by_whatever_is_asked_and_not_said() {
    for words in [["status", ""], ["lanes", "list"]] {
        let home = tempfile::tempdir().unwrap();
        let mut command = programs::worker();
        command.args(words.iter().filter(|word| !word.is_empty())).env("JOINTFORCE_DATA_DIR", home.path());
        command.env("REDIS_URL", "hunter2@queue");
        let said = run(command, "").await;
        assert!(said.code == 78 && said.error.contains("REDIS_URL") && !said.error.contains("hunter2"), "{said:?}");
    }
}

#[tokio::test]
async fn a_misspelt_setting_is_an_error_with_the_nearest_name() {
    let said = Folder::with("smpt-url = 'smtp://mail'\n").says(&["status"]).await;
    assert_eq!(said.code, 78, "{}", said.error);
    assert!(said.error.contains("Did you mean smtp-url?"), "{}", said.error);
    let said = Folder::with("this is no toml").says(&["config", "show"]).await;
    assert_eq!(said.code, 78, "{}", said.error);
    let mut missing = programs::worker();
    missing.args(["status", "--config", "/nowhere/jf.toml"]);
    assert_eq!(run(missing, "").await.code, 78);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_runs_from_a_file_alone() {
    let stage = Stage::on_postgres_and_redis().await;
    let redis = stage.redis.clone().unwrap();
    let text = format!(
        "database-url = '{}'\nredis-url = '{redis}'\nsmtp-url = '{}'\nlane = ['inside', 'outside']\n",
        stage.database.url,
        stage.mail.url()
    );
    let folder = Folder::with(&text);
    let mut worker = Running::start(&folder.command(&["run"]));
    worker.wait_for_output("leading the relay", LIMIT).await;
    let case = stage.world.report("n1", &["item-1"]).await[0];
    stage.remove(case).await;
    stage.settle().await;
    assert_eq!(stage.listing_state("item-1").await, ListingState::Removed);
}
