-- Groups and quality.

-- Where the title of an undecided case lies among the titles: two that have a band in common are alike or nearly so (see
-- domain::group). One row a case and an index a band take a third of the room of a row a band.
CREATE TABLE case_bands (
    case_id TEXT PRIMARY KEY,
    band_1  BIGINT NOT NULL,
    band_2  BIGINT NOT NULL,
    band_3  BIGINT NOT NULL,
    band_4  BIGINT NOT NULL,
    band_5  BIGINT NOT NULL,
    band_6  BIGINT NOT NULL
);
CREATE INDEX case_bands_1 ON case_bands (band_1);
CREATE INDEX case_bands_2 ON case_bands (band_2);
CREATE INDEX case_bands_3 ON case_bands (band_3);
CREATE INDEX case_bands_4 ON case_bands (band_4);
CREATE INDEX case_bands_5 ON case_bands (band_5);
CREATE INDEX case_bands_6 ON case_bands (band_6);

-- What a second look is taken at. outcome and reason are what its answers are compared with: the decision's own, or for
-- a golden case the right ones.
CREATE TABLE samples (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL CHECK (kind IN ('decision', 'automatic', 'golden')),
    case_id     TEXT NOT NULL REFERENCES cases (id),
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    decided_by  TEXT NOT NULL,
    outcome     TEXT NOT NULL CHECK (outcome IN ('removed', 'kept')),
    reason      TEXT NOT NULL,
    note        TEXT NOT NULL,
    drawn_by    TEXT NOT NULL,
    drawn_at    BIGINT NOT NULL,
    -- Dealt to its one reviewer, or, for a golden case, retired.
    closed_at   BIGINT
);
CREATE UNIQUE INDEX samples_once ON samples (decision_id, kind);
CREATE INDEX samples_open ON samples (kind, id) WHERE closed_at IS NULL;

-- The periods of which decisions were drawn: who inserts the row draws.
CREATE TABLE sample_periods (
    period   BIGINT PRIMARY KEY,
    drawn_at BIGINT NOT NULL
);

-- A sample before one reviewer. id is in the form of a case's id, face what the queue shows: nothing tells the two apart.
CREATE TABLE reviews (
    id            TEXT PRIMARY KEY,
    sample_id     TEXT NOT NULL REFERENCES samples (id),
    reviewer      TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('open', 'held', 'answered', 'agreed', 'disagreed', 'ruled', 'passed')),
    version       BIGINT NOT NULL,
    rank          BIGINT NOT NULL,
    face          TEXT NOT NULL,
    dealt_at      BIGINT NOT NULL,
    held_until    BIGINT,
    hold_reason   TEXT,
    lease_until   BIGINT,
    outcome       TEXT CHECK (outcome IN ('removed', 'kept')),
    reason        TEXT,
    note          TEXT,
    answered_at   BIGINT,
    ruled_outcome TEXT CHECK (ruled_outcome IN ('removed', 'kept')),
    ruled_reason  TEXT,
    ruled_note    TEXT,
    ruled_by      TEXT,
    ruled_at      BIGINT,
    UNIQUE (sample_id, reviewer),
    CHECK ((state IN ('answered', 'agreed', 'disagreed', 'ruled')) = (outcome IS NOT NULL)),
    CHECK ((outcome IS NULL) = (answered_at IS NULL)),
    CHECK ((state = 'held') = (held_until IS NOT NULL)),
    CHECK ((state = 'ruled') = (ruled_by IS NOT NULL))
);
CREATE INDEX reviews_waiting ON reviews (reviewer, rank, id) WHERE state IN ('open', 'held');
CREATE INDEX reviews_held ON reviews (held_until) WHERE held_until IS NOT NULL;
CREATE INDEX reviews_answered ON reviews (answered_at, id) WHERE state = 'answered';
CREATE INDEX reviews_disagreed ON reviews (answered_at, id) WHERE state = 'disagreed';
CREATE INDEX reviews_by_answer ON reviews (answered_at, id) WHERE answered_at IS NOT NULL;

-- Who passed over which case, and why.
CREATE TABLE skips (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL,
    operator   TEXT NOT NULL,
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    skipped_at BIGINT NOT NULL
);
CREATE INDEX skips_by_case ON skips (case_id, skipped_at);
