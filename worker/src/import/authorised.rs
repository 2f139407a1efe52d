//! Sellers whom rights holders authorised, as records of an import.

use jointforce_shared::{
    commands::{self, Actor, House, catalogue},
    domain::{authorised::Authorised, refused::Fault, time::Time},
};

use super::records::{Outcome, Record, Row, outcome};

/// Characters of a remark.
const REMARK_MAX: usize = 500;

impl Record for Authorised {
    const FIELDS: &'static [&'static str] = &["brand", "seller", "valid_from", "valid_until", "remark"];

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        let mut fields = row.fields()?;
        let brand = fields.word("brand");
        let seller = fields.word("seller");
        let from = fields.maybe_day("valid_from").unwrap_or(Time(0));
        let until = fields.maybe_day("valid_until");
        let remark = fields.maybe_text("remark", REMARK_MAX).unwrap_or_default();
        if until.is_some_and(|until| until <= from) {
            fields.fault(
                "valid_until",
                "it is not after valid_from",
                "Give the first day on which it no longer holds.",
            );
        }
        fields.finish(Self::FIELDS, || Some(Self { brand: brand?, seller: seller?, from, until, remark }))
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        Ok(outcome(batch.len(), catalogue::load_authorised(house, actor, batch).await?))
    }
}
