//! The numbers of asking, as data.

use serde::{Deserialize, Serialize};

use super::{Silence, Template};
use crate::domain::{
    brand::Tier,
    calendar::Calendar,
    policy::Sla,
    refused::{Fault, Refused},
    time::Time,
};

/// How rights holders are asked, how long they have, and what silence means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AskingPolicy {
    /// How long a rights holder has to answer. Default 4 working days (Mercado Libre gives 3 to 4).
    pub answer: Sla,
    /// How long after that its link still takes an answer that can change something. Default 10 working days.
    pub late: Sla,
    /// What follows when no answer comes, by tier.
    pub on_silence: OnSilence,
    /// Hours by which *counterfeit* moves a case forward in the queue. Default 48: more than any single cause of the rank.
    pub counterfeit_hours: u32,
    /// Days after a refusal in review in which a corrected notice keeps its first place in the queue. Default 14.
    pub resubmit_days: u32,
    /// The questions that moderators choose from.
    pub templates: Vec<Template>,
}

/// What follows when no answer comes, by tier: whoever is believed most, is believed longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OnSilence {
    /// Default: the listing stays up.
    pub unverified: Silence,
    /// Default: a moderator decides.
    pub standard: Silence,
    /// Default: a moderator decides.
    pub good_faith: Silence,
    /// Default: the listing is hidden from sale.
    pub joint_force: Silence,
    /// Default: the listing is hidden from sale.
    pub trusted_flagger: Silence,
    /// Default: the listing stays up.
    pub suspended: Silence,
}

impl Default for OnSilence {
    fn default() -> Self {
        Self {
            unverified: Silence::KeepUp,
            standard: Silence::Moderator,
            good_faith: Silence::Moderator,
            joint_force: Silence::Pause,
            trusted_flagger: Silence::Pause,
            suspended: Silence::KeepUp,
        }
    }
}

impl OnSilence {
    /// What follows the silence of a brand of this tier.
    #[must_use]
    pub const fn of(&self, tier: Tier) -> Silence {
        match tier {
            Tier::Unverified => self.unverified,
            Tier::Standard => self.standard,
            Tier::GoodFaith => self.good_faith,
            Tier::JointForce => self.joint_force,
            Tier::TrustedFlagger => self.trusted_flagger,
            Tier::Suspended => self.suspended,
        }
    }
}

impl Default for AskingPolicy {
    fn default() -> Self {
        Self {
            answer: Sla::WorkingDays(4),
            late: Sla::WorkingDays(10),
            on_silence: OnSilence::default(),
            counterfeit_hours: 48,
            resubmit_days: 14,
            templates: Template::shipped(),
        }
    }
}

/// The clocks of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// When the reminder goes out.
    pub remind: Time,
    /// When the answer is due.
    pub until: Time,
    /// When the link in the letter ends.
    pub link_until: Time,
}

impl AskingPolicy {
    /// The clocks of a request made at `asked`. Half time is counted in whole working days where there are two or more,
    /// so that no reminder comes on a Sunday.
    #[must_use]
    pub fn clocks(&self, calendar: &Calendar, asked: Time) -> Clocks {
        let until = calendar.due(self.answer, asked);
        let remind = match self.answer {
            Sla::WorkingDays(days @ 2..) => calendar.add_working_days(asked, days / 2),
            _ => Time(asked.0 + until.since(asked) / 2),
        };
        Clocks { remind: remind.min(until), until, link_until: calendar.due(self.late, until) }
    }

    /// The template of this name.
    ///
    /// # Errors
    /// Refused with the names there are.
    pub fn template(&self, name: &str) -> Result<&Template, Refused> {
        self.templates.iter().find(|template| template.name == name).ok_or_else(|| {
            let names: Vec<&str> = self.templates.iter().map(|template| template.name.as_str()).collect();
            let name = crate::domain::notice::quoted(name);
            Refused::one("template", format!("{name} is no question"), format!("Use one of {}.", names.join(", ")))
        })
    }

    /// Checks a policy that came from outside.
    ///
    /// # Errors
    /// Every fault, with field and fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = Vec::new();
        if matches!(self.answer, Sla::WorkingDays(0) | Sla::Hours(0) | Sla::Minutes(0)) {
            faults.push(Fault::new("asking.answer", "nobody can answer in no time", "Give at least one working day."));
        }
        if self.counterfeit_hours > 24 * 365 {
            let fix = "Give at most 8760 hours, a year.";
            faults.push(Fault::new("asking.counterfeit_hours", "it is longer than a year", fix));
        }
        if self.templates.is_empty() {
            let fix = "Give at least one template with name, title and text.";
            faults.push(Fault::new("asking.templates", "there is no question to ask", fix));
        }
        for (n, template) in self.templates.iter().enumerate() {
            let field = format!("asking.templates[{n}]");
            faults.extend(template.faults(&field));
            if self.templates.iter().take(n).any(|other| other.name == template.name) {
                let problem = format!("the name {:?} is there twice", template.name);
                faults.push(Fault::new(format!("{field}.name"), problem, "Give each template a name of its own."));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse::<jiff::Timestamp>().unwrap().into()
    }

    #[test]
    fn four_working_days_with_a_reminder_after_two() {
        let clocks = AskingPolicy::default().clocks(&Calendar::default(), at("2026-06-04T10:00:00Z")); // a Thursday
        assert_eq!(clocks.remind, at("2026-06-08T10:00:00Z"), "Monday, not Saturday");
        assert_eq!(clocks.until, at("2026-06-10T10:00:00Z"));
        assert_eq!(clocks.link_until, at("2026-06-24T10:00:00Z"));
    }

    #[test]
    fn a_single_day_and_a_clock_of_hours_are_halved_by_the_clock() {
        for (answer, remind) in [(Sla::Hours(6), "2026-06-04T13:00:00Z"), (Sla::WorkingDays(1), "2026-06-04T22:00:00Z")]
        {
            let policy = AskingPolicy { answer, ..AskingPolicy::default() };
            assert_eq!(policy.clocks(&Calendar::default(), at("2026-06-04T10:00:00Z")).remind, at(remind));
        }
    }

    #[test]
    fn the_defaults_hold_and_a_broken_policy_is_refused_with_every_fault() {
        assert_eq!(AskingPolicy::default().validate(), Ok(()));
        let mut broken: AskingPolicy = serde_json::from_str(
            r#"{"templates": [
                {"name": "a", "title": "A?", "text": "Is {title} by {nobody}?"}, {"name": "a", "title": "", "text": "{title"}]}"#,
        )
        .unwrap();
        broken.answer = Sla::Hours(0);
        let said = broken.validate().unwrap_err();
        let fields: Vec<&str> = said.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "asking.answer",
                "asking.templates[0].text",
                "asking.templates[1].title",
                "asking.templates[1].text",
                "asking.templates[1].name"
            ],
            "{said}"
        );
        assert!(serde_json::from_str::<AskingPolicy>(r#"{"anwser": "1 h"}"#).is_err(), "a misspelt field");
    }
}
