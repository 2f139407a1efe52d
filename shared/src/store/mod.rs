//! The store: the only place with SQL, one text for SQLite and PostgreSQL. One file per aggregate, the noun first:
//! `cases::get`, `cases::save`. What the two databases do differently stands in [`db`].

pub mod appeals;
pub mod approvals;
pub mod audit;
pub mod authenticity;
pub mod authorised;
pub mod brands;
pub mod breakers;
pub mod cases;
pub mod counter_notices;
pub mod db;
pub mod decisions;
pub mod dossier;
pub mod effects;
pub mod endpoints;
pub mod figures;
pub mod find;
pub mod genuine;
pub mod groups;
pub mod invariants;
pub mod lanes;
pub mod leases;
pub mod listings;
pub mod notes;
pub mod notices;
pub mod operators;
pub mod pages;
pub mod penalties;
pub mod pictures;
pub mod policies;
pub mod profiles;
pub mod queue;
pub mod reviews;
pub mod rotas;
pub mod samples;
pub mod seals;
pub mod sellers;
pub mod shift;
pub mod sittings;
pub mod skips;
pub mod statements;
pub mod trust;
pub mod views;
pub mod vitals;
pub mod withdrawals;

pub use db::{Conn, Db, Error, Tx};
