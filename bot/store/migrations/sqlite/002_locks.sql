-- What one process does alone, until a time in milliseconds since 1970 by this database's clock.
CREATE TABLE locks (
    name   TEXT    PRIMARY KEY,
    holder TEXT    NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE requests DROP COLUMN lease_until;
