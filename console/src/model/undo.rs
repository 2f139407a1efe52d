//! What can be taken back.

use jointforce_shared::{
    domain::{
        decision::Verdict,
        ids::{ApprovalId, CaseId},
    },
    store::approvals::Approval,
};

use super::{Model, Target};

/// What one did that can be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// A decision, or one batch of them.
    Decisions {
        /// What was decided.
        verdict: Verdict,
        /// On which cases.
        targets: Vec<Target>,
    },
    /// What one asked of a second person.
    Request(ApprovalId),
}

impl Undo {
    fn is_about(&self, case: CaseId) -> bool {
        matches!(self, Self::Decisions { targets, .. } if targets.iter().any(|target| target.case == case))
    }
}

impl Model {
    /// The decision on a case can't be taken back any more, or is being taken back by itself.
    pub(crate) fn forget(&mut self, case: CaseId) {
        self.undo.retain_mut(|undo| match undo {
            Undo::Decisions { targets, .. } => {
                targets.retain(|target| target.case != case);
                !targets.is_empty()
            }
            Undo::Request(_) => true,
        });
    }

    /// These cases were not decided, a second person was asked instead. That stands where the decision stood: whoever takes
    /// back what they did last must not take back what they did before.
    pub(crate) fn asked_instead(&mut self, cases: &[CaseId], approval: ApprovalId) {
        let at = self.undo.iter().position(|undo| cases.iter().any(|case| undo.is_about(*case)));
        let (at, before) = (at.unwrap_or(self.undo.len()), self.undo.len());
        cases.iter().for_each(|case| self.forget(*case));
        // What is left of a batch was decided with it, and stays below.
        let is_left = self.undo.len() == before && at < before;
        let at = (at + usize::from(is_left)).min(self.undo.len());
        if !self.undo.contains(&Undo::Request(approval)) {
            self.undo.insert(at, Undo::Request(approval));
        }
    }

    /// A request is over, or taken back.
    pub(crate) fn forget_request(&mut self, approval: ApprovalId) {
        self.undo.retain(|undo| *undo != Undo::Request(approval));
    }

    /// One's own request about the open case, while it waits for a second person.
    pub fn own_request(&self) -> Option<ApprovalId> {
        let open = self.open.as_ref().filter(|_| self.board.is_none())?;
        let requests = &self.dossier(open.case)?.approvals;
        let mine = |request: &&Approval| {
            request.by == self.me.id && request.wanted.cases().iter().any(|seen| seen.case == open.case)
        };
        requests.iter().find(mine).map(|request| request.id)
    }

    /// How many decisions taking back takes back, if the newest of them is about this case.
    pub(crate) fn undone_with(&self, case: CaseId) -> usize {
        match self.undo.iter().rev().find(|undo| undo.is_about(case)) {
            Some(Undo::Decisions { targets, .. }) => targets.len(),
            _ => 1,
        }
    }
}
