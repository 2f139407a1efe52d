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

-- What is known of a rights holder's trust beside its record. Made when a brand is first loaded or first decided about.
CREATE TABLE trust (
    brand_id         TEXT PRIMARY KEY REFERENCES brands (id),
    base             TEXT NOT NULL CHECK (base IN ('unverified', 'standard', 'trusted_flagger')),
    invited          BIGINT NOT NULL DEFAULT 0 CHECK (invited IN (0, 1)),
    manager          TEXT,
    locked_until     BIGINT,
    warned_at        BIGINT,
    warned_why       TEXT,
    suspended_at     BIGINT,
    suspended_until  BIGINT,
    suspended_why    TEXT,
    -- Of a poor record: notices that it may file in 24 hours.
    notices_a_day    BIGINT,
    -- 1 when a decision changed the record; the sweep judges it again.
    dirty            BIGINT NOT NULL DEFAULT 0 CHECK (dirty IN (0, 1)),
    -- When the record changes by time alone.
    look_at          BIGINT,
    CHECK ((warned_at IS NULL) = (warned_why IS NULL)),
    CHECK ((suspended_at IS NULL) = (suspended_why IS NULL))
);
CREATE INDEX trust_dirty ON trust (brand_id) WHERE dirty = 1;
CREATE INDEX trust_look ON trust (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX trust_by_manager ON trust (manager) WHERE manager IS NOT NULL;

-- Notices counted against a limit, from the first one of 24 hours. A row only for who has a limit.
CREATE TABLE filing_days (
    brand_id TEXT PRIMARY KEY,
    since    BIGINT NOT NULL,
    notices  BIGINT NOT NULL
);
