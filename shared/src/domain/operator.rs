//! Who works here, and who may do what: one table, deny by default.

pub mod key;
pub mod preferences;

use super::{escalation::Desk, ids::OperatorId, words::words};

words! {
    /// What an operator is here for.
    Role {
        /// Decides cases.
        Moderator = "moderator",
        /// Decides cases, and overturns others' decisions.
        Senior = "senior",
        /// Looks after queues, dead letters and workers; decides nothing.
        OnCall = "on_call",
        /// Looks after staff, brands and policy; decides nothing.
        Admin = "admin",
        /// Reads everything, changes nothing.
        Auditor = "auditor",
    }
}

words! {
    /// Something that not everybody may do.
    Permission {
        /// See the queue, cases and the audit record.
        Read = "read",
        /// Lease, decide, hold, hand over, and undo one's own decisions.
        Decide = "decide",
        /// Approve or refuse what somebody else asks for and one person may not do alone.
        Approve = "approve",
        /// Undo somebody else's decision; take a case from its holder.
        Overturn = "overturn",
        /// Retry and drop effects.
        RunEffects = "run_effects",
        /// Acknowledge and resolve pages; whoever is on call may, whatever their role.
        AnswerPages = "answer_pages",
        /// Add and disable operators, say who is on call.
        ManageStaff = "manage_staff",
        /// Load brands, rights, sellers, listings and notices.
        Import = "import",
        /// Change the numbers of policy.
        ManagePolicy = "manage_policy",
        /// Add golden cases and retire them.
        KeepGolden = "keep_golden",
        /// See how everybody's decisions agree, and what was passed over.
        ReadQuality = "read_quality",
        /// Invite, warn and suspend brands, and name their account managers.
        ManageBrands = "manage_brands",
    }
}

impl Role {
    /// As people write it: `on-call`.
    #[must_use]
    pub fn title(self) -> String {
        self.as_str().replace('_', "-")
    }

    /// Somebody of this role, in a sentence: `an admin`.
    #[must_use]
    pub fn somebody(self) -> String {
        match self {
            Self::OnCall => "somebody on call".to_owned(),
            Self::Admin | Self::Auditor => format!("an {}", self.as_str()),
            Self::Moderator | Self::Senior => format!("a {}", self.as_str()),
        }
    }

    /// The table. A test prints it.
    #[must_use]
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Moderator => matches!(permission, P::Read | P::Decide),
            Self::Senior => matches!(
                permission,
                P::Read
                    | P::Decide
                    | P::Approve
                    | P::Overturn
                    | P::RunEffects
                    | P::AnswerPages
                    | P::KeepGolden
                    | P::ReadQuality
            ),
            Self::OnCall => matches!(permission, P::Read | P::RunEffects | P::AnswerPages),
            Self::Admin => {
                matches!(
                    permission,
                    P::Read
                        | P::ManageStaff
                        | P::Import
                        | P::ManagePolicy
                        | P::ManageBrands
                        | P::KeepGolden
                        | P::ReadQuality
                )
            }
            Self::Auditor => matches!(permission, P::Read | P::ReadQuality),
        }
    }
}

/// A person who works here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The account they sign in with.
    pub id: OperatorId,
    /// Their name.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// Whether they may sign in.
    pub enabled: bool,
    /// The desks whose cases they decide.
    pub desks: Vec<Desk>,
    /// Whom they work with every day, by name: 1 to 40 characters. Taking back a decision of one's own team takes two.
    pub team: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_do_what() {
        let mut table = format!("{:<14}", "");
        for role in Role::ALL {
            table += &format!("{role:<10}");
        }
        for permission in Permission::ALL {
            table += &format!("\n{permission:<14}");
            for role in Role::ALL {
                table += &format!("{:<10}", if role.may(*permission) { "yes" } else { "." });
            }
        }
        insta::assert_snapshot!(table.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"), @r"
                      moderator senior    on_call   admin     auditor
        read          yes       yes       yes       yes       yes
        decide        yes       yes       .         .         .
        approve       .         yes       .         .         .
        overturn      .         yes       .         .         .
        run_effects   .         yes       yes       .         .
        answer_pages  .         yes       yes       .         .
        manage_staff  .         .         .         yes       .
        import        .         .         .         yes       .
        manage_policy .         .         .         yes       .
        keep_golden   .         yes       .         yes       .
        read_quality  .         yes       .         yes       yes
        manage_brands .         .         .         yes       .
        ");
    }
}
