//! Texts to read: the shift note, all about a brand or a seller, how decisions agree.

mod brand;
mod seller;

use jointforce_shared::{
    commands::{self, Actor, House, quality, shift},
    domain::{
        ids::{BrandId, SellerId},
        quality::{Agreement, Report},
    },
};

/// Which text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// What the next shift has to know.
    Shift,
    /// All about a brand.
    Brand(BrandId),
    /// All about a seller.
    Seller(SellerId),
    /// How everybody's decisions agree.
    Quality,
}

impl Text {
    /// What stands above it.
    pub const fn title(&self) -> &'static str {
        match self {
            Self::Shift => "Shift note",
            Self::Brand(_) => "The brand",
            Self::Seller(_) => "The seller",
            Self::Quality => "How decisions agree",
        }
    }

    /// Reads it, a line each; a line that begins with blanks belongs to the one before.
    ///
    /// # Errors
    /// What the command says.
    pub async fn read(&self, house: &House, actor: &Actor) -> commands::Result<Vec<String>> {
        Ok(match self {
            Self::Shift => shift::note(house, None).await?.lines(),
            Self::Brand(id) => brand::lines(house, id).await?,
            Self::Seller(id) => seller::lines(house, actor, id).await?,
            Self::Quality => lines(&quality::report(house, actor).await?, house.policy.quality.judge_from),
        })
    }
}

fn lines(report: &Report, judge_from: u16) -> Vec<String> {
    let said = |agreement: &Agreement| format!("{agreement}: {}", agreement.note(judge_from));
    let mut lines = vec![format!("All answers: {}", said(&report.whole))];
    for rater in &report.raters {
        let errors: Vec<_> =
            rater.errors.iter().map(|(class, n)| format!("{} {n}", class.as_str().replace('_', " "))).collect();
        let errors = if errors.is_empty() { "none known".to_owned() } else { errors.join(", ") };
        lines.push(String::new());
        lines.push(rater.who.to_string());
        lines.push(format!("  removed or kept: {}", said(&rater.outcome)));
        lines.push(format!("  with the reason: {}", said(&rater.reason)));
        lines.push(format!("  golden cases: {} of {} right", rater.golden.right, rater.golden.of));
        lines.push(format!("  errors: {errors}; {} waiting for a ruling", rater.unruled));
    }
    if !report.reasons.is_empty() {
        lines.push(String::new());
        lines.push("By reason: this one or any other".to_owned());
    }
    for reason in &report.reasons {
        lines.push(format!("  {}, used {}: {}", reason.verdict, reason.used, said(&reason.agreement)));
    }
    lines
}
