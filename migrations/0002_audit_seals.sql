-- The seals of the audit record: numbered leaves of one Merkle tree (RFC 6962), its inner nodes at every eighth height,
-- and signed checkpoints. All of it only grows, as the record itself.

CREATE TABLE audit_leaves (
    leaf     BIGINT PRIMARY KEY CHECK (leaf >= 0),
    event_id TEXT NOT NULL UNIQUE,
    hash     TEXT NOT NULL
);

-- level 1 is 256 leaves, level 2 is 65,536, and so on; node counts from 0.
CREATE TABLE audit_nodes (
    level BIGINT NOT NULL,
    node  BIGINT NOT NULL,
    hash  TEXT NOT NULL,
    PRIMARY KEY (level, node)
);

CREATE TABLE audit_checkpoints (
    size    BIGINT PRIMARY KEY,
    root    TEXT NOT NULL,
    note    TEXT NOT NULL,
    made_at BIGINT NOT NULL
);
