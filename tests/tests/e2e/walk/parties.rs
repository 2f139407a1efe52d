//! What brands and sellers do.

use jointforce_shared::{
    commands::{
        Actor, Error,
        appeal::{self, Opened},
        authenticity::{self, Answering},
        catalogue,
        counter_notice::{self, Received},
        notice::Filed,
        penalty,
        withdrawal::{self, Taken},
    },
    domain::{
        appeal::{Appellant, RawAppeal},
        case::State,
        counter_notice::RawAnswer,
        ids::{AppealId, BrandId, CounterId},
        listing::ListingState,
        notice::RawNotice,
        withdrawal::RawWithdrawal,
    },
    store::{appeals, authenticity as questions, counter_notices, listings},
};
use jointforce_tests::world::{World, listing_id, raw};

use super::{
    Brand, Seller,
    ground::{Ground, PLAN},
    system::{Outcome, System, case_of},
};

impl System {
    fn brand_of(&self, case: usize) -> BrandId {
        self.of(PLAN[case].0).parse().unwrap()
    }

    pub async fn brand(&mut self, ground: &Ground, n: usize, what: Brand) -> Outcome {
        let house = &ground.world.house;
        let brand = self.brand_of(n);
        let actor = Actor::brand(&brand, "portal");
        let case = match (self.cases[n], what) {
            (_, Brand::Report { attest }) => return self.report(ground, n, attest).await,
            (Some(case), _) => case,
            (None, _) => return Outcome::Refused,
        };
        match what {
            Brand::Report { attest } => self.report(ground, n, attest).await,
            Brand::Answer(answer) => {
                let asked = questions::of_case(&mut house.db.read().await.unwrap(), case).await.unwrap();
                let Some(request) = asked.first() else { return Outcome::Refused };
                let answering =
                    Answering { request: request.id, answer, note: "we looked".into(), link: None, entered_by: None };
                Outcome::of(authenticity::answer(house, &actor, &answering).await)
            }
            Brand::TakeAnswerBack => {
                let asked = questions::of_case(&mut house.db.read().await.unwrap(), case).await.unwrap();
                let Some(request) = asked.first() else { return Outcome::Refused };
                Outcome::of(authenticity::take_back(house, &actor, request.id).await)
            }
            Brand::Counter(answer) => {
                let Some(counter) = self.counter(ground, n).await else { return Outcome::Refused };
                let said = RawAnswer {
                    answer: answer.into(),
                    court: "S.D.N.Y.".into(),
                    number: "1:26-cv-01234".into(),
                    proof: "https://brand.example/complaint.pdf".into(),
                    words: if answer == "reject" { "The invoice is forged.".into() } else { String::new() },
                };
                Outcome::of(counter_notice::answer(house, &actor, &brand, counter, &said).await)
            }
            Brand::Withdraw => {
                let notice = self.of(&format!("notice-{n}-{}", self.sent));
                let newest = self.newest_notice(ground, n).await.unwrap_or(notice);
                let raw = RawWithdrawal {
                    brand: brand.to_string(),
                    notice: newest,
                    listings: vec![],
                    why: "Our own outlet.".into(),
                };
                match withdrawal::withdraw(house, &actor, &raw).await.unwrap() {
                    Taken::Refused(_) => Outcome::Refused,
                    Taken::New { .. } | Taken::Same { .. } => Outcome::Done,
                }
            }
            Brand::Appeal => self.appeal(ground, n, &actor, "", brand.as_str()).await,
            Brand::WithdrawAppeal => match self.open_appeal(ground, n).await {
                Some((appeal, Appellant::Notifier(..))) => Outcome::of(appeal::withdraw(house, &actor, appeal).await),
                Some((appeal, Appellant::Seller(_))) => not_theirs(appeal::withdraw(house, &actor, appeal).await),
                None => Outcome::Refused,
            },
        }
    }

    async fn report(&mut self, ground: &Ground, n: usize, attest: bool) -> Outcome {
        let sent = self.next();
        let reference = self.of(&format!("notice-{n}-{sent}"));
        let (brand, right, _, ware, _) = PLAN[n];
        let notice =
            RawNotice { brand: self.of(brand), right: self.of(right), attest, ..raw(&reference, &[&self.of(ware)]) };
        match ground.world.file(&[notice]).await.pop().unwrap() {
            Filed::New { cases, .. } => {
                assert!(self.cases[n].is_none_or(|case| case == cases[0]), "one case a brand and listing");
                self.cases[n] = Some(cases[0]);
                Outcome::Done
            }
            Filed::Same { .. } => panic!("nothing is sent twice"),
            Filed::Refused(_) => Outcome::Refused,
        }
    }

    async fn newest_notice(&self, ground: &Ground, n: usize) -> Option<String> {
        let mut conn = ground.world.house.db.read().await.unwrap();
        let claims = jointforce_shared::store::notices::claims_of(&mut conn, self.cases[n]?).await.unwrap();
        claims.first().map(|claim| claim.reference.clone())
    }

    /// The newest counter-notice against the case's decision.
    async fn counter(&self, ground: &Ground, n: usize) -> Option<CounterId> {
        let mut conn = ground.world.house.db.read().await.unwrap();
        counter_notices::of_case(&mut conn, self.cases[n]?).await.unwrap().pop().map(|counter| counter.id)
    }

    async fn open_appeal(&self, ground: &Ground, n: usize) -> Option<(AppealId, Appellant)> {
        let State::Appealed { appeal, .. } = case_of(ground, self.cases[n]?).await.state else { return None };
        let mut conn = ground.world.house.db.read().await.unwrap();
        appeals::get(&mut conn, appeal).await.unwrap().map(|filed| (filed.id, filed.appeal.by))
    }

    async fn appeal(&mut self, ground: &Ground, n: usize, actor: &Actor, seller: &str, brand: &str) -> Outcome {
        let Some(case) = self.cases[n] else { return Outcome::Refused };
        let raw = RawAppeal {
            reference: format!("appeal-{}", self.next()),
            seller: seller.into(),
            brand: brand.into(),
            case: case.to_string(),
            grounds: "It is wrong.".into(),
            ..RawAppeal::default()
        };
        match appeal::open(&ground.world.house, actor, &raw).await.unwrap() {
            Opened::New { .. } => Outcome::Done,
            Opened::Same { .. } => panic!("nothing is sent twice"),
            Opened::Refused(_) => Outcome::Refused,
        }
    }

    pub async fn of_seller(&mut self, ground: &Ground, n: usize, what: Seller) -> Outcome {
        let house = &ground.world.house;
        let seller = self.seller(n);
        let actor = Actor::seller(&seller, "portal");
        match what {
            Seller::Contest => {
                let raw = serde_json::from_value(serde_json::json!({
                    "reference": format!("counter-{}", self.next()), "seller": seller, "listing": self.of(PLAN[n].3),
                    "reason": "authorized", "explanation": "Bought from the brand's own outlet.",
                    "material": "White trainers, size 42", "good_faith": true, "perjury": true, "name": "Bo Li",
                    "address": "1 Main St, Springfield, IL 62701", "phone": "+1 555 0100", "consent": true,
                    "signature": "Bo Li", "case": self.cases[n], "evidence": ["https://shop.example/invoice.pdf"],
                }));
                match counter_notice::receive(house, &actor, &raw.unwrap()).await.unwrap() {
                    Received::New { .. } => Outcome::Done,
                    Received::Same { .. } => panic!("nothing is sent twice"),
                    Received::Refused(_) => Outcome::Refused,
                }
            }
            Seller::TakeContestBack => {
                let Some(counter) = self.counter(ground, n).await else { return Outcome::Refused };
                Outcome::of(counter_notice::take_back(house, &actor, counter).await)
            }
            Seller::Appeal => self.appeal(ground, n, &actor, seller.as_str(), "").await,
            Seller::WithdrawAppeal => match self.open_appeal(ground, n).await {
                Some((appeal, Appellant::Seller(_))) => Outcome::of(appeal::withdraw(house, &actor, appeal).await),
                Some((appeal, Appellant::Notifier(..))) => not_theirs(appeal::withdraw(house, &actor, appeal).await),
                None => Outcome::Refused,
            },
            Seller::AskForMoney => Outcome::of(penalty::ask_for_payout(house, &actor, &seller, "rent").await),
            Seller::ChangeListing => {
                let id = listing_id(&self.of(PLAN[n].3));
                let mut ware = {
                    let mut conn = house.db.read().await.unwrap();
                    let version = listings::newest_version(&mut conn, &id).await.unwrap().unwrap();
                    listings::at_version(&mut conn, &id, version).await.unwrap().unwrap()
                };
                ware.state = ListingState::Live;
                ware.content.title = format!("ACME style trainers, lot {}", self.next());
                catalogue::load_listings(house, &World::import(), &[ware]).await.unwrap();
                // No case changes by it.
                Outcome::Refused
            }
        }
    }
}

fn not_theirs<T>(outcome: Result<T, Error>) -> Outcome {
    let outcome = Outcome::of(outcome);
    assert_eq!(outcome, Outcome::Refused, "another's appeal was taken back");
    outcome
}
