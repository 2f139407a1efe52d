//! Who may sell what: the first brands name sellers, as brands do who watch their trade.

use std::collections::BTreeMap;

use jointforce_shared::{
    domain::{
        authorised::Authorised,
        ids::{BrandId, SellerId},
        time::Time,
    },
    fixtures::{Look, Marketplace},
};

/// Brands that name sellers: those that are sold most.
const BRANDS: usize = 24;
/// Sellers that each of them names.
const SELLERS: usize = 6;

/// For each of the first brands the sellers who offer most of its goods, all of them genuine.
pub(super) fn authorised(market: &Marketplace) -> Vec<Authorised> {
    let mut offers: BTreeMap<(&BrandId, SellerId), (usize, usize)> = BTreeMap::new();
    for (n, listing) in market.listings().enumerate() {
        let (Some(owner), Some(look)) = (market.owner(n), market.look(n)) else { continue };
        let (genuine, others) = offers.entry((&owner.id, listing.seller)).or_default();
        *if look == Look::Genuine { genuine } else { others } += 1;
    }
    let mut named = vec![];
    for brand in market.brands().take(BRANDS) {
        let of_brand = offers.iter().filter(|((id, _), (_, others))| **id == brand.id && *others == 0);
        let mut sellers: Vec<_> = of_brand.map(|((_, seller), (genuine, _))| (*genuine, seller)).collect();
        sellers.sort_by_key(|(genuine, seller)| (std::cmp::Reverse(*genuine), *seller));
        named.extend(sellers.into_iter().take(SELLERS).map(|(_, seller)| Authorised {
            brand: brand.id.clone(),
            seller: seller.clone(),
            from: Time(0),
            until: None,
            remark: String::new(),
        }));
    }
    named
}
