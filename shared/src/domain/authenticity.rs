//! Authenticity requests: the marketplace asks the rights holder about goods that only the rights holder can judge.
//! What was asked, what can become of it, and what an answer or its absence leads to.

mod asking;
mod question;

pub use self::{
    asking::{AskingPolicy, OnSilence},
    question::{About, Template},
};
use super::{brand::Tier, refused::Refused, time::Time, words::words};

words! {
    /// What a rights holder says of the goods.
    Answer {
        /// They are not theirs, and were not made with their consent.
        Counterfeit = "counterfeit",
        /// They are theirs, and may be sold here.
        Genuine = "genuine",
        /// They are theirs, but were not meant for this market.
        GreyMarket = "grey_market",
        /// They can't tell from what they see.
        Unsure = "unsure",
    }
}

impl Answer {
    /// The answer in a word or two, for buttons and lists.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Counterfeit => "Counterfeit",
            Self::Genuine => "Genuine",
            Self::GreyMarket => "Grey market",
            Self::Unsure => "Unsure",
        }
    }

    /// What the rights holder says by it.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Counterfeit => "We did not make these goods, and nobody made them with our consent.",
            Self::Genuine => "These are our goods, and they may be sold here.",
            Self::GreyMarket => "These are our goods, but they were not meant for this market.",
            Self::Unsure => "We can't tell from this listing.",
        }
    }

    /// What follows, in the words that the rights holder reads before answering.
    #[must_use]
    pub const fn promise(self) -> &'static str {
        match self {
            Self::Counterfeit => {
                "The listing goes to the front of the review, or comes down at once where that was agreed."
            }
            Self::Genuine => "The listing stays, and reports of it by you are not taken until it changes.",
            Self::GreyMarket | Self::Unsure => "A reviewer decides, with your answer before them.",
        }
    }
}

words! {
    /// What happens to the listing when the rights holder doesn't answer in time.
    Silence {
        /// It is hidden from sale until an answer or a decision comes.
        Pause = "pause",
        /// It stays up and the claims are refused: nobody stands behind them.
        KeepUp = "keep_up",
        /// A moderator decides without an answer.
        Moderator = "moderator",
    }
}

impl Silence {
    /// What happens, as the rights holder is told when asked.
    #[must_use]
    pub const fn warning(self) -> &'static str {
        match self {
            Self::Pause => "the listing is hidden from sale until you answer or a reviewer decides",
            Self::KeepUp => "the listing stays up and the claims on it are refused",
            Self::Moderator => "a reviewer decides without your answer",
        }
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// The rights holder was asked.
    Open,
    /// The rights holder answered.
    Answered(Answer),
    /// The deadline passed without an answer, and this followed.
    Silent(Silence),
    /// Nobody waits for an answer any more: another question replaced it, or the case was decided.
    Withdrawn,
}

impl State {
    /// The state as stored: `open`, `answered`, `silent`, `withdrawn`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Answered(_) => "answered",
            Self::Silent(_) => "silent",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Whether the listing is to be hidden from sale because of this request.
    #[must_use]
    pub const fn pauses(self) -> bool {
        matches!(self, Self::Silent(Silence::Pause))
    }
}

/// What can happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The rights holder answers.
    Answer(Answer),
    /// The deadline passes; what was said to follow.
    Deadline(Silence),
    /// Nobody waits any more.
    Withdraw,
}

/// The transition table of a request with this deadline. Nothing else changes its state.
///
/// An answer that comes late is taken as long as it can still change something: nobody wants to know less.
///
/// # Errors
/// Refused with the reason and what can be done instead; then nothing changes.
pub fn step(state: State, action: Action, until: Time, now: Time) -> Result<State, Refused> {
    let refused = |problem: &str, fix: &str| Err(Refused::one("request", problem, fix));
    match (state, action) {
        (State::Open | State::Silent(Silence::Pause | Silence::Moderator), Action::Answer(answer)) => {
            Ok(State::Answered(answer))
        }
        (State::Open, Action::Deadline(silence)) if until <= now => Ok(State::Silent(silence)),
        (State::Open | State::Silent(Silence::Pause | Silence::Moderator), Action::Withdraw) => Ok(State::Withdrawn),

        (State::Answered(before), Action::Answer(_)) => Err(Refused::one(
            "request",
            format!("it was answered already: {before}"),
            "To correct the answer, take it back first, or write to us and name the request.",
        )),
        (State::Silent(Silence::KeepUp), Action::Answer(_)) => refused(
            "its deadline passed without an answer, and the claims were refused",
            "File a new notice that says what you know now.",
        ),
        (State::Withdrawn, Action::Answer(_)) => refused(
            "it is closed: the case was decided, or another question replaced this one",
            "Answer the newest question, or contest the decision.",
        ),
        (State::Open, Action::Deadline(_)) => {
            refused("its deadline has not passed yet", "Nothing to do: the sweep comes back.")
        }
        (_, Action::Deadline(_)) => refused("it no longer waits for an answer", "Nothing to do."),
        (_, Action::Withdraw) => refused("it no longer waits for an answer", "Nothing to withdraw."),
    }
}

/// What an answer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// The listing comes down at once, without a moderator: the Joint-Force path.
    RemoveAtOnce,
    /// The listing is cleared: the claims are refused, and further ones by the same brand are not taken until it changes.
    Clear,
    /// The case goes back to the moderators with the answer, this many hours further forward.
    ToModerator(u32),
}

/// What an answer of a brand of this tier leads to.
#[must_use]
pub const fn follow(answer: Answer, tier: Tier, policy: &AskingPolicy) -> Follow {
    match (answer, tier) {
        (Answer::Genuine, _) => Follow::Clear,
        (Answer::Counterfeit, Tier::JointForce) => Follow::RemoveAtOnce,
        (Answer::Counterfeit, _) => Follow::ToModerator(policy.counterfeit_hours),
        (Answer::GreyMarket | Answer::Unsure, _) => Follow::ToModerator(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn states() -> Vec<State> {
        let mut states = vec![State::Open];
        states.extend(Answer::ALL.iter().take(1).map(|answer| State::Answered(*answer)));
        states.extend(Silence::ALL.iter().map(|silence| State::Silent(*silence)));
        states.push(State::Withdrawn);
        states
    }

    fn name(state: State) -> String {
        match state {
            State::Answered(answer) => format!("answered {answer}"),
            State::Silent(silence) => format!("silent {silence}"),
            other => other.as_str().to_owned(),
        }
    }

    /// Reading this is reading the policy.
    #[test]
    fn the_whole_table() {
        let actions = [
            ("answer", Action::Answer(Answer::Genuine), 50),
            ("deadline, early", Action::Deadline(Silence::Pause), 50),
            ("deadline", Action::Deadline(Silence::Pause), 100),
            ("withdraw", Action::Withdraw, 50),
        ];
        let mut table = String::new();
        for state in states() {
            for (action_name, action, now) in actions {
                let line = match step(state, action, Time(100), Time(now)) {
                    Ok(next) => name(next),
                    Err(refused) => format!("refused: {}", refused.faults[0].problem),
                };
                table += &format!("{:<22}{action_name:<17}{line}\n", name(state));
            }
        }
        insta::assert_snapshot!(table, @r"
        open                  answer           answered genuine
        open                  deadline, early  refused: its deadline has not passed yet
        open                  deadline         silent pause
        open                  withdraw         withdrawn
        answered counterfeit  answer           refused: it was answered already: counterfeit
        answered counterfeit  deadline, early  refused: it no longer waits for an answer
        answered counterfeit  deadline         refused: it no longer waits for an answer
        answered counterfeit  withdraw         refused: it no longer waits for an answer
        silent pause          answer           answered genuine
        silent pause          deadline, early  refused: it no longer waits for an answer
        silent pause          deadline         refused: it no longer waits for an answer
        silent pause          withdraw         withdrawn
        silent keep_up        answer           refused: its deadline passed without an answer, and the claims were refused
        silent keep_up        deadline, early  refused: it no longer waits for an answer
        silent keep_up        deadline         refused: it no longer waits for an answer
        silent keep_up        withdraw         refused: it no longer waits for an answer
        silent moderator      answer           answered genuine
        silent moderator      deadline, early  refused: it no longer waits for an answer
        silent moderator      deadline         refused: it no longer waits for an answer
        silent moderator      withdraw         withdrawn
        withdrawn             answer           refused: it is closed: the case was decided, or another question replaced this one
        withdrawn             deadline, early  refused: it no longer waits for an answer
        withdrawn             deadline         refused: it no longer waits for an answer
        withdrawn             withdraw         refused: it no longer waits for an answer
        ");
    }

    #[test]
    fn what_each_answer_and_each_silence_leads_to() {
        let policy = AskingPolicy::default();
        let mut table = String::new();
        for tier in Tier::ALL {
            table += &format!("{tier:<17}silence: {}\n", policy.on_silence.of(*tier));
            for answer in Answer::ALL {
                table += &format!("{tier:<17}{answer}: {:?}\n", follow(*answer, *tier, &policy));
            }
        }
        insta::assert_snapshot!(table, @r"
        unverified       silence: keep_up
        unverified       counterfeit: ToModerator(48)
        unverified       genuine: Clear
        unverified       grey_market: ToModerator(0)
        unverified       unsure: ToModerator(0)
        standard         silence: moderator
        standard         counterfeit: ToModerator(48)
        standard         genuine: Clear
        standard         grey_market: ToModerator(0)
        standard         unsure: ToModerator(0)
        good_faith       silence: moderator
        good_faith       counterfeit: ToModerator(48)
        good_faith       genuine: Clear
        good_faith       grey_market: ToModerator(0)
        good_faith       unsure: ToModerator(0)
        joint_force      silence: pause
        joint_force      counterfeit: RemoveAtOnce
        joint_force      genuine: Clear
        joint_force      grey_market: ToModerator(0)
        joint_force      unsure: ToModerator(0)
        trusted_flagger  silence: pause
        trusted_flagger  counterfeit: ToModerator(48)
        trusted_flagger  genuine: Clear
        trusted_flagger  grey_market: ToModerator(0)
        trusted_flagger  unsure: ToModerator(0)
        suspended        silence: keep_up
        suspended        counterfeit: ToModerator(48)
        suspended        genuine: Clear
        suspended        grey_market: ToModerator(0)
        suspended        unsure: ToModerator(0)
        ");
    }
}
