//! A case that was read, with what takes too long to be looked for with each frame.

use std::sync::Arc;

use jointforce_shared::{
    domain::{
        evidence::{Good, Sighting, nearest, sighting},
        right::RightKind,
        time::Time,
    },
    store::dossier::Dossier,
};

/// A case that was read, and when.
#[derive(Debug, Clone)]
pub struct Kept {
    /// What was read.
    pub dossier: Arc<Dossier>,
    /// When.
    pub at: Time,
    /// Where the listing's title writes the brand's name or a mark of it.
    pub sighting: Option<Sighting>,
    /// The genuine listing that is most like it.
    pub nearest: Option<Good>,
}

impl Kept {
    /// Looks at a case once, however often it is drawn.
    pub fn new(dossier: Arc<Dossier>, at: Time) -> Self {
        let title = &dossier.listing.content.title;
        let marks = dossier.rights.iter().filter(|right| right.kind == RightKind::Trademark);
        let marks = marks.map(|right| right.title.as_str());
        let sighting = sighting(title, std::iter::once(dossier.brand.name.as_str()).chain(marks));
        let nearest = nearest(&dossier.genuine.goods, title).cloned();
        Self { dossier, at, sighting, nearest }
    }
}
