-- What a second person has to approve. The request is canonical JSON, digest its SHA-256: what is approved is exactly this.
CREATE TABLE approvals (
    id           TEXT PRIMARY KEY,
    cause        TEXT NOT NULL CHECK (cause IN ('termination', 'linked_sellers', 'many_listings', 'own_team', 'trusted_refused', 'automatic_path')),
    subject      TEXT NOT NULL,
    request      TEXT NOT NULL,
    digest       TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'expired', 'void')),
    answered_by  TEXT,
    answered_at  BIGINT,
    answer       TEXT NOT NULL DEFAULT '',
    CHECK ((state = 'pending') = (answered_at IS NULL)),
    CHECK (state NOT IN ('approved', 'refused') OR (answered_by IS NOT NULL AND answered_by <> requested_by))
);
-- One open request about one thing.
CREATE UNIQUE INDEX approvals_pending ON approvals (subject) WHERE state = 'pending';
CREATE INDEX approvals_expiring ON approvals (expires_at) WHERE state = 'pending';
CREATE INDEX approvals_by_digest ON approvals (digest);

-- The cases that a request is bound to, which its text names too: so that a case knows its requests.
CREATE TABLE approval_cases (
    approval_id TEXT NOT NULL REFERENCES approvals (id),
    case_id     TEXT NOT NULL REFERENCES cases (id),
    PRIMARY KEY (case_id, approval_id)
);

-- Levels that a second person approved: a termination, or the worst level of sellers who belong together.
CREATE TABLE impositions (
    approval_id TEXT NOT NULL REFERENCES approvals (id),
    seller_id   TEXT NOT NULL REFERENCES sellers (id),
    because_of  TEXT NOT NULL REFERENCES sellers (id),
    level       TEXT NOT NULL CHECK (level IN ('restricted', 'hidden', 'suspended', 'terminated')),
    imposed_at  BIGINT NOT NULL,
    until_at    BIGINT,
    lifted_at   BIGINT,
    PRIMARY KEY (approval_id, seller_id)
);
CREATE INDEX impositions_by_seller ON impositions (seller_id) WHERE lifted_at IS NULL;
CREATE INDEX impositions_by_cause ON impositions (because_of) WHERE lifted_at IS NULL;

-- A suspended seller's money, kept back. asked_at is when the seller asked for it and nobody has answered yet.
CREATE TABLE payout_holds (
    id           TEXT PRIMARY KEY,
    seller_id    TEXT NOT NULL REFERENCES sellers (id),
    held_at      BIGINT NOT NULL,
    ask_from     BIGINT NOT NULL,
    until_at     BIGINT NOT NULL,
    asked_at     BIGINT,
    asked        TEXT NOT NULL DEFAULT '',
    released_at  BIGINT,
    released_why TEXT CHECK (released_why IN ('expired', 'reinstated', 'granted')),
    released_by  TEXT,
    CHECK ((released_at IS NULL) = (released_why IS NULL))
);
CREATE UNIQUE INDEX payout_holds_open ON payout_holds (seller_id) WHERE released_at IS NULL;
CREATE INDEX payout_holds_until ON payout_holds (until_at) WHERE released_at IS NULL;
CREATE INDEX payout_holds_asked ON payout_holds (asked_at) WHERE released_at IS NULL AND asked_at IS NOT NULL;
