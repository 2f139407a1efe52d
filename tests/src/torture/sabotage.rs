//! Breaking the product on purpose, one line at a time, to see that the breakage is caught. A torture that catches
//! nothing proves nothing.
//!
//! Each sabotage is a line and what takes its place; a test holds that the line is there, once. They are applied to a
//! copy of the tree below `target/sabotaged`, which is built and run, so nothing of them is ever in the product.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// One line that is broken.
#[derive(Debug)]
pub struct Sabotage {
    pub name: &'static str,
    file: &'static str,
    line: &'static str,
    instead: &'static str,
    caught_by: By,
}

/// What has to catch it.
#[derive(Debug, Clone, Copy)]
enum By {
    /// A short torture on this database.
    Torture(&'static str),
    /// The test of this name, in this target of this package.
    Test(&'static str, &'static [&'static str]),
}

const POSTGRES: By = By::Torture("postgres");
const E2E: &[&str] = &["-p", "jointforce-tests", "--test", "e2e"];
const WORKER: &[&str] = &["-p", "jointforce-worker", "--lib"];

/// All of them.
pub const ALL: [Sabotage; 16] = [
    Sabotage {
        name: "done-before-the-call",
        file: "worker/src/carry_out.rs",
        line: "let outcome = self.outside.carry(&self.house.db, effect, &payload, now()).await;",
        instead: "self.finish(effect, Sent::Sent).await; let outcome = self.outside.carry(&self.house.db, effect, &payload, now()).await;",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "no-fence",
        file: "shared/src/store/effects/carry.rs",
        line: "SELECT endpoint FROM effects WHERE id = $1 AND state = 'running' AND lease_by = $2 AND attempts = $3 FOR UPDATE",
        instead: "SELECT endpoint FROM effects WHERE id = $1 AND state = 'running' AND (lease_by = $2 OR attempts <> $3 + 1000) FOR UPDATE",
        caught_by: By::Test("whoever_lost_the_lease_changes_nothing", E2E),
    },
    Sabotage {
        name: "a-lease-never-runs-out",
        file: "shared/src/store/effects/carry.rs",
        line: "AND lease_until <= db_now()\n",
        instead: "AND lease_until <= db_now() - 3600000000\n",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "another-key-for-each-attempt",
        file: "worker/src/outside/webhook.rs",
        line: ".header(\"webhook-id\", id.to_string())",
        instead: ".header(\"webhook-id\", ulid::Ulid::new().to_string())",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "another-body-for-each-attempt",
        file: "worker/src/outside/events.rs",
        line: "\"timestamp\": id.made_at().to_string()",
        instead: "\"timestamp\": format!(\"{:?} {id}\", std::time::SystemTime::now())",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "redirects-are-followed",
        file: "worker/src/outside/webhook.rs",
        line: ".redirect(Policy::none())",
        instead: ".redirect(Policy::limited(5))",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "a-decision-without-its-record",
        file: "shared/src/commands/case.rs",
        line: "audit::add(&mut tx, &[event]).await?;
    tx.commit().await?;
    Ok(Acted { grace_until",
        instead: "drop(event);
    tx.commit().await?;
    Ok(Acted { grace_until",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "a-case-is-saved-whatever-its-version",
        file: "shared/src/store/cases.rs",
        line: "WHERE id = $1 AND version = $2 AND rank = $23\",",
        instead: "WHERE id = $1 AND version >= $2 - 1000 AND $23 = $23\",",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "anothers-lease-on-a-case-is-ignored",
        file: "shared/src/commands/case.rs",
        line: "match case.lease.as_ref().filter(|lease| lease.by != *actor.id()) {",
        instead: "match case.lease.as_ref().filter(|lease| lease.by != *actor.id() && now.0 < 0) {",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "an-undo-restores-nothing",
        file: "shared/src/commands/case/consequences.rs",
        line: "self.add(Effect::RestoreListing { listing, case: case.id, decision }, self.now, None);",
        instead: "drop(listing);",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "a-dropped-transaction-stays-open",
        file: "shared/src/store/db/tx.rs",
        line: "let Some(mut conn) = self.conn.take() else { return };",
        instead: "let Some(mut conn) = self.conn.take().filter(|_| false) else { return };",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "a-high-water-mark-for-seals",
        file: "shared/src/store/seals.rs",
        line: "let mut from = from.to_owned();",
        instead: "let mut from = head(conn).await?.map_or_else(|| from.to_owned(), |head| head.event);",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "rings-without-a-bound",
        file: "worker/src/relay/plan.rs",
        line: "let may_be_lost = look.waiting(*lane) < needed;",
        instead: "let may_be_lost = look.waiting(*lane) < usize::MAX;",
        caught_by: By::Test("a_stuck_fleet_finds_at_most_twice_what_is_due_in_its_queue", WORKER),
    },
    Sabotage {
        name: "room-for-a-second-completion",
        file: "migrations/0010_fleet.sql",
        line: "CREATE TABLE effects_done (
    id          TEXT PRIMARY KEY,",
        instead: "CREATE TABLE effects_done (
    id          TEXT NOT NULL,",
        caught_by: By::Test("the_history_has_one_place_for_an_effect", E2E),
    },
    Sabotage {
        name: "a-password-in-the-log",
        file: "worker/src/bell/remote.rs",
        line: "let at = client.get_connection_info().addr().to_string();",
        instead: "let at = url.to_owned();",
        caught_by: POSTGRES,
    },
    Sabotage {
        name: "nothing-is-cleaned",
        file: "shared/src/domain/safe_text.rs",
        line: "if text.len() <= max_width && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {",
        instead: "if text.len() <= max_width {",
        caught_by: POSTGRES,
    },
];

/// Applies each of these (all without names) to a copy of the tree, and says which are caught.
pub fn run(names: &[String], seed: u64) -> ExitCode {
    let unknown: Vec<_> = names.iter().filter(|name| ALL.iter().all(|sabotage| sabotage.name != **name)).collect();
    if !unknown.is_empty() {
        eprintln!("torture: no sabotage is called {unknown:?}; there are:");
        ALL.iter().for_each(|sabotage| eprintln!("  {}", sabotage.name));
        return ExitCode::from(64);
    }
    let copy = Copy::make();
    let mut missed = 0;
    println!("{:<40} {:<10} by", "sabotage", "");
    for sabotage in ALL.iter().filter(|sabotage| names.is_empty() || names.iter().any(|name| name == sabotage.name)) {
        let caught = copy.with(sabotage, seed);
        let (verdict, by) = match &caught {
            Ok(by) => ("caught", by),
            Err(why) => ("MISSED", why),
        };
        missed += usize::from(caught.is_err());
        println!("{:<40} {verdict:<10} {by}", sabotage.name);
    }
    println!("\n{}", if missed == 0 { "every sabotage is caught" } else { "NOT EVERY SABOTAGE IS CAUGHT" });
    ExitCode::from(u8::from(missed > 0))
}

/// A copy of the tree, with a target of its own that has every dependency built already.
struct Copy {
    tree: PathBuf,
    target: PathBuf,
}

impl Copy {
    fn make() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the top").to_owned();
        let target =
            std::env::current_exe().expect("a path").parent().and_then(Path::parent).expect("target").to_owned();
        let (tree, own) = (target.join("sabotaged/tree"), target.join("sabotaged/target"));
        fs::create_dir_all(&tree).expect("a folder");
        // Only what is different is written, so that an earlier copy's build is built on; cargo goes by the time of a file.
        let mut list = Command::new("git");
        list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        for file in list.current_dir(&root).output().expect("git").stdout.split(|byte| *byte == 0) {
            copy(&root, &tree, Path::new(std::str::from_utf8(file).expect("a name")));
        }
        if !own.join("debug").exists() {
            fs::create_dir_all(own.join("debug")).expect("a folder");
            // Hard links: cargo replaces what it builds, and what is built of this tree has another name there.
            let built = [".fingerprint", "build", "deps"].map(|part| target.join("debug").join(part));
            let linked = Command::new("cp").args(["--archive", "--link"]).args(built).arg(own.join("debug")).status();
            assert!(linked.is_ok_and(|status| status.success()), "what is built can't be linked");
        }
        Self { tree, target: own }
    }

    /// What caught the sabotage; the error says that nothing did.
    fn with(&self, sabotage: &Sabotage, seed: u64) -> Result<String, String> {
        let file = self.tree.join(sabotage.file);
        let whole = fs::read_to_string(&file).expect("the file is there");
        fs::write(&file, whole.replacen(sabotage.line, sabotage.instead, 1)).expect("the copy is ours");
        eprintln!("torture: {}: building", sabotage.name);
        let caught = self.build().and_then(|()| self.catch(sabotage, seed));
        fs::write(&file, whole).expect("the copy is ours");
        caught
    }

    fn build(&self) -> Result<(), String> {
        let built =
            self.cargo().args(["build", "-q", "-p", "jointforce-worker", "-p", "jointforce-tests", "--bins"]).output();
        let built = built.expect("cargo");
        built.status.success().then_some(()).ok_or_else(|| {
            format!("it can't be built, so it proves nothing:\n{}", String::from_utf8_lossy(&built.stderr))
        })
    }

    fn catch(&self, sabotage: &Sabotage, seed: u64) -> Result<String, String> {
        match sabotage.caught_by {
            By::Torture(on) => {
                let mut torture = Command::new(self.target.join("debug/torture"));
                torture.args(["--on", on, "--faults", "60", "--effects", "800", "--seed", &seed.to_string()]);
                let output = torture.output().expect("the torture runs");
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                let broken = said.lines().filter_map(|line| line.trim().strip_prefix("BROKEN "));
                let rule = broken.map(|rule| rule.split(": ").next().unwrap_or(rule)).next();
                rule.map(|rule| format!("the torture: {rule}")).ok_or_else(|| format!("a torture, seed {seed}"))
            }
            By::Test(name, target) => {
                let mut test = Command::new(self.target.join("debug/with-servers"));
                test.args(["cargo", "test", "-q"]).args(target).arg(name);
                let output =
                    test.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target).output().expect("cargo");
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                // A test that can't be built, or isn't there, fails in another way.
                let failed = said.contains("test result: FAILED");
                failed.then(|| format!("the test {name}")).ok_or_else(|| format!("the test {name}"))
            }
        }
    }

    fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        cargo
    }
}

/// Copies a file of one tree into another, where it is not the same there.
fn copy(from: &Path, to: &Path, file: &Path) {
    let Ok(there) = fs::read(from.join(file)) else { return };
    let copied = to.join(file);
    if fs::read(&copied).ok().as_ref() != Some(&there) {
        fs::create_dir_all(copied.parent().expect("a folder")).expect("a folder");
        fs::write(copied, there).expect("the copy is ours");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_is_broken_is_there_once() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let wrong = ALL.iter().filter_map(|sabotage| {
            let text = fs::read_to_string(root.join(sabotage.file)).unwrap_or_default();
            let found = text.matches(sabotage.line).count();
            (found != 1).then(|| format!("{}: found {found} times in {}", sabotage.name, sabotage.file))
        });
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    #[test]
    fn every_test_that_has_to_catch_one_is_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        for name in ALL.iter().filter_map(|sabotage| match sabotage.caught_by {
            By::Test(name, _) => Some(name),
            By::Torture(_) => None,
        }) {
            let mut search = Command::new("grep");
            search.args(["-rqE", &format!("fn {name}\\(")]).args(["tests/tests", "worker/src", "shared/src"]);
            assert!(search.current_dir(root).status().unwrap().success(), "no test is called {name}");
        }
    }
}
