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

-- What each operator's console is like wherever they sit; nothing here for those who chose nothing. No theme is unknown to
-- the schema: a program that doesn't know one leaves it to the terminal.
CREATE TABLE preferences (
    operator TEXT PRIMARY KEY REFERENCES operators (id),
    theme    TEXT,
    ascii    BIGINT NOT NULL CHECK (ascii IN (0, 1)),
    -- The key map as the text of its file; empty for the house's keys.
    keys     TEXT NOT NULL,
    set_by   TEXT NOT NULL,
    set_at   BIGINT NOT NULL
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

-- Pictures that somebody asked to see, small enough for a terminal; by the SHA-256 of their address, which may be longer
-- than an index takes.
CREATE TABLE pictures (
    digest   TEXT PRIMARY KEY,
    url      TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('asked', 'made', 'failed')),
    width    BIGINT NOT NULL DEFAULT 0,
    height   BIGINT NOT NULL DEFAULT 0,
    -- Six hexadecimal digits a pixel, row by row.
    pixels   TEXT NOT NULL DEFAULT '',
    why      TEXT NOT NULL DEFAULT '',
    made_at  BIGINT,
    CHECK ((state = 'asked') = (made_at IS NULL))
);
CREATE INDEX pictures_asked ON pictures (asked_at, digest) WHERE state = 'asked';
CREATE INDEX pictures_made ON pictures (made_at) WHERE made_at IS NOT NULL;
