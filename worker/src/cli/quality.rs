//! `quality`: second looks at decisions.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{
        Actor, House,
        quality::{self, Ruling},
    },
    config::exit,
    domain::{
        decision::Verdict,
        ids::{CaseId, SampleId},
        quality::{Agreement, Report},
        time::span_words,
    },
    store::{reviews::Compared, samples::Sample, skips::Skipped},
};
use serde_json::json;

use super::output::{Json, cut, line, list, rest, safe};

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Quality {
    /// Show how everybody's decisions agree, who errs how, and which reasons are unclear.
    Report(Json),
    /// Keep golden cases: decided cases whose right answer is known, which come back blind.
    #[command(subcommand)]
    Golden(Golden),
    /// List answers that differ from the decision or the golden answer and wait for a ruling, oldest first.
    Disagreements(List),
    /// Say what is right where two differ.
    Rule {
        /// The review, as `quality disagreements` prints it.
        review: CaseId,
        /// What is right: removed:REASON or kept:REASON, such as kept:genuine.
        #[arg(value_parser = verdict)]
        right: Verdict,
        /// Why; goes on the record.
        #[arg(long)]
        note: String,
        /// If the real decision is another, take it back: the case is in the queue again.
        #[arg(long)]
        reopen: bool,
    },
    /// List cases in the queue that were passed over, why and by whom; the one that waits longest first.
    Skips(List),
}

/// How much is listed.
#[derive(Debug, clap::Args)]
pub struct List {
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
    limit: i64,
    #[command(flatten)]
    json: Json,
}

/// What can be done with golden cases.
#[derive(Debug, Subcommand)]
pub enum Golden {
    /// Make a decided case golden. Example: quality golden add 01J... --note 'label forged, see picture 3'
    Add {
        /// The case.
        case: CaseId,
        /// The right answer, if it isn't what was decided: removed:REASON or kept:REASON.
        #[arg(long, value_parser = verdict)]
        right: Option<Verdict>,
        /// Why that is the right answer.
        #[arg(long)]
        note: String,
    },
    /// List the golden cases in use.
    List(Json),
    /// Ask nobody about a golden case any more.
    Retire {
        /// Which, as `golden list` prints it.
        sample: SampleId,
        /// Why; goes on the record.
        #[arg(long)]
        note: String,
    },
}

fn verdict(text: &str) -> Result<Verdict, String> {
    let (outcome, reason) =
        text.split_once(':').ok_or("write removed:REASON or kept:REASON, such as removed:counterfeit_sold")?;
    Verdict::from_stored(outcome, reason)
}

/// Does it.
pub async fn run(house: &House, command: Quality) -> anyhow::Result<u8> {
    let me = Actor::Operator(account::current()?);
    match command {
        Quality::Report(json) => {
            let report = quality::report(house, &me).await?;
            if json.json { line(&serde_json::to_string(&report)?)? } else { show(house, &report)? }
        }
        Quality::Golden(Golden::Add { case, right, note }) => {
            let sample = quality::add_golden(house, &me, case, right, &note).await?;
            line(&format!("{} is golden: {}", sample.id, sample.verdict))?;
        }
        Quality::Golden(Golden::List(json)) => {
            let found = quality::golden(house, &me).await?;
            list(&found, "no case is golden", |sample| golden(sample, json.json))?;
        }
        Quality::Golden(Golden::Retire { sample, note }) => {
            quality::retire_golden(house, &me, sample, &note).await?;
            line(&format!("{sample} is retired"))?;
        }
        Quality::Disagreements(List { limit, json }) => {
            let mut found = quality::disagreements(house, &me, limit + 1).await?;
            let more = cut(&mut found, limit);
            list(&found, "no answer waits for a ruling", |found| disagreement(found, json.json))?;
            if more {
                rest(json.json, "more: a higher --limit")?;
            }
        }
        Quality::Rule { review, right, note, reopen } => {
            let reopened = quality::rule(house, &me, &Ruling { review, right, note, reopen }).await?;
            line(if reopened { "ruled; the case is in the queue again" } else { "ruled; the case stays as it is" })?;
        }
        Quality::Skips(List { limit, json }) => {
            let mut found = quality::skipped(house, &me, limit + 1).await?;
            let more = cut(&mut found, limit);
            list(&found, "no case was passed over", |found| skipped(house, found, json.json))?;
            if more {
                rest(json.json, "more: a higher --limit")?;
            }
        }
    }
    Ok(exit::OK)
}

fn show(house: &House, report: &Report) -> anyhow::Result<()> {
    let from = house.policy.quality.judge_from;
    let said = |agreement: &Agreement| format!("{agreement}: {}", agreement.note(from));
    line(&format!("all answers: {}", said(&report.whole)))?;
    for rater in &report.raters {
        line(&format!("\n{}", safe(rater.who.as_str(), 40)))?;
        line(&format!("  removed or kept  {}", said(&rater.outcome)))?;
        line(&format!("  with the reason  {}", said(&rater.reason)))?;
        line(&format!("  golden cases     {} of {} right", rater.golden.right, rater.golden.of))?;
        let errors: Vec<_> =
            rater.errors.iter().map(|(class, n)| format!("{} {n}", class.as_str().replace('_', " "))).collect();
        let errors = if errors.is_empty() { "none known".to_owned() } else { errors.join(", ") };
        line(&format!("  errors           {errors}; {} waiting for a ruling", rater.unruled))?;
    }
    if !report.reasons.is_empty() {
        line("\nby reason: this one or any other")?;
    }
    for reason in &report.reasons {
        line(&format!("  {:<28} used {:>4}  {}", code(reason.verdict), reason.used, said(&reason.agreement)))?;
    }
    Ok(())
}

fn code(verdict: Verdict) -> String {
    format!("{}:{}", verdict.outcome(), verdict.reason())
}

fn golden(sample: &Sample, as_json: bool) -> String {
    if as_json {
        return json!({
            "sample": sample.id, "case": sample.case, "right": code(sample.verdict), "note": sample.note,
            "added_by": sample.drawn_by, "added": sample.drawn.to_string(),
        })
        .to_string();
    }
    format!(
        "{}  case {}  {:<28} by {}  {}",
        sample.id,
        sample.case,
        code(sample.verdict),
        sample.drawn_by,
        safe(&sample.note, 100)
    )
}

fn disagreement(found: &Compared, as_json: bool) -> String {
    let answer = &found.answer;
    if as_json {
        return json!({
            "review": found.review, "case": found.case, "kind": answer.kind, "decided_by": answer.decided_by,
            "decided": code(answer.compared), "reviewer": answer.reviewer, "answered": code(answer.given),
            "note": found.note, "at": found.at.to_string(),
        })
        .to_string();
    }
    format!(
        "{}  case {}  {:<9} {}: {}  {}: {}  {}",
        found.review,
        found.case,
        answer.kind,
        safe(answer.decided_by.as_str(), 30),
        code(answer.compared),
        answer.reviewer,
        code(answer.given),
        safe(&found.note, 80)
    )
}

fn skipped(house: &House, found: &Skipped, as_json: bool) -> String {
    let skips = found.skips.iter();
    if as_json {
        let skips: Vec<_> =
            skips.map(|s| json!({ "by": s.by, "reason": s.reason, "note": s.note, "at": s.at.to_string() })).collect();
        return json!({
            "case": found.case, "title": found.title, "due": found.due.to_string(), "times": found.times, "skips": skips,
        })
        .to_string();
    }
    let waits = found.skips.last().map_or(0, |first| house.clock.now().since(first.at));
    let said: Vec<_> = skips
        .map(|skip| {
            let note = if skip.note.is_empty() { String::new() } else { format!(" ({})", safe(&skip.note, 60)) };
            format!("{}: {}{note}", skip.by, skip.reason.title())
        })
        .collect();
    format!(
        "{}  {:>2} times, for {}  {}  {}",
        found.case,
        found.times,
        span_words(waits),
        safe(&found.title, 40),
        said.join("; ")
    )
}
