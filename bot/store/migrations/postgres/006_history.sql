-- Results came one row each, scattered over the table; now a save is one row, and Fold sorts them later.
DROP TABLE results;

CREATE TABLE batches (
    id       BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    first_at BIGINT NOT NULL, -- milliseconds
    looks    BIGINT NOT NULL,
    results  BYTEA   NOT NULL  -- of any checks
);

CREATE TABLE folds (
    last_at BIGINT PRIMARY KEY -- milliseconds: the newest of the results that were folded together
);

-- What is of a check has no foreign key here: ids are never used again, and the rows lie by time. Prune removes them.
CREATE TABLE samples (
    last_at  BIGINT NOT NULL, -- as in folds
    check_id BIGINT NOT NULL,
    results  BYTEA   NOT NULL, -- of this check
    PRIMARY KEY (last_at, check_id)
);

CREATE TABLE latest (
    check_id BIGINT PRIMARY KEY REFERENCES checks (id) ON DELETE CASCADE,
    at       BIGINT NOT NULL, -- milliseconds: how far the check is folded
    result   BYTEA   NOT NULL
);

CREATE TABLE hours (
    day       BIGINT NOT NULL, -- since 1970, in UTC
    check_id  BIGINT NOT NULL,
    summaries BYTEA   NOT NULL,
    PRIMARY KEY (day, check_id)
);

CREATE TABLE days (
    day      BIGINT NOT NULL,
    check_id BIGINT NOT NULL,
    summary  BYTEA   NOT NULL,
    PRIMARY KEY (day, check_id)
);
