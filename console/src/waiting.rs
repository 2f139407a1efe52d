//! What waits for people, counted for the bar at the top, and the root of the audit record.

use jointforce_shared::{
    commands::{Actor, House},
    domain::{effect::Lane, operator::Permission, page::State},
    store::{
        self, approvals, effects, lanes, operators, pages, seals,
        sittings::{self, Present},
    },
};

use crate::keys::{Binding, Intent, key_of};

/// More of a kind are not counted.
const MOST: i64 = 100;

/// The counts; each stops at 100.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waiting {
    /// Requests that this person may answer.
    pub approvals: usize,
    /// Pages that nobody is on.
    pub pages: usize,
    /// Effects that wait for a person.
    pub dead: usize,
    /// Lanes that stand still: what is decided is not carried out there.
    pub paused: Vec<Lane>,
    /// Who else is at work.
    pub people: Vec<Present>,
    /// The first characters of the newest root of the audit record.
    pub root: Option<String>,
}

impl Waiting {
    /// Counts.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(house: &House, actor: &Actor) -> store::db::Result<Self> {
        let mut conn = house.db.read().await?;
        let me = operators::get(&mut conn, actor.id()).await?;
        let approvals = match me.filter(|me| me.role.may(Permission::Approve)) {
            Some(me) => {
                let open = approvals::queue(&mut conn, None, MOST).await?;
                open.iter().filter(|approval| approval.by != me.id).count()
            }
            None => 0,
        };
        let pages = pages::open(&mut conn, MOST).await?;
        Ok(Self {
            approvals,
            pages: pages.iter().filter(|page| matches!(page.state, State::Open)).count(),
            dead: usize::try_from(effects::dead(&mut conn).await?.min(MOST)).unwrap_or(0),
            paused: lanes::paused(&mut conn).await?.into_iter().map(|state| state.lane).collect(),
            people: sittings::present(&mut conn, actor.id()).await?,
            root: seals::status(&mut conn).await?.short_root().map(str::to_owned),
        })
    }

    /// What stands still, and the counts that are not 0, each with the key of its board, and with a word if there is room.
    pub fn badges(&self, keys: &[Binding], wordy: bool) -> Vec<String> {
        let pages = if self.pages == 1 { " page" } else { " pages" };
        let said = [
            (Intent::Approvals, self.approvals, " to approve"),
            (Intent::Pages, self.pages, pages),
            (Intent::DeadEffects, self.dead, " dead"),
            (Intent::People, self.people.len(), " here"),
        ];
        let stop = key_of(keys, Intent::Lanes);
        let paused = match self.paused.as_slice() {
            [] => None,
            lanes if wordy => {
                Some(format!("{stop} PAUSED {}", lanes.iter().map(|l| l.as_str()).collect::<Vec<_>>().join(" ")))
            }
            lanes => Some(format!("{stop} PAUSED {}", lanes.len())),
        };
        let counts = said.into_iter().filter(|(_, count, _)| *count > 0).map(|(intent, count, what)| {
            let key = key_of(keys, intent);
            let more = if count >= 100 { "+" } else { "" };
            format!("{key} {count}{more}{}", if wordy { what } else { "" })
        });
        paused.into_iter().chain(counts).collect()
    }
}
