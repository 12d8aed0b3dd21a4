-- Times are nanoseconds since 1970, 0 for none: they come back exactly as they went in, and sort.
-- JSON is text, so that what was digested is what comes back.

CREATE TABLE store (
    row      INTEGER PRIMARY KEY CHECK (row = 1),
    identity TEXT    NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0, -- of checks and schedules
    alive    INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE requests (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    version        INTEGER NOT NULL,
    state          TEXT    NOT NULL,
    message_key    TEXT    NOT NULL UNIQUE,
    asker          TEXT    NOT NULL, -- a copy from the document, to search by
    channel        TEXT    NOT NULL, -- the same
    command        TEXT    NOT NULL, -- the same
    created_at     INTEGER NOT NULL,
    changed_at     INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    runner         TEXT    NOT NULL,
    lease_until    INTEGER NOT NULL,
    posted_channel TEXT    NOT NULL DEFAULT '',
    posted_ts      TEXT    NOT NULL DEFAULT '',
    post_tried     INTEGER NOT NULL DEFAULT 0,
    shown          INTEGER NOT NULL DEFAULT 0,
    args           TEXT    NOT NULL, -- byte for byte: approvals are bound to its digest
    document       TEXT    NOT NULL
) STRICT;
CREATE INDEX requests_state ON requests (state, number);
CREATE INDEX requests_created ON requests (created_at);
CREATE INDEX requests_unshown ON requests (number) WHERE channel <> '' AND shown < version;

CREATE TABLE events (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    request    INTEGER NOT NULL REFERENCES requests (number),
    at         INTEGER NOT NULL,
    actor      TEXT    NOT NULL,
    from_state TEXT    NOT NULL,
    to_state   TEXT    NOT NULL,
    what       TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    aws        TEXT    NOT NULL
) STRICT;
CREATE INDEX events_request ON events (request, seq);
CREATE TRIGGER events_stay BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_last BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;

CREATE TABLE journal (
    request     INTEGER NOT NULL REFERENCES requests (number),
    step        TEXT    NOT NULL,
    begun_at    INTEGER NOT NULL,
    finished_at INTEGER NOT NULL DEFAULT 0,
    result      TEXT    NOT NULL DEFAULT '',
    failure     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (request, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE checks (
    id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again, so that results cannot change owner
    name        TEXT    NOT NULL UNIQUE,
    from_config INTEGER NOT NULL,
    document    TEXT    NOT NULL
) STRICT;

CREATE TABLE results (
    check_id INTEGER NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL,
    ok       INTEGER NOT NULL,
    latency  INTEGER NOT NULL, -- nanoseconds
    code     INTEGER NOT NULL,
    detail   TEXT    NOT NULL,
    PRIMARY KEY (check_id, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE states (
    check_id  INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    status    TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    streak    INTEGER NOT NULL,
    streak_at INTEGER NOT NULL,
    announced TEXT    NOT NULL
) STRICT;

CREATE TABLE schedules (
    name        TEXT    PRIMARY KEY,
    from_config INTEGER NOT NULL,
    last_slot   INTEGER NOT NULL,
    document    TEXT    NOT NULL
) STRICT;
