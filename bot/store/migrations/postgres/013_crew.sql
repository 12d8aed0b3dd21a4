-- The processes that share the checks, each until a time in milliseconds since 1970 by this database's clock. A process's term is
-- the one as of which it looks at nothing that is another's.
CREATE TABLE crew (
    name  TEXT   PRIMARY KEY,
    until BIGINT NOT NULL,
    term  BIGINT NOT NULL
);
-- Grows with every process that comes or goes.
ALTER TABLE store ADD COLUMN term BIGINT NOT NULL DEFAULT 0;

-- Checks that went down or came up, until incidents say so.
CREATE TABLE turns (
    id       BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    check_id BIGINT NOT NULL REFERENCES checks (id) ON DELETE CASCADE,
    status   TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    detail   TEXT   NOT NULL
);
