//! The whole record: every rule that always holds, and the audit record against its seals.

use jointforce_shared::{
    commands::{
        House,
        seal::verify::{Against, verify},
    },
    config::Places,
    store::invariants,
};
use jointforce_worker::sealer::Export;

use super::{super::serve::RunArgs, Checks};

pub async fn look(checks: &mut Checks, house: &House, places: &Places, run: &RunArgs) {
    rules(checks, house).await;
    record(checks, house, places, run).await;
}

async fn rules(checks: &mut Checks, house: &House) {
    let fix = "A bug, or a hand in the database: keep a backup, look at `audit list`, and report it.";
    let asked = async { invariants::broken(&mut house.db.read().await?).await };
    match asked.await {
        Ok(broken) if broken.is_empty() => checks.fine("rules", "every rule that always holds does"),
        Ok(broken) => {
            for rule in broken {
                checks.fail("rules", format!("{}: {}", rule.rule, rule.id), fix);
            }
        }
        Err(error) => checks.fail("rules", error.to_string(), "The database stopped answering; run this again."),
    }
}

async fn record(checks: &mut Checks, house: &House, places: &Places, run: &RunArgs) {
    let keys = match run.seal.trusted(places, vec![]) {
        Ok(keys) => keys,
        Err(error) => return checks.fail("audit record", format!("{error:#}"), "Give JOINTFORCE_AUDIT_KEY_FILE."),
    };
    let exported = match Export::to(run.seal.config(places).checkpoints).read() {
        Ok(exported) => exported.notes,
        Err(error) => {
            return checks.fail("audit record", format!("{error:#}"), "Give JOINTFORCE_CHECKPOINTS where they are.");
        }
    };
    if keys.is_empty() {
        let fix = "Run `audit verify --key KEY --against FILE` where they are.";
        return checks.warn("audit record", "no key is here to check signatures with", fix);
    }
    match verify(house, &Against { keys, exported }, |_, _| {}).await {
        Ok(report) if report.findings.is_empty() => {
            let found =
                format!("{} events are as they were sealed, {} checkpoints agree", report.sealed, report.exported);
            checks.fine("audit record", found);
        }
        Ok(report) => {
            let fix = "Run `audit verify` for all of it; keep the exported checkpoints safe.";
            for finding in &report.findings.shown {
                checks.fail("audit record", finding.to_string(), fix);
            }
        }
        Err(error) => checks.fail("audit record", error.to_string(), "The database stopped answering; run this again."),
    }
}
