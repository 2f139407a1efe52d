//! Which rules a counter-notice follows: by jurisdiction, as data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::{
    refused::{Fault, Refused},
    right::EU_STATES,
    term::Term,
    words::words,
};

words! {
    /// A set of rules for counter-notices.
    Regime {
        /// United States: 17 U.S.C. 512(g).
        Dmca = "dmca",
        /// China: E-Commerce Law art. 42 and 43.
        China = "china",
        /// European Union: an internal complaint, DSA art. 20.
        Eu = "eu",
        /// The marketplace's own rules.
        House = "house",
    }
}

words! {
    /// What a counter-notice must have beside its reason and explanation.
    Need {
        /// What was removed, in words.
        Material = "material",
        /// The statement of a good-faith belief that it was a mistake.
        GoodFaith = "good_faith",
        /// That statement under penalty of perjury.
        Perjury = "perjury",
        /// Full name.
        Name = "name",
        /// Postal address.
        Address = "address",
        /// Telephone number.
        Phone = "phone",
        /// Consent to the court's jurisdiction and to service of process.
        Consent = "consent",
        /// Signature.
        Signature = "signature",
        /// At least one piece of evidence.
        Evidence = "evidence",
    }
}

words! {
    /// What a brand's silence leads to.
    Silence {
        /// The listing is put back.
        PutBack = "put_back",
        /// A person rules.
        Review = "review",
    }
}

/// The rules of one regime.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The law, as letters cite it.
    pub law: String,
    /// What must be in it.
    pub needs: BTreeSet<Need>,
    /// The first counter-notice comes within this of the removal; `None` for any time.
    #[serde(default)]
    pub first_within: Option<Term>,
    /// Each later one comes within this of the end of the one before; `None` for any time.
    #[serde(default)]
    pub later_within: Option<Term>,
    /// Silence counts after this, from receipt.
    pub not_before: Term,
    /// What is put back for silence is put back within this, from receipt; the same unit as `not_before`.
    pub not_after: Term,
    /// What silence leads to.
    pub silence: Silence,
    /// Whether the brand may contest it by its word alone, so that a person rules. Otherwise only a suit stops it.
    pub may_reject: bool,
    /// Whether the brand gets the seller's address and telephone number, so that it can sue.
    pub shares_contact: bool,
}

/// The numbers of counter-notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CounterPolicy {
    /// Counter-notices a seller has against one case. Default 3 (Alibaba).
    pub chances: u32,
    /// United States. Default: put back after 10 to 14 business days without a suit (17 U.S.C. 512(g)(2)(C)).
    pub dmca: Rules,
    /// China. Default: put back after 15 days without a suit, within a day (E-Commerce Law art. 43).
    pub china: Rules,
    /// European Union. Default: the brand has 5 business days, then a person rules (DSA art. 20); 6 months to contest.
    pub eu: Rules,
    /// The marketplace's own. Default: first answer within 3 business days (Alibaba), later ones within 30 business
    /// days (Alibaba before 2022); the brand has 3 to 4 days, then it is put back (Mercado Libre).
    pub house: Rules,
    /// Which rules where: by the right's jurisdiction, or for a right of the whole world by the listing's territory.
    /// Default: US, CN, EU and its member states.
    pub jurisdictions: BTreeMap<String, Regime>,
    /// The rules everywhere else. Default `eu`: a person rules.
    pub elsewhere: Regime,
}

impl Default for CounterPolicy {
    fn default() -> Self {
        let mut jurisdictions: BTreeMap<String, Regime> =
            EU_STATES.iter().chain(&["EU"]).map(|state| ((*state).to_owned(), Regime::Eu)).collect();
        jurisdictions.insert("US".into(), Regime::Dmca);
        jurisdictions.insert("CN".into(), Regime::China);
        Self {
            chances: 3,
            dmca: Rules {
                law: "17 U.S.C. 512(g)".into(),
                needs: [
                    Need::Material,
                    Need::GoodFaith,
                    Need::Perjury,
                    Need::Name,
                    Need::Address,
                    Need::Phone,
                    Need::Consent,
                    Need::Signature,
                ]
                .into(),
                first_within: None,
                later_within: None,
                not_before: Term::BusinessDays(10),
                not_after: Term::BusinessDays(14),
                silence: Silence::PutBack,
                may_reject: false,
                shares_contact: true,
            },
            china: Rules {
                law: "E-Commerce Law of China, art. 43".into(),
                needs: [Need::GoodFaith, Need::Name, Need::Address, Need::Phone, Need::Evidence, Need::Signature]
                    .into(),
                first_within: None,
                later_within: None,
                not_before: Term::Days(15),
                not_after: Term::Days(16),
                silence: Silence::PutBack,
                may_reject: false,
                shares_contact: true,
            },
            eu: Rules {
                law: "Regulation (EU) 2022/2065, art. 20".into(),
                needs: [Need::Name].into(),
                first_within: Some(Term::Months(6)),
                later_within: Some(Term::Months(6)),
                not_before: Term::BusinessDays(5),
                not_after: Term::BusinessDays(5),
                silence: Silence::Review,
                may_reject: true,
                shares_contact: false,
            },
            house: Rules {
                law: "the marketplace's rules".into(),
                needs: [Need::GoodFaith, Need::Name, Need::Signature].into(),
                first_within: Some(Term::BusinessDays(3)),
                later_within: Some(Term::BusinessDays(30)),
                not_before: Term::Days(3),
                not_after: Term::Days(4),
                silence: Silence::PutBack,
                may_reject: true,
                shares_contact: false,
            },
            jurisdictions,
            elsewhere: Regime::Eu,
        }
    }
}

impl CounterPolicy {
    /// The rules of a regime.
    #[must_use]
    pub const fn rules(&self, regime: Regime) -> &Rules {
        match regime {
            Regime::Dmca => &self.dmca,
            Regime::China => &self.china,
            Regime::Eu => &self.eu,
            Regime::House => &self.house,
        }
    }

    /// The regime for a right of this jurisdiction on a listing offered in this territory.
    #[must_use]
    pub fn regime(&self, jurisdiction: &str, territory: &str) -> Regime {
        let place = if jurisdiction == "WORLD" { territory } else { jurisdiction };
        self.jurisdictions.get(place).copied().unwrap_or(self.elsewhere)
    }

    /// Checks them.
    ///
    /// # Errors
    /// Every number that can't be, each with its fix.
    pub fn validate(&self) -> Result<(), Refused> {
        let mut faults = vec![];
        if !(1..=100).contains(&self.chances) {
            faults.push(Fault::new("counters.chances", format!("{} makes no sense", self.chances), "give 1 to 100"));
        }
        for regime in Regime::ALL {
            let rules = self.rules(*regime);
            let field = |name: &str| format!("counters.{regime}.{name}");
            let (least, most) = (rules.not_before, rules.not_after);
            if std::mem::discriminant(&least) != std::mem::discriminant(&most) || least.rough_days() > most.rough_days()
            {
                let problem = format!("a window from {least} to {most} can't be");
                faults.push(Fault::new(
                    field("not_after"),
                    problem,
                    "give the unit of not_before, and at least as many",
                ));
            }
            if !(1..=366).contains(&least.rough_days()) || most.rough_days() > 366 {
                let problem = format!("{least} to {most} makes no sense");
                faults.push(Fault::new(field("not_before"), problem, "give 1 day to a year"));
            }
            for (name, within) in [("first_within", rules.first_within), ("later_within", rules.later_within)] {
                if within.is_some_and(|within| within.rough_days() == 0) {
                    faults.push(Fault::new(field(name), "nobody can answer at once", "give at least one day, or null"));
                }
            }
            if rules.law.trim().is_empty() {
                faults.push(Fault::new(field("law"), "it is missing", "name the law, as letters cite it"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(Refused { faults }) }
    }
}
