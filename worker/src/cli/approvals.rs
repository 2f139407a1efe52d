//! `approvals`: the second person, from the command line.

use clap::Subcommand;
use jointforce_shared::{
    account,
    commands::{Actor, House, approval, operator},
    config::exit,
    domain::{
        approval::ApprovalState,
        ids::{ApprovalId, OperatorId, SellerId},
        refused::Refused,
        time::{Time, due_words},
    },
    store::approvals::{self, Approval},
};
use serde_json::{Value, json};

use super::output::{cut, line, list, rest, safe};

/// What can be done with requests for a second person.
#[derive(Debug, Subcommand)]
pub enum ApprovalsCommand {
    /// List requests: those that wait, soonest over first; or all of a state, newest first.
    List {
        /// Those in this state instead: approved, refused, expired, void (or pending, newest first).
        #[arg(long)]
        state: Option<ApprovalState>,
        /// Only those before this id: the next page. With --state.
        #[arg(long, value_name = "ID", requires = "state")]
        before: Option<ApprovalId>,
        /// How many at most.
        #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
        /// Print JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show all of one request: exactly what would be done.
    Show {
        /// Which.
        id: ApprovalId,
    },
    /// Say yes: it is carried out at once, in the requester's name. Not for one's own requests.
    Approve {
        /// Which.
        id: ApprovalId,
        /// Why, for the record.
        #[arg(long, default_value = "")]
        words: String,
    },
    /// Say no; for one's own request, take it back.
    Refuse {
        /// Which.
        id: ApprovalId,
        /// Why; the requester reads it.
        #[arg(long)]
        words: String,
    },
    /// Ask to punish the sellers who share a payout account with this one as the worst of them is.
    Linked {
        /// One of them.
        seller: SellerId,
        /// Why they belong together.
        #[arg(long)]
        words: String,
    },
    /// Say in whose team an operator works: overturning a colleague takes two. For admins.
    Team {
        /// The operator.
        account: OperatorId,
        /// The team's name; none for no team.
        team: Option<String>,
    },
}

/// Does it.
pub async fn run(house: &House, command: ApprovalsCommand) -> anyhow::Result<u8> {
    let me = || account::current().map(Actor::Operator);
    let now = house.clock.now();
    match command {
        ApprovalsCommand::List { state, before, limit, json } => {
            let mut conn = house.db.read().await?;
            let mut found = match state {
                None => approvals::queue(&mut conn, None, limit + 1).await?,
                Some(_) => approvals::list(&mut conn, state, before, limit + 1).await?,
            };
            let more = cut(&mut found, limit);
            let nothing =
                if state.is_some() { "there are none in this state" } else { "nothing waits for a second person" };
            list(
                &found,
                nothing,
                |approval| if json { as_json(approval).to_string() } else { as_line(approval, now) },
            )?;
            if let Some(last) = found.last().filter(|_| more) {
                let how = if state.is_some() { format!("--before {}", last.id) } else { "a higher --limit".to_owned() };
                rest(json, &format!("more: {how}"))?;
            }
        }
        ApprovalsCommand::Show { id } => {
            let found = approvals::get(&mut house.db.read().await?, id).await?;
            let approval =
                found.ok_or_else(|| Refused::one("id", format!("{id} is no request here"), "See `approvals list`."))?;
            line(&serde_json::to_string_pretty(&as_json(&approval))?)?;
        }
        ApprovalsCommand::Approve { id, words } => {
            let done = approval::approve(house, &me()?, id, &words).await?;
            line(&format!("approved and done: {}", done.words))?;
        }
        ApprovalsCommand::Refuse { id, words } => {
            let done = approval::refuse(house, &me()?, id, &words).await?;
            line(&format!("not done: {}", done.words))?;
        }
        ApprovalsCommand::Linked { seller, words } => {
            let waits = approval::punish_linked(house, &me()?, &seller, &words).await?;
            line(&format!("{} waits for a second person, because {}", waits.approval, waits.cause.because()))?;
        }
        ApprovalsCommand::Team { account, team } => {
            operator::set_team(house, &me()?, &account, team.as_deref()).await?;
            line(&match team {
                Some(team) => format!("{account} works in {}", safe(&team, 40)),
                None => format!("{account} works in no team"),
            })?;
        }
    }
    Ok(exit::OK)
}

fn as_line(approval: &Approval, now: Time) -> String {
    let when = match &approval.answered {
        None => due_words(approval.expires, now),
        Some((by, at)) => format!("{} by {by} on {at}", approval.state),
    };
    let answer = if approval.answer.is_empty() { String::new() } else { format!(": {}", safe(&approval.answer, 100)) };
    format!("{}  {:<20} {}  {when}{answer}", approval.id, approval.by.as_str(), safe(&approval.wanted.words(), 120))
}

fn as_json(approval: &Approval) -> Value {
    json!({
        "id": approval.id,
        "cause": approval.cause,
        "because": approval.cause.because(),
        "words": approval.wanted.words(),
        "request": approval.wanted,
        "digest": approval.digest,
        "requested_by": approval.by,
        "requested": approval.at.to_string(),
        "expires": approval.expires.to_string(),
        "state": approval.state,
        "answered_by": approval.answered.as_ref().map(|(by, _)| by),
        "answered": approval.answered.as_ref().map(|(_, at)| at.to_string()),
        "answer": approval.answer,
    })
}
