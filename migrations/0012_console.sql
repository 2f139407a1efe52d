-- What each operator's console keeps between sittings.

-- Filters under a name, opened by a number key. ask is in the language of the filter line.
CREATE TABLE views (
    operator TEXT NOT NULL REFERENCES operators (id),
    slot     BIGINT NOT NULL CHECK (slot BETWEEN 1 AND 9),
    name     TEXT NOT NULL,
    ask      TEXT NOT NULL,
    kept_at  BIGINT NOT NULL,
    PRIMARY KEY (operator, slot)
);
