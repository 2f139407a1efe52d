//! What ties together whatever happens on the way from a notice to a removal and to those who are told of it: one trace
//! for each case, as W3C's Trace Context has it (<https://www.w3.org/TR/trace-context/>).
//!
//! A case's trace is the case's own id, 128 bits that are never drawn twice, so nobody has to hand it on from the notice to
//! the decision days later, and whoever knows the case finds its trace.

use std::{fmt, str::FromStr};

use ulid::Ulid;

use super::ids::{CaseId, EffectId, NoticeId, PageId, StatementId};

/// The id of a trace: 32 hexadecimal digits, not all of them 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace(u128);

impl Trace {
    /// Of everything about a case.
    #[must_use]
    pub fn of_case(case: CaseId) -> Self {
        Self::of(case.ulid())
    }

    /// Of what is about a notice and none of its cases.
    #[must_use]
    pub fn of_notice(notice: NoticeId) -> Self {
        Self::of(notice.ulid())
    }

    /// Of what calls somebody about no case: all its ways, levels and changes.
    #[must_use]
    pub fn of_page(page: PageId) -> Self {
        Self::of(page.ulid())
    }

    /// Of an effect that is about none of these, and follows from no other.
    #[must_use]
    pub fn of_effect(effect: EffectId) -> Self {
        Self::of(effect.ulid())
    }

    fn of(ulid: Ulid) -> Self {
        Self(ulid.0.max(1))
    }

    /// Of a statement of reasons that no case led to, and of a call that carries statements of several cases: by the first.
    #[must_use]
    pub fn of_statement(statement: StatementId) -> Self {
        Self::of(statement.ulid())
    }

    /// The `traceparent` header of the calls that carry an effect out: every attempt is a part of the same span.
    #[must_use]
    pub fn parent(self, effect: EffectId) -> String {
        self.at(effect.ulid())
    }

    /// The `traceparent` header of a call to the transparency register, by the first of the statements that it carries.
    #[must_use]
    pub fn parent_of_statements(self, first: StatementId) -> String {
        self.at(first.ulid())
    }

    fn at(self, id: Ulid) -> String {
        // The random end of the id; two of one trace have the same once in 2^64.
        let span = (id.0 as u64).max(1);
        format!("00-{self}-{span:016x}-01")
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Trace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let bits = u128::from_str_radix(text, 16).ok().filter(|bits| digits && *bits != 0);
        bits.map(Self).ok_or_else(|| "it is no trace: that is 32 hexadecimal digits, not all of them 0".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_written_as_the_recommendation_has_it_and_read_back() {
        let case: CaseId = "01JZ8Q4Y0N6T3X9V5B2C7D8E9F".parse().unwrap();
        let trace = Trace::of_case(case);
        assert_eq!(trace.to_string().len(), 32);
        assert_eq!(trace.to_string().parse(), Ok(trace));
        let parent = trace.parent("01JZ8Q4Y0N6T3X9V5B2C7D8E9G".parse().unwrap());
        let parts: Vec<&str> = parent.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [2, 32, 16, 2]);
        assert!(parent.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')), "{parent}");
        assert_eq!(parts[1], trace.to_string());
    }

    #[test]
    fn nothing_else_is_a_trace() {
        for text in [
            "",
            "0",
            "00000000000000000000000000000000",
            "+197f2b8f815d3d3eda95458e1d3a12f",
            "x97f2b8f815d3d3eda95458e1d3a12f0",
        ] {
            assert!(text.parse::<Trace>().is_err(), "{text:?}");
        }
        assert_eq!(Trace::of(Ulid(0)).to_string(), format!("{:032x}", 1), "an id of zeros has a trace too");
    }
}
