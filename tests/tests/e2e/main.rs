//! The end-to-end tests, in one binary: linking is the slow part, and the servers are shared anyway.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "everything here runs inside a test")]

mod asking;
mod audit;
mod clocks;
mod console;
mod contest;
mod dependencies;
mod fleet;
mod groups;
mod import;
mod main_job;
mod on_call;
mod ops;
mod outside;
mod penalties;
mod policy;
mod quality;
mod reasons;
mod records;
mod run;
mod store;
mod tidy;
mod trust;
mod walk;
