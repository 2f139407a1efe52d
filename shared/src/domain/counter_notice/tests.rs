use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;
use ulid::Ulid;

use super::{
    table::{Action, Consequence, Terms, step},
    *,
};
use crate::domain::{calendar::Calendar, refused::Refused, seller::Seller, term::Term};

fn raw() -> RawCounterNotice {
    serde_json::from_value(json!({
        "reference": "C-1",
        "seller": "shop",
        "listing": "item-1",
        "reason": "authorized",
        "explanation": "Bought from the brand's own outlet; the invoice is attached.",
        "material": "White trainers",
        "good_faith": "yes",
        "perjury": true,
        "name": "Bo Li",
        "address": "1 Main St, Springfield, IL 62701",
        "phone": "+1 555 0100",
        "consent": true,
        "signature": "Bo Li",
        "evidence": "https://shop.example/invoice.pdf",
    }))
    .unwrap()
}

fn removal(regime: Regime) -> Removal {
    Removal {
        case: CaseId::from_ulid(Ulid(1)),
        brand: "acme".parse().unwrap(),
        decision: DecisionId::from_ulid(Ulid(2)),
        decided: Time(0),
        regime,
        earlier: 0,
        open: false,
        last_closed: None,
    }
}

fn known(removals: Vec<Removal>) -> Known {
    let seller = Seller {
        id: "shop".parse().unwrap(),
        name: "Shop".into(),
        email: "shop@sellers.example".into(),
        country: "US".into(),
        payout_account: None,
    };
    let listing = Some(("item-1".parse().unwrap(), seller.id.clone()));
    Known { seller: Some(seller), listing, removals }
}

fn parsed(raw: &RawCounterNotice, known: &Known, now: Time) -> Result<CounterNotice, Refused> {
    parse(raw, known, &CounterPolicy::default(), &Calendar::default(), now)
}

fn faults(raw: &RawCounterNotice, known: &Known, now: Time) -> Vec<String> {
    let refused = parsed(raw, known, now).unwrap_err();
    assert!(refused.faults.iter().all(|fault| fault.fix.len() > 10), "{refused}");
    refused.faults.iter().map(|fault| format!("{}: {}", fault.field, fault.problem)).collect()
}

/// Reading this is reading the policy.
#[test]
fn the_whole_table() {
    use Action as A;
    let actions = [
        A::Forward,
        A::Accept,
        A::WithdrawNotice,
        A::Sue,
        A::Reject,
        A::WindowEnds,
        A::Reinstated,
        A::Ruled(true),
        A::Ruled(false),
        A::TakeBack,
        A::Overtaken,
    ];
    let mut table = String::new();
    for (law, silence, may_reject) in [("put back", Silence::PutBack, false), ("review", Silence::Review, true)] {
        let terms = Terms { not_before: Time(100 * Time::DAY), silence, may_reject };
        for state in CounterState::ALL {
            for action in actions {
                let days: &[(i64, &str)] =
                    if action == A::WindowEnds { &[(99, "early"), (100, "over")] } else { &[(100, "")] };
                for (day, when) in days {
                    let line = match step(*state, action, &terms, Time(day * Time::DAY)) {
                        Ok((next, then)) => then.iter().fold(next.to_string(), |line, one| line + &said(one)),
                        Err(refused) => format!("refused: {}", refused.faults[0].problem),
                    };
                    table += &format!("{law:<10}{:<11}{:<16}{when:<7}{line}\n", state.as_str(), format!("{action:?}"));
                }
            }
        }
    }
    insta::assert_snapshot!(table);
}

fn said(consequence: &Consequence) -> String {
    match consequence {
        Consequence::Reinstate(reason) => format!(" +reinstate({reason})"),
        Consequence::Review => " +review".into(),
        Consequence::TellSeller(news) => format!(" +seller({news})"),
        Consequence::TellBrand(news) => format!(" +brand({news})"),
    }
}

#[test]
fn a_complete_one_is_taken_under_every_law() {
    for (regime, not_before, not_after) in [
        (Regime::Dmca, "1970-01-15T09:00:00Z", "1970-01-20T09:00:00Z"),
        (Regime::China, "1970-01-16T00:00:00Z", "1970-01-17T00:00:00Z"),
        (Regime::Eu, "1970-01-08T09:00:00Z", "1970-01-08T09:00:00Z"),
        (Regime::House, "1970-01-04T00:00:00Z", "1970-01-05T00:00:00Z"),
    ] {
        let said = parsed(&raw(), &known(vec![removal(regime)]), Time(0)).unwrap();
        assert_eq!((said.not_before.to_string(), said.not_after.to_string()), (not_before.into(), not_after.into()));
        assert_eq!((said.regime, said.email.as_str()), (regime, "shop@sellers.example"));
    }
}

#[test]
fn all_that_the_law_asks_for_and_is_missing_is_said_at_once() {
    let empty = RawCounterNotice::default();
    let nobody = Known { seller: None, listing: None, removals: vec![] };
    assert_eq!(
        faults(&empty, &nobody, Time(0)),
        [
            "seller: it is missing",
            "listing: it is missing",
            "reason: it is missing",
            "explanation: it is missing",
            "name: it is missing",
        ]
    );
    let bare = RawCounterNotice { seller: "shop".into(), listing: "item-1".into(), ..RawCounterNotice::default() };
    let of = |regime| -> Vec<String> {
        let said = faults(&bare, &known(vec![removal(regime)]), Time(0));
        said.iter().map(|fault| fault.split(':').next().unwrap().to_owned()).collect()
    };
    assert_eq!(
        of(Regime::Dmca),
        [
            "reason",
            "explanation",
            "material",
            "name",
            "address",
            "phone",
            "signature",
            "good_faith",
            "perjury",
            "consent"
        ]
    );
    assert_eq!(
        of(Regime::China),
        ["reason", "explanation", "name", "address", "phone", "signature", "good_faith", "evidence"]
    );
    assert_eq!(of(Regime::Eu), ["reason", "explanation", "name"]);
}

#[test]
fn strangers_latecomers_and_those_without_a_chance_are_refused() {
    let now = Time(10 * Time::DAY);
    let with = |change: fn(&mut Removal)| {
        let mut one = removal(Regime::House);
        one.decided = now;
        change(&mut one);
        known(vec![one])
    };
    assert_eq!(faults(&raw(), &known(vec![]), now), ["listing: no removal is in force on it"]);
    let mut theirs = with(|_| ());
    theirs.listing = Some(("item-1".parse().unwrap(), "other".parse().unwrap()));
    assert_eq!(faults(&raw(), &theirs, now), ["listing: \"item-1\" is not yours"]);
    // Within 3 business days of the removal.
    let late = with(|one| one.decided = Time(0));
    assert_eq!(
        faults(&raw(), &late, now),
        ["listing: it is too late: a counter-notice had to come by 1970-01-06T09:00:00Z"]
    );
    let used = with(|one| one.earlier = 3);
    assert_eq!(faults(&raw(), &used, now), ["listing: all 3 counter-notices about this removal are used"]);
    let open = with(|one| one.open = true);
    assert_eq!(faults(&raw(), &open, now), ["listing: a counter-notice about this removal is under way"]);
    let mut two = with(|_| ());
    two.removals.push(Removal { case: CaseId::from_ulid(Ulid(7)), ..removal(Regime::House) });
    assert_eq!(faults(&raw(), &two, now), ["case: 2 removals keep it down"]);
    let second = RawCounterNotice { case: two.removals[1].case.to_string(), ..raw() };
    assert!(parsed(&second, &two, Time(0)).is_ok());
    let wrong = RawCounterNotice { case: Ulid(9).to_string(), ..raw() };
    assert!(faults(&wrong, &two, now)[0].ends_with("does not keep this listing down"));
    let old = RawCounterNotice { decision: Ulid(9).to_string(), reason: "because".into(), ..raw() };
    let said = faults(&old, &with(|_| ()), now);
    assert!(said[0].ends_with("is not the decision in force") && said[1].ends_with("is no reason"), "{said:?}");
}

#[test]
fn the_law_goes_by_the_right_and_for_the_whole_world_by_the_listing() {
    let policy = CounterPolicy::default();
    for (jurisdiction, territory, regime) in [
        ("US", "US", Regime::Dmca),
        ("CN", "CN", Regime::China),
        ("EU", "DE", Regime::Eu),
        ("DE", "DE", Regime::Eu),
        ("WORLD", "US", Regime::Dmca),
        ("WORLD", "BR", Regime::Eu),
    ] {
        assert_eq!(policy.regime(jurisdiction, territory), regime, "{jurisdiction} {territory}");
    }
    assert_eq!(policy.validate(), Ok(()));
    let mut wrong = policy;
    wrong.chances = 0;
    wrong.dmca.not_after = Term::BusinessDays(9);
    wrong.eu.not_after = Term::Days(9);
    assert_eq!(wrong.validate().unwrap_err().faults.len(), 3);
}

#[test]
fn an_answer_says_all_that_it_lacks() {
    let said = |answer: &str, words: &str| {
        let raw = RawAnswer { answer: answer.into(), words: words.into(), ..RawAnswer::default() };
        raw.parse().map_err(|refused| refused.faults.iter().map(|f| f.field.clone()).collect::<Vec<_>>())
    };
    assert_eq!(said("sue", ""), Err(vec!["court".into(), "number".into(), "proof".into()]));
    assert_eq!(said("reject", ""), Err(vec!["words".into()]));
    assert_eq!(said("silent", ""), Err(vec!["answer".into()]));
    assert_eq!(said("", ""), Err(vec!["answer".into()]));
    assert_eq!(said("accept", ""), Ok((Answer::Accept, None)));
}

proptest! {
    /// 17 U.S.C. 512(g)(2)(C), counted by hand: business days that follow the day of receipt.
    #[test]
    fn what_is_put_back_is_put_back_within_ten_to_fourteen_business_days(
        minute in 0_i64..60 * 24 * 3650, holidays in proptest::collection::vec(0_i32..3650, 0..40),
    ) {
        let first = jiff::civil::date(1970, 1, 1);
        let holidays = holidays.iter().map(|days| first + jiff::Span::new().days(*days)).collect();
        let calendar = Calendar { holidays, ..Calendar::default() };
        let policy = CounterPolicy::default();
        let received = Time(minute * Time::MINUTE);
        let known = known(vec![removal(Regime::Dmca)]);
        let said = parse(&raw(), &known, &policy, &calendar, received).unwrap();
        let date = |at: Time| at.timestamp().to_zoned(TimeZone::UTC).date();
        let business_days = |until: Time| {
            date(received).series(jiff::Span::new().days(1)).skip(1).take_while(|day| *day <= date(until))
                .filter(|day| calendar.is_working_day(*day)).count()
        };
        prop_assert!(business_days(said.not_before) >= 10, "{} to {}", received, said.not_before);
        prop_assert!(business_days(said.not_after) <= 14, "{} to {}", received, said.not_after);
        prop_assert!(said.not_before <= said.not_after);
    }
}
