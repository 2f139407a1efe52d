//! Statements of reasons: each removal has one, the seller is told it, the register has it once.

mod made;
mod many;
mod program;
mod register;

use std::{collections::BTreeSet, time::Duration};

use jointforce_shared::{
    commands::{
        Actor, Error,
        case::{self, Act, Request},
        catalogue,
    },
    domain::{
        decision::RemoveReason,
        ids::{CaseId, StatementId},
        statement::RegisterState,
        time::Time,
    },
    store::statements::{
        self, Kept,
        register::{self as standings, Standing},
    },
};
use jointforce_tests::{
    register::Register,
    world::{World, listing, who},
};
use jointforce_worker::register::{self as sending, RegisterConfig, Sender, Token};

/// A world whose clock stands, a register, and who sends to it.
struct Stage {
    world: World,
    register: Register,
    sender: Sender,
}

impl Stage {
    async fn open(url: &str) -> Self {
        let mut world = World::with_set_clock(url).await;
        // Nothing here takes longer, but for the register that never answers.
        world.house.policy.reasons.timeout = Duration::from_millis(500);
        let register = Register::open("1|secret-token").await;
        let sender = sender(&register, register.token());
        Self { world, register, sender }
    }

    /// Reports as many listings, and has Ann remove them.
    async fn remove(&self, count: usize) -> Vec<CaseId> {
        let ids: Vec<String> = (0..count).map(|n| format!("fake-{n}")).collect();
        let listings: Vec<_> = ids.iter().map(|id| listing(id, "shop")).collect();
        catalogue::load_listings(&self.world.house, &World::import(), &listings).await.unwrap();
        let names: Vec<&str> = ids.iter().map(String::as_str).collect();
        let cases = self.world.report("many", &names).await;
        for case in &cases {
            decide(&self.world, *case).await.unwrap();
        }
        cases
    }

    /// Lets the grace window and the delay pass.
    fn wait(&self) {
        self.world.pass(10 * Time::MINUTE);
    }

    /// Sends until the register has nothing more to do or is left alone.
    async fn send_all(&mut self) {
        while self.sender.send_one(&self.world.house).await.unwrap() {}
    }

    async fn all(&self, state: RegisterState) -> Vec<Kept> {
        statements::list(&mut self.world.house.db.read().await.unwrap(), Some(state), None, 1000).await.unwrap()
    }

    async fn standing(&self) -> Standing {
        standings::standing(&mut self.world.house.db.read().await.unwrap()).await.unwrap()
    }

    /// Every statement is in the register, once, and nothing else is.
    async fn assert_all_taken(&self, count: usize) {
        let accepted = self.all(RegisterState::Accepted).await;
        assert_eq!(accepted.len(), count);
        let ours: BTreeSet<String> = accepted.iter().map(|kept| kept.id.to_string()).collect();
        assert_eq!(self.register.taken().into_keys().collect::<BTreeSet<_>>(), ours);
        assert_eq!(self.register.taken_twice(), Vec::<String>::new());
    }
}

fn sender(register: &Register, token: &str) -> Sender {
    let config = RegisterConfig { url: register.url(), token: Token::Text(token.to_owned()) };
    Sender::new(sending::Register::new(config).unwrap(), Actor::program("worker"))
}

async fn decide(world: &World, case: CaseId) -> Result<case::Acted, Error> {
    act(world, case, Act::Remove(RemoveReason::CounterfeitListing)).await
}

async fn act(world: &World, case: CaseId, act: Act) -> Result<case::Acted, Error> {
    case::act(&world.house, &who("ann"), &Request { case, version: None, act, note: String::new() }).await
}

fn ids(kept: &[Kept]) -> BTreeSet<StatementId> {
    kept.iter().map(|kept| kept.id).collect()
}
