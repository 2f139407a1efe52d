//! What the others saw: the marketplace, the brands, the mail server, and whoever reads a log.

use std::collections::HashMap;

use jointforce_tests::hooks::Request;

use super::{
    super::{stage::Stage, witness::texts},
    Findings,
};

/// An effect as the ledger has it in the end.
struct Entry {
    state: String,
    attempts: i64,
}

/// Effects of some kinds, by id.
async fn entries(stage: &Stage, kinds: &str) -> HashMap<String, Entry> {
    let sql = format!("SELECT id || ' ' || state || ' ' || attempts FROM ledger WHERE kind IN ({kinds})");
    let rows = texts(&stage.house.db, &sql).await.unwrap_or_default();
    let read = |row: String| {
        let mut words = row.split(' ');
        let (id, state) = (words.next()?.to_owned(), words.next()?.to_owned());
        Some((id, Entry { state, attempts: words.next()?.parse().ok()? }))
    };
    rows.into_iter().filter_map(read).collect()
}

pub(super) async fn check(stage: &Stage, findings: &mut Findings) {
    for (whom, hooks, kind) in
        [("the marketplace", &stage.marketplace, "'hook_marketplace'"), ("the brands", &stage.brands, "'hook_brand'")]
    {
        let entries = entries(stage, kind).await;
        check_calls(whom, &hooks.received(), &entries, findings);
    }
    check_mail(stage, findings).await;
    let called = stage.elsewhere.received().into_iter().map(|request| format!("{} {}", request.method, request.path));
    findings.rule("nobody is called who is no endpoint: redirects are not followed", called);
}

/// Calls by their key, against the ledger.
fn check_calls(whom: &str, calls: &[Request], entries: &HashMap<String, Entry>, findings: &mut Findings) {
    let mut by_key: HashMap<&str, Vec<&Request>> = HashMap::new();
    for call in calls {
        by_key.entry(call.header("webhook-id")).or_default().push(call);
    }
    let unknown = by_key.keys().filter(|key| !entries.contains_key(**key)).map(|key| format!("{key:?}"));
    findings.rule(format!("I10 every call to {whom} carries its effect's id"), unknown);
    let differ = by_key.iter().filter(|(_, calls)| calls.iter().any(|call| call.body != calls[0].body));
    findings.rule(format!("I4 a repeated call to {whom} has the same body"), differ.map(|(key, _)| key.to_string()));

    let taken = |id: &str| by_key.get(id).is_some_and(|calls| calls.iter().any(|call| call.taken));
    let lost = entries.iter().filter(|(id, entry)| entry.state == "done" && !taken(id)).map(|(id, _)| id.clone());
    findings.rule(format!("I3 what is done was taken by {whom}"), lost);
    // Taken back while its outcome was unknown: then what makes it good is told as well.
    let may_be_taken = |entry: &Entry| entry.state == "done" || entry.state == "cancelled" && entry.attempts > 0;
    let odd = entries.iter().filter(|(id, entry)| taken(id) && !may_be_taken(entry));
    findings.rule(
        format!("I3 what was taken by {whom} is done"),
        odd.map(|(id, entry)| format!("{id} is {} after {} attempts", entry.state, entry.attempts)),
    );
}

async fn check_mail(stage: &Stage, findings: &mut Findings) {
    let entries = entries(stage, "'mail_seller', 'mail_brand'").await;
    let mails = stage.mail.taken();
    let mut to: HashMap<String, &Vec<String>> = HashMap::new();
    let (mut unknown, mut differ) = (vec![], vec![]);
    for mail in &mails {
        let header = mail.header("Message-ID").unwrap_or_default();
        let id = header.trim_matches(['<', '>']).split('@').next().unwrap_or_default().to_owned();
        if !entries.contains_key(&id) {
            unknown.push(header);
        } else if *to.entry(id).or_insert(&mail.to) != &mail.to {
            differ.push(header);
        }
    }
    findings.rule("every letter carries its effect's id", unknown);
    findings.rule("a repeated letter goes to the same people", differ);
    let lost = entries.iter().filter(|(id, entry)| entry.state == "done" && !to.contains_key(*id));
    findings.rule("P1 a letter that is done was taken by the mail server", lost.map(|(id, _)| id.clone()));
    let raw = ["\u{1b}", "\u{202e}", "\u{7}", "\u{9b}", "=1B", "=E2=80=AE", "=07", "=C2=9B"];
    let hostile = mails.iter().filter(|mail| raw.iter().any(|raw| mail.message.contains(raw)));
    let subjects = hostile.map(|mail| format!("a letter to {:?}", mail.to));
    findings.rule("what strangers wrote is cleaned before it is in a letter", subjects);
}

/// After everybody has left: no secret, and nothing that moves a terminal, was said anywhere.
pub(super) async fn check_what_was_said(stage: &Stage, findings: &mut Findings) {
    let mut said: Vec<(String, String)> = vec![];
    for (n, slot) in stage.fleet.iter().enumerate() {
        said.push((format!("the log of worker {n}"), slot.said().await));
    }
    let moving = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
    let hostile = said.iter().filter_map(|(whose, text)| {
        let line = text.lines().find(|line| line.contains(moving))?;
        Some(format!("{whose}: {}", line.escape_debug()))
    });
    findings.rule("nothing in a log moves a terminal", hostile.collect::<Vec<_>>());
    for (what, sql) in [
        ("the ledger's errors", "SELECT last_error FROM ledger WHERE last_error IS NOT NULL"),
        ("the audit record", "SELECT body FROM audit"),
        ("the workers' states", "SELECT state FROM workers"),
    ] {
        said.push((what.to_owned(), texts(&stage.house.db, sql).await.unwrap_or_default().join("\n")));
    }
    said.extend(stage.mail.taken().into_iter().map(|mail| (format!("a letter to {:?}", mail.to), mail.message)));
    let calls = stage.marketplace.received().into_iter().chain(stage.brands.received());
    said.extend(
        calls.map(|call| (format!("a call of {}", call.path), String::from_utf8_lossy(&call.body).into_owned())),
    );
    let told = said.iter().filter(|(_, text)| stage.secrets.iter().any(|secret| text.contains(secret)));
    findings.rule("I12 no secret is said anywhere", told.map(|(whose, _)| whose.clone()));
}
