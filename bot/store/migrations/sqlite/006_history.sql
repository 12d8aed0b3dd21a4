-- Results came one row each, scattered over the table; now a save is one row, and Fold sorts them later.
DROP TABLE results;

CREATE TABLE batches (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    first_at INTEGER NOT NULL, -- milliseconds
    looks    INTEGER NOT NULL,
    results  BLOB    NOT NULL  -- of any checks
) STRICT;

CREATE TABLE folds (
    last_at INTEGER PRIMARY KEY -- milliseconds: the newest of the results that were folded together
) STRICT;

-- What is of a check has no foreign key here: ids are never used again, and the rows lie by time. Prune removes them.
CREATE TABLE samples (
    last_at  INTEGER NOT NULL, -- as in folds
    check_id INTEGER NOT NULL,
    results  BLOB    NOT NULL, -- of this check
    PRIMARY KEY (last_at, check_id)
) STRICT;

CREATE TABLE latest (
    check_id INTEGER PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    at       INTEGER NOT NULL, -- milliseconds: how far the check is folded
    result   BLOB    NOT NULL
) STRICT;

CREATE TABLE hours (
    day       INTEGER NOT NULL, -- since 1970, in UTC
    check_id  INTEGER NOT NULL,
    summaries BLOB    NOT NULL,
    PRIMARY KEY (day, check_id)
) STRICT;

CREATE TABLE days (
    day      INTEGER NOT NULL,
    check_id INTEGER NOT NULL,
    summary  BLOB    NOT NULL,
    PRIMARY KEY (day, check_id)
) STRICT;
