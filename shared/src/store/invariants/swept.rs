//! Rules that hold once everything due by `$1` was carried out and the clocks were swept.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule(
        "inside effects that are due are carried out, dead or cancelled",
        "SELECT id FROM effects WHERE lane IN ('removals', 'penalties') AND state = 'due' AND due_at <= $1 LIMIT 20",
    ),
    Rule(
        "what a decision in force keeps down is down",
        "SELECT l.id FROM listings l JOIN cases c ON c.listing_id = l.id
         WHERE c.down = 1 AND l.state NOT IN ('removed', 'ended')
           AND NOT EXISTS (SELECT 1 FROM effects e WHERE e.decision_id = c.decision_id AND e.kind = 'remove_listing'
                            AND e.due_at > $1) LIMIT 20",
    ),
    Rule(
        "what is down is kept down by a decision or by its seller's level",
        "SELECT l.id FROM listings l JOIN sellers s ON s.id = l.seller_id
         WHERE l.state = 'removed' AND l.updated_at <= $1 AND s.listings_off = 0
           AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.listing_id = l.id AND c.down = 1) LIMIT 20",
    ),
    Rule(
        "a store that is off offers nothing",
        "SELECT l.id FROM listings l JOIN sellers s ON s.id = l.seller_id
         WHERE s.listings_off = 1 AND s.updated_at <= $1 AND l.state IN ('live', 'paused') LIMIT 20",
    ),
    Rule(
        "what is hidden from sale is hidden by an unanswered question",
        "SELECT l.id FROM listings l WHERE l.state = 'paused' AND l.updated_at <= $1
           AND NOT EXISTS (SELECT 1 FROM authenticity_requests r WHERE r.listing_id = l.id AND r.pauses = 1) LIMIT 20",
    ),
    Rule(
        "what an unanswered question hides is not offered",
        "SELECT l.id FROM listings l JOIN authenticity_requests r ON r.listing_id = l.id
         WHERE r.pauses = 1 AND r.ended_at <= $1 AND l.state = 'live' LIMIT 20",
    ),
    Rule("a hold ends", "SELECT id FROM cases WHERE state = 'held' AND held_until <= $1 LIMIT 20"),
    Rule("a question ends", "SELECT id FROM authenticity_requests WHERE state = 'open' AND until <= $1 LIMIT 20"),
    Rule(
        "a brand's time to answer a counter-notice ends",
        "SELECT id FROM counter_notices WHERE state = 'forwarded' AND not_before <= $1 LIMIT 20",
    ),
    Rule(
        "a request for a second person ends",
        "SELECT id FROM approvals WHERE state = 'pending' AND expires_at <= $1 LIMIT 20",
    ),
    Rule(
        "money is not kept back for longer than was said",
        "SELECT id FROM payout_holds WHERE released_at IS NULL AND until_at <= $1 LIMIT 20",
    ),
    Rule(
        "money is kept back only from who may sell nothing",
        "SELECT h.id FROM payout_holds h JOIN sellers s ON s.id = h.seller_id
         WHERE h.released_at IS NULL AND h.held_at <= $1 AND s.level NOT IN ('suspended', 'terminated') LIMIT 20",
    ),
    Rule("a restriction ends", "SELECT id FROM sellers WHERE level_until IS NOT NULL AND level_until <= $1 LIMIT 20"),
    Rule(
        "a suspension and a lockout of a brand end",
        "SELECT brand_id AS id FROM trust WHERE suspended_until <= $1 OR locked_until <= $1 LIMIT 20",
    ),
    Rule(
        "a record that changed is judged",
        "SELECT brand_id AS id FROM trust WHERE dirty = 1 OR look_at <= $1 LIMIT 20",
    ),
];
