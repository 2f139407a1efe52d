//! The put-back window with a moved clock: never before ten business days, never after fourteen.

use jointforce_shared::{
    commands::sweep,
    domain::{counter_notice::CounterState, time::Time},
};

use super::*;
use crate::store::on_both;

/// Business days (Monday to Friday, UTC, as the default calendar has them) that follow the day of `from`, up to the day
/// of `until`; counted by hand.
fn business_days(from: Time, until: Time) -> usize {
    let day = |at: Time| at.0.div_euclid(Time::DAY);
    // 1 January 1970 was a Thursday.
    (day(from) + 1..=day(until)).filter(|day| (day + 3).rem_euclid(7) < 5).count()
}

on_both! {
    async fn whenever_it_comes_and_however_often_one_sweeps_it_is_put_back_in_the_window(url: &str) {
        let world = dmca(url).await;
        // Hours between one counter-notice and the next: every day of a week, every time of day, weekends and nights.
        let mut open = vec![];
        for n in 1..=20_i64 {
            world.pass((n * 7 % 19) * Time::HOUR + n * 11 * Time::MINUTE);
            let listing = format!("item-{n}");
            removed(&world, &format!("n{n}"), &listing).await;
            open.push(received(&world, &contest(&listing, &listing)).await);
        }
        let mut ended = 0;
        let end = world.house.clock.now() + Duration::from_secs(30 * 86_400);
        for step in 0.. {
            if world.house.clock.now() > end {
                break;
            }
            sweep::put_back(&world.house).await.unwrap();
            world.pass((1 + step * 5 % 7) * Time::HOUR);
        }
        for counter in open {
            let counter = counter_of(&world, counter).await;
            assert_eq!(counter.state, CounterState::PutBack);
            let (received, closed) = (counter.said.received, counter.closed.unwrap());
            let days = business_days(received, closed);
            assert!((10..=14).contains(&days), "{received} to {closed}: {days} business days");
            assert!(closed >= counter.said.not_before && closed <= counter.said.not_after, "{received} to {closed}");
            ended += 1;
        }
        assert_eq!(ended, 20);
        assert_invariants(&world).await;
    }
}
