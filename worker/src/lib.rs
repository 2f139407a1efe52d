//! stub

pub mod bell;
