-- The numbers of policy: one row a version, each with all that differs from the defaults. The newest is in force.
CREATE TABLE policy (
    version    BIGINT PRIMARY KEY,
    overrides  TEXT NOT NULL,
    changes    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);

-- Circuit breakers of the automatic path; a row for each that ever tripped. What was removed before counts_from no longer
-- counts: a person has looked at it.
CREATE TABLE breakers (
    guarded     TEXT PRIMARY KEY,
    tripped_at  BIGINT,
    why         TEXT,
    counts_from BIGINT NOT NULL,
    CHECK ((tripped_at IS NULL) = (why IS NULL))
);
-- What went by a rule lately; the index by decider is in the order of ids.
CREATE INDEX decisions_automated ON decisions (decided_by, decided_at) WHERE automated = 1;
