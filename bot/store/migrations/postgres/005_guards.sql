-- Freezes and locks.
CREATE TABLE guards (
    kind     TEXT   NOT NULL,
    target   TEXT   NOT NULL,
    document TEXT   NOT NULL,
    since    BIGINT NOT NULL,
    PRIMARY KEY (kind, target)
);
