//! The rest of the ladder's tests: its table, what is in force, strikes decided together, other marketplaces' ladders.

use ulid::Ulid;

use super::{
    tests::{NOON, day, strike},
    *,
};
use crate::domain::ids::{ApprovalId, SellerId};

fn shop() -> SellerId {
    "shop".parse().unwrap()
}

fn imposed(n: u64, because_of: &str, level: Level, at: Time, until: Option<Time>) -> Imposed {
    let approval = ApprovalId::from_ulid(Ulid::from_parts(n, 0));
    Imposed { approval, because_of: because_of.parse().unwrap(), level, at, until }
}

fn preset(name: &str) -> Ladder {
    presets().unwrap().into_iter().find(|preset| preset.name == name).unwrap().ladder
}

/// What each severity costs alone and three times within an hour for one holder, and where that leads.
#[test]
fn the_whole_ladder() {
    let ladder = Ladder::default();
    let mut table = String::new();
    for step in &ladder.steps {
        table += &format!("{:>3}  {}\n", step.points, step.words());
    }
    for &severity in Severity::ALL {
        let made = |n: u64, brand: &str| strike(n, brand, severity, Time(NOON.0 + n as i64));
        let alone = ladder.preview(&[], &made(1, "a"), NOON).words;
        let together = ladder.preview_all(&[], &[made(1, "a"), made(2, "a"), made(3, "a")], NOON).words;
        let holders = ladder.preview_all(&[], &[made(1, "a"), made(2, "b"), made(3, "c")], NOON).words;
        table +=
            &format!("{severity}\n  one            {alone}\n  three          {together}\n  of 3 holders   {holders}\n");
    }
    insta::assert_snapshot!(table, @r"
      6  warned
     12  restricted for 7 days
     24  hidden for 14 days
     36  hidden for 21 days, all listings off
     48  suspended, terminated once approved
    general
      one            0 -> 2 points; next step 6 (warned, caution)
      three          0 -> 2 points; next step 6 (warned, caution); 3 of these fall in a 3-day window and count once
      of 3 holders   0 -> 6 points: warned; next step 12 (restricted)
    counterfeit_listing
      one            0 -> 2 points; next step 6 (warned, caution)
      three          0 -> 2 points; next step 6 (warned, caution); 3 of these fall in a 3-day window and count once
      of 3 holders   0 -> 6 points: warned; next step 12 (restricted)
    counterfeit_sold
      one            0 -> 12 points: restricted for 7 days; next step 24 (hidden)
      three          0 -> 12 points: restricted for 7 days; next step 24 (hidden); 3 of these fall in a 3-day window and count once
      of 3 holders   0 -> 36 points: hidden for 21 days, all listings off; next step 48 (terminated)
    serious
      one            0 -> 24 points: hidden for 14 days; next step 36 (hidden)
      three          0 -> 24 points: hidden for 14 days; next step 36 (hidden); 3 of these fall in a 3-day window and count once
      of 3 holders   0 -> 72 points: suspended, terminated once approved
    extreme
      one            0 -> 48 points: suspended, terminated once approved
      three          0 -> 48 points: suspended, terminated once approved; 3 of these fall in a 3-day window and count once
      of 3 holders   0 -> 144 points: suspended, terminated once approved
    ");
}

#[test]
fn the_presets_are_ladders_and_say_where_they_come_from() {
    let presets = presets().unwrap();
    let mut table = String::new();
    for preset in &presets {
        assert_eq!(preset.ladder.validate(), Ok(()), "{}", preset.name);
        assert!(!preset.source.is_empty() && !preset.title.is_empty());
        let steps: Vec<_> =
            preset.ladder.steps.iter().map(|step| format!("{} {}", step.points, step.words())).collect();
        table += &format!("{}: {}\n", preset.name, steps.join("; "));
    }
    insta::assert_snapshot!(table, @r"
    alibaba_com: 6 warned; 12 restricted for 7 days; 24 restricted for 14 days; 36 restricted for 21 days, all listings off; 48 suspended, terminated once approved
    aliexpress: 48 suspended, terminated once approved
    taobao: 48 suspended, terminated once approved
    lazada: 12 restricted for 7 days; 24 hidden for 14 days; 36 hidden for 21 days, all listings off; 48 suspended, terminated once approved
    tiktok_shop: 12 restricted for 7 days; 24 restricted for 14 days; 36 hidden for 21 days; 48 suspended, terminated once approved
    shopee_tw: 3 suspended for 28 days; 6 suspended, terminated once approved
    mercado_libre: 1 warned; 2 suspended for 2 days; 3 suspended for 5 days; 4 suspended, terminated once approved
    shop_safe_bill: 3 suspended, terminated once approved
    ");
}

#[test]
fn aliexpress_closes_at_the_third_serious_strike_more_than_three_days_apart() {
    let ladder = preset("aliexpress");
    let sold = |n, days| strike(n, &format!("brand-{n}"), Severity::CounterfeitSold, day(days));
    let mut strikes = vec![sold(1, 0), sold(2, 1), sold(3, 10)];
    assert_eq!(ladder.standing(&strikes, day(10)).points, 0, "two of the three are one");
    let words = ladder.preview(&strikes[..2], &strikes[2], day(10)).words;
    assert!(words.ends_with("2 of 3 counterfeit listing or worse that close"), "{words}");
    strikes.push(sold(4, 20));
    assert_eq!(ladder.standing(&strikes, day(20)).level, Level::Terminated);
    strikes[3].at = day(366);
    assert_eq!(ladder.standing(&strikes, day(366)).level, Level::Good, "the first two no longer count");
}

#[test]
fn shopees_strikes_count_to_the_end_of_the_quarter() {
    let ladder = preset("shopee_tw");
    // 20,000 days after 1970 is 4 October 2024.
    let strikes = [strike(1, "a", Severity::Serious, NOON)];
    let frozen = ladder.standing(&strikes, NOON);
    assert_eq!((frozen.level, frozen.until, frozen.listings_off), (Level::Suspended, Some(day(28)), true));
    assert_eq!(ladder.standing(&strikes, day(87)).points, 3);
    assert_eq!(ladder.standing(&strikes, day(89)).points, 0, "it is January");
}

#[test]
fn a_whole_store_is_off_while_its_step_runs() {
    let ladder = Ladder::default();
    let strikes = [strike(1, "a", Severity::Serious, day(0)), strike(2, "b", Severity::CounterfeitSold, day(1))];
    assert!(!ladder.standing(&strikes, day(0)).listings_off);
    assert!(ladder.standing(&strikes, day(1)).listings_off);
    let after = ladder.standing(&strikes, day(22));
    assert!(!after.listings_off && after.points == 36, "{after:?}");
    assert!(!ladder.standing(&strikes[..1], day(1)).listings_off, "the second is taken back");
}

#[test]
fn nobody_is_terminated_without_an_approval() {
    let ladder = Ladder::default();
    let strikes = [strike(1, "a", Severity::Extreme, NOON)];
    let force = ladder.in_force(&shop(), &strikes, &[], day(1));
    assert_eq!((force.standing.level, force.termination_due), (Level::Suspended, true));
    let approved = [imposed(1, "shop", Level::Terminated, day(2), None)];
    let force = ladder.in_force(&shop(), &strikes, &approved, day(3));
    assert_eq!((force.standing.level, force.termination_due), (Level::Terminated, false));
    let force = ladder.in_force(&shop(), &strikes, &approved, day(400));
    assert_eq!((force.standing.level, force.standing.points), (Level::Terminated, 0), "for ever");
    let force = ladder.in_force(&shop(), &[], &approved, day(3));
    assert_eq!((force.standing.level, force.lapsed.len()), (Level::Good, 1), "its reason was taken back");
}

#[test]
fn a_level_for_anothers_strikes_holds_until_it_ends() {
    let ladder = Ladder::default();
    let linked = [imposed(1, "other", Level::Suspended, day(0), Some(day(5)))];
    let force = ladder.in_force(&shop(), &[], &linked, day(1));
    assert_eq!((force.standing.level, force.standing.until), (Level::Suspended, Some(day(5))));
    assert_eq!(force.standing.next_change, Some(day(5)));
    assert!(force.standing.listings_off);
    let force = ladder.in_force(&shop(), &[], &linked, day(5));
    assert_eq!((force.standing.level, force.lapsed.len()), (Level::Good, 1));
}

#[test]
fn strikes_decided_together_say_which_of_them_count() {
    let ladder = Ladder::default();
    let before = [strike(1, "a", Severity::Serious, day(-10)), strike(2, "b", Severity::CounterfeitSold, day(-9))];
    let new =
        [strike(3, "c", Severity::CounterfeitSold, NOON), strike(4, "c", Severity::CounterfeitSold, Time(NOON.0 + 1))];
    let preview = ladder.preview_all(&before, &new, NOON);
    assert_eq!(
        preview.words,
        "36 -> 48 points: suspended, terminated once approved; 2 of these fall in a 3-day window and count once"
    );
    let many: Vec<_> = (10..17).map(|n| strike(n, &format!("h{n}"), Severity::CounterfeitListing, NOON)).collect();
    let words = ladder.preview_all(&[], &many, NOON).words;
    assert_eq!(words, "0 -> 12 points: restricted for 7 days; next step 24 (hidden); 1 capped");
}

#[test]
fn a_ladder_whose_costs_or_steps_fall_is_refused() {
    let fields = |ladder: &Ladder| -> Vec<String> {
        ladder
            .validate()
            .map_or_else(|refused| refused.faults.into_iter().map(|fault| fault.field).collect(), |()| vec![])
    };
    let mut ladder = Ladder::default();
    ladder.points.counterfeit_sold = 1;
    assert_eq!(fields(&ladder), ["ladder.points.counterfeit_sold"]);
    ladder.closing = Some(Closing { from: Severity::CounterfeitSold, strikes: 3, merge_days: 0, points: 48 });
    assert_eq!(fields(&ladder), [""; 0], "it counts by strikes");
    ladder.steps[2].points = 12;
    assert_eq!(fields(&ladder), ["ladder.steps[2]"]);
    ladder.steps[2] = Step { points: 24, level: Level::Warned, days: None, listings_off: false };
    assert_eq!(fields(&ladder), ["ladder.steps[2]"], "milder than the step before");
    ladder.steps[2].level = Level::Cautioned;
    assert_eq!(fields(&ladder).len(), 2, "and no penalty at all");
}

#[test]
fn the_steps_reached_are_told_with_their_moments() {
    let ladder = Ladder::default();
    let strikes = [strike(1, "a", Severity::CounterfeitSold, day(0)), strike(2, "b", Severity::Serious, day(5))];
    let reached: Vec<_> = ladder.reached(&strikes).iter().map(|r| (r.at, r.points, r.step.points)).collect();
    assert_eq!(reached, [(day(0), 12, 12), (day(5), 36, 36)]);
    assert!(ladder.reached(&[]).is_empty());
}
