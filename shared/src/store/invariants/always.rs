//! Rules that hold at every moment: each commit keeps them.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule(
        "a decided case's decision is its own and stands",
        "SELECT c.id FROM cases c LEFT JOIN decisions d ON d.id = c.decision_id
         WHERE c.decision_id IS NOT NULL AND (d.id IS NULL OR d.case_id <> c.id OR d.undone_at IS NOT NULL) LIMIT 20",
    ),
    Rule(
        // A listing that was kept and is reported again opens another round; what was kept before stays answered.
        "a removal that stands is the decision its case has",
        "SELECT d.id FROM decisions d JOIN cases c ON c.id = d.case_id
         WHERE d.outcome = 'removed' AND d.undone_at IS NULL AND coalesce(c.decision_id, '') <> d.id LIMIT 20",
    ),
    Rule(
        "a decision belongs to a round that its case has had",
        "SELECT d.id FROM decisions d JOIN cases c ON c.id = d.case_id WHERE d.round > c.round OR d.round < 1 LIMIT 20",
    ),
    Rule(
        "nobody has a lease on a case that is decided",
        "SELECT id FROM cases WHERE state IN ('removed', 'kept') AND lease_by IS NOT NULL LIMIT 20",
    ),
    Rule(
        "a decision is told by one audit event",
        "SELECT d.id FROM decisions d WHERE 1 <> (SELECT count(*) FROM audit a WHERE a.case_id = d.case_id
            AND a.action IN ('case.decided', 'case.reinstated') AND a.body LIKE '%\"decision\":\"' || d.id || '\"%') LIMIT 20",
    ),
    Rule(
        "the leaves of the audit record have no gap",
        "SELECT CAST(a.leaf AS TEXT) AS id FROM audit_leaves a
         WHERE a.leaf > 0 AND NOT EXISTS (SELECT 1 FROM audit_leaves b WHERE b.leaf = a.leaf - 1) LIMIT 20",
    ),
    Rule(
        "a leaf of the audit record has its event",
        "SELECT l.event_id AS id FROM audit_leaves l WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = l.event_id) LIMIT 20",
    ),
    Rule(
        "what a rule decides is marked as automated, what a person decides is not",
        "SELECT id FROM decisions WHERE (decided_by LIKE 'automatic:%') <> (automated = 1) LIMIT 20",
    ),
    Rule(
        "a removal that stands has one strike, any other decision has none",
        "SELECT d.id FROM decisions d WHERE
           (SELECT count(*) FROM strikes s WHERE s.decision_id = d.id AND s.voided_at IS NULL)
           <> CASE WHEN d.outcome = 'removed' AND d.undone_at IS NULL THEN 1 ELSE 0 END LIMIT 20",
    ),
    Rule(
        "a removal has a statement of reasons, and one that stands is not withdrawn",
        "SELECT d.id FROM decisions d WHERE d.outcome = 'removed' AND NOT EXISTS (
            SELECT 1 FROM statements s WHERE s.decision_id = d.id AND s.measure = 'listing'
              AND (s.state <> 'withdrawn' OR d.undone_at IS NOT NULL)) LIMIT 20",
    ),
    Rule(
        "a listing that is hidden from sale has a statement of reasons",
        "SELECT l.id FROM listings l JOIN authenticity_requests r ON r.listing_id = l.id AND r.pauses = 1
         WHERE l.state = 'paused' AND NOT EXISTS (SELECT 1 FROM statements s WHERE s.case_id = r.case_id
              AND s.measure = 'pause' AND s.made_at >= r.asked_at) LIMIT 20",
    ),
    Rule(
        "a case counts its open claims, and a decided one has none",
        "SELECT c.id FROM cases c WHERE (c.state IN ('removed', 'kept') AND c.claims <> 0)
            OR c.claims <> (SELECT count(*) FROM claims k WHERE k.case_id = c.id AND k.state = 'open') LIMIT 20",
    ),
    Rule(
        "a claim is answered by a decision that stands",
        "SELECT k.case_id AS id FROM claims k LEFT JOIN decisions d ON d.id = k.decision_id
         WHERE k.state IN ('accepted', 'refused') AND (d.id IS NULL OR d.undone_at IS NOT NULL
            OR (d.outcome = 'removed') <> (k.state = 'accepted')) LIMIT 20",
    ),
    Rule(
        "a removal that stands answers a claim",
        "SELECT d.id FROM decisions d WHERE d.outcome = 'removed' AND d.undone_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM claims k WHERE k.case_id = d.case_id AND k.decision_id = d.id AND k.state = 'accepted') LIMIT 20",
    ),
    Rule(
        "a brand is asked about the case that waits for its answer, and no other",
        "SELECT r.id FROM authenticity_requests r JOIN cases c ON c.id = r.case_id
         WHERE (r.state = 'open') <> (c.state = 'asked' AND c.request_id = r.id) LIMIT 20",
    ),
    Rule(
        "a case that waits for an answer has an open question",
        "SELECT c.id FROM cases c WHERE c.state = 'asked' AND NOT EXISTS
            (SELECT 1 FROM authenticity_requests r WHERE r.id = c.request_id AND r.case_id = c.id AND r.state = 'open') LIMIT 20",
    ),
    Rule(
        "an open counter-notice contests the removal that its case has",
        "SELECT n.id FROM counter_notices n JOIN cases c ON c.id = n.case_id
         WHERE n.closed_at IS NULL AND (c.down = 0 OR coalesce(c.decision_id, '') <> n.decision_id) LIMIT 20",
    ),
    Rule(
        "a counter-notice that a person is to rule on is before one",
        "SELECT n.id FROM counter_notices n JOIN cases c ON c.id = n.case_id
         WHERE n.state = 'contested' AND (c.state <> 'appealed' OR coalesce(c.appeal_id, '') <> coalesce(n.appeal_id, '-')) LIMIT 20",
    ),
    Rule(
        "an open appeal is the one its case waits for",
        "SELECT a.id FROM appeals a JOIN cases c ON c.id = a.case_id
         WHERE (a.state = 'open') <> (c.state = 'appealed' AND c.appeal_id = a.id) LIMIT 20",
    ),
    Rule(
        "an appeal is ruled on by another person than the decider",
        "SELECT id FROM appeals WHERE state IN ('affirmed', 'overturned') AND ruled_by = decider
            OR state = 'affirmed' AND ruled_by LIKE 'automatic:%' LIMIT 20",
    ),
    Rule(
        "a person rules once on one decision",
        "SELECT min(id) AS id FROM appeals WHERE state = 'affirmed' GROUP BY decision_id, ruled_by HAVING count(*) > 1 LIMIT 20",
    ),
    Rule(
        "what takes two has two",
        "SELECT id FROM decisions WHERE approved_by = decided_by LIMIT 20",
    ),
    Rule(
        "whoever approved a decision approved a request for it",
        "SELECT d.id FROM decisions d WHERE d.approved_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM approvals a
            WHERE a.state = 'approved' AND a.answered_by = d.approved_by AND a.requested_by = d.decided_by
              AND a.request LIKE '%' || d.case_id || '%') LIMIT 20",
    ),
    Rule(
        "a level that two imposed was asked for and approved",
        "SELECT i.seller_id AS id FROM impositions i LEFT JOIN approvals a ON a.id = i.approval_id
         WHERE a.id IS NULL OR a.state <> 'approved' OR a.request NOT LIKE '%' || i.seller_id || '%' LIMIT 20",
    ),
    Rule(
        "an effect that ended says when, one that did not says nothing",
        "SELECT id FROM ledger WHERE (state IN ('due', 'running')) <> (ended_at IS NULL) LIMIT 20",
    ),
    Rule(
        "what takes something from an account has a statement of reasons",
        "SELECT s.id FROM sellers s WHERE s.level IN ('restricted', 'hidden', 'suspended', 'terminated')
            AND NOT EXISTS (SELECT 1 FROM statements t WHERE t.seller_id = s.id AND t.measure = 'account') LIMIT 20",
    ),
    Rule(
        "money that is kept back has a statement of reasons",
        "SELECT h.id FROM payout_holds h WHERE h.released_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM statements t WHERE t.seller_id = h.seller_id AND t.measure = 'payout' AND t.made_at >= h.held_at) LIMIT 20",
    ),
    Rule(
        "points and restrictions end: somebody looks again",
        "SELECT s.id FROM sellers s WHERE (s.points > 0 OR s.level_until IS NOT NULL) AND NOT EXISTS (
            SELECT 1 FROM effects e WHERE e.kind = 'level_seller' AND e.state IN ('due', 'dead') AND e.once LIKE 'level:' || s.id || ':%') LIMIT 20",
    ),
];
