//! What walks found, each by a name: one short walk that broke a rule before it was mended.

use jointforce_shared::domain::{
    authenticity::Answer,
    decision::{KeepReason, RemoveReason},
};

use super::{Brand, Doing, House, Seller, Step, System, Who};

const REPORT: Brand = Brand::Report { attest: false };
const REMOVE: Doing = Doing::Remove(RemoveReason::CounterfeitListing);
const KEEP: Doing = Doing::Keep(KeepReason::WeakEvidence);

fn walk(postgres: bool, steps: &[Step]) {
    let mut system = System::begin(postgres);
    for step in steps {
        system.step(step);
    }
    system.end();
}

macro_rules! found {
    ($($name:ident: [$($step:expr),+ $(,)?];)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn on_sqlite() {
                walk(false, &[$($step),+]);
            }

            #[test]
            fn on_postgres() {
                walk(true, &[$($step),+]);
            }
        }
    )+};
}

found! {
    // It was written down as a decision of whoever ruled, with the id of the one that stands.
    a_ruling_that_lets_a_decision_stand_is_not_another_decision: [
        Step::Brand(2, Brand::Report { attest: true }),
        Step::Seller(2, Seller::Appeal),
        Step::Staff(2, Who::Ann, REMOVE),
    ];
    // They stayed open in a case that nobody would look at again.
    claims_that_come_during_an_appeal_are_answered_by_the_ruling: [
        Step::Brand(0, REPORT),
        Step::Staff(0, Who::Ann, KEEP),
        Step::Brand(0, Brand::Appeal),
        Step::Brand(0, REPORT),
        Step::Staff(0, Who::Bob, KEEP),
    ];
    an_appeal_that_is_taken_back_leaves_new_claims_to_a_reviewer: [
        Step::Brand(0, REPORT),
        Step::Staff(0, Who::Ann, KEEP),
        Step::Brand(0, Brand::Appeal),
        Step::Brand(0, REPORT),
        Step::Brand(0, Brand::WithdrawAppeal),
        Step::Staff(0, Who::Bob, REMOVE),
    ];
    // The group's lease kept everybody else out for ten minutes.
    what_waits_for_a_second_person_is_leased_to_nobody: [
        Step::Brand(3, Brand::Report { attest: true }),
        Step::Seller(3, Seller::Appeal),
        Step::House(Who::Ann, House::Together { remove: false }),
        Step::Staff(3, Who::Bob, KEEP),
    ];
    // The undo cancelled what would have taken the points off, and the strike stayed void.
    a_strike_that_a_withdrawal_voided_no_longer_counts_when_the_case_is_opened_again: [
        Step::Brand(3, Brand::Report { attest: true }),
        Step::Pass(1),
        Step::Brand(3, Brand::Withdraw),
        Step::Staff(3, Who::Sue, Doing::Undo),
    ];
    // No reason could be told for the pause that follows its silence, so the question never ended.
    a_question_ends_though_all_claims_were_taken_back_before: [
        Step::Brand(3, REPORT),
        Step::Brand(3, Brand::Withdraw),
        Step::Staff(3, Who::Sue, Doing::Undo),
        Step::Staff(3, Who::Ann, Doing::Ask),
        Step::Pass(24 * 7),
    ];
    // The decision was in no event of the record.
    what_a_brand_clears_is_decided_on_the_record: [
        Step::Brand(1, REPORT),
        Step::Staff(1, Who::Ann, Doing::Ask),
        Step::Brand(1, Brand::Answer(Answer::Genuine)),
    ];
    // The statement of reasons rested on a claim that was refused, and there was no strike.
    nothing_is_removed_for_claims_that_were_refused_or_withdrawn: [
        Step::Brand(0, REPORT),
        Step::Staff(0, Who::Ann, KEEP),
        Step::Brand(0, REPORT),
        Step::Brand(0, Brand::Withdraw),
        Step::Staff(0, Who::Sid, Doing::Undo),
        Step::Staff(0, Who::Ann, REMOVE),
    ];
}
