//! Cases that are alike, on the screen to be decided together.

use std::collections::BTreeSet;

use jointforce_shared::{
    domain::{
        group::{Difference, Kinship},
        ids::CaseId,
    },
    store::groups::{self, Kin, Member},
};

use super::Target;

/// A group on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub by: Kinship,
    /// The case that the others are compared with.
    pub card: Target,
    /// The others; `None` before they were read.
    pub kin: Option<Vec<Row>>,
    /// Those that are left out.
    pub excluded: BTreeSet<CaseId>,
    /// The row that the cursor is on.
    pub cursor: usize,
}

/// Another case, and only what it has otherwise than the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The case.
    pub target: Target,
    /// What differs, in words; strangers' text is in them.
    pub differs: String,
    /// Who is on it, if somebody is.
    pub lease_by: Option<String>,
}

impl Group {
    /// A group before it was read.
    pub const fn asked(by: Kinship, card: Target) -> Self {
        Self { by, card, kin: None, excluded: BTreeSet::new(), cursor: 0 }
    }

    /// The next kinship to ask for.
    pub const fn next(by: Kinship) -> Kinship {
        match by {
            Kinship::Title => Kinship::Seller,
            Kinship::Seller => Kinship::Brand,
            Kinship::Brand => Kinship::Title,
        }
    }

    /// Those that are decided: the card, and who is not left out.
    pub fn targets(&self) -> Vec<Target> {
        let kin = self.kin.iter().flatten().map(|row| &row.target);
        std::iter::once(&self.card).chain(kin).filter(|one| !self.excluded.contains(&one.case)).cloned().collect()
    }

    /// Leaves the case under the cursor out, or takes it in again.
    pub fn toggle(&mut self) {
        let Some(case) = self.kin.iter().flatten().nth(self.cursor).map(|row| row.target.case) else { return };
        if !self.excluded.remove(&case) {
            self.excluded.insert(case);
        }
        self.cursor = (self.cursor + 1).min(self.kin.as_ref().map_or(0, Vec::len).saturating_sub(1));
    }

    /// Puts what was read.
    pub fn put(&mut self, read: groups::Group) {
        self.card = target(&read.card);
        self.kin = Some(read.members.iter().map(row).collect());
    }
}

fn target(member: &Member) -> Target {
    Target {
        case: member.case,
        version: Some(member.version),
        title: member.listing.content.title.clone(),
        brand: member.brand_name.clone(),
        seller: member.seller_name.clone(),
    }
}

fn row(kin: &Kin) -> Row {
    let differs: Vec<String> = kin.differences.iter().map(words).collect();
    Row {
        target: target(&kin.member),
        differs: if differs.is_empty() { "nothing differs".into() } else { differs.join("; ") },
        lease_by: kin.member.lease_by.as_ref().map(ToString::to_string),
    }
}

fn words(difference: &Difference) -> String {
    match difference {
        Difference::Title { added, missing } => {
            let signed = |sign: &str, words: &[String]| {
                words.iter().map(|word| format!("{sign}{word}")).collect::<Vec<_>>().join(" ")
            };
            [signed("+", added), signed("-", missing)].join(" ").trim().to_owned()
        }
        Difference::Spelling => "spelt otherwise".into(),
        Difference::Brand(brand) => format!("brand {brand}"),
        Difference::Seller(seller) => format!("seller {seller}"),
        Difference::Price { minor, currency } => {
            format!("{}.{:02} {currency}", minor / 100, minor.rem_euclid(100))
        }
        Difference::Territory(territory) => format!("in {territory}"),
        Difference::Category(category) => format!("in category {category}"),
        Difference::Images { shared, of } => format!("{shared} of {of} pictures the same"),
        Difference::Description => "another description".into(),
    }
}
