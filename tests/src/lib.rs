//! The harness of the end-to-end tests: real servers, real receivers, real terminals.
//!
//! A test asks for what it needs and gets it fresh and alone: a database of its own ([`servers::postgres_database`],
//! [`servers::sqlite_database`]), a Redis database of its own ([`servers::redis_url`]), or a whole server to kill
//! ([`servers::PrivateRedis`], [`servers::PrivatePostgres`], [`servers::sshd::PrivateSshd`]). Mail and webhooks go to
//! [`mail::Mailbox`] and [`hooks::Hooks`], the programs run as processes ([`programs`]) or in a terminal ([`pty::Terminal`]),
//! over a slow [`link::Link`] where asked, are installed on a [`machine::Machine`], and [`wait::until`] replaces every sleep.
//!
//! A harness that can't do what a test asks panics: that is the test's failure, said at its cause.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "everything here runs inside a test")]

pub mod alerts;
pub mod bench;
pub mod hooks;
pub mod http;
pub mod inside;
pub mod link;
pub mod load;
pub mod machine;
pub mod mail;
pub mod process;
pub mod programs;
pub mod pty;
pub mod register;
pub mod served;
pub mod servers;
pub mod sql;
pub mod tamper;
pub mod wait;
pub mod world;
