-- Questions to rights holders, what they cleared, whom they authorised, and the links that were used.

CREATE TABLE authenticity_requests (
    id               TEXT PRIMARY KEY,
    case_id          TEXT NOT NULL,
    brand_id         TEXT NOT NULL,
    listing_id       TEXT NOT NULL,
    snapshot_version BIGINT NOT NULL,
    template         TEXT NOT NULL,
    title            TEXT NOT NULL,
    question         TEXT NOT NULL,
    silence          TEXT NOT NULL CHECK (silence IN ('pause', 'keep_up', 'moderator')),
    asked_by         TEXT NOT NULL,
    asked_at         BIGINT NOT NULL,
    remind_at        BIGINT NOT NULL,
    reminded_at      BIGINT,
    until            BIGINT NOT NULL,
    link_until       BIGINT NOT NULL,
    link_nonce       TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('open', 'answered', 'silent', 'withdrawn')),
    answer           TEXT CHECK (answer IN ('counterfeit', 'genuine', 'grey_market', 'unsure')),
    note             TEXT NOT NULL DEFAULT '',
    ended_by         TEXT,
    ended_at         BIGINT,
    -- Whether the listing is to be hidden from sale because of this request.
    pauses           BIGINT NOT NULL DEFAULT 0 CHECK (pauses IN (0, 1)),
    CHECK ((state = 'answered') = (answer IS NOT NULL)),
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK (pauses = 0 OR state = 'silent')
);
CREATE UNIQUE INDEX authenticity_one_open_a_case ON authenticity_requests (case_id) WHERE state = 'open';
CREATE INDEX authenticity_by_case ON authenticity_requests (case_id, id);
CREATE INDEX authenticity_by_brand ON authenticity_requests (brand_id, id);
CREATE INDEX authenticity_until ON authenticity_requests (until) WHERE state = 'open';
CREATE INDEX authenticity_remind ON authenticity_requests (remind_at) WHERE state = 'open' AND reminded_at IS NULL;
CREATE INDEX authenticity_pausing ON authenticity_requests (listing_id) WHERE pauses = 1;

-- A link is used once: its row is written in the transaction of what it did.
CREATE TABLE used_links (
    nonce   TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    subject TEXT NOT NULL,
    used_at BIGINT NOT NULL
);

-- What a rights holder said is genuine: this content of this listing, until the listing changes or the answer is taken back.
CREATE TABLE clearances (
    brand_id   TEXT NOT NULL,
    listing_id TEXT NOT NULL,
    version    BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    cleared_at BIGINT NOT NULL,
    lifted_by  TEXT,
    lifted_at  BIGINT,
    PRIMARY KEY (brand_id, listing_id, version)
);

CREATE TABLE authorised_sellers (
    brand_id    TEXT NOT NULL,
    seller_id   TEXT NOT NULL,
    valid_from  BIGINT NOT NULL,
    valid_until BIGINT,
    remark      TEXT NOT NULL,
    updated_at  BIGINT NOT NULL,
    PRIMARY KEY (brand_id, seller_id)
);
CREATE INDEX authorised_sellers_by_seller ON authorised_sellers (seller_id);
