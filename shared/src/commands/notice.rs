//! A brand files notices.

mod gate;
mod memory;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::json;

use self::{
    gate::{Gate, proof},
    memory::Memory,
};
use super::{Actor, House, Result, authorize, automatic::Path, race};
use crate::{
    domain::{
        automatic::Rule,
        brand::{Brand, Tier},
        case::{Action, By, Consequence, State, step},
        decision::Verdict,
        effect::{BrandNews, Effect, NewEffect},
        ids::{BrandId, CaseId, ListingId, NoticeId, RightId},
        notice::{self, Known, KnownListing, Notice, RawNotice},
        operator::Permission,
        priority::{self, Factors},
        reason::ReasonCode,
        refused::Refused,
        right::Right,
        time::Time,
    },
    store::{
        Tx, audit, brands,
        cases::{self, Case},
        effects, groups, listings,
        notices::{self, NewNotice},
        sellers,
    },
};

/// What became of a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filed {
    /// It is filed; one case for each listing it names.
    New {
        /// Its id.
        notice: NoticeId,
        /// The cases, in the order of the listings.
        cases: Vec<CaseId>,
    },
    /// It was filed before: a resend of the same notice.
    Same {
        /// The id it has since then.
        notice: NoticeId,
    },
    /// All that is missing, each with field and fix. Nothing was changed.
    Refused(Refused),
}

/// Files notices in one transaction, each on its own merits: a refused one doesn't touch the others. The answers come
/// in the order of the notices. Filing the same notices again changes nothing.
///
/// # Errors
/// Refused without [`Permission::Import`]; what the store says.
pub async fn file(house: &House, actor: &Actor, raw: &[RawNotice]) -> Result<Vec<Filed>> {
    race!(attempt(house, actor, raw))
}

async fn attempt(house: &House, actor: &Actor, raw: &[RawNotice]) -> Result<Vec<Filed>> {
    let now = house.clock.now();
    let mut tx = house.db.write().await?;
    authorize(&mut tx, actor, Permission::Import).await?;
    let keys: Vec<Option<Key>> = raw.iter().map(key).collect();
    let filed_before = notices::with_references(&mut tx, keys.iter().flatten()).await?;
    let references: HashMap<Key, (NoticeId, String)> =
        filed_before.into_iter().map(|filed| ((filed.brand, filed.reference), (filed.id, filed.digest))).collect();
    let is_new = |key: &Option<Key>| key.as_ref().is_none_or(|key| !references.contains_key(key));
    let new: Vec<&RawNotice> = raw.iter().zip(&keys).filter(|(_, key)| is_new(key)).map(|(raw, _)| raw).collect();
    let known = Looked::up(&mut tx, &new).await?;
    let memory = Memory::recall(&mut tx, &new, known.listings.values().map(|listing| &listing.id)).await?;
    let mut filing = Filing::begin(house, actor, now, &mut tx, references, &known).await?;
    let filed = raw.iter().zip(keys).map(|(raw, key)| filing.file(raw, key, &known, &memory)).collect();
    filing.save(&mut tx).await?;
    tx.commit().await?;
    Ok(filed)
}

/// A brand and its own reference: by these a resend is known.
type Key = (BrandId, String);

fn key(raw: &RawNotice) -> Option<Key> {
    Some((raw.brand.trim().parse().ok()?, notice::reference(raw)))
}

/// What the notices of a batch speak of, as far as we know it.
struct Looked {
    brands: HashMap<BrandId, Brand>,
    rights: HashMap<RightId, Right>,
    /// By brand and registration number.
    rights_by_number: HashMap<(BrandId, String), Right>,
    listings: HashMap<String, KnownListing>,
}

impl Looked {
    async fn up(tx: &mut Tx, raw: &[&RawNotice]) -> Result<Self> {
        let ids: BTreeSet<BrandId> = raw.iter().filter_map(|raw| raw.brand.trim().parse().ok()).collect();
        let brands = brands::get_many(tx, &ids).await?.into_iter().map(|brand| (brand.id.clone(), brand)).collect();
        let mut names: BTreeSet<&str> =
            raw.iter().map(|raw| raw.right.trim()).filter(|name| !name.is_empty()).collect();
        let ids: Vec<RightId> = names.iter().filter_map(|name| name.parse().ok()).collect();
        let rights: HashMap<RightId, Right> =
            brands::rights(tx, &ids).await?.into_iter().map(|right| (right.id.clone(), right)).collect();
        names.retain(|name| !name.parse().is_ok_and(|id: RightId| rights.contains_key(&id)));
        let numbered = if names.is_empty() { vec![] } else { brands::rights_numbered(tx, names).await? };
        let rights_by_number =
            numbered.into_iter().map(|right| ((right.brand.clone(), right.number.clone()), right)).collect();
        let names = raw.iter().flat_map(|raw| raw.listing_names()).filter(|name| name.len() <= 2000);
        let listings = listings::named(tx, names).await?.into_iter().collect();
        Ok(Self { brands, rights, rights_by_number, listings })
    }

    /// The right that the notice names: by id, else by registration number among the brand's own.
    fn right(&self, raw: &RawNotice, brand: Option<&Brand>) -> Option<&Right> {
        let name = raw.right.trim();
        let by_id = name.parse().ok().and_then(|id: RightId| self.rights.get(&id));
        by_id.or_else(|| self.rights_by_number.get(&(brand?.id.clone(), name.to_owned())))
    }
}

/// A batch being filed: what will be written, kept together until the end so that each table is written once.
struct Filing<'a> {
    house: &'a House,
    actor: &'a Actor,
    now: Time,
    /// (brand, reference) → (notice, digest), filed earlier or in this batch.
    references: HashMap<Key, (NoticeId, String)>,
    gate: Gate<'a>,
    cases: HashMap<(BrandId, ListingId), Entry>,
    reports: HashMap<String, i64>,
    notices: Vec<NewNotice>,
    /// What a brand in Joint-Force stands behind.
    attested: Vec<(CaseId, Brand, ReasonCode)>,
    effects: Vec<NewEffect>,
    events: Vec<crate::domain::audit::Event>,
}

/// A case that the batch touches.
struct Entry {
    case: Case,
    is_new: bool,
    touched: bool,
    /// The case is decided and stays so: its new claims are answered with the decision at once.
    answer: bool,
}

impl<'a> Filing<'a> {
    async fn begin(
        house: &'a House,
        actor: &'a Actor,
        now: Time,
        tx: &mut Tx,
        references: HashMap<Key, (NoticeId, String)>,
        known: &Looked,
    ) -> Result<Self> {
        let gate = Gate::open(tx, &house.policy, now, known.brands.values()).await?;
        let mut ids: Vec<&ListingId> = known.listings.values().map(|listing| &listing.id).collect();
        ids.sort_unstable();
        ids.dedup();
        let cases = cases::on_listings(tx, ids)
            .await?
            .into_iter()
            .map(|case| {
                let key = (case.brand.clone(), case.listing.clone());
                (key, Entry { case, is_new: false, touched: false, answer: false })
            })
            .collect();
        let mut ids: Vec<_> = known.listings.values().map(|listing| &listing.seller).collect();
        ids.sort_unstable();
        ids.dedup();
        let reports = sellers::report_counts(tx, ids).await?.into_iter().collect();
        Ok(Self {
            house,
            actor,
            now,
            references,
            gate,
            cases,
            reports,
            notices: vec![],
            attested: vec![],
            effects: vec![],
            events: vec![],
        })
    }

    fn file(&mut self, raw: &RawNotice, key: Option<Key>, known: &Looked, memory: &Memory) -> Filed {
        // A resend is the same notice even if its right expired or its listing was removed since.
        if let Some((id, digest)) = key.as_ref().and_then(|key| self.references.get(key)) {
            return if *digest == notice::digest(raw) {
                Filed::Same { notice: *id }
            } else {
                Filed::Refused(Refused::one(
                    "reference",
                    format!("{} was used before, for another notice", notice::reference(raw)),
                    "Give each notice its own reference; to correct a notice, file it under a new one.",
                ))
            };
        }
        let brand = key.and_then(|(brand, _)| known.brands.get(&brand));
        let limit = brand.map_or(0, |brand| self.house.policy.listings_limit(brand.tier));
        if let Some(Err(refused)) = brand.map(|brand| self.gate.check(brand)) {
            return Filed::Refused(refused);
        }
        let looked = Known { brand, right: known.right(raw, brand), listings: &known.listings };
        let unproved = brand.and_then(|brand| proof(self.house.policy.tiers.of(brand.tier), raw));
        let parsed = notice::parse(raw, &looked, limit, self.now).and_then(|notice| {
            let places = memory.check(raw, &notice, &self.house.policy.asking, self.now)?;
            Ok((notice, places))
        });
        match (parsed, unproved) {
            (Ok((notice, places)), None) => self.accept(notice, brand, &places),
            (Ok(_), Some(fault)) => Filed::Refused(Refused { faults: vec![fault] }),
            (Err(mut refused), unproved) => {
                refused.faults.extend(unproved);
                Filed::Refused(refused)
            }
        }
    }

    /// Takes a notice in; on the listings in `places` it keeps the place of the notice that it corrects.
    fn accept(&mut self, notice: Notice, brand: Option<&Brand>, places: &HashSet<ListingId>) -> Filed {
        let Some(brand) = brand else {
            return Filed::Refused(Refused::one("brand", "it is not known", "Load the brand first."));
        };
        self.gate.count(brand);
        let id = self.house.clock.id(NoticeId::from_ulid);
        let cases: Vec<CaseId> = notice
            .listings
            .iter()
            .map(|listing| self.report(&notice, brand, listing, places.contains(&listing.id)))
            .collect();
        if notice.attested && brand.tier == Tier::JointForce {
            self.attested.extend(cases.iter().map(|case| (*case, brand.clone(), notice.reason)));
        }
        let told = Effect::to_brand(&brand.id, brand.webhook_url.is_some(), Some(id), BrandNews::Received);
        self.effects.extend(told.map(|effect| self.house.effect(effect, self.now)));
        let only = if let [case] = cases[..] { Some(case) } else { None };
        let body = json!({
            "brand": brand.id, "reference": notice.reference, "listings": cases.len(), "kept_places": places.len()
        });
        self.events.push(self.house.event(self.actor, "notice.filed", format!("notice:{id}"), only, body));
        self.references.insert((brand.id.clone(), notice.reference.clone()), (id, notice.digest.clone()));
        self.notices.push(NewNotice { id, notice, cases: cases.clone() });
        Filed::New { notice: id, cases }
    }

    /// One claim: opens a case, or reports again on the one there is.
    fn report(&mut self, notice: &Notice, brand: &Brand, listing: &KnownListing, keeps_place: bool) -> CaseId {
        let severity = notice.reason.severity_hours();
        let now = self.now;
        let due = || self.house.policy.calendar.due(self.house.policy.sla(brand.tier), now);
        let entry = match self.cases.entry((brand.id.clone(), listing.id.clone())) {
            std::collections::hash_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::hash_map::Entry::Vacant(entry) => {
                let reports = self.reports.entry(listing.seller.to_string()).or_default();
                *reports += 1;
                let case = Case {
                    id: self.house.clock.id(CaseId::from_ulid),
                    brand: brand.id.clone(),
                    listing: listing.id.clone(),
                    seller: listing.seller.clone(),
                    state: State::Open { assigned: None, desk: None },
                    version: 1,
                    round: 1,
                    rank: 0,
                    read_rank: 0,
                    due: due(),
                    severity: 0,
                    claims: 0,
                    reports: *reports,
                    snapshot_version: listing.version,
                    opened: now,
                    lease: None,
                };
                entry.insert(Entry { case, is_new: true, touched: false, answer: false })
            }
        };
        entry.touched = true;
        let case = &mut entry.case;
        let by = By { operator: self.actor.id().clone(), may_overturn: false, desks: vec![] };
        if !entry.is_new
            && let Ok((state, consequences)) = step(&case.state, &Action::Report, &by, now)
        {
            case.state = state;
            for consequence in consequences {
                match consequence {
                    Consequence::Reopen => {
                        case.round += 1;
                        if !keeps_place {
                            case.opened = now;
                            case.due = due();
                        }
                        case.severity = 0;
                    }
                    Consequence::AnswerClaims => entry.answer = true,
                    _ => {}
                }
            }
        }
        if !entry.answer {
            case.claims += 1;
            case.severity = case.severity.max(severity);
            case.snapshot_version = listing.version;
            case.rank = priority::rank(&Factors {
                tier: brand.tier,
                due: case.due,
                severity: case.severity,
                record: brand.record,
                sold: listing.sold,
                reports: case.reports,
                claims: case.claims,
            });
        }
        case.id
    }

    async fn save(mut self, tx: &mut Tx) -> Result<()> {
        let (mut new, mut retitled, mut answers, mut reported) = (vec![], vec![], vec![], vec![]);
        let mut entries: Vec<Entry> = self.cases.into_values().filter(|entry| entry.touched).collect();
        // One order for everybody, so that two importers wait for one another instead of dying of a deadlock.
        entries.sort_unstable_by_key(|entry| entry.case.id);
        for mut entry in entries {
            if entry.is_new {
                reported.push(entry.case.seller.clone());
                new.push(entry.case);
                continue;
            }
            // Also where nothing but claims is added: whoever takes the decision back meanwhile would not see them.
            cases::save(tx, &mut entry.case).await?;
            if let Some((verdict, decision)) = entry.case.state.decision().filter(|_| entry.answer) {
                answers.push((entry.case.id, entry.case.brand.clone(), verdict, decision));
            } else {
                let id = entry.case.id;
                retitled.push(id);
                self.events.push(self.house.event(
                    self.actor,
                    "case.reported_again",
                    format!("case:{id}"),
                    Some(id),
                    json!({}),
                ));
            }
        }
        self.gate.close(tx).await?;
        cases::add(tx, &new).await?;
        groups::index(tx, retitled.into_iter().chain(new.iter().map(|case| case.id))).await?;
        notices::add(tx, &self.notices, self.now).await?;
        for (case, brand, verdict, decision) in answers {
            let removed = matches!(verdict, Verdict::Remove(_));
            let told = notices::answer(tx, case, decision, if removed { "accepted" } else { "refused" }).await?;
            brands::count_decided(tx, &brand, i64::try_from(told.len()).unwrap_or(0), 0).await?;
            for notice in told {
                let news = BrandNews::Decided { case, decision };
                let effect = Effect::MailBrand { brand: brand.clone(), notice: Some(notice), news };
                self.effects.push(self.house.effect(effect, self.now));
            }
        }
        effects::add(tx, &self.effects, self.now).await?;
        audit::add(tx, &self.events).await?;
        let mut path = Path::by(self.house, Rule::Attested);
        for (case, brand, reason) in self.attested {
            if let Some(mut case) = cases::get(tx, case).await? {
                path.remove(tx, &brand, &mut case, reason).await?;
            }
        }
        // Last, since another importer that meets one of these sellers waits from here on.
        sellers::count_reports(tx, &reported).await?;
        Ok(())
    }
}
