//! What sellers and brands say about decisions and notices, entered for them: counter-notices and the answers to them,
//! appeals, withdrawals.

use jointforce_shared::{
    commands::{
        self, Actor, House,
        appeal::{self, Opened},
        counter_notice::{self, Received},
        withdrawal::{self, Taken},
    },
    domain::{
        appeal::RawAppeal,
        counter_notice::{Answer, CounterReason, RawAnswer, RawCounterNotice},
        ids::{BrandId, CounterId, ListingId, SellerId},
        withdrawal::RawWithdrawal,
    },
};

use crate::model::Target;

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// The seller of the listing.
    Seller(SellerId),
    /// The brand whose claims they are.
    Brand(BrandId),
}

/// What they say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contest {
    /// The seller answers the notice, with the statements that the law asks for.
    Counter(SellerId, ListingId, CounterReason),
    /// The brand answers a counter-notice.
    Answer(BrandId, CounterId, Answer),
    /// Somebody contests the decision.
    Appeal(Party),
    /// The brand takes its notice back for this listing; with when it was filed and why, in words.
    Withdraw(BrandId, String, ListingId, String),
}

impl Contest {
    /// What has to be typed with it.
    pub const fn asks(&self) -> Option<&'static str> {
        match self {
            Self::Counter(..) => {
                Some("With the signed statements before you: name; postal address; telephone; why it is a mistake")
            }
            Self::Answer(_, _, Answer::Sue) => Some("court; case number; address of the proof"),
            Self::Answer(_, _, Answer::Reject) => Some("The brand's reasons"),
            Self::Answer(..) => None,
            Self::Appeal(_) => Some("Why the decision is wrong, in their words"),
            Self::Withdraw(..) => Some("Why they take it back"),
        }
    }

    /// In a few words, for menus.
    pub fn name(&self) -> String {
        match self {
            Self::Counter(_, _, reason) => format!("counter-notice: {}", reason.title()),
            Self::Answer(_, _, Answer::Accept) => "the brand accepts the counter-notice".into(),
            Self::Answer(_, _, Answer::Withdraw) => "the brand withdraws its notice over the counter-notice".into(),
            Self::Answer(_, _, Answer::Sue) => "the brand has sued".into(),
            Self::Answer(..) => "the brand contests the counter-notice".into(),
            Self::Appeal(Party::Seller(_)) => "the seller appeals".into(),
            Self::Appeal(Party::Brand(_)) => "the brand appeals".into(),
            Self::Withdraw(_, notice, _, about) => format!("the brand withdraws notice {notice} ({about})"),
        }
    }

    /// Enters it; gives what it led to, in words.
    ///
    /// # Errors
    /// What the command says: all that is missing, each with its fix.
    pub async fn perform(
        &self,
        house: &House,
        actor: &Actor,
        target: &Target,
        words: &str,
    ) -> commands::Result<String> {
        match self {
            Self::Counter(seller, listing, reason) => {
                let raw = counter(seller, listing, *reason, target, words);
                match counter_notice::receive(house, actor, &raw).await? {
                    Received::New { not_before, .. } => {
                        Ok(format!("Forwarded to the brand, which has time until {:.10}", not_before.to_string()))
                    }
                    Received::Same { .. } => Ok("It was entered before".into()),
                    Received::Refused(refused) => Err(refused.into()),
                }
            }
            Self::Answer(brand, counter, answer) => {
                let mut parts = words.split(';').map(|part| part.trim().to_owned());
                let mut raw = RawAnswer { answer: answer.as_str().into(), ..RawAnswer::default() };
                if *answer == Answer::Sue {
                    raw.court = parts.next().unwrap_or_default();
                    raw.number = parts.next().unwrap_or_default();
                    raw.proof = parts.next().unwrap_or_default();
                } else {
                    raw.words = words.to_owned();
                }
                let answered = counter_notice::answer(house, actor, brand, *counter, &raw).await?;
                Ok(format!("Answered; the counter-notice is {}", answered.state.as_str().replace('_', " ")))
            }
            Self::Appeal(party) => {
                let mut raw =
                    RawAppeal { case: target.case.to_string(), grounds: words.to_owned(), ..RawAppeal::default() };
                match party {
                    Party::Seller(seller) => raw.seller = seller.to_string(),
                    Party::Brand(brand) => raw.brand = brand.to_string(),
                }
                match appeal::open(house, actor, &raw).await? {
                    Opened::New { due, .. } => Ok(format!("In the queue for somebody else than the decider, by {due}")),
                    Opened::Same { .. } => Ok("It was entered before".into()),
                    Opened::Refused(refused) => Err(refused.into()),
                }
            }
            Self::Withdraw(brand, notice, listing, _) => {
                let raw = RawWithdrawal {
                    brand: brand.to_string(),
                    notice: notice.clone(),
                    listings: vec![listing.to_string()],
                    why: words.to_owned(),
                };
                match withdrawal::withdraw(house, actor, &raw).await? {
                    Taken::New { listings, .. } => {
                        let led_to = listings.iter().map(|(_, led_to)| led_to.title());
                        Ok(format!("Withdrawn: {}", led_to.collect::<Vec<_>>().join("; ")))
                    }
                    Taken::Same { .. } => Ok("It was withdrawn before".into()),
                    Taken::Refused(refused) => Err(refused.into()),
                }
            }
        }
    }
}

/// A counter-notice that came by telephone or letter: whoever enters it has the signed statements before them.
fn counter(
    seller: &SellerId,
    listing: &ListingId,
    reason: CounterReason,
    target: &Target,
    words: &str,
) -> RawCounterNotice {
    let mut parts = words.splitn(4, ';').map(|part| part.trim().to_owned());
    let name = parts.next().unwrap_or_default();
    RawCounterNotice {
        seller: seller.to_string(),
        listing: listing.to_string(),
        case: target.case.to_string(),
        reason: reason.as_str().into(),
        material: target.title.clone(),
        address: parts.next().unwrap_or_default(),
        phone: parts.next().unwrap_or_default(),
        explanation: parts.next().unwrap_or_default(),
        good_faith: true,
        perjury: true,
        consent: true,
        signature: name.clone(),
        name,
        ..RawCounterNotice::default()
    }
}
