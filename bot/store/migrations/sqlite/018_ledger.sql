-- What lines make in a day, for ceilings on it, in the order in which they were let through.
CREATE TABLE ledger (
    request  INTEGER PRIMARY KEY,
    channel  TEXT NOT NULL,
    day      TEXT NOT NULL,
    place    INTEGER NOT NULL,
    document TEXT NOT NULL,
    UNIQUE (channel, day, place)
) STRICT;
