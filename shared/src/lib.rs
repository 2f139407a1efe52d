//! The truth of Joint Force and its rules: the pure domain, the store on two databases, and the one write path.
//!
//! Directions: [`domain`] knows nobody; [`store`] knows the domain; [`commands`] knows both; every face of the
//! product (console, worker, portal) calls commands and reads views of the store.

pub mod account;
pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod fixtures;
pub mod help;
pub mod settings;
pub mod stdout;
pub mod store;
pub mod telemetry;
