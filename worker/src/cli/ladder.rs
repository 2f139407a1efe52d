//! `ladder`: penalty ladders of real marketplaces, and what another ladder would have done to our sellers.

use std::{collections::BTreeMap, fs, io::IsTerminal as _, path::Path, time::Duration};

use clap::Subcommand;
use indicatif::ProgressBar;
use jointforce_shared::{
    commands::House,
    config::exit,
    domain::{
        ids::SellerId,
        penalty::{Ladder, Preset, Reached, Step, presets},
        refused::Refused,
        safe_text::SafeText,
    },
    store::penalties,
};
use serde_json::{Value, json};

use super::output::{line, safe};

/// The most that a ladder's file may hold, in bytes.
const FILE_MAX: u64 = 1 << 20;
/// Sellers whose strikes are read at once.
const PAGE: i64 = 500;

/// What can be done with ladders.
#[derive(Debug, Subcommand)]
pub enum LadderCommand {
    /// List the ladders that ship with Joint Force: those of marketplaces, as far as they are published.
    List {
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show a ladder: its steps, its costs, where it comes from and what is assumed in it.
    Show {
        /// A name from `ladder list`, a file, or `current` for the one in force.
        #[arg(default_value = "current")]
        which: String,
        /// Print its JSON, as `policy load` takes it under "ladder".
        #[arg(long)]
        json: bool,
    },
    /// Say what is wrong with a ladder in a file; exit code 65 if anything is.
    Check {
        /// A JSON object with the fields that `ladder show --json` prints; what it leaves out gets its default.
        file: String,
    },
    /// Run a ladder over the strikes that stand, and print who would have been hit, at which step, and when, beside what
    /// the ladder in force did. Changes nothing.
    WhatIf {
        /// A name from `ladder list`, or a file.
        which: String,
        /// Also those sellers to whom both ladders do the same.
        #[arg(long)]
        all: bool,
        /// Print JSON, one seller a line, the sums last.
        #[arg(long)]
        json: bool,
        /// Show no progress.
        #[arg(long)]
        quiet: bool,
    },
}

/// Does it.
pub async fn run(house: &House, command: LadderCommand) -> anyhow::Result<u8> {
    match command {
        LadderCommand::List { json } => {
            for preset in presets()? {
                line(&if json {
                    serde_json::json!({ "name": preset.name, "title": preset.title, "source": preset.source,
                    "assumed": preset.assumed, "unsaid": preset.unsaid, "ladder": preset.ladder })
                    .to_string()
                } else {
                    format!("{:<15} {:<22} {}", preset.name, preset.title, steps(&preset.ladder))
                })?;
            }
        }
        LadderCommand::Show { which, json } => {
            let (ladder, preset) = find(house, &which)?;
            if json {
                line(&serde_json::to_string_pretty(&ladder)?)?;
            } else {
                show(&ladder, preset.as_ref())?;
            }
        }
        LadderCommand::Check { file } => {
            let ladder = read(Path::new(&file))?;
            line(&format!("valid: {}", steps(&ladder)))?;
        }
        LadderCommand::WhatIf { which, all, json, quiet } => {
            let (ladder, _) = find(house, &which)?;
            what_if(house, &ladder, &which, all, json, quiet).await?;
        }
    }
    Ok(exit::OK)
}

fn find(house: &House, which: &str) -> anyhow::Result<(Ladder, Option<Preset>)> {
    if which == "current" {
        return Ok((house.policy.ladder.clone(), None));
    }
    if let Some(preset) = presets()?.into_iter().find(|preset| preset.name == which) {
        return Ok((preset.ladder.clone(), Some(preset)));
    }
    let path = Path::new(which);
    if !path.exists() {
        let problem = format!("{:?} is neither a ladder's name nor a file", safe(which, 100));
        return Err(
            Refused::one("ladder", problem, "`ladder list` prints the names; `current` is the one in force.").into()
        );
    }
    Ok((read(path)?, None))
}

/// A ladder from a file, checked.
fn read(path: &Path) -> anyhow::Result<Ladder> {
    let name = safe(&path.display().to_string(), 200);
    let unreadable = |why: String| Refused::one("file", format!("{name} can't be read: {why}"), "Name another one.");
    let size = fs::metadata(path).map_err(|e| unreadable(e.to_string()))?.len();
    if size > FILE_MAX {
        return Err(unreadable(format!("{size} bytes are more than {FILE_MAX}")).into());
    }
    let text = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    let ladder: Ladder = serde_json::from_str(&text).map_err(|e| {
        let problem = SafeText::line(&e.to_string(), 300).into_string();
        Refused::one("file", format!("{name} is no ladder: {problem}"), "`ladder show --json` prints one.")
    })?;
    ladder.validate()?;
    Ok(ladder)
}

fn steps(ladder: &Ladder) -> String {
    let steps: Vec<String> = ladder.steps.iter().map(|step| format!("{} {}", step.points, step.level)).collect();
    steps.join(", ")
}

fn show(ladder: &Ladder, preset: Option<&Preset>) -> anyhow::Result<()> {
    if let Some(preset) = preset {
        line(&format!("{}\nsource   {}", preset.title, preset.source))?;
    }
    for step in &ladder.steps {
        line(&format!("step     {:>4} points  {}", step.points, step.words()))?;
    }
    for severity in jointforce_shared::domain::penalty::Severity::ALL {
        let cap = ladder.caps.get(severity).map_or_else(String::new, |cap| match cap.days {
            1 => format!(", at most {} in a day", cap.points),
            days => format!(", at most {} in {days} days", cap.points),
        });
        line(&format!("costs    {severity}: {}{cap}", ladder.points.of(*severity)))?;
    }
    line(&format!("merging  strikes for one holder within {} days cost as much as the worst", ladder.merge_days))?;
    if let Some(rule) = ladder.repeated {
        line(&format!("repeated strike {} on one right costs {}", rule.strikes, rule.points))?;
    }
    if let Some(rule) = ladder.closing {
        let days = rule.merge_days;
        line(&format!(
            "closing  strike {} of {} or worse costs {}, those within {days} days being one",
            rule.strikes, rule.from, rule.points
        ))?;
    }
    line(&match ladder.expiry {
        jointforce_shared::domain::penalty::Expiry::Rolling => format!("expiry   {} days", ladder.expiry_days),
        jointforce_shared::domain::penalty::Expiry::CalendarQuarter => "expiry   the end of the quarter".to_owned(),
    })?;
    line(&format!(
        "payouts  held {} days, asked for from day {}",
        ladder.payout_hold_days, ladder.payout_appeal_from_day
    ))?;
    for words in preset.into_iter().flat_map(|preset| &preset.assumed) {
        line(&format!("assumed  {words}"))?;
    }
    for words in preset.into_iter().flat_map(|preset| &preset.unsaid) {
        line(&format!("not said {words}"))?;
    }
    Ok(())
}

async fn what_if(house: &House, other: &Ladder, name: &str, all: bool, json: bool, quiet: bool) -> anyhow::Result<()> {
    let ours = &house.policy.ladder;
    let bar =
        if quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new_spinner() };
    bar.enable_steady_tick(Duration::from_millis(100));
    let (mut after, mut sellers, mut differ) = (None::<SellerId>, 0_u64, 0_u64);
    let (mut sums_other, mut sums_ours) = (Sums::default(), Sums::default());
    loop {
        let page = penalties::histories(&mut house.db.read().await?, after.as_ref(), PAGE).await?;
        let Some((last, _)) = page.last() else { break };
        after = Some(last.clone());
        for (seller, strikes) in &page {
            sellers += 1;
            let (would, did) = (other.reached(strikes), ours.reached(strikes));
            sums_other.add(&would);
            sums_ours.add(&did);
            let same = |a: &Reached, b: &Reached| a.at == b.at && effect(&a.step) == effect(&b.step);
            let alike = would.len() == did.len() && would.iter().zip(&did).all(|(a, b)| same(a, b));
            differ += u64::from(!alike);
            if all && !(would.is_empty() && did.is_empty()) || !alike {
                let text = if json {
                    json!({ "seller": seller, "strikes": strikes.len(), "would": hits(&would), "did": hits(&did) })
                        .to_string()
                } else {
                    format!("{seller}\n  would   {}\n  did     {}", words(&would), words(&did))
                };
                bar.suspend(|| line(&text))?;
            }
        }
        bar.set_message(format!("{sellers} sellers, {differ} treated otherwise"));
    }
    bar.finish_and_clear();
    if json {
        let sums = json!({ "sellers": sellers, "differ": differ, "would": sums_other.json(), "did": sums_ours.json() });
        line(&json!({ "ladder": name, "sums": sums }).to_string())?;
        return Ok(());
    }
    line(&format!("{sellers} sellers with strikes, {differ} of them treated otherwise by {}", safe(name, 100)))?;
    line(&format!("would have hit  {}", sums_other.words()))?;
    line(&format!("did hit         {}", sums_ours.words()))?;
    Ok(())
}

/// What a step does, whatever its points.
fn effect(step: &Step) -> (jointforce_shared::domain::seller::Level, Option<u32>, bool) {
    (step.level, step.days, step.listings_off)
}

/// Sellers by the sternest step that they reached.
#[derive(Default)]
struct Sums(BTreeMap<(i64, String), u64>);

impl Sums {
    fn add(&mut self, reached: &[Reached]) {
        if let Some(worst) = reached.iter().max_by_key(|one| one.step.points) {
            *self.0.entry((worst.step.points, worst.step.words())).or_default() += 1;
        }
    }

    fn words(&self) -> String {
        let steps: Vec<String> =
            self.0.iter().map(|((points, words), sellers)| format!("{sellers} at {points} ({words})")).collect();
        if steps.is_empty() { "nobody".to_owned() } else { steps.join("; ") }
    }

    fn json(&self) -> Vec<Value> {
        let step = |((points, words), sellers): (&(i64, String), &u64)| json!({ "points": points, "step": words, "sellers": sellers });
        self.0.iter().map(step).collect()
    }
}

fn words(reached: &[Reached]) -> String {
    let one = |one: &Reached| {
        let day: String = one.at.to_string().chars().take(10).collect();
        format!("{day} {} points: {}", one.points, one.step.words())
    };
    if reached.is_empty() { "nothing".to_owned() } else { reached.iter().map(one).collect::<Vec<_>>().join("; ") }
}

fn hits(reached: &[Reached]) -> Vec<Value> {
    let one = |one: &Reached| {
        json!({ "at": one.at.to_string(), "points": one.points, "step": one.step.points, "level": one.step.level,
            "days": one.step.days, "listings_off": one.step.listings_off })
    };
    reached.iter().map(one).collect()
}
