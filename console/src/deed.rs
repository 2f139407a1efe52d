//! What an operator does beside deciding cases: one list of deeds, each a command of the house.

mod contest;

pub use self::contest::{Contest, Party};
use jointforce_shared::{
    commands::{
        self, Actor, House, approval, authenticity, automatic, effect, lane, operator::preferences, page, penalty, view,
    },
    domain::{
        ask::Ask,
        authenticity::Template,
        automatic::Guarded,
        effect::Lane,
        escalation::Desk,
        ids::{ApprovalId, EffectId, OperatorId, PageId, SellerId},
        note::Recipient,
        operator::preferences::{Preferences, ThemeName},
        refused::Refused,
        skip::SkipReason,
        time::due_words,
    },
};

use crate::{keys::own, model::Target};

/// Something that a menu or a board offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Pass the case to a desk.
    Escalate(Target, Desk),
    /// Pass over the case for now.
    Skip(Target, SkipReason),
    /// Write to the parties of the case.
    Tell(Target, Recipient),
    /// Ask the brand about the listing.
    Ask(Target, Template),
    /// Enter what a party said about a decision or a notice.
    Contest(Target, Contest),
    /// Give a dead effect another round of attempts.
    Retry(EffectId),
    /// Give a dead effect up.
    Drop(EffectId),
    /// Say that one is on it: the page climbs no further.
    Acknowledge(PageId),
    /// Say that what the page is about is handled.
    Resolve(PageId),
    /// Take back what this person decided.
    Overturn(Target, OperatorId),
    /// Say yes to what a colleague asks for; it is carried out.
    Approve(ApprovalId),
    /// Say no to it.
    Refuse(ApprovalId),
    /// Take one's own request back.
    TakeRequestBack(ApprovalId),
    /// Let an automatic path go on.
    LetGoOn(Guarded),
    /// Give a seller the money that is kept back.
    ReleasePayout(SellerId),
    /// Keep the money that a seller asks for.
    KeepPayout(SellerId),
    /// Begin nothing more on a lane.
    PauseLane(Lane),
    /// Let a lane go on.
    ResumeLane(Lane),
    /// Keep a filter under a number; without a name, forget what is kept there.
    KeepView {
        /// The number, 1 to 9.
        slot: u8,
        /// The filter.
        ask: Ask,
        /// What is kept there now.
        was: Option<String>,
    },
    /// Choose the colours; `None` leaves them to the terminal.
    Theme(Option<ThemeName>),
    /// Draw nothing but ASCII, or all signs.
    Ascii(bool),
    /// Choose other keys for commands.
    OwnKeys,
    /// Go back to the house's keys.
    HouseKeys,
}

/// What has to be typed before something is done that can't be taken back, or that is done to many: who read what it is
/// about has it before them, and Enter alone, or a line typed ahead, is not it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// What it is about, with what is to be typed in it; may hold strangers' text.
    pub about: String,
    /// What is to be typed, by name: `the seller's id`.
    pub asks: &'static str,
    /// What is to be typed.
    pub typed: String,
}

impl Deed {
    /// What has to be said with it, if anything has.
    pub fn asks(&self) -> Option<&'static str> {
        match self {
            Self::Escalate(..) => Some("Why does it go there? Begin with ! to call whoever is on call"),
            Self::Skip(_, SkipReason::Other) => Some("Why is it passed over?"),
            Self::Tell(..) => Some("What they are to read, in a mail of its own"),
            Self::Ask(_, template) if template.needs_detail() => Some("What is the question about?"),
            Self::Contest(_, contest) => contest.asks(),
            Self::Drop(_) => Some("Why may it be given up?"),
            Self::Overturn(..) => Some("Why is it taken back?"),
            Self::Approve(_) => Some("Words for whoever asked; Enter alone says yes without any"),
            Self::Refuse(_) => Some("Why not? Whoever asked reads it"),
            Self::TakeRequestBack(_) => Some("Why do you take your request for a second person back?"),
            Self::LetGoOn(_) => Some("Why may it go on?"),
            Self::ReleasePayout(_) => Some("Why is the money free? The seller reads it"),
            Self::KeepPayout(_) => Some("Why is it kept? The seller reads it"),
            Self::PauseLane(_) => Some("Why is it paused? Every console shows it"),
            Self::KeepView { was: None, .. } => Some("What is it called?"),
            Self::KeepView { .. } => Some("What is it called? Enter alone forgets what is there"),
            Self::OwnKeys => {
                Some("Lines of a key map, as remove = \"d\", keep = \"z\"; hold = [] is the house's again")
            }
            Self::Theme(_)
            | Self::Ascii(_)
            | Self::HouseKeys
            | Self::Skip(..)
            | Self::Ask(..)
            | Self::Retry(_)
            | Self::Acknowledge(_)
            | Self::Resolve(_)
            | Self::ResumeLane(_) => None,
        }
    }

    /// Whether it may be done without the words that it asks for.
    pub const fn goes_without_words(&self) -> bool {
        matches!(self, Self::Approve(_) | Self::KeepView { was: Some(_), .. })
    }

    /// In a few words, for menus and failures.
    pub fn name(&self) -> String {
        match self {
            Self::Escalate(_, desk) => format!("to the {} desk", desk.title()),
            Self::Skip(_, reason) => reason.title().into(),
            Self::Tell(_, to) => match to {
                Recipient::Brand => "write to the brand".into(),
                Recipient::Seller => "write to the seller".into(),
                Recipient::Both => "write to both".into(),
            },
            Self::Ask(_, template) => template.title.clone(),
            Self::Contest(_, contest) => contest.name(),
            Self::Retry(_) => "try again".into(),
            Self::Drop(_) => "give up".into(),
            Self::Acknowledge(_) => "I am on it".into(),
            Self::Resolve(_) => "it is handled".into(),
            Self::Overturn(_, by) => format!("take back what {by} decided"),
            Self::Approve(_) => "say yes, and it is done".into(),
            Self::Refuse(_) => "say no".into(),
            Self::TakeRequestBack(_) => "take your request back".into(),
            Self::LetGoOn(_) => "let it go on".into(),
            Self::ReleasePayout(_) => "release the money".into(),
            Self::KeepPayout(_) => "keep it".into(),
            Self::PauseLane(_) => "pause it".into(),
            Self::ResumeLane(_) => "let it go on".into(),
            Self::Theme(theme) => match theme {
                Some(ThemeName::Dark) => "dark: for a dark ground".into(),
                Some(ThemeName::Light) => "light: for a light ground".into(),
                Some(ThemeName::Contrast) => "contrast: bold, underlined, reversed".into(),
                Some(ThemeName::Mono) => "mono: no colours".into(),
                None => "what the terminal says".into(),
            },
            Self::Ascii(true) => "nothing but ASCII".into(),
            Self::Ascii(false) => "all signs".into(),
            Self::OwnKeys => "other keys for commands".into(),
            Self::HouseKeys => "the house's keys again".into(),
            Self::KeepView { slot, was: None, .. } => format!("keep it as {slot}"),
            Self::KeepView { was: Some(was), .. } => format!("in place of {was}"),
        }
    }

    /// Does it; gives what was done, in words.
    ///
    /// # Errors
    /// What the command says.
    pub async fn perform(&self, house: &House, actor: &Actor, words: &str) -> commands::Result<String> {
        match self {
            // Acts on a case go through the outbox of acts (see `update::deed`).
            Self::Escalate(..) | Self::Skip(..) | Self::Tell(..) | Self::Overturn(..) => Ok(String::new()),
            Self::Ask(target, template) => {
                let ask = authenticity::Ask {
                    case: target.case,
                    version: target.version,
                    template: template.name.clone(),
                    detail: words.to_owned(),
                    again: false,
                };
                let asked = authenticity::ask(house, actor, &ask).await?;
                Ok(format!("{} was asked, {}", target.brand, due_words(asked.until, house.clock.now())))
            }
            Self::Contest(target, contest) => contest.perform(house, actor, target, words).await,
            Self::Retry(id) => {
                let done = effect::retry(house, actor, &[*id]).await?;
                Ok(if done.is_empty() { "It is not dead any more" } else { "It is tried again now" }.into())
            }
            Self::Drop(id) => {
                let done = effect::drop(house, actor, &[*id], words).await?;
                Ok(if done.is_empty() { "It is not waiting any more" } else { "Given up" }.into())
            }
            Self::Acknowledge(id) => {
                page::acknowledge(house, actor, *id).await?;
                Ok("Yours: it climbs no further".into())
            }
            Self::Resolve(id) => {
                page::resolve(house, actor, *id).await?;
                Ok("Handled".into())
            }
            Self::Approve(id) => {
                let answered = approval::approve(house, actor, *id, words).await?;
                Ok(format!("Approved and done: {}", answered.words))
            }
            Self::Refuse(id) => {
                let answered = approval::refuse(house, actor, *id, words).await?;
                Ok(format!("Refused, nothing was done: {}", answered.words))
            }
            Self::TakeRequestBack(id) => {
                let answered = approval::refuse(house, actor, *id, words).await?;
                Ok(format!("Your request is taken back: {}", answered.words))
            }
            Self::LetGoOn(guarded) => {
                let waits = automatic::close(house, actor, guarded, words).await?;
                Ok(format!("Waits for a second person: {}", waits.cause.because()))
            }
            Self::ReleasePayout(seller) => {
                penalty::answer_payout(house, actor, seller, true, words).await?;
                Ok("The money is free; seller and marketplace are told".into())
            }
            Self::KeepPayout(seller) => {
                penalty::answer_payout(house, actor, seller, false, words).await?;
                Ok("Kept back, and the seller is told".into())
            }
            Self::PauseLane(lane) => {
                let done = lane::pause(house, actor, *lane, words).await?;
                Ok(if done {
                    format!("{lane} is paused: nothing more is begun")
                } else {
                    format!("{lane} was paused already")
                })
            }
            Self::KeepView { slot, .. } if words.is_empty() => {
                let was = view::forget(house, actor, *slot).await?;
                Ok(if was { format!("{slot} is free") } else { format!("{slot} was free") })
            }
            Self::KeepView { slot, ask, .. } => {
                let kept = view::keep(house, actor, *slot, words, &ask.words()).await?;
                Ok(format!("Kept as {}: {}", kept.slot, kept.name))
            }
            Self::Theme(_) | Self::Ascii(_) | Self::OwnKeys | Self::HouseKeys => {
                preferences::set(house, actor, actor.id(), |kept| self.preferred(kept, words)).await?;
                Ok(match self {
                    Self::Theme(Some(theme)) => format!("Kept: {theme}, wherever you sit"),
                    Self::Theme(None) => "Kept: the colours that the terminal says, wherever you sit".into(),
                    Self::Ascii(_) => format!("Kept: {}, wherever you sit", self.name()),
                    Self::OwnKeys => "Kept: your keys, wherever you sit".into(),
                    _ => "The house's keys".into(),
                })
            }
            Self::ResumeLane(lane) => {
                let done = lane::resume(house, actor, *lane).await?;
                Ok(if done { format!("{lane} goes on") } else { format!("{lane} was not paused") })
            }
        }
    }
    /// What is to be kept about the console once this is done; as it was for other deeds.
    ///
    /// # Errors
    /// Refused as [`own::put`] does.
    pub fn preferred(&self, kept: &Preferences, words: &str) -> Result<Preferences, Refused> {
        let mut now = kept.clone();
        match self {
            Self::Theme(theme) => now.theme = *theme,
            Self::Ascii(ascii) => now.ascii = *ascii,
            Self::OwnKeys => now.keys = own::put(&kept.keys, words)?,
            Self::HouseKeys => now.keys.clear(),
            _ => {}
        }
        Ok(now)
    }
}
