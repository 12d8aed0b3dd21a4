-- What one process does alone, until a time in milliseconds since 1970 by this database's clock. Unlogged, since a lock
-- outlives no crash of the server, and so that a holder never waits for the disk.
CREATE UNLOGGED TABLE locks (
    name   TEXT   PRIMARY KEY,
    holder TEXT   NOT NULL,
    until  BIGINT NOT NULL
);

ALTER TABLE requests DROP COLUMN lease_until;
