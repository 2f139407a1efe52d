-- Being on call: the rota, pages, and notes on cases.

-- Every rota that was ever in force; the newest is.
CREATE TABLE rotas (
    id        TEXT PRIMARY KEY,
    body      TEXT NOT NULL,
    loaded_by TEXT NOT NULL,
    loaded_at BIGINT NOT NULL
);

CREATE TABLE pages (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL CHECK (kind IN ('sla', 'escalation', 'breaker', 'dead_effects', 'endpoint', 'rota_hole')),
    key             TEXT NOT NULL,
    summary         TEXT NOT NULL,
    subject         TEXT NOT NULL,
    case_id         TEXT,
    -- The case's round when it was raised.
    round           BIGINT,
    severity        TEXT NOT NULL CHECK (severity IN ('critical', 'error', 'warning', 'info')),
    state           TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'resolved')),
    level           BIGINT NOT NULL CHECK (level >= 1),
    raised_at       BIGINT NOT NULL,
    climbs_at       BIGINT CHECK (climbs_at IS NULL OR state = 'open'),
    acknowledged_by TEXT,
    acknowledged_at BIGINT,
    resolved_by     TEXT,
    resolved_at     BIGINT,
    CHECK (state <> 'acknowledged' OR acknowledged_by IS NOT NULL),
    CHECK ((state = 'resolved') = (resolved_by IS NOT NULL)),
    CHECK ((case_id IS NULL) = (round IS NULL))
);
CREATE UNIQUE INDEX pages_unresolved ON pages (key) WHERE state <> 'resolved';
CREATE INDEX pages_open ON pages (kind, id) WHERE state <> 'resolved';
CREATE INDEX pages_climbing ON pages (climbs_at) WHERE climbs_at IS NOT NULL;
CREATE INDEX pages_by_case ON pages (case_id) WHERE case_id IS NOT NULL;

-- Cases whose deadline nobody was called about in this round.
CREATE INDEX cases_unpaged ON cases (due_at) WHERE state IN ('open', 'appealed') AND paged_round < round;
-- And those that somebody was called about, alone or together with others.
CREATE INDEX cases_paged ON cases (due_at) WHERE state IN ('open', 'appealed') AND paged_round = round;

-- What is written beside a decision. Internal ones are for colleagues and leave by no way; public ones are told.
CREATE TABLE notes (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    visibility TEXT NOT NULL CHECK (visibility IN ('internal', 'public')),
    recipient  TEXT CHECK (recipient IN ('brand', 'seller', 'both')),
    text       TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at BIGINT NOT NULL,
    CHECK ((visibility = 'public') = (recipient IS NOT NULL))
);
CREATE INDEX notes_by_case ON notes (case_id, id);
