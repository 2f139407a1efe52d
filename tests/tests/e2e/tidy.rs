//! The repository keeps its own rules. Each test here says one of them, and names every line that breaks it.

use std::fs;
use std::path::{Path, PathBuf};

/// Where Cargo keeps what it builds, and where the rules don't reach.
const NOT_OURS: [&str; 2] = ["target", ".git"];

/// The longest file, in lines: longer ones hold two nouns of the field.
const LONGEST: usize = 400;

/// What may stand at the top besides dotfiles.
const TOP: [&str; 9] =
    ["Cargo.toml", "Cargo.lock", "README.md", "console", "worker", "shared", "migrations", "tests", "target"];

const MEMBERS: [&str; 4] = ["console", "worker", "shared", "tests"];

/// Dependencies that only some members may name.
const KEPT_APART: [(&str, &[&str]); 9] = [
    ("sqlx", &["shared", "tests"]),
    ("apalis", &["worker"]),
    ("apalis-core", &["worker"]),
    ("apalis-redis", &["worker"]),
    ("redis", &["worker"]),
    ("ratatui", &["console"]),
    ("jointforce-console", &[]),
    ("jointforce-worker", &["console", "tests"]),
    ("jointforce-tests", &[]),
];

#[test]
fn sql_stands_only_in_the_store() {
    let store = ["shared/src/store/", "tests/"];
    let words = [
        "SELECT ",
        "INSERT INTO ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "CREATE INDEX ",
        "DROP TABLE ",
        "ON CONFLICT ",
        "PRAGMA ",
    ];
    let sql =
        |line: &str| words.iter().any(|word| line.contains(word)) || line.contains("UPDATE ") && line.contains(" SET ");
    none(lines(|path| !store.iter().any(|part| path.starts_with(part)) && !path.contains("/benches/"), sql));
    none(lines(|path| !store.iter().any(|part| path.starts_with(part)), |line| names(line, "sqlx")));
}

#[test]
fn the_domain_knows_neither_store_nor_runtime() {
    let shells = ["sqlx", "tokio", "store", "commands", "async"];
    none(lines(|path| path.starts_with("shared/src/domain"), |line| shells.iter().any(|shell| names(line, shell))));
}

#[test]
fn only_the_bell_names_apalis_and_redis() {
    let carriers = ["apalis", "apalis_core", "apalis_redis", "redis"];
    let named = |line: &str| carriers.iter().any(|carrier| line.contains(&format!("{carrier}::")));
    none(lines(
        |path| path.contains("/src/") && !["worker/src/bell", "tests/"].iter().any(|part| path.starts_with(part)),
        named,
    ));
}

#[test]
fn the_console_starts_no_other_program() {
    let starts = ["process::Command", "Command::new", "posix_spawn", "nix::unistd::exec", "fork("];
    none(lines(|path| path.starts_with("console/src"), |line| starts.iter().any(|way| line.contains(way))));
}

#[test]
fn every_dependency_stays_in_the_members_it_belongs_to() {
    let mut wrong = Vec::new();
    for member in MEMBERS {
        for (section, name, _) in dependencies(member) {
            let kept = KEPT_APART.iter().find(|(dependency, _)| *dependency == name);
            // A member's own tests may hold the other end of what it talks to.
            if kept.is_some_and(|(_, members)| !members.contains(&member)) && section != "dev-dependencies" {
                wrong.push(format!("{member}/Cargo.toml: {name}"));
            }
        }
    }
    none(wrong);
}

#[test]
fn versions_and_lints_stand_once_in_the_workspace() {
    let mut wrong = Vec::new();
    for member in MEMBERS {
        for (_, name, value) in dependencies(member) {
            if value.starts_with('"') || value.contains("version") || value.contains("path") {
                wrong.push(format!("{member}/Cargo.toml: {name} = {value}"));
            }
        }
        if !read(&format!("{member}/Cargo.toml")).contains("[lints]\nworkspace = true") {
            wrong.push(format!("{member}/Cargo.toml: [lints] workspace = true is missing"));
        }
    }
    none(wrong);
}

#[test]
fn no_file_is_longer_than_a_noun_of_the_field() {
    let too_long = files().into_iter().filter_map(|path| {
        let length = read(&path).lines().count();
        (length > LONGEST).then(|| format!("{path}: {length} lines, at most {LONGEST}"))
    });
    none(too_long.collect());
}

#[test]
fn the_top_level_holds_only_what_it_should() {
    let entries = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    none(entries.filter(|name| !name.starts_with('.') && !TOP.contains(&name.as_str())).collect());
}

/// The map is the README's section with "map" in its heading; what stands there in backticks with a slash is a path.
#[test]
fn the_code_map_names_only_what_exists() {
    let Ok(readme) = fs::read_to_string(root().join("README.md")) else { return };
    let heading = |line: &&str| line.starts_with('#') && line.to_lowercase().contains("map");
    let map = readme.lines().skip_while(|line| !heading(line)).skip(1).take_while(|line| !line.starts_with('#'));
    let quoted = map.flat_map(|line| line.split('`').skip(1).step_by(2).filter(|path| path.contains('/')));
    none(quoted.filter(|path| !root().join(path).exists()).map(str::to_owned).collect());
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every Rust file, as a path from the top.
fn files() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                if !NOT_OURS.iter().any(|name| path.ends_with(name)) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.into_os_string().into_string().unwrap());
            }
        }
    }
    assert!(found.len() > 10, "the walk has lost its way");
    found
}

/// The lines of code, without comments, that `wrong` finds in the files that `chosen` picks.
fn lines(chosen: impl Fn(&str) -> bool, wrong: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for path in files().iter().filter(|path| chosen(path)) {
        for (number, line) in read(path).lines().enumerate() {
            if !line.trim_start().starts_with("//") && wrong(line) {
                found.push(format!("{path}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    found
}

/// Whether `line` uses the name `word` outside a string: as a path's part or a keyword.
fn names(line: &str, word: &str) -> bool {
    let code: String = line.split('"').step_by(2).collect();
    let in_path = [format!("{word}::"), format!("::{word};"), format!("::{word},"), format!("use {word}")];
    in_path.iter().any(|part| code.contains(part)) || word == "async" && code.contains("async fn")
}

/// A member's dependencies: the section's name, theirs, and what is said of each.
fn dependencies(member: &str) -> Vec<(String, String, String)> {
    let manifest = read(&format!("{member}/Cargo.toml"));
    let (mut section, mut found) = (String::new(), Vec::new());
    for line in manifest.lines() {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
        } else if let Some((key, value)) = line.split_once('=').filter(|_| section.ends_with("dependencies")) {
            let name = key.trim().trim_end_matches(".workspace");
            found.push((section.clone(), name.to_owned(), value.trim().to_owned()));
        }
    }
    assert!(!found.is_empty(), "{member}/Cargo.toml names no dependency");
    found
}
