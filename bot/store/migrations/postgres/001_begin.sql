-- Times are nanoseconds since 1970, 0 for none: they come back exactly as they went in, and sort.
-- JSON is text and not JSONB, which reorders keys: what was digested is what comes back.

CREATE TABLE store (
    row      INTEGER PRIMARY KEY CHECK (row = 1),
    identity TEXT    NOT NULL,
    revision BIGINT  NOT NULL DEFAULT 0, -- of checks and schedules
    alive    BIGINT  NOT NULL DEFAULT 0
);

CREATE TABLE requests (
    number         BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    version        BIGINT  NOT NULL,
    state          TEXT    NOT NULL,
    message_key    TEXT    NOT NULL UNIQUE,
    asker          TEXT    NOT NULL, -- a copy from the document, to search by
    channel        TEXT    NOT NULL, -- the same
    command        TEXT    NOT NULL, -- the same
    created_at     BIGINT  NOT NULL,
    changed_at     BIGINT  NOT NULL,
    expires_at     BIGINT  NOT NULL,
    runner         TEXT    NOT NULL,
    lease_until    BIGINT  NOT NULL,
    posted_channel TEXT    NOT NULL DEFAULT '',
    posted_ts      TEXT    NOT NULL DEFAULT '',
    post_tried     BIGINT  NOT NULL DEFAULT 0,
    shown          BIGINT  NOT NULL DEFAULT 0,
    args           TEXT    NOT NULL, -- byte for byte: approvals are bound to its digest
    document       TEXT    NOT NULL
);
CREATE INDEX requests_state ON requests (state, number);
CREATE INDEX requests_created ON requests (created_at);
CREATE INDEX requests_unshown ON requests (number) WHERE channel <> '' AND shown < version;

CREATE TABLE events (
    seq        BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    request    BIGINT NOT NULL REFERENCES requests (number),
    at         BIGINT NOT NULL,
    actor      TEXT   NOT NULL,
    from_state TEXT   NOT NULL,
    to_state   TEXT   NOT NULL,
    what       TEXT   NOT NULL,
    note       TEXT   NOT NULL,
    aws        TEXT   NOT NULL
);
CREATE INDEX events_request ON events (request, seq);
CREATE FUNCTION events_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are never changed or removed';
END $$;
CREATE TRIGGER events_stay BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_stay();

CREATE TABLE journal (
    request     BIGINT NOT NULL REFERENCES requests (number),
    step        TEXT   NOT NULL,
    begun_at    BIGINT NOT NULL,
    finished_at BIGINT NOT NULL DEFAULT 0,
    result      TEXT   NOT NULL DEFAULT '',
    failure     TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (request, step)
);

CREATE TABLE checks (
    id          BIGINT  PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    name        TEXT    NOT NULL UNIQUE,
    from_config BOOLEAN NOT NULL,
    document    TEXT    NOT NULL
);

CREATE TABLE results (
    check_id BIGINT  NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    at       BIGINT  NOT NULL,
    ok       BOOLEAN NOT NULL,
    latency  BIGINT  NOT NULL, -- nanoseconds
    code     INTEGER NOT NULL,
    detail   TEXT    NOT NULL,
    PRIMARY KEY (check_id, at)
);

CREATE TABLE states (
    check_id  BIGINT  PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    status    TEXT    NOT NULL,
    since     BIGINT  NOT NULL,
    streak    INTEGER NOT NULL,
    streak_at BIGINT  NOT NULL,
    announced TEXT    NOT NULL
);

CREATE TABLE schedules (
    name        TEXT    PRIMARY KEY,
    from_config BOOLEAN NOT NULL,
    last_slot   BIGINT  NOT NULL,
    document    TEXT    NOT NULL
);
