//! The note that one shift leaves for the next: what waits, and for whom.

use super::{
    escalation::Desk,
    ids::{ApprovalId, BrandId, CaseId, EffectId, ListingId, OperatorId},
    page::{Page, State},
    safe_text::SafeText,
    time::{Time, due_words, span_words},
};

/// Entries of each list that a note holds.
pub const LIST: usize = 50;

/// A case that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Which.
    pub case: CaseId,
    /// Whose claims.
    pub brand: BrandId,
    /// On which listing.
    pub listing: ListingId,
    /// Its deadline.
    pub due: Time,
    /// The desk that has it.
    pub desk: Option<Desk>,
    /// Whom it was handed to.
    pub assigned: Option<OperatorId>,
    /// Who holds it, until when and why: text of a colleague, not clean.
    pub held: Option<(OperatorId, Time, String)>,
}

/// An effect that nobody carries out any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dead {
    /// Which.
    pub effect: EffectId,
    /// Its kind.
    pub kind: String,
    /// What went wrong last: text of strangers, not clean.
    pub why: String,
}

/// What a second person has to approve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The request.
    pub approval: ApprovalId,
    /// What is asked for, in words.
    pub what: String,
    /// Who asks.
    pub by: OperatorId,
    /// When nobody may approve it any more.
    pub expires: Time,
}

/// The note. Each list has at most [`LIST`] entries, the most urgent ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShiftNote {
    /// Who was on call at level 1, if the rota says so.
    pub who: Option<OperatorId>,
    /// When the shift began.
    pub since: Time,
    /// When the note was made.
    pub at: Time,
    /// Cases past their deadline.
    pub late: Vec<Waiting>,
    /// How many of those that still wait fell due in this shift; counting stops at 1,000.
    pub late_in_shift: i64,
    /// Cases whose deadline is near (see [`super::page::OnCallPolicy::sla`]).
    pub near: Vec<Waiting>,
    /// Cases that somebody holds.
    pub held: Vec<Waiting>,
    /// Cases at a desk.
    pub escalated: Vec<Waiting>,
    /// Requests that wait for a second person.
    pub approvals: Vec<Asked>,
    /// Effects that wait for a person.
    pub dead: Vec<Dead>,
    /// Effects that are due for more than a minute; counting stops at 10,000.
    pub stuck: i64,
    /// Pages that are not resolved.
    pub pages: Vec<Page>,
    /// Pages that were raised in this shift.
    pub raised: i64,
    /// Pages that ended in this shift.
    pub resolved: i64,
}

impl ShiftNote {
    /// The note as people read it, clean.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let who = self.who.as_ref().map_or_else(|| "Nobody was on call".to_owned(), |who| format!("Shift of {who}"));
        let length = span_words(self.at.since(self.since));
        let mut lines = vec![format!("{who} since {} ({length}), noted {}", self.since, self.at)];
        lines.push(format!("pages: {} raised, {} ended in this shift", self.raised, self.resolved));
        self.list(&mut lines, "not resolved", &self.pages, |page| self.page(page));
        self.list(&mut lines, "cases past their deadline", &self.late, |case| self.case(case));
        if self.late_in_shift > 0 {
            lines.push(format!("  {} of all that are late fell due in this shift", self.late_in_shift));
        }
        self.list(&mut lines, "cases near their deadline", &self.near, |case| self.case(case));
        self.list(&mut lines, "cases on hold", &self.held, |case| self.case(case));
        self.list(&mut lines, "cases at a desk", &self.escalated, |case| self.case(case));
        self.list(&mut lines, "requests for a second person", &self.approvals, |asked| {
            let what = SafeText::line(&asked.what, 100);
            format!(
                "{} {what}, asked by {}, over in {}",
                asked.approval,
                asked.by,
                span_words(asked.expires.since(self.at).max(0))
            )
        });
        self.list(&mut lines, "effects that are dead", &self.dead, |dead| {
            format!("{} {}: {}", dead.effect, SafeText::line(&dead.kind, 20), SafeText::line(&dead.why, 100))
        });
        if self.stuck > 0 {
            lines.push(format!("effects due for more than a minute: {}", self.stuck));
        }
        lines
    }

    fn list<T>(&self, lines: &mut Vec<String>, what: &str, entries: &[T], line: impl Fn(&T) -> String) {
        let count = if entries.len() == LIST { format!("{LIST} or more") } else { entries.len().to_string() };
        lines.push(format!("{what}: {count}"));
        lines.extend(entries.iter().map(|entry| format!("  {}", line(entry))));
    }

    fn case(&self, case: &Waiting) -> String {
        let mut line = format!("{} {} on {}, {}", case.case, case.brand, case.listing, due_words(case.due, self.at));
        if let Some(desk) = case.desk {
            line += &format!(", at the {} desk", desk.title());
        }
        if let Some(to) = &case.assigned {
            line += &format!(", handed to {to}");
        }
        if let Some((by, until, why)) = &case.held {
            let left = span_words(until.since(self.at).max(0));
            line += &format!(", held by {by} for another {left}: {}", SafeText::line(why, 80));
        }
        line
    }

    fn page(&self, page: &Page) -> String {
        let state = match &page.state {
            State::Acknowledged { by, .. } => format!("{by} is on it"),
            _ => format!("nobody is on it, level {}", page.level),
        };
        let age = span_words(self.at.since(page.raised));
        format!("{} {} {}, {age} old, {state}", page.id, page.severity, SafeText::line(&page.summary, 120))
    }
}

#[cfg(test)]
mod tests {
    use ulid::Ulid;

    use super::*;
    use crate::domain::{
        ids::PageId,
        page::{PageKind, Severity},
    };

    #[test]
    fn a_note_says_what_waits_and_for_whom() {
        let case = |held| Waiting {
            case: CaseId::from_ulid(Ulid(1)),
            brand: "acme".parse().unwrap(),
            listing: "item-1".parse().unwrap(),
            due: Time(Time::HOUR),
            desk: Some(Desk::Legal),
            assigned: None,
            held,
        };
        let page = Page {
            id: PageId::from_ulid(Ulid(2)),
            kind: PageKind::DeadEffects,
            key: "dead_effects".into(),
            summary: "1 effect is dead".into(),
            subject: "effects".into(),
            case: None,
            severity: Severity::Error,
            state: State::Open,
            level: 1,
            raised: Time(0),
            climbs: None,
        };
        let note = ShiftNote {
            who: Some("oda".parse().unwrap()),
            since: Time(0),
            at: Time(2 * Time::HOUR),
            late: vec![case(None)],
            late_in_shift: 1,
            near: vec![],
            held: vec![case(Some(("ann".parse().unwrap(), Time(3 * Time::HOUR), "asked\u{202e} Lea".into())))],
            escalated: vec![],
            approvals: vec![Asked {
                approval: ApprovalId::from_ulid(Ulid(4)),
                what: "close shop for ever".into(),
                by: "ann".parse().unwrap(),
                expires: Time(3 * Time::HOUR),
            }],
            dead: vec![Dead {
                effect: EffectId::from_ulid(Ulid(3)),
                kind: "mail_brand".into(),
                why: "no\nmailbox".into(),
            }],
            stuck: 0,
            pages: vec![page],
            raised: 4,
            resolved: 3,
        };
        insta::assert_snapshot!(note.lines().join("\n"), @r"
        Shift of oda since 1970-01-01T00:00:00Z (2h00m), noted 1970-01-01T02:00:00Z
        pages: 4 raised, 3 ended in this shift
        not resolved: 1
          00000000000000000000000002 error 1 effect is dead, 2h00m old, nobody is on it, level 1
        cases past their deadline: 1
          00000000000000000000000001 acme on item-1, overdue 1h00m, at the legal desk
          1 of all that are late fell due in this shift
        cases near their deadline: 0
        cases on hold: 1
          00000000000000000000000001 acme on item-1, overdue 1h00m, at the legal desk, held by ann for another 1h00m: asked‹U+202E› Lea
        cases at a desk: 0
        requests for a second person: 1
          00000000000000000000000004 close shop for ever, asked by ann, over in 1h00m
        effects that are dead: 1
          00000000000000000000000003 mail_brand: no⏎mailbox
        ");
    }
}
