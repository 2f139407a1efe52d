//! The register's rules for a statement, all of them checked, each fault with its fix. Stricter than the register in
//! what it would drop without a word: a text for a choice that was not made.

use super::{
    Statement,
    codes::{self, List},
    personal,
};
use crate::domain::{
    notice::is_web_address,
    refused::{Fault, Refused},
};

/// Characters of a short text.
pub(super) const SHORT: usize = 500;
/// Characters of an explanation.
pub(super) const LONG: usize = 2000;
/// Characters of the facts.
pub(super) const FACTS: usize = 5000;
/// The first and last day of a content's date.
const CONTENT_DAYS: (&str, &str) = ("2000-01-01", "2038-01-01");
/// The first and last day of a restriction.
const APPLICATION_DAYS: (&str, &str) = ("2020-01-01", "2038-01-01");

impl Statement {
    /// Whether the register would take it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut check = Check(vec![]);
        self.decisions(&mut check);
        self.ground(&mut check);
        self.content(&mut check);
        self.days(&mut check);
        self.source(&mut check);
        self.people(&mut check);
        if check.0.is_empty() { Ok(()) } else { Err(Refused { faults: check.0 }) }
    }

    fn decisions(&self, check: &mut Check) {
        if self.decision_visibility.is_empty()
            && self.decision_monetary.is_none()
            && self.decision_provision.is_none()
            && self.decision_account.is_none()
        {
            check.fault(
                "decision_visibility",
                "nothing is restricted",
                "Say what is: visibility, money, service or account.",
            );
        }
        check.codes("decision_visibility", &self.decision_visibility, List::Visibility);
        check.maybe_code("decision_monetary", self.decision_monetary.as_deref(), List::Monetary);
        check.maybe_code("decision_provision", self.decision_provision.as_deref(), List::Provision);
        check.maybe_code("decision_account", self.decision_account.as_deref(), List::Account);
        check.maybe_code("account_type", self.account_type.as_deref(), List::AccountType);
        let other = has(&self.decision_visibility, "DECISION_VISIBILITY_OTHER");
        check.text_if(other, "decision_visibility_other", self.decision_visibility_other.as_deref(), SHORT);
        let other = self.decision_monetary.as_deref() == Some("DECISION_MONETARY_OTHER");
        check.text_if(other, "decision_monetary_other", self.decision_monetary_other.as_deref(), SHORT);
    }

    fn ground(&self, check: &mut Check) {
        check.code("decision_ground", &self.decision_ground, List::Ground);
        let illegal = self.decision_ground == "DECISION_GROUND_ILLEGAL_CONTENT";
        check.text_if(illegal, "illegal_content_legal_ground", self.illegal_content_legal_ground.as_deref(), SHORT);
        check.text_if(illegal, "illegal_content_explanation", self.illegal_content_explanation.as_deref(), LONG);
        let against = self.decision_ground == "DECISION_GROUND_INCOMPATIBLE_CONTENT";
        check.text_if(against, "incompatible_content_ground", self.incompatible_content_ground.as_deref(), SHORT);
        check.text_if(
            against,
            "incompatible_content_explanation",
            self.incompatible_content_explanation.as_deref(),
            LONG,
        );
        if let Some(also) = &self.incompatible_content_illegal {
            if !against {
                check.fault("incompatible_content_illegal", "the ground is not the terms", "Leave it out.");
            }
            check.yes_or_no("incompatible_content_illegal", also);
        }
        if self
            .decision_ground_reference_url
            .as_deref()
            .is_some_and(|url| !is_web_address(url) || is_longer(url, SHORT))
        {
            check.fault(
                "decision_ground_reference_url",
                format!("it is no web address of at most {SHORT} characters"),
                "Give an https:// address, or none.",
            );
        }
    }

    fn content(&self, check: &mut Check) {
        check.code("category", &self.category, List::Category);
        check.codes("category_addition", &self.category_addition, List::Category);
        check.codes("category_specification", &self.category_specification, List::Keyword);
        let other = self.category_specification_other.as_deref();
        if other.is_some() {
            let chosen = has(&self.category_specification, "KEYWORD_OTHER");
            check.text_if(chosen, "category_specification_other", other, SHORT);
        }
        if self.content_type.is_empty() {
            check.fault("content_type", "it is missing", "Name at least one type of content.");
        }
        check.codes("content_type", &self.content_type, List::ContentType);
        let other = has(&self.content_type, "CONTENT_TYPE_OTHER");
        check.text_if(other, "content_type_other", self.content_type_other.as_deref(), SHORT);
        let language = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
        if self.content_language.as_deref().is_some_and(|text| !language(text)) {
            check.fault("content_language", "it is no ISO 639-1 code in capitals", "Write DE, not de or deu.");
        }
        for (kind, id) in &self.content_id {
            if kind != "EAN-13" || id.len() != 13 || !id.bytes().all(|b| b.is_ascii_digit()) {
                check.fault("content_id", "it is no EAN-13 of 13 digits", "Give the 13 digits, or none.");
            }
        }
        for place in &self.territorial_scope {
            if !codes::is_eea(place) {
                let problem = format!("{place:?} is no country of the European Economic Area");
                check.fault("territorial_scope", problem, "Name its countries by two letters, GR for Greece.");
            }
        }
    }

    fn days(&self, check: &mut Check) {
        check.day("content_date", &self.content_date, CONTENT_DAYS);
        check.day("application_date", &self.application_date, APPLICATION_DAYS);
        for (field, day, restricted) in [
            ("visibility", &self.end_date_visibility_restriction, !self.decision_visibility.is_empty()),
            ("monetary", &self.end_date_monetary_restriction, self.decision_monetary.is_some()),
            ("service", &self.end_date_service_restriction, self.decision_provision.is_some()),
            ("account", &self.end_date_account_restriction, self.decision_account.is_some()),
        ] {
            let Some(day) = day else { continue };
            let field = format!("end_date_{field}_restriction");
            check.day(&field, day, APPLICATION_DAYS);
            if !restricted {
                check.fault(&field, "nothing of the kind is restricted", "Leave it out.");
            } else if *day < self.application_date {
                check.fault(
                    &field,
                    "it is before the application date",
                    "Give a day on which the restriction applies.",
                );
            }
        }
    }

    fn source(&self, check: &mut Check) {
        check.text_if(true, "decision_facts", Some(&self.decision_facts), FACTS);
        check.code("source_type", &self.source_type, List::Source);
        if let Some(identity) = &self.source_identity {
            check.text_if(self.source_type != "SOURCE_VOLUNTARY", "source_identity", Some(identity), SHORT);
        }
        check.yes_or_no("automated_detection", &self.automated_detection);
        check.code("automated_decision", &self.automated_decision, List::Automation);
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if self.puid.is_empty() || self.puid.len() > SHORT || !plain(&self.puid) {
            check.fault(
                "puid",
                format!("it is not 1 to {SHORT} letters, digits, - and _"),
                "Make a new one; none is ever used again.",
            );
        }
    }

    fn people(&self, check: &mut Check) {
        for (field, text) in self.texts() {
            if let Some((kind, _)) = personal::find(text).first() {
                check.fault(field, format!("it holds {}", kind.words()), "Say it without naming a person.");
            }
        }
    }

    /// The texts in people's words, where personal data could hide.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("decision_visibility_other", self.decision_visibility_other.as_deref()),
            ("decision_monetary_other", self.decision_monetary_other.as_deref()),
            ("illegal_content_legal_ground", self.illegal_content_legal_ground.as_deref()),
            ("illegal_content_explanation", self.illegal_content_explanation.as_deref()),
            ("incompatible_content_ground", self.incompatible_content_ground.as_deref()),
            ("incompatible_content_explanation", self.incompatible_content_explanation.as_deref()),
            ("category_specification_other", self.category_specification_other.as_deref()),
            ("content_type_other", self.content_type_other.as_deref()),
            ("decision_facts", Some(self.decision_facts.as_str())),
            ("source_identity", self.source_identity.as_deref()),
        ]
        .into_iter()
        .filter_map(|(field, text)| Some((field, text?)))
    }
}

fn has(codes: &[String], wanted: &str) -> bool {
    codes.iter().any(|code| code == wanted)
}

fn is_longer(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().count() > max
}

/// The faults found so far.
struct Check(Vec<Fault>);

impl Check {
    fn fault(&mut self, field: &str, problem: impl Into<String>, fix: &str) {
        self.0.push(Fault::new(field, problem, fix));
    }

    fn code(&mut self, field: &str, code: &str, list: List) {
        if code.is_empty() {
            self.fault(field, "it is missing", "Choose one of the register's codes.");
        } else if list.words(code).is_none() {
            let problem = format!("{:?} is no code of the register", code.chars().take(80).collect::<String>());
            self.fault(field, problem, "Choose one of the codes in shared/data/dsa_sor_schema.json.");
        }
    }

    fn maybe_code(&mut self, field: &str, code: Option<&str>, list: List) {
        if let Some(code) = code {
            self.code(field, code, list);
        }
    }

    fn codes(&mut self, field: &str, codes: &[String], list: List) {
        for (n, code) in codes.iter().enumerate() {
            self.code(field, code, list);
            if codes[..n].contains(code) {
                self.fault(field, format!("{code:?} is named twice"), "Name it once.");
            }
        }
    }

    /// A text that must be there if `wanted`, and must not be otherwise.
    fn text_if(&mut self, wanted: bool, field: &str, text: Option<&str>, max: usize) {
        match text.map(str::trim) {
            None | Some("") if wanted => {
                self.fault(field, "it is missing", "Say it; the choice beside it asks for it.")
            }
            Some(_) if !wanted => {
                self.fault(field, "nothing chosen asks for it", "Leave it out, or choose what it explains.")
            }
            Some(text) if is_longer(text, max) => {
                self.fault(field, format!("it is longer than {max} characters"), "Say it shorter.");
            }
            _ => {}
        }
    }

    fn yes_or_no(&mut self, field: &str, text: &str) {
        if !matches!(text, "Yes" | "No") {
            self.fault(field, "it is neither Yes nor No", "Write Yes or No.");
        }
    }

    fn day(&mut self, field: &str, day: &str, (first, last): (&str, &str)) {
        // Days of this form sort as text.
        let formed = day.len() == 10 && day.parse::<jiff::civil::Date>().is_ok();
        if !formed {
            self.fault(field, "it is no day", "Write it as 2026-06-01.");
        } else if day < first || day > last {
            self.fault(field, format!("it is not from {first} to {last}"), "Correct the date.");
        }
    }
}
