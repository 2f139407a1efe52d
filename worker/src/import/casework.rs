//! What sellers and brands answer: counter-notices, appeals, withdrawals, suits. Each row is a transaction of its own.

use jointforce_shared::{
    commands::{
        self, Actor, Error, House, appeal, counter_notice,
        withdrawal::{self, Taken},
    },
    domain::{
        appeal::RawAppeal,
        counter_notice::{RawCounterNotice, RawSuit},
        refused::{Fault, Refused},
        safe_text::SafeText,
        withdrawal::RawWithdrawal,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::records::{Outcome, Record, Row};

/// What became of one row.
enum One {
    New,
    Same,
    Refused(Refused),
}

/// Reads a row whose type checks nothing but its fields' names and kinds. serde stops at the first fault, so each field
/// is tried by itself then.
fn read<T: DeserializeOwned>(row: Row<'_>, fields: &[&str]) -> Result<T, Vec<Fault>> {
    let object = row.object()?;
    if let Ok(read) = serde_json::from_value(Value::Object(object.clone())) {
        return Ok(read);
    }
    let mut faults = vec![];
    for (name, value) in object {
        if !fields.contains(&name.as_str()) {
            let name = SafeText::line(&name, 60).into_string();
            faults.push(Fault::new(name, "there is no such field", format!("Use {}.", fields.join(", "))));
            continue;
        }
        let alone: Map<String, Value> = [(name.clone(), value)].into_iter().collect();
        if let Err(error) = serde_json::from_value::<T>(Value::Object(alone)) {
            faults.push(Fault::new(name, error.to_string(), "Write it as the help shows."));
        }
    }
    if faults.is_empty() {
        faults.push(Fault::new("line", "a field is given twice", "Give each field once."));
    }
    Err(faults)
}

fn count(outcome: &mut Outcome, place: usize, one: One) {
    match one {
        One::New => outcome.new += 1,
        One::Same => outcome.same += 1,
        One::Refused(refused) => outcome.refused.push((place, refused)),
    }
}

impl Record for RawCounterNotice {
    const FIELDS: &'static [&'static str] = &Self::FIELDS;

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        read(row, &Self::FIELDS)
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        let mut outcome = Outcome::default();
        for (n, raw) in batch.iter().enumerate() {
            let one = match counter_notice::receive(house, actor, raw).await? {
                counter_notice::Received::New { .. } => One::New,
                counter_notice::Received::Same { .. } => One::Same,
                counter_notice::Received::Refused(refused) => One::Refused(refused),
            };
            count(&mut outcome, n, one);
        }
        Ok(outcome)
    }
}

impl Record for RawAppeal {
    const FIELDS: &'static [&'static str] = &Self::FIELDS;

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        read(row, &Self::FIELDS)
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        let mut outcome = Outcome::default();
        for (n, raw) in batch.iter().enumerate() {
            let one = match appeal::open(house, actor, raw).await? {
                appeal::Opened::New { .. } => One::New,
                appeal::Opened::Same { .. } => One::Same,
                appeal::Opened::Refused(refused) => One::Refused(refused),
            };
            count(&mut outcome, n, one);
        }
        Ok(outcome)
    }
}

impl Record for RawWithdrawal {
    const FIELDS: &'static [&'static str] = &Self::FIELDS;

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        read(row, &Self::FIELDS)
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        let mut outcome = Outcome::default();
        for (n, raw) in batch.iter().enumerate() {
            let one = match withdrawal::withdraw(house, actor, raw).await? {
                Taken::New { .. } => One::New,
                Taken::Same { .. } => One::Same,
                Taken::Refused(refused) => One::Refused(refused),
            };
            count(&mut outcome, n, one);
        }
        Ok(outcome)
    }
}

impl Record for RawSuit {
    const FIELDS: &'static [&'static str] = &Self::FIELDS;

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        read(row, &Self::FIELDS)
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        let mut outcome = Outcome::default();
        for (n, raw) in batch.iter().enumerate() {
            let one = match counter_notice::tell_suit(house, actor, raw).await {
                Ok(answered) if answered.same => One::Same,
                Ok(_) => One::New,
                Err(Error::Refused(refused)) => One::Refused(refused),
                Err(error) => return Err(error),
            };
            count(&mut outcome, n, one);
        }
        Ok(outcome)
    }
}
