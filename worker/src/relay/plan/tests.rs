use jointforce_shared::domain::time::Time;

use super::*;

fn id(n: usize) -> EffectId {
    format!("01JZZZZZZZZZZZZZZZZZZ{n:05}").parse().unwrap()
}

fn flow(lane: Lane) -> Flow {
    let endpoint = (!lane.is_inside()).then_some(Endpoint::Mail);
    Flow { lane, endpoint, first: Time(0), paused: false, rate: None, failures: 0, parked_until: None, running: 0 }
}

fn due(lane: Lane, ids: std::ops::Range<usize>) -> Due {
    Due { flow: flow(lane), ids: ids.map(id).collect() }
}

fn look(lane: Lane, rings: usize) -> Look {
    Look::with(lane, rings)
}

fn ring(rung: &mut Rung, due: &[Due], look: &Look, now: Instant) -> Vec<usize> {
    let plan = rung.plan(due, look, &EndpointPolicy::default(), now);
    let sizes = plan.rings.iter().map(|(_, ring)| ring.ids.len()).collect();
    rung.keep(plan);
    rung.settle();
    sizes
}

#[test]
fn what_is_due_is_rung_once_in_rings_of_a_batch() {
    let (mut rung, now, due) = (Rung::new(200), Instant::now(), [due(Lane::Removals, 0..450)]);
    assert_eq!(ring(&mut rung, &due, &look(Lane::Removals, 0), now), [200, 200, 50]);
    let soon = now + Duration::from_millis(900);
    assert!(ring(&mut rung, &due, &look(Lane::Removals, 0), soon).is_empty(), "it is under way");
}

#[test]
fn what_may_have_been_lost_is_rung_again_after_a_second() {
    let (mut rung, now, due) = (Rung::new(200), Instant::now(), [due(Lane::Removals, 0..450)]);
    ring(&mut rung, &due, &look(Lane::Removals, 0), now);
    let later = now + Duration::from_millis(1100);
    assert_eq!(ring(&mut rung, &due, &look(Lane::Removals, 2), later), [200, 200, 50]);
}

#[test]
fn what_waits_in_the_queue_is_not_rung_again_however_long_it_waits() {
    let (mut rung, now, due) = (Rung::new(200), Instant::now(), [due(Lane::Removals, 0..450)]);
    ring(&mut rung, &due, &look(Lane::Removals, 0), now);
    for seconds in 1..100 {
        let later = now + Duration::from_secs(seconds);
        assert!(ring(&mut rung, &due, &look(Lane::Removals, 3), later).is_empty(), "after {seconds} s");
    }
}

#[test]
fn a_stuck_fleet_finds_at_most_twice_what_is_due_in_its_queue() {
    let (mut rung, start, due) = (Rung::new(200), Instant::now(), [due(Lane::Removals, 0..4000)]);
    let mut waiting = 0;
    for leader in 0..20 {
        rung.inherit();
        for second in 0..30 {
            let now = start + Duration::from_secs(leader * 30 + second);
            waiting += ring(&mut rung, &due, &look(Lane::Removals, waiting), now).len();
        }
    }
    assert!(waiting <= 2 * 20, "{waiting} rings for 20 rings' worth of effects");
}

#[test]
fn a_flushed_queue_is_rung_for_at_once() {
    let (mut rung, now, due) = (Rung::new(200), Instant::now(), [due(Lane::Removals, 0..10)]);
    ring(&mut rung, &due, &look(Lane::Removals, 0), now);
    assert!(rung.forget() && !rung.forget());
    assert_eq!(ring(&mut rung, &due, &look(Lane::Removals, 0), now + Duration::from_millis(10)), [10]);
}

#[test]
fn removals_are_rung_before_penalties_and_pages_before_letters() {
    let due = [due(Lane::Letters, 0..1), due(Lane::Penalties, 1..2), due(Lane::Pages, 2..3), due(Lane::Removals, 3..4)];
    let plan = Rung::new(200).plan(&due, &look(Lane::Letters, 0), &EndpointPolicy::default(), Instant::now());
    let order: Vec<Lane> = plan.rings.iter().map(|(lane, _)| *lane).collect();
    assert_eq!(order, [Lane::Removals, Lane::Penalties, Lane::Pages, Lane::Letters]);
}

#[test]
fn a_lane_with_a_rate_is_begun_no_faster() {
    let (mut rung, start) = (Rung::new(200), Instant::now());
    let mut begun = 0;
    for millis in (0..10_000).step_by(50) {
        let mut due = due(Lane::Removals, begun..begun + 100);
        due.flow.rate = Some(20);
        let now = start + Duration::from_millis(millis);
        begun += ring(&mut rung, &[due], &look(Lane::Removals, 0), now).iter().sum::<usize>();
    }
    assert!((195..=205).contains(&begun), "{begun} in ten seconds at 20 a second");
}

#[test]
fn one_endpoint_is_called_so_often_in_a_second_and_the_others_as_often_as_they_like() {
    let (mut rung, start, limits) =
        (Rung::new(200), Instant::now(), EndpointPolicy { a_second: 10, ..EndpointPolicy::default() });
    let mut called: HashMap<String, usize> = HashMap::new();
    for pass in 0..100 {
        let now = start + Duration::from_millis(pass * 50);
        let flows: Vec<Due> = ["brand:a", "brand:b"]
            .iter()
            .enumerate()
            .map(|(n, endpoint)| {
                let from = pass as usize * 100 + n * 50;
                let mut due = due(Lane::Webhooks, from..from + 5);
                due.flow.endpoint = Some(endpoint.parse().unwrap());
                due
            })
            .collect();
        for (_, ring) in rung.plan(&flows, &look(Lane::Webhooks, 0), &limits, now).rings {
            let first: EffectId = ring.ids[0].parse().unwrap();
            let whose = flows.iter().find(|due| due.ids.contains(&first)).unwrap();
            *called.entry(whose.flow.endpoint.as_ref().unwrap().to_string()).or_default() += ring.ids.len();
        }
    }
    for (endpoint, calls) in called {
        assert!((55..=62).contains(&calls), "{endpoint}: {calls} in five seconds at 10 a second, begun with 10");
    }
}
