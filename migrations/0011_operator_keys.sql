-- Who comes in over SSH, and through which account.

-- Public keys of operators, by the fingerprint that sshd prints. A revoked key stays: what was done with it is on record.
CREATE TABLE operator_keys (
    fingerprint TEXT PRIMARY KEY,
    operator    TEXT NOT NULL REFERENCES operators (id),
    -- Kind and base64 as in a .pub file, without its comment.
    public_key  TEXT NOT NULL,
    comment     TEXT NOT NULL,
    added_by    TEXT NOT NULL,
    added_at    BIGINT NOT NULL,
    revoked_by  TEXT,
    revoked_at  BIGINT,
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE INDEX operator_keys_by_operator ON operator_keys (operator, added_at);

-- Accounts of machines whose sshd says who comes: a console started by one of them believes the seat it is given.
CREATE TABLE gates (
    account   TEXT PRIMARY KEY,
    opened_by TEXT NOT NULL,
    opened_at BIGINT NOT NULL
);
