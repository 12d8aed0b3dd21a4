-- The sets of checks and schedules that configurations brought, by their fingerprint.
CREATE TABLE configurations (
    fingerprint TEXT   PRIMARY KEY,
    came        INTEGER NOT NULL -- milliseconds since 1970 by this database's clock
) STRICT;
-- The one in force, and since when.
ALTER TABLE store ADD COLUMN configuration TEXT NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN configured INTEGER NOT NULL DEFAULT 0;
-- The one that a process came with.
ALTER TABLE crew ADD COLUMN configuration TEXT NOT NULL DEFAULT '';
