//! What a brand is told of its own standing: its tier, a warning that comes before a suspension, a webhook that is gone.

use askama::Template;
use jointforce_shared::domain::{
    brand::{Brand, Tier},
    effect::BrandNews,
    safe_text::SafeText,
};

use super::{Fault, Letter, Party, line, moment, text};

#[derive(Template)]
#[template(path = "brand_tier.txt")]
struct TierText<'a> {
    brand: &'a SafeText,
    from: &'static str,
    to: &'static str,
    because: Vec<SafeText>,
    next: Vec<SafeText>,
    /// What the tier means for notices from now on.
    means: &'static str,
    suspended: bool,
}

#[derive(Template)]
#[template(path = "brand_warned.txt")]
struct WarnedText<'a> {
    brand: &'a SafeText,
    why: SafeText,
    until: String,
}

#[derive(Template)]
#[template(path = "brand_hook_gone.txt")]
struct HookGoneText<'a> {
    brand: &'a SafeText,
    host: SafeText,
}

/// The letter, if the news are of this kind.
pub(super) fn letter(brand: &Brand, news: &BrandNews) -> Result<Option<Letter>, Fault> {
    let name = line(&brand.name);
    let (subject, body) = match news {
        BrandNews::TierChanged { from, to, because, next } => {
            let lines = |lines: &[String]| lines.iter().map(|text| SafeText::line(text, 500)).collect();
            let body = TierText {
                brand: &name,
                from: from.title(),
                to: to.title(),
                because: lines(because),
                next: lines(next),
                means: means(*to),
                suspended: *to == Tier::Suspended,
            };
            (format!("Your tier is now {}", to.title()), text(&body)?)
        }
        BrandNews::Warned { why, until } => {
            let body = WarnedText { brand: &name, why: SafeText::line(why, 600), until: moment(*until) };
            ("Warning: your notices may be suspended".to_owned(), text(&body)?)
        }
        BrandNews::HookGone { host } => {
            let body = HookGoneText { brand: &name, host: SafeText::line(host, 200) };
            ("Your webhook is not called any more".to_owned(), text(&body)?)
        }
        _ => return Ok(None),
    };
    let to = Party { name, email: brand.email.clone() };
    Ok(Some(Letter { to, copy: None, subject, body }))
}

const fn means(tier: Tier) -> &'static str {
    match tier {
        Tier::Unverified => {
            "Notices are reviewed after those of brands that we have checked, and may name few listings."
        }
        Tier::Standard => "Notices are reviewed in the order of their deadlines and of the harm that a listing does.",
        Tier::GoodFaith => "Notices are reviewed within the shorter deadline of good faith.",
        Tier::JointForce => {
            "Notices go before others. Where you attest that a listing is counterfeit it is removed at once, without a reviewer."
        }
        Tier::TrustedFlagger => "Notices go before others (Regulation (EU) 2022/2065, art. 22).",
        Tier::Suspended => "New notices are refused until the suspension ends (Regulation (EU) 2022/2065, art. 23).",
    }
}
