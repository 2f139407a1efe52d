//! Numbers of the whole fleet, read from the database every 15 seconds by one process: whoever holds the lease. The
//! others leave them out, so that a sum over workers counts them once.

use std::{
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
    time::Duration,
};

use jointforce_shared::{
    commands::House,
    domain::time::Time,
    store::{
        db, leases,
        vitals::{self, Vitals},
    },
};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode_registry},
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use tokio::{sync::watch, time::sleep};
use tracing::{info, warn};

/// How often the numbers are read.
const EVERY: Duration = Duration::from_secs(15);
/// The name of the lease.
const LEASE: &str = "exporter";
/// How long it lasts: a killed exporter's numbers are missing for so long at most.
const LEAD: Duration = Duration::from_secs(40);

/// The numbers as text, while this process is the one that reads them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fleet(Arc<Mutex<Option<String>>>);

impl Fleet {
    /// The text; none while another process has it.
    pub fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, text: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// Reads until `stop` turns true.
    pub async fn read_until_stopped(&self, house: &House, name: &str, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match read(house, name).await {
                Ok(vitals) => {
                    if vitals.is_some() && self.text().is_none() {
                        info!("exporting the fleet's numbers");
                    }
                    self.put(vitals.map(|vitals| text(&vitals, house.clock.now())));
                }
                // Old numbers that look like new ones are worse than none.
                Err(error) => {
                    warn!("the fleet's numbers could not be read: {error}");
                    self.put(None);
                }
            }
            tokio::select! { () = sleep(EVERY) => {} _ = stop.changed() => {} }
        }
        self.put(None);
        let given_back = async {
            let mut tx = house.db.write().await?;
            leases::give_back(&mut tx, LEASE, name).await?;
            tx.commit().await
        };
        if let Err(error) = given_back.await {
            warn!("the exporter's lease runs out by itself: {error}");
        }
    }
}

async fn read(house: &House, name: &str) -> db::Result<Option<Vitals>> {
    let mut tx = house.db.write().await?;
    let leads = leases::take(&mut tx, LEASE, name, LEAD).await?;
    tx.commit().await?;
    if !leads {
        return Ok(None);
    }
    let silent_after = leases::SILENT;
    vitals::read(&mut house.db.read().await?, house.clock.now(), silent_after).await.map(Some)
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLane {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfKind {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InState {
    state: &'static str,
}

type Lanes = Family<OfLane, Gauge>;
type Seconds = Gauge<f64, AtomicU64>;

fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

/// The numbers as text. Counts stop at [`vitals::MOST`].
fn text(vitals: &Vitals, now: Time) -> String {
    let mut registry = Registry::default();
    let (due, held, later, running) = (Lanes::default(), Lanes::default(), Lanes::default(), Lanes::default());
    let (oldest, paused) = (Family::<OfLane, Seconds>::default(), Lanes::default());
    registry.register("jf_effects_due", "Effects that are due and not carried out, 10,000 at most", due.clone());
    registry.register(
        "jf_effects_held",
        "Due effects of a paused lane or a parked endpoint, 10,000 at most",
        held.clone(),
    );
    registry.register("jf_effects_later", "Effects that are due later, 10,000 at most", later.clone());
    registry.register("jf_effects_running", "Effects that a worker is calling out for", running.clone());
    registry.register("jf_effects_oldest_due_seconds", "For how long the oldest due effect is due", oldest.clone());
    registry.register("jf_lane_paused", "1 while somebody keeps the lane from being carried out", paused.clone());
    for lane in &vitals.lanes {
        let of = OfLane { lane: lane.lane.as_str() };
        let numbers = [
            (&due, lane.due),
            (&held, lane.held),
            (&later, lane.later),
            (&running, lane.running),
            (&paused, i64::from(lane.paused)),
        ];
        for (family, number) in numbers {
            family.get_or_create(&of).set(number);
        }
        oldest.get_or_create(&of).set(seconds(lane.oldest.map_or(0, |oldest| now.since(oldest).max(0))));
    }
    let dead = Family::<OfKind, Gauge>::default();
    registry.register("jf_effects_dead", "Effects that wait for a person, 10,000 at most", dead.clone());
    for (kind, number) in &vitals.dead {
        dead.get_or_create(&OfKind { kind: kind.clone() }).set(*number);
    }
    let workers = Family::<InState, Gauge>::default();
    registry.register("jf_workers", "Workers of the last day, alive or silent", workers.clone());
    workers.get_or_create(&InState { state: "alive" }).set(vitals.workers.0);
    workers.get_or_create(&InState { state: "silent" }).set(vitals.workers.1);
    let mut gauge = |name: &str, help: &str, number: i64| {
        let gauge: Gauge = Gauge::default();
        gauge.set(number);
        registry.register(name, help, gauge);
    };
    gauge("jf_cases_overdue", "Cases in the queue whose deadline has passed, 10,000 at most", vitals.cases_overdue);
    gauge("jf_pages_open", "Pages that nobody has acknowledged", vitals.pages_open);
    gauge("jf_endpoints_parked", "Endpoints to which nothing is sent for now", vitals.endpoints_parked);
    gauge("jf_breakers_open", "Breakers that keep automatic removals off", vitals.breakers_open);
    gauge("jf_statements_waiting", "Statements that wait for the register, 10,000 at most", vitals.statements_waiting);
    gauge("jf_statements_rejected", "Statements that the register won't take", vitals.statements_rejected);
    let mut age = |name: &str, help: &str, micros: i64| {
        let gauge = Seconds::default();
        gauge.set(seconds(micros));
        registry.register(name, help, gauge);
    };
    let next = vitals.cases_due.map(|due| due.since(now));
    if let Some(left) = next {
        age("jf_case_due_in_seconds", "Until the deadline that comes first; negative once it passed", left);
    }
    let unsealed = vitals.unsealed_since.map_or(0, |since| now.since(since).max(0));
    age("jf_audit_unsealed_seconds", "For how long the oldest event behind the last sealed one waits", unsealed);
    age("jf_fleet_read_timestamp_seconds", "When these numbers were read", now.0);
    let mut text = String::new();
    // Writing into a String doesn't fail.
    let _ = encode_registry(&mut text, &registry);
    text
}

#[cfg(test)]
mod tests {
    use jointforce_shared::{domain::effect::Lane, store::vitals::LaneVitals};

    use super::*;

    #[test]
    fn the_fleets_numbers_as_prometheus_reads_them() {
        let lane = |lane, due, oldest| LaneVitals {
            lane,
            due,
            held: 5,
            later: 3,
            running: 0,
            oldest,
            paused: lane == Lane::Letters,
        };
        let vitals = Vitals {
            lanes: vec![lane(Lane::Removals, 2, Some(Time(58_500_000))), lane(Lane::Letters, 0, None)],
            dead: vec![("mail_seller".into(), 4)],
            cases_overdue: 7,
            cases_due: Some(Time(50_000_000)),
            pages_open: 1,
            breakers_open: 0,
            endpoints_parked: 2,
            unsealed_since: None,
            statements_waiting: 0,
            statements_rejected: 0,
            workers: (3, 1),
        };
        let text = text(&vitals, Time(60_000_000));
        for line in [
            "# TYPE jf_effects_oldest_due_seconds gauge",
            r#"jf_effects_oldest_due_seconds{lane="removals"} 1.5"#,
            r#"jf_effects_oldest_due_seconds{lane="letters"} 0.0"#,
            r#"jf_effects_due{lane="removals"} 2"#,
            r#"jf_effects_held{lane="removals"} 5"#,
            r#"jf_effects_dead{kind="mail_seller"} 4"#,
            r#"jf_workers{state="silent"} 1"#,
            r#"jf_lane_paused{lane="letters"} 1"#,
            "jf_endpoints_parked 2",
            "jf_case_due_in_seconds -10.0",
            "jf_fleet_read_timestamp_seconds 60.0",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing:\n{text}");
        }
    }
}
