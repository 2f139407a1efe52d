-- Statements of reasons. puid is the id under which the transparency register knows a statement: the key makes sure that
-- none is used twice. content is what the seller was told and what the register gets; it never changes.
CREATE TABLE statements (
    puid        TEXT PRIMARY KEY,
    measure     TEXT NOT NULL CHECK (measure IN ('listing', 'pause', 'account', 'payout')),
    seller_id   TEXT NOT NULL,
    case_id     TEXT,
    decision_id TEXT,
    content     TEXT NOT NULL,
    made_at     BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'accepted', 'rejected', 'withdrawn', 'exempt')),
    -- The register's own id for it; none where the register only said that it has it.
    uuid        TEXT,
    -- The register's words, when it was rejected.
    reason      TEXT,
    settled_at  BIGINT,
    CHECK (measure <> 'listing' OR decision_id IS NOT NULL),
    CHECK (uuid IS NULL OR state = 'accepted'),
    CHECK ((state = 'rejected') = (reason IS NOT NULL)),
    CHECK ((state IN ('accepted', 'rejected', 'withdrawn')) = (settled_at IS NOT NULL))
);
-- One statement for each thing that a decision takes; a listing goes down only with one (store::listings::remove).
CREATE UNIQUE INDEX statements_by_decision ON statements (decision_id, measure) WHERE decision_id IS NOT NULL;
CREATE INDEX statements_waiting ON statements (due_at, puid) WHERE state = 'waiting';
CREATE INDEX statements_rejected ON statements (puid) WHERE state = 'rejected';
CREATE INDEX statements_by_seller ON statements (seller_id, puid);
CREATE INDEX statements_of_pauses ON statements (case_id) WHERE measure = 'pause';
CREATE INDEX statements_by_time ON statements (made_at, puid);

-- How it stands with the register: one row, written by whoever sends.
CREATE TABLE register (
    name        TEXT PRIMARY KEY CHECK (name = 'register'),
    failures    BIGINT NOT NULL,
    next_at     BIGINT NOT NULL,
    last_error  TEXT,
    tried_at    BIGINT NOT NULL,
    accepted_at BIGINT
);
