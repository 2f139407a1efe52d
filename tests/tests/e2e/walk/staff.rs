//! What staff do. On one case, the transition table says beforehand what becomes of it.

use std::time::Duration;

use jointforce_shared::{
    commands::{
        Error, approval,
        authenticity::{Ask, ask},
        automatic,
        case::{self, Act, Request},
        group::{self, Together},
        penalty, trust,
    },
    domain::{
        automatic::Guarded,
        case::{Action, By, State, step},
        decision::{KeepReason, RemoveReason, Verdict},
        ids::{CaseId, DecisionId, RequestId},
        refused::Refused,
        time::Time,
    },
    store::{
        approvals, cases,
        queue::{self, Filter},
    },
};
use jointforce_tests::world::who as actor;
use ulid::Ulid;

use super::{
    Doing, House, Who,
    ground::Ground,
    system::{Outcome, System, case_of},
};

/// How long every hold is.
const HOLD: Duration = Duration::from_secs(5 * 3600);

/// A state without the ids that are drawn anew each time.
fn face(state: &State) -> String {
    let verdict = state.decision().map(|(verdict, _)| verdict);
    let who = match state {
        State::Open { assigned, .. } => format!("{assigned:?}"),
        State::Held { by, .. } => by.to_string(),
        State::Asked { .. } => String::new(),
        State::Appealed { by, assigned, .. } => format!("{by} {assigned:?}"),
        State::Decided { by, .. } => by.to_string(),
    };
    format!("{} {verdict:?} {:?} {who}", state.as_str(), state.desk())
}

/// What else than the table may say no, in the words by which it is known.
const ALSO_REFUSED: [&str; 5] = [
    "nobody claims anything",
    "ruled on this decision before",
    "does not decide cases of the",
    "made the decision that is contested",
    "has it",
];

impl System {
    /// One act on one case: done as the table says, filed for a second person, or refused as the table or one of the few
    /// other rules do.
    pub async fn staff(&self, ground: &Ground, n: usize, who: Who, doing: Doing) -> Outcome {
        let Some(id) = self.cases[n] else { return Outcome::Refused };
        let house = &ground.world.house;
        let before = case_of(ground, id).await;
        let decision = DecisionId::from_ulid(Ulid(1));
        let until = house.clock.now() + HOLD;
        let (action, act) = match doing {
            Doing::Remove(reason) => {
                (Action::Decide { verdict: Verdict::Remove(reason), decision }, Act::Remove(reason))
            }
            Doing::Keep(reason) => (Action::Decide { verdict: Verdict::Keep(reason), decision }, Act::Keep(reason)),
            Doing::Hold => {
                let act = Act::Hold { span: HOLD, reason: "waiting".into() };
                (Action::Hold { until, reason: "waiting".into() }, act)
            }
            Doing::Release => (Action::Release, Act::Release),
            Doing::HandOver(to) => (Action::HandOver { to: to.operator() }, Act::HandOver { to: to.operator() }),
            Doing::Escalate(desk) => (Action::Escalate { desk }, Act::Escalate { desk, urgent: false }),
            Doing::Undo => (Action::Undo, Act::Undo),
            // Asking is a command of its own.
            Doing::Ask => (Action::Ask { request: RequestId::from_ulid(Ulid(1)), until }, Act::Note),
        };
        let by = By { operator: who.operator(), may_overturn: who.is_senior(), desks: vec![] };
        let expected = step(&before.state, &action, &by, house.clock.now());
        let outcome = if matches!(doing, Doing::Ask) {
            let question =
                Ask { case: id, version: None, template: "yours".into(), detail: String::new(), again: false };
            ask(house, &actor(who.name()), &question).await.map(|_| None)
        } else {
            let request = Request { case: id, version: None, act, note: "walking".into() };
            case::act(house, &actor(who.name()), &request).await.map(|acted| acted.waits)
        };
        let after = case_of(ground, id).await;
        match (outcome, expected) {
            (Ok(None), Ok((next, _))) => assert_eq!(face(&after.state), face(&next), "{doing:?} of {before:?}"),
            (Ok(Some(_)), Ok(_)) => {
                let is_kept = matches!(&after.state, State::Held { by, .. } if *by == who.operator());
                assert!(is_kept || face(&after.state) == face(&before.state), "{after:?} waits for a second person");
            }
            (Ok(_), Err(refused)) => panic!("{doing:?} was done to {before:?}: {refused}"),
            (Err(Error::Refused(_)), Err(_)) => return Outcome::Refused,
            (Err(Error::Refused(refused)), Ok(_)) => {
                let known = ALSO_REFUSED.iter().any(|words| refused.to_string().contains(words));
                assert!(known, "{doing:?} of {before:?} was refused: {refused}");
                return Outcome::Refused;
            }
            (Err(other), _) => panic!("{other}"),
        }
        Outcome::Done
    }

    /// What is done to more than one case, or to none.
    pub async fn house(&self, ground: &Ground, who: Who, what: House) -> Outcome {
        let (house, person) = (&ground.world.house, actor(who.name()));
        match what {
            House::Together { remove } => {
                let act = decision(remove);
                let outcome = group::decide(house, &person, &self.requests(ground, &act).await).await;
                self.together(&outcome)
            }
            House::UndoTogether => {
                let ids: Vec<CaseId> = self.cases.iter().flatten().copied().collect();
                self.together(&group::undo(house, &person, &ids, "walking").await)
            }
            House::Second { yes } => self.second(ground, who, yes).await,
            House::PunishLinked => {
                Outcome::of(approval::punish_linked(house, &person, &self.seller(0), "one trader").await)
            }
            House::AnswerForMoney { free } => {
                Outcome::of(penalty::answer_payout(house, &person, &self.seller(0), free, "looked").await)
            }
            House::Breaker { stop } => {
                let guarded = Guarded::Brand(self.of("joint").parse().unwrap());
                if stop {
                    Outcome::of(automatic::trip(house, &actor("oda"), &guarded, "a wave").await)
                } else {
                    Outcome::of(automatic::close(house, &person, &guarded, "looked").await)
                }
            }
            House::Suspend => {
                let brand = self.of("good").parse().unwrap();
                let _ = Outcome::of(trust::warn(house, &actor("adam"), &brand, "abuse").await);
                Outcome::of(trust::suspend(house, &actor("adam"), &brand, None, "abuse").await)
            }
            House::RefuseOpen => {
                let brand = self.of("good").parse().unwrap();
                Outcome::of(trust::refuse_open(house, &person, &brand, "abuse").await)
            }
            House::SecondLook { remove } => self.second_look(ground, who, remove).await,
        }
    }

    async fn requests(&self, ground: &Ground, act: &Act) -> Vec<Request> {
        let mut requests = vec![];
        for id in self.cases.iter().flatten() {
            let version = Some(case_of(ground, *id).await.version);
            requests.push(Request { case: *id, version, act: act.clone(), note: "walking".into() });
        }
        requests
    }

    /// Some may be done while others are refused, so a refusal of one says nothing of all.
    fn together(&self, outcome: &Result<Together, Error>) -> Outcome {
        let refused = |refused: &Refused| assert!(!refused.faults.is_empty());
        match outcome {
            Ok(Together::Waits(_)) => assert!(self.cases.iter().flatten().count() > 2, "two are decided by one"),
            Ok(Together::Done(answers)) => {
                for answer in answers {
                    match answer {
                        Ok(_) => {}
                        Err(Error::Refused(why)) => refused(why),
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            Err(Error::Refused(why)) => {
                refused(why);
                return Outcome::Refused;
            }
            Err(other) => panic!("{other}"),
        }
        Outcome::Done
    }

    /// The request of this walk that waits longest is answered.
    async fn second(&self, ground: &Ground, who: Who, yes: bool) -> Outcome {
        let house = &ground.world.house;
        let waiting = approvals::queue(&mut house.db.read().await.unwrap(), None, 100).await.unwrap();
        let mine = format!("-{}\"", self.walk);
        let is_ours = |approval: &approvals::Approval| {
            let of_cases = approval.wanted.cases().iter().any(|seen| self.cases.contains(&Some(seen.case)));
            of_cases || approval.wanted.canonical().unwrap().contains(&mine)
        };
        let Some(first) = waiting.into_iter().find(is_ours) else { return Outcome::Refused };
        let answered = if yes {
            approval::approve(house, &actor(who.name()), first.id, "looked").await
        } else {
            approval::refuse(house, &actor(who.name()), first.id, "no").await
        };
        match answered {
            Ok(_) if yes => {
                assert!(who.is_senior(), "{who:?} approved");
                assert_ne!(first.by, who.operator(), "the requester approved");
                Outcome::Done
            }
            Ok(_) => Outcome::Done,
            // What turns out to be over is closed, which changes its case.
            Err(Error::Refused(_)) => Outcome::Done,
            Err(other) => panic!("{other}"),
        }
    }

    /// A second look that waits for this person is answered; nothing else changes.
    async fn second_look(&self, ground: &Ground, who: Who, remove: bool) -> Outcome {
        let house = &ground.world.house;
        let mut conn = house.db.read().await.unwrap();
        let rows = queue::page_for(&mut conn, &who.operator(), &Filter::default(), None, 100, |_| true).await.unwrap();
        let mut look = None;
        for row in rows {
            if cases::get(&mut conn, row.place.case).await.unwrap().is_none() {
                look = Some(row.place.case);
                break;
            }
        }
        drop(conn);
        let Some(id) = look else { return Outcome::Refused };
        let request = Request { case: id, version: None, act: decision(remove), note: "walking".into() };
        case::act(house, &actor(who.name()), &request).await.unwrap();
        // No case changes by it.
        Outcome::Refused
    }
}

const fn decision(remove: bool) -> Act {
    if remove { Act::Remove(RemoveReason::CounterfeitSold) } else { Act::Keep(KeepReason::Genuine) }
}

/// Ends in time to be used by [`HOLD`].
const _: () = assert!(HOLD.as_secs() as i64 * Time::SECOND < Time::DAY);
