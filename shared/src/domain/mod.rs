//! The field in pure Rust: no clock, no I/O, no async, no database. Time and ids are arguments.

pub mod audit;
pub mod brand;
pub mod calendar;
pub mod effect;
pub mod ids;
pub mod listing;
pub mod operator;
pub mod penalty;
pub mod policy;
pub mod priority;
pub mod refused;
pub mod right;
pub mod seller;
pub mod time;
mod words;
