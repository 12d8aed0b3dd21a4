-- The processes that share the checks, each until a time in milliseconds since 1970 by this database's clock. A process's term is
-- the one as of which it looks at nothing that is another's.
CREATE TABLE crew (
    name  TEXT   PRIMARY KEY,
    until INTEGER NOT NULL,
    term  INTEGER NOT NULL
) STRICT;
-- Grows with every process that comes or goes.
ALTER TABLE store ADD COLUMN term INTEGER NOT NULL DEFAULT 0;

-- Checks that went down or came up, until incidents say so.
CREATE TABLE turns (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    check_id INTEGER NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    status   TEXT   NOT NULL,
    at       INTEGER NOT NULL,
    detail   TEXT   NOT NULL
) STRICT;
