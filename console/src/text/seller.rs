//! All about a seller: where they stand on the ladder and what comes next, what was decided, who is linked to them.

use jointforce_shared::{
    commands::{self, Actor, House},
    domain::{
        ids::SellerId,
        penalty::Ladder,
        refused::Refused,
        time::{Time, span_words},
    },
    store::{
        dossier::LINKED,
        profiles::{self, SellerProfile},
    },
};

pub(super) async fn lines(house: &House, actor: &Actor, id: &SellerId) -> commands::Result<Vec<String>> {
    let mut conn = house.db.read().await?;
    match profiles::seller(&mut conn, actor.id(), id).await? {
        Some(profile) => Ok(page(&profile, &house.policy.ladder, house.clock.now())),
        None => Err(Refused::one("seller", format!("{id} is not known"), "Check the id.").into()),
    }
}

fn page(profile: &SellerProfile, ladder: &Ladder, now: Time) -> Vec<String> {
    let record = &profile.record;
    let mut lines = vec![format!("{} ({}), {}", record.seller.name, record.seller.id, record.seller.country)];
    lines.extend(standing(profile, now));
    lines.extend(steps(profile, ladder));
    lines.extend(strikes(profile, ladder, now));
    lines.extend(decisions(profile, now));
    lines.extend(linked(profile));
    lines
}

fn ago(now: Time, at: Time) -> String {
    format!("{} ago", span_words(now.since(at).max(0)))
}

fn standing(profile: &SellerProfile, now: Time) -> Vec<String> {
    let record = &profile.record;
    let left = |until: Time| span_words(until.since(now).max(0));
    let until = record.level_until.map_or_else(String::new, |until| format!(" for another {}", left(until)));
    let mut lines = vec!["Where they stand".to_owned()];
    lines.push(format!("  {}{until}, {} points, {} reports", record.level, record.points, record.reports));
    if record.listings_off {
        lines.push("  every listing is off".to_owned());
    }
    for imposed in &profile.imposed {
        let because = if imposed.because_of == record.seller.id {
            String::new()
        } else {
            format!(", because of {}", imposed.because_of)
        };
        let until = imposed.until.map_or_else(|| "for good".to_owned(), |until| format!("for another {}", left(until)));
        lines.push(format!("  {} by a second person {}, {until}{because}", imposed.level, ago(now, imposed.at)));
    }
    if let Some(hold) = &profile.payout {
        let asked = if hold.asked.is_some() { ", and they ask for it" } else { "" };
        lines.push(format!("  money kept back for another {}{asked}", left(hold.until)));
    }
    lines
}

fn steps(profile: &SellerProfile, ladder: &Ladder) -> Vec<String> {
    let points = profile.record.points;
    let next = ladder.next_step(points).map(|step| step.points);
    let mut lines = vec!["The ladder".to_owned()];
    for step in &ladder.steps {
        let here = match next {
            Some(next) if next == step.points => format!(" <- next, {} more", next - points),
            _ if step.points <= points => " (passed)".to_owned(),
            _ => String::new(),
        };
        lines.push(format!("  {} points: {}{here}", step.points, step.words()));
    }
    lines
}

fn strikes(profile: &SellerProfile, ladder: &Ladder, now: Time) -> Vec<String> {
    let mut lines = vec![match profile.strikes.len() {
        0 => "No strike stands".to_owned(),
        many => format!("Strikes: {many}, the newest first"),
    }];
    let counted = ladder.explain(&profile.strikes, now);
    for (strike, counts) in profile.strikes.iter().zip(&counted).rev() {
        let why = counts.why.as_deref().map_or_else(String::new, |why| format!(" ({why})"));
        let severity = strike.severity.as_str().replace('_', " ");
        lines.push(format!(
            "  {}: {severity} for {}, {} points{why}",
            ago(now, strike.at),
            strike.brand,
            counts.counted
        ));
    }
    lines
}

fn decisions(profile: &SellerProfile, now: Time) -> Vec<String> {
    let mut lines = vec![match profile.decisions.len() {
        0 => "Nothing was decided about them".to_owned(),
        many => format!("Past decisions: {many}, the newest first"),
    }];
    for made in &profile.decisions {
        let undone = made.undone.as_ref().map_or_else(String::new, |(by, _)| format!("; taken back by {by}"));
        lines.push(format!("  {}: {} for {}, by {}{undone}", ago(now, made.at), made.verdict, made.brand, made.by));
    }
    lines
}

/// Who shares the payout account, as a tree with this seller at its root.
fn linked(profile: &SellerProfile) -> Vec<String> {
    if profile.linked.is_empty() {
        return vec!["No other seller has their payout account".to_owned()];
    }
    let shown = profile.linked.iter().take(LINKED);
    let more = profile.linked.len() > LINKED;
    let mut lines = vec!["One payout account".to_owned(), format!("  ● {}, this seller", profile.record.seller.name)];
    let last = profile.linked.len().min(LINKED) - 1;
    for (n, other) in shown.enumerate() {
        let branch = if n == last && !more { "└─" } else { "├─" };
        let because = profile.imposed.iter().any(|imposed| imposed.because_of == other.seller.id);
        let because = if because { "; punished together" } else { "" };
        lines.push(format!(
            "  {branch} {} ({}): {}, {} points, {} reports{because}",
            other.seller.name, other.seller.id, other.level, other.points, other.reports
        ));
    }
    if more {
        lines.push("  └─ and more".to_owned());
    }
    lines
}

#[cfg(test)]
mod tests {
    use jointforce_shared::domain::{penalty::Imposed, seller::Level};

    use super::*;
    use crate::fixture::{NOW, dossier};

    #[test]
    fn a_page_tells_the_next_step_and_who_is_linked() {
        let case = dossier(0);
        let imposed = Imposed {
            approval: "01KEKSP0000000000000000001".parse().unwrap(),
            because_of: "S-99".parse().unwrap(),
            level: Level::Suspended,
            at: Time(NOW.0 - Time::DAY),
            until: None,
        };
        let profile = SellerProfile {
            record: case.seller,
            strikes: case.strikes,
            imposed: vec![imposed],
            payout: None,
            decisions: vec![],
            linked: case.linked,
        };
        insta::assert_snapshot!(page(&profile, &Ladder::default(), NOW).join("\n"));
    }
}
