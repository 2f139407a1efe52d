//! A policy as a document: what differs from the defaults, what a change changes, and what is wrong with one.

use std::{cmp::Reverse, fmt};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Policy;
use crate::domain::refused::{Fault, Refused};

/// How alike a name must be to be proposed instead, 0 to 1.
const ALIKE: f64 = 0.5;

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Its name, with dots: `tiers.standard.sla`.
    pub field: String,
    /// What it was.
    pub was: Value,
    /// What it is; `null` for an entry that is gone.
    pub is: Value,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} -> {}", self.field, said(&self.was), said(&self.is))
    }
}

/// A value as it is written on a command line.
fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Every field of a policy by its name, in order. A list is one field.
#[must_use]
pub fn fields(policy: &Policy) -> Vec<(String, Value)> {
    let mut found = vec![];
    flatten("", document(policy), &mut found);
    found
}

impl Policy {
    /// What differs from the defaults; `null` stands for an entry that is not there.
    #[must_use]
    pub fn overrides(&self) -> Value {
        difference(&document(&Self::default()), document(self)).unwrap_or_else(|| Value::Object(Map::new()))
    }

    /// This policy with the fields of `patch` instead; `null` takes an entry away. The numbers are not checked:
    /// [`Policy::validate`] does.
    ///
    /// # Errors
    /// Names every field that is unknown, with the nearest known one, and every value that is of the wrong kind.
    pub fn patched(&self, patch: &Value) -> Result<Self, Refused> {
        if !patch.is_object() {
            let fix = "Write {\"grace\": \"10 s\"}, as `policy show --json` prints it.";
            return Err(Refused::one("policy", "it is no JSON object", fix));
        }
        let mut whole = document(self);
        let mut items = vec![];
        pieces(&mut vec![], patch, &whole, &mut items);
        let (mut policy, mut faults) = (self.clone(), vec![]);
        for (path, value) in items {
            match put(&whole, &path, &value) {
                Ok((document, read)) => (whole, policy) = (document, read),
                Err(error) => faults.push(fault(&whole, &path, &error)),
            }
        }
        if faults.is_empty() { Ok(policy) } else { Err(Refused { faults }) }
    }

    /// This policy with each named field set. A value is read as JSON, except where the field holds text.
    ///
    /// # Errors
    /// As [`Policy::patched`].
    pub fn with(&self, values: &[(String, String)]) -> Result<Self, Refused> {
        let whole = document(self);
        let (mut policy, mut faults) = (self.clone(), vec![]);
        for (field, text) in values {
            let path: Vec<&str> = field.split('.').collect();
            let is_text = whole.pointer(&format!("/{}", path.join("/"))).is_some_and(Value::is_string);
            let as_text = || Value::String(text.clone());
            let value = match serde_json::from_str(text) {
                Ok(Value::Null) => Value::Null,
                Ok(value) if !is_text => value,
                _ => as_text(),
            };
            let patch =
                path.iter().rev().fold(value, |value, key| Value::Object(Map::from_iter([((*key).into(), value)])));
            match policy.patched(&patch) {
                Ok(patched) => policy = patched,
                Err(refused) => faults.extend(refused.faults),
            }
        }
        if faults.is_empty() { Ok(policy) } else { Err(Refused { faults }) }
    }

    /// What is different in `after`.
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<Change> {
        let (was, is) = (fields(self), fields(after));
        let find = |list: &[(String, Value)], name: &str| {
            list.iter().find(|(field, _)| field == name).map_or(Value::Null, |(_, value)| value.clone())
        };
        let new = is.iter().filter(|(name, _)| !was.iter().any(|(field, _)| field == name));
        was.iter()
            .chain(new)
            .map(|(name, _)| Change { field: name.clone(), was: find(&was, name), is: find(&is, name) })
            .filter(|change| change.was != change.is)
            .collect()
    }
}

fn document(policy: &Policy) -> Value {
    // Structs of numbers, texts and maps with text keys always become JSON.
    serde_json::to_value(policy).unwrap_or_default()
}

fn flatten(prefix: &str, value: Value, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
                flatten(&name, value, found);
            }
        }
        leaf => found.push((prefix.to_owned(), leaf)),
    }
}

/// A merge patch (RFC 7386) that makes `after` of `before`.
fn difference(before: &Value, after: Value) -> Option<Value> {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let gone = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key.clone(), Value::Null));
            let mut patch: Map<String, Value> = gone.collect();
            for (key, value) in after {
                let changed = match before.get(&key) {
                    Some(before) => difference(before, value),
                    None => Some(value),
                };
                if let Some(changed) = changed {
                    patch.insert(key, changed);
                }
            }
            (!patch.is_empty()).then_some(Value::Object(patch))
        }
        (before, after) => (*before != after).then_some(after),
    }
}

/// The smallest parts of a patch that can be tried alone: what is there is gone into, what is not is taken whole.
fn pieces(path: &mut Vec<String>, patch: &Value, whole: &Value, found: &mut Vec<(Vec<String>, Value)>) {
    match (patch, whole) {
        (Value::Object(patch), Value::Object(whole)) if !patch.is_empty() => {
            for (key, value) in patch {
                path.push(key.clone());
                pieces(path, value, whole.get(key).unwrap_or(&Value::Null), found);
                path.pop();
            }
        }
        _ => found.push((path.clone(), patch.clone())),
    }
}

/// The document with one value put in, and how it reads.
fn put(whole: &Value, path: &[String], value: &Value) -> Result<(Value, Policy), String> {
    let (last, parents) = path.split_last().ok_or("it is empty")?;
    let mut document = whole.clone();
    let mut at = &mut document;
    for key in parents {
        at = at.get_mut(key).ok_or("it is unknown")?;
    }
    let map = at.as_object_mut().ok_or("it has no parts")?;
    map.insert(last.clone(), value.clone());
    let mut read = Policy::deserialize(&document);
    if read.is_err() && value.is_null() {
        // Not a field that may be empty: an entry of a map that goes, or a field that gets its default again.
        if let Some(map) = document.pointer_mut(&pointer(parents)).and_then(Value::as_object_mut) {
            map.remove(last);
        }
        read = Policy::deserialize(&document);
    }
    let policy = read.map_err(|error| error.to_string())?;
    // As the policy itself would write it: `15 minutes` is `15 min`.
    Ok((self::document(&policy), policy))
}

fn pointer(path: &[String]) -> String {
    path.iter().fold(String::new(), |pointer, key| pointer + "/" + key)
}

fn fault(whole: &Value, path: &[String], error: &str) -> Fault {
    let field = path.join(".");
    if let Some(now) = whole.pointer(&pointer(path)) {
        return Fault::new(field, error, format!("Write it like what it is now: {}", said(now)));
    }
    if !error.starts_with("unknown field") && !error.starts_with("it ") {
        return Fault::new(field, error, "Write it like its neighbours in `policy show`.");
    }
    let fix = match nearest(whole, &field) {
        Some(name) => format!("Did you mean {name}? `policy show` lists every field."),
        None => "`policy show` lists every field.".to_owned(),
    };
    Fault::new(field, "there is no such field", fix)
}

/// The known name, of a field or of a group, that is most like `wrong`.
fn nearest(whole: &Value, wrong: &str) -> Option<String> {
    let mut leaves = vec![];
    flatten("", whole.clone(), &mut leaves);
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    leaves
        .iter()
        .flat_map(|(name, _)| name.match_indices('.').map(|(at, _)| &name[..at]).chain([name.as_str()]))
        .map(|name| {
            let whole = strsim::normalized_damerau_levenshtein(name, wrong);
            // The right name under the wrong group counts a little less.
            (name, whole.max(strsim::normalized_damerau_levenshtein(&last(name), &last(wrong)) * 0.9))
        })
        .filter(|(_, alike)| *alike >= ALIKE)
        .max_by(|(one, a), (other, b)| a.total_cmp(b).then(Reverse(one.len()).cmp(&Reverse(other.len()))))
        .map(|(name, _)| name.to_owned())
}
