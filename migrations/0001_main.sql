-- Portable between SQLite and PostgreSQL: TEXT and BIGINT, moments in microseconds UTC, checks, partial indexes.
-- Forward only: a migration that was released is never edited.

CREATE TABLE brands (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    tier           TEXT NOT NULL CHECK (tier IN ('unverified', 'standard', 'good_faith', 'joint_force', 'trusted_flagger', 'suspended')),
    email          TEXT NOT NULL,
    webhook_url    TEXT,
    webhook_secret TEXT,
    -- The webhook that answered 410: not called as long as it is still the one.
    webhook_gone   TEXT,
    accepted       BIGINT NOT NULL DEFAULT 0,
    refused        BIGINT NOT NULL DEFAULT 0,
    updated_at     BIGINT NOT NULL
);

CREATE TABLE rights (
    id           TEXT PRIMARY KEY,
    brand_id     TEXT NOT NULL REFERENCES brands (id),
    kind         TEXT NOT NULL CHECK (kind IN ('trademark', 'copyright', 'design', 'patent')),
    number       TEXT NOT NULL,
    title        TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    classes      TEXT NOT NULL,
    valid_from   BIGINT NOT NULL,
    valid_until  BIGINT,
    updated_at   BIGINT NOT NULL
);
CREATE INDEX rights_by_number ON rights (number);

CREATE TABLE sellers (
    id             TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    email          TEXT NOT NULL,
    country        TEXT NOT NULL,
    payout_account TEXT,
    reports        BIGINT NOT NULL DEFAULT 0,
    points         BIGINT NOT NULL DEFAULT 0,
    level          TEXT NOT NULL DEFAULT 'good' CHECK (level IN ('good', 'cautioned', 'warned', 'restricted', 'hidden', 'suspended', 'terminated')),
    level_until    BIGINT,
    -- 1 while a step of the ladder keeps all listings of the seller off.
    listings_off   BIGINT NOT NULL DEFAULT 0 CHECK (listings_off IN (0, 1)),
    -- How the name begins, in small letters, as hexadecimal: its order is the same in every collation.
    name_key       TEXT NOT NULL DEFAULT '',
    updated_at     BIGINT NOT NULL
);
CREATE INDEX sellers_by_name ON sellers (name_key, id);
CREATE INDEX sellers_by_payout_account ON sellers (payout_account) WHERE payout_account IS NOT NULL;

CREATE TABLE listings (
    id         TEXT PRIMARY KEY,
    seller_id  TEXT NOT NULL REFERENCES sellers (id),
    state      TEXT NOT NULL CHECK (state IN ('live', 'removed', 'paused', 'ended')),
    territory  TEXT NOT NULL,
    nice_class BIGINT,
    url        TEXT NOT NULL,
    sold       BIGINT NOT NULL DEFAULT 0,
    version    BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX listings_by_url ON listings (url);
CREATE INDEX listings_by_seller ON listings (seller_id, id);

-- Content by version; a row is written once and never changed, because evidence changes after the report.
CREATE TABLE snapshots (
    listing_id  TEXT NOT NULL REFERENCES listings (id),
    version     BIGINT NOT NULL,
    digest      TEXT NOT NULL,
    title       TEXT NOT NULL,
    description TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    currency    TEXT NOT NULL,
    category    TEXT NOT NULL,
    images      TEXT NOT NULL,
    taken_at    BIGINT NOT NULL,
    PRIMARY KEY (listing_id, version)
);

-- Notices, claims and cases come by the thousand, and each foreign key costs PostgreSQL a look into another table for
-- each row: seven of them took two fifths of an import. What the same command has just read or written is not asked for
-- again: a notice's brand is its right's, a claim's notice and case are written with it.
CREATE TABLE notices (
    id             TEXT PRIMARY KEY,
    brand_id       TEXT NOT NULL,
    reference      TEXT NOT NULL,
    digest         TEXT NOT NULL,
    reason         TEXT NOT NULL,
    right_id       TEXT NOT NULL REFERENCES rights (id),
    notifier_name  TEXT NOT NULL,
    notifier_email TEXT NOT NULL,
    notifier_role  TEXT NOT NULL,
    explanation    TEXT NOT NULL,
    signature      TEXT NOT NULL,
    evidence       TEXT NOT NULL,
    -- The reference or id of the notice that was refused and that this one corrects.
    resubmits      TEXT,
    -- 1 when the brand stands behind it; in Joint-Force the listings go at once.
    attested       BIGINT NOT NULL CHECK (attested IN (0, 1)),
    filed_at       BIGINT NOT NULL
);
-- One text for the pair, so that a batch of pairs is one list of keys; no brand id holds a blank.
CREATE UNIQUE INDEX notices_by_reference ON notices ((brand_id || ' ' || reference));

-- A case: all of one brand's claims on one listing. lease_* is a reviewer's hold of minutes, on the database's clock.
CREATE TABLE cases (
    id               TEXT PRIMARY KEY,
    brand_id         TEXT NOT NULL,
    listing_id       TEXT NOT NULL REFERENCES listings (id),
    seller_id        TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('open', 'held', 'asked', 'appealed', 'removed', 'kept')),
    version          BIGINT NOT NULL,
    round            BIGINT NOT NULL,
    rank             BIGINT NOT NULL,
    due_at           BIGINT NOT NULL,
    severity         BIGINT NOT NULL,
    claims           BIGINT NOT NULL,
    reports          BIGINT NOT NULL,
    snapshot_version BIGINT NOT NULL,
    opened_at        BIGINT NOT NULL,
    assigned_to      TEXT,
    desk             TEXT CHECK (desk IN ('legal', 'brand_relations', 'safety', 'senior')),
    held_by          TEXT,
    held_until       BIGINT,
    hold_reason      TEXT,
    request_id       TEXT,
    asked_until      BIGINT,
    appeal_id        TEXT,
    decision_id      TEXT,
    -- Whether the decision in force keeps the listing down.
    down             BIGINT NOT NULL DEFAULT 0 CHECK (down IN (0, 1)),
    lease_by         TEXT,
    lease_until      BIGINT,
    -- The last round about whose deadline somebody was called.
    paged_round      BIGINT NOT NULL DEFAULT 0,
    UNIQUE (listing_id, brand_id),
    CHECK ((state = 'held') = (held_by IS NOT NULL)),
    CHECK ((state = 'held') = (held_until IS NOT NULL)),
    CHECK ((state = 'asked') = (request_id IS NOT NULL)),
    CHECK ((state = 'asked') = (asked_until IS NOT NULL)),
    CHECK ((state = 'appealed') = (appeal_id IS NOT NULL)),
    CHECK ((state IN ('removed', 'kept', 'appealed')) = (decision_id IS NOT NULL)),
    CHECK (state <> 'removed' OR down = 1)
);
-- The queue: what waits for a person here. Cases that wait for a brand's answer are not in it.
CREATE INDEX cases_queue ON cases (rank, id) WHERE state IN ('open', 'held', 'appealed');
CREATE INDEX cases_queue_by_brand ON cases (brand_id, rank, id) WHERE state IN ('open', 'held', 'appealed');
CREATE INDEX cases_queue_by_desk ON cases (desk, rank, id) WHERE desk IS NOT NULL AND state IN ('open', 'held', 'appealed');
CREATE INDEX cases_queue_by_person ON cases (assigned_to, rank, id) WHERE assigned_to IS NOT NULL AND state IN ('open', 'held', 'appealed');
CREATE INDEX cases_due ON cases (due_at) WHERE state IN ('open', 'held', 'appealed');
CREATE INDEX cases_opened ON cases (opened_at) WHERE state IN ('open', 'held', 'appealed');
CREATE INDEX cases_by_seller ON cases (seller_id, rank, id);
CREATE INDEX cases_held ON cases (held_until) WHERE state = 'held';
CREATE INDEX cases_asked ON cases (asked_until) WHERE state = 'asked';
CREATE INDEX cases_leased ON cases (lease_by) WHERE lease_by IS NOT NULL;

CREATE TABLE claims (
    notice_id        TEXT NOT NULL,
    listing_id       TEXT NOT NULL,
    right_id         TEXT NOT NULL,
    case_id          TEXT NOT NULL,
    snapshot_version BIGINT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused', 'withdrawn')),
    decision_id      TEXT,
    PRIMARY KEY (notice_id, listing_id, right_id),
    CHECK (state = 'withdrawn' OR (state = 'open') = (decision_id IS NULL))
);
CREATE INDEX claims_by_case ON claims (case_id, notice_id);

CREATE TABLE decisions (
    id         TEXT PRIMARY KEY,
    case_id    TEXT NOT NULL REFERENCES cases (id),
    -- The case's, since a brand's record is what was decided for it in the last months.
    brand_id   TEXT NOT NULL,
    round      BIGINT NOT NULL,
    outcome    TEXT NOT NULL CHECK (outcome IN ('removed', 'kept')),
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at BIGINT NOT NULL,
    -- The second person, where it took one.
    approved_by TEXT,
    -- 1 when a rule decided and no person; the rule is in decided_by.
    automated  BIGINT NOT NULL DEFAULT 0 CHECK (automated IN (0, 1)),
    undone_by  TEXT,
    undone_at  BIGINT,
    UNIQUE (case_id, round)
);
CREATE INDEX decisions_by_decider ON decisions (decided_by, id);
CREATE INDEX decisions_by_brand ON decisions (brand_id, decided_at);
-- What reviewers found genuine: what a brand's goods cost.
CREATE INDEX decisions_genuine ON decisions (brand_id, decided_at) WHERE outcome = 'kept' AND reason = 'genuine' AND undone_at IS NULL;

CREATE TABLE strikes (
    id          TEXT PRIMARY KEY,
    seller_id   TEXT NOT NULL REFERENCES sellers (id),
    brand_id    TEXT NOT NULL,
    right_id    TEXT NOT NULL,
    case_id     TEXT NOT NULL,
    decision_id TEXT NOT NULL UNIQUE REFERENCES decisions (id),
    severity    TEXT NOT NULL,
    struck_at   BIGINT NOT NULL,
    voided_at   BIGINT
);
CREATE INDEX strikes_by_seller ON strikes (seller_id, struck_at) WHERE voided_at IS NULL;

-- The ledger: what is not yet carried out, and what waits for a person. What ended is in effects_done (0010), so that
-- this table stays small. id is the idempotency key of every outside call; endpoint is whom it calls, '' for nobody.
CREATE TABLE effects (
    id          TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    lane        TEXT NOT NULL CHECK (lane IN ('removals', 'penalties', 'pages', 'marketplace', 'webhooks', 'letters')),
    endpoint    TEXT NOT NULL DEFAULT '',
    payload     TEXT NOT NULL,
    case_id     TEXT,
    decision_id TEXT,
    -- 32 hexadecimal digits that tie together what follows from one notice; see domain::trace.
    trace       TEXT NOT NULL,
    once        TEXT,
    state       TEXT NOT NULL CHECK (state IN ('due', 'running', 'dead')),
    attempts    BIGINT NOT NULL DEFAULT 0,
    due_at      BIGINT NOT NULL,
    lease_by    TEXT,
    lease_until BIGINT,
    last_error  TEXT,
    created_at  BIGINT NOT NULL,
    ended_at    BIGINT,
    CHECK ((state = 'running') = (lease_by IS NOT NULL)),
    -- What a decision set off is found by its case.
    CHECK (decision_id IS NULL OR case_id IS NOT NULL)
);
-- A flow is a lane and an endpoint; each has its own order, so that none stands in another's way.
CREATE INDEX effects_due ON effects (lane, endpoint, due_at, id) WHERE state = 'due';
CREATE INDEX effects_running ON effects (lease_until) WHERE state = 'running';
CREATE INDEX effects_dead ON effects (id) WHERE state = 'dead';
CREATE INDEX effects_by_case ON effects (case_id) WHERE case_id IS NOT NULL;
CREATE UNIQUE INDEX effects_once ON effects (once) WHERE once IS NOT NULL AND state = 'due';

CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    auth    TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    case_id TEXT,
    body    TEXT NOT NULL
);
CREATE INDEX audit_by_case ON audit (case_id, id) WHERE case_id IS NOT NULL;

CREATE TABLE operators (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    role        TEXT NOT NULL CHECK (role IN ('moderator', 'senior', 'on_call', 'admin', 'auditor')),
    enabled     BIGINT NOT NULL CHECK (enabled IN (0, 1)),
    -- The desks whose cases they decide, with commas between.
    desks       TEXT NOT NULL DEFAULT '',
    -- Whom they work with every day; a colleague's decision is overturned by two. Empty for nobody.
    team        TEXT NOT NULL DEFAULT '',
    added_at    BIGINT NOT NULL
);

-- Who leads something that only one process may do at a time (the relay), on the database's clock.
CREATE TABLE leases (
    name   TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until  BIGINT NOT NULL
);

-- Worker processes that are alive, for `status`.
CREATE TABLE workers (
    name       TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    queue      TEXT NOT NULL,
    state      TEXT NOT NULL,
    -- Its program, and the newest schema that it knows.
    version    TEXT NOT NULL,
    schema     BIGINT NOT NULL,
    -- Effects that it carried out since it started.
    done       BIGINT NOT NULL
);
