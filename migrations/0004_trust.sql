-- The numbers of policy: one row a version, each with all that differs from the defaults. The newest is in force.
CREATE TABLE policy (
    version    BIGINT PRIMARY KEY,
    overrides  TEXT NOT NULL,
    changes    TEXT NOT NULL,
    reason     TEXT NOT NULL,
    changed_by TEXT NOT NULL,
    changed_at BIGINT NOT NULL
);
