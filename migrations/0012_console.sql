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

-- Where somebody sits, for when the connection ends without a word, and for colleagues: gone after a clean quit.
CREATE TABLE sittings (
    operator TEXT PRIMARY KEY REFERENCES operators (id),
    -- Which console wrote it: another one's quit doesn't take it away.
    id       TEXT NOT NULL,
    ask      TEXT NOT NULL,
    case_id  TEXT,
    -- What was being written about the case ('note', 'hold 2', 'tell brand', 'escalate legal'), and the text so far.
    writing  TEXT,
    draft    TEXT NOT NULL,
    -- What is on the screen, for colleagues: 'queue', 'case', 'board approvals', 'away', 'gone'; and since when.
    seat     TEXT NOT NULL,
    since    BIGINT NOT NULL,
    kept_at  BIGINT NOT NULL,
    -- When the console was heard of last, on the database's clock.
    seen_at  BIGINT NOT NULL,
    CHECK (writing IS NULL OR case_id IS NOT NULL)
);
