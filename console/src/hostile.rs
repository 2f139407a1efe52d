//! Whatever strangers write, wherever the console shows it: nothing acts on the terminal, nothing leaves its cell.

mod corpus;
mod everywhere;
mod fuzz;
pub mod glass;
mod screens;
mod strange;
mod themes;
mod wire;
