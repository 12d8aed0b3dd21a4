-- Freezes and locks.
CREATE TABLE guards (
    kind     TEXT   NOT NULL,
    target   TEXT   NOT NULL,
    document TEXT   NOT NULL,
    since    INTEGER NOT NULL,
    PRIMARY KEY (kind, target)
) STRICT;
