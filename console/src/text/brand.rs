//! All about a brand: why it has its tier, how its cases went lately, what it was asked.

use std::time::Duration;

use jointforce_shared::{
    commands::{self, House, trust},
    domain::{
        ids::BrandId,
        span,
        time::{Time, due_words},
        trust::Tally,
    },
    store::{
        brands,
        profiles::{self, BrandProfile, WEEKS},
    },
};

use crate::curve::curve;

pub(super) async fn lines(house: &House, id: &BrandId) -> commands::Result<Vec<String>> {
    let trusted = trust::show(house, id).await?;
    let now = house.clock.now();
    let mut conn = house.db.read().await?;
    let profile = profiles::brand(&mut conn, id, trusted.standing.manager.as_ref(), now).await?;
    let record = brands::get(&mut conn, id).await?.and_then(|brand| brand.record.words());
    let mut lines = vec![format!("{} ({id})", trusted.name)];
    lines.extend(trusted.explanation.text().lines().map(str::to_owned));
    lines.push("Record".to_owned());
    lines.extend(record_lines(record, &trusted.track.overall(), house.policy.trust.window));
    lines.extend(body(&profile, now));
    Ok(lines)
}

/// Every claim ever decided, which moves the brand's cases in the queue and is said there too; then those that its tier
/// is judged on.
fn record_lines(record: Option<String>, overall: &Tally, window: Duration) -> Vec<String> {
    let days = span::words(window);
    let Some(record) = record else { return vec!["  no claim decided yet".to_owned()] };
    let Some(percent) = (overall.accepted * 100).checked_div(overall.decided()) else {
        return vec![format!("  {record}"), format!("  no claim decided in the last {days}")];
    };
    vec![
        format!("  {record}"),
        format!(
            "  {percent} % of {} claims accepted that were decided in the last {days}, {} refused",
            overall.decided(),
            overall.refused
        ),
        format!(
            "  of these {} contested, {} upheld against it, {} taken back after a counter-notice",
            overall.contested, overall.upheld, overall.withdrawn
        ),
    ]
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
    use jointforce_shared::domain::brand::Record;

    use super::*;

    #[test]
    fn a_record_says_what_it_counts() {
        let window = Duration::from_secs(90 * 86_400);
        let record = Record { accepted: 2846, refused: 47 }.words();
        let lately = Tally { accepted: 37, contested: 1, ..Tally::default() };
        assert_eq!(
            record_lines(record.clone(), &lately, window),
            [
                "  98 % of all 2893 claims accepted",
                "  100 % of 37 claims accepted that were decided in the last 90 d, 0 refused",
                "  of these 1 contested, 0 upheld against it, 0 taken back after a counter-notice",
            ]
        );
        assert_eq!(record_lines(record, &Tally::default(), window)[1], "  no claim decided in the last 90 d");
        assert_eq!(record_lines(None, &Tally::default(), window), ["  no claim decided yet"]);
    }

    #[test]
    fn a_trend_is_a_curve_and_its_numbers() {
        assert_eq!(trend(&[0, 1, 4, 100]), "▁▂▂█  0 1 4 100");
    }
}
