//! Groups of open cases that belong together, found by index: one seller's, one brand's, those with nearly the same title.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::db::{self, Column, Conn, Error, List, Result, Tx, all, row, run};
use crate::domain::{
    group::{Difference, GroupPolicy, Kinship, Side, Signature, differences},
    ids::{BrandId, CaseId, OperatorId},
    listing::{Listing, Snapshot},
    time::Time,
};

/// Titles that share a band with the card's and are looked at, those that share the most first. What is no
/// near-duplicate shares at most a band, rarely.
const CANDIDATES: i64 = 1000;

/// Other wordings of the title that are looked up in their turn.
const WORDINGS: usize = 20;

/// An open case as a group shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Which.
    pub case: CaseId,
    /// Its version, for commands.
    pub version: i64,
    /// When its review is due.
    pub due: Time,
    /// Claims that are open.
    pub claims: i64,
    /// Whose claims.
    pub brand: BrandId,
    /// The brand's name: text of a partner.
    pub brand_name: String,
    /// The shop's name: text of a stranger.
    pub seller_name: String,
    /// The listing as it was reported.
    pub listing: Listing,
    /// Who has a live lease on the case.
    pub lease_by: Option<OperatorId>,
}

/// A member beside the card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kin {
    /// The case.
    pub member: Member,
    /// Common shingles of the two titles, in percent.
    pub alike: u8,
    /// What it has otherwise than the card. What isn't named is the same.
    pub differences: Vec<Difference>,
}

/// Open cases that are decided together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub by: Kinship,
    /// The one that is shown whole.
    pub card: Member,
    /// The others, those with the title most alike first.
    pub members: Vec<Kin>,
}

row! {
    struct TitleRow { id: String, title: String, }
}

/// Files the titles of cases among the titles, new or again. Without it a case is in no group by title.
///
/// # Errors
/// What the database says.
pub async fn index(tx: &mut Tx, cases: impl IntoIterator<Item = CaseId>) -> Result<()> {
    let cases: List = cases.into_iter().collect();
    if cases.0.is_empty() {
        return Ok(());
    }
    let titles = all!(
        tx,
        TitleRow,
        "SELECT c.id, s.title FROM cases c JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version
         WHERE c.id = ANY($1) ORDER BY c.id",
        cases
    )?;
    // Near-duplicates come together, and many of them are one title.
    let mut known = HashMap::new();
    let rows: Vec<_> = titles
        .into_iter()
        .filter_map(|row| {
            let bands = *known.entry(row.title).or_insert_with_key(|title| Signature::of(title).bands());
            bands.map(|bands| (row.id, bands))
        })
        .collect();
    let band = |n: usize| Column::Int(rows.iter().map(|(_, bands)| bands[n]).collect());
    let columns =
        [Column::texts(rows.iter().map(|(id, _)| id.as_str())), band(0), band(1), band(2), band(3), band(4), band(5)];
    db::insert(
        tx,
        "INSERT INTO case_bands (case_id, band_1, band_2, band_3, band_4, band_5, band_6)",
        columns,
        "ON CONFLICT (case_id) DO UPDATE SET band_1 = excluded.band_1, band_2 = excluded.band_2, band_3 = excluded.band_3,
         band_4 = excluded.band_4, band_5 = excluded.band_5, band_6 = excluded.band_6",
    )
    .await?;
    Ok(())
}

/// Takes a case that was decided out of the titles.
///
/// # Errors
/// What the database says.
pub async fn forget(tx: &mut Tx, case: CaseId) -> Result<()> {
    run!(tx, "DELETE FROM case_bands WHERE case_id = $1", case.to_string())?;
    Ok(())
}

row! {
    struct MemberRow {
        id: String,
        version: i64,
        due_at: i64,
        claims: i64,
        brand_id: String,
        brand_name: String,
        seller_id: String,
        seller_name: String,
        lease_by: Option<String>,
        listing_id: String,
        listing_state: String,
        territory: String,
        nice_class: Option<i64>,
        url: String,
        sold: i64,
        snapshot_version: i64,
        title: String,
        description: String,
        price_minor: i64,
        currency: String,
        category: String,
        images: String,
    }
}

impl MemberRow {
    fn member(self) -> Result<Member> {
        let id = self.id.clone();
        let corrupt = |problem: String| Error::Corrupt { table: "cases", id: id.clone(), problem };
        Ok(Member {
            case: self.id.parse().map_err(|e| corrupt(format!("{e}")))?,
            version: self.version,
            due: Time(self.due_at),
            claims: self.claims,
            brand: self.brand_id.parse().map_err(|e| corrupt(format!("{e}")))?,
            brand_name: self.brand_name,
            seller_name: self.seller_name,
            lease_by: self.lease_by.as_deref().map(str::parse).transpose().map_err(|e| corrupt(format!("{e}")))?,
            listing: Listing {
                id: self.listing_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                seller: self.seller_id.parse().map_err(|e| corrupt(format!("{e}")))?,
                state: self.listing_state.parse().map_err(corrupt)?,
                territory: self.territory,
                sold: self.sold,
                version: self.snapshot_version,
                content: Snapshot {
                    title: self.title,
                    description: self.description,
                    price_minor: self.price_minor,
                    currency: self.currency,
                    category: self.category,
                    nice_class: self.nice_class.map(u8::try_from).transpose().map_err(|e| corrupt(e.to_string()))?,
                    url: self.url,
                    images: self.images.lines().map(str::to_owned).collect(),
                },
            },
        })
    }
}

async fn open_ones(conn: &mut Conn, ids: List) -> Result<Vec<Member>> {
    all!(
        conn,
        MemberRow,
        "SELECT c.id, c.version, c.due_at, c.claims, c.brand_id, b.name AS brand_name, c.seller_id, v.name AS seller_name,
                CASE WHEN c.lease_until > db_now() THEN c.lease_by END AS lease_by, c.listing_id, l.state AS listing_state,
                l.territory, l.nice_class, l.url, l.sold, c.snapshot_version, s.title, s.description, s.price_minor, s.currency,
                s.category, s.images
         FROM cases c JOIN brands b ON b.id = c.brand_id JOIN sellers v ON v.id = c.seller_id
         JOIN listings l ON l.id = c.listing_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version
         WHERE c.id = ANY($1) AND c.state = 'open' ORDER BY c.rank, c.id",
        ids
    )?
    .into_iter()
    .map(MemberRow::member)
    .collect()
}

/// The group of an open case: at most `policy.members_max` others that are open and at no other desk. `None` if the case
/// isn't open.
///
/// # Errors
/// What the database says, or a row that can't be read back.
pub async fn of_case(conn: &mut Conn, case: CaseId, by: Kinship, policy: &GroupPolicy) -> Result<Option<Group>> {
    let Some(card) = open_ones(conn, [case].into_iter().collect()).await?.pop() else { return Ok(None) };
    let title = Signature::of(&card.listing.content.title);
    let limit = i64::from(policy.members_max);
    let ids = match by {
        Kinship::Seller => {
            all!(
                conn,
                IdRow,
                "SELECT id FROM cases WHERE seller_id = $1 AND state = 'open' AND id <> $2
                 AND coalesce(desk, '') = (SELECT coalesce(desk, '') FROM cases WHERE id = $2) ORDER BY rank, id LIMIT $3",
                card.listing.seller.as_str(),
                case.to_string(),
                limit
            )?
        }
        Kinship::Brand => {
            // The first of the two conditions is the index's own.
            all!(
                conn,
                IdRow,
                "SELECT id FROM cases WHERE brand_id = $1 AND state IN ('open', 'held', 'appealed') AND state = 'open' AND id <> $2
                 AND coalesce(desk, '') = (SELECT coalesce(desk, '') FROM cases WHERE id = $2) ORDER BY rank, id LIMIT $3",
                card.brand.as_str(),
                case.to_string(),
                limit
            )?
        }
        Kinship::Title => alike(conn, case, &title, policy).await?,
    };
    let ids: List = ids.into_iter().map(|row| row.id).collect();
    let mut members: Vec<Kin> =
        open_ones(conn, ids).await?.into_iter().map(|member| kin(&card, &title, member)).collect();
    // A stable sort: those as much alike stay in the order of the queue.
    members.sort_by_key(|kin| std::cmp::Reverse(kin.alike));
    Ok(Some(Group { by, card, members }))
}

fn kin(card: &Member, title: &Signature, member: Member) -> Kin {
    let differences = differences(
        Side { brand: &card.brand, listing: &card.listing },
        Side { brand: &member.brand, listing: &member.listing },
    );
    let share = title.similarity(&Signature::of(&member.listing.content.title));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share is 0 to 1")]
    let alike = (share * 100.0) as u8;
    Kin { member, alike, differences }
}

row! {
    struct IdRow { id: String, }
}

/// The open cases whose titles are near-duplicates of the card's, or of one that is: who lists one thing in many wordings
/// changes a word each time. The nearest to the card first.
async fn alike(conn: &mut Conn, case: CaseId, title: &Signature, policy: &GroupPolicy) -> Result<Vec<IdRow>> {
    let mut found = BTreeMap::new();
    let mut asked = BTreeSet::from([title.clone()]);
    let mut more = vec![];
    for (id, near) in near(conn, case, title, policy).await? {
        if asked.len() <= WORDINGS && asked.insert(near.clone()) {
            more.push(near.clone());
        }
        found.insert(id, near);
    }
    for wording in more {
        found.extend(near(conn, case, &wording, policy).await?);
    }
    let mut found: Vec<_> = found.into_iter().map(|(id, wording)| (title.similarity(&wording), id)).collect();
    found.sort_by(|(one, a), (other, b)| other.total_cmp(one).then_with(|| a.cmp(b)));
    found.truncate(usize::from(policy.members_max));
    Ok(found.into_iter().map(|(_, id)| IdRow { id }).collect())
}

/// The open cases whose titles are near-duplicates of this one.
async fn near(
    conn: &mut Conn,
    case: CaseId,
    title: &Signature,
    policy: &GroupPolicy,
) -> Result<Vec<(String, Signature)>> {
    let Some([one, two, three, four, five, six]) = title.bands() else { return Ok(vec![]) };
    let candidates = all!(
        conn,
        TitleRow,
        "SELECT c.id, s.title
         FROM (SELECT case_id, CASE WHEN band_1 = $1 THEN 1 ELSE 0 END + CASE WHEN band_2 = $2 THEN 1 ELSE 0 END
                      + CASE WHEN band_3 = $3 THEN 1 ELSE 0 END + CASE WHEN band_4 = $4 THEN 1 ELSE 0 END
                      + CASE WHEN band_5 = $5 THEN 1 ELSE 0 END + CASE WHEN band_6 = $6 THEN 1 ELSE 0 END AS shared
               FROM case_bands
               WHERE band_1 = $1 OR band_2 = $2 OR band_3 = $3 OR band_4 = $4 OR band_5 = $5 OR band_6 = $6) k
         JOIN cases c ON c.id = k.case_id
         JOIN snapshots s ON s.listing_id = c.listing_id AND s.version = c.snapshot_version
         WHERE c.state = 'open' AND c.id <> $7 AND coalesce(c.desk, '') = (SELECT coalesce(desk, '') FROM cases WHERE id = $7)
         ORDER BY k.shared DESC, c.id LIMIT $8",
        one,
        two,
        three,
        four,
        five,
        six,
        case.to_string(),
        CANDIDATES
    )?;
    let signed = candidates.into_iter().map(|row| (row.id, Signature::of(&row.title)));
    Ok(signed.filter(|(_, signature)| title.is_like(signature, policy.alike_percent)).collect())
}
