//! All about a brand: why it has its tier, how its cases went lately, what it was asked.

use jointforce_shared::{
    commands::{self, House, trust},
    domain::{
        ids::BrandId,
        time::{Time, due_words},
    },
    store::profiles::{self, BrandProfile, WEEKS},
};

use crate::curve::curve;

pub(super) async fn lines(house: &House, id: &BrandId) -> commands::Result<Vec<String>> {
    let trusted = trust::show(house, id).await?;
    let now = house.clock.now();
    let mut conn = house.db.read().await?;
    let profile = profiles::brand(&mut conn, id, trusted.standing.manager.as_ref(), now).await?;
    let overall = trusted.track.overall();
    let mut lines = vec![format!("{} ({id})", trusted.name)];
    lines.extend(trusted.explanation.text().lines().map(str::to_owned));
    lines.push("Record".to_owned());
    let percent = (overall.accepted * 100).checked_div(overall.decided());
    lines.push(match percent {
        Some(percent) => format!("  {percent} % of {} claims accepted, {} refused", overall.decided(), overall.refused),
        None => "  no claim decided yet".to_owned(),
    });
    lines.push(format!(
        "  {} contested, {} upheld against it, {} taken back after a counter-notice",
        overall.contested, overall.upheld, overall.withdrawn
    ));
    lines.extend(body(&profile, now));
    Ok(lines)
}

fn body(profile: &BrandProfile, now: Time) -> Vec<String> {
    let mut lines = vec![format!("Cases of the last {WEEKS} weeks, the oldest first")];
    let (removed, kept): (Vec<_>, Vec<_>) = profile.weeks.iter().copied().unzip();
    lines.push(format!("  removed {}", trend(&removed)));
    lines.push(format!("  kept    {}", trend(&kept)));
    lines.push(match profile.requests.len() {
        0 => "No open question".to_owned(),
        many => format!("Open questions: {many}"),
    });
    for request in &profile.requests {
        let due = due_words(request.until, now);
        lines.push(format!("  {}, about {}, asked by {}: {due}", request.title, request.listing, request.asked_by));
    }
    lines.push(match &profile.manager {
        Some(manager) => format!("Account manager: {} ({})", manager.name, manager.id),
        None => "No account manager".to_owned(),
    });
    lines
}

/// A small curve, and its numbers: not everybody sees a curve.
fn trend(counts: &[i64]) -> String {
    let numbers = counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    format!("{}  {numbers}", curve(counts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trend_is_a_curve_and_its_numbers() {
        assert_eq!(trend(&[0, 1, 4, 100]), "▁▂▂█  0 1 4 100");
    }
}
