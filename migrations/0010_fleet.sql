-- The fleet: lanes that can be paused, endpoints that fail, effects that ended.

-- Programs that know this schema, and older ones down to that number, work on this database side by side, as while a fleet is
-- upgraded. A migration that only adds leaves it; one that takes away what such a program uses raises it.
CREATE TABLE schema_serves (oldest BIGINT NOT NULL);
INSERT INTO schema_serves (oldest) VALUES (12);

-- One row a lane, by name; the order of priority is the program's.
CREATE TABLE lanes (
    name      TEXT PRIMARY KEY,
    paused_at BIGINT,
    paused_by TEXT,
    reason    TEXT,
    -- Effects begun in a second at most, by the whole fleet.
    rate      BIGINT CHECK (rate > 0),
    CHECK ((paused_at IS NULL) = (paused_by IS NULL)),
    CHECK ((paused_at IS NULL) = (reason IS NULL))
);
INSERT INTO lanes (name) VALUES ('removals'), ('penalties'), ('pages'), ('marketplace'), ('webhooks'), ('letters');

-- Endpoints that failed since they last took something. Nothing is sent to one before parked_until.
CREATE TABLE endpoints (
    name         TEXT PRIMARY KEY,
    failures     BIGINT NOT NULL,
    parked_until BIGINT,
    why          TEXT NOT NULL,
    failed_at    BIGINT NOT NULL
);

-- Effects that ended, moved here by the transaction that ended them. The key is what makes a second completion impossible.
CREATE TABLE effects_done (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    lane        TEXT NOT NULL,
    endpoint    TEXT NOT NULL,
    payload     TEXT NOT NULL,
    case_id     TEXT,
    decision_id TEXT,
    trace       TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('done', 'cancelled', 'dropped')),
    attempts    BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    last_error  TEXT,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT NOT NULL
);
CREATE INDEX effects_done_by_case ON effects_done (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX effects_done_cancelled ON effects_done (id) WHERE state = 'cancelled';
CREATE INDEX effects_done_dropped ON effects_done (id) WHERE state = 'dropped';

-- All effects there ever were, for those who look back.
CREATE VIEW ledger AS
    SELECT id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, lease_by, last_error,
           created_at, ended_at
    FROM effects
    UNION ALL
    SELECT id, kind, version, lane, endpoint, payload, case_id, decision_id, trace, state, attempts, due_at, NULL, last_error,
           created_at, ended_at
    FROM effects_done;
