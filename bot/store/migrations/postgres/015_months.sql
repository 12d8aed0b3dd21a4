-- What was measured of a check in a month of UTC that is over: the sum of its days.
CREATE TABLE months (
    month    BIGINT NOT NULL, -- year * 12 + month - 1
    check_id BIGINT NOT NULL,
    summary  BYTEA   NOT NULL,
    PRIMARY KEY (month, check_id)
);

-- The months that are added up for all checks.
CREATE TABLE summed (month BIGINT PRIMARY KEY);
