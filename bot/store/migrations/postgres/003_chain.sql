-- Each event carries the hash of the one before it and of its own content. Its digest says what exactly was asked, planned
-- or approved, its place where: CHANNEL or CHANNEL/TS.
ALTER TABLE events ADD COLUMN digest TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN place TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN hash TEXT NOT NULL DEFAULT '';

-- The end of the chain. Events up to the one numbered begins were written before there was a chain.
CREATE TABLE chain (
    row    INTEGER PRIMARY KEY CHECK (row = 1),
    begins BIGINT NOT NULL,
    events BIGINT NOT NULL,
    hash   TEXT NOT NULL
);
INSERT INTO chain (row, begins, events, hash) SELECT 1, coalesce(max(seq), 0), 0, '' FROM events;
