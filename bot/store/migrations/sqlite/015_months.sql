-- What was measured of a check in a month of UTC that is over: the sum of its days.
CREATE TABLE months (
    month    INTEGER NOT NULL, -- year * 12 + month - 1
    check_id INTEGER NOT NULL,
    summary  BLOB    NOT NULL,
    PRIMARY KEY (month, check_id)
) STRICT;

-- The months that are added up for all checks.
CREATE TABLE summed (month INTEGER PRIMARY KEY) STRICT;
