//! The field in pure Rust: no clock, no I/O, no async, no database. Time and ids are arguments.

pub mod audit;
pub mod brand;
pub mod calendar;
pub mod case;
pub mod decision;
pub mod effect;
pub mod escalation;
pub mod google_bulk;
pub mod ids;
pub mod listing;
pub mod notice;
pub mod operator;
pub mod page;
pub mod penalty;
pub mod policy;
pub mod priority;
pub mod reason;
pub mod refused;
pub mod right;
pub mod rota;
pub mod safe_text;
pub mod seller;
pub mod span;
pub mod statement;
pub mod time;
mod words;
