//! What we build on keeps `.deny.toml`'s rules. cargo-deny checks them too, but takes five minutes to compile, so each run
//! checks here what needs no network: licences, banned crates, versions and sources.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

const RULES: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../.deny.toml"));

#[test]
fn every_licence_is_one_that_we_allow() {
    let allowed: Vec<_> = rules("allow = [").into_iter().filter_map(|rule| quoted(rule)).collect();
    assert!(allowed.contains(&"MIT"), "no list of licences in .deny.toml");
    let wrong = packages().into_iter().filter(|package| !is_allowed(text(package, "license"), &allowed));
    none(wrong.map(|package| format!("{}: {:?}", text(&package, "name"), text(&package, "license"))).collect());
}

#[test]
fn no_banned_crate_comes_in_and_no_heavy_one_twice() {
    let mut versions = BTreeMap::<String, Vec<String>>::new();
    for package in packages() {
        versions.entry(text(&package, "name").to_owned()).or_default().push(text(&package, "version").to_owned());
    }
    let bans = rules("deny = [");
    assert!(bans.len() > 5, "no list of bans in .deny.toml");
    let wrong = bans.into_iter().filter_map(|rule| {
        let found = versions.get(quoted(rule)?)?;
        let once = rule.contains("deny-multiple-versions = true") && found.len() == 1;
        (!once).then(|| format!("{rule} is there as {found:?}"))
    });
    none(wrong.collect());
}

#[test]
fn every_crate_comes_from_crates_io_or_from_here() {
    let crates_io = "registry+https://github.com/rust-lang/crates.io-index";
    let elsewhere =
        packages().into_iter().filter(|package| package["source"].as_str().is_some_and(|from| from != crates_io));
    none(elsewhere.map(|package| text(&package, "id").to_owned()).collect());
}

/// The lines of the list in `.deny.toml` that opens with `opening`.
fn rules(opening: &str) -> Vec<&'static str> {
    let list = RULES.lines().skip_while(|line| *line != opening).skip(1).take_while(|line| *line != "]");
    list.map(str::trim).filter(|line| !line.starts_with('#')).collect()
}

fn quoted(rule: &str) -> Option<&str> {
    rule.split('"').nth(1)
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// Everything that is built into the programs and their tests on this machine.
fn packages() -> Vec<Value> {
    let here = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--format-version=1", "--offline", "--locked", "--filter-platform", &here];
    let output = Command::new(cargo).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Whether `expression` (SPDX; an old `/` means OR) can be met with the allowed licences alone.
fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().collect::<Vec<_>>().into_iter().peekable();
    let met = any(&mut words, allowed);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::vec::IntoIter<&'a str>>;

fn any(words: &mut Words, allowed: &[&str]) -> bool {
    let mut met = all(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Words, allowed: &[&str]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words, allowed: &[&str]) -> bool {
    let Some(licence) = words.next() else { return false };
    if licence == "(" {
        return any(words, allowed) & words.next_if_eq(&")").is_some();
    }
    // An exception only gives more rights, but is a licence of its own to cargo-deny, so to us too.
    let exception = words.next_if_eq(&"WITH").and_then(|_| words.next());
    exception.is_none() && allowed.contains(&licence)
}

fn none(wrong: Vec<String>) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_licence_expression_is_read_as_spdx_says() {
    let allowed = ["MIT", "ISC"];
    for (expression, met) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("MIT AND (GPL-3.0 OR AGPL-3.0)", false),
        ("MIT OR GPL-3.0 AND AGPL-3.0", true),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("MIT WITH some-exception", false),
        ("MIT nonsense", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), met, "{expression}");
    }
}
