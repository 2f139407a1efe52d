//! `brand`: what is done for one rights holder, or in its name.

use clap::Subcommand;
use jointforce_shared::commands::House;

use super::authenticity::{self, Authenticity};

/// What can be done for brands.
#[derive(Debug, Subcommand)]
pub enum Brand {
    #[command(flatten)]
    Authenticity(Authenticity),
}

/// Does it.
pub async fn run(house: &House, command: Brand) -> anyhow::Result<u8> {
    match command {
        Brand::Authenticity(command) => authenticity::run(house, command).await,
    }
}
