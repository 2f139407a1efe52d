//! `notice`: notices by hand.

use clap::Subcommand;
use jointforce_shared::{
    commands::{
        Actor, House,
        withdrawal::{self, Taken},
    },
    config::exit,
    domain::{
        ids::{BrandId, ListingId},
        withdrawal::RawWithdrawal,
    },
};

use super::output::line;

/// What can be done with notices. New ones come in by `import notices`.
#[derive(Debug, Subcommand)]
pub enum Notices {
    /// Take a notice back for its brand, for all its listings or some.
    ///
    /// Cases that are not decided and in which nothing else is claimed are closed; removals that stood on it alone are
    /// put back, with the seller's points and restrictions.
    Withdraw {
        /// The brand's reference of the notice, or its id.
        notice: String,
        /// Whose notice.
        #[arg(long, value_name = "ID")]
        brand: BrandId,
        /// Only for this listing; may be given several times [default: all of the notice].
        #[arg(long = "listing", value_name = "ID")]
        listings: Vec<ListingId>,
        /// Why.
        #[arg(long, default_value = "")]
        why: String,
    },
}

/// Does it.
pub async fn run(house: &House, command: Notices) -> anyhow::Result<u8> {
    let Notices::Withdraw { notice, brand, listings, why } = command;
    let actor = Actor::brand(&brand, "process");
    let listings = listings.into_iter().map(String::from).collect();
    let raw = RawWithdrawal { brand: brand.to_string(), notice, listings, why };
    match withdrawal::withdraw(house, &actor, &raw).await? {
        Taken::New { listings, .. } => {
            for (listing, led_to) in listings {
                line(&format!("{listing}: {}", led_to.title()))?;
            }
        }
        Taken::Same { .. } => line("it was withdrawn before")?,
        Taken::Refused(refused) => return Err(refused.into()),
    }
    Ok(exit::OK)
}
