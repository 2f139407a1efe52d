//! Carries effects out: the relay rings what is due, apalis carries the rings, the carriers do the work.
//!
//! Also a library, so that the console can carry effects out in its own process on the embedded default.

mod beat;
pub mod bell;
pub mod carry_out;
mod effects;
mod health;
pub mod import;
mod keep;
mod metrics;
pub mod orders;
pub mod outside;
mod pictures;
pub mod portal;
pub mod progress;
pub mod register;
mod relay;
pub mod run;
pub mod sealer;
pub mod service;
mod serving;
