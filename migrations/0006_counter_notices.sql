-- Counter-notices, appeals and withdrawals: what the parties say after a notice and after a decision.

CREATE TABLE counter_notices (
    id            TEXT PRIMARY KEY,
    seller_id     TEXT NOT NULL,
    reference     TEXT NOT NULL,
    digest        TEXT NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (id),
    brand_id      TEXT NOT NULL,
    listing_id    TEXT NOT NULL,
    decision_id   TEXT NOT NULL REFERENCES decisions (id),
    -- The reason code of the notice that it answers, so that a brand's record can be read code by code.
    notice_reason TEXT NOT NULL,
    regime        TEXT NOT NULL CHECK (regime IN ('dmca', 'china', 'eu', 'house')),
    -- The rules as they were when it came in.
    law           TEXT NOT NULL,
    silence       TEXT NOT NULL CHECK (silence IN ('put_back', 'review')),
    may_reject    BIGINT NOT NULL CHECK (may_reject IN (0, 1)),
    shares_contact BIGINT NOT NULL CHECK (shares_contact IN (0, 1)),
    reason        TEXT NOT NULL,
    explanation   TEXT NOT NULL,
    material      TEXT NOT NULL,
    name          TEXT NOT NULL,
    address       TEXT NOT NULL,
    phone         TEXT NOT NULL,
    email         TEXT NOT NULL,
    signature     TEXT NOT NULL,
    evidence      TEXT NOT NULL,
    received_at   BIGINT NOT NULL,
    not_before    BIGINT NOT NULL,
    not_after     BIGINT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('received', 'forwarded', 'accepted', 'contested', 'sued', 'silent', 'put_back', 'rejected', 'withdrawn')),
    version       BIGINT NOT NULL,
    answer        TEXT CHECK (answer IN ('accept', 'withdraw', 'sue', 'reject', 'silent')),
    answered_by   TEXT,
    answered_at   BIGINT,
    words         TEXT NOT NULL DEFAULT '',
    court         TEXT,
    suit_number   TEXT,
    suit_proof    TEXT,
    appeal_id     TEXT,
    closed_at     BIGINT,
    CHECK (not_before <= not_after),
    CHECK (state <> 'sued' OR court IS NOT NULL),
    CHECK ((state IN ('put_back', 'rejected', 'withdrawn')) = (closed_at IS NOT NULL))
);
CREATE UNIQUE INDEX counter_notices_by_reference ON counter_notices ((seller_id || ' ' || reference));
CREATE INDEX counter_notices_by_case ON counter_notices (case_id, id);
CREATE INDEX counter_notices_by_brand ON counter_notices (brand_id, received_at);
-- What the sweep looks at.
CREATE INDEX counter_notices_due ON counter_notices (not_before) WHERE state = 'forwarded';
-- Two at once against one case would each have the brand's answer.
CREATE UNIQUE INDEX counter_notices_open ON counter_notices (case_id) WHERE closed_at IS NULL;

CREATE TABLE appeals (
    id          TEXT PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES cases (id),
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    seller_id   TEXT,
    brand_id    TEXT,
    notice_id   TEXT,
    counter_id  TEXT,
    -- Whose decision is contested, for their quality.
    decider     TEXT NOT NULL,
    reference   TEXT NOT NULL,
    digest      TEXT NOT NULL,
    grounds     TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'affirmed', 'overturned', 'withdrawn')),
    opened_at   BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    ruled_by    TEXT,
    ruled_at    BIGINT,
    CHECK ((seller_id IS NULL) <> (brand_id IS NULL)),
    CHECK ((brand_id IS NULL) = (notice_id IS NULL)),
    CHECK ((state = 'open') = (ruled_at IS NULL))
);
CREATE UNIQUE INDEX appeals_by_reference ON appeals ((coalesce('seller:' || seller_id, 'brand:' || brand_id) || ' ' || reference));
CREATE INDEX appeals_by_case ON appeals (case_id, id);
CREATE UNIQUE INDEX appeals_one_open ON appeals (case_id) WHERE state = 'open';
CREATE INDEX appeals_by_decision ON appeals (decision_id);
CREATE INDEX appeals_by_decider ON appeals (decider, ruled_at) WHERE ruled_at IS NOT NULL;

CREATE TABLE withdrawals (
    notice_id     TEXT NOT NULL,
    listing_id    TEXT NOT NULL,
    brand_id      TEXT NOT NULL,
    case_id       TEXT NOT NULL,
    notice_reason TEXT NOT NULL,
    why           TEXT NOT NULL,
    led_to        TEXT NOT NULL CHECK (led_to IN ('closed', 'goes_on', 'put_back', 'stays_down')),
    -- 1 when a counter-notice had come before: the sign of a notice made without good faith.
    after_counter BIGINT NOT NULL CHECK (after_counter IN (0, 1)),
    withdrawn_by  TEXT NOT NULL,
    withdrawn_at  BIGINT NOT NULL,
    PRIMARY KEY (notice_id, listing_id)
);
CREATE INDEX withdrawals_by_brand ON withdrawals (brand_id, withdrawn_at);
