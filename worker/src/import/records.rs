//! What can be imported, one record a row: how it is read, told apart, and loaded.

use std::future::Future;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jointforce_shared::{
    commands::{self, Actor, House, catalogue, notice},
    domain::{
        brand::{Brand, Record as Claims, Tier},
        google_bulk::Block,
        listing::{Listing, ListingState, Snapshot},
        notice::RawNotice,
        refused::{Fault, Refused},
        right::{Right, RightKind},
        safe_text::SafeText,
        seller::Seller,
    },
};
use serde_json::{Map, Value};

use super::fields::Fields;

/// Characters of a name.
const NAME_MAX: usize = 200;
/// Characters of a title, and of a category path.
const TITLE_MAX: usize = 500;
/// Characters of a listing's description.
const DESCRIPTION_MAX: usize = 5000;
/// Pictures of a listing.
const IMAGES_MAX: usize = 50;

/// As many claims as one removal weighs in a transaction.
const A_REMOVAL: usize = 20;

/// A row as it was read.
#[derive(Debug)]
pub enum Row<'a> {
    /// A line of JSON.
    Json(&'a str),
    /// The header and the cells of a CSV row.
    Cells(&'a [String], Vec<&'a str>),
}

/// What became of the records of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Not known before.
    pub new: u64,
    /// Known, and different now.
    pub changed: u64,
    /// Known, and the same.
    pub same: u64,
    /// Place in the batch, and why.
    pub refused: Vec<(usize, Refused)>,
}

/// A record that can be imported.
pub trait Record: Sized + Send + Sync + 'static {
    /// The names of its fields.
    const FIELDS: &'static [&'static str];
    /// Whether several batches may be loaded at once: records don't replace earlier ones.
    const AT_ONCE: bool = false;

    /// Reads it.
    ///
    /// # Errors
    /// Every fault.
    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>>;

    /// The record of a block of Google's bulk text, where such a file can hold this kind.
    fn of_block(_block: Block, _template: &RawNotice) -> Option<Self> {
        None
    }

    /// Its id, if a later record of the same id replaces it.
    fn replaced_by(&self) -> Option<&str> {
        None
    }

    /// What it costs to load, in records.
    fn weight(&self) -> usize {
        1
    }

    /// Loads a batch in one transaction.
    fn load(house: &House, actor: &Actor, batch: &[Self]) -> impl Future<Output = commands::Result<Outcome>> + Send;
}

impl Row<'_> {
    pub(super) fn fields(self) -> Result<Fields, Vec<Fault>> {
        self.object().map(Fields::new)
    }

    /// As a JSON object; the cells of a CSV row are texts.
    pub(super) fn object(self) -> Result<Map<String, Value>, Vec<Fault>> {
        match self {
            Self::Json(line) => object(line),
            Self::Cells(header, cells) => {
                let pairs = pairs(header, cells)?;
                Ok(pairs.map(|(name, cell)| (name.to_owned(), Value::String(cell.to_owned()))).collect())
            }
        }
    }
}

fn object(line: &str) -> Result<Map<String, Value>, Vec<Fault>> {
    serde_json::from_str(line).map_err(|error| {
        let fault = match error.classify() {
            serde_json::error::Category::Data => {
                Fault::new("line", "it is JSON, but no object", "Write one object in braces a line.")
            }
            _ => {
                Fault::new("line", format!("it is no JSON: {}", without_line(&error)), "Write one whole object a line.")
            }
        };
        vec![fault]
    })
}

/// serde_json counts lines from the record's own beginning, which is always its first.
fn without_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ").replace(" at column 0", "")
}

fn pairs<'a>(
    header: &'a [String],
    cells: Vec<&'a str>,
) -> Result<impl Iterator<Item = (&'a str, &'a str)>, Vec<Fault>> {
    if cells.len() != header.len() {
        let problem = format!("the row has {} cells, the header {}", cells.len(), header.len());
        return Err(vec![Fault::new("line", problem, "Put cells that hold commas or line breaks in quotes.")]);
    }
    Ok(header.iter().map(String::as_str).zip(cells))
}

pub(super) fn outcome(read: usize, loaded: catalogue::Loaded) -> Outcome {
    let refused = loaded.refused.len() as u64;
    Outcome {
        new: loaded.new,
        changed: loaded.changed.saturating_sub(loaded.new),
        same: (read as u64).saturating_sub(loaded.changed + refused),
        refused: loaded.refused,
    }
}

impl Record for Brand {
    const FIELDS: &'static [&'static str] = &["id", "name", "tier", "email", "webhook_url", "webhook_secret"];

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        let mut fields = row.fields()?;
        let id = fields.word("id");
        let name = fields.text("name", NAME_MAX);
        let tier = fields.word_or("tier", Tier::Unverified);
        let email = fields.email("email");
        let webhook_url = fields.maybe_url("webhook_url");
        let webhook_secret = fields.maybe_text("webhook_secret", 200);
        if webhook_secret.as_deref().is_some_and(|secret| !is_signing_secret(secret)) {
            fields.fault(
                "webhook_secret",
                "it is no signing secret of Standard Webhooks",
                "Write whsec_ and 24 to 64 random bytes in base64.",
            );
        }
        if webhook_url.is_some() && webhook_secret.is_none() {
            fields.fault(
                "webhook_secret",
                "it is missing, but what a webhook is told is signed",
                "Give the secret too.",
            );
        }
        fields.finish(Self::FIELDS, || {
            Some(Self {
                id: id?,
                name: name?,
                tier: tier?,
                email: email?,
                webhook_url,
                webhook_secret,
                record: Claims::default(),
            })
        })
    }

    fn replaced_by(&self) -> Option<&str> {
        Some(self.id.as_str())
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        Ok(outcome(batch.len(), catalogue::load_brands(house, actor, batch).await?))
    }
}

/// `whsec_` and 24 to 64 bytes in base64, as the Standard Webhooks specification wants it.
fn is_signing_secret(text: &str) -> bool {
    let bytes = text.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
    bytes.is_some_and(|bytes| (24..=64).contains(&bytes.len()))
}

impl Record for Right {
    const FIELDS: &'static [&'static str] =
        &["id", "brand", "kind", "number", "title", "jurisdiction", "classes", "valid_from", "valid_until"];

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        let mut fields = row.fields()?;
        let id = fields.word("id");
        let brand = fields.word("brand");
        let kind: Option<RightKind> = fields.word("kind");
        let number = fields.text("number", 100);
        let title = fields.text("title", TITLE_MAX);
        let jurisdiction = fields.code("jurisdiction", 2, &["WORLD"], "a country as US, EU, or WORLD");
        let most = if kind == Some(RightKind::Design) { 32 } else { 45 };
        let classes = fields.ints("classes", 1..=most);
        let valid_from = fields.day("valid_from");
        let valid_until = fields.maybe_day("valid_until");
        if let (Some(from), Some(until)) = (valid_from, valid_until)
            && until <= from
        {
            fields.fault(
                "valid_until",
                "it is not after valid_from",
                "Give the first day on which it no longer holds.",
            );
        }
        fields.finish(Self::FIELDS, || {
            Some(Self {
                id: id?,
                brand: brand?,
                kind: kind?,
                number: number?,
                title: title?,
                jurisdiction: jurisdiction?,
                classes: classes.into_iter().filter_map(|class| u8::try_from(class).ok()).collect(),
                valid_from: valid_from?,
                valid_until,
            })
        })
    }

    fn replaced_by(&self) -> Option<&str> {
        Some(self.id.as_str())
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        Ok(outcome(batch.len(), catalogue::load_rights(house, actor, batch).await?))
    }
}

impl Record for Seller {
    const FIELDS: &'static [&'static str] = &["id", "name", "email", "country", "payout_account"];

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        let mut fields = row.fields()?;
        let id = fields.word("id");
        let name = fields.text("name", NAME_MAX);
        let email = fields.email("email");
        let country = fields.code("country", 2, &[], "a country as US");
        let payout_account = fields.maybe_text("payout_account", NAME_MAX);
        fields.finish(Self::FIELDS, || {
            Some(Self { id: id?, name: name?, email: email?, country: country?, payout_account })
        })
    }

    fn replaced_by(&self) -> Option<&str> {
        Some(self.id.as_str())
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        Ok(outcome(batch.len(), catalogue::load_sellers(house, actor, batch).await?))
    }
}

impl Record for Listing {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "seller",
        "title",
        "description",
        "price",
        "currency",
        "category",
        "nice_class",
        "territory",
        "url",
        "images",
        "sold",
        "state",
    ];

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        let mut fields = row.fields()?;
        let id = fields.word("id");
        let seller = fields.word("seller");
        let title = fields.text("title", TITLE_MAX);
        let description = fields.maybe_text("description", DESCRIPTION_MAX).unwrap_or_default();
        let currency = fields.code("currency", 3, &[], "a currency as EUR");
        let price_minor = fields.price("price", currency.as_deref());
        let category = fields.text("category", TITLE_MAX);
        let nice_class = fields.maybe_int("nice_class", 1..=45).and_then(|class| u8::try_from(class).ok());
        let territory = fields.code("territory", 2, &[], "a country as US");
        let url = fields.url("url");
        let images = fields.urls("images", IMAGES_MAX);
        let sold = fields.maybe_int("sold", 0..=1_000_000_000_000).unwrap_or_default();
        let state = fields.word_or("state", ListingState::Live);
        if state == Some(ListingState::Removed) {
            fields.fault("state", "a listing is removed by a decision alone", "Write live or ended.");
        }
        fields.finish(Self::FIELDS, || {
            Some(Self {
                id: id?,
                seller: seller?,
                state: state?,
                territory: territory?,
                sold,
                version: 1,
                content: Snapshot {
                    title: title?,
                    description,
                    price_minor: price_minor?,
                    currency: currency?,
                    category: category?,
                    nice_class,
                    url: url?,
                    images,
                },
            })
        })
    }

    fn replaced_by(&self) -> Option<&str> {
        Some(self.id.as_str())
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        Ok(outcome(batch.len(), catalogue::load_listings(house, actor, batch).await?))
    }
}

impl Record for RawNotice {
    const FIELDS: &'static [&'static str] = &RawNotice::FIELDS;
    const AT_ONCE: bool = true;

    fn read(row: Row<'_>) -> Result<Self, Vec<Fault>> {
        match row {
            Row::Json(line) => serde_json::from_str(line).map_err(|_| notice_faults(line)),
            Row::Cells(header, cells) => {
                let mut notice = Self::default();
                let faults: Vec<Fault> =
                    pairs(header, cells)?.filter_map(|(name, cell)| notice.set(name, cell).err()).collect();
                if faults.is_empty() { Ok(notice) } else { Err(faults) }
            }
        }
    }

    fn of_block(block: Block, template: &RawNotice) -> Option<Self> {
        Some(block.into_raw(template.clone()))
    }

    fn weight(&self) -> usize {
        // What is attested may be removed in the transaction that files it, and brand and sellers wait for its end.
        self.listings.len().max(1) * if self.attest { A_REMOVAL } else { 1 }
    }

    async fn load(house: &House, actor: &Actor, batch: &[Self]) -> commands::Result<Outcome> {
        let mut outcome = Outcome::default();
        for (n, filed) in notice::file(house, actor, batch).await?.into_iter().enumerate() {
            match filed {
                notice::Filed::New { .. } => outcome.new += 1,
                notice::Filed::Same { .. } => outcome.same += 1,
                notice::Filed::Refused(refused) => outcome.refused.push((n, refused)),
            }
        }
        Ok(outcome)
    }
}

/// Why a line is no notice: serde stops at the first fault, so each field is tried by itself.
fn notice_faults(line: &str) -> Vec<Fault> {
    let object = match object(line) {
        Ok(object) => object,
        Err(faults) => return faults,
    };
    let mut faults = vec![];
    for (name, value) in object {
        let known = <RawNotice as Record>::FIELDS;
        if !known.contains(&name.as_str()) {
            let name = SafeText::line(&name, 60).into_string();
            faults.push(Fault::new(name, "a notice has no such field", format!("Use {}.", known.join(", "))));
            continue;
        }
        let alone: Map<String, Value> = [(name.clone(), value)].into_iter().collect();
        if let Err(error) = serde_json::from_value::<RawNotice>(Value::Object(alone)) {
            faults.push(Fault::new(name, error.to_string(), "Write it as the help shows."));
        }
    }
    if faults.is_empty() {
        faults.push(Fault::new("line", "a field is given twice", "Give each field once."));
    }
    faults
}
